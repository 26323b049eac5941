//! Rules as other platforms and authorities publish them, each as settings of this engine: who knows one of them finds it
//! here.

use serde_json::{Value, json};

use super::*;

/// An auction of the given mode that has no extension unless `changes` give it one.
fn of(mode: &str, lines: &str, changes: &[(&str, Value)]) -> Value {
    let base = second(lines, &[("/rules/mode", json!(mode)), ("/rules/extension", Value::Null)]);
    with(base, changes)
}

/// Taicang, state land: free bidding, then, if there are two bidders, four minutes that each bid starts again.
#[test]
fn taicang_four_minutes_restarting_if_there_are_two() {
    let rule = [("/rules/countdown", json!({ "seconds": 240, "needs_bidders": 2 }))];
    let result = run(&of("countdown", "09:40:00 A bid 700.00", &rule));
    assert_eq!(
        (award(&result), &result["closed_at"]),
        ("sold - A 700.00 []".into(), &json!("2026-03-02T09:56:00+08:00"))
    );
    let result = run(&of("countdown", "09:40:00 A bid 700.00\n 09:41:00 B bid 710.00\n 09:59:00 A bid 720.00", &rule));
    assert_eq!(
        (award(&result), &result["closed_at"]),
        ("sold - A 720.00 [B]".into(), &json!("2026-03-02T10:03:00+08:00"))
    );
    // The floor is entered secretly; no bid that reaches it, no sale.
    let floor = [rule[0].clone(), ("/rules/reserve_price", json!("800.00"))];
    assert_eq!(award(&run(&of("countdown", "09:40:00 A bid 700.00", &floor))), "failed below_reserve - - []");
}

/// Fujian: two bidders at the end of the listing, 15 minutes of waiting, five of countdown.
#[test]
fn fujian_waits_a_quarter_of_an_hour_before_the_countdown() {
    let rule = [("/rules/countdown", json!({ "seconds": 300, "wait_s": 900, "needs_bidders": 2 }))];
    tell(
        &of(
            "countdown",
            "09:35:00 A bid 700.00\n 09:36:00 B bid 710.00\n 09:54:59 A bid 720.00\n 09:55:00 A bid 720.00",
            &rule,
        ),
        &["A 700.00 09:40:00", "B 710.00 10:00:00", "between_phases 09:55:00", "A 720.00 10:00:00"],
    );
}

/// Qinzhou: an hour free and always five minutes of countdown. Yunnan "continuous": countdown only.
#[test]
fn qinzhou_and_yunnan_count_down_always() {
    let qinzhou =
        [("/rules/opens_at", json!("2026-03-02T08:55:00+08:00")), ("/rules/countdown", json!({ "seconds": 300 }))];
    let result = run(&of("countdown", "08:55:00 A bid 700.00", &qinzhou));
    assert_eq!(result["closed_at"], "2026-03-02T10:00:00+08:00");
    let continuous = [("/rules/countdown", json!({ "seconds": 1800 }))];
    tell(
        &of("countdown", "09:30:00 A bid 700.00\n 09:45:00 B bid 710.00", &continuous),
        &["A 700.00 10:00:00", "B 710.00 10:15:00"],
    );
}

/// Open land lease ("texas"): rounds of 180 s, a bid a multiple of the step, nobody in a round ends it, hard end 17:00.
#[test]
fn a_round_without_a_bid_ends_it_and_five_in_the_afternoon_does_too() {
    let rule = [
        ("/rules/opens_at", json!("2026-03-02T16:50:00+08:00")),
        ("/rules/closes_at", json!("2026-03-02T16:53:00+08:00")),
        ("/rules/countdown", json!({ "seconds": 180, "hard_close_at": "2026-03-02T17:00:00+08:00" })),
        ("/rules/step", json!({ "min": "10.00", "multiple_of": "10.00" })),
    ];
    let lines = "16:52:00 A bid 700.00\n 16:54:00 B bid 715.00\n 16:54:00 B bid 720.00\n 16:56:59 A bid 730.00";
    let expected = ["A 700.00 16:55:00", "off_multiple", "B 720.00 16:57:00", "A 730.00 16:59:59"];
    tell(&of("countdown", lines, &rule), &expected);
    let more = format!("{lines}\n 16:59:00 B bid 740.00\n 17:00:00 A bid 750.00");
    assert_eq!(told(&run(&of("countdown", &more, &rule)))[4..], ["B 740.00 17:00:00", "closed"]);
}

