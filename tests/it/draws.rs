//! Draws: who goes first among equals, by values that nobody knew before and a checkpoint that nobody chose.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    both_backends,
    methods::{admitted, clerk, draft, fields, page, replays, says},
    sealed::{self, Keys},
    support::{
        app::{Answer, Client, DURUAN, World},
        verified::faults,
    },
    trading::{HOURS, Trade, ok, steering},
};

/// The block of docs/draws.md below a heading.
fn recipe(heading: &str) -> String {
    let text = std::fs::read_to_string("docs/draws.md").unwrap();
    let part = text.split("\n## ").find(|part| part.starts_with(heading)).unwrap();
    part.split("```bash\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

fn bash(dir: &Path, script: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(dir).env("LC_ALL", "C.UTF-8");
    variables.iter().for_each(|(name, value)| {
        command.env(name, value);
    });
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn word(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join(name)).unwrap().trim().to_owned()
}

/// A value of the party's own making and its commitment, as docs/draws.md has it.
fn made(trade: &Trade<'_>, round: &str, party: &str) -> (String, String) {
    let dir = tempfile::tempdir().unwrap();
    bash(dir.path(), &recipe("Before"), &[("LOT", &trade.lot), ("ROUND", round), ("PARTY", party)]);
    (word(dir.path(), "value.txt"), word(dir.path(), "commitment.txt"))
}

fn commit(who: &Client<'_>, trade: &Trade<'_>, commitment: &str) -> Answer {
    who.post(&trade.path("/draw/commitments"), &json!({ "commitment": commitment }))
}

fn open(who: &Client<'_>, trade: &Trade<'_>, value: &str) -> Answer {
    who.post(&trade.path("/draw/values"), &json!({ "value": value }))
}

fn draw(trade: &Trade<'_>) -> Value {
    ok(trade.world.nobody().get(&trade.path("/draw"))).json
}

fn state(trade: &Trade<'_>) -> String {
    draw(trade)["rounds"].as_array().unwrap().last().unwrap()["state"].as_str().unwrap().to_owned()
}

/// The order of the drawn as anybody recomputes it with stock tools; it is the page's and the award's.
fn recomputed(world: &World, trade: &Trade<'_>) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    bash(dir.path(), &recipe("Recompute"), &[("LOT", &trade.lot), ("SITE", &world.base)]);
    let order: Vec<String> = word(dir.path(), "order.txt").lines().map(str::to_owned).collect();
    let shown = draw(trade);
    let told: Vec<&str> = shown["order"].as_array().unwrap().iter().map(|p| p["bidder"].as_str().unwrap()).collect();
    assert_eq!(order, told);
    assert_eq!(word(dir.path(), "seed.txt"), shown["rounds"].as_array().unwrap().last().unwrap()["seed"]);
    let result = replays(trade);
    let successors = result["successors"].as_array().unwrap().iter();
    let award: Vec<&str> =
        std::iter::once(&result["winner"]).chain(successors).map(|bidder| bidder.as_str().unwrap()).collect();
    assert_eq!(award, order, "{result}");
    order
}

both_backends!(equals_at_the_ceiling_are_drawn, |world| {
    let mut terms = draft(world, json!({"draw_ceiling": true, "draw_h": 2}));
    assert_eq!(fields(&clerk(world).post("/api/v1/lots", &terms)), ["/method/draw_ceiling"], "there is no ceiling");
    terms["ceiling_price"] = json!("800");
    let mut ties = terms.clone();
    ties["method"] = json!({"draw_ties": true, "draw_holders": true, "draw_h": 169});
    assert_eq!(
        fields(&clerk(world).post("/api/v1/lots", &ties)),
        ["/method/draw_ties", "/method/draw_holders", "/method/draw_h"]
    );
    let trade = admitted(world, &terms);
    says(&page(&trade), &["几个人都报到最高限价的，抽签定先后", "承诺值、检查点和抽签结果"]);
    let (of_a, of_b, of_village) = (made(&trade, "1", "01"), made(&trade, "1", "02"), made(&trade, "1", "集体"));
    assert_eq!(fields(&commit(&trade.as_("A"), &trade, "12")), ["/commitment"]);
    ok(commit(&trade.as_("A"), &trade, &of_a.1));
    assert_eq!(commit(&trade.as_("A"), &trade, &of_b.1).code(), "draw_committed");
    ok(commit(&trade.as_("B"), &trade, &of_b.1));
    ok(commit(&clerk(world), &trade, &of_village.1));
    assert_eq!(commit(&trade.as_("P"), &trade, &of_b.1).code(), "not_enrolled");
    let seen = ok(world.nobody().get(&format!("/lots/{}/draw", trade.lot))).text;
    says(&seen, &["收承诺值", &of_a.1, "集体"]);
    assert!(!seen.contains(&of_a.0));

    ok(trade.bid("A", "09:31:00", "750"));
    let (_, late) = made(&trade, "1", "03");
    assert_eq!(commit(&trade.as_("C"), &trade, &late).code(), "draw_not_committing", "the auction has opened");
    for (name, at) in [("B", "09:32:00"), ("C", "09:33:00"), ("A", "09:34:00")] {
        ok(trade.bid(name, at, "800"));
    }
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 0, "called, not closed");
    assert_eq!((state(&trade).as_str(), trade.lot()["phase"].as_str().unwrap()), ("called", "closing"));
    says(&page(&trade), &["价格相同的要抽签"]);
    assert_eq!(trade.close(), 0, "no checkpoint yet");
    assert_eq!(open(&trade.as_("A"), &trade, &of_a.0).code(), "draw_not_opening");
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 0);
    assert_eq!(state(&trade), "opening");
    let outage = json!({"action": "outage", "reason": "机房停电", "since": "2026-03-11T09:59:00+08:00"});
    assert_eq!(trade.as_("trader").post(&trade.path("/steering"), &outage).code(), "closed", "the bids are final");
    assert_eq!(open(&trade.as_("A"), &trade, &of_b.0).code(), "draw_other_value");
    assert_eq!(open(&trade.as_("C"), &trade, &of_a.0).code(), "draw_not_bound");
    ok(open(&trade.as_("A"), &trade, &of_a.0));
    ok(open(&trade.as_("B"), &trade, &of_b.0));
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 0, "the collective has not opened");
    ok(open(&clerk(world), &trade, &of_village.0));
    assert_eq!(trade.close(), 1);
    let order = recomputed(world, &trade);
    assert_eq!(order.len(), 3, "who was not bound is drawn all the same");
    let shown = draw(&trade)["rounds"][0].clone();
    let size: i64 = shown["checkpoint"].as_str().unwrap().lines().nth(1).unwrap().parse().unwrap();
    assert!(shown["closing_index"].as_i64().unwrap() < size && size <= shown["first_opening_index"].as_i64().unwrap());
    says(&ok(world.nobody().get(&format!("/lots/{}/draw", trade.lot))).text, &["抽签结果", "已抽出", &of_b.0]);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

both_backends!(who_does_not_open_comes_last_and_the_round_is_repeated, |world| {
    let method = json!({"mode": "turns", "turn_s": 60, "turn_rounds": 1, "draw_ties": true, "draw_h": 2});
    let trade = admitted(world, &draft(world, method));
    let [of_a, of_b, of_village] = ["01", "02", "集体"].map(|party| made(&trade, "1", party));
    ok(commit(&trade.as_("A"), &trade, &of_a.1));
    ok(commit(&trade.as_("B"), &trade, &of_b.1));
    ok(commit(&clerk(world), &trade, &of_village.1));
    for (name, at) in [("A", "09:31:00"), ("B", "09:32:00"), ("C", "09:33:00")] {
        ok(trade.bid(name, at, "720"));
    }
    world.set_time("2026-03-11T10:03:00+08:00");
    assert_eq!(trade.close(), 0);
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 0);
    ok(open(&trade.as_("A"), &trade, &of_a.0));
    ok(open(&clerk(world), &trade, &of_village.0));
    world.pass_s(2 * 3600);
    assert_eq!(open(&trade.as_("B"), &trade, &of_b.0).code(), "draw_not_opening", "too late");
    assert_eq!(trade.close(), 0);
    let rounds = draw(&trade)["rounds"].clone();
    assert_eq!((rounds[0]["state"].as_str(), &rounds[0]["withheld"]), (Some("void"), &json!(["02"])));
    assert_eq!(rounds[1]["state"], "committing");

    // B has lost the place; A and the village bind themselves anew, and C too.
    let again = ["01", "02", "03", "集体"].map(|party| made(&trade, "2", party));
    assert_eq!(commit(&trade.as_("B"), &trade, &again[1].1).code(), "draw_withheld");
    ok(commit(&trade.as_("A"), &trade, &again[0].1));
    ok(commit(&trade.as_("C"), &trade, &again[2].1));
    ok(commit(&clerk(world), &trade, &again[3].1));
    world.pass_s(2 * 3600);
    assert_eq!(trade.close(), 0);
    assert_eq!(state(&trade), "called");
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 0);
    for (name, at) in [("A", 0), ("C", 2)] {
        ok(open(&trade.as_(name), &trade, &again[at].0));
    }
    ok(open(&clerk(world), &trade, &again[3].0));
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 1);
    let order = recomputed(world, &trade);
    assert_eq!(order.last().map(String::as_str), Some("02"), "{order:?}");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

