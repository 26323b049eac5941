//! Whether data may be erased. Pure.

use super::model::{DutyView, ErasureState};
use crate::{
    kernel::Problem,
    policy::{Duty, DutyEnd, Keeping},
};

crate::codes! {
    MUST_BE_KEPT 409 "must_be_kept" "依法还要保存，现在不能删除";
    ERASURE_REQUESTED 409 "erasure_requested" "已经有人申请删除，正等镇街办理，不用再申请";
    NO_ERASURE_REQUEST 409 "no_erasure_request" "还没有人申请删除；先由村会计申请，再由镇街办理";
}

/// In the words of a page.
pub(super) fn view(duty: &Duty) -> DutyView {
    let (what, basis) = (duty.what.label(), &duty.basis);
    let doubt = if duty.verified { "" } else { "（年限待镇街核对）" };
    let (until, sentence) = match duty.until {
        DutyEnd::Running => (None, running(duty.what).to_owned()),
        DutyEnd::On(day) => (Some(day), format!("{what}还要保存，从 {day} 起才可以删除。依据：{basis}{doubt}。")),
        DutyEnd::Never => (None, format!("{what}要长期保存，不能删除。依据：{basis}{doubt}。")),
    };
    DutyView { what: duty.what.as_str(), until, sentence }
}

const fn running(what: Keeping) -> &'static str {
    match what {
        Keeping::Membership => "现在还是在册成员。先登记丧失成员身份，过了保存期限才可以删除。",
        Keeping::Office => "名下还有没卸任的职务（按姓名查找）。",
        Keeping::Homestead => "名下还有宅基地。",
        Keeping::Trade => "还在参加一宗没结束的交易。",
        Keeping::Deposit => "还有一笔没退还、没处理的保证金。",
        Keeping::Contract => "还有履行中的合同（按承租人姓名查找）。",
    }
}

/// Whether an erasure may be asked for, or done: not while anything must be kept.
///
/// # Errors
/// `must_be_kept` with the duty that lasts longest, and the day from which none stands where there is one.
pub(super) fn decide(duties: &[DutyView]) -> Result<(), Problem> {
    // A matter that runs, or a record that is kept for good, ends on no day that could be named.
    let Some(longest) = duties.iter().max_by_key(|d| (d.until.is_none(), d.until)) else { return Ok(()) };
    let problem = Problem::new(&MUST_BE_KEPT, longest.sentence.clone());
    Err(match longest.until {
        Some(day) => problem.with("until", day.to_string()),
        None => problem,
    })
}

/// Whether somebody may ask now.
pub(super) fn decide_request(last: Option<ErasureState>) -> Result<(), Problem> {
    if last == Some(ErasureState::Requested) { Err((&ERASURE_REQUESTED).into()) } else { Ok(()) }
}

/// Whether there is a request to end.
pub(super) fn decide_end(last: Option<ErasureState>) -> Result<(), Problem> {
    if last == Some(ErasureState::Requested) { Ok(()) } else { Err((&NO_ERASURE_REQUEST).into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(what: Keeping, until: DutyEnd) -> DutyView {
        view(&Duty { what, until, basis: "某办法".into(), verified: false })
    }

    #[test]
    fn the_longest_duty_is_the_reason() {
        assert_eq!(decide(&[]).map_err(|p| p.code.code), Ok(()));
        let on = |text: &str| DutyEnd::On(text.parse().expect("a day"));
        let short = duty(Keeping::Trade, on("2030-01-02"));
        let long = duty(Keeping::Membership, on("2041-05-01"));
        let refused = decide(&[short.clone(), long.clone()]).expect_err("kept");
        assert_eq!((refused.code.code, &refused.extra["until"]), ("must_be_kept", &"2041-05-01".into()));
        assert!(refused.detail.contains("成员登记") && refused.detail.contains("某办法"), "{}", refused.detail);
        for endless in [duty(Keeping::Contract, DutyEnd::Running), duty(Keeping::Homestead, DutyEnd::Never)] {
            let refused = decide(&[long.clone(), endless.clone(), short.clone()]).expect_err("kept");
            assert_eq!((refused.detail, refused.extra.get("until")), (endless.sentence, None));
        }
    }

    #[test]
    fn one_request_at_a_time_and_none_is_done_unasked() {
        for (last, may_ask, may_end) in [
            (None, true, false),
            (Some(ErasureState::Requested), false, true),
            (Some(ErasureState::Declined), true, false),
        ] {
            assert_eq!((decide_request(last).is_ok(), decide_end(last).is_ok()), (may_ask, may_end), "{last:?}");
        }
    }
}
