//! Looks at sealed values, and why: the only writer of `looks`.

use std::collections::HashMap;

use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl};
use serde::Serialize;

use super::Field;
use crate::{
    db::{Result, Rx, Salt, Tx, schema::looks},
    kernel::{Id, Timestamp},
    log::EntryView,
};

crate::text_column!(Field);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = looks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct LookRow {
    pub id: Id<LookRow>,
    pub person_id: String,
    /// Region code of the collective whose record it is.
    pub scope: String,
    pub account_id: String,
    pub field: Field,
    pub reason: String,
    pub at: Timestamp,
    pub salt: Salt,
}
crate::logged_table!(LookRow in looks, key id);

/// The reasons that belong to these entries, by the entry's number.
///
/// No scope: whoever may read the entry as an auditor, or is the person concerned, may read its reason.
pub fn reasons(rx: &mut Rx<'_>, entries: &[EntryView]) -> Result<HashMap<i64, String>> {
    let key_of = |entry: &EntryView| Some((entry.rows.iter().find(|r| r.table == "looks")?.key.clone(), entry.seq));
    let seqs: HashMap<String, i64> = entries.iter().filter_map(key_of).collect();
    let found: Vec<(String, String)> = looks::table
        .filter(looks::id.eq_any(seqs.keys().collect::<Vec<_>>()))
        .select((looks::id, looks::reason))
        .load(rx.conn())?;
    Ok(found.into_iter().filter_map(|(key, reason)| Some((*seqs.get(&key)?, reason))).collect())
}

/// Erases the reasons of all looks at a person: they may say what they were about.
pub fn erase_reasons(tx: &mut Tx<'_>, person: &str) -> Result<()> {
    let rows: Vec<LookRow> = looks::table.filter(looks::person_id.eq(person)).order(looks::id).load(tx.conn())?;
    for mut row in rows {
        row.reason = super::erased::ERASED_LABEL.to_owned();
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}
