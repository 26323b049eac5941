//! What the compiler cannot hold, read from the source as text: pure files stay pure, diesel stays in its rooms, arrows point
//! left, every read of a store knows its scope, pages load nothing from elsewhere, and refusals speak to people.
//! Each rule is a function of a path and its text, and each has a control: a line that must be caught.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// A file of `src/`: its path below it, and its text without tests.
struct Source {
    path: String,
    /// Without comments, texts emptied.
    code: String,
    /// The content of its string literals.
    texts: Vec<String>,
    /// As it is written.
    raw: String,
}

impl Source {
    fn new(path: &str, raw: &str) -> Source {
        let raw = raw.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
        let (code, texts) = if path.ends_with(".rs") { split(&raw) } else { (raw.clone(), Vec::new()) };
        Source { path: path.to_owned(), code, texts, raw }
    }
    fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

fn sources() -> Vec<Source> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    let name = |p: &Path| p.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    let readable =
        |p: &&PathBuf| p.extension().is_some_and(|e| e == "rs" || e == "html") && !name(p).ends_with("tests.rs");
    paths.iter().filter(readable).map(|p| Source::new(&name(p), &std::fs::read_to_string(p).unwrap())).collect()
}

/// Code without comments and with empty string literals, and the literals' contents.
fn split(text: &str) -> (String, Vec<String>) {
    let (mut code, mut texts, mut rest) = (String::new(), Vec::new(), text);
    while let Some(c) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |n| n + 2)
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            let end = raw.find("\"#").unwrap_or(raw.len());
            texts.push(raw[..end].to_owned());
            (end + 5).min(rest.len())
        } else if c == '"' {
            let (mut end, mut escaped) = (rest.len(), false);
            for (n, c) in rest.char_indices().skip(1) {
                if c == '"' && !escaped {
                    end = n;
                    break;
                }
                escaped = c == '\\' && !escaped;
            }
            texts.push(rest[1..end].to_owned());
            code.push_str("\"\"");
            (end + 1).min(rest.len())
        } else if let Some(quoted) = ["'\"'", "'\\\"'", "'\\''", "'\\\\'"].iter().find(|q| rest.starts_with(**q)) {
            quoted.len()
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[skip..];
    }
    (code, texts)
}

/// Words of the code, with paths kept whole: `std::fs::read`.
fn paths(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).filter(|w| !w.is_empty())
}

/// What the code takes from the crate's root: `crate::db::Tx` and `crate::{db::Tx, kernel::Id}` give `db`, `kernel`.
fn from_crate(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let (mut depth, mut word) = (0, String::new());
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 && c == ',' {
                    found.push(std::mem::take(&mut word));
                } else {
                    word.push(c);
                }
            }
            found.push(word);
        } else {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    let head = |w: String| w.trim().split([':', ' ', '{']).next().unwrap_or("").to_owned();
    found.into_iter().map(head).filter(|w| !w.is_empty()).collect()
}

/// The modules in the order of `lib.rs`, and the macros that stand at the crate's root with the module they live in.
struct Order {
    rank: BTreeMap<String, usize>,
    macros: BTreeMap<String, String>,
}

impl Order {
    fn read(all: &[Source]) -> Order {
        let lib = &all.iter().find(|s| s.path == "lib.rs").unwrap().code;
        let names = lib.lines().filter_map(|l| l.trim().strip_prefix("pub mod ")?.strip_suffix(';'));
        let rank: BTreeMap<String, usize> = names.enumerate().map(|(n, m)| (m.to_owned(), n)).collect();
        let mut macros = BTreeMap::new();
        for source in all {
            for exported in source.code.split("#[macro_export]").skip(1) {
                let name = exported.split("macro_rules! ").nth(1).and_then(|r| r.split([' ', '{']).next()).unwrap();
                macros.insert(name.to_owned(), module(&source.path).to_owned());
            }
        }
        assert!(rank.len() > 10 && macros.len() > 2, "lib.rs or the macros were not understood");
        Order { rank, macros }
    }
    fn module_of<'a>(&'a self, head: &'a str) -> &'a str {
        self.macros.get(head).map_or(head, String::as_str)
    }
}

