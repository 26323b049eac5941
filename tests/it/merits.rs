//! Criteria beside the price: claimed with a paper, examined before there is a price, and counted when prices are compared.

use serde_json::{Value, json};
use xiangji::{access::Role, trading::sealed::RESERVE};

use crate::{
    both_backends,
    methods::{clerk, draft, fields, page, published, replays, says},
    sealed::{Keys, send},
    support::{
        app::{Answer, Client, DURUAN, SHANGXIANG, World},
        behind::Behind,
        verified::faults,
    },
    trading::{HOURS, Trade, ok, put, resident_id, step},
};

pub const CRITERIA: &str = "水质：不作承诺0%；不投化肥3.5%；生态养殖5%\n雇工：不雇0%；雇本村人5人以上2.25%";

/// A listing in sealed prices whose notice has the criteria.
pub fn with_criteria(world: &World, keys: &Keys) -> Value {
    let mut terms = draft(world, json!({}));
    let trustees = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] = json!({"mode": "sealed", "trustees": trustees, "trustees_needed": 2, "merits": CRITERIA});
    terms["priority"] = json!("");
    (terms["step_min"], terms["step_max"]) = (json!(""), Value::Null);
    terms
}

/// A claim with a paper.
pub fn claims(bidder: &Client<'_>, lot: &str, answer: &str) -> Answer {
    let fields = [("answer", answer), ("title", "承诺书")];
    bidder.upload(&format!("/api/v1/lots/{lot}/merit-claims"), &fields, "a.pdf", b"%PDF-1.7 promise of somebody")
}

pub fn examined(officer: &Client<'_>, claim: &str, granted: bool) -> Answer {
    let body = json!({"granted": granted, "note": "承诺书和合同核对"});
    officer.post(&format!("/api/v1/merit-claims/{claim}/examination"), &body)
}

/// The officer opens a file by the bidder's code.
fn look(trade: &Trade<'_>, name: &str) -> Value {
    let own = ok(trade.as_(name).get("/api/v1/enrolments")).json["items"][0]["remark"].clone();
    let wanted = json!({"remark": own, "reason": "审核加分材料"});
    ok(trade.as_("trader").post(&trade.path("/enrolments/file"), &wanted)).json
}

/// A claim that is examined at once.
pub fn granted(trade: &Trade<'_>, name: &str, answer: &str, grant: bool) -> String {
    let claim = ok(claims(&trade.as_(name), &trade.lot, answer)).id().to_owned();
    look(trade, name);
    ok(examined(&trade.as_("trader"), &claim, grant));
    claim
}

