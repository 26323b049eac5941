//! A township in which every logged table has at least twenty rows: what tampering is tried on.

use serde_json::{Value, json};
use xiangji::{access::Role, trading::sealed::RESERVE};

use super::{
    app::{Answer, Client, DURUAN, SHANGXIANG, World},
    behind::Behind,
};
use crate::{
    sealed::Keys,
    trading::{HOURS, listing, ok, payer_account, resident_id, steering, step},
};

/// Rows that the smallest table has at least.
pub const ROWS: usize = 20;
/// Lots: one is given up before its auction, one is terminated, one gets no bid, the others are sold.
const LOTS: usize = ROWS + 2;

/// Villages, members, assets, parcels, contracts, and lots whose auctions have ended. The clock stands after their end, and
/// everything has its place in the log.
pub fn township(world: &World) {
    let villages = villages(world);
    world.actor(Role::TradingOfficer, DURUAN, "trader");
    world.actor(Role::Auditor, DURUAN, "auditor");
    for n in 0..ROWS {
        world.actor(Role::Member, SHANGXIANG, &format!("villager-{n}"));
    }
    for name in ["one", "two"] {
        world.actor(Role::Bidder, DURUAN, name);
    }
    registers(world, &villages);
    let lots = published(world);
    enrolled(world, &lots);
    joint(world, &clerk_listing(world, LOTS + 1));
    glass(world, &lots);
    let sealed = sealed_lot(world, &clerk_listing(world, LOTS));
    let drawn = ceiling_lot(world, &clerk_listing(world, LOTS + 2), json!({"draw_ceiling": true, "draw_h": 1}));
    let ranked =
        ceiling_lot(world, &clerk_listing(world, LOTS + 3), json!({"ceiling_criterion": crate::ranking::CRITERION}));
    auctions(world, &lots, &sealed, &[&drawn, &ranked]);
    rounds(world, &drawn);
    rankings(world, &ranked);
    money(world, &lots);
    accounts(world, &villages);
    months(world);
    bank(world, &lots);
    results(world, &lots);
    negotiations(world, &lots[1]);
    world.app.integrate_log().unwrap();
}

/// Collectives with an officer each; the first is [`SHANGXIANG`].
fn villages(world: &World) -> Vec<String> {
    let others = format!(
        "SELECT code AS v FROM regions WHERE level = 'village' AND code <> '{SHANGXIANG}' ORDER BY code LIMIT {}",
        ROWS - 1
    );
    let codes: Vec<String> = [SHANGXIANG.to_owned()].into_iter().chain(Behind::of(world).texts(&others)).collect();
    assert_eq!(codes.len(), ROWS);
    let officer = world.actor(Role::TownshipOfficer, "440703000000", "reviewer");
    for code in &codes {
        ok(officer.post("/api/v1/collectives", &json!({"code": code, "name": format!("{code}股份合作经济联合社")})));
        let term = json!({"name": "区某", "post": "chair", "since": "2024-01-01"});
        ok(officer.post(&format!("/api/v1/collectives/{code}/officers"), &term));
    }
    codes
}

/// Members of two villages with a correction each, parcels, contracts.
fn registers(world: &World, villages: &[String]) {
    let clerk = world.clerk(SHANGXIANG);
    let member = |clerk: &Client<'_>, village: &str, n: usize| {
        let body = json!({"collective_code": village, "household_number": format!("{:04}", n + 1), "name": format!("梁{}", name(n)),
            "id_number": resident_id(u32::try_from(n).unwrap() + 1), "relation": "户主", "ground": "original", "phone": "13800005678",
            "basis": "2018年6月30日成员大会决议", "acquired_on": "2018-06-30"});
        ok(clerk.post("/api/v1/members", &body))
    };
    for n in 0..ROWS {
        let made = member(&clerk, SHANGXIANG, n);
        let person = format!("/api/v1/persons/{}", made.json["person_id"].as_str().unwrap());
        ok(clerk.patch(
            &person,
            1,
            &json!({"name": format!("区{}", name(n)), "phone": "", "reason": "对照户口簿更正"}),
        ));
        ok(clerk.post(&format!("{person}/reveal"), &json!({"field": "id_number", "reason": "对照户口簿"})));
        ok(clerk.post("/api/v1/parcels", &plot(n)));
        let lease = json!({"name": format!("铺位 {n} 租赁合同"), "kind": "lease", "lessee": "梁国栋", "lessee_kind": "person",
            "starts_on": "2026-01-01", "ends_on": "2028-12-31", "annual_rent": "12000.00", "total": "36000.00", "state": "running"});
        ok(clerk.post("/api/v1/contracts", &lease));
    }
    member(&world.clerk(&villages[1]), &villages[1], ROWS);
    erasures(world, &villages[2]);
}

