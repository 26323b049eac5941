//! Questions: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl, dsl::count_star,
};
use serde::Serialize;

use super::model::QuestionId;
use crate::{
    access::{Account, Scope},
    db::{Result, Rx, Salt, Tx, schema::lot_questions},
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::listing::LotId,
};

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lot_questions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct QuestionRow {
    pub id: QuestionId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub account_id: Id<Account>,
    pub question: String,
    pub asked_at: Timestamp,
    pub answer: Option<String>,
    pub answered_by: Option<String>,
    pub answered_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(QuestionRow in lot_questions, key id);

/// No scope: for the message to who asked.
pub fn asked_by(rx: &mut Rx<'_>, id: &QuestionId) -> Result<Option<(LotId, Id<Account>)>> {
    let asked = lot_questions::table.filter(lot_questions::id.eq(id));
    Ok(asked.select((lot_questions::lot_id, lot_questions::account_id)).first(rx.conn()).optional()?)
}

/// No scope: for messages to those who asked about a lot.
pub fn list_askers(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<Id<Account>>> {
    let asked = lot_questions::table.filter(lot_questions::lot_id.eq(lot));
    Ok(asked.select(lot_questions::account_id).distinct().load(rx.conn())?)
}

/// What is answered, in the order of asking: public.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<QuestionRow>> {
    Ok(lot_questions::table
        .filter(lot_questions::lot_id.eq(lot).and(lot_questions::answer.is_not_null()))
        .order(lot_questions::id)
        .load(rx.conn())?)
}

/// Every question about a lot of the scope.
pub fn list(rx: &mut Rx<'_>, scope: &Scope, lot: &LotId) -> Result<Vec<QuestionRow>> {
    let (from, to) = scope.range();
    Ok(lot_questions::table
        .filter(lot_questions::lot_id.eq(lot))
        .filter(lot_questions::collective_code.ge(from).and(lot_questions::collective_code.lt(to)))
        .order(lot_questions::id)
        .load(rx.conn())?)
}

/// No scope: an account's own questions about a lot that wait for their answer.
pub fn list_own_waiting(rx: &mut Rx<'_>, lot: &LotId, account: &Id<Account>) -> Result<Vec<QuestionRow>> {
    Ok(lot_questions::table
        .filter(lot_questions::lot_id.eq(lot).and(lot_questions::account_id.eq(account)))
        .filter(lot_questions::answer.is_null())
        .order(lot_questions::id)
        .load(rx.conn())?)
}

/// How many questions about a lot of the scope wait.
pub fn count_waiting(rx: &mut Rx<'_>, scope: &Scope, lot: &LotId) -> Result<i64> {
    let (from, to) = scope.range();
    Ok(lot_questions::table
        .filter(lot_questions::lot_id.eq(lot).and(lot_questions::answer.is_null()))
        .filter(lot_questions::collective_code.ge(from).and(lot_questions::collective_code.lt(to)))
        .select(count_star())
        .first(rx.conn())?)
}

pub fn find(rx: &mut Rx<'_>, scope: &Scope, id: &QuestionId) -> Result<Option<QuestionRow>> {
    let (from, to) = scope.range();
    Ok(lot_questions::table
        .filter(lot_questions::id.eq(id))
        .filter(lot_questions::collective_code.ge(from).and(lot_questions::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// Locks a question until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, id: &QuestionId) -> Result<()> {
    tx.lock_row("lot_questions", "id", id.as_str())
}
