//! Enrolments as values. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Fen, Id, Timestamp},
    settlement::Deposit,
    trading::{
        joint::{NewPartner, Partner, Share},
        listing::LotId,
        merits::ClaimView,
        priority::RightView,
        qualification::{PaperState, PaperView, Timing},
    },
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
    /// The version of the notice that was read; left out: the one in force.
    #[serde(default)]
    pub notice_version: Option<i32>,
    /// The declaration that nothing in the law stands against bidding: neither the seller nor its proxy (Auction Law, art.
    /// 30), nor of the platform's staff, nor a close relative of those (SPC rules on online judicial auctions, art. 34).
    #[serde(default)]
    pub declares_no_conflict: bool,
    /// Who bids together with others: the own share in per cent, with at most four decimals.
    #[serde(default)]
    #[schema(example = "66.6667")]
    pub share: String,
    /// The others, where the notice accepts joint bids.
    #[serde(default)]
    pub partners: Vec<NewPartner>,
}

/// The wording of the declaration; a new wording gets the next number.
pub const DECLARATION: i32 = 1;
/// Close relatives are those of the Civil Code, art. 1045.
pub const DECLARATION_TEXT: &str = "我声明：我不是出让方（本集体经济组织）或受它委托的人；不是办理本项目的镇街资产管理、交易服务人员；\
也不是上述人员的近亲属（配偶、父母、子女、兄弟姐妹、祖父母、外祖父母、孙子女、外孙子女）。声明不实的，竞得不算数，保证金不退";
/// What is said where it is not made.
pub const DECLARE: &str = "请看清声明并勾选；有其中一种情形的，依法不能参加竞买（拍卖法第三十条）";

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
    /// Priority rights that were claimed with a proof.
    pub priority_rights: Vec<RightView>,
    /// Answers to the criteria of the notice that were claimed with a paper.
    pub merit_claims: Vec<ClaimView>,
    /// Papers by which the bidder meets the conditions, in their order; empty where the notice asks for none.
    pub qualification: Vec<PaperView>,
    /// Of a notice that gives priority in words: rank given by the trading officer, 1 goes first; null: none.
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
    /// The version of the notice that was accepted, and when; null for an enrolment of an older program.
    pub accepted_notice: Option<i32>,
    #[schema(value_type = Option<String>)]
    pub accepted_at: Option<Timestamp>,
    /// The wording of the declaration that was made.
    pub declaration: Option<i32>,
    /// Of who bids together with others, in per cent.
    #[schema(value_type = Option<String>)]
    pub share: Option<Share>,
    /// Who bids together with the bidder; all must have agreed before there is a bid number.
    pub partners: Vec<Partner>,
    #[schema(value_type = String)]
    pub created_at: Timestamp,
    pub version: i32,
}

impl Enrolment {
    /// Whether somebody of the group has not agreed yet.
    pub fn waits_for_partners(&self) -> bool {
        self.partners.iter().any(|partner| partner.agreed_at.is_none())
    }

    /// What became of the last paper; `None`: none was handed in.
    pub fn last_paper(&self) -> Option<PaperState> {
        self.qualification.last().map(|paper| paper.state)
    }

    /// What is lacking for a bid number, in words.
    pub fn lacks(&self, timing: Timing) -> Vec<&'static str> {
        let deposit = self.deposit.is_none().then_some("保证金还没有到账");
        let partners = self.waits_for_partners().then_some("联合竞买还有人没有同意");
        let papers = match (timing, self.last_paper()) {
            (Timing::Before, None) => Some("资格材料还没有交"),
            (Timing::Before, Some(PaperState::Waiting)) => Some("资格材料等待审查"),
            (Timing::Before, Some(PaperState::Refused)) => Some("资格材料没有通过审查"),
            _ => None,
        };
        [deposit, papers, partners].into_iter().flatten().collect()
    }

    pub fn is_flagged(&self, code: &str) -> bool {
        self.flags.iter().any(|flag| flag == code)
    }
}

/// A deposit that was booked: before the end it is told by its code, never by a name or a bid number.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DepositBooked)]
pub struct Booked {
    #[schema(value_type = String)]
    pub lot_id: LotId,
    pub remark: String,
    #[schema(value_type = String, example = "10000.00")]
    pub amount: Fen,
    pub reference: String,
    #[schema(value_type = String)]
    pub received_at: Timestamp,
}

/// A rank that was given.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PriorityRanked)]
pub struct Ranked {
    #[schema(value_type = String)]
    pub id: EnrolmentId,
    #[schema(value_type = String)]
    pub lot_id: LotId,
    pub priority_rank: Option<i32>,
    pub version: i32,
}

/// Money for a lot as the bank statement shows it, with the code of its remark.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DepositArrival)]
pub struct CodedArrival {
    /// What the payer wrote beside the transfer.
    #[schema(example = "BZJ1A2B3C4D")]
    pub remark: String,
    #[schema(example = "10000.00")]
    pub amount: String,
    /// Name of the account that paid.
    pub payer_name: String,
    /// Its number, where it is known; kept sealed.
    #[serde(default)]
    pub payer_account: String,
    /// The bank's number of the transfer.
    pub reference: String,
    /// When the money was on the account: this counts, not when it was sent.
    #[schema(value_type = String)]
    pub received_at: Timestamp,
}

/// Money that came and was not the deposit asked for.
#[derive(Debug, Clone)]
pub struct RefusedDeposit {
    pub at: Timestamp,
    /// Why, in a sentence.
    pub why: &'static str,
}

/// A lot whose deposits are booked as they come; whether anybody has enrolled it does not tell.
#[derive(Debug, Clone)]
pub struct AwaitedLot {
    pub lot: LotId,
    pub title: String,
}
