//! Looks at bidders before the end of their lot.
//!
//! Promise: until a lot has ended, who takes part and how many is hidden from everybody, the staff included (SPC rules on
//! online judicial auctions, arts. 8 and 18). Two ways lead past that, and each is an entry of the log at once and stands on
//! the lot's public page after the end, with its reason: the trading officer opens the file of one bidder, whose code the
//! bidder has brought, to check a claim; the township's officer looks at all of them where it cannot be helped.

pub mod api;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub use model::{BidderLook, Breaking, FileWanted};
pub use rules::ALL as CODES;
pub use service::{break_glass, list_public, open_file};
pub(super) use service::{has_looked, has_looked_since};
