//! Those in line: the only writer of their table.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
    dsl::{exists, not},
};
use serde::Serialize;

use super::model::{ConfirmationId, Ground, State};
use crate::{
    access::Scope,
    db::{
        Result, Rx, Salt, Tx,
        schema::{awards, lot_confirmations, lots},
    },
    kernel::{Day, Fen, Timestamp, codes::RegionCode},
    trading::{
        enrolment::EnrolmentId,
        listing::{LotId, LotState},
    },
    vault::ERASED_NAME,
};

crate::text_column!(State, Ground);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lot_confirmations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ConfirmationRow {
    pub id: ConfirmationId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    /// 1: the winner.
    pub place: i32,
    pub enrolment_id: EnrolmentId,
    pub bid_number: i32,
    /// As it may be read by everybody; empty for who has not agreed to step in.
    pub name: String,
    pub price: Fen,
    pub total: Option<Fen>,
    pub state: State,
    pub answer_by: Option<Day>,
    pub contract_by: Option<Day>,
    pub ground: Option<Ground>,
    pub decision: String,
    pub note: String,
    /// The contract that was signed.
    pub contract_id: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
    /// Of who steps in; rows that were logged before this column have the state that they had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_until: Option<Day>,
}
crate::logged_table!(ConfirmationRow in lot_confirmations, key id);

/// No scope: public. In the order of the line.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<ConfirmationRow>> {
    Ok(lot_confirmations::table
        .filter(lot_confirmations::lot_id.eq(lot))
        .order(lot_confirmations::place)
        .load(rx.conn())?)
}

/// Sold lots of the scope of which no contract is signed, the result published longest first: lot, title, last day of the
/// notice.
pub fn list_unsigned(rx: &mut Rx<'_>, scope: &Scope, limit: i64) -> Result<Vec<(LotId, String, Day)>> {
    let (from, to) = scope.range();
    let signed = lot_confirmations::table
        .filter(lot_confirmations::lot_id.eq(lots::id))
        .filter(lot_confirmations::state.eq(State::Signed));
    Ok(lots::table
        .inner_join(awards::table.on(awards::lot_id.eq(lots::id)))
        .filter(lots::state.eq(LotState::Sold))
        .filter(lots::collective_code.ge(from))
        .filter(lots::collective_code.lt(to))
        .filter(not(exists(signed)))
        .order((awards::notice_until, lots::id))
        .limit(limit)
        .select((lots::id, lots::title, awards::notice_until))
        .load(rx.conn())?)
}

/// No scope: for a contract that was found in one.
pub fn signed_by(rx: &mut Rx<'_>, contract: &str) -> Result<Option<ConfirmationRow>> {
    Ok(lot_confirmations::table.filter(lot_confirmations::contract_id.eq(contract)).first(rx.conn()).optional()?)
}

/// Erases the name of whoever enrolled so; the number stays.
pub fn erase(tx: &mut Tx<'_>, enrolment: &EnrolmentId) -> Result<()> {
    let rows: Vec<ConfirmationRow> =
        lot_confirmations::table.filter(lot_confirmations::enrolment_id.eq(enrolment)).load(tx.conn())?;
    for mut row in rows.into_iter().filter(|row| !row.name.is_empty()) {
        row.name = ERASED_NAME.to_owned();
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
