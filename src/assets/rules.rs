//! When facts make an asset that can go on record. Pure.

use super::model::{AssetFacts, Class, Kind};
use crate::{
    codes,
    kernel::{Area, Fen, FieldError, Problem, text::read_name},
};

codes! {
    ASSET_CODE_TAKEN 409 "asset_code_taken" "这个资产编码已经用过";
    ASSET_IMPORT_REFUSED 422 "asset_import_refused" "表格里有需要修改的行，没有写入任何记录";
}

/// Longest code, unit, location and note in characters.
const LONGEST_CODE: usize = 40;
const LONGEST_UNIT: usize = 10;
const LONGEST_LOCATION: usize = 200;
const LONGEST_NOTE: usize = 1000;
/// More than this is a slip of the keyboard: pieces, 1 000 km², 100 billion yuan. The bounds also keep every sum in range.
const MOST_PIECES: i64 = 100_000_000;
const MOST_AREA: Area = Area(100_000_000_000);
const MOST_VALUE: Fen = Fen(10_000_000_000_000);

/// Tidies the texts and tests everything; all faults are told at once, each with its field.
///
/// Rules: a class belongs to certain kinds; land has an area, other things an area or a quantity; the net value is at most the
/// original one; operating and public-service assets have an original value (they stand in the books); only operating assets
/// are quantified (LREC art. 40). The appraised sum that is quantified may lie above the book value, so it has no bound here.
pub fn check(mut facts: AssetFacts) -> Result<AssetFacts, Problem> {
    let mut faults = Vec::new();
    match read_name(&facts.name) {
        Ok(name) => facts.name = name.value,
        Err(fault) => faults.push(FieldError::new("name", Some(&facts.name), fault.to_string())),
    }
    facts.code = tidy_optional(facts.code.take());
    facts.unit = tidy_optional(facts.unit.take());
    facts.photo = tidy_optional(facts.photo.take());
    facts.location = tidy(&facts.location);
    facts.note = tidy(&facts.note);
    if facts.location.is_empty() {
        faults.push(FieldError::new("location", None, "请填写坐落位置，例如 上巷村龙门里 3 号"));
    }
    let texts = [
        ("code", facts.code.as_deref().unwrap_or(""), LONGEST_CODE),
        ("unit", facts.unit.as_deref().unwrap_or(""), LONGEST_UNIT),
        ("location", facts.location.as_str(), LONGEST_LOCATION),
        ("note", facts.note.as_str(), LONGEST_NOTE),
    ];
    for (field, text, longest) in texts {
        let length = text.chars().count();
        if length > longest {
            faults.push(FieldError::new(
                field,
                Some(text),
                format!("最多 {longest} 个字，现在是 {length} 个字，请缩短"),
            ));
        } else if text.chars().any(|c| c.is_control() && c != '\n' || c == '\u{fffd}') {
            faults.push(FieldError::new(field, None, "里面有乱码或看不见的字符，请重新输入"));
        }
    }
    kind_faults(&facts, &mut faults);
    measure_faults(&facts, &mut faults);
    value_faults(&facts, &mut faults);
    if facts.quantity.is_none() {
        facts.unit = None;
    }
    if faults.is_empty() { Ok(facts) } else { Err(Problem::fields(faults)) }
}

fn kind_faults(facts: &AssetFacts, faults: &mut Vec<FieldError>) {
    let kinds = facts.class.kinds();
    if !kinds.contains(&facts.kind) {
        let fitting: Vec<_> = kinds.iter().map(Kind::label).collect();
        faults.push(FieldError::new(
            "kind",
            Some(facts.kind.label()),
            format!("“{}”应归入{}，请改资产性质或类别", facts.class.label(), fitting.join("或")),
        ));
    }
}

fn measure_faults(facts: &AssetFacts, faults: &mut Vec<FieldError>) {
    if facts.area.is_some_and(|a| a.0 <= 0) {
        faults.push(FieldError::new("area", None, "面积要大于 0；没有面积请留空，改填数量"));
    }
    if facts.area.is_some_and(|a| a > MOST_AREA) {
        faults.push(FieldError::new("area", None, "面积超过 1000 平方公里，请核对单位是平方米还是亩"));
    }
    match facts.quantity {
        Some(n) if !(1..=MOST_PIECES).contains(&n) => {
            faults.push(FieldError::new("quantity", Some(&n.to_string()), "数量应是 1 到 100000000 之间的整数"));
        }
        Some(_) if facts.unit.is_none() => {
            faults.push(FieldError::new("unit", None, "填写了数量，还要填写单位，例如 间、台、口"));
        }
        _ => {}
    }
    if facts.area.is_none() {
        if facts.class.is_land() {
            faults.push(FieldError::new(
                "area",
                None,
                format!("“{}”要填写面积，例如 23.5亩 或 15666.67 平方米", facts.class.label()),
            ));
        } else if facts.quantity.is_none() {
            faults.push(FieldError::new("area", None, "面积和数量至少填写一项"));
        }
    }
}

