//! What a use case can end with besides its result.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

use crate::kernel::{Code, Problem};

crate::codes! {
    DB_UNAVAILABLE 503 "database_unavailable" "数据库暂时连不上，请稍后再试";
    STORAGE_FULL 503 "storage_full" "服务器的磁盘满了，这次操作没有保存；请通知管理员，腾出空间后再试";
}

/// A refusal for the client, or a fault of the machine that the client must not see the inside of.
#[derive(Debug)]
pub enum Error {
    /// The business says no: goes to the client as it is.
    Problem(Box<Problem>),
    /// The database says no; logged where handled, shown as "try again".
    Database(Diesel),
    /// No connection, or none free in time.
    Unavailable(String),
    /// The disk has no room for what was to be written.
    Full(String),
    /// A broken promise of our own code.
    Internal(String),
    /// The server is going down.
    Stopped,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// For everybody whom one failure concerns: diesel's error cannot be cloned, its text can.
    pub(super) fn copy(&self) -> Error {
        match self {
            Error::Problem(p) => Error::Problem(p.clone()),
            Error::Stopped => Error::Stopped,
            Error::Unavailable(text) => Error::Unavailable(text.clone()),
            Error::Full(text) => Error::Full(text.clone()),
            other => Error::Internal(other.to_string()),
        }
    }

    /// Serialization failures and deadlocks: the same work, run again, may pass.
    pub(super) fn is_retryable(&self) -> bool {
        match self {
            Error::Database(Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
            Error::Database(Diesel::DatabaseError(DatabaseErrorKind::Unknown, info)) => {
                let text = info.message();
                text.contains("deadlock detected")
                    || text.contains("database is locked")
                    || text.contains("lock timeout")
            }
            _ => false,
        }
    }

    /// The disk has no room for what was to be written.
    fn is_out_of_space(e: &Diesel) -> bool {
        let Diesel::DatabaseError(DatabaseErrorKind::Unknown, info) = e else { return false };
        ["database or disk is full", "No space left on device"].iter().any(|said| info.message().contains(said))
    }

    /// The connection is gone and must be opened anew.
    pub(super) fn is_broken_connection(&self) -> bool {
        match self {
            Error::Database(
                Diesel::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | Diesel::BrokenTransactionManager,
            ) => true,
            Error::Database(Diesel::DatabaseError(_, info)) => {
                let text = info.message();
                text.contains("server closed the connection")
                    || text.contains("no connection to the server")
                    || text.contains("terminating connection")
            }
            _ => false,
        }
    }

    /// A column holds what the program never writes.
    pub fn is_unreadable_row(&self) -> bool {
        matches!(self, Error::Database(Diesel::DeserializationError(_)))
    }

    /// A unique key that is taken: stores turn it into the refusal that names the field.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Error::Database(Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }

    /// The refusal that was meant for the client, if this is one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Error::Problem(p) => Some(p),
            _ => None,
        }
    }
}

impl From<Problem> for Error {
    fn from(p: Problem) -> Self {
        Error::Problem(Box::new(p))
    }
}
impl From<&'static Code> for Error {
    fn from(code: &'static Code) -> Self {
        Problem::from(code).into()
    }
}
impl From<Diesel> for Error {
    fn from(e: Diesel) -> Self {
        if Error::is_out_of_space(&e) { Error::Full(e.to_string()) } else { Error::Database(e) }
    }
}
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Problem(p) => p.fmt(f),
            Error::Database(e) => write!(f, "database: {e}"),
            Error::Unavailable(e) => write!(f, "database unavailable: {e}"),
            Error::Full(e) => write!(f, "no room on the disk: {e}"),
            Error::Internal(e) => write!(f, "internal: {e}"),
            Error::Stopped => f.write_str("the server is stopping"),
        }
    }
}
impl std::error::Error for Error {}