both_backends!(equal_sealed_prices_are_drawn_after_their_opening, |world| {
    let mut terms = draft(world, json!({}));
    let keys = Keys::new(3);
    let trustees = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] =
        json!({"mode": "sealed", "trustees": trustees, "trustees_needed": 2, "draw_ties": true, "draw_h": 2});
    (terms["step_min"], terms["step_max"]) = (json!(""), Value::Null);
    let trade = admitted(world, &terms);
    says(&page(&trade), &["几个人最后报价相同", "抽签定先后"]);
    let [of_a, of_village] = ["01", "集体"].map(|party| made(&trade, "1", party));
    ok(commit(&trade.as_("A"), &trade, &of_a.1));
    ok(commit(&clerk(world), &trade, &of_village.1));
    for (name, number, at) in [("A", "01", "09:31:00"), ("B", "02", "09:32:00"), ("C", "03", "09:33:00")] {
        ok(sealed::send(&trade, name, at, &keys.envelope(&trade.lot, number, 80_000)));
    }
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 0);
    says(&page(&trade), &["等待密钥保管人开标", "抽签定先后"]);
    assert_eq!(draw(&trade)["rounds"][0]["state"], "committing", "nobody knows yet whether anything is drawn");
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    let late = keys.clear(&sealed::bids(&trade), 2);
    assert_eq!(trade.close(), 0, "opened and called, not closed");
    let opened = sealed::bids(&trade);
    assert_eq!(opened["state"], "opened");
    assert!(opened["bids"].as_array().unwrap().iter().all(|bid| bid["amount"] == "800.00"), "{opened}");
    assert_eq!((state(&trade).as_str(), &trade.lot()["award"]), ("called", &Value::Null));
    let refused = trade.as_("trader").post(&trade.path("/sealed-bids/shares"), &late);
    assert_eq!(refused.code(), "shares_too_late");
    let stop = steering("suspend", "核实举报");
    assert_eq!(trade.as_("trader").post(&trade.path("/steering"), &stop).code(), "closed", "there is no clock to stop");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), [], "while it is drawn");
    assert_eq!(trade.close(), 0);
    ok(open(&trade.as_("A"), &trade, &of_a.0));
    ok(open(&clerk(world), &trade, &of_village.0));
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 1);
    assert_eq!(trade.close(), 0, "once");
    assert_eq!(recomputed(world, &trade).len(), 3, "who was not bound is drawn all the same");
    assert_eq!(sealed::bids(&trade)["bids"].as_array().unwrap().len(), 3);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

