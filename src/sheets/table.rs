//! Finding the table in a sheet: the header row, what each column means, which rows are data.

use super::{Report, Row, RowFault, Sheet, SheetFault, SkippedRow};
use crate::kernel::text::half_width;

/// A column that an import understands.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The name by which the domain asks for the cell.
    pub key: &'static str,
    /// The Chinese name, which is also the first that is recognised.
    pub title: &'static str,
    /// Other names in use.
    pub synonyms: &'static [&'static str],
    /// Without it there is no table.
    pub required: bool,
}

/// Rows searched for headers: titles, units and remarks may stand above them.
const HEADER_WITHIN: usize = 30;

/// A table found in a sheet.
#[derive(Debug)]
pub struct Table {
    sheet: Sheet,
    /// One layout for each table that stands beside the others in the same rows (usually one).
    blocks: Vec<Vec<Place>>,
    /// Indexes into the sheet's rows that hold data.
    body: Vec<usize>,
    skipped: Vec<SkippedRow>,
    ignored: Vec<String>,
}

#[derive(Debug)]
struct Place {
    key: &'static str,
    title: &'static str,
    column: usize,
    unit: Option<String>,
}

/// One row of data.
#[derive(Debug, Clone, Copy)]
pub struct TableRow<'a> {
    table: &'a Table,
    block: &'a [Place],
    row: &'a Row,
}

impl Table {
    /// Finds the first sheet and row that hold the needed headers.
    ///
    /// # Errors
    /// [`SheetFault::Headers`] naming what the likeliest row lacks, [`SheetFault::SameColumn`] where two columns claim one
    /// meaning.
    pub fn find(sheets: Vec<Sheet>, columns: &'static [Column]) -> Result<Table, SheetFault> {
        let required: Vec<&Column> = columns.iter().filter(|c| c.required).collect();
        let mut best: (usize, Vec<String>, Vec<String>) =
            (0, required.iter().map(|c| c.title.to_owned()).collect(), Vec::new());
        for sheet in sheets {
            for (at, row) in sheet.rows.iter().take(HEADER_WITHIN).enumerate() {
                let places = places(row, columns);
                let missing: Vec<String> = required
                    .iter()
                    .filter(|c| places.iter().all(|p| p.key != c.key))
                    .map(|c| c.title.to_owned())
                    .collect();
                if missing.is_empty() && !places.is_empty() {
                    return Table::new(sheet, at, places, columns);
                }
                if places.len() > best.0 {
                    let found = row.cells.iter().map(headline).filter(|h| !h.is_empty()).take(20).collect();
                    best = (places.len(), missing, found);
                }
            }
        }
        let (_, missing, found) = best;
        Err(SheetFault::Headers { missing, found })
    }

    fn new(sheet: Sheet, header: usize, places: Vec<Place>, columns: &[Column]) -> Result<Table, SheetFault> {
        let head = sheet.rows.get(header);
        let ignored = head.map_or_else(Vec::new, |row| {
            let used = |at: usize| places.iter().any(|p| p.column == at);
            row.cells.iter().enumerate().filter(|(at, _)| !used(*at)).map(|(_, c)| headline(c)).collect()
        });
        let ignored: Vec<String> = ignored.into_iter().filter(|h| !h.is_empty() && h != "序号").collect();
        let mut table =
            Table { blocks: blocks(places, columns)?, body: Vec::new(), skipped: Vec::new(), ignored, sheet };
        for (at, row) in table.sheet.rows.iter().enumerate().skip(header + 1) {
            match table.reason_to_skip(row) {
                Some(why) => table.skipped.push(SkippedRow {
                    row: row.number,
                    text: row.cells.iter().map(headline).find(|c| !c.is_empty()).unwrap_or_default(),
                    why: why.to_owned(),
                }),
                None => table.body.push(at),
            }
        }
        Ok(table)
    }

