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
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    merkle::{Hash, empty_root, leaf_hash},
    note::{Checkpoint, VerifierKey},
    record::SUBJECTS_NAMED,
    store::{
        self,
        audit::{self, EntryRow, LeafRow},
    },
    tiles::{Edge, FullTile, WIDTH, level_length, tile_bytes, tile_hashes},
    timeline::EntryDocument,
};
use crate::db::{LoggedTable, Result, Rx};

const PAGE: i64 = 1000;

/// Something that is not as the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub table: String,
    pub key: String,
    /// The place in the log of the entry concerned; `None` where it has none.
    pub index: Option<i64>,
    pub what: &'static str,
}

/// One line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault: table={} key={} index=", self.table.escape_debug(), self.key.escape_debug())?;
        match self.index {
            Some(index) => write!(f, "{index}")?,
            None => f.write_str("-")?,
        }
        write!(f, ": {}", self.what)
    }
}

/// What `verify` says while it works.
#[derive(Debug)]
pub enum Event {
    Fault(Fault),
    /// So many of so many entries are done.
    Entries(u64, u64),
    /// So many rows of tables are done.
    Rows(u64),
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Entries in the signed tree, and its root.
    pub entries: u64,
    pub root: Hash,
    /// Entries that wait for their place; the next head will cover them.
    pub waiting: u64,
    pub checkpoints: u64,
    pub tables: u64,
    pub rows: u64,
    pub faults: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { entries, root, waiting, checkpoints, tables, rows, faults } = self;
        write!(
            f,
            "{entries} entries (root {root}), {waiting} waiting for their place, {checkpoints} checkpoints, {rows} rows of {tables} tables: {faults} faults"
        )
    }
}

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
    let mut audit = Audit { rx, report, summary, rows: HashMap::new(), subjects: HashSet::new(), open: HashSet::new() };
    audit.tree(key)?;
    audit.waiting_entries()?;
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
}

struct Audit<'a, 'c> {
    rx: &'a mut Rx<'c>,
    report: &'a mut dyn FnMut(Event),
    summary: Summary,
    /// By [`short`] of table and key.
    rows: HashMap<[u8; 16], LastWord>,
    /// [`short`] of subject and number, as entries name them.
    subjects: HashSet<[u8; 16]>,
    /// Entries with more subjects than they name.
    open: HashSet<i64>,
}

/// 128 bits that stand for two texts.
fn short(first: &str, second: &str) -> [u8; 16] {
    let hash = Sha256::new_with_prefix(first).chain_update([0]).chain_update(second).finalize();
    hash.first_chunk().copied().unwrap_or_default()
}

