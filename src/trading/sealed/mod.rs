//! Sealed bids: prices that nobody can read before the deadline, not even the operator.
//!
//! Promise: a bid is encrypted on the bidder's own machine under a key that stands nowhere; the key is dealt to trustees, so
//! that k of them together can give it back and fewer learn nothing; opening needs no act of the bidder. The server takes
//! envelopes until the deadline and decrypted shares from the deadline on, opens every counting bid in one transaction, and
//! puts all that is needed to repeat it before everybody. Anybody makes and opens a bid without this program
//! (docs/sealed-bids.md). A secret floor comes in an envelope of the same kind and is opened with the bids. What this cannot do: k trustees who act together can read early, without a trace.

pub mod api;
mod check;
pub mod command;
mod model;
mod opening;
pub(super) mod opening_pages;
pub(super) mod pages;
mod reading;
mod reserve;
pub(super) mod reserve_pages;
mod rules;
mod seal;
mod service;
pub(super) mod store;
pub(super) mod trustee_pages;
mod trustees;
mod view;

#[cfg(test)]
mod tests;

pub(super) use check::CHECK;
pub use model::{Attempt, ClearShare, Envelope, Fault, Inner, Opened, Opening, RESERVE, SealedShare, open, open_with};
pub(super) use opening::{is_ready, open_when_ready};
pub(super) use reserve::bind_reserve;
pub use rules::ALL as CODES;
pub use seal::{SealError, encrypt, seal};
pub(super) use store::has_shares;
pub(super) use trustees::{check_keys, name_trustees};
pub use view::{OpeningState, SealedBidOnRecord, SealedBids, SealedReserve, Trustee};
