//! Every difference between SQLite and PostgreSQL. Nothing outside this file matches on the kind of connection.

use std::path::Path;

use diesel::{
    Connection, ConnectionError, QueryableByName, RunQueryDsl,
    connection::{SimpleConnection, TransactionManager},
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, Error, Result, Target, lanes::Lane, prepared::Prepared};

/// The same expression for each real connection: for the few things diesel's enum cannot say (several rows at once, `ON
/// CONFLICT`), and for what a bid or every request asks of the database. Behind the enum the SQL of a query is written out
/// three times before each run; here a known one is found by its type.
#[macro_export]
macro_rules! each_backend {
    ($conn:expr, |$inner:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Pg($inner) => $body,
            $crate::db::Conn::Sqlite($inner) => $body,
        }
    };
}

/// Inserts rows of one table. On PostgreSQL a statement is a trip, and one for several rows is written out and understood anew
/// for each number of them: several are copied in. SQLite has no trips: some go in one by one, by a statement that stays
/// prepared, many with as few statements as their bound values fit into.
#[macro_export]
macro_rules! insert_some {
    ($conn:expr, $table:expr, $rows:expr) => {{
        use diesel::{ExecuteCopyFromDsl, RunQueryDsl};
        let (conn, rows): (&mut $crate::db::Conn, &[_]) = ($conn, $rows);
        match &mut *conn {
            $crate::db::Conn::Pg(c) if rows.len() > 1 => {
                diesel::copy_from($table).from_insertable(rows).execute(c)?;
            }
            $crate::db::Conn::Sqlite(c) if rows.len() > 100 => {
                for some in rows.chunks(400) {
                    diesel::insert_into($table).values(some).execute(c)?;
                }
            }
            _ => {
                for row in rows {
                    $crate::each_backend!(&mut *conn, |c| diesel::insert_into($table).values(row).execute(c))?;
                }
            }
        }
    }};
}

/// Runs an UPDATE that names all columns of a row, by a statement that stays prepared; how many rows it met. What only counts rows
/// is prepared anew by diesel on PostgreSQL, whatever [`Prepared`] says; what returns something is not.
#[macro_export]
macro_rules! update_prepared {
    ($conn:expr, $update:expr) => {{
        use diesel::RunQueryDsl;
        use $crate::db::prepared::Prepared;
        match $conn {
            $crate::db::Conn::Pg(c) => {
                let one = diesel::dsl::sql::<diesel::sql_types::Integer>("1");
                Prepared($update.returning(one)).load::<i32>(c).map(|met| met.len())
            }
            $crate::db::Conn::Sqlite(c) => Prepared($update).execute(c),
        }
    }};
}

pub(super) const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
pub(super) const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Durability and safety first: a bid or a payment that was acknowledged survives a power cut (`synchronous=FULL`).
///
/// Log entries of a kilobyte waste a fifth of a page of four and a twentieth of one of eight; a new file gets those, an old one
/// keeps its own.
///
/// The write-ahead log is folded every 4,000 pages: at SQLite's 1,000 every hundredth bid paid for it, and the 99th percentile
/// with the log's entries was 2.3 times the one without; now 1.2 (`cargo bench --bench figures --features without-log -- log`).
pub(super) fn set_up(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute(
            "PRAGMA busy_timeout=10000; PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
             PRAGMA foreign_keys=ON; \
             PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA trusted_schema=OFF; \
             PRAGMA wal_autocheckpoint=4000;",
        )?,
        Conn::Pg(c) => c.batch_execute(
            "SET TIME ZONE 'UTC'; SET lock_timeout='10s'; SET statement_timeout='120s'; SET synchronous_commit=on; \
             SET client_min_messages=warning;",
        )?,
    }
    Ok(())
}

pub(super) fn do_not_wait_for_the_disk(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA synchronous=OFF;")?,
        Conn::Pg(c) => c.batch_execute("SET synchronous_commit=off;")?,
    }
    Ok(())
}

pub(super) fn set_read_only(conn: &mut Conn) -> Result<()> {
    if let Conn::Sqlite(c) = conn {
        c.batch_execute("PRAGMA query_only=ON;")?;
    }
    Ok(())
}

