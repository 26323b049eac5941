//! Use cases of a live auction: bidding, and how it stands.

use std::rc::Rc;

use serde_json::json;

use super::{
    Mode, Rejection, Rules, State, decide, facts, history,
    live::{BidView, Via},
    scene::{self, Scene},
    steering::{Because, told_in_log},
    store::{self, AuctionRow, CommandKind, CommandRow},
};
use crate::{
    access::{Account, Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Fen, Id, Problem, Timestamp, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    trading::{
        bid_number, draw,
        enrolment::store::Seat,
        listing::{
            LotId,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
        ranking, sealed,
    },
};

crate::codes! {
    NOT_ENROLLED 409 "not_enrolled" "您还没有报名本标的，请在报名截止前报名并缴纳保证金";
    DEPOSIT_MISSING 409 "deposit_missing" "您的保证金没有到账，或者公告要求的资格材料没有审查通过，不能出价";
    PRICE_MOVED 409 "price_moved" "您填写之后，领先的出价又变了，请看清楚再出价";
    SEALED_NOT_OPENED 409 "sealed_bids_not_opened" "密钥保管人不足，报价没有开启，所以没有可以重新计算的竞价记录";
    AUCTION_NOT_ENDED 409 "auction_not_ended" "竞价还没有结束：结束之前不能导出竞价记录，以免泄露保留价和竞买信息";
}

/// Makes the live part of a lot that is being published.
pub(in crate::trading) fn prepare(tx: &mut Tx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<()> {
    let table = facts::table(tx, lot, terms)?;
    let row = AuctionRow {
        lot_id: lot.id.clone(),
        leading_number: None,
        price: None,
        end_at: State::new(&table.rules, 0).head.end,
        extensions: 0,
        suspended_since: None,
        suspended_us: 0,
        terminated: false,
        last_seq: 0,
        last_at: tx.now(),
        closed_at: None,
        salt: Salt::fresh(),
        holders: None,
        points: None,
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
    /// Takes the price that the falling clock shows when it comes.
    Accept,
}

/// What a command came to. A refusal is an outcome like any other: it is on record.
#[derive(Debug)]
pub struct Taken {
    pub bid: BidView,
    pub refusal: Option<Problem>,
    pub receipt: Receipt,
}

/// A lot of which the auction is locked.
pub(in crate::trading) struct Locked {
    pub lot: LotRow,
    pub terms: TermsRow,
    pub auction: AuctionRow,
}

pub(in crate::trading) fn locked(tx: &mut Tx<'_>, reader: Reader<'_>, id: &LotId) -> Result<Locked> {
    store::lock(tx, id)?;
    let (lot, terms) = lots::find(tx, reader, id)?.ok_or(&NOT_FOUND)?;
    let auction = store::find(tx, id)?.ok_or(&NOT_FOUND)?;
    // Who comes later is later, even by a clock that stands or has gone back.
    tx.now_after(auction.last_at.plus_us(1));
    Ok(Locked { lot, terms, auction })
}

/// Places a bid, or matches. The engine decides; accepted or refused, the command is on record with its log entry.
///
/// Errors: `not_found` for a lot that is not public. Refusals come back in [`Taken`].
pub fn place_bid(tx: &mut Tx<'_>, allowed: &Allowed<may::Bid>, id: &LotId, bid: &Bid) -> Result<Taken> {
    let (scene, auction) = (scene::of_public(tx, id)?, scene::auction(tx, id)?);
    // Who comes later is later, even by a clock that stands or has gone back.
    tx.now_after(auction.last_at.plus_us(1));
    let own = scene::seat(tx, id, &allowed.actor.account)?;
    let by = Hand { by: allowed.by(), entered_by: None };
    placed(tx, &by, (scene, auction), own.as_ref(), bid)
}

/// Places the bid of a paddle that was raised in the hall, which the caller has seen there: it is the bidder's own, and its
/// row and entry say which officer entered it.
///
/// Errors: as for [`place_bid`].
pub(in crate::trading) fn place_entered_bid(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::EnterHallBids>,
    id: &LotId,
    own: &Seat,
    bid: &Bid,
) -> Result<Taken> {
    let (scene, auction) = (scene::of_public(tx, id)?, scene::auction(tx, id)?);
    tx.now_after(auction.last_at.plus_us(1));
    let by = Hand { by: allowed.by(), entered_by: Some(&allowed.actor.account) };
    placed(tx, &by, (scene, auction), Some(own), bid)
}

/// By whose hand a bid comes in.
struct Hand<'a> {
    by: By,
    /// The officer, where it is not the bidder's own.
    entered_by: Option<&'a Id<Account>>,
}

fn placed(
    tx: &mut Tx<'_>,
    hand: &Hand<'_>,
    (scene, auction): (Rc<Scene>, AuctionRow),
    own: Option<&Seat>,
    bid: &Bid,
) -> Result<Taken> {
    let scene = scene::with(tx, scene, own.and_then(|own| own.number))?;
    let (kind, amount) = match bid {
        Bid::Match => (CommandKind::Match, Ok(None)),
        Bid::Accept => (CommandKind::Accept, Ok(None)),
        Bid::Amount(typed) => (CommandKind::Bid, scene.table.rules.unit().read(typed).map(Some)),
    };
    let sentence = amount.as_ref().err().cloned();
    let Hand { by, entered_by } = hand;
    let asked = Asked { own, amount: amount.ok().flatten(), entered_by: *entered_by, ..Asked::of(kind, "") };
    let mut taken = take(tx, by, &scene, auction, &asked)?;
    if let Some(problem) = taken.refusal.take() {
        taken.refusal = Some(closer(problem, own.is_some(), sentence));
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
    let scene = scene::of_public(tx, id)?;
    let rules = &scene.table.rules;
    // After a clock the price stands still in each part, and the row keeps that of the clock while others are told already.
    let moves = rules.mode != Mode::ClockSealed;
    match scene::auction(tx, id)?.price {
        Some(price) if moves && Some(price) != seen => {
            let (unit, noun) = (rules.unit().counted_in(), if rules.unit().is_money() { "价" } else { "面积" });
            let detail = format!("您填写之后，当前{noun}已变为 {price} {unit}，请看清楚再出价");
            Ok(Err(Problem::new(&PRICE_MOVED, detail).with("price", price.to_string())))
        }
        _ => place_bid(tx, allowed, id, bid).map(Ok),
    }
}

/// A refusal that says more than the trace's reason: who is unknown has not enrolled or not paid, and an amount that
/// cannot be read has a sentence of its own.
pub(super) fn closer(problem: Problem, has_enrolled: bool, sentence: Option<String>) -> Problem {
    match (problem.code.code, has_enrolled, sentence) {
        ("unknown_bidder", false, _) => (&NOT_ENROLLED).into(),
        ("unknown_bidder", true, _) => (&DEPOSIT_MISSING).into(),
        ("malformed", _, Some(sentence)) => {
            let field = crate::kernel::FieldError::new("amount", None, sentence.clone());
            Problem { fields: vec![field], detail: sentence, ..problem }
        }
        _ => problem,
    }
}

/// What a live stream of the lot waits for.
pub fn topic(id: &LotId) -> String {
    format!("lot/{id}")
}

/// A command before it is decided.
pub(super) struct Asked<'a> {
    pub kind: CommandKind,
    pub own: Option<&'a Seat>,
    pub amount: Option<Fen>,
    pub since: Option<Timestamp>,
    pub note: &'a str,
    pub because: Option<Because<'a>>,
    /// The officer who enters it for a paddle in the hall.
    pub entered_by: Option<&'a Id<Account>>,
}

impl<'a> Asked<'a> {
    pub fn of(kind: CommandKind, note: &'a str) -> Asked<'a> {
        Asked { kind, own: None, amount: None, since: None, note, because: None, entered_by: None }
    }
}

/// The next command of an auction, not decided yet.
pub(super) fn command(tx: &mut Tx<'_>, auction: &AuctionRow, asked: &Asked<'_>) -> CommandRow {
    let row = CommandRow {
        enrolment_id: asked.own.map(|own| own.enrolment.clone()),
        bid_number: asked.own.and_then(|own| own.number),
        amount: asked.amount,
        note: asked.note.to_owned(),
        since: asked.since,
        entered_by: asked.entered_by.cloned(),
        ..CommandRow::next(tx.new_id("cmd"), auction, tx.now(), asked.kind)
    };
    match asked.because {
        Some(because) => because.beside(row),
        None => row,
    }
}

/// Gives one command to the engine and writes down what came of it.
pub(super) fn take(tx: &mut Tx<'_>, by: &By, scene: &Scene, auction: AuctionRow, asked: &Asked<'_>) -> Result<Taken> {
    let row = command(tx, &auction, asked);
    let now = row.at;
    let Scene { lot, table } = scene;
    let unit = table.rules.unit();
    if let Some(refused) = without_a_row(tx, &table.rules, &auction, &row)? {
        // That somebody came too late, or with an open price to a sealed auction, stands in the log alone.
        let row = CommandRow { reason: Some(refused.code().to_owned()), ..row };
        let row = if refused == Rejection::WrongMode { CommandRow { amount: None, ..row } } else { row };
        let receipt = note_command(tx, by, lot, &row, false)?;
        return Ok(Taken {
            bid: history::view(row, table.rules.mode, unit),
            refusal: Some(refused.problem(unit)),
            receipt,
        });
    }
    let state = facts::state(tx, &auction, table)?;
    let decision = decide(&table.rules, &state, &facts::command(&row));
    let row = facts::decided(row, &decision);
    row.insert_gathered(tx)?;
    let auction = match &decision {
        Ok(accepted) => facts::after(auction, &accepted.head),
        Err(_) => auction,
    };
    scene::keep(tx, AuctionRow { last_seq: row.seq, last_at: now, ..auction })?;
    let is_private = match table.rules.mode {
        Mode::Proxy | Mode::Turns => true,
        Mode::ClockSealed => row.action == CommandKind::Bid,
        _ => false,
    };
    let receipt = note_command(tx, by, lot, &row, is_private)?;
    if decision.is_ok() {
        tx.wake(topic(&lot.id));
    }
    let bid = history::view(row, table.rules.mode, unit);
    Ok(Taken { bid, refusal: decision.err().map(|refused| refused.problem(unit)), receipt })
}

/// What is refused before the engine and without a row: the trace of a closed auction is final, and so is that of a sealed one
/// from its end on, for the opened bids come into it as they stood then. An outage may still be given back while no trustee
/// has handed in a share: afterwards somebody might know the prices.
fn without_a_row(rx: &mut Rx<'_>, rules: &Rules, auction: &AuctionRow, row: &CommandRow) -> Result<Option<Rejection>> {
    let closed = Some(Rejection::Closed { end: auction.end_at });
    if auction.closed_at.is_some() {
        return Ok(closed);
    }
    let ended = auction.suspended_since.is_none() && row.at >= auction.end_at;
    if rules.called_off_at == Some(row.at) {
        return Ok(None);
    }
    // What is drawn or decided for was said when the draw or the officers were called.
    if ended && (draw::is_called(rx, &auction.lot_id)? || ranking::is_called(rx, &auction.lot_id)?) {
        return Ok(closed);
    }
    if rules.mode != Mode::Sealed {
        return Ok(None);
    }
    Ok(match row.action {
        CommandKind::Bid | CommandKind::Match | CommandKind::Accept => Some(Rejection::WrongMode),
        CommandKind::Outage if ended && !sealed::has_shares(rx, &auction.lot_id)? => None,
        _ if ended => closed,
        _ => None,
    })
}

/// Of a private limit, and of a price that is shown later, the entry says what it is bound to, not what it is; nor the bound
/// of a refusal, which may tell it.
fn note_command(tx: &mut Tx<'_>, by: &By, lot: &LotRow, row: &CommandRow, is_private: bool) -> Result<Receipt> {
    let kind = match (row.action, row.accepted) {
        (_, false) => "bid.refused",
        (CommandKind::Bid, true) => "bid.accepted",
        (CommandKind::Match, true) => "bid.matched",
        (CommandKind::Accept, true) => "bid.taken",
        (CommandKind::Suspend, true) => "auction.suspended",
        (CommandKind::Resume, true) => "auction.resumed",
        (CommandKind::Terminate, true) => "auction.terminated",
        (CommandKind::Outage, true) => "auction.given_back",
    };
    let told = |amount: Option<Fen>| amount.filter(|_| !is_private);
    let mut data = json!({
        "seq": row.seq, "type": row.action, "bidder": row.bid_number.map(bid_number), "amount": told(row.amount),
        "reason": row.reason, "bound": told(row.bound), "price": row.price, "closes_at": row.closes_at, "note": row.note,
    });
    if let Some(members) = data.as_object_mut() {
        members.extend(row.since.map(|since| ("since".to_owned(), json!(since))));
        members.extend(told_in_log(row));
        let limit = history::limit_digest(row).filter(|_| is_private);
        members.extend(limit.map(|digest| ("limit_sha256".to_owned(), json!(digest))));
        members.extend(row.entered_by.as_ref().map(|_| ("via".to_owned(), json!(Via::Hall))));
    }
    let mut fact = Fact::new(kind, &lot.collective_code).about("lot", &lot.id).data(data);
    // By its actor alone the bidder would not find it again among the own ones.
    if let Some(enrolment) = row.enrolment_id.as_ref().filter(|_| row.entered_by.is_some()) {
        fact = fact.about("enrolment", enrolment);
    }
    record(tx, by, fact)
}
