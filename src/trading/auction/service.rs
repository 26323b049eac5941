//! Use cases of a live auction: bidding, steering, closing, reading.

use serde_json::json;

use super::{
    CLOSED, Command, Rejection, closing, decide, facts,
    live::{BidView, Live},
    offers, span,
    store::{self, AuctionRow, CommandKind, CommandRow},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Error, Lane, Result, Rx, Salt, Tx},
    kernel::{Fen, Page, PageRequest, Problem, Timestamp, error::NOT_FOUND, text},
    log::{By, Fact, Receipt, record},
    trading::{
        bid_number,
        enrolment::{store as enrolments, store::EnrolmentRow},
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
    },
};

crate::codes! {
    NOT_ENROLLED 409 "not_enrolled" "您还没有报名本标的，请在报名截止前报名并缴纳保证金";
    DEPOSIT_MISSING 409 "deposit_missing" "您的保证金没有到账，不能出价";
    PRICE_MOVED 409 "price_moved" "您填价之后，当前价又变了，请看清楚再出价";
    AUCTION_NOT_ENDED 409 "auction_not_ended" "竞价还没有结束：结束之前不能导出竞价记录，以免泄露保留价和竞买信息";
}

/// Makes the live part of a lot that is being published.
pub(in crate::trading) fn prepare(tx: &mut Tx<'_>, lot: &LotId, closes_at: Timestamp) -> Result<()> {
    let row = AuctionRow {
        lot_id: lot.clone(),
        leading_number: None,
        price: None,
        end_at: closes_at,
        extensions: 0,
        suspended_since: None,
        suspended_us: 0,
        terminated: false,
        last_seq: 0,
        last_at: tx.now(),
        closed_at: None,
        salt: Salt::fresh(),
    };
    row.insert(tx)
}

/// What a bidder asks for.
#[derive(Debug, Clone)]
pub enum Bid {
    /// An amount as it was typed.
    Amount(String),
    /// A priority holder takes the lead at the current price.
    Match,
}

/// What a command came to. A refusal is an outcome like any other: it is on record.
#[derive(Debug)]
pub struct Taken {
    pub bid: BidView,
    pub refusal: Option<Problem>,
    pub receipt: Receipt,
}

/// A lot of which the auction is locked.
struct Locked {
    lot: LotRow,
    terms: TermsRow,
    auction: AuctionRow,
}

fn locked(tx: &mut Tx<'_>, reader: Reader<'_>, id: &LotId) -> Result<Locked> {
    store::lock(tx, id)?;
    let (lot, terms) = lots::find(tx, reader, id)?.ok_or(&NOT_FOUND)?;
    let auction = store::find(tx, id)?.ok_or(&NOT_FOUND)?;
    tx.now_after(auction.last_at);
    Ok(Locked { lot, terms, auction })
}

/// Places a bid, or matches. The engine decides; accepted or refused, the command is on record with its log entry.
///
/// Errors: `not_found` for a lot that is not public. Refusals come back in [`Taken`].
pub fn place_bid(tx: &mut Tx<'_>, allowed: &Allowed<may::Bid>, id: &LotId, bid: &Bid) -> Result<Taken> {
    let all = locked(tx, Reader::Public, id)?;
    let own = enrolments::find_own(tx, id, &allowed.actor.account)?;
    let (kind, amount) = match bid {
        Bid::Match => (CommandKind::Match, Ok(None)),
        Bid::Amount(typed) => (CommandKind::Bid, text::read_yuan(typed).map(Some)),
    };
    let sentence = amount.as_ref().err().map(ToString::to_string);
    let mut taken = take(tx, &allowed.by(), all, kind, own.as_ref(), amount.ok().flatten(), "")?;
    if let Some(problem) = taken.refusal.take() {
        taken.refusal = Some(closer(problem, own.as_ref(), sentence));
    }
    Ok(taken)
}

/// Places a bid of somebody who saw `seen` as the current price (`None`: no bid yet). Where the price is another by now the
/// inner result says so, nothing is placed and nothing is on record: a person should not pay a raise over a price that has
/// moved meanwhile without being asked.
///
/// Errors: as for [`place_bid`].
pub fn place_seen_bid(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    id: &LotId,
    bid: &Bid,
    seen: Option<Fen>,
) -> Result<std::result::Result<Taken, Problem>> {
    store::lock(tx, id)?;
    match store::find(tx, id)?.and_then(|auction| auction.price) {
        Some(price) if Some(price) != seen => {
            let detail = format!("您填价之后，当前价已变为 {price} 元，请看清楚再出价");
            Ok(Err(Problem::new(&PRICE_MOVED, detail).with("price", price.to_string())))
        }
        _ => place_bid(tx, allowed, id, bid).map(Ok),
    }
}

