//! What is kept goes on to the collective, a failure starts the forfeiture, accounts change and mistakes are taken back: each by
//! two persons, whichever way one of them tries both steps.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends,
    money::{PAID, balances, confirm, ended, ids, order, orders, prepare, winner},
    results::{day, sold},
    support::{
        app::{Answer, Client, DURUAN, SHANGXIANG, World},
        behind::Behind,
        verified::faults,
    },
    trading::{Trade, ok},
};

const PAYEES: &str = "/api/v1/money/payees";

fn account(number: &str) -> Value {
    json!({"collective_code": SHANGXIANG, "holder": "上巷村股份合作经济联合社", "number": number, "bank": "农商银行杜阮支行",
        "grounds": "开户许可证，2026年3月1日收件"})
}

fn payee(id: &str, rest: &str) -> String {
    format!("{PAYEES}/{id}{rest}")
}

fn post(who: &Client<'_>, path: &str) -> Answer {
    who.send("POST", path, &[], None)
}

/// An account of the village that a sample may name, which waits for its second person.
pub fn payee_in(world: &World, village: &str) -> String {
    let keeper = world.sign_in(&format!("keeper-{village}"));
    let mut body = account("8002000011112222");
    body["collective_code"] = json!(village);
    ok(keeper.post(PAYEES, &body)).id().to_owned()
}

/// The village's account in force, by both officers.
fn account_in_force(trade: &Trade<'_>, number: &str) -> String {
    let made = ok(trade.as_("trader").post(PAYEES, &account(number)));
    ok(post(&trade.as_("second"), &payee(made.id(), "/confirm")));
    made.id().to_owned()
}

fn of_kind(who: &Client<'_>, kind: &str, state: &str) -> Vec<Value> {
    let mut all = orders(who, &format!("state={state}"));
    all.retain(|order| order["kind"] == kind);
    all
}

/// Decides over a deposit.
pub fn decide(who: &Client<'_>, enrolment: &str, kind: &str) -> Answer {
    let wanted = json!({"kind": kind, "grounds": "2026年第3号决定：合同已签"});
    who.post(&format!("/api/v1/enrolments/{enrolment}/deposit/orders"), &wanted)
}

fn refuse(who: &Client<'_>, id: &str, reason: &str) -> Answer {
    who.post(&order(id, "/return"), &json!({ "reason": reason }))
}

fn nothing_contradicts(world: &World) {
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
}

