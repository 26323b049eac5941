//! Whether every opening on record is what the envelopes and the shares come to (a check of meaning, see [`log::Check`]).
//!
//! Asked of sealed lots alone, so no row that was written before there were any can contradict it.

use super::{
    opening,
    rules::{self, Plan},
    store::{self, OpeningRow, SealedBidRow},
};
use crate::{
    db::{Result, Rx},
    log::{self, Check, Contradiction, Words},
    trading::{
        auction::{
            CommandKind, Failure,
            store::{self as auctions, CommandRow},
        },
        award::store as awards,
        listing::store::{self as lots, LotRow},
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

pub(in crate::trading) const CHECK: Check = Check {
    tables: &[
        "lots",
        "lot_terms",
        "auctions",
        "auction_commands",
        "awards",
        "sealed_bids",
        "sealed_shares",
        "sealed_openings",
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
    let (bids, shares) = (store::list_bids(rx, &lot.id)?, store::list_shares(rx, &lot.id)?);
    let openings = store::list_openings(rx, &lot.id)?;
    let Some(sealed) = lots::get(rx, &lot.id)?.1.terms()?.sealed().cloned() else {
        if let Some(bid) = bids.first() {
            found(Contradiction::new("sealed_bids", &bid.id, OUT_OF_HOURS));
        }
        return Ok(());
    };
    let Some(auction) = auctions::find(rx, &lot.id)? else { return Ok(()) };
    if !bids.iter().map(|bid| bid.seq).eq(1..=i64::try_from(bids.len()).unwrap_or(i64::MAX)) {
        found(Contradiction::new("lots", &lot.id, NOT_NUMBERED));
    }
    if !shares.iter().map(|share| share.seq).eq(1..=i64::try_from(shares.len()).unwrap_or(i64::MAX)) {
        found(Contradiction::new("lots", &lot.id, NOT_NUMBERED));
    }
    let mut last = lot.opens_at;
    for bid in &bids {
        if last.is_none_or(|last| bid.at < last) || bid.at >= auction.end_at {
            found(Contradiction::new("sealed_bids", &bid.id, OUT_OF_HOURS));
        }
        last = Some(bid.at);
    }
    for share in &shares {
        let early = share.at < auction.end_at || auction.terminated;
        if early || auction.closed_at.is_some_and(|closed| share.at > closed) {
            found(Contradiction::new("sealed_shares", &share.id, OUT_OF_HOURS));
        }
    }
    match auction.closed_at {
        Some(closed_at) if !auction.terminated => {
            let is_late = closed_at >= opening::open_until(&sealed, auction.end_at);
            let plan = rules::plan(&opening::ready(&bids, &shares)?, sealed.needed(), is_late);
            let unopened = awards::find(rx, &lot.id)?.map(|award| award.reason == Some(Failure::CannotOpen));
            let fits = match &plan {
                Plan::Open(_) => unopened != Some(true),
                Plan::CannotOpen => unopened != Some(false),
                Plan::Wait { .. } => false,
            };
            if !fits {
                found(Contradiction::new("lots", &lot.id, NOT_OPENED));
            }
            let told = if let Plan::Open(told) = plan { told } else { Vec::new() };
            compare(rx, &bids, &openings, &told, found)
        }
        _ => {
            for opening in &openings {
                found(Contradiction::new("sealed_openings", &opening.bid_id, OTHER_OPENING));
            }
            Ok(())
        }
    }
}

fn compare(
    rx: &mut Rx<'_>,
    bids: &[SealedBidRow],
    openings: &[OpeningRow],
    told: &[super::Opening],
    found: &mut dyn FnMut(Contradiction),
) -> Result<()> {
    let counted: Vec<&SealedBidRow> = opening::counting(bids).into_iter().filter_map(|place| bids.get(place)).collect();
    let commands: Vec<CommandRow> = match bids.first() {
        Some(bid) => auctions::list_all(rx, &bid.lot_id)?,
        None => Vec::new(),
    };
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
    if !bids.is_empty() && entered != openings.iter().filter(|row| row.command_seq.is_some()).count() {
        found(Contradiction::new(
            "sealed_bids",
            bids.first().map(|bid| bid.id.to_string()).unwrap_or_default(),
            OTHER_COMMAND,
        ));
    }
    Ok(())
}
