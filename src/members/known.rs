//! Who of the rosters has an ID number: asked by other domains, which keep the answer to their rule.

use super::store;
use crate::{
    db::{Result, Rx},
    kernel::codes::RegionCode,
    vault::BlindIndex,
};

/// Somebody of a roster, as far as a rule about conflicts of interest needs it.
#[derive(Debug)]
pub struct OnRoster {
    pub person: String,
    pub name: String,
    /// Collectives of the running memberships.
    pub member_of: Vec<RegionCode>,
}

/// The person of this number, in whatever roster.
pub fn on_roster(rx: &mut Rx<'_>, index: &BlindIndex) -> Result<Option<OnRoster>> {
    let found = store::find_person_anywhere(rx, index)?;
    Ok(found.map(|(row, member_of)| OnRoster { person: row.id.to_string(), name: row.name, member_of }))
}
