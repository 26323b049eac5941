//! What an auction is made of: its rules, the commands that arrive, the state they leave, the outcome.

mod checked;
mod compared;
mod terms;

pub use checked::RuleFault;
pub use compared::{Compared, FULL};
pub use terms::{
    AfterClock, AtCeiling, ClockTerms, Countdown, Criterion, Direction, Extension, ExtensionFrom, Fallback, Mode,
    OutageTerms, Priority, Revisions, Rules, Step, StepMin, StepRow, Tie, Turns,
};

use crate::kernel::{Fen, Timestamp};

crate::text_enum! {
    /// How an auction stands once every command is in.
    pub enum Status {
        Sold = "sold" => "成交",
        Failed = "failed" => "流拍",
        Terminated = "terminated" => "终止",
        Suspended = "suspended" => "中止",
        /// Several stand at the furthest price allowed, and what decides among them is no price.
        Undecided = "undecided" => "待定",
    }
}

crate::text_enum! {
    /// Why nobody won.
    pub enum Failure {
        NoBids = "no_bids" => "无人出价",
        BelowReserve = "below_reserve" => "出价未达到保留价",
        TooFewBidders = "too_few_bidders" => "出价人数不足",
        /// Sealed bids were handed in and too few trustees came to open them; never of the engine's own.
        CannotOpen = "cannot_open" => "密钥保管人不足，未能开标",
        /// The secret floor's envelope was void, so all bids stayed closed; never of the engine's own.
        ReserveVoid = "reserve_void" => "保留价信封打不开，全部报价没有开启",
    }
}

impl Failure {
    /// Whether sealed bids stayed closed: the engine never saw them.
    pub fn is_unopened(self) -> bool {
        matches!(self, Failure::CannotOpen | Failure::ReserveVoid)
    }
}

/// A bidder, as the position in the auction's list of bidders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bidder(pub usize);

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

/// One command in the order the system took it. `seq` counts from 1, `at` never goes back, and no outage begins before the
/// command that precedes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    pub seq: u64,
    pub at: Timestamp,
    /// `None`: nobody of the auction's bidders. Not looked at in the steward's commands.
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
    /// The system stood still from this time until the command's own; `None`: the time cannot be read.
    Outage(Option<Timestamp>),
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
    /// Nobody while prices are hidden.
    pub leading: Option<Leading>,
    /// The second-best private limit, in `proxy` only.
    pub runner_up: Option<Fen>,
    /// The end as it stands.
    pub end: Timestamp,
    pub hard_close_at: Option<Timestamp>,
    /// How often the end has moved.
    pub extensions: u64,
    pub suspended_since: Option<Timestamp>,
    /// Time spent suspended or out of order so far, in microseconds.
    pub suspended_us: i64,
    pub terminated: bool,
}

impl Head {
    /// Whether nothing more can be accepted at `at`. The clock stands while the auction is suspended.
    pub fn is_over(&self, at: Timestamp) -> bool {
        self.suspended_since.is_none() && at >= self.end
    }

    /// `at` on a clock that stood while the auction was suspended or out of order.
    pub fn run_until(&self, at: Timestamp) -> Timestamp {
        at.plus_us(self.suspended_us.saturating_neg())
    }
}

/// What one bidder has at stake: the price (in `proxy` the private limit) that counts, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub price: Fen,
    /// The `seq` of the command that set it.
    pub seq: u64,
    /// How many commands of this bidder were accepted.
    pub times: u64,
    /// In `turns`: what the bidder began the latest own turn with.
    pub before: Option<Before>,
}

/// The price that stood when a round began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Counted from 0.
    pub round: i64,
    pub price: Fen,
    pub seq: u64,
}

/// What the accepted commands have left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub head: Head,
    /// One place a bidder, in the order of the auction's list.
    pub standings: Vec<Option<Standing>>,
    /// How many of them are taken.
    pub taken: u64,
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
        // Until enough have bid, the free period's end is the end.
        let countdown = rules.countdown.filter(|c| rules.mode == Mode::Countdown && c.needs_bidders > 0);
        let countdown_s = countdown.map_or(0, |c| c.seconds.saturating_add(c.wait_s));
        let head = Head {
            leading: None,
            runner_up: None,
            end: rules.closes_at.plus_s(countdown_s.saturating_neg()),
            hard_close_at: rules.hard_close_at(),
            extensions: 0,
            suspended_since: None,
            suspended_us: 0,
            terminated: false,
        };
        State { head, standings: vec![None; bidders], taken: 0 }
    }

    /// Takes over what an accepted command changes.
    pub fn apply(&mut self, accepted: &Accepted) {
        self.head = accepted.head;
        if let Some((bidder, standing)) = accepted.standing
            && let Some(place) = self.standings.get_mut(bidder.0)
        {
            self.taken = self.taken.saturating_add(u64::from(place.is_none()));
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
    /// Who stands at the ceiling, only where `status` is undecided.
    pub candidates: Vec<Bidder>,
    /// What follows, where too few have bid.
    pub next: Option<Fallback>,
    /// Every price that counts as it was compared, the best first; nobody where the rules know no points.
    pub compared: Vec<(Bidder, Compared)>,
}