impl Audit<'_, '_> {
    fn fault(&mut self, table: &str, key: impl fmt::Display, index: Option<i64>, what: &'static str) {
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
                    self.fault("log_checkpoints", "-", None, "the log has no head that this key has signed");
                }
                leaves
            }
        };
        if store::size(self.rx).ok() != Some(size) {
            self.fault("log_state", "log", None, "the size is not that of the last signed head");
        }
        for idx in audit::leaves_outside(self.rx, store::column(size)?)? {
            self.fault("log_leaves", idx, Some(idx), "the place is in no signed head");
        }
        let mut edge = Edge::default();
        let mut heads = heads.into_iter().peekable();
        let mut wrong_head = None;
        let mut full = Vec::new();
        while edge.size() < size {
            for leaf in self.block(edge.size(), size)? {
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
        if let Some((at, root)) = heads.next()
            && root != edge.root()
        {
            wrong_head = wrong_head.or(Some(at));
        }
        if let Some(at) = wrong_head {
            let what = "the signed root is not that of the entries, here and perhaps in later heads";
            self.fault("log_checkpoints", at, None, what);
        }
        for (level, n) in audit::tile_keys(self.rx)? {
            let full = u8::try_from(level).map_or(0, |level| level_length(level, size) / WIDTH);
            if u64::try_from(n).map_or(true, |n| n >= full) {
                self.fault("log_tiles", format!("{level}/{n}"), None, "the signed log has no such full tile");
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
                    Ok(_) => {
                        self.fault("log_checkpoints", row.size, None, "size or root is not that of the signed note")
                    }
                    Err(_) => self.fault("log_checkpoints", row.size, None, "the note is not signed by the log's key"),
                }
            }
        }
    }

    /// The leaf hashes of up to 256 places from `first` on, as two of three witnesses give them: the entry, the leaf, the
    /// tile. Whichever disagrees is a fault.
    fn block(&mut self, first: u64, size: u64) -> Result<Vec<Hash>> {
        let (from, past) = (store::column(first)?, store::column(size.min(first + WIDTH))?);
        let mut leaves = audit::leaves(self.rx, from, past)?.into_iter().peekable();
        let tile = match past - from {
            256 => audit::tile(self.rx, 0, from / 256)?.and_then(|(_, bytes)| tile_hashes(&bytes)),
            _ => None,
        };
        let mut in_tile = tile.into_iter().flatten();
        let mut agreed = Vec::new();
        for index in from..past {
            let in_tile = in_tile.next();
            let Some(leaf) = leaves.next_if(|leaf| leaf.idx == index) else {
                self.fault("log_leaves", index, Some(index), "the place in the log is empty");
                agreed.push(in_tile.unwrap_or_else(empty_root));
                continue;
            };
            agreed.push(self.leaf(&leaf, in_tile));
        }
        Ok(agreed)
    }

    fn leaf(&mut self, leaf: &LeafRow, in_tile: Option<Hash>) -> Hash {
        let index = Some(leaf.idx);
        let stored = Hash::from_slice(&leaf.leaf_hash);
        let computed = leaf.entry.as_ref().map(|entry| leaf_hash(&entry.bytes));
        let by_two = computed.filter(|hash| stored == Some(*hash) || in_tile == Some(*hash));
        let agreed = by_two.or(in_tile.filter(|hash| stored == Some(*hash)));
        match &leaf.entry {
            None => self.fault("log_entries", leaf.seq, index, "the entry is gone"),
            // Where only two witnesses are there and they disagree, it is the entry that is read.
            Some(_) if computed != agreed.or(stored) => {
                self.fault("log_entries", leaf.seq, index, "the bytes are not those that were logged");
            }
            Some(_) => {}
        }
        let agreed = agreed.or(stored).or(computed).or(in_tile).unwrap_or_else(empty_root);
        if stored != Some(agreed) {
            self.fault("log_leaves", leaf.idx, index, "the hash is not that of the entry");
        }
        if let Some(entry) = &leaf.entry {
            self.entry(entry, index);
        }
        agreed
    }

    fn tile(&mut self, tile: &FullTile) -> Result<()> {
        let found = audit::tile(self.rx, i32::from(tile.level), store::column(tile.index)?)?;
        let what = match found {
            Some((root, bytes)) if root == tile.root.0 && bytes == tile_bytes(&tile.hashes) => return Ok(()),
            Some(_) => "the tile is not made of the log's hashes",
            None => "the full tile is missing",
        };
        self.fault("log_tiles", format!("{}/{}", tile.level, tile.index), None, what);
        Ok(())
    }

    /// Takes in what an entry says of rows and subjects.
    fn entry(&mut self, row: &EntryRow, index: Option<i64>) {
        let Ok(entry) = serde_json::from_slice::<EntryDocument>(&row.bytes) else {
            return self.fault("log_entries", row.seq, index, "the bytes are no entry of this program");
        };
        if (&row.kind, row.at, &row.scope, &row.actor) != (&entry.kind, entry.at.0, &entry.scope, &entry.actor) {
            self.fault("log_entries", row.seq, index, "a column is not what the entry says");
        }
        if entry.part.is_none() {
            for subject in &entry.subjects {
                self.subjects.insert(short(subject, &row.seq.to_string()));
            }
            if entry.subjects.len() >= SUBJECTS_NAMED {
                self.open.insert(row.seq);
            }
        }
        for (table, key, digest) in &entry.rows {
            let digest = match digest.as_deref().map(|text| URL_SAFE_NO_PAD.decode(text).map(<[u8; 32]>::try_from)) {
                None => None,
                Some(Ok(Ok(digest))) => Some(digest),
                Some(_) => {
                    self.fault("log_entries", row.seq, index, "a digest in the entry cannot be read");
                    continue;
                }
            };
            let word = LastWord { digest, seq: row.seq, index };
            let last = self.rows.entry(short(table, key)).or_insert(LastWord { seq: i64::MIN, ..word });
            if last.seq <= word.seq {
                *last = word;
            }
        }
    }

    /// Entries that the next head will cover, and entries that were kept from it.
    fn waiting_entries(&mut self) -> Result<()> {
        let mut above = i64::MIN;
        loop {
            let page = audit::unplaced(self.rx, above, 256)?;
            let Some((last, _)) = page.last() else { break };
            above = last.seq;
            for (entry, queued) in page {
                if queued.is_none() {
                    self.fault(
                        "log_entries",
                        entry.seq,
                        None,
                        "the entry has no place in the log and does not wait for one",
                    );
                }
                self.summary.waiting += 1;
                self.entry(&entry, None);
            }
        }
        for seq in audit::queued_for_nothing(self.rx)? {
            self.fault("log_queue", seq, None, "nothing waits here: the entry is gone or has its place");
        }
        Ok(())
    }

    /// The index of timelines against what the entries name.
    fn subjects(&mut self) -> Result<()> {
        let mut after = (String::new(), i64::MIN);
        loop {
            let page = audit::subjects(self.rx, &after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.clone();
            for (subject, seq) in page {
                let named = self.subjects.remove(&short(&subject, &seq.to_string()));
                if !named && !self.open.contains(&seq) {
                    let key = format!("{subject}/{seq}");
                    self.fault("log_subjects", key, None, "the entry does not name this record");
                }
            }
        }
        if !self.subjects.is_empty() {
            let gone = self.subjects.len();
            self.fault(
                "log_subjects",
                format!("{gone} rows"),
                None,
                "records that entries name are missing from timelines",
            );
        }
        Ok(())
    }

    /// Every row of a logged table against the last entry that names it.
    fn table(&mut self, table: &LoggedTable) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = (table.page)(self.rx, &after, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            self.summary.rows += page.len() as u64;
            for (key, digest) in page {
                let (index, what) = match (self.rows.remove(&short(table.name, &key)), digest) {
                    (None, _) => (None, "no entry names this row: it was added outside the program"),
                    (Some(last), None) => (last.index, "a column holds what the program never writes"),
                    (Some(last), Some(_)) if last.digest.is_none() => (last.index, "the row was removed, and is back"),
                    (Some(last), now) if last.digest != now => {
                        (last.index, "the row is not as its last entry left it: it was changed outside the program")
                    }
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
            let Ok(entry) = serde_json::from_slice::<EntryDocument>(&bytes) else { continue };
            for (table, key, _) in entry.rows {
                if gone.get(&short(&table, &key)).is_none_or(|last| last.seq != seq) {
                    continue;
                }
                let known = tables.iter().any(|t| t.name == table);
                let what = if known {
                    "the row is gone: it was removed outside the program"
                } else {
                    "this program has no such table"
                };
                self.fault(&table, key, index, what);
            }
        }
        Ok(())
    }
}
