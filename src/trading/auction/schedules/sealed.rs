//! Sealed prices against a second reading of the rule that decides among them (SEAL-12): nobody is put in order, each bidder
//! is only asked how many of the others come before.

use sha2::{Digest, Sha256};

use super::{agreement::Dice, *};

/// A mistake that the comparison must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slip {
    LaterFirst,
    NoPriority,
    PriorityBeforePrice,
    AnyHolderAlike,
    NoDraw,
    DrawAmongAll,
    SuccessorsUnderReserve,
    ReserveMustBeExceeded,
    RoundedBeforeCompared,
    FloorByCompared,
    PointsTheOtherWay,
    PointsForgotten,
    LostWithTheFirst,
}

const SLIPS: [Slip; 13] = [
    Slip::LaterFirst,
    Slip::NoPriority,
    Slip::PriorityBeforePrice,
    Slip::AnyHolderAlike,
    Slip::NoDraw,
    Slip::DrawAmongAll,
    Slip::SuccessorsUnderReserve,
    Slip::ReserveMustBeExceeded,
    Slip::RoundedBeforeCompared,
    Slip::FloorByCompared,
    Slip::PointsTheOtherWay,
    Slip::PointsForgotten,
    Slip::LostWithTheFirst,
];

/// An opened bid: bidder, amount, order of receipt.
type Opened = (usize, i64, u64);
/// Why nobody won, or the winner with the price; those who come next.
type Told = (Result<(usize, i64), Failure>, Vec<usize>);

fn random_set(seed: u64) -> (Rules, Vec<Opened>) {
    let mut dice = Dice(seed);
    let up = dice.in_ten(6);
    let beyond = |by: i64| Fen(if up { 100 + by } else { 100 - by });
    // Points that make many of these few prices equal, and points that part them by less than a fen.
    let points = dice.sometimes(5, |d| {
        let one = |d: &mut Dice| [0, 100, 200, 204, 1_000, 2_500][usize::try_from(d.below(6)).unwrap()];
        (0..BIDDERS).filter_map(|b| d.sometimes(6, |d| (Bidder(b), one(d)))).collect::<Vec<_>>()
    });
    let alone = points.is_none();
    let rules = Rules {
        mode: Mode::Sealed,
        revisions: Some(Revisions::Unlimited),
        direction: if up { Direction::Up } else { Direction::Down },
        opening_price: Fen(100),
        reserve_price: dice.sometimes(4, |d| beyond(d.below(6))),
        ceiling_price: dice.sometimes(3, |d| beyond(4 + d.below(4))).filter(|_| alone),
        priority: dice
            .sometimes(5, |d| Priority {
                may_match: true,
                draw_among_equals: false,
                holders: (0..BIDDERS).filter_map(|b| d.sometimes(5, |d| (Bidder(b), 1 + d.below(2)))).collect(),
            })
            .filter(|_| alone),
        points,
        tie: if dice.in_ten(5) { Tie::Draw } else { Tie::Earliest },
        draw_seed: Some(dice.roll().to_be_bytes().to_vec()),
        min_bidders: u64::try_from(dice.below(4)).unwrap(),
        ..plain_rules()
    };
    let mut bidders: Vec<usize> = (0..BIDDERS).filter(|_| dice.in_ten(7)).collect();
    bidders.sort_by_cached_key(|_| dice.roll());
    // Few prices, so that most sets have equals.
    let set = bidders.into_iter().zip(1..).map(|(bidder, seq)| (bidder, beyond(dice.below(9) - 1).0, seq)).collect();
    (rules.checked(BIDDERS).expect("rules that fit"), set)
}

fn by_the_engine(rules: &Rules, set: &[Opened]) -> Told {
    let mut state = State::new(rules, BIDDERS);
    for (bidder, amount, seq) in set {
        let at = Timestamp(OPENS + SECOND);
        let action = Action::Bid(Some(Fen(*amount)));
        if let Ok(accepted) = decide(rules, &state, &Command { seq: *seq, at, bidder: Some(Bidder(*bidder)), action }) {
            state.apply(&accepted);
        }
    }
    let outcome = close(rules, &names(), &state);
    let won = match (outcome.winner, outcome.price, outcome.reason) {
        (Some(winner), Some(price), None) => Ok((winner.0, price.0)),
        (.., reason) => Err(reason.expect("a reason")),
    };
    (won, outcome.successors.iter().map(|bidder| bidder.0).collect())
}

