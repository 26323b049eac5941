//! Who may enrol: nobody who sells or steers, everybody with the notice in hand, groups with all of their parts.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    notices::{faults, offer, people, published},
    support::app::{Answer, DURUAN, SHANGXIANG, World},
    trading::{HOURS, Trade, ok, resident_id, step},
};

/// What somebody of this order fills in.
pub fn form(order: u32, name: &str) -> Value {
    json!({"kind": "person", "name": name, "id_number": resident_id(order), "phone": "13800001111", "accepts_terms": true,
        "declares_no_conflict": true})
}

pub fn partner(order: u32, name: &str, share: &str) -> Value {
    json!({"kind": "person", "name": name, "id_number": resident_id(order), "share": share})
}

pub fn enrol(trade: &Trade<'_>, who: &str, body: &Value) -> Answer {
    trade.as_(who).post(&trade.path("/enrolments"), body)
}

/// A published pond; with joint bids where wanted.
pub fn pond(world: &World, joint: bool) -> Trade<'_> {
    let mut draft = offer(world, "龙门里 3 号鱼塘", "pond", "resource", "15666.67");
    draft["notice"] = json!({"joint_bidders": joint});
    published(world, &draft)
}

pub fn agree(trade: &Trade<'_>, who: &str, code: &Value, order: u32) -> Answer {
    let body =
        json!({"code": code, "id_tail": resident_id(order)[14..], "accepts_terms": true, "declares_no_conflict": true});
    trade.as_(who).post(&trade.path("/joint-agreements"), &body)
}

both_backends!(who_sells_or_steers_a_lot_does_not_bid_for_it, |world| {
    people(world);
    let trade = pond(world, false);
    let mut silent = form(1, "陈A");
    silent["declares_no_conflict"] = json!(false);
    let refused = enrol(&trade, "A", &silent);
    assert_eq!(faults(&refused)[0].0, "/declares_no_conflict", "{refused:?}");

    // The collective by its credit code; another organisation is the control.
    let registrar = world.sign_in(&format!("registrar-{SHANGXIANG}"));
    let own = json!({"name": "上巷村股份合作经济联合社", "credit_code": "N2440703MF0000013M"});
    ok(registrar.patch(&format!("/api/v1/collectives/{SHANGXIANG}"), 1, &own));
    let mut seller = form(1, "上巷村股份合作经济联合社");
    (seller["kind"], seller["id_number"]) = (json!("organisation"), json!("N2440703MF0000013M"));
    let refused = enrol(&trade, "A", &seller);
    assert_eq!((refused.status, refused.code()), (409, "conflict_of_interest"), "{refused:?}");
    assert!(refused.text.contains("出让方自己"), "{refused:?}");

    // Somebody of the roster: an officer of the collective, one whose account books the money, and a mere member.
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let member = |order: u32, name: &str| {
        let body = json!({"collective_code": SHANGXIANG, "household_number": format!("{order:04}"), "name": name,
            "id_number": resident_id(order), "relation": "户主", "ground": "original", "basis": "2018年6月30日成员大会决议",
            "acquired_on": "2018-06-30"});
        ok(clerk.post("/api/v1/members", &body)).json["person_id"].as_str().unwrap().to_owned()
    };
    member(11, "梁国栋");
    let staff = member(12, "区国强");
    member(13, "黎国华");
    let term = json!({"name": "梁国栋", "post": "chair", "since": "2024-01-01"});
    ok(registrar.post(&format!("/api/v1/collectives/{SHANGXIANG}/officers"), &term));
    ok(clerk.post(&format!("/api/v1/persons/{staff}/account"), &json!({"account": "trader"})));
    let refused = enrol(&trade, "A", &form(11, "梁国栋"));
    assert_eq!(refused.code(), "conflict_of_interest", "{refused:?}");
    assert!(refused.text.contains("理事长"), "{refused:?}");
    let refused = enrol(&trade, "A", &form(12, "区国强"));
    assert_eq!(refused.code(), "conflict_of_interest", "{refused:?}");
    assert!(refused.text.contains("镇街交易员"), "{refused:?}");
    ok(enrol(&trade, "A", &form(13, "黎国华")));
    // A namesake of the officer who is no member of the collective.
    ok(enrol(&trade, "B", &form(14, "梁国栋")));
});

