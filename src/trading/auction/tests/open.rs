//! Open modes: steps, matches, private maxima, every refusal in its order.

use serde_json::{Value, json};

use super::*;
use crate::{kernel::Fen, trading::price::PriceUnit};

/// Domain 10.5.
#[test]
fn the_court_rules_table() {
    let table = "
        09:31:00 A bid 700.00
        09:40:00 B bid 705.00
        09:41:00 B bid 710.00
        09:50:00 C bid 820.00
        09:55:00 C bid 810.00
        09:57:30 A bid 820.00
        10:02:30.000 B bid 830.00";
    let result = tell(
        &ascending(commands(table)),
        &[
            "A 700.00 10:00:00",
            "below_step 710.00",
            "B 710.00 10:00:00",
            "above_step 810.00",
            "C 810.00 10:00:00",
            "A 820.00 10:02:30",
            "closed",
        ],
    );
    assert_eq!(award(&result), "sold - A 820.00 [C B]");
    assert_eq!(result["closed_at"], "2026-03-02T10:02:30+08:00");
    assert_eq!(result["extensions"], 1);

    let holder = json!({ "may_match": true, "holders": [{ "bidder": "P", "rank": 1 }] });
    let before = table.rsplit_once("10:02:30.000").expect("the late bid").0;
    let lines =
        format!("{before}10:01:00 P match\n 10:03:00 A bid 830.00\n 10:04:00 P match\n 10:08:59.999999 P match");
    let result = tell(
        &with(ascending(commands(&lines)), &[("/rules/priority", holder)]),
        &[
            "A 700.00 10:00:00",
            "below_step 710.00",
            "B 710.00 10:00:00",
            "above_step 810.00",
            "C 810.00 10:00:00",
            "A 820.00 10:02:30",
            "P 820.00 10:06:00",
            "A 830.00 10:08:00",
            "P 830.00 10:09:00",
            "already_leading",
        ],
    );
    assert_eq!(award(&result), "sold - P 830.00 [A C B]");
}

#[test]
fn every_refusal_in_the_order_of_the_format() {
    let mut trace = ascending(commands(
        "
        09:29:59.999999 nonsense
        09:30:00 nonsense
        09:30:00 resume
        09:30:00 X accept
        09:30:00 A accept
        09:30:00 P match
        09:30:00 A bid 690.00
        09:30:00 A bid 801.00
        09:30:00 A bid 705.00
        09:30:00 A bid 710.00
        09:30:01 B bid 650.00
        09:30:01 B bid 715.00
        09:30:01 A bid 715.00
        09:30:01 A bid 725.00
        09:30:01 A bid 730.00
        09:30:01 P match
        09:30:01 P match
        09:30:01 Q match
        09:30:01 A match
        09:31:00 B bid 800.00
        09:31:00 C bid 885.00
        09:31:00 C bid 870.00
        09:31:00 C bid 1.5",
    ));
    trace["commands"][3]["bidder"] = json!(7);
    let holders = json!([{ "bidder": "P", "rank": 2 }, { "bidder": "Q", "rank": 2 }]);
    let trace = with(
        trace,
        &[
            ("/rules/step", json!({ "min": "15.00", "max": "100.00", "multiple_of": "10.00" })),
            ("/rules/ceiling_price", json!("865.00")),
            ("/rules/priority", json!({ "may_match": true, "holders": holders })),
        ],
    );
    tell(
        &trace,
        &[
            "not_open",
            "malformed",
            "not_suspended",
            "unknown_bidder",
            "wrong_mode",
            "match_not_allowed",
            "below_opening 700.00",
            "above_step 800.00",
            "off_multiple",
            "A 710.00 10:00:00",
            "below_opening 730.00",
            "below_step 730.00",
            "below_step 730.00",
            "off_multiple",
            "already_leading",
            "P 710.00 10:00:00",
            "already_leading",
            "match_not_allowed",
            "match_not_allowed",
            "B 800.00 10:00:00",
            "off_multiple",
            "above_ceiling 860.00",
            "malformed",
        ],
    );
}

