use std::{path::PathBuf, process::Command};

use super::*;
use crate::homesteads::geojson::{Crs, Feature, read_collection};

fn ring(points: &[(i64, i64)]) -> Vec<Point> {
    points.iter().map(|&(e, n)| Point::new(e, n)).collect()
}

fn square(west: i64, south: i64, side: i64) -> Vec<Point> {
    ring(&[(west, south), (west + side, south), (west + side, south + side), (west, south + side)])
}

fn outline(rings: Vec<Vec<Point>>) -> Outline {
    Outline::new(rings).expect("a valid parcel")
}

#[test]
fn a_bow_tie_is_refused_where_it_crosses() {
    // domain 10.7: the shoelace formula alone would say 0
    let fault = check(&[ring(&[(0, 0), (10_000, 8_000), (10_000, 0), (0, 8_000)])]);
    let edge = |start| Edge { ring: 0, start };
    assert_eq!(fault, Err(Fault::Crossing { one: edge(0), other: edge(2), at: Point::new(5_000, 4_000) }));
}

#[test]
fn each_fault_is_told_apart() {
    let shell = square(0, 0, 10_000);
    assert_eq!(check(&[]), Err(Fault::TooFewPoints { ring: 0 }));
    assert_eq!(check(&[shell.clone(), ring(&[(1, 1), (2, 2)])]), Err(Fault::TooFewPoints { ring: 1 }));
    assert_eq!(
        check(&[ring(&[(0, 0), (9, 0), (9, 0), (9, 9)])]),
        Err(Fault::SamePoint { ring: 0, first: 1, second: 2, at: Point::new(9, 0) })
    );
    assert_eq!(
        check(&[ring(&[(0, 0), (5, 5), (0, 9), (9, 9), (5, 5), (9, 0)])]),
        Err(Fault::SamePoint { ring: 0, first: 1, second: 4, at: Point::new(5, 5) })
    );
    assert_eq!(
        check(&[ring(&[(0, 0), (20, 0), (9, 0), (9, 9)])]),
        Err(Fault::Spike { ring: 0, point: 1, at: Point::new(20, 0) })
    );
    let hole = |west, south, side| check(&[shell.clone(), square(west, south, side)]);
    assert_eq!(hole(2_000, 2_000, 3_000), Ok(()));
    assert!(matches!(hole(20_000, 0, 1_000), Err(Fault::HoleOutside { ring: 1, .. })));
    assert!(
        matches!(hole(-1_000, -1_000, 30_000), Err(Fault::HoleOutside { ring: 1, .. })),
        "the shell lies in the hole"
    );
    assert!(matches!(hole(9_000, 2_000, 3_000), Err(Fault::Crossing { .. })));
    assert!(matches!(hole(0, 2_000, 3_000), Err(Fault::Crossing { .. })), "a hole along the shell");
    assert!(matches!(
        check(&[shell.clone(), square(2_000, 2_000, 5_000), square(3_000, 3_000, 1_000)]),
        Err(Fault::HoleInHole { .. })
    ));
    // A hole may touch the shell once; touching twice it cuts the parcel in two.
    let tip = |tip| ring(&[(2_000, 2_000), (8_000, 2_000), (5_000, tip)]);
    assert_eq!(check(&[shell.clone(), tip(10_000)]), Ok(()));
    let diamond = ring(&[(5_000, 0), (6_000, 5_000), (5_000, 10_000), (4_000, 5_000)]);
    assert!(matches!(check(&[shell, diamond]), Err(Fault::CutApart { .. })));
}

#[test]
fn a_hole_that_leaves_through_a_corner_of_the_shell_is_seen() {
    // All touching is in corners, so no two edges cross; only the stretches tell.
    let shell = ring(&[(0, 0), (10, 0), (10, 10), (6, 10), (5, 5), (4, 10), (0, 10)]);
    let hole = ring(&[(4, 10), (6, 10), (5, 5)]);
    assert!(check(&[shell, hole]).is_err());
    let valley = ring(&[(0, 0), (20, 0), (20, 20), (10, 10), (0, 20)]);
    let over_the_corner = ring(&[(8, 10), (12, 10), (10, 12)]);
    assert!(check(&[valley, over_the_corner]).is_err());
}

#[test]
fn neighbours_share_a_boundary_and_nobody_shares_ground() {
    let one = outline(vec![square(0, 0, 10_000)]);
    assert_eq!(overlap(&one, &outline(vec![square(10_000, 0, 10_000)])), None, "side by side");
    assert_eq!(overlap(&one, &outline(vec![square(10_000, 10_000, 10_000)])), None, "corner to corner");
    assert_eq!(overlap(&one, &outline(vec![square(9_999, 0, 10_000)])), None, "1 mm x 10 m is 0.01 m²: tolerated");
    assert_eq!(overlap(&one, &outline(vec![square(9_998, 0, 10_000)])), Some(Area(2)));
    assert_eq!(overlap(&one, &outline(vec![square(5_000, 5_000, 10_000)])), Some(Area(2_500)));
    assert_eq!(overlap(&one, &outline(vec![square(2_000, 2_000, 1_000)])), Some(Area(100)), "wholly inside");
    let around = outline(vec![square(-5_000, -5_000, 20_000), square(0, 0, 10_000)]);
    assert_eq!(overlap(&one, &around), None, "it fills the hole of the other");
}

