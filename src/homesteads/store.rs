//! The table of parcels: its only writer.

use diesel::{
    AsChangeset, BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, Insertable,
    NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, TextExpressionMethods,
};
use serde::Serialize;

use super::{
    ParcelFilter,
    geometry::{Bounds, NotAnOutline, Outline},
    model::{Occupancy, ParcelFacts, ParcelId, ParcelState},
    rules::MOST_SIDE_MM,
};
use crate::{
    access::Scope,
    db::{Error, Result, Rx, Salt, Tx, schema::parcels},
    kernel::{Area, PageRequest, Timestamp},
};

crate::text_column!(Occupancy, ParcelState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = parcels, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct ParcelRow {
    pub id: ParcelId,
    pub collective_code: String,
    pub parcel_code: Option<String>,
    pub household: String,
    pub household_id: Option<String>,
    pub location: String,
    /// The text of an [`Outline`].
    pub outline: String,
    pub west_mm: i64,
    pub south_mm: i64,
    pub east_mm: i64,
    pub north_mm: i64,
    /// Measured from the outline.
    pub area: Area,
    pub registered_area: Option<Area>,
    pub area_reason: String,
    pub certificate: Option<String>,
    pub occupancy: Occupancy,
    pub note: String,
    pub state: ParcelState,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(ParcelRow in parcels, key id);

impl ParcelRow {
    pub fn new(tx: &mut Tx<'_>, collective_code: &str, facts: ParcelFacts, outline: &Outline) -> ParcelRow {
        let (id, now) = (tx.new_id("par"), tx.now());
        let Bounds { west_mm, south_mm, east_mm, north_mm } = outline.bounds();
        ParcelRow {
            id,
            collective_code: collective_code.to_owned(),
            parcel_code: facts.parcel_code,
            household: facts.household,
            household_id: facts.household_id,
            location: facts.location,
            outline: outline.to_string(),
            west_mm,
            south_mm,
            east_mm,
            north_mm,
            area: outline.area(),
            registered_area: facts.registered_area,
            area_reason: facts.area_reason,
            certificate: facts.certificate,
            occupancy: facts.occupancy,
            note: facts.note,
            state: facts.state,
            created_at: now,
            updated_at: now,
            version: 1,
            salt: Salt::fresh(),
        }
    }

    /// The next version of this row with other facts and shape.
    pub fn changed(&self, tx: &mut Tx<'_>, facts: ParcelFacts, outline: &Outline) -> ParcelRow {
        let updated_at = tx.now_after(self.updated_at);
        ParcelRow {
            id: self.id.clone(),
            created_at: self.created_at,
            updated_at,
            version: self.version + 1,
            salt: self.salt.clone(),
            ..ParcelRow::new(tx, &self.collective_code, facts, outline)
        }
    }

    /// Errors: an internal one where somebody changed the stored text by hand.
    pub fn outline(&self) -> Result<Outline> {
        self.outline.parse().map_err(|e: NotAnOutline| Error::Internal(format!("parcel {}: {e}", self.id)))
    }
}

/// No scope: the collectives are those of a person who was found in one.
pub(super) fn parcels_of(rx: &mut Rx<'_>, collectives: &[String], household: &str) -> Result<Vec<ParcelRow>> {
    Ok(parcels::table
        .filter(parcels::collective_code.eq_any(collectives.to_vec()).and(parcels::household.eq(household)))
        .order(parcels::id)
        .load(rx.conn())?)
}

pub(super) fn find(rx: &mut Rx<'_>, scope: &Scope, id: &ParcelId) -> Result<Option<ParcelRow>> {
    let (from, to) = scope.range();
    Ok(parcels::table
        .filter(parcels::id.eq(id).and(parcels::collective_code.ge(from)).and(parcels::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// One row more than the page holds, in the order of entry.
pub(super) fn list(
    rx: &mut Rx<'_>,
    scope: &Scope,
    filter: &ParcelFilter,
    page: &PageRequest,
) -> Result<Vec<ParcelRow>> {
    let (from, to) = scope.range();
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let mut query = parcels::table
        .filter(parcels::collective_code.ge(from).and(parcels::collective_code.lt(to)))
        .filter(parcels::id.gt(page.after.clone().unwrap_or_default()))
        .order(parcels::id)
        .limit(limit)
        .into_boxed();
    if let Some(code) = &filter.collective {
        query = query.filter(parcels::collective_code.eq(code.clone()));
    }
    if let Some(occupancy) = filter.occupancy {
        query = query.filter(parcels::occupancy.eq(occupancy));
    }
    if let Some(state) = filter.state {
        query = query.filter(parcels::state.eq(state));
    }
    if let Some(text) = filter.q.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        let plain: String =
            text.chars().flat_map(|c| if matches!(c, '%' | '_' | '!') { vec!['!', c] } else { vec![c] }).collect();
        let part = format!("%{plain}%");
        query = query.filter(
            parcels::household
                .like(part.clone())
                .escape('!')
                .or(parcels::location.like(part).escape('!'))
                .or(parcels::parcel_code.eq(text.to_ascii_uppercase()).assume_not_null()),
        );
    }
    Ok(query.load(rx.conn())?)
}

/// The registered parcels of one collective for its map.
pub(super) fn of_collective(rx: &mut Rx<'_>, scope: &Scope, code: &str, most: i64) -> Result<Vec<ParcelRow>> {
    let (from, to) = scope.range();
    Ok(parcels::table
        .filter(parcels::collective_code.eq(code))
        .filter(parcels::collective_code.ge(from).and(parcels::collective_code.lt(to)))
        .filter(parcels::state.eq(ParcelState::Registered))
        .order(parcels::id)
        .limit(most)
        .load(rx.conn())?)
}

/// Registered parcels whose rectangle meets `bounds`.
///
/// No scope: a neighbouring village's ground must not be registered a second time; the service hides whose it is.
pub(super) fn near(rx: &mut Rx<'_>, bounds: Bounds) -> Result<Vec<ParcelRow>> {
    Ok(parcels::table
        .filter(parcels::west_mm.ge(bounds.west_mm.saturating_sub(MOST_SIDE_MM)))
        .filter(parcels::west_mm.le(bounds.east_mm).and(parcels::east_mm.ge(bounds.west_mm)))
        .filter(parcels::south_mm.le(bounds.north_mm).and(parcels::north_mm.ge(bounds.south_mm)))
        .filter(parcels::state.eq(ParcelState::Registered))
        .load(rx.conn())?)
}

/// Which of these parcel codes are on record.
///
/// No scope: parcel codes are unique in the country.
pub(super) fn codes_on_record(rx: &mut Rx<'_>, codes: &[String]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for some in codes.chunks(400) {
        let rows: Vec<Option<String>> = parcels::table
            .filter(parcels::parcel_code.eq_any(some.to_vec()))
            .select(parcels::parcel_code)
            .load(rx.conn())?;
        found.extend(rows.into_iter().flatten());
    }
    Ok(found)
}