/// The module of `lib.rs` a file belongs to.
fn module(path: &str) -> &str {
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

fn is_pure(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap();
    let room = |names: &[&str]| names.iter().any(|n| path.starts_with(n));
    room(&[
        "kernel/",
        "calendar/",
        "policy/",
        "log/merkle.",
        "log/tiles.",
        "log/note.",
        "log/proof.",
        "log/cosignature.",
        "log/policy.",
        "log/report.",
    ]) || room(&["access/policy.", "access/scope.", "homesteads/geo", "homesteads/topology", "homesteads/map"])
        || room(&["homesteads/parcel_code", "sheets/", "trading/auction/trace", "settlement/ledger."])
        || matches!(file, "rules.rs" | "model.rs" | "roster.rs" | "trace.rs")
        || path.contains("/rules/")
        || path.contains("/model/")
}

/// Pure files: no clock, randomness, database, HTTP, async or file. `Duration` is a value; the clock is not.
fn impure(source: &Source, order: &Order) -> Vec<String> {
    const NEVER: [&str; 16] = [
        "diesel",
        "actix_web",
        "actix",
        "tokio",
        "futures_util",
        "rand",
        "ureq",
        "tracing",
        "std::fs",
        "std::net",
        "std::env",
        "std::thread",
        "std::process",
        "std::time::Instant",
        "std::time::SystemTime",
        "Utc::now",
    ];
    const ROOMS: [&str; 6] = ["db", "vault", "web", "documents", "jobs", "app"];
    if !source.is_rust() || !is_pure(&source.path) {
        return Vec::new();
    }
    let code = source.code.replace("{", " ").replace("time:: ", "time::");
    let starts = |word: &str, path: &str| word == path || word.strip_prefix(path).is_some_and(|r| r.starts_with("::"));
    let words = paths(&code).filter(|w| NEVER.iter().any(|n| starts(w, n)) || w.ends_with("::now") || *w == "async");
    let rooms = from_crate(&source.code);
    let rooms = rooms.iter().filter(|m| ROOMS.contains(&order.module_of(m)));
    words.map(str::to_owned).chain(rooms.cloned()).map(|w| format!("{}: pure, but uses {w}", source.path)).collect()
}

/// diesel speaks in `db/` and in `store.rs` only.
fn diesel_elsewhere(source: &Source) -> Vec<String> {
    let home = source.path.starts_with("db/") || source.file_name() == "store.rs" || source.path.contains("/store/");
    let tables = |w: &str| w.split("::").any(|p| p == "schema") && w.contains("::") && !w.contains("openapi");
    let seen = paths(&source.code).any(|w| tables(w) || w.split("::").any(|p| matches!(p, "diesel" | "each_backend")));
    if home || !source.is_rust() || !seen {
        return Vec::new();
    }
    vec![format!("{}: diesel belongs into a store.rs", source.path)]
}

/// Whoever branches on the kind of connection stands in `db/dialect.rs`. `db/conn.rs` names the kinds, and `config.rs` reads
/// an address for what it says about keys and TLS.
fn branches_on_backend(source: &Source) -> Vec<String> {
    let home = source.path == "db/dialect.rs" || source.path == "db/conn.rs";
    let caught = |w: &&str| {
        w.contains("Conn::Sqlite")
            || w.contains("Conn::Pg")
            || w.contains("is_sqlite")
            || (w.contains("Target::Sqlite") || w.contains("Target::Postgres")) && source.path != "config.rs"
    };
    if home {
        return Vec::new();
    }
    paths(&source.code).filter(caught).map(|w| format!("{}: {w} belongs into db/dialect.rs", source.path)).collect()
}

/// No module uses one that stands below it in `lib.rs`.
fn arrows_right(source: &Source, order: &Order) -> Vec<String> {
    let Some(own) = order.rank.get(module(&source.path)) else { return Vec::new() };
    let heads = from_crate(&source.code);
    let later = heads.iter().filter(|h| order.rank.get(order.module_of(h)).is_some_and(|r| r > own));
    later.map(|h| format!("{}: uses {h}, which stands below it in lib.rs", source.path)).collect()
}

/// The domain hides in such names.
fn nameless(path: &str) -> Vec<String> {
    let hidden = |part: &str| matches!(part.split('.').next(), Some("utils" | "util" | "helpers" | "common" | "misc"));
    path.split('/')
        .filter(|p| hidden(p))
        .map(|p| format!("{path}: {p} says nothing; name it after what it does"))
        .collect()
}

/// A reading function of a store takes the actor's `Scope`, or says `public` in its name, or gives its reason in a doc
/// comment that begins `No scope:`.
fn reads_without_scope(source: &Source) -> Vec<String> {
    if source.file_name() != "store.rs" && !source.path.contains("/store/") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut before = "";
    for part in source.raw.split_inclusive(';').flat_map(|p| p.split_inclusive("}\n")) {
        if let Some((head, signature)) = part.split_once("fn ") {
            let signature = signature.split('{').next().unwrap();
            let name = signature.split(['(', '<']).next().unwrap();
            let asks = signature.contains("Rx<") && !name.starts_with("lock_");
            let excused = name.contains("public") || before.contains("No scope:") || head.contains("No scope:");
            if asks && !signature.contains("Scope") && !excused {
                found.push(format!(
                    "{}: fn {name} reads without a Scope; give it one, or say `/// No scope: why`",
                    source.path
                ));
            }
        }
        before = part;
    }
    found
}

/// No inline script or style, nothing from elsewhere: the pages' Content-Security-Policy would refuse it.
fn inline_or_foreign(source: &Source) -> Vec<String> {
    if source.is_rust() {
        return Vec::new();
    }
    let text = source.raw.to_lowercase().replace("http://www.w3.org/2000/svg", "");
    let mut found: Vec<&str> = ["<style", " style=", "javascript:", "http://", "https://", "src=\"//", "href=\"//"]
        .into_iter()
        .filter(|bad| text.contains(bad))
        .collect();
    if text.split("<script").skip(1).any(|s| !s.split('>').next().unwrap().contains(" src=")) {
        found.push("<script> without src");
    }
    let handlers = text.split_whitespace().filter(|w| {
        w.starts_with("on") && w.split_once('=').is_some_and(|(n, _)| n.bytes().all(|b| b.is_ascii_lowercase()))
    });
    found.extend(handlers);
    found.iter().map(|f| format!("{}: {f}", source.path)).collect()
}

/// Words that blame without helping.
fn unhelpful(source: &Source) -> Vec<String> {
    let texts: Vec<&str> =
        if source.is_rust() { source.texts.iter().map(String::as_str).collect() } else { vec![&source.raw] };
    let words = ["无效", "非法", "参数错误"];
    let seen = |w: &&str| texts.iter().any(|t| t.contains(w));
    words
        .iter()
        .copied()
        .filter(seen)
        .map(|w| format!("{}: {w}; say what is wrong and what to do", source.path))
        .collect()
}

/// utoipa names a schema after its type: of two types with one name, the document holds only the last.
fn schemas_of_one_name(all: &[Source]) -> Vec<String> {
    let mut homes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for source in all {
        for part in source.code.split("ToSchema").skip(1).filter(|p| p.starts_with(')') || p.starts_with(',')) {
            let Some((attributes, rest)) =
                ["struct ", "enum "].iter().filter_map(|w| part.split_once(w)).min_by_key(|(a, _)| a.len())
            else {
                continue;
            };
            let own = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            let name = attributes.split("(as = ").nth(1).and_then(|a| a.split(')').next()).unwrap_or(own);
            homes.entry(name.to_owned()).or_default().push(&source.path);
        }
    }
    let twice = homes.into_iter().filter(|(_, at)| at.len() > 1);
    twice
        .map(|(name, at)| format!("{}: a schema {name} is there twice; say #[schema(as = …)]", at.join(" and ")))
        .collect()
}

#[test]
fn the_house_keeps_its_rules() {
    let all = sources();
    let order = Order::read(&all);
    let faults: Vec<String> = all
        .iter()
        .flat_map(|s| {
            [
                impure(s, &order),
                diesel_elsewhere(s),
                branches_on_backend(s),
                arrows_right(s, &order),
                nameless(&s.path),
                reads_without_scope(s),
                inline_or_foreign(s),
                unhelpful(s),
            ]
            .concat()
        })
        .chain(schemas_of_one_name(&all))
        .collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_rule_catches_what_it_forbids() {
    let order = Order::read(&sources());
    let caught = |rule: &dyn Fn(&Source) -> Vec<String>, path: &str, bad: &str, good: &str| {
        assert_eq!(rule(&Source::new(path, bad)).len(), 1, "{path}: not caught once: {bad}");
        assert_eq!(rule(&Source::new(path, good)), Vec::<String>::new(), "caught without reason: {good}");
    };
    let pure = |s: &Source| impure(s, &order);
    caught(&pure, "trading/rules.rs", "use std::fs;", "use std::fmt; // std::fs");
    caught(&pure, "kernel/time.rs", "fn f() { chrono::Utc::now() }", "fn f(now: Timestamp) {}");
    caught(&pure, "log/tiles.rs", "use std::time::{Instant};", "use std::time::Duration;");
    caught(&pure, "members/model.rs", "use crate::{kernel::Id, db::Tx};", "use crate::{kernel::{Id, Day}};");
    caught(&pure, "members/model.rs", "crate::text_column!(Kind);", "crate::text_enum! {}");
    caught(&pure, "assets/rules.rs", "fn f() { rand::random() }", "const S: &str = \"rand::random\";");
    caught(&diesel_elsewhere, "members/service.rs", "use diesel::QueryDsl;", "//! Not diesel.");
    caught(&diesel_elsewhere, "members/api.rs", "use crate::db::{schema::members};", "use crate::db::Tx;");
    caught(&branches_on_backend, "members/store.rs", "if target.is_sqlite() {}", "let sqlite = 1;");
    caught(&branches_on_backend, "db/logged.rs", "match c { Conn::Pg(_) => 1 }", "fn f(c: &mut Conn) {}");
    let arrows = |s: &Source| arrows_right(s, &order);
    caught(&arrows, "collectives/service.rs", "use crate::{db, app::App};", "use crate::{db, access::Actor};");
    caught(&arrows, "kernel/id.rs", "crate::text_column!(Id);", "crate::text_enum!(Id);");
    assert_eq!((nameless("members/utils.rs").len(), nameless("members/roster.rs").len()), (1, 0));
    caught(
        &reads_without_scope,
        "members/store.rs",
        "/// All.\npub(super) fn list_all(rx: &mut Rx<'_>) -> Result<()> {\n}\n",
        "/// No scope: by token.\nfn find(rx: &mut Rx<'_>) {}\nfn list(\n rx: &mut Rx<'_>, scope: &Scope) {}\nfn put(tx: &mut Tx<'_>) {}",
    );
    caught(&inline_or_foreign, "web/a.html", "<script>go()</script>", "<script src=\"/static/a.js\" defer></script>");
    caught(&inline_or_foreign, "web/a.html", "<a onclick=\"go()\">", "<a data-on=\"x\">one = two</a>");
    caught(
        &inline_or_foreign,
        "web/a.html",
        "<img src=\"https://a.b/c\">",
        "<svg xmlns=\"http://www.w3.org/2000/svg\">",
    );
    let schema = |path: &str, name: &str| Source::new(path, &format!("#[derive(Debug, ToSchema)]\n{name} {{}}\n"));
    let twice = [schema("a/api.rs", "struct Change"), schema("b/api.rs", "pub struct Change")];
    assert_eq!(schemas_of_one_name(&twice).len(), 1);
    let once = [schema("a/api.rs", "struct Change"), schema("b/api.rs", "#[schema(as = Other)]\nstruct Change")];
    assert_eq!(schemas_of_one_name(&once), Vec::<String>::new());
    caught(&unhelpful, "web/errors.rs", "f(\"格式无效\")", "f(\"请填写日期\") // 无效");
    caught(&unhelpful, "web/a.html", "<p>参数错误</p>", "<p>请填写</p>");
}
