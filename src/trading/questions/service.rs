//! Use cases: asking, answering, reading.

use serde_json::json;

use super::{
    model::{Answer, Question, QuestionId, QuestionView},
    rules,
    store::{self, QuestionRow},
};
use crate::{
    access::{Actor, Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Problem, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    trading::listing::{
        LotId,
        store::{self as lots, Reader},
    },
};

fn view(row: QuestionRow) -> QuestionView {
    let QuestionRow { id, lot_id, question, asked_at, answer, answered_at, .. } = row;
    QuestionView { id, lot_id, question, asked_at, answer, answered_at }
}

/// A bidder asks about a public notice.
///
/// Errors: a field error, `questions_closed`, `too_many_questions`, `not_found`.
pub fn ask(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::Bid>,
    id: &LotId,
    question: &Question,
) -> Result<(QuestionView, Receipt)> {
    let text = rules::read_question(&question.question)?;
    lots::lock(tx, id)?;
    let (lot, _) = lots::find(tx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let now = tx.now();
    rules::check_open(lot.state, lot.enrol_until, now)?;
    let waiting = store::list_own_waiting(tx, id, &allowed.actor.account)?.len();
    if i64::try_from(waiting).unwrap_or(i64::MAX) >= rules::MOST_WAITING {
        let detail = format!("您已有 {waiting} 个问题没有答复，最多 {} 个；请等答复后再问", rules::MOST_WAITING);
        return Err(Problem::new(&rules::TOO_MANY_QUESTIONS, detail).into());
    }
    let row = QuestionRow {
        id: tx.new_id("qst"),
        lot_id: id.clone(),
        collective_code: lot.collective_code.clone(),
        account_id: allowed.actor.account.clone(),
        question: text,
        asked_at: now,
        answer: None,
        answered_by: None,
        answered_at: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    // The text stands in no entry: until it is answered it is between two.
    let fact = Fact::new("question.asked", &lot.collective_code).about("lot", id).about("question", &row.id);
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(row), receipt))
}

/// The platform answers; from then on everybody reads both.
///
/// Errors: a field error, `question_answered`, `not_found`.
pub fn answer(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    id: &QuestionId,
    answer: &Answer,
) -> Result<(QuestionView, Receipt)> {
    let text = rules::read_answer(&answer.answer)?;
    store::lock(tx, id)?;
    let mut row = store::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    if row.answer.is_some() {
        return Err((&rules::QUESTION_ANSWERED).into());
    }
    let now = tx.now_after(row.asked_at);
    row.answer = Some(text);
    row.answered_by = Some(allowed.actor.account.to_string());
    row.answered_at = Some(now);
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new("question.answered", &row.collective_code)
        .about("lot", &row.lot_id)
        .about("question", &row.id)
        .data(json!({ "version": row.version }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(row), receipt))
}

/// What everybody reads.
///
/// Errors: `not_found`.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<QuestionView>> {
    lots::find(rx, Reader::Public, lot)?.ok_or(&NOT_FOUND)?;
    Ok(store::list_public(rx, lot)?.into_iter().map(view).collect())
}

/// What this visitor reads: staff of the place all of it, others what is answered and what they asked themselves.
///
/// Errors: `not_found`.
pub fn list(rx: &mut Rx<'_>, actor: Option<&Actor>, lot: &LotId) -> Result<Vec<QuestionView>> {
    if let Some(staff) = actor.and_then(|actor| actor.prove::<may::ReadListings>().ok())
        && lots::find(rx, Reader::Staff(&staff.scope), lot)?.is_some()
    {
        return Ok(store::list(rx, &staff.scope, lot)?.into_iter().map(view).collect());
    }
    let mut all = list_public(rx, lot)?;
    if let Some(bidder) = actor.and_then(|actor| actor.prove::<may::Bid>().ok()) {
        all.extend(store::list_own_waiting(rx, lot, &bidder.actor.account)?.into_iter().map(view));
    }
    Ok(all)
}

/// How many questions about a lot wait for an answer.
pub fn count_open(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>, lot: &LotId) -> Result<i64> {
    store::count_waiting(rx, &allowed.scope, lot)
}
