//! Spreadsheets that people bring: XLSX and CSV read into rows of text, headers matched, faults reported by cell.
//!
//! Promise: whatever bytes come in, the answer is a table or one sentence that says what to do; a file is never trusted
//! about its own size, formulas are never run, and no row is dropped without being listed. What the cells mean is the
//! business of the domain that imports them. The order of work is the same everywhere:
//! [`open`] → [`Table::find`] with the domain's [`Column`]s → one [`TableRow`] after another → [`Report`].

mod csv_file;
mod report;
mod table;
mod xlsx_file;

pub use report::{Cause, Report, RowFault, SkippedRow};
pub use table::{Column, Table, TableRow};

use std::fmt;

use crate::kernel::Problem;

crate::codes! {
    SHEET_UNREADABLE 422 "sheet_unreadable" "文件读不出来";
    SHEET_TOO_LARGE 413 "sheet_too_large" "文件太大";
    SHEET_HEADERS 422 "sheet_headers" "表头对不上";
}

/// How much a file may ask of the server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the file as it was uploaded.
    pub file_bytes: usize,
    /// Bytes of an XLSX once unpacked, counted while unpacking and not taken from its own word.
    pub unpacked_bytes: u64,
    /// Number of the last row with anything in it.
    pub rows: u32,
    pub columns: u32,
}

impl Limits {
    /// Enough for a county's roster.
    pub const IMPORT: Limits = Limits { file_bytes: 64 << 20, unpacked_bytes: 512 << 20, rows: 500_000, columns: 256 };
}

/// One sheet: its name (empty for a CSV file) and the rows that have anything in them.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub name: String,
    pub rows: Vec<Row>,
}

/// One row: its number as the spreadsheet shows it, and its cells as text.
#[derive(Debug, Clone)]
pub struct Row {
    pub number: u32,
    pub cells: csv::StringRecord,
}

/// Why a file gives no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetFault {
    Empty,
    FileTooLarge {
        limit_mib: usize,
    },
    UnpacksTooLarge {
        limit_mib: u64,
    },
    TooManyRows(u32),
    TooManyColumns(u32),
    /// The old binary format, or a workbook locked by a password: both have the same container.
    OldOrLocked,
    /// A web page under a spreadsheet's name.
    WebPage,
    NotASheet,
    Broken,
    Encoding,
    /// No row holds the needed headers: what is missing and what the likeliest row holds.
    Headers {
        missing: Vec<String>,
        found: Vec<String>,
    },
    /// Two columns claim the same meaning: its title and the two columns' letters.
    SameColumn {
        title: String,
        first: String,
        second: String,
    },
}

impl fmt::Display for SheetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("文件里没有内容，请检查后重新选择文件"),
            Self::FileTooLarge { limit_mib } => {
                write!(f, "文件超过 {limit_mib} MB，请删去图片和无关的工作表，或分成几个文件导入")
            }
            Self::UnpacksTooLarge { limit_mib } => {
                write!(f, "文件解压后超过 {limit_mib} MB，不像正常的表格；请把数据复制到一张新表格里再导入")
            }
            Self::TooManyRows(limit) => write!(f, "表格超过 {limit} 行，请分成几个文件导入，并删去末尾的空白格式行"),
            Self::TooManyColumns(limit) => write!(f, "表格超过 {limit} 列，请删去无关的列"),
            Self::OldOrLocked => {
                f.write_str("这是旧版 xls 文件或加了密码的表格，请用 Excel 或 WPS 去掉密码并另存为 xlsx 后再导入")
            }
            Self::WebPage => f.write_str("这其实是网页文件，请用 Excel 或 WPS 打开后另存为 xlsx 再导入"),
            Self::NotASheet => f.write_str("这不是表格文件，请选择 xlsx 或 csv 文件"),
            Self::Broken => f.write_str("表格文件已损坏，请用 Excel 或 WPS 打开后另存为新的 xlsx 再导入"),
            Self::Encoding => f.write_str("文件的文字编码认不出来，请另存为“CSV UTF-8”或 xlsx 后再导入"),
            Self::Headers { missing, found } if found.is_empty() => {
                write!(f, "没有找到表头，请在表格里加一行列名，至少要有：{}", missing.join("、"))
            }
            Self::Headers { missing, found } => {
                write!(f, "表头缺少：{}；现有的列是：{}。请补上列名后再导入", missing.join("、"), found.join("、"))
            }
            Self::SameColumn { title, first, second } => {
                write!(f, "{first} 列和 {second} 列都像是“{title}”，请只保留一列，或改掉其中一个列名")
            }
        }
    }
}
impl std::error::Error for SheetFault {}

impl From<SheetFault> for Problem {
    fn from(fault: SheetFault) -> Self {
        let code = match fault {
            SheetFault::FileTooLarge { .. }
            | SheetFault::UnpacksTooLarge { .. }
            | SheetFault::TooManyRows(_)
            | SheetFault::TooManyColumns(_) => &SHEET_TOO_LARGE,
            SheetFault::Headers { .. } | SheetFault::SameColumn { .. } => &SHEET_HEADERS,
            _ => &SHEET_UNREADABLE,
        };
        Problem::new(code, fault.to_string())
    }
}

/// Reads a file by what it holds, whatever its name: XLSX (its visible sheets), or delimited text in UTF-8 with or without
/// a mark, UTF-16 with a mark, or GB18030.
///
/// # Errors
/// A [`SheetFault`] that says what to do.
pub fn open(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, SheetFault> {
    if bytes.len() > limits.file_bytes {
        return Err(SheetFault::FileTooLarge { limit_mib: limits.file_bytes >> 20 });
    }
    let sheets = match bytes {
        [] => return Err(SheetFault::Empty),
        [b'P', b'K', 3 | 5, ..] => xlsx_file::read(bytes, limits)?,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(SheetFault::OldOrLocked),
        _ => vec![csv_file::read(bytes, limits)?],
    };
    if sheets.iter().all(|s| s.rows.is_empty()) { Err(SheetFault::Empty) } else { Ok(sheets) }
}
