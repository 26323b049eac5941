//! Priority rights: who may take a lot at an equal price, why, in which order, and how the right ends.
//!
//! Promise: pure. A right is claimed with a proof before the deadline of the notice, checked by a named person, and stands
//! with its rank until the auction ends or it lapses; each lapse has a cause and a time. The engine
//! ([`auction`](super::auction)) is given holders and ranks only, so it has no opinion on kinds. Law: members first on equal
//! terms, Rural Land Contracting Law art. 38(5) and 51; sitting tenants of houses, Civil Code art. 734; ranks and equal
//! ranks, SPC rules on online judicial auctions art. 21; a holder who was told and does not bid has waived, art. 16.

mod model;
mod rules;
#[cfg(test)]
mod tests;

pub use model::{Claim, Grant, Kind, Lapse, LapseCause, Proof, Right, RightState, Terms};
pub use rules::{ALL as CODES, Refusal, check, claim, holders, lapse, lapse_silent, successor};
