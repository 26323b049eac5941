//! When who may bid, and when it ends.

use crate::kernel::{Fen, Timestamp};
use crate::trading::auction::{
    model::{Before, Bidder, Countdown, Extension, ExtensionFrom, Head, Mode, Rules, State},
    rejection::Rejection,
    rules::{after_clock::in_parts, turns::in_turns},
};

/// What a bid is at the moment at which it comes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    /// A visible price or a private limit, to beat the leader's.
    Open,
    /// A closed price; to beat the clock's, where there was one.
    Closed { above: Option<Fen> },
    /// In the own turn: to beat what the own price was when the round began.
    Turn(Before),
    /// Who stopped the clock may beat the best closed price.
    LastWord { above: Fen },
}

/// What a bid of `bidder` would be now, or why it is not the bidder's time.
pub(super) fn moment(rules: &Rules, state: &State, bidder: Bidder, at: Timestamp) -> Result<Moment, Rejection> {
    match (rules.mode, rules.countdown, rules.turns, rules.after_clock) {
        (Mode::Ascending | Mode::Proxy, ..) => Ok(Moment::Open),
        (Mode::Sealed, ..) => Ok(Moment::Closed { above: None }),
        (Mode::Countdown, Some(countdown), ..) => in_countdown(rules, countdown, &state.head, at),
        (Mode::Turns, _, Some(turns), _) => in_turns(rules, turns, state, bidder, at),
        (Mode::ClockSealed, .., Some(_)) => in_parts(rules, state, bidder, at),
        _ => Err(Rejection::WrongMode),
    }
}

fn in_countdown(rules: &Rules, countdown: Countdown, head: &Head, at: Timestamp) -> Result<Moment, Rejection> {
    let starts = countdown_start(rules, countdown, head);
    let waits = starts.plus_s(countdown.wait_s.saturating_neg());
    if (waits..starts).contains(&at) { Err(Rejection::BetweenPhases { from: starts }) } else { Ok(Moment::Open) }
}

/// When the countdown starts first, in time that has run.
fn countdown_start(rules: &Rules, countdown: Countdown, head: &Head) -> Timestamp {
    rules.closes_at.plus_s(countdown.seconds.saturating_neg()).plus_us(head.suspended_us)
}

pub(super) fn as_count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The head after a closed price of `bidder`: who bids first at all makes the rounds, or the last word, longer.
pub(super) fn after_closed_price(rules: &Rules, state: &State, bidder: Bidder) -> Head {
    let head = state.head;
    if state.standing(bidder).is_some() {
        return head;
    }
    let end = match (rules.mode, rules.turns, rules.after_clock) {
        (Mode::Turns, Some(turns), _) => {
            let rounds =
                turns.turn_s.saturating_mul(turns.rounds).saturating_mul(as_count(state.taken).saturating_add(1));
            let pauses =
                turns.pause_s.saturating_mul(turns.rounds.saturating_sub(1)).saturating_add(turns.first_pause_s);
            rules.closes_at.plus_s(rounds.saturating_add(pauses)).plus_us(head.suspended_us)
        }
        (Mode::ClockSealed, _, Some(after)) if state.taken == 1 && after.best_s > 0 => {
            head.end.plus_s(after.pause_s.saturating_add(after.best_s))
        }
        _ => head.end,
    };
    Head { end, ..head }
}

/// The end once the clock was stopped at `at`.
pub(super) fn end_after_clock(rules: &Rules, at: Timestamp) -> Timestamp {
    let after = rules.after_clock.filter(|_| rules.mode == Mode::ClockSealed);
    after.map_or(at, |after| at.plus_s(after.pause_s.saturating_add(after.sealed_s)))
}

/// The price on the falling clock: time suspended does not count.
pub(super) fn clock_price(rules: &Rules, head: &Head, at: Timestamp) -> Fen {
    let Some(clock) = rules.clock else { return rules.opening_price };
    let running = head.run_until(at).since_us(rules.opens_at);
    let ticks = running.checked_div(clock.tick_s.saturating_mul(1_000_000)).unwrap_or(0);
    let fallen = rules.opening_price.0.saturating_sub(clock.decrement.0.saturating_mul(ticks));
    Fen(fallen).max(clock.floor)
}

/// What a falling clock asks for, and when it falls again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    pub price: Fen,
    /// `None`: it has come to its floor, stands still, or somebody has taken the price.
    pub falls_at: Option<Timestamp>,
}

/// The price that an `accept` at `at` would take; `None` where no clock falls, or others answer the one that was stopped.
/// Before the opening it is the opening price.
pub fn asking(rules: &Rules, head: &Head, at: Timestamp) -> Option<Asking> {
    let asks = rules.mode == Mode::Clock || rules.mode == Mode::ClockSealed && head.leading.is_none();
    let clock = rules.clock.filter(|_| asks)?;
    let at = head.suspended_since.unwrap_or(at).max(rules.opens_at).min(head.end);
    let price = head.leading.map_or_else(|| clock_price(rules, head, at), |leading| leading.price);
    let tick_us = clock.tick_s.saturating_mul(1_000_000);
    let ticks = head.run_until(at).since_us(rules.opens_at).checked_div(tick_us).unwrap_or(0).saturating_add(1);
    let next = rules.opens_at.plus_us(tick_us.saturating_mul(ticks)).plus_us(head.suspended_us);
    let falls = head.leading.is_none() && head.suspended_since.is_none() && price > clock.floor && next < head.end;
    Some(Asking { price, falls_at: Some(next).filter(|_| falls) })
}

/// Moves the end after an accepted bid or match of `bidder` that leaves `head`.
pub(super) fn extended(rules: &Rules, state: &State, head: Head, bidder: Bidder, at: Timestamp) -> Head {
    let Some(countdown) = rules.countdown.filter(|_| rules.mode == Mode::Countdown) else {
        return rules.extension.map_or(head, |extension| moved(extension, head, at));
    };
    if at >= countdown_start(rules, countdown, &head) {
        let (window_s, from) = (countdown.seconds, ExtensionFrom::Bid);
        let restart = Extension { window_s, from, by_s: window_s, max_times: None, hard_close_at: None };
        return moved(restart, head, at);
    }
    let bidders = state.taken.saturating_add(u64::from(state.standing(bidder).is_none()));
    let planned = rules.closes_at.plus_us(head.suspended_us);
    if bidders >= countdown.needs_bidders { Head { end: planned.max(head.end), ..head } } else { head }
}

/// Never back, never beyond the hard close, at most `max_times` times.
fn moved(extension: Extension, head: Head, at: Timestamp) -> Head {
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
