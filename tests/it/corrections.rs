//! Notices after they went out: corrections that stand beside what they correct, questions that everybody reads the answers
//! of, and what was paid for the like.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    notices::{clerk, drafted, faults, people, pond, published},
    support::app::{Answer, DURUAN, LONGXI, World},
    trading::{HOURS, Trade, ok, step},
};

fn correct(trade: &Trade<'_>, version: i64, body: &Value) -> Answer {
    step(&trade.as_("trader"), &trade.path("/corrections"), version, body)
}

fn get(world: &World, path: &str) -> String {
    ok(world.nobody().get(path)).text
}

both_backends!(a_correction_stands_beside_what_it_corrects_and_gives_time, |world| {
    people(world);
    let trade = published(world, &pond(world));
    world.set_time("2026-03-04T09:00:00+08:00");
    let silent = correct(&trade, 4, &json!({"usage": "淡水养殖，不得养鳄鱼"}));
    assert_eq!(faults(&silent)[0].0, "/reason", "{silent:?}");
    let nothing = correct(&trade, 4, &json!({"reason": "没有改"}));
    assert_eq!((nothing.status, nothing.code()), (422, "nothing_corrected"), "{nothing:?}");
    for field in ["opening_price", "deposit", "term_months", "asset_id"] {
        let price = correct(&trade, 4, &json!({"reason": "想改", field: "1"}));
        assert_eq!(price.status, 422, "{field} is never corrected: {price:?}");
    }
    let earlier = json!({"reason": "提前", "schedule": {"enrol_until": "2026-03-09T17:00:00+08:00",
        "opens_at": "2026-03-10T09:30:00+08:00", "closes_at": "2026-03-10T10:00:00+08:00"}});
    let earlier = correct(&trade, 4, &earlier);
    assert_eq!(faults(&earlier)[0].0, "/schedule/enrol_until", "{earlier:?}");
    assert!(faults(&earlier)[0].1.contains("只能推后"), "{earlier:?}");
    assert_eq!(correct(&trade, 3, &json!({"reason": "x", "usage": "x"})).code(), "version_stale");

    // A telephone number alone takes no time.
    let phone = ok(correct(&trade, 4, &json!({"reason": "电话写错", "contact": "杜阮镇公共服务中心 0750-0000009"})));
    assert_eq!((phone.json["opens_at"].as_str(), phone.json["version"].as_i64()), (Some(HOURS[1]), Some(5)));
    // What people decide by gives them the days to read it.
    let body = json!({"reason": "用途写漏", "usage": "淡水养殖，不得养鳄鱼", "priority": ""});
    let later = ok(correct(&trade, 5, &body));
    assert_eq!(later.json["opens_at"], "2026-03-13T09:30:00+08:00", "seven working days from the fourth: {later:?}");
    assert_eq!(later.json["closes_at"], "2026-03-13T10:00:00+08:00");
    assert_eq!(later.json["enrol_until"], "2026-03-12T17:00:00+08:00");
    assert_eq!(later.json["live"]["end_at"], "2026-03-13T10:00:00+08:00", "the auction ends when the notice says");

    let versions = ok(world.nobody().get(&trade.path("/notices"))).json["items"].clone();
    let told: Vec<_> =
        versions.as_array().unwrap().iter().map(|v| (v["number"].as_i64(), v["material"].as_bool())).collect();
    assert_eq!(told, [(Some(3), Some(true)), (Some(2), Some(false)), (Some(1), Some(false))]);
    assert_eq!((&versions[2]["terms"]["usage"], &versions[2]["opens_at"]), (&json!("淡水养殖"), &json!(HOURS[1])));
    let lot = format!("/lots/{}", trade.lot);
    let now = get(world, &lot);
    assert!(
        now.contains("不得养鳄鱼") && now.contains("用途写漏") && now.contains(&format!("{lot}/notices/1")),
        "{now}"
    );
    let old = get(world, &format!("{lot}/notices/1"));
    assert!(!old.contains("不得养鳄鱼") && old.contains("这一版已经更正"), "{old}");
    assert!(get(world, &format!("{lot}/notices/3")).contains("这是现在有效的公告"));
    assert_eq!(world.nobody().get(&format!("{lot}/notices/4")).status, 404);
    for statement in ["UPDATE lot_notices SET reason = 'x'", "DELETE FROM lot_notices"] {
        assert!(xiangji::db::execute(&world.app.config.database_url, statement).is_err(), "{statement}");
    }
    let entries = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100")).text;
    assert_eq!(entries.matches("notice.corrected").count(), 2, "{entries}");

    // The auction is held at the new hours and not at the old ones, and its trace replays.
    let made = ok(trade.enrol("A", 1, ""));
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    assert_eq!(trade.bid("A", "09:31:00", "700.00").code(), "not_open");
    world.set_time("2026-03-13T09:31:00+08:00");
    ok(trade.as_("A").post(&trade.path("/bids"), &json!({"amount": "700.00"})));
    world.set_time("2026-03-13T10:00:00+08:00");
    assert_eq!(trade.close(), 1);
    let trace = ok(world.nobody().get(&trade.path("/trace"))).text;
    assert!(xiangji::trading::auction::replay(&trace).unwrap().contains("\"status\": \"sold\""));
    world.app.integrate_log().unwrap();
    assert_eq!(crate::support::verified::faults(world), [], "rows and log still agree");
});

