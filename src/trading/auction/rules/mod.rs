//! The decisions: one command at a time, and the close.

use std::cmp::Reverse;

use sha2::{Digest, Sha256};

use super::model::{
    Accepted, Action, Bidder, Command, ExtensionFrom, Failure, Head, Leading, Mode, Outcome, Revisions, Rules,
    Standing, State, Status, Step, StepMin, Tie,
};
use super::rejection::Rejection;
use crate::kernel::{Fen, Timestamp};

/// Decides one command: what changes, or the first reason against it. The order of the tests is part of the format, so
/// that everybody who recomputes an auction finds the same reasons.
pub fn decide(rules: &Rules, state: &State, command: &Command) -> Result<Accepted, Rejection> {
    let (head, at) = (state.head, command.at);
    if at < rules.opens_at {
        return Err(Rejection::NotOpen { opens_at: rules.opens_at });
    }
    if head.is_over(at) {
        return Err(Rejection::Closed { end: head.end });
    }
    if head.suspended_since.is_some() && !matches!(command.action, Action::Resume | Action::Terminate) {
        return Err(Rejection::Suspended);
    }
    let steward = |head| Ok(Accepted { head, standing: None });
    match command.action {
        Action::Suspend => steward(Head { suspended_since: Some(at), ..head }),
        Action::Resume => steward(resume(head, at)?),
        Action::Terminate => steward(Head { terminated: true, end: at, suspended_since: None, ..head }),
        Action::Unknown => Err(Rejection::Malformed),
        Action::Bid(amount) => {
            let bidder = known(state, command)?;
            bid(rules, state, command, bidder, amount)
        }
        Action::Match => {
            let bidder = known(state, command)?;
            take_lead_at_price(rules, state, command, bidder)
        }
        Action::Accept => {
            let bidder = known(state, command)?;
            accept(rules, state, command, bidder)
        }
    }
}

fn known(state: &State, command: &Command) -> Result<Bidder, Rejection> {
    command.bidder.filter(|b| b.0 < state.standings.len()).ok_or(Rejection::UnknownBidder)
}

fn resume(head: Head, at: Timestamp) -> Result<Head, Rejection> {
    let since = head.suspended_since.ok_or(Rejection::NotSuspended)?;
    let stood = at.since_us(since);
    Ok(Head {
        suspended_since: None,
        suspended_us: head.suspended_us.saturating_add(stood),
        end: head.end.plus_us(stood),
        hard_close_at: head.hard_close_at.map(|hard| hard.plus_us(stood)),
        ..head
    })
}

fn bid(
    rules: &Rules,
    state: &State,
    command: &Command,
    bidder: Bidder,
    amount: Option<Fen>,
) -> Result<Accepted, Rejection> {
    if rules.mode == Mode::Clock {
        return Err(Rejection::WrongMode);
    }
    if let Some(amount) = amount {
        test_price(rules, state, bidder, amount)?;
    }
    if leads(&state.head, bidder) && !rules.leader_may_raise {
        return Err(Rejection::AlreadyLeading);
    }
    let times = state.standing(bidder).map_or(0, |s| s.times);
    if let (Mode::Sealed, Some(Revisions::AtMost(most))) = (rules.mode, rules.revisions)
        && times > most
    {
        return Err(Rejection::RevisionsUsed);
    }
    let amount = amount.ok_or(Rejection::Malformed)?;
    let head = match rules.mode {
        Mode::Proxy => extended(rules, outbid(rules, state, bidder, amount), command.at),
        Mode::Sealed => state.head,
        Mode::Ascending | Mode::Clock => {
            extended(rules, Head { leading: Some(Leading { bidder, price: amount }), ..state.head }, command.at)
        }
    };
    Ok(Accepted { head, standing: stand(state, command, bidder, amount) })
}

