//! When a paper is taken, when it is examined, and what waits for it. Pure.

use super::model::{Need, PaperState, Timing};
use crate::{
    kernel::{Code, Day, FieldError, Problem, Timestamp},
    trading::papers,
};

crate::codes! {
    QUALIFICATION_NOT_ASKED 409 "qualification_not_asked" "公告不要求资格审查，不用交材料";
    QUALIFICATION_TOO_LATE 409 "qualification_too_late" "交资格材料的时间已经截止";
    QUALIFICATION_NOT_YET 409 "qualification_not_yet" "现在不用交资格材料";
    QUALIFICATION_WITHOUT_PAPER 422 "qualification_without_paper" "请上传资格材料";
    QUALIFICATION_WAITING 409 "qualification_waiting" "资格材料正在等待审查";
    QUALIFICATION_PASSED 409 "qualification_passed" "资格审查已经通过";
    QUALIFICATION_NOT_WAITING 409 "qualification_not_waiting" "这份材料已经审查";
    QUALIFICATION_UNSEEN 409 "qualification_unseen" "请先凭竞买人的编码打开这份报名和材料，再审查";
    QUALIFICATION_OVER 409 "qualification_over" "审查这份材料的时间已经过了";
    QUALIFICATION_MISSING 409 "qualification_missing" "资格材料还没有审查通过";
}

/// When a bidder's turn is.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub timing: Timing,
    /// The end of enrolment.
    pub enrol_until: Timestamp,
    pub opens_at: Timestamp,
    /// After the auction: the last day for who is to be confirmed, or is asked to step in; `None`: it is not this bidder's turn.
    pub turn: Option<Day>,
}

impl Window {
    fn takes(&self, now: Timestamp) -> bool {
        match self.timing {
            Timing::None => false,
            Timing::Before => now < self.enrol_until,
            Timing::After => self.turn.is_some(),
        }
    }
}

/// Whether a paper is taken. `last`: what became of the one before.
///
/// Errors: `qualification_not_asked`, `qualification_too_late`, `qualification_not_yet`, `qualification_waiting`,
/// `qualification_passed`, `qualification_without_paper`.
pub fn hand_in(window: Window, last: Option<PaperState>, now: Timestamp, is_empty: bool) -> Result<(), Problem> {
    let of = |code: &'static Code, detail: String| Err(Problem::new(code, detail));
    match (window.timing, last) {
        (Timing::None, _) => {
            of(&QUALIFICATION_NOT_ASKED, "本公告不要求资格审查，交了保证金就可以竞价，不用交材料".to_owned())
        }
        (_, Some(PaperState::Waiting)) => {
            of(&QUALIFICATION_WAITING, "您的材料已经交了，正在等待审查；没有通过的可以补正后再交".to_owned())
        }
        (_, Some(PaperState::Passed)) => of(&QUALIFICATION_PASSED, "您的资格审查已经通过，不用再交材料".to_owned()),
        (Timing::Before, _) if !window.takes(now) => {
            let until = window.enrol_until;
            let detail = format!("资格材料应在 {} 之前交，已经截止", until.second_text());
            Err(Problem::new(&QUALIFICATION_TOO_LATE, detail).with("until", until.to_string()))
        }
        (Timing::After, _) if !window.takes(now) => {
            let detail = "本公告在成交后审查资格：竞得的人，和前一位没有履行时被请来递补的人，才要交材料";
            of(&QUALIFICATION_NOT_YET, detail.to_owned())
        }
        _ if is_empty => {
            let mut problem = Problem::from(&QUALIFICATION_WITHOUT_PAPER);
            problem.fields.push(FieldError::new("file", None, "请选择要交的材料，几页的请拍成一份 PDF"));
            Err(problem)
        }
        _ => Ok(()),
    }
}

/// Whether a paper can be examined now.
///
/// Errors: `qualification_not_waiting`, `qualification_over`.
pub fn examine(window: Window, state: PaperState, now: Timestamp) -> Result<(), Problem> {
    if state != PaperState::Waiting {
        let detail = format!("这份材料的审查结果是“{}”，不能再次审查", state.label());
        return Err(Problem::new(&QUALIFICATION_NOT_WAITING, detail));
    }
    match window.timing {
        Timing::Before if now >= window.opens_at => {
            let detail = format!("竞价已于 {} 开始，开始之后不再审查", window.opens_at.second_text());
            Err(Problem::new(&QUALIFICATION_OVER, detail).with("until", window.opens_at.to_string()))
        }
        Timing::After if window.turn.is_none() => {
            Err(Problem::new(&QUALIFICATION_OVER, "现在等待确认的已经不是这一位，不用再审查".to_owned()))
        }
        _ => Ok(()),
    }
}

/// What is asked of a bidder now. `last`: what became of the last paper.
pub fn need(window: Window, last: Option<PaperState>, now: Timestamp) -> Need {
    match (window.timing, last) {
        (Timing::None, _) => Need::Nothing,
        (_, Some(PaperState::Passed)) => Need::Passed,
        (_, Some(PaperState::Waiting)) => Need::Waiting,
        (_, _) if window.takes(now) => Need::Due,
        (_, Some(PaperState::Refused)) => Need::Refused,
        (_, None) => Need::Nothing,
    }
}

