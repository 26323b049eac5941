//! The shape of a parcel as whole millimetres, so that it can be stored, hashed and compared exactly.
//!
//! Coordinates are CGCS2000, 3-degree Gauss-Krueger, zone 38 with the zone number in the easting (EPSG:4526; central
//! meridian 114° E). An [`Outline`] always is a valid polygon in one canonical form, so two equal shapes are equal values
//! with equal text. Areas come from integer arithmetic; no float is in a stored shape.

use std::{fmt, str::FromStr};

use super::topology::{self, Fault};
use crate::kernel::Area;

/// A boundary point (界址点). Axes are always named: Chinese survey practice calls north X and east Y.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// Easting in mm with the zone number in front: 38 500 010.250 m is 38_500_010_250.
    pub east_mm: i64,
    /// Northing in mm from the equator.
    pub north_mm: i64,
}

impl Point {
    pub const fn new(east_mm: i64, north_mm: i64) -> Self {
        Self { east_mm, north_mm }
    }

    /// Distance in mm, rounded down.
    pub fn distance_mm(self, other: Point) -> i64 {
        let (de, dn) = (span(self.east_mm, other.east_mm), span(self.north_mm, other.north_mm));
        i64::try_from((de * de + dn * dn).isqrt()).unwrap_or(i64::MAX)
    }
}

fn span(from: i64, to: i64) -> i128 {
    i128::from(to) - i128::from(from)
}

/// Shown as people write a survey point: metres, both axes named.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "东坐标 {}、北坐标 {}", metres(self.east_mm), metres(self.north_mm))
    }
}

/// Millimetres as metres with three decimals: `38500010.250`.
pub fn metres(mm: i64) -> String {
    let sign = if mm < 0 { "-" } else { "" };
    let abs = mm.unsigned_abs();
    format!("{sign}{}.{:03}", abs / 1000, abs % 1000)
}

/// The smallest upright rectangle around a shape: four columns by which the database finds neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub west_mm: i64,
    pub south_mm: i64,
    pub east_mm: i64,
    pub north_mm: i64,
}

impl Bounds {
    fn around(points: &[Point]) -> Option<Bounds> {
        let mut rest = points.iter();
        let first = rest.next()?;
        let start = Bounds {
            west_mm: first.east_mm,
            south_mm: first.north_mm,
            east_mm: first.east_mm,
            north_mm: first.north_mm,
        };
        Some(rest.fold(start, |b, p| Bounds {
            west_mm: b.west_mm.min(p.east_mm),
            south_mm: b.south_mm.min(p.north_mm),
            east_mm: b.east_mm.max(p.east_mm),
            north_mm: b.north_mm.max(p.north_mm),
        }))
    }

    pub fn union(self, other: Bounds) -> Bounds {
        Bounds {
            west_mm: self.west_mm.min(other.west_mm),
            south_mm: self.south_mm.min(other.south_mm),
            east_mm: self.east_mm.max(other.east_mm),
            north_mm: self.north_mm.max(other.north_mm),
        }
    }

    /// Whether the rectangles share at least a point.
    pub fn meets(self, other: Bounds) -> bool {
        self.west_mm <= other.east_mm
            && other.west_mm <= self.east_mm
            && self.south_mm <= other.north_mm
            && other.south_mm <= self.north_mm
    }

    pub fn width_mm(self) -> i64 {
        self.east_mm - self.west_mm
    }
    pub fn height_mm(self) -> i64 {
        self.north_mm - self.south_mm
    }
}

/// The boundary of one parcel: a shell and its holes (other people's land inside).
///
/// Invariants: a valid polygon by the rules of [`topology`]; rings without the repeated last point; the shell runs clockwise from
/// its north-western point, as boundary points J1, J2 … are numbered in cadastral practice; holes run the other way and are
/// sorted. So every shape has one text, and its digest means something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Outline {
    shell: Vec<Point>,
    holes: Vec<Vec<Point>>,
}

