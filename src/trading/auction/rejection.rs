//! Why a command was refused: a stable code for programs, a sentence for people, and what would have been accepted.

use super::model::{Direction, OutageTerms};
use crate::{
    kernel::{Code, Fen, Problem, Timestamp},
    trading::price::PriceUnit,
};

crate::codes! {
    NOT_OPEN 409 "not_open" "竞价尚未开始";
    CLOSED 409 "closed" "竞价已经结束";
    SUSPENDED 409 "suspended" "竞价已中止";
    NOT_SUSPENDED 409 "not_suspended" "竞价没有中止";
    MALFORMED 422 "malformed" "这项操作没有读懂";
    UNKNOWN_BIDDER 409 "unknown_bidder" "没有本标的的竞买资格";
    WRONG_MODE 409 "wrong_mode" "本场竞价不用这种出价方式";
    BELOW_OPENING 409 "below_opening" "出价低于起拍要求";
    BELOW_STEP 409 "below_step" "出价幅度不足";
    ABOVE_STEP 409 "above_step" "出价幅度过大";
    OFF_MULTIPLE 409 "off_multiple" "出价不是规定幅度的整数倍";
    ABOVE_CEILING 409 "above_ceiling" "出价超过最高限额";
    ALREADY_LEADING 409 "already_leading" "您的出价已经领先";
    MATCH_NOT_ALLOWED 409 "match_not_allowed" "目前不能行使优先权";
    REVISIONS_USED 409 "revisions_used" "报价次数已经用完";
    ABOVE_OPENING 409 "above_opening" "报价高于起始价";
    BELOW_FLOOR 409 "below_floor" "报价低于最低限价";
    WRONG_PHASE 409 "wrong_phase" "本阶段不用这种出价方式";
    BETWEEN_PHASES 409 "between_phases" "两个报价时段之间不能出价";
    NOT_YOUR_TURN 409 "not_your_turn" "现在不是您的报价时段";
    OUTAGE_NOT_GIVEN_BACK 409 "outage_not_given_back" "这次停机不顺延结束时间";
}

/// What is bid in a lot, as its refusals say it: the titles above are those of every lot.
struct Words {
    noun: &'static str,
    amount: &'static str,
    opening: &'static str,
    limit: &'static str,
    raise: &'static str,
}

impl Words {
    const fn of(unit: PriceUnit) -> Words {
        if unit.is_money() {
            Words { noun: "价", amount: "金额", opening: "起拍价", limit: "最高限价", raise: "加价" }
        } else {
            Words {
                noun: "面积", amount: "面积", opening: "起拍面积", limit: "最高面积", raise: "加面积"
            }
        }
    }
}

/// The amount at which a price test begins to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    AtLeast(Fen),
    AtMost(Fen),
}

impl Bound {
    /// The least step in `direction` that passes.
    pub fn least(direction: Direction, amount: Fen) -> Bound {
        if direction == Direction::Up { Bound::AtLeast(amount) } else { Bound::AtMost(amount) }
    }

    /// The greatest step in `direction` that passes.
    pub fn greatest(direction: Direction, amount: Fen) -> Bound {
        if direction == Direction::Up { Bound::AtMost(amount) } else { Bound::AtLeast(amount) }
    }

    fn sentence(&self, unit: PriceUnit) -> String {
        let unit = unit.counted_in();
        match self {
            Bound::AtLeast(amount) => format!("至少应为 {amount} {unit}"),
            Bound::AtMost(amount) if *amount < Fen::ZERO => "已经没有更低的价可报".to_owned(),
            Bound::AtMost(amount) => format!("最多可出 {amount} {unit}"),
        }
    }
}

