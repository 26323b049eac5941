//! Use cases: asking for a paddle, checking it in, handing it back, raising it.

use serde_json::json;

use super::{
    model::{Issued, OwnPaddle, PaddleInHall, PaddleState as State, Shown},
    rules,
    store::{self, PaddleRow},
};
use crate::{
    access::{self, Account, Allowed, Permission, may},
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{Id, Problem, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    trading::{
        auction::{self, Bid, CLOSED, NOT_ENROLLED, Taken},
        bid_number,
        enrolment::{self, store as enrolments},
        listing::{
            self, LotId, LotState,
            store::{self as lots, Reader},
        },
    },
    vault::{BlindIndex, Vault},
};

/// An auction with paddles that has not ended, locked: what is done with a paddle stands in one order with the bids.
///
/// Errors: `paddle_not_here`, `lot_not_in_state`, `closed`, `not_found`.
fn running(tx: &mut Tx<'_>, reader: Reader<'_>, id: &LotId) -> Result<auction::Locked> {
    let (lot, _) = lots::find(tx, reader, id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Published])?;
    let all = auction::locked(tx, reader, id)?;
    rules::must_be_raised(all.terms.terms()?.mode())?;
    listing::must_be(all.lot.state, &[LotState::Published])?;
    let end = all.auction.end_at;
    if all.auction.suspended_since.is_none() && tx.now() >= end {
        return Err(Problem::new(&CLOSED, format!("竞价已于 {} 结束，不用号牌了", end.second_text())).into());
    }
    Ok(all)
}

/// Under the town, like an enrolment's other entries, and without the lot: they would count its bidders.
fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &PaddleRow) -> Result<Receipt> {
    let fact = Fact::new(kind, enrolment::log_scope(&row.collective_code)).about("enrolment", &row.enrolment_id);
    record(tx, by, fact.data(json!({ "wrong_codes": row.wrong_codes })))
}

/// What is kept of a code. Keyed, for so short a code could be found out from a plain digest.
fn digest(vault: &Vault, id: &impl std::fmt::Display, salt: &Salt, code: &str) -> BlindIndex {
    vault.bound("hall_paddle", &format!("{id}/{}/{code}", salt.0))
}

/// The bidder asks for a paddle; one that was in use is over. The code is told this once.
///
/// Errors: `not_enrolled`, `paddle_needs_number`, those of [`running`].
pub fn issue(tx: &mut Tx<'_>, allowed: &Allowed<may::Bid>, vault: &Vault, lot: &LotId) -> Result<(Issued, Receipt)> {
    let all = running(tx, Reader::Public, lot)?;
    let own = enrolments::find_own(tx, lot, &allowed.actor.account)?.ok_or(&NOT_ENROLLED)?;
    let number = own.bid_number.ok_or(&rules::PADDLE_NEEDS_NUMBER)?;
    if let Some(before) = store::find_in_use(tx, lot, number)? {
        end(tx, before, State::Replaced, &allowed.actor.account)?;
    }
    let (id, salt) = (tx.new_id("pdl"), Salt::fresh());
    let code = rules::code_of(std::iter::repeat_with(rand::random::<u8>)).ok_or_else(no_code)?;
    let row = PaddleRow {
        code_digest: digest(vault, &id, &salt, &code),
        id,
        lot_id: lot.clone(),
        collective_code: all.lot.collective_code,
        enrolment_id: own.id,
        bid_number: number,
        state: State::Issued,
        wrong_codes: 0,
        issued_at: tx.now(),
        checked_in_by: None,
        checked_in_at: None,
        ended_by: None,
        ended_at: None,
        version: 1,
        salt,
    };
    row.insert(tx)?;
    let receipt = note(tx, &allowed.by(), "paddle.issued", &row)?;
    Ok((Issued { paddle: view(tx, row)?, code: rules::grouped(&code) }, receipt))
}

fn no_code() -> Error {
    Error::Internal("random bytes ran out".to_owned())
}

fn end(tx: &mut Tx<'_>, row: PaddleRow, state: State, by: &Id<Account>) -> Result<PaddleRow> {
    let now = tx.now_after(row.checked_in_at.unwrap_or(row.issued_at));
    let row = PaddleRow { state, ended_by: Some(by.clone()), ended_at: Some(now), version: row.version + 1, ..row };
    row.update(tx)?;
    Ok(row)
}

