//! What is known of orders: for those who carry them out, and for what is due.

use super::{
    model::{Order, OrderFilter, OrderId, OrderKind, OrderState},
    rules,
    store::{self, OrderRow},
};
use crate::{
    access::{self, Allowed, may},
    calendar::Calendar,
    db::{Result, Rx},
    kernel::{Day, Id, Page, PageRequest, error::NOT_FOUND, text::mask_account},
    policy::PolicyBook,
    settlement::{
        payees,
        store::{self as deposits},
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

fn view(rx: &mut Rx<'_>, vault: &Vault, due: &Due<'_>, row: OrderRow) -> Result<Order> {
    let deposit = deposits::get(rx, &row.deposit_id)?;
    let masked = |sealed| vault.masked(Field::BankAccount, sealed, mask_account);
    let takes_back = match &row.transfer_id {
        Some(id) => deposits::find_transfer(rx, id)?.map(|transfer| transfer.kind),
        None => None,
    };
    let (payee, payee_account) = match &row.payee_id {
        Some(id) => payees::shown(rx, vault, id)?.map(|(holder, number)| (holder, Some(number))).unwrap_or_default(),
        None if row.kind == OrderKind::PayOn => ("村集体".to_owned(), None),
        None => (deposit.payer_name, deposit.payer_account.as_ref().map(masked).transpose()?),
    };
    let officers = [&row.prepared_by, &row.confirmed_by];
    let ids = officers.into_iter().flatten().map(|id| Id::from_trusted(id.as_str())).collect();
    let names = access::staff_names(rx, ids)?;
    let name = |id: &Option<String>| id.as_ref().map(|id| names.get(id).unwrap_or(id).clone());
    Ok(Order {
        due_on: due.on(&row),
        overdue: due.is_overdue(&row),
        moves_bank: rules::moves_bank(row.kind, takes_back),
        takes_back,
        payee,
        payee_account,
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
        pays_on: row.pays_on,
        refusal: row.refusal,
        version: row.version,
    })
}
