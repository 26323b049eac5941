//! What counts beside the price: criteria of a notice with named answers, each worth a fraction of the price when prices are compared.
//!
//! Promise: what an answer is worth stands in the notice before anybody enrols; an answer that is worth something is claimed with
//! a paper, examined by a named person after a look that is on record, before the auction opens and so before there is a price
//! that could be known. What is not granted by then counts as the base answer. The engine ([`auction`](super::auction)) is
//! given bidders and points only, and compares without rounding; the floor, the contract and every yuan go by the price itself.
//! Law: Tender Law art. 41(1) (the criteria of the papers, as a whole) and art. 19 (they stand in the papers beforehand), as far as a
//! collective puts other things beside the price.

pub mod api;
mod check;
pub mod desk_pages;
mod held;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub(super) use check::CHECK;
pub use desk_pages::DESK;
pub(super) use held::{as_kept, held_with};
pub use model::{Answer, Claim, ClaimId, ClaimState, ClaimView, Examining, Merit, NewClaim, percent_text};
pub use rules::{ALL as CODES, Offer, read};
pub(super) use service::of_enrolment;