fn take_lead_at_price(rules: &Rules, state: &State, command: &Command, bidder: Bidder) -> Result<Accepted, Rejection> {
    if rules.mode != Mode::Ascending {
        return Err(Rejection::WrongMode);
    }
    if leads(&state.head, bidder) {
        return Err(Rejection::AlreadyLeading);
    }
    let may_match = rules.priority.as_ref().is_some_and(|p| p.may_match);
    let price = match state.head.leading {
        Some(leading) if may_match && rules.rank(bidder) < rules.rank(leading.bidder) => leading.price,
        _ => return Err(Rejection::MatchNotAllowed),
    };
    let head = extended(rules, Head { leading: Some(Leading { bidder, price }), ..state.head }, command.at);
    Ok(Accepted { head, standing: stand(state, command, bidder, price) })
}

fn accept(rules: &Rules, state: &State, command: &Command, bidder: Bidder) -> Result<Accepted, Rejection> {
    if rules.mode != Mode::Clock {
        return Err(Rejection::WrongMode);
    }
    let price = clock_price(rules, &state.head, command.at);
    let head = Head { leading: Some(Leading { bidder, price }), end: command.at, ..state.head };
    Ok(Accepted { head, standing: stand(state, command, bidder, price) })
}

fn leads(head: &Head, bidder: Bidder) -> bool {
    head.leading.is_some_and(|leading| leading.bidder == bidder)
}

fn stand(state: &State, command: &Command, bidder: Bidder, price: Fen) -> Option<(Bidder, Standing)> {
    let times = state.standing(bidder).map_or(0, |s| s.times).saturating_add(1);
    Some((bidder, Standing { price, seq: command.seq, times }))
}