both_backends!(what_was_accepted_stands_with_its_version_and_its_hour, |world| {
    people(world);
    let trade = pond(world, false);
    let body = json!({"reason": "用途写漏", "usage": "淡水养殖，不得养鳄鱼"});
    ok(step(&trade.as_("trader"), &trade.path("/corrections"), 4, &body));
    let mut old = form(1, "陈A");
    old["notice_version"] = json!(1);
    let refused = enrol(&trade, "A", &old);
    assert_eq!((refused.code(), refused.json["notice_version"].as_i64()), ("notice_changed", Some(2)), "{refused:?}");
    let page = ok(trade.as_("A").get(&format!("/lots/{}/enrol", trade.lot))).text;
    assert!(page.contains("name=\"notice_version\" value=\"2\"") && page.contains("近亲属"), "{page}");
    assert!(!page.contains("和别人一起竞买"), "the notice accepts no joint bids: {page}");
    world.pass_s(60);
    old["notice_version"] = json!(2);
    let made = ok(enrol(&trade, "A", &old));
    assert_eq!(made.json["accepted_notice"], 2);
    assert_eq!(made.json["accepted_at"], "2026-03-02T09:01:00+08:00");
    let receipt = ok(trade.as_("A").get(&format!("/lots/{}/enrolment", trade.lot))).text;
    assert!(receipt.contains("第 2 版") && receipt.contains("没有依法不得竞买的情形"), "{receipt}");
    let entries = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100"));
    let made = entries.json["items"].as_array().unwrap().iter().find(|e| e["kind"] == "enrolment.made").unwrap();
    assert_eq!((made["data"]["notice"].as_i64(), made["data"]["declaration"].as_i64()), (Some(2), Some(1)), "{made}");
});

