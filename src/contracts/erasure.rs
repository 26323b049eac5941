//! Contracts with a person whose data are erased. A contract holds nothing but the lessee's name, so it is found by it within
//! the person's collectives; one with somebody of the same name that must be kept no longer loses nothing that was to be kept.

use super::{
    model::State,
    store::{self, ContractRow},
};
use crate::{
    db::{Result, Rx, Salt, Tx},
    policy::{Keeping, Kept},
    vault::{ERASED_NAME, Whom},
};

/// Contracts that must be kept.
pub fn kept_of(rx: &mut Rx<'_>, whom: &Whom) -> Result<Vec<Kept>> {
    let since = |row: &ContractRow| match row.state {
        State::Running => None,
        State::Ended | State::Terminated => row.ends_on.max(Some(row.updated_at.day())),
    };
    let rows = store::with_lessee(rx, &whom.collectives, &whom.name)?;
    Ok(rows.iter().map(|row| Kept { what: Keeping::Contract, since: since(row) }).collect())
}

/// Erases the lessee's name, wherever in the contract it stands, and the free text; what was let, and for how much, stays.
pub fn erase(tx: &mut Tx<'_>, whom: &Whom) -> Result<()> {
    for mut row in store::with_lessee(tx, &whom.collectives, &whom.name)? {
        row.lessee = ERASED_NAME.to_owned();
        row.name = row.name.replace(&whom.name, ERASED_NAME);
        row.subject = row.subject.replace(&whom.name, ERASED_NAME);
        (row.payment_terms, row.note) = (String::new(), String::new());
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
