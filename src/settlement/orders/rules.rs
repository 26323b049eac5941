//! Whether an order may be made, prepared, confirmed. Pure.

use super::model::{OrderKind, OrderState, Paid, Wanted};
use crate::{
    kernel::{Code, FieldError, Problem, Timestamp, text},
    settlement::{
        DepositState, NOT_HELD, TransferKind,
        ledger::{ALREADY_PAID_ON, Standing, Step},
    },
};

crate::codes! {
    ORDER_NOT_IN_STATE 409 "order_not_in_state" "这张单现在不能这样办，可能已经有人办过；请刷新后再看";
    ORDER_OPEN 409 "order_open" "这笔保证金已有一张没办结的单，请先办结或退回";
    /// The township owes it from its release on.
    DEPOSIT_RELEASED 409 "deposit_released" "这笔保证金已列入待退，是欠付款人的钱，只能退还，不能再抵作价款或不予退还";
    DEPOSIT_NOT_KEPT 409 "deposit_not_kept" "只有已抵作价款或不予退还的保证金才能付给村集体";
    NOTHING_TO_REVERSE 409 "nothing_to_reverse" "这笔保证金没有可以冲销的账";
    SECOND_PERSON 409 "second_person" "经办和复核要由两个人完成；请换一位有权限的人复核";
}

/// What was asked for, read: grounds in one line.
///
/// Errors: field errors.
pub fn read(wanted: &Wanted) -> Result<String, Problem> {
    let grounds = wanted.grounds.trim();
    let needed = wanted.kind != OrderKind::Refund;
    let length = grounds.chars().count();
    if (needed && length < 4) || length > 500 || grounds.chars().any(char::is_control) {
        let detail = match wanted.kind {
            OrderKind::Forfeit => {
                "请写明不予退还的决定：哪一天、哪个机构、第几号、依据哪一条（4 到 500 个字，写在一行里）"
            }
            OrderKind::Reverse => "请写明错在哪里、怎样发现的，例如银行退汇的日期和流水号（4 到 500 个字，写在一行里）",
            _ => "请写明依据，例如合同编号（4 到 500 个字，写在一行里）",
        };
        return Err(Problem::field("grounds", Some(grounds), detail));
    }
    Ok(grounds.to_owned())
}

/// Why the second person refuses, in one line; `None` where nothing was said and nothing had to be.
///
/// Errors: a field error.
pub fn read_refusal(typed: &str, needed: bool) -> Result<Option<String>, Problem> {
    let reason = typed.trim();
    let length = reason.chars().count();
    if (needed && length < 4) || length > 500 || reason.chars().any(char::is_control) {
        return Err(Problem::field("reason", Some(reason), "请写明退回的理由（4 到 500 个字，写在一行里）"));
    }
    Ok(Some(reason.to_owned()).filter(|reason| !reason.is_empty()))
}

/// Whether a new order fits where the deposit stands. What is held can be decided over. What is owed to the bidder is owed:
/// from its release on it can be paid back and nothing else, only a receipt that was a mistake can be taken back.
///
/// Errors: `deposit_released`, `deposit_not_held`, `deposit_not_kept`, `already_paid_on`, `nothing_to_reverse`.
pub fn may_order(kind: OrderKind, standing: Option<Standing>) -> Result<(), &'static Code> {
    use DepositState::{Applied, Forfeited, Held, Owed};
    let state = standing.map(|standing| standing.state);
    match (kind, state) {
        (OrderKind::PayOn, Some(Applied | Forfeited)) if standing.is_some_and(|s| s.paid_on) => Err(&ALREADY_PAID_ON),
        (OrderKind::PayOn, Some(Applied | Forfeited)) => Ok(()),
        (OrderKind::PayOn, _) => Err(&DEPOSIT_NOT_KEPT),
        (OrderKind::Reverse, None | Some(DepositState::Cancelled)) => Err(&NOTHING_TO_REVERSE),
        (OrderKind::Reverse, Some(_)) | (_, Some(Held)) => Ok(()),
        (_, Some(Owed)) => Err(&DEPOSIT_RELEASED),
        _ => Err(&NOT_HELD),
    }
}

/// The transfers that an order of reversal takes back, the last one first. What is owed to a bidder stays owed, so a release is
/// taken back together with the receipt before it, as what never came.
pub fn taken_back(steps: &[Step]) -> Vec<&Step> {
    let is_release = steps.last().is_some_and(|step| step.kind == TransferKind::Release);
    steps.iter().rev().take(if is_release { 2 } else { 1 }).collect()
}

