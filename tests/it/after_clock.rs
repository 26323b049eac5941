//! Lots whose clock is followed by sealed prices and a last word: from the terms to the replayed award.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::{Value, json};

use crate::{
    both_backends,
    log_commands::{out, run},
    methods::{admitted, clerk, draft, fields, page, published, replays, says},
    support::{
        app::{Answer, World},
        verified::faults,
    },
    trading::{HOURS, Trade, ok, steering},
};

/// From 700 by 50 a minute; half a minute's pause, ten minutes sealed, five for the last word, as Dutch hybrids are held.
pub fn hybrid(world: &World, change: &[(&str, Value)]) -> Value {
    let mut method = json!({"mode": "clock_sealed", "clock_decrement": "50", "clock_tick_s": 60, "clock_floor": "500",
        "pause_s": 30, "sealed_s": 600, "best_s": 300, "revisions": 0});
    change.iter().for_each(|(name, value)| method[*name] = value.clone());
    let mut terms = draft(world, method);
    (terms["step_max"], terms["priority"]) = (json!(""), json!(""));
    terms
}

pub fn accept(trade: &Trade<'_>, name: &str, at: &str) -> Answer {
    at_hour(trade, at);
    trade.as_(name).post(&trade.path("/bids"), &json!({"type": "accept"}))
}

fn at_hour(trade: &Trade<'_>, at: &str) {
    trade.world.set_time(&format!("2026-03-11T{at}+08:00"));
}

fn hour(at: &str) -> String {
    format!("2026-03-11T{at}+08:00")
}

/// The part that runs, until when; who is best as far as everybody knows, and at which price.
fn stands(trade: &Trade<'_>, at: &str) -> (String, String, Option<String>, Option<String>) {
    at_hour(trade, at);
    let live = trade.lot()["live"].clone();
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let part = |name: &str| word(&live["part"][name]).unwrap_or_else(|| panic!("{live}"));
    (part("part"), part("until"), word(&live["leader"]), word(&live["price"]))
}

fn part(
    name: &str,
    until: &str,
    leader: Option<&str>,
    price: Option<&str>,
) -> (String, String, Option<String>, Option<String>) {
    (name.to_owned(), hour(until), leader.map(str::to_owned), price.map(str::to_owned))
}

/// What the live stream says from the first command up to the state of this moment.
fn heard(trade: &Trade<'_>) -> String {
    let address = trade.world.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let asked = format!("GET {} HTTP/1.1\r\nHost: {address}\r\nLast-Event-ID: 0\r\n\r\n", trade.path("/events"));
    stream.write_all(asked.as_bytes()).unwrap();
    let (mut said, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&said));
        said.extend_from_slice(part.get(..count).unwrap());
        let text = String::from_utf8_lossy(&said);
        if text.split_once("event: state\n").is_some_and(|(_, state)| state.contains("\n\n")) {
            return text.into_owned();
        }
    }
}

/// All that others than who bid can see: pages, lists, the auditor's list, the log, the live stream.
fn seen_by_others(trade: &Trade<'_>) -> String {
    let public = |path: String| ok(trade.world.nobody().get(&path)).text;
    let other = |name: &str, path: String| ok(trade.as_(name).get(&path)).text;
    let lot = format!("/lots/{}", trade.lot);
    [
        public(lot.clone()),
        public(format!("{lot}/hall")),
        public(format!("{lot}/bids")),
        public(trade.path("")),
        public(trade.path("/bids")),
        public("/api/v1/lots".to_owned()),
        public("/lots".to_owned()),
        other("auditor", trade.path("/commands")),
        other("auditor", "/api/v1/log/entries?limit=100".to_owned()),
        other("trader", format!("/listings/{}", trade.lot)),
        other("trader", format!("/listings/{}/steering", trade.lot)),
        other("reviewer", trade.path("")),
        other("A", lot),
        other("A", trade.path("/mine")),
        heard(trade),
    ]
    .join("\n")
}

fn own_page(trade: &Trade<'_>, name: &str) -> String {
    ok(trade.as_(name).get(&format!("/lots/{}", trade.lot))).text
}

fn refusal(answer: &Answer, member: &str) -> (String, Option<String>) {
    (answer.code().to_owned(), answer.json[member].as_str().map(str::to_owned))
}

fn refused(code: &str, value: Option<&str>) -> (String, Option<String>) {
    (code.to_owned(), value.map(str::to_owned))
}

