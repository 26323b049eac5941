//! Use cases: enrolling, recording the deposit, ranking priority.

use serde_json::json;

use super::{
    model::{AwaitedLot, Enrolment, EnrolmentId, EnrolmentState, NewEnrolment, RefusedDeposit},
    rules,
    store::{self, EnrolmentRow},
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{
        Page, PageRequest, Problem, Timestamp,
        codes::RegionCode,
        error::NOT_FOUND,
        text::{mask_id, mask_phone},
    },
    log::{self, EntryFilter, Fact, Receipt, record},
    settlement::{self, Expected},
    trading::{
        bid_number,
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, LotWithTerms, Reader, TermsRow},
        },
    },
    vault::{Field, Vault},
};

/// Enrols the actor for a published lot.
///
/// Errors: field errors, `not_enrolling`, `already_enrolled`, `not_found`.
pub fn enrol(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    vault: &Vault,
    lot_id: &LotId,
    new: &NewEnrolment,
) -> Result<(Enrolment, Receipt)> {
    lots::lock(tx, lot_id)?;
    let lot = lots::find(tx, Reader::Public, lot_id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.0.state, &[LotState::Published])?;
    let now = tx.now();
    rules::must_be_enrolling(lot.0.enrol_until, now)?;
    let terms = lot.1.terms()?;
    let identity = rules::check(new, now.day(), !terms.priority.is_empty())?;
    let id_index = vault.index(Field::IdNumber, &identity.id_number);
    let known = store::find_own(tx, lot_id, &allowed.actor.account)?.is_some();
    if known || store::is_enrolled(tx, lot_id, &id_index)? {
        return Err((&rules::ALREADY_ENROLLED).into());
    }
    // An exercise takes no money, so there is nothing to wait for.
    let number = if terms.is_practice() { Some(store::last_number(tx, lot_id)? + 1) } else { None };
    let row = EnrolmentRow {
        id: tx.new_id("enr"),
        lot_id: lot_id.clone(),
        collective_code: lot.0.collective_code.clone(),
        account_id: allowed.actor.account.clone(),
        bidder_kind: new.kind,
        name: identity.name,
        id_number: vault.seal(Field::IdNumber, &identity.id_number)?,
        id_index,
        phone: vault.seal(Field::Phone, &identity.phone)?,
        priority_claim: identity.priority_claim,
        priority_rank: None,
        bid_number: number,
        state: if number.is_some() { EnrolmentState::Admitted } else { EnrolmentState::Enrolled },
        created_at: now,
        updated_at: now,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::ALREADY_ENROLLED).into() } else { e })?;
    let fact = Fact::new("enrolment.made", log_scope(&row.collective_code)).about("enrolment", &row.id);
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(tx, vault, row, &lot)?, receipt))
}

/// What recording a deposit came to.
#[derive(Debug)]
pub enum Received {
    /// The bidder now has a number.
    Admitted(Box<Enrolment>, Receipt),
    /// The money is not the deposit asked for; the refusal is on record.
    Refused(Problem),
}

/// The trading officer records a deposit as received; the bidder gets a bid number.
///
/// Errors: field errors, `deposit_recorded`, `reference_taken`, `admission_over`, `not_found`.
pub fn receive_deposit(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::ReceiveDeposits>,
    vault: &Vault,
    id: &EnrolmentId,
    receipt: &settlement::Arrival,
) -> Result<Received> {
    let (mut row, (lot, terms)) = locked(tx, &allowed.scope, id)?;
    let expected = deposit_of(&row, &lot, &terms)?;
    let deposit = match settlement::receive(tx, allowed, vault, &expected, receipt)? {
        Ok(deposit) => deposit,
        Err(problem) => return Ok(Received::Refused(problem)),
    };
    row.bid_number = Some(store::last_number(tx, &row.lot_id)? + 1);
    row.state = EnrolmentState::Admitted;
    row.updated_at = tx.now();
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new("deposit.received", log_scope(&row.collective_code))
        .about("enrolment", &row.id)
        .about("deposit", &deposit.id);
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok(Received::Admitted(Box::new(view(tx, vault, row, &(lot, terms))?), receipt))
}

/// The deposit that the terms ask of an enrolment.
pub(super) fn deposit_of(row: &EnrolmentRow, lot: &LotRow, terms: &TermsRow) -> Result<Expected> {
    Ok(Expected {
        collective_code: row.collective_code.clone(),
        log_scope: log_scope(&row.collective_code),
        lot_id: row.lot_id.to_string(),
        enrolment_id: row.id.to_string(),
        bidder_name: row.name.clone(),
        amount: terms.terms()?.deposit,
        until: lot.enrol_until.unwrap_or_default(),
    })
}

