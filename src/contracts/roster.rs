//! A list of contracts from a spreadsheet: what its columns may be called, and what its cells mean. Pure.

use std::collections::BTreeMap;

use super::{
    model::{ContractFacts, Kind, LesseeKind, Method, State},
    rules,
};
use crate::{
    assets::AssetId,
    kernel::{
        Day, Fen,
        text::{half_width, read_day, read_yuan},
    },
    sheets::{Column, Limits, Report, Table, TableRow},
};

/// One village's list; a county's goes in several files.
pub const LIMITS: Limits = Limits { file_bytes: 16 << 20, unpacked_bytes: 256 << 20, rows: 20_000, columns: 256 };

const fn column(key: &'static str, title: &'static str, required: bool, synonyms: &'static [&'static str]) -> Column {
    Column { key, title, synonyms, required }
}

/// The columns of the 合同表 of stocktaking tables, of account programs and of lease listings.
pub const COLUMNS: &[Column] = &[
    column("code", "合同编码", false, &["合同编号", "合同号", "编号", "编码"]),
    column("name", "合同名称", true, &["合同", "名称", "项目名称"]),
    column("kind", "合同类型", false, &["类型", "合同类别", "合同性质"]),
    column("asset", "标的编码", false, &["资产编码", "资源编码", "资产编号", "资源编号"]),
    column(
        "subject",
        "标的名称",
        false,
        &["标的资产/资源名称", "标的资产", "标的资源", "标的", "资产名称", "资源名称", "资产/资源名称"],
    ),
    column(
        "lessee",
        "承租人",
        true,
        &["承租方", "承租对象", "承包人", "承包方", "乙方", "受让方", "流入方", "竞得人", "对方单位", "承租单位"],
    ),
    column("lessee_kind", "承租人类型", false, &["承租方类型", "乙方类型"]),
    column("signed_on", "签订日期", false, &["签订日", "签约日期", "签订时间", "签约时间", "合同签订日期"]),
    column(
        "starts_on",
        "起始日期",
        false,
        &["起", "开始日期", "起始日", "起租日期", "起租日", "合同起始日期", "合同开始日期", "租赁开始日期", "开始时间"],
    ),
    column(
        "ends_on",
        "终止日期",
        false,
        &["止", "结束日期", "终止日", "到期日期", "到期日", "合同终止日期", "合同到期日期", "租赁结束日期", "结束时间"],
    ),
    column("term", "合同期限", false, &["租期", "期限", "租赁期限", "承包期限", "合同起止期限", "起止日期", "租赁期"]),
    column("quantity", "数量", false, &["面积", "数量/面积", "面积/数量", "租赁面积", "承包面积"]),
    column("unit", "单位", false, &["计量单位"]),
    column("annual_rent", "年租金", false, &["年租金额", "每年租金", "年承包款", "年承包金", "年金额"]),
    column("total", "总金额", false, &["合同总金额", "合同金额", "合同总价", "总价", "总租金", "合同总额"]),
    column("method", "交易方式", false, &["成交方式", "发包方式", "出租方式", "承租方式"]),
    column("payment_terms", "付款方式", false, &["缴款方式", "收款方式", "租金支付方式", "支付方式", "交租方式"]),
    column("state", "合同状态", false, &["状态", "履行情况", "履行状态", "执行情况"]),
    column("note", "备注", false, &["说明"]),
];

const KIND_WORDS: &[(&str, Kind)] = &[
    ("租赁", Kind::Lease),
    ("出租", Kind::Lease),
    ("出租合同", Kind::Lease),
    ("承租合同", Kind::Lease),
    ("承包", Kind::LandContract),
    ("承包合同", Kind::LandContract),
    ("发包", Kind::LandContract),
    ("流转合同", Kind::LandContract),
    ("转让", Kind::Transfer),
    ("出让合同", Kind::Transfer),
    ("买卖合同", Kind::Transfer),
    ("合作合同", Kind::Cooperation),
    ("合作", Kind::Cooperation),
    ("合作开发合同", Kind::Cooperation),
    ("工程合同", Kind::Works),
    ("采购合同", Kind::Works),
    ("其他", Kind::Other),
];

const LESSEE_WORDS: &[(&str, LesseeKind)] = &[
    ("个人", LesseeKind::Person),
    ("农户", LesseeKind::Person),
    ("成员", LesseeKind::Person),
    ("企业", LesseeKind::Organisation),
    ("法人", LesseeKind::Organisation),
    ("组织", LesseeKind::Organisation),
    ("公司", LesseeKind::Organisation),
    ("个体工商户", LesseeKind::Organisation),
];

