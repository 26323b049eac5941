//! What is refused or remarked about a parcel. Pure.

use super::{geometry::Outline, model::ParcelFacts, parcel_code::ParcelCode};
use crate::{
    codes,
    kernel::{Area, FieldError, Problem, text::read_name},
};

codes! {
    /// The text is no JSON or no GeoJSON.
    GEOMETRY_NOT_GEOJSON 422 "geometry_not_geojson" "图形文件不是 GeoJSON";
    /// Points, lines or several polygons.
    GEOMETRY_NOT_ONE_POLYGON 422 "geometry_not_one_polygon" "一宗地必须是一个多边形";
    GEOMETRY_TOO_LARGE 422 "geometry_too_large" "图形太大";
    GEOMETRY_TOO_FEW_POINTS 422 "geometry_too_few_points" "界址点太少，围不成面";
    GEOMETRY_RING_OPEN 422 "geometry_ring_open" "宗地边界没有闭合";
    GEOMETRY_DUPLICATE_POINT 422 "geometry_duplicate_point" "界址点重复";
    GEOMETRY_SELF_CROSSING 422 "geometry_self_crossing" "宗地边界自己交叉";
    GEOMETRY_HOLE_OUTSIDE 422 "geometry_hole_outside" "内圈位置不对";
    /// A number that is none, or a coordinate system that is not read.
    GEOMETRY_COORDINATES 422 "geometry_coordinates" "坐标读不懂";
    GEOMETRY_AXES_SWAPPED 422 "geometry_axes_swapped" "东坐标与北坐标写反了";
    GEOMETRY_OUTSIDE_AREA 422 "geometry_outside_area" "坐标不在第 38 带范围内";
    /// Another parcel already covers part of the ground.
    PARCEL_OVERLAP 409 "parcel_overlap" "与已登记的宗地重叠";
    PARCEL_CODE_TAKEN 409 "parcel_code_taken" "这个宗地代码已经用过";
    PARCEL_IMPORT_REFUSED 422 "parcel_import_refused" "文件里有需要修改的宗地，没有写入任何记录";
}

/// Longest texts in characters, by field.
const LONGEST: [(&str, usize); 4] = [("location", 200), ("area_reason", 500), ("certificate", 60), ("note", 1000)];
/// More registered m² than this is a slip of the keyboard: 100 ha.
const MOST_AREA: Area = Area(100_000_000);
/// No homestead is wider or deeper than 2 km; the search for neighbours relies on it.
pub const MOST_SIDE_MM: i64 = 2_000_000;

/// Tidies the texts and tests everything about a parcel but its place among others; all faults are told at once.
pub fn check(mut facts: ParcelFacts) -> Result<ParcelFacts, Problem> {
    let mut faults = Vec::new();
    let optional = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    facts.parcel_code = optional(facts.parcel_code.take());
    facts.household_id = optional(facts.household_id.take());
    facts.certificate = optional(facts.certificate.take());
    for text in [&mut facts.location, &mut facts.area_reason, &mut facts.note] {
        *text = text.trim().to_owned();
    }
    if let Some(text) = &facts.parcel_code {
        match text.parse::<ParcelCode>() {
            Ok(code) if code.is_homestead() => facts.parcel_code = Some(code.to_string()),
            Ok(code) => faults.push(FieldError::new(
                "parcel_code",
                Some(text),
                format!("宅基地的宗地代码第 13、14 位应是 JC，这里是 {}，请核对", code.feature()),
            )),
            Err(problem) => faults.extend(problem.fields),
        }
    }
    match read_name(&facts.household) {
        Ok(name) => facts.household = name.value,
        Err(_) if facts.household.trim().is_empty() => {
            faults.push(FieldError::new("household", None, "请填写户主姓名或户号，例如 梁惠芳户"));
        }
        // A household may be known by its number alone.
        Err(_) if facts.household.trim().chars().all(|c| c.is_ascii_digit() || c == '-') => {
            facts.household = facts.household.trim().chars().take(40).collect();
        }
        Err(fault) => faults.push(FieldError::new("household", Some(&facts.household), fault.to_string())),
    }
    if facts.location.is_empty() {
        faults.push(FieldError::new("location", None, "请填写坐落，例如 上巷村一巷 12 号"));
    }
    let certificate = facts.certificate.as_deref().unwrap_or("");
    let texts = [facts.location.as_str(), &facts.area_reason, certificate, &facts.note];
    for ((field, longest), text) in LONGEST.into_iter().zip(texts) {
        let length = text.chars().count();
        if length > longest {
            let detail = format!("最多 {longest} 个字，现在是 {length} 个字，请缩短");
            faults.push(FieldError::new(field, Some(text), detail));
        } else if text.chars().any(|c| c.is_control() && c != '\n' || c == '\u{fffd}') {
            faults.push(FieldError::new(field, None, "里面有乱码或看不见的字符，请重新输入"));
        }
    }
    if facts.registered_area.is_some_and(|a| a <= Area::ZERO || a > MOST_AREA) {
        faults.push(FieldError::new("registered_area", None, "登记面积应大于 0，以平方米计；没有登记的请留空"));
    }
    if faults.is_empty() { Ok(facts) } else { Err(Problem::fields(faults)) }
}