both_backends!(the_last_word_of_who_stopped_the_clock_wins, |world| {
    let trade = admitted(world, &hybrid(world, &[("outage_at_least_s", json!(60))]));
    says(
        &page(&trade),
        &[
            "网上降价后暗标，价高者得",
            "降价最晚到",
            "每 1 分钟降 50.00 元，最低降到 500.00",
            "停 30 秒，然后其他人在 10 分钟内各报一个比停住的价高的价（至少高 10.00 元）",
            "没有用密钥保管人的密钥加密",
            "停住降价的人在 5 分钟内可以报一次",
            "没有规定优先权",
        ],
    );
    assert_eq!(stands(&trade, "09:31:30"), part("falling", "10:00:00", None, None));
    says(&own_page(&trade, "A"), &["按现价应价", "现价（自动下降）", "650.00"]);
    assert_eq!(trade.bid("B", "09:31:40", "650").code(), "wrong_phase", "the clock falls: who wants it accepts");

    let stopped = ok(accept(&trade, "A", "09:32:00"));
    let told = |name: &str| stopped.json[name].as_str().map(str::to_owned);
    assert_eq!((told("price").as_deref(), told("closes_at")), (Some("600.00"), Some(hour("09:42:30"))));
    assert_eq!(accept(&trade, "C", "09:32:05").code(), "wrong_phase", "one has stopped it");
    let paused = stands(&trade, "09:32:10");
    assert_eq!(paused, part("before_sealed", "09:32:30", None, Some("600.00")), "nobody can say who leads");
    assert_eq!(trade.lot()["live"]["part"]["stopped_by"], "01");
    assert_eq!(trade.lot()["live"]["clock"], Value::Null);
    assert_eq!(refusal(&trade.bid("B", "09:32:10", "650"), "from"), refused("between_phases", Some(&hour("09:32:30"))));

    // Everybody else, above the clock's price; nobody learns how much.
    assert_eq!(stands(&trade, "09:32:30"), part("sealed", "09:42:30", None, Some("600.00")));
    let own = trade.bid("A", "09:33:00", "650");
    assert_eq!(refusal(&own, "from"), refused("not_your_turn", Some(&hour("09:43:00"))), "who stopped it waits");
    assert_eq!(refusal(&trade.bid("B", "09:33:10", "609.99"), "minimum"), refused("below_step", Some("610.00")));
    says(&own_page(&trade, "B"), &["还没有交暗标", "610.00", "没有用密钥保管人的密钥加密"]);
    let sealed = ok(trade.bid("B", "09:33:30", "655.00")).json;
    assert_eq!((&sealed["leader"], &sealed["price"]), (&Value::Null, &Value::Null), "it leads nothing yet");
    assert_eq!(sealed["closes_at"].as_str(), Some(hour("09:48:00").as_str()), "somebody has to be answered");
    ok(trade.bid("C", "09:40:00", "641.00"));
    assert_eq!(trade.bid("B", "09:41:00", "677.00").code(), "revisions_used");
    at_hour(&trade, "09:42:29");
    let early = seen_by_others(&trade);
    for amount in ["655.00", "641.00", "677.00"] {
        assert!(!early.contains(amount), "{amount}");
    }
    says(&early, &["正在暗标", "截止后公布", "\"part\":\"sealed\""]);
    says(&own_page(&trade, "B"), &["暗标已交", "655.00"]);
    let mine = ok(trade.as_("B").get(&trade.path("/mine"))).json;
    assert_eq!((mine["limit"].as_str(), mine["leading"].as_bool()), (Some("655.00"), Some(false)), "control: {mine}");
    let standing = |name: &str| ok(trade.as_(name).get("/my/bids")).text;
    assert!(!standing("B").contains("已被超过") && !standing("A").contains("已被超过"), "nobody is overtaken yet");

    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), [], "while it runs");

    // From the end of the sealed part on everybody knows.
    assert_eq!(stands(&trade, "09:42:30"), part("before_last_word", "09:43:00", Some("02"), Some("655.00")));
    says(&seen_by_others(&trade), &["655.00", "641.00", "\"part\":\"before_last_word\"", "最高的价"]);
    let bids = ok(world.nobody().get(&trade.path("/bids"))).json;
    let salt = bids["items"][1]["limit_salt"].as_str().unwrap();
    let lines = format!("xiangji-private-limit/1\n{}\n{}\n655.00\n{salt}\n", trade.lot, bids["items"][1]["seq"]);
    let digest: String =
        <sha2::Sha256 as sha2::Digest>::digest(lines).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(early.contains(&digest), "what was bound in the sealed part is what is told after it");
    // Time that would open the sealed part again is not given back: its prices are known.
    let outage = |at: &str, since: &str| {
        at_hour(&trade, at);
        let body = json!({"action": "outage", "reason": "机房停电", "since": hour(since)});
        trade.as_("trader").post(&trade.path("/steering"), &body)
    };
    let reopening = outage("09:42:45", "09:41:30");
    assert_eq!(fields(&reopening), ["/since"], "{reopening:?}");
    says(&reopening.text, &["2026-03-11 09:42:30"]);
    assert_eq!(refusal(&trade.bid("A", "09:42:50", "700"), "from"), refused("between_phases", Some(&hour("09:43:00"))));
    assert_eq!(stands(&trade, "09:43:00"), part("last_word", "09:48:00", Some("02"), Some("655.00")));
    says(&own_page(&trade, "A"), &["您（01 号）已被暗标超过，现在可以报一次", "665.00", "只能报一次"]);
    says(&own_page(&trade, "B"), &["您（02 号）目前领先，等 01 号最后报价"]);
    says(&own_page(&trade, "C"), &["您（03 号）的暗标没有领先，不能再报"]);
    assert_eq!(refusal(&trade.bid("C", "09:43:10", "800"), "from"), refused("not_your_turn", None));
    assert_eq!(refusal(&trade.bid("A", "09:43:20", "664.99"), "minimum"), refused("below_step", Some("665.00")));
    // … but that of the last word is.
    let given = ok(outage("09:45:20", "09:43:20")).json;
    assert_eq!(given["closes_at"].as_str(), Some(hour("09:50:00").as_str()));
    assert_eq!(ok(trade.bid("A", "09:46:00", "670")).json["leader"], "01");
    assert_eq!(trade.bid("A", "09:46:10", "690").code(), "already_leading", "one word");
    assert_eq!(stands(&trade, "09:46:20"), part("last_word", "09:50:00", Some("01"), Some("670.00")));
    at_hour(&trade, "09:49:59");
    assert_eq!(trade.close(), 0);
    at_hour(&trade, "09:50:00");
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("01"), Some("670.00")), "{result}");
    assert_eq!(result["successors"], json!(["02", "03"]));
    let award = trade.lot()["award"].clone();
    assert_eq!((award["winner"].as_str(), award["price"].as_str()), (Some("01"), Some("670.00")));
    says(&own_page(&trade, "A"), &["恭喜"]);
    says(&page(&trade), &["应价，停住降价", "02、03 号"]);

    // The file alone gives the same, and so does a check of the whole database.
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("one.json");
    std::fs::write(&file, out(&run(world, &["export", "auction", &trade.lot]))).unwrap();
    let replayed: Value = serde_json::from_str(&out(&run(world, &["replay", file.to_str().unwrap()]))).unwrap();
    assert_eq!(replayed, result);
    let package = ok(world.nobody().get(&trade.path("/ocds"))).json;
    let tender = package["releases"].as_array().unwrap().last().unwrap()["tender"].clone();
    assert_eq!(tender["procurementMethodDetails"], "网上公开竞价：降价后暗标");
    says(tender["submissionMethodDetails"].as_str().unwrap(), &["停住降价的人最后还可以报一次"]);
});

