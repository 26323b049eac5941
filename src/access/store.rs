//! Accounts and sessions: the only writer of their tables.

pub(super) mod contacts;

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::{Role, Scope};
use crate::{
    db::{
        Result, Rx, Salt, Tx,
        schema::{accounts, sessions, spent_tokens},
    },
    each_backend,
    kernel::{Id, PageRequest, Timestamp},
};

crate::text_enum! {
    /// Whether an account can sign in.
    pub enum AccountState {
        Active = "active" => "可登录",
        Disabled = "disabled" => "已停用",
    }
}

crate::text_column!(Role, AccountState);

/// Marker of account identifiers.
#[derive(Debug)]
pub struct Account;
/// Marker of session identifiers.
#[derive(Debug)]
pub struct SessionRecord;

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = accounts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct AccountRow {
    pub id: Id<Account>,
    /// What the person types to sign in.
    pub name: String,
    pub display_name: String,
    pub role: Role,
    /// Region code the role is held at.
    pub scope: String,
    pub password_hash: String,
    pub state: AccountState,
    pub created_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
    /// The person of the roster whose account it is. A later column: rows that were logged before it have the state that
    /// they had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
}
crate::logged_table!(AccountRow in accounts, key id);

#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(super) struct SessionRow {
    pub id: Id<SessionRecord>,
    pub account_id: Id<Account>,
    /// `page` (cookie) or `api` (refresh token).
    pub kind: String,
    pub token_hash: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// No scope: names are one space for the whole installation, and whoever signs in has no scope yet.
pub(super) fn find_account_by_name(rx: &mut Rx<'_>, name: &str) -> Result<Option<AccountRow>> {
    Ok(accounts::table.filter(accounts::name.eq(name)).first(rx.conn()).optional()?)
}

