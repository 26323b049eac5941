//! Exclusions: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl, dsl::count_star,
};
use serde::Serialize;

use super::model::{ExclusionId, Ground};
use crate::{
    access::Scope,
    db::{Result, Rx, Salt, Tx, schema::exclusions},
    kernel::{Day, PageRequest, Timestamp, codes::RegionCode},
    trading::enrolment::{BidderKind, EnrolmentId},
    vault::{BlindIndex, Sealed},
};

crate::text_column!(Ground);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = exclusions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExclusionRow {
    pub id: ExclusionId,
    pub region_code: RegionCode,
    pub subject_kind: BidderKind,
    pub name: String,
    pub id_number: Sealed,
    pub id_index: BlindIndex,
    pub ground: Ground,
    pub note: String,
    pub decision_number: String,
    pub from_day: Day,
    pub until_day: Option<Day>,
    /// Whose conduct it follows from, where it is that of a bidder.
    pub enrolment_id: Option<EnrolmentId>,
    pub recorded_by: String,
    pub recorded_at: Timestamp,
    pub lifted_by: Option<String>,
    pub lifted_at: Option<Timestamp>,
    pub lift_decision: Option<String>,
    pub lift_reason: Option<String>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(ExclusionRow in exclusions, key id);

pub fn find(rx: &mut Rx<'_>, scope: &Scope, id: &ExclusionId) -> Result<Option<ExclusionRow>> {
    let (from, to) = scope.range();
    Ok(exclusions::table
        .filter(exclusions::id.eq(id))
        .filter(exclusions::region_code.ge(from).and(exclusions::region_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// Those of the scope, newest first.
pub fn list(rx: &mut Rx<'_>, scope: &Scope, page: &PageRequest) -> Result<Vec<ExclusionRow>> {
    let (from, to) = scope.range();
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX).saturating_add(1);
    let mut query = exclusions::table
        .filter(exclusions::region_code.ge(from).and(exclusions::region_code.lt(to)))
        .order(exclusions::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(after) = &page.after {
        query = query.filter(exclusions::id.lt(after.clone()));
    }
    Ok(query.load(rx.conn())?)
}

/// No scope: what holds against this number in one of these places on a day, whoever recorded it; the answer goes to who
/// has the number.
pub fn in_force(rx: &mut Rx<'_>, index: &BlindIndex, places: &[RegionCode], day: Day) -> Result<Option<ExclusionRow>> {
    Ok(exclusions::table
        .filter(exclusions::id_index.eq(index).and(exclusions::region_code.eq_any(places.to_vec())))
        .filter(exclusions::lifted_at.is_null().and(exclusions::from_day.le(day)))
        .filter(exclusions::until_day.is_null().or(exclusions::until_day.ge(day)))
        .order(exclusions::id)
        .first(rx.conn())
        .optional()?)
}

/// No scope: the how manieth exclusion of its subject this one is; a number only.
pub fn nth(rx: &mut Rx<'_>, row: &ExclusionRow) -> Result<i64> {
    Ok(exclusions::table
        .filter(exclusions::id_index.eq(&row.id_index).and(exclusions::id.le(&row.id)))
        .select(count_star())
        .first(rx.conn())?)
}

/// No scope: every exclusion of an ID number, of a person who is erased.
pub fn with_index(rx: &mut Rx<'_>, index: &BlindIndex) -> Result<Vec<ExclusionRow>> {
    Ok(exclusions::table.filter(exclusions::id_index.eq(index)).order(exclusions::id).load(rx.conn())?)
}

/// Locks an exclusion until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, id: &ExclusionId) -> Result<()> {
    tx.lock_row("exclusions", "id", id.as_str())
}
