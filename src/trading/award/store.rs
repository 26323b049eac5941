//! Awards: the only writer of their table.

use std::collections::HashMap;

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, Queryable, RunQueryDsl,
};
use serde::Serialize;

use super::model::Award;
use crate::{
    db::{
        Error, Result, Rx, Salt, Tx,
        schema::{awards, lot_terms, lots},
    },
    kernel::{Area, Day, Fen, Timestamp},
    trading::{
        auction::{Direction, Failure, Status},
        bid_number,
        enrolment::EnrolmentId,
        listing::{DealForm, LotId},
        price::PriceUnit,
    },
    vault::ERASED_NAME,
};

crate::text_column!(Status, Failure);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = awards, primary_key(lot_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AwardRow {
    pub lot_id: LotId,
    pub status: Status,
    pub reason: Option<Failure>,
    pub winner_number: Option<i32>,
    pub winner_enrolment: Option<EnrolmentId>,
    pub winner_name: Option<String>,
    pub price: Option<Fen>,
    pub total: Option<Fen>,
    pub closed_at: Timestamp,
    pub extensions: i64,
    pub participants: i32,
    /// Bid numbers as a JSON list.
    pub successors: String,
    pub notice_from: Day,
    pub notice_until: Day,
    pub note: String,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(AwardRow in awards, key lot_id);

/// The award of a lot; awards are public.
pub fn find_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Award>> {
    find(rx, lot)?.map(view).transpose()
}

/// No scope: the same as it is stored; awards are public.
pub fn find(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<AwardRow>> {
    Ok(awards::table.filter(awards::lot_id.eq(lot)).first(rx.conn()).optional()?)
}

/// The prices at which these lots were awarded; awards are public.
pub fn list_public_prices(rx: &mut Rx<'_>, lots: &[LotId]) -> Result<HashMap<LotId, Fen>> {
    let awarded = awards::table.filter(awards::lot_id.eq_any(lots.to_vec()).and(awards::price.is_not_null()));
    let prices: Vec<(LotId, Fen)> =
        awarded.select((awards::lot_id, awards::price.assume_not_null())).load(rx.conn())?;
    Ok(prices.into_iter().collect())
}

/// What a sale was, for a comparison of prices.
#[derive(Debug, Queryable)]
pub struct Sale {
    pub lot_id: LotId,
    pub title: String,
    pub closed_at: Timestamp,
    pub price: Option<Fen>,
    pub area: Option<Area>,
    pub term_months: i32,
}

/// Sales of a class of assets at a price unit in a place, given by the digits that its codes begin with; the newest first.
/// `buys`: what collectives bought there instead.
pub fn list_public_sales(
    rx: &mut Rx<'_>,
    place: &str,
    (class, unit, buys): (&str, PriceUnit, bool),
    limit: i64,
) -> Result<Vec<Sale>> {
    let forms: Vec<DealForm> =
        DealForm::ALL.iter().copied().filter(|form| (form.direction() == Direction::Down) == buys).collect();
    Ok(awards::table
        .inner_join(lots::table.on(lots::id.eq(awards::lot_id)))
        .inner_join(lot_terms::table.on(lot_terms::lot_id.eq(awards::lot_id)))
        // Codes are digits: `a` is above every continuation.
        .filter(lots::collective_code.ge(place.to_owned()).and(lots::collective_code.lt(format!("{place}a"))))
        .filter(awards::status.eq(Status::Sold))
        .filter(lot_terms::asset_class.eq(class.to_owned()).and(lot_terms::price_unit.eq(unit)))
        .filter(lot_terms::form.eq_any(forms))
        .order((awards::closed_at.desc(), awards::lot_id.desc()))
        .limit(limit)
        .select((
            awards::lot_id,
            lots::title,
            awards::closed_at,
            awards::price,
            lot_terms::asset_area,
            lot_terms::term_months,
        ))
        .load(rx.conn())?)
}

/// Erases the winner's name where this enrolment won; the notice shows it masked no longer, the number stays.
pub fn erase_winner(tx: &mut Tx<'_>, enrolment: &EnrolmentId) -> Result<()> {
    let won = awards::table.filter(awards::winner_enrolment.eq(enrolment)).first::<AwardRow>(tx.conn()).optional()?;
    let Some(mut row) = won else { return Ok(()) };
    row.winner_name = Some(ERASED_NAME.to_owned());
    row.version += 1;
    row.salt = Salt::fresh();
    row.update(tx)
}

/// Lots whose award comes from their bids, in order: not those whose sealed bids could not be opened.
pub fn list_public_lots(rx: &mut Rx<'_>) -> Result<Vec<LotId>> {
    Ok(awards::table
        .filter(
            awards::reason
                .is_null()
                .or(awards::reason.ne(Failure::CannotOpen).and(awards::reason.ne(Failure::ReserveVoid))),
        )
        .select(awards::lot_id)
        .order(awards::lot_id)
        .load(rx.conn())?)
}

fn view(row: AwardRow) -> Result<Award> {
    let successors: Vec<i32> = serde_json::from_str(&row.successors)
        .map_err(|e| Error::Internal(format!("successors of {}: {e}", row.lot_id)))?;
    Ok(Award {
        status: row.status,
        reason: row.reason,
        winner: row.winner_number.map(bid_number),
        winner_name: row.winner_name,
        price: row.price,
        total: row.total,
        closed_at: row.closed_at,
        extensions: u64::try_from(row.extensions).unwrap_or_default(),
        participants: u32::try_from(row.participants).unwrap_or_default(),
        successors: successors.into_iter().map(bid_number).collect(),
        notice_from: row.notice_from,
        notice_until: row.notice_until,
        note: row.note,
    })
}