/// Three rounds of two minutes a bidder: 11 + 6 n minutes with the two of the announcement; the lower price wins.
#[test]
fn three_rounds_last_eleven_minutes_and_six_a_bidder() {
    let rule = [
        ("/rules/direction", json!("down")),
        ("/rules/turns", json!({ "rounds": 3, "turn_s": 120, "first_pause_s": 300, "pause_s": 120 })),
        ("/rules/sealed", json!({ "revisions": "unlimited" })),
    ];
    let lines = "09:31:00 A bid 690.00\n 09:32:00 B bid 680.00\n 09:33:00 C bid 685.00\n 10:05:00 A bid 670.00";
    let result = run(&of("turns", lines, &rule));
    assert_eq!(result["closed_at"], "2026-03-02T10:27:00+08:00"); // 9 + 6 × 3 minutes after 10:00
    assert_eq!(award(&result), "sold - A 670.00 [B C]");
}

/// Dutch hybrid: 81 steps of 1 % in 405 minutes, ten minutes sealed above the clock, five for who stopped it.
#[test]
fn eighty_falls_then_sealed_then_the_best_bid() {
    let rule = [
        ("/rules/opens_at", json!("2026-03-02T09:00:00+08:00")),
        ("/rules/closes_at", json!("2026-03-02T15:45:00+08:00")),
        ("/rules/step", Value::Null),
        ("/rules/opening_price", json!("1000.00")),
        ("/rules/clock", json!({ "decrement": "10.00", "tick_s": 300, "floor": "200.00" })),
        ("/rules/sealed", json!({ "revisions": "unlimited" })),
        ("/rules/after_clock", json!({ "pause_s": 30, "sealed_s": 600, "best_s": 300 })),
    ];
    tell(&of("clock_sealed", "15:44:59 A accept", &rule), &["A 200.00 15:55:29"]);
    assert_eq!(award(&run(&of("clock_sealed", "", &rule))), "failed no_bids - - []");
    let lines = "10:00:00 A accept\n 10:05:00 B bid 890.00\n 10:06:00 B bid 881.00\n 10:12:00 A bid 881.01";
    let result = tell(
        &of("clock_sealed", lines, &rule),
        &["A 880.00 10:10:30", "A 880.00 10:16:00", "A 880.00 10:16:00", "A 881.01 10:16:00"],
    );
    assert_eq!(award(&result), "sold - A 881.01 [B]");
}

/// A start price alone does not sell: a floor of the start price and one step; the second stands in line.
#[test]
fn start_and_one_step_or_no_sale() {
    let rule = [("/rules/reserve_price", json!("710.00"))];
    assert_eq!(award(&run(&of("ascending", "09:31:00 A bid 700.00", &rule))), "failed below_reserve - - []");
    let lines = "09:31:00 A bid 710.00\n 09:32:00 B bid 720.00";
    assert_eq!(award(&run(&of("ascending", lines, &rule))), "sold - B 720.00 [A]");
}

/// Court auctions (法释〔2016〕18号): one bidder at the start price is a sale (art. 11); holders of different order, the
/// higher one (art. 21); of the same order, the earlier bid.
#[test]
fn court_one_bidder_buys_and_the_better_holder_goes_first() {
    let holders = |p: i64, q: i64| {
        let holders = json!([{ "bidder": "P", "rank": p }, { "bidder": "Q", "rank": q }]);
        [("/rules/priority", json!({ "may_match": true, "holders": holders }))]
    };
    assert_eq!(award(&run(&of("ascending", "09:31:00 A bid 700.00", &[]))), "sold - A 700.00 []");
    let lines = "09:31:00 A bid 700.00\n 09:32:00 Q match\n 09:33:00 P match";
    assert_eq!(award(&run(&of("ascending", lines, &holders(1, 2)))), "sold - P 700.00 [Q A]");
    assert_eq!(award(&run(&of("ascending", lines, &holders(1, 1)))), "sold - Q 700.00 [A]");
}

/// Shenzhen number plates: one price and two corrections, the last counts.
#[test]
fn one_sealed_price_and_two_corrections() {
    let rule = [("/rules/step", Value::Null), ("/rules/sealed", json!({ "revisions": 2 }))];
    let lines = "09:31:00 A bid 900.00\n 09:32:00 A bid 700.00\n 09:33:00 A bid 800.00\n 09:34:00 A bid 850.00";
    let seen = ["- - 10:00:00", "- - 10:00:00", "- - 10:00:00", "revisions_used"];
    assert_eq!(award(&tell(&of("sealed", lines, &rule), &seen)), "sold - A 800.00 []");
}

