//! When papers are examined, a paper, and what became of it. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Id, Timestamp};

/// Marker of identifiers of papers.
#[derive(Debug)]
pub struct QualificationRecord;
pub type PaperId = Id<QualificationRecord>;

crate::text_enum! {
    /// When the papers of bidders are examined.
    #[derive(Default)]
    pub enum Timing as "QualificationTiming" {
        /// Who has paid the deposit bids.
        #[default]
        None = "none" => "不审查",
        /// Everybody's, before there is a bid number.
        Before = "before" => "竞价前审查",
        /// Those of who won, before the result is confirmed.
        After = "after" => "成交后审查",
    }
}

crate::text_enum! {
    /// What became of a paper.
    pub enum PaperState as "QualificationState" {
        Waiting = "waiting" => "待审查",
        Passed = "passed" => "审查通过",
        Refused = "refused" => "审查没有通过",
    }
}

/// What a bidder brings.
#[derive(Debug, Clone)]
pub struct NewPaper {
    /// What it is: 营业执照.
    pub title: String,
    pub bytes: Vec<u8>,
}

/// What the trading officer found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QualificationExamining)]
pub struct Examining {
    /// Whether the paper shows what the notice asks for.
    pub passed: bool,
    /// What was compared, or what is lacking. Of who won and is refused it becomes public.
    #[schema(example = "营业执照在有效期内，与报名信息一致")]
    pub note: String,
    /// Number or name of the decision: only where who won is refused, for that one is out by it.
    #[serde(default)]
    #[schema(example = "杜阮交易处〔2026〕3号")]
    pub decision: String,
}

/// A paper as its bidder and who examines it see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = QualificationPaper)]
pub struct PaperView {
    #[schema(value_type = String)]
    pub id: PaperId,
    /// Counted from 1.
    pub attempt: i32,
    pub state: PaperState,
    #[schema(value_type = String)]
    pub handed_in_at: Timestamp,
    /// SHA-256 of the stored, encrypted paper, as the log names it.
    pub paper_sha256: String,
    /// Who examined it.
    pub examiner: Option<String>,
    #[schema(value_type = Option<String>)]
    pub examined_at: Option<Timestamp>,
    pub note: String,
    pub version: i32,
}

/// What the notice asks of a bidder's papers now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing, or not yet.
    Nothing,
    /// To hand one in, again where one was refused.
    Due,
    /// The paper is to be examined.
    Waiting,
    Passed,
    /// Refused, and the time to hand in is over.
    Refused,
}
