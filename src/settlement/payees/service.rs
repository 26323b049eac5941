//! Use cases: writing an account down, bringing it into force, refusing it.

use serde_json::json;

use super::{
    model::{NewPayee, Payee, PayeeId, PayeeState as State},
    rules,
    store::{self, PayeeRow},
};
use crate::{
    access::{self, Allowed, Scope, may},
    collectives,
    db::{Result, Rx, Salt, Tx},
    kernel::{Id, Page, PageRequest, Problem, error::NOT_FOUND, text::mask_account},
    log::{By, Fact, Receipt, record},
    settlement::store as deposits,
    vault::{ERASED_NAME, Field, Sealed, Vault},
};

/// An officer writes down the account of a collective, or another one for a deposit; a second person has to confirm it.
///
/// Errors: field errors, `payee_waiting`, `not_found`.
pub fn prepare(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::PrepareMoney>,
    vault: &Vault,
    new: &NewPayee,
) -> Result<(PayeeId, Receipt)> {
    let read = rules::read(new)?;
    collectives::get(tx, &allowed.scope, &new.collective_code)?;
    let deposit_id = new.deposit_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
    let deposit = match deposit_id {
        None => None,
        Some(id) => {
            let found = deposits::find(tx, &allowed.scope, &Id::from_trusted(id))?;
            let found = found.filter(|deposit| deposit.collective_code == new.collective_code);
            let detail = "没有这笔保证金，请从保证金的处理单进入";
            Some(found.ok_or_else(|| Problem::field("deposit_id", Some(id), detail))?.id)
        }
    };
    let row = PayeeRow {
        id: tx.new_id("pay"),
        collective_code: new.collective_code.clone(),
        subject: deposit.as_ref().map_or(new.collective_code.to_string(), ToString::to_string),
        deposit_id: deposit,
        holder: read.holder,
        number: vault.seal(Field::BankAccount, &read.number)?,
        bank: read.bank,
        grounds: read.grounds,
        state: State::Prepared,
        prepared_by: allowed.actor.account.to_string(),
        prepared_at: tx.now(),
        confirmed_by: None,
        confirmed_at: None,
        refusal: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::PAYEE_WAITING).into() } else { e })?;
    let receipt = note(tx, &allowed.by(), "payee.prepared", &row)?;
    Ok((row.id, receipt))
}

/// The second person confirms: from now on money goes there.
///
/// Errors: `payee_not_in_state`, `second_person`, `not_found`.
pub fn confirm(tx: &mut Tx<'_>, allowed: &Allowed<may::ConfirmMoney>, id: &PayeeId) -> Result<Receipt> {
    let mut row = locked(tx, &allowed.scope, id)?;
    row.state = rules::confirmed(row.state, row.prepared_by == allowed.actor.account.as_str())?;
    if let Some(mut before) = store::find_in_force(tx, &row.subject)? {
        before.state = State::Replaced;
        before.version += 1;
        before.update(tx)?;
    }
    end(tx, row, allowed, "payee.confirmed")
}

/// The second person refuses, and says why; who wrote it down may take it back.
///
/// Errors: field errors, `payee_not_in_state`, `not_found`.
pub fn refuse(tx: &mut Tx<'_>, allowed: &Allowed<may::ConfirmMoney>, id: &PayeeId, reason: &str) -> Result<Receipt> {
    let reason = crate::settlement::orders::read_refusal(reason, true)?;
    let mut row = locked(tx, &allowed.scope, id)?;
    row.state = rules::refused(row.state)?;
    row.refusal = reason;
    end(tx, row, allowed, "payee.refused")
}

fn end(
    tx: &mut Tx<'_>,
    mut row: PayeeRow,
    allowed: &Allowed<may::ConfirmMoney>,
    kind: &'static str,
) -> Result<Receipt> {
    (row.confirmed_by, row.confirmed_at) = (Some(allowed.actor.account.to_string()), Some(tx.now()));
    row.version += 1;
    row.update(tx)?;
    note(tx, &allowed.by(), kind, &row)
}

