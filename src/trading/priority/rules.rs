//! Claiming, checking, lapsing; holders for the engine; who steps in.

use super::model::{Claim, Grant, Kind, Lapse, LapseCause, Right, RightState, Terms};
use crate::kernel::{Code, Problem, Timestamp};

crate::codes! {
    PRIORITY_NOT_OFFERED 409 "priority_not_offered" "公告没有这种优先权";
    PRIORITY_TOO_LATE 409 "priority_too_late" "优先权申报已经截止";
    PRIORITY_WITHOUT_PROOF 422 "priority_without_proof" "申报优先权应附证明材料";
    PRIORITY_CLAIMED_TWICE 409 "priority_claimed_twice" "已经申报过这项优先权";
    PRIORITY_NOT_WAITING 409 "priority_not_waiting" "这项优先权已经审核";
    PRIORITY_OVER 409 "priority_over" "这项优先权已经失效";
    PRIORITY_AFTER_OPENING 409 "priority_after_opening" "竞价已经开始，优先权以开始时为准";
    PRIORITY_UNSEEN 409 "priority_unseen" "请先打开这份申报和证明材料，再审核";
}

/// A sentence that shows an examiner what is to be written down.
pub const EXAMPLE: &str = "户口簿和成员名册核对一致";

/// Why a step with a right is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NotOffered { offered: Vec<Kind> },
    TooLate { until: Timestamp },
    WithoutProof,
    ClaimedTwice,
    NotWaiting,
    Over(LapseCause),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let of = |code: &'static Code, detail: String| Problem::new(code, detail);
        match refusal {
            Refusal::NotOffered { offered } if offered.is_empty() => {
                of(&PRIORITY_NOT_OFFERED, "本公告没有设优先权，可按普通竞买人参加".to_owned())
            }
            Refusal::NotOffered { offered } => {
                let kinds: Vec<&str> = offered.iter().map(Kind::label).collect();
                of(&PRIORITY_NOT_OFFERED, format!("本公告的优先权人是：{}", kinds.join("、")))
                    .with("offered", offered.iter().map(Kind::as_str).collect::<Vec<_>>())
            }
            Refusal::TooLate { until } => {
                of(&PRIORITY_TOO_LATE, format!("优先权申报已于 {} 截止，可按普通竞买人参加", until.second_text()))
                    .with("until", until.to_string())
            }
            Refusal::WithoutProof => {
                of(&PRIORITY_WITHOUT_PROOF, "请至少上传一份证明材料，例如户口簿或原租赁合同".to_owned())
            }
            Refusal::ClaimedTwice => of(&PRIORITY_CLAIMED_TWICE, "您已经申报过这项优先权，请等待审核".to_owned()),
            Refusal::NotWaiting => of(&PRIORITY_NOT_WAITING, "这项优先权已经有审核结果，不能再次审核".to_owned()),
            Refusal::Over(cause) => of(&PRIORITY_OVER, format!("这项优先权已经失效：{}", cause.label())),
        }
    }
}

/// Takes a claim, if the notice knows the kind, the time is not over and there is a proof. `earlier` are the rights of this
/// lot so far; one bidder may claim several kinds, each once.
pub fn claim(terms: &Terms, earlier: &[Right], claim: Claim) -> Result<Right, Refusal> {
    let rank = terms.rank(claim.kind).ok_or_else(|| Refusal::NotOffered { offered: terms.order.clone() })?;
    if claim.claimed_at >= terms.claim_until {
        return Err(Refusal::TooLate { until: terms.claim_until });
    }
    if claim.proofs.is_empty() {
        return Err(Refusal::WithoutProof);
    }
    if earlier.iter().any(|right| (&right.claim.bidder, right.claim.kind) == (&claim.bidder, claim.kind)) {
        return Err(Refusal::ClaimedTwice);
    }
    Ok(Right { claim, rank, state: RightState::Claimed })
}

/// Records the check of a claim.
pub fn check(right: Right, proven: bool, grant: Grant) -> Result<Right, Refusal> {
    if right.state != RightState::Claimed {
        return Err(Refusal::NotWaiting);
    }
    let state = if proven {
        RightState::Granted(grant)
    } else {
        RightState::Lapsed(Lapse { cause: LapseCause::NotProven, at: grant.at }, Some(grant))
    };
    Ok(Right { state, ..right })
}

/// Ends a right that was granted or waits for its check.
pub fn lapse(right: Right, cause: LapseCause, at: Timestamp) -> Result<Right, Refusal> {
    let granted = match right.state {
        RightState::Claimed => None,
        RightState::Granted(grant) => Some(grant),
        RightState::Lapsed(lapse, _) => return Err(Refusal::Over(lapse.cause)),
    };
    Ok(Right { state: RightState::Lapsed(Lapse { cause, at }, granted), ..right })
}

/// Whether a right ends with an auction in which its holder did not bid.
pub fn ends_silent(right: &Right, has_bid: bool) -> bool {
    matches!(right.state, RightState::Granted(_)) && !has_bid
}

/// Whether a right stood when the auction opened: granted before, and not lapsed by then.
pub fn stood(right: &Right, opened_at: Timestamp) -> bool {
    match &right.state {
        RightState::Granted(grant) => grant.at < opened_at,
        RightState::Lapsed(lapse, Some(grant)) => {
            lapse.cause != LapseCause::NotProven && grant.at < opened_at && lapse.at >= opened_at
        }
        RightState::Claimed | RightState::Lapsed(_, None) => false,
    }
}

/// Holders and ranks for the engine: rights that stood when the auction opened, of each bidder the best.
pub fn holders(rights: &[Right], opened_at: Timestamp) -> Vec<(String, i64)> {
    let mut found: Vec<(String, i64)> = Vec::new();
    for right in rights.iter().filter(|right| stood(right, opened_at)) {
        match found.iter_mut().find(|(bidder, _)| *bidder == right.claim.bidder) {
            Some((_, rank)) => *rank = right.rank.min(*rank),
            None => found.push((right.claim.bidder.clone(), right.rank)),
        }
    }
    found
}
