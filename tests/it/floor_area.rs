//! A partner builds on the collective's land and whoever hands over the most floor area wins: nothing of it is yuan, from the
//! listing to the contract, on every page and in every document.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    kept_deposits::decide,
    methods::{admitted as admitted_to_pond, clerk, draft as pond, fields, page, replays, says},
    money::winner,
    ocds::asked,
    results::day,
    support::{
        app::{Answer, World},
        verified::{Parts, verified},
    },
    trading::{HOURS, Trade, ok, put, step},
};

/// Building land of 6,000 square metres, for 40 years; who offers the most floor area, from 3,240 square metres on, wins
/// (ux 0.1: a real notice starts at 3,240 ㎡ with steps of 100 ㎡).
fn land(world: &World, method: Value) -> Value {
    let mut draft = pond(world, method);
    world.actor(Role::TradingOfficer, "440703000000", "county");
    let land = json!({"name": "村口建设用地", "kind": "resource", "class": "construction_land", "area": "6000.00", "location": "村口", "state": "idle"});
    draft["asset_id"] = json!(ok(clerk(world).post("/api/v1/assets", &land)).id());
    for (field, value) in [
        ("form", json!("cooperation")),
        ("usage", json!("商业办公")),
        ("term_months", json!(480)),
        ("price_unit", json!("m2")),
        ("estimated_value", json!("972万")),
        ("opening_price", json!("3240")),
        ("step_min", json!("100㎡")),
        ("step_max", json!("2,000")),
        ("ceiling_price", json!("9000")),
        ("priority", json!("")),
    ] {
        draft[field] = value;
    }
    draft
}

fn hours() -> Value {
    json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]})
}

fn approved<'w>(world: &'w World, draft: &Value) -> Trade<'w> {
    let trade = Trade { world, lot: ok(clerk(world).post("/api/v1/lots", draft)).id().to_owned() };
    ok(step(&clerk(world), &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    trade
}

/// A, B and C with numbers 01 to 03.
pub fn admitted(world: &World, method: Value) -> Trade<'_> {
    let trade = approved(world, &land(world, method));
    ok(step(&trade.as_("county"), &trade.path("/publish"), 3, &hours()));
    for (order, name) in [(1, "A"), (2, "B"), (3, "C")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
    trade
}

/// 02 wins with 3,400.00 square metres.
pub fn sold(world: &World) -> Trade<'_> {
    let trade = admitted(world, json!({}));
    ok(trade.bid("A", "09:31:00", "3240"));
    ok(trade.bid("B", "09:32:00", "3400.00㎡"));
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    trade
}

/// What stands right after each figure of the page, tags and blanks left out.
fn after(page: &str, figures: &[&str]) -> Vec<(String, String)> {
    let mut text = String::new();
    let mut tag = false;
    for c in page.chars() {
        match c {
            '<' => tag = true,
            '>' => tag = false,
            _ if tag || c.is_whitespace() => {}
            _ => text.push(c),
        }
    }
    let mut found = Vec::new();
    for figure in figures {
        let begins = text.match_indices(figure).map(|(at, _)| at);
        for at in begins.filter(|at| !text[..*at].ends_with(|c: char| c.is_ascii_digit() || c == ',')) {
            found.push(((*figure).to_owned(), text[at + figure.len()..].chars().take(4).collect()));
        }
    }
    found
}

/// A bid is there, no yuan stands beside one, and the page says what is counted.
fn tells_area(page: &str, figures: &[&str]) {
    let all = after(page, figures);
    assert!(!all.is_empty() && page.contains("平方米"), "{all:?}: {page}");
    assert!(!all.iter().any(|(_, unit)| unit.starts_with('元')), "{all:?}: {page}");
    assert!(!page.contains("大写"), "capital numerals are of money: {page}");
}

