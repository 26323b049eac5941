//! Several at the ceiling: two officers put them in order by the criterion of the notice, and the award follows.

use serde_json::{Value, json};

use crate::{
    both_backends,
    methods::{admitted, clerk, draft, fields, page, replays, says},
    sealed::{self, Keys},
    support::{
        app::{Answer, DURUAN, SHANGXIANG, World},
        behind::Behind,
        verified::faults,
    },
    trading::{HOURS, Trade, ok, steering},
};

pub const CRITERION: &str = "本村成员优先；都是或者都不是的，比经营方案评分";

/// A listing whose ceiling is 800 and whose notice has the criterion.
pub fn with_criterion(world: &World) -> Value {
    let mut terms = draft(world, json!({ "ceiling_criterion": CRITERION }));
    terms["ceiling_price"] = json!("800");
    terms
}

/// All three come to the ceiling, C first; the auction has ended.
fn ended<'w>(world: &'w World, terms: &Value) -> Trade<'w> {
    let trade = admitted(world, terms);
    for (name, at) in [("C", "09:32:00"), ("A", "09:33:00"), ("B", "09:34:00")] {
        ok(trade.bid(name, at, "800"));
    }
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 0, "called, not closed");
    trade
}

/// The same for one sealed price each, with two trustees.
fn sealed_with_criterion(world: &World) -> (Trade<'_>, Keys) {
    let mut terms = with_criterion(world);
    let keys = Keys::new(2);
    let trustees = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] =
        json!({"mode": "sealed", "trustees": trustees, "trustees_needed": 2, "ceiling_criterion": CRITERION});
    (terms["step_min"], terms["step_max"]) = (json!(""), Value::Null);
    (admitted(world, &terms), keys)
}

/// What an officer prepares.
pub fn order(numbers: &[&str]) -> Value {
    json!({"order": numbers, "reasons": "02 号为本村成员；其余都不是，01 号方案 86 分，03 号 79 分", "paper": "鱼塘发包评定记录 杜府评〔2026〕3号"})
}

fn prepare(trade: &Trade<'_>, order: &Value) -> Answer {
    trade.as_("trader").post(&trade.path("/ranking"), order)
}

fn review(trade: &Trade<'_>, place: i32, approve: bool, note: &str) -> Answer {
    let body = json!({"place": place, "approve": approve, "note": note});
    trade.as_("reviewer").post(&trade.path("/ranking/review"), &body)
}

/// The orders as somebody sees them; `""`: everybody.
fn seen(trade: &Trade<'_>, name: &str) -> Vec<Value> {
    let who = if name.is_empty() { trade.world.nobody() } else { trade.as_(name) };
    ok(who.get(&trade.path("/ranking"))).json["items"].as_array().unwrap().clone()
}

fn states(trade: &Trade<'_>, name: &str) -> Vec<String> {
    seen(trade, name).iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
}

