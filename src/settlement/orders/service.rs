//! Use cases: orders at the end of a lot, preparing, confirming, sending back; what is due.

use serde_json::json;

use super::{
    model::{Ended, Order, OrderFilter, OrderId, OrderKind, OrderState, Paid, Wanted},
    rules,
    store::{self, OrderRow},
};
use crate::{
    access::{self, Allowed, may},
    calendar::Calendar,
    db::{Result, Rx, Salt, Tx},
    kernel::{Day, Id, Page, PageRequest, error::NOT_FOUND, text::mask_account},
    log::{By, Fact, Receipt, record},
    policy::PolicyBook,
    settlement::{
        self, DepositState, REFERENCE_TAKEN, TransferKind,
        posting::{self, Posted},
        store::{self as deposits, DepositRow},
    },
    vault::{Field, Vault},
};

/// What the last day of a refund is worked out from: the rules of the place, the calendar of working days, today.
pub struct Due<'a> {
    pub policies: &'a PolicyBook,
    pub calendar: &'a Calendar,
    pub today: Day,
}

impl Due<'_> {
    /// The last day of a refund; `None` for other orders, and where no rule or calendar tells it yet.
    fn on(&self, row: &OrderRow) -> Option<Day> {
        if row.kind != OrderKind::Refund {
            return None;
        }
        let rules = self.policies.rules_for(&row.collective_code, row.counts_from).ok()?;
        self.calendar.plus_working_days(row.counts_from, rules.refund_working_days.value).ok()
    }

    fn is_overdue(&self, row: &OrderRow) -> bool {
        row.state.is_open() && self.on(row).is_some_and(|last| last < self.today)
    }
}

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
        let now = tx.now();
        posting::post(tx, &mut row, Posted::plain(TransferKind::Release, now), by)?;
        new_row(tx, &row, OrderKind::Refund, &ended.lot_title, ended.counts_from).insert(tx)?;
        fact = fact.about("deposit", &row.id);
        count += 1;
    }
    if count > 0 {
        record(tx, by, fact.data(json!({ "count": count, "counts_from": ended.counts_from })))?;
    }
    Ok(())
}

fn new_row(tx: &mut Tx<'_>, deposit: &DepositRow, kind: OrderKind, title: &str, counts_from: Day) -> OrderRow {
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
    }
}

/// An officer decides over a deposit that is still held, and so prepares the order; another person has to confirm it. The caller has
/// found the enrolment in the scope and its lot ended.
///
/// Errors: field errors, `deposit_not_held`, `order_open`, `not_found` for an enrolment without a deposit.
pub fn order(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::PrepareMoney>,
    enrolment_id: &str,
    lot_title: &str,
    wanted: &Wanted,
) -> Result<(OrderId, Receipt)> {
    let grounds = rules::read(wanted)?;
    let deposit = deposits::find_by_enrolment(tx, enrolment_id)?.ok_or(&NOT_FOUND)?;
    tx.lock_row("deposits", "id", deposit.id.as_str())?;
    let deposit = deposits::get(tx, &deposit.id)?;
    if store::list_by_deposit(tx, &deposit.id)?.iter().any(|order| order.state.is_open()) {
        return Err((&rules::ORDER_OPEN).into());
    }
    rules::may_order(deposit.state)?;
    let now = tx.now();
    let row = OrderRow {
        grounds,
        decision_document: wanted.decision_document.clone().filter(|id| !id.is_empty()),
        state: OrderState::Prepared,
        prepared_by: Some(allowed.actor.account.to_string()),
        prepared_at: Some(now),
        ..new_row(tx, &deposit, wanted.kind, lot_title, now.day())
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::ORDER_OPEN).into() } else { e })?;
    let receipt = note(tx, &allowed.by(), "payment.prepared", &row)?;
    Ok((row.id, receipt))
}

/// An officer prepares an order that waits.
///
/// Errors: `order_not_in_state`, `not_found`.
pub fn prepare(tx: &mut Tx<'_>, allowed: &Allowed<may::PrepareMoney>, id: &OrderId) -> Result<Receipt> {
    let mut row = locked(tx, &allowed.scope, id)?;
    row.state = rules::prepared(row.state)?;
    row.prepared_by = Some(allowed.actor.account.to_string());
    row.prepared_at = Some(tx.now());
    row.version += 1;
    row.update(tx)?;
    note(tx, &allowed.by(), "payment.prepared", &row)
}

