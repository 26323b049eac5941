//! Whether rings make a valid parcel, and whether two parcels lie on the same ground.
//!
//! Validity is decided exactly, in integers: rings are simple, holes lie inside the shell and outside each other, the inside
//! hangs together (the OGC simple features polygon). Every fault names its place. The overlap of two valid parcels is measured by
//! the `geo` crate.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area as _, BooleanOps, Coord, LineString, Polygon};

use super::geometry::{Outline, Point};
use crate::kernel::Area;

/// Two parcels may share at most this much (0.01 m²): neighbours' boundary points rarely agree to the millimetre.
pub const TOLERATED_OVERLAP: Area = Area(1);

/// One edge: its ring (0 is the shell) and the number of its first point, both counted from 0 as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub ring: usize,
    pub start: usize,
}

/// Why rings are no valid parcel. Rings and points count from 0 in the order they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Fewer than three different corners.
    TooFewPoints { ring: usize },
    /// Two points of one ring are the same place.
    SamePoint { ring: usize, first: usize, second: usize, at: Point },
    /// The boundary turns back on itself at this point.
    Spike { ring: usize, point: usize, at: Point },
    /// Two edges cross, touch or run along each other where they must not.
    Crossing { one: Edge, other: Edge, at: Point },
    /// A hole reaches out of the shell, here.
    HoleOutside { ring: usize, at: Point },
    /// One hole lies in another.
    HoleInHole { ring: usize, inside: usize, at: Point },
    /// Holes that touch cut the parcel into pieces, here.
    CutApart { ring: usize, at: Point },
}

/// The edges of a closed ring given without its repeated last point.
pub(super) fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Tests rings (shell first, each without its repeated last point) against the rules above; the first fault found is given.
pub fn check(rings: &[Vec<Point>]) -> Result<(), Fault> {
    if rings.is_empty() {
        return Err(Fault::TooFewPoints { ring: 0 });
    }
    for (index, ring) in rings.iter().enumerate() {
        if ring.len() < 3 {
            return Err(Fault::TooFewPoints { ring: index });
        }
        for (start, (a, b)) in edges(ring).enumerate() {
            if a == b {
                return Err(Fault::SamePoint { ring: index, first: start, second: (start + 1) % ring.len(), at: a });
            }
        }
    }
    let touches = meetings(rings)?;
    containment(rings, &touches)?;
    in_one_piece(&touches)
}

#[derive(Clone, Copy)]
struct Segment {
    ring: usize,
    start: usize,
    /// Number of points in its ring.
    of: usize,
    from: Point,
    to: Point,
}

impl Segment {
    fn west(&self) -> i64 {
        self.from.east_mm.min(self.to.east_mm)
    }
    fn east(&self) -> i64 {
        self.from.east_mm.max(self.to.east_mm)
    }
    fn apart_in_north(&self, other: &Segment) -> bool {
        self.from.north_mm.max(self.to.north_mm) < other.from.north_mm.min(other.to.north_mm)
            || other.from.north_mm.max(other.to.north_mm) < self.from.north_mm.min(self.to.north_mm)
    }
    fn follows(&self, other: &Segment) -> bool {
        self.start == (other.start + 1) % other.of
    }
    fn edge(&self) -> Edge {
        Edge { ring: self.ring, start: self.start }
    }
    /// The number of its end that is at `p`, if any.
    fn end_at(&self, p: Point) -> Option<usize> {
        if self.from == p { Some(self.start) } else { (self.to == p).then(|| (self.start + 1) % self.of) }
    }
}

/// Where a pair of rings touches: the two ring numbers, the smaller first, and the places.
type Touches = BTreeMap<(usize, usize), BTreeSet<Point>>;

/// Looks at every pair of edges whose rectangles meet; rings may only touch other rings, and only in points.
fn meetings(rings: &[Vec<Point>]) -> Result<Touches, Fault> {
    let mut segments: Vec<Segment> = rings
        .iter()
        .enumerate()
        .flat_map(|(index, ring)| {
            edges(ring).enumerate().map(move |(start, (from, to))| Segment {
                ring: index,
                start,
                of: ring.len(),
                from,
                to,
            })
        })
        .collect();
    segments.sort_by_key(Segment::west);
    let mut touches = Touches::new();
    let mut rest = segments.as_slice();
    while let Some((one, later)) = rest.split_first() {
        rest = later;
        for other in later.iter().take_while(|s| s.west() <= one.east()).filter(|s| !one.apart_in_north(s)) {
            let meeting = meet(one, other);
            if one.ring != other.ring {
                match meeting {
                    Meeting::Apart => {}
                    Meeting::Touch(at) => {
                        let pair = (one.ring.min(other.ring), one.ring.max(other.ring));
                        touches.entry(pair).or_default().insert(at);
                    }
                    Meeting::Cross(at) | Meeting::Along(at) => return Err(crossing(one, other, at)),
                }
            } else if one.follows(other) || other.follows(one) {
                if let Meeting::Along(_) = meeting {
                    let later = if one.follows(other) { one } else { other };
                    return Err(Fault::Spike { ring: one.ring, point: later.start, at: later.from });
                }
            } else {
                match meeting {
                    Meeting::Apart => {}
                    Meeting::Touch(at) => {
                        return Err(match (one.end_at(at), other.end_at(at)) {
                            (Some(a), Some(b)) => {
                                Fault::SamePoint { ring: one.ring, first: a.min(b), second: a.max(b), at }
                            }
                            _ => crossing(one, other, at),
                        });
                    }
                    Meeting::Cross(at) | Meeting::Along(at) => return Err(crossing(one, other, at)),
                }
            }
        }
    }
    Ok(touches)
}

