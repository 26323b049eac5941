//! The end: extensions, hard closes, suspensions.

use serde_json::{Value, json};

use super::*;

#[test]
fn extensions_from_the_close_capped_and_hard() {
    let lines = "
        09:56:00 A bid 700.00
        09:59:00 B bid 710.00
        10:04:00 A bid 720.00
        10:10:00 B bid 730.00";
    let close = json!({ "window_s": 300, "from": "close", "by_s": 180, "max_times": 2 });
    let result = tell(
        &with(ascending(commands(lines)), &[("/rules/extension", close.clone())]),
        &["A 700.00 10:03:00", "B 710.00 10:06:00", "A 720.00 10:06:00", "closed"],
    );
    assert_eq!(result["extensions"], 2);
    let hard = with(
        ascending(commands(lines)),
        &[("/rules/extension", close), ("/rules/extension/hard_close_at", json!("2026-03-02T02:05:00Z"))],
    );
    let expected = &["A 700.00 10:03:00", "B 710.00 10:05:00", "A 720.00 10:05:00", "closed"];
    assert_eq!(tell(&hard, expected)["extensions"], 2);
    // At the hard close nothing moves, so nothing is counted.
    let at_end = with(hard, &[("/rules/extension/hard_close_at", json!("2026-03-02T10:00:00+08:00"))]);
    assert_eq!(tell(&at_end, &["A 700.00 10:00:00", "B 710.00 10:00:00", "closed", "closed"])["extensions"], 0);
    let fixed = with(ascending(commands(lines)), &[("/rules/extension", Value::Null)]);
    tell(&fixed, &["A 700.00 10:00:00", "B 710.00 10:00:00", "closed", "closed"]);
}

#[test]
fn suspended_time_is_given_back() {
    let lines = "
        09:59:00 A bid 700.00
        10:03:00 suspend
        10:20:00 B bid 710.00
        10:20:00 nonsense
        10:20:00 suspend
        10:33:00.5 resume
        10:33:01 resume
        10:34:00.4 B bid 710.00
        10:39:00.5 C bid 720.00";
    let hard = ("/rules/extension/hard_close_at", json!("2026-03-02T10:05:00+08:00"));
    let result = tell(
        &with(ascending(commands(lines)), &[hard]),
        &[
            "A 700.00 10:04:00",
            "A 700.00 10:04:00",
            "suspended",
            "suspended",
            "suspended",
            "A 700.00 10:34:00.5",
            "not_suspended",
            "B 710.00 10:35:00.5",
            "closed",
        ],
    );
    assert_eq!(result["closed_at"], "2026-03-02T10:35:00.5+08:00");
    let first_two: String = lines.lines().take(3).collect::<Vec<_>>().join("\n");
    let result = run(&ascending(commands(&first_two)));
    assert_eq!((award(&result).as_str(), &result["closed_at"]), ("suspended - - - []", &Value::Null));
    let result = tell(
        &ascending(commands(&format!("{first_two}\n 11:00:00 terminate\n 11:00:00 resume"))),
        &["A 700.00 10:04:00", "A 700.00 10:04:00", "A 700.00 11:00:00", "closed"],
    );
    assert_eq!(
        (award(&result).as_str(), &result["closed_at"]),
        ("terminated - - - []", &json!("2026-03-02T11:00:00+08:00"))
    );
}

#[test]
fn the_window_begins_exactly_there() {
    let extension = json!({ "window_s": 300, "from": "close", "by_s": 60 });
    let trace =
        |at: &str| with(ascending(commands(&format!("{at} A bid 700.00"))), &[("/rules/extension", extension.clone())]);
    tell(&trace("09:54:59.999999"), &["A 700.00 10:00:00"]);
    tell(&trace("09:55:00"), &["A 700.00 10:01:00"]);
}
