//! After the close: the result is published, objected to, confirmed, signed as it was awarded; or passed on, or void.

use serde_json::{Value, json};
use xiangji::access::Role;

use crate::{
    both_backends, negotiation,
    support::{
        app::{Answer, DURUAN, SHANGXIANG, World},
        verified::{Parts, verified},
    },
    trading::{Trade, admitted, listing, ok, resident_id, step},
};

/// C wins for 800, B stands at 750, A at 700; the result is published from 11 to 18 March.
pub fn sold(world: &World) -> Trade<'_> {
    let trade = admitted(world);
    for (name, at, amount) in [("A", "09:31:00", "700"), ("B", "09:32:00", "750"), ("C", "09:33:00", "800")] {
        ok(trade.bid(name, at, amount));
    }
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    assert_eq!(trade.lot()["award"]["notice_until"], "2026-03-18");
    trade
}

pub fn day(world: &World, day: &str) {
    world.set_time(&format!("2026-{day}T09:00:00+08:00"));
}

impl Trade<'_> {
    pub fn confirm(&self) -> Answer {
        self.as_("trader").send("POST", &self.path("/confirmation"), &[], None)
    }
    pub fn fail(&self, ground: &str) -> Answer {
        let body = json!({"ground": ground, "decision": "杜阮交易处〔2026〕3号", "note": "书面催告后仍未到场"});
        self.as_("trader").post(&self.path("/failure"), &body)
    }
    fn void(&self, ground: &str) -> Answer {
        self.as_("trader").post(&self.path("/void"), &json!({"ground": ground, "decision": "杜阮交易处〔2026〕4号"}))
    }
    pub fn step_in(&self, name: &str, accepts: bool) -> Answer {
        self.as_(name).post(&self.path("/succession"), &json!({ "accepts": accepts }))
    }
    fn object(&self, name: &str, text: &str) -> Answer {
        self.as_(name).post(&self.path("/objections"), &json!({ "objection": text }))
    }
    fn answer(&self, objection: &str, finding: &str) -> Answer {
        let body = json!({"finding": finding, "answer": "租金已于 3 月 1 日付清，有收据为证。"});
        self.as_("trader").post(&format!("/api/v1/objections/{objection}/answer"), &body)
    }
    /// Number, price and state of each of those in line.
    fn line(&self) -> Vec<(String, String, String)> {
        let found = ok(self.world.nobody().get(&self.path("/confirmation")));
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let items = found.json["items"].as_array().unwrap().clone();
        items.iter().map(|one| (text(&one["bidder"]), text(&one["price"]), text(&one["state"]))).collect()
    }
    fn page(&self) -> String {
        ok(self.world.nobody().get(&format!("/lots/{}", self.lot))).text
    }
}

fn line(all: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    all.iter().map(|(bidder, price, state)| ((*bidder).into(), (*price).into(), (*state).into())).collect()
}

fn nothing_contradicts(world: &World) {
    world.app.integrate_log().unwrap();
    let (_, faults) = verified(&world.app, &Parts::default());
    assert!(faults.is_empty(), "{faults:?}");
}

