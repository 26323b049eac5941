//! Whether an account is readable, and who may bring it into force. Pure.

use super::model::{NewPayee, PayeeState as State};
use crate::{
    kernel::{Code, FieldError, Problem, Timestamp, text},
    settlement::orders::SECOND_PERSON,
};

crate::codes! {
    PAYEE_MISSING 409 "payee_missing" "村集体还没有复核过的收款账户，请先在“收款账户”里登记，由另一人复核";
    PAYEE_CHANGED 409 "payee_changed" "经办以后收款账户改过了，请退回，核对新账户后重新经办";
    PAYEE_WAITING 409 "payee_waiting" "这里已有一个账户等待复核，请先复核或退回";
    PAYEE_NOT_IN_STATE 409 "payee_not_in_state" "这个账户现在不能这样办，可能已经有人办过；请刷新后再看";
}

/// What was typed, read: the number in digits.
#[derive(Debug, PartialEq, Eq)]
pub struct Read {
    pub holder: String,
    pub number: String,
    pub bank: String,
    pub grounds: String,
}

/// Errors: field errors, all at once.
pub fn read(new: &NewPayee) -> Result<Read, Problem> {
    let mut errors = Vec::new();
    let mut line = |field: &str, typed: &str, least: usize, most: usize, detail: &str| {
        let text = typed.trim();
        if !(least..=most).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            errors.push(FieldError::new(field, Some(text), detail));
        }
        text.to_owned()
    };
    let bank = line("bank", &new.bank, 2, 100, "请填写开户银行和支行名称，最多 100 个字");
    let grounds = line(
        "grounds",
        &new.grounds,
        4,
        500,
        "请写明依据，例如开户许可证或付款人的书面申请（4 到 500 个字，写在一行里）",
    );
    let holder = text::read_name(&new.holder);
    if let Err(e) = &holder {
        errors.push(FieldError::new("holder", Some(&new.holder), e.to_string()));
    }
    let number: String = text::half_width(&new.number).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if !(8..=34).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
        errors.push(FieldError::new("number", None, "银行账号应为 8 到 34 位数字，请对照开户许可证填写"));
    }
    match holder {
        Ok(holder) if errors.is_empty() => Ok(Read { holder: holder.value, number, bank, grounds }),
        _ => Err(Problem::fields(errors)),
    }
}

/// Where an account stands after the second person's word. `is_one`: whether it is the account that wrote it down.
pub fn confirmed(state: State, is_one: bool) -> Result<State, &'static Code> {
    match (state, is_one) {
        (State::Prepared, false) => Ok(State::InForce),
        (State::Prepared, true) => Err(&SECOND_PERSON),
        _ => Err(&PAYEE_NOT_IN_STATE),
    }
}

/// Where it stands after it was refused, or after who wrote it down thought better of it.
pub fn refused(state: State) -> Result<State, &'static Code> {
    if state == State::Prepared { Ok(State::Refused) } else { Err(&PAYEE_NOT_IN_STATE) }
}

/// Whether an account on record can stand (MON-12): one in force was written down and confirmed by two.
pub fn adds_up(state: State, (one, at): (&str, Timestamp), confirmed: Option<(&str, Timestamp)>) -> bool {
    match (state, confirmed) {
        (State::Prepared, None) => true,
        (State::InForce | State::Replaced, Some((other, then))) => one != other && at <= then,
        (State::Refused, Some((_, then))) => at <= then,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_comes_into_force_by_two() {
        assert_eq!(confirmed(State::Prepared, false), Ok(State::InForce));
        assert_eq!(confirmed(State::Prepared, true).map_err(|c| c.code), Err("second_person"));
        assert_eq!(refused(State::Prepared), Ok(State::Refused));
        for ended in [State::InForce, State::Replaced, State::Refused] {
            assert!(confirmed(ended, false).is_err() && refused(ended).is_err(), "{ended}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let good = NewPayee {
            collective_code: "440703103213".parse().expect("a code"),
            deposit_id: None,
            holder: "上巷村股份合作经济联合社".into(),
            number: "8002 0000-1234".into(),
            bank: "农商银行杜阮支行".into(),
            grounds: "开户许可证".into(),
        };
        assert_eq!(read(&good).ok().map(|read| read.number), Some("800200001234".to_owned()));
        let bad =
            NewPayee { holder: String::new(), number: "12".into(), bank: "x".into(), grounds: "无".into(), ..good };
        let fault = read(&bad).expect_err("four faults");
        let mut fields: Vec<&str> = fault.fields.iter().map(FieldError::field).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["bank", "grounds", "holder", "number"]);
    }
}