/// The second person confirms: the books move, and the deposit has its end.
///
/// Errors: `order_not_in_state`, `second_person`, `reference_taken`, field errors, `deposit_not_held`, `not_found`.
pub fn confirm(tx: &mut Tx<'_>, allowed: &Allowed<may::ConfirmMoney>, id: &OrderId, paid: &Paid) -> Result<Receipt> {
    let mut row = locked(tx, &allowed.scope, id)?;
    let is_one = row.prepared_by.as_deref() == Some(allowed.actor.account.as_str());
    row.state = rules::confirmed(row.state, is_one)?;
    let now = tx.now();
    let paid = rules::paid(row.kind, paid, row.created_at, now)?;
    let by = allowed.by();
    let mut deposit = deposits::get(tx, &row.deposit_id)?;
    for kind in row.kind.transfers() {
        // A loser's deposit was released at the end of the lot.
        if *kind == TransferKind::Release && deposit.state == DepositState::Owed {
            continue;
        }
        let moved_at = paid.as_ref().map_or(now, |(_, at)| *at);
        let posted = Posted { kind: *kind, moved_at, order: Some(&row.id), reverses: None };
        posting::post(tx, &mut deposit, posted, &by)?;
    }
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
    note(tx, &by, "payment.confirmed", &row)
}

/// Sends a prepared order back; a refund that is owed waits again for somebody to prepare it.
///
/// Errors: `order_not_in_state`, `not_found`.
pub fn send_back(tx: &mut Tx<'_>, allowed: &Allowed<may::ConfirmMoney>, id: &OrderId) -> Result<Receipt> {
    let mut row = locked(tx, &allowed.scope, id)?;
    let deposit = deposits::get(tx, &row.deposit_id)?;
    row.state = rules::sent_back(row.state, deposit.state)?;
    let by = allowed.by();
    if row.state == OrderState::Due {
        (row.prepared_by, row.prepared_at) = (None, None);
    } else {
        (row.confirmed_by, row.confirmed_at) = (Some(by.account.clone()), Some(tx.now()));
    }
    row.version += 1;
    row.update(tx)?;
    note(tx, &by, "payment.sent_back", &row)
}

fn locked(tx: &mut Tx<'_>, scope: &access::Scope, id: &OrderId) -> Result<OrderRow> {
    tx.lock_row("money_orders", "id", id.as_str())?;
    let row = store::find(tx, scope, id)?.ok_or(&NOT_FOUND)?;
    // What is done with an order comes never before it, whatever the clock says.
    tx.now_after(row.created_at);
    Ok(row)
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &OrderRow) -> Result<Receipt> {
    let fact = Fact::new(kind, &row.collective_code).about("lot", &row.lot_id).about("deposit", &row.deposit_id);
    record(tx, by, fact.data(json!({ "kind": row.kind, "paid": row.amount })))
}

/// One order of the scope.
///
/// Errors: `not_found`.
pub fn get(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadMoney>,
    vault: &Vault,
    due: &Due<'_>,
    id: &OrderId,
) -> Result<Order> {
    let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    view(rx, vault, due, row)
}

/// Whether this account prepared the order, as it stands now.
///
/// Errors: `not_found`.
pub fn is_prepared_by(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>, id: &OrderId, account: &str) -> Result<bool> {
    let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    Ok(row.prepared_by.as_deref() == Some(account))
}

/// The orders of the scope.
pub fn list(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadMoney>,
    vault: &Vault,
    due: &Due<'_>,
    filter: &OrderFilter,
    page: &PageRequest,
) -> Result<Page<Order>> {
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    // The last day is worked out, so the open ones are looked at together.
    let limit = (!filter.overdue).then_some(limit);
    let mut rows = store::list(rx, &allowed.scope, filter, page.after.clone(), limit)?;
    if filter.overdue {
        rows.retain(|row| due.is_overdue(row));
    }
    let found = Page::from_rows(rows, page.limit(), |row| row.id.to_string());
    let items = found.items.into_iter().map(|row| view(rx, vault, due, row)).collect::<Result<_>>()?;
    Ok(Page { items, next: found.next })
}

