//! Terms of office of a person whose data are erased. An officer's record holds nothing but a name, so it is found by it; one
//! of the same name whose own term must be kept no longer loses nothing that was to be kept.

use super::store;
use crate::{
    db::{Result, Rx, Salt, Tx},
    policy::{Keeping, Kept},
    vault::{ERASED_NAME, Whom},
};

/// Terms that must be kept.
pub fn kept_of(rx: &mut Rx<'_>, whom: &Whom) -> Result<Vec<Kept>> {
    let rows = store::officers_named(rx, &whom.collectives, &whom.name)?;
    Ok(rows.iter().map(|officer| Kept { what: Keeping::Office, since: officer.until }).collect())
}

/// Erases the name; the term stays.
pub fn erase(tx: &mut Tx<'_>, whom: &Whom) -> Result<()> {
    for mut row in store::officers_named(tx, &whom.collectives, &whom.name)? {
        row.name = ERASED_NAME.to_owned();
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
