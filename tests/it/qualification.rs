//! Qualification: papers examined before the auction give the bid number, papers examined after it let the result stand.

use serde_json::{Value, json};

use crate::{
    both_backends,
    methods::{admitted, clerk, draft, fields, page, published, says},
    results::day,
    support::{
        app::{Answer, Client, World},
        behind::Behind,
        verified::faults,
    },
    trading::{HOURS, Trade, ok},
};

/// A paper that says whose it is.
pub fn hands_in(bidder: &Client<'_>, lot: &str, whose: &str) -> Answer {
    let path = format!("/api/v1/lots/{lot}/qualifications");
    bidder.upload(&path, &[("title", "营业执照")], "a.pdf", format!("%PDF-1.7 license of {whose}").as_bytes())
}

fn at(paper: &str, rest: &str) -> String {
    format!("/api/v1/qualifications/{paper}/{rest}")
}

pub fn passes(officer: &Client<'_>, paper: &str) -> Answer {
    officer.post(&at(paper, "examination"), &json!({"passed": true, "note": "证照一致"}))
}

fn terms(world: &World, timing: &str) -> Value {
    let mut terms = draft(world, json!({}));
    terms["qualification"] = json!(timing);
    terms["qualification_papers"] = json!("营业执照、近三年养殖业绩证明");
    terms
}

/// The officer opens a file by the bidder's code.
pub fn look(trade: &Trade<'_>, name: &str) -> Value {
    let own = ok(trade.as_(name).get("/api/v1/enrolments")).json["items"][0]["remark"].clone();
    let wanted = json!({"remark": own, "reason": "审查资格材料"});
    ok(trade.as_("trader").post(&trade.path("/enrolments/file"), &wanted)).json
}

fn lots_of(trade: &Trade<'_>, name: &str) -> String {
    ok(trade.as_(name).get("/my/bids")).text
}

