//! The opening: once enough shares of every counting bid are there, all of them at once and once only.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    model::{ClearShare, Envelope, Opening},
    rules::{self, Plan, Ready},
    store::{self, OpeningRow, ReserveRow, SealedBidId, SealedBidRow, ShareRow},
};
use crate::{
    calendar::Calendar,
    db::{Error, Result, Rx, Salt, Tx},
    kernel::Timestamp,
    log::{By, Fact, record},
    trading::{
        auction::{Failure, Floor, Locked, close_locked, store as auctions},
        bid_number,
        listing::{
            LotId, SealedTerms,
            store::{self as lots, LotRow},
        },
    },
    vault::Vault,
};

/// When the time for opening is over.
pub(super) fn open_until(sealed: &SealedTerms, end: Timestamp) -> Timestamp {
    end.plus_s(i64::from(sealed.open_within_h).saturating_mul(3600))
}

/// The places of the bids that count.
pub(super) fn counting(bids: &[SealedBidRow]) -> Vec<usize> {
    let filed: Vec<(i32, bool)> = bids.iter().map(|bid| (bid.bid_number, bid.recipient.is_some())).collect();
    rules::counting(&filed)
}

/// What a lot has on record towards its opening.
pub(super) struct Files {
    pub bids: Vec<SealedBidRow>,
    /// The floor's envelope that the notice binds.
    pub reserve: Option<ReserveRow>,
    pub shares: Vec<ShareRow>,
}

impl Files {
    pub fn of(rx: &mut Rx<'_>, lot: &LotId, sealed: &SealedTerms) -> Result<Files> {
        let reserve = match sealed.reserve {
            Some(_) => store::list_reserves(rx, lot)?.pop(),
            None => None,
        };
        Ok(Files { bids: store::list_bids(rx, lot)?, reserve, shares: store::list_shares(rx, lot)? })
    }

    /// The counting bids.
    pub fn counted(&self) -> Vec<&SealedBidRow> {
        counting(&self.bids).into_iter().filter_map(|place| self.bids.get(place)).collect()
    }

    /// What can be opened by shares, the floor first.
    pub fn envelopes(&self) -> impl Iterator<Item = &SealedBidId> {
        let bids = self.bids.iter().filter(|bid| bid.recipient.is_some()).map(|bid| &bid.id);
        self.reserve.iter().map(|reserve| &reserve.id).chain(bids)
    }

    /// Errors: an internal one where an envelope on record cannot be read.
    pub fn plan(&self, needed: usize, is_late: bool) -> Result<Plan> {
        let mut bids = Vec::new();
        for bid in self.counted() {
            bids.extend(bid.envelope()?.map(|envelope| self.ready(&bid.id, envelope)));
        }
        let reserve =
            self.reserve.as_ref().map(|row| Ok::<_, Error>(self.ready(&row.id, row.envelope()?))).transpose()?;
        Ok(rules::plan(&bids, reserve.as_ref(), needed, is_late))
    }

    /// An envelope with the latest share of each trustee.
    fn ready(&self, id: &SealedBidId, envelope: Envelope) -> Ready {
        let latest = envelope.shares.iter().filter_map(|sealed| {
            let row = self.shares.iter().rev().find(|row| row.bid_id == *id && row.trustee == sealed.trustee)?;
            Some(ClearShare { number: sealed.number, bytes: STANDARD.decode(&row.share).ok()? })
        });
        Ready { shares: latest.collect(), envelope }
    }
}

/// Whether there is something to do for an ended auction; always, where its bids are not sealed.
pub(in crate::trading) fn is_ready(rx: &mut Rx<'_>, lot: &LotId, now: Timestamp) -> Result<bool> {
    let (_, terms) = lots::get(rx, lot)?;
    let Some(sealed) = terms.terms()?.sealed().cloned() else { return Ok(true) };
    let Some(auction) = auctions::find(rx, lot)? else { return Ok(false) };
    let is_late = now >= open_until(&sealed, auction.end_at);
    Ok(!matches!(Files::of(rx, lot, &sealed)?.plan(sealed.needed(), is_late)?, Plan::Wait { .. }))
}