both_backends!(a_result_is_confirmed_after_its_notice_and_signed_as_it_was_awarded, |world| {
    let trade = sold(world);
    let early = trade.confirm();
    assert_eq!(
        (early.status, early.code(), &early.json["until"]),
        (409, "result_notice_running", &json!("2026-03-18"))
    );

    // Whoever objects is answered first; until then only they and the staff read it.
    day(world, "03-18");
    assert_eq!(trade.object("A", " ").status, 422);
    let raised = ok(trade.object("A", "竞得人欠村里租金。"));
    assert_eq!(raised.json["answer_by"], "2026-03-21");
    let path = trade.path("/objections");
    let seen = |name: Option<&str>| {
        let found = match name {
            Some(name) => trade.as_(name).get(&path),
            None => world.nobody().get(&path),
        };
        ok(found).json["items"].as_array().unwrap().len()
    };
    assert_eq!([seen(None), seen(Some("B")), seen(Some("A")), seen(Some("trader"))], [0, 0, 1, 1]);
    let noted = ok(trade.object("trader", "村民当面反映：公示栏没有贴出来。"));
    assert_eq!(noted.json["channel"], "on_paper");

    day(world, "03-19");
    let home = || ok(trade.as_("trader").get("/home")).text;
    assert!(home().contains("答复异议") && home().contains("确认成交"));
    assert_eq!(trade.object("B", "太晚了").code(), "objections_closed");
    let waits = trade.confirm();
    assert_eq!((waits.code(), &waits.json["open"]), ("objections_open", &json!(2)));
    for objection in [raised.id(), noted.id()] {
        ok(trade.answer(objection, "rejected"));
        assert_eq!(trade.answer(objection, "upheld").code(), "objection_answered");
    }
    assert_eq!(seen(None), 2);
    assert!(ok(world.nobody().get(&format!("/lots/{}/objections", trade.lot))).text.contains("异议不成立"));

    // Nothing is signed before the confirmation.
    let clerk = || world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let contract = trade.path("/contract");
    assert_eq!(clerk().get(&contract).code(), "not_confirmed");
    let confirmed = ok(trade.confirm());
    assert_eq!((&confirmed.json["bidder"], &confirmed.json["contract_by"]), (&json!("03"), &json!("2026-03-26")));
    assert_eq!(trade.confirm().code(), "already_confirmed");
    assert!(trade.page().contains("已确认成交"));
    assert!(!home().contains("答复异议") && !home().contains("确认成交"));

    // The contract says what notice and award have settled, or is refused with what they say.
    let facts = ok(clerk().get(&contract)).json;
    assert_eq!((&facts["lessee"], &facts["kind"]), (&json!("陈C"), &json!("land_contract")));
    assert_eq!((&facts["annual_rent"], &facts["total"]), (&json!("18800.00"), &json!("150400.00")));
    assert_eq!((&facts["starts_on"], &facts["ends_on"]), (&json!("2026-03-19"), &json!("2034-03-18")));
    for (field, value, wanted) in [
        ("annual_rent", json!("18799.99"), "18800.00"),
        ("total", json!("150400.01"), "150400.00"),
        ("lessee", json!("陈A"), "陈C"),
        ("ends_on", json!("2035-03-18"), "2034-03-18"),
        ("kind", json!("lease"), "发包合同"),
        ("method", json!("renewal"), "公开竞价"),
        ("asset", Value::Null, "龙门里 3 号鱼塘"),
    ] {
        let mut other = facts.clone();
        other[field] = value;
        let refused = clerk().post(&contract, &other);
        assert_eq!(
            (refused.status, &refused.json["fields"][0]["pointer"]),
            (422, &json!(format!("/{field}"))),
            "{refused:?}"
        );
        assert!(refused.text.contains(wanted), "{refused:?}");
    }
    assert_eq!(trade.line(), line(&[("03", "800.00", "confirmed")]), "a refused contract leaves nothing behind");
    let signed = ok(clerk().post(&contract, &facts));
    assert_eq!(trade.line(), line(&[("03", "800.00", "signed")]));
    assert_eq!(clerk().post(&contract, &facts).code(), "contract_signed");
    assert_eq!(trade.fail("unpaid").code(), "contract_signed");

    // Nor can it be changed to something else afterwards.
    let change = |facts: &Value, version: &str| {
        let headers = [("content-type", "application/json"), ("if-match", version)];
        clerk().send(
            "PUT",
            &format!("/api/v1/contracts/{}", signed.id()),
            &headers,
            Some(facts.to_string().into_bytes()),
        )
    };
    let mut cheaper = facts.clone();
    cheaper["total"] = json!("1.00");
    assert_eq!(change(&cheaper, "\"1\"").status, 422);
    let mut noted = facts.clone();
    noted["note"] = json!("一式三份");
    ok(change(&noted, "\"1\""));
    nothing_contradicts(world);
});

