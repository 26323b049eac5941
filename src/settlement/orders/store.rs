//! Orders: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl, dsl::count_star,
};
use serde::Serialize;

use super::model::{OrderFilter, OrderId, OrderKind, OrderState};
use crate::{
    access::Scope,
    db::{Result, Rx, Salt, schema::money_orders},
    kernel::{Day, Fen, Timestamp, codes::RegionCode},
    settlement::{DepositId, model::TransferId, payees::PayeeId},
};

crate::text_column!(OrderKind, OrderState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = money_orders, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct OrderRow {
    pub id: OrderId,
    pub collective_code: RegionCode,
    pub lot_id: String,
    pub enrolment_id: String,
    pub deposit_id: DepositId,
    pub kind: OrderKind,
    pub title: String,
    pub amount: Fen,
    pub counts_from: Day,
    pub grounds: String,
    pub decision_document: Option<String>,
    pub state: OrderState,
    pub created_at: Timestamp,
    pub prepared_by: Option<String>,
    pub prepared_at: Option<Timestamp>,
    pub confirmed_by: Option<String>,
    pub confirmed_at: Option<Timestamp>,
    pub reference: Option<String>,
    pub version: i32,
    pub salt: Salt,
    /// Why the second person refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The transfer that an order of reversal takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_id: Option<TransferId>,
    /// The account for which the payment was prepared; none where it goes back to where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_id: Option<PayeeId>,
    /// Whether what is kept goes on to the collective.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pays_on: Option<bool>,
}
crate::logged_table!(OrderRow in money_orders, key id);

/// Most orders that are looked at together for their last day.
const MOST_OPEN: i64 = 20_000;

pub(super) fn find(rx: &mut Rx<'_>, scope: &Scope, id: &OrderId) -> Result<Option<OrderRow>> {
    let (from, to) = scope.range();
    Ok(money_orders::table
        .filter(money_orders::id.eq(id))
        .filter(money_orders::collective_code.ge(from).and(money_orders::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// The orders of the scope in their order, a page after `after`; `limit` of `None`: as many as are looked at together.
pub(super) fn list(
    rx: &mut Rx<'_>,
    scope: &Scope,
    filter: &OrderFilter,
    after: Option<String>,
    limit: Option<i64>,
) -> Result<Vec<OrderRow>> {
    let (from, to) = scope.range();
    let mut query = money_orders::table
        .filter(money_orders::collective_code.ge(from).and(money_orders::collective_code.lt(to)))
        .order(money_orders::id)
        .limit(limit.unwrap_or(MOST_OPEN))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(money_orders::id.gt(after));
    }
    if let Some(state) = filter.state {
        query = query.filter(money_orders::state.eq(state));
    }
    if let Some(lot) = &filter.lot {
        query = query.filter(money_orders::lot_id.eq(lot.clone()));
    }
    if filter.overdue {
        let open = [OrderState::Due, OrderState::Prepared];
        query = query.filter(money_orders::kind.eq(OrderKind::Refund).and(money_orders::state.eq_any(open)));
    }
    Ok(query.load(rx.conn())?)
}

/// Orders that ended last, newest first.
pub(super) fn list_ended(rx: &mut Rx<'_>, scope: &Scope, limit: i64) -> Result<Vec<OrderRow>> {
    let (from, to) = scope.range();
    Ok(money_orders::table
        .filter(money_orders::collective_code.ge(from).and(money_orders::collective_code.lt(to)))
        .filter(money_orders::state.eq_any([OrderState::Done, OrderState::Withdrawn, OrderState::Reversed]))
        .order(money_orders::confirmed_at.desc())
        .limit(limit)
        .load(rx.conn())?)
}

/// How many orders of the scope are in a state.
pub(super) fn count(rx: &mut Rx<'_>, scope: &Scope, state: OrderState) -> Result<i64> {
    let (from, to) = scope.range();
    Ok(money_orders::table
        .filter(money_orders::collective_code.ge(from).and(money_orders::collective_code.lt(to)))
        .filter(money_orders::state.eq(state))
        .select(count_star())
        .first(rx.conn())?)
}

/// No scope: the orders over a deposit that the caller has found.
pub(super) fn list_by_deposit(rx: &mut Rx<'_>, deposit: &DepositId) -> Result<Vec<OrderRow>> {
    Ok(money_orders::table.filter(money_orders::deposit_id.eq(deposit)).order(money_orders::id).load(rx.conn())?)
}

/// No scope: whether this payment was named for another order.
pub fn knows_reference(rx: &mut Rx<'_>, reference: &str) -> Result<bool> {
    let found: Option<OrderId> = money_orders::table
        .filter(money_orders::reference.eq(reference))
        .select(money_orders::id)
        .first(rx.conn())
        .optional()?;
    Ok(found.is_some())
}
