//! Bank statements as values. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    imports::Upload,
    kernel::{Day, Fen, Id},
    sheets::Report,
};

/// Marker of the identifiers of statements.
#[derive(Debug)]
pub struct StatementRecord;
pub type StatementId = Id<StatementRecord>;

/// Marker of the identifiers of a statement's lines.
#[derive(Debug)]
pub struct LineRecord;
pub type LineId = Id<LineRecord>;

/// One line of a file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Row of the spreadsheet.
    pub row: u32,
    pub on: Day,
    /// What came in is positive, what went out negative.
    pub amount: Fen,
    /// Name of the other side.
    pub counterparty: String,
    /// The bank's number; empty where the file has none.
    pub reference: String,
    /// What the account came to behind it, where the file says so.
    pub balance: Option<Fen>,
    /// By which the same line is known again in another file; kept as a keyed digest only.
    pub key: String,
}

/// A file, read: opening + Σ lines = closing holds.
#[derive(Debug, Clone)]
pub struct Statement {
    pub opening: Fen,
    pub closing: Fen,
    /// In the order of the file, oldest first.
    pub lines: Vec<Read>,
}

/// A statement's days and balances.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub first_on: Day,
    pub last_on: Day,
    pub opening: Fen,
    pub closing: Fen,
}

/// A file that somebody brings, with what the bank printed above and below it where the file has no column of balances.
#[derive(Debug, Clone)]
pub struct StatementFile {
    pub name: String,
    pub opening: String,
    pub closing: String,
    pub bytes: Vec<u8>,
}

/// A line as the officers see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Line {
    #[schema(value_type = String)]
    pub id: LineId,
    #[schema(value_type = String)]
    pub on: Day,
    /// What came in is positive.
    #[schema(value_type = String, example = "10000.00")]
    pub amount: Fen,
    pub counterparty: String,
    pub reference: String,
}

/// A movement of the bank account in the books.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Booked {
    /// Of the transfer.
    pub id: String,
    #[schema(value_type = String)]
    pub on: Day,
    /// What came in is positive.
    #[schema(value_type = String)]
    pub amount: Fen,
    /// Who paid, or was paid.
    pub counterparty: String,
    pub reference: String,
}

crate::text_enum! {
    /// Why lines and transfers may belong together.
    pub enum Reason as "MatchReason" {
        Reference = "reference" => "流水号相同",
        NameAndAmount = "name_and_amount" => "户名和金额相同",
        LineOfMany = "line_of_many" => "一笔流水等于同一户名的几笔账之和",
        ManyLines = "many_lines" => "同一户名的几笔流水等于一笔账",
    }
}

/// Lines and transfers that may belong together; nothing is ticked off before an officer confirms it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Proposal {
    pub reason: Reason,
    pub lines: Vec<Line>,
    pub booked: Vec<Booked>,
}

/// What an officer ticks off: lines and transfers of one sum.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Identifiers of lines.
    pub lines: Vec<String>,
    /// Identifiers of transfers.
    pub booked: Vec<String>,
}

/// How books and bank stand to each other.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Reconciliation {
    /// What the newest statement ends with; null before the first one.
    #[schema(value_type = Option<String>)]
    pub bank: Option<Fen>,
    /// Last day of that statement.
    #[schema(value_type = Option<String>)]
    pub bank_on: Option<Day>,
    /// What the account held before the first line of the first statement, of which the books know nothing.
    #[schema(value_type = String)]
    pub opening: Fen,
    /// The bank account in the books.
    #[schema(value_type = String)]
    pub books: Fen,
    /// Bank less books.
    #[schema(value_type = String)]
    pub difference: Fen,
    /// What the opening and everything not ticked off come to: the same to the fen.
    #[schema(value_type = String)]
    pub explained: Fen,
    /// Lines that are not ticked off.
    pub lines: Vec<Line>,
    /// Transfers that are not ticked off.
    pub booked: Vec<Booked>,
    pub proposals: Vec<Proposal>,
}

/// What a waiting file would add.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatementImport {
    #[schema(value_type = String)]
    pub id: Id<Upload>,
    pub file_name: String,
    #[schema(value_type = Option<String>)]
    pub opening: Option<Fen>,
    #[schema(value_type = Option<String>)]
    pub closing: Option<Fen>,
    /// Lines that are not on record yet.
    pub new: usize,
    /// Lines that an earlier file has brought.
    pub known: usize,
    pub report: Report,
    /// Why it cannot be confirmed, where the file as a whole does not fit.
    pub refused: Option<String>,
}

impl StatementImport {
    pub fn can_be_confirmed(&self) -> bool {
        self.report.refused.is_empty() && self.refused.is_none()
    }
}

/// What a confirmed file added.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct StatementWritten {
    pub new: usize,
    pub known: usize,
}