both_backends!(who_is_next_steps_in_at_the_price_of_the_own_last_bid, |world| {
    let trade = sold(world);
    day(world, "03-19");
    ok(trade.confirm());
    assert_eq!(trade.step_in("B", true).code(), "not_offered");
    let wrong = trade.fail("system_fault");
    assert_eq!((wrong.status, &wrong.json["fields"][0]["pointer"]), (422, &json!("/ground")));
    ok(trade.fail("refused_to_sign"));
    assert_eq!(trade.line(), line(&[("03", "800.00", "failed"), ("02", "750.00", "offered")]));
    // Nobody but the one who is asked answers, and nobody is named before.
    for name in ["A", "C", "stranger"] {
        assert_eq!(trade.step_in(name, true).code(), "not_offered", "{name}");
    }
    assert!(!trade.page().contains("陈B"));
    assert_eq!(trade.fail("no_answer").status, 422, "there are days left to answer");
    ok(trade.step_in("B", false));
    assert_eq!(trade.line()[1..], line(&[("02", "750.00", "declined"), ("01", "700.00", "offered")]));

    // The last day to answer is 24 March; a day later it is over.
    day(world, "03-24");
    assert!(ok(trade.as_("A").get(&format!("/lots/{}", trade.lot))).text.contains("现在请您递补"));
    assert!(!ok(trade.as_("B").get(&format!("/lots/{}", trade.lot))).text.contains("现在请您递补"));
    // Who steps in is published like the winner was, from the same day on for as long.
    ok(trade.step_in("A", true));
    assert_eq!(trade.line()[2..], line(&[("01", "700.00", "published")]));
    assert!(trade.page().contains("递补公示中"));
    let early = trade.confirm();
    assert_eq!((early.code(), &early.json["until"]), ("result_notice_running", &json!("2026-03-31")));
    let raised = ok(trade.object("B", "递补人与村干部是亲戚。"));
    day(world, "04-01");
    assert_eq!(trade.object("B", "太晚了").code(), "objections_closed");
    assert_eq!(trade.confirm().code(), "objections_open");
    ok(trade.answer(raised.id(), "rejected"));
    nothing_contradicts(world);
    ok(trade.confirm());
    assert_eq!(trade.line()[2..], line(&[("01", "700.00", "confirmed")]));
    let facts = ok(world.sign_in(&format!("clerk-{SHANGXIANG}")).get(&trade.path("/contract"))).json;
    assert_eq!((&facts["lessee"], &facts["total"]), (&json!("陈A"), &json!("131600.00")));
    nothing_contradicts(world);

    // The last one fails too: the lot may be offered anew, and the award stays as it was.
    let relist = || world.sign_in(&format!("clerk-{SHANGXIANG}")).post(&trade.path("/relist"), &json!({}));
    assert_eq!(relist().code(), "lot_not_in_state");
    let mut body = json!({"ground": "unpaid", "decision": "杜阮交易处〔2026〕5号", "exclude_until": "2030-01-01"});
    let too_long = trade.as_("trader").post(&trade.path("/failure"), &body);
    assert_eq!((too_long.status, &too_long.json["fields"][0]["pointer"]), (422, &json!("/exclude_until")));
    body["exclude_until"] = json!("2027-03-24");
    ok(trade.as_("trader").post(&trade.path("/failure"), &body));
    let excluded = ok(trade.as_("trader").get("/api/v1/exclusions")).json["items"].clone();
    assert_eq!(excluded.as_array().unwrap().len(), 1, "the first who failed was not excluded");
    assert_eq!((&excluded[0]["name"], &excluded[0]["ground"]), (&json!("陈A"), &json!("default_after_winning")));
    assert_eq!(trade.lot()["state"], "undone");
    assert_eq!((&trade.lot()["award"]["winner"], &trade.lot()["award"]["price"]), (&json!("03"), &json!("800.00")));
    assert_eq!(trade.fail("unpaid").code(), "lot_not_in_state");
    assert!(trade.page().contains("成交作废"));
    ok(relist());
    nothing_contradicts(world);
});

