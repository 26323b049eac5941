//! Priority rights: claimed with a proof, checked by a named person, used in the auction as granted, lapsed for a cause.

use serde_json::{Value, json};

use crate::{
    both_backends,
    methods::{clerk, draft, fields, page, published, replays, says},
    support::{
        app::{Answer, Client, World},
        behind::Behind,
        verified::faults,
    },
    trading::{HOURS, Trade, ok},
};

/// A claim with a proof.
pub fn claims(bidder: &Client<'_>, lot: &str, kind: &str) -> Answer {
    let fields = [("kind", kind), ("title", "户口簿")];
    bidder.upload(&format!("/api/v1/lots/{lot}/priority-rights"), &fields, "a.pdf", b"%PDF-1.7 proof of somebody")
}

fn right(id: &str, rest: &str) -> String {
    format!("/api/v1/priority-rights/{id}{rest}")
}

/// Published with members before sitting tenants; claims end two hours before enrolment does.
fn with_rights(world: &World) -> Trade<'_> {
    let mut terms = draft(world, json!({}));
    terms["priority"] = json!("");
    terms["priority_kinds"] = json!(["member", "member"]);
    terms["priority_claim_h"] = json!(241);
    assert_eq!(fields(&clerk(world).post("/api/v1/lots", &terms)), ["/priority_kinds/1", "/priority_claim_h"]);
    terms["priority_kinds"] = json!(["member", "sitting_tenant"]);
    terms["priority_claim_h"] = json!(2);
    let trade = published(world, &terms);
    says(&page(&trade), &["本集体经济组织成员，其次原承租方", "3月10日（星期二）15:00"]);
    trade
}

