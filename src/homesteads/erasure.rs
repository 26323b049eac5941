//! Parcels that stand under the name of a person whose data are erased.

use super::store;
use crate::{
    db::{Result, Rx, Salt, Tx},
    policy::{Keeping, Kept},
    vault::{ERASED_NAME, Whom},
};

/// Homestead files that must be kept.
pub fn kept_of(rx: &mut Rx<'_>, whom: &Whom) -> Result<Vec<Kept>> {
    let rows = store::parcels_of(rx, &whom.collectives, &whom.name)?;
    Ok(rows.iter().map(|row| Kept { what: Keeping::Homestead, since: Some(row.updated_at.day()) }).collect())
}

/// Erases the name and the free text; the parcel stays.
pub fn erase(tx: &mut Tx<'_>, whom: &Whom) -> Result<()> {
    for mut row in store::parcels_of(tx, &whom.collectives, &whom.name)? {
        row.household = ERASED_NAME.to_owned();
        (row.note, row.area_reason) = (String::new(), String::new());
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
