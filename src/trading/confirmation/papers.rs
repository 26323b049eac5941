//! What the papers of who is to be confirmed have to do with it, where the notice has them examined after the auction.

use super::{
    model::{Due, State},
    service::{Days, working_days},
    store::{self, ConfirmationRow},
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Tx},
    kernel::{Day, Problem},
    trading::{
        award::store::{self as awards, AwardRow},
        enrolment::EnrolmentId,
        listing::{
            LotId, LotState,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
        qualification::{self, PaperState, PaperView, Timing},
    },
};

/// Who is to be confirmed next.
pub(in crate::trading) struct Next {
    pub enrolment: EnrolmentId,
    /// Last day to hand in papers: of who won the last of the result's notice, of who is asked to step in the last to answer.
    pub papers_by: Day,
}

/// The winner of a result that was not confirmed, or who is asked to step in.
pub(in crate::trading) fn next_to_confirm(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Option<Next>> {
    if lot.state != LotState::Sold {
        return Ok(None);
    }
    Ok(match store::list_public(rx, &lot.id)?.pop() {
        None => awards::find(rx, &lot.id)?
            .and_then(|award| Some(Next { enrolment: award.winner_enrolment?, papers_by: award.notice_until })),
        Some(ConfirmationRow { state: State::Offered, enrolment_id, answer_by: Some(papers_by), .. }) => {
            Some(Next { enrolment: enrolment_id, papers_by })
        }
        Some(_) => None,
    })
}

/// Gives who is asked to step in the whole time to answer once more: the papers were with the township meanwhile.
pub(in crate::trading) fn ask_anew(tx: &mut Tx<'_>, days: Days<'_>, lot: &LotRow) -> Result<()> {
    let Some(row) = store::list_public(tx, &lot.id)?.pop().filter(|row| row.state == State::Offered) else {
        return Ok(());
    };
    let now = tx.now_after(row.updated_at);
    let rules = days.policies.rules_for(&lot.collective_code, now.day()).map_err(Problem::from)?;
    let anew = working_days(days, now.day(), rules.successors.value.answer_working_days)?;
    let answer_by = Some(row.answer_by.map_or(anew, |by| by.max(anew)));
    let row = ConfirmationRow { answer_by, updated_at: now, version: row.version + 1, ..row };
    row.update(tx)
}

/// What who is to be confirmed next has handed in.
pub(super) struct OfNext {
    pub papers_by: Day,
    pub papers: Vec<PaperView>,
}

/// The papers of who is to be confirmed next; `None` where the notice does not have papers examined after the auction, or nobody
/// is to be confirmed.
pub(super) fn of_next(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>, id: &LotId) -> Result<Option<OfNext>> {
    let Some((lot, terms)) = lots::find(rx, Reader::Staff(&allowed.scope), id)? else { return Ok(None) };
    if terms.terms()?.timing() != Timing::After {
        return Ok(None);
    }
    let Some(next) = next_to_confirm(rx, &lot)? else { return Ok(None) };
    let papers = qualification::of_enrolment(rx, &next.enrolment)?;
    Ok(Some(OfNext { papers_by: next.papers_by, papers }))
}

/// What is to be done with the papers of who is to be confirmed, where the notice has them examined after the auction.
pub(super) fn due(rx: &mut Rx<'_>, lot: &LotId, last: Option<&ConfirmationRow>, today: Day) -> Result<Option<Due>> {
    let (lot, terms) = lots::get(rx, lot)?;
    if terms.terms()?.timing() != Timing::After {
        return Ok(None);
    }
    let Some(next) = next_to_confirm(rx, &lot)? else { return Ok(None) };
    Ok(match qualification::of_enrolment(rx, &next.enrolment)?.last().map(|paper| paper.state) {
        Some(PaperState::Waiting) => Some(Due::Examine),
        Some(PaperState::Passed) => None,
        _ => (last.is_none() && today > next.papers_by).then_some(Due::Papers),
    })
}

/// Until when who won was to hand in papers; `None`: some were handed in, or the notice asks for none after the auction.
pub(super) fn owed_by_winner(rx: &mut Rx<'_>, terms: &TermsRow, award: &AwardRow) -> Result<Option<Day>> {
    let (Timing::After, Some(winner)) = (terms.terms()?.timing(), &award.winner_enrolment) else { return Ok(None) };
    Ok(qualification::of_enrolment(rx, winner)?.is_empty().then_some(award.notice_until))
}
