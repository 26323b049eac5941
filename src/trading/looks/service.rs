//! Use cases: looking at one file; asking to look at all of them, agreeing, looking; what everybody reads of it afterwards.

use super::{
    model::{BidderLook, Breaking, FileWanted, GlassRefusal, GlassRequest, GlassRequestId, GlassState},
    rules,
    store::{self, BidderLookRow, LookRequestRow},
};
use crate::{
    access::{Account, Allowed, Permission, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Id, Problem, Timestamp, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    policy::PolicyBook,
    trading::{
        enrolment::{self, Enrolment, EnrolmentId, RefusedDeposit},
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader},
        },
    },
    vault::Vault,
};

/// A lot of the scope that has not ended: afterwards there is nothing to look past.
fn running<P: Permission>(rx: &mut Rx<'_>, allowed: &Allowed<P>, lot: &LotId) -> Result<LotRow> {
    let (lot, _) = lots::find(rx, Reader::Staff(&allowed.scope), lot)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Published])?;
    Ok(lot)
}

/// What is looked at.
#[derive(Clone, Copy)]
enum At<'a> {
    File(&'a EnrolmentId),
    /// On a request to which another has agreed.
    All(&'a LookRequestRow),
}

fn note<P: Permission>(
    tx: &mut Tx<'_>,
    allowed: &Allowed<P>,
    lot: &LotRow,
    at: At<'_>,
    reason: String,
) -> Result<Receipt> {
    let (enrolment, request) = match at {
        At::File(enrolment) => (Some(enrolment), None),
        At::All(request) => (None, Some(request)),
    };
    let row = BidderLookRow {
        request_id: request.map(|request| request.id.clone()),
        id: tx.new_id("blk"),
        lot_id: lot.id.clone(),
        collective_code: lot.collective_code.clone(),
        enrolment_id: enrolment.cloned(),
        account_id: allowed.actor.account.to_string(),
        reason,
        at: tx.now(),
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let place = enrolment::log_scope(&lot.collective_code);
    let fact = match enrolment {
        // It does not name the lot: entries of one lot would be a count of its bidders.
        Some(id) => Fact::new("enrolment.looked_at", place).about("enrolment", id),
        None => Fact::new("bidders.looked_at", place).about("lot", &lot.id),
    };
    record(tx, &allowed.by(), fact)
}

/// The trading officer opens the file of the bidder with this code; the look is on record.
///
/// Errors: a field error, `no_such_remark`, `lot_not_in_state`, `not_found`.
pub fn open_file(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    vault: &Vault,
    lot: &LotId,
    wanted: &FileWanted,
) -> Result<((Enrolment, Vec<RefusedDeposit>), Receipt)> {
    let reason = rules::read_reason(&wanted.reason)?;
    lots::lock(tx, lot)?;
    let lot = running(tx, allowed, lot)?;
    let id = enrolment::find_by_remark(tx, &lot.id, &wanted.remark)?.ok_or(&rules::NO_SUCH_REMARK)?;
    let receipt = note(tx, allowed, &lot, At::File(&id), reason)?;
    Ok((enrolment::opened(tx, &allowed.actor.prove()?, vault, &id)?, receipt))
}

/// Whether an account has looked at an enrolment, on record.
pub(in crate::trading) fn has_looked(rx: &mut Rx<'_>, account: &Id<Account>, id: &EnrolmentId) -> Result<bool> {
    Ok(store::of_enrolment(rx, id)?.iter().any(|look| look.account_id == account.as_str()))
}

/// Whether an officer of the place may read what a bidder of the lot has handed in: with a look on record, and once the lot has
/// ended without.
pub(in crate::trading) fn may_read_papers(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    lot: &LotId,
    of: &EnrolmentId,
) -> Result<bool> {
    Ok(!lots::get(rx, lot)?.0.state.is_under_way() || has_looked(rx, &allowed.actor.account, of)?)
}

/// Whether it has looked since something was handed in.
pub(in crate::trading) fn has_looked_since(
    rx: &mut Rx<'_>,
    account: &Id<Account>,
    id: &EnrolmentId,
    since: Timestamp,
) -> Result<bool> {
    let looks = store::of_enrolment(rx, id)?;
    Ok(looks.iter().any(|look| look.account_id == account.as_str() && look.at >= since))
}

/// The township's officer asks to look at everybody of a lot before its end; another one has to agree.
///
/// Errors: a field error, `break_glass_waiting`, `lot_not_in_state`, `not_found`.
pub fn ask(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::BreakGlass>,
    lot: &LotId,
    breaking: &Breaking,
) -> Result<(GlassRequest, Receipt)> {
    let reason = rules::read_reason(&breaking.reason)?;
    lots::lock(tx, lot)?;
    let lot = running(tx, allowed, lot)?;
    let row = LookRequestRow {
        id: tx.new_id("blr"),
        lot_id: lot.id.clone(),
        collective_code: lot.collective_code.clone(),
        reason,
        state: GlassState::Requested,
        requested_by: allowed.actor.account.clone(),
        requester_name: allowed.actor.display_name.clone(),
        requested_at: tx.now(),
        decided_by: None,
        decider_name: String::new(),
        decided_at: None,
        refusal: String::new(),
        until_at: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::BREAK_GLASS_WAITING).into() } else { e })?;
    let receipt = on_record(tx, allowed, "bidders.look_asked", &row)?;
    Ok((view(row), receipt))
}

