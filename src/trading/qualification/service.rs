//! Use cases: handing a paper in, examining it, reading it; what admission, confirmation and succession ask.

use serde_json::json;

use super::{
    model::{Examining, Need, NewPaper, PaperId, PaperState, PaperView, Timing},
    rules::{self, QUALIFICATION_MISSING, QUALIFICATION_UNSEEN, QUALIFICATION_WAITING, Window},
    store::PaperRow,
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Day, Problem, Timestamp},
    log::{By, Receipt},
    trading::{
        confirmation::{self, Days, Failing},
        enrolment::{self, EnrolmentId, store as enrolments},
        listing::{
            LotId, LotState,
            store::{LotRow, TermsRow},
        },
        looks,
        papers::{self, Given, store::HandedIn},
    },
    vault::Vault,
};

/// When the papers of an enrolment are taken and examined.
fn window(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow, enrolment: &EnrolmentId) -> Result<Window> {
    let timing = terms.terms()?.timing();
    let next = if timing == Timing::After { confirmation::next_to_confirm(rx, lot)? } else { None };
    Ok(Window {
        timing,
        enrol_until: lot.enrol_until.unwrap_or_default(),
        opens_at: lot.opens_at.unwrap_or_default(),
        turn: next.filter(|next| next.enrolment == *enrolment).map(|next| next.papers_by),
    })
}

