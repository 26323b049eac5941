//! Rounds in which each bidder has one turn: whose turn it is, and which prices everybody has seen.

use std::cmp::Reverse;

use super::hours::{Moment, as_count};
use crate::kernel::{Fen, Timestamp};
use crate::trading::auction::{
    model::{Before, Bidder, Head, Mode, Rules, Standing, State, Turns},
    rejection::Rejection,
};

const US: i64 = 1_000_000;

/// One turn of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub bidder: Bidder,
    pub from: Timestamp,
    pub until: Timestamp,
    /// With which price the bidder came into the round.
    pub before: Before,
    /// The price as it stands, and the command that set it: the same until the bidder betters it in the own turn.
    pub price: Fen,
    pub seq: u64,
}

impl Slot {
    /// What everybody may know at `at`, and the command that set it: a price is shown when its turn has ended.
    pub fn shown(&self, at: Timestamp) -> (Fen, u64) {
        if at < self.until { (self.before.price, self.before.seq) } else { (self.price, self.seq) }
    }

    /// Whether the command `seq` of this bidder is still the bidder's own affair at `at`.
    pub fn hides(&self, at: Timestamp, seq: u64) -> bool {
        at < self.until && seq > self.before.seq
    }
}

/// A round with its turns in order, the worst price first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rounds {
    /// Counted from 0.
    pub round: i64,
    pub slots: Vec<Slot>,
}

/// The round at `at`, the last one from its end on; `None` until the first prices are in, and where nobody named one. The
/// pause before a round belongs to the round before it, the first to the first. Times stand while the auction is suspended.
pub fn rounds(rules: &Rules, state: &State, at: Timestamp) -> Option<Rounds> {
    let turns = rules.turns.filter(|_| rules.mode == Mode::Turns)?;
    let head = &state.head;
    let now = head.run_until(head.suspended_since.unwrap_or(at));
    if now < rules.closes_at || state.taken == 0 {
        return None;
    }
    let round = round_at(rules, turns, state, now).min(turns.rounds.saturating_sub(1));
    let mut order: Vec<(Bidder, Standing)> =
        state.standings.iter().enumerate().filter_map(|(i, s)| s.map(|s| (Bidder(i), s))).collect();
    order.sort_by_key(|(_, standing)| place_key(rules, *standing, round));
    let begins = round_begins(rules, turns, state, round);
    let slots = order.into_iter().zip(0..).map(|((bidder, standing), place)| {
        let from = begins.plus_us(turn_us(turns).saturating_mul(place)).plus_us(head.suspended_us);
        let until = from.plus_s(turns.turn_s);
        Slot { bidder, from, until, before: begun(standing, round), price: standing.price, seq: standing.seq }
    });
    Some(Rounds { round, slots: slots.collect() })
}

/// The worst price goes first, of equal ones the later: who is best has the last word of the round.
pub(super) fn in_turns(
    rules: &Rules,
    turns: Turns,
    state: &State,
    bidder: Bidder,
    at: Timestamp,
) -> Result<Moment, Rejection> {
    let head = &state.head;
    let now = head.run_until(at);
    if now < rules.closes_at {
        return Ok(Moment::Closed { above: None });
    }
    let own = state.standing(bidder).ok_or(Rejection::NotYourTurn { from: None })?;
    let round = round_at(rules, turns, state, now);
    let worth = place_key(rules, own, round);
    let place = state.standings.iter().flatten().filter(|other| place_key(rules, **other, round) < worth).count();
    let begins = round_begins(rules, turns, state, round);
    let turn_begins = begins.plus_us(turn_us(turns).saturating_mul(as_count(u64::try_from(place).unwrap_or(u64::MAX))));
    if now < turn_begins {
        Err(Rejection::NotYourTurn { from: later(head, turn_begins) })
    } else if now < turn_begins.plus_s(turns.turn_s) {
        Ok(Moment::Turn(begun(own, round)))
    } else if round.saturating_add(1) < turns.rounds {
        let next = round_begins(rules, turns, state, round.saturating_add(1));
        Err(Rejection::NotYourTurn { from: later(head, next) })
    } else {
        Err(Rejection::NotYourTurn { from: None })
    }
}

fn later(head: &Head, from: Timestamp) -> Option<Timestamp> {
    Some(from.plus_us(head.suspended_us))
}

fn turn_us(turns: Turns) -> i64 {
    turns.turn_s.saturating_mul(US)
}

/// A round and the pause after it.
fn length_us(turns: Turns, state: &State) -> i64 {
    turn_us(turns).saturating_mul(as_count(state.taken)).saturating_add(turns.pause_s.saturating_mul(US))
}

/// `now` on a clock that stood while the auction was suspended.
fn round_at(rules: &Rules, turns: Turns, state: &State, now: Timestamp) -> i64 {
    let begins = rules.closes_at.plus_s(turns.first_pause_s);
    now.since_us(begins).max(0).checked_div(length_us(turns, state)).unwrap_or(0)
}

/// On the same clock.
fn round_begins(rules: &Rules, turns: Turns, state: &State, round: i64) -> Timestamp {
    rules.closes_at.plus_s(turns.first_pause_s).plus_us(length_us(turns, state).saturating_mul(round))
}

fn place_key(rules: &Rules, standing: Standing, round: i64) -> (i64, Reverse<u64>) {
    let before = begun(standing, round);
    (rules.direction.worth(before.price), Reverse(before.seq))
}

/// The price with which a bidder came into the round.
fn begun(standing: Standing, round: i64) -> Before {
    let own = Before { round, price: standing.price, seq: standing.seq };
    standing.before.filter(|before| before.round == round).unwrap_or(own)
}
