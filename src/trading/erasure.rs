//! Enrolments, awards, negotiations and exclusions of a person whose data are erased: found by the ID number, whatever account was used. The course
//! of an auction stays, with the paddles that were raised in it: they know bid numbers only.

use super::{
    award, confirmation,
    enrolment::{EnrolmentId, store as enrolments},
    exclusions::store as exclusions,
    joint::store as joint,
    listing::store as lots,
    looks::store as looks,
    merits::store::ClaimRow,
    negotiation::store as negotiations,
    papers,
    priority::store::RightRow,
    qualification::store::PaperRow,
};
use crate::{
    access::Account,
    db::{Result, Rx, Salt, Tx},
    kernel::Id,
    policy::{Keeping, Kept},
    settlement,
    vault::{BlindIndex, ERASED_NAME, Sealed, Whom},
};

/// Trades and deposits that must be kept.
pub fn kept_of(rx: &mut Rx<'_>, whom: &Whom) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for row in enrolments::with_index(rx, &whom.id_index)? {
        let (lot, _) = lots::get(rx, &row.lot_id)?;
        kept.push(Kept { what: Keeping::Trade, since: lot.ended_at.map(|at| at.day()) });
        kept.extend(settlement::kept_of(rx, row.id.as_str())?);
    }
    for row in joint::with_index(rx, &whom.id_index)? {
        let (lot, _) = lots::get(rx, &row.lot_id)?;
        kept.push(Kept { what: Keeping::Trade, since: lot.ended_at.map(|at| at.day()) });
    }
    for row in negotiations::with_index(rx, &whom.id_index)? {
        kept.push(Kept { what: Keeping::Trade, since: Some(row.updated_at.day()).filter(|_| !row.state.is_open()) });
    }
    for row in exclusions::with_index(rx, &whom.id_index)? {
        // It runs to its last day, lifted or not: who was refused by it may still ask why.
        let lifted = row.lifted_at.map(|at| at.day());
        kept.push(Kept { what: Keeping::Trade, since: lifted.or(row.until_day) });
    }
    Ok(kept)
}

/// Accounts that were used for nobody but this person, alone or in a group.
pub fn accounts_of(rx: &mut Rx<'_>, whom: &Whom) -> Result<Vec<Id<Account>>> {
    let index = &whom.id_index;
    let mut used: Vec<Id<Account>> = enrolments::with_index(rx, index)?.into_iter().map(|row| row.account_id).collect();
    used.extend(joint::with_index(rx, index)?.into_iter().filter_map(|row| row.account_id));
    used.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    used.dedup_by(|a, b| a.as_str() == b.as_str());
    let mut others = enrolments::accounts_of_others(rx, &used, index)?;
    others.extend(joint::accounts_of_others(rx, &used, index)?);
    Ok(used.into_iter().filter(|account| !others.contains(account)).collect())
}

/// Erases who enrolled, who paid, who won and who was excluded; lots, bids and amounts stay.
pub fn erase(tx: &mut Tx<'_>, whom: &Whom) -> Result<()> {
    for mut row in enrolments::with_index(tx, &whom.id_index)? {
        settlement::erase(tx, row.id.as_str())?;
        award::store::erase_winner(tx, &row.id)?;
        confirmation::store::erase(tx, &row.id)?;
        for mut look in looks::of_enrolment(tx, &row.id)? {
            look.reason = String::new();
            look.salt = Salt::fresh();
            look.update(tx)?;
        }
        erase_papers(tx, &row.id)?;
        row.name = ERASED_NAME.to_owned();
        row.id_number = Sealed::erased();
        row.id_index = BlindIndex::erased(row.id.as_str());
        row.phone = Sealed::erased();
        row.priority_claim = String::new();
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    for mut row in joint::with_index(tx, &whom.id_index)? {
        award::store::erase_winner(tx, &row.enrolment_id)?;
        confirmation::store::erase(tx, &row.enrolment_id)?;
        // A group's papers may name each of it.
        erase_papers(tx, &row.enrolment_id)?;
        row.name = ERASED_NAME.to_owned();
        row.id_number = Sealed::erased();
        row.id_index = BlindIndex::erased(row.id.as_str());
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    negotiations::erase(tx, &whom.id_index)?;
    for mut row in exclusions::with_index(tx, &whom.id_index)? {
        row.name = ERASED_NAME.to_owned();
        row.id_number = Sealed::erased();
        row.id_index = BlindIndex::erased(row.id.as_str());
        row.note = String::new();
        row.lift_reason = row.lift_reason.map(|_| String::new());
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
    }
    Ok(())
}

/// What was handed in to prove something: a priority or an answer claimed, conditions met.
fn erase_papers(tx: &mut Tx<'_>, enrolment: &EnrolmentId) -> Result<()> {
    papers::erase::<RightRow>(tx, enrolment)?;
    papers::erase::<ClaimRow>(tx, enrolment)?;
    papers::erase::<PaperRow>(tx, enrolment)
}