fn locked(tx: &mut Tx<'_>, scope: &Scope, id: &PayeeId) -> Result<PayeeRow> {
    tx.lock_row("payees", "id", id.as_str())?;
    let row = store::find(tx, scope, id)?.ok_or(&NOT_FOUND)?;
    tx.now_after(row.prepared_at);
    Ok(row)
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &PayeeRow) -> Result<Receipt> {
    let mut fact = Fact::new(kind, &row.collective_code).about("payee", &row.id);
    if let Some(deposit) = &row.deposit_id {
        fact = fact.about("deposit", deposit);
    }
    record(tx, by, fact.data(json!({ "state": row.state })))
}

/// The account in force of a collective or a deposit that the caller has found.
pub fn in_force(rx: &mut Rx<'_>, subject: &str) -> Result<Option<PayeeId>> {
    Ok(store::find_in_force(rx, subject)?.map(|row| row.id))
}

/// Holder, and bank with the last digits, of an account that an order names.
pub fn shown(rx: &mut Rx<'_>, vault: &Vault, id: &PayeeId) -> Result<Option<(String, String)>> {
    let Some(row) = store::find_by_id(rx, id)? else { return Ok(None) };
    let number = vault.masked(Field::BankAccount, &row.number, mask_account)?;
    Ok(Some((row.holder, format!("{} {number}", row.bank))))
}

/// One of the scope.
///
/// Errors: `not_found`.
pub fn get(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>, vault: &Vault, id: &PayeeId) -> Result<Payee> {
    let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    view(rx, vault, row)
}

/// Whether this account of an officer wrote it down.
///
/// Errors: `not_found`.
pub fn is_prepared_by(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>, id: &PayeeId, account: &str) -> Result<bool> {
    Ok(store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?.prepared_by == account)
}

/// Those of the scope.
pub fn list(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadMoney>,
    vault: &Vault,
    state: Option<State>,
    page: &PageRequest,
) -> Result<Page<Payee>> {
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let rows = store::list(rx, &allowed.scope, state, page.after.clone(), limit)?;
    let found = Page::from_rows(rows, page.limit(), |row| row.id.to_string());
    let items = found.items.into_iter().map(|row| view(rx, vault, row)).collect::<Result<_>>()?;
    Ok(Page { items, next: found.next })
}

/// How many of the scope wait for the second person.
pub fn count_prepared(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>) -> Result<i64> {
    store::count_prepared(rx, &allowed.scope)
}

/// The accounts written down for a deposit go with whoever paid it.
pub fn erase(tx: &mut Tx<'_>, deposit: &crate::settlement::DepositId) -> Result<()> {
    for mut row in store::list_by_deposit(tx, deposit)? {
        row.holder = ERASED_NAME.to_owned();
        row.number = Sealed::erased();
        row.grounds = String::new();
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}

fn view(rx: &mut Rx<'_>, vault: &Vault, row: PayeeRow) -> Result<Payee> {
    let officers = [Some(&row.prepared_by), row.confirmed_by.as_ref()];
    let ids = officers.into_iter().flatten().map(|id| Id::from_trusted(id.as_str())).collect();
    let names = access::staff_names(rx, ids)?;
    let name = |id: &String| names.get(id).unwrap_or(id).clone();
    Ok(Payee {
        number: vault.masked(Field::BankAccount, &row.number, mask_account)?,
        prepared_by: name(&row.prepared_by),
        confirmed_by: row.confirmed_by.as_ref().map(name),
        id: row.id,
        collective_name: collectives::place_name(rx, &row.collective_code)?,
        collective_code: row.collective_code,
        deposit_id: row.deposit_id.map(|id| id.to_string()),
        holder: row.holder,
        bank: row.bank,
        grounds: row.grounds,
        state: row.state,
        prepared_at: row.prepared_at,
        confirmed_at: row.confirmed_at,
        refusal: row.refusal,
        version: row.version,
    })
}