/// Refuses a shape that cannot be one homestead.
pub fn check_size(outline: &Outline) -> Result<(), Problem> {
    let bounds = outline.bounds();
    if bounds.width_mm() <= MOST_SIDE_MM && bounds.height_mm() <= MOST_SIDE_MM {
        return Ok(());
    }
    let seen = format!("{} 米 × {} 米", bounds.width_mm() / 1000, bounds.height_mm() / 1000);
    let detail = format!("图形有 {seen}，一宗宅基地不会超过 2000 米，请核对坐标");
    Err(Problem {
        fields: vec![FieldError::new("geometry", Some(&seen), detail.clone())],
        ..Problem::new(&GEOMETRY_TOO_LARGE, detail)
    })
}

/// A parcel already on record that covers part of the same ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// How people call the other parcel: household and place, or its parcel code.
    pub name: String,
    pub area: Area,
}

/// Refuses a shape for the ground it shares with others, the largest first; `Ok` where there is none.
pub fn refuse_overlaps(mut overlaps: Vec<Overlap>) -> Result<(), Problem> {
    overlaps.sort_by(|a, b| b.area.cmp(&a.area).then_with(|| a.name.cmp(&b.name)));
    let Some(worst) = overlaps.first() else { return Ok(()) };
    let named: Vec<String> = overlaps.iter().take(3).map(|o| format!("“{}”重叠 {} ㎡", o.name, o.area)).collect();
    let more = if overlaps.len() > 3 { format!("等 {} 宗", overlaps.len()) } else { String::new() };
    let detail = format!("与{}{more}；同一块地不能登记两次，请核对界址点，或先更正已登记的宗地", named.join("、与"));
    let listed: Vec<_> =
        overlaps.iter().map(|o| serde_json::json!({"name": o.name, "area": o.area.to_string()})).collect();
    Err(Problem {
        fields: vec![FieldError::new("geometry", Some(&worst.name), detail.clone())],
        ..Problem::new(&PARCEL_OVERLAP, detail)
    }
    .with("overlaps", listed))
}

/// A remark, never a refusal: real registers differ from the ground by more than 5 % on every fourth rural parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaDifference {
    pub registered: Area,
    pub measured: Area,
}

/// The remark where the measured area differs from the registered one by more than 5 % of the latter.
pub fn area_difference(registered: Area, measured: Area) -> Option<AreaDifference> {
    let apart = i128::from(measured.0) - i128::from(registered.0);
    (apart.abs() * 20 > i128::from(registered.0)).then_some(AreaDifference { registered, measured })
}

impl AreaDifference {
    /// Tenths of a per cent of the registered area, with sign, rounded towards zero; `None` where nothing is registered.
    pub fn per_mille(&self) -> Option<i64> {
        let apart = i128::from(self.measured.0) - i128::from(self.registered.0);
        let share = apart.checked_mul(1000)?.checked_div(i128::from(self.registered.0))?;
        i64::try_from(share).ok()
    }
}

