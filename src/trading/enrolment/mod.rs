//! Taking part in a lot: who the bidder is, that the deposit came, and the number that stands for the name.
//!
//! Promise: a bidder is a person of age or an organisation with a checked number, once a lot; the ID number and the phone
//! are sealed; a bid number exists only once the deposit is in; until the end nobody but the trading officer and the bidder
//! sees who takes part (SPC rules on online judicial auctions, art. 18).

pub mod api;
mod check;
pub(super) mod desk_pages;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub(super) use check::CHECK;
pub use model::{
    AwaitedLot, BidderKind, Enrolled, Enrolment, EnrolmentId, EnrolmentState, NewEnrolment, RefusedDeposit,
};
pub use rules::ALL as CODES;
pub use service::{Received, awaiting, enrol, get, list_by_lot, list_own, own, rank_priority, receive_deposit};
