//! Priority rights: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::{
    model::{Claim, Grant, Kind, Lapse, LapseCause, PriorityRecord, Proof, Right, RightId, RightState, Standing},
    rules::PRIORITY_UNSEEN,
};
use crate::{
    access::{Account, Scope},
    db::{Result, Rx, Salt, schema::priority_rights},
    documents::Document,
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

crate::text_column!(Kind, Standing, LapseCause);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = priority_rights, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RightRow {
    pub id: RightId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub enrolment_id: EnrolmentId,
    pub kind: Kind,
    pub rank: i32,
    pub document_id: Id<Document>,
    /// Of the stored, encrypted proof.
    pub document_sha256: String,
    pub claimed_at: Timestamp,
    pub state: Standing,
    /// Who checked it, and under which name.
    pub checked_by: Option<Id<Account>>,
    pub checker_name: String,
    pub checked_at: Option<Timestamp>,
    pub note: String,
    pub cause: Option<LapseCause>,
    pub lapsed_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(RightRow in priority_rights, key id);
crate::handed_in!(RightRow in priority_rights, of PriorityRecord, ordered by (id), unseen PRIORITY_UNSEEN);

impl RightRow {
    /// The row as the rules take it: a bidder is an enrolment, for a claim comes before the bid number.
    pub fn right(&self) -> Right {
        let grant = self.checked_by.as_ref().zip(self.checked_at).map(|(by, at)| Grant { by: by.to_string(), at });
        let lapse = self.cause.zip(self.lapsed_at).map(|(cause, at)| Lapse { cause, at });
        let claim = Claim {
            bidder: self.enrolment_id.to_string(),
            kind: self.kind,
            proofs: vec![Proof { title: String::new(), sha256: self.document_sha256.clone() }],
            claimed_at: self.claimed_at,
        };
        let state = match (lapse, grant) {
            (Some(lapse), grant) => RightState::Lapsed(lapse, grant),
            (None, Some(grant)) => RightState::Granted(grant),
            (None, None) => RightState::Claimed,
        };
        Right { claim, rank: i64::from(self.rank), state }
    }

    /// The row with what the rules made of it.
    pub fn with(self, right: &Right) -> RightRow {
        let (state, lapse) = match &right.state {
            RightState::Claimed => (Standing::Claimed, None),
            RightState::Granted(_) => (Standing::Granted, None),
            RightState::Lapsed(lapse, _) => (Standing::Lapsed, Some(lapse)),
        };
        RightRow {
            state,
            cause: lapse.map(|lapse| lapse.cause),
            lapsed_at: lapse.map(|lapse| lapse.at),
            version: self.version + 1,
            ..self
        }
    }
}
