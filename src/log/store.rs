//! The only writer of `log_entries` and `log_subjects`: rows come in here and are never changed again (triggers hold that on
//! both databases).

use diesel::{ExpressionMethods, RunQueryDsl};

use crate::{
    db::{
        Result, Tx,
        schema::{log_entries, log_subjects},
    },
    kernel::Timestamp,
};

/// The columns of an entry beside its sequence number, which the database gives.
pub(super) struct NewEntry<'a> {
    pub kind: &'a str,
    pub at: Timestamp,
    pub scope: &'a str,
    pub actor: &'a str,
    /// The canonical bytes, hashed as they are stored here.
    pub bytes: &'a [u8],
}

/// Appends an entry and says where it stands in the order of writing.
pub(super) fn insert_entry(tx: &mut Tx<'_>, new: &NewEntry<'_>) -> Result<i64> {
    Ok(diesel::insert_into(log_entries::table)
        .values((
            log_entries::kind.eq(new.kind),
            log_entries::at.eq(new.at.0),
            log_entries::scope.eq(new.scope),
            log_entries::actor.eq(new.actor),
            log_entries::bytes.eq(new.bytes),
        ))
        .returning(log_entries::seq)
        .get_result(tx.bookkeeping())?)
}

/// The records an entry belongs to, for their timelines.
pub(super) fn insert_subjects(tx: &mut Tx<'_>, seq: i64, subjects: &[String]) -> Result<()> {
    for chunk in subjects.chunks(400) {
        let rows: Vec<_> = chunk.iter().map(|s| (log_subjects::subject.eq(s), log_subjects::seq.eq(seq))).collect();
        crate::each_backend!(tx.bookkeeping(), |c| diesel::insert_into(log_subjects::table).values(&rows).execute(c))?;
    }
    Ok(())
}
