//! What an auction is made of: its rules, the commands that arrive, the state they leave, the outcome.

use crate::kernel::{Fen, Timestamp};

crate::text_enum! {
    /// How the price is found.
    pub enum Mode {
        /// Open and rising: every bid is a price that all can see.
        Ascending = "ascending" => "明标（多次报价）",
        /// Open and rising: a bid is a private maximum, the visible price is the least that wins.
        Proxy = "proxy" => "代理出价",
        /// Closed: the last price of each bidder counts at the end.
        Sealed = "sealed" => "暗标（一次性报价）",
        /// Falling: the first who accepts wins.
        Clock = "clock" => "降价竞价",
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
    /// From where an extension is counted.
    pub enum ExtensionFrom {
        /// The time of the bid: the court rule (SPC rules on online judicial auctions, art. 20).
        Bid = "bid" => "自出价时起",
        /// The end as it stood.
        Close = "close" => "自原结束时间起",
    }
}

crate::text_enum! {
    /// How an auction stands once every command is in.
    pub enum Status {
        Sold = "sold" => "成交",
        Failed = "failed" => "流拍",
        Terminated = "terminated" => "终止",
        Suspended = "suspended" => "中止",
    }
}

crate::text_enum! {
    /// Why nobody won.
    pub enum Failure {
        NoBids = "no_bids" => "无人出价",
        BelowReserve = "below_reserve" => "最高出价未达到保留价",
        TooFewBidders = "too_few_bidders" => "出价人数不足",
    }
}

/// A bidder, as the position in the auction's list of bidders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bidder(pub usize);

/// Everything that is fixed before the first command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub mode: Mode,
    /// The least first bid; may be zero.
    pub opening_price: Fen,
    /// Below it there is no sale (Auction Law art. 50).
    pub reserve_price: Option<Fen>,
    /// The highest bid allowed.
    pub ceiling_price: Option<Fen>,
    /// Must be there in `ascending` and `proxy`.
    pub step: Option<Step>,
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
    /// The offset in which documents show times.
    pub offset: Offset,
    /// `None`: the end is fixed.
    pub extension: Option<Extension>,
    pub priority: Option<Priority>,
    pub tie: Tie,
    /// The bytes that decide a draw, published after the end.
    pub draw_seed: Option<Vec<u8>>,
    /// How many different bidders a sale needs.
    pub min_bidders: u64,
    /// Whether the leader may bid again.
    pub leader_may_raise: bool,
    /// Mode `sealed` only.
    pub revisions: Option<Revisions>,
    /// Mode `clock` only.
    pub clock: Option<ClockTerms>,
}

/// By how much a bid must and may raise the price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub min: StepMin,
    /// The greatest raise, in `ascending` only.
    pub max: Option<Fen>,
    /// A bid is a whole number of these above the opening price.
    pub multiple_of: Option<Fen>,
}

/// The least raise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepMin {
    Flat(Fen),
    /// By price; sorted by `from`, the first row from zero.
    Table(Vec<StepRow>),
}

/// The least raise from a price upwards.
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

/// An offset from UTC and the way it was written (`+08:00`, `Z`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offset {
    pub seconds: i64,
    pub text: String,
}

impl Offset {
    /// Beijing time, `+08:00`.
    pub fn beijing() -> Offset {
        Offset { seconds: 8 * 3600, text: "+08:00".to_owned() }
    }
}

/// One command in the order the system took it. `seq` counts from 1, `at` never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    pub seq: u64,
    pub at: Timestamp,
    /// `None`: nobody of the auction's bidders. Not looked at in suspend, resume and terminate.
    pub bidder: Option<Bidder>,
    pub action: Action,
}

/// What a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `None`: the amount cannot be read.
    Bid(Option<Fen>),
    /// A priority holder takes the lead at the current price.
    Match,
    /// Takes the price that the falling clock shows.
    Accept,
    Suspend,
    Resume,
    Terminate,
    /// A type that the format does not know.
    Unknown,
}

