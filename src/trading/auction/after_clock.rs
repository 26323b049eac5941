//! What comes after a clock that was stopped, as people see it: which part runs, who is best as far as is known.

use std::cmp::Reverse;

use super::{
    Bidder, Leading, Mode, Part, Parts, Rules, Standing, State,
    facts::Table,
    live::PartNow,
    parts,
    store::{CommandKind, CommandRow},
};
use crate::kernel::{Problem, Timestamp};

/// Where such an auction stands; times as people meet them.
pub(super) struct Sequel {
    parts: Option<Parts>,
    end: Timestamp,
    at: Timestamp,
}

impl Sequel {
    /// `None` in every other mode.
    pub fn of(rules: &Rules, state: &State, now: Timestamp) -> Option<Sequel> {
        let at = state.head.suspended_since.unwrap_or(now);
        let (parts, end) = (parts(rules, state), state.head.end);
        (rules.mode == Mode::ClockSealed).then_some(Sequel { parts, end, at })
    }

    fn is_told(&self) -> bool {
        self.parts.is_some_and(|parts| self.at >= parts.sealed_until)
    }

    /// Whether others may not see the amount of this command yet.
    pub fn hides(&self, row: &CommandRow) -> bool {
        row.action == CommandKind::Bid && !self.is_told()
    }

    /// Who is best once the sealed prices are told, of equal ones the earlier; until then nobody is.
    pub fn best(&self, rules: &Rules, state: &State) -> Option<Leading> {
        let standings = state.standings.iter().zip(0..).filter_map(|(standing, i)| Some((Bidder(i), (*standing)?)));
        let key = |(_, s): &(Bidder, Standing)| (rules.direction.worth(s.price), Reverse(s.seq));
        let best = standings.filter(|_| self.is_told()).max_by_key(key);
        best.map(|(bidder, standing)| Leading { bidder, price: standing.price })
    }

    /// Whether the own price of `bidder` is one that others do not see yet.
    pub fn keeps(&self, bidder: Bidder) -> bool {
        !self.is_told() && self.parts.is_some_and(|parts| parts.stopper != bidder)
    }

    /// Who may bid in the part that runs, if it is one alone.
    pub fn only(&self) -> Option<Bidder> {
        self.parts.filter(|parts| parts.at(self.at).0 == Part::LastWord).map(|parts| parts.stopper)
    }

    pub fn now(&self, table: &Table) -> PartNow {
        let Some(parts) = self.parts else {
            let part = if self.at < self.end { Part::Falling } else { Part::Over };
            return PartNow { part, until: self.end, stopped_by: None };
        };
        let (part, until) = parts.at(self.at);
        PartNow { part, until, stopped_by: table.names.get(parts.stopper.0).cloned() }
    }
}

/// Time is not given back for what lies before the sealed prices were told: others would hand in theirs once more and know them.
pub(super) fn check_outage(rules: &Rules, state: &State, since: Timestamp, now: Timestamp) -> Result<(), Problem> {
    let runs = state.head.suspended_since.is_none() && state.taken > 1;
    let told = parts(rules, state).map(|parts| parts.sealed_until).filter(|told| runs && *told <= now);
    match told {
        Some(told) if since < told => {
            let told = told.second_text();
            let detail = format!(
                "暗标已在 {told} 截止，报价已经公布；再补这之前的停机，就等于让人看着别人的报价重新暗标。停机最早从 {told} 算起"
            );
            Err(Problem::field("since", Some(&since.to_string()), detail))
        }
        _ => Ok(()),
    }
}

/// Whether this command is a sealed price of others than who stopped the clock: it moves neither leader nor price, so its
/// row tells those of the clock.
pub(super) fn is_sealed_price(mode: Mode, row: &CommandRow) -> bool {
    mode == Mode::ClockSealed && row.action == CommandKind::Bid && row.leader != row.bid_number
}
