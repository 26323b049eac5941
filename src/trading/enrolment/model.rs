//! Enrolments as values. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Fen, Id, Timestamp},
    settlement::Deposit,
    trading::listing::LotId,
};

/// Marker of enrolment identifiers.
#[derive(Debug)]
pub struct Enrolled;
pub type EnrolmentId = Id<Enrolled>;

crate::text_enum! {
    /// Who bids.
    pub enum BidderKind {
        Person = "person" => "自然人",
        Organisation = "organisation" => "法人或其他组织",
    }
}

crate::text_enum! {
    /// How far an enrolment has come.
    pub enum EnrolmentState {
        /// Enrolled; the deposit is awaited.
        Enrolled = "enrolled" => "已报名，待缴保证金",
        /// The deposit is in: has a bid number.
        Admitted = "admitted" => "已取得竞买资格",
    }
}

/// What a bidder fills in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnrolment {
    pub kind: BidderKind,
    /// As on the ID card or the licence.
    pub name: String,
    /// Resident ID number, or the organisation's unified social credit code; kept sealed.
    pub id_number: String,
    /// Mobile phone; kept sealed.
    pub phone: String,
    /// Why the bidder goes first at an equal price, where the notice gives such a right: "本集体成员", "原承租方".
    #[serde(default)]
    pub priority_claim: String,
    /// The bidder has read the notice and accepts its terms.
    pub accepts_terms: bool,
}

/// An enrolment as its bidder and the trading officer see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Enrolment {
    #[schema(value_type = String)]
    pub id: EnrolmentId,
    #[schema(value_type = String)]
    pub lot_id: LotId,
    pub lot_title: String,
    pub lot_number: Option<String>,
    pub kind: BidderKind,
    pub name: String,
    /// Masked.
    pub id_number: String,
    /// Masked.
    pub phone: String,
    pub priority_claim: String,
    /// Rank given by the trading officer, 1 goes first; null: none.
    pub priority_rank: Option<i32>,
    /// Stands for the name until the end: "03". Null until the deposit is in.
    pub bid_number: Option<String>,
    pub state: EnrolmentState,
    /// What the bidder writes beside the transfer, so that the money finds the enrolment.
    pub remark: String,
    /// What has to be paid.
    #[schema(value_type = String, example = "10000.00")]
    pub deposit_due: Fen,
    #[schema(value_type = Option<String>)]
    pub deposit_until: Option<Timestamp>,
    pub deposit: Option<Deposit>,
    /// For the trading officer: what was doubtful about money that came for this enrolment, as codes: `payer_differs`,
    /// `payer_shared` (Regulation on the Implementation of the Tender Law, art. 40-6).
    pub flags: Vec<String>,
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    pub version: i32,
}

impl Enrolment {
    pub fn is_flagged(&self, code: &str) -> bool {
        self.flags.iter().any(|flag| flag == code)
    }
}

/// Money that came and was not the deposit asked for.
#[derive(Debug, Clone)]
pub struct RefusedDeposit {
    pub at: Timestamp,
    /// Why, in a sentence.
    pub why: &'static str,
}

/// A lot in which people are still to pay.
#[derive(Debug, Clone)]
pub struct AwaitedLot {
    pub lot: LotId,
    pub title: String,
    pub count: i64,
}
