//! The log's tables as they are, for `verify`: nothing here trusts a row.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    QueryResult, Queryable, RunQueryDsl, TextExpressionMethods, connection::DefaultLoadingMode,
};

use crate::{
    db::{
        Result, Rx,
        schema::{log_checkpoints, log_entries, log_leaves, log_payloads, log_queue, log_subjects, log_tiles},
    },
    each_backend,
};

/// A row of `log_checkpoints`.
#[derive(Queryable)]
pub(in crate::log) struct CheckpointRow {
    pub size: i64,
    pub root: Vec<u8>,
    pub note: String,
}

/// A row of `log_entries`.
#[derive(Queryable)]
pub(in crate::log) struct EntryRow {
    pub seq: i64,
    pub kind: String,
    pub at: i64,
    pub scope: String,
    pub actor: String,
    pub bytes: Vec<u8>,
}

/// The columns of an entry beside its bytes, as one text: columns cost more than text where a million rows are read.
///
/// A text with exactly two of [`BETWEEN`] was made of columns without any, so it stands for one kind, scope and actor only.
pub(in crate::log) const BETWEEN: char = '\u{1f}';

/// A row of `log_leaves` with its entry, where that is there.
#[derive(Queryable)]
pub(in crate::log) struct LeafRow {
    pub idx: i64,
    pub seq: i64,
    pub leaf_hash: Vec<u8>,
    pub entry: Option<EntryOfLeaf>,
    pub payload: Option<Vec<u8>>,
}

/// What stands in the entry's row.
#[derive(Queryable)]
pub(in crate::log) struct EntryOfLeaf {
    /// Kind, scope and actor with [`BETWEEN`] between them.
    pub names: String,
    pub at: i64,
    pub bytes: Vec<u8>,
}

/// A row of `log_entries` without a leaf.
#[derive(Queryable)]
pub(in crate::log) struct UnplacedRow {
    pub entry: EntryRow,
    pub payload: Option<Vec<u8>>,
    /// Its number, where it is queued for a leaf.
    pub queued: Option<i64>,
}

/// Signed heads above a size, upwards. No scope: published.
pub(in crate::log) fn checkpoints(rx: &mut Rx<'_>, above: i64, limit: i64) -> Result<Vec<CheckpointRow>> {
    Ok(log_checkpoints::table
        .filter(log_checkpoints::size.gt(above))
        .order(log_checkpoints::size)
        .limit(limit)
        .load(rx.conn())?)
}

/// The leaves `from .. past`, each as `look` makes it from its row. No scope: published.
pub(in crate::log) fn leaves<T>(
    rx: &mut Rx<'_>,
    from: i64,
    past: i64,
    mut look: impl FnMut(&LeafRow) -> T,
) -> Result<Vec<T>> {
    let (one, other) = (BETWEEN.to_string(), BETWEEN.to_string());
    let names = log_entries::kind.concat(one).concat(log_entries::scope).concat(other).concat(log_entries::actor);
    let query = log_leaves::table
        .left_join(log_entries::table.on(log_entries::seq.eq(log_leaves::seq)))
        .left_join(log_payloads::table.on(log_payloads::seq.eq(log_leaves::seq)))
        .select((
            log_leaves::idx,
            log_leaves::seq,
            log_leaves::leaf_hash,
            (names, log_entries::at, log_entries::bytes).nullable(),
            log_payloads::states.nullable(),
        ))
        .filter(log_leaves::idx.ge(from))
        .filter(log_leaves::idx.lt(past))
        .order(log_leaves::idx);
    let looked = |row: QueryResult<LeafRow>| Ok(look(&row?));
    each_backend!(rx.conn(), |c| query.load_iter::<LeafRow, DefaultLoadingMode>(c)?.map(looked).collect())
}

/// How many leaves there are. No scope: a number.
pub(in crate::log) fn leaf_count(rx: &mut Rx<'_>) -> Result<u64> {
    let count: i64 = log_leaves::table.count().get_result(rx.conn())?;
    Ok(count.unsigned_abs())
}

/// How many entries there are. No scope: a number.
pub(in crate::log) fn entry_count(rx: &mut Rx<'_>) -> Result<u64> {
    let count: i64 = log_entries::table.count().get_result(rx.conn())?;
    Ok(count.unsigned_abs())
}

