//! Orders over deposits: who has to get money back by when, and who said so.
//!
//! Promise: at the end of a lot everybody who did not win has an order for the refund, and where the winner fails the forfeiture
//! is prepared. Money goes back, is counted into the price, is kept, goes on to the collective, or is taken back after a mistake
//! only when one person has prepared the order and another has confirmed it; the ledger moves in the transaction of the
//! confirmation. A deposit has one open order at the most.

pub mod api;
mod check;
mod ended;
mod model;
pub mod pages;
mod reading;
mod rules;
mod service;
mod store;

pub(super) use check::CHECK;
pub use ended::{after_failure, refund_all};
pub use model::{Ended, Failed, Order, OrderId, OrderKind, OrderState, Paid, Wanted};
pub use reading::{Due, Waiting, count_waiting, find_open, get, list, of_deposit};
pub use rules::ALL as CODES;
pub(super) use rules::{SECOND_PERSON, read_payment, read_refusal};
pub use service::{confirm, erase, order, prepare, send_back};
pub(super) use store::knows_reference;

/// The table whose rows are in the log.
pub(super) fn logged_table() -> crate::db::LoggedTable {
    store::OrderRow::LOGGED
}
