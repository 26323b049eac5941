//! The index of timelines against what the entries name, for `verify`.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::{look::short, record::SUBJECTS_NAMED};

/// Pairs of subject and entry, held by the sum of their hashes, so that memory does not grow with the log. The hashes have a
/// key that was drawn for this run: whoever changed the table could not aim at a set with the same sum. Only of entries
/// with more subjects than they name each pair is kept.
pub(super) struct Subjects {
    key: [u8; 32],
    /// All pairs that entries name, less those that the table holds.
    sum: u128,
    /// Entries with more subjects than they name.
    pub open: HashSet<i64>,
    /// What those do name.
    of_open: HashSet<[u8; 16]>,
}

impl Subjects {
    pub fn new() -> Subjects {
        Subjects { key: rand::random(), sum: 0, open: HashSet::new(), of_open: HashSet::new() }
    }

    fn weight(&self, subject: &str, seq: i64) -> u128 {
        let hash = Sha256::new_with_prefix(self.key).chain_update(seq.to_be_bytes()).chain_update(subject).finalize();
        hash.first_chunk().copied().map_or(0, u128::from_be_bytes)
    }

    pub fn named(&mut self, seq: i64, subjects: &[String]) {
        let many = subjects.len() >= SUBJECTS_NAMED;
        if many {
            self.open.insert(seq);
        }
        for subject in subjects {
            if many {
                self.of_open.insert(short(subject, &seq.to_string()));
            } else {
                self.sum = self.sum.wrapping_add(self.weight(subject, seq));
            }
        }
    }

    pub fn held(&mut self, subject: &str, seq: i64) {
        if self.open.contains(&seq) {
            self.of_open.remove(&short(subject, &seq.to_string()));
        } else {
            self.sum = self.sum.wrapping_sub(self.weight(subject, seq));
        }
    }

    pub fn are_equal(&self) -> bool {
        self.sum == 0 && self.of_open.is_empty()
    }
}