pub fn enrolled(trade: &Trade<'_>) {
    for (order, name) in [(1, "A"), (2, "B"), (3, "C")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
}

/// Bids in this order, and the opening.
pub fn opened(trade: &Trade<'_>, keys: &Keys, bids: &[(&str, i64)]) {
    for ((name, fen), minute) in bids.iter().zip(31..) {
        let number = match *name {
            "A" => "01",
            "B" => "02",
            _ => "03",
        };
        ok(send(trade, name, &format!("09:{minute}:00"), &keys.envelope(&trade.lot, number, *fen)));
    }
    trade.world.set_time(HOURS[2]);
    for trustee in 0..keys.0.len() {
        keys.hand_in(&trade.as_("trader"), &trade.lot, trustee);
    }
    assert_eq!(trade.close(), 1);
}

/// Everything on record agrees.
fn sound(world: &World) {
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
}

/// A claim that waits, in a lot of a village whose people have other lots too.
pub fn claim_in(world: &World, village: &str) -> String {
    let city = |name: &str| world.sign_in(&format!("{name}-{village}"));
    let keys = Keys::new(2);
    let trustees = keys.registered(&city("reviewer"), village);
    let mut draft = crate::trading::draft_in(world, village);
    draft["method"] = json!({"mode": "sealed", "trustees": trustees, "trustees_needed": 2, "merits": CRITERIA});
    draft["priority"] = json!("");
    (draft["step_min"], draft["step_max"]) = (json!(""), Value::Null);
    let lot = ok(city("clerk").post("/api/v1/lots", &draft)).id().to_owned();
    let path = |rest: &str| format!("/api/v1/lots/{lot}{rest}");
    ok(step(&city("clerk"), &path("/submit"), 1, &json!({})));
    ok(step(&city("reviewer"), &path("/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(step(&city("trader"), &path("/publish"), 3, &hours));
    world.actor(Role::Bidder, "440703000000", &format!("claimant-{village}"));
    let body = json!({"kind": "person", "name": "陈某", "id_number": resident_id(2), "phone": "13800001111", "accepts_terms": true, "declares_no_conflict": true});
    ok(city("claimant").post(&path("/enrolments"), &body));
    ok(claims(&city("claimant"), &lot, "1.3")).id().to_owned()
}

both_backends!(a_lower_price_wins_by_its_granted_answers, |world| {
    let keys = Keys::new(2);
    let trade = published(world, &with_criteria(world, &keys));
    says(
        &page(&trade),
        &[
            "水质：不作承诺，不加；不投化肥，加 3.50%；生态养殖，加 5%",
            "报价×（1＋加分）",
            "甲报 700.00 元/亩/年，“水质”这一项是“生态养殖”，加 5%，按 735.00 元/亩/年比较",
            "按加分后的比较价，最高的得",
        ],
    );
    let a = || trade.as_("A");
    let path = trade.path("/merit-claims");
    assert_eq!(claims(&a(), &trade.lot, "1.3").code(), "not_enrolled");
    enrolled(&trade);
    for wrong in ["1.1", "1.4", "3.1", "", "x"] {
        let refused = claims(&a(), &trade.lot, wrong);
        assert_eq!((refused.code(), &refused.json["offered"]), ("merit_not_offered", &json!(["1.2", "1.3", "2.2"])));
    }
    assert_eq!(a().upload(&path, &[("answer", "1.3")], "a.pdf", b"").code(), "merit_without_paper");
    assert_eq!(a().upload(&path, &[("answer", "1.3")], "a.exe", b"MZ").code(), "unknown_file_kind");
    let of_a = ok(claims(&a(), &trade.lot, "1.3"));
    assert_eq!((of_a.json["state"].as_str(), of_a.json["points_bp"].as_i64()), (Some("claimed"), Some(500)));
    let of_a = of_a.id().to_owned();
    assert_eq!(claims(&a(), &trade.lot, "1.2").code(), "merit_claimed");
    let of_b = ok(claims(&trade.as_("B"), &trade.lot, "1.2")).id().to_owned();

    // The paper is nobody's business without a look on record, and nobody examines what was not looked at.
    let at = |claim: &str, rest: &str| format!("/api/v1/merit-claims/{claim}/{rest}");
    let trader = || trade.as_("trader");
    assert_eq!(trade.as_("B").get(&at(&of_a, "paper")).status, 404);
    assert_eq!(clerk(world).get(&at(&of_a, "paper")).status, 403);
    assert_eq!(trader().get(&at(&of_a, "paper")).code(), "merit_unseen");
    assert!(ok(a().get(&at(&of_a, "paper"))).text.contains("promise of somebody"), "control");
    assert_eq!(examined(&trader(), &of_a, true).code(), "merit_unseen");
    let file = look(&trade, "A");
    assert_eq!(file["merit_claims"][0]["answer_text"], "生态养殖");
    ok(trader().get(&at(&of_a, "paper")));
    let bare = json!({"granted": true, "note": " "});
    assert_eq!(fields(&trader().post(&at(&of_a, "examination"), &bare)), ["/note"]);
    let told = ok(examined(&trader(), &of_a, true));
    assert_eq!(told.json["state"], "granted");
    assert!(!told.json["examiner"].as_str().unwrap().is_empty());
    assert_eq!(examined(&trader(), &of_a, false).code(), "merit_not_waiting");
    assert_eq!(claims(&a(), &trade.lot, "1.2").code(), "merit_claimed", "granted");
    // C is refused, is told so, and may try again while enrolment is open.
    granted(&trade, "C", "2.2", false);
    let own = |name: &str| ok(trade.as_(name).get(&format!("/lots/{}/merits", trade.lot))).text;
    says(&own("C"), &["没有通过，按不加分的选项算", "承诺书和合同核对", "申报哪一项"]);
    says(&own("A"), &["已经通过的加分", "5%"]);
    granted(&trade, "C", "2.2", false);
    world.set_time(HOURS[0]);
    let late = claims(&trade.as_("C"), &trade.lot, "2.2");
    assert_eq!((late.code(), late.json["until"].as_str()), ("merit_too_late", Some(HOURS[0])));
    // B's waits when the auction opens: it counts as the base answer, and B can read that before the end.
    world.set_time(HOURS[1]);
    look(&trade, "B");
    assert_eq!(examined(&trader(), &of_b, true).code(), "merit_after_opening");
    says(&own("B"), &["没有审核完，不加分", "已经通过的加分", "0%"]);

    opened(&trade, &keys, &[("B", 104_000), ("A", 100_000), ("C", 102_000)]);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("01"), Some("1000.00")), "{result}");
    assert_eq!(result["successors"], json!(["02", "03"]));
    let lines = json!([
        {"bidder": "01", "price": "1000.00", "points": 500, "compared": "1050.00"},
        {"bidder": "02", "price": "1040.00", "points": 0, "compared": "1040.00"},
        {"bidder": "03", "price": "1020.00", "points": 0, "compared": "1020.00"},
    ]);
    assert_eq!(result["compared"], lines);
    let trace: Value = serde_json::from_str(&ok(world.nobody().get(&trade.path("/trace"))).text).unwrap();
    assert_eq!(
        (&trace["format"], &trace["rules"]["points"]),
        (&json!("xiangji-auction-trace/2"), &json!([{"bidder": "01", "points": 500}]))
    );
    let lot = trade.lot();
    assert_eq!((&lot["award"]["winner"], &lot["award"]["price"]), (&json!("01"), &json!("1000.00")));
    assert_eq!(lot["compared"][0]["compared"], "1050.00");
    // 23.50 mu for eight years at 1000.00, not at 1050.00.
    assert_eq!(lot["price_total"], "188000.00");
    says(
        &page(&trade),
        &[
            "01 号报 1,000.00，加 5%，按 1,050.00 比较；比第二位更高：02 号报 1,040.00，不加，按 1,040.00 比较",
            "合同和付款按报价 1,000.00 元/亩/年，不按比较价",
            "各报价怎样比较",
        ],
    );
    let ocds = ok(world.nobody().get(&trade.path("/ocds"))).text;
    says(&ocds, &["ratedCriteria", "不投化肥，加 3.50%"]);
    sound(world);

    // Whoever changes an answer, or the points that stand beside the auction, behind the program's back is told.
    let wrong = "with other points than follow from the granted answers";
    for (lie, undo) in [
        (
            "UPDATE merit_claims SET answer = 2 WHERE state = 'granted'",
            "UPDATE merit_claims SET answer = 3 WHERE state = 'granted'",
        ),
        ("UPDATE auctions SET points = NULL", "UPDATE auctions SET points = '[[\"01\",500]]'"),
    ] {
        Behind::of(world).exec(lie);
        let found: Vec<String> = faults(world).iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|line| line.contains(wrong)), "{lie}: {found:?}");
        Behind::of(world).exec(undo);
    }
    sound(world);
});