/// The price on the falling clock: time suspended does not count.
fn clock_price(rules: &Rules, head: &Head, at: Timestamp) -> Fen {
    let Some(clock) = rules.clock else { return rules.opening_price };
    let running = at.since_us(rules.opens_at).saturating_sub(head.suspended_us);
    let ticks = running.checked_div(clock.tick_s.saturating_mul(1_000_000)).unwrap_or(0);
    let fallen = rules.opening_price.0.saturating_sub(clock.decrement.0.saturating_mul(ticks));
    Fen(fallen).max(clock.floor)
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

/// What `bidder` (or, with `None`, somebody who does not lead) may bid, for the page.
pub fn span(rules: &Rules, state: &State, bidder: Option<Bidder>) -> Span {
    let step_top = top_by_step(rules, &state.head);
    let most = [step_top, rules.ceiling_price].into_iter().flatten().min();
    Span { least: round_up(rules, floor_by_step(rules, state, bidder)), most: most.map(|m| round_down(rules, m)) }
}

/// Amounts to propose to somebody who does not lead: the least, then one and four steps more, as far as they may go.
pub fn offers(rules: &Rules, state: &State) -> Vec<Fen> {
    let Span { least, most } = span(rules, state, None);
    let step = step_at(rules, state.head.leading.map_or(rules.opening_price, |leading| leading.price));
    let further = |steps: i64| Fen(least.0.saturating_add(step.0.saturating_mul(steps)));
    let mut found: Vec<Fen> = [0, 1, 4].map(|steps| round_up(rules, further(steps))).into();
    found.retain(|amount| most.is_none_or(|most| *amount <= most));
    found.dedup();
    found
}

/// The five price tests, in the order of the format.
fn test_price(rules: &Rules, state: &State, bidder: Bidder, amount: Fen) -> Result<(), Rejection> {
    let floor = floor_by_step(rules, state, Some(bidder));
    if amount < rules.opening_price {
        return Err(Rejection::BelowOpening { minimum: round_up(rules, floor) });
    }
    if amount < floor {
        return Err(Rejection::BelowStep { minimum: round_up(rules, floor) });
    }
    if let Some(top) = top_by_step(rules, &state.head)
        && amount > top
    {
        return Err(Rejection::AboveStep { maximum: round_down(rules, top) });
    }
    if let Some(multiple_of) = multiple_of(rules)
        && remainder(rules, amount, multiple_of) != 0
    {
        return Err(Rejection::OffMultiple { opening: rules.opening_price, multiple_of });
    }
    if let Some(ceiling) = rules.ceiling_price
        && amount > ceiling
    {
        return Err(Rejection::AboveCeiling { maximum: round_down(rules, ceiling) });
    }
    Ok(())
}

/// The least amount that passes the opening price and the step. A proxy leader who may raise need only exceed the own
/// maximum by 0.01.
fn floor_by_step(rules: &Rules, state: &State, bidder: Option<Bidder>) -> Fen {
    let Some(leading) = state.head.leading.filter(|_| matches!(rules.mode, Mode::Ascending | Mode::Proxy)) else {
        return rules.opening_price;
    };
    let raises = rules.mode == Mode::Proxy && rules.leader_may_raise && bidder == Some(leading.bidder);
    let (from, by) = match state.standing(leading.bidder) {
        Some(own) if raises => (own.price, Fen::ONE),
        _ => (leading.price, step_at(rules, leading.price)),
    };
    Fen(from.0.saturating_add(by.0)).max(rules.opening_price)
}

/// The greatest amount that passes `step.max`; the opening price stands for the current one before the first bid.
fn top_by_step(rules: &Rules, head: &Head) -> Option<Fen> {
    let max = rules.step.as_ref().filter(|_| rules.mode == Mode::Ascending)?.max?;
    let current = head.leading.map_or(rules.opening_price, |leading| leading.price);
    Some(Fen(current.0.saturating_add(max.0)))
}

/// The least raise at `price`.
fn step_at(rules: &Rules, price: Fen) -> Fen {
    match rules.step.as_ref().map(|step| &step.min) {
        None => Fen::ZERO,
        Some(StepMin::Flat(min)) => *min,
        Some(StepMin::Table(rows)) => {
            let above = rows.partition_point(|row| row.from <= price);
            above.checked_sub(1).and_then(|i| rows.get(i)).map_or(Fen::ZERO, |row| row.min)
        }
    }
}

fn multiple_of(rules: &Rules) -> Option<Fen> {
    rules.step.as_ref().and_then(|Step { multiple_of, .. }| *multiple_of)
}

/// By how much `amount` is above the last whole multiple; multiples are counted from the opening price.
fn remainder(rules: &Rules, amount: Fen, multiple_of: Fen) -> i64 {
    amount.0.saturating_sub(rules.opening_price.0).checked_rem_euclid(multiple_of.0).unwrap_or(0)
}

fn round_down(rules: &Rules, amount: Fen) -> Fen {
    let over = multiple_of(rules).map_or(0, |multiple| remainder(rules, amount, multiple));
    Fen(amount.0.saturating_sub(over))
}

fn round_up(rules: &Rules, amount: Fen) -> Fen {
    match multiple_of(rules).map(|multiple| (multiple.0, remainder(rules, amount, multiple))) {
        None | Some((_, 0)) => amount,
        Some((multiple, over)) => Fen(amount.0.saturating_sub(over).saturating_add(multiple)),
    }
}

/// A new maximum in `proxy`: who leads now, and at the least price that wins. Every accepted maximum of somebody who does
/// not lead is above all earlier ones but the leader's, so the second-highest needs no list.
fn outbid(rules: &Rules, state: &State, bidder: Bidder, maximum: Fen) -> Head {
    let head = state.head;
    let own = |b: Bidder| state.standing(b).map_or(Fen::ZERO, |s| s.price);
    let (leader, highest, second) = match head.leading {
        None => (bidder, maximum, None),
        Some(leading) if leading.bidder == bidder => (bidder, maximum, head.runner_up),
        Some(leading) if maximum > own(leading.bidder) => (bidder, maximum, Some(own(leading.bidder))),
        Some(leading) => (leading.bidder, own(leading.bidder), head.runner_up.max(Some(maximum))),
    };
    let needed = second.map_or(rules.opening_price, |s| Fen(s.0.saturating_add(step_at(rules, s).0)));
    let lifted = rules.reserve_price.filter(|reserve| highest >= *reserve).unwrap_or(Fen::ZERO);
    let price = needed.min(highest).max(rules.opening_price).max(lifted);
    Head { leading: Some(Leading { bidder: leader, price }), runner_up: second, ..head }
}

/// Moves the end where the accepted command came in the window: never back, never beyond the hard close, at most
/// `max_times` times.
fn extended(rules: &Rules, head: Head, at: Timestamp) -> Head {
    let Some(extension) = rules.extension else { return head };
    let used_up = extension.max_times.is_some_and(|most| head.extensions >= most);
    if used_up || at < head.end.plus_s(extension.window_s.saturating_neg()) {
        return head;
    }
    let base = match extension.from {
        ExtensionFrom::Bid => at,
        ExtensionFrom::Close => head.end,
    };
    let wanted = base.plus_s(extension.by_s);
    let end = head.hard_close_at.map_or(wanted, |hard| wanted.min(hard));
    if end > head.end { Head { end, extensions: head.extensions.saturating_add(1), ..head } } else { head }
}

/// The outcome once every command is in. `names` are the bidders' names in order: a draw is made from them.
pub fn close(rules: &Rules, names: &[String], state: &State) -> Outcome {
    let head = &state.head;
    let mut outcome = Outcome {
        status: Status::Failed,
        reason: None,
        winner: None,
        price: None,
        closed_at: Some(head.end),
        extensions: head.extensions,
        successors: Vec::new(),
    };
    if head.suspended_since.is_some() {
        return Outcome { status: Status::Suspended, closed_at: None, ..outcome };
    }
    if head.terminated {
        return Outcome { status: Status::Terminated, ..outcome };
    }
    let order = best_first(rules, names, state);
    let best = match (rules.mode, order.first()) {
        (Mode::Sealed, Some((bidder, standing))) => Some(Leading { bidder: *bidder, price: standing.price }),
        _ => head.leading,
    };
    let Some(best) = best else {
        outcome.reason = Some(Failure::NoBids);
        return outcome;
    };
    let reserve = rules.reserve_price.unwrap_or(Fen::ZERO);
    if best.price < reserve {
        outcome.reason = Some(Failure::BelowReserve);
    } else if u64::try_from(order.len()).unwrap_or(u64::MAX) < rules.min_bidders {
        outcome.reason = Some(Failure::TooFewBidders);
    } else {
        outcome.status = Status::Sold;
        outcome.winner = Some(best.bidder);
        outcome.price = Some(best.price);
        let next = order.iter().filter(|(bidder, s)| *bidder != best.bidder && s.price >= reserve);
        outcome.successors = next.map(|(bidder, _)| *bidder).collect();
    }
    outcome
}

/// Everybody with an accepted price, best first.
fn best_first(rules: &Rules, names: &[String], state: &State) -> Vec<(Bidder, Standing)> {
    let mut order: Vec<(Bidder, Standing)> =
        state.standings.iter().enumerate().filter_map(|(i, s)| s.map(|s| (Bidder(i), s))).collect();
    match (rules.mode, rules.tie) {
        (Mode::Proxy, _) => order.sort_by_key(|(_, s)| (Reverse(s.price), s.seq)),
        (Mode::Sealed, Tie::Draw) => order.sort_by_cached_key(|(bidder, s)| {
            (Reverse(s.price), rules.rank(*bidder), lot_number(rules, names, *bidder), s.seq)
        }),
        _ => order.sort_by_key(|(bidder, s)| (Reverse(s.price), rules.rank(*bidder), s.seq)),
    }
    order
}

/// The number a bidder draws: SHA-256 of the seed followed by the name.
fn lot_number(rules: &Rules, names: &[String], bidder: Bidder) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(rules.draw_seed.as_deref().unwrap_or_default());
    hash.update(names.get(bidder.0).map_or("", String::as_str));
    hash.finalize().into()
}
