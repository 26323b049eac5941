//! Regions, collectives, officers: the only writer of their tables.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::{CollectiveState, Officer, Post};
use crate::{
    access::Scope,
    db::{
        Result, Rx, Salt,
        schema::{collectives, officers, regions},
    },
    kernel::{
        Day, Id, PageRequest,
        codes::{CollectiveLevel, CreditCode, RegionCode, RegionLevel},
    },
};

crate::text_column!(CollectiveState, Post);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = regions, primary_key(code), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct RegionRow {
    pub code: RegionCode,
    pub name: String,
    pub level: RegionLevel,
    pub parent_code: Option<RegionCode>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(RegionRow in regions, key code);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = collectives, primary_key(code), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct CollectiveRow {
    pub code: RegionCode,
    pub name: String,
    pub level: CollectiveLevel,
    pub credit_code: Option<CreditCode>,
    pub credit_code_confirmed: bool,
    pub address: String,
    pub certificate_number: String,
    pub certificate_issuer: String,
    pub registered_on: Option<Day>,
    pub certificate_until: Option<Day>,
    pub state: CollectiveState,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(CollectiveRow in collectives, key code);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = officers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct OfficerRow {
    pub id: Id<Officer>,
    pub collective_code: RegionCode,
    pub name: String,
    pub post: Post,
    pub since: Day,
    pub until: Option<Day>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(OfficerRow in officers, key id);

/// No scope: the region tree is public.
pub(super) fn count_regions(rx: &mut Rx<'_>) -> Result<i64> {
    Ok(regions::table.count().get_result(rx.conn())?)
}

/// No scope: the region tree is public.
pub(super) fn find_region(rx: &mut Rx<'_>, code: &RegionCode) -> Result<Option<RegionRow>> {
    Ok(regions::table.filter(regions::code.eq(code)).first(rx.conn()).optional()?)
}

/// Children of a region, in the order of their codes.
///
/// No scope: the region tree is public.
pub(super) fn list_regions(rx: &mut Rx<'_>, parent: &RegionCode, page: &PageRequest) -> Result<Vec<RegionRow>> {
    Ok(regions::table
        .filter(regions::parent_code.eq(parent))
        .filter(regions::code.gt(page.after.clone().unwrap_or_default()))
        .order(regions::code)
        .limit(limit(page))
        .load(rx.conn())?)
}

pub(super) fn find_collective(rx: &mut Rx<'_>, scope: &Scope, code: &RegionCode) -> Result<Option<CollectiveRow>> {
    let (from, to) = scope.range();
    Ok(collectives::table
        .filter(collectives::code.eq(code).and(collectives::code.ge(from)).and(collectives::code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// For public pages: names of collectives are public.
pub(super) fn find_public(rx: &mut Rx<'_>, code: &RegionCode) -> Result<Option<CollectiveRow>> {
    Ok(collectives::table.filter(collectives::code.eq(code)).first(rx.conn()).optional()?)
}

/// No scope: a credit code is unique in the whole installation; the answer is yes or no.
pub(super) fn credit_code_taken(rx: &mut Rx<'_>, credit_code: &CreditCode, except: &RegionCode) -> Result<bool> {
    let found: Option<RegionCode> = collectives::table
        .filter(collectives::credit_code.eq(credit_code).and(collectives::code.ne(except)))
        .select(collectives::code)
        .first(rx.conn())
        .optional()?;
    Ok(found.is_some())
}

pub(super) fn list_collectives(rx: &mut Rx<'_>, scope: &Scope, page: &PageRequest) -> Result<Vec<CollectiveRow>> {
    let (from, to) = scope.range();
    Ok(collectives::table
        .filter(collectives::code.ge(from).and(collectives::code.lt(to)))
        .filter(collectives::code.gt(page.after.clone().unwrap_or_default()))
        .order(collectives::code)
        .limit(limit(page))
        .load(rx.conn())?)
}

pub(super) fn list_officers(rx: &mut Rx<'_>, scope: &Scope, code: &RegionCode) -> Result<Vec<OfficerRow>> {
    let (from, to) = scope.range();
    Ok(officers::table
        .filter(
            officers::collective_code
                .eq(code)
                .and(officers::collective_code.ge(from))
                .and(officers::collective_code.lt(to)),
        )
        .order((officers::until.desc(), officers::id))
        .limit(200)
        .load(rx.conn())?)
}

pub(super) fn find_officer(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Officer>) -> Result<Option<OfficerRow>> {
    let (from, to) = scope.range();
    Ok(officers::table
        .filter(officers::id.eq(id).and(officers::collective_code.ge(from)).and(officers::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: the collectives are those of a person who was found in one.
pub(super) fn officers_named(rx: &mut Rx<'_>, collectives: &[String], name: &str) -> Result<Vec<OfficerRow>> {
    Ok(officers::table
        .filter(officers::collective_code.eq_any(collectives.to_vec()).and(officers::name.eq(name)))
        .order(officers::id)
        .load(rx.conn())?)
}

/// One row more than the page holds.
fn limit(page: &PageRequest) -> i64 {
    i64::try_from(page.limit()).unwrap_or(i64::MAX).saturating_add(1)
}