/// Who leads and at which visible price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leading {
    pub bidder: Bidder,
    pub price: Fen,
}

/// The part of the state that is of one size whatever has happened: what the server keeps in the lot's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Nobody in `sealed`.
    pub leading: Option<Leading>,
    /// The second-highest maximum, in `proxy` only.
    pub runner_up: Option<Fen>,
    /// The end as it stands.
    pub end: Timestamp,
    pub hard_close_at: Option<Timestamp>,
    /// How often the end has moved.
    pub extensions: u64,
    pub suspended_since: Option<Timestamp>,
    /// Time spent suspended so far, in microseconds.
    pub suspended_us: i64,
    pub terminated: bool,
}

impl Head {
    /// Whether nothing more can be accepted at `at`. The clock stands while the auction is suspended.
    pub fn is_over(&self, at: Timestamp) -> bool {
        self.suspended_since.is_none() && at >= self.end
    }
}

/// What one bidder has at stake: the price (in `proxy` the maximum) that counts, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub price: Fen,
    /// The `seq` of the command that set it.
    pub seq: u64,
    /// How many commands of this bidder were accepted.
    pub times: u64,
}

/// What the accepted commands have left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub head: Head,
    /// One place a bidder, in the order of the auction's list.
    pub standings: Vec<Option<Standing>>,
}

/// An accepted command: what changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    pub head: Head,
    /// What now counts for the bidder, where the command had one.
    pub standing: Option<(Bidder, Standing)>,
}

impl State {
    /// Before the first command.
    pub fn new(rules: &Rules, bidders: usize) -> State {
        let head = Head {
            leading: None,
            runner_up: None,
            end: rules.closes_at,
            hard_close_at: rules.extension.and_then(|e| e.hard_close_at),
            extensions: 0,
            suspended_since: None,
            suspended_us: 0,
            terminated: false,
        };
        State { head, standings: vec![None; bidders] }
    }

    /// Takes over what an accepted command changes.
    pub fn apply(&mut self, accepted: &Accepted) {
        self.head = accepted.head;
        if let Some((bidder, standing)) = accepted.standing
            && let Some(place) = self.standings.get_mut(bidder.0)
        {
            *place = Some(standing);
        }
    }

    /// What counts for `bidder`.
    pub fn standing(&self, bidder: Bidder) -> Option<Standing> {
        self.standings.get(bidder.0).copied().flatten()
    }
}

/// How the auction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub status: Status,
    /// Only where `status` is failed.
    pub reason: Option<Failure>,
    pub winner: Option<Bidder>,
    /// What the winner pays.
    pub price: Option<Fen>,
    /// `None` while suspended.
    pub closed_at: Option<Timestamp>,
    pub extensions: u64,
    /// Who steps in if the winner defaults, best first.
    pub successors: Vec<Bidder>,
}

/// Rules that contradict themselves. Shown as one sentence that names the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleFault {
    ClosesBeforeItOpens,
    HardCloseBeforeEnd,
    CeilingUnderOpening,
    NoStep,
    ZeroStep,
    TableStart,
    TableTwice,
    FloorAboveOpening,
    ZeroTick,
    HolderUnknown,
    HolderTwice,
    NoSealedTerms,
    NoClockTerms,
    DrawWithoutSeed,
}