// The winner's deposit goes into the price, and from there to the collective's account, which two persons have looked at.
both_backends!(what_was_counted_into_the_price_goes_on_to_the_collective, |world| {
    let trade = ended(world);
    world.set_time(PAID);
    let (trader, second, reviewer) = (trade.as_("trader"), trade.as_("second"), trade.as_("reviewer"));
    let won = winner(&trade);
    assert_eq!(decide(&trader, &won, "pay_on").code(), "deposit_not_kept");
    let apply = ok(decide(&trader, &won, "apply"));
    assert_eq!(apply.json["pays_on"], true, "by the rules of the place");
    ok(second.post(&order(apply.id(), "/confirm"), &json!({})));
    let on = of_kind(&trader, "pay_on", "due").remove(0);
    let id = on["id"].as_str().unwrap();
    assert_eq!((on["amount"].as_str(), on["moves_bank"].as_bool()), (Some("10000.00"), Some(true)), "{on}");
    assert_eq!(decide(&trader, &won, "pay_on").code(), "order_open");
    assert_eq!(prepare(&trader, id).code(), "payee_missing");

    // MON-12: bank details by two; the same person through the API, with another session, through the page.
    assert_eq!(reviewer.post(PAYEES, &account("8002000011112222")).status, 403, "who only confirms writes none down");
    let bad = trader
        .post(PAYEES, &json!({"collective_code": SHANGXIANG, "holder": "", "number": "12", "bank": "", "grounds": ""}));
    assert_eq!(bad.json["fields"].as_array().map(Vec::len), Some(4), "{bad:?}");
    assert!(!bad.text.contains("\"12\""), "the number is not said again: {bad:?}");
    let made = ok(trader.post(PAYEES, &account("8002000011112222")));
    assert_eq!(
        (made.json["state"].as_str(), made.json["number"].as_str().unwrap().ends_with("2222")),
        (Some("prepared"), true)
    );
    assert!(!made.text.contains("80020000"), "{made:?}");
    assert_eq!(second.post(PAYEES, &account("8002000033334444")).code(), "payee_waiting");
    for same in [&trader, &trade.as_("trader")] {
        assert_eq!(post(same, &payee(made.id(), "/confirm")).code(), "second_person");
    }
    let page = by_page(&trader, &format!("/money/payees/{}", made.id()), "confirm", "");
    assert!(page.text.contains("经办和复核要由两个人完成"), "{}", page.text);
    assert_eq!(prepare(&trader, id).code(), "payee_missing", "not in force yet");
    assert_eq!(reviewer.post(&payee(made.id(), "/refuse"), &json!({})).status, 422, "with a reason");
    ok(reviewer.post(&payee(made.id(), "/refuse"), &json!({"reason": "与开户许可证的账号不一致"})));
    assert_eq!(post(&second, &payee(made.id(), "/confirm")).code(), "payee_not_in_state");
    account_in_force(&trade, "8002000033334444");

    let prepared = ok(prepare(&trader, id));
    assert!(prepared.json["payee_account"].as_str().unwrap().ends_with("4444"), "{prepared:?}");
    assert_eq!(prepared.json["payee"], "上巷村股份合作经济联合社");
    // The account changes between the two steps: the payment that was prepared for the other one does not go out.
    account_in_force(&trade, "8002000055556666");
    assert_eq!(confirm(&second, id, "on-1", PAID).code(), "payee_changed");
    ok(refuse(&second, id, ""));
    let again = ok(prepare(&second, id));
    assert!(again.json["payee_account"].as_str().unwrap().ends_with("6666"), "{again:?}");
    assert_eq!(confirm(&second, id, "on-1", PAID).code(), "second_person");
    assert_eq!(confirm(&trader, id, "", PAID).status, 422);
    ok(confirm(&trader, id, "on-1", PAID));
    let mut behind = Behind::of(world);
    assert_eq!(balances(&mut behind), ["applied 0", "bank 3000000", "held 0", "owed -3000000"]);
    assert_eq!(decide(&trader, &won, "pay_on").code(), "already_paid_on");
    let moved = ok(trader.get("/api/v1/money/reconciliation")).json;
    assert_eq!(moved["difference"], moved["explained"], "{moved}");
    assert!(
        moved["booked"].as_array().unwrap().iter().any(|b| b["reference"] == "on-1" && b["amount"] == "-10000.00"),
        "{moved}"
    );
    for page in [format!("/money/orders/{id}"), "/money/payees".to_owned()] {
        assert!(ok(trader.get(&page)).text.contains("上巷村股份合作经济联合社"), "{page}");
    }
    nothing_contradicts(world);
});

/// Sends a form of a page.
fn by_page(who: &Client<'_>, path: &str, step: &str, reason: &str) -> Answer {
    let home = who.get("/home");
    let token = home.text.split("name=\"csrf\" value=\"").nth(1).and_then(|t| t.split('"').next()).unwrap_or("");
    let fields = [
        ("csrf", token),
        ("reason", reason),
        ("reference", "page-1"),
        ("paid_at", "2026-03-20"),
        ("paid_hour", "10:00"),
    ];
    let body = serde_urlencoded::to_string(fields).unwrap().into_bytes();
    who.send("POST", &format!("{path}/{step}"), &[("content-type", "application/x-www-form-urlencoded")], Some(body))
}

