//! What an order must be, and who may confirm it. Pure.

use super::model::{NewRanking, Review, State};
use crate::{
    kernel::{FieldError, Problem, Timestamp, text},
    trading::{bid_number, listing::SAME_PERSON},
};

crate::codes! {
    RANKING_NOT_HERE 409 "ranking_not_here" "公告没有规定到限价后按办法评定先后";
    RANKING_NOT_IN_STATE 409 "ranking_not_in_state" "同价评定目前的状态不能办理这一步";
    RANKING_CHANGED 409 "ranking_changed" "您看的不是现在这一份评定，请重新看过再复核";
}

const LONGEST_REASONS: usize = 1000;
const LONGEST_PAPER: usize = 100;
const LONGEST_NOTE: usize = 500;
/// Seven digits in a row are a telephone number or more.
const DIGITS_OF_A_PERSON: usize = 7;

/// Refuses a step that the state does not allow.
///
/// Errors: `ranking_not_in_state`.
pub fn must_be(state: Option<State>, allowed: State) -> Result<(), Problem> {
    let detail = match state {
        Some(state) if state == allowed => return Ok(()),
        Some(state) => format!("同价评定目前是“{}”：{}，不能办理这一步", state.label(), state.next()),
        None => "竞价没有结束，或者没有几个人同在限价，不用评定".to_owned(),
    };
    let problem = Problem::new(&RANKING_NOT_IN_STATE, detail);
    Err(match state {
        Some(state) => problem.with("state", state.as_str()),
        None => problem,
    })
}

/// What was prepared, read and right.
#[derive(Debug, PartialEq, Eq)]
pub struct Prepared {
    pub order: Vec<i32>,
    pub reasons: String,
    pub paper: String,
}

/// Reads what an officer has prepared. `persons`: names that must not become public.
///
/// Errors: field errors, all at once; beside one of the order stand the candidates.
pub fn read(new: &NewRanking, candidates: &[i32], persons: &[String]) -> Result<Prepared, Problem> {
    let mut faults = Vec::new();
    let order = read_order(&new.order, candidates).map_err(|detail| {
        faults.push(FieldError::new("order", Some(&new.order.join("、")), detail));
    });
    let reasons = text::read_paragraph("reasons", &new.reasons, LONGEST_REASONS);
    let reasons = reasons.map_err(|problem| faults.extend(problem.fields));
    let paper = new.paper.trim();
    if paper.is_empty() || paper.chars().count() > LONGEST_PAPER || paper.chars().any(char::is_control) {
        let detail =
            format!("请填写评定文书的名称和文号，最多 {LONGEST_PAPER} 个字，写在一行里，例如 杜府评〔2026〕3号");
        faults.push(FieldError::new("paper", Some(paper).filter(|paper| !paper.is_empty()), detail));
    }
    for (field, typed) in [("reasons", new.reasons.as_str()), ("paper", paper)] {
        if !faults.iter().any(|fault| fault.field() == field)
            && let Some(detail) = names_somebody(typed, persons)
        {
            faults.push(FieldError::new(field, None, detail));
        }
    }
    match (order, reasons) {
        (Ok(order), Ok(reasons)) if faults.is_empty() => Ok(Prepared { order, reasons, paper: paper.to_owned() }),
        _ => {
            let numbers: Vec<String> = candidates.iter().copied().map(bid_number).collect();
            Err(Problem::fields(faults).with("candidates", numbers))
        }
    }
}

fn read_order(typed: &[String], candidates: &[i32]) -> Result<Vec<i32>, String> {
    let number = |text: &String| text::half_width(text.trim()).trim_end_matches('号').trim().parse::<i32>().ok();
    let order: Vec<Option<i32>> = typed.iter().map(number).collect();
    let told =
        |numbers: &[i32]| numbers.iter().map(|n| format!("{} 号", bid_number(*n))).collect::<Vec<_>>().join("、");
    let missing: Vec<i32> = candidates.iter().copied().filter(|n| !order.contains(&Some(*n))).collect();
    if !missing.is_empty() {
        return Err(format!("同在限价的 {} 都要排先后，还缺 {}", told(candidates), told(&missing)));
    }
    if order.len() != candidates.len() {
        return Err(format!("只给同在限价的 {} 排先后，每个号写一次", told(candidates)));
    }
    Ok(order.into_iter().flatten().collect())
}

fn names_somebody(typed: &str, persons: &[String]) -> Option<&'static str> {
    let digits = text::half_width(typed);
    let longest = digits.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let is_named = persons.iter().map(|name| name.trim()).any(|name| !name.is_empty() && typed.contains(name));
    (is_named || longest >= DIGITS_OF_A_PERSON)
        .then_some("这一项会公布：请只写竞买号，不写姓名、电话号码、身份证号或账号")
}

/// A review is of the order that waits now, by somebody else than who prepared it, and says why where it sends back. Returns
/// what is kept of its note.
///
/// Errors: `same_person`, `ranking_changed`, a field error.
pub fn check_review(review: &Review, place: i32, reviewer: &str, prepared_by: Option<&str>) -> Result<String, Problem> {
    if prepared_by == Some(reviewer) {
        return Err(Problem::new(&SAME_PERSON, "拟定评定的人不能自己复核，请由镇街的另一位审核人员办理"));
    }
    if review.place != place {
        return Err(Problem::new(&RANKING_CHANGED, RANKING_CHANGED.title).with("place", place));
    }
    if review.approve { Ok(String::new()) } else { text::read_paragraph("note", &review.note, LONGEST_NOTE) }
}

