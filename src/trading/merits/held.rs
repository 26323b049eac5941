//! The points that an auction is held with.

use super::{model::Merit, rules, store::ClaimRow};
use crate::{
    db::{Error, Result, Rx},
    kernel::Timestamp,
    trading::{bid_number, enrolment::store as enrolments, listing::LotId, papers::store::HandedIn},
};

/// Bid numbers with what their answers come to, as far as they had been granted when the lot opened.
///
/// Errors: an internal one where a claim is to an answer that the notice does not have.
pub(in crate::trading) fn held_with(
    rx: &mut Rx<'_>,
    lot: &LotId,
    merits: &[Merit],
    opened_at: Timestamp,
) -> Result<Vec<(i32, i64)>> {
    let claims: Vec<_> = ClaimRow::of_lot(rx, lot)?.iter().map(ClaimRow::claim).collect();
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    let points = rules::points(merits, &claims, opened_at);
    let points = points.ok_or_else(|| Error::Internal(format!("{lot} has a claim to no answer of its notice")))?;
    let rows = enrolments::list_all(rx, lot)?;
    let number = |id: &str| rows.iter().find(|row| row.id.as_str() == id).and_then(|row| row.bid_number);
    let mut found: Vec<(i32, i64)> = points.iter().filter_map(|(id, points)| Some((number(id)?, *points))).collect();
    found.sort_unstable();
    Ok(found)
}

/// Points as they stand beside the auction: `[["03",500]]`.
pub(in crate::trading) fn as_kept(held: &[(i32, i64)]) -> Result<String> {
    let named: Vec<(String, i64)> = held.iter().map(|(number, points)| (bid_number(*number), *points)).collect();
    serde_json::to_string(&named).map_err(|e| Error::Internal(format!("points as JSON: {e}")))
}
