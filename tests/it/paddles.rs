//! Bidding in the hall and on line in one auction: nobody bids for a paddle without the code that its bidder alone has.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    methods::{self, replays, says},
    support::{
        app::{Answer, Client, DURUAN, LONGXI, SHANGXIANG, World},
        behind::Behind,
        has_word,
        verified::faults,
    },
    trading::{HOURS, Trade, admitted, ok, published},
};

/// The officer of the hall; sessions end, so each step signs in anew.
fn desk(world: &World) -> Client<'_> {
    world.sign_in("trader")
}

fn at(world: &World, time: &str) {
    world.set_time(&format!("2026-03-11T{time}+08:00"));
}

/// A paddle of this bidder; its code.
pub fn paddle(trade: &Trade<'_>, name: &str) -> String {
    let made = ok(trade.as_(name).post(&trade.path("/paddle"), &json!({})));
    made.json["code"].as_str().unwrap().to_owned()
}

fn shows(trade: &Trade<'_>, what: &str, number: &str, code: &str) -> Answer {
    desk(trade.world).post(&trade.path(&format!("/hall-paddles/{what}")), &json!({"number": number, "code": code}))
}

fn raises(trade: &Trade<'_>, time: &str, number: &str, amount: &str) -> Answer {
    at(trade.world, time);
    let body = match amount {
        "match" | "accept" => json!({"number": number, "type": amount}),
        _ => json!({"number": number, "amount": amount}),
    };
    desk(trade.world).post(&trade.path("/hall-bids"), &body)
}

/// Another code of the same form.
fn other(code: &str) -> String {
    let first = if code.starts_with('7') { '8' } else { '7' };
    format!("{first}{}", &code[1..])
}

both_backends!(a_paddle_in_the_hall_bids_against_a_phone_and_wins, |world| {
    let trade = admitted(world);
    let code = paddle(&trade, "A");
    assert_eq!((code.len(), code.as_bytes()[4]), (9, b' '), "in two groups: {code}");
    at(world, "09:20:00");
    let there = ok(shows(&trade, "check-in", "1", &code.to_lowercase().replace(' ', "")));
    assert_eq!(there.json["number"], "01");
    assert_eq!(ok(desk(world).get(&trade.path("/hall-paddles"))).json["items"][0]["number"], "01");
    assert_eq!(raises(&trade, "09:29:59", "01", "700.00").code(), "not_open", "the engine refuses as ever");
    ok(trade.bid("B", "09:31:00", "700.00"));
    let low = raises(&trade, "09:32:00", "01", "705.00");
    assert_eq!((low.status, low.code(), low.json["minimum"].as_str()), (409, "below_step", Some("710.00")));
    let raised = ok(raises(&trade, "09:33:00", "01", "710.00"));
    assert_eq!((&raised.json["leader"], &raised.json["via"]), (&json!("01"), &json!("hall")), "{raised:?}");
    assert_eq!(raises(&trade, "09:33:30", "01", "720.00").code(), "already_leading");
    ok(trade.bid("B", "09:34:00", "730.00"));
    // Who has a paddle may bid by phone as well.
    ok(trade.bid("A", "09:35:00", "740.00"));
    ok(trade.bid("B", "09:36:00", "760.00"));
    ok(raises(&trade, "09:59:00", "01", "800.00"));
    assert_eq!(trade.lot()["live"]["end_at"], "2026-03-11T10:04:00+08:00", "extended like any other bid");
    at(world, "10:04:00");
    assert_eq!(raises(&trade, "10:04:00", "01", "830.00").code(), "closed");
    assert_eq!(trade.close(), 1);
    assert_eq!(raises(&trade, "10:04:10", "01", "830.00").code(), "closed", "afterwards the log alone tells it");

    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("01"), Some("800.00")), "{result}");
    let trace = ok(world.nobody().get(&trade.path("/trace"))).text;
    assert!(trace.contains("xiangji-auction-trace/1") && !trace.contains("hall"), "the trace knows no hall: {trace}");
    // Everybody sees 现场, and no name.
    let told = ok(world.nobody().get(&trade.path("/bids"))).json;
    let vias: Vec<&Value> = told["items"].as_array().unwrap().iter().map(|bid| &bid["via"]).collect();
    assert_eq!(json!(vias), json!(["hall", null, null, null, "hall", null]), "{told}");
    for path in
        [format!("/lots/{}", trade.lot), format!("/lots/{}/bids", trade.lot), format!("/lots/{}/hall", trade.lot)]
    {
        let page = ok(world.nobody().get(&path)).text;
        says(&page, &["01 号（现场）"]);
        assert!(!has_word(&page, "trader"), "{path} names the officer");
    }
    assert!(told["items"].as_array().unwrap().iter().all(|bid| bid["entered_by"].is_null()), "{told}");
    // The bidder's own record names who entered it, and each has its receipt; refused ones too.
    let own = ok(trade.as_("A").get(&trade.path("/bids/own"))).json;
    let officer = "trader";
    assert_eq!((&own["items"][1]["via"], &own["items"][1]["entered_by"]), (&json!("hall"), &json!(officer)), "{own}");
    world.app.integrate_log().unwrap();
    let page = ok(trade.as_("A").get(&format!("/lots/{}/bids/mine", trade.lot))).text;
    says(&page, &["800.00", "740.00", "没有被接受", &format!("现场举牌，由{officer}记")]);
    assert!(has_word(&page, officer), "control");
    assert_eq!(page.matches("/log/receipts/").count(), 8, "three accepted, five refused: {page}");
    let others = ok(trade.as_("B").get(&format!("/lots/{}/bids/mine", trade.lot))).text;
    assert!(!others.contains("现场举牌，由"), "{others}");
    says(&ok(trade.as_("A").get("/my/bids")).text, &["现场出价", "已竞得"]);
    let whole = ok(trade.as_("auditor").get(&trade.path("/commands"))).json;
    assert_eq!(whole["items"][0]["entered_by"], json!(officer), "{whole}");
    assert_eq!(faults(world), []);
});

