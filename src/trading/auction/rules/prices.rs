//! What a bid must be: opening price, steps, multiples, the ceiling. "Least" and "greatest" are meant in the direction of
//! better prices; where they are lower ones, the least bid is the highest.

use super::hours::{Moment, moment};
use crate::kernel::{Fen, Timestamp};
use crate::trading::auction::{
    model::{Bidder, Direction, Head, Leading, Mode, Rules, State, Step, StepMin},
    rejection::{Bound, Rejection},
};

/// What a bid has to beat.
#[derive(Debug, Clone, Copy)]
pub(super) enum Against {
    /// Nothing yet; the opening price may be bid.
    Opening,
    /// A price, by the step at it.
    Price(Fen),
    /// Somebody's own limit, by 0.01.
    OwnLimit(Fen),
}

/// What a bid may be at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The least amount that passes the opening price, the step and the multiple.
    pub least: Fen,
    /// The greatest that passes `step.max`, the ceiling and the multiple; `None`: without limit. It may lie under
    /// `least`: then no bid is possible any more.
    pub most: Option<Fen>,
}

/// What `bidder` (or, with `None`, somebody who does not lead) may bid at `at` wherever amounts are bid, for the page.
pub fn span(rules: &Rules, state: &State, bidder: Option<Bidder>, at: Timestamp) -> Span {
    let against = against_now(rules, state, bidder, at);
    let limits = [top_by_step(rules, against), rules.ceiling_price].into_iter().flatten();
    let most = limits.reduce(|one, other| rules.direction.worse(one, other));
    let most = most.map(|most| if ends_at(rules, most) { most } else { round_down(rules, most) });
    Span { least: least(rules, against), most }
}

fn against_now(rules: &Rules, state: &State, bidder: Option<Bidder>, at: Timestamp) -> Against {
    let in_parts = matches!(rules.mode, Mode::Turns | Mode::ClockSealed);
    let turn = bidder.filter(|_| in_parts).and_then(|bidder| moment(rules, state, bidder, at).ok());
    let usual = if rules.mode.hides_prices() { Moment::Closed { above: None } } else { Moment::Open };
    against(rules, state, bidder, &turn.unwrap_or(usual))
}

/// Amounts to propose at `at` to `bidder`, or to somebody who does not lead: the least, then one and four steps more, as far
/// as they may go.
pub fn offers(rules: &Rules, state: &State, bidder: Option<Bidder>, at: Timestamp) -> Vec<Fen> {
    let Span { least, most } = span(rules, state, bidder, at);
    let beaten = match against_now(rules, state, bidder, at) {
        Against::Opening => rules.opening_price,
        Against::Price(price) | Against::OwnLimit(price) => price,
    };
    let step = step_at(rules, beaten);
    let further = |steps: i64| rules.direction.beyond(least, Fen(step.0.saturating_mul(steps)));
    let mut found: Vec<Fen> = vec![least];
    found.extend([1, 4].map(|steps| round_up(rules, further(steps))).iter().filter(|_| rules.step.is_some()));
    found.retain(|amount| most.is_none_or(|most| !rules.direction.is_better(*amount, most)) && *amount >= Fen::ZERO);
    found.dedup();
    found
}

/// What a bid of `bidder` at this moment has to beat.
pub(super) fn against(rules: &Rules, state: &State, bidder: Option<Bidder>, moment: &Moment) -> Against {
    match *moment {
        Moment::Open => {
            let Some(leading) = state.head.leading else { return Against::Opening };
            let raises = rules.mode == Mode::Proxy && rules.leader_may_raise && bidder == Some(leading.bidder);
            let own = state.standing(leading.bidder).filter(|_| raises);
            own.map_or(Against::Price(leading.price), |own| Against::OwnLimit(own.price))
        }
        Moment::Closed { above } => above.map_or(Against::Opening, Against::Price),
        Moment::Turn(before) => Against::Price(before.price),
        Moment::LastWord { above } => Against::Price(above),
    }
}

/// The five price tests, in the order of the format.
pub(super) fn test(rules: &Rules, against: Against, amount: Fen) -> Result<(), Rejection> {
    let direction = rules.direction;
    let lowest = || Bound::least(direction, least(rules, against));
    // On the way down from the clock the opening price lies above everything.
    if direction.is_better(rules.opening_price, amount) && rules.mode != Mode::ClockSealed {
        return Err(Rejection::BelowOpening { bound: lowest() });
    }
    // Where others may come to the ceiling, no step and no multiple keeps them from it.
    let at_ceiling = ends_at(rules, amount);
    if direction.is_better(floor_by_step(rules, against), amount) && !at_ceiling {
        return Err(Rejection::BelowStep { bound: lowest() });
    }
    if let Some(top) = top_by_step(rules, against)
        && direction.is_better(amount, top)
    {
        return Err(Rejection::AboveStep { bound: Bound::greatest(direction, round_down(rules, top)) });
    }
    if let Some(multiple_of) = multiple_of(rules)
        && remainder(rules, amount, multiple_of) != 0
        && !at_ceiling
    {
        return Err(Rejection::OffMultiple { direction, opening: rules.opening_price, multiple_of });
    }
    if let Some(ceiling) = rules.ceiling_price
        && direction.is_better(amount, ceiling)
    {
        let most = if ends_at(rules, ceiling) { ceiling } else { round_down(rules, ceiling) };
        return Err(Rejection::AboveCeiling { bound: Bound::greatest(direction, most) });
    }
    Ok(())
}

