//! Why a command was refused: a stable code for programs, a sentence for people, and what would have been accepted.

use crate::kernel::{Code, Fen, Problem, Timestamp};

crate::codes! {
    NOT_OPEN 409 "not_open" "竞价尚未开始";
    CLOSED 409 "closed" "竞价已经结束";
    SUSPENDED 409 "suspended" "竞价已中止";
    NOT_SUSPENDED 409 "not_suspended" "竞价没有中止";
    MALFORMED 422 "malformed" "这项操作没有读懂";
    UNKNOWN_BIDDER 409 "unknown_bidder" "没有本标的的竞买资格";
    WRONG_MODE 409 "wrong_mode" "本场竞价不用这种出价方式";
    BELOW_OPENING 409 "below_opening" "出价低于起拍价";
    BELOW_STEP 409 "below_step" "加价不足";
    ABOVE_STEP 409 "above_step" "加价过多";
    OFF_MULTIPLE 409 "off_multiple" "出价不是加价单位的整数倍";
    ABOVE_CEILING 409 "above_ceiling" "出价超过最高限价";
    ALREADY_LEADING 409 "already_leading" "您的出价已经领先";
    MATCH_NOT_ALLOWED 409 "match_not_allowed" "目前不能行使优先权";
    REVISIONS_USED 409 "revisions_used" "报价次数已经用完";
}

/// The named reasons for refusing a command; where there is one, with the amount that would have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    NotOpen { opens_at: Timestamp },
    Closed { end: Timestamp },
    Suspended,
    NotSuspended,
    Malformed,
    UnknownBidder,
    WrongMode,
    BelowOpening { minimum: Fen },
    BelowStep { minimum: Fen },
    AboveStep { maximum: Fen },
    OffMultiple { opening: Fen, multiple_of: Fen },
    AboveCeiling { maximum: Fen },
    AlreadyLeading,
    MatchNotAllowed,
    RevisionsUsed,
}

impl Rejection {
    fn problem_code(&self) -> &'static Code {
        match self {
            Rejection::NotOpen { .. } => &NOT_OPEN,
            Rejection::Closed { .. } => &CLOSED,
            Rejection::Suspended => &SUSPENDED,
            Rejection::NotSuspended => &NOT_SUSPENDED,
            Rejection::Malformed => &MALFORMED,
            Rejection::UnknownBidder => &UNKNOWN_BIDDER,
            Rejection::WrongMode => &WRONG_MODE,
            Rejection::BelowOpening { .. } => &BELOW_OPENING,
            Rejection::BelowStep { .. } => &BELOW_STEP,
            Rejection::AboveStep { .. } => &ABOVE_STEP,
            Rejection::OffMultiple { .. } => &OFF_MULTIPLE,
            Rejection::AboveCeiling { .. } => &ABOVE_CEILING,
            Rejection::AlreadyLeading => &ALREADY_LEADING,
            Rejection::MatchNotAllowed => &MATCH_NOT_ALLOWED,
            Rejection::RevisionsUsed => &REVISIONS_USED,
        }
    }

    /// The code of the trace format and of the JSON API.
    pub fn code(&self) -> &'static str {
        self.problem_code().code
    }

    /// The least amount that would have passed the tests from below.
    pub fn minimum(&self) -> Option<Fen> {
        match *self {
            Rejection::BelowOpening { minimum } | Rejection::BelowStep { minimum } => Some(minimum),
            _ => None,
        }
    }

    /// The greatest amount that would have passed the test from above.
    pub fn maximum(&self) -> Option<Fen> {
        match *self {
            Rejection::AboveStep { maximum } | Rejection::AboveCeiling { maximum } => Some(maximum),
            _ => None,
        }
    }

    /// One sentence for the bidder: what happened and what would have been accepted.
    pub fn sentence(&self) -> String {
        match self {
            Rejection::NotOpen { opens_at } => format!("竞价尚未开始，请于 {} 之后出价", opens_at.second_text()),
            Rejection::Closed { end } => format!("竞价已于 {} 结束，此后的出价不计入", end.second_text()),
            Rejection::Suspended => "竞价已中止，请等待恢复公告后再出价".to_owned(),
            Rejection::NotSuspended => "竞价正在进行，没有中止，无需恢复".to_owned(),
            Rejection::Malformed => "这次提交没有读懂，请按“820.00”的样式填写金额后重新提交".to_owned(),
            Rejection::UnknownBidder => "您还没有本标的的竞买资格，请先报名并缴纳保证金".to_owned(),
            Rejection::WrongMode => "本场竞价不用这种出价方式，请按公告写明的方式出价".to_owned(),
            Rejection::BelowOpening { minimum } => format!("出价低于起拍价，至少应为 {minimum} 元"),
            Rejection::BelowStep { minimum } => format!("出价低于最低要求，至少应为 {minimum} 元"),
            Rejection::AboveStep { maximum } => format!("加价超过每次最高幅度，最多可出 {maximum} 元"),
            Rejection::OffMultiple { opening, multiple_of } => {
                format!("出价应为起拍价 {opening} 元加上 {multiple_of} 元的整数倍")
            }
            Rejection::AboveCeiling { maximum } => format!("出价超过最高限价，最多可出 {maximum} 元"),
            Rejection::AlreadyLeading => "您的出价目前领先，不必再次出价".to_owned(),
            Rejection::MatchNotAllowed => "目前不能行使优先权：须有人出价在先，且您的优先顺位高于领先者".to_owned(),
            Rejection::RevisionsUsed => "报价次数已经用完，以您最后一次报价为准".to_owned(),
        }
    }
}

impl From<Rejection> for Problem {
    /// Carries `minimum` or `maximum`, in yuan, where there is one.
    fn from(rejection: Rejection) -> Problem {
        let mut problem = Problem::new(rejection.problem_code(), rejection.sentence());
        if let Some(minimum) = rejection.minimum() {
            problem = problem.with("minimum", minimum.to_string());
        }
        if let Some(maximum) = rejection.maximum() {
            problem = problem.with("maximum", maximum.to_string());
        }
        problem
    }
}