both_backends!(without_the_grant_the_lower_price_loses, |world| {
    let keys = Keys::new(2);
    let trade = published(world, &with_criteria(world, &keys));
    enrolled(&trade);
    granted(&trade, "A", "1.3", false);
    opened(&trade, &keys, &[("B", 104_000), ("A", 100_000)]);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("02"), Some("1040.00")), "{result}");
    sound(world);
});

both_backends!(equal_compared_prices_fall_to_the_tie_rule, |world| {
    let keys = Keys::new(2);
    let trade = published(world, &with_criteria(world, &keys));
    enrolled(&trade);
    granted(&trade, "A", "1.3", true);
    granted(&trade, "A", "2.2", true);
    // 1000.00 with 7.25 % is 1072.50: B's, who was first.
    opened(&trade, &keys, &[("B", 107_250), ("A", 100_000)]);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("02"), Some("1072.50")), "{result}");
    says(&page(&trade), &["两个比较价相同，先报的优先"]);
    sound(world);
});

/// A floor of 1010.00 in an envelope; A has 5 %.
fn with_floor<'w>(world: &'w World, keys: &Keys, bids: &[(&str, i64)]) -> Trade<'w> {
    let mut terms = with_criteria(world, keys);
    terms["method"]["sealed_reserve"] = json!(true);
    let trade = Trade { world, lot: ok(clerk(world).post("/api/v1/lots", &terms)).id().to_owned() };
    ok(step(&clerk(world), &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    let envelope = keys.envelope(&trade.lot, RESERVE, 101_000);
    ok(clerk(world).post(&trade.path("/sealed-reserve"), &json!(envelope)));
    let hours = json!({"enrol_until": HOURS[0], "opens_at": HOURS[1], "closes_at": HOURS[2]});
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));
    enrolled(&trade);
    granted(&trade, "A", "1.3", true);
    opened(&trade, keys, bids);
    trade
}

both_backends!(the_floor_looks_at_the_price_alone, |world| {
    let keys = Keys::new(2);
    let trade = with_floor(world, &keys, &[("A", 100_000)]);
    let result = replays(&trade);
    assert_eq!((result["status"].as_str(), result["reason"].as_str()), (Some("failed"), Some("below_reserve")));
    assert_eq!(result["compared"][0]["compared"], "1050.00", "which would have reached it");
    says(&page(&trade), &["各报价都没有达到保留价；保留价只看报价本身，不看加分"]);
    sound(world);
});

both_backends!(who_lies_under_the_floor_keeps_nobody_from_winning, |world| {
    let keys = Keys::new(2);
    let trade = with_floor(world, &keys, &[("A", 100_000), ("B", 102_000)]);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["successors"].clone()), (Some("02"), json!([])), "{result}");
    says(&page(&trade), &["01 号的报价没有达到保留价，不能成交；保留价不看加分"]);
    sound(world);
});

