//! Orders over deposits: who has to get money back by when, and who said so.
//!
//! Promise: at the end of a lot everybody who did not win has an order for the refund. Money goes back, is counted into the
//! price or is kept only after one person has prepared the order and another has confirmed it; the
//! ledger moves in the transaction of the confirmation. A deposit has one open order at the most.

pub mod api;
mod check;
mod model;
pub mod pages;
mod rules;
mod service;
mod store;

pub(super) use check::CHECK;
pub use model::{Ended, Order, OrderId, OrderKind, OrderState, Paid, Wanted};
pub use rules::ALL as CODES;
pub(super) use rules::{SECOND_PERSON, paid as read_payment};
pub(super) use store::knows_reference;
pub use service::{
    Due, Waiting, confirm, count_waiting, erase, find_open, get, list, of_deposit, order, prepare, refund_all,
};

/// The table whose rows are in the log.
pub(super) fn logged_table() -> crate::db::LoggedTable {
    store::OrderRow::LOGGED
}
