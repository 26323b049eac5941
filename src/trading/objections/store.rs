//! Objections: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::model::{Channel, Finding, ObjectionId};
use crate::{
    access::{Account, Scope},
    db::{Result, Rx, Salt, Tx, schema::lot_objections},
    kernel::{Day, Id, Timestamp, codes::RegionCode},
    trading::listing::LotId,
};

crate::text_column!(Channel, Finding);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lot_objections, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ObjectionRow {
    pub id: ObjectionId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub account_id: Id<Account>,
    pub channel: Channel,
    pub objection: String,
    pub raised_at: Timestamp,
    pub answer_by: Day,
    pub finding: Option<Finding>,
    pub answer: Option<String>,
    pub answered_by: Option<String>,
    pub answered_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(ObjectionRow in lot_objections, key id);

/// No scope: for the message to who raised it.
pub fn raised_by(rx: &mut Rx<'_>, id: &ObjectionId) -> Result<Option<(LotId, Id<Account>)>> {
    let raised = lot_objections::table.filter(lot_objections::id.eq(id));
    Ok(raised.select((lot_objections::lot_id, lot_objections::account_id)).first(rx.conn()).optional()?)
}

/// No scope: the lot was found in one, or is public and the caller shows what is answered alone. In the order of raising.
pub fn list(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<ObjectionRow>> {
    Ok(lot_objections::table.filter(lot_objections::lot_id.eq(lot)).order(lot_objections::id).load(rx.conn())?)
}

/// Those of the scope that wait for their answer, the most pressing first.
pub fn list_open(rx: &mut Rx<'_>, scope: &Scope, limit: i64) -> Result<Vec<ObjectionRow>> {
    let (from, to) = scope.range();
    Ok(lot_objections::table
        .filter(lot_objections::answer.is_null())
        .filter(lot_objections::collective_code.ge(from).and(lot_objections::collective_code.lt(to)))
        .order((lot_objections::answer_by, lot_objections::id))
        .limit(limit)
        .load(rx.conn())?)
}

pub fn find(rx: &mut Rx<'_>, scope: &Scope, id: &ObjectionId) -> Result<Option<ObjectionRow>> {
    let (from, to) = scope.range();
    Ok(lot_objections::table
        .filter(lot_objections::id.eq(id))
        .filter(lot_objections::collective_code.ge(from).and(lot_objections::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// Locks an objection until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, id: &ObjectionId) -> Result<()> {
    tx.lock_row("lot_objections", "id", id.as_str())
}