both_backends!(a_lot_in_floor_area_is_told_by_its_refusals_and_published_by_the_county, |world| {
    let good = land(world, json!({}));
    let refused = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        let answer = clerk(world).post("/api/v1/lots", &bad);
        assert_eq!(answer.status, 422, "{answer:?}");
        (fields(&answer), answer.json["fields"][0]["detail"].as_str().unwrap().to_owned())
    };
    let (at, why) = refused("estimated_value", Value::Null);
    assert!(at == ["/estimated_value"] && why.contains("估值（元）"), "{why}");
    let (at, why) = refused("form", json!("contract"));
    assert!(at[0] == "/price_unit" && why.contains("只用于“合作建设”"), "{at:?} {why}");
    let (at, why) = refused("deposit", json!("10%"));
    assert!(at == ["/deposit"] && why.contains("固定金额"), "{why}");
    let (at, why) = refused("deposit", json!("1944000.01"));
    assert!(at == ["/deposit"] && why.contains("估值 9,720,000.00 元"), "{why}");
    let (at, why) = refused("opening_price", json!("3240元"));
    assert!(at == ["/opening_price"] && why.contains("平方米"), "{why}");
    let (at, why) = refused("ceiling_price", json!("3000"));
    assert!(at == ["/ceiling_price"] && why.contains("起拍面积 3240.00 平方米"), "{why}");
    let (at, why) =
        refused("method", json!({"mode": "clock", "clock_decrement": "1", "clock_tick_s": 60, "clock_floor": "1"}));
    assert!(at.contains(&"/method/mode".to_owned()) && why.contains("面积大者得"), "{at:?} {why}");

    let trade = approved(world, &good);
    let town = step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours());
    assert_eq!((town.status, &town.json["required_level"]), (403, &json!("county")), "{town:?}");
    ok(step(&trade.as_("county"), &trade.path("/publish"), 3, &hours()));
    let lot = trade.lot();
    assert_eq!((&lot["terms"]["price_unit"], &lot["terms"]["level"]), (&json!("m2"), &json!("county")));
    assert_eq!((&lot["opening_total"], &lot["terms"]["estimated_value"]), (&Value::Null, &json!("9720000.00")));
    says(
        &page(&trade),
        &["起拍面积（交给集体的建筑面积）", "3,240.00 平方米", "面积大者得", "起拍面积估值 9,720,000.00 元"],
    );
});

