//! Parcels as GeoJSON: what surveyors bring in, and what the API gives out.
//!
//! Reads a Polygon, a MultiPolygon of one, or a Feature with either, in CGCS2000: degrees (EPSG:4490) or 3-degree
//! Gauss-Krueger metres of zone 38 with (EPSG:4526) or without (EPSG:4547) the zone number. In GeoJSON the first number
//! always is the longitude or easting; Chinese survey lists often put north first, which is recognised and named. Every
//! refusal says which point, what was seen and how to repair it.

use std::sync::LazyLock;

use proj4rs::Proj;
use serde_json::{Map, Value, json};

use super::{
    geometry::{Outline, Point},
    rules,
    topology::Fault,
};
use crate::{
    kernel::{Code, FieldError, Problem},
    text_enum,
};

/// More corners than this and it is no homestead, but a mistake or an attack.
pub const MOST_POINTS: usize = 5_000;
/// Longest text of one parcel, in bytes.
pub const MOST_BYTES: usize = 1 << 20;
/// Longest text of a collection, in bytes.
pub const MOST_COLLECTION_BYTES: usize = 32 << 20;
/// Most parcels in one collection.
pub const MOST_FEATURES: usize = 20_000;

text_enum! {
    /// The coordinate reference system of a file.
    pub enum Crs {
        /// Longitude and latitude in degrees.
        Degrees = "EPSG:4490" => "CGCS2000 经纬度（度）",
        /// Metres, the easting with zone number 38 in front.
        Zoned = "EPSG:4526" => "CGCS2000 三度带第 38 带（东坐标带带号）",
        /// Metres, the easting without a zone number.
        Unzoned = "EPSG:4547" => "CGCS2000 三度带中央经线 114°（东坐标不带带号）",
    }
}

/// Reads the text of one parcel. Without `crs` the system is told by the file's own `crs` member or by the size of the numbers.
pub fn read_parcel(text: &str, crs: Option<Crs>) -> Result<Outline, Problem> {
    outline_of(&parse(text, MOST_BYTES)?, crs)
}

/// One feature of a collection: its properties, and its shape or why it has none.
#[derive(Debug)]
pub struct Feature {
    pub properties: Map<String, Value>,
    pub outline: Result<Outline, Problem>,
}

/// Reads a FeatureCollection; a feature that cannot be read keeps its place with its refusal.
pub fn read_collection(text: &str, crs: Option<Crs>) -> Result<Vec<Feature>, Problem> {
    let mut document = parse(text, MOST_COLLECTION_BYTES)?;
    let crs = crs.map_or_else(|| declared(&document), |given| Ok(Some(given)))?;
    let Some(Value::Array(features)) = document.get_mut("features").map(Value::take) else {
        return Err(refuse(
            &rules::GEOMETRY_NOT_GEOJSON,
            None,
            "文件应是 GeoJSON 的 FeatureCollection，含 features 列表；请在制图软件中导出为 GeoJSON",
        ));
    };
    if features.len() > MOST_FEATURES {
        let seen = format!("{} 宗", features.len());
        return Err(refuse(
            &rules::GEOMETRY_TOO_LARGE,
            Some(&seen),
            format!("一次最多导入 {MOST_FEATURES} 宗，请分成几个文件"),
        ));
    }
    Ok(features
        .into_iter()
        .map(|mut feature| {
            let outline = outline_of(&feature, crs);
            let properties = match feature.get_mut("properties").map(Value::take) {
                Some(Value::Object(members)) => members,
                _ => Map::new(),
            };
            Feature { properties, outline }
        })
        .collect())
}