both_backends!(who_does_not_answer_in_time_is_passed_over, |world| {
    let trade = sold(world);
    day(world, "03-19");
    // Before any confirmation the winner can be found unqualified.
    ok(trade.fail("unqualified"));
    day(world, "03-24");
    assert_eq!(trade.fail("no_answer").status, 422);
    day(world, "03-25");
    let late = trade.step_in("B", true);
    assert_eq!(late.code(), "not_offered");
    assert!(late.text.contains("2026-03-24"), "{late:?}");
    ok(trade.fail("no_answer"));
    let told = [("03", "800.00", "failed"), ("02", "750.00", "failed"), ("01", "700.00", "offered")];
    assert_eq!(trade.line(), line(&told));
});

both_backends!(an_upheld_objection_stops_the_sale, |world| {
    let trade = sold(world);
    let raised = ok(trade.object("B", "竞价时系统显示的结束时间不对。"));
    ok(trade.answer(raised.id(), "upheld"));
    day(world, "03-19");
    assert_eq!(trade.confirm().code(), "objection_upheld");
    assert_eq!(trade.void("unpaid").status, 422, "that is no ground against a sale");
    ok(trade.void("system_fault"));
    assert_eq!(trade.lot()["state"], "undone");
    assert_eq!(trade.line(), line(&[("03", "800.00", "void")]));
    assert_eq!(trade.confirm().code(), "lot_not_in_state");
    assert!(trade.page().contains("系统故障"));
    nothing_contradicts(world);
});

both_backends!(what_comes_after_the_close_is_done_on_pages_too, |world| {
    let trade = sold(world);
    let desk = format!("/listings/{}/confirmation", trade.lot);
    let submit = |name: &str, path: &str, fields: &[(&str, &str)]| trade.as_(name).form(path, fields);
    assert_eq!(submit("A", &format!("/lots/{}/objections", trade.lot), &[("objection", "欠租")]).status, 303);
    let id =
        ok(trade.as_("trader").get(&trade.path("/objections"))).json["items"][0]["id"].as_str().unwrap().to_owned();
    day(world, "03-19");
    assert!(ok(trade.as_("trader").get(&desk)).text.contains("先答复再确认"));
    let unchosen = submit("trader", &desk, &[("action", "answer"), ("id", &id), (&format!("answer/{id}"), "查过了")]);
    assert_eq!(unchosen.status, 422);
    assert!(unchosen.text.contains("请选择异议是否成立"));
    let finding = [
        ("action", "answer"),
        ("id", &id),
        (&format!("finding/{id}"), "rejected"),
        (&format!("answer/{id}"), "查过了"),
    ];
    assert_eq!(submit("trader", &desk, &finding).status, 303);
    assert_eq!(submit("trader", &desk, &[("action", "confirm")]).status, 303);
    let bare = submit("trader", &desk, &[("action", "fail"), ("fail_ground", "unpaid")]);
    assert_eq!(bare.status, 422);
    assert!(bare.text.contains("href=\"#f-fail_decision\""), "{}", bare.text);
    let fail = [("action", "fail"), ("fail_ground", "unpaid"), ("fail_decision", "3号")];
    assert_eq!(submit("trader", &desk, &fail).status, 303);
    assert_eq!(submit("B", &format!("/lots/{}/succession", trade.lot), &[("answer", "accept")]).status, 303);
    assert!(ok(trade.as_("trader").get(&desk)).text.contains("公示期满的第二天起可以确认"));
    day(world, "03-27");
    assert_eq!(submit("trader", &desk, &[("action", "confirm")]).status, 303);
    let clerk = world.sign_in(&format!("clerk-{SHANGXIANG}"));
    let contract = format!("/listings/{}/contract", trade.lot);
    assert!(ok(clerk.get(&contract)).text.contains("陈B"));
    let wrong = clerk.form(&contract, &[("signed_on", "昨天"), ("starts_on", "2026-04-01")]);
    assert_eq!(wrong.status, 422);
    let good = [("signed_on", "2026-03-27"), ("starts_on", "2026年4月1日"), ("payment_terms", "每年 1 月 10 日前付清")];
    assert_eq!(clerk.form(&contract, &good).status, 303);
    assert_eq!(trade.line()[1..], line(&[("02", "750.00", "signed")]));
    // Another village's clerk finds nothing here.
    assert_eq!(trade.as_("reviewer").get(&contract).status, 403);
});

