//! Pairs of subject and entry as a sum of their hashes, so that what `verify` holds of them does not grow with the log. Pure.

use sha2::{Digest, Sha256};

/// A key that is drawn for one run: whoever changed the table could not aim at a set of pairs with the same sum.
#[derive(Clone, Copy)]
pub(super) struct SubjectKey([u8; 16]);

impl SubjectKey {
    pub fn fresh() -> SubjectKey {
        SubjectKey(rand::random())
    }

    /// What a pair adds to the sum.
    pub fn weight(&self, subject: &str, seq: i64) -> u128 {
        let hash = Sha256::new_with_prefix(self.0).chain_update(seq.to_be_bytes()).chain_update(subject).finalize();
        hash.first_chunk().copied().map_or(0, u128::from_be_bytes)
    }
}
