//! What witnesses said, and who asks them.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, dsl::max};

use super::{column, number};
use crate::{
    db::{
        Result, Rx, Tx,
        schema::{log_cosignatures, log_witnessing},
    },
    kernel::Timestamp,
};

/// A row of `log_cosignatures`.
#[derive(Queryable)]
pub(in crate::log) struct CosignatureRow {
    pub size: i64,
    pub witness: String,
    pub at: i64,
    pub line: String,
}

/// Lines after one, in the order of the key. No scope: published.
pub(in crate::log) fn page(rx: &mut Rx<'_>, after: &(i64, String), limit: i64) -> Result<Vec<CosignatureRow>> {
    let (size, witness) = after;
    Ok(log_cosignatures::table
        .filter(log_cosignatures::size.ge(size))
        .filter(log_cosignatures::size.gt(size).or(log_cosignatures::witness.gt(witness)))
        .order((log_cosignatures::size, log_cosignatures::witness))
        .limit(limit)
        .load(rx.conn())?)
}

/// The lines under the head of this size, in the order of the keys. No scope: published.
pub(in crate::log) fn lines(rx: &mut Rx<'_>, size: u64) -> Result<Vec<String>> {
    Ok(log_cosignatures::table
        .select(log_cosignatures::line)
        .filter(log_cosignatures::size.eq(column(size)?))
        .order(log_cosignatures::witness)
        .load(rx.conn())?)
}

/// The size of the largest head that the witness with this key cosigned, and when. No scope: published.
pub(in crate::log) fn last_of(rx: &mut Rx<'_>, witness: &str) -> Result<Option<(u64, Timestamp)>> {
    let last: Option<(i64, i64)> = log_cosignatures::table
        .select((log_cosignatures::size, log_cosignatures::at))
        .filter(log_cosignatures::witness.eq(witness))
        .order(log_cosignatures::size.desc())
        .first(rx.conn())
        .optional()?;
    last.map(|(size, at)| Ok((number(size)?, Timestamp(at)))).transpose()
}

/// The size of the largest head that anybody cosigned. No scope: published.
pub(in crate::log) fn largest(rx: &mut Rx<'_>) -> Result<Option<u64>> {
    let largest: Option<i64> = log_cosignatures::table.select(max(log_cosignatures::size)).first(rx.conn())?;
    largest.map(number).transpose()
}

/// Keeps a line; the first one of a witness under a head stays.
pub(in crate::log) fn insert(tx: &mut Tx<'_>, size: u64, witness: &str, at: Timestamp, line: &str) -> Result<()> {
    let size = column(size)?;
    let known: i64 = log_cosignatures::table
        .filter(log_cosignatures::size.eq(size))
        .filter(log_cosignatures::witness.eq(witness))
        .count()
        .get_result(tx.conn())?;
    if known == 0 {
        diesel::insert_into(log_cosignatures::table)
            .values((
                log_cosignatures::size.eq(size),
                log_cosignatures::witness.eq(witness),
                log_cosignatures::at.eq(at.0),
                log_cosignatures::line.eq(line),
            ))
            .execute(tx.bookkeeping())?;
    }
    Ok(())
}

/// Who may ask the witnesses, and until when. No scope: of the program itself.
pub(in crate::log) fn asker(rx: &mut Rx<'_>) -> Result<(String, Timestamp)> {
    let (asker, until) =
        log_witnessing::table.select((log_witnessing::asker, log_witnessing::until)).first(rx.conn())?;
    Ok((asker, Timestamp(until)))
}

/// [`asker`], with nobody else deciding at the same time.
pub(in crate::log) fn lock_asker(tx: &mut Tx<'_>) -> Result<(String, Timestamp)> {
    tx.lock_row("log_witnessing", "id", "log")?;
    asker(tx)
}

pub(in crate::log) fn set_asker(tx: &mut Tx<'_>, asker: &str, until: Timestamp) -> Result<()> {
    diesel::update(log_witnessing::table)
        .set((log_witnessing::asker.eq(asker), log_witnessing::until.eq(until.0)))
        .execute(tx.bookkeeping())?;
    Ok(())
}

/// The size of the largest head that had its quorum when its last line came. A hint: whoever uses it checks the lines by the
/// policy of today. No scope: a number.
pub(in crate::log) fn witnessed(rx: &mut Rx<'_>) -> Result<Option<u64>> {
    let size: i64 = log_witnessing::table.select(log_witnessing::witnessed).first(rx.conn())?;
    Ok(u64::try_from(size).ok())
}

pub(in crate::log) fn set_witnessed(tx: &mut Tx<'_>, size: u64) -> Result<()> {
    let size = column(size)?;
    diesel::update(log_witnessing::table.filter(log_witnessing::witnessed.lt(size)))
        .set(log_witnessing::witnessed.eq(size))
        .execute(tx.bookkeeping())?;
    Ok(())
}