/// A refusal that says more than the trace's reason: who is unknown has not enrolled or not paid, and an amount that
/// cannot be read has a sentence of its own.
pub(super) fn closer(problem: Problem, own: Option<&EnrolmentRow>, sentence: Option<String>) -> Problem {
    match (problem.code.code, own, sentence) {
        ("unknown_bidder", None, _) => (&NOT_ENROLLED).into(),
        ("unknown_bidder", Some(_), _) => (&DEPOSIT_MISSING).into(),
        ("malformed", _, Some(sentence)) => {
            let field = crate::kernel::FieldError::new("amount", None, sentence.clone());
            Problem { fields: vec![field], detail: sentence, ..problem }
        }
        _ => problem,
    }
}

/// What the trading officer asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steer {
    Suspend,
    Resume,
    Terminate,
}

/// Suspends, resumes or terminates, with a reason that is published (SPC rules on online judicial auctions, art. 28). A
/// lot that has not opened yet can be terminated too; then there is no award.
///
/// Errors: a field error where the reason is missing, `lot_not_in_state`, `not_found`. Refusals come back in [`Taken`].
pub fn steer(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    calendar: &Calendar,
    id: &LotId,
    steer: Steer,
    reason: &str,
) -> Result<Option<Taken>> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 || reason.chars().any(char::is_control) {
        return Err(Problem::field("reason", None, "请写明原因（最多 500 个字，写在一行里），它会向社会公布").into());
    }
    let all = locked(tx, Reader::Staff(&allowed.scope), id)?;
    listing::must_be(all.lot.state, &[LotState::Published])?;
    let now = tx.now();
    if steer == Steer::Terminate && all.lot.opens_at.is_none_or(|opens| now < opens) {
        give_up(tx, &allowed.by(), all, reason)?;
        return Ok(None);
    }
    let kind = match steer {
        Steer::Suspend => CommandKind::Suspend,
        Steer::Resume => CommandKind::Resume,
        Steer::Terminate => CommandKind::Terminate,
    };
    let taken = take(tx, &allowed.by(), all, kind, None, None, reason)?;
    if steer == Steer::Terminate && taken.refusal.is_none() {
        let all = locked(tx, Reader::Staff(&allowed.scope), id)?;
        close_locked(tx, &allowed.by(), calendar, all)?;
    }
    Ok(Some(taken))
}

/// Ends a lot before its opening.
fn give_up(tx: &mut Tx<'_>, by: &By, all: Locked, reason: &str) -> Result<Receipt> {
    let now = tx.now();
    // No auction took place, so no engine decided; the command stands for the published reason alone.
    let command = CommandRow {
        accepted: true,
        closes_at: Some(now),
        ..command(tx, &all, CommandKind::Terminate, None, None, reason)
    };
    command.insert(tx)?;
    let auction = AuctionRow { last_seq: command.seq, last_at: now, ..all.auction };
    AuctionRow { terminated: true, end_at: now, closed_at: Some(now), ..auction }.update(tx)?;
    let row = listing::conclude(tx, all.lot, LotState::Terminated)?;
    tx.wake(topic(&row.id));
    let fact =
        Fact::new("lot.terminated", &row.collective_code).about("lot", &row.id).data(json!({ "reason": reason }));
    record(tx, by, fact)
}

/// What a live stream of the lot waits for.
pub fn topic(id: &LotId) -> String {
    format!("lot/{id}")
}

/// The next command of an auction, not decided yet.
fn command(
    tx: &mut Tx<'_>,
    all: &Locked,
    kind: CommandKind,
    own: Option<&EnrolmentRow>,
    amount: Option<Fen>,
    note: &str,
) -> CommandRow {
    CommandRow {
        id: tx.new_id("cmd"),
        lot_id: all.lot.id.clone(),
        seq: all.auction.last_seq + 1,
        at: tx.now(),
        action: kind,
        enrolment_id: own.map(|e| e.id.clone()),
        bid_number: own.and_then(|e| e.bid_number),
        amount,
        accepted: false,
        reason: None,
        bound: None,
        leader: None,
        price: None,
        closes_at: None,
        note: note.to_owned(),
        salt: Salt::fresh(),
    }
}

