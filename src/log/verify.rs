//! Recomputing everything: whether the log is the one that was signed, and the tables are what the log says.
//!
//! Promise: whatever was changed, added, removed or moved behind the program's back, in a logged table or in the log's own
//! tables, is named with table, key and place in the log. Rows are read through the same structs that wrote them and compared
//! with the last entry that names them. Nothing is written. Memory grows with the number of rows alive (about 100 bytes for
//! each), not with the length of the log.
//!
//! What it cannot see: a history that was rewritten as a whole and signed again with the log's own key. Against that stand
//! heads and receipts in other hands (trust model, LOG-6).

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::mpsc,
};

use super::{
    faults::{Event, Fault, Summary, Wrong},
    look::{self, Leaf, short},
    merkle::{Hash, empty_root},
    note::{Checkpoint, VerifierKey},
    store::{
        self,
        audit::{self, LeafRow, UnplacedRow},
    },
    subjects::Subjects,
    tiles::{Edge, FullTile, WIDTH, level_length, tile_bytes, tile_hashes},
    timeline::EntryOutline,
};
use crate::db::{Error, LoggedTable, Result, Rx, digest};

const PAGE: i64 = 1000;
/// Blocks of 256 entries that are read before the one that is taken in.
const BLOCKS_AHEAD: usize = 4;

/// Verifies the log that `key` signs and every row of `tables`, in the one picture that a read transaction gives; may run
/// beside a server. `report` hears faults and progress.
///
/// Errors: only where the database cannot be read; what is wrong with the data is a fault.
pub fn verify(
    rx: &mut Rx<'_>,
    tables: &[LoggedTable],
    key: &VerifierKey,
    report: &mut dyn FnMut(Event),
) -> Result<Summary> {
    let summary = Summary {
        entries: 0,
        root: empty_root(),
        waiting: 0,
        checkpoints: 0,
        tables: tables.len() as u64,
        rows: 0,
        faults: 0,
    };
    let mut audit = Audit {
        rx,
        report,
        summary,
        rows: HashMap::new(),
        subjects: Subjects::new(),
        placed: 0,
        erasures: HashSet::new(),
        erased: Vec::new(),
    };
    audit.tree(key)?;
    audit.waiting_entries()?;
    audit.erased_states();
    audit.subjects()?;
    for table in tables {
        audit.table(table)?;
    }
    audit.missing_rows(tables)?;
    Ok(audit.summary)
}

/// What the last entry that names a row says of it.
struct LastWord {
    /// `None`: it was removed.
    digest: Option<[u8; 32]>,
    seq: i64,
    index: Option<i64>,
    /// An entry that still keeps a state of it.
    kept: Option<(i64, Option<i64>)>,
}

struct Audit<'a, 'c> {
    rx: &'a mut Rx<'c>,
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

impl Audit<'_, '_> {
    fn fault(&mut self, table: &str, key: impl fmt::Display, index: Option<i64>, what: Wrong) {
        self.summary.faults += 1;
        (self.report)(Event::Fault(Fault { table: table.to_owned(), key: key.to_string(), index, what }));
    }