/// Whether money moves at the bank by an order: `takes_back` of a reversal. A receipt that is taken back never came.
pub fn moves_bank(kind: OrderKind, takes_back: Option<TransferKind>) -> bool {
    use TransferKind::{PayForfeit, PayOut, PayPrice};
    match kind {
        OrderKind::Refund | OrderKind::PayOn => true,
        OrderKind::Apply | OrderKind::Forfeit => false,
        OrderKind::Reverse => matches!(takes_back, Some(PayOut | PayPrice | PayForfeit)),
    }
}

/// Where an order stands after somebody prepared it.
pub fn prepared(state: OrderState) -> Result<OrderState, &'static Code> {
    if state == OrderState::Due { Ok(OrderState::Prepared) } else { Err(&ORDER_NOT_IN_STATE) }
}

/// Where an order stands after the second person's word. `is_one`: whether it is the account that prepared it; an account is one
/// person's, and a person of the roster has one account.
///
/// Errors: `order_not_in_state`, `second_person`.
pub fn confirmed(state: OrderState, is_one: bool) -> Result<OrderState, &'static Code> {
    match (state, is_one) {
        (OrderState::Prepared, false) => Ok(OrderState::Done),
        (OrderState::Prepared, true) => Err(&SECOND_PERSON),
        _ => Err(&ORDER_NOT_IN_STATE),
    }
}

/// Where an order stands after it was sent back: a refund that is owed waits again, and so does what is to go on to the
/// collective; everything else is off the table.
pub fn sent_back(state: OrderState, kind: OrderKind, deposit: DepositState) -> Result<OrderState, &'static Code> {
    match (state, kind, deposit) {
        (OrderState::Prepared, OrderKind::Refund, DepositState::Owed) => Ok(OrderState::Due),
        (OrderState::Prepared, OrderKind::PayOn, _) => Ok(OrderState::Due),
        (OrderState::Prepared, _, _) => Ok(OrderState::Withdrawn),
        _ => Err(&ORDER_NOT_IN_STATE),
    }
}

/// The bank's number and the time of a payment. A bank's slip names the minute: one within the minute of the order is as of the
/// order.
///
/// Errors: field errors.
pub fn read_payment(paid: &Paid, ordered_at: Timestamp, now: Timestamp) -> Result<(String, Timestamp), Problem> {
    let mut errors = Vec::new();
    let reference = text::half_width(paid.reference.trim());
    if reference.is_empty() || reference.chars().count() > 64 || reference.chars().any(char::is_control) {
        let detail = "请填写银行付款回单上的交易流水号，最多 64 个字符";
        errors.push(FieldError::new("reference", Some(&paid.reference), detail));
    }
    let detail = match paid.paid_at {
        None => Some("请填写银行付出的时间，例如 2026-03-20T10:00:00+08:00".to_owned()),
        Some(at) if at > now => Some("付出时间不能晚于现在，请对照付款回单填写".to_owned()),
        Some(at) if at < minute_of(ordered_at) => {
            Some(format!("付出时间不能早于这张单的时间（{}），请对照付款回单填写", ordered_at.minute_text()))
        }
        Some(_) => None,
    };
    let seen = paid.paid_at.map(Timestamp::minute_text);
    errors.extend(detail.map(|detail| FieldError::new("paid_at", seen.as_deref(), detail)));
    match paid.paid_at {
        Some(at) if errors.is_empty() => Ok((reference, at.max(ordered_at))),
        _ => Err(Problem::fields(errors)),
    }
}

/// The beginning of the minute.
fn minute_of(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - at.0.rem_euclid(60_000_000))
}

