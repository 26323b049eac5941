//! Use cases: booking a line that fits nobody, its going over into a deposit, its going back.

use serde_json::json;

use super::{
    model::{Unidentified, UnidentifiedId, UnidentifiedState as State},
    rules::{self, Told},
    store::{self, UnidentifiedRow},
};
use crate::{
    access::{self, Allowed, Scope, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Id, Page, PageRequest, Timestamp, codes::RegionCode, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    settlement::{
        REFERENCE_TAKEN, TransferKind, bank,
        model::TransferId,
        orders::{self, Paid},
        posting::{self, Posted},
        rules::Read,
        store::{self as deposits, DepositRow},
    },
    vault::ERASED_NAME,
};

/// An officer books a line of the bank that fits nobody; it is ticked off by that.
///
/// Errors: `line_not_free`, `reference_taken` where a deposit has its number, a field error for a line that is not there.
pub fn book(tx: &mut Tx<'_>, allowed: &Allowed<may::PrepareMoney>, line: &str) -> Result<(UnidentifiedId, Receipt)> {
    let region: RegionCode = allowed.actor.home.parse().map_err(|_| &NOT_FOUND)?;
    let line = bank::take_line(tx, region.as_str(), line)?.ok_or(&rules::LINE_NOT_FREE)?;
    // What is recorded as somebody's deposit is not booked a second time: the line is to be ticked off against it.
    if !line.reference.is_empty() && deposits::knows_reference(tx, &line.reference)? {
        return Err((&REFERENCE_TAKEN).into());
    }
    let id: UnidentifiedId = tx.new_id("uni");
    let now = tx.now();
    let row = UnidentifiedRow {
        reference: if line.reference.is_empty() { own_number(&id) } else { line.reference.clone() },
        id,
        region_code: region.clone(),
        line_id: line.id.to_string(),
        amount: line.amount,
        payer_name: line.counterparty.clone(),
        received_on: line.on_day,
        state: State::Open,
        deposit_id: None,
        booked_by: allowed.actor.account.to_string(),
        booked_at: now,
        grounds: String::new(),
        prepared_by: None,
        prepared_at: None,
        settled_by: None,
        settled_at: None,
        payment: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::LINE_NOT_FREE).into() } else { e })?;
    let by = allowed.by();
    let moved_at = row.received_on.at(0, 0).min(now);
    let transfer = posting::book_unidentified(tx, &row, Posted::plain(TransferKind::TakeIn, moved_at), &by)?;
    bank::tick_off(tx, &by, region.as_str(), vec![line], &[transfer])?;
    let receipt = note(tx, &by, "unidentified.booked", &row)?;
    Ok((row.id, receipt))
}

/// For a line to which the bank gave no number: of the identifier's end, which is random.
fn own_number(id: &UnidentifiedId) -> String {
    let tail: Vec<char> = id.as_str().chars().rev().take(8).collect();
    format!("DCK{}", tail.iter().rev().collect::<String>().to_uppercase())
}

/// What the deposit that names this number takes over, locked; `None`: nothing that was unidentified has it.
///
/// Errors: `unidentified_differs`, `unidentified_not_in_state`, `reference_taken`.
pub fn claim(tx: &mut Tx<'_>, scope: &Scope, read: &Read, received_at: Timestamp) -> Result<Option<UnidentifiedRow>> {
    let found = store::list_by_reference(tx, scope, &read.reference)?;
    // One number may stand at several amounts, a fee beside its payment.
    let Some(row) = found.iter().find(|row| row.amount == read.amount).or(found.first()) else { return Ok(None) };
    tx.lock_row("unidentified_receipts", "id", row.id.as_str())?;
    let row = store::get(tx, &row.id)?;
    if !row.state.is_here() {
        return Err((&REFERENCE_TAKEN).into());
    }
    let booked = Told { amount: row.amount, payer: &row.payer_name, on: row.received_on };
    let typed = Told { amount: read.amount, payer: &read.payer_name, on: received_at.day() };
    rules::check_claim(row.state, booked, typed)?;
    Ok(Some(row))
}