/// The named reasons for refusing a command; where there is one, with what would have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    NotOpen {
        opens_at: Timestamp,
    },
    Closed {
        end: Timestamp,
    },
    Suspended,
    NotSuspended,
    Malformed,
    UnknownBidder,
    WrongMode,
    /// The mode has other commands at this time.
    WrongPhase,
    BetweenPhases {
        from: Timestamp,
    },
    /// `from`: when to try again; `None`: there is no further turn.
    NotYourTurn {
        from: Option<Timestamp>,
    },
    /// Worse than the opening price: under it going up, above it going down.
    BelowOpening {
        bound: Bound,
    },
    BelowStep {
        bound: Bound,
    },
    AboveStep {
        bound: Bound,
    },
    OffMultiple {
        direction: Direction,
        opening: Fen,
        multiple_of: Fen,
    },
    /// Beyond the ceiling: above it going up, under it going down.
    AboveCeiling {
        bound: Bound,
    },
    AlreadyLeading,
    MatchNotAllowed,
    RevisionsUsed,
    /// `terms`: which failures would give time back.
    OutageNotGivenBack {
        terms: Option<OutageTerms>,
    },
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
            Rejection::WrongPhase => &WRONG_PHASE,
            Rejection::BetweenPhases { .. } => &BETWEEN_PHASES,
            Rejection::NotYourTurn { .. } => &NOT_YOUR_TURN,
            Rejection::BelowOpening { bound: Bound::AtLeast(_) } => &BELOW_OPENING,
            Rejection::BelowOpening { bound: Bound::AtMost(_) } => &ABOVE_OPENING,
            Rejection::BelowStep { .. } => &BELOW_STEP,
            Rejection::AboveStep { .. } => &ABOVE_STEP,
            Rejection::OffMultiple { .. } => &OFF_MULTIPLE,
            Rejection::AboveCeiling { bound: Bound::AtMost(_) } => &ABOVE_CEILING,
            Rejection::AboveCeiling { bound: Bound::AtLeast(_) } => &BELOW_FLOOR,
            Rejection::AlreadyLeading => &ALREADY_LEADING,
            Rejection::MatchNotAllowed => &MATCH_NOT_ALLOWED,
            Rejection::RevisionsUsed => &REVISIONS_USED,
            Rejection::OutageNotGivenBack { .. } => &OUTAGE_NOT_GIVEN_BACK,
        }
    }

    /// The code of the trace format and of the JSON API.
    pub fn code(&self) -> &'static str {
        self.problem_code().code
    }

    fn bound(&self) -> Option<Bound> {
        match *self {
            Rejection::BelowOpening { bound }
            | Rejection::BelowStep { bound }
            | Rejection::AboveStep { bound }
            | Rejection::AboveCeiling { bound } => Some(bound),
            _ => None,
        }
    }

    /// The least amount that would have passed the test.
    pub fn minimum(&self) -> Option<Fen> {
        if let Some(Bound::AtLeast(minimum)) = self.bound() { Some(minimum) } else { None }
    }

    /// The greatest amount that would have passed the test; nothing where it would have to be less than nothing.
    pub fn maximum(&self) -> Option<Fen> {
        match self.bound() {
            Some(Bound::AtMost(maximum)) if maximum >= Fen::ZERO => Some(maximum),
            _ => None,
        }
    }

    /// When the command may come again.
    pub fn from(&self) -> Option<Timestamp> {
        match *self {
            Rejection::BetweenPhases { from } => Some(from),
            Rejection::NotYourTurn { from } => from,
            _ => None,
        }
    }

    /// The shortest outage that gives time back, in seconds.
    pub fn at_least_s(&self) -> Option<i64> {
        match self {
            Rejection::OutageNotGivenBack { terms } => terms.map(|terms| terms.at_least_s),
            _ => None,
        }
    }

    /// One sentence for the bidder: what happened and what would have been accepted, in what the lot's prices are counted in.
    pub fn sentence(&self, unit: PriceUnit) -> String {
        let title = self.problem_code().title;
        let words = Words::of(unit);
        match self {
            Rejection::NotOpen { opens_at } => format!("竞价尚未开始，请于 {} 之后出价", opens_at.second_text()),
            Rejection::Closed { end } => format!("竞价已于 {} 结束，此后的出价不计入", end.second_text()),
            Rejection::Suspended => "竞价已中止，请等待恢复公告后再出价".to_owned(),
            Rejection::NotSuspended => "竞价正在进行，没有中止，无需恢复".to_owned(),
            Rejection::Malformed => {
                format!("这次提交没有读懂，请按“820.00”的样式填写{}后重新提交", words.amount)
            }
            Rejection::UnknownBidder => "您还没有本标的的竞买资格，请先报名并缴纳保证金".to_owned(),
            Rejection::WrongMode => "本场竞价不用这种出价方式，请按公告写明的方式出价".to_owned(),
            Rejection::WrongPhase => "本阶段不用这种出价方式：降价时请应价，停价以后请报价".to_owned(),
            Rejection::BetweenPhases { from } => format!("现在是间歇，请于 {} 起报价", from.second_text()),
            Rejection::NotYourTurn { from: Some(from) } => {
                format!("现在没有轮到您报价，请于 {} 起留意您的时段", from.second_text())
            }
            Rejection::NotYourTurn { from: None } => {
                format!("您没有可用的报价时段了，以您已报的{}为准", words.noun)
            }
            Rejection::BelowStep { bound: bound @ Bound::AtLeast(_) } => {
                format!("出价低于最低要求，{}", bound.sentence(unit))
            }
            Rejection::BelowStep { bound } => format!("降价不足，{}", bound.sentence(unit)),
            Rejection::AboveStep { bound: bound @ Bound::AtMost(_) } => {
                format!("{}超过每次最高幅度，{}", words.raise, bound.sentence(unit))
            }
            Rejection::AboveStep { bound } => format!("降价超过每次最高幅度，{}", bound.sentence(unit)),
            Rejection::BelowOpening { bound: bound @ Bound::AtLeast(_) } => {
                format!("出价低于{}，{}", words.opening, bound.sentence(unit))
            }
            Rejection::AboveCeiling { bound: bound @ Bound::AtMost(_) } => {
                format!("出价超过{}，{}", words.limit, bound.sentence(unit))
            }
            Rejection::BelowOpening { bound } | Rejection::AboveCeiling { bound } => {
                format!("{title}，{}", bound.sentence(unit))
            }
            Rejection::OffMultiple { direction, opening, multiple_of } => {
                let (name, sign) = match direction {
                    Direction::Up => (words.opening, "加上"),
                    Direction::Down => ("最高限价", "减去"),
                };
                let unit = unit.counted_in();
                format!("出价应为{name} {opening} {unit}{sign} {multiple_of} {unit}的整数倍")
            }
            Rejection::AlreadyLeading => "您的出价目前领先，不必再次出价".to_owned(),
            Rejection::MatchNotAllowed => "目前不能行使优先权：须有人出价在先，且您的优先顺位高于领先者".to_owned(),
            Rejection::RevisionsUsed => "报价次数已经用完，以您最后一次报价为准".to_owned(),
            Rejection::OutageNotGivenBack { terms: None } => "公告没有写明停机顺延，结束时间不变".to_owned(),
            Rejection::OutageNotGivenBack { terms: Some(OutageTerms { at_least_s, window_s: None }) } => {
                format!("停机满 {at_least_s} 秒才顺延，结束时间不变")
            }
            Rejection::OutageNotGivenBack { terms: Some(OutageTerms { at_least_s, window_s: Some(window_s) }) } => {
                format!("停机满 {at_least_s} 秒并且波及结束前 {window_s} 秒才顺延，结束时间不变")
            }
        }
    }

    /// Carries `minimum` or `maximum` in the price unit, `from` or `at_least_s`, where there is one.
    pub fn problem(&self, unit: PriceUnit) -> Problem {
        let mut problem = Problem::new(self.problem_code(), self.sentence(unit));
        if let Some(minimum) = self.minimum() {
            problem = problem.with("minimum", minimum.to_string());
        }
        if let Some(maximum) = self.maximum() {
            problem = problem.with("maximum", maximum.to_string());
        }
        if let Some(from) = self.from() {
            problem = problem.with("from", from.to_string());
        }
        if let Some(at_least_s) = self.at_least_s() {
            problem = problem.with("at_least_s", at_least_s);
        }
        problem
    }
}
