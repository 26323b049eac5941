//! Lots whose price is found in another way than by open raises: from the terms to a trace that replays to the same end.

use serde_json::{Value, json};
use xiangji::{access::Role, trading::auction};

use crate::{
    both_backends,
    support::app::{Answer, Client, DURUAN, SHANGXIANG, World},
    trading::{HOURS, Trade, listing, ok, steering, step},
};

/// A village, its pond, its paper and its people.
pub fn draft(world: &World, method: Value) -> Value {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    let clerk = world.clerk(SHANGXIANG);
    world.actor(Role::TownshipOfficer, DURUAN, "reviewer");
    world.actor(Role::TradingOfficer, DURUAN, "trader");
    world.actor(Role::Auditor, DURUAN, "auditor");
    for name in ["A", "B", "C", "P"] {
        world.actor(Role::Bidder, DURUAN, &format!("bidder-{name}"));
    }
    let pond = json!({"name": "龙门里 3 号鱼塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "龙门里", "state": "idle"});
    let asset = ok(clerk.post("/api/v1/assets", &pond));
    let fields = [("collective_code", SHANGXIANG), ("title", "成员代表会议记录")];
    let paper = ok(clerk.upload("/api/v1/documents", &fields, "a.pdf", b"%PDF-1.7 minutes"));
    let mut draft = listing(asset.id(), Some(paper.id()));
    draft["method"] = method;
    draft
}

pub fn clerk(world: &World) -> Client<'_> {
    world.sign_in(&format!("clerk-{SHANGXIANG}"))
}

/// Published with these terms.
pub fn published<'w>(world: &'w World, draft: &Value) -> Trade<'w> {
    let made = ok(clerk(world).post("/api/v1/lots", draft));
    let trade = Trade { world, lot: made.id().to_owned() };
    ok(step(&clerk(world), &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));
    trade
}

/// A, B and C with numbers 01 to 03.
pub fn admitted<'w>(world: &'w World, draft: &Value) -> Trade<'w> {
    let trade = published(world, draft);
    for (order, name) in [(1, "A"), (2, "B"), (3, "C")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
    trade
}

/// The trace of an ended auction replays to the result that the server gives, and its award is what the lot shows.
pub fn replays(trade: &Trade<'_>) -> Value {
    let trace = ok(trade.world.nobody().get(&trade.path("/trace"))).text;
    let result = ok(trade.world.nobody().get(&trade.path("/result"))).text;
    assert_eq!(auction::replay(&trace).as_deref(), Ok(result.as_str()));
    serde_json::from_str(&result).unwrap()
}

fn accept(trade: &Trade<'_>, name: &str, at: &str) -> Answer {
    trade.world.set_time(&format!("2026-03-11T{at}+08:00"));
    trade.as_(name).post(&trade.path("/bids"), &json!({"type": "accept"}))
}

/// The lot's page as everybody reads it, without scripts.
pub fn page(trade: &Trade<'_>) -> String {
    ok(trade.world.nobody().get(&format!("/lots/{}", trade.lot))).text
}

pub fn says(page: &str, words: &[&str]) {
    for word in words {
        assert!(page.contains(word), "{word}: {page}");
    }
}

pub fn fields(refused: &Answer) -> Vec<String> {
    let all = refused.json["fields"].as_array().unwrap_or_else(|| panic!("{refused:?}"));
    all.iter().map(|f| f["pointer"].as_str().unwrap().to_owned()).collect()
}

