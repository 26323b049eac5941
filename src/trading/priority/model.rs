//! Kinds of priority, what a notice says of them, a claim and what became of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Id, Timestamp};

/// Marker of identifiers of rights.
#[derive(Debug)]
pub struct PriorityRecord;
pub type RightId = Id<PriorityRecord>;

crate::text_enum! {
    /// On what a priority rests.
    pub enum Kind as "PriorityKind" {
        Member = "member" => "本集体经济组织成员",
        Household = "household" => "本集体农户",
        /// Of a house only; ponds and fields have none by law (Civil Code art. 734).
        SittingTenant = "sitting_tenant" => "原承租方",
        CoOwner = "co_owner" => "共有人",
        /// By a resolution or contract that the notice names.
        Agreed = "agreed" => "约定优先",
    }
}

/// What a notice says of priority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Best first: the first kind has rank 1. Which goes before which is decided locally.
    pub order: Vec<Kind>,
    /// Claims at this time or later are too late.
    pub claim_until: Timestamp,
}

impl Terms {
    /// The rank of a kind, 1 the best; `None`: the notice does not know it.
    pub fn rank(&self, kind: Kind) -> Option<i64> {
        self.order.iter().zip(1..).find(|(one, _)| **one == kind).map(|(_, rank)| rank)
    }
}

/// A paper that shows the ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What it is: 户口簿, 原租赁合同.
    pub title: String,
    /// SHA-256 of the stored contents, in hex.
    pub sha256: String,
}

/// What a bidder asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The bid number.
    pub bidder: String,
    pub kind: Kind,
    pub proofs: Vec<Proof>,
    pub claimed_at: Timestamp,
}

/// Who confirmed or refused a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The account of the person who checked.
    pub by: String,
    pub at: Timestamp,
}

crate::text_enum! {
    /// Why a right no longer stands.
    pub enum LapseCause {
        /// The proof does not show the ground; the bidder goes on as an ordinary one.
        NotProven = "not_proven" => "审核未通过",
        Waived = "waived" => "权利人放弃",
        /// Told of the auction, and no bid (SPC art. 16).
        Silent = "silent" => "通知后未参与竞价",
        /// Won, and did not sign.
        Defaulted = "defaulted" => "成交后未签约",
    }
}

/// The end of a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapse {
    pub cause: LapseCause,
    pub at: Timestamp,
}

/// How far a right has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RightState {
    Claimed,
    Granted(Grant),
    /// With who had granted it, if anybody.
    Lapsed(Lapse, Option<Grant>),
}

/// A claim and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    pub claim: Claim,
    /// From the order of the notice, 1 the best.
    pub rank: i64,
    pub state: RightState,
}

crate::text_enum! {
    /// How far a right has come, as it is stored.
    pub enum Standing as "PriorityStanding" {
        Claimed = "claimed" => "待审核",
        Granted = "granted" => "审核通过",
        Lapsed = "lapsed" => "已失效",
    }
}

/// What a bidder brings.
#[derive(Debug, Clone)]
pub struct NewClaim {
    /// As it was chosen.
    pub kind: String,
    /// What the paper is: 户口簿, 原租赁合同.
    pub title: String,
    pub bytes: Vec<u8>,
}

/// What the trading officer found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PriorityChecking)]
pub struct Checking {
    /// Whether the proof shows the ground.
    pub proven: bool,
    /// What was compared, or what is lacking.
    #[schema(example = "户口簿和成员名册核对一致")]
    pub note: String,
}

/// A right as its bidder and who checks it see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PriorityRight)]
pub struct RightView {
    #[schema(value_type = String)]
    pub id: RightId,
    pub kind: Kind,
    /// From the order of the notice, 1 the best.
    pub rank: i32,
    pub state: Standing,
    #[schema(value_type = String)]
    pub claimed_at: Timestamp,
    /// SHA-256 of the stored, encrypted proof, as the log names it.
    pub proof_sha256: String,
    /// Who checked it.
    pub checker: Option<String>,
    #[schema(value_type = Option<String>)]
    pub checked_at: Option<Timestamp>,
    pub note: String,
    /// Why it no longer stands.
    pub cause: Option<LapseCause>,
    #[schema(value_type = Option<String>)]
    pub lapsed_at: Option<Timestamp>,
    pub version: i32,
}