both_backends!(the_staff_alone_can_bid_for_nobody, |world| {
    let trade = admitted(world);
    assert_eq!(trade.as_("poor").post(&trade.path("/paddle"), &json!({})).code(), "paddle_needs_number");
    assert_eq!(trade.as_("stranger").post(&trade.path("/paddle"), &json!({})).code(), "not_enrolled");
    at(world, "09:31:00");
    let entries = |kind: &str| {
        let all = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=200")).json;
        all["items"].as_array().unwrap().iter().filter(|entry| entry["kind"] == kind).count()
    };
    // Without a paddle, with one that was not checked in, and for a number that nobody has: the same, and on record.
    for number in ["01", "02", "77"] {
        let refused = raises(&trade, "09:31:00", number, "700.00");
        assert_eq!(
            (refused.status, refused.code(), &refused.json["number"]),
            (409, "paddle_not_in_hall", &json!(number))
        );
    }
    let code = paddle(&trade, "A");
    assert_eq!(raises(&trade, "09:32:00", "01", "700.00").code(), "paddle_not_in_hall", "not checked in");
    assert_eq!(entries("hall_bid.refused"), 4);
    assert_eq!(trade.lot()["live"]["seq"], 0, "nothing of it is a command of the auction");
    // What is no code does not count; a wrong one does, and for a number without a paddle the answer is the same.
    let unreadable = shows(&trade, "check-in", "x", "0000");
    let pointers: Vec<&Value> =
        unreadable.json["fields"].as_array().unwrap().iter().map(|field| &field["pointer"]).collect();
    assert_eq!(json!(pointers), json!(["/number", "/code"]));
    let wrong = shows(&trade, "check-in", "01", &other(&code));
    let nobodys = shows(&trade, "check-in", "02", &other(&code));
    assert_eq!((wrong.status, wrong.code(), &wrong.json["most"]), (409, "paddle_code_wrong", &json!(5)));
    assert_eq!(wrong.json, nobodys.json, "the desk does not find out who has a paddle");
    for nth in 2..=6 {
        let again = shows(&trade, "check-in", "01", &other(&code));
        assert_eq!(again.json, nobodys.json, "wrong code {nth} tells no more");
    }
    assert_eq!(shows(&trade, "check-in", "01", &code).code(), "paddle_spent", "the right one comes too late");
    let own = ok(trade.as_("A").get(&trade.path("/paddle"))).json;
    assert_eq!((&own["items"][0]["wrong_codes"], &own["items"][0]["state"]), (&json!(5), &json!("issued")));
    assert_eq!(entries("paddle.refused"), 5);
    says(&ok(trade.as_("A").get(&format!("/lots/{}/paddle", trade.lot))).text, &["要换领", "编码错过 5 次"]);
    // A new one makes the old one worthless.
    let again = paddle(&trade, "A");
    assert_eq!(shows(&trade, "check-in", "01", &code).code(), "paddle_code_wrong");
    ok(shows(&trade, "check-in", "01", &again));
    assert_eq!(shows(&trade, "check-in", "01", &again).code(), "paddle_in_hall");
    ok(raises(&trade, "09:40:00", "01", "700.00"));
    // From another village there is no such lot; a bidder has not the right, and neither has who looks at files.
    let bid = json!({"number": "01", "amount": "710.00"});
    let neighbour = world.actor(Role::TradingOfficer, LONGXI, "away");
    assert_eq!(neighbour.post(&trade.path("/hall-bids"), &bid).status, 404);
    assert_eq!(neighbour.get(&trade.path("/hall-paddles")).status, 404);
    assert_eq!(neighbour.get(&format!("/listings/{}/paddles", trade.lot)).status, 404);
    for who in ["A", "B", "reviewer", "auditor", &format!("clerk-{SHANGXIANG}")] {
        let refused = trade.as_(who).post(&trade.path("/hall-bids"), &bid);
        assert_eq!((refused.status, refused.code()), (403, "not_allowed"), "{who}");
    }
    let key = json!({"number": "01", "code": again});
    assert_eq!(trade.as_("B").post(&trade.path("/hall-paddles/check-in"), &key).status, 403);
    // Handing back: the bidder without a word to the desk, the desk not without the code.
    ok(trade.bid("B", "09:41:00", "710.00"));
    assert_eq!(shows(&trade, "take-back", "01", &other(&again)).code(), "paddle_code_wrong");
    ok(raises(&trade, "09:42:00", "01", "720.00"));
    ok(trade.as_("A").post(&trade.path("/paddle/hand-back"), &json!({})));
    assert_eq!(raises(&trade, "09:43:00", "01", "740.00").code(), "paddle_not_in_hall");
    assert_eq!(shows(&trade, "check-in", "01", &again).code(), "paddle_code_wrong", "a paddle is in the hall once");
    assert_eq!(trade.as_("A").post(&trade.path("/paddle/hand-back"), &json!({})).code(), "paddle_not_in_use");
    let third = paddle(&trade, "A");
    assert_eq!(shows(&trade, "take-back", "01", &third).code(), "paddle_not_in_hall");
    ok(shows(&trade, "check-in", "01", &third));
    ok(shows(&trade, "take-back", "01", &third));
    assert_eq!(ok(desk(world).get(&trade.path("/hall-paddles"))).json["items"], json!([]));
    ok(trade.bid("B", "09:44:00", "740.00"));
    ok(trade.bid("A", "09:45:00", "750.00"));
    // A code stands nowhere, and nobody of the desk learns a name.
    world.app.integrate_log().unwrap();
    let page = ok(desk(world).get(&format!("/listings/{}/paddles", trade.lot))).text;
    assert!(!page.contains("陈A") && !page.contains("陈B"), "{page}");
    let kept = Behind::of(world).texts("SELECT state || code_digest || salt AS v FROM hall_paddles");
    let states = Behind::of(world).utf8("states");
    let payloads = Behind::of(world).texts(&format!("SELECT {states} AS v FROM log_payloads"));
    let log = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=200")).text;
    for code in [&code, &again, &third] {
        let plain = code.replace(' ', "");
        let seen = |text: &str| text.contains(&plain) || text.contains(code.as_str());
        assert!(!seen(&log) && !kept.iter().chain(&payloads).any(|text| seen(text)), "{code}");
    }
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    assert_eq!(trade.as_("A").post(&trade.path("/paddle"), &json!({})).code(), "lot_not_in_state");
    assert_eq!(faults(world), []);
});

