//! Use cases: claiming an answer with its paper, examining a claim, reading its paper.

use serde_json::json;

use super::{
    model::{ClaimId, ClaimState, ClaimView, Examining, Merit, NewClaim},
    rules::{self, MERIT_UNSEEN, Offer},
    store::ClaimRow,
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::Problem,
    log::{By, Receipt},
    trading::{
        enrolment::EnrolmentId,
        listing::{LotId, LotState},
        looks,
        papers::{self, Given, store::HandedIn},
    },
    vault::Vault,
};

/// Claims an answer for the own enrolment.
///
/// Errors: `not_enrolled`, `lot_not_in_state`, those of the rules and of papers, `not_found`.
pub fn claim(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    vault: &Vault,
    lot_id: &LotId,
    new: &NewClaim,
) -> Result<(ClaimView, Receipt)> {
    let (lot, terms, own) = papers::giver(tx, allowed, lot_id, &[LotState::Published])?;
    let terms = terms.terms()?;
    let offer = Offer { merits: terms.merits(), claim_until: lot.enrol_until.unwrap_or_default() };
    let (merit, answer) = offer.read(&new.answer)?;
    let earlier: Vec<ClaimRow> =
        ClaimRow::of_enrolment(tx, &own.id)?.into_iter().filter(|row| row.merit == merit).collect();
    let now = tx.now();
    rules::claim(offer, earlier.last().map(|row| row.state), now, new.bytes.is_empty())?;
    let given = Given { title: &new.title, untitled: "加分材料", bytes: &new.bytes };
    let paper = papers::keep(tx, allowed, vault, &own, given)?;
    let row = ClaimRow {
        id: tx.new_id("mrt"),
        lot_id: lot_id.clone(),
        collective_code: own.collective_code.clone(),
        enrolment_id: own.id,
        merit,
        answer,
        attempt: earlier.last().map_or(1, |row| row.attempt.saturating_add(1)),
        document_id: paper.id,
        document_sha256: paper.sha256,
        claimed_at: now,
        state: ClaimState::Claimed,
        examined_by: None,
        examiner_name: String::new(),
        examined_at: None,
        note: String::new(),
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let receipt = note(tx, &allowed.by(), "merit.claimed", &row)?;
    Ok((view(row, terms.merits()), receipt))
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &ClaimRow) -> Result<Receipt> {
    let data = json!({ "merit": row.merit, "answer": row.answer, "paper_sha256": row.document_sha256 });
    papers::on_record(tx, by, kind, row, data)
}

fn view(row: ClaimRow, merits: &[Merit]) -> ClaimView {
    let found = rules::find(merits, row.merit, row.answer);
    ClaimView {
        merit_title: found.map(|(merit, _)| merit.title.clone()).unwrap_or_default(),
        answer_text: found.map(|(_, answer)| answer.text.clone()).unwrap_or_default(),
        points_bp: found.and_then(|(_, answer)| i32::try_from(answer.points_bp).ok()).unwrap_or_default(),
        id: row.id,
        merit: row.merit,
        answer: row.answer,
        attempt: row.attempt,
        state: row.state,
        claimed_at: row.claimed_at,
        paper_sha256: row.document_sha256,
        examiner: Some(row.examiner_name).filter(|name| !name.is_empty()),
        examined_at: row.examined_at,
        note: row.note,
        version: row.version,
    }
}

/// The trading officer says whether a paper shows what its answer says, before the auction opens.
///
/// Errors: field errors, `merit_unseen`, `merit_not_waiting`, `merit_after_opening`, `lot_not_in_state`, `not_found`.
pub fn examine(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    id: &ClaimId,
    examining: &Examining,
) -> Result<(ClaimView, LotId, Receipt)> {
    let find = |rx: &mut Rx<'_>| ClaimRow::find(rx, &allowed.scope, id);
    let (row, lot, terms) = papers::locked(tx, &[LotState::Published], find)?;
    let now = tx.now_after(row.claimed_at);
    rules::examine(row.state, lot.opens_at.unwrap_or_default(), now)?;
    let words = papers::read_note(&examining.note, rules::EXAMPLE).map_err(|fault| Problem::fields(vec![fault]))?;
    if !looks::has_looked_since(tx, &allowed.actor.account, &row.enrolment_id, row.claimed_at)? {
        return Err((&MERIT_UNSEEN).into());
    }
    let row = ClaimRow {
        state: if examining.granted { ClaimState::Granted } else { ClaimState::Refused },
        examined_by: Some(allowed.actor.account.clone()),
        examiner_name: allowed.actor.display_name.clone(),
        examined_at: Some(now),
        note: words,
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    let kind = if examining.granted { "merit.granted" } else { "merit.refused" };
    let receipt = note(tx, &allowed.by(), kind, &row)?;
    Ok((view(row, terms.terms()?.merits()), lot.id, receipt))
}

/// The enrolment's claims, for who may see the enrolment.
pub(in crate::trading) fn of_enrolment(
    rx: &mut Rx<'_>,
    enrolment: &EnrolmentId,
    merits: &[Merit],
) -> Result<Vec<ClaimView>> {
    if merits.is_empty() {
        return Ok(Vec::new());
    }
    Ok(ClaimRow::of_enrolment(rx, enrolment)?.into_iter().map(|row| view(row, merits)).collect())
}
