//! A trade from an asset to its award: who may do what, in which order, by which hour.

use std::sync::Barrier;

use serde_json::{Value, json};
use xiangji::{access::Role, trading::auction};

use crate::{
    both_backends,
    support::app::{Answer, Client, DURUAN, LONGXI, SHANGXIANG, World},
};

/// The people of a trade; each step signs in anew, for days go by between them.
pub struct Trade<'w> {
    pub world: &'w World,
    pub lot: String,
}

/// A constructed resident ID number of somebody born in 1990.
pub fn resident_id(order: u32) -> String {
    let body = format!("44070319900307{order:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
}

pub fn ok(answer: Answer) -> Answer {
    assert!(matches!(answer.status, 200 | 201 | 204), "{answer:?}");
    answer
}

/// Everybody pays from an account of their own.
pub fn payer_account(name: &str) -> String {
    let own = name.chars().filter(|c| !c.is_whitespace()).fold(7u64, |n, c| (n * 131 + u64::from(c)) % 100_000_000);
    format!("6222{own:08}2222")
}

pub fn put(client: &Client<'_>, path: &str, version: i64, body: &Value) -> Answer {
    let tag = format!("\"{version}\"");
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    client.send("PUT", path, &headers, Some(body.to_string().into_bytes()))
}

pub fn step(client: &Client<'_>, path: &str, version: i64, body: &Value) -> Answer {
    let tag = format!("\"{version}\"");
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    client.send("POST", path, &headers, Some(body.to_string().into_bytes()))
}

/// Bidders go by a letter.
fn account(name: &str) -> String {
    if name.len() == 1 { format!("bidder-{name}") } else { name.to_owned() }
}

/// A step of the trading officer with what it needs: a ground to suspend, a decision too to terminate.
pub fn steering(action: &str, reason: &str) -> Value {
    match action {
        "suspend" => json!({"action": action, "ground": "platform_fault", "reason": reason}),
        "terminate" => json!({"action": action, "ground": "notice_error", "reason": reason,
            "paper": "杜阮镇人民政府终止交易决定书 杜府决〔2026〕3号"}),
        _ => json!({"action": action, "reason": reason}),
    }
}

/// A listing of a pond; with its paper it can be submitted.
pub fn listing(asset: &str, paper: Option<&str>) -> Value {
    json!({
        "asset_id": asset, "form": "contract", "usage": "淡水养殖", "term_months": 96,
        "price_unit": "yuan_per_mu_year", "opening_price": "700.00", "step_min": "10", "step_max": "100元",
        "deposit": "1万元", "priority": "原承租方", "conditions": "具有完全民事行为能力的自然人、法人", "contact": "杜阮镇公共服务中心",
        "decision_document": paper, "decision_on": "2026-02-20",
        "decision": {"body": "member_representatives", "entitled": 45, "present": 40, "in_favour": 38,
            "publicity_from": "2026-02-21", "publicity_until": "2026-02-27"}
    })
}

pub fn draft_in(world: &World, village: &str) -> Value {
    let clerk = world.sign_in(&format!("clerk-{village}"));
    let pond = json!({"name": "龙门里 3 号鱼塘", "kind": "resource", "class": "pond", "area": "15666.67", "location": "上巷村龙门里", "state": "idle"});
    let asset = ok(clerk.post("/api/v1/assets", &pond));
    let fields = [("collective_code", village), ("title", "成员代表会议记录")];
    let paper = ok(clerk.upload("/api/v1/documents", &fields, "a.pdf", b"%PDF-1.7 minutes"));
    listing(asset.id(), Some(paper.id()))
}

fn draft(world: &World) -> Value {
    draft_in(world, SHANGXIANG)
}

/// An enrolment in a published lot of a village that has a clerk, by people of the city.
pub fn enrolment_in(world: &World, village: &str) -> String {
    let clerk = world.sign_in(&format!("clerk-{village}"));
    for (role, name) in
        [(Role::TownshipOfficer, "reviewer"), (Role::TradingOfficer, "trader"), (Role::Bidder, "bidder")]
    {
        world.actor(role, "440703000000", &format!("{name}-{village}"));
    }
    enrolled_in(world, village, &clerk).1
}

/// A published lot and somebody's enrolment in it.
fn enrolled_in(world: &World, village: &str, clerk: &Client<'_>) -> (String, String) {
    let city = |name: &str| world.sign_in(&format!("{name}-{village}"));
    let mut draft = draft_in(world, village);
    draft["priority_kinds"] = json!(["member"]);
    draft["qualification"] = json!("before");
    draft["qualification_papers"] = json!("营业执照");
    let lot = ok(clerk.post("/api/v1/lots", &draft)).id().to_owned();
    let path = |rest: &str| format!("/api/v1/lots/{lot}{rest}");
    ok(step(clerk, &path("/submit"), 1, &json!({})));
    ok(step(&city("reviewer"), &path("/review"), 2, &json!({"approve": true})));
    ok(step(&city("trader"), &path("/publish"), 3, &hours()));
    let body = json!({"kind": "person", "name": "陈某", "id_number": resident_id(1), "phone": "13800001111", "accepts_terms": true, "declares_no_conflict": true});
    let enrolment = ok(city("bidder").post(&path("/enrolments"), &body)).id().to_owned();
    (lot, enrolment)
}

/// A refund that waits, of another lot of that village that was given up.
pub fn refund_in(world: &World, village: &str) -> String {
    let clerk = world.sign_in(&format!("clerk-{village}"));
    let (lot, enrolment) = enrolled_in(world, village, &clerk);
    let trader = world.sign_in(&format!("trader-{village}"));
    let paid = json!({"amount": "10000.00", "payer_name": "陈某", "reference": format!("bank-{village}"),
        "received_at": world.app.db.now().to_string()});
    ok(trader.post(&format!("/api/v1/enrolments/{enrolment}/deposit"), &paid));
    let steer = steering("terminate", "公告内容有误");
    ok(trader.post(&format!("/api/v1/lots/{lot}/steering"), &steer));
    let orders = ok(trader.get(&format!("/api/v1/money/orders?lot={lot}")));
    orders.json["items"][0]["id"].as_str().unwrap().to_owned()
}

/// A question about the lot of [`enrolment_in`], by who has enrolled for it.
pub fn question_in(world: &World, village: &str) -> String {
    let bidder = world.sign_in(&format!("bidder-{village}"));
    let own = ok(bidder.get("/api/v1/enrolments"));
    let lot = own.json["items"][0]["lot_id"].as_str().unwrap();
    let asked = bidder.post(&format!("/api/v1/lots/{lot}/questions"), &json!({"question": "水电由谁接入？"}));
    ok(asked).id().to_owned()
}

/// A priority right in the lot of [`enrolment_in`] that waits for its check.
pub fn right_in(world: &World, village: &str) -> String {
    let bidder = world.sign_in(&format!("bidder-{village}"));
    let own = ok(bidder.get("/api/v1/enrolments"));
    let lot = own.json["items"][0]["lot_id"].as_str().unwrap().to_owned();
    ok(crate::priority::claims(&bidder, &lot, "member")).id().to_owned()
}

/// A paper in the lot of [`enrolment_in`] that waits for its examination.
pub fn paper_in(world: &World, village: &str) -> String {
    let bidder = world.sign_in(&format!("bidder-{village}"));
    let own = ok(bidder.get("/api/v1/enrolments"));
    let lot = own.json["items"][0]["lot_id"].as_str().unwrap().to_owned();
    ok(crate::qualification::hands_in(&bidder, &lot, "license")).id().to_owned()
}

/// A request to look at everybody of the lot of [`enrolment_in`].
pub fn glass_in(world: &World, village: &str) -> String {
    let own = ok(world.sign_in(&format!("bidder-{village}")).get("/api/v1/enrolments"));
    let lot = own.json["items"][0]["lot_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/lots/{lot}/enrolments/break-glass");
    ok(world.sign_in(&format!("reviewer-{village}")).post(&path, &json!({"reason": "公安机关调查串通"})))
        .id()
        .to_owned()
}

/// A village, its clerk, its township, four bidders.
fn people(world: &World) {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.clerk(SHANGXIANG);
    world.actor(Role::TownshipOfficer, DURUAN, "reviewer");
    world.actor(Role::TradingOfficer, DURUAN, "trader");
    world.actor(Role::Auditor, DURUAN, "auditor");
    for name in ["A", "B", "C", "P", "poor", "stranger"] {
        world.actor(Role::Bidder, DURUAN, &account(name));
    }
}

impl Trade<'_> {
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/lots/{}{rest}", self.lot)
    }
    pub fn as_(&self, name: &str) -> Client<'_> {
        self.world.sign_in(&account(name))
    }
    pub fn bid(&self, name: &str, at: &str, amount: &str) -> Answer {
        self.world.set_time(&format!("2026-03-11T{at}+08:00"));
        let body = if amount == "match" { json!({"type": "match"}) } else { json!({"amount": amount}) };
        self.as_(name).post(&self.path("/bids"), &body)
    }
    pub fn enrol(&self, name: &str, order: u32, claim: &str) -> Answer {
        let body = json!({"kind": "person", "name": format!("陈{name}"), "id_number": resident_id(order), "phone": "13800001111",
            "priority_claim": claim, "accepts_terms": true, "declares_no_conflict": true});
        self.as_(name).post(&self.path("/enrolments"), &body)
    }
    pub fn pay(&self, enrolment: &str, payer: &str, reference: &str) -> Answer {
        let now = self.world.app.db.now().to_string();
        let body = json!({"amount": "10000.00", "payer_name": payer, "payer_account": payer_account(payer), "reference": reference, "received_at": now});
        self.as_("trader").post(&format!("/api/v1/enrolments/{enrolment}/deposit"), &body)
    }
    /// The own bid number in the newest enrolment.
    pub fn number(&self, name: &str) -> Value {
        ok(self.as_(name).get("/api/v1/enrolments")).json["items"][0]["bid_number"].clone()
    }
    pub fn close(&self) -> usize {
        // On a thread of its own: a story in a browser waits on a runtime, where nothing may block.
        std::thread::scope(|scope| scope.spawn(|| self.world.close_due()).join().unwrap())
    }
    pub fn lot(&self) -> Value {
        ok(self.world.nobody().get(&self.path(""))).json
    }
}

