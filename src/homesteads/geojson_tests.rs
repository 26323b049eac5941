use super::*;
use crate::kernel::Area;

fn polygon(coordinates: &str) -> String {
    format!(r#"{{"type":"Polygon","coordinates":{coordinates}}}"#)
}

const ZONED: &str = "[[[38500010.25,2503400.10],[38500022.75,2503400.10],[38500022.75,2503409.70],[38500010.25,2503409.70],[38500010.25,2503400.10]]]";

fn refused(text: &str) -> Problem {
    let problem = read_parcel(text, None).expect_err(text);
    assert_eq!(problem.fields.first().map(|f| f.pointer.as_str()), Some("/geometry"), "{text}");
    for word in ["无效", "非法", "参数错误"] {
        assert!(!problem.detail.contains(word), "{problem}");
    }
    problem
}

#[test]
fn one_parcel_from_every_system_and_wrapping() {
    let zoned = read_parcel(&polygon(ZONED), None).expect("valid");
    assert_eq!(zoned.area().to_string(), "120.00"); // domain 10.7
    let unzoned = polygon(&ZONED.replace("[385", "[5"));
    assert_eq!(read_parcel(&unzoned, None).ok().as_ref(), Some(&zoned));
    assert_eq!(read_parcel(&unzoned, Some(Crs::Unzoned)).ok().as_ref(), Some(&zoned));
    let degrees = write_parcel(&zoned, Crs::Degrees).to_string();
    assert_eq!(read_parcel(&degrees, None).ok().as_ref(), Some(&zoned), "there and back within half a millimetre");
    for crs in Crs::ALL {
        assert_eq!(
            read_parcel(&write_parcel(&zoned, *crs).to_string(), Some(*crs)).ok().as_ref(),
            Some(&zoned),
            "{crs}"
        );
    }
    let feature = format!(r#"{{"type":"Feature","properties":{{}},"geometry":{}}}"#, polygon(ZONED));
    assert_eq!(read_parcel(&feature, None).ok().as_ref(), Some(&zoned));
    let multi = format!(r#"{{"type":"MultiPolygon","coordinates":[{ZONED}]}}"#);
    assert_eq!(read_parcel(&format!("\u{feff}{multi}"), None).ok().as_ref(), Some(&zoned));
    let with_height = polygon(&ZONED.replace(",2503400.10]", ",2503400.10,3.5]"));
    assert_eq!(read_parcel(&with_height, None).ok().as_ref(), Some(&zoned));
}

#[test]
fn the_projection_is_that_of_the_epsg_register() {
    // On the central meridian the northing is the length of the meridian, here summed from its definition.
    let (east, north) = project(114.0, 22.5).expect("projects");
    let (a, f) = (6_378_137.0_f64, 1.0 / 298.257222101);
    let e2 = f * (2.0 - f);
    let step = 22.5_f64.to_radians() / 100_000.0;
    let metres_of_step = |i: i32| {
        let sine = ((f64::from(i) + 0.5) * step).sin();
        a * (1.0 - e2) / (1.0 - e2 * sine * sine).powf(1.5) * step
    };
    let meridian: f64 = (0..100_000).map(metres_of_step).sum();
    assert!((east - 38_500_000.0).abs() < 1e-6, "{east}");
    assert!((north - meridian).abs() < 1e-4, "{north} {meridian}");
    let (lon, lat) = unproject(Point::new(38_405_200_123, 2_503_400_456)).expect("unprojects");
    let (east, north) = project(lon, lat).expect("projects");
    assert!((east - 38_405_200.123).abs() < 1e-6 && (north - 2_503_400.456).abs() < 1e-6);
}

#[test]
fn every_mistake_has_its_own_name_and_remedy() {
    let open = ZONED.replace(",[38500010.25,2503400.10]]]", ",[38500010.25,2503400.50]]]");
    let swapped_degrees = "[[[22.6,113.1],[22.61,113.1],[22.61,113.11],[22.6,113.1]]]";
    for (text, code, words) in [
        (String::new(), "geometry_not_geojson", "第 1 行"),
        ("{".into(), "geometry_not_geojson", "GeoJSON"),
        ("null".into(), "geometry_not_geojson", "没有图形"),
        ("[]".into(), "geometry_not_geojson", "没有图形"),
        (r#"{"type":"Polygon"}"#.into(), "geometry_not_geojson", "coordinates"),
        (polygon("7"), "geometry_not_geojson", "coordinates"),
        (polygon("[7]"), "geometry_not_geojson", "外圈应是点的列表"),
        (polygon("[[[NaN,1],[2,3]]]"), "geometry_not_geojson", "NaN"),
        (polygon("[[[1e999,1],[2,3]]]"), "geometry_not_geojson", "普通数字"),
        (polygon("[]"), "geometry_too_few_points", "外圈"),
        (polygon("[[]]"), "geometry_too_few_points", "至少要 4 个点"),
        (polygon("[[[113.1,22.6],[113.2,22.6],[113.1,22.6]]]"), "geometry_too_few_points", "至少要 4 个点"),
        (polygon(r#"[[["113","22"]]]"#), "geometry_coordinates", "外圈第 1 点应是两个数"),
        (polygon("[[[113.1]]]"), "geometry_coordinates", "东坐标（或经度）在前"),
        (polygon("[[[1e200,1e-200],[1,1],[1,1],[1,1]]]"), "geometry_coordinates", "认不出坐标"),
        (polygon(&open), "geometry_ring_open", "没有闭合"),
        (polygon(swapped_degrees), "geometry_axes_swapped", "经度在前、纬度在后"),
        (polygon("[[[2503400.1,38500010.25],[1,1],[1,1],[1,1]]]"), "geometry_axes_swapped", "东坐标在前"),
        (polygon("[[[2503400.1,500010.25],[1,1],[1,1],[1,1]]]"), "geometry_axes_swapped", "东坐标在前"),
        (polygon(&ZONED.replace("[385", "[395")), "geometry_outside_area", "带号是 39"),
        (polygon("[[[2.3,48.6],[2.4,48.6],[2.4,48.7],[2.3,48.6]]]"), "geometry_outside_area", "经度应在 112"),
        (polygon("[[[-113,22],[113,22],[113,23],[-113,22]]]"), "geometry_outside_area", "外圈第 1 点"),
        (
            polygon(&ZONED.replace("22.75,2503409.70]", "22.75,2503409.70],[38500022.75,2503409.70]")),
            "geometry_duplicate_point",
            "第 3 点与第 4 点",
        ),
        (
            polygon("[[[500000,2500000],[500010,2500008],[500010,2500000],[500000,2500008],[500000,2500000]]]"),
            "geometry_self_crossing",
            "东坐标 38500005.000、北坐标 2500004.000",
        ),
        (
            polygon("[[[500000,2500000],[500010,2500000],[500020,2500000],[500000,2500000]]]"),
            "geometry_self_crossing",
            "折返",
        ),
        (
            polygon(
                "[[[500000,2500000],[500010,2500000],[500000,2500010],[500000,2500000]],[[500100,2500100],[500101,2500100],[500100,2500101],[500100,2500100]]]",
            ),
            "geometry_hole_outside",
            "第 1 个内圈",
        ),
        (
            polygon("[[[500000,2500000],[500000.001,2500000],[500000,2500000.001],[500000,2500000]]]"),
            "geometry_too_few_points",
            "围不成面",
        ),
        (r#"{"type":"Point","coordinates":[113,22]}"#.into(), "geometry_not_one_polygon", "多边形"),
        (
            format!(r#"{{"type":"MultiPolygon","coordinates":[{ZONED},{ZONED}]}}"#),
            "geometry_not_one_polygon",
            "分成几宗",
        ),
        (r#"{"type":"MultiPolygon","coordinates":[7]}"#.into(), "geometry_not_geojson", "MultiPolygon"),
        (r#"{"type":"FeatureCollection","features":[]}"#.into(), "geometry_not_geojson", "导入"),
        (
            polygon(ZONED).replace("{\"type", r#"{"crs":{"type":"name","properties":{"name":"EPSG:2154"}},"type"#),
            "geometry_coordinates",
            "EPSG:4526",
        ),
        (format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)), "geometry_not_geojson", "GeoJSON"),
        ("7".repeat(MOST_BYTES + 1), "geometry_too_large", "1 MB"),
        (polygon(&format!("[[{}[1,1]]]", "[1,1],".repeat(MOST_POINTS))), "geometry_too_large", "5000 个界址点"),
    ] {
        let problem = refused(&text);
        let short: String = text.chars().take(120).collect();
        assert_eq!(problem.code.code, code, "{short}: {problem}");
        assert!(problem.detail.contains(words), "{short}: {problem}");
    }
}

#[test]
fn a_named_system_is_believed_over_the_size_of_the_numbers() {
    let refused = read_parcel(&polygon(ZONED), Some(Crs::Degrees)).expect_err("metres are no degrees");
    assert!(refused.detail.contains("经度应在 112"), "{refused}");
    let declared = polygon(ZONED)
        .replace("{\"type", r#"{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4526"}},"type"#);
    assert_eq!(read_parcel(&declared, None).map(|o| o.area()).ok(), Some(Area(12_000)));
}

#[test]
fn a_collection_keeps_the_place_of_what_it_refuses() {
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[
            {{"type":"Feature","properties":{{"户主":"甲"}},"geometry":{}}},
            {{"type":"Feature","properties":null,"geometry":null}}, 7]}}"#,
        polygon(ZONED)
    );
    let features = read_collection(&text, None).expect("a collection");
    assert_eq!(features.iter().map(|f| f.outline.is_ok()).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(features.first().and_then(|f| f.properties.get("户主")).and_then(Value::as_str), Some("甲"));
    assert!(read_collection(&polygon(ZONED), None).is_err());
}

proptest::proptest! {
    /// Whatever comes, there is an answer.
    #[test]
    fn never_panics(text in "[\\[\\]{}:,\"a-z0-9.eE-]{0,80}", numbers in proptest::collection::vec(proptest::num::f64::ANY, 0..12)) {
        let _ = read_parcel(&text, None);
        let points: Vec<Value> = numbers.chunks(2).map(|pair| json!(pair)).collect();
        let _ = outline_of(&json!({"type": "Polygon", "coordinates": [points]}), None);
    }
}
