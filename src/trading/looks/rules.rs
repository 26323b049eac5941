//! What a reason may be. Pure.

use super::model::GlassState as State;
use crate::kernel::{Code, Problem, Timestamp, text};

crate::codes! {
    BREAK_GLASS_WAITING 409 "break_glass_waiting" "这个项目已有一份查看申请在等另一人同意";
    BREAK_GLASS_SECOND_PERSON 409 "break_glass_second_person" "申请和同意要由两个人完成；请另一位有权限的人登录后同意";
    BREAK_GLASS_DECIDED 409 "break_glass_decided" "这份申请已经有人办过，请刷新后再看";
    BREAK_GLASS_NOT_AGREED 409 "break_glass_not_agreed" "还没有另一人同意，不能查看";
    BREAK_GLASS_OVER 409 "break_glass_over" "可以查看的时间已经过了，还需要看的请重新申请";
    BREAK_GLASS_OF_ANOTHER 409 "break_glass_of_another" "只有申请的人能查看；您需要看的，请自己申请，由另一人同意";
    NO_SUCH_REMARK 404 "no_such_remark" "本项目没有这个转账备注的报名；请照竞买人的报名回执核对";
}

const LONGEST_REASON: usize = 200;
/// Seven digits in a row are a telephone number or more.
const DIGITS_OF_A_PERSON: usize = 7;

/// Errors: a field error; the reason becomes public and names nobody by a number.
pub fn read_reason(typed: &str) -> Result<String, Problem> {
    let reason = typed.trim();
    let length = reason.chars().count();
    if length == 0 || length > LONGEST_REASON || reason.chars().any(char::is_control) {
        let detail = format!("请写明理由，最多 {LONGEST_REASON} 个字；竞价结束后公开");
        return Err(Problem::field("reason", None, detail));
    }
    let digits = text::half_width(reason);
    let longest = digits.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    if longest >= DIGITS_OF_A_PERSON {
        return Err(Problem::field("reason", None, "理由会公开，请不要写电话号码、身份证号或账号，也不要写姓名"));
    }
    Ok(reason.to_owned())
}

/// Where a request stands after another officer's word. `is_one`: whether it is the account that asked.
pub fn agreed(state: State, is_one: bool) -> Result<State, &'static Code> {
    match (state, is_one) {
        (State::Requested, false) => Ok(State::Agreed),
        (State::Requested, true) => Err(&BREAK_GLASS_SECOND_PERSON),
        _ => Err(&BREAK_GLASS_DECIDED),
    }
}

/// Where it stands after it was refused, or after who asked thought better of it.
pub fn refused(state: State) -> Result<State, &'static Code> {
    if state == State::Requested { Ok(State::Refused) } else { Err(&BREAK_GLASS_DECIDED) }
}

/// Whether the names are shown now. `is_one`: whether it is the account that asked.
///
/// Errors: `break_glass_not_agreed`, `break_glass_of_another`, `break_glass_over`.
pub fn look(state: State, is_one: bool, until: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
    let Some(until) = until.filter(|_| state == State::Agreed) else { return Err((&BREAK_GLASS_NOT_AGREED).into()) };
    if !is_one {
        return Err((&BREAK_GLASS_OF_ANOTHER).into());
    }
    if now >= until {
        let detail = format!("可以查看的时间到 {} 为止，已经过了；还需要看的请重新申请", until.second_text());
        return Err(Problem::new(&BREAK_GLASS_OVER, detail).with("until", until.to_string()));
    }
    Ok(())
}

/// What stands on record of a request.
#[derive(Debug, Clone, Copy)]
pub struct OnRecord<'a> {
    pub state: State,
    pub requested: (&'a str, Timestamp),
    pub decided: Option<(&'a str, Timestamp)>,
    pub until: Option<Timestamp>,
}

/// Whether it can stand: agreed to by another person, for a time after that.
pub fn adds_up(request: OnRecord<'_>) -> bool {
    let (one, at) = request.requested;
    match (request.state, request.decided, request.until) {
        (State::Requested, None, None) => true,
        (State::Agreed, Some((other, then)), Some(until)) => one != other && at <= then && then <= until,
        (State::Refused, Some((_, then)), None) => at <= then,
        _ => false,
    }
}

/// Whether a look can stand on a request.
pub fn stands_on(request: OnRecord<'_>, who: &str, at: Timestamp) -> bool {
    let from = request.decided.map(|(_, then)| then);
    request.state == State::Agreed
        && request.requested.0 == who
        && from.is_some_and(|from| at >= from)
        && request.until.is_some_and(|until| at < until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-03-11T{text}+08:00").parse().expect("a time")
    }

    #[test]
    fn it_takes_two_and_the_names_are_shown_for_a_while_to_who_asked() {
        let code = |told: Result<State, &'static Code>| told.err().map(|code| code.code);
        assert_eq!(agreed(State::Requested, false), Ok(State::Agreed));
        assert_eq!(code(agreed(State::Requested, true)), Some("break_glass_second_person"));
        assert_eq!(code(agreed(State::Refused, false)), Some("break_glass_decided"));
        assert_eq!(refused(State::Requested), Ok(State::Refused));
        assert_eq!(code(refused(State::Agreed)), Some("break_glass_decided"));
        let until = Some(at("10:00:00"));
        let seen = |state, is_one, now| look(state, is_one, until, at(now)).err().map(|problem| problem.code.code);
        assert_eq!(seen(State::Agreed, true, "09:59:59"), None);
        assert_eq!(seen(State::Agreed, true, "10:00:00"), Some("break_glass_over"));
        assert_eq!(seen(State::Agreed, false, "09:59:59"), Some("break_glass_of_another"));
        assert_eq!(seen(State::Requested, true, "09:59:59"), Some("break_glass_not_agreed"));
    }

    #[test]
    fn what_stands_on_record_was_asked_by_one_and_agreed_by_another() {
        let (asked, then, until) = (("one", at("09:00:00")), Some(("two", at("09:10:00"))), Some(at("09:40:00")));
        let good = OnRecord { state: State::Agreed, requested: asked, decided: then, until };
        assert!(adds_up(good));
        assert!(adds_up(OnRecord { state: State::Requested, decided: None, until: None, ..good }));
        assert!(adds_up(OnRecord { state: State::Refused, until: None, ..good }));
        assert!(!adds_up(OnRecord { decided: Some(("one", at("09:10:00"))), ..good }));
        assert!(!adds_up(OnRecord { until: None, ..good }));
        assert!(!adds_up(OnRecord { decided: Some(("two", at("08:59:59"))), ..good }));
        assert!(stands_on(good, "one", at("09:10:00")) && stands_on(good, "one", at("09:39:59")));
        assert!(!stands_on(good, "two", at("09:20:00")) && !stands_on(good, "one", at("09:40:00")));
    }

    #[test]
    fn a_reason_is_given_and_names_nobody_by_a_number() {
        assert!(read_reason(" 核对申报的优先权 ").is_ok());
        for wrong in ["", "  ", "查 13800001111", "\u{7}"] {
            assert!(read_reason(wrong).is_err(), "{wrong}");
        }
    }
}
