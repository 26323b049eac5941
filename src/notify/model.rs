//! Messages as values. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    kernel::{Day, Fen, Id, Timestamp},
    trading::listing::LotId,
};

/// Marker of message identifiers.
#[derive(Debug)]
pub struct MessageRecord;
pub type MessageId = Id<MessageRecord>;

/// Marker of delivery identifiers.
#[derive(Debug)]
pub struct DeliveryRecord;
pub type DeliveryId = Id<DeliveryRecord>;

crate::text_enum! {
    /// What a message is about.
    pub enum Kind as "MessageKind" {
        DepositReceived = "deposit_received" => "保证金到账",
        DepositRefused = "deposit_refused" => "保证金没有收下",
        Admitted = "admitted" => "取得竞买资格",
        PapersPassed = "papers_passed" => "资格材料通过",
        PapersRefused = "papers_refused" => "资格材料没有通过",
        PriorityGranted = "priority_granted" => "优先权通过",
        PriorityRefused = "priority_refused" => "优先权没有通过",
        MeritGranted = "merit_granted" => "加分通过",
        MeritRefused = "merit_refused" => "加分没有通过",
        QuestionAnswered = "question_answered" => "提问已答复",
        NoticeCorrected = "notice_corrected" => "公告更正",
        Postponed = "postponed" => "竞价改期",
        Suspended = "suspended" => "竞价中止",
        Resumed = "resumed" => "竞价恢复",
        Terminated = "terminated" => "交易终止",
        StartsSoon = "starts_soon" => "竞价快开始",
        Outbid = "outbid" => "不再领先",
        Won = "won" => "竞得",
        NextInLine = "next_in_line" => "递补",
        NotWon = "not_won" => "没有竞得",
        ResultPublished = "result_published" => "递补结果公示",
        SaleLost = "sale_lost" => "成交资格取消",
        Undone = "undone" => "成交没有落实",
        ObjectionAnswered = "objection_answered" => "异议已答复",
        ContractDue = "contract_due" => "待签合同",
        DepositReturned = "deposit_returned" => "保证金已退还",
        DepositApplied = "deposit_applied" => "保证金抵作价款",
        DepositKept = "deposit_kept" => "保证金不予退还",
    }
}

/// What happened, with the facts that its receiver may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    DepositReceived,
    DepositRefused,
    Admitted {
        number: String,
        opens_at: Option<Timestamp>,
    },
    PapersPassed,
    PapersRefused,
    PriorityGranted,
    PriorityRefused,
    MeritGranted,
    MeritRefused,
    QuestionAnswered,
    NoticeCorrected {
        version: i64,
        opens_at: Timestamp,
    },
    Postponed {
        version: i64,
        opens_at: Timestamp,
        closes_at: Timestamp,
    },
    /// The time for which the system stood still was given back.
    GivenBack {
        closes_at: Timestamp,
    },
    Suspended,
    Resumed {
        closes_at: Timestamp,
    },
    Terminated,
    StartsSoon {
        number: String,
        opens_at: Timestamp,
    },
    Outbid {
        price: String,
    },
    Won {
        price: String,
        notice_until: Day,
    },
    /// Comes next where the winner fails.
    MayFollow {
        price: String,
        notice_until: Day,
    },
    /// Those before have failed.
    Follows {
        answer_by: Day,
    },
    NotWon {
        price: String,
        notice_until: Day,
    },
    /// Nobody won.
    NotSold,
    ResultPublished {
        number: String,
        notice_until: Day,
    },
    ObjectionAnswered,
    /// Who was to sign is out.
    SaleLost,
    /// Who was to sign is out, and nobody is left to step in.
    NobodyFollows,
    /// The sale cannot stand.
    Voided,
    ContractDue {
        by: Day,
    },
    DepositReturned {
        amount: Fen,
    },
    DepositApplied {
        amount: Fen,
    },
    DepositKept {
        amount: Fen,
    },
}

/// A message as its receiver sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    #[schema(value_type = String)]
    pub id: MessageId,
    pub kind: Kind,
    #[schema(value_type = String)]
    pub lot_id: LotId,
    pub lot_title: String,
    pub text: String,
    /// When it happened.
    #[schema(value_type = String)]
    pub at: Timestamp,
    #[schema(value_type = Option<String>)]
    pub read_at: Option<Timestamp>,
}

crate::text_enum! {
    /// How far a delivery has come.
    pub enum DeliveryState {
        Waiting = "waiting" => "待发送",
        Sent = "sent" => "已发出",
        /// Nobody took it after so many tries, or there is no address any more.
        GivenUp = "given_up" => "没有发出",
    }
}