#[test]
fn a_bid_without_a_readable_amount_is_tested_on() {
    let mut trace = ascending(commands("09:31:00 A bid 700.00\n 09:32:00 A bid\n 09:32:00 B bid\n 09:32:00 X bid"));
    tell(&trace, &["A 700.00 10:00:00", "already_leading", "malformed", "unknown_bidder"]);
    for odd in [json!(710), json!(["710.00"]), json!("710"), json!("710.000"), json!({ "a": 1 }), Value::Null] {
        trace["commands"][2]["amount"] = odd;
        tell(&trace, &["A 700.00 10:00:00", "already_leading", "malformed", "unknown_bidder"]);
    }
    // Values that few JSON readers can hold do not spoil the document.
    for odd in ["1e999".to_owned(), r#""\ud800""#.to_owned(), format!("{}{}", "[".repeat(500), "]".repeat(500))] {
        let text = trace.to_string().replace("\"amount\":null", &format!("\"amount\":{odd}"));
        assert_ne!(text, trace.to_string());
        let result = serde_json::from_str(&replay(&text).expect("well-formed")).expect("JSON");
        assert_eq!(told(&result)[2], "malformed");
    }
    // Sealed: revisions are looked at before the amount.
    let sealed = with(
        ascending(commands("09:31:00 A bid 700.00\n 09:32:00 A bid")),
        &[("/rules/mode", json!("sealed")), ("/rules/sealed", json!({ "revisions": 0 }))],
    );
    tell(&sealed, &["- - 10:00:00", "revisions_used"]);
}

#[test]
fn steps_by_table_and_a_leader_who_may_raise() {
    let table = json!([{ "from": "1.00", "min": "0.10" }, { "from": "0.00", "min": "0.05" }]);
    let trace = with(
        ascending(commands(
            "09:31:00 A bid 0.00\n 09:31:00 A bid 0.04\n 09:31:00 A bid 0.99\n 09:31:00 A bid 1.04\n 09:31:00 B bid 1.13",
        )),
        &[
            ("/rules/opening_price", json!("0.00")),
            ("/rules/step", json!({ "min": null, "max": null, "table": table })),
            ("/rules/leader_may_raise", json!(true)),
        ],
    );
    tell(&trace, &["A 0.00 10:00:00", "below_step 0.05", "A 0.99 10:00:00", "A 1.04 10:00:00", "below_step 1.14"]);
}

#[test]
fn match_needs_a_better_rank_and_the_right() {
    let lines =
        "09:31:00 Q bid 700.00\n 09:32:00 P match\n 09:32:00 Q match\n 09:33:00 A bid 710.00\n 09:33:00 Q match";
    let holders = json!([{ "bidder": "P", "rank": 1 }, { "bidder": "Q", "rank": 2 }]);
    let priority = |may: bool| ("/rules/priority", json!({ "may_match": may, "holders": holders }));
    let result = tell(
        &with(ascending(commands(lines)), &[priority(true)]),
        &["Q 700.00 10:00:00", "P 700.00 10:00:00", "match_not_allowed", "A 710.00 10:00:00", "Q 710.00 10:00:00"],
    );
    assert_eq!(award(&result), "sold - Q 710.00 [A P]");
    let result = tell(
        &with(ascending(commands(lines)), &[priority(false)]),
        &["Q 700.00 10:00:00", "match_not_allowed", "already_leading", "A 710.00 10:00:00", "match_not_allowed"],
    );
    assert_eq!(award(&result), "sold - A 710.00 [Q]");
    // The leader may raise, but not match.
    let own = with(
        ascending(commands("09:31:00 P bid 700.00\n 09:32:00 P match")),
        &[priority(true), ("/rules/leader_may_raise", json!(true))],
    );
    tell(&own, &["P 700.00 10:00:00", "already_leading"]);
}

