//! Enrolments: the only writer of their table.

use std::collections::HashMap;

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl, dsl::max,
};
use serde::Serialize;

use super::model::{BidderKind, EnrolmentId, EnrolmentState};
use crate::{
    access::Account,
    access::Scope,
    db::{
        Result, Rx, Salt,
        schema::{enrolments, lots},
    },
    each_backend,
    kernel::{Id, PageRequest, Timestamp, codes::RegionCode},
    trading::listing::{LotId, LotState},
    vault::{BlindIndex, Sealed},
};

crate::text_column!(BidderKind, EnrolmentState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = enrolments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EnrolmentRow {
    pub id: EnrolmentId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub account_id: Id<Account>,
    pub bidder_kind: BidderKind,
    pub name: String,
    pub id_number: Sealed,
    pub id_index: BlindIndex,
    pub phone: Sealed,
    pub priority_claim: String,
    pub priority_rank: Option<i32>,
    pub bid_number: Option<i32>,
    pub state: EnrolmentState,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
    /// Later columns: rows that were logged before them have the state that they had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_notice: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<i32>,
    /// See [`Share`](crate::trading::joint::Share); only where others bid together with the bidder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<i64>,
}
crate::logged_table!(EnrolmentRow in enrolments, key id);

pub fn find(rx: &mut Rx<'_>, scope: &Scope, id: &EnrolmentId) -> Result<Option<EnrolmentRow>> {
    let (from, to) = scope.range();
    Ok(enrolments::table
        .filter(enrolments::id.eq(id))
        .filter(enrolments::collective_code.ge(from).and(enrolments::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: an account's own enrolment.
pub fn find_own(rx: &mut Rx<'_>, lot: &LotId, account: &Id<Account>) -> Result<Option<EnrolmentRow>> {
    let query = enrolments::table.filter(enrolments::lot_id.eq(lot).and(enrolments::account_id.eq(account)));
    Ok(each_backend!(rx.conn_for(&["enrolments"]), |c| query.first(c)).optional()?)
}

/// Whose an enrolment is, and its bid number once it has one.
#[derive(Debug, Clone, Queryable)]
pub struct Seat {
    pub account: Id<Account>,
    pub enrolment: EnrolmentId,
    pub number: Option<i32>,
}

/// No scope: everybody who has enrolled.
pub fn list_seats(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<Seat>> {
    let query = enrolments::table.filter(enrolments::lot_id.eq(lot)).select((
        enrolments::account_id,
        enrolments::id,
        enrolments::bid_number,
    ));
    Ok(each_backend!(rx.conn_for(&["enrolments"]), |c| query.load(c))?)
}

/// No scope: the enrolment of a group, for who stands in it.
pub fn get_led(rx: &mut Rx<'_>, id: &EnrolmentId) -> Result<EnrolmentRow> {
    Ok(enrolments::table.filter(enrolments::id.eq(id)).first(rx.conn())?)
}

/// No scope: whether somebody has enrolled with this number.
pub fn is_enrolled(rx: &mut Rx<'_>, lot: &LotId, index: &BlindIndex) -> Result<bool> {
    let found: Option<EnrolmentId> = enrolments::table
        .filter(enrolments::lot_id.eq(lot).and(enrolments::id_index.eq(index)))
        .select(enrolments::id)
        .first(rx.conn())
        .optional()?;
    Ok(found.is_some())
}

/// No scope: whether anybody has enrolled. Never shown to anybody.
pub fn has_any(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    let found: Option<EnrolmentId> =
        enrolments::table.filter(enrolments::lot_id.eq(lot)).select(enrolments::id).first(rx.conn()).optional()?;
    Ok(found.is_some())
}

/// No scope: an account's own enrolments, newest first.
pub fn list_own(rx: &mut Rx<'_>, account: &Id<Account>, page: &PageRequest) -> Result<Vec<EnrolmentRow>> {
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let mut query = enrolments::table
        .filter(enrolments::account_id.eq(account))
        .order(enrolments::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(after) = &page.after {
        query = query.filter(enrolments::id.lt(after.clone()));
    }
    Ok(query.load(rx.conn())?)
}

/// Everybody of a lot, in the order of enrolment.
pub fn list_by_lot(rx: &mut Rx<'_>, scope: &Scope, lot: &LotId) -> Result<Vec<EnrolmentRow>> {
    let (from, to) = scope.range();
    Ok(enrolments::table
        .filter(enrolments::lot_id.eq(lot))
        .filter(enrolments::collective_code.ge(from).and(enrolments::collective_code.lt(to)))
        .order(enrolments::id)
        .load(rx.conn())?)
}

/// No scope: everybody of a lot, for a check of meaning.
pub fn list_all(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<EnrolmentRow>> {
    Ok(enrolments::table.filter(enrolments::lot_id.eq(lot)).order(enrolments::bid_number).load(rx.conn())?)
}

/// Lots of the scope that are published and not open yet, the next first: whether or not anybody has enrolled.
pub fn list_taking_deposits(rx: &mut Rx<'_>, scope: &Scope, now: Timestamp) -> Result<Vec<(LotId, String)>> {
    let (from, to) = scope.range();
    Ok(lots::table
        .filter(lots::collective_code.ge(from).and(lots::collective_code.lt(to)))
        .filter(lots::state.eq(LotState::Published).and(lots::opens_at.gt(now)))
        .order((lots::opens_at, lots::id))
        .limit(50)
        .select((lots::id, lots::title))
        .load(rx.conn())?)
}

/// No scope: the greatest bid number of a lot; numbers count from 1 without a gap, so it is also how many there are.
pub fn last_number(rx: &mut Rx<'_>, lot: &LotId) -> Result<i32> {
    let query = enrolments::table.filter(enrolments::lot_id.eq(lot)).select(max(enrolments::bid_number));
    let last: Option<i32> = each_backend!(rx.conn(), |c| query.first(c))?;
    Ok(last.unwrap_or(0))
}

/// No scope: the same of many lots; one without a number is left out.
pub fn last_numbers(rx: &mut Rx<'_>, lots: &[LotId]) -> Result<HashMap<LotId, i32>> {
    let found: Vec<(LotId, Option<i32>)> = enrolments::table
        .filter(enrolments::lot_id.eq_any(lots.to_vec()))
        .group_by(enrolments::lot_id)
        .select((enrolments::lot_id, max(enrolments::bid_number)))
        .load(rx.conn())?;
    Ok(found.into_iter().filter_map(|(lot, last)| Some((lot, last?))).collect())
}

/// No scope: bid numbers with a priority rank, for the engine.
pub fn priority_holders(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<(Option<i32>, Option<i32>)>> {
    let query = enrolments::table
        .filter(enrolments::lot_id.eq(lot))
        .filter(enrolments::bid_number.is_not_null().and(enrolments::priority_rank.is_not_null()))
        .select((enrolments::bid_number, enrolments::priority_rank));
    Ok(each_backend!(rx.conn(), |c| query.load(c))?)
}

/// No scope: whom a bid number of an ended auction stands for.
pub fn find_by_number(rx: &mut Rx<'_>, lot: &LotId, number: i32) -> Result<Option<EnrolmentRow>> {
    Ok(enrolments::table
        .filter(enrolments::lot_id.eq(lot).and(enrolments::bid_number.eq(number)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: every enrolment with an ID number, of a person who is erased.
pub fn with_index(rx: &mut Rx<'_>, index: &BlindIndex) -> Result<Vec<EnrolmentRow>> {
    Ok(enrolments::table.filter(enrolments::id_index.eq(index)).order(enrolments::id).load(rx.conn())?)
}

/// No scope: accounts of these that enrolled with another ID number.
pub fn accounts_of_others(rx: &mut Rx<'_>, accounts: &[Id<Account>], index: &BlindIndex) -> Result<Vec<Id<Account>>> {
    let of_others = enrolments::table
        .filter(enrolments::account_id.eq_any(accounts.to_vec()).and(enrolments::id_index.ne(index)))
        .select(enrolments::account_id);
    Ok(of_others.load(rx.conn())?)
}
