//! Whether money that arrived is the deposit that was asked for. Pure.

use super::model::{Arrival, DepositState, Expected};
use crate::kernel::{Fen, FieldError, Problem, Timestamp, text};

crate::codes! {
    PAYER_DIFFERS 409 "payer_differs" "付款户名与报名的竞买人不一致，保证金应由竞买人本人账户转入";
    DEPOSIT_SHORT 409 "deposit_short" "到账金额少于应缴保证金";
    DEPOSIT_LATE 409 "deposit_late" "保证金在截止时间之后到账";
    DEPOSIT_RECORDED 409 "deposit_recorded" "这位竞买人的保证金已经登记";
    REFERENCE_TAKEN 409 "reference_taken" "这个银行流水号已经登记过，请核对是否重复登记";
    /// Deposits of different bidders from one account are deemed collusion (Regulation on the Implementation of the Tender Law, art. 40-6).
    PAYER_SHARED 409 "payer_shared" "同一个付款账号为本标的的两位竞买人交保证金，涉嫌串通，没有登记；请核对后另行处理";
}

/// The sentence of a refusal that stands in the log by its code.
pub fn refusal_title(code: &str) -> &'static str {
    ALL.iter().find(|known| known.code == code).map_or("与应缴保证金不符", |known| known.title)
}

/// What was typed, read.
#[derive(Debug, PartialEq, Eq)]
pub struct Read {
    pub amount: Fen,
    pub payer_name: String,
    /// Digits only.
    pub payer_account: Option<String>,
    pub reference: String,
}

/// Reads what was typed; all field errors at once.
pub fn read(arrival: &Arrival, now: Timestamp) -> Result<Read, Problem> {
    let mut errors = Vec::new();
    let mut add = |field: &str, seen: Option<&str>, detail: String| errors.push(FieldError::new(field, seen, detail));
    let amount = text::read_yuan(&arrival.amount).map_err(|e| add("amount", Some(&arrival.amount), e.to_string()));
    let payer =
        text::read_name(&arrival.payer_name).map_err(|e| add("payer_name", Some(&arrival.payer_name), e.to_string()));
    let account: String =
        text::half_width(&arrival.payer_account).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let account_fits =
        account.is_empty() || ((8..=34).contains(&account.len()) && account.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !account_fits {
        add("payer_account", None, "银行账号应为 8 到 34 位数字，请对照银行回单填写".to_owned());
    }
    let reference = text::half_width(arrival.reference.trim());
    if reference.is_empty() || reference.chars().count() > 64 || reference.chars().any(char::is_control) {
        add("reference", Some(&arrival.reference), "请填写银行回单上的交易流水号，最多 64 个字符".to_owned());
    }
    if arrival.received_at > now {
        add(
            "received_at",
            Some(&arrival.received_at.minute_text()),
            "到账时间不能晚于现在，请对照银行回单填写".to_owned(),
        );
    }
    match (amount, payer) {
        (Ok(amount), Ok(payer)) if errors.is_empty() => Ok(Read {
            amount,
            payer_name: payer.value,
            payer_account: (!account.is_empty()).then_some(account),
            reference,
        }),
        _ => Err(Problem::fields(errors)),
    }
}

/// One name in the many ways it is typed: width, case and blanks do not count.
pub fn same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| -> String {
        text::half_width(name).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
    };
    plain(one) == plain(other)
}

/// Whether it is the deposit that was asked for: from the bidder, in full, in time, and from an account that paid for no other
/// bidder of the lot (`is_shared`).
pub fn check(expected: &Expected, got: &Read, received_at: Timestamp, is_shared: bool) -> Result<(), Problem> {
    if !same_name(&expected.bidder_name, &got.payer_name) {
        return Err((&PAYER_DIFFERS).into());
    }
    if is_shared {
        return Err((&PAYER_SHARED).into());
    }
    if got.amount < expected.amount {
        let detail =
            format!("到账 {} 元，应缴 {} 元；请竞买人一次足额转入", got.amount.grouped(), expected.amount.grouped());
        return Err(Problem::new(&DEPOSIT_SHORT, detail).with("minimum", expected.amount.to_string()));
    }
    if received_at > expected.until {
        let until = expected.until.minute_text();
        let detail = format!("保证金应在 {until} 前到账，这一笔晚到，应原路退回付款人");
        return Err(Problem::new(&DEPOSIT_LATE, detail).with("until", expected.until.to_string()));
    }
    Ok(())
}

/// Whether the township still has to do something about the deposit.
pub const fn is_open(state: DepositState) -> bool {
    matches!(state, DepositState::Held | DepositState::Owed)
}

/// Whether a deposit on record can stand: there is money, it came before it was recorded, and it is settled exactly when it is
/// neither held nor owed.
pub fn adds_up(
    amount: Fen,
    state: DepositState,
    received_at: Timestamp,
    recorded_at: Timestamp,
    settled_at: Option<Timestamp>,
) -> bool {
    let settled = settled_at.is_some_and(|settled| settled >= recorded_at);
    let state_fits = if is_open(state) { settled_at.is_none() } else { settled };
    amount > Fen::ZERO && received_at <= recorded_at && state_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Expected {
        Expected {
            collective_code: "440703103213".parse().expect("a code"),
            log_scope: "440703103000".parse().expect("a code"),
            lot_id: "lot".into(),
            enrolment_id: "enr".into(),
            bidder_name: "江门市某某（蓬江）有限公司".into(),
            amount: Fen(1_000_000),
            until: "2026-03-11T17:00:00+08:00".parse().expect("a time"),
        }
    }

    fn arrival() -> Arrival {
        Arrival {
            amount: "1万元".into(),
            payer_name: "江门市某某(蓬江)有限公司".into(),
            payer_account: "6222 0000 1111 2222".into(),
            reference: "20260310-001".into(),
            received_at: "2026-03-11T17:00:00+08:00".parse().expect("a time"),
        }
    }

    fn code(change: impl Fn(&mut Arrival)) -> Option<&'static str> {
        let mut arrival = arrival();
        change(&mut arrival);
        let read = read(&arrival, "2026-03-11T18:00:00+08:00".parse().expect("a time")).expect("readable");
        check(&expected(), &read, arrival.received_at, false).err().map(|p| p.code.code)
    }

    #[test]
    fn the_payer_is_the_bidder_in_full_and_in_time() {
        assert_eq!(code(|_| {}), None);
        assert_eq!(code(|r| r.payer_name = "江门市某某有限公司".into()), Some("payer_differs"));
        assert_eq!(code(|r| r.amount = "9999.99".into()), Some("deposit_short"));
        assert_eq!(code(|r| r.received_at = r.received_at.plus_us(1)), Some("deposit_late"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let mut bad = arrival();
        bad.amount = "1.234".into();
        bad.payer_name = String::new();
        bad.payer_account = "12".into();
        bad.reference = " ".into();
        let fault = read(&bad, bad.received_at.plus_us(-1)).expect_err("five faults");
        let fields: Vec<&str> = fault.fields.iter().map(FieldError::field).collect();
        assert_eq!(fields, ["amount", "payer_name", "payer_account", "reference", "received_at"]);
    }
}
