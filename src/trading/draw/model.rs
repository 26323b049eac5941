//! What a draw is made from, and how far it has come.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kernel::{Id, Timestamp};

/// Markers of identifiers.
#[derive(Debug)]
pub struct DrawParty;
pub type PartyId = Id<DrawParty>;
#[derive(Debug)]
pub struct DrawRound;
pub type RoundId = Id<DrawRound>;

crate::text_enum! {
    /// How far a round has come.
    pub enum RoundState as "DrawRoundState" {
        /// Parties bind themselves.
        Committing = "committing" => "收承诺值",
        /// The auction, or the round's time, is over; the first checkpoint after that is awaited.
        Called = "called" => "等待检查点",
        /// The checkpoint stands; parties open their values.
        Opening = "opening" => "公开数值",
        Drawn = "drawn" => "已抽出",
        /// Somebody did not open, or too few were bound: it is repeated.
        Void = "void" => "作废重来",
        /// The trade was terminated before there was a seed.
        Ended = "ended" => "交易终止，不再抽签",
    }
}

/// What a party binds itself to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DrawCommitment)]
pub struct NewCommitment {
    /// 64 hexadecimal digits (docs/draws.md says how they are made).
    pub commitment: String,
}

/// What a party had bound itself to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DrawValue)]
pub struct NewValue {
    /// 64 hexadecimal digits.
    pub value: String,
}

/// A draw as everybody sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawView {
    /// The identifier that stands in every commitment.
    pub lot: String,
    pub rounds: Vec<RoundView>,
    /// Those whose places were drawn, in their order; empty before.
    pub order: Vec<Place>,
}

/// One round.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DrawRoundView)]
pub struct RoundView {
    pub round: i32,
    pub state: RoundState,
    /// Until when parties may bind themselves.
    #[schema(value_type = Option<String>)]
    pub commit_until: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    pub called_at: Option<Timestamp>,
    pub closing_index: Option<i64>,
    /// Three lines, each with its end of line.
    pub checkpoint: Option<String>,
    pub first_opening_index: Option<i64>,
    /// Until when values are opened.
    #[schema(value_type = Option<String>)]
    pub open_until: Option<Timestamp>,
    pub seed: Option<String>,
    pub withheld: Vec<String>,
    pub parties: Vec<PartyView>,
}

/// Who is bound in a round.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DrawPartyView)]
pub struct PartyView {
    pub party: String,
    pub commitment: String,
    #[schema(value_type = String)]
    pub committed_at: Timestamp,
    pub value: Option<String>,
    #[schema(value_type = Option<String>)]
    pub opened_at: Option<Timestamp>,
}

/// A place that was drawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DrawnPlace)]
pub struct Place {
    pub bidder: String,
    /// SHA-256 of seed and number: the smallest comes first.
    pub digest: String,
}

/// The recorded round of a draw that gave the seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    /// The lot's id: a commitment for one lot is none for another.
    pub lot: String,
    /// Counted from 1; a round that was not opened in full is repeated.
    pub round: u64,
    /// The three lines of the log's checkpoint, each with its end of line; its signatures do not count, since a witness
    /// could choose whether to add one.
    pub checkpoint: String,
    /// The index of the auction's closing entry, which the checkpoint must cover.
    pub closing_index: u64,
    /// The index of the first entry that opens a value, which it must not cover.
    pub first_opening_index: u64,
    pub parties: Vec<Party>,
    /// Bidders who did not open in an earlier round.
    pub withheld: Vec<String>,
}

impl Draw {
    /// Whether the bidder of this name has lost the place in the draw.
    pub fn withheld(&self, name: &str) -> bool {
        self.withheld.iter().any(|one| one == name)
    }
}

/// One of those who bound themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// A bid number or the name of an office; holds no control characters.
    pub name: String,
    pub commitment: [u8; 32],
    /// `None`: not opened.
    pub value: Option<[u8; 32]>,
}

/// Why there is no seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrawFault {
    /// Fewer than two parties: one alone could choose.
    TooFewParties,
    NamedTwice(String),
    /// Not a text that stands alone on a line.
    BadName(String),
    NotACheckpoint,
    /// The checkpoint does not cover the closing entry.
    TooEarly {
        size: u64,
    },
    /// The checkpoint was signed when values were open already.
    TooLate {
        size: u64,
    },
    NotOpened(String),
    /// The value is not the one the party bound itself to.
    OtherValue(String),
}

impl std::fmt::Display for DrawFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DrawFault::TooFewParties => f.write_str("抽签至少要有两方事先提交承诺值"),
            DrawFault::NamedTwice(name) => write!(f, "{name} 的承诺值重复"),
            DrawFault::BadName(name) => write!(f, "名称 {name:?} 应为一行不含控制字符的文字"),
            DrawFault::NotACheckpoint => f.write_str("checkpoint 应为日志检查点的三行文字"),
            DrawFault::TooEarly { size } => write!(f, "检查点（{size} 条）早于竞价结束的记录，应取其后第一个检查点"),
            DrawFault::TooLate { size } => write!(f, "检查点（{size} 条）晚于第一个公开的数值，应取公开之前的检查点"),
            DrawFault::NotOpened(name) => write!(f, "{name} 没有公开数值：请除去该方另行一轮抽签"),
            DrawFault::OtherValue(name) => write!(f, "{name} 公开的数值与其承诺值不符"),
        }
    }
}

impl std::error::Error for DrawFault {}
