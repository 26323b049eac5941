//! Trades in the Open Contracting Data Standard: what a package tells at each stage and what it never tells, and that the same
//! data give the same bytes.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};
use xiangji::kernel::text::{mask_id, mask_phone};

use crate::{
    both_backends,
    log_commands::{out, refused, run},
    notices::{approved, clerk, drafted, offer, people, pond, published},
    support::{
        app::{Answer, SHANGXIANG, World},
        has_word,
    },
    trading::{HOURS, Trade, ok, payer_account, resident_id, steering, step},
};

pub fn asked(trade: &Trade<'_>) -> Answer {
    ok(trade.world.nobody().get(&trade.path("/ocds")))
}

/// The newest release.
fn newest(package: &Value) -> &Value {
    package["releases"].as_array().unwrap().last().unwrap()
}

pub fn tags(package: &Value) -> Vec<String> {
    let releases = package["releases"].as_array().unwrap();
    releases.iter().map(|release| release["tag"].to_string()).collect()
}

/// A pond with everything that a notice can say, and a public plan.
pub fn pond_with_plan(world: &World, name: &str) -> (Value, String) {
    let mut draft = offer(world, name, "pond", "resource", "15666.67");
    let fields = [("collective_code", SHANGXIANG), ("title", "四至图"), ("visibility", "public")];
    let plan = ok(clerk(world).upload("/api/v1/documents", &fields, "b.pdf", b"%PDF-1.7 plan")).id().to_owned();
    draft["starts_on"] = json!("2026-05-01");
    draft["reserve_price"] = json!("703.13");
    draft["method"] = json!({"increases": "第5年10%；第8年加50"});
    draft["notice"] = json!({"attachments": [plan], "performance_bond": "20000.00", "rent_free_months": 2,
        "tax": "不含税", "payment": "先交后用"});
    (draft, plan)
}

/// The hour of the planned end comes.
fn end(trade: &Trade<'_>) {
    trade.world.set_time(HOURS[2]);
    assert!(trade.close() > 0);
}

fn admit(trade: &Trade<'_>, names: &[&str]) {
    for (name, order) in names.iter().zip(1..) {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}-{}", trade.lot)));
    }
}

/// Sold to 02 at 720.00 after a correction and an answered question.
pub fn sold(world: &World) -> Trade<'_> {
    let (draft, _) = pond_with_plan(world, "龙门里 3 号鱼塘");
    let trade = published(world, &draft);
    world.set_time("2026-03-03T09:00:00+08:00");
    let body = json!({"reason": "电话写错", "contact": "杜阮镇公共服务中心 0750-0000009"});
    ok(step(&trade.as_("trader"), &trade.path("/corrections"), 4, &body));
    world.set_time("2026-03-04T09:00:00+08:00");
    let question = ok(trade.as_("A").post(&trade.path("/questions"), &json!({"question": "水电由谁接入？"})));
    let answer = json!({"answer": "由承租人自行申请"});
    ok(trade.as_("trader").post(&format!("/api/v1/questions/{}/answer", question.id()), &answer));
    admit(&trade, &["A", "B"]);
    ok(trade.bid("A", "09:31:00", "700.00"));
    ok(trade.bid("B", "09:32:00", "720.00"));
    end(&trade);
    trade
}

