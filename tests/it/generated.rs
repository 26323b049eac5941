//! Files that are generated and checked in. `UPDATE_GENERATED=1 cargo test generated` writes them anew.

use std::fmt::Write;

pub fn compare(path: &str, fresh: &str) {
    let full = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&full).unwrap_or_default();
    assert!(
        kept == fresh,
        "{path} is not what the program says; write it anew with UPDATE_GENERATED=1 and look at the difference"
    );
}

#[test]
fn openapi_document() {
    compare("openapi/openapi.json", &xiangji::app::openapi_text(&xiangji::app::openapi()));
}

#[test]
fn error_codes() {
    let mut codes = xiangji::app::codes();
    codes.sort_by_key(|c| c.code);
    let mut text = String::from(
        "# Error codes\n\nGenerated from the program; the `code` member of every problem document.\n\n| code | status | title |\n| --- | --- | --- |\n",
    );
    for pair in codes.windows(2) {
        assert_ne!(pair[0].code, pair[1].code, "two refusals share a code");
    }
    for code in codes {
        writeln!(text, "| `{}` | {} | {} |", code.code, code.status, code.title).unwrap();
    }
    compare("openapi/error-codes.md", &text);
}

/// Names of types in the API's document, read from the source: where two types share one, the document describes one of
/// them and the answers of the other do not fit.
fn schema_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut derived = false;
    let mut renamed = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[derive(") {
            derived = line.contains("ToSchema");
        } else if let Some(name) = line.strip_prefix("#[schema(as = ") {
            renamed = Some(name.trim_end_matches(")]").to_owned());
        } else if let Some(rest) =
            ["pub struct ", "struct ", "pub enum ", "enum "].iter().find_map(|word| line.strip_prefix(word))
        {
            let own = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            let in_macro = rest.split_once(" as \"").map(|(_, name)| name.split('"').next().unwrap().to_owned());
            let of_macro = !derived && line.contains("enum ") && text.contains("text_enum!");
            if derived || of_macro {
                names.push(renamed.take().or(in_macro).unwrap_or_else(|| own.to_owned()));
            }
            (derived, renamed) = (false, None);
        }
    }
    names
}

#[test]
fn a_name_in_the_document_belongs_to_one_type() {
    fn walk(dir: &std::path::Path, found: &mut Vec<String>) {
        for path in std::fs::read_dir(dir).unwrap().flatten().map(|e| e.path()) {
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.extend(schema_names(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut names = Vec::new();
    walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    let document = xiangji::app::openapi_text(&xiangji::app::openapi());
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    names.retain(|name| !document["components"]["schemas"][name].is_null());
    assert!(names.len() > 40, "{names:?}");
    names.sort();
    let twice: Vec<&[String]> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    // The control: two domains' State.
    let state = "text_enum! {\n pub enum State {\n A = \"a\" => \"甲\" } }";
    assert_eq!(schema_names(state), ["State"]);
    assert_eq!(schema_names(&state.replace("State {", "State as \"LotState\" {")), ["LotState"]);
}
