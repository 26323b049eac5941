//! The opening: once enough shares of every counting bid are there, all of them at once and once only.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    model::{ClearShare, Opening},
    rules::{self, Plan, Ready},
    store::{self, OpeningRow, SealedBidRow, ShareRow},
};
use crate::{
    calendar::Calendar,
    db::{Error, Result, Rx, Salt, Tx},
    kernel::Timestamp,
    log::{By, Fact, record},
    trading::{
        auction::{Floor, Locked, close_locked, store as auctions},
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

/// The counting bids with the latest share of each trustee.
///
/// Errors: an internal one where a bid on record cannot be read.
pub(super) fn ready(bids: &[SealedBidRow], shares: &[ShareRow]) -> Result<Vec<Ready>> {
    let mut found = Vec::new();
    for bid in counting(bids).into_iter().filter_map(|place| bids.get(place)) {
        let Some(envelope) = bid.envelope()? else { continue };
        let latest = envelope.shares.iter().filter_map(|sealed| {
            let row = shares.iter().rev().find(|row| row.bid_id == bid.id && row.trustee == sealed.trustee)?;
            Some(ClearShare { number: sealed.number, bytes: STANDARD.decode(&row.share).ok()? })
        });
        found.push(Ready { shares: latest.collect(), envelope });
    }
    Ok(found)
}

/// Whether there is something to do for an ended auction; always, where its bids are not sealed.
pub(in crate::trading) fn is_ready(rx: &mut Rx<'_>, lot: &LotId, now: Timestamp) -> Result<bool> {
    let (_, terms) = lots::get(rx, lot)?;
    let Some(sealed) = terms.terms()?.sealed().cloned() else { return Ok(true) };
    let Some(auction) = auctions::find(rx, lot)? else { return Ok(false) };
    let ready = ready(&store::list_bids(rx, lot)?, &store::list_shares(rx, lot)?)?;
    let is_late = now >= open_until(&sealed, auction.end_at);
    Ok(!matches!(rules::plan(&ready, sealed.needed(), is_late), Plan::Wait { .. }))
}

/// Opens the bids of an ended auction and closes it, where the shares are there; closes it without a winner where the time for
/// opening is over. Whether anything was done. All of it is one transaction, so nothing is opened twice or half.
pub(in crate::trading) fn open_when_ready(
    tx: &mut Tx<'_>,
    calendar: &Calendar,
    vault: &Vault,
    all: Locked,
) -> Result<bool> {
    let Locked { lot, terms, auction } = all;
    let sealed = terms.terms()?.sealed().cloned();
    let sealed = sealed.ok_or_else(|| Error::Internal(format!("{} is sealed without trustees", lot.id)))?;
    let bids = store::list_bids(tx, &lot.id)?;
    let ready = ready(&bids, &store::list_shares(tx, &lot.id)?)?;
    let now = tx.now();
    let is_late = now >= open_until(&sealed, auction.end_at);
    let (auction, unopened) = match rules::plan(&ready, sealed.needed(), is_late) {
        Plan::Wait { .. } => return Ok(false),
        Plan::CannotOpen => (auction, true),
        Plan::Open(openings) => {
            let mut floor = Floor::new(tx, &lot, &terms, auction)?;
            let counted = counting(&bids).into_iter().filter_map(|place| bids.get(place));
            for (bid, opening) in counted.zip(openings) {
                write_down(tx, &lot, &mut floor, bid, opening, now)?;
            }
            (floor.auction, false)
        }
    };
    close_locked(tx, &By::system(), calendar, vault, Locked { lot, terms, auction }, unopened)?;
    Ok(true)
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
    let row = OpeningRow {
        bid_id: bid.id.clone(),
        lot_id: lot.id.clone(),
        at: now,
        outcome: opening.outcome,
        amount: opening.amount,
        nonce: opening.nonce,
        identity: opening.identity,
        command_seq: entered.map(|(command, _)| command.seq),
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    record(tx, &By::system(), Fact::new(kind, &lot.collective_code).about("lot", &lot.id).data(data))?;
    Ok(())
}
