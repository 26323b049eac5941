//! What every bid of a hot lot needs and no bid changes, read once for all that share a transaction; and the live row, which
//! each bid finds as the one before it has left it.

use std::{collections::HashMap, rc::Rc};

use super::{
    facts::{self, Table},
    store::{self, AuctionRow},
};
use crate::{
    access::Account,
    db::{Result, Tx},
    kernel::{Id, error::NOT_FOUND},
    trading::{
        enrolment::store::{self as enrolments, Seat},
        listing::{
            LotId,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
    },
};

/// Where a scene comes from.
const READ: &[&str] = &[
    "lots",
    "lot_terms",
    "enrolments",
    "priority_rights",
    "merit_claims",
    "draw_rounds",
    "draw_parties",
    "lot_rankings",
];

/// A published lot with the rules of its auction.
pub(super) struct Scene {
    pub lot: LotRow,
    pub table: Table,
}

impl Scene {
    pub fn new(tx: &mut Tx<'_>, lot: LotRow, terms: &TermsRow) -> Result<Scene> {
        Ok(Scene { table: facts::table(tx, &lot, terms)?, lot })
    }

    fn knows(&self, number: i32) -> bool {
        facts::bidder(number).is_some_and(|bidder| bidder.0 < self.table.names.len())
    }
}

/// The scene of a lot that the public sees; locks its auction. Hours, terms and bidders stand before an auction opens, and
/// what ends it takes the same lock.
///
/// Errors: `not_found`.
pub(super) fn of_public(tx: &mut Tx<'_>, id: &LotId) -> Result<Rc<Scene>> {
    let key = format!("scene/{id}");
    if let Some(scene) = tx.recall(&key) {
        return Ok(scene);
    }
    store::lock(tx, id)?;
    let (lot, terms) = lots::find(tx, Reader::Public, id)?.ok_or(&NOT_FOUND)?;
    let scene = Scene::new(tx, lot, &terms)?;
    Ok(tx.remember(key, READ, scene))
}

/// The scene with this bidder in it: another instance may have given out the number since it was read.
pub(super) fn with(tx: &mut Tx<'_>, scene: Rc<Scene>, number: Option<i32>) -> Result<Rc<Scene>> {
    match number {
        Some(number) if !scene.knows(number) => {
            let (lot, terms) = lots::get(tx, &scene.lot.id)?;
            Ok(Rc::new(Scene::new(tx, lot, &terms)?))
        }
        _ => Ok(scene),
    }
}

/// The own seat; `None`: has not enrolled. Who comes alone is looked up; where others follow, all are read.
pub(super) fn seat(tx: &mut Tx<'_>, id: &LotId, account: &Id<Account>) -> Result<Option<Seat>> {
    type Seats = HashMap<Id<Account>, Seat>;
    let key = format!("seats/{id}");
    if let Some(seats) = tx.recall::<Seats>(&key) {
        return Ok(seats.get(account).cloned());
    }
    if !tx.is_followed() {
        let own = enrolments::find_own(tx, id, account)?;
        return Ok(own.map(|own| Seat { account: own.account_id, enrolment: own.id, number: own.bid_number }));
    }
    let seats: Seats = enrolments::list_seats(tx, id)?.into_iter().map(|seat| (seat.account.clone(), seat)).collect();
    Ok(tx.remember(key, &["enrolments"], seats).get(account).cloned())
}

/// The live row of an auction that is locked.
///
/// Errors: `not_found`.
pub(super) fn auction(tx: &mut Tx<'_>, id: &LotId) -> Result<AuctionRow> {
    match tx.recall::<AuctionRow>(&row_key(id)) {
        Some(row) => Ok((*row).clone()),
        None => store::find(tx, id)?.ok_or_else(|| (&NOT_FOUND).into()),
    }
}

/// Writes the live row of an auction that is locked, for the next bid to find.
pub(super) fn keep(tx: &mut Tx<'_>, row: AuctionRow) -> Result<()> {
    row.update_gathered(tx)?;
    tx.remember(row_key(&row.lot_id), &["auctions"], row);
    Ok(())
}

fn row_key(id: &LotId) -> String {
    format!("auction/{id}")
}
