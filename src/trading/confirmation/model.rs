//! Those in line for a lot, and what became of each. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    assets::AssetId,
    kernel::{Area, Day, Fen, Id, Timestamp},
    trading::{
        enrolment::BidderKind,
        exclusions,
        listing::{DealForm, LotId},
    },
};

/// Marker of identifiers of confirmations.
#[derive(Debug)]
pub struct ConfirmationRecord;
pub type ConfirmationId = Id<ConfirmationRecord>;

crate::text_enum! {
    /// Where one of those in line stands.
    pub enum State as "ConfirmationState" {
        /// May step in, and has not answered.
        Offered = "offered" => "等待递补人答复",
        /// Steps in, and is published like the winner was.
        Published = "published" => "递补公示中",
        /// Is to sign the contract.
        Confirmed = "confirmed" => "已确认成交，待签合同",
        Signed = "signed" => "已签合同",
        Failed = "failed" => "未履行",
        Declined = "declined" => "放弃递补",
        /// The sale itself cannot stand.
        Void = "void" => "成交作废",
    }
}

impl State {
    /// Whether nobody after this one has been asked.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Offered | State::Published | State::Confirmed | State::Signed)
    }
}

crate::text_enum! {
    /// Why somebody in line failed, or why a sale is void (SPC rules on online judicial auctions, art. 24 and 31).
    pub enum Ground as "FailureGround" {
        RefusedToSign = "refused_to_sign" => "不按期签合同",
        Unpaid = "unpaid" => "不按期付款",
        Unqualified = "unqualified" => "不符合竞买条件",
        FalseStatement = "false_statement" => "提供虚假材料",
        Collusion = "collusion" => "串通竞价",
        NoAnswer = "no_answer" => "递补人逾期没有答复",
        NoPapers = "no_papers" => "竞得人逾期没有交资格材料",
        Misdescription = "misdescription" => "公告对标的的说明严重失实",
        SystemFault = "system_fault" => "系统故障或数据错误影响了结果",
        UnequalConditions = "unequal_conditions" => "给竞买人的条件不平等",
    }
}

impl Ground {
    /// Whether one of those in line can fail by it.
    pub const fn is_of_a_bidder(self) -> bool {
        !matches!(self, Ground::Misdescription | Ground::SystemFault | Ground::UnequalConditions)
    }
    /// The ground of an exclusion that follows from it; `None`: none does.
    pub const fn excludes_for(self) -> Option<exclusions::Ground> {
        match self {
            Ground::RefusedToSign | Ground::Unpaid | Ground::NoPapers => Some(exclusions::Ground::DefaultAfterWinning),
            Ground::FalseStatement => Some(exclusions::Ground::FalseStatement),
            Ground::Collusion => Some(exclusions::Ground::Collusion),
            _ => None,
        }
    }
    /// Whether who won loses the deposit by it (SPC rules on online judicial auctions, art. 24; Regulation on the Implementation
    /// of the Tender Law, art. 74). Who never was entitled to win gets it back; who does not let it be seen has not kept the word
    /// that the bid was.
    pub const fn forfeits(self) -> bool {
        matches!(
            self,
            Ground::RefusedToSign | Ground::Unpaid | Ground::NoPapers | Ground::FalseStatement | Ground::Collusion
        )
    }
    /// Whether a sale can be void by it.
    pub const fn is_of_the_sale(self) -> bool {
        matches!(
            self,
            Ground::Misdescription
                | Ground::SystemFault
                | Ground::UnequalConditions
                | Ground::Collusion
                | Ground::Unqualified
        )
    }
}

/// Who failed is told with the ground and the decision.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Failing {
    pub ground: Ground,
    /// Number or name of the paper.
    #[schema(example = "杜阮交易处〔2026〕3号")]
    pub decision: String,
    /// What happened; public.
    #[serde(default)]
    pub note: String,
    /// Last day for which the one who failed may not bid in the township; left out: no exclusion.
    #[serde(default)]
    #[schema(example = "2027-03-31")]
    pub exclude_until: Option<String>,
}

/// What the next in line says.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SuccessionAnswer)]
pub struct Answer {
    pub accepts: bool,
}

/// One of those in line, as everybody sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Confirmation {
    #[schema(value_type = String)]
    pub lot_id: LotId,
    /// 1: the winner of the auction.
    pub place: i32,
    /// Bid number.
    pub bidder: String,
    /// A person's name masked; null for who has not agreed to step in.
    pub name: Option<String>,
    /// In the price unit of the lot: of a successor the own last bid.
    #[schema(value_type = String, example = "810.00")]
    pub price: Fen,
    /// Over the whole term.
    #[schema(value_type = Option<String>)]
    pub total: Option<Fen>,
    pub state: State,
    /// Last day to answer, of one that is asked to step in.
    #[schema(value_type = Option<String>)]
    pub answer_by: Option<Day>,
    /// Last day on which who steps in is published and objections are taken.
    #[schema(value_type = Option<String>)]
    pub notice_until: Option<Day>,
    /// Last day to sign.
    #[schema(value_type = Option<String>)]
    pub contract_by: Option<Day>,
    pub ground: Option<Ground>,
    pub decision: String,
    pub note: String,
    #[schema(value_type = String)]
    pub updated_at: Timestamp,
}

/// A result with which something is to be done.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub lot: LotId,
    pub title: String,
    pub what: Due,
}

/// What is to be done with a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The papers of who is to be confirmed wait for their examination.
    Examine,
    /// The notice of the result is over and they were not handed in.
    Papers,
    /// Its notice is over.
    Confirm,
    /// The last day to sign has passed.
    Sign(Day),
    /// The last day to answer has passed.
    Answer(Day),
}

/// How the other side of a contract was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    OpenBids,
    SealedBids,
    /// After rounds that failed.
    Negotiated,
}

/// What a contract has to say: taken from notice and award, or from what was negotiated.
#[derive(Debug, Clone)]
pub struct Sale {
    pub lot: LotId,
    pub collective_code: String,
    pub title: String,
    pub asset: AssetId,
    pub asset_name: String,
    pub form: DealForm,
    pub how: How,
    /// The buyer's full name; of a group all names.
    pub buyer: String,
    pub buyer_kind: BidderKind,
    /// First day, where the notice fixed it.
    pub starts_on: Option<Day>,
    /// 0: for good.
    pub term_months: u32,
    /// Yuan of the first year; none where the price is no rent.
    pub annual_rent: Option<Fen>,
    pub total: Option<Fen>,
    /// Built floor area that is handed over to the collective, where that was bid and not money.
    pub floor_area: Option<Area>,
}
