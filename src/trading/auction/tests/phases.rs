//! Modes with several periods: countdown, turns, a clock with sealed prices after it; and time lost in an outage.

use serde_json::{Value, json};

use super::*;

fn countdown(lines: &str, terms: Value) -> Value {
    second(
        lines,
        &[("/rules/mode", json!("countdown")), ("/rules/extension", Value::Null), ("/rules/countdown", terms)],
    )
}

#[test]
fn every_bid_starts_the_countdown_again() {
    let lines = "
        09:31:00 A bid 700.00
        09:55:59.999999 B bid 710.00
        09:56:00 A bid 720.00
        09:59:00 B bid 705.00
        09:59:59 B bid 730.00
        10:03:59 A bid 740.00";
    let result = tell(
        &countdown(lines, json!({ "seconds": 240 })),
        &[
            "A 700.00 10:00:00",
            "B 710.00 10:00:00",
            "A 720.00 10:00:00",
            "below_step 730.00",
            "B 730.00 10:03:59",
            "closed",
        ],
    );
    assert_eq!((award(&result).as_str(), &result["extensions"]), ("sold - B 730.00 [A]", &json!(1)));
    let capped = json!({ "seconds": 240, "hard_close_at": "2026-03-02T10:02:00+08:00" });
    assert_eq!(run(&countdown(lines, capped))["closed_at"], "2026-03-02T10:02:00+08:00");
}

/// With a bidder too few the end of the free period is the end; suspended time moves all periods.
#[test]
fn the_countdown_may_need_bidders_and_a_pause() {
    let terms = json!({ "seconds": 300, "wait_s": 900, "needs_bidders": 2 });
    let result = tell(
        &countdown("09:31:00 A bid 700.00\n 09:39:59 A bid 710.00\n 09:40:00 B bid 710.00", terms.clone()),
        &["A 700.00 09:40:00", "already_leading", "closed"],
    );
    assert_eq!(
        (award(&result), &result["closed_at"]),
        ("sold - A 700.00 []".into(), &json!("2026-03-02T09:40:00+08:00"))
    );
    let lines = "
        09:31:00 A bid 700.00
        09:39:00 B bid 710.00
        09:40:00 A bid 720.00
        09:50:00 P match
        09:54:00 suspend
        09:59:00 resume
        09:59:59 A bid 720.00
        10:00:00 A bid 720.00";
    tell(
        &countdown(lines, terms),
        &[
            "A 700.00 09:40:00",
            "B 710.00 10:00:00",
            "between_phases 09:55:00",
            "between_phases 09:55:00",
            "B 710.00 10:00:00",
            "B 710.00 10:05:00",
            "between_phases 10:00:00",
            "A 720.00 10:05:00",
        ],
    );
}

fn turns(lines: &str, changes: &[(&str, Value)]) -> Value {
    let terms = json!({ "rounds": 3, "turn_s": 120, "first_pause_s": 300, "pause_s": 120 });
    let base = [
        ("/rules/mode", json!("turns")),
        ("/rules/extension", Value::Null),
        ("/rules/turns", terms),
        ("/rules/sealed", json!({ "revisions": 1 })),
    ];
    with(second(lines, &base), changes)
}

/// First prices A 700, B 720, C 700 (later than A's): in round one C goes first, then A, then B.
#[test]
fn the_worst_price_has_the_first_turn_and_of_equal_ones_the_later() {
    let lines = "
        09:31:00 A bid 700.00
        09:32:00 B bid 720.00
        09:33:00 C bid 700.00
        09:33:30 P bid 690.00
        10:04:59.999999 C bid 760.00
        10:05:00 A bid 760.00
        10:05:00 C bid 705.00
        10:05:00 C bid 750.00
        10:06:59.999999 C bid 740.00
        10:07:00 C bid 760.00
        10:07:00 P bid 760.00
        10:07:00 A bid 745.00
        10:09:00 B bid 830.00
        10:12:59 C bid 750.00
        10:13:00 B bid 730.00
        10:13:00 C bid 750.00";
    let result = tell(
        &turns(lines, &[]),
        &[
            "- - 10:15:00",
            "- - 10:21:00",
            "- - 10:27:00",
            "below_opening 700.00",
            "not_your_turn 10:05:00",
            "not_your_turn 10:07:00",
            "below_step 710.00",
            "- - 10:27:00",
            "- - 10:27:00",
            "not_your_turn 10:13:00",
            "not_your_turn",
            "- - 10:27:00",
            "above_step 820.00",
            "not_your_turn 10:13:00",
            "- - 10:27:00",
            "not_your_turn 10:15:00",
        ],
    );
    // B bettered the own price only, and is still the last.
    assert_eq!(
        (award(&result), &result["closed_at"]),
        ("sold - A 745.00 [C B]".into(), &json!("2026-03-02T10:27:00+08:00"))
    );
}

