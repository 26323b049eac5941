//! Taking part in a lot: who the bidder is, that the deposit came, and the number that stands for the name.
//!
//! Promise: a bidder is a person of age or an organisation with a checked number, once a lot; the ID number and the phone
//! are sealed; a bid number exists only once the deposit is in; until the end nobody but the bidder sees who takes part or how
//! many do, the staff included (SPC rules on online judicial auctions, art. 18): deposits are booked by the code of their
//! remark, and looks past that are on record ([`looks`](super::looks)).

pub mod api;
mod check;
pub(super) mod desk_pages;
pub(super) mod ended_pages;
mod model;
pub mod pages;
mod reading;
mod rules;
mod service;
pub(super) mod store;
mod ties;

pub(super) use check::CHECK;
pub use model::{
    AwaitedLot, BidderKind, Booked, CodedArrival, DECLARATION, DECLARATION_TEXT, DECLARE, Enrolled, Enrolment,
    EnrolmentId, EnrolmentState, NewEnrolment, Ranked, RefusedDeposit,
};
pub use reading::{awaiting, get, list_by_lot, list_own, own};
pub(super) use reading::{everybody, opened};
pub use rules::{ALL as CODES, ALREADY_ENROLLED, must_be_admitting, read_bidder_number, read_id_number};
pub(super) use rules::{Identity, check_identity};
pub use service::{Received, enrol, rank_priority, receive_coded, receive_deposit};
pub(super) use service::{admit, find_by_remark, log_scope};
pub(super) use ties::check as check_ties;