both_backends!(papers_are_examined_before_there_is_a_bid_number, |world| {
    let mut wrong = terms(world, "before");
    wrong["qualification_papers"] = json!(" ");
    assert_eq!(fields(&clerk(world).post("/api/v1/lots", &wrong)), ["/qualification_papers"]);
    wrong["qualification"] = json!("none");
    wrong["qualification_papers"] = json!("营业执照");
    assert_eq!(fields(&clerk(world).post("/api/v1/lots", &wrong)), ["/qualification"]);
    let mut right = wrong.clone();
    right["qualification"] = json!("before");
    right["qualification_papers"] = json!("营业执照、近三年养殖业绩证明");
    let trade = published(world, &right);
    says(&page(&trade), &["竞价前审查。要交：营业执照、近三年养殖业绩证明", "通过并且保证金到账的才有竞买号"]);

    assert_eq!(hands_in(&trade.as_("A"), &trade.lot, "A").code(), "not_enrolled");
    let made = ok(trade.enrol("A", 1, ""));
    assert!(lots_of(&trade, "A").contains("待交资格材料"));
    ok(trade.pay(made.id(), "陈A", "bank-A"));
    assert_eq!(trade.number("A"), Value::Null, "the deposit alone does not admit");
    let path = trade.path("/qualifications");
    assert_eq!(trade.as_("A").upload(&path, &[], "a.pdf", b"").code(), "qualification_without_paper");
    assert_eq!(trade.as_("A").upload(&path, &[], "a.exe", b"MZ").code(), "unknown_file_kind");
    let handed = ok(hands_in(&trade.as_("A"), &trade.lot, "A"));
    assert_eq!((handed.json["state"].as_str(), handed.json["attempt"].as_i64()), (Some("waiting"), Some(1)));
    assert_eq!(hands_in(&trade.as_("A"), &trade.lot, "A").code(), "qualification_waiting");
    assert!(lots_of(&trade, "A").contains("资格审查中"));
    let paper = handed.id().to_owned();

    // A paper is nobody's business: not the seller's, not another bidder's, not the officer's without a look on record.
    let kept = format!("SELECT document_id AS v FROM qualification_papers WHERE id = '{paper}'");
    let kept = Behind::of(world).texts(&kept).remove(0);
    for who in [clerk(world), trade.as_("trader"), trade.as_("auditor"), world.nobody()] {
        assert_eq!(who.get(&format!("/api/v1/documents/{kept}/content")).status, 404);
    }
    assert_eq!(trade.as_("B").get(&at(&paper, "paper")).status, 404);
    assert_eq!(clerk(world).get(&at(&paper, "paper")).status, 403);
    assert_eq!(trade.as_("trader").get(&at(&paper, "paper")).code(), "qualification_unseen");
    assert!(ok(trade.as_("A").get(&at(&paper, "paper"))).text.contains("license of A"), "control");
    let examine = |paper: &str, passed: bool, note: &str, decision: &str| {
        let body = json!({"passed": passed, "note": note, "decision": decision});
        trade.as_("trader").post(&at(paper, "examination"), &body)
    };
    assert_eq!(passes(&trade.as_("trader"), &paper).code(), "qualification_unseen");
    let opened = look(&trade, "A");
    assert_eq!(opened["qualification"][0]["id"], json!(paper));
    ok(trade.as_("trader").get(&at(&paper, "paper")));
    assert_eq!(fields(&examine(&paper, false, " ", "3号")), ["/note", "/decision"], "nobody is put out by it yet");

    // Refused, handed in again, looked at again, passed: only now there is a number.
    let refused = ok(examine(&paper, false, "营业执照已过有效期", ""));
    assert_eq!(refused.json["state"], "refused");
    assert!(!refused.json["examiner"].as_str().unwrap().is_empty(), "{refused:?}");
    assert_eq!(examine(&paper, true, "证照一致", "").code(), "qualification_not_waiting");
    assert_eq!(trade.number("A"), Value::Null);
    let own = ok(trade.as_("A").get(&format!("/lots/{}/qualification", trade.lot))).text;
    says(&own, &["营业执照已过有效期", "补正后再交", "审查没有通过"]);
    world.pass_s(1);
    let again = ok(hands_in(&trade.as_("A"), &trade.lot, "A"));
    assert_eq!(again.json["attempt"], 2);
    assert_eq!(
        passes(&trade.as_("trader"), again.id()).code(),
        "qualification_unseen",
        "that look was at another paper"
    );
    look(&trade, "A");
    ok(passes(&trade.as_("trader"), again.id()));
    assert_eq!(trade.number("A"), "01");
    assert_eq!(hands_in(&trade.as_("A"), &trade.lot, "A").code(), "qualification_passed");

    // B's paper is passed before the money is in; C's waits too long.
    let of_b = ok(trade.enrol("B", 2, "")).id().to_owned();
    let paper = ok(hands_in(&trade.as_("B"), &trade.lot, "B")).id().to_owned();
    look(&trade, "B");
    ok(passes(&trade.as_("trader"), &paper));
    assert_eq!(trade.number("B"), Value::Null);
    assert!(lots_of(&trade, "B").contains("待缴保证金"));
    ok(trade.pay(&of_b, "陈B", "bank-B"));
    assert_eq!(trade.number("B"), "02");
    let of_c = ok(trade.enrol("C", 3, "")).id().to_owned();
    ok(trade.pay(&of_c, "陈C", "bank-C"));
    let waits = ok(hands_in(&trade.as_("C"), &trade.lot, "C")).id().to_owned();
    ok(trade.enrol("P", 4, ""));
    world.set_time(HOURS[0]);
    let late = hands_in(&trade.as_("P"), &trade.lot, "P");
    assert_eq!((late.code(), late.json["until"].as_str()), ("qualification_too_late", Some(HOURS[0])), "{late:?}");
    look(&trade, "C");
    world.set_time(HOURS[1]);
    assert_eq!(passes(&trade.as_("trader"), &waits).code(), "qualification_over");
    let bid = trade.bid("C", "09:31:00", "700");
    assert!(bid.code() == "deposit_missing" && bid.text.contains("资格材料没有审查通过"), "{bid:?}");
    ok(trade.bid("A", "09:31:00", "700"));
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    assert!(page(&trade).contains("审查资格材料"), "the looks are told after the end");
    day(world, "03-19");
    ok(trade.confirm());
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

// Who wins and never lets the papers be seen does not hold the lot up: the time for them is over with the result's notice.
both_backends!(a_winner_who_hands_in_no_papers_is_out_after_their_time, |world| {
    let trade = admitted(world, &terms(world, "after"));
    for (name, at, amount) in [("B", "09:32:00", "750"), ("C", "09:33:00", "800")] {
        ok(trade.bid(name, at, amount));
    }
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    let award = ok(world.nobody().get(&trade.path(""))).json["award"].clone();
    let until = award["notice_until"].as_str().unwrap();
    let told = ok(trade.as_("C").get(&format!("/lots/{}/qualification", trade.lot))).text;
    says(&told, &[until, "以前（含当天）交"]);
    world.set_time(&format!("{until}T23:59:59+08:00"));
    let early = trade.fail("no_papers");
    assert!(fields(&early) == ["/ground"] && early.text.contains(until), "{}", early.text);
    let next: xiangji::kernel::Day = until.parse().unwrap();
    world.set_time(&format!("{}T09:00:00+08:00", next.plus_days(1)));
    assert_eq!(fields(&trade.fail("no_answer")), ["/ground"], "nobody asked C to step in");
    ok(trade.fail("no_papers"));
    let line = ok(world.nobody().get(&trade.path("/confirmation"))).json["items"].clone();
    assert_eq!((&line[0]["ground"], &line[1]["state"]), (&json!("no_papers"), &json!("offered")));
    let due = ok(trade.as_("trader").get(&format!("/api/v1/money/orders?lot={}&state=prepared", trade.lot))).json;
    assert_eq!(due["items"][0]["kind"], "forfeit", "prepared, for another person to confirm: {due}");
    // B, who is asked now, has an own time: the one to answer in.
    assert_eq!(fields(&trade.fail("no_papers")), ["/ground"]);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});

both_backends!(after_the_auction_the_papers_of_whoever_is_next_are_examined, |world| {
    let trade = admitted(world, &terms(world, "after"));
    says(&page(&trade), &["成交后审查。要交：营业执照", "由下一位递补，递补人同样先审查"]);
    assert_eq!(trade.number("A"), "01", "the deposit admits");
    assert_eq!(hands_in(&trade.as_("A"), &trade.lot, "A").code(), "qualification_not_yet");
    for (name, at, amount) in [("A", "09:31:00", "700"), ("B", "09:32:00", "750"), ("C", "09:33:00", "800")] {
        ok(trade.bid(name, at, amount));
    }
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    assert!(lots_of(&trade, "C").contains("待交资格材料") && lots_of(&trade, "B").contains("未竞得"));
    assert_eq!(hands_in(&trade.as_("B"), &trade.lot, "B").code(), "qualification_not_yet");
    day(world, "03-19");
    let home = || ok(trade.as_("trader").get("/home")).text;
    assert!(home().contains("竞得人没有交资格材料") && !home().contains("审查资格材料"));
    assert_eq!(trade.confirm().code(), "qualification_missing");
    let of_c = ok(hands_in(&trade.as_("C"), &trade.lot, "C")).id().to_owned();
    assert!(home().contains("审查资格材料"));
    let desk = || ok(trade.as_("trader").get(&format!("/listings/{}/confirmation", trade.lot))).text;
    says(&desk(), &["资格材料审查通过后才能确认", "决定文件（没有通过才填）"]);
    assert!(
        ok(trade.as_("trader").get(&at(&of_c, "paper"))).text.contains("license of C"),
        "no code is needed any more"
    );

    // C is refused: out by a decision, the deposit is given back, B is asked.
    let examine = |paper: &str, body: Value| trade.as_("trader").post(&at(paper, "examination"), &body);
    let bare = json!({"passed": false, "note": "没有近三年业绩"});
    assert_eq!(fields(&examine(&of_c, bare)), ["/decision"]);
    let line = || ok(world.nobody().get(&trade.path("/confirmation"))).json["items"].clone();
    assert_eq!(line(), json!([]), "nothing was done");
    ok(examine(&of_c, json!({"passed": false, "note": "没有近三年业绩", "decision": "杜阮交易处〔2026〕3号"})));
    let (winner, next) = (line()[0].clone(), line()[1].clone());
    assert_eq!(
        (&winner["state"], &winner["ground"], &winner["note"]),
        (&json!("failed"), &json!("unqualified"), &json!("没有近三年业绩"))
    );
    assert_eq!(
        (&next["bidder"], &next["state"], &next["answer_by"]),
        (&json!("02"), &json!("offered"), &json!("2026-03-24"))
    );
    let due = ok(trade.as_("trader").get(&format!("/api/v1/money/orders?lot={}", trade.lot))).json;
    let kinds: Vec<&Value> = due["items"].as_array().unwrap().iter().map(|order| &order["kind"]).collect();
    assert_eq!(kinds, [&json!("refund"); 3], "{due}");
    assert_eq!(hands_in(&trade.as_("C"), &trade.lot, "C").code(), "qualification_not_yet");

    // B hands in on the last day; the township is late, not B.
    assert_eq!(trade.step_in("B", true).code(), "qualification_missing");
    day(world, "03-24");
    let of_b = ok(hands_in(&trade.as_("B"), &trade.lot, "B")).id().to_owned();
    assert_eq!(trade.step_in("B", true).code(), "qualification_missing");
    day(world, "03-25");
    assert_eq!(trade.fail("no_answer").code(), "qualification_waiting");
    ok(passes(&trade.as_("trader"), &of_b));
    assert_eq!(line()[1]["answer_by"], "2026-03-30");
    let own = ok(trade.as_("B").get(&format!("/lots/{}/qualification", trade.lot))).text;
    says(&own, &["资格审查已经通过", "答复是否递补"]);
    ok(trade.step_in("B", true));
    assert_eq!(line()[1]["state"], "published");
    assert!(!home().contains("审查资格材料"));
    assert_eq!(passes(&trade.as_("trader"), &of_b).code(), "qualification_not_waiting");
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});
