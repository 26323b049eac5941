//! How far a lot has come, with the clock and without it. Pure.

use crate::kernel::Timestamp;

crate::text_enum! {
    /// How far a lot has come.
    pub enum LotState {
        Draft = "draft" => "草稿",
        /// Waits for the township's review.
        Submitted = "submitted" => "待审核",
        /// Sent back with a note, to be changed and submitted again.
        Returned = "returned" => "已退回",
        /// Reviewed by another person; waits for its notice.
        Approved = "approved" => "审核通过，待公告",
        /// The notice is out: enrolment, then the auction, by the clock.
        Published = "published" => "已公告",
        Sold = "sold" => "成交",
        Failed = "failed" => "流拍",
        Terminated = "terminated" => "已终止",
        /// An exercise is over: nobody won.
        Practised = "practised" => "演练结束",
        /// It was sold, and the sale came to nothing: whoever was in line failed, or the sale was void.
        Undone = "undone" => "成交作废",
    }
}

/// A trade in one of these is over.
const ENDED: [LotState; 5] =
    [LotState::Sold, LotState::Failed, LotState::Terminated, LotState::Practised, LotState::Undone];

/// What was offered in one of these may be offered in another round.
pub const OPEN_TO_ANOTHER_ROUND: [LotState; 3] = [LotState::Failed, LotState::Terminated, LotState::Undone];

/// Everybody may see a lot in one of these.
pub const PUBLIC_STATES: [LotState; 6] = [
    LotState::Published,
    LotState::Sold,
    LotState::Failed,
    LotState::Terminated,
    LotState::Practised,
    LotState::Undone,
];

impl LotState {
    /// Whether the collective may still change the terms.
    pub fn is_open_to_change(self) -> bool {
        matches!(self, LotState::Draft | LotState::Returned)
    }
    /// Whether everybody may see it.
    pub fn is_public(self) -> bool {
        PUBLIC_STATES.contains(&self)
    }
    /// Whether the asset may be offered in another round.
    pub fn may_be_relisted(self) -> bool {
        OPEN_TO_ANOTHER_ROUND.contains(&self)
    }
    /// Whether the asset is still bound by it.
    pub fn is_under_way(self) -> bool {
        !ENDED.contains(&self)
    }
}

crate::text_enum! {
    /// Where a lot stands at a given moment, the clock included: what people are shown.
    pub enum Phase {
        Draft = "draft" => "草稿",
        Submitted = "submitted" => "待审核",
        Returned = "returned" => "已退回",
        Approved = "approved" => "待公告",
        /// The notice is out and people may enrol.
        Enrolling = "enrolling" => "公告报名中",
        /// Enrolment is over, the auction has not begun.
        Waiting = "waiting" => "等待竞价",
        Bidding = "bidding" => "竞价中",
        Suspended = "suspended" => "竞价中止",
        /// The end has passed and the result is about to be written.
        Closing = "closing" => "正在确认结果",
        /// The end has passed with several at the ceiling, and officers decide by the criterion of the notice.
        Undecided = "undecided" => "同价，等待评定",
        Sold = "sold" => "成交",
        Failed = "failed" => "流拍",
        Terminated = "terminated" => "已终止",
        Practised = "practised" => "演练结束",
        Undone = "undone" => "成交作废",
    }
}

crate::text_enum! {
    /// Where a published lot stands, as coarse as people look for it.
    pub enum Stage {
        /// Open now; one that is suspended or waits for its result too.
        Bidding = "bidding" => "正在竞价",
        Enrolling = "enrolling" => "正在报名",
        Waiting = "waiting" => "即将竞价",
        Ended = "ended" => "已有结果",
    }
}

/// A stage at one moment, as bounds on what is stored: each pair is after, and up to and with.
#[derive(Debug, Clone)]
pub struct StageBounds {
    pub states: &'static [LotState],
    pub enrol_until: (Timestamp, Timestamp),
    pub opens_at: (Timestamp, Timestamp),
}

impl Stage {
    /// The same borders as [`phase`](super::phase) draws.
    pub fn bounds(self, now: Timestamp) -> StageBounds {
        let (any, past, ahead) =
            ((Timestamp(i64::MIN), Timestamp(i64::MAX)), (Timestamp(i64::MIN), now), (now, Timestamp(i64::MAX)));
        let (states, enrol_until, opens_at): (&'static [LotState], _, _) = match self {
            Stage::Bidding => (&[LotState::Published], any, past),
            Stage::Enrolling => (&[LotState::Published], ahead, any),
            Stage::Waiting => (&[LotState::Published], past, ahead),
            Stage::Ended => (&ENDED, any, any),
        };
        StageBounds { states, enrol_until, opens_at }
    }
}