impl Outline {
    /// Takes rings without their repeated last point, the shell first, in any direction. The fault counts rings and points
    /// as they were given.
    pub fn new(rings: Vec<Vec<Point>>) -> Result<Outline, Fault> {
        topology::check(&rings)?;
        let mut rings = rings.into_iter();
        let shell = canonical(rings.next().unwrap_or_default(), Turn::Clockwise);
        let mut holes: Vec<_> = rings.map(|ring| canonical(ring, Turn::Counter)).collect();
        holes.sort();
        Ok(Outline { shell, holes })
    }

    /// The outer boundary, clockwise; J1 is the first point.
    pub fn shell(&self) -> &[Point] {
        &self.shell
    }

    pub fn holes(&self) -> &[Vec<Point>] {
        &self.holes
    }

    /// Shell and holes.
    pub fn rings(&self) -> impl Iterator<Item = &[Point]> {
        std::iter::once(self.shell.as_slice()).chain(self.holes.iter().map(Vec::as_slice))
    }

    /// The area on the projection plane, rounded half up to 0.01 m².
    pub fn area(&self) -> Area {
        // Holes run against the shell, so their doubled areas have the other sign.
        let doubled: i128 = self.rings().map(doubled_area).sum::<i128>().abs();
        Area(i64::try_from((doubled + 10_000) / 20_000).unwrap_or(i64::MAX))
    }

    pub fn bounds(&self) -> Bounds {
        Bounds::around(&self.shell).unwrap_or(Bounds { west_mm: 0, south_mm: 0, east_mm: 0, north_mm: 0 })
    }

    /// A point for the label: the middle of the widest stretch of the outline at the middle of its height.
    pub fn label_point(&self) -> Point {
        let b = self.bounds();
        let (middle_e, middle_n) = (i64::midpoint(b.west_mm, b.east_mm), i64::midpoint(b.south_mm, b.north_mm));
        let mut crossings: Vec<i64> = self
            .rings()
            .flat_map(topology::edges)
            .filter(|(a, b)| (a.north_mm > middle_n) != (b.north_mm > middle_n))
            .filter_map(|(a, b)| {
                let run = span(a.east_mm, b.east_mm) * span(a.north_mm, middle_n);
                i64::try_from(i128::from(a.east_mm) + run / span(a.north_mm, b.north_mm)).ok()
            })
            .collect();
        crossings.sort_unstable();
        let (pairs, _) = crossings.as_chunks::<2>();
        let widest = pairs.iter().max_by_key(|[from, to]| to - from);
        Point::new(widest.map_or(middle_e, |[from, to]| i64::midpoint(*from, *to)), middle_n)
    }

    /// Length of the outer boundary in mm.
    pub fn perimeter_mm(&self) -> i64 {
        topology::edges(&self.shell).map(|(a, b)| a.distance_mm(b)).sum()
    }
}

/// The stored form: `[[[east_mm,north_mm],…],…]`, whole numbers, the shell first, no blanks.
impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, ring) in self.rings().enumerate() {
            f.write_str(if i == 0 { "[[" } else { ",[" })?;
            for (j, p) in ring.iter().enumerate() {
                write!(f, "{}[{},{}]", if j == 0 { "" } else { "," }, p.east_mm, p.north_mm)?;
            }
            f.write_str("]")?;
        }
        f.write_str("]")
    }
}

/// The stored text is no outline: somebody changed it behind the program's back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnOutline;

impl fmt::Display for NotAnOutline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("宗地图形的存储内容已损坏")
    }
}
impl std::error::Error for NotAnOutline {}

impl FromStr for Outline {
    type Err = NotAnOutline;
    fn from_str(text: &str) -> Result<Self, NotAnOutline> {
        let rings: Vec<Vec<(i64, i64)>> = serde_json::from_str(text).map_err(|_| NotAnOutline)?;
        let rings = rings.into_iter().map(|ring| ring.into_iter().map(|(e, n)| Point::new(e, n)).collect()).collect();
        Outline::new(rings).map_err(|_| NotAnOutline)
    }
}

