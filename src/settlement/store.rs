//! The deposits: the only writer of their table.

use diesel::{AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, RunQueryDsl};
use serde::Serialize;

use super::model::{DepositId, DepositState};
use crate::{
    db::{Result, Rx, Salt, schema::deposits},
    kernel::{Fen, Timestamp, codes::RegionCode},
    vault::Sealed,
};

crate::text_column!(DepositState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = deposits, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct DepositRow {
    pub id: DepositId,
    pub collective_code: RegionCode,
    pub lot_id: String,
    pub enrolment_id: String,
    pub amount: Fen,
    pub payer_name: String,
    pub payer_account: Option<Sealed>,
    pub reference: String,
    pub received_at: Timestamp,
    pub recorded_by: String,
    pub recorded_at: Timestamp,
    pub state: DepositState,
    pub settled_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(DepositRow in deposits, key id);

/// No scope: the enrolment was found in one.
pub(super) fn find_by_enrolment(rx: &mut Rx<'_>, enrolment_id: &str) -> Result<Option<DepositRow>> {
    Ok(deposits::table.filter(deposits::enrolment_id.eq(enrolment_id)).first(rx.conn()).optional()?)
}

/// No scope: the lot was found in one.
pub(super) fn list_by_lot(rx: &mut Rx<'_>, lot_id: &str) -> Result<Vec<DepositRow>> {
    Ok(deposits::table.filter(deposits::lot_id.eq(lot_id)).order(deposits::id).load(rx.conn())?)
}

/// No scope: whether a bank reference was ever recorded.
pub(super) fn knows_reference(rx: &mut Rx<'_>, reference: &str) -> Result<bool> {
    let found: Option<DepositId> =
        deposits::table.filter(deposits::reference.eq(reference)).select(deposits::id).first(rx.conn()).optional()?;
    Ok(found.is_some())
}
