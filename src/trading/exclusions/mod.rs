//! Who may not bid for a time (黑名单, 警示名单): by which decision, on which ground, until when, where.
//!
//! Promise: nobody is kept out without the number of a decision, and nobody longer than the policy of the place allows,
//! except where the decision itself says that it holds until it is lifted. Another decision lifts, nothing is removed. The
//! list is for the staff; whoever stands on it learns it, with the ground and whom to ask, when the enrolment is refused.

pub mod api;
mod model;
pub mod pages;
mod rules;
mod service;
pub(super) mod store;

pub use model::{Exclusion, ExclusionId, Ground, Lifting, NewExclusion, Standing};
pub use rules::{ALL as CODES, check_period};
pub use service::{New, Subject, check, exclude, lift, list, record_new};