both_backends!(a_group_bids_once_all_of_it_have_agreed, |world| {
    people(world);
    for name in ["D", "E"] {
        world.actor(Role::Bidder, DURUAN, &format!("bidder-{name}"));
    }
    let lone = pond(world, false);
    let mut body = form(1, "陈A");
    (body["share"], body["partners"]) = (json!("50"), json!([partner(2, "陈B", "50")]));
    assert_eq!(enrol(&lone, "A", &body).code(), "no_joint_bids");

    let mut draft = offer(world, "龙门里 4 号鱼塘", "pond", "resource", "15666.67");
    draft["notice"] = json!({"joint_bidders": true});
    let trade = published(world, &draft);
    ok(enrol(&trade, "C", &form(3, "陈C")));
    let group = |share: &str, partners: Value| {
        let mut body = form(1, "陈A");
        (body["share"], body["partners"]) = (json!(share), partners);
        enrol(&trade, "A", &body)
    };
    let short = group("33.3333", json!([partner(2, "陈B", "33.3333"), partner(4, "陈D", "33.3333")]));
    assert_eq!(faults(&short)[0].0, "/share", "{short:?}");
    assert!(faults(&short)[0].1.contains("99.9999%"), "{short:?}");
    assert_eq!(group("50", json!([partner(3, "陈C", "50")])).code(), "already_enrolled", "C stands alone");
    let banned = crate::exclusions::decision(9, "陈I", DURUAN);
    ok(trade.as_("trader").post("/api/v1/exclusions", &banned));
    assert_eq!(group("50", json!([partner(9, "陈I", "50")])).code(), "excluded");

    let made = ok(group("33.3334", json!([partner(2, "陈B", "33.3333"), partner(4, "陈D", "33.3333")])));
    let codes = [&made.json["partners"][0]["code"], &made.json["partners"][1]["code"]];
    assert_ne!(codes[0], codes[1]);
    assert!(!made.text.contains(&resident_id(2)), "partners' numbers are masked: {made:?}");
    let mut again = form(2, "陈B");
    assert_eq!(enrol(&trade, "B", &again).code(), "already_enrolled", "who stands in a group does not bid alone");
    (again["id_number"], again["share"]) = (json!(resident_id(5)), json!("50"));
    again["partners"] = json!([partner(4, "陈D", "50")]);
    assert_eq!(enrol(&trade, "E", &again).code(), "already_enrolled", "nor in another group");

    // The deposit alone admits nobody.
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    assert_eq!(trade.number("A"), Value::Null);
    assert_eq!(agree(&trade, "B", &json!("123456789012"), 2).code(), "joint_code_wrong");
    assert_eq!(agree(&trade, "B", codes[0], 4).code(), "joint_code_wrong", "the number belongs to the code");
    assert_eq!(agree(&trade, "A", codes[0], 2).code(), "own_partner", "the lead agrees for nobody");
    assert_eq!(agree(&trade, "C", codes[0], 2).code(), "already_enrolled");
    assert_eq!(trade.as_("trader").post(&trade.path("/joint-agreements"), &json!({})).status, 403);
    let agreed = ok(agree(&trade, "B", codes[0], 2));
    assert_eq!((agreed.json["share"].as_str(), agreed.json["lead"].as_str()), (Some("33.3333"), Some("陈A")));
    assert_eq!(agree(&trade, "D", codes[0], 2).code(), "joint_code_wrong", "a code is good once");
    assert_eq!(agree(&trade, "B", codes[1], 4).code(), "already_enrolled", "one account, one partner");
    let own = |who: &str| ok(trade.as_(who).get("/api/v1/enrolments")).json["items"][0].clone();
    assert_eq!(own("A")["bid_number"], Value::Null);
    assert_eq!(own("A")["partners"][0]["code"], Value::Null, "it was used");
    let last = ok(agree(&trade, "D", codes[1], 4));
    assert_eq!(last.json["bid_number"], "01", "{last:?}");
    assert_eq!(own("A")["bid_number"], "01");
    let page = ok(trade.as_("B").get(&format!("/lots/{}/joint", trade.lot))).text;
    assert!(page.contains("33.3333%") && page.contains("01 号"), "{page}");

    ok(trade.bid("A", "09:31:00", "700.00"));
    assert_eq!(trade.bid("B", "09:32:00", "710.00").code(), "not_enrolled", "the lead bids");
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 2);
    let name = trade.lot()["award"]["winner_name"].as_str().unwrap().to_owned();
    assert!(name.matches('陈').count() == 3 && name.contains("联合竞买") && !name.contains("陈A"), "{name}");
    let trader = ok(trade.as_("trader").get(&trade.path("/enrolments")));
    assert!(trader.text.contains("33.3334") && trader.text.contains("陈D"), "{trader:?}");
    world.app.integrate_log().unwrap();
    assert_eq!(crate::support::verified::faults(world), [], "rows and log agree");
});

both_backends!(a_group_that_does_not_agree_in_time_is_paid_back, |world| {
    people(world);
    let trade = pond(world, true);
    let mut body = form(1, "陈A");
    (body["share"], body["partners"]) = (json!("60"), json!([partner(2, "陈B", "40")]));
    let made = ok(enrol(&trade, "A", &body));
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    world.set_time(HOURS[1]);
    assert_eq!(agree(&trade, "B", &made.json["partners"][0]["code"], 2).code(), "admission_over");
    assert_eq!(trade.bid("A", "09:31:00", "700.00").status, 409);
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let orders = ok(trade.as_("trader").get(&format!("/api/v1/money/orders?lot={}", trade.lot)));
    assert_eq!(orders.json["items"][0]["amount"], "10000.00", "{orders:?}");
});