/// A sentence that shows an examiner what is to be written down.
pub const EXAMPLE: &str = "营业执照在有效期内，与报名信息一致";

/// What was found, read. `puts_out`: a refusal puts out who won, which needs a decision.
///
/// Errors: field errors.
pub fn read(note: &str, decision: &str, puts_out: bool) -> Result<(String, String), Problem> {
    let (note, decision) = (papers::read_note(note, EXAMPLE), decision.trim());
    let mut errors = Vec::new();
    if puts_out && decision.is_empty() {
        let detail = "没有通过的，竞得人就不能成交；请填写决定文件的名称或文号，例如 杜阮交易处〔2026〕3号";
        errors.push(FieldError::new("decision", None, detail));
    }
    if !puts_out && !decision.is_empty() {
        let detail = "只有成交后审查没有通过的才要决定文件，请留空";
        errors.push(FieldError::new("decision", Some(decision), detail));
    }
    match note {
        Ok(note) if errors.is_empty() => Ok((note, decision.to_owned())),
        note => Err(Problem::fields(note.err().into_iter().chain(errors).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-03-{text}+08:00").parse().expect("a time")
    }

    fn window(timing: Timing, is_turn: bool) -> Window {
        Window {
            timing,
            enrol_until: at("10T17:00:00"),
            opens_at: at("11T09:30:00"),
            turn: is_turn.then_some(at("20T00:00:00").day()),
        }
    }

    fn code<T>(told: Result<T, Problem>) -> Option<&'static str> {
        told.err().map(|problem| problem.code.code)
    }

    #[test]
    fn a_paper_is_taken_in_its_time_and_again_after_a_refusal() {
        let (before, in_time, late) = (window(Timing::Before, false), at("10T16:59:59"), at("10T17:00:00"));
        let asked = |window, last, now| code(hand_in(window, last, now, false));
        assert_eq!(asked(before, None, in_time), None);
        assert_eq!(asked(before, Some(PaperState::Refused), in_time), None);
        assert_eq!(asked(before, Some(PaperState::Waiting), in_time), Some("qualification_waiting"));
        assert_eq!(asked(before, Some(PaperState::Passed), in_time), Some("qualification_passed"));
        assert_eq!(asked(before, None, late), Some("qualification_too_late"));
        assert_eq!(asked(window(Timing::None, true), None, in_time), Some("qualification_not_asked"));
        assert_eq!(asked(window(Timing::After, false), None, late), Some("qualification_not_yet"));
        assert_eq!(asked(window(Timing::After, true), None, late), None);
        assert_eq!(code(hand_in(before, None, in_time, true)), Some("qualification_without_paper"));
    }

    #[test]
    fn a_paper_is_examined_once_and_before_the_opening_or_in_its_turn() {
        let before = window(Timing::Before, false);
        let asked = |window, state, now| code(examine(window, state, now));
        assert_eq!(asked(before, PaperState::Waiting, at("11T09:29:59")), None);
        assert_eq!(asked(before, PaperState::Waiting, at("11T09:30:00")), Some("qualification_over"));
        assert_eq!(asked(before, PaperState::Passed, at("10T09:00:00")), Some("qualification_not_waiting"));
        assert_eq!(asked(window(Timing::After, true), PaperState::Waiting, at("20T09:00:00")), None);
        let passed_on = window(Timing::After, false);
        assert_eq!(asked(passed_on, PaperState::Waiting, at("20T09:00:00")), Some("qualification_over"));
    }

    #[test]
    fn what_is_asked_of_a_bidder() {
        let (before, now, late) = (window(Timing::Before, false), at("09T09:00:00"), at("11T09:00:00"));
        assert_eq!(need(before, None, now), Need::Due);
        assert_eq!(need(before, Some(PaperState::Refused), now), Need::Due);
        assert_eq!(need(before, Some(PaperState::Refused), late), Need::Refused);
        assert_eq!(need(before, Some(PaperState::Waiting), late), Need::Waiting);
        assert_eq!(need(before, None, late), Need::Nothing);
        assert_eq!(need(window(Timing::After, false), None, now), Need::Nothing);
        assert_eq!(need(window(Timing::After, true), None, late), Need::Due);
        assert_eq!(need(window(Timing::None, true), None, now), Need::Nothing);
    }

    #[test]
    fn a_refusal_of_who_won_needs_a_decision_and_nothing_else_does() {
        assert!(read(" 证照一致 ", "", false).is_ok() && read("已过有效期", "3号", true).is_ok());
        let fields = |note, decision, puts_out| -> Vec<String> {
            let problem = read(note, decision, puts_out).expect_err("a fault");
            problem.fields.iter().map(|field| field.field().to_owned()).collect()
        };
        assert_eq!(fields(" ", "", true), ["note", "decision"]);
        assert_eq!(fields("证照一致", "3号", false), ["decision"]);
    }
}
