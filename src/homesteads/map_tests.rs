use super::*;
use crate::homesteads::demo_plots::village_plots;

const CENTRE: Point = Point::new(38_405_200_000, 2_503_400_000);

fn village(outlines: &[Outline]) -> Vec<MapParcel<'_>> {
    (1..)
        .zip(outlines)
        .map(|(i, outline)| MapParcel {
            outline,
            label: i.to_string(),
            name: format!("一巷 {i} 号"),
            href: Some(format!("/parcels/{i}?a=1&b=2")),
            mark: *Mark::ALL.get(i % 4).expect("a mark"),
        })
        .collect()
}

fn outlines(count: usize) -> Vec<Outline> {
    village_plots(5, CENTRE, count).into_iter().map(|p| p.outline).collect()
}

/// Whole numbers of five digits or more in the drawing: none can be a distance on a paper of 360 units.
fn long_numbers(svg: &str) -> Vec<&str> {
    svg.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() >= 5 && !svg.contains(&format!("#{run}"))).collect()
}

#[test]
fn every_parcel_is_named_and_linked_and_the_map_proves_nothing() {
    let plots = outlines(60);
    let svg = village_map("上巷村宗地图", &village(&plots), View::WHOLE);
    assert_eq!(svg.matches("<a href=").count(), 60);
    for part in [
        "<title id=\"map-title\">上巷村宗地图</title>",
        "<desc id=\"map-desc\">共 60 宗",
        NO_PROOF,
        "一巷 60 号",
        "北",
        " 米</text>",
        "闲置",
        "viewBox=\"0 0 360 ",
    ] {
        assert!(svg.contains(part), "{part} in {svg}");
    }
    assert!(svg.contains("?a=1&amp;b=2") && !svg.contains("&b"), "escaped");
    let without_namespace = svg.replacen("http://www.w3.org/2000/svg", "", 1);
    assert!(
        !without_namespace.contains("http") && !svg.contains("style=") && !svg.contains("<script"),
        "nothing from outside"
    );
    // Well-formed: every element that opens closes.
    let opened = svg.matches('<').count() - svg.matches("</").count();
    assert_eq!(opened, svg.matches("</").count() + svg.matches("/>").count());
}

#[test]
fn no_map_gives_away_a_coordinate() {
    let plots = outlines(300);
    let picture = parcel_picture("宗地", &plots[0], false);
    for svg in [
        village_map("村", &village(&plots), View::WHOLE),
        village_map("村", &village(&plots), View::new(3, 250, 700)),
        picture.clone(),
    ] {
        assert_eq!(long_numbers(&svg), Vec::<&str>::new());
    }
    assert!(!picture.contains("J1") && parcel_picture("宗地", &plots[0], true).contains(">J1<"));
    // Control: with coordinates in the title the test would see them.
    assert_eq!(long_numbers(&parcel_picture(&plots[0].shell()[0].to_string(), &plots[0], false)).len(), 2);
    // The same parcel elsewhere gives the same picture.
    let moved = plots[0]
        .rings()
        .map(|r| r.iter().map(|p| Point::new(p.east_mm + 7_777_000, p.north_mm - 3_000)).collect())
        .collect();
    assert_eq!(parcel_picture("宗地", &Outline::new(moved).expect("valid"), false), picture);
}

#[test]
fn looking_closer_shows_fewer_parcels_larger_and_with_labels() {
    let plots = outlines(300);
    let parcels = village(&plots);
    let count = |svg: &str| (svg.matches("<a href=").count(), svg.matches("text-anchor=\"middle\"").count());
    let whole = village_map("村", &parcels, View::WHOLE);
    let close = village_map("村", &parcels, View::WHOLE.closer().closer().closer());
    assert_eq!(count(&whole).0, 300);
    assert!((1..120).contains(&count(&close).0), "{:?}", count(&close));
    let labels = |svg: &str| {
        svg.rsplit("aria-hidden").next().map_or(0, |s| s.split("</g>").next().map_or(0, |g| g.matches("<text").count()))
    };
    assert!(labels(&close) > 3, "labels fit when close");
}

#[test]
fn a_view_typed_by_hand_is_brought_into_range() {
    assert_eq!(View::new(0, -5, 9_999), View::WHOLE);
    assert_eq!(View::new(200, i64::MAX, i64::MIN), View::new(View::DEEPEST, 1000, 0));
    assert_eq!(View::WHOLE.farther(), View::WHOLE);
    assert_eq!(View::WHOLE.closer().moved(-1, -1).moved(-1, -1), View::new(1, 250, 250));
    let plots = outlines(12);
    for view in [View { zoom: 255, across: i64::MIN, down: i64::MAX }, View::new(6, 0, 0)] {
        assert!(village_map("村", &village(&plots), view).ends_with("</svg>"));
    }
}

#[test]
fn names_cannot_leave_their_place() {
    let plots = outlines(1);
    let mut parcels = village(&plots);
    parcels[0].name = "\"><script>alert(1)</script>\u{0}".into();
    parcels[0].label = "<".into();
    let svg = village_map("</title>", &parcels, View::WHOLE);
    assert!(!svg.contains("<script") && !svg.contains('\u{0}') && svg.matches("</title>").count() == 2);
    assert!(village_map("村", &[], View::WHOLE).contains("还没有带图形的宗地"));
}
