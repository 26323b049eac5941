//! A survey's parcels from a GeoJSON FeatureCollection: what its properties may be called, and whether its shapes lie on
//! each other or on what is on record. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    geojson::Feature,
    geometry::Outline,
    model::{Occupancy, ParcelFacts, ParcelState},
    parcel_code::ParcelCode,
    rules::{self, area_difference},
    topology::overlap,
};
use crate::{
    kernel::{
        Area,
        text::{AreaUnit, read_area},
    },
    sheets::{Report, RowFault},
};

/// A parcel that can go on record.
#[derive(Debug, Clone)]
pub struct Surveyed {
    /// Its place in the file, from 1.
    pub number: u32,
    pub facts: ParcelFacts,
    pub outline: Outline,
}

/// A parcel on record near those of the file.
#[derive(Debug, Clone)]
pub struct Neighbour {
    pub name: String,
    pub outline: Outline,
}

/// Property names by field: our own, the Chinese titles, and those of the homestead database of the ministry.
const NAMES: &[(&str, &str, &[&str])] = &[
    ("parcel_code", "宗地代码", &["parcel_code", "宗地代码", "宗地编码", "ZDDM"]),
    ("household", "户主", &["household", "户主", "户主姓名", "权利人", "使用权人", "QLRMC", "QLR", "户号"]),
    ("location", "坐落", &["location", "坐落", "宗地坐落", "地址", "ZL"]),
    (
        "registered_area",
        "登记面积",
        &["registered_area", "登记面积", "证书面积", "发证面积", "宗地面积", "批准面积", "ZSMJ", "ZDMJ"],
    ),
    ("certificate", "证书号", &["certificate", "证书号", "不动产权证号", "权属证书号", "ZSH"]),
    ("occupancy", "利用状况", &["occupancy", "利用状况", "使用状况", "ZJDLYZK"]),
    ("area_reason", "面积差异原因", &["area_reason", "面积差异原因"]),
    ("note", "备注", &["note", "备注", "BZ"]),
];

/// The parcel codes that the features name, tidied as they will be stored.
pub fn codes(features: &[Feature]) -> Vec<String> {
    let tidy = |f: &Feature| property(&f.properties, "parcel_code").parse::<ParcelCode>().ok();
    features.iter().filter_map(tidy).map(|c| c.to_string()).collect()
}

/// Reads every feature. Where the report refuses nothing, there is one parcel for each feature.
pub fn read(features: Vec<Feature>, near: &[Neighbour], taken_codes: &[String]) -> (Vec<Surveyed>, Report) {
    let mut report = Report::default();
    let mut surveyed: Vec<Surveyed> = Vec::new();
    let mut codes: BTreeMap<String, u32> = BTreeMap::new();
    for (number, feature) in (1_u32..).zip(features) {
        report.rows += 1;
        let facts = read_facts(number, &feature.properties, &mut report);
        let outline = match feature.outline.and_then(|o| rules::check_size(&o).map(|()| o)) {
            Ok(outline) => Some(outline),
            Err(problem) => {
                let seen = problem.fields.first().and_then(|f| f.seen.clone()).unwrap_or_default();
                report.refused.push(fault(number, "图形", &seen, problem.detail));
                None
            }
        };
        let (Some(facts), Some(outline)) = (facts, outline) else { continue };
        if let Some(code) = &facts.parcel_code {
            if taken_codes.contains(code) {
                report.refused.push(fault(number, "宗地代码", code, "这个宗地代码已经登记"));
            } else if let Some(first) = codes.insert(code.clone(), number) {
                report.refused.push(fault(number, "宗地代码", code, format!("与第 {first} 宗的宗地代码相同")));
            }
        }
        if let Some(apart) = facts.registered_area.and_then(|r| area_difference(r, outline.area()))
            && facts.area_reason.is_empty()
        {
            report.notes.push(fault(number, "登记面积", &apart.registered.to_string(), apart));
        }
        surveyed.push(Surveyed { number, facts, outline });
    }
    refuse_overlaps(&surveyed, near, &mut report);
    report.refused.sort_by_key(|f| f.row);
    (surveyed, report)
}

fn fault(number: u32, column: &str, seen: &str, expected: impl ToString) -> RowFault {
    RowFault {
        sheet: String::new(),
        row: number,
        column: column.to_owned(),
        seen: seen.chars().take(60).collect(),
        expected: expected.to_string(),
    }
}

fn read_facts(number: u32, properties: &Map<String, Value>, report: &mut Report) -> Option<ParcelFacts> {
    let before = report.refused.len();
    let title = |field: &str| NAMES.iter().find(|n| n.0 == field).map_or("", |n| n.1);
    let get = |field: &str| property(properties, field);
    let area_text = get("registered_area");
    let registered_area: Option<Area> = match area_text.as_str() {
        "" | "0" | "0.0" => None,
        text => read_area(&rounded(text), AreaUnit::SquareMetre)
            .map_err(|e| report.refused.push(fault(number, title("registered_area"), text, e)))
            .ok(),
    };
    let occupancy = match get("occupancy").as_str() {
        "" => Occupancy::Lived,
        "占用" | "在用" => Occupancy::Lived,
        "空闲" => Occupancy::Empty,
        text => text
            .parse()
            .map_err(|e: String| report.refused.push(fault(number, title("occupancy"), text, e)))
            .unwrap_or(Occupancy::Lived),
    };
    let facts = ParcelFacts {
        parcel_code: Some(get("parcel_code")),
        household: get("household"),
        household_id: None,
        location: get("location"),
        registered_area,
        area_reason: get("area_reason"),
        certificate: Some(get("certificate")),
        occupancy,
        state: ParcelState::Registered,
        note: get("note"),
    };
    match rules::check(facts) {
        Ok(facts) if report.refused.len() == before => Some(facts),
        Ok(_) => None,
        Err(problem) => {
            for f in &problem.fields {
                report.refused.push(fault(number, title(f.field()), f.seen.as_deref().unwrap_or(""), &f.detail));
            }
            None
        }
    }
}

