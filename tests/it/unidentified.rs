//! Money that came and fits nobody: it has an account of its own, becomes the deposit it was meant to be, or goes back by two.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    bank::{HEAD, balanced, ids, proposed, stand, taken_in, tick},
    both_backends,
    money::{balances, hledger, journal},
    support::{
        app::{Answer, Client, DURUAN, World},
        behind::Behind,
        verified::faults,
    },
    trading::{ok, payer_account, published},
};

const PATH: &str = "/api/v1/money/unidentified";

/// Books the line of this amount.
fn book(who: &Client<'_>, stand: &Value, amount: &str) -> Answer {
    let line = stand["lines"].as_array().unwrap().iter().find(|line| line["amount"] == amount).unwrap();
    who.post(PATH, &json!({"line": line["id"]}))
}

fn of(id: &str, rest: &str) -> String {
    format!("{PATH}/{id}{rest}")
}

/// One that waits for its second person, at the account of a village's township.
pub fn unidentified_in(world: &World, village: &str) -> String {
    let town = format!("{}000", &village[..9]);
    let keeper = world.actor(Role::TradingOfficer, &town, &format!("keeper-{village}"));
    let bank =
        stand(&keeper)["bank"].as_str().map_or(0, |yuan| yuan.split('.').next().unwrap().parse::<i64>().unwrap());
    taken_in(&keeper, format!("{HEAD}\n2026-03-02,1.00,,{}.00,路人,stray-{village}\n", bank + 1).as_bytes());
    let booked = ok(book(&keeper, &stand(&keeper), "1.00"));
    ok(keeper.post(&of(booked.id(), "/return"), &json!({"grounds": "付款人说明转错了账户"})));
    booked.id().to_owned()
}