both_backends!(a_sealed_price_wins_and_a_break_gives_its_time_back, |world| {
    let trade = admitted(world, &hybrid(world, &[("best_s", Value::Null), ("revisions", Value::Null)]));
    ok(accept(&trade, "A", "09:32:00"));
    ok(trade.bid("B", "09:33:00", "640"));
    let steer = |at: &str, action: &str| {
        at_hour(&trade, at);
        ok(trade.as_("trader").post(&trade.path("/steering"), &steering(action, "核实举报")))
    };
    steer("09:40:00", "suspend");
    assert_eq!(trade.bid("C", "09:41:00", "650").code(), "suspended");
    at_hour(&trade, "09:45:00");
    assert!(!seen_by_others(&trade).contains("640.00"), "the part stands still, and tells nothing");
    assert_eq!(trade.close(), 0);
    steer("09:50:00", "resume");
    assert_eq!(stands(&trade, "09:50:00"), part("sealed", "09:52:30", None, Some("600.00")));
    ok(trade.bid("B", "09:51:00", "620"));
    ok(trade.bid("C", "09:52:29", "630"));
    let waits = trade.bid("A", "09:52:29", "700");
    assert_eq!(refusal(&waits, "from"), refused("not_your_turn", None), "the notice gives no last word");
    assert!(!seen_by_others(&trade).contains("630.00"));
    at_hour(&trade, "09:52:30");
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("03"), Some("630.00")), "{result}");
    assert_eq!(result["successors"], json!(["02", "01"]), "the last price of each counts, and that of the clock");
    let lot = trade.lot();
    assert_eq!((lot["award"]["price"].as_str(), lot["live"]["price"].as_str()), (Some("630.00"), Some("630.00")));
    let listed = ok(world.nobody().get("/api/v1/lots")).json;
    assert_eq!(listed["items"][0]["price"], "630.00", "not that at which the clock was stopped");
    says(&seen_by_others_after(&trade), &["630.00", "620.00", "640.00"]);
});

