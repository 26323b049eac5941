//! Closed months: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl, dsl::max,
};
use serde::Serialize;

use super::model::ClosedId;
use crate::{
    access::Scope,
    db::{Result, Rx, Salt, schema::closed_months},
    kernel::Timestamp,
};

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = closed_months, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct ClosedRow {
    pub id: ClosedId,
    pub region_code: String,
    /// A code from here up to, and without, `to_code` lies in the region.
    pub from_code: String,
    pub to_code: String,
    pub month: String,
    /// The first moment that is no longer of the month.
    pub before_at: Timestamp,
    pub closed_by: String,
    pub closed_at: Timestamp,
    pub salt: Salt,
}
crate::logged_table!(ClosedRow in closed_months, key id);

/// No scope: from when on the books of a place, which the caller has found, are open; `None`: always.
pub fn open_from(rx: &mut Rx<'_>, code: &str) -> Result<Option<Timestamp>> {
    Ok(closed_months::table
        .filter(closed_months::from_code.le(code).and(closed_months::to_code.gt(code)))
        .select(max(closed_months::before_at))
        .first(rx.conn())?)
}

/// Those of the scope, the newest first.
pub(super) fn list(rx: &mut Rx<'_>, scope: &Scope, limit: i64) -> Result<Vec<ClosedRow>> {
    let (from, to) = scope.range();
    Ok(closed_months::table
        .filter(closed_months::region_code.ge(from).and(closed_months::region_code.lt(to)))
        .order((closed_months::before_at.desc(), closed_months::id))
        .limit(limit)
        .load(rx.conn())?)
}

/// No scope: every closed month, for a check of meaning.
pub(super) fn all(rx: &mut Rx<'_>) -> Result<Vec<ClosedRow>> {
    Ok(closed_months::table.order(closed_months::id).load(rx.conn())?)
}