/// Whether `amount` is a ceiling to which everybody may come.
fn ends_at(rules: &Rules, amount: Fen) -> bool {
    rules.at_ceiling.is_some() && Some(amount) == rules.ceiling_price
}

/// The least amount that passes opening price, step and multiple.
fn least(rules: &Rules, against: Against) -> Fen {
    let least = round_up(rules, floor_by_step(rules, against));
    rules.ceiling_price.filter(|_| rules.at_ceiling.is_some()).map_or(least, |top| rules.direction.worse(least, top))
}

/// The least amount that passes the opening price and the step.
fn floor_by_step(rules: &Rules, against: Against) -> Fen {
    let (from, by) = match against {
        Against::Opening => return rules.opening_price,
        Against::Price(price) => (price, step_at(rules, price)),
        Against::OwnLimit(limit) => (limit, Fen::ONE),
    };
    let floor = rules.direction.beyond(from, by);
    if rules.mode == Mode::ClockSealed { floor } else { rules.direction.better(floor, rules.opening_price) }
}

/// The greatest amount that passes `step.max`; the opening price stands for the current one before the first bid.
fn top_by_step(rules: &Rules, against: Against) -> Option<Fen> {
    let max = rules.step.as_ref()?.max?;
    match (rules.mode, against) {
        (Mode::Ascending | Mode::Countdown, Against::Opening) => Some(rules.direction.beyond(rules.opening_price, max)),
        (Mode::Ascending | Mode::Countdown | Mode::Turns, Against::Price(price)) => {
            Some(rules.direction.beyond(price, max))
        }
        _ => None,
    }
}

/// The least step at `price`; where none is fixed, 0.01.
fn step_at(rules: &Rules, price: Fen) -> Fen {
    match rules.step.as_ref().map(|step| &step.min) {
        None => Fen::ONE,
        Some(StepMin::Flat(min)) => *min,
        Some(StepMin::Table(rows)) => {
            let above = rows.partition_point(|row| row.from <= price);
            above.checked_sub(1).and_then(|i| rows.get(i)).map_or(Fen::ONE, |row| row.min)
        }
    }
}

fn multiple_of(rules: &Rules) -> Option<Fen> {
    rules.step.as_ref().and_then(|Step { multiple_of, .. }| *multiple_of)
}

/// By how much `amount` is beyond the last whole multiple; multiples are counted from the opening price.
fn remainder(rules: &Rules, amount: Fen, multiple_of: Fen) -> i64 {
    let worth = |price| rules.direction.worth(price);
    worth(amount).saturating_sub(worth(rules.opening_price)).checked_rem_euclid(multiple_of.0).unwrap_or(0)
}

fn round_down(rules: &Rules, amount: Fen) -> Fen {
    let over = multiple_of(rules).map_or(0, |multiple| remainder(rules, amount, multiple));
    back(rules.direction, amount, over)
}

fn round_up(rules: &Rules, amount: Fen) -> Fen {
    match multiple_of(rules).map(|multiple| (multiple, remainder(rules, amount, multiple))) {
        None | Some((_, 0)) => amount,
        Some((multiple, over)) => rules.direction.beyond(back(rules.direction, amount, over), multiple),
    }
}

fn back(direction: Direction, amount: Fen, over: i64) -> Fen {
    direction.beyond(amount, Fen(over.saturating_neg()))
}

/// A new limit in `proxy`: who leads now, and at the least price that wins. Every accepted limit of somebody who does not
/// lead is beyond all earlier ones but the leader's, so the second-best needs no list.
pub(super) fn outbid(rules: &Rules, state: &State, bidder: Bidder, limit: Fen) -> Head {
    let (head, direction) = (state.head, rules.direction);
    let own = |b: Bidder| state.standing(b).map_or(rules.opening_price, |s| s.price);
    let (leader, best, second) = match head.leading {
        None => (bidder, limit, None),
        Some(leading) if leading.bidder == bidder => (bidder, limit, head.runner_up),
        Some(leading) if direction.is_better(limit, own(leading.bidder)) => (bidder, limit, Some(own(leading.bidder))),
        Some(leading) => {
            let second = head.runner_up.map_or(limit, |second| direction.better(second, limit));
            (leading.bidder, own(leading.bidder), Some(second))
        }
    };
    let needed = second.map_or(rules.opening_price, |s| direction.beyond(s, step_at(rules, s)));
    let price = direction.better(direction.worse(needed, best), rules.opening_price);
    let reached = rules.reserve_price.filter(|reserve| !direction.is_better(*reserve, best));
    let price = reached.map_or(price, |reserve| direction.better(price, reserve));
    Head { leading: Some(Leading { bidder: leader, price }), runner_up: second, ..head }
}