/// Places of leaves that a tree of `size` does not have. No scope: numbers.
pub(in crate::log) fn leaves_outside(rx: &mut Rx<'_>, size: i64) -> Result<Vec<i64>> {
    Ok(log_leaves::table
        .select(log_leaves::idx)
        .filter(log_leaves::idx.lt(0).or(log_leaves::idx.ge(size)))
        .order(log_leaves::idx)
        .load(rx.conn())?)
}

/// Root and hashes of a full tile. No scope: published.
pub(in crate::log) fn tile(rx: &mut Rx<'_>, level: i32, n: i64) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    Ok(log_tiles::table
        .select((log_tiles::root, log_tiles::bytes))
        .filter(log_tiles::level.eq(level))
        .filter(log_tiles::n.eq(n))
        .first(rx.conn())
        .optional()?)
}

/// Level and number of every stored tile. No scope: numbers.
pub(in crate::log) fn tile_keys(rx: &mut Rx<'_>) -> Result<Vec<(i32, i64)>> {
    Ok(log_tiles::table
        .select((log_tiles::level, log_tiles::n))
        .order((log_tiles::level, log_tiles::n))
        .load(rx.conn())?)
}

/// Every entry in the order of writing, placed or not, a page at a time. No scope: for `verify` and `rebuild`.
pub(in crate::log) fn each_entry(rx: &mut Rx<'_>, mut look: impl FnMut(EntryRow) -> Result<()>) -> Result<()> {
    let mut above = i64::MIN;
    loop {
        let page: Vec<EntryRow> =
            log_entries::table.filter(log_entries::seq.gt(above)).order(log_entries::seq).limit(256).load(rx.conn())?;
        let Some(last) = page.last() else { return Ok(()) };
        above = last.seq;
        page.into_iter().try_for_each(&mut look)?;
    }
}

/// Payloads of entries that name no row, or are gone. No scope: numbers.
pub(in crate::log) fn payloads_of_nothing(rx: &mut Rx<'_>) -> Result<Vec<i64>> {
    Ok(log_payloads::table
        .left_join(log_entries::table.on(log_entries::seq.eq(log_payloads::seq)))
        .filter(log_entries::seq.nullable().is_null())
        .select(log_payloads::seq)
        .order(log_payloads::seq)
        .load(rx.conn())?)
}

/// Entries without a leaf above a number, upwards. No scope: for `verify`.
pub(in crate::log) fn unplaced(rx: &mut Rx<'_>, above: i64, limit: i64) -> Result<Vec<UnplacedRow>> {
    Ok(log_entries::table
        .left_join(log_leaves::table.on(log_leaves::seq.eq(log_entries::seq)))
        .left_join(log_queue::table.on(log_queue::seq.eq(log_entries::seq)))
        .left_join(log_payloads::table.on(log_payloads::seq.eq(log_entries::seq)))
        .filter(log_leaves::idx.nullable().is_null())
        .filter(log_entries::seq.gt(above))
        .order(log_entries::seq)
        .select((log_entries::all_columns, log_payloads::states.nullable(), log_queue::seq.nullable()))
        .limit(limit)
        .load(rx.conn())?)
}

/// Queued numbers that need no place: their entry is gone, or has one. No scope: numbers.
pub(in crate::log) fn queued_for_nothing(rx: &mut Rx<'_>) -> Result<Vec<i64>> {
    Ok(log_queue::table
        .left_join(log_entries::table.on(log_entries::seq.eq(log_queue::seq)))
        .left_join(log_leaves::table.on(log_leaves::seq.eq(log_queue::seq)))
        .filter(log_entries::seq.nullable().is_null().or(log_leaves::idx.nullable().is_not_null()))
        .select(log_queue::seq)
        .order(log_queue::seq)
        .load(rx.conn())?)
}

/// Rows of `log_subjects` after one and before a subject, in the order of the key. No scope: for `verify`.
pub(in crate::log) fn subjects(
    rx: &mut Rx<'_>,
    after: &(String, i64),
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<(String, i64)>> {
    let (subject, seq) = after;
    // The first condition is where the index begins to read; an OR alone would read it from its beginning each time.
    let from = log_subjects::table
        .filter(log_subjects::subject.ge(subject))
        .filter(log_subjects::subject.gt(subject).or(log_subjects::seq.gt(seq)))
        .order((log_subjects::subject, log_subjects::seq))
        .limit(limit);
    Ok(match before {
        Some(before) => {
            let part = from.filter(log_subjects::subject.lt(before));
            each_backend!(rx.conn(), |c| part.load(c))?
        }
        None => each_backend!(rx.conn(), |c| from.load(c))?,
    })
}
