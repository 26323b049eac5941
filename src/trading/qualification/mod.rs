//! Whether a bidder meets the conditions of the notice, shown by papers: before the auction or after it, as the notice says.
//!
//! Promise: where papers are examined before, nobody has a bid number without a paper that a named person passed, after a look
//! that is on record (nobody of the staff learns of a paper but by the code that its bidder brings, as of a priority claim:
//! decisions 36 and 42). Where they are examined after, only the papers of who won are: nothing is confirmed without a pass,
//! and a refusal passes the lot on to the next in line, whose papers are examined in their turn before that one steps in.
//! Whoever was refused may hand in again while the time for it runs. Law: SPC rules on online judicial auctions art. 24
//! (who does not meet the conditions gets the deposit back); Regulation on the Implementation of the Tender Law arts. 15 and 20
//! (examination before or after, by what the notice says alone).

pub mod api;
mod check;
pub mod desk_pages;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub(super) use check::CHECK;
pub use desk_pages::DESK;
pub use model::{Examining, Need, NewPaper, PaperId, PaperState, PaperView, Timing};
pub use rules::ALL as CODES;
pub(super) use service::{admits, must_have_passed, must_not_wait, need, of_enrolment};
pub use service::{examine, hand_in};