impl std::fmt::Display for RuleFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            RuleFault::ClosesBeforeItOpens => "结束时间（closes_at）应晚于开始时间（opens_at）",
            RuleFault::HardCloseBeforeEnd => "最晚结束时间（hard_close_at）不应早于结束时间（closes_at）",
            RuleFault::CeilingUnderOpening => "最高限价（ceiling_price）不应低于起拍价（opening_price）",
            RuleFault::NoStep => "明标和代理出价应写明加价幅度（step）",
            RuleFault::ZeroStep => "加价幅度（step 的 min、max、multiple_of 和 table 各行的 min）应大于零",
            RuleFault::TableStart => "分段加价表（step.table）应有一行从 0.00 开始",
            RuleFault::TableTwice => "分段加价表（step.table）有两行从同一价格开始",
            RuleFault::FloorAboveOpening => "最低价（clock.floor）不应高于起拍价（opening_price）",
            RuleFault::ZeroTick => "降价间隔（clock.tick_s）应至少为 1 秒",
            RuleFault::HolderUnknown => "优先权人（priority.holders）应在竞买人名单之中",
            RuleFault::HolderTwice => "优先权人（priority.holders）重复",
            RuleFault::NoSealedTerms => "暗标应写明可修改次数（sealed）",
            RuleFault::NoClockTerms => "降价竞价应写明降价方式（clock）",
            RuleFault::DrawWithoutSeed => "抽签（tie 为 draw）应写明随机种子（draw_seed）",
        })
    }
}

impl std::error::Error for RuleFault {}

impl Rules {
    /// Puts lists in order and tests that the rules fit together and with `bidders` places. Every other function here
    /// takes rules that passed.
    pub fn checked(mut self, bidders: usize) -> Result<Rules, RuleFault> {
        use RuleFault as F;
        let zero = |f: Option<Fen>| f.is_some_and(|f| f <= Fen::ZERO);
        let fail = |bad: bool, fault| if bad { Err(fault) } else { Ok(()) };
        fail(self.closes_at <= self.opens_at, F::ClosesBeforeItOpens)?;
        let hard = self.extension.and_then(|e| e.hard_close_at);
        fail(hard.is_some_and(|hard| hard < self.closes_at), F::HardCloseBeforeEnd)?;
        fail(self.ceiling_price.is_some_and(|ceiling| ceiling < self.opening_price), F::CeilingUnderOpening)?;
        fail(self.step.is_none() && matches!(self.mode, Mode::Ascending | Mode::Proxy), F::NoStep)?;
        if let Some(step) = &mut self.step {
            fail(zero(step.max) || zero(step.multiple_of), F::ZeroStep)?;
            match &mut step.min {
                StepMin::Flat(min) => fail(*min <= Fen::ZERO, F::ZeroStep)?,
                StepMin::Table(rows) => {
                    rows.sort_by_key(|row| row.from);
                    fail(rows.iter().any(|row| row.min <= Fen::ZERO), F::ZeroStep)?;
                    fail(rows.first().is_none_or(|row| row.from != Fen::ZERO), F::TableStart)?;
                    fail(rows.windows(2).any(|w| matches!(w, [a, b] if a.from == b.from)), F::TableTwice)?;
                }
            }
        }
        if let Some(priority) = &mut self.priority {
            priority.holders.sort_by_key(|(bidder, _)| *bidder);
            fail(priority.holders.iter().any(|(bidder, _)| bidder.0 >= bidders), F::HolderUnknown)?;
            fail(priority.holders.windows(2).any(|w| matches!(w, [a, b] if a.0 == b.0)), F::HolderTwice)?;
        }
        if let Some(clock) = &self.clock {
            fail(clock.floor > self.opening_price, F::FloorAboveOpening)?;
            fail(clock.tick_s <= 0, F::ZeroTick)?;
        }
        fail(self.mode == Mode::Sealed && self.revisions.is_none(), F::NoSealedTerms)?;
        fail(self.mode == Mode::Clock && self.clock.is_none(), F::NoClockTerms)?;
        fail(self.tie == Tie::Draw && self.draw_seed.is_none(), F::DrawWithoutSeed)?;
        Ok(self)
    }

    /// Ranks as a key to sort by, the better the smaller: who is no holder comes after all holders.
    pub fn rank(&self, bidder: Bidder) -> (bool, i64) {
        let holders = self.priority.as_ref().map_or(&[][..], |p| p.holders.as_slice());
        let found = holders.binary_search_by_key(&bidder, |(holder, _)| *holder).ok().and_then(|i| holders.get(i));
        found.map_or((true, 0), |(_, rank)| (false, *rank))
    }
}
