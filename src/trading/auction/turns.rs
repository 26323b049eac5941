//! Rounds of turns as people see them: whose turn it is, which prices are known, who is best so far.

use std::cmp::Reverse;

use super::{
    Leading, Mode, Rounds, Rules, Slot, State,
    facts::{self, Table},
    live::{Turn, TurnState, TurnsNow},
    rounds,
    store::CommandRow,
};
use crate::kernel::Timestamp;

/// Where an auction by turns stands; times as people meet them.
pub(super) struct Course {
    rounds: Option<Rounds>,
    at: Timestamp,
}

impl Course {
    /// `None` in every other mode.
    pub fn of(rules: &Rules, state: &State, now: Timestamp) -> Option<Course> {
        let at = state.head.suspended_since.unwrap_or(now);
        (rules.mode == Mode::Turns).then(|| Course { rounds: rounds(rules, state, at), at })
    }

    /// Whether others may not see the amount of this command yet.
    pub fn hides(&self, row: &CommandRow) -> bool {
        let Some(rounds) = &self.rounds else { return true };
        let seq = u64::try_from(row.seq).unwrap_or_default();
        // Who has no turn has no price: what was refused before the rounds is told with the first prices.
        let own = rounds.slots.iter().find(|slot| facts::number(slot.bidder) == row.bid_number);
        own.is_some_and(|slot| slot.hides(self.at, seq))
    }

    /// The best price that is known, of equal ones the earlier.
    pub fn best(&self, rules: &Rules) -> Option<Leading> {
        let key = |slot: &&Slot| {
            let (price, seq) = slot.shown(self.at);
            (rules.direction.worth(price), Reverse(seq))
        };
        let slot = self.rounds.as_ref()?.slots.iter().max_by_key(key)?;
        Some(Leading { bidder: slot.bidder, price: slot.shown(self.at).0 })
    }

    pub fn now(&self, table: &Table) -> Option<TurnsNow> {
        let rounds = self.rounds.as_ref()?;
        let at = self.at;
        let name = |slot: &Slot| table.names.get(slot.bidder.0).cloned().unwrap_or_default();
        let running = rounds.slots.iter().find(|slot| (slot.from..slot.until).contains(&at));
        let next = rounds.slots.iter().find(|slot| slot.from > at).map(|slot| slot.from);
        let turns = table.rules.turns?;
        let next_round = || {
            let ends = rounds.slots.last()?.until.plus_s(turns.pause_s);
            (rounds.round.saturating_add(1) < turns.rounds).then_some(ends)
        };
        let turn = |slot: &Slot| Turn {
            bidder: name(slot),
            price: slot.shown(at).0,
            from: slot.from,
            until: slot.until,
            state: match at {
                at if at < slot.from => TurnState::Waiting,
                at if at < slot.until => TurnState::Now,
                _ if slot.seq == slot.before.seq => TurnState::Passed,
                _ => TurnState::Bettered,
            },
        };
        Some(TurnsNow {
            round: rounds.round.saturating_add(1),
            rounds: turns.rounds,
            bidder: running.map(name),
            until: running.map(|slot| slot.until),
            next_at: next.or_else(next_round),
            order: rounds.slots.iter().map(turn).collect(),
        })
    }
}
