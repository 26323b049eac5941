//! Writing an entry: the one way in which a fact of the business gets into the log.

use base64::Engine;
use serde::Serialize;
use serde_json::Value;

use super::store::{self, NewEntry};
use crate::{
    db::{Error, Result, RowTouch, Tx},
    kernel::Timestamp,
};

/// An entry must fit the uint16 length prefix of a C2SP entry bundle (LOG-14).
pub const MOST_ENTRY_BYTES: usize = 65_535;
/// Row digests in one entry; more rows of one use case go on in following parts of the same kind.
const ROWS_PER_PART: usize = 450;
/// Subjects that the entry itself names; `log_subjects` has all of them.
pub(super) const SUBJECTS_NAMED: usize = 8;

/// Who did it, as it stands in the log: an account's id and role, never a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    pub account: String,
    pub role: &'static str,
}

impl By {
    /// The program itself: the closing of an auction at its hour, the start of a database.
    pub fn system() -> By {
        By { account: "system".into(), role: "system" }
    }
}

/// What happened. `kind` is `noun.past_tense`; `scope` the region code of the collective concerned; `subjects` the records
/// it belongs to (`lot/lot_…`), for their timelines; `data` public facts. Never personal data: no names, numbers, phones,
/// addresses; the rows' salted digests stand for them.
#[derive(Debug, Clone)]
pub struct Fact {
    pub kind: &'static str,
    pub scope: String,
    pub subjects: Vec<String>,
    pub data: Value,
}

impl Fact {
    pub fn new(kind: &'static str, scope: impl std::fmt::Display) -> Fact {
        Fact { kind, scope: scope.to_string(), subjects: Vec::new(), data: Value::Null }
    }
    /// Adds a record this entry belongs to.
    #[must_use]
    pub fn about(mut self, noun: &str, id: impl std::fmt::Display) -> Fact {
        self.subjects.push(format!("{noun}/{id}"));
        self
    }
    #[must_use]
    pub fn data(mut self, data: Value) -> Fact {
        self.data = data;
        self
    }
}

/// Where the entry stands in the order of writing; its index in the tree follows within about a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Receipt {
    pub seq: i64,
}

#[derive(Serialize)]
struct Entry<'a> {
    v: u8,
    kind: &'a str,
    at: Timestamp,
    actor: &'a str,
    role: &'a str,
    scope: &'a str,
    subjects: &'a [String],
    #[serde(skip_serializing_if = "Value::is_null")]
    data: &'a Value,
    /// `[table, key, base64url digest or null where the row was removed]`
    rows: Vec<(&'a str, &'a str, Option<String>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<usize>,
}

/// Appends the entry of `fact` together with the digests of all rows changed since the last entry of this transaction.
/// Returns the receipt of its first part.
///
/// Errors: an entry above 65,535 bytes is an internal error and undoes the transaction.
pub fn record(tx: &mut Tx<'_>, by: &By, fact: Fact) -> Result<Receipt> {
    let touches = tx.take_touches();
    let mut parts = touches.chunks(ROWS_PER_PART);
    let first = append(tx, by, &fact, parts.next().unwrap_or(&[]), None)?;
    for (n, rows) in parts.enumerate() {
        append(tx, by, &fact, rows, Some(n + 2))?;
    }
    store::insert_subjects(tx, first.seq, &fact.subjects)?;
    tx.wake("log");
    Ok(first)
}

fn append(tx: &mut Tx<'_>, by: &By, fact: &Fact, rows: &[RowTouch], part: Option<usize>) -> Result<Receipt> {
    let at = tx.now();
    // Hundreds of subjects (an import) stand in the rows already; the entry itself names a handful.
    let subjects = fact.subjects.get(..fact.subjects.len().min(SUBJECTS_NAMED)).unwrap_or(&[]);
    let base64 = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let entry = Entry {
        v: 1,
        kind: fact.kind,
        at,
        actor: &by.account,
        role: by.role,
        scope: &fact.scope,
        subjects,
        data: &fact.data,
        rows: rows.iter().map(|t| (t.table, t.key.as_str(), t.digest.map(|d| base64.encode(d)))).collect(),
        part,
    };
    let bytes = serde_json::to_vec(&entry).map_err(|e| Error::Internal(format!("log entry: {e}")))?;
    if bytes.len() > MOST_ENTRY_BYTES {
        return Err(Error::Internal(format!(
            "log entry {} has {} bytes, at most {MOST_ENTRY_BYTES} fit",
            fact.kind,
            bytes.len()
        )));
    }
    let new = NewEntry { kind: fact.kind, at, scope: &fact.scope, actor: &by.account, bytes: &bytes };
    let seq = store::insert_entry(tx, &new)?;
    Ok(Receipt { seq })
}
