//! What stands before a notice and in it: the collective's decision with its numbers, the rounds of an offer, how long a
//! deal may last, and on which platform it is published.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    support::app::{Answer, Client, DURUAN, SHANGXIANG, World},
    trading::{HOURS, Trade, listing, ok, step},
};

pub fn clerk(world: &World) -> Client<'_> {
    world.sign_in(&format!("clerk-{SHANGXIANG}"))
}

pub fn people(world: &World) {
    world.village(SHANGXIANG, "上巷村股份合作经济联合社");
    world.clerk(SHANGXIANG);
    world.actor(Role::TownshipOfficer, DURUAN, "reviewer");
    world.actor(Role::TradingOfficer, DURUAN, "trader");
    world.actor(Role::Auditor, DURUAN, "auditor");
    for name in ["A", "B", "C"] {
        world.actor(Role::Bidder, DURUAN, &format!("bidder-{name}"));
    }
}

/// An asset of a class, and the minutes of a decision about it.
pub fn offer(world: &World, name: &str, class: &str, kind: &str, area: &str) -> Value {
    let clerk = clerk(world);
    let mut asset =
        json!({"name": name, "kind": kind, "class": class, "area": area, "location": "上巷村龙门里", "state": "idle"});
    if kind == "operating" {
        asset["original_value"] = json!("100000.00");
        asset["net_value"] = json!("50000.00");
    }
    let asset = ok(clerk.post("/api/v1/assets", &asset));
    let fields = [("collective_code", SHANGXIANG), ("title", "成员代表会议记录")];
    let paper = ok(clerk.upload("/api/v1/documents", &fields, "a.pdf", b"%PDF-1.7 minutes"));
    listing(asset.id(), Some(paper.id()))
}

pub fn pond(world: &World) -> Value {
    offer(world, "龙门里 3 号鱼塘", "pond", "resource", "15666.67")
}

fn put(client: &Client<'_>, path: &str, version: i64, body: &Value) -> Answer {
    let tag = format!("\"{version}\"");
    let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
    client.send("PUT", path, &headers, Some(body.to_string().into_bytes()))
}

pub fn drafted<'w>(world: &'w World, draft: &Value) -> Trade<'w> {
    let made = ok(clerk(world).post("/api/v1/lots", draft));
    Trade { world, lot: made.id().to_owned() }
}

pub fn approved(trade: &Trade<'_>) {
    ok(step(&clerk(trade.world), &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
}

fn hours() -> Value {
    json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]})
}

pub fn published<'w>(world: &'w World, draft: &Value) -> Trade<'w> {
    let trade = drafted(world, draft);
    approved(&trade);
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours()));
    trade
}

/// Nobody bids.
fn failed<'w>(world: &'w World, draft: &Value) -> Trade<'w> {
    let trade = published(world, draft);
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    trade
}

/// Pointer and sentence of each faulty field.
pub fn faults(refused: &Answer) -> Vec<(String, String)> {
    let all = refused.json["fields"].as_array().unwrap_or_else(|| panic!("{refused:?}"));
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    all.iter().map(|f| (text(&f["pointer"]), text(&f["detail"]))).collect()
}

fn page(trade: &Trade<'_>) -> String {
    ok(trade.world.nobody().get(&format!("/lots/{}", trade.lot))).text
}