pub const HOURS: [&str; 3] = ["2026-03-10T17:00:00+08:00", "2026-03-11T09:30:00+08:00", "2026-03-11T10:00:00+08:00"];

fn hours() -> Value {
    json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]})
}

/// Drafted, submitted, approved, published.
pub fn published(world: &World) -> Trade<'_> {
    people(world);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let made = ok(clerk.post("/api/v1/lots", &draft(world)));
    let trade = Trade { world, lot: made.id().to_owned() };
    ok(step(&clerk, &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours()));
    trade
}

/// A, B, C and P enrolled, paid, P with the priority; numbers 01 to 04.
pub fn admitted(world: &World) -> Trade<'_> {
    let trade = published(world);
    for (order, name) in [(1, "A"), (2, "B"), (3, "C"), (4, "P")] {
        let claim = if name == "P" { "原承租方" } else { "" };
        let made = ok(trade.enrol(name, order, claim));
        let paid = ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
        assert!(!paid.text.contains(&format!("陈{name}")), "who books a deposit does not learn whose it is: {paid:?}");
        assert_eq!(trade.number(name), json!(format!("{order:02}")));
        if name == "P" {
            let path = format!("/api/v1/enrolments/{}/priority", made.id());
            ok(put(&trade.as_("trader"), &path, 2, &json!({"rank": 1})));
        }
    }
    ok(trade.enrol("poor", 5, ""));
    trade
}

