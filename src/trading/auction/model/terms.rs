//! The rules of an auction: everything that is fixed and published before the first command.

use super::{Bidder, Compared, Offset};
use crate::{
    kernel::{Fen, Timestamp},
    trading::{
        draw::Draw,
        price::{PriceTerms, PriceUnit},
    },
};

crate::text_enum! {
    /// How the price is found.
    pub enum Mode {
        /// Open: every bid is a price that all can see.
        Ascending = "ascending" => "明标（多次报价）",
        /// Open: a bid is a private limit, the visible price is the least that wins.
        Proxy = "proxy" => "代理出价",
        /// Closed: the last price of each bidder counts at the end.
        Sealed = "sealed" => "暗标（一次性报价）",
        /// Falling: the first who accepts wins.
        Clock = "clock" => "降价竞价",
        /// Open, in two periods: free bidding, then a countdown that every bid starts again.
        Countdown = "countdown" => "自由报价加限时报价",
        /// A first price of everybody, then rounds in which each bidder has one turn, the worst price first.
        Turns = "turns" => "轮次报价",
        /// A falling clock; who stops it may be outbid by sealed prices, and has the last word.
        ClockSealed = "clock_sealed" => "降价后暗标",
    }
}

impl Mode {
    /// The modes of the first format.
    pub const FIRST: &[Mode] = &[Mode::Ascending, Mode::Proxy, Mode::Sealed, Mode::Clock];

    /// Whether every bid is a price that all can see, to be beaten by a step.
    pub fn is_open(self) -> bool {
        matches!(self, Mode::Ascending | Mode::Countdown)
    }

    /// Whether nobody learns of a price while the auction runs.
    pub fn hides_prices(self) -> bool {
        matches!(self, Mode::Sealed | Mode::Turns)
    }
}

crate::text_enum! {
    /// Where better prices lie.
    pub enum Direction {
        /// The collective sells or lets.
        Up = "up" => "价高者得",
        /// The collective buys works or services.
        Down = "down" => "价低者得",
    }
}

impl Direction {
    /// `price` bettered by `amount`. Under zero nothing can be bid, which only the bound of a refusal needs to know.
    pub fn beyond(self, price: Fen, amount: Fen) -> Fen {
        match self {
            Direction::Up => Fen(price.0.saturating_add(amount.0)),
            Direction::Down => Fen(price.0.saturating_sub(amount.0)),
        }
    }

    /// A key that is the greater, the better the price.
    pub fn worth(self, price: Fen) -> i64 {
        match self {
            Direction::Up => price.0,
            Direction::Down => price.0.saturating_neg(),
        }
    }

    pub fn is_better(self, one: Fen, other: Fen) -> bool {
        self.worth(one) > self.worth(other)
    }

    pub fn better(self, one: Fen, other: Fen) -> Fen {
        if self.is_better(other, one) { other } else { one }
    }

    pub fn worse(self, one: Fen, other: Fen) -> Fen {
        if self.is_better(other, one) { one } else { other }
    }
}

crate::text_enum! {
    /// Who goes first among equal sealed prices of equal rank.
    pub enum Tie {
        Earliest = "earliest" => "先报价者优先",
        /// By ascending SHA-256 of the seed followed by the bidder's name.
        Draw = "draw" => "抽签",
    }
}

crate::text_enum! {
    /// What decides among those who all bid the furthest price allowed.
    pub enum AtCeiling {
        Draw = "draw" => "抽签",
        /// Something that is no price and that people judge: the auction ends undecided between the named bidders.
        Criterion = "criterion" => "按公告所列其他条件确定",
    }
}

crate::text_enum! {
    /// What follows when too few have bid.
    pub enum Fallback {
        SecondRound = "second_round" => "组织第二轮竞价",
        Negotiation = "negotiation" => "转为公开协商",
        Fail = "fail" => "流拍",
    }
}

crate::text_enum! {
    /// From where an extension is counted.
    pub enum ExtensionFrom {
        /// The time of the bid: the court rule (SPC rules on online judicial auctions, art. 20).
        Bid = "bid" => "自出价时起",
        /// The end as it stood.
        Close = "close" => "自原结束时间起",
    }
}

