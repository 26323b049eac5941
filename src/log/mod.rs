//! The transparency log: what was recorded, in an order nobody can change unseen, provable to outsiders.
//!
//! Promise: everything in [`merkle`], [`tiles`], [`note`], [`proof`], [`cosignature`] and [`policy`] is pure and follows the
//! published formats to the byte (RFC 6962, C2SP tlog-tiles, signed-note, tlog-checkpoint, tlog-proof, tlog-cosignature,
//! tlog-witness, tlog-policy), so that programs we did not write read the log. Entries are hashed as they are stored and
//! never written anew; [`record()`] is the only writer of entries, and what [`erase()`] destroys stands beside them.

mod ask;
mod check;
pub mod cosignature;
mod erase;
mod export;
mod faults;
mod following;
mod integrate;
mod look;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
mod published;
mod rebuild;
mod record;
pub mod report;
mod store;
mod subject_sum;
pub mod succession;
pub mod tiles;
mod timeline;
mod verify;
mod witnesses;

pub use ask::Asker;
pub use check::{Check, Contradiction, understood};
pub use erase::{ERASURE, erase};
pub use export::{export, new_folder};
pub use faults::{Event, Fault, Summary, Unchecked, Words, Wrong};
pub use following::{Stretch, following};
pub use integrate::{integrate, integrate_once};
pub use published::{Head, Standing, continues, file, first_head_over, head, root_at, standing};
pub use rebuild::{Rebuilt, rebuild};
#[cfg(feature = "without-log")]
pub use record::WITHOUT_LOG;
pub use record::{By, Fact, MOST_ENTRY_BYTES, Receipt, record};
pub use timeline::{
    EntryFilter, EntryView, OnRecord, RowOnRecord, RowView, digest_text, find_entry, find_stored, list_entries, newest,
    newest_of_row, rows_of_entry,
};
pub use verify::{READERS, Verification, verify};
pub use witnesses::{Said, Witnesses, Witnessing};