/// The paddle in use that somebody shows with its code. A wrong code is counted, and on record: the inner result says so.
///
/// Errors: field errors.
fn shown(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::EnterHallBids>,
    vault: &Vault,
    lot: &LotId,
    shown: &Shown,
) -> Result<std::result::Result<PaddleRow, Problem>> {
    let (number, code) = read_shown(shown)?;
    let Some(row) = store::find_in_use(tx, lot, number)? else { return Ok(Err(rules::wrong_code())) };
    let takes_codes = rules::must_take_codes(row.wrong_codes);
    // That a paddle is spent hears only who has its code: to all others it would tell that this number has one.
    if digest(vault, &row.id, &row.salt, &code) == row.code_digest {
        return Ok(takes_codes.map(|()| row));
    }
    if takes_codes.is_ok() {
        let row = PaddleRow { wrong_codes: row.wrong_codes + 1, version: row.version + 1, ..row };
        row.update(tx)?;
        note(tx, &allowed.by(), "paddle.refused", &row)?;
    }
    Ok(Err(rules::wrong_code()))
}

fn read_shown(shown: &Shown) -> std::result::Result<(i32, String), Problem> {
    match (rules::read_number(&shown.number), rules::read_code(&shown.code)) {
        (Ok(number), Ok(code)) => Ok((number, code)),
        (number, code) => {
            let faults = [number.err(), code.err()].into_iter().flatten();
            Err(Problem::fields(faults.flat_map(|problem| problem.fields).collect()))
        }
    }
}

/// What showing a paddle came to: the paddle, or a refusal that is on record.
pub type AtDesk = std::result::Result<(PaddleInHall, Receipt), Problem>;

