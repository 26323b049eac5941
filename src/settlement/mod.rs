//! Money that the township holds for others: the deposits of bidders.
//!
//! Promise: a deposit belongs to one lot and one enrolment, came from the enrolled bidder's own account, in full and in
//! time; what did not is refused and the refusal is on record. One bank reference is recorded once.

mod check;
mod erasure;
mod model;
mod rules;
mod service;
mod store;

pub use erasure::{erase, kept_of};
pub use model::{Arrival, Deposit, DepositId, DepositState, Expected};
pub use rules::{ALL as CODES, refusal_title, same_name};
pub use service::{find, is_in, list, receive};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::DepositRow::LOGGED]
}

/// What the rows of deposits must say.
pub fn checks() -> Vec<crate::log::Check> {
    vec![check::CHECK]
}
