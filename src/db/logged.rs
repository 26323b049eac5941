//! Rows whose every state is in the transparency log.
//!
//! A logged row's struct lists all its columns in table order. Its state is the struct as JSON, its digest SHA-256 over the
//! table's name and the state, both made once at the time of the change: the digest stands in the published entry, the state
//! beside it in `log_payloads`. `verify` reads the rows again through the same struct and compares; `rebuild` folds the
//! tables out of the states. Each row carries a random `salt`, so that a published digest tells nothing about low-entropy
//! columns such as a name or a birthday (LOG-12).

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Result, Rx};

/// 128 random bits in a row, as text. Made by `Salt::fresh()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Salt(pub String);

/// The new state of one row, on its way into the next entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowTouch {
    pub table: &'static str,
    pub key: String,
    /// JSON; `None`: the row was removed.
    pub state: Option<String>,
}

/// SHA-256(table name, 0, state).
pub fn digest(table: &str, state: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix(table).chain_update([0]).chain_update(state).finalize().into()
}

/// A row struct of a logged table; implemented by [`logged_table!`](crate::logged_table).
pub trait LoggedRow: Serialize {
    const TABLE: &'static str;
    fn key(&self) -> String;

    /// The row as JSON.
    fn state(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|e| super::Error::Internal(format!("row as JSON: {e}")))
    }

    fn touched(&self) -> Result<RowTouch> {
        Ok(RowTouch { table: Self::TABLE, key: self.key(), state: Some(self.state()?) })
    }
}

/// Writes `rows` while a second thread makes their states ready: of an import each is a good part of the work.
pub(crate) fn touched_meanwhile<R: LoggedRow + Sync>(
    rows: &[R],
    write: impl FnOnce() -> Result<()>,
) -> Result<Vec<RowTouch>> {
    /// Below this the thread costs more than it saves.
    const MANY: usize = 1000;
    let touches = || rows.iter().map(LoggedRow::touched).collect::<Result<Vec<_>>>();
    if rows.len() < MANY {
        write()?;
        return touches();
    }
    std::thread::scope(|scope| {
        let touches = scope.spawn(touches);
        let written = write();
        let touches = touches.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        written.and(touches)
    })
}

/// Rows with their keys.
pub(crate) fn keyed<R: LoggedRow>(rows: Vec<R>) -> Vec<(String, Option<R>)> {
    rows.into_iter().map(|row| (row.key(), Some(row))).collect()
}

pub(crate) fn states<R: LoggedRow>(rows: Vec<(String, Option<R>)>) -> Result<Vec<RowState>> {
    rows.into_iter().map(|(key, row)| Ok((key, row.map(|row| row.state()).transpose()?))).collect()
}

/// A row's key, and its state as it stands now; `None` where a column holds what the program never writes.
pub type RowState = (String, Option<String>);