const METHOD_WORDS: &[(&str, Method)] = &[
    ("网上竞投", Method::OpenBidding),
    ("公开竞投", Method::OpenBidding),
    ("公开竞价交易", Method::OpenBidding),
    ("现场竞投", Method::OpenBidding),
    ("电子竞投", Method::OpenBidding),
    ("简易竞投", Method::OpenBidding),
    ("网上竞投(批量)", Method::OpenBidding),
    ("拍卖", Method::OpenBidding),
    ("竞价", Method::OpenBidding),
    ("公开招标", Method::Tender),
    ("招投标", Method::Tender),
    ("协商", Method::OpenNegotiation),
    ("磋商", Method::OpenNegotiation),
    ("磋商交易", Method::OpenNegotiation),
    ("协议", Method::OpenNegotiation),
    ("续约交易", Method::Renewal),
    ("续租", Method::Renewal),
    ("小额资产交易", Method::SmallDeal),
    ("其他", Method::Other),
];

const STATE_WORDS: &[(&str, State)] = &[
    ("履行", State::Running),
    ("执行中", State::Running),
    ("正常", State::Running),
    ("在履行", State::Running),
    ("生效", State::Running),
    ("到期", State::Ended),
    ("已终止", State::Ended),
    ("已结束", State::Ended),
    ("已完成", State::Ended),
    ("解除", State::Terminated),
    ("提前解除", State::Terminated),
    ("已作废", State::Terminated),
];

/// What the list is compared with: codes that are taken, and assets of the collective by code and, where it is the only one of
/// its name, by name.
#[derive(Debug, Default)]
pub struct Known {
    pub codes: Vec<String>,
    pub assets: BTreeMap<String, AssetId>,
}

/// Reads every row. Where the report refuses nothing, there is one contract for each row.
pub fn read(table: &Table, known: &Known, today: Day) -> (Vec<ContractFacts>, Report) {
    let mut report = table.report();
    let mut contracts = Vec::new();
    let mut codes: BTreeMap<String, u32> = BTreeMap::new();
    for row in table.rows() {
        report.rows += 1;
        let Some(facts) = read_row(table, &row, known, today, &mut report) else { continue };
        if let Some(code) = &facts.code {
            if known.codes.contains(code) {
                let expected = "这个编码已经登记；更新请到该合同的页面，新合同请换一个编码";
                report.refused.push(row.fault("code", code, expected));
            } else if let Some(first) = codes.insert(code.clone(), row.number()) {
                report.refused.push(row.fault("code", code, format!("与第 {first} 行的编码相同，请改成不同的编码")));
            }
        }
        let notes = rules::warnings(&facts, today);
        report.notes.extend(notes.iter().map(|w| row.fault(w.field(), row.get(w.field()), &w.detail)));
        contracts.push(facts);
    }
    (contracts, report)
}

fn read_row(
    table: &Table,
    row: &TableRow<'_>,
    known: &Known,
    today: Day,
    report: &mut Report,
) -> Option<ContractFacts> {
    let before = report.refused.len();
    let kind = word(row, "kind", KIND_WORDS, report).unwrap_or(Kind::Lease);
    let lessee_kind = word(row, "lessee_kind", LESSEE_WORDS, report).unwrap_or_else(|| guess(row.get("lessee")));
    let method = word(row, "method", METHOD_WORDS, report);
    let signed_on = day(row, "signed_on", report);
    let (starts_on, ends_on) = term(row, report);
    let state = word(row, "state", STATE_WORDS, report);
    let quantity = row.get("quantity");
    let unit = if row.get("unit").is_empty() { table.unit("quantity").unwrap_or("") } else { row.get("unit") };
    let quantity = if quantity.is_empty() {
        None
    } else {
        quantity.parse().map_err(|expected: String| report.refused.push(row.fault("quantity", quantity, expected))).ok()
    };
    let annual_rent = amount(table, row, "annual_rent", report);
    let total = amount(table, row, "total", report);
    if starts_on.is_none() && report.refused.len() == before {
        report.refused.push(row.fault("starts_on", "", "请填写起始日期，例如 2026-01-05"));
    }
    let starts_on = starts_on.filter(|_| report.refused.len() == before)?;
    let by_date = if ends_on.is_some_and(|end| end < today) { State::Ended } else { State::Running };
    let subject = row.get("subject");
    let asset =
        [row.get("asset"), subject].iter().filter(|t| !t.is_empty()).find_map(|t| known.assets.get(*t)).cloned();
    if asset.is_none() && !row.get("asset").is_empty() {
        report.notes.push(row.fault("asset", row.get("asset"), "资产台账里没有这个编码，合同不与资产关联"));
    }
    let facts = ContractFacts {
        code: Some(row.get("code").to_owned()),
        name: row.get("name").to_owned(),
        kind,
        asset,
        subject: subject.to_owned(),
        lessee: row.get("lessee").to_owned(),
        lessee_kind,
        signed_on,
        starts_on,
        ends_on,
        quantity,
        unit: quantity.map(|_| unit.to_owned()),
        annual_rent,
        total,
        method,
        payment_terms: row.get("payment_terms").to_owned(),
        state: state.unwrap_or(by_date),
        note: row.get("note").to_owned(),
    };
    rules::check(facts)
        .map_err(|problem| {
            let faults = problem.fields.iter().map(|f| row.fault(f.field(), row.get(f.field()), &f.detail));
            report.refused.extend(faults);
        })
        .ok()
}

