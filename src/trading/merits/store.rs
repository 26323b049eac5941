//! Claims of answers: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::{
    model::{Claim, ClaimId, ClaimState, MeritRecord},
    rules::MERIT_UNSEEN,
};
use crate::{
    access::{Account, Scope},
    db::{Result, Rx, Salt, schema::merit_claims},
    documents::Document,
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

crate::text_column!(ClaimState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = merit_claims, treat_none_as_null = true, treat_none_as_default_value = false)]
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
crate::handed_in!(ClaimRow in merit_claims, of MeritRecord, ordered by (merit, attempt), unseen MERIT_UNSEEN);

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
