//! Whether an order may be made, prepared, confirmed. Pure.

use super::model::{OrderKind, OrderState, Paid, Wanted};
use crate::{
    kernel::{Code, FieldError, Problem, Timestamp, text},
    settlement::DepositState,
};

crate::codes! {
    ORDER_NOT_IN_STATE 409 "order_not_in_state" "这张单现在不能这样办，可能已经有人办过；请刷新后再看";
    ORDER_OPEN 409 "order_open" "这笔保证金已有一张没办结的单，请先办结或退回";
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
            _ => "请写明依据，例如合同编号（4 到 500 个字，写在一行里）",
        };
        return Err(Problem::field("grounds", Some(grounds), detail));
    }
    Ok(grounds.to_owned())
}

/// Whether a new order fits the deposit: only what is held can be decided over; what is owed has its order already.
pub fn may_order(state: DepositState) -> Result<(), &'static Code> {
    if state == DepositState::Held { Ok(()) } else { Err(&crate::settlement::NOT_HELD) }
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

/// Where an order stands after it was sent back: a refund that is owed waits again, everything else is off the table.
pub fn sent_back(state: OrderState, deposit: DepositState) -> Result<OrderState, &'static Code> {
    match (state, deposit) {
        (OrderState::Prepared, DepositState::Owed) => Ok(OrderState::Due),
        (OrderState::Prepared, _) => Ok(OrderState::Withdrawn),
        _ => Err(&ORDER_NOT_IN_STATE),
    }
}

/// The bank's number and the time of a refund; nothing of other orders, of which no money moves. A bank's slip names the
/// minute: one within the minute of the order is as of the order.
///
/// Errors: field errors.
pub fn paid(
    kind: OrderKind,
    paid: &Paid,
    ordered_at: Timestamp,
    now: Timestamp,
) -> Result<Option<(String, Timestamp)>, Problem> {
    if kind != OrderKind::Refund {
        return Ok(None);
    }
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
        Some(at) if errors.is_empty() => Ok(Some((reference, at.max(ordered_at)))),
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
        (OrderState::Done, Some((one, at)), Some((other, then))) => {
            one != other && at <= then && has_reference == (kind == OrderKind::Refund)
        }
        (OrderState::Withdrawn, Some((_, at)), Some((_, then))) => at <= then && !has_reference,
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
            assert_eq!(sent_back(state, DepositState::Held).map_err(|c| c.code), Err("order_not_in_state"), "{state}");
        }
        assert_eq!(sent_back(Prepared, DepositState::Owed), Ok(Due));
        assert_eq!(sent_back(Prepared, DepositState::Held), Ok(Withdrawn));
        for state in [Prepared, Done, Withdrawn] {
            assert_eq!(prepared(state).map_err(|c| c.code), Err("order_not_in_state"), "{state}");
        }
    }

    #[test]
    fn a_forfeit_needs_its_decision_and_a_refund_its_payment() {
        let wanted = |kind, grounds: &str| Wanted { kind, grounds: grounds.into(), decision_document: None };
        assert!(read(&wanted(OrderKind::Refund, "")).is_ok());
        for kind in [OrderKind::Forfeit, OrderKind::Apply] {
            let fault = read(&wanted(kind, " 违约 ")).expect_err("too short");
            assert_eq!(fault.fields.first().map(FieldError::field), Some("grounds"), "{kind}");
        }
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let (ordered, now) = (at("2026-03-11T10:00:00+08:00"), at("2026-03-20T10:00:00+08:00"));
        let fault = paid(OrderKind::Refund, &Paid::default(), ordered, now).expect_err("two faults");
        assert_eq!(fault.fields.iter().map(FieldError::field).collect::<Vec<_>>(), ["reference", "paid_at"]);
        for wrong in [ordered.plus_us(-1), now.plus_us(1)] {
            let told = Paid { reference: "r".into(), paid_at: Some(wrong) };
            assert!(paid(OrderKind::Refund, &told, ordered, now).is_err(), "{wrong}");
        }
        let told = Paid { reference: " r ".into(), paid_at: Some(now) };
        assert_eq!(paid(OrderKind::Refund, &told, ordered, now).ok().flatten(), Some(("r".into(), now)));
        let slip = Paid { paid_at: Some(ordered), ..told.clone() };
        let ordered_within = ordered.plus_us(59_999_999);
        let booked = paid(OrderKind::Refund, &slip, ordered_within, ordered_within).ok().flatten();
        assert_eq!(booked, Some(("r".into(), ordered_within)), "the slip names the minute alone");
        assert!(paid(OrderKind::Refund, &slip, ordered.plus_us(60_000_000), now).is_err(), "a minute too early");
        assert_eq!(paid(OrderKind::Forfeit, &told, ordered, now).ok().flatten(), None);
    }
}