// With criteria beside the price those are equals whose compared prices are, whatever they have bid.
both_backends!(equal_compared_prices_are_drawn, |world| {
    let keys = Keys::new(2);
    let mut terms = crate::merits::with_criteria(world, &keys);
    (terms["method"]["draw_ties"], terms["method"]["draw_h"]) = (json!(true), json!(2));
    let trade = crate::methods::published(world, &terms);
    says(&page(&trade), &["比较价相同的，抽签定先后"]);
    crate::merits::enrolled(&trade);
    crate::merits::granted(&trade, "A", "1.3", true);
    let [of_a, of_village] = ["01", "集体"].map(|party| made(&trade, "1", party));
    ok(commit(&trade.as_("A"), &trade, &of_a.1));
    ok(commit(&clerk(world), &trade, &of_village.1));
    // 1000.00 with 5 % is as much as 1050.00.
    for (name, number, at, fen) in [("A", "01", "09:31:00", 100_000), ("B", "02", "09:32:00", 105_000)] {
        ok(sealed::send(&trade, name, at, &keys.envelope(&trade.lot, number, fen)));
    }
    world.set_time(HOURS[2]);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!((trade.close(), state(&trade).as_str()), (0, "called"));
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 0);
    ok(open(&trade.as_("A"), &trade, &of_a.0));
    ok(open(&clerk(world), &trade, &of_village.0));
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 1);
    assert_eq!(recomputed(world, &trade).len(), 2);
    says(&page(&trade), &["两个比较价相同，抽签排在前面"]);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