/// Tianhe: steps of 5,000 and at most 50,000 a bid above a floor of 607,755 a month, three minutes of extension.
#[test]
fn tianhe_at_most_fifty_thousand_a_bid() {
    let rule = [
        ("/rules/opening_price", json!("607755.00")),
        ("/rules/step", json!({ "min": "5000.00", "max": "50000.00" })),
        ("/rules/extension", json!({ "window_s": 180, "from": "bid", "by_s": 180 })),
    ];
    let lines =
        "09:31:00 A bid 607755.00\n 09:32:00 B bid 657755.01\n 09:58:00 B bid 657755.00\n 09:59:00 A bid 662754.99";
    tell(
        &of("ascending", lines, &rule),
        &["A 607755.00 10:00:00", "above_step 657755.00", "B 657755.00 10:01:00", "below_step 662755.00"],
    );
    assert_eq!(award(&run(&of("ascending", "", &rule))), "failed no_bids - - []");
}

/// Jiangsu: holders of one order at one price; the draw says who is first, second and third.
#[test]
fn jiangsu_draws_first_second_and_third() {
    let holders = json!([
        { "bidder": "A", "rank": 1 }, { "bidder": "B", "rank": 1 }, { "bidder": "C", "rank": 1 }, { "bidder": "P", "rank": 2 }
    ]);
    let rule = [
        ("/rules/tie", json!("draw")),
        ("/rules/draw_seed", json!("00ff")),
        ("/rules/priority", json!({ "may_match": true, "holders": holders })),
    ];
    let lines = "
        09:31:00 Q bid 700.00
        09:32:00 P match
        09:33:00 A match
        09:33:00 P match
        09:34:00 B match
        09:34:00 B match
        09:35:00 C match";
    let result = tell(
        &of("ascending", lines, &rule),
        &[
            "Q 700.00 10:00:00",
            "P 700.00 10:00:00",
            "A 700.00 10:00:00",
            "match_not_allowed",
            "A 700.00 10:00:00",
            "match_not_allowed",
            "A 700.00 10:00:00",
        ],
    );
    // `printf '\x00\xffC' | sha256sum` begins with bd, A's with a9, B's with f8.
    assert_eq!(award(&result), "sold - A 700.00 [C B P Q]");
    // Without the draw the earlier stands, and no equal comes in.
    let earlier = with(of("ascending", lines, &rule), &[("/rules/priority/draw_among_equals", json!(false))]);
    assert_eq!(award(&run(&earlier)), "sold - A 700.00 [P Q]");
}

/// Changzhou: at most 1,000 yuan a mu against wild bids; who reaches it goes into the draw, or other terms decide.
#[test]
fn changzhou_a_cap_then_the_draw_or_other_terms() {
    let rule = |by: &str| {
        [
            ("/rules/ceiling_price", json!("745.00")),
            ("/rules/at_ceiling", json!(by)),
            ("/rules/draw_seed", json!("00ff")),
            ("/rules/step", json!({ "min": "10.00", "multiple_of": "10.00" })),
        ]
    };
    let lines = "
        09:31:00 A bid 740.00
        09:32:00 B bid 742.00
        09:32:00 B bid 750.00
        09:32:00 B bid 745.00
        09:33:00 C bid 745.00
        09:33:00 C bid 745.00
        09:34:00 A bid 745.00";
    let seen = [
        "A 740.00 10:00:00",
        "below_step 745.00",
        "above_ceiling 745.00",
        "B 745.00 10:00:00",
        "B 745.00 10:00:00",
        "already_leading",
        "B 745.00 10:00:00",
    ];
    let result = tell(&of("ascending", lines, &rule("draw")), &seen);
    assert_eq!(award(&result), "sold - A 745.00 [C B]");
    let result = tell(&of("ascending", lines, &rule("criterion")), &seen);
    assert_eq!((award(&result), &result["candidates"]), ("undecided - - 745.00 []".into(), &json!(["B", "C", "A"])));
    // What officers decided by the criterion comes as a fact, and only as a whole.
    let ranked = |order: Value| {
        let criterion = json!({ "text": "本村成员优先", "order": order });
        run(&with(of("ascending", lines, &rule("criterion")), &[("/rules/criterion", criterion)]))
    };
    assert_eq!(award(&ranked(json!(["A", "B", "C"]))), "sold - A 745.00 [B C]");
    assert_eq!(award(&ranked(json!(["C", "A", "B"]))), "sold - C 745.00 [A B]");
    for not_all in [json!(null), json!([]), json!(["A", "B"]), json!(["A", "B", "C", "P"]), json!(["A", "B", "P"])] {
        let result = ranked(not_all);
        assert_eq!(
            (award(&result), &result["candidates"]),
            ("undecided - - 745.00 []".into(), &json!(["B", "C", "A"]))
        );
    }
    // One alone at the cap has simply won; and without the rule nobody comes to it with less than a step.
    let alone = lines.lines().take(5).collect::<Vec<_>>().join("\n");
    assert_eq!(award(&run(&of("ascending", &alone, &rule("criterion")))), "sold - B 745.00 [A]");
    let hard = with(of("ascending", lines, &rule("draw")), &[("/rules/at_ceiling", Value::Null)]);
    assert_eq!(told(&run(&hard))[3..5], ["below_step 750.00", "below_step 750.00"]);
}

