//! What becomes of the deposits of a lot that has ended.

use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Tx},
    kernel::{Id, Problem, error::NOT_FOUND},
    log::{By, Receipt},
    policy::PolicyBook,
    settlement::{
        self,
        orders::{self, Ended, OrderId, OrderKind, Wanted},
    },
    trading::{
        award::store as awards,
        enrolment::{EnrolmentId, store as enrolments},
        listing::{
            self, LotId, LotState, Terms,
            store::{self as lots, LotRow},
        },
    },
};

/// Orders the refunds of everybody who did not win: called in the transaction that ends a lot, after its entry. Working days
/// count from the last day of the result notice, or from the day on which a lot ended without one.
pub(in crate::trading) fn refund_losers(tx: &mut Tx<'_>, by: &By, lot: &LotRow) -> Result<()> {
    let award = awards::find(tx, &lot.id)?;
    let today = lot.ended_at.unwrap_or_else(|| tx.now()).day();
    let ended = Ended {
        collective_code: lot.collective_code.clone(),
        lot_id: lot.id.to_string(),
        lot_title: lot.title.clone(),
        counts_from: award.as_ref().map_or(today, |award| award.notice_until),
        winner: award.and_then(|award| award.winner_enrolment).map(|id| id.to_string()),
    };
    orders::refund_all(tx, by, &ended)
}

/// States in which a lot's deposits can be decided over.
const ENDED: &[LotState] = &[LotState::Sold, LotState::Failed, LotState::Terminated, LotState::Undone];

/// An officer decides over the deposit of an enrolment whose lot has ended: the winner's is counted into the price, paid back
/// or, by a decision, kept. Another person has to confirm it.
///
/// Errors: field errors, `lot_not_in_state`, those of [`orders::order`]. Where the collective buys, and where floor area was
/// bid, there is no price to count a deposit into: a field error.
pub fn order_deposit(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::PrepareMoney>,
    policies: &PolicyBook,
    id: &EnrolmentId,
    wanted: &Wanted,
) -> Result<(OrderId, Receipt)> {
    let row = enrolments::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    let (lot, terms) = lots::get(tx, &row.lot_id)?;
    listing::must_be(lot.state, ENDED)?;
    if let Some(detail) = no_price(&terms.terms()?).filter(|_| wanted.kind == OrderKind::Apply) {
        return Err(Problem::field("kind", Some(wanted.kind.label()), detail).into());
    }
    orders::order(tx, allowed, policies, row.id.as_str(), &lot.title, wanted)
}

/// Why no deposit of a lot is counted into a price; `None`: the winner pays one.
fn no_price(terms: &Terms) -> Option<&'static str> {
    match (terms.is_purchase(), terms.price_unit.is_money()) {
        (true, _) => Some("采购服务由集体付款，保证金不能抵作价款；请选“退还保证金”，签合同另收履约保证金"),
        (_, false) => Some("这一宗按建筑面积成交，没有价款可抵；请选“退还保证金”，签合同可以另收履约保证金"),
        _ => None,
    }
}

/// Whether the winner of a lot pays a price, into which the deposit can be counted.
pub fn has_price(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    Ok(no_price(&lots::get(rx, lot)?.1.terms()?).is_none())
}

/// Whether the deposit of an enrolment can be decided over now.
pub fn may_order(rx: &mut Rx<'_>, lot: &LotId) -> Result<bool> {
    Ok(ENDED.contains(&lots::get(rx, lot)?.0.state))
}

/// For the first start of a program with a ledger: takes what is held into the books, and orders the refunds of lots that
/// ended before.
pub fn open_books(tx: &mut Tx<'_>) -> Result<()> {
    settlement::open_books(tx)?;
    for id in settlement::lots_holding(tx)? {
        let lot = lots::get(tx, &Id::from_trusted(id.as_str()))?.0;
        if ENDED.contains(&lot.state) {
            refund_losers(tx, &By::system(), &lot)?;
        }
    }
    Ok(())
}