both_backends!(a_private_limit_stays_private_until_the_end, |world| {
    let trade = admitted(world, &draft(world, json!({"mode": "proxy"})));
    let first = ok(trade.bid("A", "09:31:00", "900.00"));
    assert_eq!((first.json["price"].as_str(), first.json["amount"].as_str()), (Some("700.00"), Some("900.00")));
    let second = ok(trade.bid("B", "09:32:00", "800.00"));
    assert_eq!((second.json["leader"].as_str(), second.json["price"].as_str()), (Some("01"), Some("810.00")));
    let low = trade.bid("C", "09:33:00", "815.00");
    assert_eq!((low.code(), low.json["minimum"].as_str()), ("below_step", Some("820.00")));
    let mine = ok(trade.as_("A").get(&trade.path("/mine"))).json;
    assert_eq!((mine["limit"].as_str(), mine["leading"].as_bool()), (Some("900.00"), Some(true)), "{mine}");
    // Nobody else sees a limit: not the public, not the auditor, not the log.
    let entries = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100")).text;
    for seen in [
        page(&trade),
        ok(world.nobody().get(&trade.path("/bids"))).text,
        ok(trade.as_("auditor").get(&trade.path("/commands"))).text,
        ok(trade.as_("B").get(&trade.path("/mine"))).text,
        ok(world.nobody().get(&trade.path(""))).text,
        entries.clone(),
    ] {
        assert!(!seen.contains("900.00"), "{seen}");
    }
    assert!(entries.contains("limit_sha256"), "the entry is bound to the limit: {entries}");
    let own = ok(trade.as_("A").get(&trade.path("/bids/own"))).json;
    assert_eq!(own["items"][0]["amount"], "900.00", "control: who gave it sees it");
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("01"), Some("810.00")), "{result}");
    let told = ok(world.nobody().get(&trade.path("/bids"))).json;
    let salt = told["items"][1]["limit_salt"].as_str().unwrap();
    let lines = format!("xiangji-private-limit/1\n{}\n1\n900.00\n{salt}\n", trade.lot);
    let digest: String =
        <sha2::Sha256 as sha2::Digest>::digest(lines).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(entries.contains(&digest), "what was bound before the end is what is told after it");
});

both_backends!(the_clock_falls_and_the_first_to_accept_wins, |world| {
    let method = json!({"mode": "clock", "clock_decrement": "10", "clock_tick_s": 60, "clock_floor": "500"});
    let trade = admitted(world, &draft(world, method));
    assert_eq!(accept(&trade, "A", "09:29:59").code(), "not_open");
    world.set_time("2026-03-11T09:33:30+08:00");
    let live = trade.lot()["live"].clone();
    assert_eq!((live["clock"]["price"].as_str(), live["price"].as_str()), (Some("670.00"), None), "{live}");
    assert_eq!(live["clock"]["falls_at"], "2026-03-11T09:34:00+08:00");
    says(&page(&trade), &["现价（自动下降）", "670.00", "下一次降价", "每 1 分钟降 10.00 元，最低降到 500.00"]);
    assert_eq!(trade.bid("A", "09:33:40", "800.00").code(), "wrong_mode");
    let steer = |action: &str| trade.as_("trader").post(&trade.path("/steering"), &steering(action, "核实举报"));
    world.set_time("2026-03-11T09:34:30+08:00");
    ok(steer("suspend"));
    world.set_time("2026-03-11T09:44:30+08:00");
    assert_eq!(trade.lot()["live"]["clock"]["price"], "660.00", "the clock stands");
    ok(steer("resume"));
    assert_eq!(ok(trade.as_("A").get(&trade.path("/mine"))).json["may_accept"], true);
    let taken = ok(accept(&trade, "B", "09:45:00"));
    assert_eq!(
        (taken.json["leader"].as_str(), taken.json["price"].as_str()),
        (Some("02"), Some("650.00")),
        "{taken:?}"
    );
    assert_eq!(accept(&trade, "A", "09:45:00").code(), "closed");
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("02"), Some("650.00")), "{result}");
    assert_eq!(trade.lot()["award"]["total"], "122200.00");
});

both_backends!(a_countdown_starts_again_with_every_bid, |world| {
    let method = json!({"mode": "countdown", "countdown_s": 180, "wait_s": 60, "needs_bidders": 2, "hard_close_after_s": 300,
        "steps": "0起5；800起10", "increases": "第5年10%；第8年10%"});
    let trade = admitted(world, &draft(world, method));
    ok(trade.bid("A", "09:31:00", "700.00"));
    says(
        &page(&trade),
        &["最后 3 分钟为限时报价", "之前停 1 分钟不出价", "800.00 元起每次至少加 10.00 元", "第5年10%"],
    );
    assert_eq!(
        trade.lot()["live"]["end_at"],
        "2026-03-11T09:56:00+08:00",
        "one bidder: it would end with the free period"
    );
    assert_eq!(ok(trade.bid("B", "09:32:00", "705.00")).json["closes_at"], HOURS[2]);
    let wait = trade.bid("A", "09:56:30", "710.00");
    assert_eq!((wait.code(), wait.json["from"].as_str()), ("between_phases", Some("2026-03-11T09:57:00+08:00")));
    assert_eq!(ok(trade.bid("A", "09:59:00", "800.00")).json["closes_at"], "2026-03-11T10:02:00+08:00");
    assert_eq!(trade.bid("B", "10:00:00", "805.00").json["minimum"], "810.00", "from 800.00 on the step is 10.00");
    assert_eq!(ok(trade.bid("B", "10:01:59", "810.00")).json["closes_at"], "2026-03-11T10:04:59+08:00");
    assert_eq!(
        ok(trade.bid("C", "10:03:00", "820.00")).json["closes_at"],
        "2026-03-11T10:05:00+08:00",
        "the hard close"
    );
    world.set_time("2026-03-11T10:05:00+08:00");
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("03"), Some("820.00")), "{result}");
    assert_eq!(result["first_year"], "19270.00");
    assert_eq!(trade.lot()["award"]["total"], result["total"], "rising rents count in the award too");
});

