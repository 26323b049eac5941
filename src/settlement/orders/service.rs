//! Use cases: deciding over a deposit, preparing, confirming, sending back.

use serde_json::json;

use super::{
    model::{OrderId, OrderKind, OrderState, Paid, Wanted},
    rules,
    store::{self, OrderRow},
};
use crate::{
    access::{self, Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Day, Timestamp, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    policy::{KeptDeposit, PolicyBook},
    settlement::{
        self, DepositState, REFERENCE_TAKEN, TransferKind,
        model::TransferId,
        payees::{self, PAYEE_CHANGED, PAYEE_MISSING, PayeeId},
        posting::{self, Posted},
        store::{self as deposits, DepositRow},
    },
};

pub(super) fn new_row(
    tx: &mut Tx<'_>,
    deposit: &DepositRow,
    kind: OrderKind,
    title: &str,
    counts_from: Day,
) -> OrderRow {
    OrderRow {
        id: tx.new_id("ord"),
        collective_code: deposit.collective_code.clone(),
        lot_id: deposit.lot_id.clone(),
        enrolment_id: deposit.enrolment_id.clone(),
        deposit_id: deposit.id.clone(),
        kind,
        title: title.to_owned(),
        amount: deposit.amount,
        counts_from,
        grounds: String::new(),
        decision_document: None,
        state: OrderState::Due,
        created_at: tx.now(),
        prepared_by: None,
        prepared_at: None,
        confirmed_by: None,
        confirmed_at: None,
        reference: None,
        version: 1,
        salt: Salt::fresh(),
        refusal: None,
        transfer_id: None,
        payee_id: None,
        pays_on: None,
    }
}

/// An officer decides over a deposit, and so prepares the order; another person has to confirm it. The caller has found the
/// enrolment in the scope and its lot ended.
///
/// Errors: field errors, those of [`rules::may_order`], `order_open`, `payee_missing`, `not_found` for an enrolment without a
/// deposit.
pub fn order(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::PrepareMoney>,
    policies: &PolicyBook,
    enrolment_id: &str,
    lot_title: &str,
    wanted: &Wanted,
) -> Result<(OrderId, Receipt)> {
    let grounds = rules::read(wanted)?;
    let deposit = deposits::find_by_enrolment(tx, enrolment_id)?.ok_or(&NOT_FOUND)?;
    tx.lock_row("deposits", "id", deposit.id.as_str())?;
    let deposit = deposits::get(tx, &deposit.id)?;
    let life = posting::life(&deposits::transfers_of(tx, &deposit.id)?)?;
    let (now, by) = (tx.now(), allowed.by());
    let open = store::list_by_deposit(tx, &deposit.id)?.into_iter().find(|order| order.state.is_open());
    // What is owed has its refund: that one is open, not refused.
    let is_owed = life.standing().is_some_and(|standing| standing.state == DepositState::Owed);
    if wanted.kind != OrderKind::Refund || !is_owed {
        rules::may_order(wanted.kind, life.standing())?;
    }
    match open {
        // What never came is not paid back, what was kept by mistake does not go on: an order that nobody has prepared gives way.
        Some(mut waiting) if wanted.kind == OrderKind::Reverse && waiting.state == OrderState::Due => {
            waiting.state = OrderState::Withdrawn;
            (waiting.confirmed_by, waiting.confirmed_at) = (Some(by.account.clone()), Some(now));
            waiting.version += 1;
            waiting.update(tx)?;
        }
        Some(_) => return Err((&rules::ORDER_OPEN).into()),
        None => rules::may_order(wanted.kind, life.standing())?,
    }
    let pays_on = match wanted.pays_on.filter(|_| wanted.kind.keeps()) {
        None if wanted.kind.keeps() => Some(pays_on(policies, &deposit, wanted.kind, now.day())?),
        told => told,
    };
    let row = OrderRow {
        grounds,
        decision_document: wanted.decision_document.clone().filter(|id| !id.is_empty()),
        state: OrderState::Prepared,
        prepared_by: Some(by.account.clone()),
        prepared_at: Some(now),
        transfer_id: life
            .steps()
            .last()
            .map(|step| step.transfer.clone())
            .filter(|_| wanted.kind == OrderKind::Reverse),
        payee_id: payee(tx, wanted.kind, &deposit)?,
        pays_on,
        ..new_row(tx, &deposit, wanted.kind, lot_title, now.day())
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::ORDER_OPEN).into() } else { e })?;
    let receipt = note(tx, &by, "payment.prepared", &row)?;
    Ok((row.id, receipt))
}

