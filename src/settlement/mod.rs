//! Money that the township holds for others, in books of double entry.
//!
//! Promise: a deposit belongs to one lot and one enrolment, came from the enrolled bidder's own account, in full and in
//! time; what did not is refused and the refusal is on record. One bank reference is recorded once. What fits nobody stands in an account of its own. Every movement is a
//! transfer that names both its accounts and is never changed; a hold ends once; money leaves the township, is counted into a
//! price or is kept only when two persons have said so.

pub mod bank;
mod check;
mod erasure;
mod journal;
mod ledger;
mod model;
pub mod orders;
pub mod payees;
pub mod periods;
mod posting;
mod rules;
mod service;
mod store;
pub mod unidentified;

pub use erasure::{erase, kept_of};
pub use journal::write_journal;
pub use ledger::{ALL as LEDGER_CODES, Account, NOT_HELD, TransferKind};
pub use model::{Arrival, Deposit, DepositId, DepositState, Expected};
pub use posting::{is_to_be_opened, open_books};
pub use rules::{ALL as CODES, PAYER_DIFFERS, PAYER_SHARED, REFERENCE_TAKEN, refusal_title, same_name};
pub use service::{enrolment_of, find, is_held, is_in, kept, list, lots_holding, receive};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    let mut tables = vec![store::DepositRow::LOGGED, store::TransferRow::LOGGED, orders::logged_table()];
    tables.extend(bank::logged_tables());
    tables.extend([unidentified::logged_table(), payees::logged_table(), periods::logged_table()]);
    tables
}

/// What the rows of deposits, transfers, orders, statements and unidentified receipts must say.
pub fn checks() -> Vec<crate::log::Check> {
    vec![check::CHECK, check::BOOKS, orders::CHECK, bank::CHECK, unidentified::CHECK, payees::CHECK, periods::CHECK]
}
