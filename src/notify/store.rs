//! Messages, how far the log has been told, and deliveries: the only writer of their tables. None of them is a fact of the
//! business, so none is logged.

use std::collections::HashSet;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    dsl::count_star,
};

use super::{
    model::{DeliveryId, DeliveryState, Kind, MessageId},
    rules::MOST_TRIES,
};
use crate::{
    access::{Account, Channel},
    db::{
        Error, Result, Rx, Tx,
        schema::{deliveries, messages, messages_told},
    },
    insert_some,
    kernel::{Id, PageRequest, Timestamp},
    trading::listing::LotId,
};

crate::text_column!(Kind, DeliveryState, Channel);

#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub struct MessageRow {
    pub id: MessageId,
    pub account_id: Id<Account>,
    pub kind: Kind,
    /// Why it was written; an account is told of one occasion once.
    pub occasion: String,
    pub lot_id: LotId,
    pub title: String,
    pub text: String,
    pub price: Option<String>,
    pub code: String,
    pub at: Timestamp,
    pub read_at: Option<Timestamp>,
    pub kept_until: Timestamp,
}

#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    pub message_id: MessageId,
    pub channel: Channel,
    pub state: DeliveryState,
    pub tries: i32,
    pub next_at: Timestamp,
    pub trouble: String,
    pub ended_at: Option<Timestamp>,
}

/// The place of the log's entry that is told next. No scope: a number.
pub fn told_place(rx: &mut Rx<'_>) -> Result<u64> {
    let place: i64 = messages_told::table.select(messages_told::place).first(rx.conn())?;
    u64::try_from(place).map_err(|_| Error::Internal(format!("messages are told up to {place}")))
}

/// The same, for the one who tells on from there: of several instances the others wait.
pub fn lock_told_place(tx: &mut Tx<'_>) -> Result<u64> {
    tx.lock_row("messages_told", "id", "log")?;
    told_place(tx)
}

pub fn set_told_place(tx: &mut Tx<'_>, place: u64) -> Result<()> {
    let place = i64::try_from(place).map_err(|_| Error::Internal(format!("{place} does not fit its column")))?;
    diesel::update(messages_told::table).set(messages_told::place.eq(place)).execute(tx.bookkeeping())?;
    Ok(())
}

pub fn insert(tx: &mut Tx<'_>, new: &[MessageRow], deliveries: &[DeliveryRow]) -> Result<()> {
    insert_some!(tx.bookkeeping(), messages::table, new);
    insert_some!(tx.bookkeeping(), deliveries::table, deliveries);
    Ok(())
}

/// Who has been told this of a lot, and on which occasion. No scope: for not telling it again.
pub fn list_told(rx: &mut Rx<'_>, lot: &LotId, kind: Kind) -> Result<HashSet<(Id<Account>, String)>> {
    let told: Vec<(Id<Account>, String)> = messages::table
        .filter(messages::lot_id.eq(lot).and(messages::kind.eq(kind)))
        .select((messages::account_id, messages::occasion))
        .load(rx.conn())?;
    Ok(told.into_iter().collect())
}

/// No scope: an account's own, the newest first.
pub fn list_own(
    rx: &mut Rx<'_>,
    account: &Id<Account>,
    only_unread: bool,
    page: &PageRequest,
) -> Result<Vec<MessageRow>> {
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let own = messages::table.filter(messages::account_id.eq(account));
    let mut query = own.order(messages::id.desc()).limit(limit).into_boxed();
    if only_unread {
        query = query.filter(messages::read_at.is_null());
    }
    if let Some(after) = &page.after {
        query = query.filter(messages::id.lt(after.clone()));
    }
    Ok(query.load(rx.conn())?)
}

/// No scope: how many messages each of these accounts has not read.
pub fn count_unread(rx: &mut Rx<'_>, accounts: &[Id<Account>]) -> Result<Vec<(Id<Account>, i64)>> {
    Ok(messages::table
        .filter(messages::account_id.eq_any(accounts.to_vec()).and(messages::read_at.is_null()))
        .group_by(messages::account_id)
        .select((messages::account_id, count_star()))
        .load(rx.conn())?)
}

/// No scope: an account's own.
pub fn find_own(rx: &mut Rx<'_>, account: &Id<Account>, id: &MessageId) -> Result<Option<MessageRow>> {
    Ok(messages::table.filter(messages::id.eq(id).and(messages::account_id.eq(account))).first(rx.conn()).optional()?)
}

/// No scope: an account's own, by the end of its short address.
pub fn find_own_by_code(rx: &mut Rx<'_>, account: &Id<Account>, code: &str) -> Result<Option<MessageRow>> {
    Ok(messages::table
        .filter(messages::code.eq(code).and(messages::account_id.eq(account)))
        .first(rx.conn())
        .optional()?)
}

