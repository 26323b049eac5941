//! First answers by idempotency key: the only writer of `idempotency_keys`. They are no facts of the business.

use diesel::{BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl};

use super::idempotency::Reply;
use crate::{
    db::{
        Conn, Result, Rx, Tx,
        gathered::Gathered,
        schema::{idempotency_keys, idempotency_keys as keys},
    },
    each_backend, insert_some,
    kernel::Timestamp,
};

/// The answer this account got under this key, with the hash of the request it belonged to.
///
/// No scope: the key is looked up among the account's own.
pub(super) fn find_reply(tx: &mut Tx<'_>, account: &str, key: &str) -> Result<Option<(String, Reply)>> {
    let waiting = &tx.gather::<NewReplies>()?.0;
    if let Some(new) = waiting.iter().find(|new| new.account_id == account && new.key == key) {
        return Ok(Some((new.request_hash.clone(), reply(new.status, new.body.clone()))));
    }
    let query = keys::table.filter(keys::account_id.eq(account).and(keys::key.eq(key))).select((
        keys::request_hash,
        keys::status,
        keys::body,
    ));
    // What waits was looked through: it may go on waiting.
    let seen: Option<(String, i32, String)> = each_backend!(tx.conn_for(&[]), |c| query.first(c)).optional()?;
    Ok(seen.map(|(hash, status, body)| (hash, reply(status, body))))
}

fn reply(status: i32, body: String) -> Reply {
    Reply { status: u16::try_from(status).unwrap_or(500), body }
}

/// Answers that are remembered.
#[derive(Default)]
struct NewReplies(Vec<NewReply>);

/// A first answer.
#[derive(Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
struct NewReply {
    account_id: String,
    key: String,
    request_hash: String,
    status: i32,
    body: String,
    at: Timestamp,
}

impl Gathered for NewReplies {
    fn tables(&self) -> &'static [&'static str] {
        &["idempotency_keys"]
    }
    fn write(&self, conn: &mut Conn) -> Result<()> {
        insert_some!(conn, keys::table, &self.0);
        Ok(())
    }
}

/// Remembers the first answer.
pub(super) fn insert_reply(tx: &mut Tx<'_>, account: &str, key: &str, request_hash: &str, reply: &Reply) -> Result<()> {
    let at = tx.now();
    let (account_id, key, request_hash) = (account.to_owned(), key.to_owned(), request_hash.to_owned());
    let new = NewReply { account_id, key, request_hash, status: i32::from(reply.status), body: reply.body.clone(), at };
    tx.gather::<NewReplies>()?.0.push(new);
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
