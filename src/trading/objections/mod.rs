//! Objections to a result, and what was found.
//!
//! Promise: whoever objects while the result is published gets an answer, and nothing is confirmed before (Regulation on the
//! Implementation of the Tender Law, art. 54). An objection stands on the result once it is answered, without the name of who
//! raised it; what was found is not changed.

pub mod api;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub use model::{Channel, Finding, NewFinding, NewObjection, ObjectionId, ObjectionView};
pub use rules::ALL as CODES;
pub(super) use service::{Pending, pending};
pub use service::{answer, list, list_public, raise, waiting};
