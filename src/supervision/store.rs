//! The one row that says how the running verification stands, so that there is one at a time on however many servers; and
//! the signed reports of those that came to their end, each under the SHA-256 that its entry in the log names.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use crate::db::{
    Result, Rx, Tx,
    schema::{settings, verification_reports},
};

const NAME: &str = "verification";

/// What was written last. No scope: a state of the program.
pub(super) fn find_run(rx: &mut Rx<'_>) -> Result<Option<String>> {
    let value = settings::table.select(settings::value).filter(settings::name.eq(NAME));
    Ok(value.first(rx.conn()).optional()?)
}

/// Locks the row, where there is one.
pub(super) fn lock_run(tx: &mut Tx<'_>) -> Result<()> {
    tx.lock_row("settings", "name", NAME)
}

/// Writes how it stands.
pub(super) fn put_run(tx: &mut Tx<'_>, value: &str) -> Result<()> {
    let row = settings::table.filter(settings::name.eq(NAME));
    let changed = diesel::update(row).set(settings::value.eq(value)).execute(tx.bookkeeping())?;
    if changed == 0 {
        diesel::insert_into(settings::table)
            .values((settings::name.eq(NAME), settings::value.eq(value)))
            .execute(tx.bookkeeping())?;
    }
    Ok(())
}

/// The report with this SHA-256. No scope: whoever asks has found the hash in an entry of theirs.
pub(super) fn find_report(rx: &mut Rx<'_>, sha256: &str) -> Result<Option<String>> {
    let note = verification_reports::table.select(verification_reports::note);
    Ok(note.filter(verification_reports::sha256.eq(sha256)).first(rx.conn()).optional()?)
}

/// Keeps a report.
pub(super) fn insert_report(tx: &mut Tx<'_>, sha256: &str, note: &str) -> Result<()> {
    diesel::insert_into(verification_reports::table)
        .values((verification_reports::sha256.eq(sha256), verification_reports::note.eq(note)))
        .execute(tx.bookkeeping())?;
    Ok(())
}