    /// Titles, sums and signatures between and below the data.
    fn reason_to_skip(&self, row: &Row) -> Option<&'static str> {
        let filled: Vec<(usize, String)> =
            row.cells.iter().enumerate().map(|(at, c)| (at, headline(c))).filter(|(_, c)| !c.is_empty()).collect();
        let (first_column, first) = filled.first()?;
        if ["合计", "总计", "小计", "累计"].iter().any(|w| first.starts_with(w)) {
            return Some("合计行，不导入");
        }
        const SIGNATURES: [&str; 8] = ["填表", "制表", "审核", "填报", "负责人", "备注:", "说明:", "注:"];
        if SIGNATURES.iter().any(|w| first.starts_with(w)) && first.contains(':') {
            return Some("表尾的签名或说明，不导入");
        }
        let block = self.blocks.first()?;
        let mapped = |at: &usize| self.blocks.iter().flatten().any(|p| p.column == *at);
        if filled.len() == 1 && (!mapped(first_column) || (*first_column == 0 && block.len() > 2)) {
            return Some("只有一格有内容，当作分段标题，不导入");
        }
        let header_again = block.iter().all(|p| row.cells.get(p.column).is_some_and(|c| names(p.title, &headline(c))))
            && block.len() > 1;
        header_again.then_some("重复的表头，不导入")
    }

    /// The rows of data in order.
    pub fn rows(&self) -> impl Iterator<Item = TableRow<'_>> {
        self.body.iter().filter_map(|at| self.sheet.rows.get(*at)).flat_map(move |row| {
            self.blocks
                .iter()
                .map(move |block| TableRow { table: self, block, row })
                // Tables that stand beside each other seldom have the same length.
                .filter(|r| self.blocks.len() == 1 || r.block.iter().any(|p| !r.get(p.key).is_empty()))
        })
    }

    /// A fault about a cell of a row that was read before, by the row's number; see [`TableRow::fault`].
    pub fn fault(&self, row: u32, key: &str, seen: &str, expected: impl ToString) -> RowFault {
        let column = self.place(key).map_or_else(|| key.to_owned(), |p| format!("{} {}", letters(p.column), p.title));
        fault(&self.sheet.name, row, column, seen, &expected)
    }

    /// Whether the table has the column at all.
    pub fn has(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    /// What stood in brackets behind the header: `亩` for `面积(亩)`.
    pub fn unit(&self, key: &str) -> Option<&str> {
        self.place(key)?.unit.as_deref()
    }

    /// A report that already knows the rows and columns that were left out.
    pub fn report(&self) -> Report {
        Report { skipped: self.skipped.clone(), ignored_columns: self.ignored.clone(), ..Report::default() }
    }

    fn place(&self, key: &str) -> Option<&Place> {
        self.blocks.iter().flatten().find(|p| p.key == key)
    }
}

impl<'a> TableRow<'a> {
    /// The cell's text without outer blanks; empty where the table has no such column.
    pub fn get(&self, key: &str) -> &'a str {
        let place = self.block.iter().find(|p| p.key == key);
        place.and_then(|p| self.row.cells.get(p.column)).unwrap_or("").trim()
    }

    /// The row's number as the spreadsheet shows it.
    pub fn number(&self) -> u32 {
        self.row.number
    }

    /// A fault or a note about one cell of this row. `seen` is shown to people: mask it where it is personal.
    pub fn fault(&self, key: &str, seen: &str, expected: impl ToString) -> RowFault {
        let place = self.block.iter().find(|p| p.key == key);
        let column = place.map_or_else(|| key.to_owned(), |p| format!("{} {}", letters(p.column), p.title));
        fault(&self.table.sheet.name, self.row.number, column, seen, &expected)
    }
}

fn fault(sheet: &str, row: u32, column: String, seen: &str, expected: &dyn ToString) -> RowFault {
    let seen = seen.chars().take(60).collect();
    RowFault { sheet: sheet.to_owned(), row, column, seen, expected: expected.to_string() }
}

/// A header as it is compared: half width, without blanks, line breaks and the star of required columns.
fn headline(cell: &str) -> String {
    half_width(cell).chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '\u{200b}' | '\u{feff}')).collect()
}

/// `面积(亩)` is `面积` with the unit `亩`.
fn without_brackets(head: &str) -> (&str, Option<&str>) {
    match head.split_once('(') {
        Some((name, rest)) if !name.is_empty() => (name, rest.strip_suffix(')')),
        _ => (head, None),
    }
}

fn names(name: &str, head: &str) -> bool {
    let name = headline(name);
    name.eq_ignore_ascii_case(head) || name.eq_ignore_ascii_case(without_brackets(head).0)
}

fn places(row: &Row, columns: &'static [Column]) -> Vec<Place> {
    row.cells
        .iter()
        .enumerate()
        .filter_map(|(column, cell)| {
            let head = headline(cell);
            let known = |c: &&Column| names(c.title, &head) || c.synonyms.iter().any(|s| names(s, &head));
            let unit = without_brackets(&head).1.map(str::to_owned);
            columns.iter().find(known).map(|c| Place { key: c.key, title: c.title, column, unit })
        })
        .collect()
}