/// Twice the signed area in mm² (positive: counter-clockwise), on offsets from the ring's first point.
pub(super) fn doubled_area(ring: &[Point]) -> i128 {
    let Some(origin) = ring.first() else { return 0 };
    topology::edges(ring)
        .map(|(a, b)| {
            span(origin.east_mm, a.east_mm) * span(origin.north_mm, b.north_mm)
                - span(origin.east_mm, b.east_mm) * span(origin.north_mm, a.north_mm)
        })
        .sum()
}

#[derive(PartialEq)]
enum Turn {
    Clockwise,
    Counter,
}

/// Turns the ring the wanted way round and starts it at its north-western point.
fn canonical(mut ring: Vec<Point>, wanted: Turn) -> Vec<Point> {
    let turn = if doubled_area(&ring) < 0 { Turn::Clockwise } else { Turn::Counter };
    if turn != wanted {
        ring.reverse();
    }
    let start = ring.iter().enumerate().min_by_key(|(_, p)| (p.east_mm - p.north_mm, p.east_mm)).map_or(0, |(i, _)| i);
    ring.rotate_left(start);
    ring
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(i64, i64)]) -> Vec<Point> {
        points.iter().map(|&(e, n)| Point::new(e, n)).collect()
    }

    #[test]
    fn eighty_square_metres_is_the_limit_and_one_hundredth_more_is_seen() {
        // domain 10.7: the Guangdong plain limit
        let plot =
            |north: i64| Outline::new(vec![ring(&[(0, 0), (10_000, 0), (10_000, north), (0, north)])]).expect("valid");
        assert_eq!(plot(8_000).area(), Area(8_000));
        assert_eq!(plot(8_001).area(), Area(8_001));
    }

    #[test]
    fn large_coordinates_lose_nothing() {
        let (w, e, s, n) = (38_500_010_250, 38_500_022_750, 2_503_400_100, 2_503_409_700);
        let plot = Outline::new(vec![ring(&[(w, s), (e, s), (e, n), (w, n)])]).expect("valid");
        assert_eq!(plot.area().to_string(), "120.00"); // domain 10.7: 12.50 x 9.60
        assert_eq!(plot.bounds(), Bounds { west_mm: w, south_mm: s, east_mm: e, north_mm: n });
        assert_eq!(plot.perimeter_mm(), 44_200);
    }

    #[test]
    fn equal_shapes_have_one_text_whatever_the_start_and_direction() {
        let forward = ring(&[(0, 0), (9_000, 0), (9_000, 8_000), (0, 8_000)]);
        let hole = ring(&[(1_000, 1_000), (2_000, 1_000), (2_000, 2_000)]);
        let mut backward = forward.clone();
        backward.reverse();
        backward.rotate_left(2);
        let mut hole_backward = hole.clone();
        hole_backward.reverse();
        let one = Outline::new(vec![forward, hole]).expect("valid");
        let other = Outline::new(vec![backward, hole_backward]).expect("valid");
        assert_eq!(one.to_string(), other.to_string());
        assert_eq!(one.shell().first(), Some(&Point::new(0, 8_000)), "J1 is in the north-west");
        assert_eq!(one.to_string().parse(), Ok(other));
        assert_eq!(one.area(), Area(7_150), "72 m² less half a square metre");
    }

    #[test]
    fn a_changed_text_is_no_outline() {
        for bad in ["", "[]", "[[]]", "[[[0,0],[10,8],[10,0],[0,8]]]", "[[[0.5,0],[10,8],[10,0]]]", "{}"] {
            assert_eq!(bad.parse::<Outline>(), Err(NotAnOutline), "{bad}");
        }
    }

    #[test]
    fn the_label_of_a_bent_parcel_lies_inside() {
        let bent = Outline::new(vec![ring(&[
            (0, 0),
            (20_000, 0),
            (20_000, 2_000),
            (2_000, 2_000),
            (2_000, 20_000),
            (0, 20_000),
        ])])
        .expect("valid");
        let at = bent.label_point();
        assert!((0..2_000).contains(&at.east_mm), "{at}");
    }
}