/// A word of a closed list, under its label or another name; none where the cell is empty.
fn word<T: std::str::FromStr<Err = String> + Copy>(
    row: &TableRow<'_>,
    key: &str,
    others: &[(&str, T)],
    report: &mut Report,
) -> Option<T> {
    let seen = row.get(key);
    let tidy: String = half_width(seen).chars().filter(|c| !c.is_whitespace()).collect();
    if tidy.is_empty() {
        return None;
    }
    if let Some((_, value)) = others.iter().find(|(name, _)| *name == tidy) {
        return Some(*value);
    }
    tidy.parse().map_err(|expected| report.refused.push(row.fault(key, seen, expected))).ok()
}

/// Whether a name is an organisation's: by its last word, or by a length that no Han name has.
fn guess(name: &str) -> LesseeKind {
    const ENDS: [&str; 14] = ["公司", "厂", "店", "社", "中心", "场", "会", "局", "学校", "部", "行", "园", "馆", "站"];
    let ends = name.chars().count() > 3 && ENDS.iter().any(|end| name.trim_end_matches(['）', ')']).ends_with(end));
    let long = name.chars().count() > 5 && !name.contains(['·', '、', ',', '，']);
    if ends || long { LesseeKind::Organisation } else { LesseeKind::Person }
}

fn day(row: &TableRow<'_>, key: &str, report: &mut Report) -> Option<Day> {
    let seen = row.get(key);
    if seen.is_empty() || matches!(seen, "-" | "—" | "/" | "无") {
        return None;
    }
    read_day(seen).map_err(|fault| report.refused.push(row.fault(key, seen, fault))).ok()
}

/// Start and end from their own columns, or from one such as `2024-01-01~2028-12-31`.
fn term(row: &TableRow<'_>, report: &mut Report) -> (Option<Day>, Option<Day>) {
    let (from, to) = (day(row, "starts_on", report), day(row, "ends_on", report));
    let seen = row.get("term");
    if from.is_some() || to.is_some() || seen.is_empty() {
        return (from, to);
    }
    let folded = half_width(seen);
    let parts = ["~", "至", "到", "—", "--", " - "].iter().find_map(|mark| folded.split_once(mark));
    let read = parts.map(|(a, b)| (read_day(a.trim()), read_day(b.trim_matches(['~', '—', '-', ' ']))));
    match read {
        Some((Ok(from), Ok(to))) => (Some(from), Some(to)),
        Some((Err(fault), _) | (_, Err(fault))) => {
            report.refused.push(row.fault("term", seen, fault));
            (None, None)
        }
        None => {
            report.refused.push(row.fault("term", seen, "期限应写明起止日期，例如 2024-01-01~2028-12-31"));
            (None, None)
        }
    }
}

