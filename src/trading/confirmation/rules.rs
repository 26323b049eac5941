//! When a result is confirmed, and who comes next. Pure.

use super::{
    super::{auction::Direction, exclusions, objections::Pending},
    model::{Failing, Ground, State},
};
use crate::{
    kernel::{Day, Fen, FieldError, Problem, text::read_day},
    policy::Rule,
};

crate::codes! {
    RESULT_NOTICE_RUNNING 409 "result_notice_running" "结果还在公示，公示期满才能确认";
    OBJECTIONS_OPEN 409 "objections_open" "还有异议没有答复，答复之前不能确认";
    OBJECTION_UPHELD 409 "objection_upheld" "有异议成立，不能确认；请登记竞得人未履行，或者登记成交作废";
    ALREADY_CONFIRMED 409 "already_confirmed" "这个结果已经确认过，或者已经往下递补";
    NOBODY_IN_LINE 409 "nobody_in_line" "现在没有等待签合同或答复的人";
    NOT_OFFERED 409 "not_offered" "现在没有请您递补，或者答复期已过";
    CONTRACT_SIGNED 409 "contract_signed" "合同已经登记，不能再改成交结果；要结束租赁请解除合同";
    NOT_CONFIRMED 409 "not_confirmed" "成交结果还没有确认，不能登记合同";
}

/// Whether the result can be confirmed for the winner.
///
/// Errors: `already_confirmed`, `result_notice_running`, `objections_open`, `objection_upheld`.
pub fn check_confirm(named: usize, notice_until: Day, pending: Pending, today: Day) -> Result<(), Problem> {
    if named > 0 {
        return Err((&ALREADY_CONFIRMED).into());
    }
    if today <= notice_until {
        let detail = format!("结果公示到 {notice_until} 为止，{} 起才能确认", notice_until.plus_days(1));
        return Err(Problem::new(&RESULT_NOTICE_RUNNING, detail).with("until", notice_until.to_string()));
    }
    if pending.open > 0 {
        let detail = format!("还有 {} 条异议没有答复，答复之前不能确认", pending.open);
        return Err(Problem::new(&OBJECTIONS_OPEN, detail).with("open", pending.open));
    }
    if pending.upheld > 0 { Err((&OBJECTION_UPHELD).into()) } else { Ok(()) }
}

/// Whether an offer to step in is still to be answered.
///
/// Errors: `not_offered`.
pub fn check_answer(state: State, answer_by: Option<Day>, today: Day) -> Result<(), Problem> {
    match (state, answer_by) {
        (State::Offered, Some(by)) if today <= by => Ok(()),
        (State::Offered, Some(by)) => {
            Err(Problem::new(&NOT_OFFERED, format!("答复期到 {by} 为止，已经过了；请与镇街交易员联系")))
        }
        _ => Err((&NOT_OFFERED).into()),
    }
}

const LONGEST_DECISION: usize = 60;
const LONGEST_NOTE: usize = 500;

/// What is said of one who failed, read and checked.
#[derive(Debug)]
pub struct Failed {
    pub ground: Ground,
    pub decision: String,
    pub note: String,
    /// Ground and last day of the exclusion that goes with it.
    pub exclusion: Option<(exclusions::Ground, Day)>,
}

/// Where whoever is out by it stands.
#[derive(Debug, Clone, Copy)]
pub struct Stands {
    pub state: State,
    /// Last day to answer, of one that is asked to step in.
    pub answer_by: Option<Day>,
    /// Last day to hand in papers, of a winner who has handed in none.
    pub papers_by: Option<Day>,
}

