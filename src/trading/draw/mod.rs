//! Draws that nobody can steer: a seed from what several parties bound themselves to before, and from a head of the log
//! that was signed after the end and before anybody opened.
//!
//! Promise: every step can be checked with SHA-256 and the published values (docs/draws.md); the sums are pure. The order of the steps is the proof:
//!
//! 1. Before the auction opens each party (bidders, the collective, the supervision group) picks 32 random bytes and
//!    publishes only their commitment.
//! 2. The auction ends. The first checkpoint that covers its closing entry is fixed: whoever runs the log signs it without
//!    knowing the values, so trying out heads is of no use.
//! 3. The parties open their values. Nothing can be chosen any more: a value either fits its commitment or it does not.
//! 4. All values and the three lines of the checkpoint give the seed. There is no seed from some of the values, or the last
//!    to open would choose between two outcomes by staying away. A bidder who does not open is named, comes last in the
//!    draw, and the round is repeated with new commitments of the others.
//!
//! One party that keeps its value to itself until step 3 is enough for all. What is left to a party is to force a repeat at
//! the price of its own place.

pub mod api;
mod check;
mod model;
pub mod pages;
mod rules;
mod service;
mod steps;
pub(super) mod store;
#[cfg(test)]
mod tests;

pub(super) use check::CHECK;
pub use model::{
    Draw, DrawFault, DrawView, NewCommitment, NewValue, Party, PartyId, PartyView, Place, RoundId, RoundState,
    RoundView,
};
pub use rules::{ALL as CODES, commitment, seed};
pub use service::{Actor, Own, commit, get_public, open, own};
pub(super) use steps::{advance, call, call_off, called_off_at, finished, first_called_at, is_called, is_due};
