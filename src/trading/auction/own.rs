//! What one's own account may do in a live auction: asked of the engine, decided nowhere else, written nowhere.

use super::{
    Action, Bidder, Command, Mode, Rejection, Span, State,
    after_clock::Sequel,
    asking, decide,
    facts::{self, Table},
    live::Mine,
    offers,
    service::{Bid, closer},
    span,
    store::{self, AuctionRow},
    turns::Course,
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx},
    kernel::{Fen, Problem, Timestamp, error::NOT_FOUND},
    trading::{
        bid_number,
        enrolment::{store as enrolments, store::EnrolmentRow},
        listing::{
            LotId,
            store::{self as lots, Reader},
        },
    },
};

/// The auction as the engine would see the account's next command.
struct Seat {
    auction: AuctionRow,
    table: Table,
    state: State,
    own: Option<EnrolmentRow>,
    bidder: Option<Bidder>,
    now: Timestamp,
}

impl Seat {
    fn take(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, id: &LotId, now: Timestamp) -> Result<Seat> {
        let (lot, terms) = lots::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
        let auction = store::find(rx, id)?.ok_or(&NOT_FOUND)?;
        let own = enrolments::find_own(rx, id, &allowed.actor.account)?;
        let table = facts::table(rx, &lot, &terms)?;
        let state = facts::state(rx, &auction, &table)?;
        let bidder = own.as_ref().and_then(|e| e.bid_number).and_then(facts::bidder);
        Ok(Seat { now: now.max(auction.last_at), auction, table, state, own, bidder })
    }

    /// What the engine would say.
    fn would(&self, action: Action) -> Option<Rejection> {
        let seq = u64::try_from(self.auction.last_seq).unwrap_or_default().saturating_add(1);
        let command = Command { seq, at: self.now, bidder: self.bidder, action };
        decide(&self.table.rules, &self.state, &command).err()
    }
}

/// What the own account may do in a published lot now.
///
/// Errors: `not_found`.
pub fn mine(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, id: &LotId, now: Timestamp) -> Result<Mine> {
    let seat = Seat::take(rx, allowed, id, now)?;
    let (rules, head) = (&seat.table.rules, &seat.state.head);
    let asking = asking(rules, head, seat.now);
    let (bounds, action) = match asking {
        Some(asking) => (Span { least: asking.price, most: Some(asking.price) }, Action::Accept),
        None => {
            let bounds = span(rules, &seat.state, seat.bidder, seat.now);
            (bounds, Action::Bid(Some(bounds.least)))
        }
    };
    let refused = seat.would(action);
    let sequel = Sequel::of(rules, &seat.state, seat.now);
    let is_private = |bidder: &Bidder| match rules.mode {
        Mode::Proxy | Mode::Turns => true,
        _ => sequel.as_ref().is_some_and(|sequel| sequel.keeps(*bidder)),
    };
    let limit = seat.bidder.filter(is_private).and_then(|b| seat.state.standing(b));
    let best = match &sequel {
        Some(sequel) => sequel.best(rules, &seat.state),
        None => Course::of(rules, &seat.state, seat.now).and_then(|course| course.best(rules)),
    };
    let leading = head.leading.filter(|_| sequel.is_none()).or(best).map(|l| l.bidder);
    let refused = refused.map(|r| closer(r.problem(rules.unit()), seat.own.is_some(), None).detail);
    let rank = seat.bidder.map(|b| seat.table.rules.rank(b));
    let holds = rank.is_some_and(|rank| rank < (true, 0));
    Ok(Mine {
        bid_number: seat.own.as_ref().and_then(|e| e.bid_number).map(bid_number),
        leading: seat.bidder.is_some() && leading == seat.bidder,
        has_bid: match &seat.own {
            Some(own) => store::has_bid(rx, &own.id)?,
            None => false,
        },
        least: refused.is_none().then_some(bounds.least),
        most: bounds.most.filter(|_| refused.is_none()),
        may_accept: asking.is_some() && refused.is_none(),
        limit: limit.map(|standing| standing.price),
        offers: match rules.mode {
            Mode::Turns | Mode::ClockSealed if refused.is_none() && asking.is_none() => {
                offers(rules, &seat.state, seat.bidder, seat.now)
            }
            _ => Vec::new(),
        },
        priority_rank: rank.filter(|_| holds).map(|(_, rank)| rank),
        may_match: holds && seat.would(Action::Match).is_none(),
        why_not: refused,
    })
}

/// A bid before it is placed: nothing is on record yet.
#[derive(Debug)]
pub struct Preview {
    /// What would be bid; for a match the current price. `None` where it cannot be read.
    pub amount: Option<Fen>,
    /// The number of the last command; a bid sent from this picture is the same one however often it is sent.
    pub seq: i64,
    pub refusal: Option<Problem>,
}

/// What would become of a bid now.
///
/// Errors: `not_found`.
pub fn preview(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, id: &LotId, bid: &Bid, now: Timestamp) -> Result<Preview> {
    let seat = Seat::take(rx, allowed, id, now)?;
    let unit = seat.table.rules.unit();
    let (action, amount, sentence) = match bid {
        Bid::Match => (Action::Match, seat.auction.price, None),
        Bid::Accept => {
            let asking = asking(&seat.table.rules, &seat.state.head, seat.now);
            (Action::Accept, asking.map(|asking| asking.price), None)
        }
        Bid::Amount(typed) => match unit.read(typed) {
            Ok(amount) => (Action::Bid(Some(amount)), Some(amount), None),
            Err(fault) => (Action::Bid(None), None, Some(fault)),
        },
    };
    let refusal = seat.would(action).map(|r| closer(r.problem(unit), seat.own.is_some(), sentence));
    Ok(Preview { amount, seq: seat.auction.last_seq, refusal })
}