/// Control for the story above: the same places tell it once it is over.
fn seen_by_others_after(trade: &Trade<'_>) -> String {
    [page(trade), ok(trade.as_("auditor").get(&trade.path("/commands"))).text].join("\n")
}

both_backends!(nobody_stops_the_clock, |world| {
    let trade = admitted(world, &hybrid(world, &[("fallback", json!("second_round"))]));
    at_hour(&trade, "09:59:59");
    assert_eq!(trade.lot()["live"]["clock"]["price"], "500.00");
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["reason"].as_str(), result["next"].as_str()), (Some("no_bids"), Some("second_round")));
    assert_eq!(trade.lot()["phase"], "failed");
});

both_backends!(without_a_sealed_price_the_clocks_price_stands, |world| {
    let trade = admitted(world, &hybrid(world, &[]));
    ok(accept(&trade, "C", "09:32:00"));
    assert_eq!(stands(&trade, "09:42:29"), part("sealed", "09:42:30", None, Some("600.00")));
    says(&own_page(&trade, "C"), &["您（03 号）已应价，停住了降价"]);
    at_hour(&trade, "09:42:30");
    assert_eq!(trade.close(), 1, "there is nothing for a last word to beat");
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("03"), Some("600.00")), "{result}");
});

both_backends!(two_have_to_bid_where_the_notice_says_so, |world| {
    let mut terms = hybrid(world, &[("fallback", json!("negotiation"))]);
    terms["min_bidders"] = json!(2);
    let trade = admitted(world, &terms);
    ok(accept(&trade, "A", "09:32:00"));
    at_hour(&trade, "09:42:30");
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["reason"].as_str(), result["next"].as_str()), (Some("too_few_bidders"), Some("negotiation")));
});

both_backends!(an_exercise_goes_through_all_parts, |world| {
    let mut terms = hybrid(world, &[("practice", json!(true))]);
    terms["deposit"] = json!("0");
    let trade = published(world, &terms);
    for (order, name) in [(1, "A"), (2, "B")] {
        ok(trade.enrol(name, order, ""));
    }
    ok(accept(&trade, "A", "09:32:00"));
    ok(trade.bid("B", "09:33:00", "650"));
    ok(trade.bid("A", "09:44:00", "660"));
    at_hour(&trade, "09:48:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(trade.lot()["phase"], "practised");
    assert!(ok(world.nobody().get(&trade.path("/trace"))).text.contains("xiangji-practice-trace/2"));
    assert_eq!(replays(&trade)["winner"], "01");
});

both_backends!(terms_that_do_not_fit_such_a_lot_are_named, |world| {
    let good = hybrid(world, &[]);
    let refused = |change: &[(&str, Value)], other: &[(&str, Value)]| {
        let mut bad = good.clone();
        change.iter().for_each(|(name, value)| bad["method"][*name] = value.clone());
        other.iter().for_each(|(name, value)| bad[*name] = value.clone());
        fields(&clerk(world).post("/api/v1/lots", &bad))
    };
    let lengths = [("sealed_s", json!(59)), ("best_s", json!(29)), ("pause_s", json!(3601))];
    assert_eq!(refused(&lengths, &[]), ["/method/pause_s", "/method/sealed_s", "/method/best_s"]);
    assert_eq!(refused(&[("hard_close_after_s", json!(300))], &[]), ["/method/hard_close_after_s"]);
    assert_eq!(refused(&[("clock_floor", json!("701"))], &[]), ["/method/clock_floor"]);
    assert_eq!(refused(&[("draw_ties", json!(true))], &[]), ["/method/draw_ties"]);
    for (field, value) in
        [("ceiling_price", "900"), ("reserve_price", "550"), ("step_max", "100"), ("priority", "原承租方")]
    {
        assert_eq!(refused(&[], &[(field, json!(value))]), [format!("/{field}")]);
    }
    let ranked = [("priority_kinds", json!(["member"]))];
    assert_eq!(refused(&[], &ranked), ["/priority_kinds/0"], "nobody could match the clock or the last word");
    let bought = [("form", json!("service")), ("price_unit", json!("yuan_per_year")), ("term_months", json!(24))];
    assert_eq!(refused(&[], &bought), ["/method/mode"]);
    let kept = ok(clerk(world).post("/api/v1/lots", &good)).json;
    let after = json!({"pause_s": 30, "sealed_s": 600, "best_s": 300, "revisions": 0});
    assert_eq!(kept["terms"]["method"]["after_clock"], after, "control: it fits without these");
});