/// Reads a geometry or feature that is already JSON, as in the body of a request.
pub fn outline_of(document: &Value, crs: Option<Crs>) -> Result<Outline, Problem> {
    let crs = crs.map_or_else(|| declared(document), |given| Ok(Some(given)))?;
    let geometry = match kind(document) {
        "Feature" => document.get("geometry").unwrap_or(&Value::Null),
        _ => document,
    };
    let coordinates = geometry.get("coordinates").and_then(Value::as_array);
    let rings = match (kind(geometry), coordinates) {
        ("Polygon", Some(rings)) => rings,
        ("MultiPolygon", Some(parts)) => match parts.as_slice() {
            [one] => one.as_array().ok_or_else(|| not_geojson("MultiPolygon 的 coordinates 应是“圈”的列表"))?,
            parts => {
                let seen = format!("{} 块", parts.len());
                return Err(refuse(
                    &rules::GEOMETRY_NOT_ONE_POLYGON,
                    Some(&seen),
                    "一宗地只能是一块相连的面；请把不相连的几块分成几宗分别登记",
                ));
            }
        },
        ("Polygon" | "MultiPolygon", None) => return Err(not_geojson("缺少 coordinates（坐标列表）")),
        ("FeatureCollection", _) => {
            return Err(not_geojson("这是多宗地的 FeatureCollection；登记一宗请只给其中一个 Feature，多宗请用“导入”"));
        }
        ("", _) => return Err(not_geojson("没有图形；应是 type 为 Polygon（多边形）的 GeoJSON")),
        (other, _) => {
            let seen: String = other.chars().take(30).collect();
            return Err(refuse(
                &rules::GEOMETRY_NOT_ONE_POLYGON,
                Some(&seen),
                "宗地要用多边形（Polygon）表示，不能是点、线或其他图形；请在制图软件中转成面再导出",
            ));
        }
    };
    let count: usize = rings.iter().filter_map(Value::as_array).map(Vec::len).sum();
    if count > MOST_POINTS {
        let seen = format!("{count} 个点");
        return Err(refuse(
            &rules::GEOMETRY_TOO_LARGE,
            Some(&seen),
            format!("一宗地最多 {MOST_POINTS} 个界址点，请先在制图软件中简化图形"),
        ));
    }
    let mut crs = crs;
    let mut read = Vec::with_capacity(rings.len());
    for (index, ring) in rings.iter().enumerate() {
        let ring = ring.as_array().ok_or_else(|| not_geojson(&format!("{}应是点的列表", ring_name(index))))?;
        read.push(read_ring(index, ring, &mut crs)?);
    }
    Outline::new(read).map_err(|fault| fault_problem(&fault)).and_then(|outline| {
        if outline.area().0 > 0 { Ok(outline) } else { Err(fault_problem(&Fault::TooFewPoints { ring: 0 })) }
    })
}

fn parse(text: &str, most: usize) -> Result<Value, Problem> {
    if text.len() > most {
        let seen = format!("{} KB", text.len() / 1024);
        let detail = format!("图形文件最大 {} MB，请只导出需要的宗地，或分成几个文件", most >> 20);
        return Err(refuse(&rules::GEOMETRY_TOO_LARGE, Some(&seen), detail));
    }
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
        let place = format!("第 {} 行第 {} 个字符", e.line(), e.column());
        refuse(
            &rules::GEOMETRY_NOT_GEOJSON,
            Some(&place),
            format!("不是完整的 GeoJSON 文字，{place}处读不下去（坐标只能是普通数字，不能是 NaN）；请重新导出"),
        )
    })
}

fn kind(document: &Value) -> &str {
    document.get("type").and_then(Value::as_str).unwrap_or("")
}

/// The `crs` member that older files carry. WGS 84 is read as CGCS2000: they agree to some centimetres.
fn declared(document: &Value) -> Result<Option<Crs>, Problem> {
    let name = document.pointer("/crs/properties/name").and_then(Value::as_str);
    let Some(name) = name else { return Ok(None) };
    match name.rsplit(':').next() {
        Some("4490" | "4326" | "CRS84") => Ok(Some(Crs::Degrees)),
        Some("4526") => Ok(Some(Crs::Zoned)),
        Some("4547") => Ok(Some(Crs::Unzoned)),
        _ => Err(refuse(
            &rules::GEOMETRY_COORDINATES,
            Some(name),
            "文件的坐标系不是 CGCS2000 第 38 带；请在制图软件中转换为 EPSG:4490、EPSG:4526 或 EPSG:4547 再导出",
        )),
    }
}

