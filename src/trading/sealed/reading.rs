//! Use cases: how far an opening is, and all that it takes to repeat it.

use super::{
    model::RESERVE,
    opening::{self, Files},
    rules::NOT_SEALED,
    store::{self, OpeningRow, SealedBidId, SealedBidRow},
    view::{OpeningState, SealedBidOnRecord, SealedBids},
};
use crate::{
    db::{Result, Rx},
    kernel::{Problem, Timestamp, error::NOT_FOUND},
    trading::{
        auction::{self, AUCTION_NOT_ENDED, Failure},
        award, bid_number, draw,
        listing::{
            LotId,
            store::{self as lots, Reader},
        },
        ranking,
    },
};

/// Everything about the sealed bids of an ended auction. Public.
///
/// Errors: `not_found`, `not_sealed`, `auction_not_ended`.
pub fn all(rx: &mut Rx<'_>, id: &LotId, now: Timestamp) -> Result<SealedBids> {
    let found = overview(rx, id, now)?;
    if found.state == OpeningState::Sealed {
        let detail = format!("竞价要到 {} 才结束；结束之前信封不公开", found.end_at.second_text());
        return Err(Problem::new(&AUCTION_NOT_ENDED, detail).into());
    }
    Ok(found)
}

/// How far the opening is; before the end without any bid. Public.
///
/// Errors: `not_found`, `not_sealed`.
pub fn overview(rx: &mut Rx<'_>, id: &LotId, now: Timestamp) -> Result<SealedBids> {
    let (lot, terms) = lots::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let sealed = terms.terms()?.sealed().cloned().ok_or(&NOT_SEALED)?;
    let auction = auction::store::find(rx, id)?.ok_or(&NOT_FOUND)?;
    let reason = award::find_public(rx, id)?.and_then(|award| award.reason);
    let ended = auction.suspended_since.is_none() && now >= auction.end_at;
    // Equals are drawn, or put in order by officers, once the bids are open.
    let was_opened = draw::is_called(rx, id)? || ranking::is_called(rx, id)?;
    let state = match (auction.closed_at, reason) {
        (Some(_), Some(Failure::CannotOpen)) => OpeningState::CannotOpen,
        (Some(_), Some(Failure::ReserveVoid)) => OpeningState::ReserveVoid,
        (Some(_), _) if auction.terminated && !was_opened => OpeningState::Terminated,
        (Some(_), _) => OpeningState::Opened,
        (None, _) if ended && was_opened => OpeningState::Opened,
        (None, _) if ended => OpeningState::Waiting,
        (None, _) => OpeningState::Sealed,
    };
    let bids = match state {
        OpeningState::Sealed => Vec::new(),
        _ => on_record(&Files::of(rx, &lot.id, &sealed)?, &store::list_openings(rx, &lot.id)?)?,
    };
    Ok(SealedBids {
        lot: id.to_string(),
        state,
        needed: sealed.needed,
        open_until: opening::open_until(&sealed, auction.end_at),
        trustees: sealed.trustees,
        reserve: sealed.reserve,
        end_at: auction.end_at,
        bids,
    })
}

/// The floor first, then the bids and withdrawals in their order.
fn on_record(files: &Files, openings: &[OpeningRow]) -> Result<Vec<SealedBidOnRecord>> {
    let counting = opening::counting(&files.bids);
    let mut found = Vec::new();
    if let Some(row) = &files.reserve {
        found.push(SealedBidOnRecord {
            at: row.at,
            bidder: RESERVE.to_owned(),
            counts: !counting.is_empty(),
            recipient: Some(row.recipient.clone()),
            ciphertext: Some(row.ciphertext.clone()),
            shares: row.envelope()?.shares,
            ..opened(files, openings, &row.id)
        });
    }
    for (place, row) in files.bids.iter().enumerate() {
        found.push(of_bid(files, openings, row, counting.contains(&place))?);
    }
    Ok(found)
}

fn of_bid(files: &Files, openings: &[OpeningRow], row: &SealedBidRow, counts: bool) -> Result<SealedBidOnRecord> {
    Ok(SealedBidOnRecord {
        seq: row.seq,
        at: row.at,
        bidder: bid_number(row.bid_number),
        withdrawal: row.recipient.is_none(),
        counts,
        recipient: row.recipient.clone(),
        ciphertext: row.ciphertext.clone(),
        shares: row.envelope()?.map(|envelope| envelope.shares).unwrap_or_default(),
        ..opened(files, openings, &row.id)
    })
}

/// What of an envelope comes after the end.
fn opened(files: &Files, openings: &[OpeningRow], id: &SealedBidId) -> SealedBidOnRecord {
    let opening = openings.iter().find(|opening| opening.bid_id == *id);
    let mut handed_in: Vec<String> =
        files.shares.iter().filter(|share| share.bid_id == *id).map(|share| share.trustee.clone()).collect();
    handed_in.sort();
    handed_in.dedup();
    SealedBidOnRecord {
        id: id.clone(),
        seq: 0,
        at: Timestamp(0),
        bidder: String::new(),
        withdrawal: false,
        counts: false,
        recipient: None,
        ciphertext: None,
        shares: Vec::new(),
        handed_in,
        outcome: opening.map(|opening| opening.outcome),
        amount: opening.and_then(|opening| opening.amount),
        identity: opening.and_then(|opening| opening.identity.clone()),
    }
}
