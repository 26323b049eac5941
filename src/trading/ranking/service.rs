//! Use cases: the end of an auction asks for an order, one officer prepares it, another confirms it or sends it back.

use serde_json::{Value, json};

use super::{
    model::{NewRanking, Ranking, Review, State},
    reading::view,
    rules::{self, RANKING_NOT_HERE},
    store::{self, RankingRow},
};
use crate::{
    access::{Allowed, Permission, may},
    calendar::Calendar,
    db::{Error, Result, Rx, Salt, Tx},
    documents::Document,
    kernel::{Id, Problem, Timestamp, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    trading::{
        auction::{self, Locked},
        bid_number,
        enrolment::{BidderKind, store as enrolments},
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader},
        },
    },
    vault::Vault,
};

fn as_json(numbers: &[i32]) -> Result<String> {
    serde_json::to_string(numbers).map_err(|e| Error::Internal(e.to_string()))
}

fn told(numbers: &[i32]) -> Vec<String> {
    numbers.iter().copied().map(bid_number).collect()
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &RankingRow, data: Value) -> Result<Receipt> {
    record(tx, by, Fact::new(kind, &row.collective_code).about("lot", &row.lot_id).data(data))
}

fn fresh(tx: &mut Tx<'_>, lot: &LotRow, place: i32, candidates: String, called_at: Timestamp) -> RankingRow {
    RankingRow {
        id: tx.new_id("rnk"),
        lot_id: lot.id.clone(),
        collective_code: lot.collective_code.clone(),
        place,
        state: State::Called,
        candidates,
        called_at,
        ranked: None,
        reasons: String::new(),
        paper: String::new(),
        document_id: None,
        document_sha256: None,
        prepared_by: None,
        prepared_at: None,
        reviewed_by: None,
        reviewed_at: None,
        note: String::new(),
        updated_at: tx.now(),
        version: 1,
        salt: Salt::fresh(),
    }
}

/// An auction has ended with these bid numbers at its ceiling: officers are to put them in order.
pub(in crate::trading) fn call(tx: &mut Tx<'_>, by: &By, lot: &LotRow, candidates: &[i32]) -> Result<Receipt> {
    let now = tx.now();
    let row = fresh(tx, lot, 1, as_json(candidates)?, now);
    row.insert(tx)?;
    note(tx, by, "ranking.called", &row, json!({ "candidates": told(candidates) }))
}

/// The trade is terminated while nothing is decided. False: nothing was waited for.
pub(in crate::trading) fn call_off(tx: &mut Tx<'_>, by: &By, lot: &LotId) -> Result<bool> {
    let Some(row) = store::newest(tx, lot)?.filter(|row| row.state.is_open()) else { return Ok(false) };
    let row = RankingRow { state: State::Ended, updated_at: tx.now(), version: row.version + 1, ..row };
    row.update(tx)?;
    note(tx, by, "ranking.ended", &row, json!({ "place": row.place }))?;
    Ok(true)
}

/// A lot of the scope whose auction is locked, its criterion and its newest order. Nothing is done with it before what was
/// done last.
fn locked<P: Permission>(
    tx: &mut Tx<'_>,
    allowed: &Allowed<P>,
    id: &LotId,
) -> Result<(Locked, String, Option<RankingRow>)> {
    let (lot, _) = lots::find(tx, Reader::Staff(&allowed.scope), id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Published])?;
    let all = auction::locked(tx, Reader::Staff(&allowed.scope), id)?;
    // Another may have been here before the lock.
    listing::must_be(all.lot.state, &[LotState::Published])?;
    let criterion = all.terms.terms()?.ceiling_criterion().map(str::to_owned).ok_or(&RANKING_NOT_HERE)?;
    let row = store::newest(tx, id)?;
    if let Some(row) = &row {
        tx.now_after(row.updated_at);
    }
    Ok((all, criterion, row))
}