fn ring_name(ring: usize) -> String {
    if ring == 0 { "外圈".to_owned() } else { format!("第 {ring} 个内圈") }
}

fn read_ring(index: usize, ring: &[Value], crs: &mut Option<Crs>) -> Result<Vec<Point>, Problem> {
    let name = ring_name(index);
    let mut points = Vec::with_capacity(ring.len());
    for (number, position) in (1..).zip(ring) {
        let place = format!("{name}第 {number} 点");
        let (x, y) = match position.as_array().map(Vec::as_slice) {
            Some([x, y, ..]) => (x.as_f64(), y.as_f64()),
            _ => (None, None),
        };
        let (Some(x), Some(y)) = (x, y) else {
            return Err(refuse(
                &rules::GEOMETRY_COORDINATES,
                Some(&position.to_string()),
                format!("{place}应是两个数：东坐标（或经度）在前，北坐标（或纬度）在后"),
            ));
        };
        let used = match *crs {
            Some(known) => known,
            None => *crs.insert(told_by_size(&place, x, y)?),
        };
        points.push(locate(&place, used, x, y)?);
    }
    match (points.first(), points.last()) {
        _ if points.len() < 4 => {
            let seen = format!("{} 个点", points.len());
            Err(refuse(
                &rules::GEOMETRY_TOO_FEW_POINTS,
                Some(&seen),
                format!("{name}至少要 4 个点（三个不同的角，最后一点重复第一点），请补齐界址点"),
            ))
        }
        (Some(first), Some(last)) if first != last => Err(refuse(
            &rules::GEOMETRY_RING_OPEN,
            Some(&format!("首点{first}；末点{last}")),
            format!("{name}没有闭合：最后一点要与第一点完全相同，请在末尾重复第一点"),
        )),
        _ => {
            points.pop();
            Ok(points)
        }
    }
}

/// Degrees and metres cannot be confused: inside China the numbers differ by a factor of a thousand.
fn told_by_size(place: &str, x: f64, y: f64) -> Result<Crs, Problem> {
    let (east, north) = (x.abs(), y.abs());
    if east <= 360.0 && north <= 360.0 {
        Ok(Crs::Degrees)
    } else if (1e7..1e8).contains(&east) || (1e7..1e8).contains(&north) {
        Ok(Crs::Zoned)
    } else if (1e5..1e7).contains(&east) && (1e5..1e7).contains(&north) {
        Ok(Crs::Unzoned)
    } else {
        Err(refuse(
            &rules::GEOMETRY_COORDINATES,
            Some(&format!("{x}, {y}")),
            format!("{place}认不出坐标：东坐标应形如 38500010.25（带带号）或 500010.25，经度应形如 113.08"),
        ))
    }
}

/// Where zone 38 with half a degree to either side lies; homesteads outside it belong to another zone.
const LONGITUDES: std::ops::RangeInclusive<f64> = 112.0..=116.0;
const LATITUDES: std::ops::RangeInclusive<f64> = 18.0..=54.0;
/// The same on the projection plane, metres, the easting without the zone number.
const EASTINGS: std::ops::RangeInclusive<f64> = 285_000.0..=715_000.0;
const NORTHINGS: std::ops::RangeInclusive<f64> = 1_990_000.0..=5_990_000.0;

