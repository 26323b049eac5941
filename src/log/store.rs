//! The log's own tables: entries, their subjects and payloads are written by [`record`](super::record()), the tree by
//! [`integrate`](super::integrate()), what witnesses say by [`Asker`](super::Asker). Nothing else writes them, and nothing
//! changes an entry, a leaf, a tile or a head once it is written (triggers hold that on both databases); a payload gives way
//! only to what [`erase`](super::erase()) leaves of it.

pub(super) mod audit;
pub(super) mod cosignatures;

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    TextExpressionMethods,
};

use super::{
    merkle::Hash,
    tiles::{FullTile, TileSource, WIDTH, tile_bytes, tile_hashes},
    timeline::EntryFilter,
};
use crate::{
    db::{
        Conn, Error, Result, Rx, Tx,
        gathered::Gathered,
        schema::{
            log_checkpoints, log_entries, log_leaves, log_payloads, log_queue, log_state, log_subjects, log_tiles,
        },
    },
    each_backend, insert_some,
    kernel::Timestamp,
};

/// An entry. As a struct without defaults, like those after it: of values that might be left out SQLite would get one
/// statement each, in a savepoint.
#[derive(Insertable)]
#[diesel(table_name = log_entries, treat_none_as_default_value = false)]
pub(super) struct NewEntry {
    /// Its number in the order of writing.
    pub seq: i64,
    pub kind: String,
    pub at: i64,
    pub scope: String,
    pub actor: String,
    /// The canonical bytes, hashed as they are stored here.
    pub bytes: Vec<u8>,
}

/// An entry waits for its place in the tree.
#[derive(Insertable)]
#[diesel(table_name = log_queue, treat_none_as_default_value = false)]
struct Queued {
    seq: i64,
}

/// What the digests of an entry stand for.
#[derive(Insertable)]
#[diesel(table_name = log_payloads, treat_none_as_default_value = false)]
struct NewPayload {
    seq: i64,
    states: Vec<u8>,
}

/// A record that an entry belongs to.
#[derive(Insertable)]
#[diesel(table_name = log_subjects, treat_none_as_default_value = false)]
struct NewSubject {
    subject: String,
    seq: i64,
}

/// What is written of entries, with their payloads and subjects.
#[derive(Default)]
struct NewEntries {
    entries: Vec<NewEntry>,
    payloads: Vec<NewPayload>,
    subjects: Vec<NewSubject>,
}

impl Gathered for NewEntries {
    fn tables(&self) -> &'static [&'static str] {
        &["log_entries", "log_queue", "log_payloads", "log_subjects"]
    }
    fn write(&self, conn: &mut Conn) -> Result<()> {
        let queue: Vec<Queued> = self.entries.iter().map(|entry| Queued { seq: entry.seq }).collect();
        insert_some!(conn, log_entries::table, &self.entries);
        insert_some!(conn, log_queue::table, &queue);
        insert_some!(conn, log_payloads::table, &self.payloads);
        insert_some!(conn, log_subjects::table, &self.subjects);
        Ok(())
    }
}

/// Appends an entry with what its digests stand for, and queues it for its place in the tree.
pub(super) fn append(tx: &mut Tx<'_>, new: NewEntry, states: Option<Vec<u8>>) -> Result<()> {
    let gathered = tx.gather::<NewEntries>()?;
    gathered.payloads.extend(states.map(|states| NewPayload { seq: new.seq, states }));
    gathered.entries.push(new);
    Ok(())
}

/// The records an entry belongs to, for their timelines.
pub(super) fn insert_subjects(tx: &mut Tx<'_>, seq: i64, subjects: Vec<String>) -> Result<()> {
    let subjects = subjects.into_iter().map(|subject| NewSubject { subject, seq });
    tx.gather::<NewEntries>()?.subjects.extend(subjects);
    Ok(())
}

/// What is left of a payload after an erasure; a trigger refuses every other change.
pub(super) fn replace_payload(tx: &mut Tx<'_>, seq: i64, states: &[u8]) -> Result<()> {
    diesel::update(log_payloads::table.filter(log_payloads::seq.eq(seq)))
        .set(log_payloads::states.eq(states))
        .execute(tx.bookkeeping())?;
    Ok(())
}

/// The payload of an entry.
///
/// No scope: for `verify` and `rebuild`, which the operator and auditors call.
pub(super) fn find_payload(rx: &mut Rx<'_>, seq: i64) -> Result<Option<Vec<u8>>> {
    Ok(log_payloads::table
        .filter(log_payloads::seq.eq(seq))
        .select(log_payloads::states)
        .first(rx.conn())
        .optional()?)
}

