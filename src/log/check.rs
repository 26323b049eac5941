//! Checks of meaning: what the rows must say of each other, whatever the log says of each.
//!
//! Promise: `log` knows no domain. A domain gives its checks beside its logged tables, `app::checks()` lists them, and
//! [`verify`](super::verify()) runs them once the rows have been held against the log. They are what is left to notice
//! somebody who holds the log's key and rewrites rows, entries and signatures together. A check reads only, streams, and calls
//! what it cannot make sense of a contradiction rather than an error.

use super::faults::Words;
use crate::db::{Error, Result, Rx};

/// One check of a domain.
#[derive(Clone, Copy)]
pub struct Check {
    /// The tables it reads: while none of their rows changes, neither does its answer.
    pub tables: &'static [&'static str],
    /// Tells every contradiction it finds. Errors: only where the database cannot be read.
    pub run: fn(&mut Rx<'_>, &mut dyn FnMut(Contradiction)) -> Result<()>,
}

/// A row that is not as the others demand.
#[derive(Debug)]
pub struct Contradiction {
    pub table: &'static str,
    pub key: String,
    pub what: Words,
}

impl Contradiction {
    pub fn new(table: &'static str, key: impl std::fmt::Display, what: Words) -> Contradiction {
        Contradiction { table, key: key.to_string(), what }
    }
}

/// `None` where rows could be read but not understood: what broken promises and refusals of a domain's own code are, when it
/// runs on rows that it did not write.
///
/// Errors: the database cannot be read.
pub fn understood<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(Error::Internal(_) | Error::Problem(_)) => Ok(None),
        Err(e) if e.is_unreadable_row() => Ok(None),
        Err(e) => Err(e),
    }
}