/// An amount; a header such as 总金额(万元) gives the unit.
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
    use crate::{contracts::model::Quantity, sheets::open};

    fn read_text(text: &str) -> (Vec<ContractFacts>, Report) {
        let table = Table::find(open(text.as_bytes(), &LIMITS).expect("opens"), COLUMNS).expect("a table");
        let pond: AssetId = "ast_000000000000000000000001".parse().expect("an id");
        let assets = BTreeMap::from([("Z1".to_owned(), pond.clone()), ("龙门里鱼塘".to_owned(), pond)]);
        read(&table, &Known { codes: vec!["OLD".into()], assets }, "2026-03-02".parse().expect("a day"))
    }

    #[test]
    fn a_list_in_the_words_of_the_county() {
        let (contracts, report) = read_text(
            "上巷村合同台账\n合同编码,合同名称,合同类型,甲方,承租人,签订日,起,止,数量,单位,单价,总金额（万元）,交易方式,付款方式,标的资产/资源名称\n\
             H1,鱼塘承包合同,承包合同,联合社,梁国栋,2023-12-20,2024年1月1日,2028/12/31,23.5,亩,1000,11.75,公开竞投,先交款后使用,龙门里鱼塘\n\
             H2,厂房租赁合同,租赁,联合社,江门市某某食品有限公司,,2001-01-01,2030-12-31,1,座,,30,,每月交,旧厂房\n\
             H3,旧铺租赁合同,,联合社,陈二,,2015-01-01,2019-12-31,,,,,,,\n合计,,,,,,,,,,,,,,\n",
        );
        assert_eq!(report.refused, []);
        let [pond, factory, shop] = contracts.as_slice() else { panic!("three contracts") };
        assert_eq!(
            (pond.kind, pond.lessee_kind, pond.method),
            (Kind::LandContract, LesseeKind::Person, Some(Method::OpenBidding))
        );
        assert_eq!(
            (pond.quantity, pond.unit.as_deref(), pond.total),
            (Some(Quantity(235_000)), Some("亩"), Some(Fen(11_750_000)))
        );
        assert!(pond.asset.is_some() && pond.ends_on.is_some_and(|d| d.to_string() == "2028-12-31"));
        assert_eq!((factory.lessee_kind, factory.asset.as_ref()), (LesseeKind::Organisation, None));
        assert_eq!((shop.state, shop.kind), (State::Ended, Kind::Lease), "told by the day and as the usual kind");
        let notes: Vec<u32> = report.notes.iter().map(|n| n.row).collect();
        assert_eq!(notes, [4], "the lease above twenty years");
        assert_eq!(report.ignored_columns, ["甲方", "单价"]);
    }

    #[test]
    fn one_column_may_hold_the_term() {
        let (contracts, report) = read_text(
            "合同名称,承租方,租期,年租金\n甲,张三,2024-01-01~2028-12-31,1200\n乙,李四,2024年1月1日至2028年12月31日,1200\n丙,王五,五年,1200\n",
        );
        assert_eq!(contracts.len(), 2);
        assert_eq!(report.refused.iter().map(|f| (f.row, f.column.as_str())).collect::<Vec<_>>(), [(4, "C 合同期限")]);
        assert!(contracts.iter().all(|c| c.ends_on.is_some_and(|d| d.as_number() == 20_281_231)));
    }

    #[test]
    fn every_bad_cell_is_named() {
        let (contracts, report) = read_text(
            "合同编码,合同名称,合同类型,承租人,起始日期,终止日期,数量,单位,总金额,合同状态\nOLD,甲,租赁,张三,2024-01-01,2026-01-01,,,,\n\
             A,甲,飞船,张三,2024-01-01,2026-01-01,,,,\nB,甲,租赁,张三,2024-02-30,2026-01-01,,,,\nC,甲,租赁,张三,2024-01-01,2023-01-01,,,,\n\
             D,甲,租赁,张三,2024-01-01,2026-01-01,3,,,\nE,甲,租赁,张三,2024-01-01,2026-01-01,,,1.005,\nF,甲,租赁,张三,,2026-01-01,,,,\n\
             G,甲,租赁,,2024-01-01,2026-01-01,,,,\nH,甲,租赁,张三,2024-01-01,2026-01-01,,,,睡觉\nI,甲,租赁,张三,2024-01-01,2026-01-01,,,,\nI,甲,租赁,张三,2024-01-01,2026-01-01,,,,\n",
        );
        let seen: Vec<(u32, &str)> = report.refused.iter().map(|f| (f.row, f.column.as_str())).collect();
        assert_eq!(
            seen,
            [
                (2, "A 合同编码"),
                (3, "C 合同类型"),
                (4, "E 起始日期"),
                (5, "F 终止日期"),
                (6, "H 单位"),
                (7, "I 总金额"),
                (8, "E 起始日期"),
                (9, "D 承租人"),
                (10, "J 合同状态"),
                (12, "A 合同编码"),
            ]
        );
        assert_eq!(contracts.len(), 3);
    }

    #[test]
    fn names_of_people_and_of_organisations() {
        for name in ["梁国栋", "欧阳娜娜", "阿依古丽·买买提", "张三、李四、王五", "陈会"] {
            assert_eq!(guess(name), LesseeKind::Person, "{name}");
        }
        for name in ["江门市某某食品有限公司", "顺发五金厂", "阿妹士多店", "杜阮镇上巷村民小组", "绿源农民专业合作社"]
        {
            assert_eq!(guess(name), LesseeKind::Organisation, "{name}");
        }
    }
}