/// A place in the tree or a size, as the columns hold it.
pub(super) fn column(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::Internal(format!("log: {number} does not fit its column")))
}

pub(super) fn number(column: i64) -> Result<u64> {
    u64::try_from(column).map_err(|_| Error::Internal(format!("log: {column} where a place in the tree should stand")))
}

fn hash(bytes: &[u8]) -> Result<Hash> {
    Hash::from_slice(bytes).ok_or_else(|| Error::Internal("log: a stored hash does not have 32 bytes".into()))
}

/// Locks the tree for the one who lets it grow and says how many entries it has.
pub(super) fn lock_size(tx: &mut Tx<'_>) -> Result<u64> {
    tx.lock_row("log_state", "id", "log")?;
    size(tx)
}

/// How many entries have a place in the tree. No scope: a number.
pub(super) fn size(rx: &mut Rx<'_>) -> Result<u64> {
    number(log_state::table.select(log_state::size).filter(log_state::id.eq("log")).first(rx.conn())?)
}

pub(super) fn set_size(tx: &mut Tx<'_>, size: u64) -> Result<()> {
    diesel::update(log_state::table.filter(log_state::id.eq("log")))
        .set(log_state::size.eq(column(size)?))
        .execute(tx.bookkeeping())?;
    Ok(())
}

/// No scope: yes or no.
pub(super) fn is_anything_queued(rx: &mut Rx<'_>) -> Result<bool> {
    let first: Option<i64> = log_queue::table.select(log_queue::seq).first(rx.conn()).optional()?;
    Ok(first.is_some())
}

/// The next entries without a place, in the order of writing: number and bytes. No scope: for the tree.
pub(super) fn queued(rx: &mut Rx<'_>, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    Ok(log_queue::table
        .inner_join(log_entries::table.on(log_entries::seq.eq(log_queue::seq)))
        .select((log_entries::seq, log_entries::bytes))
        .order(log_queue::seq)
        .limit(limit)
        .load(rx.conn())?)
}

/// Gives entries their places from `first` on and takes them out of the queue.
pub(super) fn place(tx: &mut Tx<'_>, first: u64, leaves: &[(i64, Hash)]) -> Result<()> {
    let first = column(first)?;
    let rows: Vec<_> = leaves
        .iter()
        .zip(first..)
        .map(|((seq, hash), idx)| {
            (log_leaves::idx.eq(idx), log_leaves::seq.eq(*seq), log_leaves::leaf_hash.eq(hash.0.to_vec()))
        })
        .collect();
    each_backend!(tx.bookkeeping(), |c| diesel::insert_into(log_leaves::table).values(&rows).execute(c))?;
    let seqs: Vec<i64> = leaves.iter().map(|(seq, _)| *seq).collect();
    diesel::delete(log_queue::table.filter(log_queue::seq.eq_any(seqs))).execute(tx.bookkeeping())?;
    Ok(())
}

pub(super) fn insert_tile(tx: &mut Tx<'_>, tile: &FullTile) -> Result<()> {
    diesel::insert_into(log_tiles::table)
        .values((
            log_tiles::level.eq(i32::from(tile.level)),
            log_tiles::n.eq(column(tile.index)?),
            log_tiles::root.eq(tile.root.0.to_vec()),
            log_tiles::bytes.eq(tile_bytes(&tile.hashes)),
        ))
        .execute(tx.bookkeeping())?;
    Ok(())
}

pub(super) fn insert_checkpoint(tx: &mut Tx<'_>, size: u64, root: &Hash, note: &str) -> Result<()> {
    diesel::insert_into(log_checkpoints::table)
        .values((
            log_checkpoints::size.eq(column(size)?),
            log_checkpoints::root.eq(root.0.to_vec()),
            log_checkpoints::note.eq(note),
        ))
        .execute(tx.bookkeeping())?;
    Ok(())
}

/// The newest signed head: its size and its note. No scope: published.
pub(super) fn last_checkpoint(rx: &mut Rx<'_>) -> Result<Option<(u64, String)>> {
    let row: Option<(i64, String)> = log_checkpoints::table
        .select((log_checkpoints::size, log_checkpoints::note))
        .order(log_checkpoints::size.desc())
        .first(rx.conn())
        .optional()?;
    row.map(|(size, note)| Ok((number(size)?, note))).transpose()
}

/// The note of the signed head of this size, with the log's signature alone. No scope: published.
pub(super) fn checkpoint(rx: &mut Rx<'_>, size: u64) -> Result<Option<String>> {
    let at = log_checkpoints::size.eq(column(size)?);
    Ok(log_checkpoints::table.select(log_checkpoints::note).filter(at).first(rx.conn()).optional()?)
}