/// Whether an order on record can stand (MON-12): a done one was prepared and confirmed by two accounts, in this order.
pub fn adds_up(
    state: OrderState,
    prepared: Option<(&str, Timestamp)>,
    confirmed: Option<(&str, Timestamp)>,
    has_reference: bool,
    kind: OrderKind,
) -> bool {
    match (state, prepared, confirmed) {
        (OrderState::Due, None, None) => !has_reference,
        (OrderState::Prepared, Some(_), None) => !has_reference,
        (OrderState::Done | OrderState::Reversed, Some((one, at)), Some((other, then))) => {
            let names_payment = kind == OrderKind::Reverse || has_reference == moves_bank(kind, None);
            one != other && at <= then && names_payment
        }
        (OrderState::Withdrawn, Some((_, at)), Some((_, then))) => at <= then && !has_reference,
        // A payment that nobody had prepared gave way to a reversal.
        (OrderState::Withdrawn, None, Some(_)) => {
            matches!(kind, OrderKind::Refund | OrderKind::PayOn) && !has_reference
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_goes_forward_by_two_persons() {
        use OrderState::{Done, Due, Prepared, Withdrawn};
        assert_eq!(prepared(Due), Ok(Prepared));
        assert_eq!(confirmed(Prepared, false), Ok(Done));
        assert_eq!(confirmed(Prepared, true).map_err(|c| c.code), Err("second_person"));
        for state in [Due, Done, Withdrawn] {
            assert_eq!(confirmed(state, false).map_err(|c| c.code), Err("order_not_in_state"), "{state}");
            assert_eq!(
                sent_back(state, OrderKind::Forfeit, DepositState::Held).map_err(|c| c.code),
                Err("order_not_in_state"),
                "{state}"
            );
        }
        assert_eq!(sent_back(Prepared, OrderKind::Refund, DepositState::Owed), Ok(Due));
        assert_eq!(sent_back(Prepared, OrderKind::Refund, DepositState::Held), Ok(Withdrawn));
        assert_eq!(sent_back(Prepared, OrderKind::PayOn, DepositState::Applied), Ok(Due));
        assert_eq!(sent_back(Prepared, OrderKind::Reverse, DepositState::Owed), Ok(Withdrawn));
        for state in [Prepared, Done, Withdrawn] {
            assert_eq!(prepared(state).map_err(|c| c.code), Err("order_not_in_state"), "{state}");
        }
    }

    #[test]
    fn what_is_owed_is_only_paid_back_and_what_is_kept_goes_on_once() {
        use OrderKind::{Apply, Forfeit, PayOn, Refund, Reverse};
        let at = |state, paid_on| Some(Standing { amount: crate::kernel::Fen(1), state, paid_on });
        let code = |kind, standing| may_order(kind, standing).err().map(|c| c.code);
        for kind in [Refund, Apply, Forfeit] {
            assert_eq!(code(kind, at(DepositState::Held, false)), None, "{kind}");
            assert_eq!(code(kind, at(DepositState::Owed, false)), Some("deposit_released"), "{kind}");
            assert_eq!(code(kind, at(DepositState::Applied, false)), Some("deposit_not_held"), "{kind}");
            assert_eq!(code(kind, None), Some("deposit_not_held"), "{kind}");
        }
        for state in [DepositState::Applied, DepositState::Forfeited] {
            assert_eq!(code(PayOn, at(state, false)), None);
            assert_eq!(code(PayOn, at(state, true)), Some("already_paid_on"));
        }
        assert_eq!(code(PayOn, at(DepositState::Held, false)), Some("deposit_not_kept"));
        assert_eq!(code(Reverse, at(DepositState::Returned, false)), None);
        assert_eq!(code(Reverse, at(DepositState::Cancelled, false)), Some("nothing_to_reverse"));
        assert!(moves_bank(Reverse, Some(TransferKind::PayOut)) && !moves_bank(Reverse, Some(TransferKind::Receive)));
    }

    #[test]
    fn a_forfeit_needs_its_decision_and_a_refund_its_payment() {
        let wanted =
            |kind, grounds: &str| Wanted { kind, grounds: grounds.into(), decision_document: None, pays_on: None };
        assert!(read(&wanted(OrderKind::Refund, "")).is_ok());
        for kind in [OrderKind::Forfeit, OrderKind::Apply, OrderKind::PayOn, OrderKind::Reverse] {
            let fault = read(&wanted(kind, " 违约 ")).expect_err("too short");
            assert_eq!(fault.fields.first().map(FieldError::field), Some("grounds"), "{kind}");
        }
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let (ordered, now) = (at("2026-03-11T10:00:00+08:00"), at("2026-03-20T10:00:00+08:00"));
        let fault = read_payment(&Paid::default(), ordered, now).expect_err("two faults");
        assert_eq!(fault.fields.iter().map(FieldError::field).collect::<Vec<_>>(), ["reference", "paid_at"]);
        for wrong in [ordered.plus_us(-1), now.plus_us(1)] {
            let told = Paid { reference: "r".into(), paid_at: Some(wrong) };
            assert!(read_payment(&told, ordered, now).is_err(), "{wrong}");
        }
        let told = Paid { reference: " r ".into(), paid_at: Some(now) };
        assert_eq!(read_payment(&told, ordered, now).ok(), Some(("r".into(), now)));
        let slip = Paid { paid_at: Some(ordered), ..told.clone() };
        let ordered_within = ordered.plus_us(59_999_999);
        let booked = read_payment(&slip, ordered_within, ordered_within).ok();
        assert_eq!(booked, Some(("r".into(), ordered_within)), "the slip names the minute alone");
        assert!(read_payment(&slip, ordered.plus_us(60_000_000), now).is_err(), "a minute too early");
        for (reason, needed, fits) in
            [("", false, true), ("", true, false), ("不", false, true), ("与决定不符", true, true)]
        {
            assert_eq!(read_refusal(reason, needed).is_ok(), fits, "{reason} {needed}");
        }
    }
}
