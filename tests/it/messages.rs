//! Messages: what happened reaches whom it concerns, once, and nobody else; and somebody who leads no more hears it.

use serde_json::{Value, json};
use xiangji::{app::App, db::Options, notify::Messenger};

use crate::{
    both_backends,
    enrolment::{agree, enrol, form, partner},
    kept_deposits::decide,
    methods::says,
    money::{PAID, confirm, ended, order, orders, prepare, winner},
    notices,
    qualification::{hands_in, look, passes},
    results::{day, sold},
    sealed::Keys,
    support::{
        app::{Client, DURUAN, SHANGXIANG, World},
        behind::Behind,
    },
    trading::{Trade, admitted, ok, resident_id, steering, step},
};

/// Tells everything there is to tell; returns how many messages were written.
pub fn tell(world: &World) -> usize {
    world.pass_s(1);
    world.app.integrate_log().unwrap();
    world.app.messenger.drain(&world.app.db).unwrap().0
}

/// The own messages, oldest first.
pub fn messages(who: &Client<'_>) -> Vec<Value> {
    let mut all = ok(who.get("/api/v1/messages?limit=200")).json["items"].as_array().unwrap().clone();
    all.reverse();
    all
}

pub fn kinds(trade: &Trade<'_>, name: &str) -> Vec<String> {
    messages(&trade.as_(name)).iter().map(|m| m["kind"].as_str().unwrap().to_owned()).collect()
}

fn last(trade: &Trade<'_>, name: &str) -> String {
    messages(&trade.as_(name)).last().unwrap()["text"].as_str().unwrap().to_owned()
}

/// Another instance on the same database.
pub fn another(world: &World) -> App {
    App::open((*world.app.config).clone(), world.clock.clone(), &Options::default()).unwrap()
}

