//! Looks at bidders: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl,
    Queryable, RunQueryDsl,
};
use serde::Serialize;

use super::{
    model::{BidderLookId, GlassRequestId, GlassState},
    rules::OnRecord,
};
use crate::{
    access::{Account, Scope},
    db::{
        Result, Rx, Salt,
        schema::{bidder_look_requests, bidder_look_requests as requests, bidder_looks, lots},
    },
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{
        enrolment::EnrolmentId,
        listing::{LotId, LotState},
    },
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
    /// On which request everybody was looked at; `None` for a look at one file, and in rows of an older program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<GlassRequestId>,
}
crate::logged_table!(BidderLookRow in bidder_looks, key id);

crate::text_column!(GlassState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = requests, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LookRequestRow {
    pub id: GlassRequestId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub reason: String,
    pub state: GlassState,
    /// Who asked, and under which name.
    pub requested_by: Id<Account>,
    pub requester_name: String,
    pub requested_at: Timestamp,
    /// Who agreed or refused, and under which name.
    pub decided_by: Option<Id<Account>>,
    pub decider_name: String,
    pub decided_at: Option<Timestamp>,
    pub refusal: String,
    /// Until when the names are shown.
    pub until_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(LookRequestRow in bidder_look_requests, key id);

impl LookRequestRow {
    /// As the rules look at it.
    pub fn on_record(&self) -> OnRecord<'_> {
        OnRecord {
            state: self.state,
            requested: (self.requested_by.as_str(), self.requested_at),
            decided: self.decided_by.as_ref().map(Id::as_str).zip(self.decided_at),
            until: self.until_at,
        }
    }
}

pub fn find_request(rx: &mut Rx<'_>, scope: &Scope, id: &GlassRequestId) -> Result<Option<LookRequestRow>> {
    let (from, to) = scope.range();
    Ok(requests::table
        .filter(requests::id.eq(id))
        .filter(requests::collective_code.ge(from).and(requests::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: for a check of meaning.
pub fn get_request(rx: &mut Rx<'_>, id: &GlassRequestId) -> Result<Option<LookRequestRow>> {
    Ok(requests::table.filter(requests::id.eq(id)).first(rx.conn()).optional()?)
}

/// No scope: the requests about a lot that was found in one, or has ended, in their order.
pub fn requests_of_lot(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<LookRequestRow>> {
    Ok(requests::table.filter(requests::lot_id.eq(lot)).order(requests::id).load(rx.conn())?)
}

/// Those of the scope that wait for another officer than this one, of lots that have not ended: lot and its title.
pub fn list_waiting(rx: &mut Rx<'_>, scope: &Scope, account: &Id<Account>) -> Result<Vec<(LotId, String)>> {
    let (from, to) = scope.range();
    Ok(requests::table
        .inner_join(lots::table.on(lots::id.eq(requests::lot_id)))
        .filter(requests::collective_code.ge(from).and(requests::collective_code.lt(to)))
        .filter(requests::state.eq(GlassState::Requested).and(requests::requested_by.ne(account)))
        .filter(lots::state.eq(LotState::Published))
        .order(requests::id)
        .limit(50)
        .select((lots::id, lots::title))
        .load(rx.conn())?)
}

/// The looks at the bidders of a lot, in their order: public once it has ended, which the caller has seen to.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<BidderLookRow>> {
    Ok(bidder_looks::table.filter(bidder_looks::lot_id.eq(lot)).order(bidder_looks::id).load(rx.conn())?)
}

/// No scope: the looks at one enrolment, of a person who is erased.
pub fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<BidderLookRow>> {
    Ok(bidder_looks::table.filter(bidder_looks::enrolment_id.eq(enrolment)).order(bidder_looks::id).load(rx.conn())?)
}