/// What the log says of the lot's rankings, oldest first.
fn entries(trade: &Trade<'_>) -> Vec<String> {
    let path = format!("/api/v1/log/entries?limit=100&subject=lot/{}", trade.lot);
    let all = ok(trade.as_("auditor").get(&path)).json;
    let kinds = all["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap().to_owned());
    let mut kinds: Vec<String> = kinds.filter(|kind| kind.starts_with("ranking.")).collect();
    kinds.reverse();
    kinds
}

both_backends!(a_criterion_needs_a_ceiling_a_text_and_no_draw, |world| {
    let good = with_criterion(world);
    let change = |method: Value, ceiling: Value| {
        let mut terms = good.clone();
        (terms["method"], terms["ceiling_price"]) = (method, ceiling);
        fields(&clerk(world).post("/api/v1/lots", &terms))
    };
    const FIELD: &str = "/method/ceiling_criterion";
    assert_eq!(change(json!({ "ceiling_criterion": CRITERION }), Value::Null), [FIELD], "there is no ceiling");
    assert_eq!(change(json!({ "ceiling_criterion": CRITERION, "draw_ceiling": true }), json!("800")), [FIELD]);
    assert_eq!(change(json!({ "ceiling_criterion": "字".repeat(501) }), json!("800")), [FIELD]);
    assert_eq!(change(json!({ "ceiling_criterion": CRITERION, "mode": "proxy" }), json!("800")), [FIELD]);
    let practice = json!({ "ceiling_criterion": CRITERION, "practice": true });
    assert_eq!(change(practice, json!("800")), ["/method/practice", "/deposit"]);
    let trade = admitted(world, &good);
    says(&page(&trade), &["到限价后的评定", "几个人都报到最高限价的", CRITERION, "镇街资产管理员复核"]);
    let seen = trade.lot();
    assert_eq!((&seen["terms"]["method"]["ceiling_criterion"], &seen["ranking"]), (&json!(CRITERION), &Value::Null));
    // The words of the notice are frozen with it.
    let notice = ok(world.nobody().get(&format!("/lots/{}/notices/1", trade.lot))).text;
    assert!(notice.contains(CRITERION), "{notice}");
});

both_backends!(two_officers_put_those_at_the_ceiling_in_order, |world| {
    let trade = ended(world, &with_criterion(world));
    assert_eq!(trade.lot()["phase"], "undecided");
    assert_eq!(trade.close(), 0, "nobody has decided");
    let one = seen(&trade, "")[0].clone();
    assert_eq!((&one["state"], &one["candidates"]), (&json!("called"), &json!(["03", "01", "02"])));
    says(&page(&trade), &["3 人同在最高限价", "03 号、01 号、02 号", CRITERION, "看评定进行到哪一步"]);
    let own = ok(trade.as_("A").get(&format!("/lots/{}", trade.lot))).text;
    says(&own, &["您和另外 2 人同在最高限价"]);
    says(&ok(trade.as_("A").get("/my/bids")).text, &["同价，等待评定"]);
    says(&ok(world.nobody().get(&format!("/lots/{}/hall", trade.lot))).text, &["按公告的办法评定先后", CRITERION]);
    assert_eq!(trade.bid("A", "10:30:00", "800").code(), "closed");
    let outage = json!({"action": "outage", "reason": "机房停电", "since": "2026-03-11T09:59:00+08:00"});
    assert_eq!(trade.as_("trader").post(&trade.path("/steering"), &outage).code(), "closed", "the bids are final");
    let stop = steering("suspend", "核实举报");
    assert_eq!(trade.as_("trader").post(&trade.path("/steering"), &stop).code(), "closed", "there is no clock to stop");
    assert_eq!(world.nobody().get(&trade.path("/trace")).code(), "auction_not_ended");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), [], "while it waits");

    // One prepares.
    says(&ok(trade.as_("trader").get("/home")).text, &["拟定同价评定"]);
    assert_eq!(trade.as_("reviewer").post(&trade.path("/ranking"), &order(&["02", "01", "03"])).status, 403);
    assert_eq!(review(&trade, 1, true, "").code(), "ranking_not_in_state");
    assert_eq!(fields(&prepare(&trade, &order(&["02", "01"]))), ["/order"]);
    assert_eq!(fields(&prepare(&trade, &order(&["02", "01", "03", "03"]))), ["/order"]);
    let bare = prepare(&trade, &json!({"order": ["02", "01", "03"], "reasons": "陈B是本村成员", "paper": ""}));
    assert_eq!(fields(&bare), ["/paper", "/reasons"]);
    let mut papers = order(&["01", "02", "03"]);
    papers["document"] = json!("doc_000000000000000000000000");
    assert_eq!(fields(&prepare(&trade, &papers)), ["/document"]);
    let file = [("collective_code", SHANGXIANG), ("title", "评定记录")];
    let file = ok(trade.as_("trader").upload("/api/v1/documents", &file, "a.pdf", b"%PDF-1.7 ranking"));
    papers["document"] = json!(file.id());
    ok(prepare(&trade, &papers));
    assert_eq!(prepare(&trade, &papers).code(), "ranking_not_in_state");
    assert_eq!(seen(&trade, "")[0]["order"], Value::Null, "public with its confirmation");
    assert_eq!(seen(&trade, "A")[0]["reasons"], Value::Null);
    assert_eq!(seen(&trade, "reviewer")[0]["order"], json!(["01", "02", "03"]));

    // Another sends it back, and then confirms the next.
    says(&ok(trade.as_("reviewer").get("/home")).text, &["复核同价评定"]);
    assert_eq!(
        trade.as_("trader").post(&trade.path("/ranking/review"), &json!({"place": 1, "approve": true})).status,
        403
    );
    assert_eq!(review(&trade, 2, true, "").code(), "ranking_changed");
    assert_eq!(fields(&review(&trade, 1, false, " ")), ["/note"]);
    ok(review(&trade, 1, false, "02 号才是本村成员"));
    assert_eq!(states(&trade, "trader"), ["returned", "called"]);
    assert_eq!(states(&trade, ""), ["called"]);
    papers["order"] = json!(["02", "01", "03"]);
    ok(prepare(&trade, &papers));
    world.pass_s(86_400);
    let confirmed = ok(review(&trade, 2, true, ""));
    assert_eq!(confirmed.json["order"], json!(["02", "01", "03"]));

    // The award is written at once, by the code of every award.
    let lot = trade.lot();
    assert_eq!((&lot["state"], &lot["award"]["winner"]), (&json!("sold"), &json!("02")));
    assert_eq!((&lot["award"]["successors"], &lot["award"]["price"]), (&json!(["01", "03"]), &json!("800.00")));
    assert_eq!(lot["award"]["notice_from"], "2026-03-12");
    assert_eq!(lot["ranking"]["paper"], "鱼塘发包评定记录 杜府评〔2026〕3号");
    assert_eq!(lot["ranking"]["paper_sha256"].as_str().map(str::len), Some(64));
    says(&page(&trade), &["评定的先后", "第一 02 号，其后依次 01 号、03 号", "01 号方案 86 分", "杜府评〔2026〕3号"]);
    assert_eq!(review(&trade, 2, true, "").code(), "lot_not_in_state");
    let result = replays(&trade);
    assert_eq!((&result["winner"], &result["successors"]), (&json!("02"), &json!(["01", "03"])));
    let trace: Value = serde_json::from_str(&ok(world.nobody().get(&trade.path("/trace"))).text).unwrap();
    assert_eq!(trace["rules"]["criterion"], json!({"text": CRITERION, "order": ["02", "01", "03"]}));
    assert_eq!(trade.close(), 0, "once");
    assert_eq!(
        entries(&trade),
        ["called", "prepared", "returned", "prepared", "confirmed"].map(|kind| format!("ranking.{kind}"))
    );
    let ocds = ok(world.nobody().get(&trade.path("/ocds"))).json;
    assert!(ocds.to_string().contains(CRITERION), "{ocds}");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);

    // Whoever changes the order behind the program's back is told.
    Behind::of(world).exec("UPDATE lot_rankings SET ranked = '[1,2,3]' WHERE state = 'confirmed'");
    let found: Vec<String> = faults(world).iter().map(ToString::to_string).collect();
    for said in ["the award is not what the commands come to", "or the award does not follow it"] {
        assert!(found.iter().any(|line| line.contains(said)), "{said}: {found:?}");
    }
});

