//! Division tables as files: `code,name` with a header line; lines that begin with `#` are remarks.

use crate::kernel::{FieldError, Problem, codes::RegionCode};

/// One line of a division table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionRow {
    pub code: RegionCode,
    pub name: String,
}

const SHIPPED: &str = include_str!("data/regions_440703.csv");

/// The 139 village-level units of 蓬江区 with their townships and what stands above.
pub fn shipped_regions() -> Vec<RegionRow> {
    parse_regions(SHIPPED).unwrap_or_default()
}

/// Reads a table; further columns are ignored. A code may leave out its trailing zeros.
///
/// Errors: a field error for each line that cannot be read (at most 50), with the line's number.
pub fn parse_regions(text: &str) -> Result<Vec<RegionRow>, Problem> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let (code, name) = (record.get(0).unwrap_or("").trim(), record.get(1).unwrap_or("").trim());
                match RegionCode::read(code) {
                    Ok(code) if !name.is_empty() => rows.push(RegionRow { code, name: name.to_owned() }),
                    Ok(_) => errors.push(FieldError::new("file", Some(code), format!("第 {line} 行没有名称，请补上"))),
                    Err(e) => errors.push(FieldError::new("file", Some(code), format!("第 {line} 行：{e}"))),
                }
            }
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                errors.push(FieldError::new("file", None, format!("第 {line} 行读不懂，请另存为 UTF-8 的 CSV 再试")));
                break;
            }
        }
        if errors.len() == 50 {
            break;
        }
    }
    if rows.is_empty() && errors.is_empty() {
        let detail = "没有读到区划：第一行是 code,name，从第二行起每行一个区划";
        errors.push(FieldError::new("file", None, detail));
    }
    if errors.is_empty() { Ok(rows) } else { Err(Problem::fields(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::codes::RegionLevel;

    #[test]
    fn the_district_ships_whole() {
        let rows = shipped_regions();
        let count = |level| rows.iter().filter(|r| r.code.level() == level).count();
        assert_eq!((count(RegionLevel::Village), count(RegionLevel::Town), count(RegionLevel::County)), (139, 6, 1));
        assert!(rows.iter().any(|r| r.code.as_str() == "440703103213" && r.name == "上巷村委会"));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let problem = parse_regions("code,name\n440703,蓬江区\n44070x,某区\n440704,\n").expect_err("two bad lines");
        assert_eq!(problem.fields.len(), 2);
        assert!(problem.fields[0].detail.contains("第 3 行"), "{problem}");
    }
}
