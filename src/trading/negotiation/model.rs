//! A negotiation: what is proposed, how far it has come, and what everybody sees of it. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Day, Fen, Id, Timestamp},
    trading::{
        enrolment::BidderKind,
        listing::{Decision, DecisionDraft, LotId},
    },
};

/// Marker of identifiers of negotiations.
#[derive(Debug)]
pub struct NegotiationRecord;
pub type NegotiationId = Id<NegotiationRecord>;

crate::text_enum! {
    /// How far a negotiation has come.
    pub enum State as "NegotiationState" {
        /// Waits for the township's review.
        Proposed = "proposed" => "待镇街审核",
        /// Sent back; another may be proposed.
        Returned = "returned" => "已退回",
        /// Approved, and published with its price.
        Published = "published" => "审核通过，公示",
        /// Its notice is over: the contract is to be signed.
        Concluded = "concluded" => "协商成交，待签合同",
        Signed = "signed" => "已签合同",
        Withdrawn = "withdrawn" => "已撤回",
    }
}

impl State {
    /// Whether it has come to nothing, so that another may follow.
    pub const fn is_over(self) -> bool {
        matches!(self, State::Returned | State::Withdrawn)
    }
    /// Whether somebody has still to do something.
    pub const fn is_open(self) -> bool {
        matches!(self, State::Proposed | State::Published | State::Concluded)
    }
    /// Who acts next, in a sentence.
    pub const fn next(self) -> &'static str {
        match self {
            State::Proposed => "公开协商方案等镇街资产管理员审核",
            State::Returned => "公开协商方案被退回，可以改好重提，也可以重新挂牌",
            State::Published => "公开协商结果公示期满、异议都已答复后，由镇街交易员办结",
            State::Concluded => "村里按公示的内容签订并登记合同",
            State::Signed => "已协商成交，合同已登记",
            State::Withdrawn => "公开协商已撤回，可以另提方案，也可以重新挂牌",
        }
    }
}

/// What the collective proposes. The counterpart is identified like a bidder.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNegotiation {
    pub kind: BidderKind,
    /// As on the ID card or the licence.
    pub name: String,
    /// Resident ID number, or the organisation's unified social credit code; kept sealed.
    pub id_number: String,
    /// Mobile phone; kept sealed.
    pub phone: String,
    /// The counterpart has declared that nothing in the law stands against it, as a bidder does.
    #[serde(default)]
    pub declares_no_conflict: bool,
    /// In the price unit of the lot; no worse than the last round asked.
    #[schema(example = "700.00")]
    pub price: String,
    /// Number or name of the minutes of the negotiation; becomes public, and names no person.
    #[schema(example = "上巷村〔2026〕5号公开协商记录")]
    pub minutes: String,
    /// The day on which the collective decided to let it so: after the last round failed.
    #[schema(example = "2026-03-12")]
    pub decision_on: String,
    /// Who decided, with the numbers of the vote and its publicity; it says nothing of price cuts.
    #[serde(default)]
    pub decision: DecisionDraft,
}

/// What the township says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NegotiationReview)]
pub struct Review {
    /// Which of the lot's proposals was looked at.
    pub place: i32,
    /// True: approved, and published from now on. False: sent back.
    pub approve: bool,
    /// What has to be changed; must be there where it is sent back, and is not kept otherwise.
    #[serde(default)]
    pub note: String,
}

/// Why a negotiation is given up; becomes public where its result was published.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NegotiationWithdrawal)]
pub struct Withdrawal {
    #[schema(example = "对方不再承租")]
    pub reason: String,
}

/// The vote behind a negotiation, and where its course is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    pub minutes: String,
    pub on: Day,
    pub decision: Decision,
}

/// A negotiation as it is shown. What only the staff of the place see is null for everybody else.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LotNegotiation)]
pub struct Negotiation {
    #[schema(value_type = String)]
    pub lot_id: LotId,
    /// 1: the first that was proposed for the lot.
    pub place: i32,
    pub state: State,
    pub kind: BidderKind,
    /// A person's name is masked for the public.
    pub name: String,
    /// Masked; for the staff.
    pub id_number: Option<String>,
    /// Masked; for the staff.
    pub phone: Option<String>,
    /// In the price unit of the lot.
    #[schema(value_type = String, example = "700.00")]
    pub price: Fen,
    /// Over the whole term.
    #[schema(value_type = Option<String>)]
    pub total: Option<Fen>,
    /// How many rounds of the offer had failed.
    pub failed_rounds: i32,
    pub minutes: String,
    #[schema(value_type = String)]
    pub decision_on: Day,
    pub decision: Decision,
    /// The result is published from this day …
    #[schema(value_type = Option<String>)]
    pub notice_from: Option<Day>,
    /// … up to and with this day; until then objections are taken.
    #[schema(value_type = Option<String>)]
    pub notice_until: Option<Day>,
    /// Last day to sign, once it is concluded.
    #[schema(value_type = Option<String>)]
    pub contract_by: Option<Day>,
    /// Why it was sent back or withdrawn.
    pub note: String,
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Timestamp>,
    #[schema(value_type = String)]
    pub updated_at: Timestamp,
}

impl Negotiation {
    /// Who decided, with the numbers of the vote.
    pub fn decision_words(&self) -> String {
        let body = self.decision.body.map(|body| body.label()).unwrap_or_default();
        let mut parts = vec![self.decision_on.to_string(), format!("{body}{}", self.decision.numbers_text())];
        parts.extend(self.decision.publicity_text().map(|days| format!("决议公示 {days}")));
        parts.join("，")
    }
    /// Whether its result is published on a day, so that objections are taken.
    pub fn is_published_on(&self, today: Day) -> bool {
        self.state == State::Published && self.notice_until.is_some_and(|until| today <= until)
    }
}

/// A negotiation with which something is to be done.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub lot: LotId,
    pub title: String,
    pub what: Due,
}

/// What is to be done with a negotiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The township has to look at it.
    Review,
    /// Its notice is over.
    Conclude,
    /// The contract is to be signed by this day.
    Sign(Day),
}
