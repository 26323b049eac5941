//! Live auctions and their commands: the only writer of the two tables. Commands are only ever added.

use std::collections::HashMap;

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::grounds::Ground;
use crate::{
    access::Account,
    db::{
        Result, Rx, Salt, Tx,
        schema::{auction_commands, auction_commands as commands, auctions},
    },
    documents::Document,
    each_backend,
    kernel::{Fen, Id, Timestamp},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

crate::text_enum! {
    /// What a command asked for, as it is stored.
    pub enum CommandKind {
        Bid = "bid" => "出价",
        Match = "match" => "行使优先权",
        /// Takes the price of the falling clock.
        Accept = "accept" => "应价",
        Suspend = "suspend" => "中止",
        Resume = "resume" => "恢复",
        Terminate = "terminate" => "终止",
        Outage = "outage" => "停机补时",
    }
}
crate::text_column!(CommandKind, Ground);

/// Marker of command identifiers.
#[derive(Debug)]
pub struct CommandRecord;

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = auctions, primary_key(lot_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AuctionRow {
    pub lot_id: LotId,
    pub leading_number: Option<i32>,
    pub price: Option<Fen>,
    pub end_at: Timestamp,
    pub extensions: i64,
    pub suspended_since: Option<Timestamp>,
    pub suspended_us: i64,
    pub terminated: bool,
    /// The `seq` of the last command.
    pub last_seq: i64,
    /// Its time: the next is never earlier.
    pub last_at: Timestamp,
    /// When the award was written.
    pub closed_at: Option<Timestamp>,
    pub salt: Salt,
    /// Written by the close: the priority ranks that it was held with, `[["03",1]]`. `None` where the notice gives no priority
    /// rights, and in rows of an older program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holders: Option<String>,
    /// Written by the close: the points that it was held with, `[["03",500]]`. `None` where prices alone are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<String>,
}
crate::logged_table!(AuctionRow in auctions, key lot_id);
crate::gathered_table!(changed AuctionRow in auctions, key lot_id as LiveRows);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = commands, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CommandRow {
    pub id: Id<CommandRecord>,
    pub lot_id: LotId,
    pub seq: i64,
    pub at: Timestamp,
    pub action: CommandKind,
    pub enrolment_id: Option<EnrolmentId>,
    pub bid_number: Option<i32>,
    pub amount: Option<Fen>,
    pub accepted: bool,
    pub reason: Option<String>,
    /// The `minimum` or `maximum` that was told.
    pub bound: Option<Fen>,
    pub leader: Option<i32>,
    pub price: Option<Fen>,
    pub closes_at: Option<Timestamp>,
    /// The reason a steward gave, or what a refusal was about more closely.
    pub note: String,
    pub salt: Salt,
    /// From when the system stood still; of an outage only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Why an auction stands still or a trade was ended; `None` for all else, and in rows of an older program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// Name and number of the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paper: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_id: Option<Id<Document>>,
    /// Of the stored, encrypted paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_sha256: Option<String>,
    /// Who entered it for a paddle in the hall; `None` for what bidders and stewards did themselves, and in rows of an older program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_by: Option<Id<Account>>,
}
impl CommandRow {
    /// The next command of an auction, not decided yet and without what belongs to its kind.
    pub fn next(id: Id<CommandRecord>, auction: &AuctionRow, at: Timestamp, action: CommandKind) -> CommandRow {
        CommandRow {
            id,
            lot_id: auction.lot_id.clone(),
            seq: auction.last_seq + 1,
            at,
            action,
            enrolment_id: None,
            bid_number: None,
            amount: None,
            accepted: false,
            reason: None,
            bound: None,
            leader: None,
            price: None,
            closes_at: None,
            note: String::new(),
            salt: Salt::fresh(),
            since: None,
            ground: None,
            paper: None,
            document_id: None,
            document_sha256: None,
            entered_by: None,
        }
    }
}
crate::logged_table!(CommandRow in auction_commands, key id);
crate::gathered_table!(new CommandRow in auction_commands as NewCommands);

/// Locks the auction until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, lot: &LotId) -> Result<()> {
    tx.lock_row("auctions", "lot_id", lot.as_str())
}

/// No scope: the lot was found in one, or is public.
pub fn find(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<AuctionRow>> {
    let query = auctions::table.filter(auctions::lot_id.eq(lot));
    Ok(each_backend!(rx.conn(), |c| query.first(c)).optional()?)
}

/// No scope: the close looks everywhere. Auctions whose end has passed and whose award is not written, oldest first;
/// sealed ones among them may wait for their trustees.
pub fn list_due(rx: &mut Rx<'_>, now: Timestamp) -> Result<Vec<LotId>> {
    Ok(auctions::table
        .filter(auctions::closed_at.is_null().and(auctions::suspended_since.is_null()).and(auctions::end_at.le(now)))
        .select(auctions::lot_id)
        .order(auctions::end_at)
        .limit(1_000)
        .load(rx.conn())?)
}

/// No scope: the lot was found in one. Every command in order.
pub fn list_all(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<CommandRow>> {
    Ok(commands::table.filter(commands::lot_id.eq(lot)).order(commands::seq).load(rx.conn())?)
}

/// No scope: the lot was found in one. Every accepted command in order.
pub fn list_accepted(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<CommandRow>> {
    Ok(commands::table
        .filter(commands::lot_id.eq(lot).and(commands::accepted.eq(true)))
        .order(commands::seq)
        .load(rx.conn())?)
}

/// No scope: the lots were found in one, or are public. The same of many.
pub fn list_accepted_of(rx: &mut Rx<'_>, lots: &[LotId]) -> Result<HashMap<LotId, Vec<CommandRow>>> {
    let rows: Vec<CommandRow> = commands::table
        .filter(commands::lot_id.eq_any(lots.to_vec()).and(commands::accepted.eq(true)))
        .order((commands::lot_id, commands::seq))
        .load(rx.conn())?;
    let mut by_lot: HashMap<LotId, Vec<CommandRow>> = HashMap::new();
    for row in rows {
        by_lot.entry(row.lot_id.clone()).or_default().push(row);
    }
    Ok(by_lot)
}

/// No scope: the lot was found in one. Newest first, before `before`.
pub fn list_newest(
    rx: &mut Rx<'_>,
    lot: &LotId,
    refused_too: bool,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<CommandRow>> {
    let mut query =
        commands::table.filter(commands::lot_id.eq(lot)).order(commands::seq.desc()).limit(limit).into_boxed();
    if !refused_too {
        query = query.filter(commands::accepted.eq(true));
    }
    if let Some(before) = before {
        query = query.filter(commands::seq.lt(before));
    }
    Ok(query.load(rx.conn())?)
}

/// No scope: an enrolment's own commands, newest first, before `before`.
pub fn list_own(rx: &mut Rx<'_>, enrolment: &EnrolmentId, before: Option<i64>, limit: i64) -> Result<Vec<CommandRow>> {
    let mut query = commands::table
        .filter(commands::enrolment_id.eq(enrolment))
        .order(commands::seq.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(commands::seq.lt(before));
    }
    Ok(query.load(rx.conn())?)
}

/// No scope: for a check of meaning. Commands that were entered for a paddle, by identifier, some after `after`.
pub fn list_entered(rx: &mut Rx<'_>, after: Option<&str>) -> Result<Vec<CommandRow>> {
    Ok(commands::table
        .filter(commands::entered_by.is_not_null().and(commands::id.gt(after.unwrap_or_default().to_owned())))
        .order(commands::id)
        .limit(500)
        .load(rx.conn())?)
}

/// No scope: an enrolment's own. How many of its bids were entered for a paddle.
pub fn count_entered(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<i64> {
    let own = commands::table.filter(commands::enrolment_id.eq(enrolment).and(commands::entered_by.is_not_null()));
    Ok(own.count().get_result(rx.conn())?)
}

/// No scope: an enrolment's own. Whether one of its bids was accepted.
pub fn has_bid(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<bool> {
    let found: Option<i64> = commands::table
        .filter(commands::enrolment_id.eq(enrolment).and(commands::accepted.eq(true)))
        .select(commands::seq)
        .first(rx.conn())
        .optional()?;
    Ok(found.is_some())
}

/// No scope: an enrolment's own. The newest of its commands that took the lead.
pub fn last_lead(rx: &mut Rx<'_>, enrolment: &EnrolmentId, number: i32) -> Result<Option<i64>> {
    let query = commands::table
        .filter(commands::enrolment_id.eq(enrolment).and(commands::accepted.eq(true)).and(commands::leader.eq(number)))
        .order(commands::seq.desc())
        .select(commands::seq)
        .limit(1);
    Ok(each_backend!(rx.conn(), |c| query.first(c)).optional()?)
}

/// No scope: for messages. Auctions that run and have a leader whom everybody sees: the lot, and its last command.
pub fn list_led(rx: &mut Rx<'_>, now: Timestamp) -> Result<Vec<(LotId, i64)>> {
    Ok(auctions::table
        .filter(auctions::closed_at.is_null().and(auctions::end_at.gt(now)).and(auctions::leading_number.is_not_null()))
        .select((auctions::lot_id, auctions::last_seq))
        .order(auctions::lot_id)
        .load(rx.conn())?)
}

/// No scope: the enrolment was found in one. The price at which it stands: that of its last accepted bid.
pub fn last_price(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Option<Fen>> {
    let last: Option<(Option<Fen>, Option<Fen>)> = commands::table
        .filter(commands::enrolment_id.eq(enrolment).and(commands::accepted.eq(true)))
        .order(commands::seq.desc())
        .select((commands::amount, commands::price))
        .first(rx.conn())
        .optional()?;
    // Who matched or took a price named none.
    Ok(last.and_then(|(amount, price)| amount.or(price)))
}

/// What everybody may see of the commands after `after`, oldest first.
pub fn list_public_since(rx: &mut Rx<'_>, lot: &LotId, after: i64, limit: i64) -> Result<Vec<CommandRow>> {
    Ok(commands::table
        .filter(commands::lot_id.eq(lot).and(commands::accepted.eq(true)).and(commands::seq.gt(after)))
        .order(commands::seq)
        .limit(limit)
        .load(rx.conn())?)
}

/// No scope: the lots were found in one, or are public.
pub fn find_many(rx: &mut Rx<'_>, lots: &[LotId]) -> Result<HashMap<LotId, AuctionRow>> {
    let rows: Vec<AuctionRow> = auctions::table.filter(auctions::lot_id.eq_any(lots.to_vec())).load(rx.conn())?;
    Ok(rows.into_iter().map(|row| (row.lot_id.clone(), row)).collect())
}
