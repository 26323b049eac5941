//! The deposit of an enrolment whose bidder is erased.

use super::{bank, orders, payees, store, unidentified};
use crate::{
    db::{Result, Rx, Salt, Tx},
    policy::{Keeping, Kept},
    vault::{BlindIndex, ERASED_NAME, Sealed},
};

/// The deposit of an enrolment, as a record that must be kept.
pub fn kept_of(rx: &mut Rx<'_>, enrolment_id: &str) -> Result<Option<Kept>> {
    let found = store::find_by_enrolment(rx, enrolment_id)?;
    Ok(found.map(|row| Kept { what: Keeping::Deposit, since: row.settled_at.map(|at| at.day()) }))
}

/// Erases who paid and from where, and the words of the orders about it; amounts and transfers stay.
pub fn erase(tx: &mut Tx<'_>, enrolment_id: &str) -> Result<()> {
    let Some(mut row) = store::find_by_enrolment(tx, enrolment_id)? else { return Ok(()) };
    row.payer_name = ERASED_NAME.to_owned();
    row.payer_account = row.payer_account.map(|_| Sealed::erased());
    row.payer_index = row.payer_index.map(|_| BlindIndex::erased(row.id.as_str()));
    row.reference = format!("erased/{}", row.id);
    row.version += 1;
    row.salt = Salt::fresh();
    row.update(tx)?;
    for transfer in store::transfers_of(tx, &row.id)? {
        bank::erase(tx, transfer.id.as_str())?;
    }
    unidentified::erase(tx, &row)?;
    payees::erase(tx, &row.id)?;
    orders::erase(tx, &row.id)
}