/// The money goes over into a deposit, which `received` has booked. The bank sees nothing of it, so the two transfers are
/// ticked off against each other. The caller records the entry.
pub fn hand_over(
    tx: &mut Tx<'_>,
    mut row: UnidentifiedRow,
    deposit: &DepositRow,
    received: TransferId,
    by: &By,
) -> Result<()> {
    let now = tx.now();
    let handed = posting::book_unidentified(tx, &row, Posted::plain(TransferKind::HandOver, now), by)?;
    bank::tick_off(tx, by, row.region_code.clone().as_str(), Vec::new(), &[handed, received])?;
    row.state = State::Identified;
    row.deposit_id = Some(deposit.id.clone());
    (row.settled_by, row.settled_at) = (Some(by.account.clone()), Some(now));
    row.version += 1;
    row.update(tx)
}

/// An officer wants it to go back to who paid; another person has to confirm it.
///
/// Errors: field errors, `unidentified_not_in_state`, `not_found`.
pub fn prepare_return(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::PrepareMoney>,
    id: &UnidentifiedId,
    grounds: &str,
) -> Result<Receipt> {
    let grounds = rules::read_grounds(grounds)?;
    let mut row = locked(tx, &allowed.scope, id)?;
    row.state = rules::prepared(row.state)?;
    row.grounds = grounds;
    (row.prepared_by, row.prepared_at) = (Some(allowed.actor.account.to_string()), Some(tx.now()));
    row.version += 1;
    row.update(tx)?;
    note(tx, &allowed.by(), "unidentified.return_prepared", &row)
}

/// The second person confirms, with the bank's number: only now do the books move.
///
/// Errors: `unidentified_not_in_state`, `second_person`, `reference_taken`, field errors, `not_found`.
pub fn confirm_return(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::ConfirmMoney>,
    id: &UnidentifiedId,
    paid: &Paid,
) -> Result<Receipt> {
    let mut row = locked(tx, &allowed.scope, id)?;
    let is_one = row.prepared_by.as_deref() == Some(allowed.actor.account.as_str());
    row.state = rules::returned(row.state, is_one)?;
    let now = tx.now();
    let since = row.prepared_at.unwrap_or(row.booked_at);
    let (reference, paid_at) = orders::read_payment(paid, since, now)?;
    if store::knows_payment(tx, &reference)? || orders::knows_reference(tx, &reference)? {
        return Err((&REFERENCE_TAKEN).into());
    }
    let by = allowed.by();
    posting::book_unidentified(tx, &row, Posted::plain(TransferKind::GiveBack, paid_at), &by)?;
    row.payment = Some(reference);
    (row.settled_by, row.settled_at) = (Some(by.account.clone()), Some(now));
    row.version += 1;
    row.update(tx)?;
    note(tx, &by, "unidentified.returned", &row)
}

/// It stays: the second person says why, or who wanted it thought better of it.
///
/// Errors: field errors, `unidentified_not_in_state`, `not_found`.
pub fn refuse_return(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::ConfirmMoney>,
    id: &UnidentifiedId,
    reason: &str,
) -> Result<Receipt> {
    let reason = rules::read_grounds(reason)?;
    let mut row = locked(tx, &allowed.scope, id)?;
    row.state = rules::refused(row.state)?;
    row.grounds = reason;
    (row.prepared_by, row.prepared_at) = (None, None);
    row.version += 1;
    row.update(tx)?;
    note(tx, &allowed.by(), "unidentified.return_refused", &row)
}

