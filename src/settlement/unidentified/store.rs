//! Unidentified receipts: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl, dsl::count_star,
};
use serde::Serialize;

use super::model::{UnidentifiedId, UnidentifiedState};
use crate::{
    access::Scope,
    db::{Error, Result, Rx, Salt, schema::unidentified_receipts},
    kernel::{Day, Fen, Timestamp, codes::RegionCode},
    settlement::DepositId,
};

crate::text_column!(UnidentifiedState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = unidentified_receipts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct UnidentifiedRow {
    pub id: UnidentifiedId,
    /// Of the account at which it came in.
    pub region_code: RegionCode,
    pub line_id: String,
    pub amount: Fen,
    pub payer_name: String,
    pub reference: String,
    pub received_on: Day,
    pub state: UnidentifiedState,
    pub deposit_id: Option<DepositId>,
    pub booked_by: String,
    pub booked_at: Timestamp,
    pub grounds: String,
    pub prepared_by: Option<String>,
    pub prepared_at: Option<Timestamp>,
    pub settled_by: Option<String>,
    pub settled_at: Option<Timestamp>,
    /// The bank's number of the payment by which it went back.
    pub payment: Option<String>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(UnidentifiedRow in unidentified_receipts, key id);

pub(super) fn find(rx: &mut Rx<'_>, scope: &Scope, id: &UnidentifiedId) -> Result<Option<UnidentifiedRow>> {
    let (from, to) = scope.range();
    Ok(unidentified_receipts::table
        .filter(unidentified_receipts::id.eq(id))
        .filter(unidentified_receipts::region_code.ge(from).and(unidentified_receipts::region_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: a receipt by its key, for a transfer or a line that the caller has found.
pub fn get(rx: &mut Rx<'_>, id: &UnidentifiedId) -> Result<UnidentifiedRow> {
    let found = unidentified_receipts::table.filter(unidentified_receipts::id.eq(id)).first(rx.conn()).optional()?;
    found.ok_or_else(|| Error::Internal(format!("unidentified receipt {id} is not there")))
}

/// Those of the scope with this number of the bank.
pub(super) fn list_by_reference(rx: &mut Rx<'_>, scope: &Scope, reference: &str) -> Result<Vec<UnidentifiedRow>> {
    let (from, to) = scope.range();
    Ok(unidentified_receipts::table
        .filter(unidentified_receipts::reference.eq(reference))
        .filter(unidentified_receipts::region_code.ge(from).and(unidentified_receipts::region_code.lt(to)))
        .order(unidentified_receipts::id)
        .load(rx.conn())?)
}

/// No scope: what the deposit that the caller has found took over.
pub(super) fn find_by_deposit(rx: &mut Rx<'_>, deposit: &DepositId) -> Result<Option<UnidentifiedRow>> {
    Ok(unidentified_receipts::table
        .filter(unidentified_receipts::deposit_id.eq(deposit))
        .first(rx.conn())
        .optional()?)
}

/// Those of the scope in these states, a page after `after`.
pub(super) fn list(
    rx: &mut Rx<'_>,
    scope: &Scope,
    states: &[UnidentifiedState],
    after: Option<String>,
    limit: i64,
) -> Result<Vec<UnidentifiedRow>> {
    let (from, to) = scope.range();
    let mut query = unidentified_receipts::table
        .filter(unidentified_receipts::region_code.ge(from).and(unidentified_receipts::region_code.lt(to)))
        .filter(unidentified_receipts::state.eq_any(states.to_vec()))
        .order(unidentified_receipts::id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(unidentified_receipts::id.gt(after));
    }
    Ok(query.load(rx.conn())?)
}

/// How many of the scope are in a state.
pub(super) fn count(rx: &mut Rx<'_>, scope: &Scope, state: UnidentifiedState) -> Result<i64> {
    let (from, to) = scope.range();
    Ok(unidentified_receipts::table
        .filter(unidentified_receipts::region_code.ge(from).and(unidentified_receipts::region_code.lt(to)))
        .filter(unidentified_receipts::state.eq(state))
        .select(count_star())
        .first(rx.conn())?)
}

/// No scope: whether this payment was named for another receipt.
pub(super) fn knows_payment(rx: &mut Rx<'_>, payment: &str) -> Result<bool> {
    let found: Option<UnidentifiedId> = unidentified_receipts::table
        .filter(unidentified_receipts::payment.eq(payment))
        .select(unidentified_receipts::id)
        .first(rx.conn())
        .optional()?;
    Ok(found.is_some())
}