/// A request of the scope about a lot that has not ended, locked.
fn locked(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::BreakGlass>,
    id: &GlassRequestId,
) -> Result<(LookRequestRow, LotRow)> {
    let found = store::find_request(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    lots::lock(tx, &found.lot_id)?;
    let row = store::find_request(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    let lot = running(tx, allowed, &row.lot_id)?;
    tx.now_after(row.decided_at.unwrap_or(row.requested_at));
    Ok((row, lot))
}

fn decided(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::BreakGlass>,
    row: LookRequestRow,
    kind: &'static str,
) -> Result<(GlassRequest, Receipt)> {
    let row = LookRequestRow {
        decided_by: Some(allowed.actor.account.clone()),
        decider_name: allowed.actor.display_name.clone(),
        decided_at: Some(tx.now()),
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    let receipt = on_record(tx, allowed, kind, &row)?;
    Ok((view(row), receipt))
}

/// Another officer agrees: for as many minutes as the place gives, who asked may see the names.
///
/// Errors: `break_glass_second_person`, `break_glass_decided`, `lot_not_in_state`, `not_found`.
pub fn agree(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::BreakGlass>,
    policies: &PolicyBook,
    id: &GlassRequestId,
) -> Result<(GlassRequest, Receipt)> {
    let (row, lot) = locked(tx, allowed, id)?;
    let state = rules::agreed(row.state, row.requested_by == allowed.actor.account)?;
    let now = tx.now();
    let rules = policies.rules_for(&lot.collective_code, now.day()).map_err(Problem::from)?;
    let seconds = i64::from(rules.break_glass_minutes.value).saturating_mul(60);
    decided(tx, allowed, LookRequestRow { state, until_at: Some(now.plus_s(seconds)), ..row }, "bidders.look_agreed")
}

/// Another officer does not agree, and says why; who asked may take it back.
///
/// Errors: a field error, `break_glass_decided`, `lot_not_in_state`, `not_found`.
pub fn refuse(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::BreakGlass>,
    id: &GlassRequestId,
    refusal: &GlassRefusal,
) -> Result<(GlassRequest, Receipt)> {
    let reason = rules::read_reason(&refusal.reason)?;
    let (row, _) = locked(tx, allowed, id)?;
    let state = rules::refused(row.state)?;
    decided(tx, allowed, LookRequestRow { state, refusal: reason, ..row }, "bidders.look_refused")
}

/// Who asked looks at everybody of a lot, while it holds that another has agreed; each look is on record.
///
/// Errors: `break_glass_not_agreed`, `break_glass_of_another`, `break_glass_over`, `lot_not_in_state`, `not_found`.
pub fn break_glass(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::BreakGlass>,
    vault: &Vault,
    id: &GlassRequestId,
) -> Result<(Vec<Enrolment>, LotId, Receipt)> {
    let (row, lot) = locked(tx, allowed, id)?;
    rules::look(row.state, row.requested_by == allowed.actor.account, row.until_at, tx.now())?;
    let receipt = note(tx, allowed, &lot, At::All(&row), row.reason.clone())?;
    Ok((enrolment::everybody(tx, vault, &lot.id)?, lot.id, receipt))
}

fn on_record(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::BreakGlass>,
    kind: &'static str,
    row: &LookRequestRow,
) -> Result<Receipt> {
    let fact = Fact::new(kind, enrolment::log_scope(&row.collective_code)).about("lot", &row.lot_id);
    record(tx, &allowed.by(), fact)
}

fn view(row: LookRequestRow) -> GlassRequest {
    GlassRequest {
        id: row.id,
        lot_id: row.lot_id,
        reason: row.reason,
        state: row.state,
        requested_by: row.requester_name,
        requested_at: row.requested_at,
        decided_by: Some(row.decider_name).filter(|name| !name.is_empty()),
        decided_at: row.decided_at,
        until: row.until_at,
        refusal: Some(row.refusal).filter(|refusal| !refusal.is_empty()),
        version: row.version,
    }
}

/// The requests about a lot of the scope, in their order, and whether each is the own one.
///
/// Errors: `not_found`.
pub fn list(rx: &mut Rx<'_>, allowed: &Allowed<may::BreakGlass>, lot: &LotId) -> Result<Vec<(GlassRequest, bool)>> {
    lots::find(rx, Reader::Staff(&allowed.scope), lot)?.ok_or(&NOT_FOUND)?;
    let rows = store::requests_of_lot(rx, lot)?.into_iter();
    Ok(rows.map(|row| (row.requested_by == allowed.actor.account, row)).map(|(own, row)| (view(row), own)).collect())
}

/// Lots of the scope about which another officer asks for agreement.
pub fn waiting(rx: &mut Rx<'_>, allowed: &Allowed<may::BreakGlass>) -> Result<Vec<(LotId, String)>> {
    store::list_waiting(rx, &allowed.scope, &allowed.actor.account)
}

/// The requests about a lot that has ended, as everybody reads them; nothing before.
pub fn list_public_requests(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Vec<GlassRequest>> {
    if lot.state.is_under_way() {
        return Ok(Vec::new());
    }
    Ok(store::requests_of_lot(rx, &lot.id)?.into_iter().map(view).collect())
}

/// What everybody reads of a lot that has ended; nothing before.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Vec<BidderLook>> {
    if lot.state.is_under_way() {
        return Ok(Vec::new());
    }
    let look = |row: BidderLookRow| BidderLook { at: row.at, at_all: row.enrolment_id.is_none(), reason: row.reason };
    Ok(store::list_public(rx, &lot.id)?.into_iter().map(look).collect())
}