/// A lot whose auction has ended: bids of 01 and 02, a refused one, one that came too late. Its people are those of
/// [`people`]; the clock stands after the end.
pub fn ended_auction(world: &World) -> String {
    let trade = admitted(world);
    ok(trade.bid("A", "09:31:00", "700.00"));
    assert_eq!(trade.bid("B", "09:32:00", "705.00").code(), "below_step");
    ok(trade.bid("B", "09:33:00", "710.00"));
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(trade.bid("A", "10:00:02", "720.00").code(), "closed");
    trade.lot
}

both_backends!(a_listing_is_checked_reviewed_by_somebody_else_and_published_in_time, |world| {
    people(world);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let good = draft(world);
    let mut bad = good.clone();
    for (field, value) in [
        ("opening_price", json!("0")),
        ("step_min", json!("1.234")),
        ("step_max", json!("x")),
        ("term_months", json!(241)),
        ("ceiling_price", json!("-1")),
        ("decision_on", json!("2026-02-30")),
    ] {
        bad[field] = value;
    }
    let refused = clerk.post("/api/v1/lots", &bad);
    let fields: Vec<&str> =
        refused.json["fields"].as_array().unwrap().iter().map(|f| f["pointer"].as_str().unwrap()).collect();
    assert_eq!(refused.status, 422, "{refused:?}");
    for field in ["/opening_price", "/step_min", "/step_max", "/term_months", "/ceiling_price", "/decision_on"] {
        assert!(fields.contains(&field), "{field}: {refused:?}");
    }
    let mut dear = good.clone();
    dear["deposit"] = json!("26320.01");
    let refused = clerk.post("/api/v1/lots", &dear);
    assert!(refused.json["detail"].as_str().unwrap().contains("26,320.00"), "20 % of 131,600: {refused:?}");

    let made = ok(clerk.post("/api/v1/lots", &good));
    assert_eq!((made.status, made.header("etag")), (201, Some("\"1\"")));
    assert_eq!((made.json["phase"].as_str(), made.json["opening_total"].as_str()), (Some("draft"), Some("131600.00")));
    let trade = Trade { world, lot: made.id().to_owned() };
    assert_eq!(clerk.post("/api/v1/lots", &good).code(), "asset_already_listed");
    assert_eq!(world.nobody().get(&trade.path("")).status, 404, "a draft is not public");
    let neighbour = world.actor(Role::Clerk, LONGXI, "neighbour");
    assert_eq!(neighbour.get(&trade.path("")).status, 404);
    assert_eq!(put(&neighbour, &trade.path(""), 1, &good).status, 404);

    let mut bare = good.clone();
    bare["decision_document"] = Value::Null;
    assert_eq!(ok(put(&clerk, &trade.path(""), 1, &bare)).json["version"], 2);
    assert_eq!(put(&clerk, &trade.path(""), 1, &bare).code(), "version_stale");
    let refused = step(&clerk, &trade.path("/submit"), 2, &json!({}));
    assert_eq!(refused.json["fields"][0]["pointer"], "/decision_document", "{refused:?}");
    ok(put(&clerk, &trade.path(""), 2, &good));
    assert_eq!(
        step(&trade.as_("reviewer"), &trade.path("/review"), 3, &json!({"approve": true})).code(),
        "lot_not_in_state"
    );
    ok(step(&clerk, &trade.path("/submit"), 3, &json!({})));
    assert_eq!(put(&clerk, &trade.path(""), 4, &good).code(), "lot_not_in_state");
    assert_eq!(
        step(&clerk, &trade.path("/review"), 4, &json!({"approve": true})).status,
        403,
        "a clerk does not review"
    );
    let silent = step(&trade.as_("reviewer"), &trade.path("/review"), 4, &json!({"approve": false}));
    assert_eq!(silent.json["fields"][0]["pointer"], "/note");
    let back = json!({"approve": false, "note": "请补充养殖用途"});
    assert_eq!(ok(step(&trade.as_("reviewer"), &trade.path("/review"), 4, &back)).json["phase"], "returned");
    ok(step(&clerk, &trade.path("/submit"), 5, &json!({})));
    let approved = ok(step(&trade.as_("reviewer"), &trade.path("/review"), 6, &json!({"approve": true})));
    assert_eq!(approved.json["earliest_opening"], "2026-03-11", "seven working days after the second of March");

    let trader = trade.as_("trader");
    let mut early = hours();
    early["opens_at"] = json!("2026-03-10T09:30:00+08:00");
    early["enrol_until"] = json!("2026-03-06T17:00:00+08:00");
    early["closes_at"] = json!("2026-03-10T09:35:00+08:00");
    let refused = step(&trader, &trade.path("/publish"), 7, &early);
    assert_eq!(refused.json["fields"].as_array().unwrap().len(), 3, "{refused:?}");
    let out = ok(step(&trader, &trade.path("/publish"), 7, &hours()));
    assert_eq!(out.json["number"], format!("{SHANGXIANG}-20260302-01"));
    assert_eq!(trade.lot()["phase"], "enrolling");
    let board = ok(world.nobody().get("/api/v1/lots"));
    assert_eq!(board.json["items"][0]["title"], "龙门里 3 号鱼塘发包");
    assert_eq!(ok(trader.get("/api/v1/listings?state=published")).json["items"].as_array().unwrap().len(), 1);
});

