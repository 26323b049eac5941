//! Closed prices, the falling clock, failures.

use serde_json::{Value, json};

use super::*;

fn sealed(lines: &str, changes: &[(&str, Value)]) -> Value {
    let base =
        [("/rules/mode", json!("sealed")), ("/rules/step", Value::Null), ("/rules/sealed", json!({ "revisions": 1 }))];
    with(with(ascending(commands(lines)), &base), changes)
}

#[test]
fn sealed_prices_count_once_at_the_end() {
    let lines = "
        09:31:00 A bid 5000.00
        09:32:00 C bid 5200.00
        09:33:00 B bid 9000.00
        09:34:00 B bid 5200.00
        09:35:00 B bid 6000.00
        09:36:00 P match
        09:59:00 P bid 5200.00";
    let seen = [
        "- - 10:00:00",
        "- - 10:00:00",
        "- - 10:00:00",
        "- - 10:00:00",
        "revisions_used",
        "wrong_mode",
        "- - 10:00:00",
    ];
    assert_eq!(award(&tell(&sealed(lines, &[]), &seen)), "sold - C 5200.00 [B P A]");
    let holder = json!({ "may_match": false, "holders": [{ "bidder": "P", "rank": 9 }] });
    let ranked = sealed(lines, &[("/rules/priority", holder)]);
    assert_eq!(award(&tell(&ranked, &seen)), "sold - P 5200.00 [C B A]");
    let reserve = sealed(lines, &[("/rules/reserve_price", json!("5200.00"))]);
    assert_eq!(award(&run(&reserve)), "sold - C 5200.00 [B P]");

    // `printf '\x00\xffP' | sha256sum` begins with 34, C's with bd, B's with f8.
    let draw = sealed(lines, &[("/rules/tie", json!("draw")), ("/rules/draw_seed", json!("00Ff"))]);
    assert_eq!(award(&run(&draw)), "sold - P 5200.00 [C B A]");
}

#[test]
fn the_falling_clock() {
    let clock = |lines: &str, changes: &[(&str, Value)]| {
        let terms = json!({ "decrement": "50.00", "tick_s": 60, "floor": "520.00" });
        let base = [("/rules/mode", json!("clock")), ("/rules/step", Value::Null), ("/rules/clock", terms)];
        with(with(ascending(commands(lines)), &base), changes)
    };
    let result = tell(
        &clock(
            "09:31:00 A bid 700.00\n 09:31:00 suspend\n 09:41:00 resume\n 09:42:59 B accept\n 09:42:59 C accept",
            &[],
        ),
        &["wrong_mode", "- - 10:00:00", "- - 10:10:00", "B 600.00 09:42:59", "closed"],
    );
    assert_eq!(award(&result), "sold - B 600.00 []");
    assert_eq!(result["closed_at"], "2026-03-02T09:42:59+08:00");
    tell(&clock("09:59:59.999999 B accept", &[]), &["B 520.00 09:59:59.999999"]);
    let reserve = clock("09:32:00 B accept", &[("/rules/reserve_price", json!("650.00"))]);
    assert_eq!(award(&run(&reserve)), "failed below_reserve - - []");
    assert_eq!(award(&run(&clock("10:00:00 B accept", &[]))), "failed no_bids - - []");
}

#[test]
fn failures_in_their_order() {
    let trace = |lines: &str, reserve: &str| {
        with(ascending(commands(lines)), &[("/rules/reserve_price", json!(reserve)), ("/rules/min_bidders", json!(2))])
    };
    assert_eq!(award(&run(&trace("", "800.00"))), "failed no_bids - - []");
    assert_eq!(award(&run(&trace("09:31:00 A bid 700.00", "800.00"))), "failed below_reserve - - []");
    assert_eq!(award(&run(&trace("09:31:00 A bid 700.00", "700.00"))), "failed too_few_bidders - - []");
    let result = run(&trace("09:31:00 A bid 700.00\n 09:32:00 B bid 800.00", "800.00"));
    assert_eq!(award(&result), "sold - B 800.00 []");
    assert_eq!(result["closed_at"], "2026-03-02T10:00:00+08:00");
}

