//! What the end of a lot, and the failure of who had won it, do to the deposits.

use serde_json::json;

use super::{
    model::{Ended, Failed, OrderKind, OrderState},
    service::{new_row, note},
    store::{self, OrderRow},
};
use crate::{
    db::{Result, Tx},
    kernel::Day,
    log::{By, Fact, record},
    settlement::{
        DepositState, TransferKind,
        posting::{self, Posted},
        store::{self as deposits, DepositRow},
    },
};

/// Releases the deposits of everybody who did not win and orders their refunds (MOF Order 87, art. 38; MON-7). A lot of
/// which no deposit is held makes no entry. Called in the transaction that ends the lot.
pub fn refund_all(tx: &mut Tx<'_>, by: &By, ended: &Ended) -> Result<()> {
    let mut fact = Fact::new("refund.ordered", &ended.collective_code).about("lot", &ended.lot_id);
    let mut count = 0;
    for mut row in deposits::list_by_lot(tx, &ended.lot_id)? {
        let won = ended.winner.as_ref() == Some(&row.enrolment_id);
        if won || row.state != DepositState::Held {
            continue;
        }
        release(tx, &mut row, &ended.lot_title, ended.counts_from, by)?;
        fact = fact.about("deposit", &row.id);
        count += 1;
    }
    if count > 0 {
        record(tx, by, fact.data(json!({ "count": count, "counts_from": ended.counts_from })))?;
    }
    Ok(())
}

fn release(tx: &mut Tx<'_>, deposit: &mut DepositRow, title: &str, counts_from: Day, by: &By) -> Result<()> {
    let now = tx.now();
    posting::post(tx, deposit, Posted::plain(TransferKind::Release, now), by)?;
    new_row(tx, deposit, OrderKind::Refund, title, counts_from).insert(tx)
}

/// Who had won has failed: where the ground is one for which a deposit is not given back, that is prepared as an order, which a
/// second person confirms or refuses with a reason; where it is not, the refund is ordered. An order that was prepared over the
/// deposit and has moved nothing yet gives way. What was released before is owed and stays so. Called in the transaction that
/// writes the failure down, after its entry.
pub fn after_failure(tx: &mut Tx<'_>, by: &By, failed: &Failed) -> Result<()> {
    let Some(deposit) = deposits::find_by_enrolment(tx, &failed.enrolment_id)? else { return Ok(()) };
    // In the order in which a confirmation locks them.
    if let Some(order) = open_order(tx, &deposit)? {
        tx.lock_row("money_orders", "id", order.id.as_str())?;
    }
    tx.lock_row("deposits", "id", deposit.id.as_str())?;
    let mut deposit = deposits::get(tx, &deposit.id)?;
    if deposit.state != DepositState::Held {
        return Ok(());
    }
    match open_order(tx, &deposit)? {
        Some(order) if failed.is_forfeited && order.kind == OrderKind::Forfeit => return Ok(()),
        Some(order) => take_back(tx, order, by)?,
        None => (),
    }
    let now = tx.now();
    if !failed.is_forfeited {
        release(tx, &mut deposit, &failed.lot_title, now.day(), by)?;
        let fact = Fact::new("refund.ordered", &deposit.collective_code).about("lot", &deposit.lot_id);
        let data = json!({ "count": 1, "counts_from": now.day() });
        record(tx, by, fact.about("deposit", &deposit.id).data(data))?;
        return Ok(());
    }
    let row = OrderRow {
        grounds: failed.grounds.clone(),
        state: OrderState::Prepared,
        prepared_by: Some(by.account.clone()),
        prepared_at: Some(now),
        pays_on: Some(failed.pays_on),
        ..new_row(tx, &deposit, OrderKind::Forfeit, &failed.lot_title, now.day())
    };
    row.insert(tx)?;
    note(tx, by, "payment.prepared", &row)?;
    Ok(())
}

fn open_order(tx: &mut Tx<'_>, deposit: &DepositRow) -> Result<Option<OrderRow>> {
    Ok(store::list_by_deposit(tx, &deposit.id)?.into_iter().find(|order| order.state.is_open()))
}

/// An order that has moved nothing is off the table.
fn take_back(tx: &mut Tx<'_>, mut order: OrderRow, by: &By) -> Result<()> {
    order.state = OrderState::Withdrawn;
    (order.confirmed_by, order.confirmed_at) = (Some(by.account.clone()), Some(tx.now()));
    order.refusal = Some("竞得人未履行，改按未履行处理".to_owned());
    order.version += 1;
    order.update(tx)?;
    note(tx, by, "payment.taken_back", &order)?;
    Ok(())
}