both_backends!(a_listing_goes_no_further_than_its_decision_carries_it, |world| {
    people(world);
    let good = pond(world);
    let trade = drafted(world, &good);
    let mut version = 1;
    // What is written into the decision, and the field and numbers of the refusal.
    for (field, value, pointer, words) in [
        ("present", json!(29), "/decision/present", ["实到 29 人", "至少应到会 30 人"]),
        ("in_favour", json!(29), "/decision/in_favour", ["赞成 29 票", "至少应有 30 票"]),
        ("body", json!("board"), "/decision/body", ["理事会", "成员代表大会"]),
        ("publicity_until", json!("2026-02-24"), "/decision/publicity_until", ["公示了 4 日", "不少于 5 日"]),
        ("publicity_until", json!("2026-03-02"), "/decision/publicity_until", ["公示到 2026-03-02", "最早 2026-03-03"]),
        ("publicity_from", json!("2026-02-19"), "/decision/publicity_from", ["2026-02-19", "2026-02-20"]),
    ] {
        let mut bad = good.clone();
        bad["decision"][field] = value;
        if field == "present" {
            bad["decision"]["in_favour"] = json!(29);
        }
        ok(put(&clerk(world), &trade.path(""), version, &bad));
        version += 1;
        let refused = step(&clerk(world), &trade.path("/submit"), version, &json!({}));
        assert_eq!(refused.status, 422, "{refused:?}");
        let fault = faults(&refused).into_iter().find(|(p, _)| p == pointer).unwrap_or_else(|| panic!("{refused:?}"));
        assert!(words.iter().all(|w| fault.1.contains(w)), "{fault:?} should say {words:?}");
    }
    let mut twenty = good.clone();
    (twenty["decision"]["entitled"], twenty["decision"]["present"]) = (json!(20), json!(20));
    twenty["decision"]["in_favour"] = json!(20);
    ok(put(&clerk(world), &trade.path(""), version, &twenty));
    let refused = step(&clerk(world), &trade.path("/submit"), version + 1, &json!({}));
    assert!(faults(&refused)[0].1.contains("至少应有 21 人"), "{refused:?}");
    let mut more = good.clone();
    more["decision"]["present"] = json!(46);
    let refused = put(&clerk(world), &trade.path(""), version + 1, &more);
    assert_eq!(faults(&refused)[0].0, "/decision/present", "more than there are: {refused:?}");
    let mut bare = good.clone();
    bare["decision"] = json!({});
    ok(put(&clerk(world), &trade.path(""), version + 1, &bare));
    let refused = step(&clerk(world), &trade.path("/submit"), version + 2, &json!({}));
    let pointers: Vec<String> = faults(&refused).into_iter().map(|(p, _)| p).collect();
    assert_eq!(
        pointers,
        [
            "/decision/body",
            "/decision/entitled",
            "/decision/present",
            "/decision/in_favour",
            "/decision/publicity_from"
        ]
    );

    // The control: the same lot with the decision that adds up goes all the way, and its notice tells the numbers.
    ok(put(&clerk(world), &trade.path(""), version + 2, &good));
    ok(step(&clerk(world), &trade.path("/submit"), version + 3, &json!({})));
    let review = ok(trade.as_("reviewer").get(&format!("/listings/{}/review", trade.lot))).text;
    assert!(review.contains("成员代表大会应到 45 人，实到 40 人，赞成 38 票"), "the reviewer sees the vote");
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), version + 4, &json!({"approve": true})));
    ok(step(&trade.as_("trader"), &trade.path("/publish"), version + 5, &hours()));
    let lot = trade.lot();
    assert_eq!((&lot["terms"]["decision"]["in_favour"], &lot["terms"]["level"]), (&json!(38), &json!("town")), "{lot}");
    let notice = page(&trade);
    assert!(notice.contains("赞成 38 票") && notice.contains("决议公示 2026-02-21 至 2026-02-27"), "{notice}");
});

both_backends!(an_old_lot_stays_readable_and_goes_out_only_with_numbers, |world| {
    people(world);
    let good = pond(world);
    let mut told = good.clone();
    told["decision_summary"] = json!("成员代表应到 45 人，实到 40 人，赞成 38 票");
    let (out, waiting) = (published(world, &told), {
        let mut second = offer(world, "龙门里 4 号鱼塘", "pond", "resource", "15666.67");
        second["decision_summary"] = told["decision_summary"].clone();
        drafted(world, &second)
    });
    approved(&waiting);
    // As a version of the program wrote them that knew only the words.
    let url = &world.app.config.database_url;
    xiangji::db::execute(url, "UPDATE lot_terms SET further_terms = NULL").unwrap();
    assert!(page(&out).contains("2026-02-20，成员代表应到 45 人，实到 40 人，赞成 38 票"));
    assert_eq!(out.lot()["terms"]["decision"], Value::Null);
    let refused = step(&waiting.as_("trader"), &waiting.path("/publish"), 3, &hours());
    assert_eq!(faults(&refused)[0].0, "/decision/body", "{refused:?}");
    // The township sends it back, the village fills in the numbers, and it goes out.
    let back = json!({"approve": false, "note": "请登记表决人数"});
    assert_eq!(step(&waiting.as_("reviewer"), &waiting.path("/review"), 3, &json!({"approve": true})).status, 409);
    ok(step(&waiting.as_("reviewer"), &waiting.path("/review"), 3, &back));
    let asset = waiting.as_("reviewer").get(&waiting.path("")).json["asset_id"].clone();
    let mut filled = good.clone();
    filled["asset_id"] = asset;
    ok(put(&clerk(world), &waiting.path(""), 4, &filled));
    ok(step(&clerk(world), &waiting.path("/submit"), 5, &json!({})));
    ok(step(&waiting.as_("reviewer"), &waiting.path("/review"), 6, &json!({"approve": true})));
    ok(step(&waiting.as_("trader"), &waiting.path("/publish"), 7, &hours()));
});