/// Splits the columns into tables beside each other: where every meaning occurs equally often, the first of each is the
/// first table. Anything else that occurs twice is a contradiction.
fn blocks(places: Vec<Place>, columns: &[Column]) -> Result<Vec<Vec<Place>>, SheetFault> {
    let count = |key: &str| places.iter().filter(|p| p.key == key).count();
    let most = places.iter().map(|p| count(p.key)).max().unwrap_or(1);
    let twice = columns.iter().find(|c| count(c.key) > 1);
    if let Some(column) = twice
        && (places.iter().any(|p| count(p.key) != most) || columns.iter().filter(|c| count(c.key) > 1).count() < 2)
    {
        let mut at = places.iter().filter(|p| p.key == column.key).map(|p| letters(p.column));
        let (first, second) = (at.next().unwrap_or_default(), at.next().unwrap_or_default());
        return Err(SheetFault::SameColumn { title: column.title.to_owned(), first, second });
    }
    let mut blocks: Vec<Vec<Place>> = (0..most).map(|_| Vec::new()).collect();
    for place in places {
        if let Some(block) = blocks.iter_mut().find(|b| b.iter().all(|p| p.key != place.key)) {
            block.push(place);
        }
    }
    Ok(blocks)
}

/// 0 is `A`, 26 is `AA`.
fn letters(column: usize) -> String {
    let letter = u8::try_from(column % 26).map_or('?', |n| char::from(b'A' + n));
    match column / 26 {
        0 => letter.to_string(),
        above => format!("{}{letter}", letters(above - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::{Limits, open};

    const COLUMNS: &[Column] = &[
        Column { key: "head", title: "户主", synonyms: &["户主姓名"], required: false },
        Column { key: "name", title: "姓名", synonyms: &["成员姓名", "CYXM"], required: true },
        Column { key: "area", title: "面积", synonyms: &[], required: false },
        Column {
            key: "id", title: "身份证号", synonyms: &["身份证号码", "公民身份号码"], required: true
        },
    ];

    fn table(text: &str) -> Result<Table, SheetFault> {
        Table::find(open(text.as_bytes(), &Limits::IMPORT)?, COLUMNS)
    }
    fn names_in(table: &Table) -> Vec<&str> {
        table.rows().map(|r| r.get("name")).collect()
    }

    #[test]
    fn headers_by_any_name_in_any_order_below_a_title() {
        let text =
            "杜阮镇上巷村成员名册,,\n填报日期：2026年1月,,\n序号,\"* 公民身份\n号码\",成员 姓名,面积（亩）,民族\n";
        let found = table(&format!("{text}1,x1,张三,1.5,汉\n2,x2,李四,2,汉\n")).expect("a table");
        assert_eq!(names_in(&found), ["张三", "李四"]);
        assert_eq!((found.unit("area"), found.has("head")), (Some("亩"), false));
        let row = found.rows().next().expect("a row");
        assert_eq!((row.number(), row.get("id"), row.get("head")), (4, "x1", ""));
        let fault = row.fault("id", "x*", "应为 18 位");
        assert_eq!((fault.column.as_str(), fault.row), ("B 身份证号", 4));
        assert_eq!(found.report().ignored_columns, ["民族"]);
    }

    #[test]
    fn sums_sections_signatures_and_repeated_headers_are_listed_and_left_out() {
        let text = "户主,姓名,身份证号\n一组,,\n张三,张三,1\n,李四,2\n户主,姓名,身份证号\n张三,王五,3\n合 计,3,\n填表人：赵六,审核：钱七,\n";
        let found = table(text).expect("a table");
        assert_eq!(names_in(&found), ["张三", "李四", "王五"]);
        let skipped: Vec<(u32, String)> = found.report().skipped.into_iter().map(|s| (s.row, s.text)).collect();
        assert_eq!(skipped, [(2, "一组".into()), (5, "户主".into()), (7, "合计".into()), (8, "填表人:赵六".into())]);
    }

    #[test]
    fn missing_and_doubled_headers_are_named() {
        let fault = table("户主,姓名,民族\n张三,张三,汉").expect_err("no id");
        assert_eq!(
            fault,
            SheetFault::Headers {
                missing: vec!["身份证号".into()],
                found: vec!["户主".into(), "姓名".into(), "民族".into()]
            }
        );
        let fault = table("姓名,身份证号,成员姓名\n1,2,3").expect_err("two names");
        assert_eq!(fault, SheetFault::SameColumn { title: "姓名".into(), first: "A".into(), second: "C".into() });
        assert!(matches!(table("1,2\n3,4"), Err(SheetFault::Headers { found, .. }) if found.is_empty()));
    }

    #[test]
    fn tables_side_by_side_are_one() {
        let text = "姓名,身份证号,,姓名,身份证号\n张三,1,,王五,3\n李四,2,,,\n";
        let found = table(text).expect("a table");
        assert_eq!(names_in(&found), ["张三", "王五", "李四"]);
        let fault = found.rows().nth(1).expect("王五").fault("id", "3", "应为 18 位");
        assert_eq!(fault.column, "E 身份证号");
    }

    #[test]
    fn letters_as_spreadsheets_count() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
    }
}