both_backends!(only_a_real_name_with_its_own_deposit_in_time_gets_a_number, |world| {
    let trade = published(world);
    let made = ok(trade.enrol("A", 1, ""));
    assert_eq!((made.json["state"].as_str(), made.json["bid_number"].as_str()), (Some("enrolled"), None));
    assert!(!made.text.contains(&resident_id(1)), "the number is shown masked");
    assert_eq!(trade.enrol("A", 2, "").code(), "already_enrolled", "one account once");
    assert_eq!(trade.enrol("B", 1, "").code(), "already_enrolled", "one person once");
    assert_eq!(trade.as_("reviewer").get(&trade.path("/enrolments")).status, 403, "nobody else sees who takes part");
    let late_receipt = json!({"amount": "10000.00", "payer_name": "陈A", "reference": "r0", "received_at": "2026-03-02T09:00:01+08:00"});
    let path = format!("/api/v1/enrolments/{}/deposit", made.id());
    let future = trade.as_("trader").post(&path, &late_receipt);
    assert_eq!(future.json["fields"][0]["pointer"], "/received_at", "{future:?}");
    assert_eq!(trade.pay(made.id(), "陈B", "r1").code(), "payer_differs");
    let short = json!({"amount": "9999.99", "payer_name": "陈A", "reference": "r2", "received_at": "2026-03-02T08:00:00+08:00"});
    let refused = trade.as_("trader").post(&path, &short);
    assert_eq!((refused.code(), refused.json["minimum"].as_str()), ("deposit_short", Some("10000.00")));
    ok(trade.pay(made.id(), "陈 A", "r3"));
    assert_eq!(trade.number("A"), "01");
    assert_eq!(trade.pay(made.id(), "陈A", "r4").code(), "deposit_recorded");
    let other = ok(trade.enrol("B", 2, ""));
    assert_eq!(trade.pay(other.id(), "陈B", "r3").code(), "reference_taken");
    world.set_time("2026-03-10T17:00:00.000001+08:00");
    assert_eq!(trade.pay(other.id(), "陈B", "r5").code(), "deposit_late");
    assert_eq!(trade.enrol("C", 3, "").code(), "not_enrolling");
    world.set_time(HOURS[1]);
    assert_eq!(trade.pay(other.id(), "陈B", "r6").code(), "admission_over");
    let mine = ok(trade.as_("A").get("/api/v1/enrolments"));
    assert_eq!(
        mine.json["items"][0]["deposit"]["payer_account"].as_str().map(|a| a.ends_with("2222")),
        Some(true),
        "{mine:?}"
    );
});