// Auction Law art. 39; SPC rules on online judicial auctions art. 24.
both_backends!(who_defaulted_owes_what_the_next_price_falls_short_and_stays_away, |world| {
    let mut trade = sold(world);
    day(world, "03-19");
    ok(trade.confirm());
    let told = |trade: &Trade<'_>| ok(trade.as_("trader").get(&trade.path("/shortfalls"))).json["items"].clone();
    assert_eq!(told(&trade), json!([]), "nobody has defaulted");
    ok(trade.fail("refused_to_sign"));
    let lot = trade.lot.clone();
    let of = |round: &str, bidder: &str, sums: [Value; 5]| {
        let [promised, sold_again, gap, kept, owed] = sums;
        json!({"lot_id": round, "round": 1, "bidder": bidder, "promised": promised, "sold_again": sold_again,
            "gap": gap, "kept": kept, "owed": owed})
    };
    let null = || Value::Null;
    assert_eq!(told(&trade), json!([of(&lot, "03", [json!("150400.00"), null(), null(), null(), null()])]));
    let desk = |trade: &Trade<'_>| ok(trade.as_("trader").get(&format!("/listings/{}/confirmation", trade.lot))).text;
    assert!(desk(&trade).contains("03 号没有履约的差价") && desk(&trade).contains("还没有再次成交"));

    // B steps in for 750 and does not pay either: each owes for the fall to whoever came next, all together the loss once.
    ok(trade.step_in("B", true));
    let first = [json!("150400.00"), json!("141000.00"), json!("9400.00"), null(), json!("9400.00")];
    assert_eq!(told(&trade), json!([of(&lot, "03", first.clone())]));
    ok(trade.fail("unpaid"));
    ok(trade.step_in("A", true));
    let second = [json!("141000.00"), json!("131600.00"), json!("9400.00"), null(), json!("9400.00")];
    assert_eq!(told(&trade), json!([of(&lot, "03", first.clone()), of(&lot, "02", second)]));
    assert!(desk(&trade).contains("9400.00 元"));
    ok(trade.fail("unqualified"));
    assert_eq!(trade.lot()["state"], "undone");
    let open = [json!("141000.00"), null(), null(), null(), null()];
    assert_eq!(told(&trade), json!([of(&lot, "03", first.clone()), of(&lot, "02", open)]));

    // The lot is offered anew. Who defaulted does not come in; who was found unqualified, or only bid, does.
    let clerk = format!("clerk-{SHANGXIANG}");
    trade.lot = ok(trade.as_(&clerk).post(&trade.path("/relist"), &json!({}))).id().to_owned();
    ok(step(&trade.as_(&clerk), &trade.path("/submit"), 1, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 2, &json!({"approve": true})));
    let hours = json!({"enrol_until": "2026-03-30T17:00:00+08:00", "opens_at": "2026-03-31T09:30:00+08:00",
        "closes_at": "2026-03-31T10:00:00+08:00"});
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 3, &hours));
    for (name, order) in [("C", 3), ("B", 2), ("stranger", 3)] {
        let refused = trade.enrol(name, order, "");
        assert_eq!((refused.status, refused.code()), (409, "defaulted_before"), "{name}: {refused:?}");
        assert!(refused.text.contains("第 1 次竞价") && refused.text.contains("杜阮交易处〔2026〕3号"), "{refused:?}");
    }
    let made = ok(trade.enrol("A", 1, ""));
    ok(trade.pay(made.id(), "陈A", "bank-A-2"));
    world.set_time("2026-03-31T09:31:00+08:00");
    ok(trade.as_("A").post(&trade.path("/bids"), &json!({"amount": "710.00"})));
    world.set_time("2026-03-31T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    let second = [json!("141000.00"), json!("133480.00"), json!("7520.00"), null(), json!("7520.00")];
    assert_eq!(told(&trade), json!([of(&lot, "03", first), of(&lot, "02", second)]));
    assert!(desk(&trade).contains("（第 1 次竞价）"));
    assert_eq!(trade.as_("A").get(&trade.path("/shortfalls")).status, 403);
    nothing_contradicts(world);
});

