//! Use cases: confirming a result, passing it on, declaring it void.

use serde_json::{Value, json};

use super::{
    defaults::{self, Shortfall},
    model::{Answer, Confirmation, Due, Failing, Ground, State, Waiting},
    papers, rules,
    store::{self, ConfirmationRow},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{
        Day, Problem,
        codes::{RegionCode, RegionLevel},
        error::NOT_FOUND,
    },
    log::{Fact, Receipt, record},
    policy::{self, KeptDeposit, PolicyBook},
    settlement::orders,
    trading::{
        auction,
        award::store::{self as awards, AwardRow},
        bid_number,
        enrolment::store::{self as enrolments, EnrolmentRow},
        exclusions, joint,
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
        objections, priority, qualification,
    },
};

/// The days that the place gives.
#[derive(Clone, Copy)]
pub struct Days<'a> {
    pub policies: &'a PolicyBook,
    pub calendar: &'a Calendar,
}

/// A result that is looked at, with everybody who was named.
struct Found {
    lot: LotRow,
    terms: TermsRow,
    award: AwardRow,
    line: Vec<ConfirmationRow>,
    rules: policy::Rules,
    today: Day,
}

impl Found {
    /// Whoever is to sign or to answer now.
    fn open(&self) -> Option<&ConfirmationRow> {
        self.line.last().filter(|row| row.state.is_open())
    }
}

/// Locks a sold lot. Nothing is done with it before what was done last.
fn locked(tx: &mut Tx<'_>, reader: Reader<'_>, days: Days<'_>, id: &LotId) -> Result<Found> {
    lots::lock(tx, id)?;
    let (lot, terms) = lots::find(tx, reader, id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Sold])?;
    let award = awards::find(tx, id)?.ok_or(&NOT_FOUND)?;
    let line = store::list_public(tx, id)?;
    let last = line.last().map_or(lot.updated_at, |row| row.updated_at.max(lot.updated_at));
    let today = tx.now_after(last).day();
    let rules = days.policies.rules_for(&lot.collective_code, today).map_err(Problem::from)?;
    Ok(Found { lot, terms, award, line, rules, today })
}

pub(super) fn working_days(days: Days<'_>, from: Day, count: u32) -> Result<Day> {
    Ok(days.calendar.plus_working_days(from, count).map_err(Problem::from)?)
}

/// A row for the place in line, and who enrolled; `None`: nobody is left.
fn named(tx: &mut Tx<'_>, found: &Found, place: i32) -> Result<Option<(ConfirmationRow, EnrolmentRow)>> {
    let AwardRow { winner_number: Some(winner), price: Some(won_at), successors, .. } = &found.award else {
        return Err(Error::Internal(format!("{} is sold without a winner", found.lot.id)));
    };
    let successors: Vec<i32> = serde_json::from_str(successors).map_err(|e| Error::Internal(e.to_string()))?;
    let most = found.rules.successors.value.most;
    let Some(number) = rules::in_line(*winner, &successors, most, place) else { return Ok(None) };
    let gone = || Error::Internal(format!("bid number {number} of {} has no enrolment", found.lot.id));
    let enrolment = enrolments::find_by_number(tx, &found.lot.id, number)?.ok_or_else(gone)?;
    let price = match place {
        1 => *won_at,
        _ => auction::last_price(tx, &enrolment.id)?.ok_or_else(gone)?,
    };
    let now = tx.now();
    let row = ConfirmationRow {
        id: tx.new_id("cfm"),
        lot_id: found.lot.id.clone(),
        collective_code: found.lot.collective_code.clone(),
        place,
        enrolment_id: enrolment.id.clone(),
        bid_number: number,
        name: String::new(),
        price,
        total: found.terms.terms()?.total(price),
        state: State::Offered,
        answer_by: None,
        contract_by: None,
        ground: None,
        decision: String::new(),
        note: String::new(),
        contract_id: None,
        created_at: now,
        updated_at: now,
        version: 1,
        salt: Salt::fresh(),
        notice_until: None,
    };
    Ok(Some((row, enrolment)))
}

fn winner(tx: &mut Tx<'_>, found: &Found) -> Result<ConfirmationRow> {
    let none = || Error::Internal(format!("{} is sold without a winner", found.lot.id));
    let (row, enrolment) = named(tx, found, 1)?.ok_or_else(none)?;
    Ok(ConfirmationRow { name: joint::award_name(tx, &enrolment)?, state: State::Confirmed, ..row })
}

