//! Real spreadsheets in their real layouts, from the shared test input.

use xiangji::{
    kernel::text::{AreaUnit, read_area},
    sheets::{Column, Limits, Table, open},
};

use crate::support::{shared_data, skip};

const fn column(key: &'static str, title: &'static str, synonyms: &'static [&'static str]) -> Column {
    Column { key, title, synonyms, required: true }
}

fn table(file: &str, columns: &'static [Column]) -> Option<Table> {
    let Some(data) = shared_data() else {
        skip(file, "the folder of shared test input is not there");
        return None;
    };
    let bytes = std::fs::read(data.join("excel").join(file)).unwrap();
    Some(Table::find(open(&bytes, &Limits::IMPORT).unwrap(), columns).unwrap_or_else(|e| panic!("{file}: {e}")))
}

#[test]
fn ponds_in_two_blocks_beside_each_other_below_a_title() {
    const COLUMNS: &[Column] = &[column("name", "资产名称", &[]), column("area", "面积", &[])];
    let Some(table) = table("nanhai_2019_ponds_side_by_side.xlsx", COLUMNS) else { return };
    assert_eq!(table.unit("area"), Some("亩"));
    let rows: Vec<_> = table.rows().collect();
    assert_eq!(rows.len(), 21);
    // 179.45 mu in all, as published; the cell 9.300000000000001 is read as a person sees it.
    let total: i64 = rows.iter().map(|r| read_area(r.get("area"), AreaUnit::Mu).unwrap().mu_hundredths()).sum();
    assert_eq!(total, 17_945);
    assert!(rows.iter().any(|r| r.get("area") == "9.3"));
}

#[test]
fn stalls_with_line_breaks_in_headers_and_a_section_row() {
    const COLUMNS: &[Column] = &[column("name", "招租摊位", &[]), column("price", "起拍价格", &[])];
    let Some(table) = table("liannan_2024_stalls.xlsx", COLUMNS) else { return };
    assert_eq!(table.unit("price"), Some("元/月"));
    assert_eq!(table.rows().next().unwrap().get("name"), "中心集贸市场肉食摊位8号");
    assert!(table.report().skipped.iter().any(|s| s.row == 2 && s.text.contains("肉食摊档区")));
    assert!(table.rows().all(|r| !r.get("price").is_empty()));
}

#[test]
fn offices_with_figures_as_text_and_a_sum() {
    const COLUMNS: &[Column] = &[column("name", "标的名称", &[]), column("area", "建筑面积", &[])];
    let Some(table) = table("shaoxing_offices_text_numbers.xlsx", COLUMNS) else { return };
    assert_eq!(table.unit("area"), Some("平方米"));
    assert!(table.report().skipped.iter().any(|s| s.text == "合计"), "{:?}", table.report().skipped);
    let first = table.rows().next().unwrap();
    assert_eq!(first.get("area"), "约 162.76");
    assert!(read_area(first.get("area"), AreaUnit::SquareMetre).is_err(), "about is not a figure");
}
