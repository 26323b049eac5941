//! XLSX workbooks, with their claims about size checked before anything is believed.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{Limits, Row, Sheet, SheetFault};

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, SheetFault> {
    unpacks_within(bytes, limits.unpacked_bytes)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(fault)?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet && s.visible == SheetVisible::Visible)
        .map(|s| s.name.clone())
        .collect();
    names
        .into_iter()
        .map(|name| {
            let rows = rows(&mut workbook, &name, limits)?;
            Ok(Sheet { name, rows })
        })
        .collect()
}

/// Unpacks every part into nothing and counts, because the directory of an archive may lie about sizes.
fn unpacks_within(bytes: &[u8], limit: u64) -> Result<(), SheetFault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetFault::Broken)?;
    if archive.file_names().all(|n| !n.is_ok_and(|n| n.starts_with("xl/"))) {
        return Err(SheetFault::NotASheet);
    }
    let mut left = limit;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| SheetFault::Broken)?;
        let mut bounded = part.take(left.saturating_add(1));
        let size = std::io::copy(&mut bounded, &mut std::io::sink()).map_err(|_| SheetFault::Broken)?;
        left = left.checked_sub(size).ok_or(SheetFault::UnpacksTooLarge { limit_mib: limit >> 20 })?;
    }
    Ok(())
}

/// Cells come one by one in reading order, so a cell in the last corner of the sheet costs nothing but itself.
fn rows(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, limits: &Limits) -> Result<Vec<Row>, SheetFault> {
    let mut reader = workbook.worksheet_cells_reader(name).map_err(fault)?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(fault)? {
        let (row, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        if row >= limits.rows {
            return Err(SheetFault::TooManyRows(limits.rows));
        }
        if column >= limits.columns {
            return Err(SheetFault::TooManyColumns(limits.columns));
        }
        let number = row + 1;
        if rows.last().is_none_or(|last| last.number < number) {
            rows.push(Row { number, cells: csv::StringRecord::new() });
        }
        let current = rows.last_mut().filter(|last| last.number == number).ok_or(SheetFault::Broken)?;
        if current.cells.len() > column as usize {
            return Err(SheetFault::Broken);
        }
        while current.cells.len() < column as usize {
            current.cells.push_field("");
        }
        current.cells.push_field(&text);
    }
    Ok(rows)
}

fn fault(error: XlsxError) -> SheetFault {
    match error {
        XlsxError::Password => SheetFault::OldOrLocked,
        _ => SheetFault::Broken,
    }
}

/// A cell as a person sees it: days as `2026-01-05`, figures without the noise of binary fractions.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => figure(*n),
        DataRef::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
            }
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) => "#ERROR".to_owned(),
        DataRef::Empty => String::new(),
    }
}

/// A figure with the 15 digits that spreadsheets keep. Longer whole numbers have lost digits and are shown with an
/// exponent, so that a reader of identity numbers can say what happened.
fn figure(n: f64) -> String {
    if n.abs() >= 1e15 {
        let shown = format!("{n:.14E}");
        return shown.replace('E', "E+");
    }
    let rounded: f64 = format!("{n:.14e}").parse().unwrap_or(n);
    // Display of f64 never uses an exponent.
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::sheets::open;

    fn one_cell(row: u32, column: u16) -> Vec<u8> {
        workbook(|sheet| {
            sheet.write(row, column, "姓名").expect("cell");
        })
    }
    fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut workbook = Workbook::new();
        fill(workbook.add_worksheet());
        workbook.save_to_buffer().expect("a workbook")
    }
    fn fault_of(bytes: &[u8], limits: &Limits) -> SheetFault {
        open(bytes, limits).map(drop).expect_err("refused")
    }

    #[test]
    fn cells_read_as_people_see_them() {
        let bytes = workbook(|sheet| {
            let date = Format::new().set_num_format("yyyy-mm-dd");
            sheet.write(0, 0, "姓名").expect("cell");
            sheet.write(0, 2, 0.1 + 0.2).expect("cell");
            sheet.write(2, 0, 440_703_198_501_010_019_f64).expect("cell");
            sheet.write(2, 1, 13_800_005_678_f64).expect("cell");
            sheet.write(2, 2, true).expect("cell");
            sheet.write_with_format(2, 3, ExcelDateTime::from_ymd(2026, 1, 5).expect("day"), &date).expect("cell");
            sheet.write_formula(2, 4, rust_xlsxwriter::Formula::new("=1+1").set_result("2")).expect("cell");
        });
        let sheets = open(&bytes, &Limits::IMPORT).expect("a workbook");
        let rows: Vec<(u32, Vec<&str>)> = sheets[0].rows.iter().map(|r| (r.number, r.cells.iter().collect())).collect();
        assert_eq!(
            rows,
            [(1, vec!["姓名", "", "0.3"]), (3, vec!["4.40703198501010E+17", "13800005678", "是", "2026-01-05", "2"])]
        );
    }

    #[test]
    fn a_cell_in_the_last_corner_is_refused_and_not_allocated() {
        let bytes = one_cell(1_048_575, 0);
        assert_eq!(fault_of(&bytes, &Limits::IMPORT), SheetFault::TooManyRows(500_000));
        let bytes = one_cell(0, 16_383);
        assert_eq!(fault_of(&bytes, &Limits::IMPORT), SheetFault::TooManyColumns(256));
    }

    fn archive(parts: &[(&str, usize)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, size) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).expect("part");
            writer.write_all(&vec![b' '; *size]).expect("part");
        }
        writer.finish().expect("archive").into_inner()
    }

    #[test]
    fn a_bomb_is_stopped_while_unpacking() {
        let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::IMPORT };
        let bomb = archive(&[("xl/workbook.xml", 900_000), ("xl/worksheets/sheet1.xml", 900_000)]);
        assert!(bomb.len() < 10_000, "small outside");
        assert_eq!(fault_of(&bomb, &limits), SheetFault::UnpacksTooLarge { limit_mib: 1 });
        let harmless = archive(&[("xl/workbook.xml", 1_000)]);
        assert_eq!(fault_of(&harmless, &limits), SheetFault::Broken, "the control is refused for another reason");
    }

    #[test]
    fn a_bomb_that_lies_about_its_size_is_stopped_too() {
        let mut bomb = archive(&[("xl/workbook.xml", 3 << 20)]);
        // Every place where the size stands, in the local header and in the directory, is made to say one byte.
        let size = (3_u32 << 20).to_le_bytes();
        let places: Vec<usize> = bomb.windows(4).enumerate().filter(|(_, w)| *w == size).map(|(at, _)| at).collect();
        assert!(!places.is_empty());
        for at in places {
            bomb[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
        }
        let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::IMPORT };
        assert!(matches!(fault_of(&bomb, &limits), SheetFault::UnpacksTooLarge { .. } | SheetFault::Broken));
    }

    #[test]
    fn an_archive_that_is_no_workbook() {
        assert_eq!(fault_of(&archive(&[("word/document.xml", 10)]), &Limits::IMPORT), SheetFault::NotASheet);
        assert_eq!(fault_of(b"PK\x03\x04 but nothing more", &Limits::IMPORT), SheetFault::Broken);
        let whole = one_cell(0, 0);
        assert!(open(&whole, &Limits::IMPORT).is_ok(), "the control");
        let half = whole.get(..whole.len() / 2).expect("half");
        assert_eq!(fault_of(half, &Limits::IMPORT), SheetFault::Broken);
    }
}