/// Whether a deposit that the bidder does not get back goes on to the collective, by the rules of the place.
fn pays_on(policies: &PolicyBook, deposit: &DepositRow, kind: OrderKind, today: Day) -> Result<bool> {
    let rules = policies.rules_for(&deposit.collective_code, today).map_err(crate::kernel::Problem::from)?;
    let rule = if kind == OrderKind::Forfeit { rules.forfeited_deposit } else { rules.applied_deposit };
    Ok(rule.value == KeptDeposit::PaidOn)
}

/// The account to which an order pays; `None`: back to where the money came from, or no payment at all.
///
/// Errors: `payee_missing`.
fn payee(rx: &mut Rx<'_>, kind: OrderKind, deposit: &DepositRow) -> Result<Option<PayeeId>> {
    match kind {
        OrderKind::Refund => payees::in_force(rx, deposit.id.as_str()),
        OrderKind::PayOn => {
            let found = payees::in_force(rx, deposit.collective_code.as_str())?;
            Ok(Some(found.ok_or(&PAYEE_MISSING)?))
        }
        OrderKind::Apply | OrderKind::Forfeit | OrderKind::Reverse => Ok(None),
    }
}

/// An officer prepares an order that waits.
///
/// Errors: `order_not_in_state`, `payee_missing`, `not_found`.
pub fn prepare(tx: &mut Tx<'_>, allowed: &Allowed<may::PrepareMoney>, id: &OrderId) -> Result<Receipt> {
    let mut row = locked(tx, &allowed.scope, id)?;
    row.state = rules::prepared(row.state)?;
    let deposit = deposits::get(tx, &row.deposit_id)?;
    row.payee_id = payee(tx, row.kind, &deposit)?;
    row.prepared_by = Some(allowed.actor.account.to_string());
    row.prepared_at = Some(tx.now());
    row.version += 1;
    row.update(tx)?;
    note(tx, &allowed.by(), "payment.prepared", &row)
}

/// The second person confirms: the books move, and what follows from it is ordered.
///
/// Errors: `order_not_in_state`, `second_person`, `payee_changed`, `reference_taken`, field errors, `deposit_not_held`,
/// `not_found`.
pub fn confirm(tx: &mut Tx<'_>, allowed: &Allowed<may::ConfirmMoney>, id: &OrderId, paid: &Paid) -> Result<Receipt> {
    let mut row = locked(tx, &allowed.scope, id)?;
    let is_one = row.prepared_by.as_deref() == Some(allowed.actor.account.as_str());
    row.state = rules::confirmed(row.state, is_one)?;
    let (now, by) = (tx.now(), allowed.by());
    tx.lock_row("deposits", "id", row.deposit_id.as_str())?;
    let mut deposit = deposits::get(tx, &row.deposit_id)?;
    if payee(tx, row.kind, &deposit)? != row.payee_id {
        return Err((&PAYEE_CHANGED).into());
    }
    let moves = moves(tx, &row, &deposit)?;
    let takes_back = moves.first().and_then(|one| one.takes_back);
    let paid = match rules::moves_bank(row.kind, takes_back) {
        true => Some(rules::read_payment(paid, row.created_at, now)?),
        false => None,
    };
    post(tx, &row, &mut deposit, &moves, (paid.as_ref().map_or(now, |(_, at)| *at), &by))?;
    if let Some((reference, _)) = paid {
        if store::knows_reference(tx, &reference)? {
            return Err((&REFERENCE_TAKEN).into());
        }
        row.reference = Some(reference);
    }
    row.confirmed_by = Some(by.account.clone());
    row.confirmed_at = Some(now);
    row.version += 1;
    row.update(tx)?;
    follow_up(tx, &row, &deposit, &moves)?;
    note(tx, &by, "payment.confirmed", &row)
}

