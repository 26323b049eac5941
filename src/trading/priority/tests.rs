//! The life of a right: claimed in time with a proof, checked, ranked, lapsed.

use super::{
    rules::{check, claim, ends_silent, holders, lapse, stood},
    *,
};
use crate::kernel::{Problem, Timestamp};

fn at(text: &str) -> Timestamp {
    format!("2026-03-{text}+08:00").parse().expect("a time")
}

fn terms() -> Terms {
    Terms { order: vec![Kind::Member, Kind::SittingTenant], claim_until: at("01T17:00:00") }
}

fn asked(bidder: &str, kind: Kind) -> Claim {
    let proofs = vec![Proof { title: "户口簿".into(), sha256: "01".repeat(32) }];
    Claim { bidder: bidder.into(), kind, proofs, claimed_at: at("01T16:59:59") }
}

fn grant() -> Grant {
    Grant { by: "acc_1".into(), at: at("02T09:00:00") }
}

fn granted(bidder: &str, kind: Kind) -> Right {
    check(claim(&terms(), &[], asked(bidder, kind)).expect("in time"), true, grant()).expect("waiting")
}

#[test]
fn a_claim_needs_a_kind_of_the_notice_a_proof_and_its_time() {
    let terms = terms();
    assert_eq!(claim(&terms, &[], asked("01", Kind::SittingTenant)).map(|right| right.rank), Ok(2));
    let unknown = claim(&terms, &[], asked("01", Kind::CoOwner));
    assert_eq!(unknown, Err(Refusal::NotOffered { offered: vec![Kind::Member, Kind::SittingTenant] }));
    let late = Claim { claimed_at: terms.claim_until, ..asked("01", Kind::Member) };
    assert_eq!(claim(&terms, &[], late), Err(Refusal::TooLate { until: terms.claim_until }));
    let bare = Claim { proofs: Vec::new(), ..asked("01", Kind::Member) };
    assert_eq!(claim(&terms, &[], bare), Err(Refusal::WithoutProof));
    let first = granted("01", Kind::Member);
    assert_eq!(claim(&terms, std::slice::from_ref(&first), asked("01", Kind::Member)), Err(Refusal::ClaimedTwice));
    assert!(claim(&terms, &[first], asked("01", Kind::SittingTenant)).is_ok());
}

#[test]
fn who_granted_it_stays_on_record_after_the_lapse() {
    let right = granted("01", Kind::Member);
    assert_eq!(right.state, RightState::Granted(grant()));
    assert_eq!(check(right.clone(), true, grant()), Err(Refusal::NotWaiting));
    let over = lapse(right, LapseCause::Waived, at("02T10:00:00")).expect("it stood");
    let waived = Lapse { cause: LapseCause::Waived, at: at("02T10:00:00") };
    assert_eq!(over.state, RightState::Lapsed(waived, Some(grant())));
    assert_eq!(lapse(over, LapseCause::Defaulted, at("03T10:00:00")), Err(Refusal::Over(LapseCause::Waived)));
}

/// A check that fails leaves an ordinary bidder; the best of several rights counts; a claim is no right yet.
#[test]
fn holders_are_those_with_a_granted_right() {
    let failed = check(claim(&terms(), &[], asked("03", Kind::Member)).expect("in time"), false, grant());
    let waiting = claim(&terms(), &[], asked("04", Kind::Member)).expect("in time");
    let rights = [
        granted("01", Kind::SittingTenant),
        granted("02", Kind::SittingTenant),
        granted("01", Kind::Member),
        failed.expect("waiting"),
        waiting,
    ];
    assert_eq!(holders(&rights, at("03T09:00:00")), [("01".to_owned(), 1), ("02".to_owned(), 2)]);
    assert_eq!(holders(&rights, at("02T09:00:00")), [], "granted when it had opened");
}

/// An auction keeps the ranks that it opened with, whatever becomes of them later.
#[test]
fn what_lapses_later_stood_at_the_opening() {
    let opened = at("02T09:30:00");
    let over = |cause, when| lapse(granted("01", Kind::Member), cause, at(when)).expect("it stood");
    assert!(stood(&granted("01", Kind::Member), opened));
    assert!(!stood(&over(LapseCause::Waived, "02T09:10:00"), opened), "waived before");
    for cause in [LapseCause::Silent, LapseCause::Defaulted] {
        assert!(stood(&over(cause, "02T10:00:00"), opened));
    }
    assert!(ends_silent(&granted("01", Kind::Member), false) && !ends_silent(&granted("01", Kind::Member), true));
    let waiting = claim(&terms(), &[], asked("04", Kind::Member)).expect("in time");
    assert!(!ends_silent(&waiting, false), "what was never granted does not end");
}

#[test]
fn refusals_say_what_would_have_been_accepted() {
    let problem = Problem::from(Refusal::NotOffered { offered: vec![Kind::Member] });
    assert_eq!(problem.detail, "本公告的优先权人是：本集体经济组织成员");
    assert_eq!(problem.extra.get("offered"), Some(&serde_json::json!(["member"])));
    let problem = Problem::from(Refusal::TooLate { until: at("01T17:00:00") });
    assert_eq!(problem.detail, "优先权申报已于 2026-03-01 17:00:00 截止，可按普通竞买人参加");
    let none = Problem::from(Refusal::NotOffered { offered: Vec::new() });
    assert!(none.detail.contains("没有设优先权"));
}
