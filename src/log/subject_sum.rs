//! Pairs of subject and entry as a sum of their hashes, so that what `verify` holds of them does not grow with the log. Pure.

use std::hash::{BuildHasher, RandomState};

/// Keys that are drawn for one run: whoever changed the table could not aim at a set of pairs with the same sum. Two keyed
/// hashes of 64 bits each, for such a sum only; what has to hold after the run is hashed with SHA-256.
pub(super) struct SubjectKey([RandomState; 2]);

impl SubjectKey {
    pub fn fresh() -> SubjectKey {
        SubjectKey([RandomState::new(), RandomState::new()])
    }

    /// What a pair adds to the sum.
    pub fn weight(&self, subject: &str, seq: i64) -> u128 {
        let [high, low] = self.0.each_ref().map(|key| u128::from(key.hash_one((seq, subject))));
        high << 64 | low
    }
}
