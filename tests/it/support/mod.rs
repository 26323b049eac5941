//! What tests stand on: a running program with a clock in hand ([`app::World`]), a PostgreSQL of its own
//! ([`postgres`]), a real browser ([`browser`]), ports that stay free ([`port`]), and the rules about skipping and
//! waiting ([`patience`]).

pub mod app;
pub mod asked;
pub mod behind;
pub mod browser;
pub mod child;
pub mod full;
pub mod hands;
pub mod insider;
pub mod neighbour;
pub mod operations;
pub mod outside;
pub mod patience;
pub mod port;
pub mod postgres;
pub mod verified;

pub use patience::{PATIENCE, until};

/// Says in one line that something was left out; with `XIANGJI_TEST_ALL=1` that is a failure.
pub fn skip(what: &str, why: &str) {
    assert!(std::env::var_os("XIANGJI_TEST_ALL").is_none(), "{what} would be skipped: {why}");
    eprintln!("skipped: {what}: {why}");
}

/// Whether a word stands in the text by itself: any six letters may be part of an identifier or of a digest.
pub fn has_word(text: &str, word: &str) -> bool {
    let part_of = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(part_of) && !after.starts_with(part_of)
    })
}

/// The folder of shared test input, where there is one.
pub fn shared_data() -> Option<std::path::PathBuf> {
    let set = std::env::var_os("XIANGJI_TEST_SHARED").map(std::path::PathBuf::from);
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    [set, Some(beside)].into_iter().flatten().map(|p| p.join("data")).find(|p| p.is_dir())
}

/// Declares a test that runs on SQLite always and on PostgreSQL where its programs are found:
/// `both_backends!(name, |world| { … })`.
#[macro_export]
macro_rules! both_backends {
    ($(#[$meta:meta])* $name:ident, |$world:ident| $body:block) => {
        fn $name($world: &$crate::support::app::World) $body
        mod $name {
            $(#[$meta])* #[test]
            fn on_sqlite() { super::$name(&$crate::support::app::World::sqlite()); }
            $(#[$meta])* #[test]
            fn on_postgres() { if let Some(world) = $crate::support::app::World::postgres() { super::$name(&world); } }
        }
    };
}
