//! What may be done with money that fitted nobody. Pure.

use super::model::UnidentifiedState as State;
use crate::{
    kernel::{Code, Day, Fen, Problem},
    settlement::{orders::SECOND_PERSON, same_name},
};

crate::codes! {
    LINE_NOT_FREE 409 "line_not_free" "只有还没勾对的收入流水才能登记为待查款；支出和已勾对的不能";
    UNIDENTIFIED_NOT_IN_STATE 409 "unidentified_not_in_state" "这笔待查款现在不能这样办，可能已经有人办过；请刷新后再看";
    UNIDENTIFIED_DIFFERS 409 "unidentified_differs" "这个流水号登记在待查款里，金额、付款户名或到账日期不一样";
}

/// What the receipt says, for a comparison with a deposit that names its number.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub amount: Fen,
    pub payer: &'a str,
    pub on: Day,
}

/// Whether a deposit that names the number of this receipt is the same money.
///
/// Errors: `unidentified_differs`, `unidentified_not_in_state`.
pub fn check_claim(state: State, booked: Told<'_>, typed: Told<'_>) -> Result<(), Problem> {
    if state != State::Open {
        return Err((&UNIDENTIFIED_NOT_IN_STATE).into());
    }
    if booked.amount == typed.amount && booked.on == typed.on && same_name(booked.payer, typed.payer) {
        return Ok(());
    }
    let detail = format!(
        "这个流水号登记在待查款里：{} 到账，{} 元，付款户名“{}”；请照此填写，或者核对流水号",
        booked.on,
        booked.amount.grouped(),
        booked.payer
    );
    Err(Problem::new(&UNIDENTIFIED_DIFFERS, detail).with("amount", booked.amount.to_string()))
}

/// Where it stands after somebody wants it to go back.
pub fn prepared(state: State) -> Result<State, &'static Code> {
    if state == State::Open { Ok(State::Returning) } else { Err(&UNIDENTIFIED_NOT_IN_STATE) }
}

/// Where it stands after the second person's word. `is_one`: whether it is the account that wanted it.
pub fn returned(state: State, is_one: bool) -> Result<State, &'static Code> {
    match (state, is_one) {
        (State::Returning, false) => Ok(State::Returned),
        (State::Returning, true) => Err(&SECOND_PERSON),
        _ => Err(&UNIDENTIFIED_NOT_IN_STATE),
    }
}

/// Where it stands after it was refused to let it go, or after who wanted it thought better of it.
pub fn refused(state: State) -> Result<State, &'static Code> {
    if state == State::Returning { Ok(State::Open) } else { Err(&UNIDENTIFIED_NOT_IN_STATE) }
}

/// Grounds in one line.
///
/// Errors: a field error.
pub fn read_grounds(typed: &str) -> Result<String, Problem> {
    let grounds = typed.trim();
    if !(4..=500).contains(&grounds.chars().count()) || grounds.chars().any(char::is_control) {
        return Err(Problem::field("grounds", Some(grounds), "请写明理由（4 到 500 个字，写在一行里）"));
    }
    Ok(grounds.to_owned())
}

/// Whether a receipt on record can stand: it went back by two accounts and with a number of the bank, or into a deposit.
pub fn adds_up(
    state: State,
    prepared: Option<&str>,
    settled: Option<&str>,
    has_payment: bool,
    has_deposit: bool,
) -> bool {
    match (state, prepared, settled) {
        (State::Open, None, None) | (State::Returning, Some(_), None) => !has_payment && !has_deposit,
        (State::Identified, None, Some(_)) => has_deposit && !has_payment,
        (State::Returned, Some(one), Some(other)) => one != other && has_payment && !has_deposit,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_back_by_two_persons_and_ends_once() {
        assert_eq!(prepared(State::Open), Ok(State::Returning));
        assert_eq!(returned(State::Returning, true).map_err(|c| c.code), Err("second_person"));
        assert_eq!(returned(State::Returning, false), Ok(State::Returned));
        assert_eq!(refused(State::Returning), Ok(State::Open));
        for ended in [State::Identified, State::Returned] {
            assert!(prepared(ended).is_err() && returned(ended, false).is_err() && refused(ended).is_err(), "{ended}");
        }
        assert!(returned(State::Open, false).is_err() && prepared(State::Returning).is_err());
    }

    #[test]
    fn a_deposit_takes_over_the_same_money_alone() {
        let on = |text: &str| text.parse::<Day>().expect("a day");
        let booked = Told { amount: Fen(100), payer: "陈A", on: on("2026-03-03") };
        let code = |state, typed| check_claim(state, booked, typed).err().map(|p| p.code.code);
        assert_eq!(code(State::Open, Told { payer: "陈 A", ..booked }), None);
        for other in [
            Told { amount: Fen(101), ..booked },
            Told { payer: "陈B", ..booked },
            Told { on: on("2026-03-04"), ..booked },
        ] {
            assert_eq!(code(State::Open, other), Some("unidentified_differs"), "{other:?}");
        }
        assert_eq!(code(State::Returning, booked), Some("unidentified_not_in_state"));
    }
}