both_backends!(sealed_prices_without_equals_are_not_drawn, |world| {
    let mut terms = draft(world, json!({}));
    let keys = Keys::new(2);
    let trustees = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] = json!({"mode": "sealed", "trustees": trustees, "trustees_needed": 2, "draw_ties": true});
    (terms["step_min"], terms["step_max"]) = (json!(""), Value::Null);
    let trade = admitted(world, &terms);
    ok(sealed::send(&trade, "A", "09:31:00", &keys.envelope(&trade.lot, "01", 80_000)));
    ok(sealed::send(&trade, "B", "09:32:00", &keys.envelope(&trade.lot, "02", 80_001)));
    world.set_time(HOURS[2]);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 1);
    assert_eq!(replays(&trade)["winner"], "02");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

/// A terminated trade: its award, its draw and its trace say so, and nothing else can be done with it.
fn is_terminated(trade: &Trade<'_>, rounds: &[&str]) {
    let lot = trade.lot();
    assert_eq!((&lot["state"], &lot["award"]["status"]), (&json!("terminated"), &json!("terminated")));
    assert_eq!((&lot["award"]["winner"], &lot["halted"]["ground"]), (&Value::Null, &json!("notice_error")));
    let shown = draw(trade);
    let states: Vec<&str> =
        shown["rounds"].as_array().unwrap().iter().map(|round| round["state"].as_str().unwrap()).collect();
    assert_eq!((states.as_slice(), &shown["order"]), (rounds, &json!([])));
    says(&page(trade), &["终止公告", "公告内容有误"]);
    says(&ok(trade.world.nobody().get(&format!("/lots/{}/draw", trade.lot))).text, &["交易终止，不再抽签"]);
    assert_eq!(replays(trade)["status"], "terminated");
    trade.world.pass_s(24 * 3600);
    assert_eq!(trade.close(), 0, "nothing is due");
    let again = steering("terminate", "公告内容有误");
    assert_eq!(trade.as_("trader").post(&trade.path("/steering"), &again).code(), "lot_not_in_state");
    trade.world.app.integrate_log().unwrap();
    assert_eq!(faults(trade.world), []);
}