fn locked(tx: &mut Tx<'_>, scope: &Scope, id: &UnidentifiedId) -> Result<UnidentifiedRow> {
    tx.lock_row("unidentified_receipts", "id", id.as_str())?;
    let row = store::find(tx, scope, id)?.ok_or(&NOT_FOUND)?;
    tx.now_after(row.prepared_at.unwrap_or(row.booked_at));
    Ok(row)
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &UnidentifiedRow) -> Result<Receipt> {
    let fact = Fact::new(kind, &row.region_code).about("unidentified", &row.id);
    record(tx, by, fact.data(json!({ "paid": row.amount })))
}

/// What a reader may see: who paid before it is said that nobody claims it is for those alone who keep the account, because it
/// may be a bidder.
fn states(allowed: &Allowed<may::ReadMoney>) -> &'static [State] {
    if allowed.actor.can::<may::PrepareMoney>() { State::ALL } else { &[State::Returning, State::Returned] }
}

/// One of the scope.
///
/// Errors: `not_found`.
pub fn get(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>, id: &UnidentifiedId) -> Result<Unidentified> {
    let row = store::find(rx, &allowed.scope, id)?.filter(|row| states(allowed).contains(&row.state));
    view(rx, row.ok_or(&NOT_FOUND)?)
}

/// Whether this account wanted it to go back.
///
/// Errors: `not_found`.
pub fn is_prepared_by(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadMoney>,
    id: &UnidentifiedId,
    account: &str,
) -> Result<bool> {
    let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    Ok(row.prepared_by.as_deref() == Some(account))
}

/// Those of the scope in one state, or in any.
pub fn list(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadMoney>,
    state: Option<State>,
    page: &PageRequest,
) -> Result<Page<Unidentified>> {
    let wanted = states(allowed).iter().copied().filter(|one| state.is_none_or(|state| state == *one));
    let wanted: Vec<State> = wanted.collect();
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let rows = store::list(rx, &allowed.scope, &wanted, page.after.clone(), limit)?;
    let found = Page::from_rows(rows, page.limit(), |row| row.id.to_string());
    let items = found.items.into_iter().map(|row| view(rx, row)).collect::<Result<_>>()?;
    Ok(Page { items, next: found.next })
}

/// How many of the scope wait: to be identified, and for the second person.
pub fn count_open(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>) -> Result<(i64, i64)> {
    Ok((store::count(rx, &allowed.scope, State::Open)?, store::count(rx, &allowed.scope, State::Returning)?))
}

/// Who paid goes with the bidder whose deposit took the money over.
pub fn erase(tx: &mut Tx<'_>, deposit: &DepositRow) -> Result<()> {
    let Some(mut row) = store::find_by_deposit(tx, &deposit.id)? else { return Ok(()) };
    row.payer_name = ERASED_NAME.to_owned();
    row.reference = format!("erased/{}", row.id);
    row.version += 1;
    row.salt = Salt::fresh();
    row.update(tx)?;
    for transfer in deposits::transfers_of_unidentified(tx, &row.id)? {
        bank::erase(tx, transfer.id.as_str())?;
    }
    Ok(())
}

fn view(rx: &mut Rx<'_>, row: UnidentifiedRow) -> Result<Unidentified> {
    let officers = [Some(&row.booked_by), row.prepared_by.as_ref(), row.settled_by.as_ref()];
    let ids = officers.into_iter().flatten().map(|id| Id::from_trusted(id.as_str())).collect();
    let names = access::staff_names(rx, ids)?;
    let name = |id: &String| names.get(id).unwrap_or(id).clone();
    Ok(Unidentified {
        booked_by: name(&row.booked_by),
        prepared_by: row.prepared_by.as_ref().map(name),
        settled_by: row.settled_by.as_ref().map(name),
        id: row.id,
        amount: row.amount,
        payer_name: row.payer_name,
        reference: row.reference,
        received_on: row.received_on,
        state: row.state,
        deposit_id: row.deposit_id.map(|id| id.to_string()),
        grounds: row.grounds,
        booked_at: row.booked_at,
        prepared_at: row.prepared_at,
        settled_at: row.settled_at,
        payment: row.payment,
        version: row.version,
    })
}
