//! The rules over random schedules: what must hold of every auction ([`properties`]), and agreement with a second model of
//! the open modes ([`agreement`]); sealed prices against a second reading of theirs ([`sealed`]). `XIANGJI_SCHEDULES=200000`
//! makes the first longer, `XIANGJI_TEST_LONG=1` the second.

mod agreement;
mod model;
mod properties;
mod sealed;

use proptest::{prelude::*, test_runner::FileFailurePersistence};

use super::*;
use crate::kernel::{Fen, Timestamp};

const BIDDERS: usize = 5;
const OPENS: i64 = 1_772_415_000_000_000;
const SECOND: i64 = 1_000_000;

fn config() -> ProptestConfig {
    let cases = std::env::var("XIANGJI_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(4_000);
    let failure_persistence = Some(Box::new(FileFailurePersistence::Off) as _);
    // A fifth of the drawn auctions have nothing to say of one property: with many cases more than the usual thousand.
    let max_global_rejects = cases.max(1024);
    ProptestConfig { cases, failure_persistence, max_global_rejects, ..ProptestConfig::default() }
}

prop_compose! {
    fn steps()(
        min in 1_i64..30, table in any::<bool>(), from in 1_i64..200, second in 1_i64..40,
        max in prop::option::weighted(0.4, 20_i64..120), multiple_of in prop::option::weighted(0.3, 2_i64..12),
    ) -> Step {
        let row = |from, min| StepRow { from: Fen(from), min: Fen(min) };
        let min = if table { StepMin::Table(vec![row(0, min), row(from, second)]) } else { StepMin::Flat(Fen(min)) };
        Step { min, max: max.map(Fen), multiple_of: multiple_of.map(Fen) }
    }
}

prop_compose! {
    fn extensions()(
        window_s in (0_i64..7, 1_i64..60).prop_map(|(m, s)| if s > 30 { m * 60 + s } else { m * 60 }), from_bid in any::<bool>(), by_s in 0_i64..400,
        max_times in prop::option::of(0_u64..4), hard in prop::option::weighted(0.3, 0_i64..900),
    ) -> Extension {
        let from = if from_bid { ExtensionFrom::Bid } else { ExtensionFrom::Close };
        let hard_close_at = hard.map(|s| Timestamp(OPENS + (1800 + s) * SECOND));
        Extension { window_s, from, by_s, max_times, hard_close_at }
    }
}

/// The least an auction needs; half an hour long.
fn plain_rules() -> Rules {
    Rules {
        mode: Mode::Ascending,
        direction: Direction::Up,
        opening_price: Fen::ZERO,
        reserve_price: None,
        ceiling_price: None,
        at_ceiling: None,
        criterion: None,
        step: None,
        opens_at: Timestamp(OPENS),
        closes_at: Timestamp(OPENS + 1800 * SECOND),
        offset: Offset::beijing(),
        extension: None,
        priority: None,
        points: None,
        tie: Tie::Earliest,
        draw_seed: Some(vec![7; 32]),
        draw: None,
        called_off_at: None,
        min_bidders: 1,
        fallback: None,
        leader_may_raise: false,
        revisions: None,
        clock: None,
        countdown: None,
        turns: None,
        after_clock: None,
        outage: None,
        price: None,
        practice: false,
    }
}

/// Amounts going down are those going up, turned round at this price.
const TURN: i64 = 400;

/// The terms of single modes, whichever it will be.
fn terms() -> impl Strategy<Value = Rules> {
    let clock = (0_i64..20, 1_i64..200, 0_i64..100);
    let countdown = (30_i64..400, 0_i64..60, 0_u64..3, prop::option::weighted(0.3, 0_i64..900));
    let turns = (1_i64..4, 20_i64..200, 0_i64..200, 0_i64..100);
    let after = (0_i64..60, 60_i64..600, prop::sample::select(vec![0_i64, 60, 300]));
    let outage = prop::option::of((0_i64..200, prop::option::of(0_i64..600)));
    (clock, countdown, turns, after, outage, 0_u64..3).prop_map(
        |(clock, countdown, turns, after, outage, revisions)| Rules {
            revisions: Some(if revisions == 2 { Revisions::Unlimited } else { Revisions::AtMost(revisions) }),
            clock: Some(ClockTerms { decrement: Fen(clock.0), tick_s: clock.1, floor: Fen(clock.2) }),
            countdown: Some(Countdown {
                seconds: countdown.0,
                wait_s: countdown.1,
                needs_bidders: countdown.2,
                hard_close_at: countdown.3.map(|s| Timestamp(OPENS + (1800 + s) * SECOND)),
            }),
            turns: Some(Turns { rounds: turns.0, turn_s: turns.1, first_pause_s: turns.2, pause_s: turns.3 }),
            after_clock: Some(AfterClock { pause_s: after.0, sealed_s: after.1, best_s: after.2 }),
            outage: outage.map(|(at_least_s, window_s)| OutageTerms { at_least_s, window_s }),
            ..plain_rules()
        },
    )
}

fn rules(modes: &'static [Mode]) -> impl Strategy<Value = Rules> {
    let money = (0_i64..100, prop::option::weighted(0.3, 0_i64..300), prop::option::weighted(0.4, 0_i64..200));
    let holders = prop::collection::btree_map(0..BIDDERS, 1_i64..3, 0..4);
    let people = (prop::option::of((any::<bool>(), any::<bool>(), holders)), any::<bool>(), 0_u64..4, any::<bool>());
    let top = prop::option::of(prop::sample::select(AtCeiling::ALL));
    let points = prop::option::of(prop::collection::btree_map(0..BIDDERS, 0_i64..3_000, 0..4));
    let mode = (prop::sample::select(modes), any::<bool>(), top, points);
    (mode, money, steps(), prop::option::weighted(0.8, extensions()), people, terms()).prop_map(
        |(
            (mode, down, at_ceiling, points),
            (opening, reserve, ceiling),
            step,
            extension,
            (priority, draw, min_bidders, raise),
            terms,
        )| {
            let falls = matches!(mode, Mode::Clock | Mode::ClockSealed);
            let direction = if down && !falls { Direction::Down } else { Direction::Up };
            let price = |p: i64| Fen(if direction == Direction::Down { TURN - p } else { p });
            let clock = terms.clock.map(|clock| ClockTerms { floor: clock.floor.min(Fen(opening)), ..clock });
            let ceiling_price = ceiling.map(|above| price(opening + above));
            let points = points.filter(|_| mode == Mode::Sealed);
            let points = points.map(|of| of.into_iter().map(|(b, points)| (Bidder(b), points)).collect::<Vec<_>>());
            let ceiling_price = ceiling_price.filter(|_| points.is_none());
            let priority = priority.filter(|_| points.is_none());
            let decided = ceiling_price.is_some() && (mode.is_open() || mode.hides_prices());
            let rules = Rules {
                mode,
                direction,
                opening_price: price(opening),
                reserve_price: reserve.map(price),
                ceiling_price,
                at_ceiling: at_ceiling.filter(|_| decided),
                step: Some(step),
                extension: extension.filter(|_| mode != Mode::Countdown),
                priority: priority.map(|(may_match, draw_among_equals, holders)| Priority {
                    may_match,
                    draw_among_equals,
                    holders: holders.into_iter().map(|(b, rank)| (Bidder(b), rank)).collect(),
                }),
                points,
                tie: if draw { Tie::Draw } else { Tie::Earliest },
                min_bidders,
                leader_may_raise: raise,
                clock,
                ..terms
            };
            rules.checked(BIDDERS).expect("rules that fit")
        },
    )
}

/// Rules without a draw, whose result is the same whatever the bidders are called.
fn undrawn(rules: Rules) -> Rules {
    let priority = rules.priority.map(|p| Priority { draw_among_equals: false, ..p });
    Rules { tie: Tie::Earliest, at_ceiling: rules.at_ceiling.filter(|by| *by != AtCeiling::Draw), priority, ..rules }
}

/// Amounts climb with the schedule, so that many bids pass and many just fail.
fn commands() -> impl Strategy<Value = Vec<Command>> {
    let one = (0_u8..42, 0..=BIDDERS, 0_i64..400 * SECOND, any::<bool>(), -20_i64..60);
    prop::collection::vec(one, 0..40).prop_map(|list| {
        let (mut at, mut level) = (OPENS - 60 * SECOND, 0);
        let numbered = list.into_iter().zip(1_u64..);
        let command = |((kind, bidder, gap, near, raise), seq): ((u8, usize, i64, bool, i64), u64)| {
            let gap = gap / (20 * SECOND) * if near { SECOND } else { 20 * SECOND }; // coarse, so that boundaries are met
            at += gap;
            level += raise.max(0) / 2;
            let action = match kind {
                0 => Action::Suspend,
                1..=3 => Action::Resume,
                4 if raise > 45 => Action::Terminate,
                4 => Action::Unknown,
                5 => Action::Bid(None),
                6..=10 => Action::Match,
                11..=13 => Action::Accept,
                14 => Action::Outage(Some(Timestamp(at - gap / 2))),
                _ => Action::Bid(Some(Fen((level + raise).max(0)))),
            };
            let bidder = (bidder < BIDDERS).then_some(Bidder(bidder));
            Command { seq, at: Timestamp(at), bidder, action }
        };
        numbered.map(command).collect()
    })
}

/// Whole auctions: where prices fall, the amounts do.
fn auctions(modes: &'static [Mode]) -> impl Strategy<Value = (Rules, Vec<Command>)> {
    (rules(modes), commands()).prop_map(|(rules, commands)| {
        let turned = if rules.direction == Direction::Down { turn(&commands) } else { commands };
        (rules, turned)
    })
}

fn turn(commands: &[Command]) -> Vec<Command> {
    let turned = |c: &Command| match c.action {
        Action::Bid(Some(Fen(amount))) => Command { action: Action::Bid(Some(Fen((TURN - amount).max(0)))), ..*c },
        _ => *c,
    };
    commands.iter().map(turned).collect()
}

fn names() -> Vec<String> {
    (1..=BIDDERS).map(|n| format!("{n:02}")).collect()
}

fn run(rules: &Rules, commands: &[Command]) -> (Vec<Result<Accepted, Rejection>>, Outcome) {
    let mut state = State::new(rules, BIDDERS);
    let decide = |command| {
        let decision = decide(rules, &state, command);
        if let Ok(accepted) = &decision {
            state.apply(accepted);
        }
        decision
    };
    (commands.iter().map(decide).collect(), close(rules, &names(), &state))
}
