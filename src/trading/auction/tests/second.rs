//! The second format: purchases, money, draws with their proof, exercises, and rules that nobody knows.

use serde_json::{Value, json};

use super::*;
use crate::{
    kernel::hex,
    trading::{draw::commitment, price::PriceUnit},
};

#[test]
fn what_the_first_format_says_the_second_says_too() {
    let lines = "09:31:00 A bid 700.00\n 09:58:00 B bid 710.00\n 09:59:00 C bid 715.00";
    let (first, other) = (run(&ascending(commands(lines))), run(&second(lines, &[])));
    assert_eq!(other["format"], "xiangji-auction-result/2");
    for member in first.as_object().expect("an object").keys().filter(|member| *member != "format") {
        assert_eq!(first[member], other[member], "{member}");
    }
}

/// A purchase: the opening price is the most, prices fall, amounts that would have passed are at most so much.
#[test]
fn prices_may_fall() {
    let lines = "
        09:31:00 A bid 700.01
        09:31:00 A bid 605.00
        09:31:00 A bid 695.00
        09:31:00 A bid 700.00
        09:32:00 B bid 695.00
        09:32:00 B bid 589.00
        09:56:00 B bid 690.00
        10:00:00 P match
        10:01:00 A bid 590.00
        10:02:00 B bid 580.00";
    let holder = json!({ "may_match": true, "holders": [{ "bidder": "P", "rank": 1 }] });
    let rule = [
        ("/rules/direction", json!("down")),
        ("/rules/floor_price", json!("585.00")),
        ("/rules/step", json!({ "min": "10.00", "max": "100.00", "multiple_of": "10.00" })),
        ("/rules/priority", holder),
        ("/rules/reserve_price", json!("600.00")),
    ];
    let result = tell(
        &second(lines, &rule),
        &[
            "above_opening 700.00",
            "off_multiple",
            "off_multiple",
            "A 700.00 10:00:00",
            "below_step 690.00",
            "above_step 600.00",
            "B 690.00 10:01:00",
            "P 690.00 10:05:00",
            "A 590.00 10:06:00",
            "below_floor 590.00",
        ],
    );
    assert_eq!(result["decisions"][4]["maximum"], "690.00");
    assert_eq!(result["decisions"][9]["minimum"], "590.00");
    // B's and P's 690.00 do not reach the secret limit of 600.00.
    assert_eq!(award(&result), "sold - A 590.00 []");
}

#[test]
fn under_nothing_nobody_can_bid() {
    let rule = [("/rules/direction", json!("down")), ("/rules/step", json!({ "min": "10.00" }))];
    let result = run(&second("09:31:00 A bid 5.00\n 09:32:00 B bid 0.00", &rule));
    assert_eq!(result["decisions"][1], json!({ "seq": 2, "accepted": false, "reason": "below_step" }));
    assert_eq!(
        Rejection::BelowStep { bound: Bound::AtMost(crate::kernel::Fen(-500)) }.sentence(PriceUnit::Whole),
        "降价不足，已经没有更低的价可报"
    );
}

#[test]
fn proxy_and_sealed_purchases() {
    let proxy = [
        ("/rules/mode", json!("proxy")),
        ("/rules/direction", json!("down")),
        ("/rules/step", json!({ "min": "10.00" })),
    ];
    let lines = "09:31:00 A bid 500.00\n 09:32:00 B bid 600.00\n 09:33:00 C bid 490.00\n 09:34:00 B bid 485.00";
    let result = tell(
        &second(lines, &proxy),
        &["A 700.00 10:00:00", "A 590.00 10:00:00", "C 490.00 10:00:00", "below_step 480.00"],
    );
    assert_eq!(award(&result), "sold - C 490.00 [A B]");
    let sealed = [
        ("/rules/mode", json!("sealed")),
        ("/rules/direction", json!("down")),
        ("/rules/sealed", json!({ "revisions": 0 })),
    ];
    assert_eq!(award(&run(&second(lines, &sealed))), "sold - C 490.00 [A B]");
}

