//! Whether every opening on record is what the envelopes and the shares come to (a check of meaning, see [`log::Check`]).
//!
//! Asked of sealed lots alone, so no row that was written before there were any can contradict it.

use super::{
    opening::{self, Files},
    reserve,
    rules::Plan,
    store::{self, OpeningRow},
};
use crate::{
    db::{Result, Rx},
    kernel::{Fen, Timestamp},
    log::{self, Check, Contradiction, Words},
    trading::{
        auction::{
            CommandKind, Failure,
            store::{self as auctions, AuctionRow, CommandRow},
        },
        award::store as awards,
        draw,
        listing::{
            LotId, SealedTerms, Terms,
            store::{self as lots, LotRow},
        },
        ranking,
    },
};

const OTHER_OPENING: Words = Words {
    line: "the sealed bids and their shares do not come to this opening",
    page: "按信封和密钥份重新开标，结果与记录的不一样",
};
const NOT_OPENED: Words = Words {
    line: "the sealed bids of this auction were not opened as they should have been",
    page: "暗标的开标情况与信封、密钥份不一致",
};
const OUT_OF_HOURS: Words = Words {
    line: "a sealed bid or a share stands at a time at which none was taken",
    page: "暗标报价或者密钥份的时间不在应有的时段内",
};
const NOT_NUMBERED: Words = Words {
    line: "the sealed bids or shares of this lot are not numbered without a gap",
    page: "本标的的暗标报价或者密钥份的编号不连续",
};
const OTHER_COMMAND: Words = Words {
    line: "the opened bid did not come to the auction as it was opened",
    page: "开启的报价与竞价记录里的不一样",
};

const OTHER_RESERVE: Words = Words {
    line: "this is not the sealed floor that the notice of the lot binds",
    page: "保留价信封与公告所写的不是同一个",
};
const OTHER_PRICE: Words = Words {
    line: "the reserve price of this lot is not what its sealed floor was opened to",
    page: "保留价与保留价信封开启出来的不一样",
};

pub(in crate::trading) const CHECK: Check = Check {
    tables: &[
        "lots",
        "lot_terms",
        "auctions",
        "auction_commands",
        "awards",
        "sealed_bids",
        "sealed_reserves",
        "sealed_shares",
        "sealed_openings",
        "draw_rounds",
        "lot_rankings",
    ],
    run: |rx, found| {
        LotRow::each(rx, |rx, lot| {
            if log::understood(of_lot(rx, &lot, found))?.is_none() {
                found(Contradiction::new("lots", &lot.id, NOT_OPENED));
            }
            Ok(())
        })
    },
};

fn of_lot(rx: &mut Rx<'_>, lot: &LotRow, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let terms = lots::get(rx, &lot.id)?.1.terms()?;
    let Some(sealed) = terms.sealed().cloned() else {
        if let Some(bid) = store::list_bids(rx, &lot.id)?.first() {
            found(Contradiction::new("sealed_bids", &bid.id, OUT_OF_HOURS));
        }
        return Ok(());
    };
    bound(rx, lot, &sealed, found)?;
    let Some(auction) = auctions::find(rx, &lot.id)? else { return Ok(()) };
    let files = Files::of(rx, &lot.id, &sealed)?;
    let (opened_at, is_called) = (opened_at(rx, &auction)?, called_at(rx, &lot.id)?.is_some());
    // What was terminated after its bids were opened had been opened all the same.
    let opened_at = opened_at.filter(|_| !auction.terminated || is_called);
    in_time(lot, &auction, &files, opened_at, found);
    let openings = store::list_openings(rx, &lot.id)?;
    let Some(opened_at) = opened_at else {
        for opening in &openings {
            found(Contradiction::new("sealed_openings", &opening.bid_id, OTHER_OPENING));
        }
        return Ok(());
    };
    let is_late = opened_at >= opening::open_until(&sealed, auction.end_at);
    let plan = files.plan(sealed.needed(), is_late)?;
    let reason = awards::find(rx, &lot.id)?.map(|award| award.reason.filter(|reason| reason.is_unopened()));
    let told = match &plan {
        Plan::Open(..) => Some(None),
        Plan::CannotOpen => Some(Some(Failure::CannotOpen)),
        Plan::ReserveVoid(_) => Some(Some(Failure::ReserveVoid)),
        Plan::Wait { .. } => None,
    };
    if told.is_none() || reason.is_some_and(|reason| Some(reason) != told) {
        found(Contradiction::new("lots", &lot.id, NOT_OPENED));
    }
    let (bids, floor) = match plan {
        Plan::Open(bids, floor) => (bids, floor),
        Plan::ReserveVoid(floor) => (Vec::new(), Some(floor)),
        Plan::CannotOpen | Plan::Wait { .. } => (Vec::new(), None),
    };
    let rest = compare_floor(lot, &terms, &files, openings, floor, found);
    compare(rx, lot, &files, &rest, &bids, found)
}

/// When the bids were opened: before equals were put in order, where there were some.
fn opened_at(rx: &mut Rx<'_>, auction: &AuctionRow) -> Result<Option<Timestamp>> {
    Ok(called_at(rx, &auction.lot_id)?.or(auction.closed_at))
}