both_backends!(the_reserve_is_sealed_until_the_end, |world| {
    let mut terms =
        draft(world, json!({"leader_may_raise": true, "extension_from": "close", "fallback": "second_round"}));
    terms["reserve_price"] = json!("773.21");
    let trade = admitted(world, &terms);
    let everything = |trade: &Trade<'_>| {
        let staff = ok(trade.as_("reviewer").get(&trade.path(""))).text;
        let row = "SELECT COALESCE(further_terms, '') || ' ' || COALESCE(CAST(reserve_price AS TEXT), '') AS v FROM lot_terms";
        let rows = crate::support::behind::Behind::of(world).texts(row).join(" ");
        let entries = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100")).text;
        format!("{staff}{}{rows}{entries}", ok(world.nobody().get(&trade.path(""))).text)
    };
    assert!(!everything(&trade).contains("773.21") && !everything(&trade).contains(" 77321"), "shown to nobody");
    assert_eq!(trade.lot()["has_reserve"], true);
    ok(trade.bid("A", "09:31:00", "700.00"));
    assert_eq!(ok(trade.bid("A", "09:32:00", "760.00")).json["price"], "760.00", "the leader may raise");
    assert_eq!(
        ok(trade.bid("B", "09:58:00", "773.21")).json["closes_at"],
        "2026-03-11T10:05:00+08:00",
        "from the old end"
    );
    world.set_time("2026-03-11T10:05:00+08:00");
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["status"].as_str(), result["winner"].as_str()), (Some("sold"), Some("02")), "{result}");
    assert_eq!(result["successors"], json!([]), "who is under the reserve does not step in");
    assert!(everything(&trade).contains("773.21") && everything(&trade).contains(" 77321"), "control: from the end on");
});

