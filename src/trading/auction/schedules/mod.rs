//! The rules over random schedules: what must hold of every auction, and agreement with a second, naive model of the
//! ascending mode. `XIANGJI_SCHEDULES=200000` makes the run longer.

use std::collections::BTreeSet;

use proptest::{prelude::*, test_runner::FileFailurePersistence};

use super::*;
use crate::kernel::{Fen, Timestamp};

const BIDDERS: usize = 5;
const OPENS: i64 = 1_772_415_000_000_000;
const SECOND: i64 = 1_000_000;

fn config() -> ProptestConfig {
    let cases = std::env::var("XIANGJI_SCHEDULES").ok().and_then(|n| n.parse().ok()).unwrap_or(4_000);
    let failure_persistence = Some(Box::new(FileFailurePersistence::Off) as _);
    ProptestConfig { cases, failure_persistence, ..ProptestConfig::default() }
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

fn rules(modes: &'static [Mode]) -> impl Strategy<Value = Rules> {
    let money = (0_i64..100, prop::option::weighted(0.3, 0_i64..300), prop::option::weighted(0.3, 0_i64..300));
    let holders = prop::collection::btree_map(0..BIDDERS, 1_i64..3, 0..4);
    let people = (prop::option::of((any::<bool>(), holders)), any::<bool>(), 0_u64..4, any::<bool>(), 0_u64..3);
    let clock = (0_i64..20, 1_i64..200, 0_i64..100);
    (prop::sample::select(modes), money, steps(), prop::option::weighted(0.8, extensions()), people, clock).prop_map(
        |(
            mode,
            (opening, reserve, ceiling),
            step,
            extension,
            (priority, draw, min_bidders, raise, revisions),
            clock,
        )| {
            let rules = Rules {
                mode,
                opening_price: Fen(opening),
                reserve_price: reserve.map(Fen),
                ceiling_price: ceiling.map(|above| Fen(opening + above)),
                step: Some(step),
                opens_at: Timestamp(OPENS),
                closes_at: Timestamp(OPENS + 1800 * SECOND),
                offset: Offset::beijing(),
                extension,
                priority: priority.map(|(may_match, holders)| Priority {
                    may_match,
                    holders: holders.into_iter().map(|(b, rank)| (Bidder(b), rank)).collect(),
                }),
                tie: if draw { Tie::Draw } else { Tie::Earliest },
                draw_seed: Some(vec![7; 32]),
                min_bidders,
                leader_may_raise: raise,
                revisions: Some(if revisions == 2 { Revisions::Unlimited } else { Revisions::AtMost(revisions) }),
                clock: Some(ClockTerms { decrement: Fen(clock.0), tick_s: clock.1, floor: Fen(clock.2.min(opening)) }),
            };
            rules.checked(BIDDERS).expect("rules that fit")
        },
    )
}

/// Amounts climb with the schedule, so that many bids pass and many just fail.
fn commands() -> impl Strategy<Value = Vec<Command>> {
    let one = (0_u8..40, 0..=BIDDERS, 0_i64..400 * SECOND, any::<bool>(), -20_i64..60);
    prop::collection::vec(one, 0..40).prop_map(|list| {
        let (mut at, mut level) = (OPENS - 60 * SECOND, 0);
        let numbered = list.into_iter().zip(1_u64..);
        let command = |((kind, bidder, gap, near, raise), seq): ((u8, usize, i64, bool, i64), u64)| {
            at += gap / (20 * SECOND) * if near { SECOND } else { 20 * SECOND }; // coarse, so that boundaries are met
            level += raise.max(0) / 2;
            let action = match kind {
                0 => Action::Suspend,
                1..=3 => Action::Resume,
                4 if raise > 45 => Action::Terminate,
                4 => Action::Unknown,
                5 => Action::Bid(None),
                6..=10 => Action::Match,
                11..=13 => Action::Accept,
                _ => Action::Bid(Some(Fen((level + raise).max(0)))),
            };
            let bidder = (bidder < BIDDERS).then_some(Bidder(bidder));
            Command { seq, at: Timestamp(at), bidder, action }
        };
        numbered.map(command).collect()
    })
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

/// The ascending mode once more, written apart from the engine: everything is recomputed from the list of accepted
/// commands each time. A decision is `Ok((leader, price, end))` or `Err((code, bound))`, money and time in plain numbers.
mod naive {
    use super::*;

    type Seen = Result<(Option<usize>, Option<i64>, i64), (&'static str, Option<i64>)>;
    pub(super) type Award = (Status, Option<Failure>, Option<usize>, Option<i64>, Option<i64>, u64, Vec<usize>);

    #[rustfmt::skip]
    pub(super) fn model(r: &Rules, commands: &[Command]) -> (Vec<Seen>, Award) {
        let mut taken: Vec<(&Command, usize, i64)> = Vec::new(); // with bidder and price, where it has them
        let rank = |who: usize| r.priority.as_ref().and_then(|p| p.holders.iter().find(|h| h.0.0 == who)).map_or(i64::MAX, |h| h.1);
        let (open, step) = (r.opening_price.0, r.step.as_ref().expect("a step"));
        let is_offer = |c: &Command| matches!(c.action, Action::Bid(_) | Action::Match);
        let step_at = |p: i64| match &step.min {
            StepMin::Flat(min) => min.0,
            StepMin::Table(rows) => rows.iter().filter(|row| row.from.0 <= p).max_by_key(|row| row.from).expect("a row").min.0,
        };
        let ok_multiple = |a: i64| step.multiple_of.is_none_or(|m| (a - open) % m.0 == 0);
        let since = |taken: &[(&Command, usize, i64)]| taken.iter().rfind(|t| !is_offer(t.0)).filter(|t| t.0.action == Action::Suspend).map(|t| t.0.at.0);
        let end = |taken: &[(&Command, usize, i64)]| {
            let (mut end, mut moves, mut stood, mut from) = (r.closes_at.0, 0, 0, 0);
            for (c, ..) in taken {
                let at = c.at.0;
                match c.action {
                    Action::Suspend => from = at,
                    Action::Resume => (end, stood) = (end + at - from, stood + at - from),
                    Action::Terminate => end = at,
                    _ => if let Some(e) = r.extension && at >= end - e.window_s * SECOND && e.max_times.is_none_or(|m| moves < m) {
                        let wanted = e.by_s * SECOND + if e.from == ExtensionFrom::Bid { at } else { end };
                        let capped = e.hard_close_at.map_or(wanted, |h| wanted.min(h.0 + stood));
                        if capped > end { (end, moves) = (capped, moves + 1); }
                    },
                }
            }
            (end, moves)
        };
        let refusal = |taken: &[(&Command, usize, i64)], c: &Command| -> Option<(&'static str, Option<i64>)> {
            let last = taken.iter().rev().find(|t| is_offer(t.0));
            let stopped = since(taken).is_some();
            if c.at < r.opens_at { return Some(("not_open", None)); }
            if !stopped && c.at.0 >= end(taken).0 { return Some(("closed", None)); }
            if stopped && c.action != Action::Resume && c.action != Action::Terminate { return Some(("suspended", None)); }
            if !stopped && c.action == Action::Resume { return Some(("not_suspended", None)); }
            if c.action == Action::Unknown { return Some(("malformed", None)); }
            if matches!(c.action, Action::Suspend | Action::Resume | Action::Terminate) { return None; }
            let Some(Bidder(who)) = c.bidder else { return Some(("unknown_bidder", None)) };
            if c.action == Action::Accept { return Some(("wrong_mode", None)); }
            if let Action::Bid(Some(Fen(a))) = c.action {
                let low = last.map_or(open, |t| t.2 + step_at(t.2));
                let high = step.max.map(|m| last.map_or(open, |t| t.2) + m.0);
                let (least, most) = ((low..).find(|x| ok_multiple(*x)), |top: i64| (open..=top).rev().find(|x| ok_multiple(*x)));
                if a < open { return Some(("below_opening", least)); }
                if a < low { return Some(("below_step", least)); }
                if let Some(h) = high.filter(|h| a > *h) { return Some(("above_step", most(h))); }
                if !ok_multiple(a) { return Some(("off_multiple", None)); }
                if let Some(top) = r.ceiling_price.filter(|top| a > top.0) { return Some(("above_ceiling", most(top.0))); }
            }
            if last.is_some_and(|t| t.1 == who) && !(r.leader_may_raise && c.action != Action::Match) { return Some(("already_leading", None)); }
            let may = r.priority.as_ref().is_some_and(|p| p.may_match) && last.is_some_and(|t| rank(who) < rank(t.1));
            if c.action == Action::Match && !may { return Some(("match_not_allowed", None)); }
            (c.action == Action::Bid(None)).then_some(("malformed", None))
        };
        let mut seen = Vec::new();
        for c in commands {
            if let Some(no) = refusal(&taken, c) { seen.push(Err(no)); continue; }
            let price = match c.action { Action::Bid(Some(a)) => a.0, _ => taken.iter().rev().find(|t| is_offer(t.0)).map_or(0, |t| t.2) };
            taken.push((c, c.bidder.map_or(BIDDERS, |b| b.0), price));
            let last = taken.iter().rev().find(|t| is_offer(t.0));
            seen.push(Ok((last.map(|t| t.1), last.map(|t| t.2), end(&taken).0)));
        }
        let (closed, moves) = end(&taken);
        let none = |status, reason, closed| (status, reason, None, None, closed, moves, Vec::new());
        let offers: Vec<_> = taken.iter().filter(|t| is_offer(t.0)).collect();
        let people: BTreeSet<usize> = offers.iter().map(|t| t.1).collect();
        let reserve = r.reserve_price.map_or(0, |f| f.0);
        let award = if taken.last().is_some_and(|t| t.0.action == Action::Terminate) { none(Status::Terminated, None, Some(closed)) }
            else if since(&taken).is_some() { none(Status::Suspended, None, None) }
            else if offers.is_empty() { none(Status::Failed, Some(Failure::NoBids), Some(closed)) }
            else if offers[offers.len() - 1].2 < reserve { none(Status::Failed, Some(Failure::BelowReserve), Some(closed)) }
            else if (people.len() as u64) < r.min_bidders { none(Status::Failed, Some(Failure::TooFewBidders), Some(closed)) }
            else {
                let best = offers[offers.len() - 1];
                let mine = |who: usize| offers.iter().rev().find(|t| t.1 == who).expect("an offer");
                let mut next: Vec<usize> = people.iter().copied().filter(|who| *who != best.1 && mine(*who).2 >= reserve).collect();
                next.sort_by_key(|who| (-mine(*who).2, rank(*who), mine(*who).0.seq));
                (Status::Sold, None, Some(best.1), Some(best.2), Some(closed), moves, next)
            };
        (seen, award)
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_engine_agrees_with_the_naive_model(rules in rules(&[Mode::Ascending]), commands in commands()) {
        let (decisions, o) = run(&rules, &commands);
        let (seen, award) = naive::model(&rules, &commands);
        for (i, (decision, seen)) in decisions.iter().zip(&seen).enumerate() {
            let ours = match decision {
                Ok(Accepted { head, .. }) => {
                    Ok((head.leading.map(|l| l.bidder.0), head.leading.map(|l| l.price.0), head.end.0))
                }
                Err(no) => Err((no.code(), no.minimum().or(no.maximum()).map(|f| f.0))),
            };
            prop_assert_eq!(&ours, seen, "{:?}", commands[i]);
        }
        let next = o.successors.iter().map(|b| b.0).collect();
        let ours =
            (o.status, o.reason, o.winner.map(|b| b.0), o.price.map(|p| p.0), o.closed_at.map(|t| t.0), o.extensions, next);
        prop_assert_eq!(ours, award);
    }

    #[test]
    fn price_and_end_only_rise(rules in rules(Mode::ALL), commands in commands()) {
        let (decisions, outcome) = run(&rules, &commands);
        let (mut price, mut end) = (None, rules.closes_at);
        for (command, decision) in commands.iter().zip(&decisions) {
            let Ok(Accepted { head, .. }) = decision else { continue };
            prop_assert!(head.leading.map(|l| l.price) >= price);
            price = head.leading.map(|l| l.price);
            if !matches!(command.action, Action::Accept | Action::Terminate) {
                prop_assert!(head.end >= end && head.extensions >= u64::from(rules.extension.is_some() && head.extensions > 0));
                end = head.end;
            }
            prop_assert!(price.is_none_or(|p| rules.ceiling_price.is_none_or(|top| p <= top) || rules.mode == Mode::Clock));
        }
        if let Some(paid) = outcome.price {
            prop_assert!(paid >= rules.reserve_price.unwrap_or(Fen::ZERO));
            prop_assert!(outcome.winner.is_some() && !outcome.successors.contains(&outcome.winner.expect("a winner")));
        }
    }

    #[test]
    fn names_do_not_matter(
        rules in rules(Mode::ALL),
        commands in commands(),
        places in Just((0..BIDDERS).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let rules = Rules { tie: Tie::Earliest, ..rules };
        let moved = |b: Bidder| Bidder(places[b.0]);
        let mut renamed = rules.clone();
        if let Some(priority) = &mut renamed.priority {
            priority.holders.iter_mut().for_each(|(b, _)| *b = moved(*b));
        }
        let renamed = renamed.checked(BIDDERS).expect("rules that fit");
        let other: Vec<Command> = commands.iter().map(|c| Command { bidder: c.bidder.map(moved), ..*c }).collect();
        let expected = run(&rules, &commands).1;
        let expected = Outcome {
            winner: expected.winner.map(moved),
            successors: expected.successors.iter().copied().map(moved).collect(),
            ..expected
        };
        prop_assert_eq!(run(&renamed, &other).1, expected);
    }

    #[test]
    fn the_clock_may_be_shifted(rules in rules(Mode::ALL), commands in commands(), by in -1_000_000_000_000_i64..1_000_000_000_000) {
        let mut shifted = rules.clone();
        (shifted.opens_at, shifted.closes_at) = (rules.opens_at.plus_us(by), rules.closes_at.plus_us(by));
        if let Some(extension) = &mut shifted.extension {
            extension.hard_close_at = extension.hard_close_at.map(|t| t.plus_us(by));
        }
        let later: Vec<Command> = commands.iter().map(|c| Command { at: c.at.plus_us(by), ..*c }).collect();
        let expected = run(&rules, &commands).1;
        let expected = Outcome { closed_at: expected.closed_at.map(|t| t.plus_us(by)), ..expected };
        prop_assert_eq!(run(&shifted, &later).1, expected);
    }

    #[test]
    fn money_may_be_scaled(rules in rules(Mode::ALL), commands in commands(), by in 2_i64..1_000_000) {
        let scale = |f: Fen| Fen(f.0 * by);
        let mut scaled = rules.clone();
        scaled.opening_price = scale(rules.opening_price);
        scaled.reserve_price = rules.reserve_price.map(scale);
        scaled.ceiling_price = rules.ceiling_price.map(scale);
        scaled.clock = rules.clock.map(|c| ClockTerms { decrement: scale(c.decrement), floor: scale(c.floor), ..c });
        scaled.step = rules.step.clone().map(|step| Step {
            min: match step.min {
                StepMin::Flat(min) => StepMin::Flat(scale(min)),
                StepMin::Table(rows) => StepMin::Table(
                    rows.iter().map(|row| StepRow { from: scale(row.from), min: scale(row.min) }).collect(),
                ),
            },
            max: step.max.map(scale),
            multiple_of: step.multiple_of.map(scale),
        });
        let dearer = |c: &Command| match c.action {
            Action::Bid(amount) => Command { action: Action::Bid(amount.map(scale)), ..*c },
            _ => *c,
        };
        let dearer: Vec<Command> = commands.iter().map(dearer).collect();
        let expected = run(&rules, &commands).1;
        let expected = Outcome { price: expected.price.map(scale), ..expected };
        prop_assert_eq!(run(&scaled, &dearer).1, expected);
    }

    #[test]
    fn refused_commands_leave_no_trace(rules in rules(Mode::ALL), commands in commands()) {
        let (decisions, expected) = run(&rules, &commands);
        let accepted = commands.iter().zip(&decisions).filter(|(_, decision)| decision.is_ok());
        let accepted: Vec<Command> =
            accepted.zip(1_u64..).map(|((command, _), seq)| Command { seq, ..*command }).collect();
        let (again, outcome) = run(&rules, &accepted);
        prop_assert!(again.iter().all(Result::is_ok));
        prop_assert_eq!(outcome, expected);
    }

    #[test]
    fn the_span_shown_is_what_passes(
        rules in rules(&[Mode::Ascending, Mode::Proxy, Mode::Sealed]),
        commands in commands(),
        who in 0..BIDDERS,
    ) {
        let rules = Rules { revisions: Some(Revisions::Unlimited), ..rules };
        let mut state = State::new(&rules, BIDDERS);
        for command in commands.iter().filter(|c| c.action != Action::Terminate) {
            if let Ok(accepted) = decide(&rules, &state, command) {
                state.apply(&accepted);
            }
        }
        let at = state.head.end.plus_us(-1).max(rules.opens_at);
        let leads = state.head.leading.is_some_and(|l| l.bidder.0 == who);
        prop_assume!(state.head.suspended_since.is_none() && (rules.leader_may_raise || !leads));
        let bid = |amount: i64| {
            decide(&rules, &state, &Command { seq: 1000, at, bidder: Some(Bidder(who)), action: Action::Bid(Some(Fen(amount))) })
        };
        let Span { least, most } = span(&rules, &state, Some(Bidder(who)));
        let fits = most.is_none_or(|most| least <= most);
        prop_assert_eq!(bid(least.0).is_ok(), fits);
        prop_assert!(least.0 == 0 || bid(least.0 - 1).is_err());
        if let Some(most) = most {
            prop_assert_eq!(bid(most.0).is_ok(), fits);
            prop_assert!(bid(most.0 + 1).is_err());
        }
        for offered in offers(&rules, &state).iter().filter(|_| !leads) {
            prop_assert!(bid(offered.0).is_ok(), "{} was offered", offered);
        }
    }

    #[test]
    fn a_trace_replays_to_what_the_engine_said(rules in rules(Mode::ALL), commands in commands()) {
        let (decisions, outcome) = run(&rules, &commands);
        let decisions: Vec<_> = (1_u64..).zip(decisions).collect();
        let expected = write_result(&rules, &names(), &decisions, &outcome);
        prop_assert_eq!(replay(&write_trace(&rules, &names(), &commands)).expect("well-formed"), expected);
    }
}
