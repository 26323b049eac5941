//! What an import found: each fault by its cell, grouped by cause, with what was left out and why.

use serde::Serialize;
use utoipa::ToSchema;

/// One cell that cannot be taken, or that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowFault {
    /// Name of the sheet; empty for a CSV file.
    pub sheet: String,
    /// Number of the row as the spreadsheet shows it.
    pub row: u32,
    /// Letter and title of the column, `C 身份证号`.
    pub column: String,
    /// The value that was seen, masked where it is personal, at most 60 characters.
    pub seen: String,
    /// What was expected and how to repair it.
    pub expected: String,
}

/// A row that holds no data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SkippedRow {
    pub row: u32,
    /// Its first text.
    pub text: String,
    pub why: String,
}

/// Faults of one kind in one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cause {
    pub column: String,
    pub expected: String,
    pub count: usize,
}

/// The outcome of reading a whole file. An import writes only where `refused` is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    /// Rows of data in the file.
    pub rows: usize,
    /// Faults that stop the import, in the order of the rows.
    pub refused: Vec<RowFault>,
    /// What was tidied or is doubtful but can be imported.
    pub notes: Vec<RowFault>,
    pub skipped: Vec<SkippedRow>,
    /// Headers that mean nothing to this import.
    pub ignored_columns: Vec<String>,
}

impl Report {
    /// Rows with at least one fault; faults stand in the order of rows.
    pub fn refused_rows(&self) -> usize {
        let mut rows: Vec<(&str, u32)> = self.refused.iter().map(|f| (f.sheet.as_str(), f.row)).collect();
        rows.dedup();
        rows.len()
    }

    /// The faults by column and sentence, the most frequent first.
    pub fn causes(&self) -> Vec<Cause> {
        let mut counts = std::collections::BTreeMap::<(&str, &str), usize>::new();
        for fault in &self.refused {
            *counts.entry((&fault.column, &fault.expected)).or_default() += 1;
        }
        let mut causes: Vec<Cause> = counts
            .into_iter()
            .map(|((column, expected), count)| Cause { column: column.into(), expected: expected.into(), count })
            .collect();
        causes.sort_by_key(|c| std::cmp::Reverse(c.count));
        causes
    }

    /// Faults or notes that a page shows; the whole list is for download.
    pub const SHOWN: usize = 200;

    pub fn refused_head(&self) -> &[RowFault] {
        self.refused.get(..self.refused.len().min(Self::SHOWN)).unwrap_or(&[])
    }

    pub fn notes_head(&self) -> &[RowFault] {
        self.notes.get(..self.notes.len().min(Self::SHOWN)).unwrap_or(&[])
    }

    /// The faults as a CSV file that spreadsheets open: UTF-8 with a mark, cells that begin like a formula defused.
    pub fn to_csv(&self) -> String {
        let mut out = String::from("\u{feff}工作表,行,列,看到的内容,应该怎样\r\n");
        for fault in &self.refused {
            let row = fault.row.to_string();
            let cells = [&fault.sheet, &row, &fault.column, &fault.seen, &fault.expected];
            out.push_str(&cells.map(|c| csv_cell(c)).join(","));
            out.push_str("\r\n");
        }
        out
    }
}

/// A cell for a CSV file that people open in a spreadsheet: quoted, and with an apostrophe before `=`, `+`, `-`, `@`, which
/// would otherwise be run as a formula.
fn csv_cell(text: &str) -> String {
    let defused = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", defused.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_counted_by_row_and_by_cause() {
        let fault = |row, column: &str, seen: &str| RowFault {
            sheet: String::new(),
            row,
            column: column.into(),
            seen: seen.into(),
            expected: "应为 18 位".into(),
        };
        let refused = vec![fault(2, "A 姓名", "=1+1"), fault(2, "B 身份证号", "4\"4"), fault(5, "B 身份证号", "")];
        let report = Report { rows: 9, refused, ..Report::default() };
        assert_eq!(report.refused_rows(), 2);
        assert_eq!(report.causes().first().map(|c| (c.column.as_str(), c.count)), Some(("B 身份证号", 2)));
        let csv = report.to_csv();
        assert!(csv.contains("\"'=1+1\"") && csv.contains("\"4\"\"4\""), "{csv}");
    }
}