/// Somebody who died long ago, and whose erasure is asked for and declined again and again.
fn erasures(world: &World, village: &str) {
    let (clerk, officer) = (world.clerk(village), world.sign_in("reviewer"));
    let body = json!({"collective_code": village, "household_number": "0001", "name": "梁故", "id_number": crate::erasure::id_number(900),
        "relation": "户主", "ground": "original", "basis": "登记", "acquired_on": "1980-06-30"});
    let made = ok(clerk.post("/api/v1/members", &body));
    let end = json!({"cause": "death", "basis": "死亡证明", "lost_on": "1990-05-01", "retained_until": ""});
    ok(clerk.post(&format!("/api/v1/members/{}/end", made.id()), &end));
    let path = format!("/api/v1/persons/{}/erasure", made.json["person_id"].as_str().unwrap());
    for _ in 0..ROWS {
        ok(clerk.post(&path, &json!({"ground": "asked_by_person"})));
        ok(officer.post(&format!("{path}/decline"), &json!({})));
        world.pass_s(1);
    }
}

/// Names are written in characters.
fn name(n: usize) -> String {
    let digit = |n: usize| "甲乙丙丁戊己庚辛壬癸".chars().nth(n % 10).unwrap();
    [digit(n / 10), digit(n)].iter().collect()
}

/// A plot 10 m wide and 8 m deep, 20 m from the next.
fn plot(n: usize) -> Value {
    let (w, s) = (38_405_200 + 20 * n, 2_503_400);
    let (e, n) = (w + 10, s + 8);
    json!({"household": "梁国栋", "location": "一巷 12 号", "registered_area": "80.00",
        "geometry": {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}})
}

fn path(lot: &str, rest: &str) -> String {
    format!("/api/v1/lots/{lot}{rest}")
}

/// Whether the papers of a lot are examined after its auction; those of the others before it.
fn is_after(n: usize) -> bool {
    n % 4 == 3
}

fn published(world: &World) -> Vec<String> {
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let (reviewer, trader) = (world.sign_in("reviewer"), world.sign_in("trader"));
    let made = |n: usize| {
        let asset = json!({"name": format!("龙门里 {n} 号鱼塘"), "kind": "resource", "class": "pond", "area": "15666.67", "location": "龙门里",
            "original_value": "1000.00", "net_value": "500.00", "state": "idle"});
        let asset = ok(clerk.post("/api/v1/assets", &asset));
        let fields = [("collective_code", SHANGXIANG), ("title", "成员代表会议记录")];
        let paper = ok(clerk.upload("/api/v1/documents", &fields, "a.pdf", format!("%PDF-1.7 {n}").as_bytes()));
        let mut draft = listing(asset.id(), Some(paper.id()));
        draft["priority_kinds"] = json!(["sitting_tenant"]);
        draft["qualification"] = json!(if is_after(n) { "after" } else { "before" });
        draft["qualification_papers"] = json!("营业执照");
        let lot = ok(clerk.post("/api/v1/lots", &draft)).id().to_owned();
        ok(step(&clerk, &path(&lot, "/submit"), 1, &json!({})));
        ok(step(&reviewer, &path(&lot, "/review"), 2, &json!({"approve": true})));
        let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
        ok(step(&trader, &path(&lot, "/publish"), 3, &hours));
        lot
    };
    (0..LOTS).map(made).collect()
}

