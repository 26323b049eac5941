//! A look at bidders. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Id, Timestamp};

/// Marker of identifiers of looks.
#[derive(Debug)]
pub struct LookAtBidders;
pub type BidderLookId = Id<LookAtBidders>;

/// Why somebody has to see everybody of a lot before its end.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BreakGlass)]
pub struct Breaking {
    /// Public after the end.
    #[schema(example = "公安机关调查串通，调取证据")]
    pub reason: String,
}

/// Which file the trading officer has to see, and why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BidderFileWanted)]
pub struct FileWanted {
    /// The code that the bidder writes beside the transfer, from the bidder's own papers.
    #[schema(example = "BZJ1A2B3C4D")]
    pub remark: String,
    /// Public after the end.
    #[schema(example = "核对申报的优先权")]
    pub reason: String,
}

/// A look, as everybody may read it after the end.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BidderLook {
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// At everybody of the lot; otherwise at the file of one bidder.
    pub at_all: bool,
    pub reason: String,
}
