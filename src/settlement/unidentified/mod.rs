//! Money that came and fits nobody: booked to an account of its own until it is known whose it is, or goes back.
//!
//! Promise: only a line of the bank becomes unidentified money, once, and is ticked off by that; it never counts as anybody's
//! deposit. It ends in one of two ways: a deposit that names its bank number takes it over, with every check of a deposit, or
//! it goes back to who paid, on the word of two persons.

pub mod api;
mod check;
mod model;
pub mod pages;
mod rules;
mod service;
mod store;

pub(super) use check::CHECK;
pub use model::{Unidentified, UnidentifiedId, UnidentifiedState};
pub use rules::ALL as CODES;
pub use service::{book, confirm_return, count_open, list, prepare_return};
pub(super) use service::{claim, erase, hand_over};
pub(super) use store::{UnidentifiedRow, get as get_row};

/// The table whose rows are in the log.
pub(super) fn logged_table() -> crate::db::LoggedTable {
    UnidentifiedRow::LOGGED
}