both_backends!(who_hands_over_the_most_floor_area_wins_and_signs_for_it, |world| {
    let trade = admitted(world, json!({}));
    let low = trade.bid("A", "09:30:30", "3239.99");
    assert_eq!((low.code(), &low.json["minimum"]), ("below_opening", &json!("3240.00")));
    assert!(low.json["detail"].as_str().unwrap().contains("低于起拍面积，至少应为 3240.00 平方米"), "{low:?}");
    ok(trade.bid("A", "09:31:00", "3240"));
    let short = trade.bid("B", "09:31:30", "3,300.00");
    assert!(short.json["detail"].as_str().unwrap().contains("至少应为 3340.00 平方米"), "{short:?}");
    let yuan = trade.bid("B", "09:31:40", "3400元");
    assert!(yuan.code() == "malformed" && yuan.json["detail"].as_str().unwrap().contains("不报元"), "{yuan:?}");
    let wide = trade.bid("B", "09:31:50", "5,241");
    assert!(wide.json["detail"].as_str().unwrap().contains("加面积超过每次最高幅度，最多可出 5240.00"), "{wide:?}");
    for refused in [&low, &short, &wide] {
        assert!(!["起拍价", "限价", "加价"].iter().any(|word| refused.text.contains(word)), "{refused:?}");
    }
    ok(trade.bid("B", "09:32:00", "3400.00㎡"));
    let own = ok(trade.as_("B").get(&trade.path("/bids/own"))).text;
    assert!(own.contains("至少应为 3340.00 平方米") && !own.contains("元"), "{own}");
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    let award = &trade.lot()["award"];
    assert_eq!((&award["winner"], &award["price"], &award["total"]), (&json!("02"), &json!("3400.00"), &Value::Null));

    // The trace says what it counts, and comes to the same award.
    let trace: Value = serde_json::from_str(&ok(world.nobody().get(&trade.path("/trace"))).text).unwrap();
    assert_eq!((&trace["format"], &trace["rules"]["price"]["unit"]), (&json!("xiangji-auction-trace/2"), &json!("m2")));
    let result = replays(&trade);
    assert_eq!(json!([result["unit"], result["price"], result["total"]]), json!(["m2", "3400.00", null]));

    // Nothing is paid, so no deposit is counted into a price; it goes back.
    let desk = |kind: &str| -> bool {
        let path = format!("/enrolments/{}", winner(&trade));
        ok(trade.as_("trader").get(&path)).text.contains(&format!("value=\"{kind}\""))
    };
    assert_eq!(
        [desk("apply"), desk("refund"), desk("forfeit")],
        [false, true, true],
        "paid back, or kept by a decision"
    );
    let kept = decide(&trade.as_("trader"), &winner(&trade), "apply");
    assert!(fields(&kept) == ["/kind"] && kept.json["detail"].as_str().unwrap().contains("没有价款可抵"), "{kept:?}");

    day(world, "03-19");
    ok(trade.confirm());
    let contract = trade.path("/contract");
    let facts = ok(clerk(world).get(&contract)).json;
    assert_eq!(
        json!([facts["kind"], facts["quantity"], facts["unit"], facts["annual_rent"], facts["total"]]),
        json!(["cooperation", "3400", "平方米（建筑面积）", null, null])
    );
    let form = ok(clerk(world).get(&format!("/listings/{}/contract", trade.lot))).text;
    says(&form, &["交给集体", "3400 平方米（建筑面积）"]);
    assert!(!form.contains(" 元"), "{form}");
    for (field, value) in [("quantity", json!("3399.99")), ("unit", json!("间")), ("total", json!("3400.00"))] {
        let mut other = facts.clone();
        other[field] = value;
        let refused = clerk(world).post(&contract, &other);
        let at = if field == "total" { "/total" } else { "/quantity" };
        assert_eq!((refused.status, fields(&refused)), (422, vec![at.to_owned()]), "{refused:?}");
    }
    let signed = ok(clerk(world).post(&contract, &facts));
    let mut less = facts;
    less["quantity"] = json!("3000");
    let path = format!("/api/v1/contracts/{}", signed.id());
    let refused = put(&clerk(world), &path, 1, &less);
    assert_eq!((refused.status, fields(&refused)), (422, vec!["/quantity".to_owned()]), "{refused:?}");
    ok(decide(&trade.as_("trader"), &winner(&trade), "refund"));
    world.app.integrate_log().unwrap();
    let (_, faults) = verified(&world.app, &Parts::default());
    assert!(faults.is_empty(), "{faults:?}");
});

