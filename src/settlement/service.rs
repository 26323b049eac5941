//! Use cases: recording a deposit as received, and what is known of deposits.

use serde_json::json;

use super::{
    ledger::TransferKind,
    model::{Arrival, Deposit, DepositState, Expected},
    posting::{self, Posted},
    rules,
    store::{self, DepositRow},
    unidentified,
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Fen, Problem, text::mask_account},
    log::{Fact, record},
    vault::{Field, Vault},
};

/// Records the deposit of an enrolment. The outer result is about what was typed; the inner one refuses money that is not
/// the deposit asked for, and that refusal is recorded. The caller records the entry of an accepted one together with what
/// follows from it.
///
/// Errors: field errors, `deposit_recorded`, `reference_taken`, `unidentified_differs`, `unidentified_not_in_state`; inside `payer_differs`, `deposit_short`, `deposit_late`,
/// `payer_shared`, which is on record for both bidders.
pub fn receive(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::ReceiveDeposits>,
    vault: &Vault,
    expected: &Expected,
    arrival: &Arrival,
) -> Result<std::result::Result<Deposit, Problem>> {
    let now = tx.now();
    let read = rules::read(arrival, now)?;
    if store::find_by_enrolment(tx, &expected.enrolment_id)?.is_some() {
        return Err((&rules::DEPOSIT_RECORDED).into());
    }
    if store::knows_reference(tx, &read.reference)? {
        return Err((&rules::REFERENCE_TAKEN).into());
    }
    // What was booked as nobody's goes over into the deposit that names its number.
    let unidentified = unidentified::claim(tx, &allowed.scope, &read, arrival.received_at)?;
    let payer_index = read.payer_account.as_deref().map(|number| vault.index(Field::BankAccount, number));
    let shared_with = match &payer_index {
        Some(index) => store::find_shared_payer(tx, &expected.lot_id, index)?,
        None => None,
    };
    if let Err(problem) = rules::check(expected, &read, arrival.received_at, shared_with.is_some()) {
        let mut fact = Fact::new("deposit.refused", &expected.log_scope)
            .about("enrolment", &expected.enrolment_id)
            .data(json!({ "reason": problem.code.code }));
        if let Some(other) = shared_with.filter(|_| *problem.code == rules::PAYER_SHARED) {
            fact = fact.about("enrolment", other);
        }
        record(tx, &allowed.by(), fact)?;
        return Ok(Err(problem));
    }
    let payer_account = read.payer_account.as_deref().map(|n| vault.seal(Field::BankAccount, n)).transpose()?;
    let row = DepositRow {
        id: tx.new_id("dep"),
        collective_code: expected.collective_code.clone(),
        lot_id: expected.lot_id.clone(),
        enrolment_id: expected.enrolment_id.clone(),
        amount: read.amount,
        payer_name: read.payer_name,
        payer_account,
        reference: read.reference,
        received_at: arrival.received_at,
        recorded_by: allowed.actor.account.to_string(),
        recorded_at: now,
        state: DepositState::Held,
        settled_at: None,
        version: 1,
        salt: Salt::fresh(),
        payer_index,
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::REFERENCE_TAKEN).into() } else { e })?;
    let received = Posted::plain(TransferKind::Receive, arrival.received_at);
    let (_, received) = posting::book(tx, &row, received, &allowed.by())?;
    if let Some(receipt) = unidentified {
        unidentified::hand_over(tx, receipt, &row, received, &allowed.by())?;
    }
    Ok(Ok(view(vault, row)?))
}

/// Whether the deposit that was asked for is on record: for a check of meaning.
pub fn is_in(rx: &mut Rx<'_>, expected: &Expected) -> Result<bool> {
    let Some(row) = store::find_by_enrolment(rx, &expected.enrolment_id)? else { return Ok(false) };
    let DepositRow { amount, payer_name, reference, received_at, lot_id, collective_code, .. } = row;
    let read = rules::Read { amount, payer_name, payer_account: None, reference };
    Ok((&lot_id, &collective_code) == (&expected.lot_id, &expected.collective_code)
        && rules::check(expected, &read, received_at, false).is_ok())
}

/// Whether a deposit of this enrolment came and is still here.
pub fn is_held(rx: &mut Rx<'_>, enrolment_id: &str) -> Result<bool> {
    Ok(store::find_by_enrolment(rx, enrolment_id)?.is_some_and(|row| row.state == DepositState::Held))
}

/// The enrolment that a deposit belongs to.
pub fn enrolment_of(rx: &mut Rx<'_>, deposit: &super::DepositId) -> Result<String> {
    Ok(store::get(rx, deposit)?.enrolment_id)
}

/// What was kept of the deposit of this enrolment by a decision.
pub fn kept(rx: &mut Rx<'_>, enrolment_id: &str) -> Result<Option<Fen>> {
    let deposit = store::find_by_enrolment(rx, enrolment_id)?.filter(|row| row.state == DepositState::Forfeited);
    Ok(deposit.map(|row| row.amount))
}

/// Lots of which a deposit is still held.
pub fn lots_holding(rx: &mut Rx<'_>) -> Result<Vec<String>> {
    store::list_holding(rx)
}

/// The deposit of an enrolment that the caller may see.
pub fn find(rx: &mut Rx<'_>, vault: &Vault, enrolment_id: &str) -> Result<Option<Deposit>> {
    store::find_by_enrolment(rx, enrolment_id)?.map(|row| view(vault, row)).transpose()
}

/// The deposits of a lot that the caller may see.
pub fn list(rx: &mut Rx<'_>, vault: &Vault, lot_id: &str) -> Result<Vec<Deposit>> {
    store::list_by_lot(rx, lot_id)?.into_iter().map(|row| view(vault, row)).collect()
}

fn view(vault: &Vault, row: DepositRow) -> Result<Deposit> {
    let masked = |sealed| vault.masked(Field::BankAccount, sealed, mask_account);
    Ok(Deposit {
        payer_account: row.payer_account.as_ref().map(masked).transpose()?,
        id: row.id,
        enrolment_id: row.enrolment_id,
        amount: row.amount,
        payer_name: row.payer_name,
        reference: row.reference,
        received_at: row.received_at,
        recorded_at: row.recorded_at,
        state: row.state,
    })
}