// The answer was lost and the desk sends it again, or fifty copies come at once: one bid.
both_backends!(fifty_copies_of_a_raised_paddle_are_one_bid, |world| {
    let trade = admitted(world);
    let code = paddle(&trade, "A");
    at(world, "09:31:00");
    ok(shows(&trade, "check-in", "01", &code));
    let (officer, path) = (desk(world), trade.path("/hall-bids"));
    let send = |amount: &str| {
        let headers = [("content-type", "application/json"), ("idempotency-key", "desk-1")];
        officer.send("POST", &path, &headers, Some(json!({"number": "01", "amount": amount}).to_string().into_bytes()))
    };
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..50).map(|_| scope.spawn(|| send("700.00"))).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.text == answers[0].text), "{answers:?}");
    assert_eq!(trade.lot()["live"]["seq"], 1);
    assert_eq!(send("710.00").code(), "idempotency_key_reused");
    // The page's form is as harmless.
    let form = |key: &str| {
        desk(world).form(
            &format!("/listings/{}/paddles", trade.lot),
            &[("number", "01"), ("amount", "720"), ("idempotency_key", key)],
        )
    };
    ok(trade.bid("B", "09:32:00", "710.00"));
    assert_eq!([form("2").status, form("2").status], [303, 303]);
    assert_eq!(trade.lot()["live"]["seq"], 3);
    let refused = form("3");
    assert_eq!(refused.status, 409, "{}", refused.text);
    says(&refused.text, &["01 号没有记成"]);
});

