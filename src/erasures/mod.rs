//! Erasing a person's data (PIPL arts. 17, 19 and 47): who asks, what stands against it, who does it, what is left.
//!
//! Promise: while a duty to keep runs, only a refusal, with its reason and the day from which it falls away; one person asks
//! and another, of another office, does it. Then every value is gone: from the rows of all domains, with salts, sealed keys
//! and blind indexes, and from all that the log ever told of these rows. The rows stay, for what refers to them, and the
//! entries, the tree and every receipt stay valid. That it was done is an entry, which names rows and nobody.

pub mod api;
mod model;
pub mod pages;
mod rules;
mod service;
mod store;

pub use model::{DutyView, ErasureRequest, ErasureState, ErasureView, Ground};
pub use rules::ALL as CODES;
pub use service::{carry_out, decline, repeat, request, standing};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::ErasureRow::LOGGED]
}
