//! The award as everybody sees it. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    kernel::{Day, Fen, Timestamp},
    trading::auction::{Failure, Status},
};

/// The result of an auction.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Award {
    pub status: Status,
    /// Only where it failed.
    pub reason: Option<Failure>,
    /// Bid number of the winner.
    pub winner: Option<String>,
    /// A person's name masked, an organisation's in full.
    pub winner_name: Option<String>,
    /// In the price unit of the lot.
    #[schema(value_type = Option<String>, example = "820.00")]
    pub price: Option<Fen>,
    /// Over the whole term.
    #[schema(value_type = Option<String>)]
    pub total: Option<Fen>,
    #[schema(value_type = String)]
    pub closed_at: Timestamp,
    pub extensions: u64,
    /// Bidders with an accepted bid.
    pub participants: u32,
    /// Bid numbers, best first.
    pub successors: Vec<String>,
    /// The result is published from this day …
    #[schema(value_type = String)]
    pub notice_from: Day,
    /// … up to and with this day.
    #[schema(value_type = String)]
    pub notice_until: Day,
    /// Why it was terminated.
    pub note: String,
}
