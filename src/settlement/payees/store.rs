//! Accounts to which money goes: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl, dsl::count_star,
};
use serde::Serialize;

use super::model::{PayeeId, PayeeState};
use crate::{
    access::Scope,
    db::{Result, Rx, Salt, schema::payees},
    kernel::{Timestamp, codes::RegionCode},
    settlement::DepositId,
    vault::Sealed,
};

crate::text_column!(PayeeState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = payees, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PayeeRow {
    pub id: PayeeId,
    pub collective_code: RegionCode,
    pub deposit_id: Option<DepositId>,
    /// The deposit, or the collective where it is the collective's own.
    pub subject: String,
    pub holder: String,
    pub number: Sealed,
    pub bank: String,
    pub grounds: String,
    pub state: PayeeState,
    pub prepared_by: String,
    pub prepared_at: Timestamp,
    pub confirmed_by: Option<String>,
    pub confirmed_at: Option<Timestamp>,
    pub refusal: Option<String>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(PayeeRow in payees, key id);

pub(super) fn find(rx: &mut Rx<'_>, scope: &Scope, id: &PayeeId) -> Result<Option<PayeeRow>> {
    let (from, to) = scope.range();
    Ok(payees::table
        .filter(payees::id.eq(id))
        .filter(payees::collective_code.ge(from).and(payees::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: the account of a collective or deposit that the caller has found.
pub(super) fn find_in_force(rx: &mut Rx<'_>, subject: &str) -> Result<Option<PayeeRow>> {
    Ok(payees::table
        .filter(payees::subject.eq(subject).and(payees::state.eq(PayeeState::InForce)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: an account by its key, for an order that the caller has found.
pub(super) fn find_by_id(rx: &mut Rx<'_>, id: &PayeeId) -> Result<Option<PayeeRow>> {
    Ok(payees::table.filter(payees::id.eq(id)).first(rx.conn()).optional()?)
}

/// No scope: all accounts that were ever written down for a deposit that the caller has found.
pub(super) fn list_by_deposit(rx: &mut Rx<'_>, deposit: &DepositId) -> Result<Vec<PayeeRow>> {
    Ok(payees::table.filter(payees::deposit_id.eq(deposit)).order(payees::id).load(rx.conn())?)
}

/// Those of the scope in this state, a page after `after`.
pub(super) fn list(
    rx: &mut Rx<'_>,
    scope: &Scope,
    state: Option<PayeeState>,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<PayeeRow>> {
    let (from, to) = scope.range();
    let mut query = payees::table
        .filter(payees::collective_code.ge(from).and(payees::collective_code.lt(to)))
        .order(payees::id)
        .limit(limit)
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(payees::state.eq(state));
    }
    if let Some(after) = after {
        query = query.filter(payees::id.gt(after));
    }
    Ok(query.load(rx.conn())?)
}

/// How many of the scope wait for the second person.
pub(super) fn count_prepared(rx: &mut Rx<'_>, scope: &Scope) -> Result<i64> {
    let (from, to) = scope.range();
    Ok(payees::table
        .filter(payees::collective_code.ge(from).and(payees::collective_code.lt(to)))
        .filter(payees::state.eq(PayeeState::Prepared))
        .select(count_star())
        .first(rx.conn())?)
}