fn locate(place: &str, crs: Crs, x: f64, y: f64) -> Result<Point, Problem> {
    let plausible = |east: f64, north: f64| match crs {
        Crs::Degrees => LONGITUDES.contains(&east) && LATITUDES.contains(&north),
        Crs::Zoned => EASTINGS.contains(&(east - 38e6)) && NORTHINGS.contains(&north),
        Crs::Unzoned => EASTINGS.contains(&east) && NORTHINGS.contains(&north),
    };
    let seen = format!("{x}, {y}");
    if !plausible(x, y) {
        let (first, second) = match crs {
            Crs::Degrees => ("经度", "纬度"),
            Crs::Zoned | Crs::Unzoned => ("东坐标", "北坐标"),
        };
        if plausible(y, x) {
            return Err(refuse(
                &rules::GEOMETRY_AXES_SWAPPED,
                Some(&seen),
                format!(
                    "{place}的两个数像是写反了：GeoJSON 要{first}在前、{second}在后（测量成果表常写 X 为北、Y 为东），请对调后再交"
                ),
            ));
        }
        let zone = (x / 1e6).floor();
        if crs == Crs::Zoned && (25.0..=45.0).contains(&zone) && zone != 38.0 {
            return Err(refuse(
                &rules::GEOMETRY_OUTSIDE_AREA,
                Some(&seen),
                format!("{place}的东坐标带号是 {zone}，本系统用第 38 带（中央经线 114°），请转换到 EPSG:4526 再交"),
            ));
        }
        let expected = match crs {
            Crs::Degrees => "经度应在 112 到 116 度之间，纬度应在 18 到 54 度之间",
            Crs::Zoned => "东坐标应在 38285000 到 38715000 米之间，北坐标应在 1990000 到 5990000 米之间",
            Crs::Unzoned => "东坐标应在 285000 到 715000 米之间，北坐标应在 1990000 到 5990000 米之间",
        };
        return Err(refuse(
            &rules::GEOMETRY_OUTSIDE_AREA,
            Some(&seen),
            format!("{place}不在第 38 带范围内：{expected}（按{}读取），请核对坐标和坐标系", crs.label()),
        ));
    }
    let metres = match crs {
        Crs::Zoned => Some((x, y)),
        Crs::Unzoned => Some((x + 38e6, y)),
        Crs::Degrees => project(x, y),
    };
    metres.and_then(|(e, n)| Some(Point::new(millimetres(e)?, millimetres(n)?))).ok_or_else(|| {
        refuse(&rules::GEOMETRY_COORDINATES, Some(&seen), format!("{place}换算不到第 38 带平面坐标，请核对坐标"))
    })
}

fn millimetres(metres: f64) -> Option<i64> {
    let mm = (metres * 1000.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "range is tested on the same line")]
    (mm.is_finite() && mm.abs() < 1e12).then_some(mm as i64)
}

/// Degrees and the plane of zone 38. CGCS2000 and GRS 80 ellipsoids differ by 0.1 mm in the minor axis.
struct Zone38 {
    degrees: Proj,
    plane: Proj,
}

static ZONE_38: LazyLock<Option<Zone38>> = LazyLock::new(|| {
    let degrees = Proj::from_proj_string("+proj=longlat +ellps=GRS80 +no_defs").ok()?;
    let plane = "+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=38500000 +y_0=0 +ellps=GRS80 +units=m +no_defs";
    Some(Zone38 { degrees, plane: Proj::from_proj_string(plane).ok()? })
});

fn project(longitude: f64, latitude: f64) -> Option<(f64, f64)> {
    let zone = ZONE_38.as_ref()?;
    let mut point = (longitude.to_radians(), latitude.to_radians(), 0.0);
    proj4rs::transform::transform(&zone.degrees, &zone.plane, &mut point).ok()?;
    Some((point.0, point.1))
}

/// Longitude and latitude in degrees.
fn unproject(point: Point) -> Option<(f64, f64)> {
    let zone = ZONE_38.as_ref()?;
    let mut point = (exact_metres(point.east_mm), exact_metres(point.north_mm), 0.0);
    proj4rs::transform::transform(&zone.plane, &zone.degrees, &mut point).ok()?;
    Some((point.0.to_degrees(), point.1.to_degrees()))
}

