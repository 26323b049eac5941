//! A list of assets from a spreadsheet: what its columns may be called, and what its cells mean. Pure.

use std::collections::BTreeMap;

use super::{
    model::{AssetFacts, Class, Kind, State},
    rules,
};
use crate::{
    kernel::{
        Fen,
        text::{AreaUnit, half_width, read_area, read_yuan},
    },
    sheets::{Column, Limits, Report, Table, TableRow},
};

/// One village's list; a county's goes in several files.
pub const LIMITS: Limits = Limits { file_bytes: 16 << 20, unpacked_bytes: 256 << 20, rows: 20_000, columns: 256 };

/// The columns of stocktaking tables and of account lists that counties use.
pub const COLUMNS: &[Column] = &[
    Column {
        key: "code",
        title: "资产编码",
        synonyms: &["资源编码", "资产编号", "资源编号", "编号", "编码"],
        required: false,
    },
    Column {
        key: "name", title: "资产名称", synonyms: &["资源名称", "名称", "资产", "项目名称"], required: true
    },
    Column {
        key: "class",
        title: "资产类别",
        synonyms: &["资源类别", "类别", "资产类型", "资源类型", "地类"],
        required: true,
    },
    Column {
        key: "kind", title: "资产性质", synonyms: &["资产属性", "资源属性", "属性", "性质"], required: false
    },
    Column {
        key: "area", title: "面积", synonyms: &["资源面积", "建筑面积", "土地面积", "核实面积"], required: false
    },
    Column { key: "quantity", title: "数量", synonyms: &["件数", "核实数量"], required: false },
    Column { key: "measure", title: "数量/面积", synonyms: &["面积/数量", "数量或面积"], required: false },
    Column { key: "unit", title: "单位", synonyms: &["计量单位"], required: false },
    Column {
        key: "location",
        title: "坐落",
        synonyms: &["坐落位置", "位置", "地址", "资产坐落", "地点", "座落"],
        required: true,
    },
    Column {
        key: "original_value",
        title: "原值",
        synonyms: &["资产原值", "账面原值", "账面数", "购建价"],
        required: false,
    },
    Column { key: "net_value", title: "净值", synonyms: &["资产净值", "账面净值"], required: false },
    Column {
        key: "quantified",
        title: "量化金额",
        synonyms: &["量化资产", "量化值", "折股量化金额", "量化资产额"],
        required: false,
    },
    Column {
        key: "state", title: "使用状况", synonyms: &["使用情况", "状态", "使用状态", "现状"], required: false
    },
    Column { key: "note", title: "备注", synonyms: &["说明"], required: false },
];

/// Other words for classes.
const CLASS_WORDS: &[(&str, Class)] = &[
    ("水田", Class::Farmland),
    ("旱地", Class::Farmland),
    ("水浇地", Class::Farmland),
    ("农用地", Class::OtherFarmland),
    ("果园", Class::Orchard),
    ("茶园", Class::Orchard),
    ("山林", Class::Forest),
    ("沟渠", Class::Irrigation),
    ("农田水利设施用地(沟渠)", Class::Irrigation),
    ("鱼塘", Class::Pond),
    ("坑塘水面", Class::Pond),
    ("养殖水面(坑塘水面)", Class::Pond),
    ("“四荒”地", Class::FourWastes),
    ("\"四荒\"地", Class::FourWastes),
    ("建设用地", Class::ConstructionLand),
    ("工矿仓储用地", Class::ConstructionLand),
    ("商服用地", Class::ConstructionLand),
    ("店铺", Class::Shop),
    ("铺位", Class::Shop),
    ("商铺门面", Class::Shop),
    ("厂房仓库", Class::Factory),
    ("办公用房", Class::Office),
    ("农贸市场", Class::Market),
    ("临建", Class::TemporaryBuilding),
    ("房屋建筑物", Class::OtherBuilding),
    ("房屋", Class::OtherBuilding),
    ("机器设备", Class::Equipment),
    ("其他经营性固定资产", Class::Equipment),
    ("学校", Class::Education),
    ("幼儿园", Class::Education),
    ("卫生站", Class::Health),
    ("文化室", Class::Culture),
    ("道路", Class::PublicWorks),
];

const KIND_WORDS: &[(&str, Kind)] = &[
    ("资源性", Kind::Resource),
    ("资源", Kind::Resource),
    ("经营性", Kind::Operating),
    ("经营性固定资产", Kind::Operating),
    ("公益性", Kind::PublicService),
    ("非经营性", Kind::PublicService),
    ("非经营性资产", Kind::PublicService),
];