fn enrolled(world: &World, lots: &[String]) {
    let trader = world.sign_in("trader");
    for (order, account) in [(1, "one"), (2, "two")] {
        let bidder = world.sign_in(account);
        for (n, lot) in lots.iter().enumerate() {
            let body = json!({"kind": "person", "name": format!("陈{}", name(order)), "id_number": resident_id(u32::try_from(order).unwrap()),
                "phone": "13800001111", "accepts_terms": true, "declares_no_conflict": true});
            let made = ok(bidder.post(&path(lot, "/enrolments"), &body));
            let enrolment = made.id().to_owned();
            let paper =
                (!is_after(n)).then(|| ok(crate::qualification::hands_in(&bidder, lot, account)).id().to_owned());
            let look = json!({"remark": made.json["remark"], "reason": "核对报名材料"});
            ok(trader.post(&path(lot, "/enrolments/file"), &look));
            if let Some(paper) = paper {
                ok(crate::qualification::passes(&trader, &paper));
            }
            if order == 1 {
                let right = ok(crate::priority::claims(&bidder, lot, "sitting_tenant")).id().to_owned();
                let found = json!({"proven": true, "note": "与原租赁合同一致"});
                ok(trader.post(&format!("/api/v1/priority-rights/{right}/check"), &found));
            }
            let paid = json!({"amount": "10000.00", "payer_name": format!("陈{}", name(order)), "payer_account": payer_account(account),
                "reference": format!("{lot}-{account}"), "received_at": world.app.db.now().to_string()});
            ok(trader.post(&format!("/api/v1/enrolments/{enrolment}/deposit"), &paid));
        }
    }
    for n in 0..ROWS {
        let body = crate::exclusions::decision(100 + u32::try_from(n).unwrap(), &format!("区{}", name(n)), DURUAN);
        ok(trader.post("/api/v1/exclusions", &body));
    }
    let one = world.sign_in("one");
    for (n, lot) in lots.iter().enumerate() {
        let asked = ok(one.post(&path(lot, "/questions"), &json!({"question": "水电由谁接入？"})));
        if n % 2 == 0 {
            let answer = json!({"answer": "由承租人自行申请"});
            ok(trader.post(&format!("/api/v1/questions/{}/answer", asked.id()), &answer));
        }
    }
    let steer = steering("terminate", "公告内容有误");
    ok(trader.post(&path(&lots[0], "/steering"), &steer));
}

/// One officer asks to look at everybody of each lot, another agrees to most of it, and the names are seen.
fn glass(world: &World, lots: &[String]) {
    world.actor(Role::TownshipOfficer, "440703000000", "other-reviewer");
    let (one, other) = (world.sign_in("reviewer"), world.sign_in("other-reviewer"));
    for (n, lot) in lots.iter().enumerate().skip(1) {
        let asked = ok(one.post(&path(lot, "/enrolments/break-glass"), &json!({"reason": "公安机关调查串通"})));
        let at = |rest: &str| format!("/api/v1/break-glass/{}/{rest}", asked.id());
        if n % 3 == 0 {
            ok(other.post(&at("refuse"), &json!({"reason": "没有公函"})));
        } else {
            ok(other.send("POST", &at("agree"), &[], None));
            ok(one.send("POST", &at("look"), &[], None));
        }
    }
}

/// A listing of one more pond.
fn clerk_listing(world: &World, n: usize) -> Value {
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let asset = json!({"name": format!("龙门里 {n} 号鱼塘"), "kind": "resource", "class": "pond", "area": "15666.67", "location": "龙门里", "state": "idle"});
    let asset = ok(clerk.post("/api/v1/assets", &asset));
    let fields = [("collective_code", SHANGXIANG), ("title", "成员代表会议记录")];
    let paper = ok(clerk.upload("/api/v1/documents", &fields, "a.pdf", format!("%PDF-1.7 {n}").as_bytes()));
    listing(asset.id(), Some(paper.id()))
}

