//! What a draw is made from.

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