/// What stands on record of an order.
#[derive(Debug, Clone, Copy)]
pub struct OnRecord<'a> {
    pub state: State,
    pub called_at: Timestamp,
    pub prepared: Option<(&'a str, Timestamp)>,
    pub reviewed: Option<(&'a str, Timestamp)>,
    pub has_order: bool,
    pub has_note: bool,
}

/// Whether it can stand: prepared by one person after the end, then confirmed or sent back by another.
pub fn adds_up(told: OnRecord<'_>) -> bool {
    let by_two = match (told.prepared, told.reviewed) {
        (Some((one, at)), Some((other, then))) => one != other && told.called_at <= at && at <= then,
        (Some((_, at)), None) => told.called_at <= at,
        (None, reviewed) => reviewed.is_none(),
    };
    let (prepared, reviewed) = (told.prepared.is_some(), told.reviewed.is_some());
    by_two
        && told.has_order == prepared
        && told.has_note == (told.state == State::Returned)
        && match told.state {
            State::Called => !prepared,
            State::Prepared => prepared && !reviewed,
            State::Returned | State::Confirmed => reviewed,
            State::Ended => !reviewed,
        }
}

/// Whether an order puts these candidates in order, and nobody else.
pub fn orders(order: &[i32], candidates: &[i32]) -> bool {
    let sorted = |numbers: &[i32]| {
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        sorted
    };
    sorted(order) == sorted(candidates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(order: &[&str], reasons: &str, paper: &str) -> NewRanking {
        let order = order.iter().map(|number| (*number).to_owned()).collect();
        NewRanking { order, reasons: reasons.to_owned(), paper: paper.to_owned(), document: None }
    }

    fn faults(new: &NewRanking) -> Vec<String> {
        let read = read(new, &[2, 3, 1], &["陈甲".to_owned()]);
        read.err().map(|problem| problem.fields.iter().map(|f| f.field().to_owned()).collect()).unwrap_or_default()
    }

    #[test]
    fn every_candidate_has_one_place_and_nobody_is_named() {
        let none: [&str; 0] = [];
        let good = new(&["03", " １号 ", "2"], "03 号为本村成员", "杜府评〔2026〕3号");
        assert_eq!(faults(&good), none);
        assert_eq!(read(&good, &[2, 3, 1], &[]).ok().map(|told| told.order), Some(vec![3, 1, 2]));
        for order in
            [&["03", "01"][..], &["03", "01", "01"], &["03", "01", "02", "04"], &["03", "01", "02", "02"], &["x"]]
        {
            assert_eq!(faults(&new(order, "说明", "文书")), ["order"], "{order:?}");
        }
        assert_eq!(faults(&new(&["03", "01", "02"], " ", "")), ["reasons", "paper"]);
        assert_eq!(faults(&new(&["03", "01", "02"], "陈甲是本村成员", "给陈甲的评定")), ["reasons", "paper"]);
        assert_eq!(faults(&new(&["03", "01", "02"], "电话 13800001111", &"字".repeat(101))), ["paper", "reasons"]);
    }

    #[test]
    fn it_takes_two_and_the_second_looks_at_what_waits_now() {
        let code = |place, approve, reviewer: &str, note: &str| {
            let review = Review { place, approve, note: note.to_owned() };
            check_review(&review, 2, reviewer, Some("one")).err().map(|problem| problem.code.code)
        };
        assert_eq!(code(2, true, "two", ""), None);
        assert_eq!(code(2, true, "one", ""), Some("same_person"));
        assert_eq!(code(1, true, "two", ""), Some("ranking_changed"));
        assert_eq!(code(2, false, "two", " "), Some("invalid_fields"));
        assert_eq!(code(2, false, "two", "请补评分表"), None);
        assert!(must_be(Some(State::Called), State::Called).is_ok());
        assert!(must_be(Some(State::Prepared), State::Called).is_err() && must_be(None, State::Called).is_err());
    }

    #[test]
    fn what_stands_on_record_was_prepared_by_one_and_reviewed_by_another() {
        let at = |text: &str| format!("2026-03-11T{text}+08:00").parse::<Timestamp>().expect("a time");
        let (one, two) = (Some(("one", at("11:00:00"))), Some(("two", at("12:00:00"))));
        let told = |state, prepared, reviewed| OnRecord {
            state,
            called_at: at("10:00:00"),
            prepared,
            reviewed,
            has_order: prepared.is_some(),
            has_note: state == State::Returned,
        };
        for good in [
            told(State::Called, None, None),
            told(State::Prepared, one, None),
            told(State::Returned, one, two),
            told(State::Confirmed, one, two),
            told(State::Ended, None, None),
            told(State::Ended, one, None),
        ] {
            assert!(adds_up(good), "{good:?}");
        }
        for wrong in [
            told(State::Called, one, None),
            told(State::Prepared, one, two),
            told(State::Confirmed, one, Some(("one", at("12:00:00")))),
            told(State::Confirmed, one, Some(("two", at("10:59:59")))),
            told(State::Confirmed, one, None),
            told(State::Ended, one, two),
            OnRecord { called_at: at("11:00:01"), ..told(State::Prepared, one, None) },
            OnRecord { has_order: false, ..told(State::Prepared, one, None) },
            OnRecord { has_note: true, ..told(State::Confirmed, one, two) },
        ] {
            assert!(!adds_up(wrong), "{wrong:?}");
        }
        assert!(orders(&[3, 1, 2], &[1, 2, 3]) && !orders(&[3, 1], &[1, 2, 3]) && !orders(&[1, 1, 2], &[1, 2, 3]));
    }
}