/// SQLite has one writer, so all lanes are one; PostgreSQL runs the lanes of different aggregates side by side.
pub(super) fn lane_key(target: &Target, lane: &Lane) -> String {
    if target.is_sqlite() { "*".to_owned() } else { lane.key() }
}

/// Worker threads with a connection each.
pub(super) fn writers(target: &Target) -> usize {
    if target.is_sqlite() { 1 } else { 6 }
}

/// Whether a statement is a call in this process rather than a trip to a server.
pub(super) fn is_a_call(target: &Target) -> bool {
    target.is_sqlite()
}

/// How long a write that has entered may be in the hands of another instance, in µs: none shares a SQLite file.
pub(super) fn others_in_hand_us(target: &Target) -> i64 {
    if target.is_sqlite() { 0 } else { 1_000_000 }
}

/// A plain BEGIN in SQLite takes the write lock late and loses contended writers to SQLITE_BUSY.
pub(super) fn begin_write(conn: &mut Conn) -> Result<()> {
    use diesel::connection::AnsiTransactionManager as Ansi;
    match conn {
        Conn::Sqlite(c) => Ansi::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        Conn::Pg(c) => Ansi::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL READ COMMITTED")?,
    }
    Ok(())
}

pub(super) fn commit(conn: &mut Conn) -> Result<()> {
    Ok(<Conn as Connection>::TransactionManager::commit_transaction(conn)?)
}

pub(super) fn rollback(conn: &mut Conn) -> Result<()> {
    Ok(<Conn as Connection>::TransactionManager::rollback_transaction(conn)?)
}

/// A savepoint inside the running transaction.
pub(super) fn begin_savepoint(conn: &mut Conn) -> Result<()> {
    Ok(<Conn as Connection>::TransactionManager::begin_transaction(conn)?)
}

/// One consistent snapshot for every statement of `work`; writing fails.
pub(super) fn in_read_transaction<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    use diesel::connection::AnsiTransactionManager as Ansi;
    match conn {
        Conn::Sqlite(c) => Ansi::begin_transaction_sql(c, "BEGIN DEFERRED")?,
        Conn::Pg(c) => Ansi::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?,
    }
    let result = work(conn);
    let end = rollback(conn);
    let value = result?;
    end.map(|()| value)
}

