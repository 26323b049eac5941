//! The ranks that an auction is held with, and how rights end with it.

use super::{
    model::{LapseCause, Standing},
    rules,
    store::RightRow,
};
use crate::{
    db::{Error, Result, Rx, Tx},
    kernel::Timestamp,
    trading::{
        auction::store as auctions,
        bid_number,
        enrolment::{EnrolmentId, store as enrolments},
        listing::LotId,
        papers::store::HandedIn,
    },
};

/// Bid numbers and ranks of those whose rights stood when the lot opened.
pub(in crate::trading) fn held_with(rx: &mut Rx<'_>, lot: &LotId, opened_at: Timestamp) -> Result<Vec<(i32, i64)>> {
    let rights: Vec<_> = RightRow::of_lot(rx, lot)?.iter().map(RightRow::right).collect();
    if rights.is_empty() {
        return Ok(Vec::new());
    }
    let holders = rules::holders(&rights, opened_at);
    let rows = enrolments::list_all(rx, lot)?;
    let number = |id: &str| rows.iter().find(|row| row.id.as_str() == id).and_then(|row| row.bid_number);
    let mut found: Vec<(i32, i64)> =
        holders.iter().filter_map(|(bidder, rank)| Some((number(bidder)?, *rank))).collect();
    found.sort_unstable();
    Ok(found)
}

/// Ranks as they stand beside the auction: `[["03",1]]`.
pub(in crate::trading) fn as_kept(held: &[(i32, i64)]) -> Result<String> {
    let named: Vec<(String, i64)> = held.iter().map(|(number, rank)| (bid_number(*number), *rank)).collect();
    serde_json::to_string(&named).map_err(|e| Error::Internal(format!("ranks as JSON: {e}")))
}

/// Ends the rights of those who did not bid, in the transaction that writes the award and before its entry.
pub(in crate::trading) fn lapse_silent(tx: &mut Tx<'_>, lot: &LotId, closed_at: Timestamp) -> Result<()> {
    for row in RightRow::of_lot(tx, lot)? {
        let has_bid = auctions::has_bid(tx, &row.enrolment_id)?;
        if rules::ends_silent(&row.right(), has_bid) {
            end(tx, row, LapseCause::Silent, closed_at)?;
        }
    }
    Ok(())
}

/// Ends the rights of who won and did not sign, in the transaction that says so and before its entry.
pub(in crate::trading) fn lapse_defaulted(tx: &mut Tx<'_>, enrolment: &EnrolmentId) -> Result<()> {
    let now = tx.now();
    for row in RightRow::of_enrolment(tx, enrolment)? {
        if row.state == Standing::Granted {
            end(tx, row, LapseCause::Defaulted, now)?;
        }
    }
    Ok(())
}

pub(super) fn end(tx: &mut Tx<'_>, row: RightRow, cause: LapseCause, at: Timestamp) -> Result<RightRow> {
    let over = rules::lapse(row.right(), cause, at).map_err(crate::kernel::Problem::from)?;
    let row = row.with(&over);
    row.update(tx)?;
    Ok(row)
}