#[test]
fn proxy_shows_the_least_price_that_wins() {
    let proxy = |lines: &str| with(ascending(commands(lines)), &[("/rules/mode", json!("proxy"))]);
    let lines = "
        09:31:00 A bid 900.00
        09:32:00 A bid 950.00
        09:32:00 B bid 705.00
        09:33:00 B bid 800.00
        09:34:00 C bid 895.00
        09:35:00 B bid 900.00
        09:36:00 P bid 900.00
        09:58:00 P bid 1000.00
        09:59:00 B bid 915.00";
    let result = tell(
        &proxy(lines),
        &[
            "A 700.00 10:00:00",
            "already_leading",
            "below_step 710.00",
            "A 810.00 10:00:00",
            "A 900.00 10:00:00",
            "below_step 910.00",
            "below_step 910.00",
            "P 910.00 10:03:00",
            "below_step 920.00",
        ],
    );
    assert_eq!(award(&result), "sold - P 910.00 [A C B]");

    let raising = with(
        proxy(
            "
            09:31:00 A bid 760.00
            09:31:00 A bid 760.00
            09:31:00 A bid 760.01
            09:32:00 B bid 760.01
            09:33:00 A bid 765.00
            09:57:00 A bid 765.02
            09:58:00 B bid 765.02",
        ),
        &[("/rules/leader_may_raise", json!(true))],
    );
    let result = tell(
        &raising,
        &[
            "A 700.00 10:00:00",
            "below_step 760.01",
            "A 700.00 10:00:00",
            "A 760.01 10:00:00",
            "A 765.00 10:00:00",
            "A 765.02 10:02:00",
            "below_step 775.02",
        ],
    );
    assert_eq!((award(&result).as_str(), &result["extensions"]), ("sold - A 765.02 [B]", &json!(1)));

    let reserve = with(
        proxy("09:31:00 A bid 700.00\n 09:32:00 B bid 790.00\n 09:33:00 C bid 900.00"),
        &[("/rules/reserve_price", json!("800.00"))],
    );
    let result = tell(&reserve, &["A 700.00 10:00:00", "B 710.00 10:00:00", "C 800.00 10:00:00"]);
    assert_eq!(award(&result), "sold - C 800.00 []");
}

#[test]
fn sentences_say_what_would_have_been_accepted() {
    let below = Rejection::BelowStep { bound: Bound::AtLeast(Fen(71_000)) };
    assert_eq!(below.sentence(PriceUnit::Whole), "出价低于最低要求，至少应为 710.00 元");
    let problem = below.problem(PriceUnit::Whole);
    assert_eq!((problem.code.code, &problem.extra["minimum"]), ("below_step", &json!("710.00")));
    let above = Rejection::AboveCeiling { bound: Bound::AtMost(Fen(86_000)) }.problem(PriceUnit::Whole);
    assert_eq!(above.extra["maximum"], "860.00");
    assert!(above.detail.contains("860.00"));
}

#[test]
fn refusals_name_what_is_bid() {
    let (least, most) = (Bound::AtLeast(Fen(324_000)), Bound::AtMost(Fen(900_000)));
    let multiple = Rejection::OffMultiple { direction: Direction::Up, opening: Fen(324_000), multiple_of: Fen(1_000) };
    let yuan = ["起拍价", "最高限价", "加价", "金额", "已报的价"];
    for (rejection, word) in [
        (Rejection::BelowOpening { bound: least }, yuan[0]),
        (multiple, yuan[0]),
        (Rejection::AboveCeiling { bound: most }, yuan[1]),
        (Rejection::AboveStep { bound: most }, yuan[2]),
        (Rejection::Malformed, yuan[3]),
        (Rejection::NotYourTurn { from: None }, yuan[4]),
    ] {
        let (money, area) = (rejection.sentence(PriceUnit::Whole), rejection.problem(PriceUnit::FloorArea));
        assert!(money.contains(word), "the control: {money}");
        for word in yuan {
            assert!(!area.detail.contains(word) && !area.code.title.contains(word), "{area:?}");
        }
    }
}