both_backends!(a_notice_freezes_with_its_window_and_with_the_first_enrolment, |world| {
    people(world);
    let body = json!({"reason": "电话写错", "contact": "杜阮镇公共服务中心 0750-0000009"});
    let trade = published(world, &pond(world));
    // Published on Monday the second: two working days end with the fourth.
    world.set_time("2026-03-05T00:00:00+08:00");
    assert_eq!(correct(&trade, 4, &body).code(), "notice_frozen");
    world.set_time("2026-03-04T23:59:59+08:00");
    ok(trade.enrol("A", 1, ""));
    let frozen = correct(&trade, 4, &body);
    assert_eq!(frozen.code(), "notice_frozen", "{frozen:?}");
    assert!(!frozen.text.contains("报名"), "it does not tell whether somebody has enrolled: {frozen:?}");
    let draft = crate::notices::offer(world, "龙门里 4 号鱼塘", "pond", "resource", "15666.67");
    let other = drafted(world, &draft);
    assert_eq!(correct(&other, 1, &body).code(), "lot_not_in_state", "a draft is changed, not corrected");
    let neighbour = world.actor(Role::TradingOfficer, LONGXI, "neighbour");
    assert_eq!(step(&neighbour, &trade.path("/corrections"), 4, &body).status, 404);
    assert_eq!(step(&clerk(world), &trade.path("/corrections"), 4, &body).status, 403);
});

both_backends!(what_one_bidder_is_told_all_are_told, |world| {
    people(world);
    let trade = published(world, &pond(world));
    let path = trade.path("/questions");
    let ask = |name: &str, text: &str| trade.as_(name).post(&path, &json!({"question": text}));
    let personal = ask("A", "请回电 13800001111");
    assert_eq!(faults(&personal)[0].0, "/question", "{personal:?}");
    assert_eq!(clerk(world).post(&path, &json!({"question": "水电？"})).status, 403);
    assert_eq!(world.nobody().post(&path, &json!({"question": "水电？"})).status, 401);
    let asked = ok(ask("A", "水电由谁接入？"));
    ok(ask("A", "塘泥归谁？"));
    ok(ask("A", "能否养鸭？"));
    assert_eq!(ask("A", "第四个问题").code(), "too_many_questions");
    // It waits: who asked and the staff see it, nobody else does.
    let list = |who: &str| ok(trade.as_(who).get(&path)).json["items"].as_array().unwrap().len();
    assert_eq!((list("A"), list("B"), list("trader"), list("reviewer")), (3, 0, 3, 3));
    assert_eq!(ok(world.nobody().get(&path)).json["items"], json!([]));
    let staff = ok(trade.as_("trader").get(&path)).text;
    assert!(!staff.contains("bidder-A"), "staff do not see who asks: {staff}");

    let answer = |who: &str, text: &str| {
        trade.as_(who).post(&format!("/api/v1/questions/{}/answer", asked.id()), &json!({"answer": text}))
    };
    assert_eq!(answer("reviewer", "由承租人申请").status, 403);
    assert_eq!(faults(&answer("trader", " "))[0].0, "/answer");
    ok(answer("trader", "由承租人自行申请"));
    assert_eq!(answer("trader", "改口").code(), "question_answered");
    let public = ok(world.nobody().get(&path));
    assert_eq!(public.json["items"].as_array().unwrap().len(), 1, "{public:?}");
    assert_eq!(public.json["items"][0]["answer"], "由承租人自行申请");
    for page in [format!("/lots/{}", trade.lot), format!("/lots/{}/questions", trade.lot)] {
        let page = get(world, &page);
        assert!(page.contains("水电由谁接入？") && page.contains("由承租人自行申请"), "{page}");
        assert!(!page.contains("塘泥归谁") && !page.contains("bidder-A"), "{page}");
    }
    let entries = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100")).text;
    assert!(entries.contains("question.answered") && !entries.contains("水电由谁接入"), "{entries}");
    let neighbour = world.actor(Role::TradingOfficer, LONGXI, "neighbour");
    let far = neighbour.post(&format!("/api/v1/questions/{}/answer", asked.id()), &json!({"answer": "x"}));
    assert_eq!(far.status, 404);
    world.set_time(HOURS[0]);
    assert_eq!(ask("B", "还能问吗？").code(), "questions_closed");
    world.app.integrate_log().unwrap();
    assert_eq!(crate::support::verified::faults(world), []);
});

