//! Papers of bidders: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::model::{PaperId, PaperState};
use crate::{
    access::{Account, Scope},
    db::{
        Result, Rx, Salt,
        schema::{qualification_papers, qualification_papers as papers},
    },
    documents::Document,
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

crate::text_column!(PaperState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = papers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PaperRow {
    pub id: PaperId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub enrolment_id: EnrolmentId,
    /// Counted from 1.
    pub attempt: i32,
    pub document_id: Id<Document>,
    /// Of the stored, encrypted paper.
    pub document_sha256: String,
    pub handed_in_at: Timestamp,
    pub state: PaperState,
    /// Who examined it, and under which name.
    pub examined_by: Option<Id<Account>>,
    pub examiner_name: String,
    pub examined_at: Option<Timestamp>,
    pub note: String,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(PaperRow in qualification_papers, key id);

pub fn find(rx: &mut Rx<'_>, scope: &Scope, id: &PaperId) -> Result<Option<PaperRow>> {
    let (from, to) = scope.range();
    Ok(papers::table
        .filter(papers::id.eq(id))
        .filter(papers::collective_code.ge(from).and(papers::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// No scope: for the bidder whose it is, which the caller sees to.
pub fn find_own(rx: &mut Rx<'_>, id: &PaperId) -> Result<Option<PaperRow>> {
    Ok(papers::table.filter(papers::id.eq(id)).first(rx.conn()).optional()?)
}

/// No scope: the papers of an enrolment that the caller may see, in their order.
pub fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<PaperRow>> {
    Ok(papers::table.filter(papers::enrolment_id.eq(enrolment)).order(papers::attempt).load(rx.conn())?)
}

/// No scope: the lot was found in one. Every paper in it.
pub fn of_lot(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<PaperRow>> {
    Ok(papers::table.filter(papers::lot_id.eq(lot)).order(papers::id).load(rx.conn())?)
}
