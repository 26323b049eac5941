//! The transparency log: what was recorded, in an order nobody can change unseen, provable to outsiders.
//!
//! Promise: everything in [`merkle`], [`tiles`], [`note`] and [`proof`] is pure and follows the published formats to the
//! byte (RFC 6962, C2SP tlog-tiles, signed-note, tlog-checkpoint, tlog-proof), so that programs we did not write read
//! the log. Entries are hashed as they are stored and never written anew; [`record()`] is the only writer of entries.

pub mod merkle;
pub mod note;
pub mod proof;
mod record;
mod store;
pub mod tiles;

pub use record::{By, Fact, MOST_ENTRY_BYTES, Receipt, record};