/// What a bidder's answers are worth counts when prices are compared, and nowhere else.
#[test]
fn answers_count_when_prices_are_compared() {
    let points = |of: Value, changes: &[(&str, Value)]| {
        let lines = "09:31:00 A bid 1000.00\n 09:32:00 B bid 1040.00\n 09:33:00 C bid 990.00";
        let base = [("/format", json!("xiangji-auction-trace/2")), ("/rules/points", of)];
        with(with(sealed(lines, &[]), &base), changes)
    };
    let of = |list: &[(&str, i64)]| {
        Value::Array(list.iter().map(|(b, points)| json!({ "bidder": b, "points": points })).collect())
    };
    let result = run(&points(of(&[("A", 500)]), &[]));
    assert_eq!(award(&result), "sold - A 1000.00 [B C]");
    let lines = json!([
        { "bidder": "A", "price": "1000.00", "points": 500, "compared": "1050.00" },
        { "bidder": "B", "price": "1040.00", "points": 0, "compared": "1040.00" },
        { "bidder": "C", "price": "990.00", "points": 0, "compared": "990.00" },
    ]);
    assert_eq!(result["compared"], lines);
    assert_eq!(award(&run(&points(of(&[]), &[]))), "sold - B 1040.00 [A C]", "nobody was granted any");
    // 1000.00 with 4 % is as much as 1040.00: the tie of the rules decides.
    assert_eq!(award(&run(&points(of(&[("A", 400)]), &[]))), "sold - A 1000.00 [B C]");
    // `printf '\x00\xffA' | sha256sum` begins with 4b, B's with f8.
    let draw = [("/rules/tie", json!("draw")), ("/rules/draw_seed", json!("00ff"))];
    assert_eq!(award(&run(&points(of(&[("B", 0), ("A", 400)]), &draw))), "sold - A 1000.00 [B C]");
    // The floor looks at the price alone: who lies under it has no part in the sale, whatever the answers are worth.
    let floor = |at: &str| [("/rules/reserve_price", json!(at))];
    assert_eq!(award(&run(&points(of(&[("A", 500)]), &floor("1010.00")))), "sold - B 1040.00 []");
    assert_eq!(award(&run(&points(of(&[("A", 3_000)]), &floor("1040.01")))), "failed below_reserve - - []");
    // Prices that fall: 990.00 ÷ 1.05 is less than 960.00, and has no end in decimals.
    let down = [("/rules/direction", json!("down")), ("/rules/opening_price", json!("1040.00"))];
    let result = run(&points(of(&[("A", 500)]), &down));
    assert_eq!(award(&result), "sold - A 1000.00 [C B]");
    assert_eq!(result["compared"][0], json!({ "bidder": "A", "price": "1000.00", "points": 500, "compared": null }));
}

#[test]
fn points_that_do_not_fit_are_a_fault() {
    let points = |of: Value, changes: &[(&str, Value)]| {
        let base = [("/format", json!("xiangji-auction-trace/2")), ("/rules/points", of)];
        with(with(sealed("09:31:00 A bid 1000.00", &[]), &base), changes).to_string()
    };
    let good = || json!([{ "bidder": "A", "points": 500 }]);
    assert!(replay(&points(good(), &[])).is_ok(), "the control");
    for (of, change) in [
        (json!([{ "bidder": "X", "points": 500 }]), None),
        (json!([{ "bidder": "A", "points": 10_001 }]), None),
        (json!([{ "bidder": "A", "points": -1 }]), None),
        (json!([{ "bidder": "A", "points": "500" }]), None),
        (json!([{ "bidder": "A", "points": 500, "later": 1 }]), None),
        (json!([{ "bidder": "A", "points": 500 }, { "bidder": "A", "points": 500 }]), None),
        (json!(500), None),
        (good(), Some(("/rules/ceiling_price", json!("2000.00")))),
        (good(), Some(("/rules/priority", json!({ "may_match": false, "holders": [] })))),
        (good(), Some(("/rules/mode", json!("turns")))),
    ] {
        let changes: Vec<(&str, Value)> = change.into_iter().collect();
        assert!(replay(&points(of.clone(), &changes)).is_err(), "{of} {changes:?}");
    }
    let first = points(good(), &[("/format", json!("xiangji-auction-trace/1"))]);
    assert!(!replay(&first).expect("well-formed").contains("compared"), "the first format does not know them");
}
