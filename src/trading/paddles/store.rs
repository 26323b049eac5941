//! Paddles: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::{
    model::{PaddleId, PaddleState},
    rules::OnRecord,
};
use crate::{
    access::Account,
    db::{Result, Rx, Salt, schema::hall_paddles as paddles, schema::hall_paddles},
    each_backend,
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
    vault::BlindIndex,
};

crate::text_column!(PaddleState);

const IN_USE: [PaddleState; 2] = [PaddleState::Issued, PaddleState::InHall];

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = paddles, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PaddleRow {
    pub id: PaddleId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub enrolment_id: EnrolmentId,
    pub bid_number: i32,
    pub state: PaddleState,
    /// Keyed, over the identifier, the salt and the code.
    pub code_digest: BlindIndex,
    pub wrong_codes: i32,
    pub issued_at: Timestamp,
    pub checked_in_by: Option<Id<Account>>,
    pub checked_in_at: Option<Timestamp>,
    /// Who handed it back, or asked for another.
    pub ended_by: Option<Id<Account>>,
    pub ended_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(PaddleRow in hall_paddles, key id);

impl PaddleRow {
    /// As the rules look at it.
    pub fn on_record(&self) -> OnRecord<'_> {
        OnRecord {
            state: self.state,
            wrong_codes: self.wrong_codes,
            issued_at: self.issued_at,
            checked_in: self.checked_in_by.as_ref().map(Id::as_str).zip(self.checked_in_at),
            ended: self.ended_by.as_ref().map(Id::as_str).zip(self.ended_at),
        }
    }
}

/// No scope: the lot was found in one. The paddle with this number that is in use.
pub fn find_in_use(rx: &mut Rx<'_>, lot: &LotId, number: i32) -> Result<Option<PaddleRow>> {
    let query = paddles::table
        .filter(paddles::lot_id.eq(lot).and(paddles::bid_number.eq(number)))
        .filter(paddles::state.eq_any(IN_USE));
    Ok(each_backend!(rx.conn_for(&["hall_paddles"]), |c| query.first(c)).optional()?)
}

/// No scope: the lot was found in one. Paddles in the hall, by number.
pub fn list_in_hall(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<PaddleRow>> {
    Ok(paddles::table
        .filter(paddles::lot_id.eq(lot).and(paddles::state.eq(PaddleState::InHall)))
        .order(paddles::bid_number)
        .load(rx.conn())?)
}

/// No scope: the paddles of an enrolment that the caller may see, the newest first.
pub fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<PaddleRow>> {
    Ok(paddles::table.filter(paddles::enrolment_id.eq(enrolment)).order(paddles::id.desc()).load(rx.conn())?)
}
