//! The village demonstration as a whole, on a fresh database in a folder of its own.

use super::*;
use crate::config::SystemClock;

#[test]
fn login_lines_are_four_words_and_every_role_has_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let demo = prepare(&dir.path().join("demo"), Scale::Village, "open-sesame", Arc::new(SystemClock))
        .expect("a demonstration");
    let lines: Vec<String> = demo.logins.iter().map(ToString::to_string).collect();
    for line in &lines {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(
            (words.len(), words.first().copied(), words.get(3).copied()),
            (4, Some("login"), Some("open-sesame")),
            "{line}"
        );
    }
    for role in Role::ALL {
        let windows = demo.logins.iter().filter(|l| l.role == *role).count();
        assert_eq!(windows, if *role == Role::Bidder { 2 } else { 1 }, "{role}");
    }
}
