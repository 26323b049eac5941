//! Addresses for messages: the only writer of their table.

use diesel::{AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};

use super::Account;
use crate::{
    db::{Result, Rx, Tx, schema::account_contacts},
    kernel::{Id, Timestamp},
    vault::Sealed,
};

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = account_contacts, primary_key(account_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ContactRow {
    pub account_id: Id<Account>,
    pub phone: Option<Sealed>,
    pub mail: Option<Sealed>,
    pub changed_at: Timestamp,
}

/// No scope: an account's own.
pub fn find_own(rx: &mut Rx<'_>, account: &Id<Account>) -> Result<Option<ContactRow>> {
    Ok(account_contacts::table.filter(account_contacts::account_id.eq(account)).first(rx.conn()).optional()?)
}

/// No scope: of those to whom messages go.
pub fn list_of(rx: &mut Rx<'_>, accounts: &[Id<Account>]) -> Result<Vec<ContactRow>> {
    Ok(account_contacts::table.filter(account_contacts::account_id.eq_any(accounts.to_vec())).load(rx.conn())?)
}

/// Puts the row in the place of the one before; the caller has locked the account.
pub fn put(tx: &mut Tx<'_>, row: &ContactRow) -> Result<()> {
    let own = account_contacts::table.filter(account_contacts::account_id.eq(&row.account_id));
    let known = diesel::update(own).set(row).execute(tx.bookkeeping())?;
    if known == 0 {
        diesel::insert_into(account_contacts::table).values(row).execute(tx.bookkeeping())?;
    }
    Ok(())
}

/// Takes both addresses away.
pub fn erase(tx: &mut Tx<'_>, account: &Id<Account>, now: Timestamp) -> Result<()> {
    match find_own(tx, account)? {
        Some(row) => put(tx, &ContactRow { phone: None, mail: None, changed_at: now, ..row }),
        None => Ok(()),
    }
}
