//! House plots of the village, along its lanes: drawn, measured and held by its households.

use super::{draw::Draw, people::Household, places::Village};
use crate::{
    homesteads::{
        Occupancy, ParcelFacts, ParcelState,
        demo_plots::{Plot, village_plots},
        geometry::{Outline, Point},
    },
    kernel::Area,
};

/// Somewhere in the west of 蓬江区, in zone 38 of CGCS2000. The plots are made up; nothing of the kind stands there.
const CENTRE: Point = Point::new(38_399_300_000, 2_500_400_000);

/// `count` plots, each with a household of its own as far as there are any.
pub fn parcels(seed: u64, village: &Village, households: &[Household], count: usize) -> Vec<(ParcelFacts, Outline)> {
    let mut draw = Draw::new(seed);
    // Not the first so many: house plots are where they are, whatever the roster's order.
    let mut holders = households.iter().step_by((households.len() / count.max(1)).max(1));
    let plots = village_plots(seed, CENTRE, count).into_iter().zip(1..);
    plots
        .filter_map(|(plot, number)| Some((facts(&mut draw, village, holders.next()?, &plot, number), plot.outline)))
        .collect()
}

fn facts(draw: &mut Draw, village: &Village, holder: &Household, plot: &Plot, number: u32) -> ParcelFacts {
    let measured = plot.outline.area();
    // Old certificates were measured with a tape: most agree with the drawing, some are far off.
    let off = draw.weighted(&[(0, 70), (1, 22), (7, 5), (-8, 3)]).copied().unwrap_or(0);
    let registered = Area((measured.0 + measured.0 / 100 * off) / 10 * 10);
    let occupancy = [(Occupancy::Lived, 72), (Occupancy::Idle, 15), (Occupancy::Rented, 9), (Occupancy::Empty, 4)];
    ParcelFacts {
        // District 103, sub-district 213: as the village's region code ends.
        parcel_code: village.code.as_str().get(6..).map(|place| format!("440703{place}JC{number:05}")),
        household: holder.people.first().map_or_else(|| holder.number.clone(), |head| head.name.clone()),
        household_id: None,
        location: format!("{}{}巷{}号", village.name, plot.lane, plot.number),
        registered_area: Some(registered),
        area_reason: if off.abs() > 5 { "旧证为皮尺丈量，待核实".to_owned() } else { String::new() },
        certificate: draw.chance(80).then(|| format!("示例（{}）不动产权第{number:07}号", draw.between(2016, 2024))),
        occupancy: draw.weighted(&occupancy).copied().unwrap_or(Occupancy::Lived),
        state: ParcelState::Registered,
        note: String::new(),
    }
}