#[test]
fn the_far_corner_of_the_zone_measures_as_the_near_one() {
    let (e, n) = (38_700_000_000, 5_900_000_000);
    let overlapping = overlap(&outline(vec![square(e, n, 10_000)]), &outline(vec![square(e + 9_990, n, 10_000)]));
    assert_eq!(overlapping, Some(Area(10)));
}

proptest::proptest! {
    /// The `geo` crate decides validity by other means; both must agree on any small ring.
    #[test]
    fn agrees_with_another_judge(points in proptest::collection::vec((0_i64..6, 0_i64..6), 3..8)) {
        use geo::Validation;
        let shell = ring(&points);
        let polygon = Polygon::new(LineString::from(points.iter().map(|&(e, n)| (e as f64, n as f64)).collect::<Vec<_>>()), vec![]);
        let repeated = edges(&shell).any(|(a, b)| a == b);
        // The other judge takes a ring without any area for valid.
        proptest::prop_assume!(!repeated && super::super::geometry::doubled_area(&shell) != 0);
        proptest::prop_assert_eq!(check(&[shell]).is_ok(), polygon.is_valid());
    }
}

// Real cadastres, read where they are and never copied.

/// The folder of test data beside the repository, or `None` with a line that says so.
fn parcel_data(test: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("XIANGJI_TEST_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("data/parcels");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("XIANGJI_TEST_ALL").is_none(), "{test}: shared/data/parcels is missing");
    println!("skipped {test}: shared/data/parcels is missing");
    None
}

fn text_of(file: PathBuf) -> String {
    if file.extension().is_some_and(|e| e == "gz") {
        let output = Command::new("gzip").arg("-dc").arg(&file).output().expect("gzip runs");
        assert!(output.status.success(), "{}", file.display());
        String::from_utf8(output.stdout).expect("UTF-8")
    } else {
        std::fs::read_to_string(&file).expect("readable")
    }
}

/// The polygons of a French cadastre in degrees, moved east into zone 38.
fn cadastre(folder: &std::path::Path, file: &str) -> Vec<Feature> {
    let mut document: serde_json::Value = serde_json::from_str(&text_of(folder.join(file))).expect("JSON");
    fn move_east(value: &mut serde_json::Value) {
        let Some(items) = value.as_array_mut() else { return };
        match items.as_mut_slice() {
            [x, y] if x.is_number() && y.is_number() => *x = (x.as_f64().expect("number") + 111.6).into(),
            items => items.iter_mut().for_each(move_east),
        }
    }
    for feature in document["features"].as_array_mut().expect("features") {
        move_east(&mut feature["geometry"]["coordinates"]);
    }
    read_collection(&document.to_string(), None).expect("a collection")
}

/// All overlapping pairs, found with a sweep from west to east.
fn overlaps(outlines: &[Outline]) -> Vec<Area> {
    let mut sorted: Vec<&Outline> = outlines.iter().collect();
    sorted.sort_by_key(|o| o.bounds().west_mm);
    let mut found = Vec::new();
    for (i, one) in sorted.iter().enumerate() {
        let east = one.bounds().east_mm;
        found.extend(
            sorted.iter().skip(i + 1).take_while(|o| o.bounds().west_mm <= east).filter_map(|o| overlap(one, o)),
        );
    }
    found
}

#[test]
fn a_real_suburb_is_accepted_and_its_overlaps_are_found() {
    let Some(folder) = parcel_data("a_real_suburb_is_accepted_and_its_overlaps_are_found") else { return };
    let features = cadastre(&folder, "cadastre-91216-parcelles.json.gz");
    assert_eq!(features.len(), 4_241);
    let refused: Vec<_> = features.iter().filter_map(|f| f.outline.as_ref().err()).collect();
    assert!(refused.is_empty(), "{} refused, first: {:?}", refused.len(), refused.first());
    let outlines: Vec<Outline> = features.into_iter().filter_map(|f| f.outline.ok()).collect();
    let found = overlaps(&outlines);
    assert!(found.len() <= 2, "the source has two tiny overlaps: {found:?}");
    // Control: a parcel moved half a metre overlaps a neighbour.
    let moved = |o: &Outline| {
        outline(o.rings().map(|r| r.iter().map(|p| Point::new(p.east_mm + 500, p.north_mm)).collect()).collect())
    };
    let first = outlines.first().expect("a parcel");
    assert!(overlap(&moved(first), first).is_some());
    assert!(outlines.iter().all(|o| o.to_string().parse::<Outline>().as_ref() == Ok(o)), "the stored text reads back");
}

#[test]
fn a_dense_city_is_accepted_and_its_overlaps_are_found() {
    let Some(folder) = parcel_data("a_dense_city_is_accepted_and_its_overlaps_are_found") else { return };
    let features = cadastre(&folder, "cadastre-75118-parcelles.json.gz");
    assert_eq!(features.len(), 6_821);
    let outlines: Vec<Outline> = features.into_iter().filter_map(|f| f.outline.ok()).collect();
    assert!(outlines.len() >= 6_815, "{}", outlines.len());
    let found = overlaps(&outlines);
    assert!((15..=19).contains(&found.len()), "{found:?}");
    assert_eq!(found.iter().filter(|a| a.0 > 100).count(), 1, "one of them is over 1 m²: {found:?}");
}

#[test]
fn a_really_broken_polygon_is_refused_where_it_crosses() {
    let Some(folder) = parcel_data("a_really_broken_polygon_is_refused_where_it_crosses") else { return };
    let document: serde_json::Value =
        serde_json::from_str(&text_of(folder.join("clc2006_2018418_invalid.geojson.gz"))).expect("JSON");
    let refused =
        crate::homesteads::geojson::outline_of(&document["features"][0], Some(Crs::Degrees)).expect_err("refused");
    assert_eq!(refused.code.code, "geometry_too_large", "25,398 points are no homestead: {refused}");
    // Without that wall the shape itself is refused: the shell and one hole touch themselves.
    let rings: Vec<Vec<Point>> =
        serde_json::from_value::<Vec<Vec<(f64, f64)>>>(document["features"][0]["geometry"]["coordinates"].clone())
            .expect("rings")
            .into_iter()
            .map(|ring| {
                // Times a power of two, so that no digit of the source is lost.
                #[expect(clippy::cast_possible_truncation, reason = "degrees below 1000")]
                let scale = |degrees: f64| (degrees * 2_f64.powi(48)) as i64;
                let mut points: Vec<Point> = ring.into_iter().map(|(x, y)| Point::new(scale(x), scale(y))).collect();
                points.pop();
                points
            })
            .collect();
    assert!(matches!(check(&rings), Err(Fault::SamePoint { ring: 37, first: 0, second: 123, .. })));
    let shell = rings.first().expect("a shell").clone();
    let Err(Fault::SamePoint { ring: 0, first: 0, second: 94, at }) = check(&[shell]) else {
        panic!("the shell touches itself")
    };
    let degrees = |scaled: i64| scaled as f64 / 2_f64.powi(48);
    let (lon, lat) = (degrees(at.east_mm), degrees(at.north_mm));
    assert!((lon - 22.71665).abs() < 1e-5 && (lat - 41.73939).abs() < 1e-5, "{lon}, {lat}");
}

#[test]
fn the_cases_of_a_geometry_suite() {
    let Some(folder) = parcel_data("the_cases_of_a_geometry_suite") else { return };
    let mut judged = 0;
    for file in ["general-TestValid.xml", "general-TestValid2.xml", "general-TestValid2-big.xml", "misc-TestValid.xml"]
    {
        let text = text_of(folder.join("jts").join(file));
        for case in text.split("<case>").skip(1) {
            let between = |from: &str, to: &str| {
                case.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(inner, _)| inner.trim())
            };
            let Some(wkt) = between("<a>", "</a>") else { continue };
            let expected = between("isValid", "</op>").is_some_and(|op| op.contains("true"));
            let Some(rings) = polygon_in_millimetres(wkt) else { continue };
            match check(&rings) {
                // Stricter on purpose: a surveyor's list does not name one point twice in a row.
                Err(Fault::SamePoint { first, second, ring, .. })
                    if rings.get(ring).is_some_and(|r| second == (first + 1) % r.len()) => {}
                answer => {
                    judged += 1;
                    assert_eq!(answer.is_ok(), expected, "{file}: {wkt}: {answer:?}");
                }
            }
        }
    }
    assert!(judged > 100, "only {judged} cases judged");
}

/// A WKT polygon whose coordinates are whole thousandths; `None` for other geometries and closed or empty ones that WKT allows.
fn polygon_in_millimetres(wkt: &str) -> Option<Vec<Vec<Point>>> {
    let body = wkt.strip_prefix("POLYGON")?.trim().strip_prefix('(')?.strip_suffix(')')?;
    body.split(')')
        .map(|part| part.trim_start_matches([',', ' ', '\n', '\t', '\r', '(']))
        .filter(|part| !part.trim().is_empty())
        .map(|ring| {
            let mut points = ring
                .split(',')
                .map(|pair| {
                    let mut numbers = pair.split_whitespace().map(|n| {
                        let thousandths = n.parse::<f64>().ok()? * 1000.0;
                        #[expect(clippy::cast_possible_truncation, reason = "range is tested on the same line")]
                        (thousandths.fract() == 0.0 && thousandths.abs() <= 1e18).then_some(thousandths as i64)
                    });
                    Some(Point::new(numbers.next()??, numbers.next()??))
                })
                .collect::<Option<Vec<_>>>()?;
            let last = points.pop()?;
            (points.first() == Some(&last)).then_some(points)
        })
        .collect()
}
