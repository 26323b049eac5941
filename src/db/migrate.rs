//! Bringing a database to this version.

use super::{Db, Error, Result, Target, dialect};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};

/// How the tables of a database stand against this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    Current,
    /// This many migrations are to be run.
    Behind(usize),
    /// A newer program has been here; this version is not known to us.
    Newer(String),
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Runs what is missing and says how many migrations that were; refuses a database that a newer program made.
pub fn migrate(target: &Target) -> Result<usize> {
    let mut conn = target.connect()?;
    if let SchemaState::Newer(version) = state(target, &mut conn)? {
        return Err(Error::Unavailable(format!(
            "the database is at version {version}, newer than this program; use the newer program"
        )));
    }
    dialect::run_migrations(&mut conn)
}

/// Undoes all migrations: for the up-down-up test.
pub fn revert(target: &Target) -> Result<usize> {
    dialect::revert_migrations(&mut target.connect()?)
}

/// What `/readyz` and the start look at.
pub fn schema_state(db: &Db) -> Result<SchemaState> {
    let target = db.target().clone();
    db.read_now(move |rx| state(&target, rx.conn()))
}

fn state(target: &Target, conn: &mut super::Conn) -> Result<SchemaState> {
    let known = dialect::known_migrations(target)?;
    let has_table = dialect::table_names(conn)?.iter().any(|t| t == "__diesel_schema_migrations");
    let applied: Vec<Version> = if has_table {
        sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(conn)?
    } else {
        Vec::new()
    };
    if let Some(strange) = applied.iter().find(|v| !known.contains(&v.version)) {
        return Ok(SchemaState::Newer(strange.version.clone()));
    }
    Ok(match known.len() - applied.len() {
        0 => SchemaState::Current,
        n => SchemaState::Behind(n),
    })
}

/// `table.column` of every table, in order.
pub fn column_names(target: &Target) -> Result<Vec<String>> {
    dialect::column_names(&mut target.connect()?)
}

/// Whether the database answers.
pub fn can_connect(target: &Target) -> bool {
    target.connect().is_ok()
}

/// Runs SQL behind the program's back: for tests that make databases and tamper with rows.
pub fn execute(url: &str, sql: &str) -> Result<()> {
    use diesel::connection::SimpleConnection;
    Ok(Target::parse(url)?.connect()?.batch_execute(sql)?)
}