fn last_state(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Option<PaperState>> {
    Ok(PaperRow::of_enrolment(rx, enrolment)?.last().map(|row| row.state))
}

/// Hands in a paper for the own enrolment.
///
/// Errors: field errors, `not_enrolled`, `lot_not_in_state`, those of the rules, `not_found`.
pub fn hand_in(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    vault: &Vault,
    lot_id: &LotId,
    new: &NewPaper,
) -> Result<(PaperView, Receipt)> {
    let (lot, terms, own) = papers::giver(tx, allowed, lot_id, &[LotState::Published, LotState::Sold])?;
    let now = tx.now();
    let earlier = PaperRow::of_enrolment(tx, &own.id)?;
    let last = earlier.last().map(|row| row.state);
    rules::hand_in(window(tx, &lot, &terms, &own.id)?, last, now, new.bytes.is_empty())?;
    let given = Given { title: &new.title, untitled: "资格材料", bytes: &new.bytes };
    let paper = papers::keep(tx, allowed, vault, &own, given)?;
    let row = PaperRow {
        id: tx.new_id("qlf"),
        lot_id: lot_id.clone(),
        collective_code: own.collective_code.clone(),
        enrolment_id: own.id,
        attempt: earlier.last().map_or(1, |row| row.attempt.saturating_add(1)),
        document_id: paper.id,
        document_sha256: paper.sha256,
        handed_in_at: now,
        state: PaperState::Waiting,
        examined_by: None,
        examiner_name: String::new(),
        examined_at: None,
        note: String::new(),
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let receipt = note(tx, &allowed.by(), "qualification.handed_in", &row)?;
    Ok((view(row), receipt))
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &PaperRow) -> Result<Receipt> {
    let data = json!({ "attempt": row.attempt, "paper_sha256": row.document_sha256 });
    papers::on_record(tx, by, kind, row, data)
}

fn view(row: PaperRow) -> PaperView {
    PaperView {
        id: row.id,
        attempt: row.attempt,
        state: row.state,
        handed_in_at: row.handed_in_at,
        paper_sha256: row.document_sha256,
        examiner: Some(row.examiner_name).filter(|name| !name.is_empty()),
        examined_at: row.examined_at,
        note: row.note,
        version: row.version,
    }
}

/// The trading officer says whether a paper shows what the notice asks for. Before the auction a pass gives a bid number to who
/// has done all else; after it a pass lets the result be confirmed, and a refusal puts out whoever it is about, so that the next in
/// line is asked.
///
/// Errors: field errors, `qualification_unseen`, `qualification_not_waiting`, `qualification_over`, `lot_not_in_state`,
/// `not_found`.
pub fn examine(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    days: Days<'_>,
    id: &PaperId,
    examining: &Examining,
) -> Result<(PaperView, LotId, Receipt)> {
    let find = |rx: &mut Rx<'_>| PaperRow::find(rx, &allowed.scope, id);
    let (row, lot, terms) = papers::locked(tx, &[LotState::Published, LotState::Sold], find)?;
    let window = window(tx, &lot, &terms, &row.enrolment_id)?;
    let now = tx.now_after(row.handed_in_at);
    rules::examine(window, row.state, now)?;
    let puts_out = window.timing == Timing::After && !examining.passed;
    let (words, decision) = rules::read(&examining.note, &examining.decision, puts_out)?;
    if lot.state.is_under_way()
        && !looks::has_looked_since(tx, &allowed.actor.account, &row.enrolment_id, row.handed_in_at)?
    {
        return Err((&QUALIFICATION_UNSEEN).into());
    }
    let row = PaperRow {
        state: if examining.passed { PaperState::Passed } else { PaperState::Refused },
        examined_by: Some(allowed.actor.account.clone()),
        examiner_name: allowed.actor.display_name.clone(),
        examined_at: Some(now),
        note: words.clone(),
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    match (window.timing, examining.passed) {
        (Timing::Before, true) => {
            let mut enrolment = enrolments::get_led(tx, &row.enrolment_id)?;
            enrolment::admit(tx, &mut enrolment)?;
        }
        (Timing::After, true) => confirmation::ask_anew(tx, days, &lot)?,
        _ => {}
    }
    let kind = if examining.passed { "qualification.passed" } else { "qualification.refused" };
    let receipt = note(tx, &allowed.by(), kind, &row)?;
    if puts_out {
        let ground = confirmation::Ground::Unqualified;
        let failing = Failing { ground, decision, note: words, exclude_until: None };
        confirmation::fail(tx, allowed, days, &lot.id, &failing)?;
    }
    Ok((view(row), lot.id, receipt))
}

/// The enrolment's papers, for who may see the enrolment.
pub(in crate::trading) fn of_enrolment(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<Vec<PaperView>> {
    Ok(PaperRow::of_enrolment(rx, enrolment)?.into_iter().map(view).collect())
}

/// What is asked of the papers of an enrolment now.
pub(in crate::trading) fn need(
    rx: &mut Rx<'_>,
    lot: &LotRow,
    terms: &TermsRow,
    enrolment: &EnrolmentId,
    now: Timestamp,
) -> Result<Need> {
    let last = last_state(rx, enrolment)?;
    Ok(rules::need(window(rx, lot, terms, enrolment)?, last, now))
}

/// Last day to hand in papers that are examined after the auction; `None`: it is not the turn of this one.
pub(super) fn turn(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow, enrolment: &EnrolmentId) -> Result<Option<Day>> {
    Ok(window(rx, lot, terms, enrolment)?.turn)
}

/// Whether the papers of an enrolment were passed.
fn has_passed(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<bool> {
    Ok(last_state(rx, enrolment)? == Some(PaperState::Passed))
}

/// Whether an enrolment may have a bid number as far as its papers go.
pub(in crate::trading) fn admits(rx: &mut Rx<'_>, timing: Timing, enrolment: &EnrolmentId) -> Result<bool> {
    Ok(timing != Timing::Before || has_passed(rx, enrolment)?)
}

/// Whether who is to be confirmed, or steps in, has shown to meet the conditions.
///
/// Errors: `qualification_missing`.
pub(in crate::trading) fn must_have_passed(rx: &mut Rx<'_>, timing: Timing, enrolment: &EnrolmentId) -> Result<()> {
    if timing != Timing::After {
        return Ok(());
    }
    let detail = match last_state(rx, enrolment)? {
        Some(PaperState::Passed) => return Ok(()),
        Some(PaperState::Waiting) => "资格材料已经交了，审查通过之后才能办理这一步",
        _ => "资格材料还没有交；请先在本项目的“资格材料”那一页上传，审查通过之后才能办理这一步",
    };
    Err(Problem::new(&QUALIFICATION_MISSING, detail).into())
}

/// Whoever has handed in and waits for the township is not late.
///
/// Errors: `qualification_waiting`.
pub(in crate::trading) fn must_not_wait(rx: &mut Rx<'_>, enrolment: &EnrolmentId) -> Result<()> {
    match last_state(rx, enrolment)? {
        Some(PaperState::Waiting) => {
            let detail = "递补人已经交了资格材料，在等镇街审查；请先审查，不能登记逾期没有答复";
            Err(Problem::new(&QUALIFICATION_WAITING, detail).into())
        }
        _ => Ok(()),
    }
}
