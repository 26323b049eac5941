//! Rounds of draws and their parties: the only writer of the two tables.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
    RunQueryDsl,
};
use serde::Serialize;

use super::model::{PartyId, RoundId, RoundState};
use crate::{
    access::Account,
    db::{
        Error, Result, Rx, Salt,
        schema::{draw_parties, draw_rounds},
    },
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::{enrolment::EnrolmentId, listing::LotId},
};

crate::text_column!(RoundState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = draw_parties, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PartyRow {
    pub id: PartyId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub round: i32,
    /// A bid number, or the name of an office.
    pub party: String,
    pub enrolment_id: Option<EnrolmentId>,
    pub account_id: Id<Account>,
    /// In hex, as the value.
    pub commitment: String,
    pub committed_at: Timestamp,
    pub value: Option<String>,
    pub opened_at: Option<Timestamp>,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(PartyRow in draw_parties, key id);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = draw_rounds, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RoundRow {
    pub id: RoundId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    pub round: i32,
    pub state: RoundState,
    /// Of a repeated round; for the first the opening of the auction is the end of commitments.
    pub commit_until: Option<Timestamp>,
    pub called_at: Option<Timestamp>,
    /// Index of the entry that called it.
    pub closing_index: Option<i64>,
    /// The three lines of the first head over that entry.
    pub checkpoint: Option<String>,
    pub open_until: Option<Timestamp>,
    /// Index of the first entry that opened a value.
    pub first_opening_index: Option<i64>,
    pub seed: Option<String>,
    /// JSON list of the parties that did not open.
    pub withheld: String,
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(RoundRow in draw_rounds, key id);

impl RoundRow {
    /// Errors: an internal one where the row cannot be read.
    pub fn withheld(&self) -> Result<Vec<String>> {
        serde_json::from_str(&self.withheld).map_err(|e| Error::Internal(format!("draw {}: {e}", self.id)))
    }
}

/// The rounds of a lot in order; draws are public.
pub fn list_public_rounds(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<RoundRow>> {
    Ok(draw_rounds::table.filter(draw_rounds::lot_id.eq(lot)).order(draw_rounds::round).load(rx.conn())?)
}

/// The last round; draws are public.
pub fn find_public_last(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<RoundRow>> {
    Ok(draw_rounds::table
        .filter(draw_rounds::lot_id.eq(lot))
        .order(draw_rounds::round.desc())
        .first(rx.conn())
        .optional()?)
}

/// Everybody who is bound in a lot, by round and name; draws are public.
pub fn list_public_parties(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<PartyRow>> {
    Ok(draw_parties::table
        .filter(draw_parties::lot_id.eq(lot))
        .order((draw_parties::round, draw_parties::party))
        .load(rx.conn())?)
}

/// The parties of one round, by name; draws are public.
pub fn list_public_of_round(rx: &mut Rx<'_>, lot: &LotId, round: i32) -> Result<Vec<PartyRow>> {
    Ok(draw_parties::table
        .filter(draw_parties::lot_id.eq(lot).and(draw_parties::round.eq(round)))
        .order(draw_parties::party)
        .load(rx.conn())?)
}
