//! Closed months, and what the books said on a day.
//!
//! Promise: a month is closed by a named person after it is over, with every month before it, and never opened again. What is
//! found out later is booked in the month that is open, and says when it really was or what it takes back. So the balances of
//! any past day come out the same whenever they are asked for, and as they were known at any time.

pub mod api;
mod check;
mod model;
pub mod pages;
mod rules;
mod service;
mod store;

pub(super) use check::CHECK;
pub use model::{Closed, Month};
pub use rules::ALL as CODES;
pub(super) use rules::booked;
pub(super) use store::open_from;

/// The table whose rows are in the log.
pub(super) fn logged_table() -> crate::db::LoggedTable {
    store::ClosedRow::LOGGED
}