/// Confirms a result once its notice is over and every objection is answered; so for who steps in after a failure.
///
/// Errors: `lot_not_in_state`, those of [`rules::check_confirm`], `not_found`.
pub fn confirm(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    days: Days<'_>,
    id: &LotId,
) -> Result<(Confirmation, Receipt)> {
    let found = locked(tx, Reader::Staff(&allowed.scope), days, id)?;
    let contract_by = working_days(days, found.today, found.rules.contract_working_days.value)?;
    if let Some((row, until)) = found.open().and_then(|row| Some((row.clone(), row.notice_until?)))
        && row.state == State::Published
    {
        // What was upheld against the one before has been dealt with.
        let pending = objections::pending(tx, id, Some(row.created_at))?;
        rules::check_confirm(0, until, pending, found.today)?;
        let now = tx.now_after(row.updated_at);
        let row = ConfirmationRow {
            state: State::Confirmed,
            contract_by: Some(contract_by),
            updated_at: now,
            version: row.version + 1,
            ..row
        };
        row.update(tx)?;
        tx.wake(auction::topic(id));
        let receipt = note(tx, allowed, "award.confirmed", &row, json!({ "contract_by": contract_by }))?;
        return Ok((view(row), receipt));
    }
    let pending = objections::pending(tx, id, None)?;
    rules::check_confirm(found.line.len(), found.award.notice_until, pending, found.today)?;
    let timing = found.terms.terms()?.timing();
    if let Some(winner) = &found.award.winner_enrolment {
        qualification::must_have_passed(tx, timing, winner)?;
    }
    let row = ConfirmationRow { contract_by: Some(contract_by), ..winner(tx, &found)? };
    row.insert(tx)?;
    let receipt = note(tx, allowed, "award.confirmed", &row, json!({ "contract_by": contract_by }))?;
    Ok((view(row), receipt))
}

/// Whoever is to sign has failed: the next in line is asked, or the lot may be offered anew.
///
/// Errors: field errors, `lot_not_in_state`, `contract_signed`, `not_found`.
pub fn fail(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    days: Days<'_>,
    id: &LotId,
    failing: &Failing,
) -> Result<(Confirmation, Receipt)> {
    let found = locked(tx, Reader::Staff(&allowed.scope), days, id)?;
    if let (Ground::NoAnswer, Some(open)) = (failing.ground, found.open()) {
        qualification::must_not_wait(tx, &open.enrolment_id)?;
    }
    let (row, failed) = end(tx, &found, failing, State::Failed)?;
    priority::lapse_defaulted(tx, &row.enrolment_id)?;
    let (code, title) = (found.lot.collective_code.clone(), found.lot.title.clone());
    let deposit = over_deposit(&found, &row);
    let (kind, mut data) = ("award.failed", told(&row));
    let next = pass_on(tx, days, found, row.place)?;
    if let (Value::Object(members), Some(next)) = (&mut data, &next) {
        members
            .insert("next".to_owned(), json!({ "bidder": bid_number(next.bid_number), "answer_by": next.answer_by }));
    }
    let receipt = note(tx, allowed, kind, &row, data)?;
    orders::after_failure(tx, &allowed.by(), &deposit)?;
    if let Some((ground, until)) = failed.exclusion {
        let new = exclusion(tx, &row, code, &title, (ground, until))?;
        exclusions::exclude(tx, &allowed.by(), &new)?;
    }
    Ok((view(row), receipt))
}

/// What the failure means for the deposit of whoever failed.
fn over_deposit(found: &Found, row: &ConfirmationRow) -> orders::Failed {
    let reason = row.ground.map_or("", |ground| ground.label());
    orders::Failed {
        enrolment_id: row.enrolment_id.to_string(),
        lot_title: found.lot.title.clone(),
        grounds: format!("{}：{reason}", row.decision),
        is_forfeited: row.ground.is_some_and(Ground::forfeits),
        pays_on: found.rules.forfeited_deposit.value == KeptDeposit::PaidOn,
    }
}