/// Every page that shows a bid, before, in and after the auction.
#[test]
fn no_page_writes_yuan_beside_a_bid() {
    let world = World::sqlite();
    let trade = admitted(&world, json!({"steps": "0起100；3400起200"}));
    let (lot, listing) = (format!("/lots/{}", trade.lot), format!("/listings/{}", trade.lot));
    let figures = ["3,240.00", "3240.00", "3,400.00", "3400.00", "100.00", "160.00", "200.00", "3,600.00", "9,000.00"];
    let read = |who: Option<&str>, path: &str| -> String {
        let answer: Answer = match who {
            Some("clerk") => clerk(&world).get(path),
            Some(name) => trade.as_(name).get(path),
            None => world.nobody().get(path),
        };
        ok(answer).text
    };
    let tell = |who: Option<&str>, path: &str| tells_area(&read(who, path), &figures);
    for path in [lot.as_str(), "/lots", "/lots/schedule"] {
        tell(None, path);
    }
    says(&read(None, "/lots"), &["合作期限 40 年"]);
    for (who, path) in [("A", "/my/bids"), ("clerk", listing.as_str()), ("trader", "/listings")] {
        tell(Some(who), path);
    }
    let typed = read(Some("clerk"), &listing);
    says(&typed, &["估值 9,720,000.00 元", "每次最少加面积"]);

    ok(trade.bid("A", "09:31:00", "3240"));
    ok(trade.bid("B", "09:32:00", "3400.00"));
    let hall = format!("{lot}/hall");
    for path in [lot.as_str(), hall.as_str(), "/lots"] {
        tell(None, path);
    }
    says(&read(None, &hall), &["当前面积", "data-counted-in=\"平方米\"", "加面积（平方米）"]);
    let ask = format!("{lot}/bid?amount=3600&seen=3400.00");
    for path in [lot.as_str(), "/my/bids", &format!("{lot}/bid"), &ask, &format!("{lot}/bids/mine")] {
        tell(Some("A"), path);
    }
    says(&read(Some("A"), &ask), &["比当前面积", "多 200.00 平方米（当前面积 3,400.00 平方米，02 号领先）"]);
    says(&read(Some("A"), &lot), &["加 200.00 平方米", "自己填一个面积"]);
    says(&read(Some("A"), "/my/bids"), &["去加面积"]);
    let low = trade.as_("A").get(&format!("{lot}/bid?amount=3500&seen=3400.00"));
    says(&low.text, &["至少应为 3600.00 平方米"]);
    tell(Some("trader"), &format!("{listing}/steering"));

    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    for path in [lot.as_str(), hall.as_str(), &format!("{lot}/bids"), "/lots"] {
        tell(None, path);
    }
    says(&page(&trade), &["成交面积", "比起拍面积大", "160.00 平方米（4.9%）"]);
    for (who, path) in
        [("B", "/my/bids"), ("clerk", listing.as_str()), ("auditor", &format!("/audit/records/lot/{}", trade.lot))]
    {
        tell(Some(who), path);
    }

    // Control: the same looks at a lot in yuan find yuan.
    let other = World::sqlite();
    let paid = admitted_to_pond(&other, &pond(&other, json!({})));
    ok(paid.bid("A", "09:31:00", "700"));
    let seen = after(&page(&paid), &["700.00", "10.00"]);
    assert!(seen.iter().any(|(figure, unit)| figure == "10.00" && unit.starts_with('元')), "{seen:?}");
    assert!(page(&paid).contains("大写"));
}

/// The price step offers square metres only where a partner builds, and says what they need.
#[test]
fn the_form_offers_floor_area_where_a_partner_builds() {
    let world = World::sqlite();
    let mut draft = land(&world, json!({}));
    draft["reserve_price"] = json!("3500");
    let made = ok(clerk(&world).post("/api/v1/lots", &draft));
    let step = format!("/listings/{}/price", made.id());
    let form = ok(clerk(&world).get(&step)).text;
    says(
        &form,
        &[
            "建筑面积（平方米）",
            "起拍面积（交给集体的建筑面积）",
            "每次最少加面积",
            "name=\"estimated_value\"",
            "data-amount=\"平方米\"",
        ],
    );
    let mut leased = draft;
    (leased["form"], leased["price_unit"]) = (json!("lease"), json!("yuan_per_year"));
    (leased["estimated_value"], leased["term_months"]) = (Value::Null, json!(240));
    (leased["step_min"], leased["deposit"]) = (json!("100"), json!("1000"));
    leased["reserve_price"] = Value::Null;
    let lot = format!("/api/v1/lots/{}", made.id());
    // The sealed reserve of 3,500 square metres does not turn into one of 3,500 yuan.
    let kept = put(&clerk(&world), &lot, 1, &leased);
    assert!(fields(&kept) == ["/reserve_price"] && kept.text.contains("计价单位换了"), "{kept:?}");
    leased["reserve_price"] = json!("无");
    ok(put(&clerk(&world), &lot, 1, &leased));
    let form = ok(clerk(&world).get(&step)).text;
    assert!(!form.contains("建筑面积") && !form.contains("estimated_value"), "control: a lease is paid for: {form}");
}

/// A private maximum is square metres too, and the second one makes the price.
#[test]
fn a_private_maximum_in_floor_area() {
    let world = World::sqlite();
    let trade = admitted(&world, json!({"mode": "proxy"}));
    ok(trade.bid("A", "09:31:00", "5000"));
    let second = ok(trade.bid("B", "09:32:00", "4000"));
    assert_eq!((second.json["leader"].as_str(), second.json["price"].as_str()), (Some("01"), Some("4100.00")));
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!(json!([result["winner"], result["price"], result["unit"]]), json!(["01", "4100.00", "m2"]));
}