both_backends!(what_happens_is_told_once_and_to_whom_it_concerns, |world| {
    let trade = admitted(world);
    assert!(kinds(&trade, "A").is_empty(), "nothing is told before the log is followed");
    assert_eq!(tell(world), 8);
    for name in ["A", "B", "C", "P"] {
        assert_eq!(kinds(&trade, name), ["deposit_received", "admitted"], "{name}");
    }
    assert!(last(&trade, "B").contains("竞买号是 02，竞价 2026-03-11 09:30 开始"), "{}", last(&trade, "B"));
    for nobody in ["poor", "stranger", "trader", "auditor"] {
        assert!(kinds(&trade, nobody).is_empty(), "{nobody}");
    }

    // Again, after a restart, by another instance, and by two at once: nothing comes twice.
    assert_eq!(tell(world), 0);
    let other = another(world);
    assert_eq!(other.messenger.drain(&other.db).unwrap().0, 0);
    let again = Messenger::new(&world.app.config, &world.app.vault, &world.app.policies).unwrap();
    assert_eq!(again.drain(&world.app.db).unwrap().0, 0);

    let paid = trade.pay(
        ok(trade.as_("poor").get("/api/v1/enrolments")).json["items"][0]["id"].as_str().unwrap(),
        "路人",
        "x",
    );
    assert_eq!(paid.code(), "payer_differs", "{paid:?}");
    world.app.integrate_log().unwrap();
    let told: usize = std::thread::scope(|scope| {
        let both = [&world.app, &other].map(|app| scope.spawn(|| app.messenger.follow(&app.db).unwrap()));
        both.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert_eq!(told, 1, "one of two instances tells it");
    assert_eq!(kinds(&trade, "poor"), ["deposit_refused"]);
    assert!(!last(&trade, "poor").contains("路人"));
    other.db.stop();

    // The hour before: those who may bid.
    world.set_time("2026-03-11T08:29:58+08:00");
    assert_eq!(tell(world), 0, "it is more than an hour away");
    world.set_time("2026-03-11T08:30:00+08:00");
    assert_eq!(tell(world), 4);
    assert_eq!(tell(world), 0);
    assert_eq!(kinds(&trade, "C").last().unwrap(), "starts_soon");

    world.set_time("2026-03-11T09:40:00+08:00");
    ok(trade.as_("trader").post(&trade.path("/steering"), &steering("suspend", "服务器检修")));
    assert_eq!(tell(world), 5, "everybody who has enrolled");
    world.set_time("2026-03-11T09:50:00+08:00");
    ok(trade.as_("trader").post(&trade.path("/steering"), &steering("resume", "检修完成")));
    assert_eq!(tell(world), 5);
    assert!(last(&trade, "poor").contains("竞价已恢复，2026-03-11 10:10 结束"), "{}", last(&trade, "poor"));
    ok(trade.as_("trader").post(&trade.path("/steering"), &steering("terminate", "公告内容有误")));
    assert_eq!(tell(world), 5, "that it ended is told once");
    assert_eq!(kinds(&trade, "A")[3..], ["suspended", "resumed", "terminated"]);
});

both_backends!(who_leads_no_more_hears_it_once_until_leading_anew, |world| {
    let trade = admitted(world);
    tell(world);
    world.set_time("2026-03-11T09:00:00+08:00");
    tell(world);
    let outbid = |name: &str| messages(&trade.as_(name)).iter().filter(|m| m["kind"] == "outbid").count();
    ok(trade.bid("A", "09:31:00", "700.00"));
    assert_eq!(tell(world), 0, "A leads");
    ok(trade.bid("B", "09:31:10", "710.00"));
    assert_eq!((tell(world), outbid("A"), outbid("B")), (1, 1, 0));
    let words = last(&trade, "A");
    assert!(words.contains("现在是 710.00 元/亩/年") && !words.contains("02"), "{words}");
    // B and C go on between themselves: A has been told.
    ok(trade.bid("C", "09:31:20", "720.00"));
    assert_eq!((tell(world), outbid("A"), outbid("B")), (1, 1, 1));
    assert_eq!(trade.bid("A", "09:31:25", "725.00").code(), "below_step", "who is refused has not led");
    assert_eq!(tell(world), 0);
    // Between two looks A takes the lead and loses it again: a new lead, and a new message.
    ok(trade.bid("A", "09:31:30", "730.00"));
    ok(trade.bid("C", "09:31:40", "740.00"));
    assert_eq!((tell(world), outbid("A"), outbid("B"), outbid("C")), (1, 2, 1, 0));
    // Whoever starts anew looks at all, and finds that all has been told.
    let again = Messenger::new(&world.app.config, &world.app.vault, &world.app.policies).unwrap();
    assert_eq!(again.watch_leaders(&world.app.db).unwrap(), 0);
    // After the end the result is told, and not who led when.
    ok(trade.bid("B", "09:59:00", "800.00"));
    world.set_time("2026-03-11T10:05:00+08:00");
    assert_eq!(trade.close(), 1);
    tell(world);
    assert_eq!(kinds(&trade, "C")[2..], ["starts_soon", "next_in_line"]);
    assert_eq!(kinds(&trade, "B").last().unwrap(), "won");
});

both_backends!(the_end_and_what_follows_is_told_to_each_as_it_is_theirs, |world| {
    let trade = sold(world);
    world.app.integrate_log().unwrap();
    tell(world);
    let ends: Vec<String> = ["C", "B", "A", "P"].map(|name| kinds(&trade, name).last().unwrap().clone()).into();
    assert_eq!(ends, ["won", "next_in_line", "not_won", "not_won"]);
    says(&last(&trade, "C"), &["800.00 元/亩/年", "公示到 2026-03-18"]);
    says(&last(&trade, "B"), &["竞得人不履行时轮到您递补"]);
    let known = |name: &str| kinds(&trade, name).len();
    let before = ["A", "B", "C", "P"].map(known);

    day(world, "03-12");
    let raised = ok(trade.as_("A").post(&trade.path("/objections"), &json!({"objection": "竞得人欠村里租金。"})));
    assert_eq!(tell(world), 0);
    let body = json!({"finding": "rejected", "answer": "租金已付清。"});
    ok(trade.as_("trader").post(&format!("/api/v1/objections/{}/answer", raised.id()), &body));
    assert_eq!(tell(world), 1);
    assert_eq!(kinds(&trade, "A").last().unwrap(), "objection_answered");

    day(world, "03-19");
    ok(trade.confirm());
    assert_eq!(tell(world), 1);
    assert!(last(&trade, "C").contains("2026-03-26 以前签合同"));
    ok(trade.fail("refused_to_sign"));
    assert_eq!(tell(world), 2);
    says(&last(&trade, "C"), &["您的成交资格已取消，理由和决定文件请到项目页面看"]);
    says(&last(&trade, "B"), &["轮到您递补", "2026-03-24 以前"]);
    ok(trade.step_in("B", true));
    assert_eq!(tell(world), 3, "the others may object");
    assert_eq!(kinds(&trade, "P").last().unwrap(), "result_published");
    assert_eq!(["A", "B", "C", "P"].map(known), [before[0] + 2, before[1] + 1, before[2] + 3, before[3] + 1]);

    // Money that two persons have moved.
    world.actor(xiangji::access::Role::TradingOfficer, DURUAN, "second");
    world.set_time("2026-04-01T09:00:00+08:00");
    let due = orders(&trade.as_("trader"), "state=due");
    let of_p = due.iter().find(|order| order["bidder_name"].as_str().is_some_and(|name| name.ends_with('P')));
    let id = of_p.unwrap_or(&due[0])["id"].as_str().unwrap().to_owned();
    ok(prepare(&trade.as_("trader"), &id));
    assert_eq!(tell(world), 0, "nothing has moved yet");
    ok(confirm(&trade.as_("second"), &id, "back-1", PAID));
    assert_eq!(tell(world), 1);
    let told: Vec<String> = ["A", "B", "C", "P"]
        .into_iter()
        .filter(|n| kinds(&trade, n).contains(&"deposit_returned".into()))
        .map(Into::into)
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(last(&trade, &told[0]).contains("10,000.00 元已退还"));
});

/// The kinds of all who have to do with a lot, and of those who have not.
fn boxes(trade: &Trade<'_>) -> Vec<Vec<String>> {
    ["A", "B", "C", "P", "poor", "stranger", "trader", "second", "auditor"].map(|name| kinds(trade, name)).into()
}

both_backends!(that_a_deposit_went_into_the_price_is_told_to_whose_it_was, |world| {
    let trade = ended(world);
    tell(world);
    let before = boxes(&trade);
    world.set_time(PAID);
    let apply = ok(decide(&trade.as_("trader"), &winner(&trade), "apply"));
    assert_eq!(tell(world), 0, "one person has asked for it");
    ok(trade.as_("second").post(&order(apply.id(), "/confirm"), &json!({})));
    assert_eq!(tell(world), 1, "and nothing of what the township does with the money after that");
    assert_eq!(last(&trade, "B"), "您的保证金 10,000.00 元已抵作价款。");
    let mut after = boxes(&trade);
    assert_eq!(after[1].pop().as_deref(), Some("deposit_applied"));
    assert_eq!(after, before, "nobody else hears of it");
    assert!(after[5..].iter().all(Vec::is_empty), "{after:?}");
});

both_backends!(that_a_deposit_is_kept_is_told_to_who_failed, |world| {
    let trade = sold(world);
    world.actor(xiangji::access::Role::TradingOfficer, DURUAN, "second");
    day(world, "03-19");
    ok(trade.confirm());
    ok(trade.fail("refused_to_sign"));
    tell(world);
    let before = boxes(&trade);
    let prepared = orders(&trade.as_("trader"), "state=prepared").remove(0);
    assert_eq!(prepared["kind"], "forfeit", "the failure has prepared it");
    ok(trade.as_("second").post(&order(prepared["id"].as_str().unwrap(), "/confirm"), &json!({})));
    assert_eq!(tell(world), 1);
    says(&last(&trade, "C"), &["10,000.00 元不予退还", "理由请到“我的竞买”里看"]);
    assert!(!last(&trade, "C").contains("拒签"), "why stands on the own page");
    let mut after = boxes(&trade);
    assert_eq!(after[2].pop().as_deref(), Some("deposit_kept"));
    assert_eq!(after, before);
    assert!(after[5..].iter().all(Vec::is_empty), "{after:?}");
});

both_backends!(that_a_sale_came_to_nothing_is_told_to_all_who_could_bid, |world| {
    let trade = sold(world);
    world.actor(xiangji::access::Role::TradingOfficer, DURUAN, "second");
    day(world, "03-19");
    ok(trade.confirm());
    ok(trade.fail("refused_to_sign"));
    ok(trade.step_in("B", false));
    tell(world);
    let mut before = boxes(&trade);
    assert_eq!([&before[1], &before[2]].map(|box_| box_.last().unwrap().as_str()), ["next_in_line", "sale_lost"]);
    ok(trade.step_in("A", false));
    assert_eq!((&trade.lot()["state"], tell(world)), (&json!("undone"), 3), "A has just said so");
    assert_eq!(last(&trade, "P"), "成交的人没有履行，也没有人递补，这次交易没有成交。");
    for place in [1, 2, 3] {
        before[place].push("undone".to_owned());
    }
    assert_eq!(boxes(&trade), before);
});

both_backends!(that_a_sale_is_void_is_told_to_all_who_could_bid, |world| {
    let trade = sold(world);
    world.actor(xiangji::access::Role::TradingOfficer, DURUAN, "second");
    tell(world);
    let mut before = boxes(&trade);
    let body = json!({"ground": "system_fault", "decision": "杜阮交易处〔2026〕4号"});
    ok(trade.as_("trader").post(&trade.path("/void"), &body));
    assert_eq!(tell(world), 4);
    assert_eq!(last(&trade, "C"), "这次成交已作废，理由和决定文件请到项目页面看。");
    before[..4].iter_mut().for_each(|kinds| kinds.push("undone".to_owned()));
    assert_eq!(boxes(&trade), before);
});

both_backends!(time_that_is_given_back_is_told_to_all_who_enrolled, |world| {
    let method = json!({"outage_at_least_s": 120, "outage_window_s": 900});
    let trade = crate::methods::admitted(world, &crate::methods::draft(world, method));
    tell(world);
    ok(trade.bid("A", "09:50:00", "700.00"));
    world.set_time("2026-03-11T10:02:00+08:00");
    let body = json!({"action": "outage", "reason": "机房停电", "since": "2026-03-11T09:56:00+08:00"});
    ok(trade.as_("trader").post(&trade.path("/steering"), &body));
    assert_eq!(tell(world), 3);
    for name in ["A", "B", "C"] {
        assert_eq!(kinds(&trade, name), ["deposit_received", "admitted", "postponed"], "{name}");
        says(&last(&trade, name), &["系统停机的时间已补回，竞价改为 2026-03-11 10:06 结束"]);
    }
    assert!(kinds(&trade, "P").is_empty() && kinds(&trade, "auditor").is_empty());
});

both_backends!(that_a_lot_failed_is_told_to_all_who_could_bid, |world| {
    let trade = admitted(world);
    tell(world);
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!((trade.close(), &trade.lot()["state"]), (1, &json!("failed")));
    assert_eq!(tell(world), 4);
    for name in ["A", "B", "C", "P"] {
        assert_eq!(kinds(&trade, name), ["deposit_received", "admitted", "not_won"], "{name}");
        assert_eq!(last(&trade, name), "竞价已结束，没有成交。您的保证金按规定办理退还。");
    }
    for nobody in ["poor", "stranger", "trader", "auditor"] {
        assert!(kinds(&trade, nobody).is_empty(), "{nobody}");
    }
});

both_backends!(who_bids_together_hears_what_the_lead_hears, |world| {
    let mut draft = crate::methods::draft(world, json!({}));
    draft["notice"] = json!({"joint_bidders": true});
    let trade = crate::methods::published(world, &draft);
    for name in ["D", "E"] {
        world.actor(xiangji::access::Role::Bidder, DURUAN, &format!("bidder-{name}"));
    }
    world.actor(xiangji::access::Role::TradingOfficer, DURUAN, "second");
    // A leads B and D; C bids alone; E has to do with nothing of it.
    let mut body = form(1, "陈A");
    (body["share"], body["partners"]) = (json!("50"), json!([partner(2, "陈B", "30"), partner(4, "陈D", "20")]));
    let made = ok(enrol(&trade, "A", &body));
    let codes = [&made.json["partners"][0]["code"], &made.json["partners"][1]["code"]];
    let alone = ok(trade.enrol("C", 3, ""));
    ok(trade.pay(alone.id(), "陈C", "bank-C"));
    ok(agree(&trade, "B", codes[0], 2));
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    tell(world);
    assert_eq!([kinds(&trade, "A"), kinds(&trade, "B")], [["deposit_received"], ["deposit_received"]]);
    assert_eq!(last(&trade, "A"), "您的保证金已到账。");
    assert_eq!(last(&trade, "B"), "您与他人联合竞买，手续由牵头人办理。你们的保证金已到账。");
    assert!(kinds(&trade, "D").is_empty(), "who has not agreed has no account that is known");
    ok(agree(&trade, "D", codes[1], 4));
    assert_eq!(tell(world), 3, "the last agreement admits the group");
    assert_eq!(kinds(&trade, "D"), ["admitted"]);
    says(&last(&trade, "D"), &["你们已取得竞买资格，竞买号是 02"]);

    world.set_time("2026-03-11T09:00:00+08:00");
    assert_eq!(tell(world), 4, "the hour before");
    ok(trade.bid("A", "09:31:00", "700.00"));
    ok(trade.bid("C", "09:32:00", "710.00"));
    assert_eq!(tell(world), 3, "all of the group lead no more");
    ok(trade.bid("A", "09:33:00", "720.00"));
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(tell(world), 4);
    says(&last(&trade, "D"), &["你们竞得了，成交价 720.00 元/亩/年"]);
    assert_eq!(kinds(&trade, "C").last().unwrap(), "next_in_line", "the control: who bids alone");
    // What the lead did in the own name is told to the lead.
    let raised = ok(trade.as_("A").post(&trade.path("/objections"), &json!({"objection": "公示栏没有贴出来。"})));
    let body = json!({"finding": "rejected", "answer": "已经贴出。"});
    ok(trade.as_("trader").post(&format!("/api/v1/objections/{}/answer", raised.id()), &body));
    assert_eq!((tell(world), kinds(&trade, "A").last().unwrap().as_str()), (1, "objection_answered"));
    day(world, "03-19");
    ok(trade.confirm());
    assert_eq!(tell(world), 3);
    says(&last(&trade, "B"), &["请在 2026-03-26 以前签合同"]);
    ok(trade.fail("refused_to_sign"));
    assert_eq!((tell(world), kinds(&trade, "C").last().unwrap().as_str()), (4, "next_in_line"));
    let kept = orders(&trade.as_("trader"), "state=prepared").remove(0);
    ok(trade.as_("second").post(&order(kept["id"].as_str().unwrap(), "/confirm"), &json!({})));
    assert_eq!(tell(world), 3);
    assert_eq!(
        last(&trade, "D"),
        "您与他人联合竞买，手续由牵头人办理。你们的保证金 10,000.00 元不予退还，理由请问牵头人。"
    );
    let heard = ["starts_soon", "outbid", "won", "contract_due", "sale_lost", "deposit_kept"];
    assert_eq!(kinds(&trade, "B"), [&["deposit_received", "admitted"][..], &heard].concat());
    assert_eq!(kinds(&trade, "D"), [&["admitted"][..], &heard].concat());
    for nobody in ["E", "P", "trader", "second", "auditor"] {
        assert!(kinds(&trade, nobody).is_empty(), "{nobody}");
    }
    for name in ["B", "D"] {
        let all = messages(&trade.as_(name));
        assert!(all.iter().all(|m| !m["text"].as_str().unwrap().contains('陈')), "no message names anybody: {all:?}");
    }
});

both_backends!(of_a_notice_hear_those_who_asked_about_it, |world| {
    notices::people(world);
    let trade = notices::published(world, &notices::pond(world));
    let asked = ok(trade.as_("A").post(&trade.path("/questions"), &json!({"question": "水电由谁接入？"})));
    assert_eq!(tell(world), 0);
    ok(trade
        .as_("trader")
        .post(&format!("/api/v1/questions/{}/answer", asked.id()), &json!({"answer": "由村里接入。"})));
    assert_eq!(tell(world), 1);
    assert_eq!((kinds(&trade, "A"), kinds(&trade, "B")), (vec!["question_answered".to_owned()], vec![]));

    world.set_time("2026-03-04T09:00:00+08:00");
    let version = trade.lot()["version"].as_i64().unwrap();
    let correct = |version, body: Value| ok(step(&trade.as_("trader"), &trade.path("/corrections"), version, &body));
    correct(version, json!({"reason": "电话写错", "contact": "杜阮镇公共服务中心 0750-0000009"}));
    assert_eq!(tell(world), 1);
    says(&last(&trade, "A"), &["第 2 版", "竞价时间不变，2026-03-11 09:30 开始"]);
    correct(version + 1, json!({"reason": "用途写漏", "usage": "淡水养殖，不得养鳄鱼"}));
    assert_eq!(tell(world), 1);
    assert_eq!(kinds(&trade, "A"), ["question_answered", "notice_corrected", "postponed"]);
    says(&last(&trade, "A"), &["竞价改为 2026-03-13 09:30 开始"]);
});

both_backends!(papers_that_are_examined_are_told_to_who_handed_them_in, |world| {
    let mut terms = crate::methods::draft(world, json!({}));
    terms["qualification"] = json!("before");
    terms["qualification_papers"] = json!("营业执照");
    let trade = crate::methods::published(world, &terms);
    let made = ok(trade.enrol("A", 1, ""));
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    tell(world);
    assert_eq!(kinds(&trade, "A"), ["deposit_received"], "the deposit alone does not admit");
    let paper = ok(hands_in(&trade.as_("A"), &trade.lot, "A")).id().to_owned();
    look(&trade, "A");
    let refused = json!({"passed": false, "note": "执照已过期"});
    ok(trade.as_("trader").post(&format!("/api/v1/qualifications/{paper}/examination"), &refused));
    tell(world);
    let paper = ok(hands_in(&trade.as_("A"), &trade.lot, "A2")).id().to_owned();
    look(&trade, "A");
    ok(passes(&trade.as_("trader"), &paper));
    assert_eq!(tell(world), 2);
    assert_eq!(kinds(&trade, "A"), ["deposit_received", "papers_refused", "papers_passed", "admitted"]);
    assert!(
        !messages(&trade.as_("A"))[1]["text"].as_str().unwrap().contains("过期"),
        "the reason stands on the own page"
    );
});

both_backends!(claims_that_are_examined_are_told_to_who_made_them, |world| {
    let mut terms = crate::methods::draft(world, json!({}));
    (terms["priority"], terms["priority_kinds"]) = (json!(""), json!(["member", "sitting_tenant"]));
    let trade = crate::methods::admitted(world, &terms);
    tell(world);
    for (kind, proven) in [("member", true), ("sitting_tenant", false)] {
        let right = ok(crate::priority::claims(&trade.as_("A"), &trade.lot, kind)).id().to_owned();
        look(&trade, "A");
        let found = json!({"proven": proven, "note": "与名册核对"});
        ok(trade.as_("trader").post(&format!("/api/v1/priority-rights/{right}/check"), &found));
        assert_eq!(tell(world), 1, "nobody else hears of it, and it admits nobody a second time");
    }
    assert_eq!(kinds(&trade, "A"), ["deposit_received", "admitted", "priority_granted", "priority_refused"]);
});

both_backends!(answers_that_are_examined_are_told_to_who_claimed_them, |world| {
    let keys = Keys::new(2);
    let trade = crate::methods::published(world, &crate::merits::with_criteria(world, &keys));
    crate::merits::enrolled(&trade);
    tell(world);
    crate::merits::granted(&trade, "B", "1.2", true);
    crate::merits::granted(&trade, "B", "2.2", false);
    assert_eq!(tell(world), 2);
    assert_eq!(kinds(&trade, "B"), ["deposit_received", "admitted", "merit_granted", "merit_refused"]);
    assert_eq!(kinds(&trade, "A").len(), 2);
});

both_backends!(what_is_hidden_is_not_told_by_a_message, |world| {
    // Sealed prices and turns have no leader whom others see, so nobody hears of losing the lead.
    let method = json!({"mode": "turns", "turn_s": 60, "first_pause_s": 60, "pause_s": 60, "revisions": 1});
    let draft = crate::methods::draft(world, method);
    let trade = crate::methods::admitted(world, &draft);
    tell(world);
    world.set_time("2026-03-11T09:00:00+08:00");
    tell(world);
    ok(trade.bid("A", "09:31:00", "700.00"));
    ok(trade.bid("B", "09:32:00", "720.00"));
    assert_eq!(tell(world), 0);
    // The control is the story above: the same bids where everybody sees the leader.
    assert!(!kinds(&trade, "A").contains(&"outbid".into()));
});

both_backends!(a_death_between_cursor_and_message_loses_nothing, |world| {
    let trade = admitted(world);
    world.app.integrate_log().unwrap();
    let mut behind = Behind::of(world);
    let dies = match &mut behind {
        Behind::Sqlite(_) => {
            "BEFORE INSERT ON messages WHEN NEW.kind = 'admitted' BEGIN SELECT RAISE(ABORT, 'killed'); END"
        }
        Behind::Postgres(_) => {
            "BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.kind = 'admitted') EXECUTE FUNCTION refuse_change()"
        }
    };
    behind.exec(&format!("CREATE TRIGGER dies {dies}"));
    let place = "SELECT CAST(place AS TEXT) AS v FROM messages_told";
    let before = behind.texts(place);
    assert!(world.app.messenger.follow(&world.app.db).is_err(), "the control: it was killed");
    assert_eq!((kinds(&trade, "A").len(), behind.texts(place)), (0, before.clone()));
    behind.exec(if matches!(behind, Behind::Sqlite(_)) {
        "DROP TRIGGER dies"
    } else {
        "DROP TRIGGER dies ON messages"
    });
    assert_eq!(tell(world), 8);
    assert_ne!(behind.texts(place), before);
    assert_eq!(kinds(&trade, "A"), ["deposit_received", "admitted"]);
});

both_backends!(everybody_reads_the_own_messages_and_nobody_elses, |world| {
    let trade = admitted(world);
    tell(world);
    let of_a = messages(&trade.as_("A"));
    let id = of_a[0]["id"].as_str().unwrap().to_owned();
    let read = |name: &str, id: &str| trade.as_(name).send("POST", &format!("/api/v1/messages/{id}/read"), &[], None);
    assert_eq!(world.nobody().get("/api/v1/messages").status, 401);
    for other in ["B", "trader", "auditor"] {
        assert_eq!(read(other, &id).status, 404, "{other}");
        assert!(messages(&trade.as_(other)).iter().all(|m| m["id"] != json!(id)));
    }
    let code = Behind::of(world).texts(&format!("SELECT code AS v FROM messages WHERE id = '{id}'")).remove(0);
    assert_eq!(code.len(), 8);
    assert_eq!(
        (trade.as_("B").get(&format!("/m/{code}")).status, trade.as_("A").get(&format!("/m/{code}")).status),
        (404, 200)
    );
    let sent = world.nobody().get(&format!("/m/{code}"));
    assert_eq!((sent.status, sent.header("location")), (303, Some(&*format!("/sign-in?next=%2Fm%2F{code}"))));

    let unread = |name: &str| ok(trade.as_(name).get("/api/v1/messages")).json["unread"].clone();
    assert_eq!((unread("A"), unread("B")), (json!(2), json!(2)));
    let first = ok(read("A", &id));
    assert_eq!((&first.json["id"], unread("A")), (&json!(id), json!(1)));
    world.pass_s(60);
    assert_eq!(ok(read("A", &id)).json["read_at"], first.json["read_at"], "the first time counts");
    assert_eq!(messages(&trade.as_("A")).len(), 2);
    assert_eq!(ok(trade.as_("A").get("/api/v1/messages?unread=true")).json["items"].as_array().unwrap().len(), 1);
    assert_eq!(trade.as_("A").send("POST", "/api/v1/messages/read", &[], None).status, 204);
    assert_eq!((unread("A"), unread("B")), (json!(0), json!(2)));
    // The header of every page says it, and only to whom it belongs.
    assert!(ok(trade.as_("B").get("/home")).text.contains("2<span class=\"unseen\"> 条没有看过"));
    assert!(!ok(trade.as_("A").get("/home")).text.contains("条没有看过"));
    assert!(!ok(world.nobody().get("/")).text.contains("/messages"));

    // What was read goes after its time, what was not stays, and comes no second time.
    world.pass_s(364 * 86_400);
    xiangji::notify::forget_old(&world.app.db).unwrap();
    assert_eq!(messages(&trade.as_("A")).len(), 2);
    world.pass_s(86_400);
    xiangji::notify::forget_old(&world.app.db).unwrap();
    assert_eq!((messages(&trade.as_("A")).len(), messages(&trade.as_("B")).len()), (0, 2));
    assert_eq!(tell(world), 0);
});

both_backends!(of_who_is_erased_no_address_and_no_message_is_left, |world| {
    admitted(world);
    tell(world);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let new = json!({"collective_code": SHANGXIANG, "household_number": "0001", "name": "陈A",
        "id_number": resident_id(1), "relation": "户主", "ground": "original", "basis": "决议", "acquired_on": "1991-06-30"});
    let person = ok(clerk.post("/api/v1/members", &new)).json["person_id"].as_str().unwrap().to_owned();
    let mut behind = Behind::of(world);
    let account = behind.texts("SELECT id AS v FROM accounts WHERE name = 'bidder-A'").remove(0);
    behind.exec(&format!("INSERT INTO account_contacts VALUES ('{account}', 'x', 'y', 0)"));
    let texts = format!("SELECT title || text AS v FROM messages WHERE account_id = '{account}'");
    assert!(behind.texts(&texts).iter().all(|text| text.contains("鱼塘")));
    world
        .app
        .db
        .write_now(xiangji::db::Lane::Any, move |tx| {
            xiangji::erasures::repeat(tx, &xiangji::kernel::Id::from_trusted(&*person))
        })
        .unwrap();
    let left = "SELECT CAST(count(*) AS TEXT) AS v FROM account_contacts WHERE phone IS NOT NULL OR mail IS NOT NULL";
    assert_eq!(behind.texts(left), ["0"], "addresses go with the account");
    tell(world);
    assert_eq!(behind.texts(&texts), ["", ""]);
    let others = "SELECT CAST(count(*) AS TEXT) AS v FROM messages WHERE text <> ''";
    assert_eq!(behind.texts(others), ["6"]);
});

/// A database of before there were messages: nothing of what was written then is told now.
#[test]
fn what_was_before_is_not_told() {
    let world = World::sqlite();
    let trade = admitted(&world);
    world.app.integrate_log().unwrap();
    let mut behind = Behind::of(&world);
    behind.exec("DELETE FROM messages_told; INSERT INTO messages_told (id, place) SELECT 'log', size FROM log_state");
    assert_eq!(tell(&world), 0);
    ok(trade.as_("trader").post(&trade.path("/steering"), &steering("terminate", "公告内容有误")));
    assert_eq!(tell(&world), 5, "the control: what comes after is");
}

/// So many bids that they fill whole stretches of the log are passed over unread.
#[test]
fn bids_are_passed_over() {
    let world = World::sqlite();
    let trade = admitted(&world);
    tell(&world);
    crate::support::neighbour::write_entries(&world, 9_000);
    ok(trade.as_("trader").post(&trade.path("/steering"), &steering("terminate", "公告内容有误")));
    assert_eq!(tell(&world), 5);
    let told = Behind::of(&world).texts("SELECT CAST(place AS TEXT) AS v FROM messages_told").remove(0);
    assert!(told.parse::<u64>().unwrap() > 8_000, "{told}");
}