both_backends!(what_was_paid_for_the_like_stands_beside_the_price, |world| {
    people(world);
    let first = published(world, &pond(world));
    for (order, name) in [(1, "A"), (2, "B")] {
        let made = ok(first.enrol(name, order, ""));
        ok(first.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
    let second = drafted(world, &crate::notices::offer(world, "龙门里 4 号鱼塘", "pond", "resource", "10000.00"));
    let shop = {
        let mut shop = crate::notices::offer(world, "东边铺 1 号", "shop", "operating", "60.00");
        (shop["form"], shop["price_unit"]) = (json!("lease"), json!("yuan_per_month"));
        shop["deposit"] = json!("1000.00");
        drafted(world, &shop)
    };
    let alike = |trade: &Trade<'_>| ok(clerk(world).get(&trade.path("/comparables"))).json;
    assert_eq!((&alike(&second)["items"], &alike(&second)["median"]), (&json!([]), &Value::Null), "nothing was sold");
    ok(first.bid("A", "09:31:00", "700.00"));
    ok(first.bid("B", "09:32:00", "760.00"));
    world.set_time(HOURS[2]);
    assert_eq!(first.close(), 1);
    let found = alike(&second);
    assert_eq!((found["median"].as_str(), found["price_unit"].as_str()), (Some("760.00"), Some("yuan_per_mu_year")));
    assert_eq!(
        (found["items"][0]["lot_id"].as_str(), found["items"][0]["closed_on"].as_str()),
        (Some(first.lot.as_str()), Some("2026-03-11"))
    );
    assert_eq!(alike(&shop)["items"], json!([]), "a shop is not like a pond");
    assert_eq!(world.nobody().get(&second.path("/comparables")).status, 401);
    let stranger = world.actor(Role::Clerk, LONGXI, "stranger");
    assert_eq!(stranger.get(&second.path("/comparables")).status, 404);
    let price = ok(clerk(world).get(&format!("/listings/{}/price", second.lot))).text;
    assert!(price.contains("近期成交价") && price.contains("760.00"), "{price}");
    ok(step(&clerk(world), &second.path("/submit"), 1, &json!({})));
    let officer = world.actor(Role::TownshipOfficer, DURUAN, "another");
    assert!(ok(officer.get(&format!("/listings/{}/review", second.lot))).text.contains("近期成交价"));
});

both_backends!(several_lots_stand_in_one_notice_or_none_of_them_does, |world| {
    people(world);
    let offer = |n: u32| crate::notices::offer(world, &format!("龙门里 {n} 号鱼塘"), "pond", "resource", "15666.67");
    let all = [drafted(world, &offer(1)), drafted(world, &offer(2)), drafted(world, &offer(3))];
    crate::notices::approved(&all[0]);
    crate::notices::approved(&all[1]);
    let [a, b, c] = &all;
    let publish = |lots: Value| {
        let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
        a.as_("trader").post("/api/v1/notices", &json!({"lots": lots, "schedule": hours}))
    };
    let seen = |trade: &Trade<'_>, version: i64| json!({"lot": trade.lot, "version": version});
    assert_eq!(faults(&publish(json!([seen(a, 3)])))[0].0, "/lots");
    assert_eq!(faults(&publish(json!([seen(a, 3), seen(a, 3)])))[0].0, "/lots", "one stands twice");
    let early = publish(json!([seen(a, 3), seen(c, 1)]));
    assert_eq!(early.code(), "lot_not_in_state", "{early:?}");
    assert_eq!(world.nobody().get(&a.path("")).status, 404, "all of them or none");
    assert_eq!(publish(json!([seen(a, 3), seen(b, 2)])).code(), "version_stale");
    let out = ok(publish(json!([seen(a, 3), seen(b, 3)])));
    let (first, second) = (a.lot(), b.lot());
    assert_eq!(out.json["notice_number"], first["number"], "{out:?}");
    assert_eq!(first["notice_number"], second["notice_number"]);
    assert_ne!(first["number"], second["number"], "each lot has its own number");
    assert_eq!(first["beside"][0]["id"].as_str(), Some(b.lot.as_str()));
    assert!(get(world, &format!("/lots/{}", b.lot)).contains(&format!("/lots/{}\">龙门里 1 号鱼塘发包", a.lot)));
    ok(a.enrol("A", 1, ""));
    ok(b.enrol("A", 1, ""));

    // One screen for the sitting, whichever lot it was opened from.
    for trade in [a, b] {
        let screen = get(world, &format!("/lots/{}/sitting", trade.lot));
        let at = |trade: &Trade<'_>| screen.find(&format!("/lots/{}/hall", trade.lot)).unwrap();
        assert!(at(a) < at(b) && screen.contains("2 个标的"), "{screen}");
    }
    world.app.integrate_log().unwrap();
    assert_eq!(crate::support::verified::faults(world), []);
});
