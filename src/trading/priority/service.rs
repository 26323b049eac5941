//! Use cases: claiming, checking a claim, waiving a right, reading its proof.

use serde_json::json;

use super::{
    ends,
    model::{Checking, Claim, Grant, Kind, LapseCause, NewClaim, Proof, RightId, RightView, Standing},
    rules::{self, PRIORITY_AFTER_OPENING, PRIORITY_UNSEEN, Refusal},
    store::{self, RightRow},
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    documents::{self, Content},
    kernel::{FieldError, Problem, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    trading::{
        auction::NOT_ENROLLED,
        enrolment::{self, EnrolmentId, store as enrolments},
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader as LotReader},
        },
        looks,
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
    lots::lock(tx, lot_id)?;
    let (lot, terms) = lots::find(tx, LotReader::Public, lot_id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Published])?;
    let own = enrolments::find_own(tx, lot_id, &allowed.actor.account)?.ok_or(&NOT_ENROLLED)?;
    let now = tx.now();
    let rights = terms.terms()?.priority_rights.zip(lot.enrol_until);
    let Some(terms) = rights.map(|(rights, until)| rights.terms(until)) else {
        return Err(Problem::from(Refusal::NotOffered { offered: Vec::new() }).into());
    };
    let kind = new.kind.parse::<Kind>().map_err(|_| {
        let offered: Vec<&str> = terms.order.iter().map(Kind::label).collect();
        Problem::field("kind", Some(&new.kind), format!("请选择申报哪一种优先权：{}", offered.join("、")))
    })?;
    let earlier: Vec<_> = store::of_enrolment(tx, &own.id)?.iter().map(RightRow::right).collect();
    let proof = Proof { title: new.title.clone(), sha256: String::new() };
    let proofs = if new.bytes.is_empty() { Vec::new() } else { vec![proof] };
    let asked = Claim { bidder: own.id.to_string(), kind, proofs, claimed_at: now };
    let right = rules::claim(&terms, &earlier, asked).map_err(Problem::from)?;
    let log_scope = enrolment::log_scope(&own.collective_code);
    let title = if new.title.trim().is_empty() { kind.label() } else { new.title.trim() };
    let paper = documents::NewProof {
        collective_code: &own.collective_code,
        log_scope: log_scope.clone(),
        title,
        bytes: &new.bytes,
    };
    let (paper, _) = documents::keep_proof(tx, &allowed.by(), &allowed.actor.account, vault, &paper)?;
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

/// Like an enrolment's other entries these do not name the lot: they would count its bidders.
fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: RightRow) -> Result<(RightView, Receipt)> {
    let fact = Fact::new(kind, enrolment::log_scope(&row.collective_code)).about("enrolment", &row.enrolment_id);
    let receipt = record(tx, by, fact.data(json!({ "kind": row.kind, "rank": row.rank, "cause": row.cause })))?;
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
fn locked(tx: &mut Tx<'_>, find: impl Fn(&mut Tx<'_>) -> Result<Option<RightRow>>) -> Result<(RightRow, LotRow)> {
    let found = find(tx)?.ok_or(&NOT_FOUND)?;
    lots::lock(tx, &found.lot_id)?;
    let row = find(tx)?.ok_or(&NOT_FOUND)?;
    let (lot, _) = lots::get(tx, &row.lot_id)?;
    listing::must_be(lot.state, &[LotState::Published])?;
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
    let scope = allowed.scope.clone();
    let (row, lot) = locked(tx, |tx| store::find(tx, &scope, id))?;
    let words = checking.note.trim();
    if words.is_empty() || words.chars().count() > 200 || words.chars().any(char::is_control) {
        let detail = "请写明核对了什么，或者缺什么（最多 200 个字，写在一行里），例如 户口簿和成员名册核对一致";
        return Err(Problem::fields(vec![FieldError::new("note", None, detail)]).into());
    }
    if !looks::has_looked(tx, &allowed.actor.account, &row.enrolment_id)? {
        return Err((&PRIORITY_UNSEEN).into());
    }
    let grant = Grant { by: allowed.actor.account.to_string(), at: tx.now() };
    let right = rules::check(row.right(), checking.proven, grant.clone()).map_err(Problem::from)?;
    let row = RightRow {
        checked_by: Some(allowed.actor.account.clone()),
        checker_name: allowed.actor.display_name.clone(),
        checked_at: Some(grant.at),
        note: words.to_owned(),
        ..row.with(&right)
    };
    row.update(tx)?;
    let kind = if checking.proven { "priority.granted" } else { "priority.refused" };
    let (view, receipt) = note(tx, &allowed.by(), kind, row)?;
    Ok((view, lot.id, receipt))
}

/// The own row of a bidder.
fn mine(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, id: &RightId) -> Result<Option<RightRow>> {
    let Some(row) = store::find_own(rx, id)? else { return Ok(None) };
    let own = enrolments::find_own(rx, &row.lot_id, &allowed.actor.account)?;
    Ok(own.filter(|own| own.id == row.enrolment_id).map(|_| row))
}

/// The bidder gives the right, or the claim of it, up.
///
/// Errors: `priority_over`, `priority_after_opening`, `not_found`.
pub fn waive(tx: &mut Tx<'_>, allowed: &Allowed<may::Bid>, id: &RightId) -> Result<(RightView, LotId, Receipt)> {
    let (row, lot) = locked(tx, |tx| mine(tx, allowed, id))?;
    let now = tx.now();
    let row = ends::end(tx, row, LapseCause::Waived, now)?;
    let (view, receipt) = note(tx, &allowed.by(), "priority.waived", row)?;
    Ok((view, lot.id, receipt))
}

/// Who wants to read a proof.
#[derive(Debug, Clone)]
pub enum Reader {
    Bidder(Allowed<may::Bid>),
    Officer(Allowed<may::RunAuctions>),
}

/// The proof of a right: for its bidder, and for an officer with a look on record; from the end on for every officer of the
/// place.
///
/// Errors: `priority_unseen`, `not_found`.
pub fn proof(rx: &mut Rx<'_>, reader: &Reader, vault: &Vault, id: &RightId) -> Result<Content> {
    let row = match reader {
        Reader::Bidder(allowed) => mine(rx, allowed, id)?.ok_or(&NOT_FOUND)?,
        Reader::Officer(allowed) => {
            let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
            if !looks::may_read_papers(rx, allowed, &row.lot_id, &row.enrolment_id)? {
                return Err((&PRIORITY_UNSEEN).into());
            }
            row
        }
    };
    documents::proof_content(rx, vault, &row.document_id)
}

/// The enrolment's rights, for who may see the enrolment.
pub(in crate::trading) fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<RightView>> {
    Ok(store::of_enrolment(rx, enrolment)?.into_iter().map(view).collect())
}
