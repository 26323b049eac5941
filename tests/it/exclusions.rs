//! Who may not bid for a time: recorded by a decision, refused at enrolment, lifted by another decision.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    notices::faults,
    support::app::{DURUAN, LONGXI, SHANGXIANG, World},
    trading::{ok, published, resident_id, step},
};

const PATH: &str = "/api/v1/exclusions";

/// A decision over the person whose number has this order, a neighbour's clerk would say 陈A.
pub fn decision(order: u32, name: &str, region: &str) -> Value {
    json!({"region_code": region, "kind": "person", "name": name, "id_number": resident_id(order), "ground": "default_after_winning",
        "note": "竞得后不签合同", "decision_number": "杜阮镇交易〔2026〕3号", "until": "2027-03-01"})
}

/// An exclusion in a village, by the city's trading officer there.
pub fn exclusion_in(world: &World, village: &str) -> String {
    let trader = world.sign_in(&format!("trader-{village}"));
    ok(trader.post(PATH, &decision(90, "陈某", village))).id().to_owned()
}

both_backends!(who_is_excluded_is_refused_on_that_day_in_that_area_and_told_why, |world| {
    let trade = published(world);
    let trader = trade.as_("trader");
    let mut long = decision(1, "陈A", DURUAN);
    long["until"] = json!("2029-03-03");
    let refused = trader.post(PATH, &long);
    assert_eq!(faults(&refused)[0].0, "/until", "{refused:?}");
    assert!(faults(&refused)[0].1.contains("36 个月"), "{refused:?}");
    let mut endless = decision(1, "陈A", DURUAN);
    endless["until"] = Value::Null;
    assert_eq!(faults(&trader.post(PATH, &endless))[0].0, "/until", "a decision without an end says so");
    let mut silent = decision(1, "陈A", DURUAN);
    (silent["decision_number"], silent["id_number"]) = (json!(""), json!("1"));
    assert_eq!(faults(&trader.post(PATH, &silent)).len(), 2);
    assert_eq!(faults(&trader.post(PATH, &decision(1, "陈A", "440703102000")))[0].0, "/region_code");

    let made = ok(trader.post(PATH, &decision(1, "陈A", DURUAN)));
    assert_eq!((made.json["standing"].as_str(), made.json["nth"].as_i64()), (Some("in_force"), Some(1)));
    assert!(!made.text.contains(&resident_id(1)), "the number is masked: {made:?}");
    // In the village beside, which the first lot does not lie in; and one that is over tomorrow.
    ok(trader.post(PATH, &decision(2, "陈B", LONGXI)));
    let mut short = decision(3, "陈C", SHANGXIANG);
    short["until"] = json!("2026-03-02");
    ok(trader.post(PATH, &short));

    let refused = trade.enrol("A", 1, "");
    assert_eq!((refused.status, refused.code()), (409, "excluded"), "{refused:?}");
    let told = refused.json["detail"].as_str().unwrap();
    for part in ["竞得后弃约", "杜阮镇交易〔2026〕3号", "2027-03-01", "杜阮镇公共服务中心"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(refused.json["until"], "2027-03-01");
    ok(trade.enrol("B", 2, ""));
    assert_eq!(trade.enrol("C", 3, "").code(), "excluded", "the last day counts");
    world.set_time("2026-03-03T00:00:00+08:00");
    ok(trade.enrol("C", 3, ""));
    // Somebody who has the number of another and not the name learns nothing of the decision.
    let strange = json!({"kind": "person", "name": "李某", "id_number": resident_id(1), "phone": "13800001111", "accepts_terms": true,
        "declares_no_conflict": true});
    let strange = trade.as_("stranger").post(&trade.path("/enrolments"), &strange);
    assert_eq!(strange.code(), "excluded");
    assert!(!strange.text.contains("弃约") && !strange.text.contains("3号"), "{strange:?}");

    let lift = |who: &str, version: i64, number: &str| {
        let body = json!({"decision_number": number, "reason": "已履行"});
        step(&trade.as_(who), &format!("{PATH}/{}/lift", made.id()), version, &body)
    };
    assert_eq!(lift("reviewer", 1, "杜阮镇交易〔2026〕9号").status, 403);
    assert_eq!(faults(&lift("trader", 1, "杜阮镇交易〔2026〕3号"))[0].0, "/decision_number", "another decision");
    assert_eq!(lift("trader", 2, "杜阮镇交易〔2026〕9号").code(), "version_stale");
    assert_eq!(ok(lift("trader", 1, "杜阮镇交易〔2026〕9号")).json["standing"], "lifted");
    assert_eq!(lift("trader", 2, "杜阮镇交易〔2026〕10号").code(), "exclusion_lifted");
    ok(trade.enrol("A", 1, ""));
    // A ban is counted.
    let again = ok(trade.as_("trader").post(PATH, &decision(1, "陈A", DURUAN)));
    assert_eq!(again.json["nth"], 2);

    let entries = ok(trade.as_("auditor").get("/api/v1/log/entries?limit=100")).text;
    assert_eq!(entries.matches("exclusion.recorded").count(), 4, "{entries}");
    assert!(entries.contains("exclusion.lifted") && !entries.contains("陈A"), "{entries}");
    world.app.integrate_log().unwrap();
    assert_eq!(crate::support::verified::faults(world), []);
});

both_backends!(the_list_of_exclusions_is_for_the_staff_of_the_area, |world| {
    let trade = published(world);
    let made = ok(trade.as_("trader").post(PATH, &decision(1, "陈A", SHANGXIANG)));
    for name in ["trader", "reviewer", "auditor"] {
        let seen = ok(trade.as_(name).get(PATH));
        assert_eq!(seen.json["items"][0]["id"].as_str(), Some(made.id()), "{name}");
        assert!(ok(trade.as_(name).get("/exclusions")).text.contains("陈A"), "{name}");
    }
    let far = world.actor(Role::TradingOfficer, LONGXI, "far");
    assert_eq!(ok(far.get(PATH)).json["items"], json!([]));
    let body = json!({"decision_number": "9号", "reason": "已履行"});
    assert_eq!(step(&far, &format!("{PATH}/{}/lift", made.id()), 1, &body).status, 404);
    assert_eq!(far.get(&format!("/exclusions/{}/lift", made.id())).status, 404);
    for name in [&format!("clerk-{SHANGXIANG}"), "A"] {
        assert_eq!(trade.as_(name).get(PATH).status, 403, "{name}");
    }
    assert_eq!(world.nobody().get(PATH).status, 401);
    let page = ok(trade.as_("trader").get(&format!("/exclusions/{}/lift", made.id()))).text;
    assert!(page.contains("陈A") && page.contains("解除决定的文号"), "{page}");
});
