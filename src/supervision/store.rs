//! The one row that says how the running verification stands: so that there is one at a time on however many servers.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use crate::db::{Result, Rx, Tx, schema::settings};

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