// domain 4.8 and 10.8: a cut after the first failure needs a vote.
both_backends!(a_failed_lot_is_listed_again_and_only_a_voted_cut_lowers_its_price, |world| {
    people(world);
    let mut draft = pond(world);
    draft["notice"] = json!({"tax": "不含税"});
    let first = failed(world, &draft);
    let relist = |trade: &Trade<'_>, body: Value| clerk(world).post(&trade.path("/relist"), &body);
    let cut = relist(&first, json!({"opening_price": "525.00"}));
    assert_eq!((cut.status, cut.code()), (409, "price_cut_not_voted"), "25 % without a vote: {cut:?}");
    assert_eq!((cut.json["minimum"].as_str(), faults(&cut)[0].0.as_str()), (Some("700.00"), "/opening_price"));
    assert!(cut.json["detail"].as_str().unwrap().contains("第 2 次挂牌的起拍价 525.00"), "{cut:?}");
    // Nor by drafting the same asset anew.
    let mut anew = draft.clone();
    anew["opening_price"] = json!("699.99");
    assert_eq!(clerk(world).post("/api/v1/lots", &anew).code(), "price_cut_not_voted");

    let made = ok(relist(&first, json!({})));
    assert_eq!(
        (&made.json["round"], &made.json["state"], &made.json["terms"]["opening_price"]),
        (&json!(2), &json!("draft"), &json!("700.00")),
        "{made:?}"
    );
    assert_eq!(made.json["terms"]["notice"]["tax"], "不含税", "the terms are carried over");
    assert_eq!(made.json["terms"]["decision"]["in_favour"], 38, "and the decision");
    assert_eq!(relist(&first, json!({})).code(), "asset_already_listed");
    let second = Trade { world, lot: made.id().to_owned() };
    // A new vote, first one that is too deep for the place, then one within the limit.
    let mut lower = draft.clone();
    lower["opening_price"] = json!("525.00");
    lower["decision"]["price_cuts"] = json!("第2次25%");
    let deep = put(&clerk(world), &second.path(""), 1, &lower);
    assert_eq!((deep.code(), deep.json["minimum"].as_str()), ("price_cut_too_deep", Some("560.00")), "{deep:?}");
    lower["opening_price"] = json!("560.00");
    lower["decision"]["price_cuts"] = json!("第2次20%；第3次10%");
    ok(put(&clerk(world), &second.path(""), 1, &lower));
    ok(step(&clerk(world), &second.path("/submit"), 2, &json!({})));
    ok(step(&second.as_("reviewer"), &second.path("/review"), 3, &json!({"approve": true})));
    assert_eq!(first.lot()["rounds"], json!([]), "what has no notice is not told");
    let later = json!({"enrol_until": "2026-03-20T17:00:00+08:00", "opens_at": "2026-03-23T09:30:00+08:00",
        "closes_at": "2026-03-23T10:00:00+08:00"});
    ok(step(&second.as_("trader"), &second.path("/publish"), 4, &later));

    let rounds = first.lot()["rounds"].clone();
    assert_eq!(rounds, second.lot()["rounds"], "both tell the same");
    let told: Vec<_> = rounds.as_array().unwrap().iter().map(|r| (r["round"].as_i64(), r["id"].as_str())).collect();
    assert_eq!(told, [(Some(1), Some(first.lot.as_str())), (Some(2), Some(second.lot.as_str()))]);
    let (old, new) = (page(&first), page(&second));
    assert!(old.contains(&format!("href=\"/lots/{}\">第 2 次交易", second.lot)), "{old}");
    assert!(new.contains(&format!("href=\"/lots/{}\">第 1 次交易", first.lot)), "{new}");

    // The ladder that was voted before goes on to the third round.
    world.set_time("2026-03-23T10:00:00+08:00");
    assert_eq!(second.close(), 1);
    let short = relist(&second, json!({"opening_price": "503.99"}));
    assert_eq!((short.code(), short.json["minimum"].as_str()), ("price_cut_too_deep", Some("504.00")), "{short:?}");
    let third = ok(relist(&second, json!({"opening_price": "504.00"})));
    assert_eq!(third.json["round"], 3);
    assert_eq!(third.json["rounds"].as_array().unwrap().len(), 2, "a draft shows the rounds before it: {third:?}");
});

both_backends!(what_was_sold_or_never_public_is_not_listed_again, |world| {
    people(world);
    let trade = drafted(world, &pond(world));
    let relist = |trade: &Trade<'_>| clerk(world).post(&trade.path("/relist"), &json!({}));
    assert_eq!(relist(&trade).code(), "lot_not_in_state", "a draft");
    approved(&trade);
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours()));
    assert_eq!(relist(&trade).code(), "lot_not_in_state", "its notice is out");
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let stranger = world.actor(Role::Clerk, crate::support::app::LONGXI, "stranger");
    assert_eq!(stranger.post(&trade.path("/relist"), &json!({})).status, 404);
    assert_eq!(ok(relist(&trade)).json["round"], 2, "the control");
});