both_backends!(a_trade_is_terminated_while_its_draw_goes_on, |world| {
    let mut terms = draft(world, json!({"draw_ceiling": true, "draw_h": 2}));
    terms["ceiling_price"] = json!("800");
    let trade = admitted(world, &terms);
    let (of_a, of_village) = (made(&trade, "1", "01"), made(&trade, "1", "集体"));
    ok(commit(&trade.as_("A"), &trade, &of_a.1));
    ok(commit(&clerk(world), &trade, &of_village.1));
    for (name, at) in [("A", "09:31:00"), ("B", "09:32:00")] {
        ok(trade.bid(name, at, "800"));
    }
    world.set_time(HOURS[2]);
    let stop = steering("terminate", "公告内容有误");
    // Nobody knows yet whether anything is drawn: what the bids decide is not called off.
    assert_eq!(trade.as_("trader").post(&trade.path("/steering"), &stop).code(), "closed");
    assert_eq!((trade.close(), state(&trade).as_str()), (0, "called"));
    world.app.integrate_log().unwrap();
    assert_eq!((trade.close(), state(&trade).as_str()), (0, "opening"));
    ok(open(&trade.as_("A"), &trade, &of_a.0));
    let mut bare = stop.clone();
    bare["ground"] = Value::Null;
    assert_eq!(fields(&trade.as_("trader").post(&trade.path("/steering"), &bare)), ["/ground"]);
    assert_eq!(state(&trade), "opening", "nothing was done");
    world.pass_s(60);
    ok(trade.as_("trader").post(&trade.path("/steering"), &stop));
    assert_eq!(open(&clerk(world), &trade, &of_village.0).code(), "lot_not_in_state");
    is_terminated(&trade, &["ended"]);
});

both_backends!(a_trade_is_terminated_when_its_sealed_prices_are_drawn_a_second_time, |world| {
    let mut terms = draft(world, json!({}));
    let keys = Keys::new(2);
    let trustees = keys.registered(&world.sign_in("reviewer"), DURUAN);
    terms["method"] =
        json!({"mode": "sealed", "trustees": trustees, "trustees_needed": 2, "draw_ties": true, "draw_h": 2});
    (terms["step_min"], terms["step_max"]) = (json!(""), Value::Null);
    let trade = admitted(world, &terms);
    for (name, number, at) in [("A", "01", "09:31:00"), ("B", "02", "09:32:00")] {
        ok(sealed::send(&trade, name, at, &keys.envelope(&trade.lot, number, 80_000)));
    }
    world.set_time(HOURS[2]);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 0);
    keys.hand_in(&trade.as_("trader"), &trade.lot, 1);
    assert_eq!(trade.close(), 0, "opened and called");
    assert_eq!(state(&trade), "committing", "nobody was bound: a second round");
    world.pass_s(60);
    ok(trade.as_("trader").post(&trade.path("/steering"), &steering("terminate", "公告内容有误")));
    assert_eq!(sealed::bids(&trade)["state"], "opened", "what was opened stays open");
    is_terminated(&trade, &["void", "ended"]);
});

both_backends!(a_trade_whose_draw_is_over_is_not_called_off, |world| {
    let method = json!({"mode": "turns", "turn_s": 60, "turn_rounds": 1, "draw_ties": true, "draw_h": 2});
    let trade = admitted(world, &draft(world, method));
    let [of_a, of_village] = ["01", "集体"].map(|party| made(&trade, "1", party));
    ok(commit(&trade.as_("A"), &trade, &of_a.1));
    ok(commit(&clerk(world), &trade, &of_village.1));
    for (name, at) in [("A", "09:31:00"), ("B", "09:32:00")] {
        ok(trade.bid(name, at, "720"));
    }
    world.set_time("2026-03-11T10:02:00+08:00");
    assert_eq!(trade.close(), 0);
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 0);
    ok(open(&trade.as_("A"), &trade, &of_a.0));
    ok(open(&clerk(world), &trade, &of_village.0));
    world.app.integrate_log().unwrap();
    assert_eq!(trade.close(), 1);
    let stop = steering("terminate", "公告内容有误");
    assert_eq!(trade.as_("trader").post(&trade.path("/steering"), &stop).code(), "lot_not_in_state", "void it instead");
    assert_eq!(recomputed(world, &trade).len(), 2);
});
