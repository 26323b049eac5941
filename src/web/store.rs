//! First answers by idempotency key: the only writer of `idempotency_keys`. They are no facts of the business.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use super::idempotency::Reply;
use crate::{
    db::{Result, Rx, Tx, schema::idempotency_keys as keys},
    each_backend,
    kernel::Timestamp,
};

/// The answer this account got under this key, with the hash of the request it belonged to.
///
/// No scope: the key is looked up among the account's own.
pub(super) fn find_reply(rx: &mut Rx<'_>, account: &str, key: &str) -> Result<Option<(String, Reply)>> {
    let query = keys::table.filter(keys::account_id.eq(account).and(keys::key.eq(key))).select((
        keys::request_hash,
        keys::status,
        keys::body,
    ));
    let seen: Option<(String, i32, String)> = each_backend!(rx.conn(), |c| query.first(c)).optional()?;
    Ok(seen.map(|(hash, status, body)| (hash, Reply { status: u16::try_from(status).unwrap_or(500), body })))
}

/// Remembers the first answer.
pub(super) fn insert_reply(tx: &mut Tx<'_>, account: &str, key: &str, request_hash: &str, reply: &Reply) -> Result<()> {
    let at = tx.now();
    let insert = diesel::insert_into(keys::table).values((
        keys::account_id.eq(account),
        keys::key.eq(key),
        keys::request_hash.eq(request_hash),
        keys::status.eq(i32::from(reply.status)),
        keys::body.eq(&reply.body),
        keys::at.eq(at),
    ));
    each_backend!(tx.bookkeeping(), |c| insert.execute(c))?;
    Ok(())
}

/// Removes first answers from before a moment; they may hold names.
pub(super) fn delete_before(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    diesel::delete(keys::table.filter(keys::at.lt(before))).execute(tx.bookkeeping())?;
    Ok(())
}

/// No scope: yes or no.
pub(super) fn is_any_before(rx: &mut Rx<'_>, before: Timestamp) -> Result<bool> {
    let found: Option<String> =
        keys::table.filter(keys::at.lt(before)).select(keys::key).first(rx.conn()).optional()?;
    Ok(found.is_some())
}