/// Everything that is fixed before the first command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub mode: Mode,
    pub direction: Direction,
    /// The worst first bid; may be zero.
    pub opening_price: Fen,
    /// A price worse than this is no sale (Auction Law art. 50).
    pub reserve_price: Option<Fen>,
    /// The furthest bid allowed: the highest going up, the lowest going down.
    pub ceiling_price: Option<Fen>,
    /// With it everybody may bid the ceiling, also after somebody else; `None`: the first there cannot be reached.
    pub at_ceiling: Option<AtCeiling>,
    /// What decides among several at the ceiling where that is no draw, and what it came to.
    pub criterion: Option<Criterion>,
    /// Must be there in the open modes, in `proxy` and in `turns`.
    pub step: Option<Step>,
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
    /// The offset in which documents show times.
    pub offset: Offset,
    /// `None`: the end is fixed.
    pub extension: Option<Extension>,
    pub priority: Option<Priority>,
    /// Bidders whose answers to the criteria of the notice were granted before the opening, with what those are worth in basis
    /// points of their price; sorted by bidder. `None`: prices alone are compared. Mode `sealed` only.
    pub points: Option<Vec<(Bidder, i64)>>,
    pub tie: Tie,
    /// The bytes that decide a draw, published after the end.
    pub draw_seed: Option<Vec<u8>>,
    /// Where the seed comes from, so that everybody can see that nobody chose it.
    pub draw: Option<Draw>,
    /// When the trade was terminated although the auction had ended, because something else than a bid had still to decide.
    pub called_off_at: Option<Timestamp>,
    /// How many different bidders a sale needs.
    pub min_bidders: u64,
    /// What follows when there are fewer.
    pub fallback: Option<Fallback>,
    /// Whether the leader may bid again.
    pub leader_may_raise: bool,
    /// Must be there in `sealed`, `turns` (first prices) and `clock_sealed`.
    pub revisions: Option<Revisions>,
    /// Must be there in `clock` and `clock_sealed`.
    pub clock: Option<ClockTerms>,
    /// Mode `countdown` only.
    pub countdown: Option<Countdown>,
    /// Mode `turns` only.
    pub turns: Option<Turns>,
    /// Mode `clock_sealed` only.
    pub after_clock: Option<AfterClock>,
    /// Which failures of the system give time back; `None`: none.
    pub outage: Option<OutageTerms>,
    /// What one yuan of a bid is for.
    pub price: Option<PriceTerms>,
    /// An exercise: its documents have format words of their own, so that no reader takes it for a trade.
    pub practice: bool,
}

/// What decides among those at the ceiling, in the words of the notice. It is no price, so nobody can recompute it: the order
/// that was decided comes as a fact, like the seed of a draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    pub text: String,
    /// All who stand at the ceiling with the best rank, the first one wins; `None`: not decided.
    pub order: Option<Vec<Bidder>>,
}

/// By how much a bid must and may better the price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub min: StepMin,
    /// The greatest step, in the open modes and in `turns`.
    pub max: Option<Fen>,
    /// A bid is a whole number of these away from the opening price.
    pub multiple_of: Option<Fen>,
}

/// The least step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepMin {
    Flat(Fen),
    /// By price; sorted by `from`, the first row from zero.
    Table(Vec<StepRow>),
}

/// The least step from a price upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRow {
    pub from: Fen,
    pub min: Fen,
}

/// A bid in the last `window_s` seconds moves the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    pub window_s: i64,
    pub from: ExtensionFrom,
    pub by_s: i64,
    /// How often the end may move; `None`: without limit.
    pub max_times: Option<u64>,
    /// The end never moves beyond.
    pub hard_close_at: Option<Timestamp>,
}

/// Who goes first at an equal price (SPC rules on online judicial auctions, art. 21).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priority {
    /// Whether a holder may take the lead at the current price.
    pub may_match: bool,
    /// Whether holders of one rank may all stand at one price, to be put in order by the draw; otherwise the earlier stands
    /// and no equal may match it.
    pub draw_among_equals: bool,
    /// Holder and rank, the smaller the better; sorted by holder.
    pub holders: Vec<(Bidder, i64)>,
}

