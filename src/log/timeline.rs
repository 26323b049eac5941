//! Reading entries back: for an auditor's timeline of a record, and for whoever holds a receipt.

use std::{borrow::Cow, ops::Deref};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    merkle::{Hash, leaf_hash},
    store,
};
use crate::{
    db::{Error, Result, Rx, digest},
    kernel::{Page, PageRequest, Timestamp},
};

/// An entry as it was written, and where it stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntryView {
    /// Its number in the order of writing: `log_entry` of the answer that the change got.
    pub seq: i64,
    /// Its place in the tree; null for about a second after it was written.
    pub index: Option<i64>,
    /// What happened, `noun.past_tense`.
    pub kind: String,
    #[schema(value_type = String, example = "2026-03-02T09:30:00+08:00")]
    pub at: Timestamp,
    /// The account that did it, or `system`.
    pub actor: String,
    pub role: String,
    /// Region code of the collective concerned.
    pub scope: String,
    /// The records it belongs to, such as `lot/lot_0abc`.
    pub subjects: Vec<String>,
    /// Public facts.
    pub data: Value,
    /// The rows that changed, with the salted digests of their new state.
    pub rows: Vec<RowView>,
    /// Where its receipt is; null while it has no place.
    pub proof: Option<String>,
}

/// Which entries are wanted; what is left out does not restrict.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    /// Those about one of these records (`lot/lot_…`).
    pub subjects: Vec<String>,
    pub kinds: Vec<&'static str>,
    /// Those that this account did.
    pub actor: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// The newest come first unless this is set.
    pub oldest_first: bool,
}

/// A changed row.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RowView {
    pub table: String,
    pub key: String,
    /// base64url of the salted SHA-256; null where the row was removed.
    pub digest: Option<String>,
}

/// Where the newest word on a record stands: what its page and its paper point to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnRecord {
    pub seq: i64,
    /// `None` for about a second after it was written.
    pub index: Option<i64>,
    pub leaf: Hash,
}

/// The members of an entry's JSON, borrowed from its bytes: the reader's side of [`record`](super::record()).
#[derive(Deserialize)]
pub(super) struct EntryDocument {
    pub kind: String,
    pub at: Timestamp,
    pub actor: String,
    pub role: String,
    pub scope: String,
    pub subjects: Vec<String>,
    #[serde(default)]
    pub data: Value,
    pub rows: Vec<(String, String, Option<String>)>,
    #[serde(default)]
    pub part: Option<usize>,
}

/// What of an entry `verify` and `rebuild` look at: everything but its public facts, which are read in no other way than
/// as bytes. Its texts lie in the entry's bytes: a million entries are read without an allocation for each.
#[derive(Deserialize)]
pub(super) struct EntryOutline<'a> {
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    pub at: Timestamp,
    #[serde(borrow)]
    pub actor: Cow<'a, str>,
    #[serde(borrow)]
    pub scope: Cow<'a, str>,
    #[serde(borrow)]
    pub subjects: Vec<Text<'a>>,
    #[serde(borrow)]
    pub rows: Vec<(Text<'a>, Text<'a>, Option<Text<'a>>)>,
    pub part: Option<usize>,
}

/// A text of a list: serde lends a `Cow` only where it is asked to by its field.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

fn view(found: store::FoundEntry) -> Result<EntryView> {
    Ok(read(found)?.0)
}

/// An entry, and whether it goes on with rows of the one before it.
pub(super) fn read((seq, index, bytes): store::FoundEntry) -> Result<(EntryView, bool)> {
    let entry: EntryDocument =
        serde_json::from_slice(&bytes).map_err(|e| Error::Internal(format!("log entry {seq}: {e}")))?;
    let rows = entry.rows.into_iter().map(|(table, key, digest)| RowView { table, key, digest }).collect();
    let view = EntryView {
        seq,
        index,
        kind: entry.kind,
        at: entry.at,
        actor: entry.actor,
        role: entry.role,
        scope: entry.scope,
        subjects: entry.subjects,
        data: entry.data,
        rows,
        proof: index.map(|index| format!("/log/proof/{index}")),
    };
    Ok((view, entry.part.is_some()))
}

/// One entry by its number. Entries are public, as the tiles are.
pub fn find_entry(rx: &mut Rx<'_>, seq: i64) -> Result<Option<EntryView>> {
    Ok(find_stored(rx, seq)?.map(|(view, _)| view))
}

/// One entry by its number, and the bytes that were hashed.
pub fn find_stored(rx: &mut Rx<'_>, seq: i64) -> Result<Option<(EntryView, Vec<u8>)>> {
    let Some(found) = store::find_entry(rx, seq)? else { return Ok(None) };
    let bytes = found.2.clone();
    Ok(Some((view(found)?, bytes)))
}

/// The newest entry about a record (`lot/lot_…`), of these kinds if any are given.
pub fn newest(rx: &mut Rx<'_>, noun: &str, id: impl std::fmt::Display, kinds: &[&str]) -> Result<Option<OnRecord>> {
    let found = store::newest(rx, &format!("{noun}/{id}"), kinds)?;
    Ok(found.map(|(seq, index, bytes)| OnRecord { seq, index, leaf: leaf_hash(&bytes) }))
}

/// The newest word of the log on one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOnRecord {
    pub seq: i64,
    pub index: Option<i64>,
    /// As in [`RowView`].
    pub digest: Option<String>,
}

/// The newest entry about one of these subjects that names this row; a use case of many rows goes on in following parts.
pub fn newest_of_row(rx: &mut Rx<'_>, subjects: &[String], table: &str, key: &str) -> Result<Option<RowOnRecord>> {
    for seq in store::entries_about(rx, subjects)? {
        for entry in entry_in_parts(rx, seq)? {
            if let Some(row) = entry.rows.into_iter().find(|row| row.table == table && row.key == key) {
                return Ok(Some(RowOnRecord { seq: entry.seq, index: entry.index, digest: row.digest }));
            }
        }
    }
    Ok(None)
}

/// The keys of the rows of `table` that an entry and its parts name; none where there is no such entry.
pub fn rows_of_entry(rx: &mut Rx<'_>, seq: i64, table: &str) -> Result<Vec<String>> {
    let rows = entry_in_parts(rx, seq)?.into_iter().flat_map(|entry| entry.rows);
    Ok(rows.filter(|row| row.table == table).map(|row| row.key).collect())
}

fn entry_in_parts(rx: &mut Rx<'_>, seq: i64) -> Result<Vec<EntryView>> {
    let Some(first) = store::find_entry(rx, seq)? else { return Ok(Vec::new()) };
    let first = view(first)?;
    let parts = store::following_parts(rx, seq, &first.kind, first.at)?;
    std::iter::once(Ok(first)).chain(parts.into_iter().map(view)).collect()
}

/// What an entry says of a row in this state, as text.
pub fn digest_text(table: &str, state: &str) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, digest(table, state.as_bytes()))
}

/// The entries of scope codes `range.0 .. range.1` that `filter` wants.
pub fn list_entries(
    rx: &mut Rx<'_>,
    range: &(String, String),
    filter: &EntryFilter,
    page: &PageRequest,
) -> Result<Page<EntryView>> {
    // A cursor that is none begins at the beginning.
    let after = page.after.as_deref().and_then(|after| after.parse().ok());
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX).saturating_add(1);
    let found = store::list_entries(rx, range, filter, after, limit)?;
    let rows = found.into_iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(rows, page.limit(), |entry| entry.seq.to_string()))
}
