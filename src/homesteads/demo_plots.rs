//! Made-up house plots for the demonstration: rows along the lanes of a village, side by side, never overlapping.
//!
//! Pure and repeatable: one seed gives one village. Neighbours in a row share their boundary points to the millimetre.

use super::geometry::{Outline, Point};
use crate::kernel::Area;

/// A plot and its address.
#[derive(Debug, Clone)]
pub struct Plot {
    /// Lanes count from 1, from the north of the village.
    pub lane: u32,
    /// House number in its lane; odd on the north side, even on the south side.
    pub number: u32,
    pub outline: Outline,
}

const SMALLEST: Area = Area(6_000);
const LARGEST: Area = Area(15_000);

/// Numbers that look drawn by lot (SplitMix64): a generator whose sequence no library update changes.
struct Lots(u64);

impl Lots {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// From `low` to `high`, both included.
    fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.next() % width).unwrap_or(0))
    }
}

/// How the village lies: turned by the angle of a right triangle of whole sides, so that no float is needed.
#[derive(Clone, Copy)]
struct Lie {
    centre: Point,
    along: (i64, i64, i64),
}

impl Lie {
    /// `x` along the lane, `y` up the village, both in mm.
    fn ground(&self, x: i64, y: i64) -> Point {
        let (c, s, h) = self.along;
        Point::new(self.centre.east_mm + (x * c - y * s) / h, self.centre.north_mm + (x * s + y * c) / h)
    }
}

/// `count` plots of 60 to 150 m² around `centre`, in the order of lanes and numbers.
pub fn village_plots(seed: u64, centre: Point, count: usize) -> Vec<Plot> {
    let mut lots = Lots(seed);
    let angles = [(24, 7, 25), (12, 5, 13), (40, -9, 41), (60, 11, 61), (12, -5, 13), (15, -8, 17)];
    let along = usize::try_from(lots.next() % 6).ok().and_then(|i| angles.get(i)).copied().unwrap_or((1, 0, 1));
    let lie = Lie { centre, along };
    // A lane has two sides; villages are about twice as wide as deep.
    let per_side = (1..).find(|n: &usize| n * n >= count.max(1)).unwrap_or(1).clamp(6, 60);
    let lanes = count.div_ceil(2 * per_side).max(1);
    let lane_pitch = 2 * 11_500 + 5_500 + 2_500;
    let mut y = i64::try_from(lanes).unwrap_or(1) * lane_pitch / 2;
    let mut plots = Vec::with_capacity(count);
    for lane in (1..).take(lanes) {
        let width = lots.between(3_500, 5_500);
        let start = -i64::try_from(per_side).unwrap_or(0) * 5_200 + lots.between(-6_000, 6_000);
        for (first_number, front, up) in [(1, y, 1), (2, y - width, -1)] {
            let wanted = per_side.min(count - plots.len());
            let numbers = (first_number..).step_by(2);
            row(&mut lots, lie, start, front, up, wanted)
                .into_iter()
                .zip(numbers)
                .for_each(|(outline, number)| plots.push(Plot { lane, number, outline }));
        }
        y -= lane_pitch;
    }
    plots
}

/// One side of a lane: plots from `x` on, their fronts at `front`, their backs `up` (1) or down (-1) the village.
fn row(lots: &mut Lots, lie: Lie, mut x: i64, front: i64, up: i64, count: usize) -> Vec<Outline> {
    let mut plots = Vec::with_capacity(count);
    let mut in_block = 0;
    let mut block = lots.between(5, 11);
    let depth = lots.between(9_000, 10_800);
    let mut deep = depth;
    let mut back = x;
    while plots.len() < count {
        if in_block == block {
            // A side lane of about three metres between blocks of houses.
            x = x.max(back) + lots.between(2_600, 4_200);
            back = x;
            (in_block, block) = (0, lots.between(5, 11));
        }
        let target = lots.between(66, 126) + lots.between(0, 18);
        let next_deep = (depth + lots.between(-500, 700)).clamp(8_700, 11_300);
        let next_x = x + target * 2_000_000 / (deep + next_deep);
        let next_back = next_x + lots.between(-350, 350);
        let (top, next_top) = (front + up * deep, front + up * next_deep);
        let mut ring = vec![lie.ground(x, front), lie.ground(next_x, front)];
        if lots.between(0, 5) == 0 && in_block + 1 == block {
            // The last house of a block gave a corner to the side lane.
            let cut = lots.between(1_200, 2_200);
            ring.extend([
                lie.ground(next_x, front + up * (deep - 3_000)),
                lie.ground(next_x - cut, front + up * (deep - 3_000)),
                lie.ground(next_x - cut, top),
            ]);
        } else {
            ring.push(lie.ground(next_back, next_top));
        }
        ring.push(lie.ground(back, top));
        in_block += 1;
        if let Ok(outline) = Outline::new(vec![ring])
            && (SMALLEST..=LARGEST).contains(&outline.area())
        {
            plots.push(outline);
        }
        (x, back, deep) = (next_x, next_back, next_deep);
    }
    plots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::homesteads::{
        geojson::{Crs, read_parcel, write_parcel},
        topology::overlap,
    };

    const CENTRE: Point = Point::new(38_405_200_000, 2_503_400_000);

    #[test]
    fn thousands_of_plots_never_overlap_and_have_the_size_of_homesteads() {
        for (seed, count) in [(1, 1), (2, 7), (3, 300), (4, 3_000)] {
            let plots = village_plots(seed, CENTRE, count);
            assert_eq!(plots.len(), count);
            for (i, one) in plots.iter().enumerate() {
                assert!((SMALLEST..=LARGEST).contains(&one.outline.area()), "{}", one.outline.area());
                for other in plots.iter().skip(i + 1).take(400) {
                    assert_eq!(overlap(&one.outline, &other.outline), None, "{one:?} {other:?}");
                }
            }
        }
        let plots = village_plots(3, CENTRE, 300);
        let spread = plots.iter().map(|p| p.outline.area()).collect::<std::collections::BTreeSet<_>>();
        assert!(spread.len() > 250, "areas vary");
        let addresses = plots.iter().map(|p| (p.lane, p.number)).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(addresses.len(), 300, "addresses are different");
        // Control: the same plot twice is an overlap.
        let first = &plots.first().expect("a plot").outline;
        assert_eq!(overlap(first, first), Some(first.area()));
    }

    #[test]
    fn one_seed_one_village_and_the_plots_are_read_back_from_their_own_geojson() {
        let (once, again) = (village_plots(9, CENTRE, 40), village_plots(9, CENTRE, 40));
        for (a, b) in once.iter().zip(&again) {
            assert_eq!(a.outline, b.outline);
            let text = write_parcel(&a.outline, Crs::Zoned).to_string();
            assert_eq!(read_parcel(&text, None).ok().as_ref(), Some(&a.outline));
        }
        assert_ne!(
            village_plots(10, CENTRE, 1).first().map(|p| p.outline.to_string()),
            once.first().map(|p| p.outline.to_string())
        );
    }
}
