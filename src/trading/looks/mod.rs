//! Looks at bidders before the end of their lot.
//!
//! Promise: until a lot has ended, who takes part and how many is hidden from everybody, the staff included (SPC rules on
//! online judicial auctions, arts. 8 and 18). Two ways lead past that, and each is an entry of the log at once and stands on
//! the lot's public page after the end, with its reason: the trading officer opens the file of one bidder, whose code the
//! bidder has brought, to check a claim; and where it cannot be helped the township's officer looks at all of them, for a
//! short while after another officer has agreed. Nobody alone sees everybody.

pub mod api;
mod check;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub(super) use check::CHECK;
pub use model::{BidderLook, Breaking, FileWanted, GlassRefusal, GlassRequest, GlassRequestId, GlassState};
pub use rules::ALL as CODES;
pub use service::{agree, ask, break_glass, list, list_public, list_public_requests, open_file, refuse, waiting};
pub(super) use service::{has_looked, has_looked_since, may_read_papers};
