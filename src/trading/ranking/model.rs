//! An order of those at the ceiling: what is prepared, how far it has come, and what everybody sees of it. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Id, Timestamp},
    trading::listing::LotId,
};

/// Marker of identifiers of rankings.
#[derive(Debug)]
pub struct RankingRecord;
pub type RankingId = Id<RankingRecord>;

crate::text_enum! {
    /// How far an order has come.
    pub enum State as "RankingState" {
        /// The auction has ended with several at the ceiling; nobody has prepared anything.
        Called = "called" => "等待拟定",
        /// Waits for the second officer.
        Prepared = "prepared" => "已拟定，等待复核",
        /// Sent back; another follows.
        Returned = "returned" => "已退回",
        /// It holds, and the award follows from it.
        Confirmed = "confirmed" => "已复核，评定有结果",
        /// The trade was terminated before anything was decided.
        Ended = "ended" => "交易终止，不再评定",
    }
}

impl State {
    /// Whether somebody has still to do something.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Called | State::Prepared)
    }
    /// Who acts next, in a sentence.
    pub const fn next(self) -> &'static str {
        match self {
            State::Called => "镇街交易员按公告的办法拟定先后",
            State::Prepared => "镇街资产管理员复核，复核通过就公布结果",
            State::Returned => "已退回，另行拟定",
            State::Confirmed => "已按评定的先后公布结果",
            State::Ended => "交易已经终止",
        }
    }
}

/// What one officer prepares.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewLotRanking)]
pub struct NewRanking {
    /// The bid numbers of all candidates, each once; the first one wins, the others step in in this order.
    #[schema(example = json!(["03", "01", "02"]))]
    pub order: Vec<String>,
    /// How the criterion of the notice leads to this order, up to 1000 characters; becomes public with the confirmation and
    /// names people by bid number only.
    #[schema(example = "03 号为本村成员，其余都不是；01 号方案 86 分，02 号 79 分")]
    pub reasons: String,
    /// Name and number of the paper in which it is written down, up to 100 characters; becomes public.
    #[schema(example = "上巷村鱼塘发包评定记录 杜府评〔2026〕3号")]
    pub paper: String,
    /// The paper itself among those of the collective; only its digest becomes public.
    #[serde(default)]
    pub document: Option<String>,
}

/// What the second officer says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LotRankingReview)]
pub struct Review {
    /// Which of the lot's orders was looked at.
    pub place: i32,
    /// True: confirmed, and the award is written. False: sent back.
    pub approve: bool,
    /// What has to be changed; must be there where it is sent back, and is not kept otherwise.
    #[serde(default)]
    pub note: String,
}

/// An order as it is shown. What was prepared is null for everybody but the staff of the place until it is confirmed.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LotRanking)]
pub struct Ranking {
    #[schema(value_type = String)]
    pub lot_id: LotId,
    /// 1: the first that the end of the auction asked for.
    pub place: i32,
    pub state: State,
    /// What is compared, and how, in the words of the notice.
    pub criterion: String,
    /// Bid numbers of those at the ceiling, the earlier first.
    pub candidates: Vec<String>,
    #[schema(value_type = String)]
    pub called_at: Timestamp,
    /// Bid numbers of all candidates in their order.
    pub order: Option<Vec<String>>,
    pub reasons: Option<String>,
    /// Name and number of the paper.
    pub paper: Option<String>,
    /// SHA-256 of the stored, encrypted paper, as the log names it.
    pub paper_sha256: Option<String>,
    #[schema(value_type = Option<String>)]
    pub prepared_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub reviewed_at: Option<Timestamp>,
    /// Why it was sent back; for the staff.
    pub note: Option<String>,
}

/// Who stands at the ceiling, for the officers who compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Bid number.
    pub number: String,
    pub name: String,
}

/// An order with which something is to be done.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub lot: LotId,
    pub title: String,
    pub state: State,
    /// Since when nobody has won.
    pub since: Timestamp,
}
