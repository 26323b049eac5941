//! What the commands of an auction come to: the close writes it down, a verification works it out again.

use super::{
    Failure, Outcome, State, Status, close as outcome_of, decide,
    facts::{self, Table},
    store::{self, CommandRow},
};
use crate::{
    db::{Error, Result, Rx, Salt},
    kernel::{Day, Timestamp},
    trading::{
        award::store::AwardRow,
        enrolment::store as enrolments,
        joint,
        listing::{LotState, store::TermsRow},
    },
    vault::ERASED_NAME,
};

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
