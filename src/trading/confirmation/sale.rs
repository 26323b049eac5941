//! What a contract takes over from a confirmed result, and that it was signed.

use super::{
    model::{How, Sale, State},
    rules,
    store::{self, ConfirmationRow},
};
use crate::{
    access::Scope,
    db::{Error, Result, Rx, Tx},
    kernel::{Id, error::NOT_FOUND},
    trading::{
        auction::{self, Mode},
        enrolment::store as enrolments,
        joint,
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
        price,
    },
};

/// What the contract of a lot has to say, once its result is confirmed.
///
/// Errors: `not_found`, `lot_not_in_state`, `not_confirmed`, `contract_signed`.
pub fn sale_of(rx: &mut Rx<'_>, scope: &Scope, id: &LotId) -> Result<Sale> {
    let (lot, terms) = lots::find(rx, Reader::Staff(scope), id)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Sold])?;
    let row = store::list_public(rx, id)?.pop().ok_or(&rules::NOT_CONFIRMED)?;
    match row.state {
        State::Confirmed => sale(rx, lot, &terms, &row),
        State::Signed => Err((&rules::CONTRACT_SIGNED).into()),
        _ => Err((&rules::NOT_CONFIRMED).into()),
    }
}

/// What a contract that came of a lot has to go on saying; `None`: it came of none.
///
/// No scope: the contract was found in one.
pub fn sale_signed_by(rx: &mut Rx<'_>, contract: &str) -> Result<Option<Sale>> {
    let Some(row) = store::signed_by(rx, contract)? else { return Ok(None) };
    let (lot, terms) = lots::get(rx, &row.lot_id)?;
    Ok(Some(sale(rx, lot, &terms, &row)?))
}

fn sale(rx: &mut Rx<'_>, lot: LotRow, terms: &TermsRow, row: &ConfirmationRow) -> Result<Sale> {
    let told = terms.terms()?;
    let gone = || Error::Internal(format!("bid number {} of {} has no enrolment", row.bid_number, lot.id));
    let buyer = enrolments::find_by_number(rx, &lot.id, row.bid_number)?.ok_or_else(gone)?;
    let value = told.price_terms().and_then(|terms| price::value(&terms, row.price));
    Ok(Sale {
        annual_rent: value.and_then(|value| value.first_year),
        total: row.total,
        floor_area: told.floor_area(row.price),
        form: told.form,
        how: if told.mode() == Mode::Sealed { How::SealedBids } else { How::OpenBids },
        starts_on: told.starts_on,
        term_months: told.term_months,
        asset_name: told.asset_name,
        buyer: joint::full_name(rx, &buyer)?,
        buyer_kind: buyer.bidder_kind,
        lot: lot.id,
        collective_code: lot.collective_code.to_string(),
        title: lot.title,
        asset: Id::from_trusted(lot.asset_id),
    })
}

/// The contract is signed: called in the transaction that registers it, before its entry.
///
/// Errors: `not_confirmed`.
pub fn signed(tx: &mut Tx<'_>, lot: &LotId, contract: &str) -> Result<()> {
    lots::lock(tx, lot)?;
    let row = store::list_public(tx, lot)?.pop().filter(|row| row.state == State::Confirmed);
    let row = row.ok_or(&rules::NOT_CONFIRMED)?;
    let now = tx.now_after(row.updated_at);
    let row = ConfirmationRow {
        state: State::Signed,
        contract_id: Some(contract.to_owned()),
        updated_at: now,
        version: row.version + 1,
        ..row
    };
    row.update(tx)?;
    tx.wake(auction::topic(lot));
    Ok(())
}
