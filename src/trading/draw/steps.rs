//! The steps of a draw that need nobody: it is called when the auction has ended, the first checkpoint after that is fixed,
//! the seed is made once all have opened, and a round that came to nothing is followed by another.

use serde_json::json;

use super::{
    model::{Draw, Party, RoundState},
    rules,
    store::{self, PartyRow, RoundRow},
};
use crate::{
    access::Scope,
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{PageRequest, Timestamp, hex},
    log::{self, By, EntryFilter, Fact, Receipt, record},
    trading::listing::{
        LotId,
        store::{LotRow, TermsRow},
    },
};

/// Fewer could choose the seed alone.
const LEAST_PARTIES: usize = 2;

/// Whether the auction of this lot has ended and waits for its draw, or has been drawn.
pub(in crate::trading) fn is_called(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    Ok(store::find_public_last(rx, lot)?.is_some())
}

/// When the draw of this lot was first called; `None`: it was not.
pub(in crate::trading) fn first_called_at(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Timestamp>> {
    Ok(store::list_public_rounds(rx, lot)?.first().and_then(|round| round.called_at))
}

/// When the trade was terminated before its draw gave a seed.
pub(in crate::trading) fn called_off_at(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Timestamp>> {
    Ok(store::find_public_last(rx, lot)?.filter(|round| round.state == RoundState::Ended).map(|round| round.updated_at))
}

/// What has to be done next at `now`; `None` where the draw waits, or there is none.
enum Next {
    Call(RoundRow),
    Fix(RoundRow, i64, String),
    Seed(RoundRow, Box<Draw>),
    Repeat(RoundRow, Vec<String>),
}

/// Whether something is to be done for a lot whose draw was called.
pub(in crate::trading) fn is_due(rx: &mut Rx<'_>, lot: &LotId, now: Timestamp) -> Result<bool> {
    Ok(next(rx, lot, now)?.is_some())
}

fn next(rx: &mut Rx<'_>, lot: &LotId, now: Timestamp) -> Result<Option<Next>> {
    let Some(round) = store::find_public_last(rx, lot)? else { return Ok(None) };
    Ok(match round.state {
        RoundState::Committing if round.commit_until.is_some_and(|until| now >= until) => Some(Next::Call(round)),
        RoundState::Called => {
            let entry = log::newest(rx, "lot", lot, &["draw.called"])?.and_then(|entry| entry.index);
            let head = match entry.and_then(|index| u64::try_from(index).ok()) {
                Some(index) => log::first_head_over(rx, index)?,
                None => None,
            };
            entry.zip(head).map(|(index, head)| Next::Fix(round, index, head))
        }
        RoundState::Opening => {
            let parties = store::list_public_of_round(rx, lot, round.round)?;
            let missing: Vec<String> = parties.iter().filter(|p| p.value.is_none()).map(|p| p.party.clone()).collect();
            if !missing.is_empty() {
                let late = round.open_until.is_some_and(|until| now >= until);
                return Ok(late.then_some(Next::Repeat(round, missing)));
            }
            match first_opening(rx, &round)? {
                Some(index) => {
                    let round = RoundRow { first_opening_index: Some(index), ..round };
                    let draw = assembled(rx, &round)?;
                    Some(Next::Seed(round, Box::new(draw)))
                }
                None => None,
            }
        }
        _ => None,
    })
}

/// The index of the round's first entry that opened a value, once it has its place.
fn first_opening(rx: &mut Rx<'_>, round: &RoundRow) -> Result<Option<i64>> {
    let wanted = EntryFilter {
        subjects: vec![format!("lot/{}", round.lot_id)],
        kinds: vec!["draw.opened"],
        from: round.called_at,
        oldest_first: true,
        ..EntryFilter::default()
    };
    let range = Scope::Only(round.collective_code.to_string()).range();
    let page = PageRequest { limit: Some(1), after: None };
    Ok(log::list_entries(rx, &range, &wanted, &page)?.items.pop().and_then(|entry| entry.index))
}

/// The draw of a round as its rows tell it.
pub(super) fn assembled(rx: &mut Rx<'_>, round: &RoundRow) -> Result<Draw> {
    let lot = &round.lot_id;
    let read = |hex: &str| rules::read_32("value", hex).map_err(Error::from);
    let mut withheld = Vec::new();
    for earlier in store::list_public_rounds(rx, lot)?.iter().filter(|earlier| earlier.round < round.round) {
        withheld.extend(earlier.withheld()?);
    }
    withheld.sort();
    withheld.dedup();
    let party = |row: PartyRow| {
        Ok(Party {
            commitment: read(&row.commitment)?,
            value: row.value.as_deref().map(read).transpose()?,
            name: row.party,
        })
    };
    let rows = store::list_public_of_round(rx, lot, round.round)?;
    Ok(Draw {
        lot: lot.to_string(),
        round: u64::try_from(round.round).unwrap_or_default(),
        checkpoint: round.checkpoint.clone().unwrap_or_default(),
        closing_index: round.closing_index.and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
        first_opening_index: round.first_opening_index.and_then(|n| u64::try_from(n).ok()).unwrap_or_default(),
        parties: rows.into_iter().map(party).collect::<Result<_>>()?,
        withheld,
    })
}

/// What a lot was drawn with, for the engine.
pub(in crate::trading) fn finished(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<(Draw, Vec<u8>)>> {
    let Some(round) = store::find_public_last(rx, lot)?.filter(|round| round.state == RoundState::Drawn) else {
        return Ok(None);
    };
    let draw = assembled(rx, &round)?;
    let seed = rules::seed(&draw).map_err(|fault| Error::Internal(format!("draw of {lot}: {fault}")))?;
    Ok(Some((draw, seed.to_vec())))
}

/// An auction has ended, and who goes first among equals is to be drawn.
pub(in crate::trading) fn call(tx: &mut Tx<'_>, by: &By, lot: &LotRow, terms: &TermsRow) -> Result<Receipt> {
    let row = fresh(tx, lot, 1, None);
    called(tx, by, row, terms, true)
}

fn fresh(tx: &mut Tx<'_>, lot: &LotRow, round: i32, commit_until: Option<Timestamp>) -> RoundRow {
    RoundRow {
        id: tx.new_id("drw"),
        lot_id: lot.id.clone(),
        collective_code: lot.collective_code.clone(),
        round,
        state: RoundState::Committing,
        commit_until,
        called_at: None,
        closing_index: None,
        checkpoint: None,
        open_until: None,
        first_opening_index: None,
        seed: None,
        withheld: "[]".to_owned(),
        updated_at: tx.now(),
        version: 1,
        salt: Salt::fresh(),
    }
}

/// The round's time to commit is over; with too few parties it is repeated at once.
fn called(tx: &mut Tx<'_>, by: &By, row: RoundRow, terms: &TermsRow, is_new: bool) -> Result<Receipt> {
    let bound = store::list_public_of_round(tx, &row.lot_id, row.round)?.len();
    let now = tx.now();
    let row = RoundRow { called_at: Some(now), updated_at: now, ..row };
    if bound < LEAST_PARTIES {
        return repeated(tx, by, row, terms, Vec::new(), is_new);
    }
    let row = RoundRow { state: RoundState::Called, version: row.version + i32::from(!is_new), ..row };
    if is_new {
        row.insert(tx)?;
    } else {
        row.update(tx)?;
    }
    note(tx, by, "draw.called", &row, json!({ "round": row.round, "parties": bound }))
}

/// The round came to nothing, and another begins.
fn repeated(
    tx: &mut Tx<'_>,
    by: &By,
    row: RoundRow,
    terms: &TermsRow,
    withheld: Vec<String>,
    is_new: bool,
) -> Result<Receipt> {
    let now = tx.now();
    let hours = terms.terms()?.draw().map_or(0, |draw| draw.step_s());
    let next = RoundRow {
        id: tx.new_id("drw"),
        round: row.round + 1,
        state: RoundState::Committing,
        commit_until: Some(now.plus_s(hours)),
        called_at: None,
        closing_index: None,
        checkpoint: None,
        open_until: None,
        first_opening_index: None,
        seed: None,
        withheld: "[]".to_owned(),
        updated_at: now,
        version: 1,
        salt: Salt::fresh(),
        ..row.clone()
    };
    let row = RoundRow {
        state: RoundState::Void,
        withheld: serde_json::to_string(&withheld).map_err(|e| Error::Internal(e.to_string()))?,
        updated_at: now,
        version: row.version + i32::from(!is_new),
        ..row
    };
    if is_new {
        row.insert(tx)?;
    } else {
        row.update(tx)?;
    }
    next.insert(tx)?;
    let data = json!({ "round": row.round, "withheld": withheld, "commit_until": next.commit_until });
    note(tx, by, "draw.repeated", &row, data)
}

/// The trade is terminated while its draw goes on: the round ends, and whatever was opened in it orders nobody. False: no draw
/// was waited for.
pub(in crate::trading) fn call_off(tx: &mut Tx<'_>, by: &By, lot: &LotId) -> Result<bool> {
    let open = |row: &RoundRow| !matches!(row.state, RoundState::Drawn | RoundState::Void | RoundState::Ended);
    let Some(row) = store::find_public_last(tx, lot)?.filter(open) else { return Ok(false) };
    let row = RoundRow { state: RoundState::Ended, updated_at: tx.now(), version: row.version + 1, ..row };
    row.update(tx)?;
    note(tx, by, "draw.ended", &row, json!({ "round": row.round }))?;
    Ok(true)
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &RoundRow, data: serde_json::Value) -> Result<Receipt> {
    record(tx, by, Fact::new(kind, &row.collective_code).about("lot", &row.lot_id).data(data))
}

/// Takes the next step of a draw that was called. True: the seed stands, the auction can be closed.
pub(in crate::trading) fn advance(tx: &mut Tx<'_>, by: &By, lot: &LotRow, terms: &TermsRow) -> Result<bool> {
    let now = tx.now();
    let hours = terms.terms()?.draw().map_or(0, |draw| draw.step_s());
    match next(tx, &lot.id, now)? {
        None => {}
        Some(Next::Call(row)) => {
            called(tx, by, row, terms, false)?;
        }
        Some(Next::Fix(row, index, head)) => {
            let row = RoundRow {
                state: RoundState::Opening,
                closing_index: Some(index),
                checkpoint: Some(head.clone()),
                open_until: Some(now.plus_s(hours)),
                updated_at: now,
                version: row.version + 1,
                ..row
            };
            row.update(tx)?;
            let data =
                json!({ "round": row.round, "closing_index": index, "checkpoint": head, "open_until": row.open_until });
            note(tx, by, "draw.fixed", &row, data)?;
        }
        Some(Next::Repeat(row, missing)) => {
            repeated(tx, by, row, terms, missing, false)?;
        }
        Some(Next::Seed(row, draw)) => {
            let seed = rules::seed(&draw).map_err(|fault| Error::Internal(format!("draw of {}: {fault}", lot.id)))?;
            let row = RoundRow {
                state: RoundState::Drawn,
                seed: Some(hex(&seed)),
                updated_at: now,
                version: row.version + 1,
                ..row
            };
            row.update(tx)?;
            note(tx, by, "draw.drawn", &row, json!({ "round": row.round, "seed": row.seed }))?;
            return Ok(true);
        }
    }
    Ok(false)
}