fn exact_metres(mm: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "coordinates of zone 38 are below 2^53 mm")]
    let mm = mm as f64;
    mm / 1000.0
}

/// The outline as a GeoJSON Polygon with closed rings; degrees carry nine decimals (0.1 mm).
pub fn write_parcel(outline: &Outline, crs: Crs) -> Value {
    let position = |p: Point| match crs {
        Crs::Zoned => json!([exact_metres(p.east_mm), exact_metres(p.north_mm)]),
        Crs::Unzoned => json!([exact_metres(p.east_mm - 38_000_000_000), exact_metres(p.north_mm)]),
        Crs::Degrees => {
            unproject(p).map_or(Value::Null, |(lon, lat)| json!([(lon * 1e9).round() / 1e9, (lat * 1e9).round() / 1e9]))
        }
    };
    let rings: Vec<Value> = outline
        .rings()
        .map(|ring| ring.iter().chain(ring.first()).map(|p| position(*p)).collect::<Vec<_>>().into())
        .collect();
    json!({"type": "Polygon", "coordinates": rings})
}

fn not_geojson(detail: &str) -> Problem {
    refuse(&rules::GEOMETRY_NOT_GEOJSON, None, detail)
}

/// A refusal about the field `geometry`.
fn refuse(code: &'static Code, seen: Option<&str>, detail: impl Into<String>) -> Problem {
    let detail = detail.into();
    Problem { fields: vec![FieldError::new("geometry", seen, detail.clone())], ..Problem::new(code, detail) }
}

/// A fault in the words of the person who has the file: points count from 1, as given.
fn fault_problem(fault: &Fault) -> Problem {
    let (code, at, detail) = match *fault {
        Fault::TooFewPoints { ring } => (
            &rules::GEOMETRY_TOO_FEW_POINTS,
            None,
            format!("{}围不成面，至少要三个不在一条直线上的角", ring_name(ring)),
        ),
        Fault::SamePoint { ring, first, second, at } => (
            &rules::GEOMETRY_DUPLICATE_POINT,
            Some(at),
            format!(
                "{}第 {} 点与第 {} 点是同一个位置，请删去重复的点，或把图形拆开",
                ring_name(ring),
                first + 1,
                second + 1
            ),
        ),
        Fault::Spike { ring, point, at } => (
            &rules::GEOMETRY_SELF_CROSSING,
            Some(at),
            format!("{}在第 {} 点折返，形成没有宽度的尖刺，请删去这一点", ring_name(ring), point + 1),
        ),
        Fault::Crossing { one, other, at } => {
            let edge = |e: super::topology::Edge| format!("{}第 {} 点起的边", ring_name(e.ring), e.start + 1);
            (
                &rules::GEOMETRY_SELF_CROSSING,
                Some(at),
                format!("{}与{}在{at}处相交，边界不能自己交叉，请检查界址点的顺序", edge(one), edge(other)),
            )
        }
        Fault::HoleOutside { ring, at } => (
            &rules::GEOMETRY_HOLE_OUTSIDE,
            Some(at),
            format!("{}有一部分在外圈之外（{at}附近），内圈必须完全在宗地里面", ring_name(ring)),
        ),
        Fault::HoleInHole { ring, inside, at } => (
            &rules::GEOMETRY_HOLE_OUTSIDE,
            Some(at),
            format!("{}落在{}里面（{at}附近），请删去多余的内圈", ring_name(ring), ring_name(inside)),
        ),
        Fault::CutApart { ring, at } => (
            &rules::GEOMETRY_HOLE_OUTSIDE,
            Some(at),
            format!("{}把宗地切成了互不相连的几块（{at}处），请分成几宗登记", ring_name(ring)),
        ),
    };
    refuse(code, at.map(|p| p.to_string()).as_deref(), detail)
}

#[cfg(test)]
#[path = "geojson_tests.rs"]
mod tests;
