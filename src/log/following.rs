//! Following the log: what was recorded, in the order in which it got its places.
//!
//! Promise: places are given by one at a time, without a gap, and never change. Who keeps the next place misses nothing and
//! meets nothing twice, in whatever order those commit who write. What is not asked for is passed over by its kind, unread.

use super::{
    store,
    timeline::{EntryView, read},
};
use crate::db::{Error, Result, Rx};

/// Places that are looked through at once.
const LONGEST_STRETCH: u64 = 4_096;

/// A stretch of the log.
pub struct Stretch {
    /// Those of the wanted kinds; of an entry that goes on in parts its first.
    pub entries: Vec<EntryView>,
    /// The place that comes after it.
    pub next: u64,
}

/// The entries of these kinds from a place on.
pub fn following(rx: &mut Rx<'_>, from: u64, kinds: &[&str]) -> Result<Stretch> {
    let size = store::size(rx)?;
    if from > size {
        return Err(Error::Internal(format!("the log has {size} entries; it was followed up to {from}")));
    }
    let next = size.min(from.saturating_add(LONGEST_STRETCH));
    let mut entries = Vec::new();
    for found in store::placed_of_kinds(rx, from, next, kinds)? {
        let (entry, is_part) = read(found)?;
        if !is_part {
            entries.push(entry);
        }
    }
    Ok(Stretch { entries, next })
}
