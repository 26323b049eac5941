//! The database behind the program's back: what an administrator with `sqlite3` or `psql` can do.

use diesel::{Connection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};

use super::app::World;

/// A connection of a superuser, with triggers and foreign keys out of the way.
pub enum Behind {
    Sqlite(diesel::SqliteConnection),
    Postgres(diesel::PgConnection),
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    v: String,
}

impl Behind {
    pub fn open(url: &str) -> Behind {
        match url.strip_prefix("sqlite://") {
            Some(path) => {
                let mut conn = diesel::SqliteConnection::establish(path).unwrap();
                conn.batch_execute(
                    "PRAGMA busy_timeout=10000; PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON",
                )
                .unwrap();
                Behind::Sqlite(conn)
            }
            None => {
                let mut conn = diesel::PgConnection::establish(url).unwrap();
                conn.batch_execute("SET session_replication_role = replica").unwrap();
                Behind::Postgres(conn)
            }
        }
    }

    pub fn of(world: &World) -> Behind {
        Behind::open(&world.app.config.database_url)
    }

    pub fn exec(&mut self, sql: &str) {
        self.try_exec(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    pub fn try_exec(&mut self, sql: &str) -> diesel::QueryResult<()> {
        match self {
            Behind::Sqlite(c) => c.batch_execute(sql),
            Behind::Postgres(c) => c.batch_execute(sql),
        }
    }

    /// The texts that `sql` selects as `v`.
    pub fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<Value> = match self {
            Behind::Sqlite(c) => sql_query(sql).load(c),
            Behind::Postgres(c) => sql_query(sql).load(c),
        }
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
        rows.into_iter().map(|row| row.v).collect()
    }

    /// Bytes as the statement writes them.
    pub fn blob(&self, bytes: &[u8]) -> String {
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        match self {
            Behind::Sqlite(_) => format!("x'{hex}'"),
            Behind::Postgres(_) => format!("'\\x{hex}'::bytea"),
        }
    }

    /// A column of bytes as text.
    pub fn utf8(&self, column: &str) -> String {
        match self {
            Behind::Sqlite(_) => format!("CAST({column} AS TEXT)"),
            Behind::Postgres(_) => format!("convert_from({column}, 'UTF8')"),
        }
    }

    /// Columns of a table and their types, the key first.
    pub fn columns(&mut self, table: &str) -> Vec<(String, String)> {
        let sql = match self {
            Behind::Sqlite(_) => {
                format!("SELECT name || ':' || type AS v FROM pragma_table_info('{table}') ORDER BY cid")
            }
            Behind::Postgres(_) => format!(
                "SELECT (column_name || ':' || data_type)::text AS v FROM information_schema.columns \
                 WHERE table_name = '{table}' ORDER BY ordinal_position"
            ),
        };
        let split = |v: String| v.split_once(':').map(|(n, t)| (n.to_owned(), t.to_lowercase())).unwrap();
        self.texts(&sql).into_iter().map(split).collect()
    }

    /// On SQLite triggers cannot be switched off, only dropped; on PostgreSQL that holds for what rows are checked for.
    pub fn drop_triggers(&mut self) {
        match self {
            Behind::Sqlite(_) => {
                for name in self.texts("SELECT name AS v FROM sqlite_master WHERE type = 'trigger'") {
                    self.exec(&format!("DROP TRIGGER {name}"));
                }
            }
            Behind::Postgres(_) => {
                let checks = "SELECT conrelid::regclass::text || ' DROP CONSTRAINT ' || conname AS v FROM pg_constraint \
                    WHERE contype = 'c' AND connamespace = current_schema()::regnamespace AND conrelid <> 0";
                for check in self.texts(checks) {
                    self.exec(&format!("ALTER TABLE {check}"));
                }
            }
        }
    }

    /// Does something to a table, lets `look` look, and puts the table back as it was.
    pub fn undone<T>(&mut self, tables: &[&str], sql: &str, look: impl FnOnce() -> T) -> T {
        for table in tables {
            self.exec(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
        }
        self.exec(sql);
        let seen = look();
        let overriding = matches!(self, Behind::Postgres(_)).then_some("OVERRIDING SYSTEM VALUE").unwrap_or("");
        for table in tables {
            self.exec(&format!(
                "DELETE FROM {table}; INSERT INTO {table} {overriding} SELECT * FROM kept_{table}; DROP TABLE kept_{table}"
            ));
        }
        seen
    }
}

/// An expression for another value of the column.
pub fn changed(column: &str, kind: &str) -> String {
    changed_by(column, kind, "")
}

/// The same, another one for each `mark`, so that many rows can be changed at once and stay different.
pub fn changed_by(column: &str, kind: &str, mark: &str) -> String {
    match kind {
        "text" => format!("COALESCE({column}, '') || 'x{mark}'"),
        // What may be missing is there then.
        "boolean" => format!("NOT COALESCE({column}, false)"),
        "blob" => format!("zeroblob(length({column}))"),
        "bytea" => format!("set_byte({column}, 0, (get_byte({column}, 0) + 1) % 256)"),
        // A truth stands as 0 or 1 on SQLite.
        "integer" | "bigint" => {
            let step = if mark.is_empty() { "1".to_owned() } else { format!("1000003 * (1 + {mark})") };
            format!("CASE WHEN {column} = 1 THEN 0 WHEN {column} = 0 THEN 1 ELSE COALESCE({column}, 0) + {step} END")
        }
        other => panic!("a column of type {other}"),
    }
}