/// One page of a logged table in key order, after a key: what `verify` and `rebuild` compare with the log.
pub type StatePage = fn(&mut Rx<'_>, &str, i64) -> Result<Vec<RowState>>;
/// The rows of a logged table with these keys, as many as there are; not more keys than fit into a statement (400).
pub type StatesOf = fn(&mut Rx<'_>, &[String]) -> Result<Vec<RowState>>;

/// A logged table, listed in `app::logged_tables()`.
#[derive(Clone, Copy)]
pub struct LoggedTable {
    pub name: &'static str,
    pub page: StatePage,
    pub find: StatesOf,
}

/// Gives a row struct its logged writes. Usage, in a domain's `store.rs`:
///
/// ```ignore
/// #[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
/// #[diesel(table_name = lots, treat_none_as_null = true, treat_none_as_default_value = false)]
/// pub(super) struct LotRow { pub id: LotId, …, pub version: i32, pub salt: Salt }
/// logged_table!(LotRow in lots, key id);
/// ```
///
/// The struct must list every column in table order; the key column is text. A key that is not called `id` is named in
/// `primary_key(…)`: an UPDATE that sets it would look through every table that refers to it. Makes `insert(&self, tx)`,
/// `insert_all(rows, tx)`, `update(&self, tx)`, `each(rx, look)` for checks of meaning, and `LOGGED: LoggedTable`.
#[macro_export]
macro_rules! logged_table {
    ($row:ident in $table:ident, key $key:ident) => {
        impl $crate::db::LoggedRow for $row {
            const TABLE: &'static str = stringify!($table);
            fn key(&self) -> String {
                self.$key.to_string()
            }
        }
        #[expect(clippy::allow_attributes, reason = "a table may never insert many rows at once")]
        #[allow(dead_code)]
        impl $row {
            pub(crate) const LOGGED: $crate::db::LoggedTable =
                $crate::db::LoggedTable { name: stringify!($table), page: Self::states, find: Self::states_of };

            /// Inserts the row; the next entry carries its digest.
            pub(crate) fn insert(&self, tx: &mut $crate::db::Tx<'_>) -> $crate::db::Result<()> {
                use diesel::RunQueryDsl;
                $crate::each_backend!(tx.write(), |c| diesel::insert_into($table::table).values(self).execute(c))?;
                tx.touch($crate::db::LoggedRow::touched(self)?);
                Ok(())
            }

            /// Inserts many rows with few statements.
            pub(crate) fn insert_all(rows: &[$row], tx: &mut $crate::db::Tx<'_>) -> $crate::db::Result<()> {
                let write = || {
                    $crate::insert_some!(tx.write(), $table::table, rows);
                    Ok(())
                };
                let touches = $crate::db::logged::touched_meanwhile(rows, write)?;
                touches.into_iter().for_each(|touch| tx.touch(touch));
                Ok(())
            }

            /// Writes all columns of the row with this key. A row that is gone is an internal error: lock and load first.
            pub(crate) fn update(&self, tx: &mut $crate::db::Tx<'_>) -> $crate::db::Result<()> {
                self.write_over(tx.write())?;
                tx.touch($crate::db::LoggedRow::touched(self)?);
                Ok(())
            }

            fn write_over(&self, conn: &mut $crate::db::Conn) -> $crate::db::Result<()> {
                use diesel::{ExpressionMethods, QueryDsl};
                let update = diesel::update($table::table.filter($table::$key.eq(&self.$key))).set(self);
                let changed = $crate::update_prepared!(conn, update)?;
                if changed != 1 {
                    return Err($crate::db::Error::Internal(format!(
                        "update of {}/{} met {changed} rows",
                        stringify!($table),
                        self.$key
                    )));
                }
                Ok(())
            }

            /// Every row in key order, a page at a time. One that cannot be read is passed over: `verify` names it.
            pub(crate) fn each(
                rx: &mut $crate::db::Rx<'_>,
                mut look: impl FnMut(&mut $crate::db::Rx<'_>, $row) -> $crate::db::Result<()>,
            ) -> $crate::db::Result<()> {
                let mut after = String::new();
                loop {
                    let page = Self::readable(rx, &after, 400)?;
                    let Some((last, _)) = page.last() else { return Ok(()) };
                    after.clone_from(last);
                    page.into_iter().filter_map(|(_, row)| row).try_for_each(|row| look(rx, row))?;
                }
            }

            fn states(
                rx: &mut $crate::db::Rx<'_>,
                after: &str,
                limit: i64,
            ) -> $crate::db::Result<Vec<$crate::db::logged::RowState>> {
                $crate::db::logged::states(Self::readable(rx, after, limit)?)
            }

            fn states_of(
                rx: &mut $crate::db::Rx<'_>,
                keys: &[String],
            ) -> $crate::db::Result<Vec<$crate::db::logged::RowState>> {
                $crate::db::logged::states(Self::readable_of(rx, keys)?)
            }

            /// A page of keys with their rows; `None` where a column holds what the program never writes.
            fn readable(
                rx: &mut $crate::db::Rx<'_>,
                after: &str,
                limit: i64,
            ) -> $crate::db::Result<Vec<(String, Option<$row>)>> {
                use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, result::Error::DeserializationError};
                let page = $table::table.filter($table::$key.gt(after)).order($table::$key.asc()).limit(limit);
                match page.load::<$row>(rx.conn()) {
                    Ok(rows) => Ok($crate::db::logged::keyed(rows)),
                    // One row that cannot be read must not hide the others: now one by one.
                    Err(DeserializationError(_)) => {
                        let keys: Vec<String> = page.select($table::$key).load(rx.conn())?;
                        let mut found = Vec::new();
                        for key in keys {
                            found.extend(Self::readable_of(rx, &[key])?);
                        }
                        Ok(found)
                    }
                    Err(e) => Err(e.into()),
                }
            }

            fn readable_of(
                rx: &mut $crate::db::Rx<'_>,
                keys: &[String],
            ) -> $crate::db::Result<Vec<(String, Option<$row>)>> {
                use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, result::Error::DeserializationError};
                match ($table::table.filter($table::$key.eq_any(keys)).load::<$row>(rx.conn()), keys) {
                    (Ok(rows), _) => Ok($crate::db::logged::keyed(rows)),
                    (Err(DeserializationError(_)), [key]) => Ok(vec![(key.clone(), None)]),
                    (Err(DeserializationError(_)), keys) => {
                        let mut found = Vec::new();
                        for key in keys {
                            found.extend(Self::readable_of(rx, std::slice::from_ref(key))?);
                        }
                        Ok(found)
                    }
                    (Err(e), _) => Err(e.into()),
                }
            }
        }
    };
}
