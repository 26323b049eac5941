//! The close of an auction. What its commands come to is written down then, and worked out again by a verification.

use serde_json::json;

use super::{
    Failure, Mode, Outcome, State, Status, close as outcome_of, decide, drawn,
    facts::{self, Table},
    service::{Locked, topic},
    store::{self, AuctionRow, CommandRow},
};
use crate::{
    calendar::Calendar,
    db::{Db, Error, Lane, Result, Rx, Salt, Tx},
    kernel::{Day, Fen, Problem, Timestamp, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    trading::{
        award::{refund_losers, store::AwardRow},
        bid_number, draw,
        enrolment::store as enrolments,
        joint,
        listing::{
            self, LotState,
            store::{self as lots, LotRow, TermsRow},
        },
        merits, priority, ranking, sealed,
    },
    vault::{ERASED_NAME, Field, Vault},
};

/// Closes every auction whose end has passed: called by the timetable. Returns how many were closed.
pub fn close_due(db: &Db, calendar: &Calendar, vault: &Vault) -> Result<usize> {
    // A bid that entered before the end is not late because it waits.
    close_ended(db, calendar, vault, db.settled())
}

/// Closes every auction whose end has passed at `now`.
pub fn close_ended(db: &Db, calendar: &Calendar, vault: &Vault, now: Timestamp) -> Result<usize> {
    let due = db.read_now(|rx| store::list_due(rx, now))?;
    let mut closed = 0;
    for id in due {
        // Nobody waits behind the sums of an opening that is not ready.
        let asked = id.clone();
        let is_ready = move |rx: &mut Rx<'_>| match draw::is_called(rx, &asked)? {
            true => draw::is_due(rx, &asked, now),
            false => Ok(!ranking::is_called(rx, &asked)? && sealed::is_ready(rx, &asked, now)?),
        };
        if !db.read_now(is_ready)? {
            continue;
        }
        let (lane, calendar, vault) = (Lane::of("lot", &id), calendar.clone(), vault.clone());
        let done = db.write_now(lane, move |tx| {
            store::lock(tx, &id)?;
            let (lot, terms) = lots::get(tx, &id)?;
            let auction = store::find(tx, &id)?.ok_or(&NOT_FOUND)?;
            let now = tx.now_after(auction.last_at);
            // Another instance, or a resumed clock, may have been here since.
            if auction.closed_at.is_some() || auction.suspended_since.is_some() || now < auction.end_at {
                return Ok(false);
            }
            let all = Locked { lot, terms, auction };
            let is_called = draw::is_called(tx, &id)?;
            if is_called && !draw::advance(tx, &By::system(), &all.lot, &all.terms)? {
                tx.wake(topic(&id));
                return Ok(false);
            }
            // Officers decide, however long it takes them.
            if !is_called && ranking::is_called(tx, &id)? {
                return Ok(false);
            }
            // Sealed bids were opened before their equals were drawn.
            if !is_called && all.terms.terms()?.mode() == Mode::Sealed {
                return sealed::open_when_ready(tx, &calendar, &vault, all);
            }
            close_locked(tx, &By::system(), &calendar, &vault, all, None)?;
            Ok(store::find(tx, &id)?.is_some_and(|auction| auction.closed_at.is_some()))
        })?;
        closed += usize::from(done);
    }
    Ok(closed)
}

/// Replays the whole auction from its commands, calls the draw or the officers where equals have to be put in order, and otherwise
/// writes the award only where every stored decision and the live row agree with it. `unopened`: why sealed bids stayed closed.
pub(in crate::trading) fn close_locked(
    tx: &mut Tx<'_>,
    by: &By,
    calendar: &Calendar,
    vault: &Vault,
    all: Locked,
    unopened: Option<Failure>,
) -> Result<Receipt> {
    let Locked { lot, terms, auction } = all;
    let terms = reveal(tx, vault, terms)?;
    let table = facts::table(tx, &lot, &terms)?;
    let commands = store::list_all(tx, &lot.id)?;
    let state = replayed(&table, &commands).map_err(|at| {
        Error::Internal(format!("command {} of {} does not replay to what is on record", at.seq, lot.id))
    })?;
    if !facts::stands_at(&auction, &table, &state.head) {
        return Err(Error::Internal(format!("the live row of {} differs from its replayed commands", lot.id)));
    }
    if table.rules.draw.is_none() && !drawn(&table.rules, &state).is_empty() {
        auction.update(tx)?;
        tx.wake(topic(&lot.id));
        return draw::call(tx, by, &lot, &terms);
    }
    let equals = facts::undecided(&table, &state);
    if !equals.is_empty() && !table.rules.practice {
        auction.update(tx)?;
        tx.wake(topic(&lot.id));
        return ranking::call(tx, by, &lot, &equals);
    }
    let now = tx.now();
    let holders = held_with(tx, &lot, &terms)?;
    let points = points_of(tx, &lot, &terms)?;
    AuctionRow { closed_at: Some(now), last_at: now, holders, points, ..auction }.update(tx)?;
    tx.wake(topic(&lot.id));
    if table.rules.practice {
        let lot = listing::conclude(tx, lot, LotState::Practised)?;
        let fact = Fact::new("exercise.closed", &lot.collective_code).about("lot", &lot.id);
        return record(tx, by, fact.data(json!({ "closed_at": state.head.end })));
    }
    let notice_until = calendar.plus_working_days(now.day(), terms.terms()?.result_days).map_err(Problem::from)?;
    let row = award(tx, &terms, &table, &state, now, notice_until, unopened)?;
    row.insert(tx)?;
    if row.status != Status::Terminated {
        priority::lapse_silent(tx, &lot.id, now)?;
    }
    let end = end(row.status).ok_or_else(|| Error::Internal(format!("{} has no end", lot.id)))?;
    let lot = listing::conclude(tx, lot, end)?;
    let mut data = json!({
        "status": row.status, "reason": row.reason, "winner": row.winner_number.map(bid_number), "price": row.price,
        "closed_at": row.closed_at, "extensions": row.extensions,
        "notice_from": row.notice_from, "notice_until": row.notice_until,
    });
    if let (Some(reserve), Some(members)) = (table.rules.reserve_price, data.as_object_mut()) {
        members.insert("reserve_price".to_owned(), json!(reserve));
    }
    let receipt = record(tx, by, Fact::new("auction.closed", &lot.collective_code).about("lot", &lot.id).data(data))?;
    refund_losers(tx, by, &lot)?;
    Ok(receipt)
}