/// Who is no candidate comes after those who are, and by the draw where the rules have one: here a priority holder of a worse rank.
#[test]
fn the_criterion_decides_among_its_candidates_and_nobody_else() {
    let holders = json!([{ "bidder": "A", "rank": 1 }, { "bidder": "B", "rank": 1 }, { "bidder": "P", "rank": 2 },
        { "bidder": "Q", "rank": 2 }]);
    let lines = "
        09:31:00 A bid 745.00
        09:32:00 P bid 745.00
        09:33:00 B bid 745.00
        09:34:00 Q bid 745.00
        09:35:00 C bid 745.00";
    let told = |order: Value, seed: &str| {
        let rules = [
            ("/rules/ceiling_price", json!("745.00")),
            ("/rules/at_ceiling", json!("criterion")),
            ("/rules/criterion", json!({ "text": "经营方案评分", "order": order })),
            ("/rules/priority", json!({ "may_match": true, "draw_among_equals": true, "holders": holders })),
            ("/rules/draw_seed", json!(seed)),
            ("/bidders", json!(["A", "B", "C", "P", "Q"])),
        ];
        let result = run(&of("ascending", lines, &rules));
        (award(&result), result["candidates"].clone())
    };
    assert_eq!(told(Value::Null, "00ff"), ("undecided - - 745.00 []".into(), json!(["A", "B"])));
    let orders: std::collections::BTreeSet<String> =
        (0..32).map(|seed| told(json!(["B", "A"]), &format!("{seed:02x}")).0).collect();
    let both = ["sold - B 745.00 [A P Q C]", "sold - B 745.00 [A Q P C]"].map(str::to_owned);
    assert_eq!(orders, std::collections::BTreeSet::from(both), "the seed moves P and Q alone");
}

/// Estonia: five slipping minutes without limit, steps by magnitude.
#[test]
fn slipping_end_and_steps_by_magnitude() {
    let table = json!([
        { "from": "0.00", "min": "0.01" }, { "from": "1.00", "min": "0.10" }, { "from": "10.00", "min": "1.00" },
        { "from": "100.00", "min": "10.00" }, { "from": "1000.00", "min": "100.00" }, { "from": "10000.00", "min": "1000.00" }
    ]);
    let rule = [
        ("/rules/opening_price", json!("0.99")),
        ("/rules/step", json!({ "table": table })),
        ("/rules/extension", json!({ "window_s": 300, "from": "bid", "by_s": 300 })),
    ];
    let lines = "09:31:00 A bid 0.99\n 09:32:00 B bid 1.00\n 09:33:00 A bid 1.09\n 09:59:00 A bid 999.99\n 10:03:00 B bid 1009.98";
    tell(
        &of("ascending", lines, &rule),
        &["A 0.99 10:00:00", "B 1.00 10:00:00", "below_step 1.10", "A 999.99 10:04:00", "below_step 1009.99"],
    );
}

/// Three qualified or a second round; again too few, negotiation.
#[test]
fn with_fewer_than_three_the_notice_says_what_follows() {
    let rule = |next: Value| [("/rules/min_bidders", json!(3)), ("/rules/fallback", next)];
    let lines = "09:31:00 A bid 700.00\n 09:32:00 B bid 710.00";
    for next in ["second_round", "negotiation", "fail"] {
        let result = run(&of("ascending", lines, &rule(json!(next))));
        assert_eq!((award(&result).as_str(), &result["next"]), ("failed too_few_bidders - - []", &json!(next)));
    }
    assert_eq!(run(&of("ascending", "", &rule(json!("second_round"))))["next"], "second_round");
    assert_eq!(run(&of("ascending", lines, &rule(Value::Null)))["next"], Value::Null);
    let three = format!("{lines}\n 09:33:00 C bid 720.00");
    let result = run(&of("ascending", &three, &rule(json!("negotiation"))));
    assert_eq!((award(&result).as_str(), &result["next"]), ("sold - C 720.00 [B A]", &Value::Null));
}
