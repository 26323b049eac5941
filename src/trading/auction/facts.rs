//! Between the tables and the engine: rows as the engine's values.

use super::{
    Accepted, Action, Bidder, Command, Direction, Extension, ExtensionFrom, Head, Leading, Mode, Offset, Priority,
    Rejection, Rules, State, Step, StepMin, Tie,
    store::{AuctionRow, CommandKind, CommandRow},
};
use crate::{
    db::{Error, Result, Rx},
    trading::{
        bid_number,
        enrolment::store as enrolments,
        listing::store::{LotRow, TermsRow},
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
    let terms = terms.terms();
    let (Some(opens_at), Some(closes_at)) = (lot.opens_at, lot.closes_at) else {
        return Err(Error::Internal(format!("{} is published without its hours", lot.id)));
    };
    let names: Vec<String> = (1..=enrolments::last_number(rx, &lot.id)?).map(bid_number).collect();
    let priority = if terms.priority.is_empty() {
        None
    } else {
        let holders = enrolments::priority_holders(rx, &lot.id)?;
        let holders = holders.into_iter().filter_map(|(n, rank)| Some((bidder(n?)?, i64::from(rank?))));
        Some(Priority { may_match: true, draw_among_equals: false, holders: holders.collect() })
    };
    let rules = Rules {
        mode: Mode::Ascending,
        direction: Direction::Up,
        at_ceiling: None,
        draw: None,
        fallback: None,
        countdown: None,
        turns: None,
        after_clock: None,
        outage: None,
        price: None,
        practice: false,
        opening_price: terms.opening_price,
        reserve_price: terms.reserve_price,
        ceiling_price: terms.ceiling_price,
        step: Some(Step { min: StepMin::Flat(terms.step_min), max: terms.step_max, multiple_of: terms.step_multiple }),
        opens_at,
        closes_at,
        offset: Offset::beijing(),
        extension: Some(Extension {
            window_s: i64::from(terms.window_s),
            from: ExtensionFrom::Bid,
            by_s: i64::from(terms.by_s),
            max_times: terms.max_extensions.map(u64::from),
            hard_close_at: None,
        }),
        priority,
        tie: Tie::Earliest,
        draw_seed: None,
        min_bidders: u64::from(terms.min_bidders),
        leader_may_raise: false,
        revisions: None,
        clock: None,
    };
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

/// The engine's state of a live ascending lot. Its decisions look at the head alone, so no bid but the last is read.
pub fn state(row: &AuctionRow, table: &Table) -> State {
    let leading = row.leading_number.and_then(bidder).zip(row.price).map(|(bidder, price)| Leading { bidder, price });
    let head = Head {
        leading,
        runner_up: None,
        end: row.end_at,
        hard_close_at: None,
        extensions: u64::try_from(row.extensions).unwrap_or_default(),
        suspended_since: row.suspended_since,
        suspended_us: row.suspended_us,
        terminated: row.terminated,
    };
    State { head, standings: vec![None; table.names.len()], taken: 0 }
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