/// One transfer of an order.
struct Move {
    kind: TransferKind,
    reverses: Option<TransferId>,
    /// The order by which the transfer that is taken back had moved, and its kind.
    of_order: Option<String>,
    takes_back: Option<TransferKind>,
}

/// The transfers of an order.
///
/// Errors: `order_not_in_state` where others have moved the deposit since a reversal was prepared.
fn moves(rx: &mut Rx<'_>, row: &OrderRow, deposit: &DepositRow) -> Result<Vec<Move>> {
    let plain = |kind| Move { kind, reverses: None, of_order: None, takes_back: None };
    Ok(match row.kind {
        // A loser's deposit was released at the end of the lot.
        OrderKind::Refund if deposit.state == DepositState::Owed => vec![plain(TransferKind::PayOut)],
        OrderKind::Refund => vec![plain(TransferKind::Release), plain(TransferKind::PayOut)],
        OrderKind::Apply => vec![plain(TransferKind::Apply)],
        OrderKind::Forfeit => vec![plain(TransferKind::Forfeit)],
        OrderKind::PayOn if deposit.state == DepositState::Applied => vec![plain(TransferKind::PayPrice)],
        OrderKind::PayOn => vec![plain(TransferKind::PayForfeit)],
        OrderKind::Reverse => {
            let transfers = deposits::transfers_of(rx, &deposit.id)?;
            let life = posting::life(&transfers)?;
            if life.steps().last().map(|step| &step.transfer) != row.transfer_id.as_ref() {
                return Err((&rules::ORDER_NOT_IN_STATE).into());
            }
            let of = |step: &&settlement::ledger::Step| {
                let order = transfers.iter().find(|t| t.id == step.transfer).and_then(|t| t.order_id.clone());
                Move {
                    kind: TransferKind::Reverse,
                    reverses: Some(step.transfer.clone()),
                    of_order: order,
                    takes_back: Some(step.kind),
                }
            };
            rules::taken_back(life.steps()).iter().map(of).collect()
        }
    })
}

fn post(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    deposit: &mut DepositRow,
    moves: &[Move],
    (moved_at, by): (Timestamp, &By),
) -> Result<()> {
    for one in moves {
        let posted = Posted { kind: one.kind, moved_at, order: Some(&row.id), reverses: one.reverses.as_ref() };
        posting::post(tx, deposit, posted, by)?;
    }
    Ok(())
}

/// What an order leads to: what is kept goes on to the collective; what was paid back and came again is owed again; the order
/// whose transfer was taken back says so.
fn follow_up(tx: &mut Tx<'_>, row: &OrderRow, deposit: &DepositRow, moves: &[Move]) -> Result<()> {
    let today = tx.now().day();
    if row.kind.keeps() && row.pays_on == Some(true) {
        new_row(tx, deposit, OrderKind::PayOn, &row.title, today).insert(tx)?;
    }
    for one in moves.iter().filter(|one| one.takes_back.is_some()) {
        let done = store::list_by_deposit(tx, &deposit.id)?.into_iter().rev();
        let mut done = done.filter(|order| order.state == OrderState::Done && order.id != row.id);
        let is_its = |order: &OrderRow| match &one.of_order {
            Some(id) => order.id.as_str() == id,
            // A transfer of before orders were named in it.
            None => Some(order.kind) == one.takes_back.and_then(kind_of),
        };
        if let Some(mut order) = done.find(is_its) {
            order.state = OrderState::Reversed;
            order.version += 1;
            order.update(tx)?;
        }
    }
    match moves.first().and_then(|one| one.takes_back) {
        Some(TransferKind::PayOut) => reopen(tx, deposit, OrderKind::Refund),
        Some(TransferKind::PayPrice | TransferKind::PayForfeit) => reopen(tx, deposit, OrderKind::PayOn),
        _ => Ok(()),
    }
}