/// The priority ranks that the auction was held with, to stand beside it.
fn held_with(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<Option<String>> {
    match (terms.terms()?.priority_rights, lot.opens_at) {
        (Some(_), Some(opens_at)) => priority::as_kept(&priority::held_with(rx, &lot.id, opens_at)?).map(Some),
        _ => Ok(None),
    }
}

/// The points that the auction was held with, to stand beside it.
fn points_of(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<Option<String>> {
    let terms = terms.terms()?;
    match lot.opens_at.filter(|_| !terms.merits().is_empty()) {
        Some(opens_at) => merits::as_kept(&merits::held_with(rx, &lot.id, terms.merits(), opens_at)?).map(Some),
        None => Ok(None),
    }
}

/// From the end on everybody may know the reserve price, and the trace needs it.
fn reveal(tx: &mut Tx<'_>, vault: &Vault, terms: TermsRow) -> Result<TermsRow> {
    let Some(sealed) = terms.sealed_reserve()? else { return Ok(terms) };
    let clear = vault.reveal(Field::Reserve, &sealed)?;
    let broken = || Error::Internal(format!("the sealed reserve price of {} is no amount", terms.lot()));
    let reserve = clear.expose().parse::<Fen>().map_err(|_| broken())?;
    let terms = terms.revealed(reserve)?;
    terms.update(tx)?;
    Ok(terms)
}

/// Folds the stored commands through the engine.
///
/// Errors: the first command of which the engine decides something else than what is stored.
pub fn replayed<'c>(table: &Table, commands: &'c [CommandRow]) -> std::result::Result<State, &'c CommandRow> {
    let mut state = State::new(&table.rules, table.names.len());
    for row in commands {
        let decision = decide(&table.rules, &state, &facts::command(row));
        if !facts::agrees(row, &decision) {
            return Err(row);
        }
        if let Ok(accepted) = decision {
            state.apply(&accepted);
        }
    }
    Ok(state)
}

/// How a lot ends with its auction; `None`: it does not end there.
pub fn end(status: Status) -> Option<LotState> {
    match status {
        Status::Sold => Some(LotState::Sold),
        Status::Failed => Some(LotState::Failed),
        Status::Terminated => Some(LotState::Terminated),
        Status::Suspended | Status::Undecided => None,
    }
}

/// The award of an auction that was closed at `now` with its commands folded to `state`. `unopened`: why its sealed
/// bids stayed closed.
///
/// Errors: an internal one where the auction is an exercise, or has come to no end.
pub fn award(
    rx: &mut Rx<'_>,
    terms: &TermsRow,
    table: &Table,
    state: &State,
    now: Timestamp,
    notice_until: Day,
    unopened: Option<Failure>,
) -> Result<AwardRow> {
    let lot = terms.lot();
    let told = terms.terms()?;
    let Outcome { status, reason, winner, price, closed_at, extensions, successors, .. } =
        outcome_of(&table.rules, &table.names, state);
    if table.rules.practice {
        return Err(Error::Internal(format!("{lot} is an exercise, it has no award")));
    }
    if end(status).is_none() {
        return Err(Error::Internal(format!("{lot} is {status} and cannot be closed")));
    }
    let reason = unopened.filter(|_| status == Status::Failed).or(reason);
    let closed_at = closed_at.unwrap_or(state.head.end);
    let winner_number = winner.and_then(facts::number);
    let winner = winner_number.map(|n| enrolments::find_by_number(rx, lot, n)).transpose()?.flatten();
    let winner_name = winner.as_ref().map(|winner| joint::award_name(rx, winner)).transpose()?;
    let successors: Vec<i32> = successors.into_iter().filter_map(facts::number).collect();
    let note = match status {
        Status::Terminated => store::list_newest(rx, lot, false, None, 1)?.pop().map_or(String::new(), |c| c.note),
        _ => String::new(),
    };
    Ok(AwardRow {
        lot_id: lot.clone(),
        status,
        reason,
        winner_number,
        winner_name,
        winner_enrolment: winner.map(|w| w.id),
        price,
        total: price.and_then(|price| told.total(price)),
        closed_at,
        extensions: i64::try_from(extensions).unwrap_or(i64::MAX),
        participants: i32::try_from(state.standings.iter().flatten().count()).unwrap_or(i32::MAX),
        successors: serde_json::to_string(&successors).map_err(|e| Error::Internal(e.to_string()))?,
        notice_from: now.day(),
        notice_until,
        note,
        version: 1,
        salt: Salt::fresh(),
    })
}

/// What was worked out, with what the kept award has of its own: version, salt, and the name of a winner who was erased.
pub fn as_kept(told: AwardRow, kept: &AwardRow) -> AwardRow {
    let erased = kept.winner_name.as_deref() == Some(ERASED_NAME);
    AwardRow {
        version: kept.version,
        salt: kept.salt.clone(),
        winner_name: if erased { kept.winner_name.clone() } else { told.winner_name },
        ..told
    }
}
