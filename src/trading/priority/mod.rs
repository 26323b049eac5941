//! Priority rights: who may take a lot at an equal price, why, in which order, and how the right ends.
//!
//! Promise: a right is claimed with a proof before the deadline of the notice, checked by a named person, and stands with its
//! rank until it lapses; each lapse has a cause and a time. An auction is held with the ranks that were granted before it
//! opened, whatever lapses later. Nobody of the staff learns of a claim but by the code that
//! its bidder brings, with a look that is on record. The engine
//! ([`auction`](super::auction)) is given holders and ranks only, so it has no opinion on kinds. Law: members first on equal
//! terms, Rural Land Contracting Law art. 38(5) and 51; sitting tenants of houses, Civil Code art. 734; ranks and equal
//! ranks, SPC rules on online judicial auctions art. 21; a holder who was told and does not bid has waived, art. 16.

pub mod api;
mod check;
pub mod desk_pages;
mod ends;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;
#[cfg(test)]
mod tests;

pub(super) use check::CHECK;
pub use desk_pages::DESK;
pub(super) use ends::{as_kept, held_with, lapse_defaulted, lapse_silent};
pub use model::{
    Checking, Claim, Grant, Kind, Lapse, LapseCause, NewClaim, Proof, Right, RightId, RightState, RightView, Standing,
    Terms,
};
pub use rules::{ALL as CODES, Refusal};
pub(super) use service::of_enrolment;
pub use service::{check, claim, waive};