#[test]
fn a_last_turn_is_the_last_and_time_suspended_moves_all_turns() {
    let lines = "
        09:31:00 A bid 700.00
        09:31:00 A bid 710.00
        09:31:00 A bid 720.00
        10:05:30 suspend
        10:15:30 resume
        10:16:59 A bid 720.00
        10:17:00 A bid 730.00
        10:24:59 A bid 740.00
        10:25:00 A bid 740.00";
    let result = tell(
        &turns(lines, &[]),
        &[
            "- - 10:15:00",
            "- - 10:15:00",
            "revisions_used",
            "- - 10:15:00",
            "- - 10:25:00",
            "- - 10:25:00",
            "not_your_turn 10:19:00",
            "- - 10:25:00",
            "closed",
        ],
    );
    assert_eq!(award(&result), "sold - A 740.00 []");
    assert_eq!(award(&run(&turns("10:00:00 A bid 700.00", &[]))), "failed no_bids - - []");
}

fn after_clock(lines: &str, terms: Value) -> Value {
    let clock = json!({ "decrement": "50.00", "tick_s": 60, "floor": "500.00" });
    second(
        lines,
        &[
            ("/rules/mode", json!("clock_sealed")),
            ("/rules/step", Value::Null),
            ("/rules/clock", clock),
            ("/rules/sealed", json!({ "revisions": 0 })),
            ("/rules/after_clock", terms),
        ],
    )
}

#[test]
fn who_stops_the_clock_has_the_last_word() {
    let lines = "
        09:31:59 B bid 650.00
        09:32:00 A accept
        09:32:10 B accept
        09:32:29 B bid 650.00
        09:32:30 A bid 650.00
        09:32:30 B bid 600.00
        09:32:30 B bid 650.00
        09:33:30 B bid 660.00
        09:40:00 C bid 640.00
        09:42:30 C bid 700.00
        09:43:00 C bid 700.00
        09:43:00 A bid 650.00
        09:43:00 A bid 655.00
        09:43:00 A bid 660.00
        09:48:00 A bid 670.00";
    let result = tell(
        &after_clock(lines, json!({ "pause_s": 30, "sealed_s": 600, "best_s": 300 })),
        &[
            "wrong_phase",
            "A 600.00 09:42:30",
            "wrong_phase",
            "between_phases 09:32:30",
            "not_your_turn 09:43:00",
            "below_step 600.01",
            "A 600.00 09:48:00",
            "revisions_used",
            "A 600.00 09:48:00",
            "between_phases 09:43:00",
            "not_your_turn",
            "below_step 650.01",
            "A 655.00 09:48:00",
            "already_leading",
            "closed",
        ],
    );
    assert_eq!(award(&result), "sold - A 655.00 [B C]");
}

#[test]
fn without_a_sealed_price_or_a_last_word_the_auction_ends_earlier() {
    let accepted = "09:32:00 A accept";
    let with_word = json!({ "pause_s": 30, "sealed_s": 600, "best_s": 300 });
    let result = run(&after_clock(accepted, with_word.clone()));
    assert_eq!(
        (award(&result), &result["closed_at"]),
        ("sold - A 600.00 []".into(), &json!("2026-03-02T09:42:30+08:00"))
    );
    let outbid = "09:32:00 A accept\n 09:33:00 B bid 610.00\n 09:42:29 A bid 620.00";
    let result = tell(
        &after_clock(outbid, json!({ "sealed_s": 630 })),
        &["A 600.00 09:42:30", "A 600.00 09:42:30", "not_your_turn"],
    );
    assert_eq!(award(&result), "sold - B 610.00 [A]");
    assert_eq!(award(&run(&after_clock("10:00:00 A accept", with_word))), "failed no_bids - - []");
}

/// The time of an outage is given back also where the end passed in it; a short one, or one that is long over before the
/// last minutes, is borne.
#[test]
fn lost_time_is_given_back_by_rule() {
    let lines = "
        09:31:00 A bid 700.00
        09:40:00 outage 09:31:00
        09:58:00 B bid 710.00
        09:59:30 outage 09:59:00
        10:10:00 outage 10:00:00
        10:12:59 A bid 720.00
        10:18:00 outage 10:17:59
        10:18:00 outage 10:18:01
        10:18:00 outage";
    let outage = |terms: Value| [("/rules/outage", terms)];
    let terms = json!({ "at_least_s": 60, "window_s": 300 });
    let result = tell(
        &second(lines, &outage(terms.clone())),
        &[
            "A 700.00 10:00:00",
            "outage_not_given_back",
            "B 710.00 10:03:00",
            "outage_not_given_back",
            "B 710.00 10:13:00",
            "A 720.00 10:17:59",
            "closed",
            "closed",
            "closed",
        ],
    );
    assert_eq!(result["decisions"][1]["at_least_s"], 60);
    tell(&second("09:31:00 outage 09:30:00", &[]), &["outage_not_given_back"]);
    tell(&second("09:31:00 outage", &outage(terms.clone())), &["malformed"]);
    // Before the opening nothing is lost.
    let early = second("09:30:59 outage 09:00:00", &outage(json!({ "at_least_s": 60 })));
    tell(&early, &["outage_not_given_back"]);
    // In the first format the word means nothing.
    let first = with(ascending(commands("09:40:00 outage 09:31:00")), &outage(terms));
    tell(&first, &["malformed"]);
}
