//! Live auctions as people see them. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Part, grounds::Ground, store::CommandKind};
use crate::kernel::{Fen, Timestamp};

/// How a live auction stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Live {
    /// Null before the first bid. Where sealed prices follow a clock: that at which it was stopped, until they are told.
    #[schema(value_type = Option<String>, example = "820.00")]
    pub price: Option<Fen>,
    /// Bid number of who leads; null while sealed prices follow a clock, until they are told.
    pub leader: Option<String>,
    /// The end as it stands, extensions included.
    #[schema(value_type = String)]
    pub end_at: Timestamp,
    pub extensions: u64,
    #[schema(value_type = Option<String>)]
    pub suspended_since: Option<Timestamp>,
    /// The least bid of somebody who does not lead.
    #[schema(value_type = String, example = "830.00")]
    pub least: Fen,
    /// The greatest; null: without limit. Under `least` no bid is possible any more.
    #[schema(value_type = Option<String>)]
    pub most: Option<Fen>,
    /// Amounts to propose to somebody who does not lead, least first.
    #[schema(value_type = Vec<String>, example = json!(["830.00", "840.00", "870.00"]))]
    pub offers: Vec<Fen>,
    /// Where the price falls by itself until somebody takes it.
    pub clock: Option<FallingPrice>,
    /// Until when first prices are taken, where rounds of turns come after them.
    #[schema(value_type = Option<String>)]
    pub first_until: Option<Timestamp>,
    /// The round of turns that runs; null before the first prices are in.
    pub turns: Option<TurnsNow>,
    /// The part that runs, where sealed prices follow a clock.
    pub part: Option<PartNow>,
    /// The last command; what comes after it is not in this picture.
    pub seq: i64,
}

impl Live {
    /// What its clock counts down to, and what is said beside it.
    pub fn clock(&self) -> (&'static str, Timestamp) {
        match &self.turns {
            Some(TurnsNow { until: Some(until), .. }) => ("距本时段结束", *until),
            Some(TurnsNow { next_at: Some(next_at), .. }) => ("距下一时段开始", *next_at),
            _ => match (self.first_until, &self.part) {
                (Some(until), _) => ("距首次报价截止", until),
                (None, Some(now)) => (now.counts_down_to(), now.until),
                (None, None) => ("距结束", self.end_at),
            },
        }
    }
}

/// A round in which each bidder has one turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TurnsNow {
    /// Counted from 1.
    pub round: i64,
    /// How many there are.
    pub rounds: i64,
    /// Bid number of who has the turn; null in a pause.
    pub bidder: Option<String>,
    /// Until when.
    #[schema(value_type = Option<String>)]
    pub until: Option<Timestamp>,
    /// When the next turn begins; null after the last one has begun.
    #[schema(value_type = Option<String>)]
    pub next_at: Option<Timestamp>,
    /// In the order of the turns, the worst price first.
    pub order: Vec<Turn>,
}

impl TurnsNow {
    /// Another one: the page has another shape.
    pub fn key(&self) -> String {
        format!("{}:{}", self.round, self.bidder.as_deref().unwrap_or_default())
    }
}

/// A part of an auction whose clock is followed by sealed prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartNow {
    pub part: Part,
    /// When it ends.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// Bid number of who stopped the clock; null while it falls.
    pub stopped_by: Option<String>,
}

impl PartNow {
    fn counts_down_to(&self) -> &'static str {
        match self.part {
            Part::Falling => "距降价结束",
            Part::BeforeSealed => "距暗标开始",
            Part::Sealed => "距暗标截止",
            Part::BeforeLastWord => "距最后报价开始",
            Part::LastWord => "距最后报价截止",
            Part::Over => "距结束",
        }
    }
}

/// One turn of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Turn {
    pub bidder: String,
    /// As it is known: what is bid in a turn is shown when the turn ends.
    #[schema(value_type = String, example = "820.00")]
    pub price: Fen,
    #[schema(value_type = String)]
    pub from: Timestamp,
    #[schema(value_type = String)]
    pub until: Timestamp,
    pub state: TurnState,
}