/// Begins a read transaction on each of several connections, all with the same picture of the database. `false`: a writer kept
/// it busy for too long, and none has begun.
///
/// SQLite has no word for it: nobody can commit while the write lock is held, so all pictures taken meanwhile are one.
pub(super) fn begin_in_one_picture(target: &Target, conns: &mut [&mut Conn]) -> Result<bool> {
    use diesel::connection::AnsiTransactionManager as Ansi;
    #[derive(QueryableByName)]
    struct Snapshot {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let mut held = target.connect()?;
    if target.is_sqlite() && begin_write(&mut held).is_err() {
        return Ok(false);
    }
    let mut snapshot: Option<String> = None;
    for conn in conns.iter_mut() {
        match conn {
            Conn::Sqlite(c) => {
                // They read forward and never twice: a large cache would only cost memory.
                c.batch_execute("PRAGMA cache_size=-4096;")?;
                Ansi::begin_transaction_sql(c, "BEGIN DEFERRED")?;
                // The picture is taken by the first reading, not by the beginning.
                sql_query("SELECT name FROM sqlite_master LIMIT 1").execute(c)?;
            }
            Conn::Pg(c) => {
                Ansi::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
                match &snapshot {
                    Some(name) => drop(sql_query(format!("SET TRANSACTION SNAPSHOT '{name}'")).execute(c)?),
                    None => {
                        let made: Snapshot = sql_query("SELECT pg_export_snapshot() AS name").get_result(c)?;
                        snapshot = Some(made.name);
                    }
                }
            }
        }
    }
    if target.is_sqlite() {
        rollback(&mut held)?;
    }
    Ok(true)
}

/// Ends a read transaction of [`begin_in_one_picture`]; the connection is as others are again.
pub(super) fn end_picture(conn: &mut Conn) -> Result<()> {
    rollback(conn)?;
    if let Conn::Sqlite(c) = conn {
        c.batch_execute("PRAGMA cache_size=-65536;")?;
    }
    Ok(())
}

/// Whether [`reserve_numbers`] has to find every entry written.
pub(super) fn counts_on_from_what_is_written(conn: &Conn) -> bool {
    matches!(conn, Conn::Sqlite(_))
}

/// Numbers of log entries that nobody else gets. PostgreSQL's count of them goes on whatever becomes of the transaction; with
/// SQLite's single writer they follow the last that was written.
pub(super) fn reserve_numbers(conn: &mut Conn, count: usize) -> Result<Vec<i64>> {
    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    match conn {
        Conn::Pg(c) => {
            const NEXT: &str = "SELECT nextval('log_entries_seq_seq') AS number FROM generate_series(1, $1)";
            let rows: Vec<Number> = Prepared(sql_query(NEXT).bind::<BigInt, _>(count)).load(c)?;
            Ok(rows.into_iter().map(|row| row.number).collect())
        }
        Conn::Sqlite(c) => {
            const LAST: &str = "SELECT seq AS number FROM sqlite_sequence WHERE name = 'log_entries'";
            let last: Vec<Number> = Prepared(sql_query(LAST)).load(c)?;
            let last = last.first().map_or(0, |row| row.number);
            Ok((1..=count).map(|n| last.saturating_add(n)).collect())
        }
    }
}

/// Locks one row of an aggregate until the transaction ends: `SELECT … FOR UPDATE` on PostgreSQL; SQLite's single writer
/// already excludes everybody else. `table` and `key_column` are names from the code, never from outside.
pub fn lock_row(conn: &mut Conn, table: &'static str, key_column: &'static str, key: &str) -> Result<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Pg(c) => {
            let lock = format!("SELECT 1::bigint AS count FROM {table} WHERE {key_column} = $1 FOR UPDATE");
            let _locked: Vec<Count> = Prepared(sql_query(lock).bind::<Text, _>(key)).load(c)?;
            Ok(())
        }
    }
}

pub(super) fn run_migrations(conn: &mut Conn) -> Result<usize> {
    let run = match conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE_MIGRATIONS).map(|v| v.len()),
        Conn::Pg(c) => c.run_pending_migrations(POSTGRES_MIGRATIONS).map(|v| v.len()),
    };
    run.map_err(|e| Error::Internal(format!("migration: {e}")))
}

pub(super) fn revert_migrations(conn: &mut Conn) -> Result<usize> {
    let run = match conn {
        Conn::Sqlite(c) => c.revert_all_migrations(SQLITE_MIGRATIONS).map(|v| v.len()),
        Conn::Pg(c) => c.revert_all_migrations(POSTGRES_MIGRATIONS).map(|v| v.len()),
    };
    run.map_err(|e| Error::Internal(format!("migration: {e}")))
}

/// Versions that this binary brings, oldest first.
pub(super) fn known_migrations(target: &Target) -> Result<Vec<String>> {
    use diesel::migration::{Migration, MigrationSource};
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| Error::Internal(format!("migration: {e}"));
    Ok(if target.is_sqlite() {
        let all: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = SQLITE_MIGRATIONS.migrations().map_err(failed)?;
        all.iter().map(|m| m.name().version().to_string()).collect()
    } else {
        let all: Vec<Box<dyn Migration<diesel::pg::Pg>>> = POSTGRES_MIGRATIONS.migrations().map_err(failed)?;
        all.iter().map(|m| m.name().version().to_string()).collect()
    })
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The names of all tables.
pub fn table_names(conn: &mut Conn) -> Result<Vec<String>> {
    let sql = match conn {
        Conn::Sqlite(_) => {
            "SELECT name AS word FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
        }
        Conn::Pg(_) => {
            "SELECT table_name::text AS word FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"
        }
    };
    let rows: Vec<Word> = sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|w| w.word).collect())
}