// The table of domain 10.5, live, with the priority holder; then the trace says the same.
both_backends!(the_court_rules_table_live, |world| {
    let trade = admitted(world);
    let early = trade.bid("A", "09:29:59", "700.00");
    assert_eq!(early.code(), "not_open", "{early:?}");
    assert_eq!(trade.bid("stranger", "09:30:30", "700.00").code(), "not_enrolled");
    assert_eq!(trade.bid("poor", "09:30:30", "700.00").code(), "deposit_missing");
    let first = ok(trade.bid("A", "09:31:00", "700"));
    assert_eq!(
        (first.json["leader"].as_str(), first.json["price"].as_str()),
        (Some("01"), Some("700.00")),
        "{first:?}"
    );
    let low = trade.bid("B", "09:40:00", "705.00");
    assert_eq!((low.status, low.code(), low.json["minimum"].as_str()), (409, "below_step", Some("710.00")));
    assert!(low.json["detail"].as_str().unwrap().contains("710.00"), "{low:?}");
    ok(trade.bid("B", "09:41:00", "710.00"));
    assert_eq!(trade.bid("B", "09:42:00", "720.00").code(), "already_leading");
    let high = trade.bid("C", "09:50:00", "820.00");
    assert_eq!((high.code(), high.json["maximum"].as_str()), ("above_step", Some("810.00")));
    let odd = trade.bid("C", "09:51:00", "8.101");
    assert_eq!((odd.code(), odd.json["fields"][0]["pointer"].as_str()), ("malformed", Some("/amount")), "{odd:?}");
    assert_eq!(ok(trade.bid("C", "09:55:00", "810.00")).json["closes_at"], HOURS[2]);
    assert_eq!(ok(trade.bid("A", "09:57:30", "820.00")).json["closes_at"], "2026-03-11T10:02:30+08:00");
    assert_eq!(trade.bid("C", "10:00:00", "match").code(), "match_not_allowed");
    assert_eq!(ok(trade.as_("P").get(&trade.path("/mine"))).json["may_match"], true);
    assert_eq!(ok(trade.bid("P", "10:01:00", "match")).json["closes_at"], "2026-03-11T10:06:00+08:00");
    let mine = ok(trade.as_("P").get(&trade.path("/mine"))).json;
    assert_eq!((mine["leading"].as_bool(), mine["least"].as_str()), (Some(true), None), "{mine}");
    assert_eq!(trade.close(), 0);
    let not_yet = world.nobody().get(&trade.path("/trace"));
    assert_eq!(not_yet.code(), "auction_not_ended");
    assert_eq!(trade.bid("B", "10:06:00", "830.00").code(), "closed");
    assert_eq!(trade.lot()["phase"], "closing");
    assert_eq!((trade.close(), trade.close()), (1, 0), "once");
    let late = trade.bid("B", "10:06:10", "830.00");
    assert_eq!(late.code(), "closed", "a closed auction's trace is final, the late bid stands in the log");

    let lot = trade.lot();
    assert_eq!((lot["phase"].as_str(), lot["award"]["winner"].as_str()), (Some("sold"), Some("04")), "{lot}");
    assert_eq!((lot["award"]["price"].as_str(), lot["award"]["total"].as_str()), (Some("820.00"), Some("154160.00")));
    assert_eq!(
        (lot["award"]["winner_name"].as_str(), lot["award"]["notice_until"].as_str()),
        (Some("陈*"), Some("2026-03-18"))
    );
    assert_eq!(lot["award"]["successors"], json!(["01", "03", "02"]));
    let trace = ok(world.nobody().get(&trade.path("/trace"))).text;
    let result = ok(world.nobody().get(&trade.path("/result"))).text;
    assert_eq!(auction::replay(&trace).as_deref(), Ok(result.as_str()));
    let parsed: Value = serde_json::from_str(&trace).unwrap();
    assert_eq!(parsed["commands"].as_array().unwrap().len(), 14, "refused ones too, in order: {trace}");
    assert_eq!(parsed["bidders"], json!(["01", "02", "03", "04"]));
    assert!(!trace.contains('陈'));
    assert_eq!(ok(trade.as_("C").get(&trade.path("/bids/own"))).json["items"].as_array().unwrap().len(), 4);
    assert_eq!(ok(world.nobody().get(&trade.path("/bids"))).json["items"].as_array().unwrap().len(), 5);
    let whole = ok(trade.as_("auditor").get(&trade.path("/commands?limit=200"))).json;
    assert_eq!(whole["items"].as_array().unwrap().len(), 14);
});