/// The first property of any of the field's names, small and capital letters alike, as text.
fn property(properties: &Map<String, Value>, field: &str) -> String {
    let names = NAMES.iter().find(|n| n.0 == field).map_or(&[][..], |n| n.2);
    let named = |name: &&&str| properties.iter().find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    match names.iter().find_map(|name| named(&name)).map(|(_, value)| value) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Mapping programs write areas with many decimals: two are kept, half up.
fn rounded(text: &str) -> String {
    match text.parse::<f64>().ok().and_then(Area::from_square_metres) {
        Some(area) if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') => area.to_string(),
        _ => text.to_owned(),
    }
}

/// A sweep from west to east over the file's shapes and those on record.
fn refuse_overlaps(surveyed: &[Surveyed], near: &[Neighbour], report: &mut Report) {
    enum Whose<'a> {
        File(&'a Surveyed),
        Record(&'a Neighbour),
    }
    let on_record = near.iter().map(|n| (&n.outline, Whose::Record(n)));
    let mut all: Vec<_> = surveyed.iter().map(|s| (&s.outline, Whose::File(s))).chain(on_record).collect();
    all.sort_by_key(|(outline, _)| outline.bounds().west_mm);
    let mut rest = all.as_slice();
    while let Some(((one, whose), later)) = rest.split_first() {
        rest = later;
        let east = one.bounds().east_mm;
        for (other, whose_other) in later.iter().take_while(|(o, _)| o.bounds().west_mm <= east) {
            let (mine, name) = match (whose, whose_other) {
                (Whose::File(a), Whose::File(b)) => {
                    let (first, second) = if a.number < b.number { (a, b) } else { (b, a) };
                    (second, format!("第 {} 宗（{}）", first.number, first.facts.household))
                }
                (Whose::File(mine), Whose::Record(known)) | (Whose::Record(known), Whose::File(mine)) => {
                    (mine, format!("已登记的“{}”", known.name))
                }
                (Whose::Record(_), Whose::Record(_)) => continue,
            };
            if let Some(area) = overlap(one, other) {
                let detail = format!("与{name}重叠 {area} ㎡；同一块地不能登记两次，请核对界址点");
                report.refused.push(fault(mine.number, "图形", &mine.facts.location, detail));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::homesteads::geojson::read_collection;

    fn feature(properties: &str, west: i64) -> String {
        let (e, n) = (38_405_000 + west, 2_503_400);
        let ring = format!("[[{e},{n}],[{},{n}],[{},{}],[{e},{}],[{e},{n}]]", e + 10, e + 10, n + 8, n + 8);
        format!(
            r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    }

    fn read_all(features: &[String], near: &[Neighbour]) -> (Vec<Surveyed>, Report) {
        let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        read(read_collection(&text, None).expect("a collection"), near, &["440703103001JC00009".into()])
    }

    #[test]
    fn properties_under_any_of_their_names() {
        let (surveyed, report) = read_all(
            &[
                feature(r#"{"户主":"梁甲","坐落":"一巷1号","证书面积":80.000001,"利用状况":"闲置"}"#, 0),
                feature(r#"{"qlrmc":"梁乙","ZL":"一巷3号","ZDMJ":"100","ZDDM":"440703103001JC00002"}"#, 10),
                feature(r#"{"household":12,"location":"一巷5号"}"#, 20),
            ],
            &[],
        );
        assert_eq!(report.refused, []);
        assert_eq!(
            surveyed.iter().map(|s| s.facts.registered_area).collect::<Vec<_>>(),
            [Some(Area(8_000)), Some(Area(10_000)), None]
        );
        assert_eq!(surveyed.first().map(|s| s.facts.occupancy), Some(Occupancy::Idle));
        assert_eq!(report.notes.len(), 1, "80 m² measured, 100 m² registered: {:?}", report.notes);
    }

    #[test]
    fn every_fault_is_told_with_the_number_of_its_feature() {
        let p = r#"{"户主":"梁甲","坐落":"一巷"}"#;
        let known = read_all(&[feature(p, 100)], &[]).0.remove(0).outline;
        let near = [Neighbour { name: "旧户".into(), outline: known }];
        let (_, report) = read_all(
            &[
                feature(p, 0),
                feature(p, 5),
                feature(p, 105),
                feature(r#"{"坐落":"一巷"}"#, 30),
                r#"{"type":"Feature","properties":{"户主":"梁甲","坐落":"一巷"},"geometry":null}"#.into(),
                feature(r#"{"户主":"梁甲","坐落":"一巷","宗地代码":"440703103001JC00009"}"#, 50),
                feature(r#"{"户主":"梁甲","坐落":"一巷","登记面积":"约80"}"#, 70),
            ],
            &near,
        );
        let seen: Vec<(u32, &str)> = report.refused.iter().map(|f| (f.row, f.column.as_str())).collect();
        assert_eq!(seen, [(2, "图形"), (3, "图形"), (4, "户主"), (5, "图形"), (6, "宗地代码"), (7, "登记面积")]);
        assert!(report.refused[0].expected.contains("与第 1 宗（梁甲）重叠 40.00 ㎡"), "{:?}", report.refused[0]);
        assert!(report.refused[1].expected.contains("已登记的“旧户”重叠 40.00 ㎡"), "{:?}", report.refused[1]);
    }
}