/// When officers or a draw were called to put equals in order; officers go first.
fn called_at(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Timestamp>> {
    let ranked = ranking::called_at(rx, lot)?;
    Ok(if ranked.is_some() { ranked } else { draw::first_called_at(rx, lot)? })
}

/// The floor's envelopes came before the notice, and the notice binds the last.
fn bound(rx: &mut Rx<'_>, lot: &LotRow, sealed: &SealedTerms, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let reserves = store::list_reserves(rx, &lot.id)?;
    if !reserves.iter().map(|row| row.seq).eq(1..=i64::try_from(reserves.len()).unwrap_or(i64::MAX)) {
        found(Contradiction::new("lots", &lot.id, NOT_NUMBERED));
    }
    let Some(published_at) = lot.published_at else { return Ok(()) };
    for row in reserves.iter().filter(|row| row.at > published_at) {
        found(Contradiction::new("sealed_reserves", &row.id, OUT_OF_HOURS));
    }
    match (&sealed.reserve, reserves.last()) {
        (Some(told), Some(last)) if *told != reserve::bound(last) => {
            found(Contradiction::new("sealed_reserves", &last.id, OTHER_RESERVE));
        }
        (Some(_), None) => found(Contradiction::new("lots", &lot.id, OTHER_RESERVE)),
        _ => {}
    }
    Ok(())
}

fn in_time(
    lot: &LotRow,
    auction: &AuctionRow,
    files: &Files,
    opened_at: Option<Timestamp>,
    found: &mut dyn FnMut(Contradiction),
) {
    let Files { bids, shares, .. } = files;
    if !bids.iter().map(|bid| bid.seq).eq(1..=i64::try_from(bids.len()).unwrap_or(i64::MAX)) {
        found(Contradiction::new("lots", &lot.id, NOT_NUMBERED));
    }
    if !shares.iter().map(|share| share.seq).eq(1..=i64::try_from(shares.len()).unwrap_or(i64::MAX)) {
        found(Contradiction::new("lots", &lot.id, NOT_NUMBERED));
    }
    let mut last = lot.opens_at;
    for bid in bids {
        if last.is_none_or(|last| bid.at < last) || bid.at >= auction.end_at {
            found(Contradiction::new("sealed_bids", &bid.id, OUT_OF_HOURS));
        }
        last = Some(bid.at);
    }
    for share in shares {
        let never = auction.terminated && opened_at.is_none();
        if never || share.at < auction.end_at || opened_at.is_some_and(|opened| share.at > opened) {
            found(Contradiction::new("sealed_shares", &share.id, OUT_OF_HOURS));
        }
    }
}

/// Holds the floor's opening against what its shares come to, and the reserve price against both; gives the bids' openings.
fn compare_floor(
    lot: &LotRow,
    terms: &Terms,
    files: &Files,
    openings: Vec<OpeningRow>,
    told: Option<super::Opening>,
    found: &mut dyn FnMut(Contradiction),
) -> Vec<OpeningRow> {
    let Some(reserve) = &files.reserve else { return openings };
    let (of_floor, rest): (Vec<OpeningRow>, _) = openings.into_iter().partition(|row| row.bid_id == reserve.id);
    let price: Option<Fen> = told.as_ref().and_then(|told| told.amount);
    if of_floor.first().map(OpeningRow::opening) != told {
        found(Contradiction::new("sealed_openings", &reserve.id, OTHER_OPENING));
    }
    if terms.reserve_price != price {
        found(Contradiction::new("lot_terms", &lot.id, OTHER_PRICE));
    }
    rest
}

fn compare(
    rx: &mut Rx<'_>,
    lot: &LotRow,
    files: &Files,
    openings: &[OpeningRow],
    told: &[super::Opening],
    found: &mut dyn FnMut(Contradiction),
) -> Result<()> {
    let counted = files.counted();
    let commands: Vec<CommandRow> = if files.bids.is_empty() { Vec::new() } else { auctions::list_all(rx, &lot.id)? };
    for (bid, told) in counted.iter().zip(told) {
        let Some(row) = openings.iter().find(|row| row.bid_id == bid.id) else {
            found(Contradiction::new("sealed_bids", &bid.id, NOT_OPENED));
            continue;
        };
        if row.opening() != *told {
            found(Contradiction::new("sealed_openings", &row.bid_id, OTHER_OPENING));
        }
        let command = commands.iter().find(|command| Some(command.seq) == row.command_seq);
        let entered = command.is_some_and(|command| {
            command.action == CommandKind::Bid
                && (command.bid_number, command.amount) == (Some(bid.bid_number), row.amount)
                && command.at >= bid.at
        });
        if row.amount.is_some() != entered {
            found(Contradiction::new("sealed_openings", &row.bid_id, OTHER_COMMAND));
        }
    }
    let counts = |row: &OpeningRow| counted.iter().zip(told).any(|(bid, _)| bid.id == row.bid_id);
    for row in openings.iter().filter(|row| !counts(row)) {
        found(Contradiction::new("sealed_openings", &row.bid_id, OTHER_OPENING));
    }
    let entered = commands.iter().filter(|command| command.action == CommandKind::Bid).count();
    if !files.bids.is_empty() && entered != openings.iter().filter(|row| row.command_seq.is_some()).count() {
        found(Contradiction::new(
            "sealed_bids",
            files.bids.first().map(|bid| bid.id.to_string()).unwrap_or_default(),
            OTHER_COMMAND,
        ));
    }
    Ok(())
}
