//! A criterion, its answers, a claim and what became of it. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Id, Timestamp};

/// Marker of identifiers of claims.
#[derive(Debug)]
pub struct MeritRecord;
pub type ClaimId = Id<MeritRecord>;

/// A criterion beside the price, in the words of the notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LotMerit)]
pub struct Merit {
    /// What is asked.
    #[schema(example = "水质")]
    pub title: String,
    /// Each bidder has one of these. The first is the base answer: it is worth nothing, and who claims no other has it.
    pub answers: Vec<Answer>,
}

/// One answer to a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LotMeritAnswer)]
pub struct Answer {
    #[schema(example = "不投化肥")]
    pub text: String,
    /// What it is worth, in basis points of the price: 350 is 3.50 %.
    pub points_bp: u32,
}

impl Merit {
    /// What its best answer is worth.
    pub fn best(&self) -> u32 {
        self.answers.iter().map(|answer| answer.points_bp).max().unwrap_or_default()
    }

    /// As it is typed: `水质：不作承诺 0%；不投化肥 3.50%`.
    /// The space keeps a figure at the end of an answer apart from what the answer is worth.
    pub fn typed(&self) -> String {
        let answers = self.answers.iter();
        let answers: Vec<String> =
            answers.map(|a| format!("{} {}", a.text, percent_text(a.points_bp.into()))).collect();
        format!("{}：{}", self.title, answers.join("；"))
    }

    /// As it is read in the notice: `水质：不作承诺，不加；不投化肥，加 3.50%`.
    pub fn told(&self) -> String {
        let worth = |answer: &Answer| match answer.points_bp {
            0 => "不加".to_owned(),
            points => format!("加 {}", percent_text(points.into())),
        };
        let answers: Vec<String> = self.answers.iter().map(|a| format!("{}，{}", a.text, worth(a))).collect();
        format!("{}：{}", self.title, answers.join("；"))
    }
}

/// `5%`, `3.50%`.
pub fn percent_text(points: i64) -> String {
    match (points / 100, points % 100) {
        (whole, 0) => format!("{whole}%"),
        (whole, hundredths) => format!("{whole}.{hundredths:02}%"),
    }
}

crate::text_enum! {
    /// What became of a claim.
    pub enum ClaimState as "MeritState" {
        Claimed = "claimed" => "待审核",
        Granted = "granted" => "审核通过",
        Refused = "refused" => "没有通过，按不加分的选项算",
    }
}

/// A claim as the rules look at it: criterion and answer by their places in the notice, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The enrolment: a claim comes before the bid number.
    pub bidder: String,
    pub merit: i32,
    pub answer: i32,
    pub state: ClaimState,
    pub examined_at: Option<Timestamp>,
}

/// What a bidder brings.
#[derive(Debug, Clone)]
pub struct NewClaim {
    /// Criterion and answer by their places in the notice, counted from 1: `1.3`.
    pub answer: String,
    /// What the paper is: 承诺书, 聘用合同.
    pub title: String,
    pub bytes: Vec<u8>,
}

/// What the trading officer found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MeritExamining)]
pub struct Examining {
    /// Whether the paper shows what the answer says.
    pub granted: bool,
    /// What was compared, or what is lacking.
    #[schema(example = "承诺书和尾水处理合同一致")]
    pub note: String,
}

/// A claim as its bidder and who examines it see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MeritClaim)]
pub struct ClaimView {
    #[schema(value_type = String)]
    pub id: ClaimId,
    /// The criterion and its place in the notice, counted from 1.
    pub merit: i32,
    pub merit_title: String,
    /// The answer and its place in the criterion, counted from 1.
    pub answer: i32,
    pub answer_text: String,
    /// What the answer is worth where it is granted, in basis points of the price.
    pub points_bp: i32,
    /// Counted from 1 for each criterion.
    pub attempt: i32,
    pub state: ClaimState,
    #[schema(value_type = String)]
    pub claimed_at: Timestamp,
    /// SHA-256 of the stored, encrypted paper, as the log names it.
    pub paper_sha256: String,
    /// Who examined it.
    pub examiner: Option<String>,
    #[schema(value_type = Option<String>)]
    pub examined_at: Option<Timestamp>,
    pub note: String,
    pub version: i32,
}