both_backends!(nobody_learns_before_the_end_who_takes_part_or_how_many_do, |world| {
    people(world);
    let trade = pond(world, false);
    let (desk, all) = (format!("/listings/{}/enrolments", trade.lot), trade.path("/enrolments"));
    let trader = trade.as_("trader");
    let seen = || ["/home", &desk, &format!("/listings/{}", trade.lot)].map(|page| ok(trader.get(page)).text);
    let before = seen();
    let (a, b) = (ok(enrol(&trade, "A", &form(1, "陈A"))), ok(enrol(&trade, "B", &form(2, "陈B"))));
    assert_eq!(seen(), before, "the pages of the desk are the same, whoever has enrolled");
    for (who, path) in [("trader", &all), ("trader", &format!("/enrolments/{}", a.id()))] {
        assert_eq!(trade.as_(who).get(path).status, 409, "{path}");
    }
    assert_eq!(trader.get(&all).code(), "bidders_hidden");
    assert_eq!(trade.as_("reviewer").get(&all).status, 403);

    // Money is booked by the code of its remark.
    let coded = |remark: &str, payer: &str, reference: &str| {
        let body = json!({"remark": remark, "amount": "10000.00", "payer_name": payer, "reference": reference,
            "received_at": world.app.db.now().to_string()});
        trader.post(&trade.path("/deposits"), &body)
    };
    let (of_a, of_b) = (a.json["remark"].as_str().unwrap(), b.json["remark"].as_str().unwrap());
    assert_eq!(faults(&coded("BZJ00000000", "陈A", "r0"))[0].0, "/remark");
    assert_eq!(coded(of_a, "陈B", "r1").code(), "payer_differs");
    let paid = ok(coded(&format!(" {} ", of_a.to_lowercase()), "陈A", "r2"));
    assert!(!paid.text.contains("陈A") && !paid.text.contains(a.id()), "{paid:?}");
    assert_eq!((paid.json["remark"].as_str(), trade.number("A")), (Some(of_a), json!("01")));
    ok(coded(of_b, "陈B", "r3"));
    assert_eq!(seen(), before);
    let ranked = trader.send(
        "PUT",
        &format!("/api/v1/enrolments/{}/priority", a.id()),
        &[("content-type", "application/json"), ("if-match", "\"2\"")],
        Some(br#"{"rank":null}"#.to_vec()),
    );
    assert!(!ok(ranked.clone()).text.contains("陈A"), "{ranked:?}");

    // One file by its code, everybody by the township: each is on record at once and told at the end.
    let look = |who: &str, rest: &str, body: Value| trade.as_(who).post(&trade.path(rest), &body);
    assert_eq!(look("trader", "/enrolments/file", json!({"remark": of_a, "reason": ""})).status, 422);
    assert_eq!(look("trader", "/enrolments/file", json!({"remark": "BZJ", "reason": "核对"})).code(), "no_such_remark");
    let file = ok(look("trader", "/enrolments/file", json!({"remark": of_a, "reason": "核对报名材料"})));
    assert!(
        file.text.contains("陈A") && !file.text.contains("陈B") && !file.text.contains(&resident_id(1)),
        "{file:?}"
    );
    world.pass_s(1);
    let glass = |reason: &str| json!({"reason": reason});
    assert_eq!(look("trader", "/enrolments/break-glass", glass("好奇")).status, 403);
    assert_eq!(faults(&look("reviewer", "/enrolments/break-glass", glass("13800001111")))[0].0, "/reason");
    // One asks, another agrees, and who asked sees the names for half an hour.
    world.actor(Role::TownshipOfficer, DURUAN, "second");
    let asked = ok(look("reviewer", "/enrolments/break-glass", glass("公安机关调查串通")));
    assert!(!asked.text.contains("陈A") && asked.json["state"] == "requested", "{asked:?}");
    assert_eq!(look("second", "/enrolments/break-glass", glass("另一个理由")).code(), "break_glass_waiting");
    let step = |who: &str, id: &str, rest: &str, body: Value| {
        trade.as_(who).post(&format!("/api/v1/break-glass/{id}/{rest}"), &body)
    };
    assert_eq!(step("reviewer", asked.id(), "look", json!({})).code(), "break_glass_not_agreed");
    assert_eq!(step("reviewer", asked.id(), "agree", json!({})).code(), "break_glass_second_person");
    assert_eq!(step("trader", asked.id(), "agree", json!({})).status, 403);
    assert_eq!(faults(&step("second", asked.id(), "refuse", json!({"reason": " "})))[0].0, "/reason");
    assert!(ok(trade.as_("second").get("/home")).text.contains("紧急查看竞买人的申请"));
    assert!(!ok(trade.as_("reviewer").get("/home")).text.contains("紧急查看竞买人的申请"));
    ok(step("second", asked.id(), "refuse", json!({"reason": "没有公函"})));
    assert_eq!(step("second", asked.id(), "agree", json!({})).code(), "break_glass_decided");
    world.pass_s(1);
    let asked = ok(look("reviewer", "/enrolments/break-glass", glass("公安机关调查串通")));
    let agreed = ok(step("second", asked.id(), "agree", json!({})));
    assert_eq!(agreed.json["until"], world.app.db.now().plus_s(1800).to_string(), "{agreed:?}");
    assert_eq!(step("second", asked.id(), "look", json!({})).code(), "break_glass_of_another");
    world.pass_s(1799);
    let everybody = ok(step("reviewer", asked.id(), "look", json!({})));
    assert_eq!(everybody.json["items"].as_array().unwrap().len(), 2);
    world.pass_s(1);
    let over = step("reviewer", asked.id(), "look", json!({}));
    assert_eq!((over.code(), &over.json["until"]), ("break_glass_over", &agreed.json["until"]));
    let all_asked = ok(trade.as_("second").get(&trade.path("/enrolments/break-glass"))).json["items"].clone();
    assert_eq!((&all_asked[0]["state"], &all_asked[1]["state"]), (&json!("refused"), &json!("agreed")));
    assert_eq!(trade.lot()["break_glass"], json!([]), "told at the end");
    let entries = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100")).text;
    assert!(entries.contains("bidders.looked_at") && entries.contains("enrolment.looked_at"), "{entries}");
    assert!(!entries.contains("公安机关"), "{entries}");
    assert_eq!(trade.lot()["looks_at_bidders"], json!([]), "told at the end");

    ok(trade.bid("A", "09:31:00", "700.00"));
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let told = trade.lot()["looks_at_bidders"].clone();
    assert_eq!((told[0]["at_all"].as_bool(), told[1]["at_all"].as_bool()), (Some(false), Some(true)), "{told}");
    let page = ok(world.nobody().get(&format!("/lots/{}", trade.lot))).text;
    assert!(page.contains("查看竞买人 2 次") && page.contains("公安机关调查串通"), "{page}");
    let told = trade.lot()["break_glass"].clone();
    assert_eq!((&told[0]["refusal"], &told[1]["state"]), (&json!("没有公函"), &json!("agreed")), "{told}");
    assert!(page.contains("申请查看全部竞买人的记录") && page.contains("没有公函"), "{page}");
    // The control: now there is a list.
    let list = ok(trade.as_("trader").get(&all));
    assert_eq!(list.json["items"].as_array().unwrap().len(), 2);
    let page = ok(trade.as_("trader").get(&desk)).text;
    assert!(page.contains("陈A") && page.contains("报名 2 人"), "{page}");
    assert_eq!(look("reviewer", "/enrolments/break-glass", glass("太晚了")).code(), "lot_not_in_state");
    world.app.integrate_log().unwrap();
    assert_eq!(crate::support::verified::faults(world), []);
});