/// Gives one command to the engine and writes down what came of it.
fn take(
    tx: &mut Tx<'_>,
    by: &By,
    all: Locked,
    kind: CommandKind,
    own: Option<&EnrolmentRow>,
    amount: Option<Fen>,
    note: &str,
) -> Result<Taken> {
    let row = command(tx, &all, kind, own, amount, note);
    let now = row.at;
    let Locked { lot, terms, auction } = all;
    if auction.closed_at.is_some() {
        // The trace of a closed auction is final; that somebody came too late stands in the log alone.
        let row = CommandRow { reason: Some(CLOSED.code.to_owned()), ..row };
        let receipt = note_command(tx, by, &lot, &row)?;
        let refusal = Some(Rejection::Closed { end: auction.end_at }.into());
        return Ok(Taken { bid: view(row), refusal, receipt });
    }
    let table = facts::table(tx, &lot, &terms)?;
    let decision = decide(&table.rules, &facts::state(&auction, &table), &facts::command(&row));
    let row = facts::decided(row, &decision);
    row.insert(tx)?;
    let auction = match &decision {
        Ok(accepted) => facts::after(auction, &accepted.head),
        Err(_) => auction,
    };
    AuctionRow { last_seq: row.seq, last_at: now, ..auction }.update(tx)?;
    let receipt = note_command(tx, by, &lot, &row)?;
    if decision.is_ok() {
        tx.wake(topic(&lot.id));
    }
    Ok(Taken { bid: view(row), refusal: decision.err().map(Problem::from), receipt })
}

fn note_command(tx: &mut Tx<'_>, by: &By, lot: &LotRow, row: &CommandRow) -> Result<Receipt> {
    let kind = match (row.action, row.accepted) {
        (_, false) => "bid.refused",
        (CommandKind::Bid, true) => "bid.accepted",
        (CommandKind::Match, true) => "bid.matched",
        (CommandKind::Suspend, true) => "auction.suspended",
        (CommandKind::Resume, true) => "auction.resumed",
        (CommandKind::Terminate, true) => "auction.terminated",
    };
    let data = json!({
        "seq": row.seq, "type": row.action, "bidder": row.bid_number.map(bid_number), "amount": row.amount,
        "reason": row.reason, "bound": row.bound, "price": row.price, "closes_at": row.closes_at, "note": row.note,
    });
    record(tx, by, Fact::new(kind, &lot.collective_code).about("lot", &lot.id).data(data))
}

/// Closes every auction whose end has passed: called by the timetable, and by tests. Returns how many were closed.
pub fn close_due(db: &Db, calendar: &Calendar) -> Result<usize> {
    let now = db.now();
    let due = db.read_now(|rx| store::list_due(rx, now))?;
    let mut closed = 0;
    for id in due {
        let (lane, calendar) = (Lane::of("lot", &id), calendar.clone());
        let done = db.write_now(lane, move |tx| {
            store::lock(tx, &id)?;
            let (lot, terms) = lots::get(tx, &id)?;
            let auction = store::find(tx, &id)?.ok_or(&NOT_FOUND)?;
            let now = tx.now_after(auction.last_at);
            // Another instance, or a resumed clock, may have been here since.
            if auction.closed_at.is_some() || auction.suspended_since.is_some() || now < auction.end_at {
                return Ok(false);
            }
            close_locked(tx, &By::system(), &calendar, Locked { lot, terms, auction })?;
            Ok(true)
        })?;
        closed += usize::from(done);
    }
    Ok(closed)
}

