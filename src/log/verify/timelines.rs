//! The index of timelines against what the entries name.

use std::{collections::HashSet, sync::Arc};

use super::{Audit, PAGE};
use crate::{
    db::{Error, Result, Rx},
    log::{
        faults::Wrong,
        look::{Named, short},
        store::audit,
        subject_sum::SubjectKey,
        timeline::EntryOutline,
    },
};

/// Every so many entries one subject is kept, to know where the middle of the table is.
const KEPT_ONE_OF: u64 = 1024;

/// Pairs of subject and entry, by the sum of their weights. Only of entries with more subjects than they name each pair is
/// kept.
pub(super) struct Subjects {
    pub key: Arc<SubjectKey>,
    /// All pairs that entries name.
    sum: u128,
    /// Entries with more subjects than they name.
    open: HashSet<i64>,
    /// What those do name.
    of_open: HashSet<[u8; 16]>,
    /// Subjects of some of the entries.
    sample: Vec<String>,
    entries: u64,
}

impl Subjects {
    pub fn new() -> Subjects {
        let key = Arc::new(SubjectKey::fresh());
        Subjects { key, sum: 0, open: HashSet::new(), of_open: HashSet::new(), sample: Vec::new(), entries: 0 }
    }

    pub fn named(&mut self, seq: i64, subjects: Named) {
        match subjects {
            Named::All { sum, first } => {
                self.sum = self.sum.wrapping_add(sum);
                self.entries += 1;
                if self.entries % KEPT_ONE_OF == 1 {
                    self.sample.extend(first);
                }
            }
            Named::Some(subjects) => {
                self.open.insert(seq);
                self.of_open.extend(subjects.iter().map(|subject| short(subject, &seq.to_string())));
            }
        }
    }

    /// A subject in the middle of the table, as far as the sample tells.
    fn middle(&mut self) -> Option<String> {
        let half = self.sample.len() / 2;
        if self.sample.is_empty() {
            return None;
        }
        let (_, middle, _) = self.sample.select_nth_unstable(half);
        Some(middle.clone())
    }

    /// What the table holds of a part of the subjects.
    fn held(&self, rx: &mut Rx<'_>, from: &str, before: Option<&str>) -> Result<Held> {
        let mut held = Held::default();
        each_subject(rx, from, before, |subject, seq| {
            if self.open.contains(&seq) {
                held.of_open.push(short(subject, &seq.to_string()));
            } else {
                held.sum = held.sum.wrapping_add(self.key.weight(subject, seq));
            }
        })?;
        Ok(held)
    }
}

#[derive(Default)]
struct Held {
    sum: u128,
    of_open: Vec<[u8; 16]>,
}

impl Audit<'_, '_, '_> {
    /// The whole index, row by row.
    pub fn subjects(&mut self) -> Result<()> {
        let middle = self.subjects.middle();
        let subjects = &self.subjects;
        let (lower, upper) = match (self.beside.first_mut(), middle) {
            (Some(other), Some(middle)) => std::thread::scope(|scope| {
                let upper = scope.spawn(|| subjects.held(other, &middle, None));
                let lower = subjects.held(self.rx, "", Some(&middle));
                let gone = |_| Err(Error::Internal("the thread that reads subjects has ended".into()));
                Ok::<_, Error>((lower?, upper.join().unwrap_or_else(gone)?))
            })?,
            _ => (subjects.held(self.rx, "", None)?, Held::default()),
        };
        let sum = lower.sum.wrapping_add(upper.sum);
        let held: HashSet<_> = lower.of_open.into_iter().chain(upper.of_open).collect();
        if sum == self.subjects.sum && self.subjects.of_open.is_subset(&held) {
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
        let mut not_named = Vec::new();
        each_subject(self.rx, "", None, |subject, seq| {
            if !named.remove(&short(subject, &seq.to_string())) && !self.subjects.open.contains(&seq) {
                not_named.push(format!("{subject}/{seq}"));
            }
        })?;
        for pair in not_named {
            self.fault("log_subjects", pair, None, Wrong::NotNamed);
        }
        if !named.is_empty() {
            let gone = named.len();
            self.fault("log_subjects", format!("{gone} rows"), None, Wrong::SubjectsMissing);
        }
        Ok(())
    }
}

/// The rows of the table from a subject on and before another.
fn each_subject(rx: &mut Rx<'_>, from: &str, before: Option<&str>, mut look: impl FnMut(&str, i64)) -> Result<()> {
    let mut after = (from.to_owned(), i64::MIN);
    loop {
        let page = audit::subjects(rx, &after, before, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.clone();
        for (subject, seq) in page {
            look(&subject, seq);
        }
    }
}
