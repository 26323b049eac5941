//! Reading negotiations: as everybody sees them, as the staff do, what waits, and what a contract has to say.

use super::{
    model::{Due, Negotiation, State, Waiting},
    rules,
    store::{self, NegotiationRow},
};
use crate::{
    access::{Actor, Allowed, Scope, may},
    db::{Result, Rx},
    kernel::{
        Day, Id, Problem,
        error::NOT_FOUND,
        text::{mask_id, mask_name, mask_phone},
    },
    trading::{
        confirmation::{How, NOT_CONFIRMED, Sale},
        enrolment::BidderKind,
        listing::{
            LotId, LotState,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
        price,
    },
    vault::{ERASED_NAME, Field, Vault},
};

/// The newest negotiation about a lot that was found in a scope.
pub fn newest(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<State>> {
    Ok(store::newest(rx, lot)?.map(|row| row.state))
}

/// Whether a negotiation about a lot is open.
pub fn is_under_way(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    Ok(newest(rx, lot)?.is_some_and(State::is_open))
}

/// Whether a failed lot was let by negotiation after all: what is offered next begins anew.
pub(in crate::trading) fn is_signed(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    Ok(newest(rx, lot)? == Some(State::Signed))
}

/// Whether a lot may be listed again.
///
/// Errors: `negotiation_open`, `negotiation_signed`.
pub(in crate::trading) fn check_relisting(rx: &mut Rx<'_>, lot: &LotId) -> Result<()> {
    Ok(rules::check_free(newest(rx, lot)?)?)
}

/// What everybody reads.
fn view(row: NegotiationRow) -> Result<Negotiation> {
    let vote = row.vote()?;
    let is_public = row.is_public();
    let name = match row.bidder_kind {
        BidderKind::Person if row.name != ERASED_NAME => mask_name(&row.name),
        _ => row.name,
    };
    Ok(Negotiation {
        lot_id: row.lot_id,
        place: row.place,
        state: row.state,
        kind: row.bidder_kind,
        name,
        id_number: None,
        phone: None,
        price: row.price,
        total: row.total,
        failed_rounds: row.failed_rounds,
        minutes: vote.minutes,
        decision_on: vote.on,
        decision: vote.decision,
        notice_from: row.reviewed_at.filter(|_| is_public).map(|at| at.day()),
        notice_until: row.notice_until,
        contract_by: row.contract_by,
        note: row.note,
        published_at: row.reviewed_at.filter(|_| is_public),
        updated_at: row.updated_at,
    })
}

/// What the staff of the place read besides: the whole name, and numbers to compare.
pub(super) fn view_staff(vault: &Vault, row: NegotiationRow) -> Result<Negotiation> {
    let name = row.name.clone();
    let id_number = vault.masked(Field::IdNumber, &row.id_number, mask_id)?;
    let phone = vault.masked(Field::Phone, &row.phone, mask_phone)?;
    Ok(Negotiation { name, id_number: Some(id_number), phone: Some(phone), ..view(row)? })
}

/// Those of a public lot whose result was published, in their order.
pub(in crate::trading) fn list_public(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<Negotiation>> {
    store::of_lot(rx, lot)?.into_iter().filter(NegotiationRow::is_public).map(view).collect()
}

/// Last day of the notice that runs or ran for a failed lot; `None`: nothing is published.
pub(in crate::trading) fn published(rx: &mut Rx<'_>, lot: &LotId) -> Result<Option<Day>> {
    let row = store::newest(rx, lot)?.filter(|row| !row.state.is_over());
    Ok(row.and_then(|row| row.notice_until))
}

/// The negotiations about a lot as this visitor reads them: staff of the place all of them, others what was published.
///
/// Errors: `not_found`.
pub fn list(rx: &mut Rx<'_>, vault: &Vault, actor: Option<&Actor>, lot: &LotId) -> Result<Vec<Negotiation>> {
    lots::find(rx, Reader::Public, lot)?.ok_or(&NOT_FOUND)?;
    let staff = actor.and_then(|actor| actor.prove::<may::ReadListings>().ok());
    let is_theirs = match &staff {
        Some(staff) => lots::find(rx, Reader::Staff(&staff.scope), lot)?.is_some(),
        None => false,
    };
    if !is_theirs {
        return list_public(rx, lot);
    }
    store::of_lot(rx, lot)?.into_iter().map(|row| view_staff(vault, row)).collect()
}

/// Negotiations that are looked at for what waits, the oldest first.
const MOST_WAITING: i64 = 100;

/// What is to be done with the negotiations of the scope today.
pub fn waiting(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadListings>, today: Day) -> Result<Vec<Waiting>> {
    let rows = store::list_open(rx, &allowed.scope, MOST_WAITING)?;
    let due = |(row, title): (NegotiationRow, String)| {
        let what = match (row.state, row.notice_until, row.contract_by) {
            (State::Proposed, ..) => Due::Review,
            (State::Published, Some(until), _) if today > until => Due::Conclude,
            (State::Concluded, _, Some(by)) => Due::Sign(by),
            _ => return None,
        };
        Some(Waiting { lot: row.lot_id, title, what })
    };
    Ok(rows.into_iter().filter_map(due).collect())
}

/// What the contract of a lot has to say where it was let by negotiation; `None`: it was not.
///
/// Errors: `not_found`, `not_confirmed` while the negotiation is not concluded, `negotiation_signed`.
pub fn sale_of(rx: &mut Rx<'_>, scope: &Scope, id: &LotId) -> Result<Option<Sale>> {
    let (lot, terms) = lots::find(rx, Reader::Staff(scope), id)?.ok_or(&NOT_FOUND)?;
    let newest = store::newest(rx, id)?.filter(|row| lot.state == LotState::Failed && !row.state.is_over());
    let Some(row) = newest else { return Ok(None) };
    match row.state {
        State::Concluded => Ok(Some(sale(lot, &terms, row)?)),
        State::Signed => Err((&rules::NEGOTIATION_SIGNED).into()),
        _ => {
            let detail = format!("公开协商目前是“{}”，办结以后才能登记合同", row.state.label());
            Err(Problem::new(&NOT_CONFIRMED, detail).into())
        }
    }
}

/// What a contract that came of a negotiation has to go on saying; `None`: it came of none.
///
/// No scope: the contract was found in one.
pub fn sale_signed_by(rx: &mut Rx<'_>, contract: &str) -> Result<Option<Sale>> {
    let Some(row) = store::signed_by(rx, contract)? else { return Ok(None) };
    let (lot, terms) = lots::get(rx, &row.lot_id)?;
    sale(lot, &terms, row).map(Some)
}

fn sale(lot: LotRow, terms: &TermsRow, row: NegotiationRow) -> Result<Sale> {
    let told = terms.terms()?;
    let value = told.price_terms().and_then(|terms| price::value(&terms, row.price));
    Ok(Sale {
        annual_rent: value.and_then(|value| value.first_year),
        total: row.total,
        floor_area: told.floor_area(row.price),
        form: told.form,
        how: How::Negotiated,
        starts_on: told.starts_on,
        term_months: told.term_months,
        asset_name: told.asset_name,
        buyer: row.name,
        buyer_kind: row.bidder_kind,
        lot: lot.id,
        collective_code: lot.collective_code.to_string(),
        title: lot.title,
        asset: Id::from_trusted(lot.asset_id),
    })
}