both_backends!(a_right_is_claimed_proven_used_and_lapses, |world| {
    let trade = with_rights(world);
    assert_eq!(claims(&trade.as_("A"), &trade.lot, "member").code(), "not_enrolled");
    assert_eq!(fields(&trade.enrol("A", 1, "本集体成员")), ["/priority_claim"], "a word is no claim any more");
    for (order, name) in [(1, "A"), (2, "B"), (3, "C"), (4, "P")] {
        let made = ok(trade.enrol(name, order, ""));
        ok(trade.pay(made.id(), &format!("陈{name}"), &format!("bank-{name}")));
    }
    let refused = claims(&trade.as_("P"), &trade.lot, "co_owner");
    assert_eq!(
        (refused.code(), &refused.json["offered"]),
        ("priority_not_offered", &json!(["member", "sitting_tenant"]))
    );
    assert_eq!(fields(&claims(&trade.as_("P"), &trade.lot, "cousin")), ["/kind"]);
    let path = trade.path("/priority-rights");
    let bare = trade.as_("P").upload(&path, &[("kind", "sitting_tenant")], "a.pdf", b"");
    assert_eq!(bare.code(), "priority_without_proof");
    assert_eq!(trade.as_("P").upload(&path, &[("kind", "sitting_tenant")], "a.exe", b"MZ").code(), "unknown_file_kind");
    let claim = |name: &str, kind: &str| ok(claims(&trade.as_(name), &trade.lot, kind)).id().to_owned();
    let of_p = claim("P", "sitting_tenant");
    assert_eq!(claims(&trade.as_("P"), &trade.lot, "sitting_tenant").code(), "priority_claimed_twice");
    let (of_a, of_b, of_c) = (claim("A", "member"), claim("B", "member"), claim("C", "member"));

    // The proof is nobody's business: not the seller's, not another bidder's, not the officer's without a look on record.
    let paper =
        Behind::of(world).texts(&format!("SELECT document_id AS v FROM priority_rights WHERE id = '{of_p}'")).remove(0);
    for who in [clerk(world), trade.as_("trader"), trade.as_("auditor"), world.nobody()] {
        assert_eq!(who.get(&format!("/api/v1/documents/{paper}/content")).status, 404);
    }
    assert!(!ok(clerk(world).get("/api/v1/documents?limit=100")).text.contains(&paper));
    assert_eq!(trade.as_("B").get(&right(&of_p, "/proof")).status, 404);
    assert_eq!(clerk(world).get(&right(&of_p, "/proof")).status, 403);
    assert_eq!(trade.as_("trader").get(&right(&of_p, "/proof")).code(), "priority_unseen");
    assert!(ok(trade.as_("P").get(&right(&of_p, "/proof"))).text.contains("proof of somebody"), "control");
    // Checked by somebody with a name, who has seen the proof.
    let found = |proven: bool, note: &str| json!({"proven": proven, "note": note});
    let trader = trade.as_("trader");
    assert_eq!(trader.post(&right(&of_p, "/check"), &found(true, "合同一致")).code(), "priority_unseen");
    let look = |name: &str| {
        let own = ok(trade.as_(name).get("/api/v1/enrolments")).json["items"][0]["remark"].clone();
        let wanted = json!({"remark": own, "reason": "审核申报的优先权"});
        ok(trade.as_("trader").post(&trade.path("/enrolments/file"), &wanted))
    };
    let opened = look("P").json;
    let rights = &opened["priority_rights"];
    assert_eq!((opened["name"].as_str(), rights[0]["id"].as_str()), (Some("陈P"), Some(of_p.as_str())));
    ok(trader.get(&right(&of_p, "/proof")));
    assert_eq!(fields(&trader.post(&right(&of_p, "/check"), &found(true, " "))), ["/note"]);
    let granted = ok(trader.post(&right(&of_p, "/check"), &found(true, "与原租赁合同一致")));
    assert_eq!((granted.json["state"].as_str(), granted.json["rank"].as_i64()), (Some("granted"), Some(2)));
    assert!(!granted.json["checker"].as_str().unwrap().is_empty(), "{granted:?}");
    assert_eq!(trader.post(&right(&of_p, "/check"), &found(false, "看错了")).code(), "priority_not_waiting");
    for (name, id, proven) in [("A", &of_a, true), ("B", &of_b, true), ("C", &of_c, false)] {
        look(name);
        ok(trader.post(&right(id, "/check"), &found(proven, "与成员名册核对")));
    }
    let waived = ok(trade.as_("A").post(&right(&of_a, "/waive"), &json!({})));
    assert_eq!((waived.json["state"].as_str(), waived.json["cause"].as_str()), (Some("lapsed"), Some("waived")));
    assert_eq!(trade.as_("A").post(&right(&of_a, "/waive"), &json!({})).code(), "priority_over");
    assert_eq!(trade.as_("B").post(&right(&of_p, "/waive"), &json!({})).status, 404);
    says(
        &ok(trade.as_("C").get(&format!("/lots/{}/priority", trade.lot))).text,
        &["第 1 顺位", "审核未通过", "与成员名册核对", "申报哪一种"],
    );
    world.set_time("2026-03-10T15:00:00+08:00");
    let late = claims(&trade.as_("C"), &trade.lot, "sitting_tenant");
    assert_eq!((late.code(), late.json["until"].as_str()), ("priority_too_late", Some("2026-03-10T15:00:00+08:00")));

    // The auction is held with the rights that stood when it opened; B, who has one, does not bid.
    ok(trade.bid("A", "09:31:00", "700"));
    assert_eq!(
        trade.as_("trader").post(&right(&of_c, "/check"), &found(true, "补交")).code(),
        "priority_after_opening"
    );
    assert_eq!(trade.as_("P").post(&right(&of_p, "/waive"), &json!({})).code(), "priority_after_opening");
    let mine = ok(trade.as_("P").get(&trade.path("/mine"))).json;
    assert_eq!((mine["priority_rank"].as_i64(), mine["may_match"].as_bool()), (Some(2), Some(true)), "{mine}");
    assert_eq!(ok(trade.bid("P", "09:32:00", "match")).json["leader"], "04");
    assert_eq!(trade.bid("C", "09:33:00", "match").code(), "match_not_allowed", "not proven");
    assert_eq!(trade.bid("A", "09:34:00", "match").code(), "match_not_allowed", "waived");
    world.set_time(HOURS[2]);
    assert_eq!(trade.close(), 1);
    let result = replays(&trade);
    assert_eq!((result["winner"].as_str(), result["price"].as_str()), (Some("04"), Some("700.00")), "{result}");
    let trace: Value = serde_json::from_str(&ok(world.nobody().get(&trade.path("/trace"))).text).unwrap();
    let holders = json!([{"bidder": "02", "rank": 1}, {"bidder": "04", "rank": 2}]);
    assert_eq!(trace["rules"]["priority"]["holders"], holders);
    let of = |name: &str| ok(trade.as_(name).get("/api/v1/enrolments")).json["items"][0]["priority_rights"][0].clone();
    assert_eq!((of("B")["cause"].as_str(), of("P")["state"].as_str()), (Some("silent"), Some("granted")));
    assert!(page(&trade).contains("审核申报的优先权"), "the looks are told after the end");

    // Whoever won by it and does not sign loses it; the auction was held with it all the same.
    world.set_time("2026-03-20T09:00:00+08:00");
    let trader = trade.as_("trader");
    ok(trader.send("POST", &trade.path("/confirmation"), &[], None));
    ok(trader.post(&trade.path("/failure"), &json!({"ground": "unpaid", "decision": "杜阮交易处3号"})));
    assert_eq!(of("P")["cause"], "defaulted");
    let again: Value = serde_json::from_str(&ok(world.nobody().get(&trade.path("/trace"))).text).unwrap();
    assert_eq!(again, trace);
    world.app.integrate_log().unwrap();
    assert_eq!(faults(world), []);
});
