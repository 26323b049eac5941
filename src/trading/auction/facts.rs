//! Between the tables and the engine: rows as the engine's values.

use super::{
    Accepted, Action, Bidder, Command, Head, Leading, Mode, Priority, Rejection, Rules, State, close, decide, drawn,
    of_terms,
    store::{self, AuctionRow, CommandKind, CommandRow},
};
use crate::{
    db::{Error, Result, Rx},
    kernel::Timestamp,
    trading::{
        bid_number, draw,
        enrolment::store as enrolments,
        listing::store::{LotRow, TermsRow},
        merits, priority, ranking,
    },
};

/// A lot as the engine sees it.
pub struct Table {
    pub rules: Rules,
    /// Bid numbers as text, in order.
    pub names: Vec<String>,
}

/// The rules of a published lot. Bid numbers count from 1, so the list of bidders is as long as the greatest.
pub fn table(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<Table> {
    let terms = terms.terms()?;
    let (opens_at, closes_at) = hours(lot)?;
    let last = enrolments::last_number(rx, &lot.id)?;
    let draw_among_equals = terms.draw().is_some_and(|draw| draw.holders);
    let priority = if terms.priority_rights.is_some() {
        let holders = priority::held_with(rx, &lot.id, opens_at)?;
        let holders = holders.into_iter().filter_map(|(number, rank)| Some((bidder(number)?, rank)));
        Some(Priority { may_match: true, draw_among_equals, holders: holders.collect() })
    } else if terms.priority.is_empty() {
        None
    } else {
        // A notice of an older program: ranks stand beside the enrolments.
        let holders = enrolments::priority_holders(rx, &lot.id)?;
        let holders = holders.into_iter().filter_map(|(n, rank)| Some((bidder(n?)?, i64::from(rank?))));
        Some(Priority { may_match: true, draw_among_equals: false, holders: holders.collect() })
    };
    let mut rules = of_terms::rules(&terms, opens_at, closes_at, priority);
    if !terms.merits().is_empty() {
        let held = merits::held_with(rx, &lot.id, terms.merits(), opens_at)?;
        rules.points = Some(held.into_iter().filter_map(|(number, points)| Some((bidder(number)?, points))).collect());
    }
    if terms.draw().is_some() {
        if let Some((drawn, seed)) = draw::finished(rx, &lot.id)? {
            (rules.draw, rules.draw_seed) = (Some(drawn), Some(seed));
        }
        rules.called_off_at = draw::called_off_at(rx, &lot.id)?;
    }
    if let Some(criterion) = &mut rules.criterion {
        criterion.order = ranking::decided(rx, &lot.id)?.map(|order| order.into_iter().filter_map(bidder).collect());
        rules.called_off_at = rules.called_off_at.or(ranking::called_off_at(rx, &lot.id)?);
    }
    checked(lot, rules, last)
}

/// The same without what nobody needs who only looks where it stands now: ranks, points and draws say who wins among equals.
/// `taken`: the commands that were accepted.
pub fn table_seen(lot: &LotRow, terms: &TermsRow, last: i32, taken: &[CommandRow]) -> Result<Table> {
    let (opens_at, closes_at) = hours(lot)?;
    let mut rules = of_terms::rules(&terms.terms()?, opens_at, closes_at, None);
    // Officers or a draw had still to decide when it was terminated, or the command would not have been accepted.
    rules.called_off_at = taken.iter().find(|row| row.action == CommandKind::Terminate).map(|row| row.at);
    checked(lot, rules, last)
}

fn hours(lot: &LotRow) -> Result<(Timestamp, Timestamp)> {
    let none = || Error::Internal(format!("{} is published without its hours", lot.id));
    lot.opens_at.zip(lot.closes_at).ok_or_else(none)
}

fn checked(lot: &LotRow, rules: Rules, last: i32) -> Result<Table> {
    let names: Vec<String> = (1..=last).map(bid_number).collect();
    let rules = rules.checked(names.len()).map_err(|e| Error::Internal(format!("rules of {}: {e}", lot.id)))?;
    Ok(Table { rules, names })
}

/// Bid number 1 is the first of the list.
pub fn bidder(number: i32) -> Option<Bidder> {
    usize::try_from(number).ok()?.checked_sub(1).map(Bidder)
}

pub fn number(bidder: Bidder) -> Option<i32> {
    i32::try_from(bidder.0).ok()?.checked_add(1)
}

/// How the auction stands for somebody who has not bid: the row tells all of it.
pub fn seen_by_others(row: &AuctionRow, table: &Table) -> State {
    let leading = row.leading_number.and_then(bidder).zip(row.price).map(|(bidder, price)| Leading { bidder, price });
    let head = Head {
        leading,
        runner_up: None,
        end: row.end_at,
        hard_close_at: table.rules.hard_close_at().map(|hard| hard.plus_us(row.suspended_us)),
        extensions: u64::try_from(row.extensions).unwrap_or_default(),
        suspended_since: row.suspended_since,
        suspended_us: row.suspended_us,
        terminated: row.terminated,
    };
    State { head, standings: vec![None; table.names.len()], taken: 0 }
}

/// The engine's state of a live lot. In an ascending auction decisions look at the head alone, so no bid but the last is
/// read; in the others they look at what each bidder has bid, which only the accepted commands tell.
pub fn state(rx: &mut Rx<'_>, row: &AuctionRow, table: &Table) -> Result<State> {
    // What may still be called off is seen from all bids.
    if table.rules.mode == Mode::Ascending && table.rules.called_off_at.is_none() {
        return Ok(seen_by_others(row, table));
    }
    replayed(rx, row, table)
}

fn replayed(rx: &mut Rx<'_>, row: &AuctionRow, table: &Table) -> Result<State> {
    replay(table, &store::list_accepted(rx, &row.lot_id)?)
}

/// The state that the accepted commands lead to, with what each bidder has bid.
pub fn replay(table: &Table, taken: &[CommandRow]) -> Result<State> {
    let mut state = State::new(&table.rules, table.names.len());
    for row in taken {
        match decide(&table.rules, &state, &command(row)) {
            Ok(accepted) => state.apply(&accepted),
            Err(_) => return Err(Error::Internal(format!("command {} was accepted and would not be", row.id))),
        }
    }
    Ok(state)
}

/// Whether the row stands where the commands lead. The second-best limit of a proxy auction is nobody's business, so the
/// row does not hold it.
pub fn stands_at(row: &AuctionRow, table: &Table, head: &Head) -> bool {
    seen_by_others(row, table).head == Head { runner_up: None, ..*head }
}

/// The row after a command.
pub fn after(row: AuctionRow, head: &Head) -> AuctionRow {
    AuctionRow {
        leading_number: head.leading.and_then(|l| number(l.bidder)),
        price: head.leading.map(|l| l.price),
        end_at: head.end,
        extensions: i64::try_from(head.extensions).unwrap_or(i64::MAX),
        suspended_since: head.suspended_since,
        suspended_us: head.suspended_us,
        terminated: head.terminated,
        ..row
    }
}

/// The command of a row.
pub fn command(row: &CommandRow) -> Command {
    let action = match row.action {
        CommandKind::Bid => Action::Bid(row.amount),
        CommandKind::Match => Action::Match,
        CommandKind::Accept => Action::Accept,
        CommandKind::Outage => Action::Outage(row.since),
        CommandKind::Suspend => Action::Suspend,
        CommandKind::Resume => Action::Resume,
        CommandKind::Terminate => Action::Terminate,
    };
    let seq = u64::try_from(row.seq).unwrap_or_default();
    Command { seq, at: row.at, bidder: row.bid_number.and_then(bidder), action }
}

/// The row with what was decided.
pub fn decided(row: CommandRow, decision: &std::result::Result<Accepted, Rejection>) -> CommandRow {
    match decision {
        Ok(Accepted { head, .. }) => CommandRow {
            accepted: true,
            leader: head.leading.and_then(|l| number(l.bidder)),
            price: head.leading.map(|l| l.price),
            closes_at: Some(head.end),
            ..row
        },
        Err(rejection) => CommandRow {
            accepted: false,
            reason: Some(rejection.code().to_owned()),
            bound: rejection.minimum().or(rejection.maximum()),
            ..row
        },
    }
}

/// Whether a stored row says what was decided.
pub fn agrees(row: &CommandRow, decision: &std::result::Result<Accepted, Rejection>) -> bool {
    let told = decided(row.clone(), decision);
    (told.accepted, &told.reason, told.bound, told.leader, told.price, told.closes_at)
        == (row.accepted, &row.reason, row.bound, row.leader, row.price, row.closes_at)
}

/// Bid numbers of those among whom no price decides, the earlier first: as the end of the auction has left them, whatever
/// has become of it.
pub fn equals_at_ceiling(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<Vec<i32>> {
    let Some(row) = store::find(rx, &lot.id)? else { return Ok(Vec::new()) };
    let mut table = table(rx, lot, terms)?;
    let mut all = replayed(rx, &row, &table)?;
    all.head.terminated = false;
    if let Some(criterion) = &mut table.rules.criterion {
        criterion.order = None;
    }
    Ok(undecided(&table, &all))
}

/// Bid numbers of those among whom no price decides; nobody where somebody has won, or nobody can.
pub fn undecided(table: &Table, state: &State) -> Vec<i32> {
    close(&table.rules, &table.names, state).candidates.into_iter().filter_map(number).collect()
}

/// Those whose places were drawn, by name and in their order.
pub fn drawn_in_order(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<Vec<String>> {
    let Some(row) = store::find(rx, &lot.id)? else { return Ok(Vec::new()) };
    let table = table(rx, lot, terms)?;
    let all = replayed(rx, &row, &table)?;
    let (drawn, outcome) = (drawn(&table.rules, &all), close(&table.rules, &table.names, &all));
    let order = outcome.winner.into_iter().chain(outcome.successors);
    Ok(order.filter(|bidder| drawn.contains(bidder)).filter_map(|b| table.names.get(b.0).cloned()).collect())
}