fn value_faults(facts: &AssetFacts, faults: &mut Vec<FieldError>) {
    let amounts = [
        ("original_value", facts.original_value),
        ("net_value", facts.net_value),
        ("quantified", Some(facts.quantified)),
    ];
    for (field, amount) in amounts {
        if amount.is_some_and(|a| !(Fen::ZERO..=MOST_VALUE).contains(&a)) {
            faults.push(FieldError::new(field, None, "一项资产的金额应在 0 到 1000 亿元之间，请核对单位是元还是万元"));
        }
    }
    if facts.original_value.is_none() && facts.kind != Kind::Resource {
        faults.push(FieldError::new(
            "original_value",
            None,
            format!("{}要填写原值（账面数）；没有账面价值的填 0", facts.kind.label()),
        ));
    }
    if let (Some(net), original) = (facts.net_value, facts.original_value.unwrap_or(Fen::ZERO))
        && net > original
    {
        faults.push(FieldError::new(
            "net_value",
            Some(&net.to_string()),
            format!("净值不能大于原值 {original} 元，请核对"),
        ));
    }
    if facts.quantified > Fen::ZERO && facts.kind != Kind::Operating {
        faults.push(FieldError::new(
            "quantified",
            Some(&facts.quantified.to_string()),
            "只有经营性资产的收益权可以量化到成员（农村集体经济组织法第四十条）；请填 0，或改资产性质",
        ));
    }
}

/// Whether the values of an asset on record can stand beside each other and beside its kind. Unlike [`check`], which may ask
/// for more tomorrow, this holds for every row that was ever written.
pub fn adds_up(facts: &AssetFacts) -> bool {
    let mut faults = Vec::new();
    value_faults(facts, &mut faults);
    faults.is_empty()
}

fn tidy(text: &str) -> String {
    text.trim().to_owned()
}

fn tidy_optional(text: Option<String>) -> Option<String> {
    text.map(|t| tidy(&t)).filter(|t| !t.is_empty())
}

/// The kind a class usually belongs to, where a list names only the class.
pub fn usual_kind(class: Class) -> Kind {
    class.kinds().first().copied().unwrap_or(Kind::Resource)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::model::State;

    fn shop() -> AssetFacts {
        AssetFacts {
            code: Some("JY-001".into()),
            name: "市场东侧铺位 12 号".into(),
            kind: Kind::Operating,
            class: Class::Shop,
            area: Some(Area(4_800)),
            quantity: None,
            unit: None,
            location: "上巷村市场东侧".into(),
            original_value: Some(Fen(10_000_000)),
            net_value: Some(Fen(6_000_000)),
            quantified: Fen(8_000_000),
            state: State::Leased,
            photo: None,
            note: String::new(),
        }
    }

    fn fields(facts: AssetFacts) -> Vec<String> {
        check(facts).err().map(|p| p.fields.iter().map(|f| f.field().to_owned()).collect()).unwrap_or_default()
    }

    #[test]
    fn a_shop_and_a_pond_go_on_record() {
        assert_eq!(check(shop()).expect("good"), shop());
        let pond = AssetFacts {
            kind: Kind::Resource,
            class: Class::Pond,
            original_value: None,
            net_value: None,
            quantified: Fen::ZERO,
            code: Some("  ".into()),
            ..shop()
        };
        assert_eq!(check(pond).expect("good").code, None, "a blank code is none");
    }

    #[test]
    fn each_rule_names_its_field() {
        assert_eq!(fields(AssetFacts { name: " ".into(), location: String::new(), ..shop() }), ["name", "location"]);
        assert_eq!(fields(AssetFacts { kind: Kind::Resource, quantified: Fen::ZERO, ..shop() }), ["kind"]);
        assert_eq!(fields(AssetFacts { area: None, ..shop() }), ["area"]);
        assert!(fields(AssetFacts { area: None, quantity: Some(3), unit: Some("间".into()), ..shop() }).is_empty());
        assert_eq!(fields(AssetFacts { quantity: Some(3), ..shop() }), ["unit"]);
        assert_eq!(fields(AssetFacts { quantity: Some(0), unit: Some("间".into()), ..shop() }), ["quantity"]);
        assert_eq!(fields(AssetFacts { area: Some(Area(0)), ..shop() }), ["area"]);
        assert_eq!(fields(AssetFacts { net_value: Some(Fen(10_000_001)), ..shop() }), ["net_value"]);
        assert_eq!(fields(AssetFacts { original_value: None, net_value: None, ..shop() }), ["original_value"]);
        assert_eq!(fields(AssetFacts { original_value: Some(Fen(-1)), net_value: None, ..shop() }), ["original_value"]);
        assert_eq!(fields(AssetFacts { class: Class::Education, kind: Kind::PublicService, ..shop() }), ["quantified"]);
        assert_eq!(fields(AssetFacts { location: "长".repeat(201), ..shop() }), ["location"]);
        assert_eq!(fields(AssetFacts { note: "a\u{0}".into(), ..shop() }), ["note"]);
        let land = AssetFacts { kind: Kind::Resource, class: Class::Farmland, quantified: Fen::ZERO, ..shop() };
        assert_eq!(fields(AssetFacts { area: None, quantity: Some(1), unit: Some("块".into()), ..land }), ["area"]);
    }

    #[test]
    fn every_class_has_a_kind_and_land_is_a_resource_first() {
        for class in Class::ALL {
            assert_eq!(class.is_land(), usual_kind(*class) == Kind::Resource, "{class}");
        }
    }
}
