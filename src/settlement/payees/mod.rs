//! The accounts to which money goes: of a collective, and of a deposit that cannot go back to where it came from.
//!
//! Promise: an account is in force only after one person has written it down and another has confirmed it; a change never
//! alters the row of before. The number is sealed. A payment says which account it was prepared for, and is refused if
//! another one has come into force since.

pub mod api;
mod check;
mod model;
pub mod pages;
mod rules;
mod service;
mod store;

pub(super) use check::CHECK;
pub use model::{NewPayee, Payee, PayeeId, PayeeState, Refusal};
pub use rules::ALL as CODES;
pub(super) use rules::{PAYEE_CHANGED, PAYEE_MISSING};
pub use service::{confirm, count_prepared, prepare};
pub(super) use service::{erase, in_force, shown};

/// The table whose rows are in the log.
pub(super) fn logged_table() -> crate::db::LoggedTable {
    store::PayeeRow::LOGGED
}
