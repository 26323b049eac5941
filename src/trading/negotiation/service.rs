//! Use cases: proposing, reviewing, concluding, withdrawing and signing a negotiation.

use serde_json::{Value, json};

use super::{
    model::{Negotiation, NewNegotiation, Review, State, Withdrawal},
    reading::view_staff,
    rules::{self, Facts},
    store::{self, NegotiationRow},
};
use crate::{
    access::{Allowed, Permission, Scope, may},
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{Day, Problem, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    policy::{PolicyBook, Rules},
    trading::{
        auction,
        confirmation::{self, Days},
        enrolment, exclusions,
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
        objections,
    },
    vault::{Field, Vault},
};

/// How many rounds of the offer have failed, up to and with this lot.
pub(super) fn failed_rounds(rx: &mut Rx<'_>, lot: &LotRow) -> Result<i32> {
    let failed = listing::back_from(rx, lot)?.iter().filter(|round| round.state == LotState::Failed).count();
    Ok(i32::try_from(failed).unwrap_or(i32::MAX))
}

fn facts(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Facts> {
    let (busy, last) = lots::trades_of(rx, &lot.asset_id)?;
    let newest = store::newest(rx, &lot.id)?.map(|row| row.state);
    let relisted = busy || last.is_some_and(|last| last.id != lot.id);
    Ok(Facts { failed: failed_rounds(rx, lot)?, relisted, newest })
}

/// Why nothing can be proposed about a lot today; `None`: it can.
///
/// Errors: a policy that is missing; a lot that does not exist.
pub fn why_not(rx: &mut Rx<'_>, policies: &PolicyBook, id: &LotId, today: Day) -> Result<Option<Problem>> {
    let (lot, _) = lots::get(rx, id)?;
    if let Err(problem) = listing::must_be(lot.state, &[LotState::Failed]) {
        return Ok(Some(problem));
    }
    let in_force = policies.rules_for(&lot.collective_code, today).map_err(Problem::from)?;
    Ok(rules::check_facts(facts(rx, &lot)?, &in_force.negotiation_after_rounds).err())
}

/// A failed lot that is negotiated about, locked. Nothing is done with it before what was done last.
struct Found {
    lot: LotRow,
    terms: TermsRow,
    newest: Option<NegotiationRow>,
    rules: Rules,
    today: Day,
}

fn locked(tx: &mut Tx<'_>, scope: &Scope, policies: &PolicyBook, id: &LotId) -> Result<Found> {
    lots::lock(tx, id)?;
    let (lot, terms) = lots::find(tx, Reader::Staff(scope), id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Failed])?;
    let newest = store::newest(tx, id)?;
    let last = newest.as_ref().map_or(lot.updated_at, |row| row.updated_at.max(lot.updated_at));
    let today = tx.now_after(last).day();
    let rules = policies.rules_for(&lot.collective_code, today).map_err(Problem::from)?;
    Ok(Found { lot, terms, newest, rules, today })
}

impl Found {
    /// The negotiation in hand, in one of these states.
    fn negotiation(&self, allowed: &[State]) -> Result<NegotiationRow> {
        let row = self.newest.clone().ok_or(&NOT_FOUND)?;
        rules::must_be(row.state, allowed)?;
        Ok(row)
    }
}

/// The collective proposes to let a failed lot to a counterpart.
///
/// Errors: `not_found`, `lot_not_in_state`, those of [`rules::check_facts`], field errors (the counterpart, the minutes, the
/// decision and its numbers), `negotiation_price`, `excluded`, `defaulted_before`, `conflict_of_interest`.
pub fn propose(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::DraftListings>,
    vault: &Vault,
    policies: &PolicyBook,
    id: &LotId,
    new: &NewNegotiation,
) -> Result<(Negotiation, Receipt)> {
    let found = locked(tx, &allowed.scope, policies, id)?;
    // Whoever drafts a listing of the asset waits here too.
    tx.lock_row("assets", "id", &found.lot.asset_id)?;
    let facts = facts(tx, &found.lot)?;
    let needed = &found.rules.negotiation_after_rounds;
    rules::check_facts(facts, needed)?;
    let (terms, now) = (found.terms.terms()?, tx.now());
    let read = rules::read(new, &terms);
    let meeting = listing::of_meeting(policies, &found.lot.collective_code, &read.voted, now)?;
    let ended_on = found.lot.ended_at.map(|at| at.day());
    let proposal = rules::check(new, read, &meeting, ended_on, found.today)?;
    rules::check_price(&terms, proposal.price)?;
    let id_index = vault.index(Field::IdNumber, &proposal.identity.id_number);
    let (code, identity) = (&found.lot.collective_code, proposal.identity);
    exclusions::check(tx, (&id_index, &identity.name), code, found.today, &terms.contact)?;
    confirmation::check_defaults(tx, &found.lot, &id_index, &terms.contact)?;
    enrolment::check_ties(tx, (new.kind, &identity.id_number, &id_index), code, found.today)?;
    let place = found.newest.as_ref().map_or(0, |row| row.place).saturating_add(1);
    let row = NegotiationRow {
        id: tx.new_id("ngt"),
        lot_id: id.clone(),
        collective_code: code.clone(),
        place,
        failed_rounds: facts.failed,
        rounds_needed: i32::try_from(needed.value).unwrap_or(i32::MAX),
        bidder_kind: new.kind,
        id_number: vault.seal(Field::IdNumber, &identity.id_number)?,
        id_index,
        phone: vault.seal(Field::Phone, &identity.phone)?,
        name: identity.name,
        price: proposal.price,
        total: terms.total(proposal.price),
        vote: serde_json::to_string(&proposal.vote).map_err(|e| Error::Internal(e.to_string()))?,
        state: State::Proposed,
        proposed_by: allowed.actor.account.to_string(),
        proposed_at: now,
        reviewed_by: None,
        reviewed_at: None,
        note: String::new(),
        notice_days: None,
        notice_until: None,
        concluded_by: None,
        concluded_at: None,
        contract_by: None,
        contract_id: None,
        withdrawn_by: None,
        updated_at: now,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    // Neither price nor counterpart are public before the approval.
    let receipt = note(tx, allowed, "negotiation.proposed", &row, json!({}))?;
    Ok((view_staff(vault, row)?, receipt))
}

/// The township approves, which publishes the result, or sends back.
///
/// Errors: `not_found`, `lot_not_in_state`, `negotiation_not_in_state`, `negotiation_changed`, `same_person`, a field error
/// where the note is missing, a calendar that is missing.
pub fn review(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::ReviewListings>,
    vault: &Vault,
    days: Days<'_>,
    id: &LotId,
    review: &Review,
) -> Result<(Negotiation, Receipt)> {
    let found = locked(tx, &allowed.scope, days.policies, id)?;
    let row = found.negotiation(&[State::Proposed])?;
    let reviewer = allowed.actor.account.to_string();
    let told = rules::check_review(review, row.place, &reviewer, &row.proposed_by)?;
    let now = tx.now();
    let row = NegotiationRow {
        reviewed_by: Some(reviewer),
        reviewed_at: Some(now),
        note: told,
        updated_at: now,
        version: row.version + 1,
        ..row
    };
    let (kind, row, data) = if review.approve {
        let count = found.rules.result_notice_working_days.value;
        let until = days.calendar.plus_working_days(found.today, count).map_err(Problem::from)?;
        let notice_days = i32::try_from(count).ok();
        let row = NegotiationRow { state: State::Published, notice_days, notice_until: Some(until), ..row };
        let data = json!({ "price": row.price, "notice_from": found.today, "notice_until": until });
        ("negotiation.published", row, data)
    } else {
        ("negotiation.returned", NegotiationRow { state: State::Returned, ..row }, json!({}))
    };
    row.update(tx)?;
    tx.wake(auction::topic(id));
    let receipt = note(tx, allowed, kind, &row, data)?;
    Ok((view_staff(vault, row)?, receipt))
}

/// The notice is over and every objection is answered: the contract may be signed.
///
/// Errors: `not_found`, `lot_not_in_state`, `negotiation_not_in_state`, those of [`rules::check_conclusion`], `excluded`.
pub fn conclude(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    vault: &Vault,
    days: Days<'_>,
    id: &LotId,
) -> Result<(Negotiation, Receipt)> {
    let found = locked(tx, &allowed.scope, days.policies, id)?;
    let row = found.negotiation(&[State::Published])?;
    let until = row.notice_until.ok_or_else(|| Error::Internal(format!("{} has no notice", row.id)))?;
    let pending = objections::pending(tx, id, row.reviewed_at)?;
    rules::check_conclusion(until, pending, found.today)?;
    let contact = found.terms.terms()?.contact;
    exclusions::check(tx, (&row.id_index, &row.name), &row.collective_code, found.today, &contact)?;
    let count = found.rules.contract_working_days.value;
    let contract_by = days.calendar.plus_working_days(found.today, count).map_err(Problem::from)?;
    let now = tx.now();
    let row = NegotiationRow {
        state: State::Concluded,
        concluded_by: Some(allowed.actor.account.to_string()),
        concluded_at: Some(now),
        contract_by: Some(contract_by),
        updated_at: now,
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    tx.wake(auction::topic(id));
    let data = json!({ "price": row.price, "contract_by": contract_by });
    let receipt = note(tx, allowed, "negotiation.concluded", &row, data)?;
    Ok((view_staff(vault, row)?, receipt))
}

/// The negotiation is given up before its contract is signed.
///
/// Errors: a field error, `not_found`, `lot_not_in_state`, `negotiation_not_in_state`.
pub fn withdraw(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::WithdrawNegotiations>,
    vault: &Vault,
    policies: &PolicyBook,
    id: &LotId,
    withdrawal: &Withdrawal,
) -> Result<(Negotiation, Receipt)> {
    let found = locked(tx, &allowed.scope, policies, id)?;
    let row = found.negotiation(&[State::Proposed, State::Published, State::Concluded])?;
    let reason = rules::read_reason(&withdrawal.reason, row.bidder_kind, &row.name)?;
    let row = NegotiationRow {
        state: State::Withdrawn,
        withdrawn_by: Some(allowed.actor.account.to_string()),
        note: reason,
        updated_at: tx.now(),
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    tx.wake(auction::topic(id));
    let receipt = note(tx, allowed, "negotiation.withdrawn", &row, json!({}))?;
    Ok((view_staff(vault, row)?, receipt))
}

fn note<P: Permission>(
    tx: &mut Tx<'_>,
    allowed: &Allowed<P>,
    kind: &'static str,
    row: &NegotiationRow,
    mut data: Value,
) -> Result<Receipt> {
    if let Value::Object(members) = &mut data {
        members.insert("place".to_owned(), json!(row.place));
    }
    record(tx, &allowed.by(), Fact::new(kind, &row.collective_code).about("lot", &row.lot_id).data(data))
}

/// The contract is signed: called in the transaction that registers it, before its entry.
///
/// Errors: `negotiation_not_in_state`, `not_found`.
pub fn signed(tx: &mut Tx<'_>, lot: &LotId, contract: &str) -> Result<()> {
    lots::lock(tx, lot)?;
    let row = store::newest(tx, lot)?.ok_or(&NOT_FOUND)?;
    rules::must_be(row.state, &[State::Concluded])?;
    let now = tx.now_after(row.updated_at);
    let row = NegotiationRow {
        state: State::Signed,
        contract_id: Some(contract.to_owned()),
        updated_at: now,
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    tx.wake(auction::topic(lot));
    Ok(())
}
