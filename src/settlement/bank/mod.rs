//! What the bank says: statements of the township's account, line by line, against the books.
//!
//! Promise: a statement is taken in only where opening + Σ lines = closing and it joins those before it; a line is on record
//! once, whichever file brings it. What may belong together is proposed and never ticked off by itself. Whatever is not
//! ticked off explains the difference between bank and books to the fen.

pub mod api;
mod check;
mod model;
pub mod pages;
mod roster;
mod rules;
mod service;
mod store;

pub(super) use check::CHECK;
pub use model::{Match, Proposal, Reason, Reconciliation, StatementFile};
pub use roster::ALL as CODES;
pub use service::{confirm, erase, reconcile, stage, tick};
pub(super) use service::{take_line, tick_off};
pub(super) use store::find_line;

/// Tables whose rows are in the log.
pub(super) fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::StatementRow::LOGGED, store::LineRow::LOGGED, store::TickRow::LOGGED]
}
