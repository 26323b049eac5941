//! Claims of answers: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::model::{Claim, ClaimId, ClaimState};
use crate::{
    access::{Account, Scope},
    db::{
        Result, Rx, Salt,
        schema::{merit_claims, merit_claims as claims},
    },
    documents::Document,
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

crate::text_column!(ClaimState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = claims, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ClaimRow {
    pub id: ClaimId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub enrolment_id: EnrolmentId,
    /// Places in the notice, counted from 1.
    pub merit: i32,
    pub answer: i32,
    /// Counted from 1 for each criterion.
    pub attempt: i32,
    pub document_id: Id<Document>,
    /// Of the stored, encrypted paper.
    pub document_sha256: String,
    pub claimed_at: Timestamp,
    pub state: ClaimState,
    /// Who examined it, and under which name.
    pub examined_by: Option<Id<Account>>,
    pub examiner_name: String,
    pub examined_at: Option<Timestamp>,
    pub note: String,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(ClaimRow in merit_claims, key id);

impl ClaimRow {
    /// As the rules take it.
    pub fn claim(&self) -> Claim {
        Claim {
            bidder: self.enrolment_id.to_string(),
            merit: self.merit,
            answer: self.answer,
            state: self.state,
            examined_at: self.examined_at,
        }
    }
}

pub fn find(rx: &mut Rx<'_>, scope: &Scope, id: &ClaimId) -> Result<Option<ClaimRow>> {
    let (from, to) = scope.range();
    Ok(claims::table
        .filter(claims::id.eq(id))
        .filter(claims::collective_code.ge(from).and(claims::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: for the bidder whose it is, which the caller sees to.
pub fn find_own(rx: &mut Rx<'_>, id: &ClaimId) -> Result<Option<ClaimRow>> {
    Ok(claims::table.filter(claims::id.eq(id)).first(rx.conn()).optional()?)
}

/// No scope: the claims of an enrolment that the caller may see, by criterion and in their order.
pub fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<ClaimRow>> {
    Ok(claims::table
        .filter(claims::enrolment_id.eq(enrolment))
        .order((claims::merit, claims::attempt))
        .load(rx.conn())?)
}

/// No scope: the lot was found in one. Every claim in it.
pub fn of_lot(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<ClaimRow>> {
    Ok(claims::table.filter(claims::lot_id.eq(lot)).order(claims::id).load(rx.conn())?)
}
