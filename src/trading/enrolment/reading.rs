//! Reading enrolments: the own ones at any time, those of others once their lot has ended, or for a look that is on record.

use super::{
    model::{AwaitedLot, Enrolment, EnrolmentId, RefusedDeposit},
    rules,
    service::remark,
    store::{self, EnrolmentRow},
};
use crate::{
    access::{Allowed, Scope, may},
    db::{Result, Rx},
    kernel::{
        Page, PageRequest, Timestamp,
        error::NOT_FOUND,
        text::{mask_id, mask_phone},
    },
    log::{self, EntryFilter},
    settlement,
    trading::{
        bid_number,
        joint::{self, Share},
        listing::{
            LotId,
            store::{self as lots, LotRow, LotWithTerms, Reader, TermsRow},
        },
        merits, priority, qualification,
    },
    vault::{Field, Vault},
};

/// Everybody of a lot that has ended, for the trading officer.
///
/// Errors: `bidders_hidden`, `not_found`.
pub fn list_by_lot(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReceiveDeposits>,
    vault: &Vault,
    lot_id: &LotId,
) -> Result<Vec<Enrolment>> {
    let lot = lots::find(rx, Reader::Staff(&allowed.scope), lot_id)?.ok_or(&NOT_FOUND)?;
    rules::must_be_over(lot.0.state)?;
    let rows = store::list_by_lot(rx, &allowed.scope, lot_id)?;
    let mut items = Vec::new();
    for row in rows {
        let reasons = refused(rx, allowed, &row.id)?.into_iter().map(|(_, reason)| reason).collect();
        items.push(Enrolment { flags: flags(reasons), ..view(rx, vault, row, &lot)? });
    }
    Ok(items)
}

/// Money for an enrolment that was refused: when, and by which code.
fn refused(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReceiveDeposits>,
    id: &EnrolmentId,
) -> Result<Vec<(Timestamp, String)>> {
    let page = PageRequest { limit: Some(PageRequest::MOST), after: None };
    let wanted =
        EntryFilter { subjects: vec![format!("enrolment/{id}")], kinds: vec!["deposit.refused"], ..Default::default() };
    let entries = log::list_entries(rx, &allowed.scope.range(), &wanted, &page)?;
    let reason = |data: &serde_json::Value| data.get("reason").and_then(|r| r.as_str()).unwrap_or_default().to_owned();
    Ok(entries.items.into_iter().map(|entry| (entry.at, reason(&entry.data))).collect())
}

/// Of the reasons those that cast doubt on who pays (MON-11), each once.
fn flags(mut reasons: Vec<String>) -> Vec<String> {
    let doubtful = [settlement::PAYER_DIFFERS.code, settlement::PAYER_SHARED.code];
    reasons.retain(|reason| doubtful.contains(&reason.as_str()));
    reasons.sort();
    reasons.dedup();
    reasons
}

/// A lot of the scope, for its desk.
///
/// Errors: `not_found`.
pub(super) fn desk_lot(rx: &mut Rx<'_>, scope: &Scope, lot: &LotId) -> Result<LotWithTerms> {
    Ok(lots::find(rx, Reader::Staff(scope), lot)?.ok_or(&NOT_FOUND)?)
}

/// Everybody of a lot, before its end too: for a look that is on record.
pub(in crate::trading) fn everybody(rx: &mut Rx<'_>, vault: &Vault, lot_id: &LotId) -> Result<Vec<Enrolment>> {
    let lot = lots::get(rx, lot_id)?;
    let mut rows = store::list_all(rx, lot_id)?;
    rows.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
    rows.into_iter().map(|row| view(rx, vault, row, &lot)).collect()
}

/// One enrolment of a lot of the scope that has ended, for the trading officer, with the money that was refused before.
///
/// Errors: `bidders_hidden`, `not_found`.
pub fn get(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReceiveDeposits>,
    vault: &Vault,
    id: &EnrolmentId,
) -> Result<(Enrolment, Vec<RefusedDeposit>)> {
    let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    rules::must_be_over(lots::get(rx, &row.lot_id)?.0.state)?;
    opened(rx, allowed, vault, id)
}

