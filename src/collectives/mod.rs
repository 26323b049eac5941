//! The region tree and the collective economic organisations in it (LREC, in force 2025-05-01): town, village and group
//! level, their credit codes, registration certificates and officers.
//!
//! Promise: a collective's key is its region code, so that a scope of the region tree selects collectives, and everything
//! that belongs to them, by a range of codes. A credit code whose check digits fail is recorded once a person has confirmed
//! it (some real codes fail). Officers are never removed; a term ends.

pub mod api;
pub mod pages;
mod erasure;
mod model;
mod regions;
mod service;
mod store;

pub use erasure::{erase, kept_of};
pub use model::{Collective, CollectiveState, NewCollective, NewOfficer, Officer, Post, Region};
pub use regions::{RegionRow, parse_regions, shipped_regions};
pub use service::{
    ALL as CODES, change, end_term, get, get_named, get_public, import_regions, list, list_all, list_regions, officers,
    place_name, post_of, register, seed_regions, start_term, town_public,
};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::RegionRow::LOGGED, store::CollectiveRow::LOGGED, store::OfficerRow::LOGGED]
}