/// Whoever failed may not bid in the township for a while.
fn exclusion(
    tx: &mut Tx<'_>,
    row: &ConfirmationRow,
    code: RegionCode,
    title: &str,
    (ground, until): (exclusions::Ground, Day),
) -> Result<exclusions::New> {
    let gone = || Error::Internal(format!("bid number {} of {} has no enrolment", row.bid_number, row.lot_id));
    let enrolment = enrolments::find_by_number(tx, &row.lot_id, row.bid_number)?.ok_or_else(gone)?;
    let town = code.ancestry().find(|place| place.level() == RegionLevel::Town);
    Ok(exclusions::New {
        subject: exclusions::Subject::of_enrolment(&enrolment),
        region_code: town.unwrap_or(code),
        ground,
        note: format!("{title}：{}", row.ground.map_or("", |ground| ground.label())),
        decision_number: row.decision.clone(),
        from: tx.now().day(),
        until: Some(until),
    })
}

/// The sale itself cannot stand: nobody steps in, and the lot may be offered anew.
///
/// Errors: as for [`fail`].
pub fn void(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    days: Days<'_>,
    id: &LotId,
    failing: &Failing,
) -> Result<(Confirmation, Receipt)> {
    let found = locked(tx, Reader::Staff(&allowed.scope), days, id)?;
    let (row, _) = end(tx, &found, failing, State::Void)?;
    let deposit = over_deposit(&found, &row);
    listing::undo(tx, found.lot)?;
    tx.wake(auction::topic(id));
    let data = told(&row);
    let receipt = note(tx, allowed, "award.voided", &row, data)?;
    orders::after_failure(tx, &allowed.by(), &deposit)?;
    Ok((view(row), receipt))
}

/// Writes down why whoever is in line now is out; the winner too where nobody was confirmed yet.
fn end(tx: &mut Tx<'_>, found: &Found, failing: &Failing, state: State) -> Result<(ConfirmationRow, rules::Failed)> {
    let (row, is_new) = match found.open() {
        Some(row) if row.state == State::Signed => return Err((&rules::CONTRACT_SIGNED).into()),
        Some(row) => (row.clone(), false),
        None => (winner(tx, found)?, true),
    };
    let papers_by = if is_new { papers::owed_by_winner(tx, &found.terms, &found.award)? } else { None };
    let stands = rules::Stands { state: row.state, answer_by: row.answer_by, papers_by };
    let of_the_sale = state == State::Void;
    let failed = rules::read_failing(failing, of_the_sale, stands, found.today, &found.rules.exclusion_months)?;
    let row = ConfirmationRow {
        state,
        ground: Some(failed.ground),
        decision: failed.decision.clone(),
        note: failed.note.clone(),
        contract_by: None,
        updated_at: tx.now(),
        version: if is_new { 1 } else { row.version + 1 },
        ..row
    };
    if is_new {
        row.insert(tx)?
    } else {
        row.update(tx)?
    }
    Ok((row, failed))
}

/// Asks the next in line after a place; where nobody is left the sale has come to nothing.
fn pass_on(tx: &mut Tx<'_>, days: Days<'_>, found: Found, place: i32) -> Result<Option<ConfirmationRow>> {
    let next = named(tx, &found, place.saturating_add(1))?;
    tx.wake(auction::topic(&found.lot.id));
    let Some((row, _)) = next else {
        listing::undo(tx, found.lot)?;
        return Ok(None);
    };
    let answer_by = working_days(days, found.today, found.rules.successors.value.answer_working_days)?;
    let row = ConfirmationRow { answer_by: Some(answer_by), ..row };
    row.insert(tx)?;
    Ok(Some(row))
}

/// What those who defaulted have cost; of a lot of the own places.
///
/// Errors: `not_found`.
pub fn list_shortfalls(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>, id: &LotId) -> Result<Vec<Shortfall>> {
    lots::find(rx, Reader::Staff(&allowed.scope), id)?.ok_or(&NOT_FOUND)?;
    defaults::shortfalls(rx, id)
}