both_backends!(an_outage_is_given_back_by_the_rule, |world| {
    let trade = admitted(world, &draft(world, json!({"outage_at_least_s": 120, "outage_window_s": 900})));
    ok(trade.bid("A", "09:50:00", "700.00"));
    let outage = |at: &str, since: &str| {
        world.set_time(&format!("2026-03-11T{at}+08:00"));
        let body = json!({"action": "outage", "reason": "机房停电", "since": format!("2026-03-11T{since}+08:00")});
        trade.as_("trader").post(&trade.path("/steering"), &body)
    };
    let early = outage("09:55:00", "09:49:00");
    assert_eq!(fields(&early), ["/since"], "the system took a bid at 09:50");
    let short = outage("09:55:00", "09:54:00");
    assert_eq!((short.code(), short.json["at_least_s"].as_i64()), ("outage_not_given_back", Some(120)));
    let given = ok(outage("10:02:00", "09:56:00"));
    assert_eq!(
        (given.json["closes_at"].as_str(), given.json["note"].as_str()),
        (Some("2026-03-11T10:06:00+08:00"), Some("机房停电"))
    );
    ok(trade.bid("B", "10:04:00", "710.00"));
    world.set_time("2026-03-11T10:09:00+08:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["winner"], "02");
});

both_backends!(an_exercise_takes_no_money_and_nobody_wins, |world| {
    let mut terms = draft(world, json!({"practice": true}));
    assert_eq!(fields(&clerk(world).post("/api/v1/lots", &terms)), ["/deposit"]);
    terms["deposit"] = json!("0");
    let trade = published(world, &terms);
    assert!(trade.lot()["title"].as_str().unwrap().starts_with("【演练】"));
    says(&page(&trade), &["【演练】", "这是演练，不产生成交结果"]);
    let made = ok(trade.enrol("A", 1, ""));
    assert_eq!((made.json["state"].as_str(), made.json["bid_number"].as_str()), (Some("admitted"), Some("01")));
    ok(trade.bid("A", "09:31:00", "700.00"));
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let lot = trade.lot();
    assert_eq!((lot["phase"].as_str(), &lot["award"]), (Some("practised"), &Value::Null), "{lot}");
    let trace = ok(world.nobody().get(&trade.path("/trace"))).text;
    assert!(trace.contains("xiangji-practice-trace/2"), "no reader takes it for a trade");
    replays(&trade);
    let mut real = terms.clone();
    real["method"] = json!({});
    real["deposit"] = json!("10000");
    assert_eq!(ok(clerk(world).post("/api/v1/lots", &real)).json["round"], 1, "an exercise was no attempt to trade");
});

both_backends!(a_method_that_does_not_fit_is_named_by_its_field, |world| {
    let good = draft(world, json!({}));
    let refused = |method: Value, other: &[(&str, &str)]| {
        let mut bad = good.clone();
        bad["method"] = method;
        other.iter().for_each(|(field, value)| bad[*field] = json!(value));
        let answer = clerk(world).post("/api/v1/lots", &bad);
        assert_eq!(answer.status, 422, "{answer:?}");
        fields(&answer)
    };
    let clock =
        |floor: &str| json!({"mode": "clock", "clock_decrement": "10", "clock_tick_s": 60, "clock_floor": floor});
    let stepless = [("step_max", "")];
    assert_eq!(refused(json!({"mode": "sealed"}), &stepless), ["/method/trustees", "/method/trustees_needed"]);
    assert_eq!(
        refused(json!({"mode": "sealed", "trustees": ["甲", "甲"], "trustees_needed": 3}), &stepless),
        ["/method/trustees", "/method/trustees_needed"]
    );
    let two = json!({"mode": "sealed", "trustees": ["甲", "乙"], "trustees_needed": 2});
    assert_eq!(refused(two.clone(), &stepless), ["/method/trustees"], "nobody has registered them");
    assert_eq!(refused(two, &[("step_multiple", "10")]), ["/step_max", "/step_multiple"]);
    assert_eq!(
        refused(json!({"mode": "clock"}), &[]),
        ["/method/clock_decrement", "/method/clock_floor", "/method/clock_tick_s"]
    );
    assert_eq!(refused(clock("701"), &[]), ["/method/clock_floor"]);
    assert_eq!(refused(clock("500"), &[("reserve_price", "600")]), ["/reserve_price"]);
    assert_eq!(refused(json!({"mode": "proxy"}), &[("reserve_price", "800")]), ["/reserve_price"]);
    assert_eq!(refused(json!({"mode": "countdown"}), &[]), ["/method/countdown_s"]);
    assert_eq!(refused(json!({"steps": "10起5"}), &[]), ["/method/steps"]);
    assert_eq!(refused(json!({"increases": "第9年10%"}), &[]), ["/method/increases"], "the contract has eight years");
    assert_eq!(refused(json!({"hard_close_after_s": 5}), &[]), ["/method/hard_close_after_s"]);
    let mut unknown = good.clone();
    unknown["method"] = json!({"spin": 1});
    let unknown = clerk(world).post("/api/v1/lots", &unknown);
    assert_eq!(unknown.status, 422, "an unknown rule is not left out in silence: {unknown:?}");

    let mut kept = good.clone();
    kept["reserve_price"] = json!("800");
    let made = ok(clerk(world).post("/api/v1/lots", &kept));
    let path = format!("/api/v1/lots/{}", made.id());
    let change = |version: &str, body: &Value| {
        let headers = [("content-type", "application/json"), ("if-match", version)];
        clerk(world).send("PUT", &path, &headers, Some(body.to_string().into_bytes()))
    };
    assert_eq!(ok(change("\"1\"", &good)).json["has_reserve"], true, "left out, it stays");
    let mut proxy = good.clone();
    proxy["method"] = json!({"mode": "proxy"});
    assert_eq!(fields(&change("\"2\"", &proxy)), ["/reserve_price"], "also one that was sealed before");
    proxy["reserve_price"] = json!("无");
    assert_eq!(ok(change("\"2\"", &proxy)).json["has_reserve"], false);
});
