//! Folding the logged tables again out of entries and payloads (LOG-11): the state of the program is what its log says, no
//! more and no less.
//!
//! Promise: the dump of a table that was folded and the dump of the table as it stands are the same bytes, or the table is
//! reported. A dump is one row a line, as JSON with the columns in table order, lines in byte order of the key; anybody can
//! check a line: SHA-256 of the table's name, a zero byte and the line is the digest in the row's last entry. Reads
//! only; memory grows with the number of rows alive (about 100 bytes for each), not with their contents.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    rc::Rc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    merkle::Hash,
    store::{self, audit},
    timeline::EntryOutline,
};
use crate::db::{Error, LoggedTable, Result, Rx, digest};

const PAGE: i64 = 256;
/// Payloads that are kept open: neighbours in a table mostly come from the same import.
const OPEN_PAYLOADS: usize = 32;

/// One table, folded and as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    pub table: &'static str,
    /// Rows that the log tells of.
    pub rows: u64,
    /// SHA-256 of the folded dump.
    pub folded: Hash,
    /// SHA-256 of the dump of the table as it stands.
    pub standing: Hash,
    /// Rows whose payload is missing or is not what the entry's digest stands for.
    pub untold: u64,
}

impl Rebuilt {
    pub fn is_same(&self) -> bool {
        self.folded == self.standing && self.untold == 0
    }
}

/// Where the last state of a row is told.
#[derive(Clone, Copy)]
struct Told {
    seq: i64,
    /// Its place among the rows of the entry.
    at: usize,
    digest: [u8; 32],
}

/// Folds every table of `tables` and writes the dumps into `dir`, one `TABLE.jsonl` each. They hold personal data: names in
/// clear, numbers sealed.
///
/// Errors: the database or `dir` says no; an entry that is none of this program.
pub fn rebuild(rx: &mut Rx<'_>, tables: &[LoggedTable], dir: &Path) -> Result<Vec<Rebuilt>> {
    let mut told = last_states(rx)?;
    let mut payloads = Payloads::default();
    let mut all = Vec::new();
    for table in tables {
        let path = dir.join(format!("{}.jsonl", table.name));
        let io = |e: std::io::Error| Error::Internal(format!("{} cannot be written: {e}", path.display()));
        let mut file = BufWriter::new(File::create_new(&path).map_err(io)?);
        let (mut hash, mut rows, mut untold) = (Sha256::new(), 0, 0);
        for told in told.remove(table.name).unwrap_or_default().into_values().flatten() {
            rows += 1;
            let Some(line) = payloads.state(rx, table.name, told)? else {
                untold += 1;
                continue;
            };
            for bytes in [line.get().as_bytes(), b"\n"] {
                hash.update(bytes);
                file.write_all(bytes).map_err(io)?;
            }
        }
        file.flush().map_err(io)?;
        let (folded, standing) = (Hash(hash.finalize().into()), standing(rx, table)?);
        all.push(Rebuilt { table: table.name, rows, folded, standing, untold });
    }
    Ok(all)
}

/// By table and key, where the last state stands; `None` where the row was removed.
type States = HashMap<String, BTreeMap<String, Option<Told>>>;

fn last_states(rx: &mut Rx<'_>) -> Result<States> {
    let mut states = States::new();
    audit::each_entry(rx, |row| {
        let broken = |what: &str| Error::Internal(format!("log entry {}: {what}", row.seq));
        let entry: EntryOutline = serde_json::from_slice(&row.bytes).map_err(|e| broken(&e.to_string()))?;
        for (at, (table, key, digest)) in entry.rows.into_iter().enumerate() {
            let digest = digest.map(|text| URL_SAFE_NO_PAD.decode(&*text).ok()?.try_into().ok());
            let told = match digest {
                None => None,
                Some(Some(digest)) => Some(Told { seq: row.seq, at, digest }),
                Some(None) => return Err(broken("a digest cannot be read")),
            };
            states.entry(table.into_string()).or_default().insert(key.into_string(), told);
        }
        Ok(())
    })?;
    Ok(states)
}

#[derive(Default)]
struct Payloads {
    open: HashMap<i64, Rc<Vec<Box<RawValue>>>>,
}

impl Payloads {
    /// The state that a digest stands for; `None` where the payload does not tell it.
    fn state(&mut self, rx: &mut Rx<'_>, table: &str, told: Told) -> Result<Option<Box<RawValue>>> {
        let states = match self.open.get(&told.seq) {
            Some(states) => states.clone(),
            None => {
                let bytes = store::find_payload(rx, told.seq)?.unwrap_or_default();
                let states: Rc<Vec<Box<RawValue>>> = Rc::new(serde_json::from_slice(&bytes).unwrap_or_default());
                if self.open.len() >= OPEN_PAYLOADS {
                    self.open.clear();
                }
                self.open.insert(told.seq, states.clone());
                states
            }
        };
        Ok(states.get(told.at).filter(|state| digest(table, state.get().as_bytes()) == told.digest).cloned())
    }
}

fn standing(rx: &mut Rx<'_>, table: &LoggedTable) -> Result<Hash> {
    let (mut hash, mut after) = (Sha256::new(), String::new());
    loop {
        let page = (table.page)(rx, &after, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(Hash(hash.finalize().into())) };
        after.clone_from(last);
        for (_, state) in page {
            // A row that cannot be read is no row of the dump: the hashes will differ.
            hash.update(state.unwrap_or_default());
            hash.update(b"\n");
        }
    }
}