/// Ground, decision and note of one who failed; `of_the_sale`: the whole sale is void.
///
/// Errors: field errors; that somebody did not answer, or handed nothing in, can be said only after the last day for it.
pub fn read_failing(
    failing: &Failing,
    of_the_sale: bool,
    stands: Stands,
    today: Day,
    most_months: &Rule<u32>,
) -> Result<Failed, Problem> {
    let mut errors = Vec::new();
    let ground = failing.ground;
    let fits = if of_the_sale { ground.is_of_the_sale() } else { ground.is_of_a_bidder() };
    if !fits {
        let fitting = Ground::ALL.iter().filter(|g| if of_the_sale { g.is_of_the_sale() } else { g.is_of_a_bidder() });
        let fitting: Vec<&str> = fitting.map(|ground| ground.label()).collect();
        let detail = format!("这里不能用“{}”，可以选：{}", ground.label(), fitting.join("、"));
        errors.push(FieldError::new("ground", Some(ground.as_str()), detail));
    } else if let Some(detail) = too_early(ground, stands, today) {
        errors.push(FieldError::new("ground", Some(ground.as_str()), detail));
    }
    let decision = failing.decision.trim();
    let is_bad = |text: &str| text.chars().any(char::is_control);
    if decision.is_empty() || decision.chars().count() > LONGEST_DECISION || is_bad(decision) {
        let detail = format!("请填写作出决定的文件名称或文号，最多 {LONGEST_DECISION} 个字，写在一行里");
        errors.push(FieldError::new("decision", Some(decision), detail));
    }
    let note = failing.note.trim();
    if note.chars().count() > LONGEST_NOTE || is_bad(note) {
        errors.push(FieldError::new("note", Some(note), format!("最多 {LONGEST_NOTE} 个字，写在一行里")));
    }
    let exclusion = read_exclusion(failing, of_the_sale, today, most_months).map_err(|fault| errors.push(fault));
    if let (true, Ok(exclusion)) = (errors.is_empty(), exclusion) {
        Ok(Failed { ground, decision: decision.to_owned(), note: note.to_owned(), exclusion })
    } else {
        Err(Problem::fields(errors))
    }
}

/// Why nobody can be said to be late; `None`: somebody is, or it is not about that.
fn too_early(ground: Ground, stands: Stands, today: Day) -> Option<String> {
    let (by, what, whose) = match ground {
        Ground::NoAnswer => {
            let by = stands.answer_by.filter(|_| stands.state == State::Offered);
            (by, "答复期", "只有被请来递补的人才会逾期没有答复，请选别的原因")
        }
        Ground::NoPapers => {
            let whose = "只有公告规定成交后审查资格、竞得人一份材料也没有交的，才能选这个原因";
            (stands.papers_by, "交资格材料的时间", whose)
        }
        _ => return None,
    };
    match by {
        Some(by) if today > by => None,
        Some(by) => Some(format!("{what}到 {by} 为止，过了这天才能登记“{}”", ground.label())),
        None => Some(whose.to_owned()),
    }
}

fn read_exclusion(
    failing: &Failing,
    of_the_sale: bool,
    today: Day,
    most_months: &Rule<u32>,
) -> Result<Option<(exclusions::Ground, Day)>, FieldError> {
    let typed = failing.exclude_until.as_deref().map(str::trim).filter(|typed| !typed.is_empty());
    let Some(typed) = typed else { return Ok(None) };
    let fault = |detail: String| FieldError::new("exclude_until", Some(typed), detail);
    let Some(ground) = failing.ground.excludes_for().filter(|_| !of_the_sale) else {
        return Err(fault("这种情形不限制竞买，请把限制竞买的最后一天留空".into()));
    };
    let until = read_day(typed).map_err(|e| fault(e.to_string()))?;
    exclusions::check_period(today, Some(until), today, most_months).map_err(fault)?;
    Ok(Some((ground, until)))
}

/// Bid number of whoever stands at a place of the line; 1 is the winner. `most`: so many may come after the winner.
pub fn in_line(winner: i32, successors: &[i32], most: u32, place: i32) -> Option<i32> {
    let after = usize::try_from(place).ok()?.checked_sub(1)?;
    match after.checked_sub(1) {
        None => Some(winner),
        Some(nth) => successors.get(nth).copied().filter(|_| u32::try_from(after).is_ok_and(|after| after <= most)),
    }
}