both_backends!(a_bid_sent_twice_counts_once, |world| {
    let trade = admitted(world);
    world.set_time("2026-03-11T09:31:00+08:00");
    let send = |amount: &str| {
        let body = json!({"amount": amount}).to_string().into_bytes();
        let headers = [("content-type", "application/json"), ("idempotency-key", "k-1")];
        trade.as_("A").send("POST", &trade.path("/bids"), &headers, Some(body))
    };
    let (first, again) = (send("700.00"), send("700.00"));
    assert_eq!((first.status, &first.text), (201, &again.text));
    assert_eq!(send("710.00").code(), "idempotency_key_reused");
    assert_eq!(trade.lot()["live"]["seq"], 1);
});

both_backends!(suspended_time_is_given_back_and_a_termination_ends_it, |world| {
    let trade = admitted(world);
    ok(trade.bid("A", "09:58:00", "700.00"));
    let steer =
        |action: &str, reason: &str| trade.as_("trader").post(&trade.path("/steering"), &steering(action, reason));
    assert_eq!(steer("suspend", " ").json["fields"][0]["pointer"], "/reason");
    assert_eq!(steer("resume", "误操作").code(), "not_suspended");
    world.pass_s(1);
    ok(steer("suspend", "网络故障"));
    assert_eq!(trade.lot()["phase"], "suspended");
    world.set_time("2026-03-11T11:00:00+08:00");
    assert_eq!(trade.close(), 0, "the clock stands");
    assert_eq!(trade.bid("B", "11:00:00", "710.00").code(), "suspended");
    world.pass_s(1);
    let on = ok(steer("resume", "故障排除"));
    assert_eq!(on.json["closes_at"], "2026-03-11T11:05:00+08:00", "{on:?}");
    ok(steer("terminate", "权属争议"));
    let lot = trade.lot();
    assert_eq!((lot["phase"].as_str(), lot["award"]["note"].as_str()), (Some("terminated"), Some("权属争议")), "{lot}");
    assert_eq!(trade.bid("B", "11:01:00", "710.00").code(), "closed");
    let trace = ok(world.nobody().get(&trade.path("/trace"))).text;
    assert!(auction::replay(&trace).unwrap().contains("\"status\": \"terminated\""));
});

