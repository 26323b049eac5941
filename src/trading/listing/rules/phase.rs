//! Where a lot stands once the clock is looked at. Pure.

use super::super::model::{LotState, Phase};
use crate::kernel::Timestamp;

/// The hours of a published lot and how its auction stands.
#[derive(Debug, Clone, Copy)]
pub struct Hours {
    pub enrol_until: Timestamp,
    pub opens_at: Timestamp,
    pub suspended: bool,
    /// Officers have still to put equals in order.
    pub undecided: bool,
    /// The end as it stands, extensions included.
    pub end: Timestamp,
}

/// Where a lot stands at `now`.
pub fn phase(state: LotState, hours: Option<Hours>, now: Timestamp) -> Phase {
    match (state, hours) {
        (LotState::Draft, _) => Phase::Draft,
        (LotState::Submitted, _) => Phase::Submitted,
        (LotState::Returned, _) => Phase::Returned,
        (LotState::Approved, _) | (LotState::Published, None) => Phase::Approved,
        (LotState::Sold, _) => Phase::Sold,
        (LotState::Failed, _) => Phase::Failed,
        (LotState::Terminated, _) => Phase::Terminated,
        (LotState::Practised, _) => Phase::Practised,
        (LotState::Undone, _) => Phase::Undone,
        (LotState::Published, Some(hours)) if hours.suspended => Phase::Suspended,
        (LotState::Published, Some(hours)) if now < hours.enrol_until => Phase::Enrolling,
        (LotState::Published, Some(hours)) if now < hours.opens_at => Phase::Waiting,
        (LotState::Published, Some(hours)) if now < hours.end => Phase::Bidding,
        (LotState::Published, Some(hours)) if hours.undecided => Phase::Undecided,
        (LotState::Published, Some(_)) => Phase::Closing,
    }
}
