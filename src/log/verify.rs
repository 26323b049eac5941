//! Recomputing everything: whether the log is the one that was signed, and the tables are what the log says.
//!
//! Promise: whatever was changed, added, removed or moved behind the program's back, in a logged table or in the log's own
//! tables, is named with table, key and place in the log. Rows are read through the same structs that wrote them and compared
//! with the last entry that names them; then the domains' own [`Check`]s ask whether the rows make sense together. Nothing is
//! written. Memory grows with the number of rows alive (about 100 bytes for each), not with the length of the log.
//!
//! With a head that somebody kept ([`Verification::since`]) the log must continue it, and only what came after it is looked at:
//! the short form for every day.
//!
//! What it cannot see: a history that was rewritten as a whole, signed again with the log's own key, and makes sense. Against
//! that stand heads and receipts in other hands (trust model, LOG-6).

mod cosignatures;
mod entries;
mod rows;
mod timelines;
mod tree;

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use timelines::Subjects;

use super::{
    check::Check,
    faults::{Event, Fault, Summary, Unchecked, Words},
    look::short,
    merkle::empty_root,
    note::{Checkpoint, VerifierKey},
    witnesses::Witnesses,
};
use crate::db::{LoggedTable, Result, Rx};

const PAGE: i64 = 1000;

/// How many readers beside the first a verification makes use of: as many as have cores nearly everywhere.
pub const READERS: usize = 2;

/// What a verification looks at, and by whose word.
#[derive(Clone, Copy)]
pub struct Verification<'a> {
    /// Signs the log.
    pub key: &'a VerifierKey,
    /// Signed it before, the newest first.
    pub former: &'a [VerifierKey],
    /// Whose lines under the heads are checked.
    pub witnesses: &'a Witnesses,
    pub tables: &'a [LoggedTable],
    pub checks: &'a [Check],
    /// A head of this log that somebody kept: what it covers is not looked at again.
    pub since: Option<&'a Checkpoint>,
}

/// Verifies in the one picture that a read transaction gives; may run beside a server. `report` hears faults and progress.
/// Readers `beside` see the same picture ([`crate::db::Db::read_together`]): each reads and hashes on a thread of its own.
///
/// Errors: only where the database cannot be read; what is wrong with the data is a fault.
pub fn verify(
    rx: &mut Rx<'_>,
    beside: &mut [Rx<'_>],
    what: &Verification<'_>,
    report: &mut dyn FnMut(Event),
) -> Result<Summary> {
    let summary = Summary {
        entries: 0,
        root: empty_root(),
        waiting: 0,
        checkpoints: 0,
        cosignatures: 0,
        unchecked: Unchecked::default(),
        tables: 0,
        rows: 0,
        checks: 0,
        faults: 0,
        since: what.since.map(|head| head.size),
    };
    let mut audit = Audit {
        rx,
        beside,
        report,
        summary,
        rows: HashMap::new(),
        subjects: Subjects::new(),
        placed: 0,
        erasures: HashSet::new(),
        erased: Vec::new(),
    };
    audit.tree(what)?;
    audit.cosignatures(what.witnesses, what.since)?;
    audit.waiting_entries(what.since)?;
    audit.erased_states();
    match what.since {
        None => {
            audit.subjects()?;
            for table in what.tables {
                audit.table(table)?;
            }
        }
        Some(_) => audit.named_rows(what.tables)?,
    }
    audit.missing_rows(what.tables)?;
    audit.checks(what)?;
    Ok(audit.summary)
}

/// What the last entry that names a row says of it.
struct LastWord {
    /// `None`: it was removed.
    digest: Option<[u8; 32]>,
    /// Whether the row was met in its table.
    met: bool,
    seq: i64,
    index: Option<i64>,
    /// An entry that still keeps a state of it.
    kept: Option<(i64, Option<i64>)>,
}

struct Audit<'a, 'c, 'b> {
    rx: &'a mut Rx<'c>,
    beside: &'a mut [Rx<'b>],
    report: &'a mut dyn FnMut(Event),
    summary: Summary,
    /// By [`short`] of table and key.
    rows: HashMap<[u8; 16], LastWord>,
    /// The subjects that entries name, against those of the table.
    subjects: Subjects,
    /// Entries that were met with their leaves.
    placed: u64,
    /// Rows by [`short`], with the entry that erases each.
    erasures: HashSet<([u8; 16], i64)>,
    /// States that were erased.
    erased: Vec<ErasedState>,
}

/// A kept state that was erased.
struct ErasedState {
    row: [u8; 16],
    /// The entry that is said to have done it.
    by: i64,
    /// The entry it belonged to, and its place.
    seq: i64,
    index: Option<i64>,
}

impl Audit<'_, '_, '_> {
    fn fault(&mut self, table: &str, key: impl fmt::Display, index: Option<i64>, what: impl Into<Words>) {
        self.summary.faults += 1;
        (self.report)(Event::Fault(Fault { table: table.to_owned(), key: key.to_string(), index, what: what.into() }));
    }

    /// What the domains ask of their rows; after a kept head only where something of the tables has changed.
    fn checks(&mut self, what: &Verification<'_>) -> Result<()> {
        let changed: Option<HashSet<String>> = what.since.map(|_| self.tables_named()).transpose()?;
        for check in what.checks {
            if changed.as_ref().is_some_and(|changed| !check.tables.iter().any(|table| changed.contains(*table))) {
                continue;
            }
            let Audit { rx, report, summary, rows, .. } = self;
            (check.run)(rx, &mut |wrong| {
                let index = rows.get(&short(wrong.table, &wrong.key)).and_then(|last| last.index);
                summary.faults += 1;
                report(Event::Fault(Fault { table: wrong.table.to_owned(), key: wrong.key, index, what: wrong.what }));
            })?;
            self.summary.checks += 1;
        }
        Ok(())
    }
}
