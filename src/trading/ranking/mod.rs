//! Who goes first among several at the ceiling, where the notice says that something else than a price or a draw decides.
//!
//! Promise: the criterion is one that stood in the notice before anybody bid. The auction's end names the candidates; one officer
//! puts all of them in order by the criterion, with reasons and a paper, and another confirms it or sends it back, which stays
//! on record. With the confirmation the award is written in the same transaction, by the code of every award, from the bids and
//! this order: the order stands in the trace, so that `xiangji replay` comes to the same award. Until then nobody has won; there
//! is no hour by which it must be decided, and the trade can be terminated. Reasons name nobody but by bid number, so nothing
//! here has to be erased with a person.
//!
//! Officers of the two steps read the candidates' names without a look on record (`looks`): bidders are secret until the bidding
//! has ended (SPC rules on online judicial auctions, art. 18), and here it has. Who used the names is on record, with reasons, by
//! the two steps themselves. What candidates have handed in still takes a look, until the award.

pub mod api;
mod check;
mod model;
pub mod pages;
mod reading;
mod rules;
mod service;
pub(super) mod store;

pub(super) use check::CHECK;
pub use model::{Candidate, NewRanking, Ranking, RankingId, Review, State, Waiting};
pub(super) use reading::{called_at, called_off_at, decided, is_called, is_open};
pub use reading::{candidates, list, newest_public, waiting};
pub use rules::ALL as CODES;
pub(super) use service::{call, call_off};
pub use service::{prepare, review};
pub(super) use store::open_among;