// The failure of a winner starts the forfeiture; a second person confirms it, or refuses with a reason.
both_backends!(the_failure_of_a_winner_prepares_the_forfeiture, |world| {
    let trade = sold(world);
    world.actor(Role::TradingOfficer, DURUAN, "second");
    day(world, "03-20");
    ok(trade.confirm());
    // Somebody has begun to pay the winner's deposit back: that has moved nothing and gives way.
    let (trader, second) = (trade.as_("trader"), trade.as_("second"));
    let all = ok(trader.get(&trade.path("/enrolments"))).json;
    let of = |number: &str| {
        let found = all["items"].as_array().unwrap().iter().find(|e| e["bid_number"] == number).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let won = of("03");
    let refund = ok(decide(&trader, &won, "refund"));
    ok(trade.fail("refused_to_sign"));
    assert_eq!(ok(trader.get(&order(refund.id(), ""))).json["state"], "withdrawn");
    let forfeit = of_kind(&trader, "forfeit", "prepared").remove(0);
    let id = forfeit["id"].as_str().unwrap();
    assert_eq!(forfeit["grounds"], "杜阮交易处〔2026〕3号：不按期签合同");
    assert_eq!((forfeit["prepared_by"].as_str(), forfeit["pays_on"].as_bool()), (Some("trader"), Some(true)));
    // Who wrote the failure down does not confirm what comes of it, through any path.
    for same in [&trader, &trade.as_("trader")] {
        assert_eq!(same.post(&order(id, "/confirm"), &json!({})).code(), "second_person");
    }
    let page = by_page(&trader, &format!("/money/orders/{id}"), "confirm", "");
    assert!(page.text.contains("经办和复核要由两个人完成"), "{}", page.text);
    assert_eq!(refuse(&second, id, "").json["fields"][0]["pointer"], "/reason");
    assert_eq!(second.send("POST", &order(id, "/return"), &[], None).status, 422);
    let kept = ok(refuse(&second, id, "催告书没有送达"));
    assert_eq!(
        (kept.json["state"].as_str(), kept.json["refusal"].as_str()),
        (Some("withdrawn"), Some("催告书没有送达"))
    );
    let mut behind = Behind::of(world);
    assert_eq!(balances(&mut behind), ["bank 4000000", "held -1000000", "owed -3000000"], "nothing moved");
    let again = ok(decide(&trader, &won, "forfeit"));
    ok(second.post(&order(again.id(), "/confirm"), &json!({})));
    assert_eq!(balances(&mut behind), ["bank 4000000", "forfeited -1000000", "held 0", "owed -3000000"]);
    assert_eq!(of_kind(&trader, "pay_on", "due").len(), 1, "and goes on to the collective");

    // Who steps in and fails has no deposit here any more: what was released is owed, and cannot be kept.
    ok(trade.step_in("B", true));
    let short = &ok(trader.get(&trade.path("/shortfalls"))).json["items"][0];
    assert_eq!([&short["gap"], &short["kept"], &short["owed"]], ["9400.00", "10000.00", "0.00"], "{short}");
    ok(trade.fail("unpaid"));
    assert_eq!(of_kind(&trader, "forfeit", "prepared"), Vec::<Value>::new());
    assert_eq!(decide(&trader, &of("02"), "forfeit").code(), "deposit_released");
    assert_eq!(decide(&trader, &of("02"), "apply").code(), "deposit_released");
    nothing_contradicts(world);
});

// A winner who is not at fault gets the deposit back; a rule of the notice may say that what is kept stays.
both_backends!(a_sale_that_is_void_pays_the_winner_back_and_a_notice_may_keep_the_money_here, |world| {
    let trade = sold(world);
    world.actor(Role::TradingOfficer, DURUAN, "second");
    day(world, "03-20");
    let (trader, second) = (trade.as_("trader"), trade.as_("second"));
    let before = of_kind(&trader, "refund", "due").len();
    let void = json!({"ground": "misdescription", "decision": "杜阮交易处〔2026〕4号"});
    ok(trader.post(&trade.path("/void"), &void));
    let due = of_kind(&trader, "refund", "due");
    assert_eq!((before, due.len()), (3, 4), "{due:?}");
    assert!(due.iter().any(|one| one["counts_from"] == "2026-03-20" && one["due_on"] == "2026-03-27"), "{due:?}");
    assert_eq!(of_kind(&trader, "forfeit", "prepared"), Vec::<Value>::new());
    // Back to another account, where the old one is closed: by two, for this deposit alone.
    let one = &due[0];
    let (id, deposit) = (one["id"].as_str().unwrap(), one["deposit_id"].as_str().unwrap());
    let mut other = account("6228480012345678");
    other["deposit_id"] = json!("dep_000000000000000000000000");
    assert_eq!(trader.post(PAYEES, &other).json["fields"][0]["pointer"], "/deposit_id");
    other["deposit_id"] = json!(deposit);
    ok(prepare(&trader, id));
    let made = ok(trader.post(PAYEES, &other));
    ok(post(&second, &payee(made.id(), "/confirm")));
    assert_eq!(confirm(&second, id, "out-1", "2026-03-20T09:00:00+08:00").code(), "payee_changed");
    ok(refuse(&second, id, ""));
    let again = ok(prepare(&trader, id));
    assert!(again.json["payee_account"].as_str().unwrap().ends_with("5678"), "{again:?}");
    ok(confirm(&second, id, "out-1", "2026-03-20T09:00:00+08:00"));
    nothing_contradicts(world);
});

/// Reverses the last transfer of a deposit.
fn reversal(who: &Client<'_>, enrolment: &str) -> Answer {
    let wanted = json!({"kind": "reverse", "grounds": "银行3月21日退汇，流水号 back-1"});
    who.post(&format!("/api/v1/enrolments/{enrolment}/deposit/orders"), &wanted)
}

// MON-12: a mistake is taken back by a transfer of its own, by two.
both_backends!(a_mistake_is_reversed_by_two_and_can_be_done_anew, |world| {
    let trade = ended(world);
    world.set_time(PAID);
    let (trader, second) = (trade.as_("trader"), trade.as_("second"));
    let mut behind = Behind::of(world);
    // The bank sends a refund back: it is owed again.
    let paid = ids(&orders(&trader, "state=due")).remove(0);
    ok(prepare(&trader, &paid));
    let done = ok(confirm(&second, &paid, "out-1", PAID));
    let loser = done.json["enrolment_id"].as_str().unwrap().to_owned();
    let back = ok(reversal(&trader, &loser));
    assert_eq!((back.json["takes_back"].as_str(), back.json["moves_bank"].as_bool()), (Some("pay_out"), Some(true)));
    for same in [&trader, &trade.as_("trader")] {
        assert_eq!(confirm(same, back.id(), "back-1", PAID).code(), "second_person");
    }
    let page = by_page(&trader, &format!("/money/orders/{}", back.id()), "confirm", "");
    assert!(page.text.contains("经办和复核要由两个人完成"), "{}", page.text);
    assert_eq!(refuse(&second, back.id(), "").status, 422);
    assert_eq!(confirm(&second, back.id(), "out-1", PAID).code(), "reference_taken");
    ok(confirm(&second, back.id(), "back-1", PAID));
    assert_eq!(balances(&mut behind), ["bank 4000000", "held -1000000", "owed -3000000"]);
    assert_eq!(ok(trader.get(&order(&paid, ""))).json["state"], "reversed");
    let waits = orders(&trader, "state=due").into_iter().find(|o| o["enrolment_id"] == loser.as_str()).unwrap();
    assert_eq!(waits["due_on"], done.json["due_on"], "the last day is the old one");
    ok(prepare(&second, waits["id"].as_str().unwrap()));
    ok(confirm(&trader, waits["id"].as_str().unwrap(), "out-2", PAID));

    // What was counted into the price by mistake is held again, before it goes on; refused, it waits to go on again.
    let won = winner(&trade);
    let apply = ok(decide(&trader, &won, "apply"));
    ok(second.post(&order(apply.id(), "/confirm"), &json!({})));
    let wrong = ok(reversal(&trader, &won));
    assert_eq!(of_kind(&trader, "pay_on", "due").len(), 0);
    ok(refuse(&second, wrong.id(), "没有记错，合同已签"));
    assert_eq!(of_kind(&trader, "pay_on", "due").len(), 1);
    let wrong = ok(reversal(&second, &won));
    ok(trader.post(&order(wrong.id(), "/confirm"), &json!({})));
    assert_eq!(
        (of_kind(&trader, "pay_on", "due").len(), ok(trader.get(&order(apply.id(), ""))).json["state"].clone()),
        (0, json!("reversed"))
    );
    assert_eq!(balances(&mut behind), ["applied 0", "bank 3000000", "held -1000000", "owed -2000000"]);

    // A receipt that never came, of a loser to whom it is owed: both are taken back, and nothing is paid out.
    let never = orders(&trader, "state=due").remove(0);
    let never_id = never["enrolment_id"].as_str().unwrap();
    let cancel = ok(reversal(&trader, never_id));
    assert_eq!(prepare(&second, never["id"].as_str().unwrap()).code(), "order_not_in_state");
    ok(refuse(&second, cancel.id(), "银行有这笔，流水号写错"));
    let cancel = ok(reversal(&trader, never_id));
    ok(second.post(&order(cancel.id(), "/confirm"), &json!({})));
    assert_eq!(balances(&mut behind), ["applied 0", "bank 2000000", "held -1000000", "owed -1000000"]);
    let state = format!("SELECT state AS v FROM deposits WHERE enrolment_id = '{never_id}'");
    assert_eq!(behind.texts(&state), ["cancelled"]);
    assert_eq!(reversal(&trader, never_id).code(), "nothing_to_reverse");
    assert_eq!(decide(&trader, never_id, "refund").code(), "deposit_not_held");
    // The receipt and its reversal explain each other before the bank.
    let now = ok(trader.get("/api/v1/money/reconciliation")).json;
    assert_eq!(now["difference"], now["explained"], "{now}");
    nothing_contradicts(world);
});