/// The first signed head over this entry, with the log's signature alone. No scope: published.
pub(super) fn first_checkpoint_over(rx: &mut Rx<'_>, index: u64) -> Result<Option<(u64, String)>> {
    let row: Option<(i64, String)> = log_checkpoints::table
        .filter(log_checkpoints::size.gt(column(index)?))
        .select((log_checkpoints::size, log_checkpoints::note))
        .order(log_checkpoints::size)
        .first(rx.conn())
        .optional()?;
    row.map(|(size, note)| Ok((number(size)?, note))).transpose()
}

/// The tree's hashes as the database holds them: full tiles as rows, partial ones from leaves or from the roots below.
pub(super) struct StoredTiles<'a, 'c>(pub &'a mut Rx<'c>);

impl TileSource for StoredTiles<'_, '_> {
    type Error = Error;

    fn hashes(&mut self, level: u8, index: u64, width: u64) -> Result<Vec<Hash>> {
        let (level, n) = (i32::from(level), column(index)?);
        let first = column(index.saturating_mul(WIDTH))?;
        let past = first.saturating_add(column(width)?);
        let full: Option<Vec<u8>> = log_tiles::table
            .select(log_tiles::bytes)
            .filter(log_tiles::level.eq(level))
            .filter(log_tiles::n.eq(n))
            .first(self.0.conn())
            .optional()?;
        if let Some(bytes) = full {
            let mut hashes = tile_hashes(&bytes)
                .ok_or_else(|| Error::Internal(format!("log_tiles {level}/{n} is no row of hashes")))?;
            hashes.truncate(usize::try_from(width).unwrap_or(usize::MAX));
            return Ok(hashes);
        }
        let hashes: Vec<Vec<u8>> = if level == 0 {
            log_leaves::table
                .select(log_leaves::leaf_hash)
                .filter(log_leaves::idx.ge(first))
                .filter(log_leaves::idx.lt(past))
                .order(log_leaves::idx)
                .load(self.0.conn())?
        } else {
            log_tiles::table
                .select(log_tiles::root)
                .filter(log_tiles::level.eq(level - 1))
                .filter(log_tiles::n.ge(first))
                .filter(log_tiles::n.lt(past))
                .order(log_tiles::n)
                .load(self.0.conn())?
        };
        hashes.iter().map(|bytes| hash(bytes)).collect()
    }
}

/// The bytes of the entries at `first .. first + count`, as many as have a place. No scope: published.
pub(super) fn placed_entries(rx: &mut Rx<'_>, first: u64, count: u64) -> Result<Vec<Vec<u8>>> {
    let first = column(first)?;
    Ok(log_leaves::table
        .inner_join(log_entries::table.on(log_entries::seq.eq(log_leaves::seq)))
        .select(log_entries::bytes)
        .filter(log_leaves::idx.ge(first))
        .filter(log_leaves::idx.lt(first.saturating_add(column(count)?)))
        .order(log_leaves::idx)
        .load(rx.conn())?)
}

/// The entries of these kinds among those with a place in `from .. until`, in the order of their places. Of all others the kind
/// alone is looked at. No scope: published.
pub(super) fn placed_of_kinds(rx: &mut Rx<'_>, from: u64, until: u64, kinds: &[&str]) -> Result<Vec<FoundEntry>> {
    let wanted: Vec<i64> = log_leaves::table
        .inner_join(log_entries::table.on(log_entries::seq.eq(log_leaves::seq)))
        .select(log_leaves::seq)
        .filter(log_leaves::idx.ge(column(from)?))
        .filter(log_leaves::idx.lt(column(until)?))
        .filter(log_entries::kind.eq_any(kinds))
        .load(rx.conn())?;
    Ok(log_entries::table
        .inner_join(log_leaves::table.on(log_leaves::seq.eq(log_entries::seq)))
        .select((log_entries::seq, log_leaves::idx.nullable(), log_entries::bytes))
        .filter(log_entries::seq.eq_any(wanted))
        .order(log_leaves::idx)
        .load(rx.conn())?)
}

/// An entry with its place: number, place, bytes.
pub(super) type FoundEntry = (i64, Option<i64>, Vec<u8>);

/// The entry of this number. No scope: published.
pub(super) fn find_entry(rx: &mut Rx<'_>, seq: i64) -> Result<Option<FoundEntry>> {
    Ok(log_entries::table
        .left_join(log_leaves::table.on(log_leaves::seq.eq(log_entries::seq)))
        .select((log_entries::seq, log_leaves::idx.nullable(), log_entries::bytes))
        .filter(log_entries::seq.eq(seq))
        .first(rx.conn())
        .optional()?)
}