/// Replays the whole auction from its commands, and writes the award only where every stored decision and the live row
/// agree with it.
fn close_locked(tx: &mut Tx<'_>, by: &By, calendar: &Calendar, all: Locked) -> Result<Receipt> {
    let Locked { lot, terms, auction } = all;
    let table = facts::table(tx, &lot, &terms)?;
    let commands = store::list_all(tx, &lot.id)?;
    let state = closing::replayed(&table, &commands).map_err(|at| {
        Error::Internal(format!("command {} of {} does not replay to what is on record", at.seq, lot.id))
    })?;
    if state.head != facts::state(&auction, &table).head {
        return Err(Error::Internal(format!("the live row of {} differs from its replayed commands", lot.id)));
    }
    let now = tx.now();
    let notice_until = calendar.plus_working_days(now.day(), terms.terms().result_days).map_err(Problem::from)?;
    let row = closing::award(tx, &terms, &table, &state, now, notice_until)?;
    row.insert(tx)?;
    AuctionRow { closed_at: Some(now), last_at: now, ..auction }.update(tx)?;
    let end = closing::end(row.status).ok_or_else(|| Error::Internal(format!("{} has no end", lot.id)))?;
    let lot = listing::conclude(tx, lot, end)?;
    tx.wake(topic(&lot.id));
    let data = json!({
        "status": row.status, "reason": row.reason, "winner": row.winner_number.map(bid_number), "price": row.price,
        "closed_at": row.closed_at, "extensions": row.extensions,
        "notice_from": row.notice_from, "notice_until": row.notice_until,
    });
    record(tx, by, Fact::new("auction.closed", &lot.collective_code).about("lot", &lot.id).data(data))
}

/// How the auction of a published lot stands; `None` before its publication.
pub fn live(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<Option<Live>> {
    let Some(auction) = store::find(rx, &lot.id)? else { return Ok(None) };
    let table = facts::table(rx, lot, terms)?;
    let state = facts::state(&auction, &table);
    let bounds = span(&table.rules, &state, None);
    Ok(Some(Live {
        price: auction.price,
        leader: auction.leading_number.map(bid_number),
        end_at: auction.end_at,
        extensions: u64::try_from(auction.extensions).unwrap_or_default(),
        suspended_since: auction.suspended_since,
        least: bounds.least,
        most: bounds.most,
        offers: offers(&table.rules, &state),
        seq: auction.last_seq,
    }))
}

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
pub fn history(rx: &mut Rx<'_>, who: History<'_>, id: &LotId, page: &PageRequest) -> Result<Page<BidView>> {
    let limit = i64::try_from(page.limit()).unwrap_or(i64::MAX) + 1;
    let before = page.after.as_deref().and_then(|seq| seq.parse().ok());
    let reader = match who {
        History::Whole(scope) => Reader::Staff(scope),
        History::Public | History::Own(_) => Reader::Public,
    };
    lots::find(rx, reader, id)?.ok_or(&NOT_FOUND)?;
    let rows = match who {
        History::Public => store::list_newest(rx, id, false, before, limit)?,
        History::Whole(_) => store::list_newest(rx, id, true, before, limit)?,
        History::Own(allowed) => match enrolments::find_own(rx, id, &allowed.actor.account)? {
            Some(own) => store::list_own(rx, &own.id, before, limit)?,
            None => Vec::new(),
        },
    };
    Ok(Page::from_rows(rows, page.limit(), |row| row.seq.to_string()).map(view))
}

/// What everybody may see of the commands after `after`, oldest first, for the live stream.
pub fn since(rx: &mut Rx<'_>, id: &LotId, after: i64, limit: i64) -> Result<Vec<BidView>> {
    Ok(store::list_public_since(rx, id, after, limit)?.into_iter().map(view).collect())
}

fn view(row: CommandRow) -> BidView {
    let told = row.reason.as_deref().and_then(|reason| super::CODES.iter().find(|c| c.code == reason));
    let sentence = told.map(|c| c.title).map(|title| match row.bound {
        Some(bound) if row.amount.is_some_and(|a| a < bound) => format!("{title}，至少应为 {bound} 元"),
        Some(bound) => format!("{title}，最多可出 {bound} 元"),
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
        leader: row.leader.map(bid_number),
        price: row.price,
        closes_at: row.closes_at,
        note: row.note,
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
/// Errors: `not_found`, `auction_not_ended`.
pub fn export(rx: &mut Rx<'_>, id: &LotId) -> Result<Exported> {
    let (lot, terms) = lots::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    if crate::trading::award::find_public(rx, id)?.is_none() {
        return Err((&AUCTION_NOT_ENDED).into());
    }
    let table = facts::table(rx, &lot, &terms)?;
    let commands: Vec<Command> = store::list_all(rx, id)?.iter().map(facts::command).collect();
    let trace = super::write_trace(&table.rules, &table.names, &commands);
    let result = super::replay(&trace).map_err(|e| Error::Internal(format!("trace of {id}: {e}")))?;
    Ok(Exported { trace, result })
}

/// Every auction whose award is written, for `export auction --all`.
pub fn list_closed(rx: &mut Rx<'_>) -> Result<Vec<LotId>> {
    crate::trading::award::store::list_public_lots(rx)
}