/// The officer of the hall checks a paddle in.
///
/// Errors: field errors, `paddle_in_hall`, those of [`running`]; a wrong code comes back in the inner result.
pub fn check_in(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::EnterHallBids>,
    vault: &Vault,
    lot: &LotId,
    paddle: &Shown,
) -> Result<AtDesk> {
    running(tx, Reader::Staff(&allowed.scope), lot)?;
    let row = match shown(tx, allowed, vault, lot, paddle)? {
        Ok(row) => row,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let state = rules::checked_in(row.state)?;
    let now = tx.now_after(row.issued_at);
    let row = PaddleRow {
        state,
        checked_in_by: Some(allowed.actor.account.clone()),
        checked_in_at: Some(now),
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    let receipt = note(tx, &allowed.by(), "paddle.checked_in", &row)?;
    Ok(Ok((at_desk(&row), receipt)))
}

/// The officer records that a paddle was handed back; its code shows that the bidder wants it.
///
/// Errors: field errors, `paddle_not_in_hall`, those of [`running`]; a wrong code comes back in the inner result.
pub fn take_back(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::EnterHallBids>,
    vault: &Vault,
    lot: &LotId,
    paddle: &Shown,
) -> Result<AtDesk> {
    running(tx, Reader::Staff(&allowed.scope), lot)?;
    let row = match shown(tx, allowed, vault, lot, paddle)? {
        Ok(row) if row.state == State::InHall => row,
        Ok(row) => return Err(rules::not_in_hall(row.bid_number).into()),
        Err(wrong) => return Ok(Err(wrong)),
    };
    let row = end(tx, row, State::HandedBack, &allowed.actor.account)?;
    let receipt = note(tx, &allowed.by(), "paddle.handed_back", &row)?;
    Ok(Ok((at_desk(&row), receipt)))
}

/// The bidder hands the own paddle back, from wherever the bidder is.
///
/// Errors: `paddle_not_in_use`, `not_enrolled`, those of [`running`].
pub fn hand_back(tx: &mut Tx<'_>, allowed: &Allowed<may::Bid>, lot: &LotId) -> Result<(OwnPaddle, Receipt)> {
    running(tx, Reader::Public, lot)?;
    let own = enrolments::find_own(tx, lot, &allowed.actor.account)?.ok_or(&NOT_ENROLLED)?;
    let row = store::of_enrolment(tx, &own.id)?.into_iter().find(|row| row.state.is_in_use());
    let row = end(tx, row.ok_or(&rules::PADDLE_NOT_IN_USE)?, State::HandedBack, &allowed.actor.account)?;
    let receipt = note(tx, &allowed.by(), "paddle.handed_back", &row)?;
    Ok((view(tx, row)?, receipt))
}

/// What raising a paddle came to.
#[derive(Debug)]
pub enum Raised {
    /// The engine has decided, as on any bid.
    Taken(Box<Taken>),
    /// There is no such paddle in the hall. That somebody tried is on record, under the officer's account.
    NotThere(Problem, Receipt),
}

/// The officer enters the bid of a paddle in the hall: the bidder's own bid, by the same service, in the same order.
///
/// Errors: a field error, those of [`running`] but `closed`, which the engine tells.
pub fn raise(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::EnterHallBids>,
    lot: &LotId,
    number: &str,
    bid: &Bid,
) -> Result<Raised> {
    let number = rules::read_number(number)?;
    let (of, terms) = lots::find(tx, Reader::Staff(&allowed.scope), lot)?.ok_or(&NOT_FOUND)?;
    if !of.state.is_public() {
        listing::must_be(of.state, &[LotState::Published])?;
    }
    rules::must_be_raised(terms.terms()?.mode())?;
    auction::store::lock(tx, lot)?;
    let Some(row) = store::find_in_use(tx, lot, number)?.filter(|row| row.state == State::InHall) else {
        let fact = Fact::new("hall_bid.refused", &of.collective_code).about("lot", lot);
        let receipt = record(tx, &allowed.by(), fact.data(json!({ "bidder": bid_number(number) })))?;
        return Ok(Raised::NotThere(rules::not_in_hall(number), receipt));
    };
    tx.now_after(row.checked_in_at.unwrap_or(row.issued_at));
    let of = enrolments::get_led(tx, &row.enrolment_id)?;
    let seat = enrolments::Seat { account: of.account_id, enrolment: of.id, number: of.bid_number };
    Ok(Raised::Taken(Box::new(auction::place_entered_bid(tx, allowed, lot, &seat, bid)?)))
}

/// The paddles in the hall of a lot of the scope: numbers, no names.
///
/// Errors: `not_found`.
pub fn in_hall<P: Permission>(rx: &mut Rx<'_>, allowed: &Allowed<P>, lot: &LotId) -> Result<Vec<PaddleInHall>> {
    lots::find(rx, Reader::Staff(&allowed.scope), lot)?.ok_or(&NOT_FOUND)?;
    Ok(store::list_in_hall(rx, lot)?.iter().map(at_desk).collect())
}

fn at_desk(row: &PaddleRow) -> PaddleInHall {
    PaddleInHall { number: bid_number(row.bid_number), since: row.checked_in_at.unwrap_or(row.issued_at) }
}

/// The own paddles in a lot, the newest first.
///
/// Errors: `not_found`.
pub fn list_own(rx: &mut Rx<'_>, allowed: &Allowed<may::Bid>, lot: &LotId) -> Result<Vec<OwnPaddle>> {
    lots::find(rx, Reader::Public, lot)?.ok_or(&NOT_FOUND)?;
    let Some(own) = enrolments::find_own(rx, lot, &allowed.actor.account)? else { return Ok(Vec::new()) };
    store::of_enrolment(rx, &own.id)?.into_iter().map(|row| view(rx, row)).collect()
}

fn view(rx: &mut Rx<'_>, row: PaddleRow) -> Result<OwnPaddle> {
    let mut name =
        |account: Option<Id<Account>>| account.map(|account| access::display_name(rx, account.as_str())).transpose();
    Ok(OwnPaddle {
        number: bid_number(row.bid_number),
        checked_in_by: name(row.checked_in_by)?,
        ended_by: name(row.ended_by)?,
        id: row.id,
        state: row.state,
        issued_at: row.issued_at,
        checked_in_at: row.checked_in_at,
        ended_at: row.ended_at,
        wrong_codes: row.wrong_codes,
        version: row.version,
    })
}