/// Domain 10.6 in a trace: 23.50 mu at 700.00, eight years, two increases.
#[test]
fn the_result_says_what_the_price_comes_to() {
    let price = json!({
        "unit": "yuan_per_mu_year", "quantity": "23.50", "term_months": 96,
        "increases": [{ "from_year": 5, "percent": "10.00" }, { "from_year": 8, "percent": "10.00" }]
    });
    let result = run(&second("09:31:00 A bid 700.00", &[("/rules/price", price)]));
    assert_eq!(
        (&result["unit"], &result["first_year"], &result["total"]),
        (&json!("yuan_per_mu_year"), &json!("16450.00"), &json!("139989.50"))
    );
    // Floor area is bid like a price, and is no money.
    let result = run(&second("09:31:00 A bid 700.00", &[("/rules/price", json!({ "unit": "m2" }))]));
    assert_eq!((&result["unit"], &result["price"], &result["total"]), (&json!("m2"), &json!("700.00"), &Value::Null));
}

fn draw() -> Value {
    let party = |name: &str, byte: u8| {
        let value = [byte; 32];
        json!({ "party": name, "commitment": hex(&commitment("lot_1", 1, name, &value)), "value": hex(&value) })
    };
    json!({
        "lot": "lot_1", "round": 1, "closing_index": 40, "first_opening_index": 41,
        "checkpoint": "xiangji.example/log\n41\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "parties": [party("B", 2), party("C", 3), party("村监督小组", 4)]
    })
}

fn drawn(changes: &[(&str, Value)]) -> Value {
    let rule = [
        ("/rules/mode", json!("sealed")),
        ("/rules/sealed", json!({ "revisions": 0 })),
        ("/rules/tie", json!("draw")),
        ("/rules/draw", draw()),
    ];
    let lines = "09:31:00 A bid 5000.00\n 09:32:00 C bid 5200.00\n 09:33:00 B bid 5200.00";
    with(second(lines, &rule), changes)
}

/// Domain 10.5, sealed: B and C 5,200 each; with the draw one of them by the seed, with its proof in the document.
#[test]
fn a_draw_carries_its_proof() {
    let result = run(&drawn(&[]));
    let drawn_order = award(&result);
    assert!(["sold - B 5200.00 [C A]", "sold - C 5200.00 [B A]"].contains(&drawn_order.as_str()), "{drawn_order}");
    // Who stayed away in an earlier round comes last, whatever the seed.
    for (gone, expected) in [("B", "sold - C 5200.00 [B A]"), ("C", "sold - B 5200.00 [C A]")] {
        assert_eq!(award(&run(&drawn(&[("/rules/draw/withheld", json!([gone]))]))), expected);
    }
    let refused = |changes: &[(&str, Value)]| replay(&drawn(changes).to_string()).expect_err("a fault").to_string();
    assert!(refused(&[("/rules/draw/parties/1/value", Value::Null)]).contains("C 没有公开数值"));
    assert!(refused(&[("/rules/draw/parties/1/value", json!("00".repeat(32)))]).contains("与其承诺值不符"));
    assert!(refused(&[("/rules/draw/first_opening_index", json!(40))]).contains("晚于第一个公开的数值"));
    assert!(refused(&[("/rules/draw_seed", json!("00ff"))]).contains("与 draw 算出的种子不符"));
}

/// Nothing of an exercise can be read as a trade, or written as one.
#[test]
fn an_exercise_is_marked_in_every_document() {
    let mut trace = second("09:31:00 A bid 700.00", &[]);
    trace["format"] = json!("xiangji-practice-trace/2");
    let result = run(&trace);
    assert_eq!((&result["format"], &result["status"]), (&json!("xiangji-practice-result/2"), &json!("sold")));
    let names = ["A", "B", "C", "P", "Q"].map(str::to_owned);
    let rules = read_rules(&trace["rules"].to_string(), &names, true).expect("rules");
    let written = write_trace(&rules, &names, &[]);
    assert!(rules.practice && written.contains("xiangji-practice-trace/2"), "{written}");
    // The same rules of a trade need no second format.
    assert!(write_trace(&Rules { practice: false, ..rules }, &names, &[]).contains("xiangji-auction-trace/1"));
}

