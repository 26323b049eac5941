//! Use cases: enrolling, recording the deposit, ranking priority.

use serde_json::json;

use super::{
    model::{Booked, CodedArrival, DECLARATION, Enrolment, EnrolmentId, EnrolmentState, NewEnrolment, Ranked},
    reading::view_own,
    rules,
    store::{self, EnrolmentRow},
    ties,
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Problem, codes::RegionCode, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    settlement::{self, Expected},
    trading::{
        confirmation, exclusions, joint,
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, LotWithTerms, Reader, TermsRow},
        },
        notices, qualification,
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
    let identity = rules::check(new, now.day(), terms.priority_in_words())?;
    let id_index = vault.index(Field::IdNumber, &identity.id_number);
    let in_force = notices::in_force(tx, lot_id)?;
    rules::must_have_read(new.notice_version, in_force)?;
    let joint_accepted = terms.notice.as_ref().is_some_and(|notice| notice.joint_bidders);
    let group = joint::read(&new.partners, &new.share, &identity.id_number, joint_accepted, now.day())?;
    let account = &allowed.actor.account;
    let known = store::find_own(tx, lot_id, account)?.is_some() || store::is_enrolled(tx, lot_id, &id_index)?;
    if known || joint::is_taken(tx, lot_id, &id_index, account)? {
        return Err((&rules::ALREADY_ENROLLED).into());
    }
    let person = (&id_index, identity.name.as_str());
    exclusions::check(tx, person, &lot.0.collective_code, now.day(), &terms.contact)?;
    confirmation::check_defaults(tx, &lot.0, &id_index, &terms.contact)?;
    ties::check(tx, (new.kind, &identity.id_number, &id_index), &lot.0.collective_code, now.day())?;
    // An exercise takes no money, so there is nothing to wait for.
    let number = if terms.is_practice() && group.is_none() { Some(store::last_number(tx, lot_id)? + 1) } else { None };
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
        accepted_notice: Some(in_force),
        accepted_at: Some(now),
        declaration: Some(DECLARATION),
        share: group.as_ref().map(|group| group.share.0),
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::ALREADY_ENROLLED).into() } else { e })?;
    if let Some(group) = &group {
        joint::add(tx, vault, &row, &lot.0, &group.partners, &terms.contact)?;
    }
    let fact = Fact::new("enrolment.made", log_scope(&row.collective_code))
        .about("enrolment", &row.id)
        .data(json!({ "notice": in_force, "declaration": DECLARATION }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view_own(tx, vault, row, &lot)?, receipt))
}

/// What recording a deposit came to.
#[derive(Debug)]
pub enum Received {
    /// The deposit is in: the bidder now has a number, unless partners of a group have still to agree.
    Booked(Booked, Receipt),
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
    admit(tx, &mut row)?;
    let fact = Fact::new("deposit.received", log_scope(&row.collective_code))
        .about("enrolment", &row.id)
        .about("deposit", &deposit.id);
    let receipt = record(tx, &allowed.by(), fact)?;
    let booked = Booked {
        lot_id: row.lot_id,
        remark: remark(&row.id),
        amount: deposit.amount,
        reference: deposit.reference,
        received_at: deposit.received_at,
    };
    Ok(Received::Booked(booked, receipt))
}

/// The same by the code that stands beside the transfer: who books it does not learn whose it is.
///
/// Errors: as for [`receive_deposit`], and a field error for a code that nobody of the lot has.
pub fn receive_coded(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::ReceiveDeposits>,
    vault: &Vault,
    lot: &LotId,
    coded: &CodedArrival,
) -> Result<Received> {
    lots::find(tx, Reader::Staff(&allowed.scope), lot)?.ok_or(&NOT_FOUND)?;
    let Some(id) = find_by_remark(tx, lot, &coded.remark)? else {
        let detail = "本项目没有这个转账备注的报名；请照银行回单核对，BZJ 开头共 11 位";
        return Err(Problem::field("remark", Some(&coded.remark), detail).into());
    };
    let arrival = settlement::Arrival {
        amount: coded.amount.clone(),
        payer_name: coded.payer_name.clone(),
        payer_account: coded.payer_account.clone(),
        reference: coded.reference.clone(),
        received_at: coded.received_at,
    };
    receive_deposit(tx, allowed, vault, &id, &arrival)
}

/// The enrolment of a lot that has this code.
pub(in crate::trading) fn find_by_remark(rx: &mut Rx<'_>, lot: &LotId, typed: &str) -> Result<Option<EnrolmentId>> {
    let wanted = rules::read_remark(typed);
    Ok(store::list_all(rx, lot)?.into_iter().map(|row| row.id).find(|id| remark(id) == wanted))
}

/// Gives a bid number to who has done all of it: the deposit is in, which an exercise does not ask for, the papers were passed
/// where the notice has them examined before, and every partner has agreed.
pub(in crate::trading) fn admit(tx: &mut Tx<'_>, row: &mut EnrolmentRow) -> Result<()> {
    let terms = lots::get(tx, &row.lot_id)?.1.terms()?;
    let paid = terms.is_practice() || settlement::is_held(tx, row.id.as_str())?;
    let qualifies = qualification::admits(tx, terms.timing(), &row.id)?;
    if row.bid_number.is_none() && paid && qualifies && joint::all_agreed(tx, &row.id)? {
        row.bid_number = Some(store::last_number(tx, &row.lot_id)? + 1);
        row.state = EnrolmentState::Admitted;
    }
    row.updated_at = tx.now();
    row.version += 1;
    row.update(tx)
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
    id: &EnrolmentId,
    rank: Option<i32>,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(Ranked, Receipt)> {
    let (mut row, lot) = locked(tx, &allowed.scope, id)?;
    check_version(row.version)?;
    if rank.is_some() && (row.priority_claim.is_empty() || !lot.1.terms()?.priority_in_words()) {
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
    let EnrolmentRow { id, lot_id, priority_rank, version, .. } = row;
    Ok((Ranked { id, lot_id, priority_rank, version }, receipt))
}

/// Enrolments stand in the log under the town, not under the collective: the seller must not count bidders before the end.
pub(in crate::trading) fn log_scope(code: &RegionCode) -> RegionCode {
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
    rules::must_be_admitting(lot.0.opens_at, tx.now())?;
    Ok((row, lot))
}

/// Short enough for the remark of a transfer; of the identifier's end, which is random.
pub(super) fn remark(id: &EnrolmentId) -> String {
    let tail: Vec<char> = id.as_str().chars().rev().take(8).collect();
    format!("BZJ{}", tail.iter().rev().collect::<String>().to_uppercase())
}