/// One sentence with the numbers and what to do.
impl std::fmt::Display for AreaDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (word, apart) = if self.measured >= self.registered {
            ("多", self.measured.0 - self.registered.0)
        } else {
            ("少", self.registered.0 - self.measured.0)
        };
        write!(f, "登记面积 {} ㎡，图形面积 {} ㎡，图形{word} {} ㎡", self.registered, self.measured, Area(apart))?;
        if let Some(share) = self.per_mille().map(i64::unsigned_abs) {
            write!(f, "（{}.{}%）", share / 10, share % 10)?;
        }
        f.write_str("，超过 5%；请核对，或写明原因")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_of_more_than_five_per_cent_is_remarked_with_its_number() {
        let m2 = |n: i64| Area(n * 100);
        assert_eq!(area_difference(m2(100), m2(105)), None);
        assert_eq!(area_difference(m2(100), m2(95)), None);
        let more = area_difference(m2(100), Area(10_501)).expect("a remark");
        assert_eq!(more.per_mille(), Some(50));
        assert!(more.to_string().contains("图形多 5.01 ㎡（5.0%）"), "{more}");
        let less = area_difference(m2(120), m2(100)).expect("a remark");
        assert!(less.to_string().contains("图形少 20.00 ㎡（16.6%）"), "{less}");
        assert!(area_difference(Area::ZERO, m2(1)).is_some_and(|d| d.per_mille().is_none()));
    }

    #[test]
    fn facts_are_tidied_and_each_fault_names_its_field() {
        use crate::homesteads::model::{Occupancy, ParcelState};
        let good = ParcelFacts {
            parcel_code: Some("440703 103001 jc00001".into()),
            household: " 梁惠芳 ".into(),
            household_id: Some(" ".into()),
            location: "一巷 12 号".into(),
            registered_area: Some(Area(12_000)),
            area_reason: String::new(),
            certificate: None,
            occupancy: Occupancy::Lived,
            state: ParcelState::Registered,
            note: String::new(),
        };
        let tidy = check(good.clone()).expect("good");
        assert_eq!((tidy.parcel_code.as_deref(), tidy.household.as_str()), (Some("440703103001JC00001"), "梁惠芳"));
        assert_eq!(tidy.household_id, None);
        assert!(check(ParcelFacts { household: "0012".into(), ..good.clone() }).is_ok());
        let fields = |facts| -> Vec<String> {
            let problem = check(facts).expect_err("refused");
            problem.fields.iter().map(|f| f.field().to_owned()).collect()
        };
        let nothing = ParcelFacts { household: String::new(), location: " ".into(), ..good.clone() };
        assert_eq!(fields(nothing), ["household", "location"]);
        let other_land = ParcelFacts { parcel_code: Some("440703103001GB00001".into()), ..good.clone() };
        assert_eq!(fields(other_land), ["parcel_code"]);
        assert_eq!(fields(ParcelFacts { registered_area: Some(Area(0)), ..good.clone() }), ["registered_area"]);
        assert_eq!(fields(ParcelFacts { certificate: Some("长".repeat(61)), ..good.clone() }), ["certificate"]);
        assert_eq!(fields(ParcelFacts { note: "a\u{7}".into(), ..good }), ["note"]);
    }

    #[test]
    fn an_overlap_names_the_other_parcel_and_the_ground() {
        let overlap = |name: &str, area| Overlap { name: name.into(), area: Area(area) };
        assert!(refuse_overlaps(Vec::new()).is_ok());
        let refused = refuse_overlaps(vec![overlap("二巷 3 号", 20), overlap("二巷 4 号", 350)]).expect_err("refused");
        assert_eq!(refused.code.code, "parcel_overlap");
        assert!(refused.detail.starts_with("与“二巷 4 号”重叠 3.50 ㎡、与“二巷 3 号”重叠 0.20 ㎡；"), "{refused}");
    }
}