/// `table.column`, in order, of every table: what the migration test compares between the two trees.
pub fn column_names(conn: &mut Conn) -> Result<Vec<String>> {
    let sql = match conn {
        Conn::Sqlite(_) => {
            "SELECT m.name || '.' || c.name AS word FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid"
        }
        Conn::Pg(_) => {
            "SELECT (table_name || '.' || column_name)::text AS word FROM information_schema.columns \
             WHERE table_schema = current_schema() ORDER BY table_name COLLATE \"C\", ordinal_position"
        }
    };
    let rows: Vec<Word> = sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|w| w.word).collect())
}

/// Rows of a table; `table` is a name from the code.
pub fn count_rows(conn: &mut Conn, table: &'static str) -> Result<i64> {
    let row: Count = sql_query(format!("SELECT count(*) AS count FROM {table}")).get_result(conn)?;
    Ok(row.count)
}

/// The file of the embedded database.
pub(super) fn embedded_file(target: &Target) -> std::result::Result<&Path, String> {
    match target {
        Target::Sqlite(path) => Ok(path),
        Target::Postgres(_) => {
            Err("backup and restore are for the embedded database; use pg_dump and pg_restore for PostgreSQL".into())
        }
    }
}

/// A consistent copy of the embedded database while it is being served, into a file that is absent or empty.
pub(super) fn copy_to(conn: &mut Conn, path: &str) -> Result<()> {
    sql_query("VACUUM INTO $1").bind::<Text, _>(path).execute(conn)?;
    Ok(())
}

/// Folds SQLite's write-ahead log into the file and empties it: it holds pages as they were. A reader that is at work can
/// keep that from happening. PostgreSQL's goes its own way (README, "Erasing a person's data").
pub(super) fn fold_overwritten(conn: &mut Conn) -> Result<()> {
    #[derive(QueryableByName)]
    struct Folded {
        #[diesel(sql_type = BigInt)]
        busy: i64,
    }
    let Conn::Sqlite(c) = conn else { return Ok(()) };
    let Folded { busy } = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(c)?;
    if busy == 0 { Ok(()) } else { Err(Error::Unavailable("somebody reads an older state".into())) }
}

/// `secure_delete` overwrites what is deleted, but a page that was split or moved can keep a copy; `VACUUM` leaves none. On
/// PostgreSQL the statistics hold values of columns, and they are rows of the catalogue: all tables, not only ours.
pub(super) fn rewrite_files(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute("PRAGMA busy_timeout=60000; PRAGMA temp_store=FILE; VACUUM")?,
        Conn::Pg(c) => {
            c.batch_execute("SET statement_timeout=0; SET lock_timeout=0")?;
            c.batch_execute("VACUUM (FULL, ANALYZE)")?;
            c.batch_execute("VACUUM (FULL)")?;
        }
    }
    fold_overwritten(conn)
}

/// How long the own connections may take to close.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(5);

/// Folds the write-ahead log into the file, so that it can be moved as one. Only who is alone with the file can do that.
pub(super) fn close_file(path: &Path) -> std::result::Result<(), String> {
    let shown = path.display();
    let failed = |e: &dyn std::fmt::Display| format!("{shown}: {e}");
    let mut conn = diesel::SqliteConnection::establish(&shown.to_string()).map_err(|e| failed(&e))?;
    conn.batch_execute("PRAGMA busy_timeout=1000").map_err(|e| failed(&e))?;
    let until = std::time::Instant::now() + CLOSING;
    loop {
        match sql_query("PRAGMA journal_mode=DELETE").execute(&mut conn) {
            Ok(_) => return Ok(()),
            // A pool of this program that was just dropped closes its connections in threads of its own.
            Err(e) if e.to_string().contains("locked") && std::time::Instant::now() < until => {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            Err(e) if e.to_string().contains("locked") => {
                return Err(format!("{shown} is being served; stop the server first"));
            }
            Err(e) => return Err(failed(&e)),
        }
    }
}

impl From<ConnectionError> for Error {
    fn from(e: ConnectionError) -> Self {
        Error::Unavailable(e.to_string())
    }
}
