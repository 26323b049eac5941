//! What is on record of an auction: its commands for those who may see them, and its trace.

use sha2::{Digest, Sha256};

use super::{
    CODES, Command, Failure, Mode,
    after_clock::{self, Sequel},
    facts,
    live::{BidView, Via},
    replay,
    service::{AUCTION_NOT_ENDED, SEALED_NOT_OPENED},
    store::{self, CommandKind, CommandRow},
    turns::Course,
    write_trace,
};
use crate::{
    access::{self, Account, Allowed, may},
    db::{Error, Result, Rx},
    kernel::{Id, Page, PageRequest, Timestamp, error::NOT_FOUND, hex},
    trading::{
        bid_number,
        enrolment::store as enrolments,
        listing::{
            LotId, LotState,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
        price::PriceUnit,
    },
};

/// Which commands of a lot are wanted.
#[derive(Debug, Clone, Copy)]
pub enum History<'a> {
    /// What everybody may see: accepted ones, by bid number.
    Public,
    /// Refused ones too, for who watches over the trade.
    Whole(&'a crate::access::Scope),
    /// The actor's own, refused ones too.
    Own(&'a Allowed<may::Bid>),
}

/// The commands of a lot, newest first.
///
/// Errors: `not_found`.
pub fn history(
    rx: &mut Rx<'_>,
    who: History<'_>,
    id: &LotId,
    page: &PageRequest,
    now: Timestamp,
) -> Result<Page<BidView>> {
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let before = page.after.as_deref().and_then(|seq| seq.parse().ok());
    let reader = match who {
        History::Whole(scope) => Reader::Staff(scope),
        History::Public | History::Own(_) => Reader::Public,
    };
    let (lot, terms) = lots::find(rx, reader, id)?.ok_or(&NOT_FOUND)?;
    let veil = match who {
        History::Own(_) => Veil::None,
        _ => Veil::of(rx, &lot, &terms, now)?,
    };
    let rows = match who {
        History::Public => store::list_newest(rx, id, false, before, limit)?,
        History::Whole(_) => store::list_newest(rx, id, true, before, limit)?,
        History::Own(allowed) => match enrolments::find_own(rx, id, &allowed.actor.account)? {
            Some(own) => store::list_own(rx, &own.id, before, limit)?,
            None => Vec::new(),
        },
    };
    let (mode, unit) = (terms.terms()?.mode(), terms.price_unit());
    let page = Page::from_rows(rows, page.limit(), |row| row.seq.to_string());
    let officers: Vec<Option<Id<Account>>> = page.items.iter().map(|row| row.entered_by.clone()).collect();
    let mut page = page.map(|row| veil.over(row, mode, unit));
    if !matches!(who, History::Public) {
        for (bid, officer) in page.items.iter_mut().zip(officers) {
            bid.entered_by = officer.map(|officer| access::display_name(rx, officer.as_str())).transpose()?;
        }
    }
    Ok(page)
}

/// What everybody may see of the commands after `after`, oldest first, for the live stream.
pub fn since(rx: &mut Rx<'_>, id: &LotId, after: i64, limit: i64, now: Timestamp) -> Result<Vec<BidView>> {
    let rows = store::list_public_since(rx, id, after, limit)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let (lot, terms) = lots::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let veil = Veil::of(rx, &lot, &terms, now)?;
    let (mode, unit) = (terms.terms()?.mode(), terms.price_unit());
    Ok(rows.into_iter().map(|row| veil.over(row, mode, unit)).collect())
}

/// What lies over the amounts of a running auction for others than who gave them.
enum Veil {
    None,
    /// Private limits are told after the end.
    Limits,
    /// A first price is told when all are in, a price of a turn when the turn has ended.
    Turns(Course),
    /// A price that follows a clock is told when the sealed part has ended.
    AfterClock(Sequel),
}

impl Veil {
    fn of(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow, now: Timestamp) -> Result<Veil> {
        let mode = terms.terms()?.mode();
        if !lot.state.is_under_way() || !matches!(mode, Mode::Proxy | Mode::Turns | Mode::ClockSealed) {
            return Ok(Veil::None);
        }
        if mode == Mode::Proxy {
            return Ok(Veil::Limits);
        }
        let Some(auction) = store::find(rx, &lot.id)? else { return Ok(Veil::Limits) };
        let table = facts::table(rx, lot, terms)?;
        let state = facts::state(rx, &auction, &table)?;
        let sequel = Sequel::of(&table.rules, &state, now).map(Veil::AfterClock);
        Ok(sequel.or(Course::of(&table.rules, &state, now).map(Veil::Turns)).unwrap_or(Veil::Limits))
    }

    fn over(&self, row: CommandRow, mode: Mode, unit: PriceUnit) -> BidView {
        let hides = match self {
            Veil::None => false,
            Veil::Limits => true,
            Veil::Turns(course) => course.hides(&row),
            Veil::AfterClock(sequel) => sequel.hides(&row),
        };
        if !hides {
            return view(row, mode, unit);
        }
        BidView { limit_salt: None, ..view(CommandRow { amount: None, bound: None, ..row }, mode, unit) }
    }
}

/// What binds the entry of a private limit to it: SHA-256 of the lines `xiangji-private-limit/1`, lot, number of the
/// command, amount in the price unit and the salt, each ended by LF. The bidder has the salt at once, everybody from the time on at
/// which the amount is told.
pub(super) fn limit_digest(row: &CommandRow) -> Option<String> {
    let (lot, seq, salt) = (&row.lot_id, row.seq, &row.salt.0);
    let lines = format!("xiangji-private-limit/1\n{lot}\n{seq}\n{}\n{salt}\n", row.amount?);
    Some(hex(&Sha256::digest(lines)))
}

pub(super) fn view(row: CommandRow, mode: Mode, unit: PriceUnit) -> BidView {
    let stands_alone = after_clock::is_sealed_price(mode, &row);
    let unit = unit.counted_in();
    let told = row.reason.as_deref().and_then(|reason| CODES.iter().find(|c| c.code == reason));
    let sentence = told.map(|c| c.title).map(|title| match row.bound {
        Some(bound) if row.amount.is_some_and(|a| a < bound) => format!("{title}，至少应为 {bound} {unit}"),
        Some(bound) => format!("{title}，最多可出 {bound} {unit}"),
        None => title.to_owned(),
    });
    BidView {
        seq: row.seq,
        at: row.at,
        kind: row.action,
        bidder: row.bid_number.map(bid_number),
        amount: row.amount,
        accepted: row.accepted,
        reason: row.reason,
        sentence,
        bound: row.bound,
        leader: row.leader.filter(|_| !stands_alone).map(bid_number),
        price: row.price.filter(|_| !stands_alone),
        closes_at: row.closes_at,
        note: row.note,
        since: row.since,
        ground: row.ground,
        paper: row.paper,
        paper_sha256: row.document_sha256,
        limit_salt: row.amount.map(|_| row.salt.0),
        via: row.entered_by.map(|_| Via::Hall),
        entered_by: None,
    }
}

/// Why a lot was terminated before its auction opened; `None` for every other lot.
pub fn reason_given_up(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Option<String>> {
    if lot.state != LotState::Terminated {
        return Ok(None);
    }
    let last = store::list_newest(rx, &lot.id, false, None, 1)?.pop();
    Ok(last
        .filter(|c| c.action == CommandKind::Terminate && lot.opens_at.is_none_or(|opens| c.at < opens))
        .map(|c| c.note))
}

/// The trace and the result of one ended auction.
#[derive(Debug)]
pub struct Exported {
    pub trace: String,
    pub result: String,
}

/// Writes the documents of contracts section 3 for an auction whose award is written; bidders stand by number.
///
/// Errors: `not_found`, `auction_not_ended`, `sealed_bids_not_opened`.
pub fn export(rx: &mut Rx<'_>, id: &LotId) -> Result<Exported> {
    let (lot, terms) = lots::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let award = crate::trading::award::find_public(rx, id)?;
    if lot.state != LotState::Practised && award.is_none() {
        return Err((&AUCTION_NOT_ENDED).into());
    }
    if award.and_then(|award| award.reason).is_some_and(Failure::is_unopened) {
        return Err((&SEALED_NOT_OPENED).into());
    }
    let table = facts::table(rx, &lot, &terms)?;
    let commands: Vec<Command> = store::list_all(rx, id)?.iter().map(facts::command).collect();
    let trace = write_trace(&table.rules, &table.names, &commands);
    let result = replay(&trace).map_err(|e| Error::Internal(format!("trace of {id}: {e}")))?;
    Ok(Exported { trace, result })
}

/// Every auction whose award is written and can be recomputed, for `export auction --all`.
pub fn list_closed(rx: &mut Rx<'_>) -> Result<Vec<LotId>> {
    crate::trading::award::store::list_public_lots(rx)
}