both_backends!(a_purchase_divides_by_what_the_answers_are_worth, |world| {
    let keys = Keys::new(2);
    let mut terms = with_criteria(world, &keys);
    for (field, value) in [
        ("form", json!("service")),
        ("usage", json!("鱼塘清淤和巡护")),
        ("term_months", json!(24)),
        ("price_unit", json!("yuan_per_year")),
        ("opening_price", json!("50000")),
    ] {
        terms[field] = value;
    }
    let trade = published(world, &terms);
    says(&page(&trade), &["报价÷（1＋加分）", "按约 47,619.04 元/年比较", "最低的得"]);
    enrolled(&trade);
    granted(&trade, "A", "1.3", true);
    opened(&trade, &keys, &[("B", 4_050_000), ("A", 4_200_000), ("C", 4_300_000)]);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("01"), Some("42000.00")), "{result}");
    assert_eq!((&result["compared"][0]["compared"], &result["successors"]), (&json!("40000.00"), &json!(["02", "03"])));
    says(&page(&trade), &["01 号报 42,000.00，加 5%，按 40,000.00 比较；比第二位更低：02 号"]);
    sound(world);
});

both_backends!(criteria_are_for_sealed_prices_without_priority_and_ceiling, |world| {
    let keys = Keys::new(2);
    let good = with_criteria(world, &keys);
    let refused = |changes: &[(&str, Value)]| {
        let mut terms = good.clone();
        changes.iter().for_each(|(field, value)| match field.strip_prefix("method/") {
            Some(of_method) => terms["method"][of_method] = value.clone(),
            None => terms[*field] = value.clone(),
        });
        clerk(world).post("/api/v1/lots", &terms)
    };
    let told = |changes: &[(&str, Value)], words: &str| {
        let answer = refused(changes);
        assert_eq!(fields(&answer), ["/method/merits"], "{changes:?}");
        assert!(answer.text.contains(words), "{words}: {answer:?}");
    };
    let open = json!({"mode": "ascending", "merits": CRITERIA});
    told(&[("method", open), ("step_min", json!("10"))], "请把竞价方式改为暗标");
    told(&[("priority_kinds", json!(["member"]))], "有加分标准的不再设优先权");
    told(&[("priority", json!("原承租方"))], "有加分标准的不再设优先权");
    told(&[("ceiling_price", json!("2000"))], "有加分标准的不设限价");
    told(&[("method/merits", json!("水质：不作承诺0%；生态养殖30.01%"))], "最多 30%");
    told(&[("method/merits", json!("水质：不作承诺0%；生态养殖3.555%"))], "百分数最多两位小数");
    let made = ok(refused(&[]));
    assert_eq!(made.json["terms"]["method"]["merits"][0]["answers"][2], json!({"text": "生态养殖", "points_bp": 500}));
    // A lot without criteria says nothing of them.
    let mut plain = good.clone();
    plain["method"]["merits"] = json!("");
    let plain = ok(put(&clerk(world), &format!("/api/v1/lots/{}", made.id()), 1, &plain));
    assert_eq!(plain.json["terms"]["method"].get("merits"), None);
});

both_backends!(the_paper_of_whoever_is_erased_is_destroyed, |world| {
    let keys = Keys::new(2);
    let trade = published(world, &with_criteria(world, &keys));
    enrolled(&trade);
    let papers = ["A", "B"].map(|name| {
        let claim = granted(&trade, name, "1.3", true);
        format!("/api/v1/merit-claims/{claim}/paper")
    });
    opened(&trade, &keys, &[("B", 104_000), ("A", 100_000)]);
    let new = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "陈A",
        "id_number": resident_id(1), "relation": "户主", "ground": "original", "basis": "决议", "acquired_on": "1991-06-30"});
    let person = ok(clerk(world).post("/api/v1/members", &new)).json["person_id"].as_str().unwrap().to_owned();
    let seen = || papers.each_ref().map(|path| trade.as_("trader").get(path).status);
    assert_eq!(seen(), [200, 200]);
    let repeated = world.app.db.write_now(xiangji::db::Lane::Any, move |tx| {
        xiangji::erasures::repeat(tx, &xiangji::kernel::Id::from_trusted(&*person))
    });
    assert!(repeated.unwrap().is_some());
    assert_eq!(seen(), [404, 200]);
    let notes =
        "SELECT c.note AS v FROM merit_claims c JOIN enrolments e ON e.id = c.enrolment_id ORDER BY e.bid_number";
    assert_eq!(Behind::of(world).texts(notes), ["", "承诺书和合同核对"]);
    sound(world);
    assert_eq!(replays(&trade)["winner"], "02", "the course of the auction stays");
});
