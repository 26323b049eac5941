//! The documents: the contract's example byte for byte, what may be odd, every fault.

use serde_json::{Value, json};

use super::*;
use crate::kernel::Fen;

const EXAMPLE: &str = r#"{
  "format": "xiangji-auction-trace/1",
  "rules": {
    "mode": "ascending",
    "opening_price": "700.00",
    "reserve_price": null,
    "ceiling_price": null,
    "step": { "min": "10.00", "max": "100.00", "multiple_of": null, "table": null },
    "opens_at": "2026-03-02T09:30:00+08:00",
    "closes_at": "2026-03-02T10:00:00+08:00",
    "extension": { "window_s": 300, "from": "bid", "by_s": 300, "max_times": null, "hard_close_at": null },
    "priority": { "may_match": true, "holders": [{ "bidder": "P", "rank": 1 }] },
    "tie": "earliest",
    "draw_seed": null,
    "min_bidders": 1,
    "leader_may_raise": false,
    "sealed": null,
    "clock": null
  },
  "bidders": ["A", "B", "C", "P"],
  "commands": [
    { "seq": 1, "at": "2026-03-02T09:31:00+08:00", "bidder": "A", "type": "bid", "amount": "700.00" },
    { "seq": 2, "at": "2026-03-02T09:58:00+08:00", "bidder": "P", "type": "match" },
    { "seq": 3, "at": "2026-03-02T10:01:00+08:00", "bidder": "B", "type": "bid", "amount": "705.00" }
  ]
}
"#;

const EXAMPLE_RESULT: &str = r#"{
  "format": "xiangji-auction-result/1",
  "decisions": [
    { "seq": 1, "accepted": true, "leader": "A", "price": "700.00", "closes_at": "2026-03-02T10:00:00+08:00" },
    { "seq": 2, "accepted": true, "leader": "P", "price": "700.00", "closes_at": "2026-03-02T10:03:00+08:00" },
    { "seq": 3, "accepted": false, "reason": "below_step", "minimum": "710.00" }
  ],
  "status": "sold",
  "reason": null,
  "winner": "P",
  "price": "700.00",
  "closed_at": "2026-03-02T10:03:00+08:00",
  "extensions": 1,
  "successors": ["A"]
}
"#;

#[test]
fn the_contracts_example_byte_for_byte() {
    assert_eq!(replay(EXAMPLE).as_deref(), Ok(EXAMPLE_RESULT));
}