/// A lot for which groups of five enrol, in each of which one partner has agreed.
fn joint(world: &World, draft: &Value) {
    let mut draft = draft.clone();
    draft["notice"] = json!({"joint_bidders": true});
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let lot = ok(clerk.post("/api/v1/lots", &draft)).id().to_owned();
    ok(step(&clerk, &path(&lot, "/submit"), 1, &json!({})));
    ok(step(&world.sign_in("reviewer"), &path(&lot, "/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(step(&world.sign_in("trader"), &path(&lot, "/publish"), 3, &hours));
    for group in 0..ROWS / 4 {
        let number = |n: usize| resident_id(u32::try_from(200 + 10 * group + n).unwrap());
        let partner = |n: usize| json!({"kind": "person", "name": format!("何{}", name(n)), "id_number": number(n), "share": "20"});
        let partners: Vec<Value> = (1..5).map(partner).collect();
        let body = json!({"kind": "person", "name": "何某", "id_number": number(0), "phone": "13800001111", "accepts_terms": true,
            "declares_no_conflict": true, "share": "20", "partners": partners});
        let lead = world.actor(Role::Bidder, DURUAN, &format!("lead-{group}"));
        let made = ok(lead.post(&path(&lot, "/enrolments"), &body));
        let body = json!({"code": made.json["partners"][0]["code"], "id_tail": number(1)[14..], "accepts_terms": true,
            "declares_no_conflict": true});
        let other = world.actor(Role::Bidder, DURUAN, &format!("partner-{group}"));
        ok(other.post(&path(&lot, "/joint-agreements"), &body));
    }
}

/// A lot with sealed bids, its trustees' keys and its bidders.
struct SealedLot {
    lot: String,
    keys: Keys,
}

/// As many trustees as rows are wanted, of whom two serve, and as many bidders.
fn sealed_lot(world: &World, draft: &Value) -> SealedLot {
    let (keys, others) = (Keys::new(2), Keys::new(ROWS - 2));
    let officer = world.sign_in("reviewer");
    let ids = keys.registered(&officer, DURUAN);
    others.registered(&officer, DURUAN);
    let mut draft = draft.clone();
    draft["method"] = json!({"mode": "sealed", "trustees": ids, "trustees_needed": 2, "revisions": 1, "sealed_reserve": true,
            "merits": crate::merits::CRITERIA});
    draft["priority"] = json!("");
    draft["step_max"] = Value::Null;
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let lot = ok(clerk.post("/api/v1/lots", &draft)).id().to_owned();
    for n in 0..ROWS {
        let envelope = keys.envelope(&lot, RESERVE, 70_000 + i64::try_from(n).unwrap());
        ok(clerk.post(&path(&lot, "/sealed-reserve"), &json!(envelope)));
    }
    ok(step(&clerk, &path(&lot, "/submit"), 1, &json!({})));
    ok(step(&officer, &path(&lot, "/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    let trader = world.sign_in("trader");
    ok(step(&trader, &path(&lot, "/publish"), 3, &hours));
    for n in 0..ROWS {
        let bidder = world.actor(Role::Bidder, DURUAN, &format!("sealer-{n}"));
        let (name, order) = (format!("陈{}", name(n)), u32::try_from(n).unwrap() + 1);
        let body = json!({"kind": "person", "name": name, "id_number": resident_id(order), "phone": "13800001111", "accepts_terms": true, "declares_no_conflict": true});
        let made = ok(bidder.post(&path(&lot, "/enrolments"), &body));
        let (enrolment, remark) = (made.id().to_owned(), made.json["remark"].clone());
        let claim = ok(crate::merits::claims(&bidder, &lot, "1.3")).id().to_owned();
        ok(trader.post(&path(&lot, "/enrolments/file"), &json!({"remark": remark, "reason": "审核加分材料"})));
        ok(crate::merits::examined(&trader, &claim, n != 1));
        let paid = json!({"amount": "10000.00", "payer_name": name, "payer_account": payer_account(&name),
            "reference": format!("sealed-{n}"), "received_at": world.app.db.now().to_string()});
        ok(trader.post(&format!("/api/v1/enrolments/{enrolment}/deposit"), &paid));
    }
    SealedLot { lot, keys }
}

/// One bid is replaced, one is for nothing (another's number stands in it), one is too low, one is withdrawn and handed in again.
fn sealed_bids(world: &World, sealed: &SealedLot) {
    for n in 0..ROWS {
        let bidder = world.sign_in(&format!("sealer-{n}"));
        let number = |n: usize| format!("{:02}", n + 1);
        let amount = if n == 2 { 100 } else { 80_000 + 100 * i64::try_from(n).unwrap() };
        let mut envelope = sealed.keys.envelope(&sealed.lot, &number(if n == 1 { 0 } else { n }), amount);
        envelope.bidder = number(n);
        world.pass_s(1);
        if n == 0 {
            let first = sealed.keys.envelope(&sealed.lot, &number(0), 999_900);
            ok(bidder.post(&path(&sealed.lot, "/sealed-bids"), &json!(first)));
            ok(bidder.post(&path(&sealed.lot, "/sealed-bids/withdraw"), &json!({})));
        }
        ok(bidder.post(&path(&sealed.lot, "/sealed-bids"), &json!(envelope)));
    }
}

/// A lot whose two bidders will both stand at the ceiling.
fn ceiling_lot(world: &World, draft: &Value, method: Value) -> String {
    let mut draft = draft.clone();
    draft["method"] = method;
    draft["ceiling_price"] = json!("700");
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let lot = ok(clerk.post("/api/v1/lots", &draft)).id().to_owned();
    ok(step(&clerk, &path(&lot, "/submit"), 1, &json!({})));
    ok(step(&world.sign_in("reviewer"), &path(&lot, "/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    let trader = world.sign_in("trader");
    ok(step(&trader, &path(&lot, "/publish"), 3, &hours));
    for (order, account) in [(1, "one"), (2, "two")] {
        let name = format!("陈{}", name(order));
        let body = json!({"kind": "person", "name": name, "id_number": resident_id(u32::try_from(order).unwrap()),
            "phone": "13800001111", "accepts_terms": true, "declares_no_conflict": true});
        let enrolment = ok(world.sign_in(account).post(&path(&lot, "/enrolments"), &body)).id().to_owned();
        let paid = json!({"amount": "10000.00", "payer_name": name, "payer_account": payer_account(account),
            "reference": format!("{lot}-{account}"), "received_at": world.app.db.now().to_string()});
        ok(trader.post(&format!("/api/v1/enrolments/{enrolment}/deposit"), &paid));
    }
    lot
}

/// One party alone cannot draw: round follows round, until the trade is terminated.
fn rounds(world: &World, lot: &str) {
    for n in 0..ROWS {
        let commitment = json!({"commitment": format!("{n:064x}")});
        ok(world.sign_in(&format!("clerk-{SHANGXIANG}")).post(&path(lot, "/draw/commitments"), &commitment));
        world.pass_s(3600);
        world.close_due();
    }
    let trader = world.sign_in("trader");
    ok(trader.post(&path(lot, "/steering"), &steering("terminate", "抽签一再作废")));
}

/// Those at the ceiling are put in order and sent back, again and again; the last time it is confirmed.
fn rankings(world: &World, lot: &str) {
    let (trader, officer) = (world.sign_in("trader"), world.sign_in("reviewer"));
    for n in 1..=ROWS {
        let fields = [("collective_code", SHANGXIANG), ("title", "评定记录")];
        let paper =
            ok(trader.upload("/api/v1/documents", &fields, "a.pdf", format!("%PDF-1.7 ranking {n}").as_bytes()));
        let mut order = crate::ranking::order(&["02", "01"]);
        order["document"] = json!(paper.id());
        ok(trader.post(&path(lot, "/ranking"), &order));
        let review = json!({"place": n, "approve": n == ROWS, "note": "请补评分表"});
        ok(officer.post(&path(lot, "/ranking/review"), &review));
    }
}

fn auctions(world: &World, lots: &[String], sealed: &SealedLot, at_ceiling: &[&str]) {
    world.set_time("2026-03-11T09:31:00+08:00");
    let (one, two, trader) = (world.sign_in("one"), world.sign_in("two"), world.sign_in("trader"));
    let bid = |who: &Client<'_>, lot: &str, amount: &str| -> Answer {
        world.pass_s(1);
        who.post(&path(lot, "/bids"), &json!({ "amount": amount }))
    };
    let steer = |lot: &str, action: &str| {
        world.pass_s(1);
        ok(trader.post(&path(lot, "/steering"), &steering(action, "网络故障")))
    };
    let hall = &trader;
    for (n, lot) in lots.iter().enumerate().skip(2) {
        let first = format!("{}.00", 700 + 10 * (n % 5));
        let paddle = ok(one.send("POST", &path(lot, "/paddle"), &[], None));
        let shown = json!({"number": "01", "code": paddle.json["code"]});
        ok(hall.post(&path(lot, "/hall-paddles/check-in"), &shown));
        // Every other one raises it.
        match n % 2 {
            0 => {
                world.pass_s(1);
                ok(hall.post(&path(lot, "/hall-bids"), &json!({"number": "01", "amount": first})))
            }
            _ => ok(bid(&one, lot, &first)),
        };
        if n % 4 == 0 {
            ok(one.send("POST", &path(lot, "/paddle/hand-back"), &[], None));
        }
        assert_eq!(bid(&two, lot, "701.00").code(), "below_step");
        ok(bid(&two, lot, &format!("{}.00", 750 + 10 * (n % 3))));
    }
    steer(&lots[3], "suspend");
    steer(&lots[3], "resume");
    world.pass_s(1);
    let fields = [("collective_code", SHANGXIANG), ("title", "终止交易决定书")];
    let paper = ok(trader.upload("/api/v1/documents", &fields, "a.pdf", b"%PDF-1.7 decision"));
    let mut end = steering("terminate", "公告内容有误");
    end["document"] = json!(paper.id());
    ok(trader.post(&path(&lots[4], "/steering"), &end));
    for lot in at_ceiling {
        ok(bid(&one, lot, "700.00"));
        ok(bid(&two, lot, "700.00"));
    }
    sealed_bids(world, sealed);
    world.set_time("2026-03-11T10:00:10+08:00");
    let trader = world.sign_in("trader");
    for trustee in 0..2 {
        sealed.keys.hand_in(&trader, &sealed.lot, trustee);
    }
    world.close_due();
    assert_eq!(world.close_due(), 0);
}

/// After the end: a refund is paid, one waits for its second person, one winner's deposit is counted into the price, another's
/// is kept.
fn money(world: &World, lots: &[String]) {
    world.pass_s(60);
    world.actor(Role::TradingOfficer, DURUAN, "second");
    let (trader, second) = (world.sign_in("trader"), world.sign_in("second"));
    let of = |state: &str, lot: &str| {
        let found = ok(trader.get(&format!("/api/v1/money/orders?state={state}&lot={lot}")));
        found.json["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let order = |id: &str, rest: &str| format!("/api/v1/money/orders/{id}{rest}");
    let (paid, waiting) = (of("due", &lots[5]), of("due", &lots[6]));
    for id in [&paid, &waiting] {
        ok(trader.send("POST", &order(id, "/prepare"), &[], None));
    }
    let receipt = json!({"reference": "out-1", "paid_at": world.app.db.now().to_string()});
    ok(second.post(&order(&paid, "/confirm"), &receipt));
    for (lot, kind) in [(&lots[7], "apply"), (&lots[8], "forfeit")] {
        let all = ok(trader.get(&path(lot, "/enrolments")));
        let held = |e: &&Value| e["deposit"]["state"] == "held";
        let winner = all.json["items"].as_array().unwrap().iter().find(held).unwrap()["id"].as_str().unwrap();
        let wanted = json!({"kind": kind, "grounds": "2026年4月8日第3号决定", "pays_on": kind == "apply"});
        let made = ok(trader.post(&format!("/api/v1/enrolments/{winner}/deposit/orders"), &wanted));
        ok(second.post(&order(made.id(), "/confirm"), &json!({})));
    }
}

/// Two objections a lot, one of them answered; then every result is confirmed, some winners fail, and a contract is signed.
fn results(world: &World, lots: &[String]) {
    let sold: Vec<&String> = lots.iter().enumerate().skip(2).filter(|(n, _)| *n != 4).map(|(_, lot)| lot).collect();
    let trader = world.sign_in("trader");
    for lot in &sold {
        for text in ["公示栏没有贴出来", "竞得人欠租"] {
            let raised = ok(trader.post(&path(lot, "/objections"), &json!({ "objection": text })));
            let finding = json!({"finding": "rejected", "answer": "已核实，不成立。"});
            ok(trader.post(&format!("/api/v1/objections/{}/answer", raised.id()), &finding));
        }
    }
    world.set_time("2026-03-20T09:00:00+08:00");
    let (trader, clerk) = (world.sign_in("trader"), world.sign_in(&format!("clerk-{SHANGXIANG}")));
    for (_, lot) in lots.iter().enumerate().filter(|(n, lot)| is_after(*n) && sold.contains(lot)) {
        let paper = ok(crate::qualification::hands_in(&world.sign_in("two"), lot, "two")).id().to_owned();
        ok(crate::qualification::passes(&trader, &paper));
    }
    for (n, lot) in sold.iter().enumerate() {
        ok(trader.send("POST", &path(lot, "/confirmation"), &[], None));
        if n < 3 {
            ok(trader.post(&path(lot, "/failure"), &json!({"ground": "unpaid", "decision": "杜阮交易处3号"})));
        }
    }
    let last = path(sold.last().unwrap(), "/contract");
    let facts = ok(clerk.get(&last)).json;
    ok(clerk.post(&last, &facts));
}

/// Somebody with whom the lot that nobody bid for is negotiated, again and again; the last time it is published.
fn negotiations(world: &World, lot: &str) {
    let (clerk, officer) = (world.sign_in(&format!("clerk-{SHANGXIANG}")), world.sign_in("reviewer"));
    for n in 1..=ROWS {
        let body = crate::negotiation::proposal(&format!("何{}", name(n)), 300 + u32::try_from(n).unwrap());
        ok(clerk.post(&path(lot, "/negotiation"), &body));
        let review = json!({"place": n, "approve": n == ROWS, "note": "协商记录请补签字"});
        ok(officer.post(&path(lot, "/negotiation/review"), &review));
    }
}

/// A statement a lot, each joining the one before; everything that it explains is ticked off.
fn bank(world: &World, lots: &[String]) {
    let trader = world.sign_in("trader");
    let imports = "/api/v1/money/statements/imports";
    let mut balance = 0;
    for lot in lots {
        let mut file = "交易日期,收入,支出,余额,对方户名,流水号\n".to_owned();
        for (order, account) in [(1, "one"), (2, "two")] {
            balance += 10_000;
            file += &format!("2026-03-02,10000.00,,{balance}.00,陈{},{lot}-{account}\n", name(order));
        }
        let head = [("content-type", "application/octet-stream")];
        let staged = ok(trader.send("POST", imports, &head, Some(file.into_bytes())));
        ok(trader.send("POST", &format!("{imports}/{}/confirm", staged.id()), &[], None));
    }
    strangers(world, balance);
    let stand = ok(trader.get("/api/v1/money/reconciliation")).json;
    let ids = |side: &Value| side.as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    for proposal in stand["proposals"].as_array().unwrap().iter().take(ROWS + 2) {
        let both = json!({"lines": ids(&proposal["lines"]), "booked": ids(&proposal["booked"])});
        ok(trader.post("/api/v1/money/matches", &both));
    }
}

/// Money that fits nobody: one goes back, one waits for its second person, the others are not known yet.
fn strangers(world: &World, mut balance: usize) {
    let (trader, second) = (world.sign_in("trader"), world.sign_in("second"));
    let mut file = "交易日期,收入,支出,余额,对方户名,流水号\n".to_owned();
    for n in 0..ROWS {
        balance += 1;
        file += &format!("2026-03-10,1.00,,{balance}.00,路人{},stray-{n}\n", name(n));
    }
    let head = [("content-type", "application/octet-stream")];
    let imports = "/api/v1/money/statements/imports";
    let staged = ok(trader.send("POST", imports, &head, Some(file.into_bytes())));
    ok(trader.send("POST", &format!("{imports}/{}/confirm", staged.id()), &[], None));
    let stand = ok(trader.get("/api/v1/money/reconciliation")).json;
    let strange = stand["lines"].as_array().unwrap().iter().filter(|line| line["amount"] == "1.00");
    for (n, line) in strange.enumerate() {
        let booked = ok(trader.post("/api/v1/money/unidentified", &json!({"line": line["id"]})));
        let path = |rest: &str| format!("/api/v1/money/unidentified/{}{rest}", booked.id());
        if n < 2 {
            ok(trader.post(&path("/return"), &json!({"grounds": "付款人说明转错了账户"})));
        }
        if n == 0 {
            let paid = json!({"reference": "stray-back", "paid_at": world.app.db.now().to_string()});
            ok(second.post(&path("/confirm"), &paid));
        }
    }
}

/// An account of each village, half of them confirmed.
fn accounts(world: &World, villages: &[String]) {
    let keeper = world.actor(Role::TradingOfficer, "440703000000", "city-trader");
    let officer = world.sign_in("reviewer");
    for (n, village) in villages.iter().enumerate() {
        let body = json!({"collective_code": village, "holder": "股份合作经济联合社", "number": format!("80020000{n:08}"),
            "bank": "农商银行", "grounds": "开户许可证"});
        let made = ok(keeper.post("/api/v1/money/payees", &body));
        if n % 2 == 0 {
            ok(officer.send("POST", &format!("/api/v1/money/payees/{}/confirm", made.id()), &[], None));
        }
    }
}

/// Months of before there were deposits, closed one after the other.
fn months(world: &World) {
    let trader = world.sign_in("trader");
    for n in 0..ROWS {
        let month = json!({"month": format!("{}-{:02}", 2024 + n / 12, 1 + n % 12)});
        ok(trader.post("/api/v1/money/months", &month));
    }
}
