//! The decisions: one command at a time, and the close.

mod after_clock;
mod award;
mod hours;
mod prices;
mod turns;

pub use after_clock::{Part, Parts, parts};
pub use award::{close, drawn, waits};
pub use hours::{Asking, asking};
pub use prices::{Span, offers, span};
pub use turns::{Rounds, Slot, rounds};

use super::model::{
    Accepted, Action, Bidder, Command, Head, Leading, Mode, OutageTerms, Revisions, Rules, Standing, State,
};
use super::rejection::Rejection;
use crate::kernel::{Fen, Timestamp};
use hours::Moment;

/// Decides one command: what changes, or the first reason against it. The order of the tests is part of the format, so
/// that everybody who recomputes an auction finds the same reasons.
pub fn decide(rules: &Rules, state: &State, command: &Command) -> Result<Accepted, Rejection> {
    let (head, at) = (state.head, command.at);
    if at < rules.opens_at {
        return Err(Rejection::NotOpen { opens_at: rules.opens_at });
    }
    if head.is_over(at) && !ran_out_in_an_outage(&head, command) && !calls_off(rules, state, command) {
        return Err(Rejection::Closed { end: head.end });
    }
    if head.suspended_since.is_some() && !matches!(command.action, Action::Resume | Action::Terminate) {
        return Err(Rejection::Suspended);
    }
    let steward = |head| Ok(Accepted { head, standing: None });
    match command.action {
        Action::Suspend => steward(Head { suspended_since: Some(at), ..head }),
        Action::Resume => steward(resume(head, at)?),
        // The bidding of a trade that is called off ended when it did.
        Action::Terminate if head.is_over(at) => steward(Head { terminated: true, ..head }),
        Action::Terminate => steward(Head { terminated: true, end: at, suspended_since: None, ..head }),
        Action::Outage(since) => steward(outage(rules, head, since, at)?),
        Action::Unknown => Err(Rejection::Malformed),
        Action::Bid(amount) => {
            let bidder = known(state, command)?;
            bid(rules, state, command, bidder, amount)
        }
        Action::Match => {
            let bidder = known(state, command)?;
            match_price(rules, state, command, bidder)
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

/// Whether the end passed while the system stood still, so that nobody could use the time before it.
fn ran_out_in_an_outage(head: &Head, command: &Command) -> bool {
    matches!(command.action, Action::Outage(Some(since)) if since < head.end) && !head.terminated
}

/// Whether the trade is terminated while the end has passed and something that is no bid has still to decide. Only at the
/// time that the rules name: what was refused before that was called stays refused.
fn calls_off(rules: &Rules, state: &State, command: &Command) -> bool {
    command.action == Action::Terminate
        && rules.called_off_at == Some(command.at)
        && !state.head.terminated
        && waits(rules, state)
}

fn resume(head: Head, at: Timestamp) -> Result<Head, Rejection> {
    let since = head.suspended_since.ok_or(Rejection::NotSuspended)?;
    Ok(Head { suspended_since: None, ..give_back(head, at.since_us(since)) })
}

fn outage(rules: &Rules, head: Head, since: Option<Timestamp>, at: Timestamp) -> Result<Head, Rejection> {
    let since = since.filter(|since| *since <= at).ok_or(Rejection::Malformed)?;
    let stood = at.since_us(since.max(rules.opens_at));
    let counts = |OutageTerms { at_least_s, window_s }: OutageTerms| {
        let reaches = window_s.is_none_or(|window_s| at > head.end.plus_s(window_s.saturating_neg()));
        stood >= at_least_s.saturating_mul(1_000_000) && reaches
    };
    match rules.outage {
        Some(terms) if counts(terms) => Ok(give_back(head, stood)),
        terms => Err(Rejection::OutageNotGivenBack { terms }),
    }
}

/// The clock stood for so many microseconds.
fn give_back(head: Head, stood: i64) -> Head {
    Head {
        suspended_us: head.suspended_us.saturating_add(stood),
        end: head.end.plus_us(stood),
        hard_close_at: head.hard_close_at.map(|hard| hard.plus_us(stood)),
        ..head
    }
}

fn bid(
    rules: &Rules,
    state: &State,
    command: &Command,
    bidder: Bidder,
    amount: Option<Fen>,
) -> Result<Accepted, Rejection> {
    let moment = hours::moment(rules, state, bidder, command.at)?;
    if let Some(amount) = amount {
        prices::test(rules, prices::against(rules, state, Some(bidder), &moment), amount)?;
    }
    let own = state.standing(bidder);
    let times = own.map_or(0, |s| s.times);
    let stands = match moment {
        Moment::Open => (leads(&state.head, bidder) && !rules.leader_may_raise) || at_ceiling(rules, own),
        Moment::LastWord { .. } => times > 1,
        Moment::Closed { .. } | Moment::Turn(_) => false,
    };
    if stands {
        return Err(Rejection::AlreadyLeading);
    }
    if let (Moment::Closed { .. }, Some(Revisions::AtMost(most))) = (moment, rules.revisions)
        && times > most
    {
        return Err(Rejection::RevisionsUsed);
    }
    let amount = amount.ok_or(Rejection::Malformed)?;
    let leading = Some(Leading { bidder, price: amount });
    let head = match moment {
        Moment::Open if rules.mode == Mode::Proxy => {
            hours::extended(rules, state, prices::outbid(rules, state, bidder, amount), bidder, command.at)
        }
        Moment::Open if state.head.leading.is_some_and(|leading| leading.price == amount) => {
            hours::extended(rules, state, state.head, bidder, command.at) // one more at the ceiling
        }
        Moment::Open => hours::extended(rules, state, Head { leading, ..state.head }, bidder, command.at),
        Moment::Closed { .. } => hours::after_closed_price(rules, state, bidder),
        Moment::Turn(_) => state.head,
        Moment::LastWord { .. } => Head { leading, ..state.head },
    };
    let before = if let Moment::Turn(before) = moment { Some(before) } else { None };
    let standing = Standing { before, ..stand(state, command, bidder, amount) };
    Ok(Accepted { head, standing: Some((bidder, standing)) })
}

/// Whether the bidder stands at the furthest price allowed, and others may still come there.
fn at_ceiling(rules: &Rules, own: Option<Standing>) -> bool {
    rules.at_ceiling.is_some() && own.is_some_and(|own| Some(own.price) == rules.ceiling_price)
}

fn match_price(rules: &Rules, state: &State, command: &Command, bidder: Bidder) -> Result<Accepted, Rejection> {
    if !rules.mode.is_open() {
        return Err(Rejection::WrongMode);
    }
    hours::moment(rules, state, bidder, command.at)?;
    if leads(&state.head, bidder) {
        return Err(Rejection::AlreadyLeading);
    }
    let priority = rules.priority.as_ref().filter(|p| p.may_match).ok_or(Rejection::MatchNotAllowed)?;
    let leading = state.head.leading.ok_or(Rejection::MatchNotAllowed)?;
    let (own, leaders) = (rules.rank(bidder), rules.rank(leading.bidder));
    let is_new = state.standing(bidder).is_none_or(|own| own.price != leading.price);
    let joins = priority.draw_among_equals && own == leaders && own < (true, 0) && is_new;
    if own >= leaders && !joins {
        return Err(Rejection::MatchNotAllowed);
    }
    // An equal holder joins at the price; who leads in the end is for the draw.
    let leader = if joins { leading.bidder } else { bidder };
    let head = Head { leading: Some(Leading { bidder: leader, ..leading }), ..state.head };
    let head = hours::extended(rules, state, head, bidder, command.at);
    Ok(Accepted { head, standing: Some((bidder, stand(state, command, bidder, leading.price))) })
}

fn accept(rules: &Rules, state: &State, command: &Command, bidder: Bidder) -> Result<Accepted, Rejection> {
    if !matches!(rules.mode, Mode::Clock | Mode::ClockSealed) {
        return Err(Rejection::WrongMode);
    }
    if state.head.leading.is_some() {
        return Err(Rejection::WrongPhase);
    }
    let price = hours::clock_price(rules, &state.head, command.at);
    let end = hours::end_after_clock(rules, command.at);
    let head = Head { leading: Some(Leading { bidder, price }), end, ..state.head };
    Ok(Accepted { head, standing: Some((bidder, stand(state, command, bidder, price))) })
}

fn leads(head: &Head, bidder: Bidder) -> bool {
    head.leading.is_some_and(|leading| leading.bidder == bidder)
}

fn stand(state: &State, command: &Command, bidder: Bidder, price: Fen) -> Standing {
    let times = state.standing(bidder).map_or(0, |s| s.times).saturating_add(1);
    Standing { price, seq: command.seq, times, before: None }
}