/// How often a sealed price may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revisions {
    AtMost(u64),
    Unlimited,
}

/// The falling price: `opening_price` less `decrement` every `tick_s` seconds, not below `floor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockTerms {
    pub decrement: Fen,
    pub tick_s: i64,
    pub floor: Fen,
}

/// The last `seconds` before `closes_at` are the countdown, `wait_s` before them nobody may bid, and until then bidding is
/// free. In the countdown an accepted bid puts the end to its own time + `seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countdown {
    pub seconds: i64,
    pub wait_s: i64,
    /// With fewer different bidders in the free period the auction ends with it.
    pub needs_bidders: u64,
    /// The end never moves beyond.
    pub hard_close_at: Option<Timestamp>,
}

/// Until `closes_at` everybody may hand in a first price, closed. Then, after `first_pause_s`, come the rounds with `pause_s`
/// between them; in each every bidder has one turn of `turn_s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turns {
    pub rounds: i64,
    pub turn_s: i64,
    pub first_pause_s: i64,
    pub pause_s: i64,
}

/// After the clock was stopped: a pause, sealed prices of everybody else; then, if there is one, another pause, and the one
/// who stopped it may beat the best of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterClock {
    pub pause_s: i64,
    pub sealed_s: i64,
    /// 0: no last word.
    pub best_s: i64,
}

/// The time during which nobody could bid because the system stood still is added to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutageTerms {
    /// Shorter failures are borne.
    pub at_least_s: i64,
    /// Only a failure that reaches into the last `window_s` seconds counts; `None`: every one.
    pub window_s: Option<i64>,
}

impl Rules {
    /// Ranks as a key to sort by, the better the smaller: who is no holder comes after all holders.
    pub fn rank(&self, bidder: Bidder) -> (bool, i64) {
        let holders = self.priority.as_ref().map_or(&[][..], |p| p.holders.as_slice());
        let found = holders.binary_search_by_key(&bidder, |(holder, _)| *holder).ok().and_then(|i| holders.get(i));
        found.map_or((true, 0), |(_, rank)| (false, *rank))
    }

    /// `price` of `bidder` as it is compared with others.
    pub fn compared(&self, bidder: Bidder, price: Fen) -> Compared {
        let granted = self.points.as_deref().unwrap_or_default();
        let found = granted.binary_search_by_key(&bidder, |(one, _)| *one).ok().and_then(|i| granted.get(i));
        Compared { direction: self.direction, price, points: found.map_or(0, |(_, points)| *points) }
    }

    /// The end beyond which nothing moves.
    pub fn hard_close_at(&self) -> Option<Timestamp> {
        match self.mode {
            Mode::Countdown => self.countdown.and_then(|countdown| countdown.hard_close_at),
            _ => self.extension.and_then(|extension| extension.hard_close_at),
        }
    }

    /// What a price is; yuan where the rules do not say.
    pub fn unit(&self) -> PriceUnit {
        self.price.as_ref().map_or(PriceUnit::Whole, |price| price.unit)
    }

    /// Whether some order may depend on the seed.
    pub fn may_draw(&self) -> bool {
        self.tie == Tie::Draw
            || self.at_ceiling == Some(AtCeiling::Draw)
            || self.priority.as_ref().is_some_and(|p| p.draw_among_equals)
    }

    /// Whether the format `/1` says all of it.
    pub fn fits_first_format(&self) -> bool {
        let plain_priority = self.priority.as_ref().is_none_or(|p| !p.draw_among_equals);
        let new = (self.at_ceiling, self.fallback, self.countdown, self.turns, self.after_clock, self.outage);
        Mode::FIRST.contains(&self.mode)
            && self.direction == Direction::Up
            && new == (None, None, None, None, None, None)
            && self.price.is_none()
            && self.draw.is_none()
            && self.criterion.is_none()
            && self.called_off_at.is_none()
            && self.points.is_none()
            && plain_priority
            && !self.practice
    }
}