/// Orders that ended last, newest first.
pub(super) fn list_ended(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadMoney>,
    vault: &Vault,
    due: &Due<'_>,
) -> Result<Vec<Order>> {
    let rows = store::list_ended(rx, &allowed.scope, 20)?;
    rows.into_iter().map(|row| view(rx, vault, due, row)).collect()
}

/// The orders over the deposit of an enrolment that the caller has found.
pub fn of_deposit(rx: &mut Rx<'_>, vault: &Vault, due: &Due<'_>, enrolment_id: &str) -> Result<Vec<Order>> {
    let Some(deposit) = deposits::find_by_enrolment(rx, enrolment_id)? else { return Ok(Vec::new()) };
    let rows = store::list_by_deposit(rx, &deposit.id)?;
    rows.into_iter().map(|row| view(rx, vault, due, row)).collect()
}

/// The order over the deposit of an enrolment that is not done yet.
pub fn find_open(rx: &mut Rx<'_>, enrolment_id: &str) -> Result<Option<OrderId>> {
    let Some(deposit) = deposits::find_by_enrolment(rx, enrolment_id)? else { return Ok(None) };
    Ok(store::list_by_deposit(rx, &deposit.id)?.into_iter().find(|order| order.state.is_open()).map(|order| order.id))
}

/// What waits for somebody.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// For an officer to prepare it.
    pub due: i64,
    /// For the second person.
    pub prepared: i64,
    /// Refunds of either kind whose last day has passed.
    pub overdue: usize,
}

/// How many orders of the scope wait.
pub fn count_waiting(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>, due: &Due<'_>) -> Result<Waiting> {
    let filter = OrderFilter { overdue: true, ..OrderFilter::default() };
    let open = store::list(rx, &allowed.scope, &filter, None, None)?;
    Ok(Waiting {
        due: store::count(rx, &allowed.scope, OrderState::Due)?,
        prepared: store::count(rx, &allowed.scope, OrderState::Prepared)?,
        overdue: open.iter().filter(|row| due.is_overdue(row)).count(),
    })
}

/// The words of the orders over a deposit go with whoever they are about; amounts, states and officers stay.
pub fn erase(tx: &mut Tx<'_>, deposit: &settlement::DepositId) -> Result<()> {
    for mut row in store::list_by_deposit(tx, deposit)? {
        row.grounds = String::new();
        row.reference = row.reference.map(|_| format!("erased/{}", row.id));
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}

fn view(rx: &mut Rx<'_>, vault: &Vault, due: &Due<'_>, row: OrderRow) -> Result<Order> {
    let deposit = deposits::get(rx, &row.deposit_id)?;
    let masked = |sealed| vault.masked(Field::BankAccount, sealed, mask_account);
    let officers = [&row.prepared_by, &row.confirmed_by];
    let ids = officers.into_iter().flatten().map(|id| Id::from_trusted(id.as_str())).collect();
    let names = access::staff_names(rx, ids)?;
    let name = |id: &Option<String>| id.as_ref().map(|id| names.get(id).unwrap_or(id).clone());
    Ok(Order {
        due_on: due.on(&row),
        overdue: due.is_overdue(&row),
        payee: deposit.payer_name,
        payee_account: deposit.payer_account.as_ref().map(masked).transpose()?,
        prepared_by: name(&row.prepared_by),
        confirmed_by: name(&row.confirmed_by),
        id: row.id,
        lot_id: row.lot_id,
        enrolment_id: row.enrolment_id,
        deposit_id: row.deposit_id,
        kind: row.kind,
        title: row.title,
        amount: row.amount,
        counts_from: row.counts_from,
        grounds: row.grounds,
        decision_document: row.decision_document,
        state: row.state,
        created_at: row.created_at,
        prepared_at: row.prepared_at,
        confirmed_at: row.confirmed_at,
        reference: row.reference,
        version: row.version,
    })
}