both_backends!(who_defaulted_comes_in_neither_behind_a_partner_nor_by_negotiation, |world| {
    let mut trade = sold(world);
    day(world, "03-19");
    ok(trade.confirm());
    ok(trade.fail("refused_to_sign"));
    for name in ["B", "A"] {
        ok(trade.step_in(name, false));
    }
    assert_eq!(trade.lot()["state"], "undone");
    let clerk = format!("clerk-{SHANGXIANG}");
    let first = ok(trade.as_(&clerk).get(&trade.path(""))).json;
    trade.lot = ok(trade.as_(&clerk).post(&trade.path("/relist"), &json!({}))).id().to_owned();
    let mut draft = listing(first["asset_id"].as_str().unwrap(), first["terms"]["decision_document"].as_str());
    draft["notice"] = json!({"joint_bidders": true});
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    ok(trade.as_(&clerk).send("PUT", &trade.path(""), &headers, Some(draft.to_string().into_bytes())));
    ok(step(&trade.as_(&clerk), &trade.path("/submit"), 2, &json!({})));
    ok(step(&trade.as_("reviewer"), &trade.path("/review"), 3, &json!({"approve": true})));
    let hours = json!({"enrol_until": "2026-03-30T17:00:00+08:00", "opens_at": "2026-03-31T09:30:00+08:00",
        "closes_at": "2026-03-31T10:00:00+08:00"});
    ok(step(&trade.as_("trader"), &trade.path("/publish"), 4, &hours));
    let group = |name: &str, order: u32| {
        let partner = json!({"kind": "person", "name": name, "id_number": resident_id(order), "share": "50"});
        let body = json!({"kind": "person", "name": "陈D", "id_number": resident_id(4), "phone": "13800001111", "share": "50",
            "partners": [partner], "accepts_terms": true, "declares_no_conflict": true});
        trade.as_("D").post(&trade.path("/enrolments"), &body)
    };
    world.actor(Role::Bidder, DURUAN, "bidder-D");
    let refused = group("陈C", 3);
    assert_eq!((refused.status, refused.code()), (409, "defaulted_before"), "{refused:?}");
    assert!(refused.text.contains("第 1 次竞价"), "{refused:?}");
    ok(group("陈B", 2));

    // Nobody pays, the round fails, and the collective negotiates: with anybody but C.
    world.set_time("2026-03-31T10:00:01+08:00");
    assert_eq!((trade.close(), &trade.lot()["state"]), (1, &json!("failed")));
    world.set_time("2026-04-10T09:00:00+08:00");
    let propose = |name: &str, order: u32| {
        let mut body = negotiation::proposal(name, order);
        body["decision_on"] = json!("2026-04-01");
        body["decision"]["publicity_from"] = json!("2026-04-02");
        body["decision"]["publicity_until"] = json!("2026-04-07");
        trade.as_(&clerk).post(&trade.path("/negotiation"), &body)
    };
    let refused = propose("陈C", 3);
    assert_eq!((refused.status, refused.code()), (409, "defaulted_before"), "{refused:?}");
    ok(propose("何大力", 77));
    nothing_contradicts(world);
});