fn by_hand(rules: &Rules, set: &[Opened], slip: Option<Slip>) -> Told {
    let made = |one: Slip| slip == Some(one);
    let up = rules.direction == Direction::Up;
    let at_least = |a: i64, b: i64| if up { a >= b } else { a <= b };
    let is_valid = |amount: i64| {
        at_least(amount, rules.opening_price.0) && rules.ceiling_price.is_none_or(|ceiling| at_least(ceiling.0, amount))
    };
    let valid: Vec<Opened> = set.iter().copied().filter(|(_, amount, _)| is_valid(*amount)).collect();
    let rank = |bidder: usize| {
        let holders = rules.priority.iter().flat_map(|priority| &priority.holders);
        let rank = holders.filter(|(holder, _)| holder.0 == bidder).map(|(_, rank)| *rank).next();
        if made(Slip::NoPriority) { None } else { rank.map(|rank| if made(Slip::AnyHolderAlike) { 1 } else { rank }) }
    };
    let number = |bidder: usize| -> Vec<u8> {
        let name = &names()[bidder];
        Sha256::digest([rules.draw_seed.as_deref().unwrap_or_default(), name.as_bytes()].concat()).to_vec()
    };
    let is_drawn = (rules.tie == Tie::Draw && !made(Slip::NoDraw)) || made(Slip::DrawAmongAll);
    let points = |bidder: usize| {
        let granted =
            rules.points.iter().flatten().filter(|(one, _)| one.0 == bidder).map(|(_, points)| *points).next();
        if made(Slip::PointsForgotten) { 0 } else { granted.unwrap_or(0) }
    };
    // What two prices are compared by: each times the other's denominator.
    let weighed = |a: &Opened, b: &Opened| {
        let (x, y) = (10_000 + points(a.0), 10_000 + points(b.0));
        match (up != made(Slip::PointsTheOtherWay), made(Slip::RoundedBeforeCompared)) {
            (true, false) => (a.1 * x, b.1 * y),
            (false, false) => (a.1 * y, b.1 * x),
            (true, true) => (a.1 * x / 10_000, b.1 * y / 10_000),
            (false, true) => (a.1 * 10_000 / x, b.1 * 10_000 / y),
        }
    };
    // Whether the first comes before the second.
    let before = |a: &Opened, b: &Opened| {
        let by_rank = match (rank(a.0), rank(b.0)) {
            (Some(x), Some(y)) if x != y => Some(x < y),
            (Some(_), None) => Some(true),
            (None, Some(_)) => Some(false),
            _ => None,
        };
        match by_rank {
            Some(first) if made(Slip::PriorityBeforePrice) => first,
            _ if weighed(a, b).0 != weighed(a, b).1 => at_least(weighed(a, b).0, weighed(a, b).1),
            Some(first) => first,
            None if is_drawn => number(a.0) < number(b.0),
            None => (a.2 < b.2) != made(Slip::LaterFirst),
        }
    };
    let place = |one: &Opened| valid.iter().filter(|other| other.0 != one.0 && before(other, one)).count();
    let at = |wanted: usize| valid.iter().find(|one| place(one) == wanted).copied();
    let reaches = |amount: i64| match rules.reserve_price {
        Some(reserve) if made(Slip::ReserveMustBeExceeded) => !at_least(reserve.0, amount),
        Some(reserve) => at_least(amount, reserve.0),
        None => true,
    };
    // The floor looks at the price alone, whatever the answers are worth.
    let reaches_as_it_is = |one: &Opened| {
        let x = 10_000 + points(one.0);
        let compared = if up { one.1 * x / 10_000 } else { one.1 * 10_000 / x };
        reaches(if made(Slip::FloorByCompared) { compared } else { one.1 })
    };
    if valid.is_empty() {
        return (Err(Failure::NoBids), Vec::new());
    }
    let places = if made(Slip::LostWithTheFirst) { 1 } else { valid.len() };
    let Some(first) = (0..places).filter_map(at).find(|one| reaches_as_it_is(one)) else {
        return (Err(Failure::BelowReserve), Vec::new());
    };
    if u64::try_from(valid.len()).unwrap() < rules.min_bidders {
        return (Err(Failure::TooFewBidders), Vec::new());
    }
    let others = (0..valid.len()).filter_map(at).filter(|one| one.0 != first.0);
    let next = others.filter(|one| reaches(one.1) || made(Slip::SuccessorsUnderReserve));
    (Ok((first.0, first.1)), next.map(|one| one.0).collect())
}

#[test]
fn a_hundred_thousand_sets_of_sealed_prices_are_ranked_alike() {
    let (mut sold, mut equals) = (0, 0);
    for seed in 0..100_000 {
        let (rules, set) = random_set(seed);
        let told = by_the_engine(&rules, &set);
        assert_eq!(told, by_hand(&rules, &set, None), "seed {seed}: {rules:?} {set:?}");
        sold += u32::from(told.0.is_ok());
        let best = told.0.map_or(0, |(_, price)| set.iter().filter(|one| one.1 == price).count());
        equals += u32::from(best > 1);
    }
    assert!(sold > 50_000 && equals > 10_000, "{sold} sold, {equals} with equals at the top");
}

#[test]
fn every_slip_in_the_second_reading_is_found() {
    let mut left = SLIPS.to_vec();
    for seed in 0..20_000 {
        let (rules, set) = random_set(seed);
        let told = by_the_engine(&rules, &set);
        left.retain(|slip| by_hand(&rules, &set, Some(*slip)) == told);
    }
    assert_eq!(left, []);
}
