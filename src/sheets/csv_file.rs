//! Delimited text: encodings and delimiters as the usual programs write them.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use super::{Limits, Row, Sheet, SheetFault};

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Sheet, SheetFault> {
    let text = decode(bytes)?;
    let start = text.trim_start();
    if start.get(..5).is_some_and(|s| s.eq_ignore_ascii_case("<html"))
        || start.starts_with("<!")
        || start.starts_with("<?xml")
    {
        return Err(SheetFault::WebPage);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    // The reader counts lines; a spreadsheet counts rows, in which a quoted line break is part of a cell.
    let mut breaks_inside = 0;
    while reader.read_record(&mut record).map_err(|_| SheetFault::Broken)? {
        // A record is said to begin where the one before it ended, so the empty lines between are counted here.
        let (line, start) = record.position().map_or((0, 0), |p| (p.line(), usize::try_from(p.byte()).unwrap_or(0)));
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let empty_lines =
            rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).filter(|b| **b == b'\n').count() as u64;
        let number = u32::try_from((line + empty_lines).saturating_sub(breaks_inside)).unwrap_or(u32::MAX);
        breaks_inside += record.iter().map(|c| c.bytes().filter(|b| *b == b'\n').count() as u64).sum::<u64>();
        if record.iter().all(|c| c.trim().is_empty()) {
            continue;
        }
        if number > limits.rows {
            return Err(SheetFault::TooManyRows(limits.rows));
        }
        if record.len() > limits.columns as usize {
            return Err(SheetFault::TooManyColumns(limits.columns));
        }
        rows.push(Row { number, cells: std::mem::take(&mut record) });
    }
    Ok(Sheet { name: String::new(), rows })
}

/// UTF-8 where it is UTF-8, otherwise GB18030, of which GBK and GB 2312 are parts.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SheetFault> {
    let utf16 = match bytes {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = utf16 {
        let (text, _, faulty) = encoding.decode(bytes);
        return if faulty { Err(SheetFault::Encoding) } else { Ok(text) };
    }
    if bytes.contains(&0) {
        return Err(SheetFault::NotASheet);
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or(SheetFault::Encoding)
}

/// The one of comma, tab and semicolon that the first lines have most of.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().take(5);
    let mut counts = [(b',', 0_usize), (b'\t', 0), (b';', 0)];
    for line in head {
        for (delimiter, count) in &mut counts {
            *count += line.bytes().filter(|b| b == delimiter).count();
        }
    }
    // The first of equals wins, so the comma does where there is none of them.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::open;

    fn cells(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
        let sheets = open(bytes, &Limits::IMPORT).unwrap_or_else(|f| panic!("{f}"));
        sheets
            .into_iter()
            .flat_map(|s| s.rows)
            .map(|r| (r.number, r.cells.iter().map(String::from).collect()))
            .collect()
    }
    fn fault(bytes: &[u8]) -> SheetFault {
        open(bytes, &Limits::IMPORT).map(drop).expect_err("refused")
    }

    #[test]
    fn the_same_table_in_every_encoding() {
        let text = "姓名,身份证号\r\n张三,440703198501010019\r\n黄𠅤,\r\n";
        let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let (gb18030, _, _) = GB18030.encode(text);
        let expected = cells(text.as_bytes());
        assert_eq!(expected.len(), 3);
        assert_eq!(expected.last().map(|(_, c)| c.first().cloned()), Some(Some("黄𠅤".to_owned())));
        for bytes in [
            [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            utf16,
            gb18030.into_owned(),
            text.replace(',', "\t").into_bytes(),
        ] {
            assert_eq!(cells(&bytes), expected);
        }
    }

    #[test]
    fn rows_keep_the_numbers_people_see() {
        let text = "户主,姓名\n\n张三,\"李\n四\"\n,\n王五,赵六\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let numbers: Vec<u32> = cells(text.as_bytes()).into_iter().map(|(n, _)| n).collect();
            assert_eq!(numbers, [1, 3, 5]);
        }
    }

    #[test]
    fn bytes_that_are_no_table() {
        assert_eq!(fault(b""), SheetFault::Empty);
        assert_eq!(fault(b"\n \n,,\n"), SheetFault::Empty);
        assert_eq!(fault(b"a,b\x00c"), SheetFault::NotASheet);
        assert_eq!(fault(b"<html><table>"), SheetFault::WebPage);
        assert_eq!(fault(b"\xd0\xcf\x11\xe0\xa1\xb1"), SheetFault::OldOrLocked);
        assert_eq!(fault(b"\x81\xff\xff\xff"), SheetFault::Encoding);
        let small = Limits { file_bytes: 10, unpacked_bytes: 10, rows: 2, columns: 2 };
        assert_eq!(open(b"0123456789a", &small).expect_err("large"), SheetFault::FileTooLarge { limit_mib: 0 });
        assert_eq!(open(b"a\nb\nc", &small).expect_err("rows"), SheetFault::TooManyRows(2));
        assert_eq!(open(b"a,b,c", &small).expect_err("columns"), SheetFault::TooManyColumns(2));
    }
}