    /// Heads, entries, leaves and tiles against each other.
    fn tree(&mut self, key: &VerifierKey) -> Result<()> {
        let heads = self.heads(key)?;
        let size = match heads.last() {
            Some((size, _)) => *size,
            None => {
                let leaves = audit::leaf_count(self.rx)?;
                // A log that was never signed has nothing but waiting entries.
                if leaves > 0 || self.summary.checkpoints > 0 {
                    self.fault("log_checkpoints", "-", None, Wrong::NoSignedHead);
                }
                leaves
            }
        };
        if store::size(self.rx).ok() != Some(size) {
            self.fault("log_state", "log", None, Wrong::WrongSize);
        }
        for idx in audit::leaves_outside(self.rx, store::column(size)?)? {
            self.fault("log_leaves", idx, Some(idx), Wrong::OutsideHeads);
        }
        let mut edge = Edge::default();
        let mut heads = heads.into_iter().peekable();
        let mut wrong_head = None;
        let mut full = Vec::new();
        std::thread::scope(|scope| {
            // A second thread hashes and parses what this one reads: each is half of the work.
            let (rows, to_look_at) = mpsc::sync_channel::<Vec<LeafRow>>(BLOCKS_AHEAD);
            let (looked, leaves) = mpsc::sync_channel(BLOCKS_AHEAD);
            scope.spawn(move || {
                to_look_at.iter().try_for_each(|rows| looked.send(rows.iter().map(look::leaf).collect::<Vec<_>>()))
            });
            let gone = || Error::Internal("the thread that looks at entries has ended".into());
            let mut read = 0;
            while edge.size() < size {
                while read < size && read <= edge.size() + WIDTH * BLOCKS_AHEAD as u64 {
                    let past = size.min(read + WIDTH);
                    let block = audit::leaves(self.rx, store::column(read)?, store::column(past)?)?;
                    rows.send(block).map_err(|_| gone())?;
                    read = past;
                }
                let block = leaves.recv().map_err(|_| gone())?;
                for leaf in self.block(edge.size(), size, block)? {
                    // A head of no entries, or the one that ended with the leaf before.
                    if let Some((at, root)) = heads.next_if(|(at, _)| *at == edge.size())
                        && root != edge.root()
                    {
                        wrong_head = wrong_head.or(Some(at));
                    }
                    edge.push(leaf, |tile| full.push(tile));
                }
                for tile in full.drain(..) {
                    self.tile(&tile)?;
                }
                (self.report)(Event::Entries(edge.size(), size));
            }
            Ok::<(), Error>(())
        })?;
        if let Some((at, root)) = heads.next()
            && root != edge.root()
        {
            wrong_head = wrong_head.or(Some(at));
        }
        if let Some(at) = wrong_head {
            let what = Wrong::WrongRoot;
            self.fault("log_checkpoints", at, None, what);
        }
        for (level, n) in audit::tile_keys(self.rx)? {
            let full = u8::try_from(level).map_or(0, |level| level_length(level, size) / WIDTH);
            if u64::try_from(n).map_or(true, |n| n >= full) {
                self.fault("log_tiles", format!("{level}/{n}"), None, Wrong::ExtraTile);
            }
        }
        self.summary.entries = size;
        self.summary.root = edge.root();
        Ok(())
    }

    /// Size and root of every head that the key has signed, upwards.
    fn heads(&mut self, key: &VerifierKey) -> Result<Vec<(u64, Hash)>> {
        let (mut heads, mut above) = (Vec::new(), -1);
        loop {
            let page = audit::checkpoints(self.rx, above, PAGE)?;
            let Some(last) = page.last() else { return Ok(heads) };
            above = last.size;
            for row in page {
                self.summary.checkpoints += 1;
                match Checkpoint::open(&row.note, key) {
                    Ok(head) if u64::try_from(row.size) == Ok(head.size) && row.root == head.root.0 => {
                        heads.push((head.size, head.root));
                    }
                    Ok(_) => self.fault("log_checkpoints", row.size, None, Wrong::WrongHead),
                    Err(_) => self.fault("log_checkpoints", row.size, None, Wrong::ForeignNote),
                }
            }
        }
    }

    /// The leaf hashes of up to 256 places from `first` on, as two of three witnesses give them: the entry, the leaf, the
    /// tile. Whichever disagrees is a fault.
    fn block(&mut self, first: u64, size: u64, leaves: Vec<Leaf>) -> Result<Vec<Hash>> {
        let (from, past) = (store::column(first)?, store::column(size.min(first + WIDTH))?);
        let mut leaves = leaves.into_iter().peekable();
        let tile = match past - from {
            256 => audit::tile(self.rx, 0, from / 256)?.and_then(|(_, bytes)| tile_hashes(&bytes)),
            _ => None,
        };
        let mut in_tile = tile.into_iter().flatten();
        let mut agreed = Vec::new();
        for index in from..past {
            let in_tile = in_tile.next();
            let Some(leaf) = leaves.next_if(|leaf| leaf.idx == index) else {
                self.fault("log_leaves", index, Some(index), Wrong::EmptyPlace);
                agreed.push(in_tile.unwrap_or_else(empty_root));
                continue;
            };
            agreed.push(self.leaf(leaf, in_tile));
        }
        Ok(agreed)
    }

    fn leaf(&mut self, leaf: Leaf, in_tile: Option<Hash>) -> Hash {
        let index = Some(leaf.idx);
        let Leaf { stored, computed, .. } = leaf;
        let by_two = computed.filter(|hash| stored == Some(*hash) || in_tile == Some(*hash));
        let agreed = by_two.or(in_tile.filter(|hash| stored == Some(*hash)));
        match computed {
            None => self.fault("log_entries", leaf.seq, index, Wrong::EntryGone),
            // Where only two witnesses are there and they disagree, it is the entry that is read.
            Some(_) if computed != agreed.or(stored) => {
                self.fault("log_entries", leaf.seq, index, Wrong::EntryChanged);
            }
            Some(_) => {}
        }
        let agreed = agreed.or(stored).or(computed).or(in_tile).unwrap_or_else(empty_root);
        if stored != Some(agreed) {
            self.fault("log_leaves", leaf.idx, index, Wrong::LeafChanged);
        }
        if let Some(entry) = leaf.entry {
            self.placed += 1;
            self.entry(leaf.seq, entry, index);
        }
        agreed
    }

