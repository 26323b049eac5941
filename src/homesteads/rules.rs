//! What is refused or remarked about a parcel. Pure.

use crate::{
    codes,
    kernel::{Area, FieldError, Problem},
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
    fn an_overlap_names_the_other_parcel_and_the_ground() {
        let overlap = |name: &str, area| Overlap { name: name.into(), area: Area(area) };
        assert!(refuse_overlaps(Vec::new()).is_ok());
        let refused = refuse_overlaps(vec![overlap("二巷 3 号", 20), overlap("二巷 4 号", 350)]).expect_err("refused");
        assert_eq!(refused.code.code, "parcel_overlap");
        assert!(refused.detail.starts_with("与“二巷 4 号”重叠 3.50 ㎡、与“二巷 3 号”重叠 0.20 ㎡；"), "{refused}");
    }
}
