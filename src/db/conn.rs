//! Where the database is, and connections to it.

use std::time::Duration;

use diesel::{
    Connection,
    r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection},
};

use super::{Error, Result, dialect};

/// A connection to whichever database the URL named. SQLite stands last: any text opens as a file.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Pg(diesel::PgConnection),
    Sqlite(diesel::SqliteConnection),
}

/// A parsed `XIANGJI_DATABASE_URL`.
#[derive(Clone)]
pub enum Target {
    /// The path of the embedded database file.
    Sqlite(std::path::PathBuf),
    /// A libpq URL; may hold a password, so it is shown only by [`Target::redacted`].
    Postgres(String),
}

impl Target {
    /// Reads `sqlite://PATH`, `postgres://…` or `postgresql://…`.
    pub fn parse(url: &str) -> Result<Target> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            if path.is_empty() || path.contains('?') {
                return Err(Error::Unavailable(format!("{url:?}: give a file path after sqlite://")));
            }
            return Ok(Target::Sqlite(path.into()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Target::Postgres(url.to_owned()));
        }
        Err(Error::Unavailable(format!("{url:?}: a database URL begins with sqlite:// or postgres://")))
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self, Target::Sqlite(_))
    }

    /// For logs: without the password.
    pub fn redacted(&self) -> String {
        match self {
            Target::Sqlite(path) => format!("sqlite://{}", path.display()),
            Target::Postgres(url) => match (url.find("://"), url.rfind('@')) {
                (Some(start), Some(at)) if at > start => {
                    let (head, tail) = (url.get(..start + 3).unwrap_or(""), url.get(at..).unwrap_or(""));
                    let user = url.get(start + 3..at).and_then(|u| u.split(':').next()).unwrap_or("");
                    format!("{head}{user}:***{tail}")
                }
                _ => url.clone(),
            },
        }
    }

    /// What diesel connects to.
    pub(super) fn address(&self) -> String {
        match self {
            Target::Sqlite(path) => path.display().to_string(),
            Target::Postgres(url) => url.clone(),
        }
    }

    /// A connection of its own, set up for writing.
    pub(super) fn connect(&self) -> Result<Conn> {
        let mut conn = match self {
            Target::Sqlite(_) => diesel::SqliteConnection::establish(&self.address()).map(Conn::Sqlite),
            Target::Postgres(_) => diesel::PgConnection::establish(&self.address()).map(Conn::Pg),
        }
        .map_err(|e| Error::Unavailable(e.to_string()))?;
        dialect::set_up(&mut conn)?;
        Ok(conn)
    }
}

#[derive(Debug)]
struct ForReading;

impl CustomizeConnection<Conn, diesel::r2d2::Error> for ForReading {
    fn on_acquire(&self, conn: &mut Conn) -> std::result::Result<(), diesel::r2d2::Error> {
        let failed =
            |e: Error| diesel::r2d2::Error::ConnectionError(diesel::ConnectionError::BadConnection(e.to_string()));
        dialect::set_up(conn).map_err(failed)?;
        dialect::set_read_only(conn).map_err(failed)
    }
}

pub(super) struct Readers(Pool<ConnectionManager<Conn>>);

impl Readers {
    pub(super) fn open(target: &Target, most: u32) -> Result<Readers> {
        // One direct attempt first: a wrong address answers at once with its reason instead of a pool's time-out.
        drop(target.connect()?);
        let pool = Pool::builder()
            .max_size(most)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(5))
            .connection_customizer(Box::new(ForReading))
            .build(ConnectionManager::new(target.address()))
            .map_err(|e| Error::Unavailable(e.to_string()))?;
        Ok(Readers(pool))
    }

    /// How many there are at most.
    pub(super) fn most(&self) -> usize {
        usize::try_from(self.0.max_size()).unwrap_or(1)
    }

    /// One that nobody has; `None`: whoever wants one waits.
    pub(super) fn take_free(&self) -> Option<PooledConnection<ConnectionManager<Conn>>> {
        self.0.try_get()
    }

    pub(super) fn take(&self) -> Result<PooledConnection<ConnectionManager<Conn>>> {
        self.0.get().map_err(|e| Error::Unavailable(e.to_string()))
    }
}
