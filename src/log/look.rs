//! An entry by itself: everything `verify` can say of it without another row, so that one thread looks while another reads.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    erase::{ERASURE, erased_by},
    faults::Wrong,
    merkle::{Hash, leaf_hash},
    record::SUBJECTS_NAMED,
    store::audit::{BETWEEN, EntryRow, LeafRow},
    subject_sum::SubjectKey,
    timeline::{EntryOutline, Text},
};
use crate::db::digest;

/// A leaf and its entry.
pub(super) struct Leaf {
    pub idx: i64,
    pub seq: i64,
    /// As the table has it; `None` where that is no hash.
    pub stored: Option<Hash>,
    /// Of the entry's bytes; `None` where the entry is gone.
    pub computed: Option<Hash>,
    pub entry: Option<Entry>,
}

/// What an entry says, and what is wrong with it by itself.
#[derive(Default)]
pub(super) struct Entry {
    /// Table of the log and fault.
    pub faults: Vec<(&'static str, Wrong)>,
    /// Empty in a part after the first, which names none.
    pub subjects: Named,
    /// [`short`] of table and key, with the digest; `None`: the row was removed.
    pub rows: Vec<([u8; 16], Option<[u8; 32]>)>,
    /// Whether it erases its rows.
    pub erases: bool,
    /// Rows whose kept state was erased, and the later entry that is said to have done it.
    pub erased: Vec<([u8; 16], i64)>,
}

/// The subjects that an entry names.
pub(super) enum Named {
    /// All that it has: how many, and what their pairs with the entry weigh.
    All { sum: u128, first: Option<String> },
    /// It may have more than those.
    Some(Vec<String>),
}

impl Default for Named {
    fn default() -> Named {
        Named::All { sum: 0, first: None }
    }
}

/// 128 bits that stand for two texts.
pub(super) fn short(first: &str, second: &str) -> [u8; 16] {
    let hash = Sha256::new_with_prefix(first).chain_update([0]).chain_update(second).finalize();
    hash.first_chunk().copied().unwrap_or_default()
}

pub(super) fn leaf(row: &LeafRow, key: &SubjectKey) -> Leaf {
    Leaf {
        idx: row.idx,
        seq: row.seq,
        stored: Hash::from_slice(&row.leaf_hash),
        computed: row.entry.as_ref().map(|entry| leaf_hash(&entry.bytes)),
        entry: row.entry.as_ref().map(|found| {
            let columns = |outline: &EntryOutline| are_of(&found.names, outline) && found.at == outline.at.0;
            look(row.seq, &found.bytes, row.payload.as_deref(), key, columns)
        }),
    }
}

/// Whether kind, scope and actor, with [`BETWEEN`] between them, are those of the entry.
fn are_of(names: &str, entry: &EntryOutline) -> bool {
    let mut parts = names.split(BETWEEN);
    [&entry.kind, &entry.scope, &entry.actor].into_iter().all(|name| parts.next() == Some(name.as_ref()))
        && parts.next().is_none()
}

pub(super) fn entry(row: &EntryRow, payload: Option<&[u8]>, key: &SubjectKey) -> Entry {
    look(row.seq, &row.bytes, payload, key, |outline| {
        (row.kind.as_str(), row.at, row.scope.as_str(), row.actor.as_str())
            == (&*outline.kind, outline.at.0, &*outline.scope, &*outline.actor)
    })
}

fn look(
    seq: i64,
    bytes: &[u8],
    payload: Option<&[u8]>,
    key: &SubjectKey,
    columns_agree: impl FnOnce(&EntryOutline) -> bool,
) -> Entry {
    let Ok(outline) = serde_json::from_slice::<EntryOutline>(bytes) else {
        return Entry { faults: vec![("log_entries", Wrong::NotAnEntry)], ..Entry::default() };
    };
    let mut faults = Vec::new();
    if !columns_agree(&outline) {
        faults.push(("log_entries", Wrong::ColumnChanged));
    }
    let mut erased = Vec::new();
    let fault = fault_of_payload(seq, &outline, payload, &mut erased);
    faults.extend(fault.map(|what| ("log_payloads", what)));
    let mut rows = Vec::with_capacity(outline.rows.len());
    for (table, key, digest) in &outline.rows {
        match digest.as_deref().map(|text| URL_SAFE_NO_PAD.decode(text).map(<[u8; 32]>::try_from)) {
            None => rows.push((short(table, key), None)),
            Some(Ok(Ok(digest))) => rows.push((short(table, key), Some(digest))),
            Some(_) => faults.push(("log_entries", Wrong::DigestUnreadable)),
        }
    }
    let subjects = match outline.part {
        Some(_) => Named::default(),
        None if outline.subjects.len() >= SUBJECTS_NAMED => {
            Named::Some(outline.subjects.into_iter().map(Text::into_string).collect())
        }
        None => Named::All {
            sum: outline.subjects.iter().fold(0, |sum, subject| key.weight(subject, seq).wrapping_add(sum)),
            first: outline.subjects.into_iter().next().map(Text::into_string),
        },
    };
    Entry { faults, subjects, rows, erases: outline.kind == ERASURE, erased }
}

/// The kept states of an entry's rows against its digests; a state that was erased is for others to judge.
fn fault_of_payload(
    seq: i64,
    entry: &EntryOutline,
    payload: Option<&[u8]>,
    erased: &mut Vec<([u8; 16], i64)>,
) -> Option<Wrong> {
    let Some(payload) = payload else {
        return (!entry.rows.is_empty()).then_some(Wrong::PayloadGone);
    };
    let states: Vec<&RawValue> = serde_json::from_slice(payload).unwrap_or_default();
    let mut told =
        |((table, key, digested), state): (&(Text<'_>, Text<'_>, Option<Text<'_>>), &&RawValue)| match digested {
            Some(text) if **text == URL_SAFE_NO_PAD.encode(digest(table, state.get().as_bytes())) => true,
            Some(_) => {
                let by = erased_by(state.get()).filter(|by| *by > seq);
                erased.extend(by.map(|by| (short(table, key), by)));
                by.is_some()
            }
            None => state.get() == "null",
        };
    let same = states.len() == entry.rows.len() && entry.rows.iter().zip(&states).all(&mut told);
    (entry.rows.is_empty() || !same).then_some(Wrong::PayloadChanged)
}