/// A trade whose auction has ended can be terminated while a draw or a criterion has still to decide, at the time that the rules
/// name and at no other.
#[test]
fn a_trade_is_called_off_only_while_something_else_than_a_bid_decides() {
    let lines = "
        09:31:00 A bid 745.00
        09:32:00 B bid 745.00
        10:20:00 terminate
        10:30:00 terminate
        10:40:00 terminate";
    let told = |lines: &str, by: &str, called_off: Value| {
        let rules = [
            ("/rules/ceiling_price", json!("745.00")),
            ("/rules/at_ceiling", json!(by)),
            ("/rules/draw_seed", json!("")),
            ("/rules/called_off_at", called_off),
        ];
        let result = run(&second(lines, &rules));
        let last = |n: usize| told(&result)[n].clone();
        (award(&result), last(result["decisions"].as_array().expect("a list").len() - 2))
    };
    let at = json!("2026-03-02T10:30:00+08:00");
    for by in ["criterion", "draw"] {
        let expected = ("terminated - - - []".to_owned(), "A 745.00 10:00:00".to_owned());
        assert_eq!(told(lines, by, at.clone()), expected, "{by}");
    }
    assert_eq!(told(lines, "criterion", Value::Null).1, "closed");
    assert_eq!(told(lines, "criterion", json!("2026-03-02T10:30:01+08:00")).1, "closed", "another time");
    // Nobody else came to the ceiling: A has won, and nothing can be called off.
    let alone = "09:31:00 A bid 745.00\n 10:30:00 terminate\n 10:40:00 terminate";
    assert_eq!(told(alone, "criterion", at), ("sold - A 745.00 []".to_owned(), "closed".to_owned()));
}

/// A rule that the reader does not know is never left out in silence; in a command it is.
#[test]
fn rules_that_nobody_knows_are_a_fault() {
    let good = second("09:31:00 A bid 700.00", &[]);
    run(&good);
    for place in ["/rules/later", "/rules/step/later", "/rules/extension/later"] {
        let fault = replay(&with(good.clone(), &[(place, Value::Null)]).to_string()).expect_err(place);
        assert!(fault.to_string().contains("later"), "{fault}");
    }
    run(&with(good.clone(), &[("/commands/0/later", json!(1)), ("/later", json!(1))]));
    // In the first format the new modes are no modes, and its own are all there is.
    for mode in ["countdown", "turns", "clock_sealed"] {
        let first = with(ascending(json!([])), &[("/rules/mode", json!(mode))]);
        assert!(replay(&first.to_string()).is_err(), "{mode}");
    }
}

