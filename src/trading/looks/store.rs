//! Looks at bidders: the only writer of their table.

use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl};
use serde::Serialize;

use super::model::BidderLookId;
use crate::{
    db::{Result, Rx, Salt, schema::bidder_looks},
    kernel::{Timestamp, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = bidder_looks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct BidderLookRow {
    pub id: BidderLookId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    /// `None`: everybody of the lot.
    pub enrolment_id: Option<EnrolmentId>,
    pub account_id: String,
    pub reason: String,
    pub at: Timestamp,
    pub salt: Salt,
}
crate::logged_table!(BidderLookRow in bidder_looks, key id);

/// The looks at the bidders of a lot, in their order: public once it has ended, which the caller has seen to.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<BidderLookRow>> {
    Ok(bidder_looks::table.filter(bidder_looks::lot_id.eq(lot)).order(bidder_looks::id).load(rx.conn())?)
}

/// No scope: the looks at one enrolment, of a person who is erased.
pub fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<BidderLookRow>> {
    Ok(bidder_looks::table.filter(bidder_looks::enrolment_id.eq(enrolment)).order(bidder_looks::id).load(rx.conn())?)
}