fn crossing(one: &Segment, other: &Segment, at: Point) -> Fault {
    let (a, b) = (one.edge(), other.edge());
    if (a.ring, a.start) <= (b.ring, b.start) {
        Fault::Crossing { one: a, other: b, at }
    } else {
        Fault::Crossing { one: b, other: a, at }
    }
}

enum Meeting {
    Apart,
    /// One point in common, which is an end of at least one of them.
    Touch(Point),
    /// One point in common, inside both (rounded to the millimetre).
    Cross(Point),
    /// A stretch in common, beginning here.
    Along(Point),
}

fn meet(s: &Segment, t: &Segment) -> Meeting {
    let (s_from, s_to) = (side(t.from, t.to, s.from), side(t.from, t.to, s.to));
    let (t_from, t_to) = (side(s.from, s.to, t.from), side(s.from, s.to, t.to));
    let signs = [s_from, s_to, t_from, t_to].map(i128::signum);
    match signs {
        [0, 0, 0, 0] => {
            let begin = s.from.min(s.to).max(t.from.min(t.to));
            let end = s.from.max(s.to).min(t.from.max(t.to));
            match begin.cmp(&end) {
                std::cmp::Ordering::Less => Meeting::Along(begin),
                std::cmp::Ordering::Equal => Meeting::Touch(begin),
                std::cmp::Ordering::Greater => Meeting::Apart,
            }
        }
        [a, b, c, d] if a * b < 0 && c * d < 0 => Meeting::Cross(part_way(s.from, s.to, s_from, s_to)),
        [0, _, c, d] if c * d <= 0 => Meeting::Touch(s.from),
        [_, 0, c, d] if c * d <= 0 => Meeting::Touch(s.to),
        [a, b, 0, _] if a * b <= 0 => Meeting::Touch(t.from),
        [a, b, _, 0] if a * b <= 0 => Meeting::Touch(t.to),
        _ => Meeting::Apart,
    }
}

/// Positive where `p` is left of the line from `a` to `b`, zero on it.
fn side(a: Point, b: Point, p: Point) -> i128 {
    let (be, bn) = (i128::from(b.east_mm) - i128::from(a.east_mm), i128::from(b.north_mm) - i128::from(a.north_mm));
    let (pe, pn) = (i128::from(p.east_mm) - i128::from(a.east_mm), i128::from(p.north_mm) - i128::from(a.north_mm));
    be * pn - bn * pe
}

/// The point of a–b where a value that is `at_a` at a and `at_b` at b becomes zero. Only for messages: the float's error is
/// far below the millimetre that is shown.
fn part_way(a: Point, b: Point, at_a: i128, at_b: i128) -> Point {
    #[expect(clippy::cast_precision_loss, reason = "a place in a message")]
    let share = at_a as f64 / (at_a - at_b) as f64;
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a place in a message")]
    let along = |from: i64, to: i64| from.saturating_add(((to.saturating_sub(from)) as f64 * share).round() as i64);
    Point::new(along(a.east_mm, b.east_mm), along(a.north_mm, b.north_mm))
}

/// Holes lie inside the shell and outside each other. Rings do not cross by now, so a stretch between two touching points lies
/// wholly on one side, and its middle tells which.
fn containment(rings: &[Vec<Point>], touches: &Touches) -> Result<(), Fault> {
    let Some((shell, holes)) = rings.split_first() else { return Ok(()) };
    for (index, hole) in (1..).zip(holes) {
        if let Some(at) = stretches(hole, touches.get(&(0, index))).find(|middle| !inside(*middle, shell)) {
            return Err(Fault::HoleOutside { ring: index, at: halved(at) });
        }
    }
    for (index, hole) in (1..).zip(holes) {
        for (later, other) in (index + 1..).zip(holes.iter().skip(index)) {
            let common = touches.get(&(index, later));
            if let Some(at) = stretches(hole, common).find(|middle| inside(*middle, other)) {
                return Err(Fault::HoleInHole { ring: index, inside: later, at: halved(at) });
            }
            if let Some(at) = stretches(other, common).find(|middle| inside(*middle, hole)) {
                return Err(Fault::HoleInHole { ring: later, inside: index, at: halved(at) });
            }
        }
    }
    Ok(())
}

