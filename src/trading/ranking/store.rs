//! Orders of those at the ceiling: the only writer of their table.

use std::collections::HashSet;

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use serde::Serialize;

use super::model::{RankingId, State};
use crate::{
    access::{Account, Scope},
    db::{
        Error, Result, Rx, Salt,
        schema::{lot_rankings, lots},
    },
    documents::Document,
    kernel::{Id, Timestamp, codes::RegionCode},
    trading::listing::LotId,
};

crate::text_column!(State);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = lot_rankings, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RankingRow {
    pub id: RankingId,
    pub lot_id: LotId,
    pub collective_code: RegionCode,
    /// 1: the first of the lot.
    pub place: i32,
    pub state: State,
    /// Bid numbers at the ceiling as a JSON list, the earlier first.
    pub candidates: String,
    pub called_at: Timestamp,
    /// The same numbers in their order; `None` while nothing is prepared.
    pub ranked: Option<String>,
    pub reasons: String,
    /// Name and number of the paper.
    pub paper: String,
    pub document_id: Option<Id<Document>>,
    /// Of the stored, encrypted paper.
    pub document_sha256: Option<String>,
    pub prepared_by: Option<Id<Account>>,
    pub prepared_at: Option<Timestamp>,
    pub reviewed_by: Option<Id<Account>>,
    pub reviewed_at: Option<Timestamp>,
    /// Why it was sent back.
    pub note: String,
    /// Of one that ended with its trade: when that was.
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(RankingRow in lot_rankings, key id);

impl RankingRow {
    /// Errors: an internal one where the row cannot be read.
    pub fn candidates(&self) -> Result<Vec<i32>> {
        self.numbers(&self.candidates)
    }

    /// Empty where nothing is prepared.
    ///
    /// Errors: an internal one where the row cannot be read.
    pub fn ranked(&self) -> Result<Vec<i32>> {
        self.ranked.as_deref().map_or(Ok(Vec::new()), |ranked| self.numbers(ranked))
    }

    fn numbers(&self, text: &str) -> Result<Vec<i32>> {
        serde_json::from_str(text).map_err(|e| Error::Internal(format!("ranking {}: {e}", self.id)))
    }
}

/// No scope: the lot was found in one, or the caller shows what is public alone. In the order of their places.
pub fn of_lot(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<RankingRow>> {
    Ok(lot_rankings::table.filter(lot_rankings::lot_id.eq(lot)).order(lot_rankings::place).load(rx.conn())?)
}

/// No scope: the newest of a lot that was found in one, or is public.
pub fn newest(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<RankingRow>> {
    Ok(lot_rankings::table
        .filter(lot_rankings::lot_id.eq(lot))
        .order(lot_rankings::place.desc())
        .first(rx.conn())
        .optional()?)
}

/// No scope: the lots are public. Those of them with which something is to be done.
pub fn open_among(rx: &mut Rx<'_>, lots: &[LotId]) -> Result<HashSet<LotId>> {
    let open = lot_rankings::table.filter(lot_rankings::state.eq_any([State::Called, State::Prepared]));
    let lots: Vec<LotId> =
        open.filter(lot_rankings::lot_id.eq_any(lots.to_vec())).select(lot_rankings::lot_id).load(rx.conn())?;
    Ok(lots.into_iter().collect())
}

/// Those of the scope with which something is to be done, the oldest first, with the title of the lot.
pub fn list_open(rx: &mut Rx<'_>, scope: &Scope, limit: i64) -> Result<Vec<(RankingRow, String)>> {
    let (from, to) = scope.range();
    Ok(lot_rankings::table
        .inner_join(lots::table.on(lots::id.eq(lot_rankings::lot_id)))
        .filter(lot_rankings::state.eq_any([State::Called, State::Prepared]))
        .filter(lot_rankings::collective_code.ge(from))
        .filter(lot_rankings::collective_code.lt(to))
        .order(lot_rankings::id)
        .limit(limit)
        .select((lot_rankings::all_columns, lots::title))
        .load(rx.conn())?)
}