    fn tile(&mut self, tile: &FullTile) -> Result<()> {
        let found = audit::tile(self.rx, i32::from(tile.level), store::column(tile.index)?)?;
        let what = match found {
            Some((root, bytes)) if root == tile.root.0 && bytes == tile_bytes(&tile.hashes) => return Ok(()),
            Some(_) => Wrong::TileChanged,
            None => Wrong::TileGone,
        };
        self.fault("log_tiles", format!("{}/{}", tile.level, tile.index), None, what);
        Ok(())
    }

    /// Takes in what an entry says of rows and subjects.
    fn entry(&mut self, seq: i64, entry: look::Entry, index: Option<i64>) {
        for (table, what) in entry.faults {
            self.fault(table, seq, index, what);
        }
        self.subjects.named(seq, &entry.subjects);
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
            let word = LastWord { digest, seq, index, kept };
            let last = self.rows.entry(row).or_insert(LastWord { seq: i64::MIN, ..word });
            if last.seq <= word.seq {
                *last = word;
            }
        }
    }

    /// Entries that the next head will cover, and entries that were kept from it.
    fn waiting_entries(&mut self) -> Result<()> {
        // Every leaf has an entry of its own, so that none is left over where there are as many as were met: no need to
        // look at each.
        if audit::entry_count(self.rx)? != self.placed {
            self.unplaced_entries()?;
        }
        for seq in audit::queued_for_nothing(self.rx)? {
            self.fault("log_queue", seq, None, Wrong::WaitsForNothing);
        }
        for seq in audit::payloads_of_nothing(self.rx)? {
            self.fault("log_payloads", seq, None, Wrong::PayloadOfNothing);
        }
        Ok(())
    }

    /// States that were taken away against the entries that erased their rows.
    fn erased_states(&mut self) {
        for ErasedState { row, by, seq, index } in std::mem::take(&mut self.erased) {
            if !self.erasures.contains(&(row, by)) {
                self.fault("log_payloads", seq, index, Wrong::ErasedByNothing);
            }
        }
    }

    fn unplaced_entries(&mut self) -> Result<()> {
        let mut above = i64::MIN;
        loop {
            let page = audit::unplaced(self.rx, above, 256)?;
            let Some(last) = page.last() else { return Ok(()) };
            above = last.entry.seq;
            for UnplacedRow { entry, payload, queued } in page {
                if queued.is_none() {
                    self.fault("log_entries", entry.seq, None, Wrong::KeptOut);
                }
                self.summary.waiting += 1;
                self.entry(entry.seq, look::entry(&entry, payload.as_deref()), None);
            }
        }
    }

    /// The index of timelines against what the entries name.
    fn subjects(&mut self) -> Result<()> {
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

    /// Every row of a logged table against the last entry that names it.
    fn table(&mut self, table: &LoggedTable) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = (table.page)(self.rx, &after, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            self.summary.rows += page.len() as u64;
            for (key, state) in page {
                let now = state.map(|state| digest(table.name, state.as_bytes()));
                let (index, what) = match (self.rows.remove(&short(table.name, &key)), now) {
                    (None, _) => (None, Wrong::RowAdded),
                    (Some(last), None) => (last.index, Wrong::ForeignColumn),
                    (Some(last), Some(_)) if last.digest.is_none() => (last.index, Wrong::RowBack),
                    (Some(last), _) if last.digest != now => (last.index, Wrong::RowChanged),
                    _ => continue,
                };
                self.fault(table.name, key, index, what);
            }
            (self.report)(Event::Rows(self.summary.rows));
        }
    }

    /// What entries name and no table holds.
    fn missing_rows(&mut self, tables: &[LoggedTable]) -> Result<()> {
        let alive = self.rows.extract_if(|_, last| last.digest.is_some());
        let gone: HashMap<[u8; 16], LastWord> = alive.collect();
        let mut entries: Vec<i64> = gone.values().map(|last| last.seq).collect();
        entries.sort_unstable();
        entries.dedup();
        for seq in entries {
            let Some((_, index, bytes)) = store::find_entry(self.rx, seq)? else { continue };
            let Ok(entry) = serde_json::from_slice::<EntryOutline>(&bytes) else { continue };
            for (table, key, _) in entry.rows {
                if gone.get(&short(&table, &key)).is_none_or(|last| last.seq != seq) {
                    continue;
                }
                let known = tables.iter().any(|t| t.name == table);
                let what = if known { Wrong::RowGone } else { Wrong::NoSuchTable };
                self.fault(&table, key, index, what);
            }
        }
        Ok(())
    }
}
