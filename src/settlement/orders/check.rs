//! Whether orders were gone through by two, and say what the deposit says (a check of meaning, see [`log::Check`]).

use super::{
    model::{OrderKind, OrderState},
    rules,
    store::OrderRow,
};
use crate::{
    db::{Result, Rx},
    log::{self, Check, Contradiction, Words},
    settlement::{
        DepositState,
        store::{self as deposits, DepositRow},
    },
};

const NOT_BY_TWO: Words = Words {
    line: "state, times and persons of the order contradict each other: it takes two persons",
    page: "这张单的状态、时间和经办复核人互相矛盾：经办和复核必须是两个人",
};
const OTHER_DEPOSIT: Words = Words {
    line: "the order does not say what its deposit says",
    page: "这张单与保证金的金额、项目或状态不符",
};
const NOBODY_ORDERED: Words = Words {
    line: "the deposit has its end and no order that two persons confirmed",
    page: "保证金已经了结，却没有两人经办复核的单",
};

pub(in crate::settlement) const CHECK: Check = Check { tables: &["deposits", "money_orders"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    OrderRow::each(rx, |rx, row| {
        let prepared = row.prepared_by.as_deref().zip(row.prepared_at);
        let confirmed = row.confirmed_by.as_deref().zip(row.confirmed_at);
        if !rules::adds_up(row.state, prepared, confirmed, row.reference.is_some(), row.kind) {
            found(Contradiction::new("money_orders", &row.id, NOT_BY_TWO));
        }
        let deposit = log::understood(deposits::get(rx, &row.deposit_id))?;
        if !deposit.is_some_and(|deposit| fits(&row, &deposit)) {
            found(Contradiction::new("money_orders", &row.id, OTHER_DEPOSIT));
        }
        Ok(())
    })?;
    DepositRow::each(rx, |rx, row| {
        let Some(kind) = order_of(row.state) else { return Ok(()) };
        let orders = log::understood(super::store::list_by_deposit(rx, &row.id))?.unwrap_or_default();
        if !orders.iter().any(|order| order.kind == kind && order.state == OrderState::Done) {
            found(Contradiction::new("deposits", &row.id, NOBODY_ORDERED));
        }
        Ok(())
    })
}

/// The order that must stand behind a deposit of this state.
fn order_of(state: DepositState) -> Option<OrderKind> {
    match state {
        DepositState::Held | DepositState::Owed => None,
        DepositState::Returned => Some(OrderKind::Refund),
        DepositState::Applied => Some(OrderKind::Apply),
        DepositState::Forfeited => Some(OrderKind::Forfeit),
        DepositState::Cancelled => Some(OrderKind::Reverse),
    }
}

fn fits(order: &OrderRow, deposit: &DepositRow) -> bool {
    let same = order.amount == deposit.amount
        && (&order.collective_code, &order.lot_id, &order.enrolment_id)
            == (&deposit.collective_code, &deposit.lot_id, &deposit.enrolment_id);
    let is_kept = matches!(deposit.state, DepositState::Applied | DepositState::Forfeited);
    let state = match (order.state, order.kind) {
        (OrderState::Withdrawn | OrderState::Reversed, _) => true,
        (OrderState::Prepared | OrderState::Done, OrderKind::Reverse) => order.transfer_id.is_some(),
        (OrderState::Due | OrderState::Prepared | OrderState::Done, OrderKind::PayOn) => is_kept,
        (OrderState::Due, kind) => kind == OrderKind::Refund && deposit.state == DepositState::Owed,
        (OrderState::Prepared, OrderKind::Refund) => super::super::rules::is_open(deposit.state),
        (OrderState::Prepared, _) => deposit.state == DepositState::Held,
        (OrderState::Done, kind) => order_of(deposit.state) == Some(kind),
    };
    same && state
}