both_backends!(a_lot_can_be_given_up_before_it_opens_and_tried_again, |world| {
    let trade = published(world);
    let gone = trade.as_("trader").post(&trade.path("/steering"), &steering("terminate", "公告内容有误"));
    assert_eq!(gone.status, 204, "{gone:?}");
    let lot = trade.lot();
    assert_eq!((lot["phase"].as_str(), lot["given_up"].as_str()), (Some("terminated"), Some("公告内容有误")));
    assert_eq!(trade.enrol("A", 1, "").code(), "lot_not_in_state");
    assert_eq!(trade.close(), 0);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let mut again = draft(world);
    again["asset_id"] = trade.lot()["asset_id"].clone();
    assert_eq!(ok(clerk.post("/api/v1/lots", &again)).json["round"], 2);
});

// Why a trade stands still or has ended is out of a list, by which decision is named, and its paper is bound by its digest.
both_backends!(a_suspension_has_a_ground_and_a_termination_a_paper_too, |world| {
    let trade = admitted(world);
    let trader = trade.as_("trader");
    let paper = |village: &str| {
        let fields = [("collective_code", village), ("title", "终止交易决定书")];
        ok(trader.upload("/api/v1/documents", &fields, "a.pdf", format!("%PDF-1.7 {village}").as_bytes()))
    };
    world.village("440703103202", "龙眠村股份合作经济联合社");
    let (own, foreign) = (paper(SHANGXIANG), paper("440703103202"));
    world.set_time("2026-03-11T09:58:00+08:00");
    let steer = |body: Value| {
        world.pass_s(1);
        trade.as_("trader").post(&trade.path("/steering"), &body)
    };
    let pointers = |answer: &Answer| -> Vec<String> {
        let fields = answer.json["fields"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
        fields.iter().map(|field| field["pointer"].as_str().unwrap().to_owned()).collect()
    };
    let bare = steer(json!({"action": "suspend", "reason": "核实举报"}));
    assert_eq!((bare.status, pointers(&bare)), (422, vec!["/ground".to_owned()]));
    assert!(bare.json["grounds"].as_array().unwrap().contains(&json!("collusion_report")), "{bare:?}");
    let gone = json!({"action": "suspend", "ground": "asset_lost", "reason": "塘已被征收"});
    assert_eq!(pointers(&steer(gone)), ["/ground"], "what is gone does not come back");
    let ordered = json!({"action": "suspend", "ground": "authority_order", "reason": "法院要求中止"});
    assert_eq!(pointers(&steer(ordered)), ["/paper"]);
    assert_eq!(trade.lot()["phase"], "bidding", "nothing was done");
    ok(steer(json!({"action": "suspend", "ground": "authority_order", "reason": "法院要求中止",
        "paper": "（2026）粤0703执保12号"})));
    let lot = trade.lot();
    assert_eq!(lot["halted"]["ground"], "authority_order", "{lot}");
    assert_eq!(
        (&lot["halted"]["paper"], &lot["halted"]["paper_sha256"]),
        (&json!("（2026）粤0703执保12号"), &Value::Null)
    );
    let page = world.nobody().get(&format!("/lots/{}", trade.lot)).text;
    for told in ["法院、监察、公安等机关的决定", "法院要求中止", "（2026）粤0703执保12号"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let with_ground = json!({"action": "resume", "ground": "authority_order", "reason": "法院同意继续"});
    assert_eq!(pointers(&steer(with_ground)), ["/ground"]);
    ok(steer(json!({"action": "resume", "reason": "法院同意继续"})));
    assert_eq!(trade.lot()["halted"], Value::Null);

    let end = |paper: &str, document: &Answer| {
        steer(json!({"action": "terminate", "ground": "collective_decision", "reason": "成员大会决定不再发包",
            "paper": paper, "document": document.id()}))
    };
    assert_eq!(pointers(&end("", &own)), ["/paper"]);
    assert_eq!(pointers(&end("上巷村成员大会决议〔2026〕2号", &foreign)), ["/document"], "of another village");
    let ended = ok(end("上巷村成员大会决议〔2026〕2号", &own));
    assert_eq!(ended.json["paper_sha256"], own.json["sha256"]);
    let lot = trade.lot();
    assert_eq!((&lot["phase"], &lot["halted"]["paper_sha256"]), (&json!("terminated"), &own.json["sha256"]), "{lot}");
    let page = world.nobody().get(&format!("/lots/{}", trade.lot)).text;
    for told in [
        "终止公告",
        "村集体依法另行决议",
        "成员大会决定不再发包",
        "上巷村成员大会决议〔2026〕2号",
        own.json["sha256"].as_str().unwrap(),
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let trace = ok(world.nobody().get(&trade.path("/trace"))).text;
    assert!(auction::replay(&trace).unwrap().contains("\"status\": \"terminated\"") && !trace.contains("ground"));
    let content = format!("/api/v1/documents/{}/content", own.id());
    assert_eq!((world.nobody().get(&content).status, trade.as_("trader").get(&content).status), (404, 200));
});

both_backends!(nobody_bids_and_the_lot_fails, |world| {
    let trade = admitted(world);
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let lot = trade.lot();
    assert_eq!((lot["phase"].as_str(), lot["award"]["reason"].as_str()), (Some("failed"), Some("no_bids")));
});

both_backends!(the_stream_tells_everything_once_and_again_to_who_comes_back, |world| {
    let trade = admitted(world);
    ok(trade.bid("A", "09:31:00", "700.00"));
    let path = trade.path("/events");
    let told = std::thread::scope(|scope| {
        let live = scope.spawn(|| world.nobody().send("GET", &path, &[("last-event-id", "0")], None));
        ok(trade.bid("B", "09:32:00", "710.00"));
        trade.bid("B", "09:33:00", "720.00");
        world.set_time("2026-03-11T10:00:00+08:00");
        assert_eq!(trade.close(), 1);
        live.join().unwrap()
    });
    assert_eq!(told.header("content-type"), Some("text/event-stream"));
    assert_eq!(
        (told.header("cache-control"), told.header("x-accel-buffering")),
        (Some("no-cache, no-transform"), Some("no"))
    );
    let ids = |answer: &Answer| -> Vec<String> {
        answer.text.lines().filter_map(|l| l.strip_prefix("id: ")).map(str::to_owned).collect()
    };
    assert_eq!(ids(&told), ["1", "2", "end"], "{}", told.text);
    assert!(told.text.contains("event: state") && told.text.contains("event: closed"));
    let missed = world.nobody().send("GET", &path, &[("last-event-id", "1")], None);
    assert_eq!(ids(&missed), ["2", "end"]);
    assert_eq!(world.nobody().send("GET", &path, &[("last-event-id", "end")], None).status, 204);
    assert_eq!(world.nobody().get("/api/v1/lots/lot_none/events").status, 404);
});

both_backends!(bids_on_record_cannot_be_changed, |world| {
    let trade = admitted(world);
    ok(trade.bid("A", "09:31:00", "700.00"));
    for statement in ["UPDATE auction_commands SET amount = 1", "DELETE FROM auction_commands"] {
        assert!(xiangji::db::execute(&world.app.config.database_url, statement).is_err(), "{statement}");
    }
});

// Everybody bids at once, over the same price: whatever the order was, it is one order, and it replays.
both_backends!(bids_of_many_at_once_stand_in_one_order, |world| {
    let trade = admitted(world);
    world.set_time("2026-03-11T09:31:00+08:00");
    let clients: Vec<Client<'_>> = ["A", "B", "C", "P"].map(|name| trade.as_(name)).into();
    let together = Barrier::new(clients.len());
    let accepted: usize = std::thread::scope(|scope| {
        let bidders = clients.iter().map(|client| {
            scope.spawn(|| {
                let mut accepted = 0;
                for _ in 0..15 {
                    // However few processors there are, nobody is done before the others have begun.
                    together.wait();
                    let least = ok(client.get(&trade.path("/mine"))).json["least"].clone();
                    let amount = least.as_str().unwrap_or("700.00").to_owned();
                    let answer = client.post(&trade.path("/bids"), &json!({ "amount": amount }));
                    assert!(matches!(answer.status, 201 | 409), "{answer:?}");
                    accepted += usize::from(answer.status == 201);
                }
                accepted
            })
        });
        let running: Vec<_> = bidders.collect();
        running.into_iter().map(|b| b.join().unwrap()).sum()
    });
    assert_eq!(trade.lot()["live"]["seq"], 60, "every command has a number, refused ones too");
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let result = auction::replay(&ok(world.nobody().get(&trade.path("/trace"))).text).unwrap();
    assert_eq!(result.matches("\"accepted\": true").count(), accepted);
    assert!(accepted >= 15, "each time somebody goes past the leader: {accepted}");
});