/// The row in hand, in this state.
fn in_hand(row: Option<RankingRow>, state: State) -> Result<RankingRow> {
    rules::must_be(row.as_ref().map(|row| row.state), state)?;
    row.ok_or_else(|| Error::Internal("a ranking without its row".to_owned()))
}

/// Names of the candidates who are people: they must not become public.
fn persons(rx: &mut Rx<'_>, lot: &LotId, candidates: &[i32]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for number in candidates {
        let row = enrolments::find_by_number(rx, lot, *number)?;
        names.extend(row.filter(|row| row.bidder_kind == BidderKind::Person).map(|row| row.name));
    }
    Ok(names)
}

/// One officer puts the candidates in order by the criterion of the notice.
///
/// Errors: `not_found`, `lot_not_in_state`, `ranking_not_here`, `ranking_not_in_state`, field errors.
pub fn prepare(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    id: &LotId,
    new: &NewRanking,
) -> Result<(Ranking, Receipt)> {
    let (all, criterion, row) = locked(tx, allowed, id)?;
    let row = in_hand(row, State::Called)?;
    let candidates = row.candidates()?;
    let prepared = rules::read(new, &candidates, &persons(tx, id, &candidates)?)?;
    let document = new.document.as_deref().map(|id| {
        let unknown =
            || Problem::field("document", Some(id), "没有找到这份材料；请先把评定文书上传到本村名下，再填它的编号");
        id.parse::<Id<Document>>().map_err(|_| unknown())
    });
    let paper = auction::find_paper(tx, allowed, &all.lot, document.transpose()?.as_ref())?;
    let now = tx.now();
    let row = RankingRow {
        state: State::Prepared,
        ranked: Some(as_json(&prepared.order)?),
        reasons: prepared.reasons,
        paper: prepared.paper,
        document_id: paper.as_ref().map(|paper| paper.id.clone()),
        document_sha256: paper.map(|paper| paper.sha256),
        prepared_by: Some(allowed.actor.account.clone()),
        prepared_at: Some(now),
        updated_at: now,
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    // The order is public with its confirmation, not before.
    let receipt = note(tx, &allowed.by(), "ranking.prepared", &row, json!({ "place": row.place }))?;
    Ok((view(row, &criterion, true)?, receipt))
}

/// Another officer confirms the order, which writes the award, or sends it back.
///
/// Errors: `not_found`, `lot_not_in_state`, `ranking_not_here`, `ranking_not_in_state`, `ranking_changed`, `same_person`, a field
/// error where the note is missing, a calendar that is missing.
pub fn review(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::ReviewListings>,
    calendar: &Calendar,
    vault: &Vault,
    id: &LotId,
    review: &Review,
) -> Result<(Ranking, Receipt)> {
    let (all, criterion, row) = locked(tx, allowed, id)?;
    let row = in_hand(row, State::Prepared)?;
    let reviewer = allowed.actor.account.clone();
    let prepared_by = row.prepared_by.as_ref().map(|by| by.as_str());
    let kept = rules::check_review(review, row.place, reviewer.as_str(), prepared_by)?;
    let now = tx.now();
    let row = RankingRow {
        state: if review.approve { State::Confirmed } else { State::Returned },
        reviewed_by: Some(reviewer),
        reviewed_at: Some(now),
        note: kept,
        updated_at: now,
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    if !review.approve {
        let next = fresh(tx, &all.lot, row.place.saturating_add(1), row.candidates.clone(), row.called_at);
        next.insert(tx)?;
        let receipt = note(tx, &allowed.by(), "ranking.returned", &row, json!({ "place": row.place }))?;
        return Ok((view(row, &criterion, true)?, receipt));
    }
    let data = json!({
        "place": row.place, "order": told(&row.ranked()?), "paper": row.paper, "paper_sha256": row.document_sha256,
    });
    let receipt = note(tx, &allowed.by(), "ranking.confirmed", &row, data)?;
    auction::close_locked(tx, &allowed.by(), calendar, vault, all, None)?;
    Ok((view(row, &criterion, true)?, receipt))
}
