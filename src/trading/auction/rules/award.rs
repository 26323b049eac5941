//! The close: who won, at what price, and who comes next.

use std::cmp::Reverse;

use sha2::{Digest, Sha256};

use crate::kernel::Fen;
use crate::trading::auction::model::{AtCeiling, Bidder, Failure, Mode, Outcome, Rules, Standing, State, Status, Tie};

/// The outcome once every command is in. `names` are the bidders' names in order: a draw is made from them.
pub fn close(rules: &Rules, names: &[String], state: &State) -> Outcome {
    let head = &state.head;
    let outcome = Outcome {
        status: Status::Failed,
        reason: None,
        winner: None,
        price: None,
        closed_at: Some(head.end),
        extensions: head.extensions,
        successors: Vec::new(),
        candidates: Vec::new(),
        next: None,
        compared: Vec::new(),
    };
    if head.suspended_since.is_some() {
        return Outcome { status: Status::Suspended, closed_at: None, ..outcome };
    }
    if head.terminated {
        return Outcome { status: Status::Terminated, ..outcome };
    }
    let order = best_first(rules, names, state);
    let reaches = |price: Fen| rules.reserve_price.is_none_or(|reserve| !rules.direction.is_better(reserve, price));
    // Where points count, the best one may lie under the floor, which looks at the price alone, and a lesser one above it.
    let above = order.iter().find(|(_, standing)| reaches(standing.price));
    let Some((winner, standing)) = above.or(order.first()).copied() else {
        return Outcome { reason: Some(Failure::NoBids), next: rules.fallback, ..outcome };
    };
    let told = order.iter().filter(|_| rules.points.is_some());
    let compared = told.map(|(bidder, s)| (*bidder, rules.compared(*bidder, s.price))).collect();
    let outcome = Outcome { compared, ..outcome };
    let failed = |reason, next| Outcome { reason: Some(reason), next, ..outcome.clone() };
    let price = match (rules.mode, head.leading) {
        (Mode::Proxy, Some(leading)) => leading.price,
        _ => standing.price,
    };
    if !reaches(price) {
        return failed(Failure::BelowReserve, None);
    }
    if u64::try_from(order.len()).unwrap_or(u64::MAX) < rules.min_bidders {
        return failed(Failure::TooFewBidders, rules.fallback);
    }
    let mut candidates = equal_at_ceiling(rules, &order);
    if !candidates.is_empty() && !is_decided(rules, &candidates) {
        candidates.sort_by_key(|bidder| state.standing(*bidder).map(|standing| standing.seq));
        return Outcome { status: Status::Undecided, price: Some(price), candidates, ..outcome };
    }
    let next = order.iter().filter(|(bidder, s)| *bidder != winner && reaches(s.price));
    Outcome {
        status: Status::Sold,
        winner: Some(winner),
        price: Some(price),
        successors: next.map(|(bidder, _)| *bidder).collect(),
        ..outcome
    }
}

/// Those whose places depend on the seed, because several stand at one price and rank; nobody where nobody has won.
pub fn drawn(rules: &Rules, state: &State) -> Vec<Bidder> {
    if !rules.may_draw() || rules.mode == Mode::Proxy || close(rules, &[], state).status != Status::Sold {
        return Vec::new();
    }
    let order = best_first(rules, &[], state);
    let key = |(bidder, s): &(Bidder, Standing)| (rules.compared(*bidder, s.price), rules.rank(*bidder));
    let is_equal = |one: &(Bidder, Standing)| {
        is_drawn(rules, one.0, &one.1) && order.iter().filter(|other| key(other) == key(one)).count() > 1
    };
    order.iter().filter(|one| is_equal(one)).map(|(bidder, _)| *bidder).collect()
}

/// Whether something that is no bid has still to decide over an auction that has ended: a draw, or officers by the
/// criterion of the notice.
pub fn waits(rules: &Rules, state: &State) -> bool {
    close(rules, &[], state).status == Status::Undecided || rules.draw.is_none() && !drawn(rules, state).is_empty()
}

/// Whether the criterion has put all of these in order, and nobody else.
fn is_decided(rules: &Rules, candidates: &[Bidder]) -> bool {
    let order = rules.criterion.as_ref().and_then(|criterion| criterion.order.as_deref()).unwrap_or_default();
    order.len() == candidates.len() && candidates.iter().all(|bidder| order.contains(bidder))
}

/// The place that the criterion has given to a bidder at the ceiling.
fn place(rules: &Rules, bidder: Bidder, standing: &Standing) -> Option<usize> {
    let at_top = rules.at_ceiling == Some(AtCeiling::Criterion) && Some(standing.price) == rules.ceiling_price;
    let order = rules.criterion.as_ref().filter(|_| at_top)?.order.as_ref()?;
    order.iter().position(|one| *one == bidder)
}

/// Those among whom no price decides: all of the best rank at the ceiling, if they are several.
fn equal_at_ceiling(rules: &Rules, order: &[(Bidder, Standing)]) -> Vec<Bidder> {
    let at_top = |s: &Standing| Some(s.price) == rules.ceiling_price;
    let Some((first, _)) = order.first().filter(|(_, s)| rules.at_ceiling == Some(AtCeiling::Criterion) && at_top(s))
    else {
        return Vec::new();
    };
    let equals = order.iter().filter(|(bidder, s)| at_top(s) && rules.rank(*bidder) == rules.rank(*first));
    let equals: Vec<Bidder> = equals.map(|(bidder, _)| *bidder).collect();
    if equals.len() > 1 { equals } else { Vec::new() }
}

/// Everybody with an accepted price, best first.
fn best_first(rules: &Rules, names: &[String], state: &State) -> Vec<(Bidder, Standing)> {
    let mut order: Vec<(Bidder, Standing)> =
        state.standings.iter().enumerate().filter_map(|(i, s)| s.map(|s| (Bidder(i), s))).collect();
    let worth = |bidder: Bidder, s: &Standing| Reverse(rules.compared(bidder, s.price));
    if rules.mode == Mode::Proxy {
        order.sort_by_key(|(bidder, s)| (worth(*bidder, s), s.seq));
    } else {
        order.sort_by_cached_key(|(bidder, s)| {
            let lot = is_drawn(rules, *bidder, s).then(|| lot_number(rules, names, *bidder));
            (worth(*bidder, s), rules.rank(*bidder), place(rules, *bidder, s), lot, s.seq)
        });
    }
    order
}

/// Whether the draw decides between this bidder and others of the same price and rank.
fn is_drawn(rules: &Rules, bidder: Bidder, standing: &Standing) -> bool {
    // Who has a place by the criterion needs no other.
    if place(rules, bidder, standing).is_some() {
        return false;
    }
    let at_top = rules.at_ceiling == Some(AtCeiling::Draw) && Some(standing.price) == rules.ceiling_price;
    let among_holders = rules.priority.as_ref().is_some_and(|p| p.draw_among_equals) && rules.rank(bidder) < (true, 0);
    at_top || if rules.mode.is_open() { among_holders } else { rules.tie == Tie::Draw }
}

/// The number a bidder draws: SHA-256 of the seed followed by the name. Who did not open the own commitment comes last.
fn lot_number(rules: &Rules, names: &[String], bidder: Bidder) -> (bool, [u8; 32]) {
    let name = names.get(bidder.0).map_or("", String::as_str);
    let mut hash = Sha256::new();
    hash.update(rules.draw_seed.as_deref().unwrap_or_default());
    hash.update(name);
    (rules.draw.as_ref().is_some_and(|draw| draw.withheld(name)), hash.finalize().into())
}
