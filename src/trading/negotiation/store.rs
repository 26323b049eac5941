//! Negotiations: the only writer of their table.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl,
    Queryable, RunQueryDsl,
};
use serde::Serialize;

use super::model::{NegotiationId, State, Vote};
use crate::{
    access::Scope,
    db::{
        Error, Result, Rx, Salt, Tx,
        schema::{lot_negotiations, lots},
    },
    kernel::{Day, Fen, Timestamp, codes::RegionCode},
    trading::{enrolment::BidderKind, listing::LotId},
    vault::{BlindIndex, ERASED_NAME, Sealed},
};

crate::text_column!(State);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lot_negotiations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct NegotiationRow {
    pub id: NegotiationId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    /// 1: the first that was proposed for the lot.
    pub place: i32,
    pub failed_rounds: i32,
    /// As the policy of the place asked for on that day.
    pub rounds_needed: i32,
    pub bidder_kind: BidderKind,
    pub name: String,
    pub id_number: Sealed,
    pub id_index: BlindIndex,
    pub phone: Sealed,
    pub price: Fen,
    pub total: Option<Fen>,
    /// [`Vote`] as JSON.
    pub vote: String,
    pub state: State,
    pub proposed_by: String,
    pub proposed_at: Timestamp,
    pub reviewed_by: Option<String>,
    /// Where it was approved, its notice begins on this day.
    pub reviewed_at: Option<Timestamp>,
    /// Why it was sent back or withdrawn.
    pub note: String,
    /// Working days of the notice, from the approval on.
    pub notice_days: Option<i32>,
    pub notice_until: Option<Day>,
    pub concluded_by: Option<String>,
    pub concluded_at: Option<Timestamp>,
    pub contract_by: Option<Day>,
    /// The contract that was signed.
    pub contract_id: Option<String>,
    pub withdrawn_by: Option<String>,
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(NegotiationRow in lot_negotiations, key id);

impl NegotiationRow {
    pub fn vote(&self) -> Result<Vote> {
        serde_json::from_str(&self.vote).map_err(|e| Error::Internal(format!("vote of {}: {e}", self.id)))
    }

    /// Whether everybody may read it.
    pub fn is_public(&self) -> bool {
        self.notice_until.is_some()
    }
}

/// No scope: the lot was found in one, or the caller shows what is public alone. In the order of their places.
pub fn of_lot(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<NegotiationRow>> {
    Ok(lot_negotiations::table
        .filter(lot_negotiations::lot_id.eq(lot))
        .order(lot_negotiations::place)
        .load(rx.conn())?)
}

/// No scope: the newest of a lot that was found in one.
pub fn newest(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<NegotiationRow>> {
    Ok(lot_negotiations::table
        .filter(lot_negotiations::lot_id.eq(lot))
        .order(lot_negotiations::place.desc())
        .first(rx.conn())
        .optional()?)
}

/// Those of the scope with which something is to be done, the oldest first, with the title of the lot.
pub fn list_open(rx: &mut Rx<'_>, scope: &Scope, limit: i64) -> Result<Vec<(NegotiationRow, String)>> {
    let (from, to) = scope.range();
    Ok(lot_negotiations::table
        .inner_join(lots::table.on(lots::id.eq(lot_negotiations::lot_id)))
        .filter(lot_negotiations::state.eq_any([State::Proposed, State::Published, State::Concluded]))
        .filter(lot_negotiations::collective_code.ge(from).and(lot_negotiations::collective_code.lt(to)))
        .order(lot_negotiations::id)
        .limit(limit)
        .select((lot_negotiations::all_columns, lots::title))
        .load(rx.conn())?)
}

/// No scope: for a contract that was found in one.
pub fn signed_by(rx: &mut Rx<'_>, contract: &str) -> Result<Option<NegotiationRow>> {
    Ok(lot_negotiations::table.filter(lot_negotiations::contract_id.eq(contract)).first(rx.conn()).optional()?)
}

/// No scope: every negotiation with an ID number, of a person who is erased.
pub fn with_index(rx: &mut Rx<'_>, index: &BlindIndex) -> Result<Vec<NegotiationRow>> {
    Ok(lot_negotiations::table
        .filter(lot_negotiations::id_index.eq(index))
        .order(lot_negotiations::id)
        .load(rx.conn())?)
}

/// Erases who was negotiated with; price and vote stay.
pub fn erase(tx: &mut Tx<'_>, index: &BlindIndex) -> Result<()> {
    for mut row in with_index(tx, index)? {
        row.name = ERASED_NAME.to_owned();
        row.id_number = Sealed::erased();
        row.id_index = BlindIndex::erased(row.id.as_str());
        row.phone = Sealed::erased();
        row.note = String::new();
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