impl Turn {
    pub fn is_now(&self) -> bool {
        self.state == TurnState::Now
    }
}

crate::text_enum! {
    /// How far a turn has come.
    pub enum TurnState {
        Waiting = "waiting" => "未到",
        Now = "now" => "正在报价",
        Bettered = "bettered" => "已报新价",
        Passed = "passed" => "没有改价",
    }
}

/// The price of a falling clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FallingPrice {
    /// What an `accept` takes now.
    #[schema(value_type = String, example = "650.00")]
    pub price: Fen,
    /// When it falls next; null: not any more, or not while it stands.
    #[schema(value_type = Option<String>)]
    pub falls_at: Option<Timestamp>,
}

crate::text_enum! {
    /// How a bid came in, where it was not from the bidder's own account.
    pub enum Via as "BidVia" {
        /// A paddle was raised, and an officer entered it.
        Hall = "hall" => "现场",
    }
}

/// A command on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BidView {
    /// Order in which the system took it.
    pub seq: i64,
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// `bid`, `match`, `accept`, `suspend`, `resume`, `terminate`, `outage`.
    #[serde(rename = "type")]
    pub kind: CommandKind,
    /// Bid number; null for the steward's commands.
    pub bidder: Option<String>,
    /// In a proxy auction a private limit: null for others until the end. Likewise a price of turns until its turn has ended, and
    /// one that follows a clock until the sealed part has.
    #[schema(value_type = Option<String>)]
    pub amount: Option<Fen>,
    pub accepted: bool,
    /// Why it was refused: one of the codes of the trace format.
    pub reason: Option<String>,
    /// The sentence for it.
    pub sentence: Option<String>,
    /// Least or greatest amount that would have been accepted.
    #[schema(value_type = Option<String>)]
    pub bound: Option<Fen>,
    /// Leader after it; null, like the price, where nobody leads yet.
    pub leader: Option<String>,
    /// Price after it.
    #[schema(value_type = Option<String>)]
    pub price: Option<Fen>,
    /// End after it.
    #[schema(value_type = Option<String>)]
    pub closes_at: Option<Timestamp>,
    /// The steward's reason.
    pub note: String,
    /// From when the system stood still; of an outage only.
    #[schema(value_type = Option<String>)]
    pub since: Option<Timestamp>,
    /// Why the steward suspended or terminated.
    pub ground: Option<Ground>,
    /// Name and number of the decision.
    pub paper: Option<String>,
    /// SHA-256 of the stored, encrypted paper, as the log names it.
    pub paper_sha256: Option<String>,
    /// With the amount it gives the digest that the log has of a private limit; null wherever the amount is.
    pub limit_salt: Option<String>,
    /// `hall`: a paddle was raised. Null: from the bidder's own account.
    pub via: Option<Via>,
    /// Which officer entered it, for its bidder and for who watches over the trade; null for all others.
    pub entered_by: Option<String>,
}

/// What the own account sees of a lot besides the public.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Mine {
    pub bid_number: Option<String>,
    pub leading: bool,
    /// Whether a bid of this account was accepted.
    pub has_bid: bool,
    /// Null where the account cannot bid now; `why_not` says why.
    #[schema(value_type = Option<String>)]
    pub least: Option<Fen>,
    #[schema(value_type = Option<String>)]
    pub most: Option<Fen>,
    /// The rank of the account's priority right, 1 the best.
    pub priority_rank: Option<i64>,
    /// Whether a priority holder could take the lead at the current price now.
    pub may_match: bool,
    /// Whether the account could take the price of the falling clock now.
    pub may_accept: bool,
    /// What the account has bid where others do not see it yet: the own limit in a proxy auction, the own price in turns or
    /// after a clock.
    #[schema(value_type = Option<String>)]
    pub limit: Option<Fen>,
    /// Amounts to propose to this account in its turn, least first.
    #[schema(value_type = Vec<String>)]
    pub offers: Vec<Fen>,
    pub why_not: Option<String>,
}
