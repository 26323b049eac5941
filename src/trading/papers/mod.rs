//! What a bidder hands in with a paper, whatever it is to show: a priority right, an answer that counts beside the price, the
//! conditions of the notice.
//!
//! Promise: a paper is kept encrypted and stands in the log under its hash without naming the lot, for entries of one lot would
//! count its bidders. Until the lot has ended nobody reads it but its bidder and an officer whose look is on record; an officer
//! says what it shows with a named word and a sentence; whoever is erased leaves no paper and no sentence. When a paper is taken,
//! what it is examined for and what follows from it is said by the kind itself: [`priority`](super::priority),
//! [`qualification`](super::qualification), [`merits`](super::merits).

mod check;
mod desk;
mod own;
mod rules;
mod service;
pub(super) mod store;

pub(in crate::trading) use check::is_the_paper;
pub use desk::{Desk, told};
pub(in crate::trading) use own::OwnLot;
pub(in crate::trading) use rules::read_note;
pub use service::Reader;
pub(in crate::trading) use service::{Given, erase, giver, keep, locked, on_record, own, read};