#[test]
fn a_written_trace_reads_back() {
    let offset = Offset::beijing();
    let at = |text: &str| text.parse().expect("a time");
    let rules = Rules {
        mode: Mode::Ascending,
        direction: Direction::Up,
        at_ceiling: None,
        criterion: None,
        draw: None,
        called_off_at: None,
        fallback: None,
        countdown: None,
        turns: None,
        after_clock: None,
        outage: None,
        price: None,
        practice: false,
        opening_price: Fen(70_000),
        reserve_price: None,
        ceiling_price: None,
        step: Some(Step { min: StepMin::Flat(Fen(1_000)), max: Some(Fen(10_000)), multiple_of: None }),
        opens_at: at("2026-03-02T09:30:00+08:00"),
        closes_at: at("2026-03-02T10:00:00+08:00"),
        offset,
        extension: Some(Extension {
            window_s: 300,
            from: ExtensionFrom::Bid,
            by_s: 300,
            max_times: None,
            hard_close_at: None,
        }),
        priority: Some(Priority { may_match: true, draw_among_equals: false, holders: vec![(Bidder(3), 1)] }),
        points: None,
        tie: Tie::Earliest,
        draw_seed: None,
        min_bidders: 1,
        leader_may_raise: false,
        revisions: None,
        clock: None,
    };
    let bidders = ["A", "B", "C", "P"].map(str::to_owned);
    let command = |seq, at: &str, bidder, action| Command {
        seq,
        at: at.parse().expect("a time"),
        bidder: Some(Bidder(bidder)),
        action,
    };
    let commands = [
        command(1, "2026-03-02T09:31:00+08:00", 0, Action::Bid(Some(Fen(70_000)))),
        command(2, "2026-03-02T09:58:00+08:00", 3, Action::Match),
        command(3, "2026-03-02T10:01:00+08:00", 1, Action::Bid(Some(Fen(70_500)))),
    ];
    assert_eq!(write_trace(&rules, &bidders, &commands), EXAMPLE);

    let full = Rules {
        reserve_price: Some(Fen(80_000)),
        ceiling_price: Some(Fen(90_000)),
        step: Some(Step {
            min: StepMin::Table(vec![StepRow { from: Fen(0), min: Fen(5) }, StepRow { from: Fen(100), min: Fen(10) }]),
            max: None,
            multiple_of: Some(Fen(5)),
        }),
        tie: Tie::Draw,
        draw_seed: Some(vec![0, 255]),
        revisions: Some(Revisions::Unlimited),
        clock: Some(ClockTerms { decrement: Fen(1), tick_s: 60, floor: Fen(0) }),
        ..rules
    };
    let text = write_trace(&full, &bidders, &[]);
    let result = replay(&text).expect("well-formed");
    assert!(result.contains("\"decisions\": [],") && result.contains("\"reason\": \"no_bids\""), "{result}");
    assert!(text.contains(r#""draw_seed": "00ff""#) && text.contains(r#""sealed": { "revisions": "unlimited" }"#));
}

#[test]
fn times_carry_the_offset_of_the_end() {
    let trace = with(
        ascending(commands("09:59:00.120 A bid 700.00")),
        &[("/rules/closes_at", json!("2026-03-01T19:00:00.10-07:00"))],
    );
    let result = run(&trace);
    assert_eq!(result["closed_at"], "2026-03-01T19:04:00.12-07:00");
    let zulu = with(trace, &[("/rules/closes_at", json!("2026-03-02T02:00:00z"))]);
    assert_eq!(run(&zulu)["closed_at"], "2026-03-02T02:04:00.12Z");
}

#[test]
fn enormous_figures_do_not_overflow() {
    let most = "999999999999999.99";
    let big = with(
        ascending(json!([
            { "seq": 1, "at": "2026-03-02T09:31:00+08:00", "bidder": "A", "type": "bid", "amount": most },
            { "seq": 2, "at": "9999-12-31T23:59:59.999999-23:59", "bidder": "B", "type": "bid", "amount": most }
        ])),
        &[
            ("/rules/step", json!({ "min": most, "max": most, "multiple_of": "0.03" })),
            ("/rules/opening_price", json!("0.00")),
            ("/rules/extension", json!({ "window_s": i64::MAX, "from": "bid", "by_s": i64::MAX })),
        ],
    );
    let result = run(&big);
    assert_eq!(told(&result)[1], "below_step 1999999999999999.98");
    assert_eq!(result["closed_at"], "9999-12-31T23:59:59.999999+08:00");
    let clock = with(
        big,
        &[
            ("/rules/mode", json!("clock")),
            ("/rules/opening_price", json!(most)),
            ("/rules/closes_at", json!("9999-12-31T23:59:59Z")),
            ("/rules/clock", json!({ "decrement": most, "tick_s": 1, "floor": "0.01" })),
            ("/commands/1/type", json!("accept")),
            ("/commands/1/at", json!("9998-12-31T23:59:59Z")),
        ],
    );
    assert_eq!(told(&run(&clock)), ["wrong_mode", "B 0.01 23:59:59Z"]);
}

#[test]
fn members_may_be_missing_unknown_or_repeated() {
    let text = EXAMPLE
        .replace("\"seq\": 1,", "\"seq\": 7, \"note\": 1e999, \"seq\": 1,")
        .replace("\"reserve_price\": null,", "\"reserve_price\": 5, \"reserve_price\": null, \"later\": {\"a\": [1]},");
    assert_ne!(text, EXAMPLE);
    assert_eq!(replay(&text).as_deref(), Ok(EXAMPLE_RESULT));
    let mut bare: Value = serde_json::from_str(EXAMPLE).expect("JSON");
    let rules = bare["rules"].as_object_mut().expect("an object");
    rules.retain(|_, value| !value.is_null());
    for nested in ["step", "extension"] {
        rules[nested].as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    }
    bare["commands"][1]["amount"] = json!("not looked at");
    assert_eq!(replay(&bare.to_string()).as_deref(), Ok(EXAMPLE_RESULT));
}

#[test]
fn documents_that_are_not_well_formed() {
    let good = ascending(commands("09:31:00 A bid 700.00\n 09:31:00 suspend"));
    run(&good);
    let faults: &[&[(&str, Value)]] = &[
        &[("/format", json!("xiangji-auction-trace/3"))],
        &[("/format", Value::Null)],
        &[("/rules", Value::Null)],
        &[("/rules", json!([]))],
        &[("/rules/mode", json!("dutch"))],
        &[("/rules/mode", json!("明标（多次报价）"))],
        &[("/rules/mode", Value::Null)],
        &[("/rules/opening_price", Value::Null)],
        &[("/rules/opening_price", json!(700))],
        &[("/rules/opening_price", json!("0700.00"))],
        &[("/rules/reserve_price", json!("1.0"))],
        &[("/rules/ceiling_price", json!(""))],
        &[("/rules/ceiling_price", json!("699.99"))],
        &[("/rules/step", Value::Null)],
        &[("/rules/step", json!("10.00"))],
        &[("/rules/step/min", Value::Null)],
        &[("/rules/step/min", json!("0.00"))],
        &[("/rules/step/max", json!("0.00"))],
        &[("/rules/step/multiple_of", json!("0.00"))],
        &[("/rules/step/multiple_of", json!(false))],
        &[("/rules/mode", json!("clock")), ("/rules/clock", clock_terms("1.00")), ("/rules/step/max", json!("0.00"))],
        &[("/rules/step/table", json!([]))],
        &[("/rules/step/table", json!([{ "from": "0.01", "min": "1.00" }]))],
        &[("/rules/step/table", json!([{ "from": "0.00", "min": "0.00" }]))],
        &[("/rules/step/table", json!([{ "from": "0.00" }]))],
        &[("/rules/step/table", json!([5]))],
        &[("/rules/step/table", json!([{ "from": "0.00", "min": "1.00" }, { "from": "0.00", "min": "2.00" }]))],
        &[("/rules/opens_at", Value::Null)],
        &[("/rules/opens_at", json!("2026-03-02T10:00:00+08:00"))],
        &[("/rules/closes_at", json!("2026-03-02T10:00:00"))],
        &[("/rules/closes_at", json!("2026-03-02T10:00:00.0000001+08:00"))],
        &[("/rules/extension/window_s", Value::Null)],
        &[("/rules/extension/window_s", json!(-1))],
        &[("/rules/extension/by_s", json!(1.5))],
        &[("/rules/extension/from", json!("end"))],
        &[("/rules/extension/max_times", json!("2"))],
        &[("/rules/extension/hard_close_at", json!("2026-03-02T09:59:59.999999+08:00"))],
        &[("/rules/extension/hard_close_at", json!("soon"))],
        &[("/rules/priority", json!({}))],
        &[("/rules/priority", json!({ "may_match": true }))],
        &[("/rules/priority", json!({ "holders": [] }))],
        &[("/rules/priority", json!({ "may_match": true, "holders": [{ "bidder": "X", "rank": 1 }] }))],
        &[("/rules/priority", json!({ "may_match": true, "holders": [{ "bidder": "A" }] }))],
        &[(
            "/rules/priority",
            json!({ "may_match": true, "holders": [
            { "bidder": "A", "rank": 1 }, { "bidder": "A", "rank": 2 }] }),
        )],
        &[("/rules/tie", Value::Null)],
        &[("/rules/tie", json!("draw"))],
        &[("/rules/draw_seed", json!("0"))],
        &[("/rules/draw_seed", json!("zz"))],
        &[("/rules/min_bidders", Value::Null)],
        &[("/rules/leader_may_raise", Value::Null)],
        &[("/rules/leader_may_raise", json!(0))],
        &[("/rules/mode", json!("sealed"))],
        &[("/rules/mode", json!("sealed")), ("/rules/sealed", json!({}))],
        &[("/rules/sealed", json!({ "revisions": "many" }))],
        &[("/rules/mode", json!("clock"))],
        &[("/rules/clock", clock_terms("700.01"))],
        &[("/rules/clock", json!({ "decrement": "1.00", "tick_s": 0, "floor": "1.00" }))],
        &[("/rules/clock", json!({ "decrement": "1.00", "floor": "1.00" }))],
        &[("/bidders", Value::Null)],
        &[("/bidders", json!(["A", 5]))],
        &[("/bidders", json!(["A", "B", "A"]))],
        &[("/bidders", json!(["A", "B", "A\nA", "A\nA"]))],
        &[("/commands", Value::Null)],
        &[("/commands", json!({}))],
        &[("/commands/1", json!("suspend"))],
        &[("/commands/1", Value::Null)],
        &[("/commands/1/seq", json!(3))],
        &[("/commands/1/seq", json!(1))],
        &[("/commands/1/seq", json!("2"))],
        &[("/commands/1/seq", json!(2.0))],
        &[("/commands/1/seq", Value::Null)],
        &[("/commands/1/at", json!("2026-03-02T09:30:59.999999+08:00"))],
        &[("/commands/1/at", json!("2026-03-02"))],
        &[("/commands/1/at", Value::Null)],
    ];
    for changes in faults {
        let text = with(good.clone(), changes).to_string();
        let fault = replay_main(text.as_bytes()).expect_err(&format!("{changes:?}"));
        assert!(!fault.is_empty() && !fault.contains('\n'), "{fault}");
    }
    for text in ["", "{", "[]", "5", "{} {}", "\u{feff}{}", "{\"format\": \"xiangji-auction-trace/1\"}", "{'a': 1}"] {
        assert!(replay(text).is_err(), "{text}");
    }
    for member in ["format", "rules", "bidders", "commands"] {
        let mut without = good.clone();
        without.as_object_mut().expect("an object").remove(member);
        assert!(replay(&without.to_string()).is_err(), "{member}");
    }
    assert!(replay_main(b"{\"format\": \"\xff\"}").is_err());
    assert!(replay_main(EXAMPLE.as_bytes()).is_ok());
}

fn clock_terms(floor: &str) -> Value {
    json!({ "decrement": "1.00", "tick_s": 1, "floor": floor })
}

/// What the list of faults leaves out is no fault.
#[test]
fn documents_that_are_odd_but_well_formed() {
    for changes in [
        &[("/rules/step/table", json!([{ "from": "0.00", "min": "1.00" }])), ("/rules/step/min", json!("0.00"))][..],
        &[("/rules/ceiling_price", json!("700.00"))],
        &[("/rules/reserve_price", json!("0.00"))],
        &[("/rules/extension/hard_close_at", json!("2026-03-02T10:00:00+08:00"))],
        &[("/rules/extension/window_s", json!(0)), ("/rules/extension/max_times", json!(0))],
        &[("/rules/clock", clock_terms("700.00"))],
        &[("/rules/tie", json!("draw")), ("/rules/draw_seed", json!(""))],
        &[("/rules/min_bidders", json!(0))],
        &[("/bidders", json!(["", "A"]))],
        &[("/rules/priority", json!({ "may_match": true, "holders": [] }))],
        &[("/commands", json!([]))],
    ] {
        run(&with(ascending(commands("09:31:00 A bid 700.00")), changes));
    }
}
