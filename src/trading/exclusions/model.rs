//! An exclusion as a value. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Day, Id, Timestamp, codes::RegionCode},
    trading::enrolment::BidderKind,
};

/// Marker of identifiers of exclusions.
#[derive(Debug)]
pub struct ExclusionRecord;
pub type ExclusionId = Id<ExclusionRecord>;

crate::text_enum! {
    /// Why somebody may not bid. Which grounds a place knows is local; these are the ones seen in notices.
    pub enum Ground as "ExclusionGround" {
        /// Won and did not sign or pay (SPC rules on online judicial auctions, art. 24; Tender Regulation, art. 74).
        DefaultAfterWinning = "default_after_winning" => "竞得后弃约",
        /// Auction Law, art. 65.
        Collusion = "collusion" => "串通竞买",
        FalseStatement = "false_statement" => "弄虚作假",
        Arrears = "arrears" => "拖欠租金",
        Other = "other" => "其他",
    }
}

crate::text_enum! {
    /// How an exclusion stands on a day.
    pub enum Standing as "ExclusionStanding" {
        Ahead = "ahead" => "还没开始",
        InForce = "in_force" => "生效中",
        Over = "over" => "已到期",
        Lifted = "lifted" => "已解除",
    }
}

/// What the trading officer fills in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExclusion {
    /// The area that it covers: the place of this code and all below it.
    #[schema(example = "440703103000")]
    pub region_code: String,
    pub kind: BidderKind,
    pub name: String,
    /// Resident ID number or unified social credit code; kept sealed.
    pub id_number: String,
    pub ground: Ground,
    /// What happened, in a sentence: the person who is refused reads it.
    #[serde(default)]
    pub note: String,
    /// Number of the decision by which it is done.
    #[schema(example = "杜阮镇交易〔2026〕3号")]
    pub decision_number: String,
    /// First day; today where it is left out.
    #[serde(default)]
    pub from: Option<String>,
    /// Last day.
    #[serde(default)]
    pub until: Option<String>,
    /// The decision names no last day: it holds until it is lifted.
    #[serde(default)]
    pub until_lifted: bool,
}

/// The decision that lifts an exclusion.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LiftedExclusion)]
pub struct Lifting {
    pub decision_number: String,
    pub reason: String,
}

/// An exclusion as the staff of its area see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Exclusion {
    #[schema(value_type = String)]
    pub id: ExclusionId,
    pub region_code: RegionCode,
    pub kind: BidderKind,
    pub name: String,
    /// Masked.
    pub id_number: String,
    pub ground: Ground,
    pub note: String,
    pub decision_number: String,
    #[schema(value_type = String)]
    pub from: Day,
    /// Null: until it is lifted.
    #[schema(value_type = Option<String>)]
    pub until: Option<Day>,
    pub standing: Standing,
    /// The how manieth exclusion of this person or organisation it is, in all areas.
    pub nth: i64,
    #[schema(value_type = String)]
    pub recorded_at: Timestamp,
    #[schema(value_type = Option<String>)]
    pub lifted_at: Option<Timestamp>,
    pub lift_decision: Option<String>,
    pub lift_reason: Option<String>,
    pub version: i32,
}
