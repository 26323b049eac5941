//! Orders as the public and the staff of the place see them, and what the auction asks of them.

use super::{
    model::{Candidate, Ranking, State, Waiting},
    rules::RANKING_NOT_HERE,
    store::{self, RankingRow},
};
use crate::{
    access::{Actor, Allowed, may},
    db::{Result, Rx},
    kernel::{Timestamp, error::NOT_FOUND},
    trading::{
        bid_number,
        enrolment::store as enrolments,
        listing::{
            LotId,
            store::{self as lots, Reader},
        },
    },
};

/// Whether the auction of this lot ended with several at the ceiling, whatever has become of it.
pub(in crate::trading) fn is_called(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    Ok(store::newest(rx, lot)?.is_some())
}

/// When that was; `None`: it did not.
pub(in crate::trading) fn called_at(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Timestamp>> {
    Ok(store::newest(rx, lot)?.map(|row| row.called_at))
}

/// Whether the officers have still to decide.
pub(in crate::trading) fn is_open(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    Ok(store::newest(rx, lot)?.is_some_and(|row| row.state.is_open()))
}

/// The order that was confirmed, as bid numbers.
pub(in crate::trading) fn decided(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Vec<i32>>> {
    let confirmed = store::newest(rx, lot)?.filter(|row| row.state == State::Confirmed);
    confirmed.map(|row| row.ranked()).transpose()
}

/// When the trade was terminated before anything was decided.
pub(in crate::trading) fn called_off_at(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Timestamp>> {
    Ok(store::newest(rx, lot)?.filter(|row| row.state == State::Ended).map(|row| row.updated_at))
}

/// One order; `as_staff`: also before it is confirmed.
pub(super) fn view(row: RankingRow, criterion: &str, as_staff: bool) -> Result<Ranking> {
    let numbers = |list: Vec<i32>| list.into_iter().map(bid_number).collect::<Vec<_>>();
    let (candidates, order) = (numbers(row.candidates()?), numbers(row.ranked()?));
    let told = row.prepared_at.is_some() && (as_staff || row.state == State::Confirmed);
    Ok(Ranking {
        lot_id: row.lot_id,
        place: row.place,
        state: row.state,
        criterion: criterion.to_owned(),
        candidates,
        called_at: row.called_at,
        order: told.then_some(order),
        reasons: Some(row.reasons).filter(|_| told),
        paper: Some(row.paper).filter(|_| told),
        paper_sha256: row.document_sha256.filter(|_| told),
        prepared_at: row.prepared_at.filter(|_| told),
        reviewed_at: row.reviewed_at.filter(|_| told),
        note: Some(row.note).filter(|note| as_staff && !note.is_empty()),
    })
}

/// The orders of a public lot, the first one first: staff of the place see all of them, everybody else the newest.
///
/// Errors: `not_found`, `ranking_not_here`.
pub fn list(rx: &mut Rx<'_>, who: Option<&Actor>, id: &LotId) -> Result<Vec<Ranking>> {
    let (lot, terms) = lots::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let terms = terms.terms()?;
    let criterion = terms.ceiling_criterion().ok_or(&RANKING_NOT_HERE)?;
    let as_staff = who.is_some_and(|who| who.can_in::<may::ReadListings>(&lot.collective_code));
    let mut rows = store::of_lot(rx, id)?;
    if !as_staff {
        rows = rows.pop().into_iter().collect();
    }
    rows.into_iter().map(|row| view(row, criterion, as_staff)).collect()
}

/// The newest order of a lot as everybody sees it, in the words of its notice; `None` where none was called.
pub fn newest_public(rx: &mut Rx<'_>, lot: &LotId, criterion: &str) -> Result<Option<Ranking>> {
    store::newest(rx, lot)?.map(|row| view(row, criterion, false)).transpose()
}

/// Who stands at the ceiling of a lot of the scope: the bids are final, and a criterion compares people, not numbers.
///
/// Errors: `not_found`.
pub fn candidates(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>, lot: &LotId) -> Result<Vec<Candidate>> {
    lots::find(rx, Reader::Staff(&allowed.scope), lot)?.ok_or(&NOT_FOUND)?;
    let Some(row) = store::newest(rx, lot)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for number in row.candidates()? {
        let name = enrolments::find_by_number(rx, lot, number)?.map(|row| row.name).unwrap_or_default();
        found.push(Candidate { number: bid_number(number), name });
    }
    Ok(found)
}

/// So many are shown.
const MOST: i64 = 50;

/// Lots of the scope in which several stand at the ceiling, the oldest first.
pub fn waiting(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>) -> Result<Vec<Waiting>> {
    let open = store::list_open(rx, &allowed.scope, MOST)?.into_iter();
    Ok(open.map(|(row, title)| Waiting { lot: row.lot_id, title, state: row.state, since: row.called_at }).collect())
}