both_backends!(money_that_fits_nobody_becomes_a_deposit_or_goes_back_by_two, |world| {
    let trade = published(world);
    world.actor(Role::TradingOfficer, DURUAN, "second");
    let (a, b) = (ok(trade.enrol("A", 1, "")), ok(trade.enrol("B", 2, "")));
    let (trader, second, reviewer) = (trade.as_("trader"), trade.as_("second"), trade.as_("reviewer"));
    let file = format!(
        "{HEAD}\n2026-03-02,10000.00,,10000.00,陈 A,x1\n2026-03-02,77.77,,10077.77,路人,\n2026-03-02,,3.50,10074.27,银行,fee-1\n"
    );
    assert_eq!(taken_in(&trader, file.as_bytes()), (3, 0));
    let before = stand(&trader);
    assert_eq!(book(&trader, &before, "-3.50").code(), "line_not_free", "what went out");
    assert_eq!(trader.post(PATH, &json!({"line": "lin_none"})).status, 422);
    for who in [&reviewer, &trade.as_("auditor"), &trade.as_("A")] {
        assert_eq!(book(who, &before, "77.77").status, 403);
    }
    let of_a = ok(book(&trader, &before, "10000.00"));
    let stray = ok(book(&trader, &before, "77.77"));
    assert_eq!(book(&trader, &before, "77.77").code(), "line_not_free", "once");
    let told = (of_a.json["state"].as_str(), of_a.json["reference"].as_str(), of_a.json["payer_name"].as_str());
    assert_eq!(told, (Some("open"), Some("x1"), Some("陈 A")));
    let own = stray.json["reference"].as_str().unwrap().to_owned();
    assert!(own.starts_with("DCK") && own.len() == 11, "{own}");
    let now = stand(&trader);
    balanced(&now);
    assert_eq!((now["difference"].as_str(), now["lines"].as_array().unwrap().len()), (Some("-3.50"), 1), "{now}");
    let mut behind = Behind::of(world);
    assert_eq!(balances(&mut behind), ["bank 1007777", "unidentified -1007777"]);
    assert_eq!(reviewer.get(&of(of_a.id(), "")).status, 404, "it may be a bidder's");
    assert_eq!(ok(reviewer.get(PATH)).json["items"], json!([]));

    // A deposit that names its number takes it over, if it is the same money.
    let pay = |enrolment: &str, amount: &str, payer: &str, reference: &str| {
        let body = json!({"amount": amount, "payer_name": payer, "payer_account": payer_account(payer), "reference": reference,
            "received_at": "2026-03-02T08:30:00+08:00"});
        trader.post(&format!("/api/v1/enrolments/{enrolment}/deposit"), &body)
    };
    let wrong = pay(a.id(), "10000.01", "陈A", "x1");
    assert_eq!((wrong.code(), wrong.json["amount"].as_str()), ("unidentified_differs", Some("10000.00")), "{wrong:?}");
    assert_eq!(pay(b.id(), "10000.00", "陈B", "x1").code(), "unidentified_differs");
    ok(pay(a.id(), "10000.00", "陈A", "x1"));
    assert_eq!(trade.number("A"), json!("01"));
    assert_eq!(pay(b.id(), "10000.00", "陈B", "x1").code(), "reference_taken");
    let gone = ok(trader.get(&of(of_a.id(), ""))).json;
    assert_eq!((gone["state"].as_str(), gone["settled_by"].as_str()), (Some("identified"), Some("trader")), "{gone}");
    assert!(gone["deposit_id"].as_str().unwrap().starts_with("dep_"));
    assert_eq!(
        trader.post(&of(of_a.id(), "/return"), &json!({"grounds": "转错了账户"})).code(),
        "unidentified_not_in_state"
    );
    assert_eq!(balances(&mut behind), ["bank 1007777", "held -1000000", "unidentified -7777"]);
    let now = stand(&trader);
    balanced(&now);
    assert_eq!((now["difference"].as_str(), now["booked"].as_array().unwrap().len()), (Some("-3.50"), 0), "{now}");

    // The other one goes back, by two; whichever way one of them tries both steps.
    let back = json!({"grounds": "付款人说明转错了账户"});
    let paid = |reference: &str| json!({"reference": reference, "paid_at": world.app.db.now().to_string()});
    assert_eq!(second.post(&of(stray.id(), "/confirm"), &paid("out-1")).code(), "unidentified_not_in_state");
    assert_eq!(trader.post(&of(stray.id(), "/return"), &json!({"grounds": "错"})).status, 422);
    assert_eq!(reviewer.post(&of(stray.id(), "/return"), &back).status, 403);
    ok(trader.post(&of(stray.id(), "/return"), &back));
    assert_eq!(trader.post(&of(stray.id(), "/confirm"), &paid("out-1")).code(), "second_person");
    assert_eq!(trade.as_("trader").post(&of(stray.id(), "/confirm"), &paid("out-1")).code(), "second_person");
    let page = ok(trader.get(&format!("/money/unidentified/{}", stray.id())));
    assert!(page.text.contains("要由另一位复核") && !page.text.contains("复核无误，记账"), "{}", page.text);
    assert_eq!(reviewer.post(&of(stray.id(), "/refuse"), &json!({"grounds": ""})).status, 422, "with a reason");
    let kept = ok(reviewer.post(&of(stray.id(), "/refuse"), &json!({"grounds": "先问清楚再退"})));
    assert_eq!((kept.json["state"].as_str(), kept.json["prepared_by"].as_str()), (Some("open"), None));
    assert_eq!(balances(&mut behind), ["bank 1007777", "held -1000000", "unidentified -7777"], "nothing moved");
    ok(second.post(&of(stray.id(), "/return"), &back));
    assert_eq!(second.post(&of(stray.id(), "/confirm"), &paid("out-1")).code(), "second_person");
    assert_eq!(trader.post(&of(stray.id(), "/confirm"), &json!({})).json["fields"].as_array().map(Vec::len), Some(2));
    let returned = ok(reviewer.post(&of(stray.id(), "/confirm"), &paid("out-1")));
    assert_eq!(returned.json["state"], "returned");
    assert_eq!(trader.post(&of(stray.id(), "/confirm"), &paid("out-2")).code(), "unidentified_not_in_state");
    assert_eq!(balances(&mut behind), ["bank 1000000", "held -1000000", "unidentified 0"]);
    let out = format!("{HEAD}\n2026-03-02,,77.77,9996.50,路人,out-1\n");
    assert_eq!(taken_in(&trader, out.as_bytes()), (1, 0));
    let now = stand(&trader);
    balanced(&now);
    assert_eq!(proposed(&now), [("reference".to_owned(), vec!["out-1".to_owned()], vec!["out-1".to_owned()])]);
    assert_eq!(ids(&now["booked"]).len(), 1);
    ok(tick(&trader, &now["proposals"][0]));
    let left = stand(&trader);
    balanced(&left);
    assert_eq!((left["difference"].as_str(), left["lines"].as_array().unwrap().len()), (Some("-3.50"), 1), "{left}");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
    let text = journal(world, &[]);
    assert!(text.contains(&format!("liabilities:unidentified:{DURUAN}")), "{text}");
    if std::process::Command::new("hledger").arg("--version").output().is_ok() {
        assert_eq!(hledger(&text, &["check", "--strict", "ordereddates"]), Ok(String::new()), "{text}");
    }
    for page in ["/money/unidentified", "/money/bank", "/money"] {
        assert!(ok(trader.get(page)).text.contains("待查款"), "{page}");
    }
});
