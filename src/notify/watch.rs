//! What no entry says: that a lot starts soon, and that somebody leads no more.
//!
//! Promise: a bid pays nothing for it. Running auctions are looked at every two seconds at most, and only those in which
//! something was done since the last look; a look costs as much as the lot has bidders, however many bids came. What was told is
//! known by the messages themselves: of a lead that was lost once, until the bidder has led anew.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use super::{
    letters::{Letter, Teller, Writing},
    model::{Kind, News},
    rules::SOON_S,
    store,
};
use crate::{
    db::{Db, Lane, Result, Rx, Tx},
    kernel::Timestamp,
    log,
    trading::{
        bid_number,
        concerned::{self, Hearer, Named},
        listing::LotId,
    },
};

/// The last command of each running auction at the last look. Forgotten with the process: then all are looked at once.
#[derive(Default)]
pub(super) struct Looked(Mutex<HashMap<LotId, i64>>);

/// What is to be told of a lot.
type Found = (Named, Vec<Letter>);

/// Tells those who have lost the lead; returns how many were told.
pub(super) fn watch_leaders(db: &Db, teller: &Teller, looked: &Looked) -> Result<usize> {
    let now = db.now();
    let running = db.read_now(|rx| concerned::led(rx, now))?;
    let before = std::mem::take(&mut *looked.0.lock().unwrap_or_else(PoisonError::into_inner));
    let mut told = 0;
    let mut seen = HashMap::new();
    for (lot, seq) in running {
        if before.get(&lot) != Some(&seq) {
            told += write(db, teller, db.read_now(|rx| overtaken(rx, &lot, now))?)?;
        }
        seen.insert(lot, seq);
    }
    *looked.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    Ok(told)
}

/// Tells those who may bid that a lot starts within the hour; returns how many were told.
pub(super) fn watch_openings(db: &Db, teller: &Teller) -> Result<usize> {
    let now = db.now();
    let mut told = 0;
    for lot in db.read_now(|rx| concerned::opening(rx, now, now.plus_s(SOON_S)))? {
        told += write(db, teller, db.read_now(|rx| starting(rx, &lot, now))?)?;
    }
    Ok(told)
}

/// Writes what was found, but for what another instance has written meanwhile: of that the messages are asked, not the lot again,
/// for on SQLite bids wait for this.
fn write(db: &Db, teller: &Teller, found: Option<Found>) -> Result<usize> {
    let Some((named, letters)) = found else { return Ok(0) };
    let teller = teller.clone();
    db.write_now(Lane::of("messages", "log"), move |tx: &mut Tx<'_>| {
        store::lock_told_place(tx)?;
        let mut writing = Writing::default();
        let about = teller.about(&named, tx.now())?;
        let Some(kind) = letters.first().map(|letter| letter.news.kind()) else { return Ok(0) };
        let told = store::list_told(tx, &named.id, kind)?;
        for letter in letters.iter().filter(|letter| !told.contains(&letter.key())) {
            writing.add(tx, &about, letter.clone());
        }
        writing.finish(tx, &teller)
    })
}

/// Those who led and do not now, and have not been told of it.
fn overtaken(rx: &mut Rx<'_>, lot: &LotId, now: Timestamp) -> Result<Option<Found>> {
    let Some((price, overtaken)) = concerned::overtaken(rx, lot, now)? else { return Ok(None) };
    let all = overtaken.into_iter().flat_map(|one| {
        let occasion = format!("lead/{}", one.lead);
        one.hearers.into_iter().map(move |hearer| (hearer, occasion.clone()))
    });
    let news_of = |named: &Named, _: &Hearer| Some(News::Outbid { price: named.priced(price) });
    untold(rx, lot, (Kind::Outbid, now), all.collect(), news_of)
}

/// Those who may bid in a lot that opens, and have not been told of this hour.
fn starting(rx: &mut Rx<'_>, lot: &LotId, now: Timestamp) -> Result<Option<Found>> {
    // The hour is what its notice says, so a notice that was corrected is another occasion.
    let notice = log::newest(rx, "lot", lot, &["lot.published", "notice.corrected"])?;
    let occasion = format!("entry/{}", notice.map_or(0, |entry| entry.seq));
    let mut numbers = BTreeMap::new();
    for bidder in concerned::everybody(rx, lot)? {
        let Some(number) = bidder.number.map(bid_number) else { continue };
        numbers.extend(bidder.hears(&number));
    }
    let all = numbers.keys().map(|hearer| (hearer.clone(), occasion.clone())).collect();
    untold(rx, lot, (Kind::StartsSoon, now), all, |named, hearer| {
        Some(News::StartsSoon { number: numbers.get(hearer)?.clone(), opens_at: named.opens_at? })
    })
}

/// Letters for those who have not been told yet on their occasion.
fn untold(
    rx: &mut Rx<'_>,
    lot: &LotId,
    (kind, at): (Kind, Timestamp),
    mut all: Vec<(Hearer, String)>,
    news: impl Fn(&Named, &Hearer) -> Option<News>,
) -> Result<Option<Found>> {
    if !all.is_empty() {
        let told = store::list_told(rx, lot, kind)?;
        all.retain(|(hearer, occasion)| !told.contains(&(hearer.account.clone(), occasion.clone())));
    }
    if all.is_empty() {
        return Ok(None);
    }
    let Some(named) = concerned::lot(rx, lot)? else { return Ok(None) };
    let letter = |(to, occasion)| Some(Letter { news: news(&named, &to)?, to, occasion, at });
    let letters = all.into_iter().filter_map(letter).collect();
    Ok(Some((named, letters)))
}