// domain 4.10 and 10.8.
both_backends!(a_deal_lasts_no_longer_than_its_form_and_class_allow, |world| {
    people(world);
    let shop = {
        let mut shop = offer(world, "东边铺 1 号", "shop", "operating", "60.00");
        shop["form"] = json!("lease");
        shop["price_unit"] = json!("yuan_per_month");
        shop["deposit"] = json!("1000.00");
        shop
    };
    let field = {
        let mut field = offer(world, "龙门里耕地", "farmland", "resource", "15666.67");
        field["deposit"] = json!("1000.00");
        field
    };
    let with = |draft: &Value, months: u32, form: &str| {
        let mut draft = draft.clone();
        (draft["term_months"], draft["form"]) = (json!(months), json!(form));
        draft
    };
    let refused = |draft: &Value, words: &[&str]| {
        let refused = clerk(world).post("/api/v1/lots", draft);
        let fault = faults(&refused).into_iter().find(|(p, _)| p == "/term_months");
        let (_, detail) = fault.unwrap_or_else(|| panic!("{refused:?}"));
        assert!(words.iter().all(|w| detail.contains(w)), "{detail}");
    };
    refused(&with(&shop, 300, "lease"), &["240 个月", "第七百零五条"]);
    refused(&with(&field, 241, "lease"), &["240 个月", "第七百零五条"]);
    refused(&with(&field, 361, "contract"), &["360 个月", "第二十一条"]);
    ok(clerk(world).post("/api/v1/lots", &with(&shop, 240, "lease")));
    // A right that ends by itself in 2028 cannot be handed on beyond that day.
    let mut handed = with(&field, 48, "transfer");
    handed["starts_on"] = json!("2026-05-01");
    handed["notice"] = json!({"right_until": "2028-12-31"});
    refused(&handed, &["2030-04-30", "2028-12-31", "第三十八条"]);
    handed["term_months"] = json!(32);
    ok(clerk(world).post("/api/v1/lots", &handed));
});

both_backends!(a_dear_lot_is_published_by_the_county, |world| {
    people(world);
    world.actor(Role::TradingOfficer, "440703000000", "county");
    world.actor(Role::TradingOfficer, SHANGXIANG, "villager");
    // 700 yuan/mu/year over 8 years for 893 mu are more than five million yuan.
    let mut dear = offer(world, "大鱼塘", "pond", "resource", "595333.60");
    dear["deposit"] = json!("100000.00");
    let trade = drafted(world, &dear);
    assert_eq!(trade.as_("reviewer").get(&trade.path("")).json["terms"]["level"], "county");
    approved(&trade);
    let refused = step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours());
    assert_eq!((refused.status, refused.code()), (403, "platform_level"), "{refused:?}");
    assert_eq!(refused.json["required_level"], "county");
    ok(step(&trade.as_("county"), &trade.path("/publish"), 3, &hours()));
    assert!(page(&trade).contains("县区级"), "the notice names its platform");
    let small = drafted(world, &pond(world));
    approved(&small);
    let refused = step(&small.as_("villager"), &small.path("/publish"), 3, &hours());
    assert_eq!((refused.code(), refused.json["required_level"].as_str()), ("platform_level", Some("town")));
    ok(step(&small.as_("trader"), &small.path("/publish"), 3, &hours()));
});

both_backends!(papers_of_a_notice_are_public_ones, |world| {
    people(world);
    let mut draft = pond(world);
    let clerk = clerk(world);
    let upload = |title: &str, visibility: &str| {
        let fields = [("collective_code", SHANGXIANG), ("title", title), ("visibility", visibility)];
        ok(clerk.upload("/api/v1/documents", &fields, "b.pdf", format!("%PDF-1.7 {title}").as_bytes())).id().to_owned()
    };
    let (inner, plan) = (upload("内部资料", "internal"), upload("四至图", "public"));
    draft["notice"] = json!({"attachments": [inner], "complaint_phone": "0750-0000001", "joint_bidders": true});
    let refused = clerk.post("/api/v1/lots", &draft);
    assert_eq!(faults(&refused)[0].0, "/notice/attachments", "{refused:?}");
    draft["notice"]["attachments"] = json!([plan]);
    let trade = published(world, &draft);
    let notice = page(&trade);
    let link = format!("/api/v1/documents/{plan}/content\">四至图");
    for words in [link.as_str(), "0750-0000001", "联合竞买"] {
        assert!(notice.contains(words), "{words}: {notice}");
    }
    assert_eq!(world.nobody().bytes(&format!("/api/v1/documents/{plan}/content")).0, 200);
});