both_backends!(open_auctions_take_paddles_and_others_say_why_not, |world| {
    let clock = json!({"mode": "clock", "clock_decrement": "10", "clock_tick_s": 60, "clock_floor": "300"});
    let mut terms = methods::draft(world, clock);
    terms["step_max"] = Value::Null;
    let trade = methods::admitted(world, &terms);
    let code = paddle(&trade, "B");
    at(world, "09:31:30");
    ok(shows(&trade, "check-in", "02", &code));
    let page = ok(desk(world).get(&format!("/listings/{}/paddles?number=2", trade.lot))).text;
    says(&page, &["按现价应价"]);
    let taken = ok(raises(&trade, "09:32:30", "02", "accept"));
    assert_eq!((&taken.json["price"], &taken.json["via"]), (&json!("680.00"), &json!("hall")));
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["winner"], "02");
});

both_backends!(a_raised_paddle_starts_the_countdown_again, |world| {
    let method =
        json!({"mode": "countdown", "countdown_s": 180, "wait_s": 60, "needs_bidders": 2, "hard_close_after_s": 300});
    let trade = methods::admitted(world, &methods::draft(world, method));
    let code = paddle(&trade, "A");
    at(world, "09:31:00");
    ok(shows(&trade, "check-in", "01", &code));
    ok(raises(&trade, "09:32:00", "01", "700.00"));
    ok(trade.bid("B", "09:33:00", "710.00"));
    assert_eq!(raises(&trade, "09:56:30", "01", "720.00").code(), "between_phases");
    ok(raises(&trade, "09:58:00", "01", "720.00"));
    assert_eq!(trade.lot()["live"]["end_at"], "2026-03-11T10:01:00+08:00");
    world.set_time("2026-03-11T10:01:00+08:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["winner"], "01");
});

both_backends!(a_private_limit_is_never_raised, |world| {
    let trade = methods::admitted(world, &methods::draft(world, json!({"mode": "proxy"})));
    assert_eq!(trade.as_("A").post(&trade.path("/paddle"), &json!({})).code(), "paddle_not_here");
    assert_eq!(shows(&trade, "check-in", "01", "7KQM 4XWR").code(), "paddle_not_here");
    assert_eq!(raises(&trade, "09:31:00", "01", "700.00").code(), "paddle_not_here");
    says(&ok(trade.as_("A").get(&format!("/lots/{}/paddle", trade.lot))).text, &["不能现场举牌"]);
    says(&ok(desk(world).get(&format!("/listings/{}/paddles", trade.lot))).text, &["不能现场举牌"]);
});

// The sitting tenant has no phone, and the priority all the same.
both_backends!(a_priority_is_exercised_with_a_paddle, |world| {
    let trade = admitted(world);
    let code = paddle(&trade, "P");
    at(world, "09:31:00");
    ok(shows(&trade, "check-in", "04", &code));
    ok(trade.bid("A", "09:32:00", "700.00"));
    let matched = ok(raises(&trade, "09:33:00", "04", "match"));
    assert_eq!((&matched.json["leader"], &matched.json["type"]), (&json!("04"), &json!("match")));
    let other = world.actor(Role::TradingOfficer, DURUAN, "second");
    let other = other.post(&trade.path("/hall-bids"), &json!({"number": "04", "amount": "710.00"}));
    assert_eq!(other.code(), "already_leading", "another officer of the place may enter it too");
});

// Before the notice there is nothing to raise, and nobody outside learns of a draft.
both_backends!(the_desk_of_a_lot_without_an_auction, |world| {
    let trade = published(world);
    assert_eq!(
        world.actor(Role::TradingOfficer, LONGXI, "away").get(&format!("/listings/{}/paddles", trade.lot)).status,
        404
    );
    says(
        &ok(desk(world).get(&format!("/listings/{}/paddles", trade.lot))).text,
        &["竞价还没有开始", "还没有核对过的号牌"],
    );
    assert_eq!(shows(&trade, "check-in", "01", "7KQM 4XWR").code(), "paddle_code_wrong");
    says(&ok(desk(world).get(&format!("/listings/{}", trade.lot))).text, &["现场举牌"]);
});