/// Marks an account's messages as read; `only`: this one.
pub fn mark_read(tx: &mut Tx<'_>, account: &Id<Account>, only: Option<&MessageId>, now: Timestamp) -> Result<()> {
    let unread = messages::table.filter(messages::account_id.eq(account).and(messages::read_at.is_null()));
    let read = messages::read_at.eq(Some(now));
    match only {
        Some(id) => diesel::update(unread.filter(messages::id.eq(id))).set(read).execute(tx.bookkeeping())?,
        None => diesel::update(unread).set(read).execute(tx.bookkeeping())?,
    };
    Ok(())
}

/// Takes the words of these accounts' messages away, and ends their deliveries.
pub fn erase(tx: &mut Tx<'_>, accounts: &[Id<Account>], now: Timestamp) -> Result<()> {
    let theirs = messages::table.filter(messages::account_id.eq_any(accounts.to_vec()));
    let ids: Vec<MessageId> = theirs.clone().select(messages::id).load(tx.conn())?;
    diesel::update(theirs)
        .set((messages::title.eq(""), messages::text.eq(""), messages::price.eq(None::<String>)))
        .execute(tx.bookkeeping())?;
    diesel::update(deliveries::table.filter(deliveries::message_id.eq_any(ids).and(deliveries::ended_at.is_null())))
        .set((deliveries::state.eq(DeliveryState::GivenUp), deliveries::ended_at.eq(Some(now))))
        .execute(tx.bookkeeping())?;
    Ok(())
}

/// No scope: for forgetting. Messages that were read and need not be kept any more.
pub fn list_old(rx: &mut Rx<'_>, now: Timestamp, limit: i64) -> Result<Vec<MessageId>> {
    Ok(messages::table
        .filter(messages::kept_until.le(now).and(messages::read_at.is_not_null()))
        .order(messages::kept_until)
        .limit(limit)
        .select(messages::id)
        .load(rx.conn())?)
}

/// Removes messages with their deliveries: they are no facts of the business.
pub fn forget(tx: &mut Tx<'_>, ids: &[MessageId]) -> Result<()> {
    diesel::delete(deliveries::table.filter(deliveries::message_id.eq_any(ids.to_vec()))).execute(tx.bookkeeping())?;
    diesel::delete(messages::table.filter(messages::id.eq_any(ids.to_vec()))).execute(tx.bookkeeping())?;
    Ok(())
}

/// No scope: for sending. Deliveries of a channel whose time has come, the oldest first.
pub fn list_due(rx: &mut Rx<'_>, channel: Channel, now: Timestamp, limit: i64) -> Result<Vec<DeliveryId>> {
    Ok(deliveries::table
        .filter(deliveries::ended_at.is_null().and(deliveries::next_at.le(now)))
        .filter(deliveries::channel.eq(channel))
        .order((deliveries::next_at, deliveries::id))
        .limit(limit)
        .select(deliveries::id)
        .load(rx.conn())?)
}

/// Begins a try, unless another instance has begun it meanwhile: until `again_at` nobody begins another. Returns how many tries
/// that makes, and the message.
pub fn begin(
    tx: &mut Tx<'_>,
    id: &DeliveryId,
    now: Timestamp,
    again_at: impl Fn(i32) -> Timestamp,
) -> Result<Option<(i32, MessageRow)>> {
    tx.lock_row("deliveries", "id", id.as_str())?;
    let waiting = deliveries::ended_at.is_null().and(deliveries::next_at.le(now));
    let found: Option<DeliveryRow> =
        deliveries::table.filter(deliveries::id.eq(id).and(waiting)).first(tx.conn()).optional()?;
    let Some(row) = found else { return Ok(None) };
    let tries = row.tries + 1;
    diesel::update(deliveries::table.filter(deliveries::id.eq(id)))
        .set((deliveries::tries.eq(tries), deliveries::next_at.eq(again_at(tries))))
        .execute(tx.bookkeeping())?;
    let message = messages::table.filter(messages::id.eq(&row.message_id)).first(tx.conn())?;
    Ok(Some((tries, message)))
}

/// Writes down how a try ended; after the last one the delivery is given up.
pub fn end(
    tx: &mut Tx<'_>,
    id: &DeliveryId,
    tries: i32,
    end: std::result::Result<(), &str>,
    now: Timestamp,
) -> Result<()> {
    let (state, trouble) = match end {
        Ok(()) => (DeliveryState::Sent, ""),
        Err(trouble) if tries < MOST_TRIES => (DeliveryState::Waiting, trouble),
        Err(trouble) => (DeliveryState::GivenUp, trouble),
    };
    let ended_at = Some(now).filter(|_| state != DeliveryState::Waiting);
    diesel::update(deliveries::table.filter(deliveries::id.eq(id).and(deliveries::ended_at.is_null())))
        .set((deliveries::state.eq(state), deliveries::trouble.eq(trouble), deliveries::ended_at.eq(ended_at)))
        .execute(tx.bookkeeping())?;
    Ok(())
}
