//! Use cases: claiming, checking a claim, waiving a right, reading its proof.

use serde_json::json;

use super::{
    ends,
    model::{Checking, Claim, Grant, Kind, LapseCause, NewClaim, Proof, RightId, RightView, Standing},
    rules::{self, PRIORITY_AFTER_OPENING, PRIORITY_UNSEEN, Refusal},
    store::RightRow,
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::Problem,
    log::{By, Receipt},
    trading::{
        enrolment::EnrolmentId,
        listing::{LotId, LotState, store::LotRow},
        looks,
        papers::{self, Given, store::HandedIn},
    },
    vault::Vault,
};

/// Claims a right with its proof.
///
/// Errors: field errors, `not_enrolled`, `lot_not_in_state`, those of the rules, `not_found`.
pub fn claim(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    vault: &Vault,
    lot_id: &LotId,
    new: &NewClaim,
) -> Result<(RightView, Receipt)> {
    let (lot, terms, own) = papers::giver(tx, allowed, lot_id, &[LotState::Published])?;
    let now = tx.now();
    let rights = terms.terms()?.priority_rights.zip(lot.enrol_until);
    let Some(terms) = rights.map(|(rights, until)| rights.terms(until)) else {
        return Err(Problem::from(Refusal::NotOffered { offered: Vec::new() }).into());
    };
    let kind = new.kind.parse::<Kind>().map_err(|_| {
        let offered: Vec<&str> = terms.order.iter().map(Kind::label).collect();
        Problem::field("kind", Some(&new.kind), format!("请选择申报哪一种优先权：{}", offered.join("、")))
    })?;
    let earlier: Vec<_> = RightRow::of_enrolment(tx, &own.id)?.iter().map(RightRow::right).collect();
    let proof = Proof { title: new.title.clone(), sha256: String::new() };
    let proofs = if new.bytes.is_empty() { Vec::new() } else { vec![proof] };
    let asked = Claim { bidder: own.id.to_string(), kind, proofs, claimed_at: now };
    let right = rules::claim(&terms, &earlier, asked).map_err(Problem::from)?;
    let given = Given { title: &new.title, untitled: kind.label(), bytes: &new.bytes };
    let paper = papers::keep(tx, allowed, vault, &own, given)?;
    let row = RightRow {
        id: tx.new_id("prt"),
        lot_id: lot_id.clone(),
        collective_code: own.collective_code.clone(),
        enrolment_id: own.id,
        kind,
        rank: i32::try_from(right.rank).unwrap_or(i32::MAX),
        document_id: paper.id,
        document_sha256: paper.sha256,
        claimed_at: now,
        state: Standing::Claimed,
        checked_by: None,
        checker_name: String::new(),
        checked_at: None,
        note: String::new(),
        cause: None,
        lapsed_at: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    note(tx, &allowed.by(), "priority.claimed", row)
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: RightRow) -> Result<(RightView, Receipt)> {
    let data = json!({ "kind": row.kind, "rank": row.rank, "cause": row.cause });
    let receipt = papers::on_record(tx, by, kind, &row, data)?;
    Ok((view(row), receipt))
}

fn view(row: RightRow) -> RightView {
    RightView {
        id: row.id,
        kind: row.kind,
        rank: row.rank,
        state: row.state,
        claimed_at: row.claimed_at,
        proof_sha256: row.document_sha256,
        checker: Some(row.checker_name).filter(|name| !name.is_empty()),
        checked_at: row.checked_at,
        note: row.note,
        cause: row.cause,
        lapsed_at: row.lapsed_at,
        version: row.version,
    }
}

/// A right of the scope with its lot, locked, while the auction has not opened.
fn locked(tx: &mut Tx<'_>, find: impl Fn(&mut Rx<'_>) -> Result<Option<RightRow>>) -> Result<(RightRow, LotRow)> {
    let (row, lot, _) = papers::locked(tx, &[LotState::Published], find)?;
    match lot.opens_at {
        Some(opens_at) if tx.now() >= opens_at => {
            let detail = format!("竞价已于 {} 开始，优先权以开始时为准", opens_at.second_text());
            Err(Problem::new(&PRIORITY_AFTER_OPENING, detail).into())
        }
        _ => Ok((row, lot)),
    }
}

/// The trading officer says whether the proof of a claim shows its ground.
///
/// Errors: field errors, `priority_unseen`, `priority_not_waiting`, `priority_after_opening`, `not_found`.
pub fn check(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    id: &RightId,
    checking: &Checking,
) -> Result<(RightView, LotId, Receipt)> {
    let (row, lot) = locked(tx, |rx| RightRow::find(rx, &allowed.scope, id))?;
    let words = papers::read_note(&checking.note, rules::EXAMPLE).map_err(|fault| Problem::fields(vec![fault]))?;
    if !looks::has_looked(tx, &allowed.actor.account, &row.enrolment_id)? {
        return Err((&PRIORITY_UNSEEN).into());
    }
    let grant = Grant { by: allowed.actor.account.to_string(), at: tx.now() };
    let right = rules::check(row.right(), checking.proven, grant.clone()).map_err(Problem::from)?;
    let row = RightRow {
        checked_by: Some(allowed.actor.account.clone()),
        checker_name: allowed.actor.display_name.clone(),
        checked_at: Some(grant.at),
        note: words,
        ..row.with(&right)
    };
    row.update(tx)?;
    let kind = if checking.proven { "priority.granted" } else { "priority.refused" };
    let (view, receipt) = note(tx, &allowed.by(), kind, row)?;
    Ok((view, lot.id, receipt))
}

/// The bidder gives the right, or the claim of it, up.
///
/// Errors: `priority_over`, `priority_after_opening`, `not_found`.
pub fn waive(tx: &mut Tx<'_>, allowed: &Allowed<may::Bid>, id: &RightId) -> Result<(RightView, LotId, Receipt)> {
    let (row, lot) = locked(tx, |rx| papers::own(rx, allowed, id))?;
    let now = tx.now();
    let row = ends::end(tx, row, LapseCause::Waived, now)?;
    let (view, receipt) = note(tx, &allowed.by(), "priority.waived", row)?;
    Ok((view, lot.id, receipt))
}

/// The enrolment's rights, for who may see the enrolment.
pub(in crate::trading) fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<RightView>> {
    Ok(RightRow::of_enrolment(rx, enrolment)?.into_iter().map(view).collect())
}