/// Opens the bids of an ended auction and closes it, where the shares are there; closes it without a winner where the time for
/// opening is over or the floor is void. Whether it was closed: equals may have to be drawn first. All of it is one
/// transaction, so nothing is opened twice or half.
pub(in crate::trading) fn open_when_ready(
    tx: &mut Tx<'_>,
    calendar: &Calendar,
    vault: &Vault,
    all: Locked,
) -> Result<bool> {
    let Locked { lot, mut terms, auction } = all;
    let sealed = terms.terms()?.sealed().cloned();
    let sealed = sealed.ok_or_else(|| Error::Internal(format!("{} is sealed without trustees", lot.id)))?;
    let files = Files::of(tx, &lot.id, &sealed)?;
    let now = tx.now();
    let is_late = now >= open_until(&sealed, auction.end_at);
    let (auction, unopened) = match files.plan(sealed.needed(), is_late)? {
        Plan::Wait { .. } => return Ok(false),
        Plan::CannotOpen => (auction, Some(Failure::CannotOpen)),
        Plan::ReserveVoid(opening) => {
            write_reserve(tx, &lot, files.reserve.as_ref(), opening, now)?;
            (auction, Some(Failure::ReserveVoid))
        }
        Plan::Open(openings, reserve) => {
            if let Some(opening) = reserve {
                if let Some(amount) = opening.amount {
                    terms = terms.revealed(amount)?;
                    terms.update(tx)?;
                }
                write_reserve(tx, &lot, files.reserve.as_ref(), opening, now)?;
            }
            let mut floor = Floor::new(tx, &lot, &terms, auction)?;
            for (bid, opening) in files.counted().into_iter().zip(openings) {
                write_down(tx, &lot, &mut floor, bid, opening, now)?;
            }
            (floor.auction, None)
        }
    };
    let id = lot.id.clone();
    close_locked(tx, &By::system(), calendar, vault, Locked { lot, terms, auction }, unopened)?;
    Ok(auctions::find(tx, &id)?.is_some_and(|auction| auction.closed_at.is_some()))
}

fn write_reserve(
    tx: &mut Tx<'_>,
    lot: &LotRow,
    reserve: Option<&ReserveRow>,
    opening: Opening,
    now: Timestamp,
) -> Result<()> {
    let Some(reserve) = reserve else { return Ok(()) };
    let kind = if opening.amount.is_some() { "sealed_reserve.opened" } else { "sealed_reserve.voided" };
    let data = json!({
        "seq": reserve.seq, "outcome": opening.outcome, "amount": opening.amount, "recipient": reserve.recipient,
        "identity": opening.identity,
    });
    opened_row(&reserve.id, lot, opening, now).insert(tx)?;
    record(tx, &By::system(), Fact::new(kind, &lot.collective_code).about("lot", &lot.id).data(data))?;
    Ok(())
}

fn opened_row(id: &SealedBidId, lot: &LotRow, opening: Opening, now: Timestamp) -> OpeningRow {
    OpeningRow {
        bid_id: id.clone(),
        lot_id: lot.id.clone(),
        at: now,
        outcome: opening.outcome,
        amount: opening.amount,
        nonce: opening.nonce,
        identity: opening.identity,
        command_seq: None,
        salt: Salt::fresh(),
    }
}

fn write_down(
    tx: &mut Tx<'_>,
    lot: &LotRow,
    floor: &mut Floor,
    bid: &SealedBidRow,
    opening: Opening,
    now: Timestamp,
) -> Result<()> {
    let entered = match opening.amount {
        Some(amount) => Some(floor.enter(tx, &bid.enrolment_id, bid.bid_number, amount, bid.at)?),
        None => None,
    };
    let kind = if opening.amount.is_some() { "sealed_bid.opened" } else { "sealed_bid.voided" };
    let data = json!({
        "seq": bid.seq, "bidder": bid_number(bid.bid_number), "outcome": opening.outcome, "amount": opening.amount,
        "reason": entered.as_ref().and_then(|(_, refusal)| refusal.map(|refusal| refusal.code())),
        "recipient": bid.recipient, "identity": opening.identity,
    });
    let command_seq = entered.map(|(command, _)| command.seq);
    OpeningRow { command_seq, ..opened_row(&bid.id, lot, opening, now) }.insert(tx)?;
    record(tx, &By::system(), Fact::new(kind, &lot.collective_code).about("lot", &lot.id).data(data))?;
    Ok(())
}
