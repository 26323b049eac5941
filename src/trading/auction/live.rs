//! Live auctions as people see them. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::CommandKind;
use crate::kernel::{Fen, Timestamp};

/// How a live auction stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Live {
    /// Null before the first bid.
    #[schema(value_type = Option<String>, example = "820.00")]
    pub price: Option<Fen>,
    /// Bid number of who leads.
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
    /// The last command; what comes after it is not in this picture.
    pub seq: i64,
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
    /// In a proxy auction a private limit: null for others until the end.
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
    /// Leader after it.
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
    /// With the amount it gives the digest that the log has of a private limit; null wherever the amount is.
    pub limit_salt: Option<String>,
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
    /// Whether a priority holder could take the lead at the current price now.
    pub may_match: bool,
    /// Whether the account could take the price of the falling clock now.
    pub may_accept: bool,
    /// What the account has bid in a proxy auction: the own limit, which nobody else sees.
    #[schema(value_type = Option<String>)]
    pub limit: Option<Fen>,
    pub why_not: Option<String>,
}
