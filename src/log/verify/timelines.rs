//! The index of timelines against what the entries name.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::{Audit, PAGE};
use crate::{
    db::Result,
    log::{faults::Wrong, look::short, record::SUBJECTS_NAMED, store::audit, timeline::EntryOutline},
};

/// Pairs of subject and entry, held by the sum of their hashes, so that memory does not grow with the log. The hashes have a
/// key that was drawn for this run: whoever changed the table could not aim at a set with the same sum. Only of entries
/// with more subjects than they name each pair is kept.
pub(super) struct Subjects {
    key: [u8; 32],
    /// All pairs that entries name, less those that the table holds.
    sum: u128,
    /// Entries with more subjects than they name.
    open: HashSet<i64>,
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

    fn held(&mut self, subject: &str, seq: i64) {
        if self.open.contains(&seq) {
            self.of_open.remove(&short(subject, &seq.to_string()));
        } else {
            self.sum = self.sum.wrapping_sub(self.weight(subject, seq));
        }
    }

    fn are_equal(&self) -> bool {
        self.sum == 0 && self.of_open.is_empty()
    }
}

impl Audit<'_, '_> {
    /// The whole index, row by row.
    pub fn subjects(&mut self) -> Result<()> {
        self.each_subject(|audit, subject, seq| audit.subjects.held(subject, seq))?;
        if self.subjects.are_equal() {
            return Ok(());
        }
        // Something is wrong: once more through the log, with every pair in memory, to say what.
        let mut named = HashSet::new();
        audit::each_entry(self.rx, |row| {
            if let Ok(EntryOutline { part: None, subjects, .. }) = serde_json::from_slice(&row.bytes) {
                named.extend(subjects.iter().map(|subject| short(subject, &row.seq.to_string())));
            }
            Ok(())
        })?;
        self.each_subject(|audit, subject, seq| {
            if !named.remove(&short(subject, &seq.to_string())) && !audit.subjects.open.contains(&seq) {
                audit.fault("log_subjects", format!("{subject}/{seq}"), None, Wrong::NotNamed);
            }
        })?;
        if !named.is_empty() {
            let gone = named.len();
            self.fault("log_subjects", format!("{gone} rows"), None, Wrong::SubjectsMissing);
        }
        Ok(())
    }

    fn each_subject(&mut self, mut look: impl FnMut(&mut Self, &str, i64)) -> Result<()> {
        let mut after = (String::new(), i64::MIN);
        loop {
            let page = audit::subjects(self.rx, &after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.clone();
            for (subject, seq) in page {
                look(self, &subject, seq);
            }
        }
    }
}
