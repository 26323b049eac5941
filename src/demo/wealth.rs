//! What a village owns, drawn by lot: fields, ponds and woods; shops, workshops and markets; school, clinic and roads.
//!
//! The quantified sum is given and met to the fen: it is spread over the operating assets (LREC art. 40).

use super::{
    draw::Draw,
    places::{Village, shares},
};
use crate::{
    assets::{AssetFacts, Class, Kind, State},
    kernel::{Area, Fen},
};

/// A sort of thing: name, class, kind, area from and to in m² (0: counted instead), yuan for a m² or a piece, how usual.
struct Sort(&'static str, Class, Kind, i64, i64, i64, u32);

use Class::*;
use Kind::{Operating, PublicService, Resource};

const LAND: &[Sort] = &[
    Sort("水田", Farmland, Resource, 3_000, 60_000, 0, 20),
    Sort("菜地", Farmland, Resource, 800, 9_000, 0, 14),
    Sort("鱼塘", Pond, Resource, 2_000, 18_000, 0, 22),
    Sort("柑园", Orchard, Resource, 3_000, 30_000, 0, 8),
    Sort("荔枝园", Orchard, Resource, 2_000, 16_000, 0, 6),
    Sort("桉树林地", Forest, Resource, 10_000, 200_000, 0, 8),
    Sort("晒场", OtherLand, Resource, 400, 2_600, 0, 5),
    Sort("留用地", ConstructionLand, Resource, 1_500, 12_000, 0, 4),
    Sort("排灌渠", Irrigation, Resource, 600, 4_000, 0, 6),
    Sort("荒坡", FourWastes, Resource, 2_000, 40_000, 0, 4),
];
const EARNING: &[Sort] = &[
    Sort("商铺", Shop, Operating, 18, 140, 9_000, 30),
    Sort("厂房", Factory, Operating, 600, 6_500, 1_600, 22),
    Sort("仓库", Warehouse, Operating, 200, 2_400, 1_100, 12),
    Sort("综合楼", Office, Operating, 180, 1_200, 2_600, 8),
    Sort("集贸市场", Market, Operating, 800, 3_200, 2_300, 4),
    Sort("宿舍楼", ShopHouse, Operating, 300, 1_800, 2_000, 8),
    Sort("临时棚屋", TemporaryBuilding, Operating, 60, 500, 380, 8),
    Sort("变压器", Equipment, Operating, 0, 0, 86_000, 5),
    Sort("停车场", OtherBuilding, Operating, 400, 3_000, 320, 6),
];
const PUBLIC: &[Sort] = &[
    Sort("小学校舍", Education, PublicService, 1_200, 3_800, 1_800, 6),
    Sort("幼儿园", Education, PublicService, 400, 1_100, 2_000, 5),
    Sort("卫生站", Health, PublicService, 90, 260, 1_900, 6),
    Sort("文化楼", Culture, PublicService, 260, 900, 1_900, 8),
    Sort("篮球场", Culture, PublicService, 420, 620, 260, 7),
    Sort("长者食堂", Elderly, PublicService, 120, 360, 1_900, 6),
    Sort("村道", PublicWorks, PublicService, 1_500, 12_000, 180, 10),
    Sort("路灯", PublicWorks, PublicService, 0, 0, 1_800, 8),
    Sort("公厕", OtherPublic, PublicService, 40, 90, 2_400, 6),
    Sort("垃圾收集点", OtherPublic, PublicService, 20, 60, 700, 5),
];

const PLACES: [&str; 14] = [
    "上围",
    "下围",
    "大岗",
    "沙头",
    "东堤",
    "石桥头",
    "新基",
    "旧墟",
    "村口",
    "大榕树",
    "环村路",
    "龙眼埗",
    "南坑",
    "后龙山",
];

/// `count` assets of a village whose quantified parts are exactly `quantified` together.
pub fn assets(draw: &mut Draw, village: &Village, count: usize, quantified: Fen) -> Vec<AssetFacts> {
    let mut found = Vec::with_capacity(count);
    for n in 0..count {
        // There is always something that can be quantified, and of the rest two of five are land.
        let sorts = match n {
            0 => EARNING,
            _ => *draw.weighted(&[(LAND, 42), (EARNING, 36), (PUBLIC, 22)]).unwrap_or(&LAND),
        };
        let weights: Vec<(&Sort, u32)> = sorts.iter().map(|s| (s, s.6)).collect();
        let Some(sort) = draw.weighted(&weights) else { continue };
        found.push(asset(draw, village, sort, n + 1));
    }
    let weights: Vec<i64> =
        found.iter().map(|a| if a.kind == Operating { a.net_value.map_or(1, |v| v.0.max(1)) } else { 0 }).collect();
    for (asset, part) in found.iter_mut().zip(shares(quantified.0, &weights)) {
        asset.quantified = Fen(part);
    }
    found
}

fn asset(draw: &mut Draw, village: &Village, sort: &Sort, number: usize) -> AssetFacts {
    let Sort(name, class, kind, from, to, price, _) = sort;
    let place = draw.one_of(&PLACES).copied().unwrap_or("村口");
    let area = (*to > 0).then(|| Area(draw.between(from * 100, to * 100)));
    let pieces = draw.between(1, if *class == PublicWorks { 120 } else { 3 });
    let measure = area.map_or(pieces * 100, |a| a.0);
    // Yuan for a whole unit times hundredths of a unit are fen.
    let value = (*price > 0).then(|| Fen(measure * price * draw.between(80, 125) / 100));
    let used_up = draw.between(10, 70);
    let state = match kind {
        Kind::PublicService => State::SelfUsed,
        _ => draw
            .weighted(&[
                (State::Leased, 58),
                (State::Idle, 20),
                (State::SelfUsed, 18),
                (State::Lent, 3),
                (State::Occupied, 1),
            ])
            .copied()
            .unwrap_or(State::Idle),
    };
    AssetFacts {
        code: Some(format!("{}-{number:04}", letter(*kind))),
        name: format!("{place}{name}{number}号"),
        kind: *kind,
        class: *class,
        area,
        quantity: area.is_none().then_some(pieces),
        unit: area.is_none().then(|| if *class == PublicWorks { "盏" } else { "台" }.to_owned()),
        location: format!("{}{}{place}", village.town, village.name),
        original_value: value,
        net_value: value.map(|v| Fen(v.0 / 100 * (100 - used_up))),
        quantified: Fen::ZERO,
        state,
        photo: None,
        note: String::new(),
    }
}

fn letter(kind: Kind) -> char {
    match kind {
        Kind::Resource => 'Z',
        Kind::Operating => 'J',
        Kind::PublicService => 'G',
    }
}

/// One village of the district: how many members, and what is quantified to them.
#[derive(Debug, Clone)]
pub struct Portion {
    pub village: Village,
    pub members: usize,
    pub quantified: Fen,
}

/// Confirmed members of the district, by the district's report of 2022-02-16 (16.91 万人).
pub const DISTRICT_MEMBERS: i64 = 169_100;
/// Quantified operating assets of the district, by the same report (768121.55 万元).
pub const DISTRICT_QUANTIFIED: Fen = Fen(768_121_550_000);

/// The district spread over its villages; the parts are exactly the report's sums.
pub fn district(seed: u64, villages: Vec<Village>) -> Vec<Portion> {
    let mut draw = Draw::new(seed);
    let people: Vec<i64> = villages.iter().map(|_| draw.between(500, 2_300)).collect();
    let members = shares(DISTRICT_MEMBERS, &people);
    let wealth: Vec<i64> = members.iter().map(|m| m * draw.between(40, 190)).collect();
    let quantified = shares(DISTRICT_QUANTIFIED.0, &wealth);
    villages
        .into_iter()
        .zip(members)
        .zip(quantified)
        .map(|((village, members), quantified)| Portion {
            village,
            members: usize::try_from(members).unwrap_or(0),
            quantified: Fen(quantified),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::places::villages;
    use std::collections::BTreeSet;

    #[test]
    fn the_district_is_exact_to_the_person_and_the_fen() {
        let portions = district(1, villages());
        assert_eq!(portions.len(), 139);
        assert_eq!(portions.iter().map(|p| p.members).sum::<usize>(), 169_100);
        let sum = Fen::checked_sum(portions.iter().map(|p| p.quantified));
        assert_eq!(sum.map(|s| s.to_string()), Some("7681215500.00".into()));
        let mut draw = Draw::new(2);
        let mut spread = Fen::ZERO;
        for p in &portions {
            assert!((300..=2_600).contains(&p.members) && p.quantified > Fen::ZERO, "{p:?}");
            let assets = assets(&mut draw, &p.village, 24, p.quantified);
            spread =
                Fen::checked_sum([spread].into_iter().chain(assets.iter().map(|a| a.quantified))).expect("in range");
        }
        assert_eq!(spread, DISTRICT_QUANTIFIED);
    }

    #[test]
    fn a_village_owns_things_of_all_three_kinds_and_only_earning_ones_are_quantified() {
        let villages = villages();
        let village = villages.first().expect("a village");
        let found = assets(&mut Draw::new(9), village, 60, Fen(4_542_410_000));
        assert_eq!(found.len(), 60);
        let kinds: BTreeSet<_> = found.iter().map(|a| a.kind).collect();
        assert_eq!(kinds.len(), 3);
        assert_eq!(found.iter().map(|a| &a.code).collect::<BTreeSet<_>>().len(), 60);
        for a in &found {
            assert!(a.kind == Operating || a.quantified == Fen::ZERO, "{a:?}");
            assert!(a.kind == Resource || a.original_value.is_some_and(|v| v > Fen::ZERO), "{a:?}");
            assert!(a.net_value <= a.original_value && a.class.kinds().contains(&a.kind), "{a:?}");
        }
    }
}