both_backends!(a_sale_is_told_from_its_notice_to_its_award, |world| {
    people(world);
    let (draft, plan) = pond_with_plan(world, "龙门里 3 号鱼塘");
    let trade = drafted(world, &draft);
    assert_eq!(world.nobody().get(&trade.path("/ocds")).status, 404, "a draft is nobody's business");
    assert_eq!(clerk(world).get(&trade.path("/ocds")).status, 404, "its staff see no more of it");
    approved(&trade);
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));

    let first = asked(&trade);
    let ocid = format!("ocds-000000-{}", trade.lot);
    let package = &first.json;
    assert_eq!((&package["version"], &package["publisher"]["name"]), (&json!("1.1"), &json!("杜阮镇")));
    assert_eq!(package["uri"], format!("http://127.0.0.1:8080{}", trade.path("/ocds")));
    assert_eq!(package["publishedDate"], "2026-03-02T09:00:00+08:00");
    assert_eq!(tags(package), [r#"["tender"]"#]);
    let release = newest(package);
    assert_eq!((&release["ocid"], &release["initiationType"]), (&json!(ocid), &json!("tender")));
    let tender = &release["tender"];
    assert_eq!((&tender["status"], &tender["procurementMethod"]), (&json!("active"), &json!("open")));
    assert_eq!(tender["id"], format!("{SHANGXIANG}-20260302-01"));
    assert_eq!(tender["tenderPeriod"], json!({"startDate": "2026-03-02T09:00:00+08:00", "endDate": HOURS[0]}));
    assert_eq!(tender["contractPeriod"]["startDate"], "2026-05-01T00:00:00+08:00");
    assert_eq!(tender["contractPeriod"]["endDate"], "2034-04-30T23:59:59.999999+08:00");
    let disposal = &tender["disposal"];
    let told: Vec<&Value> = ["form", "priceUnit", "quantityUnit", "termMonths", "rentFreeMonths", "hasReservePrice"]
        .iter()
        .map(|name| &disposal[name])
        .collect();
    assert_eq!(json!(told), json!(["contract", "yuan_per_mu_year", "亩", 96, 2, true]));
    assert_eq!(disposal["auctionPeriod"], json!({"startDate": HOURS[1], "endDate": HOURS[2]}));
    assert_eq!(disposal["rentIncreases"][0]["percentage"], json!(10));
    // Numbers as they are written, not as a reader of binary fractions would have them.
    let opening = trade.lot()["opening_total"].as_str().unwrap().to_owned();
    for number in [opening.as_str(), "700.00", "10000.00", "20000.00", "50.00"] {
        assert!(first.text.contains(&format!("\"amount\": {number},")), "{number}: {}", first.text);
    }
    for number in ["\"quantity\": 23.5,", "\"area\": 15666.67,", "\"quantity\": 188,"] {
        assert!(first.text.contains(number), "{number}: {}", first.text);
    }
    let documents: Vec<&str> =
        tender["documents"].as_array().unwrap().iter().map(|d| d["id"].as_str().unwrap()).collect();
    assert_eq!(documents, ["notice-1", &plan]);
    let digest = clerk(world).get(&format!("/api/v1/documents/{plan}")).json["sha256"].as_str().unwrap().to_owned();
    assert_eq!(tender["documents"][1]["loggedDigest"], format!("sha256:{digest}"));
    let seller = &release["parties"][0];
    assert_eq!(
        (&seller["id"], &seller["roles"]),
        (&json!(format!("CN-REGION-{SHANGXIANG}")), &json!(["procuringEntity", "seller"]))
    );
    assert_eq!(release["parties"].as_array().unwrap().len(), 1);

    world.set_time("2026-03-03T09:00:00+08:00");
    assert_eq!(asked(&trade).text, first.text, "time alone changes nothing");
    let body = json!({"reason": "电话写错", "contact": "杜阮镇公共服务中心 0750-0000009"});
    ok(step(&trade.as_("trader"), &trade.path("/corrections"), 4, &body));
    let question = ok(trade.as_("A").post(&trade.path("/questions"), &json!({"question": "水电由谁接入？"})));
    assert_eq!(
        tags(&asked(&trade).json),
        [r#"["tender"]"#, r#"["tenderAmendment"]"#],
        "nobody knows of a question that waits"
    );
    world.set_time("2026-03-04T09:00:00+08:00");
    ok(trade
        .as_("trader")
        .post(&format!("/api/v1/questions/{}/answer", question.id()), &json!({"answer": "自行申请"})));
    let open = asked(&trade);
    assert_eq!(tags(&open.json), [r#"["tender"]"#, r#"["tenderAmendment"]"#, r#"["tenderUpdate"]"#]);
    assert_eq!(open.json["releases"][0], package["releases"][0], "what was released stays");
    let enquired: Vec<&Value> =
        open.json["releases"].as_array().unwrap().iter().map(|r| &r["tender"]["hasEnquiries"]).collect();
    assert_eq!(json!(enquired), json!([false, false, true]));
    let amendment = &newest(&open.json)["tender"]["amendments"][0];
    assert_eq!(
        (&amendment["rationale"], &amendment["releaseID"]),
        (&json!("电话写错"), &json!(format!("{ocid}-notice-2")))
    );
    assert_eq!(amendment["amendsReleaseID"], open.json["releases"][0]["id"]);

    // While it is open nothing tells who takes part, how many, or what they bid.
    admit(&trade, &["A", "B"]);
    ok(trade.bid("A", "09:31:00", "700.00"));
    ok(trade.bid("B", "09:32:00", "720.00"));
    assert_eq!(asked(&trade).text, open.text);
    for word in ["numberOfTenderers", "\"bids\"", "awards", "703.13", "720.00", "supplier"] {
        assert!(!open.text.contains(word), "{word}: {}", open.text);
    }

    end(&trade);
    let over = asked(&trade);
    assert_eq!(tags(&over.json)[3], r#"["award","tenderUpdate"]"#);
    let release = newest(&over.json);
    let tender = &release["tender"];
    assert_eq!((&tender["status"], &tender["numberOfTenderers"]), (&json!("complete"), &json!(2)));
    assert_eq!(release["bids"]["statistics"][0]["value"], 2);
    let award = &release["awards"][0];
    assert_eq!((&award["status"], &award["date"]), (&json!("active"), &json!(HOURS[2])));
    assert_eq!(award["suppliers"], json!([{"id": format!("{ocid}-bidder-02"), "name": "陈*"}]));
    assert_eq!(release["parties"][1]["roles"], json!(["supplier", "tenderer", "tenant"]));
    let total = trade.lot()["award"]["total"].as_str().unwrap().to_owned();
    for number in [total.as_str(), "720.00", "703.13"] {
        assert!(over.text.contains(&format!("\"amount\": {number},")), "{number}: {}", over.text);
    }
    assert_eq!(award["disposal"]["unitPrice"]["amount"], 720.0);
    assert_eq!(
        tender["awardPeriod"]["endDate"],
        format!("{}T23:59:59.999999+08:00", trade.lot()["award"]["notice_until"].as_str().unwrap())
    );
    world.pass_s(40 * 86_400);
    assert_eq!(asked(&trade).text, over.text, "time alone changes nothing");
});

both_backends!(nobody_is_in_the_files_but_the_masked_winner, |world| {
    people(world);
    let trade = sold(world);
    let package = asked(&trade).text;
    let (number, phone) = (resident_id(2), "13800001111");
    let staff = ok(trade.as_("trader").get(&trade.path("/enrolments"))).text;
    for person in ["陈A", "陈B", &mask_id(&number), &mask_phone(phone)] {
        assert!(staff.contains(person), "the control: the officer reads {person}");
        assert!(!package.contains(person), "{person}: {package}");
    }
    let account = payer_account("陈B");
    for person in [number.as_str(), phone, &account, "bidder-A", "bidder-B", "水电", "acc_", "enr_"] {
        assert!(!package.contains(person), "{person}: {package}");
    }
    assert!(!has_word(&package, "trader"), "{package}");
    assert!(package.contains("陈*"), "the public award names the winner so");
    // Members that only the own staff's views of a lot have.
    for member in ["review_note", "submitted_at", "drafted_by"] {
        assert!(!package.contains(member), "{member}");
    }
});

both_backends!(rounds_are_linked_and_a_trade_that_was_given_up_says_why, |world| {
    people(world);
    let first = published(world, &pond(world));
    end(&first);
    let failed = asked(&first).json;
    assert_eq!(tags(&failed), [r#"["tender"]"#, r#"["award","tenderUpdate"]"#]);
    let release = newest(&failed);
    assert_eq!(
        (&release["tender"]["status"], &release["awards"][0]["status"]),
        (&json!("unsuccessful"), &json!("unsuccessful"))
    );
    assert_eq!(
        (&release["awards"][0]["description"], &release["bids"]["statistics"][0]["value"]),
        (&json!("无人出价"), &json!(0))
    );
    assert_eq!((&release["awards"][0]["suppliers"], &release["awards"][0]["value"]), (&Value::Null, &Value::Null));
    assert_eq!(release["relatedProcesses"], Value::Null);

    let again = ok(clerk(world).post(&first.path("/relist"), &json!({})));
    let second = Trade { world, lot: again.id().to_owned() };
    approved(&second);
    let hours = json!({"enrol_until": "2026-03-20T17:00:00+08:00", "opens_at": "2026-03-23T09:30:00+08:00",
        "closes_at": "2026-03-23T10:00:00+08:00"});
    let publish = |trade: &Trade<'_>| ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));
    publish(&second);
    let relisted = asked(&second).json;
    let related = &newest(&relisted)["relatedProcesses"];
    assert_eq!((&related[0]["relationship"], &related[0]["scheme"]), (&json!(["unsuccessfulProcess"]), &json!("ocid")));
    assert_eq!(related[0]["identifier"], newest(&failed)["ocid"]);
    assert_eq!(newest(&relisted)["tender"]["disposal"]["round"], 2);
    assert_eq!(asked(&first).json, failed, "what is over stays as it was");

    let given_up = drafted(world, &offer(world, "龙门里 4 号鱼塘", "pond", "resource", "15666.67"));
    approved(&given_up);
    publish(&given_up);
    let steer = steering("terminate", "权属有争议");
    ok(given_up.as_("trader").post(&given_up.path("/steering"), &steer));
    let package = asked(&given_up).json;
    assert_eq!(tags(&package), [r#"["tender"]"#, r#"["tenderCancellation"]"#]);
    let release = newest(&package);
    assert_eq!((&release["tender"]["status"], &release["awards"]), (&json!("cancelled"), &Value::Null));
    let told = &release["tender"]["disposal"];
    assert_eq!(
        (&told["terminationReason"], &told["terminationGround"]),
        (&json!("权属有争议"), &json!("notice_error"))
    );
    assert_eq!(told["terminationDecision"], "杜阮镇人民政府终止交易决定书 杜府决〔2026〕3号");
});

// Of a falling price the opening one is the highest; an organisation is named in full, as on the public result.
both_backends!(a_shop_is_let_to_an_organisation_at_a_falling_price, |world| {
    people(world);
    let registrar = world.sign_in(&format!("registrar-{SHANGXIANG}"));
    let right = json!({"name": "上巷村股份合作经济联合社", "credit_code": "N2440703MF0000013M"});
    ok(registrar.patch(&format!("/api/v1/collectives/{SHANGXIANG}"), 1, &right));
    let mut draft = offer(world, "东边铺 1 号", "shop", "operating", "60.00");
    draft["form"] = json!("lease");
    draft["price_unit"] = json!("yuan_per_m2_month");
    draft["opening_price"] = json!("30.00");
    draft["term_months"] = json!(25);
    draft["deposit"] = json!("1000.00");
    draft["method"] = json!({"mode": "clock", "clock_decrement": "1", "clock_tick_s": 60, "clock_floor": "20"});
    let trade = published(world, &draft);
    let body = json!({"kind": "organisation", "name": "江门市好邻居商贸有限公司", "id_number": "91350100M000100Y43",
        "phone": "13800001111", "accepts_terms": true, "declares_no_conflict": true});
    let made = ok(trade.as_("A").post(&trade.path("/enrolments"), &body));
    let paid = json!({"amount": "1000.00", "payer_name": "江门市好邻居商贸有限公司", "payer_account": "62220000000000001",
        "reference": "bank-1", "received_at": world.app.db.now().to_string()});
    ok(trade.as_("trader").post(&format!("/api/v1/enrolments/{}/deposit", made.id()), &paid));
    world.set_time("2026-03-11T09:35:00+08:00");
    ok(trade.as_("A").post(&trade.path("/bids"), &json!({"type": "accept"})));
    assert_eq!(trade.close(), 1);
    let over = asked(&trade);
    let release = newest(&over.json);
    let (tender, award) = (&release["tender"], &release["awards"][0]);
    // 60 m² over 25 months, from 30 down to 20 yuan; let at 25.
    for (amount, place) in
        [("45000.00", &tender["value"]), ("30000.00", &tender["minValue"]), ("37500.00", &award["value"])]
    {
        assert_eq!(place["amount"].as_f64(), amount.parse().ok(), "{place}");
        assert!(over.text.contains(&format!("\"amount\": {amount},")), "{amount}");
    }
    let item = &award["items"][0];
    assert_eq!((&item["quantity"], &item["unit"]["name"]), (&json!(1500), &json!("平方米·月")));
    assert_eq!(
        (item["unit"]["value"]["amount"].as_f64(), &item["classification"]["description"]),
        (Some(25.0), &json!("商铺"))
    );
    assert_eq!(
        (&tender["disposal"]["floorPrice"]["amount"], &tender["disposal"]["quantityUnit"]),
        (&json!(20.0), &json!("平方米"))
    );
    assert_eq!(
        tender["disposal"]["auctionPeriod"]["endDate"], "2026-03-11T09:35:00+08:00",
        "as it was, not as planned"
    );
    assert_eq!(award["suppliers"][0]["name"], "江门市好邻居商贸有限公司");
    let seller = &release["parties"][0];
    assert_eq!(
        (&seller["id"], &seller["identifier"]["scheme"]),
        (&json!("CN-USCC-N2440703MF0000013M"), &json!("CN-USCC"))
    );
    assert_eq!(seller["additionalIdentifiers"][0]["id"], SHANGXIANG);
    assert!(!over.text.contains("91350100M000100Y43"), "the name is public, the rest of the enrolment is not");
});

/// Names and texts of a folder's files.
pub fn read(dir: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    files.map(|f| (f.file_name().into_string().unwrap(), std::fs::read_to_string(f.path()).unwrap())).collect()
}

both_backends!(the_export_is_what_is_served_and_gives_the_same_bytes_twice, |world| {
    people(world);
    let sold = sold(world);
    let out_again = offer(world, "龙门里 4 号鱼塘", "pond", "resource", "15666.67");
    let _draft = drafted(world, &out_again);
    let mut exercise = offer(world, "龙门里 5 号鱼塘", "pond", "resource", "15666.67");
    (exercise["method"], exercise["deposit"]) = (json!({"practice": true}), json!("0"));
    let exercise = drafted(world, &exercise);
    approved(&exercise);
    let hours = json!({"enrol_until": "2026-03-20T17:00:00+08:00", "opens_at": "2026-03-23T09:30:00+08:00",
        "closes_at": "2026-03-23T10:00:00+08:00"});
    ok(step(&exercise.as_("trader"), &exercise.path("/publish"), 3, &hours));
    assert!(ok(world.nobody().get("/api/v1/lots")).text.contains(&exercise.lot), "the control: everybody sees it");
    assert_eq!(world.nobody().get(&exercise.path("/ocds")).status, 404, "nothing is offered in an exercise");

    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let export = |name: &str| run(world, &["export", "ocds", &folder(name)]);
    let done = export("one");
    assert_eq!((out(&done).as_str(), done.status.code()), ("1 trades\n", Some(0)), "{done:?}");
    let files = read(Path::new(&folder("one")));
    let expected = BTreeMap::from([(format!("ocds-000000-{}.json", sold.lot), asked(&sold).text)]);
    assert_eq!(files, expected);
    world.pass_s(86_400);
    assert!(export("two").status.success());
    assert_eq!(read(Path::new(&folder("two"))), files);
    refused(&export("two"), "not empty");
    assert_eq!(read(Path::new(&folder("two"))), files, "and left as it was");

    // The package names where the extension is to be had, and there it is.
    let package = asked(&sold).json;
    let named = package["extensions"][1].as_str().unwrap();
    let at = named.strip_prefix("http://127.0.0.1:8080").unwrap();
    let served = ok(world.nobody().get(at));
    assert_eq!(served.json["schemas"], json!(["release-schema.json"]));
    let beside = |name: &str| world.nobody().get(&at.replace("extension.json", name));
    assert!(ok(beside("release-schema.json")).json["definitions"]["Disposal"].is_object());
    for list in served.json["codelists"].as_array().unwrap() {
        let name = format!("codelists/{}", list.as_str().unwrap());
        assert!(ok(beside(&name)).text.starts_with("Code,Title,"), "{name}");
    }
    assert_eq!(beside("../mod.rs").status, 404);
});

#[test]
fn prefix_address_and_publisher_are_the_operators() {
    let more = [
        ("XIANGJI_OCID_PREFIX", "ocds-a1b2c3".to_owned()),
        ("XIANGJI_PUBLIC_URL", "https://village.example/".to_owned()),
        ("XIANGJI_PUBLISHER", "蓬江区农村产权交易中心".to_owned()),
    ];
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("xiangji.db").display());
    xiangji::db::migrate(&xiangji::db::Target::parse(&url).unwrap()).unwrap();
    let world = World::start_with(&url, dir, &xiangji::db::Options::default(), &more);
    people(&world);
    let trade = published(&world, &pond(&world));
    let package = asked(&trade).json;
    assert_eq!(package["uri"], format!("https://village.example{}", trade.path("/ocds")));
    assert_eq!(package["extensions"][1], "https://village.example/ocds/disposal/extension.json");
    assert_eq!(package["publisher"]["name"], "蓬江区农村产权交易中心");
    assert_eq!(newest(&package)["ocid"], format!("ocds-a1b2c3-{}", trade.lot));
}
