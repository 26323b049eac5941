//! Papers of bidders: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::{
    model::{PaperId, PaperState, QualificationRecord},
    rules::QUALIFICATION_UNSEEN,
};
use crate::{
    access::{Account, Scope},
    db::{Result, Rx, Salt, schema::qualification_papers},
    documents::Document,
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

crate::text_column!(PaperState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = qualification_papers, treat_none_as_null = true, treat_none_as_default_value = false)]
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
crate::handed_in!(PaperRow in qualification_papers, of QualificationRecord, ordered by (attempt), unseen QUALIFICATION_UNSEEN);