/// The trading officer gives a claimed priority its rank, or takes it away.
///
/// Errors: `no_priority_here`, a field error, `admission_over`, `not_found`, a stale version.
pub fn rank_priority(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    vault: &Vault,
    id: &EnrolmentId,
    rank: Option<i32>,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(Enrolment, Receipt)> {
    let (mut row, lot) = locked(tx, &allowed.scope, id)?;
    check_version(row.version)?;
    if rank.is_some() && (row.priority_claim.is_empty() || lot.1.terms()?.priority.is_empty()) {
        return Err((&rules::NO_PRIORITY_HERE).into());
    }
    if rank.is_some_and(|rank| !(1..=99).contains(&rank)) {
        return Err(Problem::field("rank", None, "优先顺位应为 1 到 99，1 最优先").into());
    }
    row.priority_rank = rank;
    row.updated_at = tx.now();
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new("enrolment.ranked", log_scope(&row.collective_code))
        .about("enrolment", &row.id)
        .data(json!({ "rank": rank }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(tx, vault, row, &lot)?, receipt))
}

/// Everybody of a lot, for the trading officer.
pub fn list_by_lot(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReceiveDeposits>,
    vault: &Vault,
    lot_id: &LotId,
) -> Result<Vec<Enrolment>> {
    let lot = lots::find(rx, Reader::Staff(&allowed.scope), lot_id)?.ok_or(&NOT_FOUND)?;
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

/// One enrolment of the scope, for the trading officer, with the money that was refused before.
///
/// Errors: `not_found`.
pub fn get(
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

/// How many people have enrolled and are still to pay, in lots that can admit them.
pub fn awaiting(rx: &mut Rx<'_>, allowed: &Allowed<may::ReceiveDeposits>) -> Result<Vec<AwaitedLot>> {
    let rows = store::count_awaiting(rx, &allowed.scope)?;
    rows.into_iter().map(|(lot, count)| Ok(AwaitedLot { title: lots::get(rx, &lot)?.0.title, lot, count })).collect()
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
        view(rx, vault, row, &lot)
    });
    Ok(Page { items: items.collect::<Result<_>>()?, next: page.next })
}

/// The actor's own enrolment for a lot.
pub fn own(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, vault: &Vault, lot_id: &LotId) -> Result<Option<Enrolment>> {
    let Some(row) = store::find_own(rx, lot_id, &allowed.actor.account)? else { return Ok(None) };
    let lot = lots::get(rx, lot_id)?;
    view(rx, vault, row, &lot).map(Some)
}

/// Enrolments stand in the log under the town, not under the collective: the seller must not count bidders before the end.
fn log_scope(code: &RegionCode) -> RegionCode {
    code.ancestry()
        .find(|place| place.level() == crate::kernel::codes::RegionLevel::Town)
        .unwrap_or_else(|| code.clone())
}

/// The enrolment with its lot, locked, while admission is still possible.
fn locked(tx: &mut Tx<'_>, scope: &crate::access::Scope, id: &EnrolmentId) -> Result<(EnrolmentRow, LotWithTerms)> {
    let found = store::find(tx, scope, id)?.ok_or(&NOT_FOUND)?;
    lots::lock(tx, &found.lot_id)?;
    let row = store::find(tx, scope, id)?.ok_or(&NOT_FOUND)?;
    let lot = lots::get(tx, &row.lot_id)?;
    listing::must_be(lot.0.state, &[LotState::Published])?;
    let now = tx.now();
    if lot.0.opens_at.is_none_or(|opens| now >= opens) {
        return Err((&rules::ADMISSION_OVER).into());
    }
    Ok((row, lot))
}

/// Short enough for the remark of a transfer; of the identifier's end, which is random.
fn remark(id: &EnrolmentId) -> String {
    let tail: Vec<char> = id.as_str().chars().rev().take(8).collect();
    format!("BZJ{}", tail.iter().rev().collect::<String>().to_uppercase())
}

fn view(rx: &mut Rx<'_>, vault: &Vault, row: EnrolmentRow, (lot, terms): &(LotRow, TermsRow)) -> Result<Enrolment> {
    Ok(Enrolment {
        id_number: vault.masked(Field::IdNumber, &row.id_number, mask_id)?,
        phone: vault.masked(Field::Phone, &row.phone, mask_phone)?,
        deposit: settlement::find(rx, vault, row.id.as_str())?,
        flags: Vec::new(),
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
