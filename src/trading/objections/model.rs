//! An objection and its answer. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Day, Id, Timestamp},
    trading::listing::LotId,
};

/// Marker of identifiers of objections.
#[derive(Debug)]
pub struct ObjectionRecord;
pub type ObjectionId = Id<ObjectionRecord>;

crate::text_enum! {
    /// How an objection came.
    pub enum Channel as "ObjectionChannel" {
        Online = "online" => "网上提出",
        /// On paper or by word of mouth, written down by the trading officer.
        OnPaper = "on_paper" => "书面或当面提出，由交易员记录",
    }
}

crate::text_enum! {
    /// What was found.
    pub enum Finding as "ObjectionFinding" {
        /// The result cannot stand as it is: whoever won fails, or the sale is void.
        Upheld = "upheld" => "异议成立",
        Rejected = "rejected" => "异议不成立",
    }
}

/// What somebody has against a result.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LotObjection)]
pub struct NewObjection {
    #[schema(example = "竞得人欠村里租金，不符合公告的竞买条件。")]
    pub objection: String,
}

/// What the platform found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LotFinding)]
pub struct NewFinding {
    pub finding: Finding,
    #[schema(example = "经查，租金已于 3 月 1 日付清，有收据为证。")]
    pub answer: String,
}

/// An objection as it is shown: nobody is named in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObjectionView {
    #[schema(value_type = String)]
    pub id: ObjectionId,
    #[schema(value_type = String)]
    pub lot_id: LotId,
    pub channel: Channel,
    pub objection: String,
    #[schema(value_type = String)]
    pub raised_at: Timestamp,
    /// Last day for the answer.
    #[schema(value_type = String)]
    pub answer_by: Day,
    /// Null while it waits; then only who raised it and the staff see it.
    pub finding: Option<Finding>,
    pub answer: Option<String>,
    #[schema(value_type = Option<String>)]
    pub answered_at: Option<Timestamp>,
}