/// Square metres are compared with square metres: a sale of floor area says nothing about yuan.
#[test]
fn a_sale_of_floor_area_is_no_comparable_of_yuan() {
    let world = World::sqlite();
    let trade = sold(&world);
    let mut next = land_again(&world, &trade);
    let prices = |draft: &Value| {
        let made = ok(clerk(&world).post("/api/v1/lots", draft));
        ok(clerk(&world).get(&format!("/api/v1/lots/{}/comparables", made.id()))).json
    };
    let same = prices(&next);
    assert_eq!((&same["price_unit"], &same["median"]), (&json!("m2"), &json!("3400.00")), "control: {same}");
    next = land_again(&world, &trade);
    (next["price_unit"], next["estimated_value"], next["deposit"]) = (json!("yuan"), Value::Null, json!("100"));
    let other = prices(&next);
    assert_eq!((&other["median"], &other["items"]), (&Value::Null, &json!([])), "{other}");
}

/// Other land of the same class, on the same terms.
fn land_again(world: &World, trade: &Trade<'_>) -> Value {
    let land = json!({"name": "村尾建设用地", "kind": "resource", "class": "construction_land", "area": "6000.00", "location": "村尾", "state": "idle"});
    let asset = ok(clerk(world).post("/api/v1/assets", &land));
    let paper = trade.lot()["terms"]["decision_document"].clone();
    let mut draft = crate::trading::listing(asset.id(), paper.as_str());
    for (field, value) in [
        ("form", json!("cooperation")),
        ("term_months", json!(480)),
        ("price_unit", json!("m2")),
        ("estimated_value", json!("9720000")),
        ("opening_price", json!("3240")),
        ("step_min", json!("100")),
        ("step_max", Value::Null),
    ] {
        draft[field] = value;
    }
    draft
}

/// In OCDS an amount has a currency, so square metres are no amount there.
#[test]
fn floor_area_is_no_value_in_ocds() {
    let world = World::sqlite();
    let trade = sold(&world);
    day(&world, "03-19");
    ok(trade.confirm());
    let contract = trade.path("/contract");
    let facts = ok(clerk(&world).get(&contract)).json;
    ok(clerk(&world).post(&contract, &facts));
    let package = asked(&trade);
    let release = package.json["releases"].as_array().unwrap().last().unwrap();
    let tender = &release["tender"];
    assert_eq!((&tender["value"], &tender["minValue"]), (&Value::Null, &Value::Null));
    assert_eq!(tender["awardCriteria"], "largestFloorArea");
    assert_eq!((&tender["items"][0]["unit"], &tender["items"][0]["quantity"]), (&json!({"name": "宗"}), &json!(1)));
    let disposal = &tender["disposal"];
    assert_eq!((&disposal["priceUnit"], &disposal["openingPrice"]), (&json!("m2"), &Value::Null));
    assert_eq!(
        disposal["floorArea"],
        json!({"opening": 3240.0, "ceiling": 9000.0, "maximumIncrement": 2000.0, "increments": [{"fromArea": 0.0, "minimum": 100.0}]})
    );
    assert_eq!(disposal["estimatedValue"], json!({"amount": 9_720_000.0, "currency": "CNY"}));
    let award = &release["awards"][0];
    assert_eq!((&award["value"], &award["disposal"]), (&Value::Null, &json!({"floorArea": 3400.0})));
    assert_eq!(
        (&release["contracts"][0]["status"], &release["contracts"][0]["value"]),
        (&json!("active"), &Value::Null)
    );
    assert_eq!(release["parties"][1]["roles"], json!(["supplier", "tenderer", "partner"]));
    // Only the deposit and the estimate are amounts of yuan.
    assert_eq!(tender.to_string().matches("CNY").count(), 2, "{tender}");
}
