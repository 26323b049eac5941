//! From an asset to a public notice: draft, the collective's decision, the township's review, publication.
//!
//! Promise: the terms are checked against the asset and the policies of the place and day, and stand fixed once they are
//! published; who reviews is never who drafted or submitted; a notice stands its working days before the auction; an asset
//! is in one trade at a time.

pub mod api;
mod model;
mod rules;
mod service;
pub(super) mod store;

pub use model::{
    DealForm, Lot, LotDraft, LotId, LotState, Phase, PriceUnit, Review, Schedule, Stage, StageBounds, Terms,
};
pub(super) use rules::must_be;
pub use rules::{ALL as CODES, Hours, earliest_opening, phase};
pub(super) use service::conclude;
pub use service::{change, draft, publish, review, submit};
