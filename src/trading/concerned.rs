//! Whom it concerns that something happened to a lot. Asked by messages, which follow the log; nothing here is asked by a bid.
//!
//! Promise: an account is named for what it did itself, or for a lot that it enrolled for, alone or by agreeing to bid together
//! with who did; that others did so is told to nobody. Of a running auction only the leader counts whom everybody sees.

use super::{
    auction, award,
    enrolment::{EnrolmentId, EnrolmentState, store as enrolments},
    joint::store as joint,
    listing::{
        LotId,
        store::{self as lots, Reader},
    },
    lots::words,
    notices,
    objections::{self, ObjectionId},
    price::PriceUnit,
    questions::{self, QuestionId},
};
use crate::{
    access::Account,
    db::{Result, Rx},
    kernel::{Fen, Id, Timestamp, codes::RegionCode},
};

/// A public lot as its messages name it.
#[derive(Debug, Clone)]
pub struct Named {
    pub id: LotId,
    pub collective_code: RegionCode,
    pub title: String,
    pub opens_at: Option<Timestamp>,
    unit: PriceUnit,
}

impl Named {
    /// A price with the lot's unit.
    pub fn priced(&self, amount: Fen) -> String {
        words::price(amount, self.unit)
    }
}

/// The lot, if it is public.
pub fn lot(rx: &mut Rx<'_>, id: &LotId) -> Result<Option<Named>> {
    let Some((row, terms)) = lots::find(rx, Reader::Public, id)? else { return Ok(None) };
    let unit = terms.terms()?.price_unit;
    let (id, collective_code, title, opens_at) = (row.id, row.collective_code, row.title, row.opens_at);
    Ok(Some(Named { id, collective_code, title, opens_at, unit }))
}

/// Whom something is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hearer {
    pub account: Id<Account>,
    /// Bids together with who enrolled and who does for all of them what there is to do.
    pub is_partner: bool,
}

impl Hearer {
    /// Who hears of what the account did itself.
    pub fn own(account: Id<Account>) -> Hearer {
        Hearer { account, is_partner: false }
    }
    fn partner(account: Id<Account>) -> Hearer {
        Hearer { account, is_partner: true }
    }
}

/// Somebody who has enrolled, alone or as the lead of others.
#[derive(Debug, Clone)]
pub struct Bidder {
    /// The lead, and every partner who has agreed: until then nobody knows which account is the partner's.
    pub hearers: Vec<Hearer>,
    pub enrolment: EnrolmentId,
    /// Once admitted.
    pub number: Option<i32>,
}

impl Bidder {
    /// The same for everybody who bids under this number.
    pub fn hears<N: Clone>(self, news: &N) -> Vec<(Hearer, N)> {
        self.hearers.into_iter().map(|hearer| (hearer, news.clone())).collect()
    }
}

/// Everybody who has enrolled for a lot.
pub fn everybody(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<Bidder>> {
    let seats = enrolments::list_seats(rx, lot)?.into_iter();
    let partners = joint::list_agreed(rx, lot)?;
    let bidder = |seat: enrolments::Seat| {
        let own = partners.iter().filter(|(enrolment, _)| *enrolment == seat.enrolment);
        let own = own.map(|(_, account)| Hearer::partner(account.clone()));
        let hearers = std::iter::once(Hearer::own(seat.account)).chain(own).collect();
        Bidder { hearers, enrolment: seat.enrolment, number: seat.number }
    };
    Ok(seats.map(bidder).collect())
}

/// Whose an enrolment is.
pub fn enrolled(rx: &mut Rx<'_>, id: &EnrolmentId) -> Result<(LotId, Bidder)> {
    let row = enrolments::get_led(rx, id)?;
    let number = row.bid_number.filter(|_| row.state == EnrolmentState::Admitted);
    let partners = joint::of_enrolment(rx, id)?.into_iter().filter_map(|row| row.account_id).map(Hearer::partner);
    let hearers = std::iter::once(Hearer::own(row.account_id)).chain(partners).collect();
    Ok((row.lot_id, Bidder { hearers, enrolment: row.id, number }))
}

/// Who asked a question.
pub fn asked_by(rx: &mut Rx<'_>, id: &QuestionId) -> Result<Option<(LotId, Id<Account>)>> {
    questions::store::asked_by(rx, id)
}

/// Those who asked about the notice of a lot: a notice is put right while nobody has enrolled yet.
pub fn askers(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<Id<Account>>> {
    questions::store::list_askers(rx, lot)
}

/// Who raised an objection.
pub fn raised_by(rx: &mut Rx<'_>, id: &ObjectionId) -> Result<Option<(LotId, Id<Account>)>> {
    objections::store::raised_by(rx, id)
}

/// Whether this version of the notice moved the auction.
pub fn is_moved(rx: &mut Rx<'_>, lot: &LotId, version: i64) -> Result<bool> {
    let versions = notices::store::list_public(rx, lot)?;
    let hours = |number: i64| {
        let found = versions.iter().find(|notice| i64::from(notice.number) == number);
        found.map(|notice| (notice.opens_at, notice.closes_at))
    };
    Ok(hours(version) != hours(version - 1))
}

/// Bid number of who comes next where the winner fails.
pub fn next_in_line(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<String>> {
    Ok(award::find_public(rx, lot)?.and_then(|award| award.successors.into_iter().next()))
}

/// Lots that open after `now` and not after `until`.
pub fn opening(rx: &mut Rx<'_>, now: Timestamp, until: Timestamp) -> Result<Vec<LotId>> {
    lots::list_public_opening(rx, now, until)
}

/// Running auctions that have a leader, each with its last command.
pub fn led(rx: &mut Rx<'_>, now: Timestamp) -> Result<Vec<(LotId, i64)>> {
    auction::store::list_led(rx, now)
}

/// Somebody who led and does not any more.
#[derive(Debug, Clone)]
pub struct Overtaken {
    pub hearers: Vec<Hearer>,
    /// The command that had taken the lead which was lost.
    pub lead: i64,
}

/// Those who have led a running auction and do not now, with the price that stands. As many questions as there are bidders,
/// however many bids there were.
pub fn overtaken(rx: &mut Rx<'_>, lot: &LotId, now: Timestamp) -> Result<Option<(Fen, Vec<Overtaken>)>> {
    let running = auction::store::find(rx, lot)?.filter(|row| row.closed_at.is_none() && row.end_at > now);
    let Some((leader, price)) = running.and_then(|row| row.leading_number.zip(row.price)) else { return Ok(None) };
    let mut all = Vec::new();
    for bidder in everybody(rx, lot)? {
        let Some(number) = bidder.number.filter(|number| *number != leader) else { continue };
        if let Some(lead) = auction::store::last_lead(rx, &bidder.enrolment, number)? {
            all.push(Overtaken { hearers: bidder.hearers, lead });
        }
    }
    Ok(Some((price, all)))
}