pub(super) fn find_account(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Account>) -> Result<Option<AccountRow>> {
    let (from, to) = scope.range();
    Ok(accounts::table
        .filter(accounts::id.eq(id).and(accounts::scope.ge(from)).and(accounts::scope.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// Names of those who hold an office; bidders are left out. No scope: an entry says who wrote it to whoever may read it.
pub(super) fn staff_names(rx: &mut Rx<'_>, ids: Vec<Id<Account>>) -> Result<Vec<(String, String)>> {
    Ok(accounts::table
        .filter(accounts::id.eq_any(ids).and(accounts::role.ne(Role::Bidder)))
        .select((accounts::id, accounts::display_name))
        .load::<(Id<Account>, String)>(rx.conn())?
        .into_iter()
        .map(|(id, name)| (id.to_string(), name))
        .collect())
}

/// No scope: the name beside a deed that the reader may see.
pub(super) fn find_display_name(rx: &mut Rx<'_>, id: &str) -> Result<Option<String>> {
    Ok(accounts::table.filter(accounts::id.eq(id)).select(accounts::display_name).first(rx.conn()).optional()?)
}

/// No scope: the one account that is tied to a person.
pub(super) fn find_account_of(rx: &mut Rx<'_>, person: &str) -> Result<Option<AccountRow>> {
    Ok(accounts::table.filter(accounts::person_id.eq(person)).first(rx.conn()).optional()?)
}

/// No scope: an account that asks about itself, or that is being erased.
pub(super) fn find_account_of_own(rx: &mut Rx<'_>, id: &Id<Account>) -> Result<Option<AccountRow>> {
    Ok(accounts::table.filter(accounts::id.eq(id)).first(rx.conn()).optional()?)
}

pub(super) fn list_accounts(rx: &mut Rx<'_>, scope: &Scope, page: &PageRequest) -> Result<Vec<AccountRow>> {
    let (from, to) = scope.range();
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    Ok(accounts::table
        .filter(accounts::scope.ge(from).and(accounts::scope.lt(to)))
        .filter(accounts::id.gt(page.after.clone().unwrap_or_default()))
        .order(accounts::id)
        .limit(limit)
        .load(rx.conn())?)
}

/// How a session is looked up: its identifier, or the hash of its secret.
#[derive(Debug, Clone)]
pub(super) enum SessionKey {
    Id(Id<SessionRecord>),
    TokenHash(String),
}

/// The running sessions with these keys, of active accounts, in any order; for a single one by a statement that stays prepared.
///
/// No scope: found by their own secrets.
pub(super) fn list_live_sessions(
    rx: &mut Rx<'_>,
    keys: &[&SessionKey],
    now: Timestamp,
) -> Result<Vec<(SessionRow, AccountRow)>> {
    let query = sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)))
        .select((sessions::all_columns, accounts::all_columns));
    use diesel::JoinOnDsl;
    let (mut ids, mut hashes) = (Vec::new(), Vec::new());
    for key in keys {
        match key {
            SessionKey::Id(id) => ids.push(id),
            SessionKey::TokenHash(hash) => hashes.push(hash),
        }
    }
    // With both kinds in one condition no index is of use.
    let mut found: Vec<(SessionRow, AccountRow)> = match &ids[..] {
        [] => Vec::new(),
        [id] => each_backend!(rx.conn(), |c| query.filter(sessions::id.eq(*id)).load(c))?,
        _ => each_backend!(rx.conn(), |c| query.filter(sessions::id.eq_any(ids)).load(c))?,
    };
    found.append(&mut match &hashes[..] {
        [] => Vec::new(),
        [hash] => each_backend!(rx.conn(), |c| query.filter(sessions::token_hash.eq(*hash)).load(c))?,
        _ => each_backend!(rx.conn(), |c| query.filter(sessions::token_hash.eq_any(hashes)).load(c))?,
    });
    // Asked of the row: PostgreSQL takes a state for something rare, and looked through all accounts first.
    found.retain(|(_, account)| account.state == AccountState::Active);
    Ok(found)
}

pub(super) fn insert_session(tx: &mut Tx<'_>, row: &SessionRow) -> Result<()> {
    diesel::insert_into(sessions::table).values(row).execute(tx.bookkeeping())?;
    Ok(())
}

/// Replaces the refresh token; the old one is remembered as spent.
pub(super) fn rotate(
    tx: &mut Tx<'_>,
    id: &Id<SessionRecord>,
    old: &str,
    new: &str,
    now: Timestamp,
    expires: Timestamp,
) -> Result<()> {
    diesel::insert_into(spent_tokens::table)
        .values((spent_tokens::token_hash.eq(old), spent_tokens::session_id.eq(id), spent_tokens::spent_at.eq(now)))
        .execute(tx.bookkeeping())?;
    diesel::update(sessions::table.filter(sessions::id.eq(id)))
        .set((sessions::token_hash.eq(new), sessions::seen_at.eq(now), sessions::expires_at.eq(expires)))
        .execute(tx.bookkeeping())?;
    Ok(())
}

/// The session a spent refresh token belonged to.
///
/// No scope: found by its own secret.
pub(super) fn find_spent(rx: &mut Rx<'_>, token_hash: &str) -> Result<Option<Id<SessionRecord>>> {
    Ok(spent_tokens::table
        .filter(spent_tokens::token_hash.eq(token_hash))
        .select(spent_tokens::session_id)
        .first(rx.conn())
        .optional()?)
}

pub(super) fn end_session(tx: &mut Tx<'_>, id: &Id<SessionRecord>, now: Timestamp) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::id.eq(id).and(sessions::ended_at.is_null())))
        .set(sessions::ended_at.eq(Some(now)))
        .execute(tx.bookkeeping())?;
    Ok(())
}

pub(super) fn end_sessions_of(tx: &mut Tx<'_>, account: &Id<Account>, now: Timestamp) -> Result<()> {
    diesel::update(sessions::table.filter(sessions::account_id.eq(account).and(sessions::ended_at.is_null())))
        .set(sessions::ended_at.eq(Some(now)))
        .execute(tx.bookkeeping())?;
    Ok(())
}
