//! Enrolments and awards of a person whose data are erased: found by the ID number, whatever account was used. The course
//! of an auction stays: it knows bid numbers only.

use super::{award, confirmation, enrolment::store as enrolments, listing::store as lots};
use crate::{
    access::Account,
    db::{Result, Rx, Salt, Tx},
    kernel::Id,
    policy::{Keeping, Kept},
    settlement,
    vault::{BlindIndex, ERASED_NAME, Sealed, Whom},
};

/// Trades and deposits that must be kept.
pub fn kept_of(rx: &mut Rx<'_>, whom: &Whom) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for row in enrolments::with_index(rx, &whom.id_index)? {
        let (lot, _) = lots::get(rx, &row.lot_id)?;
        kept.push(Kept { what: Keeping::Trade, since: lot.ended_at.map(|at| at.day()) });
        kept.extend(settlement::kept_of(rx, row.id.as_str())?);
    }
    Ok(kept)
}

/// Accounts that were used for nobody but this person.
pub fn accounts_of(rx: &mut Rx<'_>, whom: &Whom) -> Result<Vec<Id<Account>>> {
    enrolments::accounts_of_one(rx, &whom.id_index)
}

/// Erases who enrolled, who paid and who won; lots, bids and amounts stay.
pub fn erase(tx: &mut Tx<'_>, whom: &Whom) -> Result<()> {
    for mut row in enrolments::with_index(tx, &whom.id_index)? {
        settlement::erase(tx, row.id.as_str())?;
        award::store::erase_winner(tx, &row.id)?;
        confirmation::store::erase(tx, &row.id)?;
        row.name = ERASED_NAME.to_owned();
        row.id_number = Sealed::erased();
        row.id_index = BlindIndex::erased(row.id.as_str());
        row.phone = Sealed::erased();
        row.priority_claim = String::new();
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
