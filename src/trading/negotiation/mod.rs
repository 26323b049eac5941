//! Public negotiation: an offer that failed round after round is let to one counterpart that the collective has voted for.
//!
//! Promise: nothing is negotiated before so many rounds have failed as the place asks for, at no worse price than the last
//! round asked, and not without a decision of the collective on this very price; who approves is never who proposed; the
//! result is published, objections to it are answered, and only then is it concluded and signed as it was published. The lot
//! stays failed: what was negotiated stands beside it, and while it is open nothing is listed again.

pub mod api;
mod check;
mod model;
pub mod pages;
mod reading;
mod rules;
mod service;
pub(super) mod store;

pub(super) use check::CHECK;
pub use model::{Due, Negotiation, NewNegotiation, Review, State, Waiting, Withdrawal};
pub(super) use reading::{check_relisting, is_signed, list_public, published};
pub use reading::{is_under_way, list, newest, sale_of, sale_signed_by, waiting};
pub use rules::ALL as CODES;
pub use service::{conclude, propose, review, signed, why_not, withdraw};