/// A payment waits anew: the bank sent it back, or what it had given way to was refused.
fn reopen(tx: &mut Tx<'_>, deposit: &DepositRow, kind: OrderKind) -> Result<()> {
    let orders = store::list_by_deposit(tx, &deposit.id)?;
    let Some(before) = orders.into_iter().rev().find(|order| order.kind == kind) else { return Ok(()) };
    new_row(tx, deposit, kind, &before.title, before.counts_from).insert(tx)
}

/// The kind of order by which such a transfer moves.
const fn kind_of(transfer: TransferKind) -> Option<OrderKind> {
    match transfer {
        TransferKind::PayOut => Some(OrderKind::Refund),
        TransferKind::Apply => Some(OrderKind::Apply),
        TransferKind::Forfeit => Some(OrderKind::Forfeit),
        _ => None,
    }
}

/// Sends a prepared order back: a refund that is owed waits again for somebody to prepare it, and so does what is to go on to the
/// collective. Who refuses a forfeiture or a reversal says why.
///
/// Errors: field errors, `order_not_in_state`, `not_found`.
pub fn send_back(tx: &mut Tx<'_>, allowed: &Allowed<may::ConfirmMoney>, id: &OrderId, reason: &str) -> Result<Receipt> {
    let mut row = locked(tx, &allowed.scope, id)?;
    let deposit = deposits::get(tx, &row.deposit_id)?;
    row.state = rules::sent_back(row.state, row.kind, deposit.state)?;
    row.refusal = rules::read_refusal(reason, matches!(row.kind, OrderKind::Forfeit | OrderKind::Reverse))?;
    let by = allowed.by();
    if row.state == OrderState::Due {
        (row.prepared_by, row.prepared_at, row.payee_id) = (None, None, None);
    } else {
        (row.confirmed_by, row.confirmed_at) = (Some(by.account.clone()), Some(tx.now()));
    }
    row.version += 1;
    row.update(tx)?;
    if row.kind == OrderKind::Reverse {
        let mut orders = store::list_by_deposit(tx, &deposit.id)?.into_iter();
        let gave_way = orders.find(|order| order.prepared_by.is_none() && order.confirmed_at == row.prepared_at);
        gave_way.map(|order| reopen(tx, &deposit, order.kind)).transpose()?;
    }
    note(tx, &by, "payment.sent_back", &row)
}

fn locked(tx: &mut Tx<'_>, scope: &access::Scope, id: &OrderId) -> Result<OrderRow> {
    tx.lock_row("money_orders", "id", id.as_str())?;
    let row = store::find(tx, scope, id)?.ok_or(&NOT_FOUND)?;
    // What is done with an order comes never before it, whatever the clock says.
    tx.now_after(row.created_at);
    Ok(row)
}

pub(super) fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &OrderRow) -> Result<Receipt> {
    let fact = Fact::new(kind, &row.collective_code).about("lot", &row.lot_id).about("deposit", &row.deposit_id);
    record(tx, by, fact.data(json!({ "kind": row.kind, "paid": row.amount })))
}

/// The words of the orders over a deposit go with whoever they are about; amounts, states and officers stay.
pub fn erase(tx: &mut Tx<'_>, deposit: &settlement::DepositId) -> Result<()> {
    for mut row in store::list_by_deposit(tx, deposit)? {
        row.grounds = String::new();
        row.refusal = None;
        row.reference = row.reference.map(|_| format!("erased/{}", row.id));
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