/// Until when who steps in is published; `None`: nobody is at the moment.
pub(in crate::trading) fn published_until(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Day>> {
    let last = store::list_public(rx, lot)?.pop();
    Ok(last.filter(|row| row.state == State::Published).and_then(|row| row.notice_until))
}

/// The next in line steps in at the price of the own last bid, or does not.
///
/// Errors: `not_offered`, `lot_not_in_state`, `not_found`.
pub fn answer(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    days: Days<'_>,
    id: &LotId,
    answer: Answer,
) -> Result<(Confirmation, Receipt)> {
    let found = locked(tx, Reader::Public, days, id)?;
    let own = enrolments::find_own(tx, id, &allowed.actor.account)?.ok_or(&rules::NOT_OFFERED)?;
    let row = found.open().filter(|row| row.enrolment_id == own.id).cloned().ok_or(&rules::NOT_OFFERED)?;
    rules::check_answer(row.state, row.answer_by, found.today)?;
    if answer.accepts {
        qualification::must_have_passed(tx, found.terms.terms()?.timing(), &own.id)?;
    }
    let now = tx.now();
    let row = ConfirmationRow { answer_by: None, updated_at: now, version: row.version + 1, ..row };
    let (kind, row, data) = if answer.accepts {
        let notice_until = working_days(days, found.today, found.terms.terms()?.result_days)?;
        let row = ConfirmationRow {
            state: State::Published,
            name: joint::award_name(tx, &own)?,
            notice_until: Some(notice_until),
            ..row
        };
        row.update(tx)?;
        tx.wake(auction::topic(id));
        ("award.taken_over", row, json!({ "notice_until": notice_until }))
    } else {
        let row = ConfirmationRow { state: State::Declined, ..row };
        row.update(tx)?;
        let next = pass_on(tx, days, found, row.place)?;
        let next = next.map(|next| json!({ "bidder": bid_number(next.bid_number), "answer_by": next.answer_by }));
        ("award.declined", row, json!({ "next": next }))
    };
    let receipt = note(tx, allowed, kind, &row, data)?;
    Ok((view(row), receipt))
}

fn told(row: &ConfirmationRow) -> Value {
    json!({ "ground": row.ground, "decision": row.decision })
}

fn note<P: crate::access::Permission>(
    tx: &mut Tx<'_>,
    allowed: &Allowed<P>,
    kind: &'static str,
    row: &ConfirmationRow,
    mut data: Value,
) -> Result<Receipt> {
    if let Value::Object(members) = &mut data {
        members.insert("place".to_owned(), json!(row.place));
        members.insert("bidder".to_owned(), json!(bid_number(row.bid_number)));
        members.insert("price".to_owned(), json!(row.price));
    }
    record(tx, &allowed.by(), Fact::new(kind, &row.collective_code).about("lot", &row.lot_id).data(data))
}

fn view(row: ConfirmationRow) -> Confirmation {
    Confirmation {
        lot_id: row.lot_id,
        place: row.place,
        bidder: bid_number(row.bid_number),
        name: Some(row.name).filter(|name| !name.is_empty()),
        price: row.price,
        total: row.total,
        state: row.state,
        answer_by: row.answer_by,
        notice_until: row.notice_until,
        contract_by: row.contract_by,
        ground: row.ground,
        decision: row.decision,
        note: row.note,
        updated_at: row.updated_at,
    }
}

/// Everybody who was named, in order.
///
/// Errors: `not_found`.
pub fn list_public(rx: &mut Rx<'_>, id: &LotId) -> Result<Vec<Confirmation>> {
    lots::find(rx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    Ok(store::list_public(rx, id)?.into_iter().map(view).collect())
}

/// Results that are looked at for what waits, the oldest first.
const MOST_WAITING: i64 = 100;

/// What is to be done with the results of the scope today, the oldest first.
pub fn waiting(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>, today: Day) -> Result<Vec<Waiting>> {
    let mut found = Vec::new();
    for (lot, title, notice_until) in store::list_unsigned(rx, &allowed.scope, MOST_WAITING)? {
        let last = store::list_public(rx, &lot)?.pop();
        if let Some(what) = papers::due(rx, &lot, last.as_ref(), today)? {
            found.push(Waiting { lot, title, what });
            continue;
        }
        let what = match last {
            None => (today > notice_until).then_some(Due::Confirm),
            Some(ConfirmationRow { state: State::Confirmed, contract_by: Some(by), .. }) if today > by => {
                Some(Due::Sign(by))
            }
            Some(ConfirmationRow { state: State::Offered, answer_by: Some(by), .. }) if today > by => {
                Some(Due::Answer(by))
            }
            Some(ConfirmationRow { state: State::Published, notice_until: Some(until), .. }) if today > until => {
                Some(Due::Confirm)
            }
            Some(_) => None,
        };
        found.extend(what.map(|what| Waiting { lot, title, what }));
    }
    Ok(found)
}
