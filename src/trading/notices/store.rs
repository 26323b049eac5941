//! Versions of notices: only ever added.

use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl};
use serde::Serialize;

use crate::{
    db::{Result, Rx, Salt, schema::lot_notices},
    kernel::{Id, Timestamp},
    trading::listing::LotId,
};

/// Marker of identifiers of notices.
#[derive(Debug)]
pub struct NoticeRecord;

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lot_notices, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct NoticeRow {
    pub id: Id<NoticeRecord>,
    pub lot_id: LotId,
    /// 1 for the notice as it went out.
    pub number: i32,
    pub at: Timestamp,
    pub made_by: String,
    pub reason: String,
    pub material: bool,
    pub title: String,
    /// Terms as JSON, without the reserve price.
    pub terms: String,
    pub enrol_until: Timestamp,
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
    pub salt: Salt,
}
crate::logged_table!(NoticeRow in lot_notices, key id);

/// The versions of a lot's notice, the first one first; the lot itself says whether they are public.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<NoticeRow>> {
    Ok(lot_notices::table.filter(lot_notices::lot_id.eq(lot)).order(lot_notices::number).load(rx.conn())?)
}
