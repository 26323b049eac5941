//! Paddles: bidding in the hall and on line in one auction.
//!
//! Promise: whoever has a bid number in an open auction may ask for a paddle and gets, once, a code for it on paper. In the hall an
//! officer checks the paddle in by number and code, and only between that and its being handed back can bids be entered for it;
//! so the staff alone can bid for nobody. A bid that was raised goes through the very service and engine of a bid by phone, says on
//! record who entered it, and is shown to everybody as 现场. Nobody at the desk learns a name. The award does not depend on how a
//! bid came in.

pub mod api;
mod check;
pub mod desk_pages;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub(super) use check::CHECK;
pub use model::{Issued, OwnPaddle, PaddleId, PaddleInHall, PaddleState, Shown};
pub use rules::{ALL as CODES, is_raised};
pub use service::{Raised, check_in, hand_back, in_hall, issue, list_own, raise, take_back};