/// A point at twice its coordinates, so that the middle of two points is exact.
#[derive(Clone, Copy)]
struct Doubled(i64, i64);

fn halved(p: Doubled) -> Point {
    Point::new(p.0 / 2, p.1 / 2)
}

/// The middles of the ring's stretches between corners and touching points; one is enough where nothing touches.
fn stretches<'a>(ring: &'a [Point], touching: Option<&'a BTreeSet<Point>>) -> impl Iterator<Item = Doubled> + 'a {
    edges(ring)
        .flat_map(move |(from, to)| {
            let mut stops: Vec<Point> = touching
                .into_iter()
                .flatten()
                .copied()
                .filter(|p| side(from, to, *p) == 0 && *p > from.min(to) && *p < from.max(to))
                .collect();
            if from > to {
                stops.reverse();
            }
            stops.push(to);
            stops.into_iter().scan(from, |begin, end| {
                let middle =
                    Doubled(begin.east_mm.saturating_add(end.east_mm), begin.north_mm.saturating_add(end.north_mm));
                *begin = end;
                Some(middle)
            })
        })
        .take(if touching.is_some() { usize::MAX } else { 1 })
}

/// Counts the edges east of the point; the point is on none of them.
fn inside(p: Doubled, ring: &[Point]) -> bool {
    let at = Point::new(p.0, p.1);
    let double = |q: Point| Point::new(q.east_mm.saturating_mul(2), q.north_mm.saturating_mul(2));
    edges(ring).fold(false, |within, (a, b)| {
        let (a, b) = (double(a), double(b));
        let spans = (a.north_mm > at.north_mm) != (b.north_mm > at.north_mm);
        let upward = b.north_mm > a.north_mm;
        if spans && (side(a, b, at) > 0) == upward { !within } else { within }
    })
}

/// The inside falls apart exactly when rings and the points they touch in form a circle.
fn in_one_piece(touches: &Touches) -> Result<(), Fault> {
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Node {
        Ring(usize),
        Place(Point),
    }
    let links: BTreeSet<(usize, Point)> = touches
        .iter()
        .flat_map(|((one, other), places)| places.iter().flat_map(|at| [(*one, *at), (*other, *at)]))
        .collect();
    let mut parent: BTreeMap<Node, Node> = BTreeMap::new();
    let root = |parent: &BTreeMap<Node, Node>, mut node: Node| {
        while let Some(next) = parent.get(&node) {
            node = *next;
        }
        node
    };
    for (ring, at) in links {
        let (one, other) = (root(&parent, Node::Ring(ring)), root(&parent, Node::Place(at)));
        if one == other {
            return Err(Fault::CutApart { ring, at });
        }
        parent.insert(one, other);
    }
    Ok(())
}

/// The ground that both parcels claim, `None` up to [`TOLERATED_OVERLAP`]. Shared boundaries are no overlap.
pub fn overlap(one: &Outline, other: &Outline) -> Option<Area> {
    let bounds = one.bounds();
    if !bounds.meets(other.bounds()) {
        return None;
    }
    // Metres from a nearby corner keep the floats exact to far below a millimetre.
    let origin = Point::new(bounds.west_mm, bounds.south_mm);
    let common = local(one, origin).intersection(&local(other, origin)).unsigned_area();
    let tolerated = TOLERATED_OVERLAP.0;
    #[expect(clippy::cast_precision_loss, reason = "a hundredth")]
    let exceeds = common * 100.0 > tolerated as f64;
    if exceeds { Area::from_square_metres(common).map(|a| a.max(Area(tolerated + 1))) } else { None }
}

/// As the `geo` crate wants it: metres from `origin`.
fn local(outline: &Outline, origin: Point) -> Polygon<f64> {
    #[expect(clippy::cast_precision_loss, reason = "offsets of a parcel are far below 2^53 mm")]
    let metres = |mm: i64| mm as f64 / 1000.0;
    let ring = |points: &[Point]| {
        LineString::new(
            points
                .iter()
                .map(|p| Coord { x: metres(p.east_mm - origin.east_mm), y: metres(p.north_mm - origin.north_mm) })
                .collect(),
        )
    };
    Polygon::new(ring(outline.shell()), outline.holes().iter().map(|hole| ring(hole)).collect())
}

#[cfg(test)]
#[path = "topology_tests.rs"]
mod tests;
