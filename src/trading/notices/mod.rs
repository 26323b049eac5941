//! Notices after they went out: every version of one stays readable, and a mistake can be put right for a short while.
//!
//! Promise: a notice is never changed in silence. A correction has a reason and makes a new numbered version beside the old;
//! one that matters gives people the time to read it anew, so hours move later and never earlier. Prices, terms, method and
//! asset are never corrected: such a lot is ended and listed again. Once somebody has enrolled, or the window is over, the
//! notice stands as it is.

pub mod api;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub use model::{Correction, NoticeBrief, NoticeVersion};
pub use rules::ALL as CODES;
pub(super) use service::first;
pub use service::{briefs, correct, in_force, version, versions, window};
