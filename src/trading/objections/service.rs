//! Use cases: objecting to a result, answering, reading.

use serde_json::json;

use super::{
    model::{Channel, Finding, NewFinding, NewObjection, ObjectionId, ObjectionView},
    rules,
    store::{self, ObjectionRow},
};
use crate::{
    access::{Actor, Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Problem, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    policy::PolicyBook,
    trading::{
        award::store as awards,
        confirmation,
        listing::{
            LotId, LotState,
            store::{self as lots, Reader},
        },
        negotiation,
    },
};

fn view(row: ObjectionRow) -> ObjectionView {
    let ObjectionRow { id, lot_id, channel, objection, raised_at, answer_by, finding, answer, answered_at, .. } = row;
    ObjectionView { id, lot_id, channel, objection, raised_at, answer_by, finding, answer, answered_at }
}

/// Somebody objects to a result while it is published; the trading officer of the place writes down what came on paper.
///
/// Errors: a field error, `objections_closed`, `too_many_objections`, `not_found`.
pub fn raise(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RaiseObjections>,
    policies: &PolicyBook,
    id: &LotId,
    new: &NewObjection,
) -> Result<(ObjectionView, Receipt)> {
    let text = rules::read("objection", &new.objection)?;
    lots::lock(tx, id)?;
    let is_clerk_of_others = allowed.actor.can::<may::RunAuctions>();
    let reader = if is_clerk_of_others { Reader::Staff(&allowed.scope) } else { Reader::Public };
    let (lot, _) = lots::find(tx, reader, id)?.ok_or(&NOT_FOUND)?;
    let now = tx.now_after(lot.updated_at);
    let until = match lot.state {
        LotState::Failed => negotiation::published(tx, id)?,
        _ => match confirmation::published_until(tx, id)? {
            None => awards::find(tx, id)?.map(|award| award.notice_until),
            until => until,
        },
    };
    rules::check_open(lot.state, until, now.day())?;
    let waiting = store::list(tx, id)?.into_iter().filter(|row| row.answer.is_none());
    let own = waiting.filter(|row| row.account_id == allowed.actor.account).count();
    if own >= rules::MOST_WAITING && !is_clerk_of_others {
        return Err((&rules::TOO_MANY_OBJECTIONS).into());
    }
    let in_force = policies.rules_for(&lot.collective_code, now.day()).map_err(Problem::from)?;
    let row = ObjectionRow {
        id: tx.new_id("obj"),
        lot_id: id.clone(),
        collective_code: lot.collective_code.clone(),
        account_id: allowed.actor.account.clone(),
        channel: if is_clerk_of_others { Channel::OnPaper } else { Channel::Online },
        objection: text,
        raised_at: now,
        answer_by: now.day().plus_days(u64::from(in_force.objection_answer_days.value)),
        finding: None,
        answer: None,
        answered_by: None,
        answered_at: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    // The text stands in no entry: until it is answered it is between two.
    let fact = Fact::new("objection.raised", &lot.collective_code).about("lot", id).about("objection", &row.id);
    let fact = fact.data(json!({ "channel": row.channel, "answer_by": row.answer_by }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(row), receipt))
}

/// The platform answers; from then on everybody reads both.
///
/// Errors: a field error, `objection_answered`, `not_found`.
pub fn answer(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    id: &ObjectionId,
    new: &NewFinding,
) -> Result<(ObjectionView, Receipt)> {
    let text = rules::read("answer", &new.answer)?;
    store::lock(tx, id)?;
    let mut row = store::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    if row.answer.is_some() {
        return Err((&rules::OBJECTION_ANSWERED).into());
    }
    let now = tx.now_after(row.raised_at);
    row.finding = Some(new.finding);
    row.answer = Some(text);
    row.answered_by = Some(allowed.actor.account.to_string());
    row.answered_at = Some(now);
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new("objection.answered", &row.collective_code)
        .about("lot", &row.lot_id)
        .about("objection", &row.id)
        .data(json!({ "finding": new.finding }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(row), receipt))
}

/// What everybody reads: what is answered.
///
/// Errors: `not_found`.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<ObjectionView>> {
    lots::find(rx, Reader::Public, lot)?.ok_or(&NOT_FOUND)?;
    Ok(store::list(rx, lot)?.into_iter().filter(|row| row.answer.is_some()).map(view).collect())
}

/// What this visitor reads: staff of the place all of it, others what is answered and what they raised themselves.
///
/// Errors: `not_found`.
pub fn list(rx: &mut Rx<'_>, actor: Option<&Actor>, lot: &LotId) -> Result<Vec<ObjectionView>> {
    lots::find(rx, Reader::Public, lot)?.ok_or(&NOT_FOUND)?;
    let staff = actor.and_then(|actor| actor.prove::<may::ReadListings>().ok());
    let sees_all = match &staff {
        Some(staff) => lots::find(rx, Reader::Staff(&staff.scope), lot)?.is_some(),
        None => false,
    };
    let own = |row: &ObjectionRow| actor.is_some_and(|actor| actor.account == row.account_id);
    let rows = store::list(rx, lot)?.into_iter().filter(|row| sees_all || row.answer.is_some() || own(row));
    Ok(rows.map(view).collect())
}

/// Those of the scope that wait for their answer, the most pressing first: at most a hundred.
pub fn waiting(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>) -> Result<Vec<ObjectionView>> {
    Ok(store::list_open(rx, &allowed.scope, 100)?.into_iter().map(view).collect())
}

/// What of the objections to a result stands in its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Not answered yet.
    pub open: usize,
    /// Upheld since the one who is to sign was named.
    pub upheld: usize,
}

/// No scope: numbers, for who was let through already. `since`: when the one in line now was named.
pub fn pending(rx: &mut Rx<'_>, lot: &LotId, since: Option<crate::kernel::Timestamp>) -> Result<Pending> {
    let rows = store::list(rx, lot)?;
    let later = |row: &&ObjectionRow| since.is_none_or(|since| row.raised_at >= since);
    Ok(Pending {
        open: rows.iter().filter(|row| row.answer.is_none()).count(),
        upheld: rows.iter().filter(later).filter(|row| row.finding == Some(Finding::Upheld)).count(),
    })
}