const STATE_WORDS: &[(&str, State)] = &[
    ("在用", State::SelfUsed),
    ("自营", State::SelfUsed),
    ("使用中", State::SelfUsed),
    ("出租经营", State::Leased),
    ("已出租", State::Leased),
    ("发包", State::Leased),
    ("已发包", State::Leased),
    ("承包", State::Leased),
    ("空置", State::Idle),
    ("未出租", State::Idle),
    ("出借", State::Lent),
    ("无偿使用", State::Lent),
    ("占用", State::Occupied),
    ("报废", State::Disposed),
    ("已报废", State::Disposed),
    ("处置", State::Disposed),
];

/// Reads every row. Where the report refuses nothing, there is one asset for each row.
///
/// `known` are code, name and location of what the collective already has on record.
pub fn read(table: &Table, known: &[(Option<String>, String, String)]) -> (Vec<AssetFacts>, Report) {
    let mut report = table.report();
    let mut assets = Vec::new();
    let mut codes: BTreeMap<String, u32> = BTreeMap::new();
    let on_record = |code: &str| known.iter().any(|(c, _, _)| c.as_deref() == Some(code));
    for row in table.rows() {
        report.rows += 1;
        let Some(facts) = read_row(table, &row, &mut report) else { continue };
        if let Some(code) = &facts.code {
            if on_record(code) {
                report.refused.push(row.fault(
                    "code",
                    code,
                    "这个编码已经登记；更新请到该资产的页面，新资产请换一个编码",
                ));
            } else if let Some(first) = codes.insert(code.clone(), row.number()) {
                report.refused.push(row.fault("code", code, format!("与第 {first} 行的编码相同，请改成不同的编码")));
            }
        }
        if known.iter().any(|(_, name, place)| *name == facts.name && *place == facts.location) {
            report.notes.push(row.fault("name", &facts.name, "同名同坐落的资产已经登记，请确认不是同一项"));
        }
        assets.push(facts);
    }
    (assets, report)
}

fn read_row(table: &Table, row: &TableRow<'_>, report: &mut Report) -> Option<AssetFacts> {
    let before = report.refused.len();
    let class = word(row, "class", CLASS_WORDS, report);
    let kind = if row.get("kind").is_empty() { None } else { word(row, "kind", KIND_WORDS, report) };
    let state = if row.get("state").is_empty() {
        report.notes.push(row.fault("state", "", "没有写使用状况，按“自用”登记"));
        Some(State::SelfUsed)
    } else {
        word(row, "state", STATE_WORDS, report)
    };
    let (area, quantity, unit) = measures(table, row, report);
    let original_value = amount(table, row, "original_value", report);
    let net_value = amount(table, row, "net_value", report);
    let quantified = amount(table, row, "quantified", report);
    let (Some(class), Some(state)) = (class, state) else { return None };
    if report.refused.len() > before {
        return None;
    }
    let facts = AssetFacts {
        code: Some(row.get("code").to_owned()),
        name: row.get("name").to_owned(),
        kind: kind.unwrap_or_else(|| rules::usual_kind(class)),
        class,
        area,
        quantity,
        unit,
        location: row.get("location").to_owned(),
        original_value,
        net_value,
        quantified: quantified.unwrap_or(Fen::ZERO),
        state,
        photo: None,
        note: row.get("note").to_owned(),
    };
    match rules::check(facts) {
        Ok(facts) => Some(facts),
        Err(problem) => {
            let faults = problem.fields.iter().map(|f| row.fault(f.field(), row.get(f.field()), &f.detail));
            report.refused.extend(faults);
            None
        }
    }
}

/// A word of a closed list, under its label or another name.
fn word<T: std::str::FromStr<Err = String> + Copy>(
    row: &TableRow<'_>,
    key: &str,
    others: &[(&str, T)],
    report: &mut Report,
) -> Option<T> {
    let seen = row.get(key);
    let tidy: String = half_width(seen).chars().filter(|c| !c.is_whitespace()).collect();
    if let Some((_, value)) = others.iter().find(|(name, _)| *name == tidy) {
        return Some(*value);
    }
    tidy.parse().map_err(|expected| report.refused.push(row.fault(key, seen, expected))).ok()
}

type Measures = (Option<crate::kernel::Area>, Option<i64>, Option<String>);