/// The newest entry about `subject`, of these kinds if any are given. No scope: published.
pub(super) fn newest(rx: &mut Rx<'_>, subject: &str, kinds: &[&str]) -> Result<Option<FoundEntry>> {
    let about = log_subjects::table.inner_join(log_entries::table.on(log_entries::seq.eq(log_subjects::seq)));
    let mut query = about.select(log_subjects::seq).filter(log_subjects::subject.eq(subject)).into_boxed();
    if !kinds.is_empty() {
        query = query.filter(log_entries::kind.eq_any(kinds));
    }
    let seq: Option<i64> = query.order(log_subjects::seq.desc()).first(rx.conn()).optional()?;
    seq.map_or(Ok(None), |seq| find_entry(rx, seq))
}

/// The numbers of the entries about any of `subjects`, the newest first. No scope: published.
pub(super) fn entries_about(rx: &mut Rx<'_>, subjects: &[String]) -> Result<Vec<i64>> {
    let about = log_subjects::table.filter(log_subjects::subject.eq_any(subjects)).select(log_subjects::seq).distinct();
    Ok(about.order(log_subjects::seq.desc()).load(rx.conn())?)
}

/// Entries that one transaction may have written after its first.
const MOST_PARTS: i64 = 5_000;

/// The parts that follow an entry: of its kind and its moment, with no subjects of their own. No scope: published.
pub(super) fn following_parts(rx: &mut Rx<'_>, seq: i64, kind: &str, at: Timestamp) -> Result<Vec<FoundEntry>> {
    let own = log_subjects::table.select(log_subjects::seq).filter(log_subjects::seq.gt(seq));
    Ok(log_entries::table
        .left_join(log_leaves::table.on(log_leaves::seq.eq(log_entries::seq)))
        .select((log_entries::seq, log_leaves::idx.nullable(), log_entries::bytes))
        .filter(log_entries::seq.gt(seq))
        .filter(log_entries::seq.le(seq.saturating_add(MOST_PARTS)))
        .filter(log_entries::kind.eq(kind))
        .filter(log_entries::at.eq(at.0))
        .filter(log_entries::seq.ne_all(own))
        .order(log_entries::seq)
        .load(rx.conn())?)
}

/// Digits of a village's region code.
const ONE_VILLAGE: usize = 12;

/// Entries of the scope codes `range.0 .. range.1` that the filter wants, beyond the number `after` in its direction.
///
/// No scope: `log` stands before `access`, so a scope comes as its range.
pub(super) fn list_entries(
    rx: &mut Rx<'_>,
    range: &(String, String),
    filter: &EntryFilter,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<FoundEntry>> {
    let mut query = log_entries::table.select(log_entries::seq).limit(limit).into_boxed();
    // One village is found by its index. Over many, that index would bring all their entries to be sorted for one page:
    // what is no bare column is not looked up in it, and the list is walked from its end instead.
    query = if range.0.len() >= ONE_VILLAGE {
        query.filter(log_entries::scope.ge(&range.0)).filter(log_entries::scope.lt(&range.1))
    } else {
        let scope = || log_entries::scope.concat("");
        query.filter(scope().ge(&range.0)).filter(scope().lt(&range.1))
    };
    if !filter.subjects.is_empty() {
        let about = log_subjects::table.filter(log_subjects::subject.eq_any(&filter.subjects));
        query = query.filter(log_entries::seq.eq_any(about.select(log_subjects::seq)));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(log_entries::kind.eq_any(&filter.kinds));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(log_entries::actor.eq(actor));
    }
    if let Some(from) = filter.from {
        query = query.filter(log_entries::at.ge(from.0));
    }
    if let Some(until) = filter.until {
        query = query.filter(log_entries::at.lt(until.0));
    }
    query = match (filter.oldest_first, after) {
        (true, None) => query.order(log_entries::seq),
        (true, Some(after)) => query.filter(log_entries::seq.gt(after)).order(log_entries::seq),
        (false, None) => query.order(log_entries::seq.desc()),
        (false, Some(after)) => query.filter(log_entries::seq.lt(after)).order(log_entries::seq.desc()),
    };
    let wanted: Vec<i64> = query.load(rx.conn())?;
    let mut found: Vec<FoundEntry> = log_entries::table
        .left_join(log_leaves::table.on(log_leaves::seq.eq(log_entries::seq)))
        .select((log_entries::seq, log_leaves::idx.nullable(), log_entries::bytes))
        .filter(log_entries::seq.eq_any(wanted))
        .order(log_entries::seq)
        .load(rx.conn())?;
    if !filter.oldest_first {
        found.reverse();
    }
    Ok(found)
}