/// The same before the end, too: for a look that is on record.
///
/// Errors: `not_found`.
pub(in crate::trading) fn opened(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReceiveDeposits>,
    vault: &Vault,
    id: &EnrolmentId,
) -> Result<(Enrolment, Vec<RefusedDeposit>)> {
    let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    let lot = lots::get(rx, &row.lot_id)?;
    let entries = refused(rx, allowed, id)?;
    let refused = entries.iter().map(|(at, reason)| RefusedDeposit { at: *at, why: settlement::refusal_title(reason) });
    let refused = refused.collect();
    let flags = flags(entries.into_iter().map(|(_, reason)| reason).collect());
    Ok((Enrolment { flags, ..view(rx, vault, row, &lot)? }, refused))
}

/// Lots for which deposits are booked now. It does not tell whether anybody has enrolled.
pub fn awaiting(rx: &mut Rx<'_>, allowed: &Allowed<may::ReceiveDeposits>, now: Timestamp) -> Result<Vec<AwaitedLot>> {
    let rows = store::list_taking_deposits(rx, &allowed.scope, now)?;
    Ok(rows.into_iter().map(|(lot, title)| AwaitedLot { lot, title }).collect())
}

/// The actor's own enrolments, newest first.
pub fn list_own(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Bid>,
    vault: &Vault,
    page: &PageRequest,
) -> Result<Page<Enrolment>> {
    let rows = store::list_own(rx, &allowed.actor.account, page)?;
    let page = Page::from_rows(rows, page.limit(), |row| row.id.to_string());
    let items = page.items.into_iter().map(|row| {
        let lot = lots::get(rx, &row.lot_id)?;
        view_own(rx, vault, row, &lot)
    });
    Ok(Page { items: items.collect::<Result<_>>()?, next: page.next })
}

/// The actor's own enrolment for a lot.
pub fn own(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, vault: &Vault, lot_id: &LotId) -> Result<Option<Enrolment>> {
    let Some(row) = store::find_own(rx, lot_id, &allowed.actor.account)? else { return Ok(None) };
    let lot = lots::get(rx, lot_id)?;
    view_own(rx, vault, row, &lot).map(Some)
}

/// As its bidder sees it: with the codes for the partners.
pub(super) fn view_own(rx: &mut Rx<'_>, vault: &Vault, row: EnrolmentRow, lot: &LotWithTerms) -> Result<Enrolment> {
    let partners = joint::list(rx, vault, &row.id, true)?;
    Ok(Enrolment { partners, ..view(rx, vault, row, lot)? })
}

fn view(rx: &mut Rx<'_>, vault: &Vault, row: EnrolmentRow, (lot, terms): &(LotRow, TermsRow)) -> Result<Enrolment> {
    Ok(Enrolment {
        id_number: vault.masked(Field::IdNumber, &row.id_number, mask_id)?,
        phone: vault.masked(Field::Phone, &row.phone, mask_phone)?,
        deposit: settlement::find(rx, vault, row.id.as_str())?,
        flags: Vec::new(),
        partners: joint::list(rx, vault, &row.id, false)?,
        priority_rights: priority::of_enrolment(rx, &row.id)?,
        merit_claims: merits::of_enrolment(rx, &row.id, terms.terms()?.merits())?,
        qualification: qualification::of_enrolment(rx, &row.id)?,
        share: row.share.map(Share),
        accepted_notice: row.accepted_notice,
        accepted_at: row.accepted_at,
        declaration: row.declaration,
        remark: remark(&row.id),
        id: row.id,
        lot_id: row.lot_id,
        lot_title: lot.title.clone(),
        lot_number: lot.number.clone(),
        kind: row.bidder_kind,
        name: row.name,
        priority_claim: row.priority_claim,
        priority_rank: row.priority_rank,
        bid_number: row.bid_number.map(bid_number),
        state: row.state,
        deposit_due: terms.terms()?.deposit,
        deposit_until: lot.enrol_until,
        created_at: row.created_at,
        version: row.version,
    })
}
