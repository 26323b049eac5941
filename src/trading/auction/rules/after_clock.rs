//! What comes after a clock that was stopped: sealed prices of everybody else, and the last word of who stopped it.

use super::hours::Moment;
use crate::kernel::{Fen, Timestamp};
use crate::trading::auction::{
    model::{Bidder, Mode, Rules, State},
    rejection::Rejection,
};

crate::text_enum! {
    /// Which part of an auction runs whose clock is followed by sealed prices.
    pub enum Part {
        Falling = "falling" => "降价",
        BeforeSealed = "before_sealed" => "停价后的间歇",
        Sealed = "sealed" => "暗标",
        BeforeLastWord = "before_last_word" => "暗标后的间歇",
        LastWord = "last_word" => "最后报价",
        Over = "over" => "结束",
    }
}

/// The hours of the parts, as people meet them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Who stopped the clock.
    pub stopper: Bidder,
    pub sealed_from: Timestamp,
    /// From then on everybody knows the sealed prices.
    pub sealed_until: Timestamp,
    /// When the last word begins; `None`: the rules give none, or nobody has handed in a sealed price so far.
    pub word_from: Option<Timestamp>,
    pub end: Timestamp,
}

impl Parts {
    /// The part that runs at `at`, and when it ends.
    pub fn at(&self, at: Timestamp) -> (Part, Timestamp) {
        match self.word_from {
            _ if at < self.sealed_from => (Part::BeforeSealed, self.sealed_from),
            _ if at < self.sealed_until => (Part::Sealed, self.sealed_until),
            Some(word_from) if at < word_from => (Part::BeforeLastWord, word_from),
            Some(_) if at < self.end => (Part::LastWord, self.end),
            _ => (Part::Over, self.end),
        }
    }
}

/// The parts once the clock was stopped; `None` before, and in every other mode. All are counted back from the end, which moves
/// with suspended time: while the auction is suspended they stand as if it were resumed at once.
pub fn parts(rules: &Rules, state: &State) -> Option<Parts> {
    let after = rules.after_clock.filter(|_| rules.mode == Mode::ClockSealed)?;
    let stopper = state.head.leading?.bidder;
    let end = state.head.end;
    let word_from = (state.taken > 1 && after.best_s > 0).then(|| end.plus_s(after.best_s.saturating_neg()));
    let sealed_until = word_from.map_or(end, |from| from.plus_s(after.pause_s.saturating_neg()));
    Some(Parts {
        stopper,
        sealed_from: sealed_until.plus_s(after.sealed_s.saturating_neg()),
        sealed_until,
        word_from,
        end,
    })
}

/// What a bid of `bidder` would be in these parts.
pub(super) fn in_parts(rules: &Rules, state: &State, bidder: Bidder, at: Timestamp) -> Result<Moment, Rejection> {
    let (parts, stopped) = parts(rules, state).zip(state.head.leading).ok_or(Rejection::WrongPhase)?;
    let stops = parts.stopper == bidder;
    match parts.at(at) {
        (Part::BeforeSealed | Part::BeforeLastWord, from) => Err(Rejection::BetweenPhases { from }),
        (Part::Sealed, _) if !stops => Ok(Moment::Closed { above: Some(stopped.price) }),
        (Part::Sealed, until) => {
            let after = rules.after_clock.filter(|after| after.best_s > 0);
            Err(Rejection::NotYourTurn { from: after.map(|after| until.plus_s(after.pause_s)) })
        }
        _ if stops => Ok(Moment::LastWord { above: best_sealed(rules, state, bidder).unwrap_or(stopped.price) }),
        _ => Err(Rejection::NotYourTurn { from: None }),
    }
}

/// The best price of all others.
fn best_sealed(rules: &Rules, state: &State, stopper: Bidder) -> Option<Fen> {
    let others = state.standings.iter().zip(0..).filter(|(_, i)| Bidder(*i) != stopper);
    others
        .filter_map(|(standing, _)| standing.map(|s| s.price))
        .reduce(|best, price| rules.direction.better(best, price))
}
