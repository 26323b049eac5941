//! A look at bidders. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Id, Timestamp},
    trading::listing::LotId,
};

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

/// Marker of identifiers of requests.
#[derive(Debug)]
pub struct RequestOfLook;
pub type GlassRequestId = Id<RequestOfLook>;

crate::text_enum! {
    /// How far a request to look at everybody has come.
    pub enum GlassState as "BreakGlassState" {
        Requested = "requested" => "等另一人同意",
        Agreed = "agreed" => "已同意",
        Refused = "refused" => "没有同意",
    }
}

/// Why the second officer does not agree.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BreakGlassRefusal)]
pub struct GlassRefusal {
    /// Public after the end.
    #[schema(example = "没有调查机关的公函")]
    pub reason: String,
}

/// A request to look at everybody of a lot before its end: one officer asks, another agrees. Public after the end.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = BreakGlassRequest)]
pub struct GlassRequest {
    #[schema(value_type = String)]
    pub id: GlassRequestId,
    #[schema(value_type = String)]
    pub lot_id: LotId,
    pub reason: String,
    pub state: GlassState,
    pub requested_by: String,
    #[schema(value_type = String)]
    pub requested_at: Timestamp,
    /// Who agreed or refused.
    pub decided_by: Option<String>,
    #[schema(value_type = Option<String>)]
    pub decided_at: Option<Timestamp>,
    /// Until when the names were, or are, shown to who asked.
    #[schema(value_type = Option<String>)]
    pub until: Option<Timestamp>,
    /// Why it was refused.
    pub refusal: Option<String>,
    pub version: i32,
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