both_backends!(one_alone_at_the_ceiling_has_simply_won, |world| {
    let trade = admitted(world, &with_criterion(world));
    ok(trade.bid("A", "09:31:00", "750"));
    ok(trade.bid("B", "09:32:00", "800"));
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["winner"], "02");
    assert!(seen(&trade, "").is_empty());
    assert_eq!(prepare(&trade, &order(&["02"])).code(), "lot_not_in_state");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

both_backends!(without_a_criterion_who_is_first_at_the_ceiling_has_it, |world| {
    let mut terms = draft(world, json!({}));
    terms["ceiling_price"] = json!("800");
    let trade = admitted(world, &terms);
    says(&page(&trade), &["谁先报到最高限价，别人就不能再加价，结束时由他竞得"]);
    ok(trade.bid("A", "09:31:00", "800"));
    assert_eq!(trade.bid("B", "09:32:00", "800").code(), "below_step", "as ever");
    assert_eq!(trade.bid("B", "09:33:00", "810").code(), "above_ceiling");
    assert_eq!(world.nobody().get(&trade.path("/ranking")).code(), "ranking_not_here");
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["winner"], "01");
});

both_backends!(a_trade_is_terminated_while_officers_have_still_to_decide, |world| {
    let trade = ended(world, &with_criterion(world));
    ok(prepare(&trade, &order(&["02", "01", "03"])));
    let stop = steering("terminate", "公告内容有误");
    let mut bare = stop.clone();
    bare["paper"] = json!("");
    assert_eq!(fields(&trade.as_("trader").post(&trade.path("/steering"), &bare)), ["/paper"]);
    world.pass_s(60);
    ok(trade.as_("trader").post(&trade.path("/steering"), &stop));
    let lot = trade.lot();
    assert_eq!((&lot["state"], &lot["award"]["status"]), (&json!("terminated"), &json!("terminated")));
    assert_eq!((&lot["halted"]["ground"], &lot["award"]["winner"]), (&json!("notice_error"), &Value::Null));
    assert_eq!((states(&trade, ""), seen(&trade, "")[0]["order"].clone()), (vec!["ended".to_owned()], Value::Null));
    says(&page(&trade), &["终止公告", "交易终止，不再评定"]);
    assert_eq!(review(&trade, 1, true, "").code(), "lot_not_in_state");
    let result = replays(&trade);
    assert_eq!((&result["status"], &result["winner"]), (&json!("terminated"), &Value::Null));
    assert_eq!(entries(&trade), ["called", "prepared", "ended"].map(|kind| format!("ranking.{kind}")));
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

both_backends!(sealed_prices_at_the_ceiling_are_ranked_after_their_opening, |world| {
    let (trade, keys) = sealed_with_criterion(world);
    for (name, number, at, amount) in
        [("A", "01", "09:31:00", 80_000), ("B", "02", "09:32:00", 80_000), ("C", "03", "09:33:00", 75_000)]
    {
        ok(sealed::send(&trade, name, at, &keys.envelope(&trade.lot, number, amount)));
    }
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 0);
    assert_eq!(trade.lot()["phase"], "closing", "nobody has opened them");
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 0, "opened, and called");
    assert_eq!(
        (trade.lot()["phase"].clone(), sealed::bids(&trade)["state"].clone()),
        (json!("undecided"), json!("opened"))
    );
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), [], "while it waits");
    ok(prepare(&trade, &order(&["02", "01"])));
    ok(review(&trade, 1, true, ""));
    assert_eq!(
        (replays(&trade)["winner"].clone(), replays(&trade)["successors"].clone()),
        (json!("02"), json!(["01", "03"]))
    );
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

both_backends!(a_sealed_trade_is_terminated_while_officers_have_still_to_decide, |world| {
    let (trade, keys) = sealed_with_criterion(world);
    for (name, number, at) in [("A", "01", "09:31:00"), ("B", "02", "09:32:00")] {
        ok(sealed::send(&trade, name, at, &keys.envelope(&trade.lot, number, 80_000)));
    }
    world.set_time(HOURS[2]);
    let stop = steering("terminate", "公告内容有误");
    let early = trade.as_("trader").post(&trade.path("/steering"), &stop);
    assert_eq!(early.code(), "closed", "nobody has opened them");
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 0, "opened, and called");
    world.pass_s(3600);
    ok(trade.as_("trader").post(&trade.path("/steering"), &stop));
    assert_eq!(
        (trade.lot()["state"].clone(), replays(&trade)["status"].clone()),
        (json!("terminated"), json!("terminated"))
    );
    assert_eq!(sealed::bids(&trade)["state"], "opened", "what was opened stays open");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});
