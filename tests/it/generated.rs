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
