//! The rules by example: the contract's document, domain vectors, every reason, every fault of a document.

use serde_json::{Value, json};

use super::*;
use crate::kernel::{Fen, Problem};

/// The contract's example with `commands` and nobody with priority.
fn ascending(commands: Value) -> Value {
    json!({
        "format": "xiangji-auction-trace/1",
        "rules": {
            "mode": "ascending", "opening_price": "700.00",
            "step": { "min": "10.00", "max": "100.00" },
            "opens_at": "2026-03-02T09:30:00+08:00", "closes_at": "2026-03-02T10:00:00+08:00",
            "extension": { "window_s": 300, "from": "bid", "by_s": 300 },
            "tie": "earliest", "min_bidders": 1, "leader_may_raise": false
        },
        "bidders": ["A", "B", "C", "P", "Q"],
        "commands": commands
    })
}

/// `09:31:00 A bid 700.00` per line; numbers `seq` itself.
fn commands(lines: &str) -> Value {
    let lines = lines.lines().map(str::trim).filter(|l| !l.is_empty());
    let command = |(i, line): (usize, &str)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = json!({ "seq": i + 1, "at": format!("2026-03-02T{}+08:00", words[0]) });
        let kind = match words.as_slice() {
            [_, kind] => kind,
            [_, bidder, kind, rest @ ..] => {
                command["bidder"] = json!(bidder);
                if let [amount] = rest {
                    command["amount"] = json!(amount);
                }
                kind
            }
            _ => panic!("{line}"),
        };
        command["type"] = json!(kind);
        command
    };
    Value::Array(lines.enumerate().map(command).collect())
}

fn with(mut trace: Value, changes: &[(&str, Value)]) -> Value {
    for (path, value) in changes {
        let (parent, last) = path.rsplit_once('/').expect("a pointer");
        match trace.pointer_mut(parent).expect(path) {
            Value::Array(items) => items[last.parse::<usize>().expect("a place")] = value.clone(),
            object => object[last] = value.clone(),
        }
    }
    trace
}

fn run(trace: &Value) -> Value {
    let text = replay(&trace.to_string()).expect("a well-formed document");
    serde_json::from_str(&text).expect("JSON")
}

/// One word a decision: the reason with its bound, or leader, price and end.
fn told(result: &Value) -> Vec<String> {
    let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let decision = |d: &Value| {
        if d["accepted"] == true {
            let end = text(&d["closes_at"]);
            let end = end.split_once('T').map_or("", |(_, t)| t).trim_end_matches("+08:00");
            return format!("{} {} {end}", text(&d["leader"]), text(&d["price"]));
        }
        let bound = d.get("minimum").or(d.get("maximum")).map(|b| format!(" {}", text(b)));
        format!("{}{}", text(&d["reason"]), bound.unwrap_or_default())
    };
    result["decisions"].as_array().expect("a list").iter().map(decision).collect()
}

fn tell(trace: &Value, expected: &[&str]) -> Value {
    let result = run(trace);
    assert_eq!(told(&result), expected);
    result
}

fn award(result: &Value) -> String {
    let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
    let successors: Vec<String> = result["successors"].as_array().expect("a list").iter().map(text).collect();
    let (status, reason) = (text(&result["status"]), text(&result["reason"]));
    format!("{status} {reason} {} {} [{}]", text(&result["winner"]), text(&result["price"]), successors.join(" "))
}

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
        priority: Some(Priority { may_match: true, holders: vec![(Bidder(3), 1)] }),
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
        &[("/format", json!("xiangji-auction-trace/2"))],
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

#[test]
fn sentences_say_what_would_have_been_accepted() {
    let below = Rejection::BelowStep { minimum: Fen(71_000) };
    assert_eq!(below.sentence(), "出价低于最低要求，至少应为 710.00 元");
    let problem = Problem::from(below);
    assert_eq!((problem.code.code, &problem.extra["minimum"]), ("below_step", &json!("710.00")));
    let above = Problem::from(Rejection::AboveCeiling { maximum: Fen(86_000) });
    assert_eq!(above.extra["maximum"], "860.00");
    assert!(above.detail.contains("860.00"));
}

#[test]
fn the_window_begins_exactly_there() {
    let extension = json!({ "window_s": 300, "from": "close", "by_s": 60 });
    let trace =
        |at: &str| with(ascending(commands(&format!("{at} A bid 700.00"))), &[("/rules/extension", extension.clone())]);
    tell(&trace("09:54:59.999999"), &["A 700.00 10:00:00"]);
    tell(&trace("09:55:00"), &["A 700.00 10:01:00"]);
}
