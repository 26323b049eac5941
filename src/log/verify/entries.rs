//! What entries say of rows and subjects, and entries without a place.

use std::collections::HashSet;

use super::{Audit, ErasedState, LastWord};
use crate::{
    db::Result,
    log::{
        faults::Wrong,
        look,
        note::Checkpoint,
        store::{
            self,
            audit::{self, UnplacedRow},
        },
    },
};

impl Audit<'_, '_, '_> {
    /// Takes in what an entry says of rows and subjects.
    pub fn entry(&mut self, seq: i64, entry: look::Entry, index: Option<i64>) {
        for (table, what) in entry.faults {
            self.fault(table, seq, index, what);
        }
        self.subjects.named(seq, entry.subjects);
        let is_erased: HashSet<[u8; 16]> = entry.erased.iter().map(|(row, _)| *row).collect();
        self.erased.extend(entry.erased.into_iter().map(|(row, by)| ErasedState { row, by, seq, index }));
        for (row, digest) in entry.rows {
            let before = self.rows.get(&row).and_then(|last| last.kept);
            if entry.erases {
                self.erasures.insert((row, seq));
                if let Some((seq, index)) = before {
                    self.fault("log_payloads", seq, index, Wrong::StillKept);
                }
            }
            let keeps = !entry.erases && !is_erased.contains(&row);
            let kept = before.filter(|_| !entry.erases).or(keeps.then_some((seq, index)));
            let word = LastWord { digest, met: false, seq, index, kept };
            let last = self.rows.entry(row).or_insert(LastWord { seq: i64::MIN, ..word });
            if last.seq <= word.seq {
                *last = word;
            }
        }
    }

    /// States that were taken away against the entries that erased their rows.
    pub fn erased_states(&mut self) {
        for ErasedState { row, by, seq, index } in std::mem::take(&mut self.erased) {
            if !self.erasures.contains(&(row, by)) {
                self.fault("log_payloads", seq, index, Wrong::ErasedByNothing);
            }
        }
    }

    /// Entries that the next head will cover, and entries that were kept from it.
    pub fn waiting_entries(&mut self, since: Option<&Checkpoint>) -> Result<()> {
        match since {
            // Every leaf has an entry of its own, so that none is left over where there are as many as were met: no need
            // to look at each.
            None if audit::entry_count(self.rx)? == self.placed => {}
            None => self.unplaced_entries(i64::MIN)?,
            Some(head) => {
                let size = store::column(head.size)?;
                let last = audit::leaves(self.rx, size.saturating_sub(1), size, |leaf| leaf.seq)?.pop();
                self.unplaced_entries(last.unwrap_or(i64::MIN))?;
            }
        }
        for seq in audit::queued_for_nothing(self.rx)? {
            self.fault("log_queue", seq, None, Wrong::WaitsForNothing);
        }
        if since.is_none() {
            for seq in audit::payloads_of_nothing(self.rx)? {
                self.fault("log_payloads", seq, None, Wrong::PayloadOfNothing);
            }
        }
        Ok(())
    }

    /// Those above a number.
    fn unplaced_entries(&mut self, mut above: i64) -> Result<()> {
        loop {
            let page = audit::unplaced(self.rx, above, 256)?;
            let Some(last) = page.last() else { return Ok(()) };
            above = last.entry.seq;
            for UnplacedRow { entry, payload, queued } in page {
                if queued.is_none() {
                    self.fault("log_entries", entry.seq, None, Wrong::KeptOut);
                }
                self.summary.waiting += 1;
                let looked = look::entry(&entry, payload.as_deref(), &self.subjects.key);
                self.entry(entry.seq, looked, None);
            }
        }
    }
}