#[test]
fn documents_of_the_second_format_that_are_not_well_formed() {
    let countdown = |terms: Value| {
        vec![("/rules/mode", json!("countdown")), ("/rules/extension", Value::Null), ("/rules/countdown", terms)]
    };
    let at_the_top = |criterion: Value| {
        let top = [("/rules/at_ceiling", json!("criterion")), ("/rules/ceiling_price", json!("800.00"))];
        [top.to_vec(), vec![("/rules/criterion", criterion)]].concat()
    };
    run(&second("09:31:00 A bid 700.00", &at_the_top(json!({ "text": "评分", "order": ["A", "B"] }))));
    let clock = json!({ "decrement": "1.00", "tick_s": 60, "floor": "1.00" });
    let faults: Vec<Vec<(&str, Value)>> = vec![
        vec![("/rules/direction", json!("sideways"))],
        vec![("/rules/floor_price", json!("600.00"))],
        vec![("/rules/direction", json!("down")), ("/rules/ceiling_price", json!("800.00"))],
        vec![("/rules/direction", json!("down")), ("/rules/floor_price", json!("700.01"))],
        vec![("/rules/at_ceiling", json!("draw"))],
        vec![("/rules/at_ceiling", json!("draw")), ("/rules/ceiling_price", json!("800.00"))],
        vec![
            ("/rules/at_ceiling", json!("criterion")),
            ("/rules/ceiling_price", json!("800.00")),
            ("/rules/mode", json!("proxy")),
        ],
        vec![("/rules/criterion", json!({ "text": "评分" }))],
        at_the_top(json!({ "order": ["A"] })),
        at_the_top(json!({ "text": "评分", "order": ["A", "A"] })),
        at_the_top(json!({ "text": "评分", "order": ["A", "X"] })),
        at_the_top(json!({ "text": "评分", "order": "A" })),
        at_the_top(json!({ "text": "评分", "later": 1 })),
        vec![("/rules/called_off_at", json!("tomorrow"))],
        vec![("/rules/fallback", json!("wait"))],
        vec![("/rules/mode", json!("countdown"))],
        countdown(Value::Null),
        countdown(json!({ "seconds": 0 })),
        countdown(json!({ "seconds": 1801 })),
        countdown(json!({ "seconds": 1, "wait_s": 1800 })),
        countdown(json!({ "seconds": 60, "hard_close_at": "2026-03-02T09:59:59+08:00" })),
        [
            countdown(json!({ "seconds": 60 })),
            vec![("/rules/extension", json!({ "window_s": 1, "from": "bid", "by_s": 1 }))],
        ]
        .concat(),
        vec![("/rules/mode", json!("turns")), ("/rules/sealed", json!({ "revisions": 0 }))],
        vec![("/rules/mode", json!("turns")), ("/rules/turns", json!({ "rounds": 1, "turn_s": 60 }))],
        vec![
            ("/rules/mode", json!("turns")),
            ("/rules/sealed", json!({ "revisions": 0 })),
            ("/rules/turns", json!({ "rounds": 0, "turn_s": 60 })),
        ],
        vec![
            ("/rules/mode", json!("clock_sealed")),
            ("/rules/sealed", json!({ "revisions": 0 })),
            ("/rules/clock", clock.clone()),
        ],
        vec![("/rules/mode", json!("clock")), ("/rules/clock", clock), ("/rules/direction", json!("down"))],
        vec![("/rules/outage", json!({}))],
        vec![("/rules/price", json!({ "unit": "yuan_per_mu_year", "term_months": 12 }))],
        vec![("/rules/price", json!({ "unit": "dollar" }))],
        vec![(
            "/rules/price",
            json!({ "unit": "yuan_per_year", "term_months": 24, "increases": [{ "from_year": 2 }] }),
        )],
        vec![("/rules/price", json!({ "unit": "yuan_per_year", "term_months": 24, "increases": 5 }))],
        vec![("/rules/draw", json!({}))],
        vec![("/commands", commands("09:31:00 A bid 700.00\n 09:40:00 outage 09:30:59"))],
    ];
    run(&second("09:31:00 A bid 700.00", &[]));
    for changes in faults {
        let text = second("09:31:00 A bid 700.00", &changes).to_string();
        let fault = replay_main(text.as_bytes()).expect_err(&format!("{changes:?}"));
        assert!(!fault.is_empty() && !fault.contains('\n'), "{fault}");
    }
}

#[test]
fn new_refusals_say_what_would_have_been_accepted() {
    let from = "2026-03-02T10:05:00+08:00".parse().expect("a time");
    let turn = Rejection::NotYourTurn { from: Some(from) }.problem(PriceUnit::Whole);
    assert_eq!((turn.code.code, &turn.extra["from"]), ("not_your_turn", &json!("2026-03-02T10:05:00+08:00")));
    assert_eq!(turn.detail, "现在没有轮到您报价，请于 2026-03-02 10:05:00 起留意您的时段");
    assert_eq!(
        Rejection::BetweenPhases { from }.sentence(PriceUnit::Whole),
        "现在是间歇，请于 2026-03-02 10:05:00 起报价"
    );
    let terms = Some(OutageTerms { at_least_s: 60, window_s: Some(300) });
    let outage = Rejection::OutageNotGivenBack { terms }.problem(PriceUnit::Whole);
    assert_eq!(
        (outage.detail.as_str(), &outage.extra["at_least_s"]),
        ("停机满 60 秒并且波及结束前 300 秒才顺延，结束时间不变", &json!(60))
    );
    // Each has its own sentence, and none is its title alone.
    let below = Rejection::BelowOpening { bound: Bound::AtMost(crate::kernel::Fen(70_000)) };
    assert_eq!(
        (below.code(), below.sentence(PriceUnit::Whole)),
        ("above_opening", "报价高于起始价，最多可出 700.00 元".to_owned())
    );
}