/// How much worse the collective stands; nothing where it stands no worse.
pub fn gap(direction: Direction, promised: Fen, sold_again: Fen) -> Fen {
    if direction.is_better(promised, sold_again) { Fen((promised.0 - sold_again.0).abs()) } else { Fen::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn nothing_is_confirmed_before_its_time() {
        let (until, none) = (day("2026-03-17"), Pending { open: 0, upheld: 0 });
        let code = |named, pending, today| check_confirm(named, until, pending, today).err().map(|p| p.code.code);
        assert_eq!(code(0, none, until.plus_days(1)), None);
        assert_eq!(code(0, none, until), Some("result_notice_running"));
        assert_eq!(code(0, Pending { open: 1, upheld: 0 }, until.plus_days(1)), Some("objections_open"));
        assert_eq!(code(0, Pending { open: 0, upheld: 1 }, until.plus_days(1)), Some("objection_upheld"));
        assert_eq!(code(1, none, until.plus_days(1)), Some("already_confirmed"));
    }

    #[test]
    fn the_line_is_as_long_as_the_place_allows() {
        let line = |most, place| in_line(3, &[1, 4, 2], most, place);
        assert_eq!([line(2, 1), line(2, 2), line(2, 3), line(2, 4)], [Some(3), Some(1), Some(4), None]);
        assert_eq!([line(0, 1), line(0, 2)], [Some(3), None]);
        assert_eq!(in_line(3, &[], 2, 2), None);
        assert_eq!(line(2, 0), None);
    }

    #[test]
    fn a_failure_has_a_ground_that_fits_and_a_decision() {
        let (today, by) = (day("2026-03-20"), day("2026-03-20"));
        let told = |ground, decision: &str, sale, state, today| {
            let failing = Failing { ground, decision: decision.into(), note: String::new(), exclude_until: None };
            let stands = Stands { state, answer_by: Some(by), papers_by: Some(by) };
            match read_failing(&failing, sale, stands, today, &most_months()) {
                Ok(_) => Vec::new(),
                Err(problem) => problem.fields.iter().map(|f| f.field().to_owned()).collect(),
            }
        };
        let none = Vec::<String>::new();
        assert_eq!(told(Ground::RefusedToSign, "3号", false, State::Confirmed, today), none);
        assert_eq!(told(Ground::RefusedToSign, "3号", true, State::Confirmed, today), ["ground"]);
        assert_eq!(told(Ground::SystemFault, " ", false, State::Confirmed, today), ["ground", "decision"]);
        assert_eq!(told(Ground::SystemFault, "3号", true, State::Confirmed, today), none);
        assert_eq!(told(Ground::NoAnswer, "3号", false, State::Offered, today), ["ground"], "the day is not over");
        assert_eq!(told(Ground::NoAnswer, "3号", false, State::Offered, today.plus_days(1)), none);
        assert_eq!(told(Ground::NoAnswer, "3号", false, State::Confirmed, today.plus_days(1)), ["ground"]);
        assert_eq!(told(Ground::NoPapers, "3号", false, State::Confirmed, today), ["ground"], "the day is not over");
        assert_eq!(told(Ground::NoPapers, "3号", false, State::Confirmed, today.plus_days(1)), none);
    }

    fn most_months() -> Rule<u32> {
        Rule { value: 36, basis: "x".into(), from: day("2020-01-01"), verified: false, set: "x".into() }
    }

    #[test]
    fn an_exclusion_follows_from_a_fault_alone_and_is_no_longer_than_the_place_allows() {
        let today = day("2026-03-20");
        let told = |ground, until: &str, sale| {
            let until = Some(until.to_owned());
            let failing = Failing { ground, decision: "3号".into(), note: String::new(), exclude_until: until };
            let stands = Stands { state: State::Confirmed, answer_by: None, papers_by: None };
            let read = read_failing(&failing, sale, stands, today, &most_months());
            read.map(|failed| failed.exclusion.map(|(ground, _)| ground.as_str())).map_err(|p| p.fields.len())
        };
        assert_eq!(told(Ground::Unpaid, "2027-03-20", false), Ok(Some("default_after_winning")));
        assert_eq!(told(Ground::Collusion, "2029-03-20", false), Ok(Some("collusion")));
        assert_eq!(told(Ground::Unpaid, " ", false), Ok(None));
        for (ground, until, sale) in [
            (Ground::Unqualified, "2027-03-20", false),
            (Ground::Collusion, "2027-03-20", true),
            (Ground::Unpaid, "2029-03-21", false),
            (Ground::Unpaid, "2026-03-19", false),
            (Ground::Unpaid, "明年", false),
        ] {
            assert_eq!(told(ground, until, sale), Err(1), "{until}");
        }
    }

    #[test]
    fn an_offer_is_answered_to_its_last_day() {
        let by = day("2026-03-20");
        assert!(check_answer(State::Offered, Some(by), by).is_ok());
        assert!(check_answer(State::Offered, Some(by), by.plus_days(1)).is_err());
        assert!(check_answer(State::Confirmed, Some(by), by).is_err());
    }

    #[test]
    fn a_lease_falls_short_below_and_a_purchase_above() {
        assert_eq!(gap(Direction::Up, Fen(800), Fen(750)), Fen(50));
        assert_eq!(gap(Direction::Up, Fen(800), Fen(801)), Fen::ZERO);
        assert_eq!(gap(Direction::Down, Fen(700), Fen(760)), Fen(60));
        assert_eq!(gap(Direction::Down, Fen(700), Fen(690)), Fen::ZERO);
    }
}
