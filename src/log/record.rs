//! Writing an entry: the one way in which a fact of the business gets into the log.

use base64::Engine;
use serde::Serialize;
use serde_json::Value;

use super::store::{self, NewEntry};
use crate::{
    db::{Error, Result, RowTouch, Tx, digest},
    kernel::Timestamp,
};

/// An entry must fit the uint16 length prefix of a C2SP entry bundle (LOG-14).
pub const MOST_ENTRY_BYTES: usize = 65_535;
/// Row digests in one entry; more rows of one use case go on in following parts of the same kind.
const ROWS_PER_PART: usize = 450;
/// Entries have one of these lengths in bytes, or a multiple of the last, so that the length tells little (trust model 1.5).
const LENGTHS: [usize; 3] = [256, 1024, 4096];
/// Subjects that the entry itself names; `log_subjects` has all of them.
pub(super) const SUBJECTS_NAMED: usize = 8;

/// While it is set nothing is recorded. No program that is installed has it: it comes with the feature alone.
#[cfg(feature = "without-log")]
pub static WITHOUT_LOG: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

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
    #[cfg(feature = "without-log")]
    if WITHOUT_LOG.load(std::sync::atomic::Ordering::Relaxed) {
        return Ok(Receipt { seq: 0 });
    }
    record_rows(tx, by, &fact, &touches, |_, _| {})
}

/// [`record()`] for rows that were taken from the transaction; `told` hears which rows stand in the entry of which number.
pub(super) fn record_rows<'t>(
    tx: &mut Tx<'_>,
    by: &By,
    fact: &Fact,
    touches: &'t [RowTouch],
    mut told: impl FnMut(i64, &'t [RowTouch]),
) -> Result<Receipt> {
    let mut parts = touches.chunks(ROWS_PER_PART);
    let rows = parts.next().unwrap_or(&[]);
    let first = append(tx, by, fact, rows, None)?;
    told(first.seq, rows);
    for (n, rows) in parts.enumerate() {
        let part = append(tx, by, fact, rows, Some(n + 2))?;
        told(part.seq, rows);
    }
    store::insert_subjects(tx, first.seq, fact.subjects.clone())?;
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
        rows: rows
            .iter()
            .map(|t| {
                let state = t.state.as_ref();
                (t.table, t.key.as_str(), state.map(|s| base64.encode(digest(t.table, s.as_bytes()))))
            })
            .collect(),
        part,
    };
    let mut bytes = serde_json::to_vec(&entry).map_err(|e| Error::Internal(format!("log entry: {e}")))?;
    pad(&mut bytes);
    if bytes.len() > MOST_ENTRY_BYTES {
        return Err(Error::Internal(format!(
            "log entry {} has {} bytes, at most {MOST_ENTRY_BYTES} fit",
            fact.kind,
            bytes.len()
        )));
    }
    let seq = tx.next_number()?;
    let (kind, scope, actor) = (fact.kind.to_owned(), fact.scope.clone(), by.account.clone());
    let new = NewEntry { seq, kind, at: at.0, scope, actor, bytes };
    store::append(tx, new, (!rows.is_empty()).then(|| payload(rows)))?;
    Ok(Receipt { seq })
}

/// Fills an entry up to its length with a last field of blanks; one that would pass the limit stays as it is.
fn pad(bytes: &mut Vec<u8>) {
    const FIELD: &[u8] = b",\"pad\":\"\"}";
    let least = bytes.len() + FIELD.len() - 1;
    let [.., longest] = LENGTHS;
    let length = LENGTHS.into_iter().find(|l| *l >= least).unwrap_or_else(|| least.next_multiple_of(longest));
    if length <= MOST_ENTRY_BYTES && bytes.pop() == Some(b'}') {
        bytes.extend_from_slice(b",\"pad\":\"");
        bytes.resize(length - 2, b' ');
        bytes.extend_from_slice(b"\"}");
    }
}

/// The states behind the digests of an entry: a JSON array in their order, each state word for word.
fn payload(rows: &[RowTouch]) -> Vec<u8> {
    let mut array = Vec::from(b"[");
    for (n, row) in rows.iter().enumerate() {
        array.extend_from_slice(if n == 0 { b"" } else { b"," });
        array.extend_from_slice(row.state.as_deref().unwrap_or("null").as_bytes());
    }
    array.push(b']');
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_fills_its_length_and_stays_what_it_says() {
        for (text, length) in [
            ("", 256),
            ("x", 256),
            (&*"长".repeat(300), 1024),
            (&*"y".repeat(4096), 8192),
            (&*"z".repeat(61_500), 65_535),
        ] {
            let mut bytes = serde_json::to_vec(&serde_json::json!({ "kind": text })).unwrap();
            let before = bytes.len();
            pad(&mut bytes);
            let read: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(read["kind"], text);
            // Where no length is left below the limit nothing is added.
            assert_eq!(bytes.len(), if length == 65_535 { before } else { length }, "{before}");
        }
    }

    #[test]
    fn a_length_is_never_missed_by_one() {
        for n in 200..260 {
            let mut bytes = serde_json::to_vec(&serde_json::json!({ "k": "x".repeat(n) })).unwrap();
            pad(&mut bytes);
            assert!(LENGTHS.contains(&bytes.len()), "{n}: {}", bytes.len());
            assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
        }
    }
}
