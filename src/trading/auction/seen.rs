//! How auctions stand for everybody who looks: one, or all of a notice by as many questions as one.

use std::collections::HashMap;

use super::{
    Mode, Span, State,
    after_clock::Sequel,
    asking,
    facts::{self, Table},
    live::{FallingPrice, Live},
    offers, span,
    store::{self, AuctionRow},
    turns::Course,
};
use crate::{
    db::{Result, Rx},
    kernel::Timestamp,
    trading::{
        bid_number,
        enrolment::store as enrolments,
        listing::{
            LotId,
            store::{LotRow, LotWithTerms, TermsRow},
        },
    },
};

/// How the auction of a published lot stands; `None` before its publication.
pub fn live(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow, now: Timestamp) -> Result<Option<Live>> {
    let Some(auction) = store::find(rx, &lot.id)? else { return Ok(None) };
    let table = facts::table(rx, lot, terms)?;
    let state = match tells_all(table.rules.mode) {
        true => facts::seen_by_others(&auction, &table),
        false => facts::state(rx, &auction, &table)?,
    };
    Ok(Some(seen(auction, &table, &state, now)))
}

/// The same of many public lots, by as many questions as of one.
pub fn live_of(rx: &mut Rx<'_>, lots: &[LotWithTerms], now: Timestamp) -> Result<HashMap<LotId, Live>> {
    let mut untold = Vec::new();
    for (lot, terms) in lots {
        if !tells_all(terms.terms()?.mode()) {
            untold.push(lot.id.clone());
        }
    }
    let ids: Vec<LotId> = lots.iter().map(|(lot, _)| lot.id.clone()).collect();
    let mut auctions = store::find_many(rx, &ids)?;
    let numbers = enrolments::last_numbers(rx, &ids)?;
    let taken = if untold.is_empty() { HashMap::new() } else { store::list_accepted_of(rx, &untold)? };
    let mut all = HashMap::new();
    for (lot, terms) in lots {
        let Some(auction) = auctions.remove(&lot.id) else { continue };
        let taken = taken.get(&lot.id).map_or(&[][..], Vec::as_slice);
        let table = facts::table_seen(lot, terms, numbers.get(&lot.id).copied().unwrap_or(0), taken)?;
        let state = match tells_all(table.rules.mode) {
            true => facts::seen_by_others(&auction, &table),
            false => facts::replay(&table, taken)?,
        };
        all.insert(lot.id.clone(), seen(auction, &table, &state, now));
    }
    Ok(all)
}

/// Whether the row of an auction says all that others see; in turns and after a clock the commands say it.
const fn tells_all(mode: Mode) -> bool {
    !matches!(mode, Mode::Turns | Mode::ClockSealed)
}

fn seen(auction: AuctionRow, table: &Table, state: &State, now: Timestamp) -> Live {
    let has_turns = table.rules.mode == Mode::Turns;
    let (course, sequel) = (Course::of(&table.rules, state, now), Sequel::of(&table.rules, state, now));
    let after_clock = sequel.as_ref().and_then(|sequel| sequel.best(&table.rules, state));
    let best = course.as_ref().and_then(|course| course.best(&table.rules)).or(after_clock);
    let leader = auction.leading_number.filter(|_| sequel.is_none());
    let turns = course.as_ref().and_then(|course| course.now(table));
    let asking = asking(&table.rules, &state.head, now);
    let bounds = match asking {
        Some(asking) => Span { least: asking.price, most: Some(asking.price) },
        None => span(&table.rules, state, sequel.as_ref().and_then(Sequel::only), now),
    };
    Live {
        price: after_clock.map(|best| best.price).or(auction.price).or(best.map(|best| best.price)),
        leader: leader.or(best.and_then(|best| facts::number(best.bidder))).map(bid_number),
        end_at: auction.end_at,
        extensions: u64::try_from(auction.extensions).unwrap_or_default(),
        suspended_since: auction.suspended_since,
        least: bounds.least,
        most: bounds.most,
        offers: if asking.is_some() || sequel.is_some() || table.rules.mode.hides_prices() {
            Vec::new()
        } else {
            offers(&table.rules, state, None, now)
        },
        clock: asking.map(|asking| FallingPrice { price: asking.price, falls_at: asking.falls_at }),
        first_until: (has_turns && turns.is_none()).then(|| table.rules.closes_at.plus_us(auction.suspended_us)),
        turns,
        part: sequel.as_ref().map(|sequel| sequel.now(table)),
        seq: auction.last_seq,
    }
}