/// Area and quantity from their own columns, or from one column that the unit tells apart.
fn measures(table: &Table, row: &TableRow<'_>, report: &mut Report) -> Measures {
    let unit = row.get("unit");
    let area_unit = |header: Option<&str>| match header.unwrap_or(unit) {
        "亩" => Some(AreaUnit::Mu),
        "平方米" | "㎡" | "m2" | "m²" | "平方" | "平米" => Some(AreaUnit::SquareMetre),
        _ => None,
    };
    let mut area = None;
    let mut quantity = None;
    let both = row.get("measure");
    let area_key = if both.is_empty() || area_unit(table.unit("measure")).is_none() { "area" } else { "measure" };
    let quantity_key = if both.is_empty() || area_key == "measure" { "quantity" } else { "measure" };
    let area_text = row.get(area_key);
    if !area_text.is_empty() {
        let unit = area_unit(table.unit(area_key)).unwrap_or(AreaUnit::SquareMetre);
        match read_area(area_text, unit) {
            Ok(read) => area = Some(read),
            Err(fault) => report.refused.push(row.fault(area_key, area_text, fault)),
        }
    }
    let quantity_text = half_width(row.get(quantity_key));
    if !quantity_text.is_empty() {
        match quantity_text.trim_end_matches(".0").parse() {
            Ok(read) => quantity = Some(read),
            Err(_) => {
                report.refused.push(row.fault(quantity_key, &quantity_text, "数量应是整数，例如 3；面积请写在面积列"))
            }
        }
    }
    let unit = table.unit("quantity").unwrap_or(unit);
    let counted = (quantity.is_some() && area_unit(Some(unit)).is_none()).then(|| unit.to_owned());
    (area, quantity, counted)
}

/// An amount; a header such as 原值(万元) gives the unit.
fn amount(table: &Table, row: &TableRow<'_>, key: &str, report: &mut Report) -> Option<Fen> {
    let seen = row.get(key);
    if seen.is_empty() || matches!(seen, "-" | "—" | "/" | "无") {
        return None;
    }
    let in_ten_thousands = table.unit(key).is_some_and(|u| u.starts_with('万')) && !seen.contains('万');
    let text = if in_ten_thousands { format!("{}万", seen.trim_end_matches('元')) } else { seen.to_owned() };
    read_yuan(&text).map_err(|fault| report.refused.push(row.fault(key, seen, fault))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernel::Area, sheets::open};

    fn read_text(text: &str) -> (Vec<AssetFacts>, Report) {
        let table = Table::find(open(text.as_bytes(), &LIMITS).expect("opens"), COLUMNS).expect("a table");
        read(&table, &[(Some("A1".into()), "旧铺".into(), "村口".into())])
    }

    #[test]
    fn a_list_in_the_words_of_the_county() {
        let (assets, report) = read_text(
            "杜阮镇上巷村资产清查表\n序号,资产编码,资产名称,资产类别,资产属性,数量/面积,单位,坐落,原值（万元）,净值（万元）,量化金额,使用状况,保管人\n\
             1,Z1,龙门里鱼塘,鱼塘,资源性,23.5,亩,龙门里,,,,出租经营,甲\n\
             2,Z2,市场铺位,铺位,,48,平方米,市场东侧,10,6,\"80,000\",空置,乙\n\
             3,Z3,抽水机,机器设备,,2,台,泵房,0.8,0.5,,在用,丙\n合计,,,,,,,,,,,,\n",
        );
        assert_eq!(report.refused, []);
        assert_eq!((report.rows, report.ignored_columns), (3, vec!["保管人".to_owned()]));
        let [pond, shop, pump] = assets.as_slice() else { panic!("three assets") };
        assert_eq!(
            (pond.kind, pond.class, pond.area, pond.state),
            (Kind::Resource, Class::Pond, Some(Area(1_566_667)), State::Leased)
        );
        assert_eq!(
            (shop.kind, shop.original_value, shop.quantified),
            (Kind::Operating, Some(Fen(10_000_000)), Fen(8_000_000))
        );
        assert_eq!((pump.quantity, pump.unit.as_deref(), pump.area), (Some(2), Some("台"), None));
    }

    #[test]
    fn every_bad_cell_is_named() {
        let (assets, report) = read_text(
            "资产编码,资产名称,资产类别,面积,坐落,原值,使用状况\nA1,铺,商铺,10,东,1,自用\nB1,铺,飞船,10,东,1,自用\nB2,铺,商铺,约10,东,1,自用\n\
             B3,铺,商铺,10,东,1.005,自用\nB4,,商铺,10,,1,睡觉\nB5,铺,商铺,10,东,1,自用\nB5,铺,商铺,10,东,1,\nB6,铺,商铺,10,东,,自用\n",
        );
        let seen: Vec<(u32, &str)> = report.refused.iter().map(|f| (f.row, f.column.as_str())).collect();
        assert_eq!(
            seen,
            [
                (2, "A 资产编码"),
                (3, "C 资产类别"),
                (4, "D 面积"),
                (5, "F 原值"),
                (6, "G 使用状况"),
                (8, "A 资产编码"),
                (9, "F 原值")
            ]
        );
        assert_eq!(report.rows, 8);
        assert_eq!(report.notes.len(), 1, "the row without a state");
        assert_eq!(assets.len(), 3);
    }
}
