//! Use cases: claiming an answer with its paper, examining a claim, reading its paper.

use serde_json::json;

use super::{
    model::{ClaimId, ClaimState, ClaimView, Examining, Merit, NewClaim},
    rules::{self, MERIT_UNSEEN, Offer},
    store::{self, ClaimRow},
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    documents::{self, Content},
    kernel::error::NOT_FOUND,
    log::{By, Fact, Receipt, record},
    trading::{
        auction::NOT_ENROLLED,
        enrolment::{self, EnrolmentId, store as enrolments},
        listing::{
            self, LotId, LotState,
            store::{self as lots, Reader as LotReader},
        },
        looks,
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
    lots::lock(tx, lot_id)?;
    let (lot, terms) = lots::find(tx, LotReader::Public, lot_id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Published])?;
    let own = enrolments::find_own(tx, lot_id, &allowed.actor.account)?.ok_or(&NOT_ENROLLED)?;
    let terms = terms.terms()?;
    let offer = Offer { merits: terms.merits(), claim_until: lot.enrol_until.unwrap_or_default() };
    let (merit, answer) = offer.read(&new.answer)?;
    let earlier: Vec<ClaimRow> =
        store::of_enrolment(tx, &own.id)?.into_iter().filter(|row| row.merit == merit).collect();
    let now = tx.now();
    rules::claim(offer, earlier.last().map(|row| row.state), now, new.bytes.is_empty())?;
    let title = if new.title.trim().is_empty() { "加分材料" } else { new.title.trim() };
    let paper = documents::NewProof {
        collective_code: &own.collective_code,
        log_scope: enrolment::log_scope(&own.collective_code),
        title,
        bytes: &new.bytes,
    };
    let (paper, _) = documents::keep_proof(tx, &allowed.by(), &allowed.actor.account, vault, &paper)?;
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

/// Like an enrolment's other entries these do not name the lot: they would count its bidders.
fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &ClaimRow) -> Result<Receipt> {
    let fact = Fact::new(kind, enrolment::log_scope(&row.collective_code)).about("enrolment", &row.enrolment_id);
    let data = json!({ "merit": row.merit, "answer": row.answer, "paper_sha256": row.document_sha256 });
    record(tx, by, fact.data(data))
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
    let found = store::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    lots::lock(tx, &found.lot_id)?;
    let row = store::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    let (lot, terms) = lots::get(tx, &row.lot_id)?;
    listing::must_be(lot.state, &[LotState::Published])?;
    let now = tx.now_after(row.claimed_at);
    rules::examine(row.state, lot.opens_at.unwrap_or_default(), now)?;
    let words = rules::read_note(&examining.note)?;
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

/// Who wants to read a paper.
#[derive(Debug, Clone)]
pub enum Reader {
    Bidder(Allowed<may::Bid>),
    Officer(Allowed<may::RunAuctions>),
}

/// The paper of a claim: for its bidder, and for an officer with a look on record; from the end on for every officer of the place.
///
/// Errors: `merit_unseen`, `not_found`.
pub fn paper(rx: &mut Rx<'_>, reader: &Reader, vault: &Vault, id: &ClaimId) -> Result<Content> {
    let row = match reader {
        Reader::Bidder(allowed) => {
            let row = store::find_own(rx, id)?.ok_or(&NOT_FOUND)?;
            let own = enrolments::find_own(rx, &row.lot_id, &allowed.actor.account)?;
            own.filter(|own| own.id == row.enrolment_id).ok_or(&NOT_FOUND)?;
            row
        }
        Reader::Officer(allowed) => {
            let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
            if !looks::may_read_papers(rx, allowed, &row.lot_id, &row.enrolment_id)? {
                return Err((&MERIT_UNSEEN).into());
            }
            row
        }
    };
    documents::proof_content(rx, vault, &row.document_id)
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
    Ok(store::of_enrolment(rx, enrolment)?.into_iter().map(|row| view(row, merits)).collect())
}

/// The papers of somebody who is erased: their contents are destroyed, that they were examined stays.
pub(in crate::trading) fn erase(tx: &mut Tx<'_>, enrolment: &EnrolmentId) -> Result<()> {
    for mut row in store::of_enrolment(tx, enrolment)? {
        documents::erase_proof(tx, &row.document_id)?;
        row.note = String::new();
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
