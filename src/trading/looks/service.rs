//! Use cases: looking at one file, at all of them; what everybody reads of it afterwards.

use super::{
    model::{BidderLook, Breaking, FileWanted},
    rules,
    store::{self, BidderLookRow},
};
use crate::{
    access::{Account, Allowed, Permission, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Id, Timestamp, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    trading::{
        enrolment::{self, Enrolment, EnrolmentId, RefusedDeposit},
        listing::{
            self, LotId, LotState,
            store::{self as lots, LotRow, Reader},
        },
    },
    vault::Vault,
};

/// A lot of the scope that has not ended: afterwards there is nothing to look past.
fn running<P: Permission>(rx: &mut Rx<'_>, allowed: &Allowed<P>, lot: &LotId) -> Result<LotRow> {
    let (lot, _) = lots::find(rx, Reader::Staff(&allowed.scope), lot)?.ok_or(&NOT_FOUND)?;
    listing::must_be(lot.state, &[LotState::Published])?;
    Ok(lot)
}

fn note<P: Permission>(
    tx: &mut Tx<'_>,
    allowed: &Allowed<P>,
    lot: &LotRow,
    enrolment: Option<&EnrolmentId>,
    reason: String,
) -> Result<Receipt> {
    let row = BidderLookRow {
        id: tx.new_id("blk"),
        lot_id: lot.id.clone(),
        collective_code: lot.collective_code.clone(),
        enrolment_id: enrolment.cloned(),
        account_id: allowed.actor.account.to_string(),
        reason,
        at: tx.now(),
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let place = enrolment::log_scope(&lot.collective_code);
    let fact = match enrolment {
        // It does not name the lot: entries of one lot would be a count of its bidders.
        Some(id) => Fact::new("enrolment.looked_at", place).about("enrolment", id),
        None => Fact::new("bidders.looked_at", place).about("lot", &lot.id),
    };
    record(tx, &allowed.by(), fact)
}

/// The trading officer opens the file of the bidder with this code; the look is on record.
///
/// Errors: a field error, `no_such_remark`, `lot_not_in_state`, `not_found`.
pub fn open_file(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    vault: &Vault,
    lot: &LotId,
    wanted: &FileWanted,
) -> Result<((Enrolment, Vec<RefusedDeposit>), Receipt)> {
    let reason = rules::read_reason(&wanted.reason)?;
    lots::lock(tx, lot)?;
    let lot = running(tx, allowed, lot)?;
    let id = enrolment::find_by_remark(tx, &lot.id, &wanted.remark)?.ok_or(&rules::NO_SUCH_REMARK)?;
    let receipt = note(tx, allowed, &lot, Some(&id), reason)?;
    Ok((enrolment::opened(tx, &allowed.actor.prove()?, vault, &id)?, receipt))
}

/// Whether an account has looked at an enrolment, on record.
pub(in crate::trading) fn has_looked(rx: &mut Rx<'_>, account: &Id<Account>, id: &EnrolmentId) -> Result<bool> {
    Ok(store::of_enrolment(rx, id)?.iter().any(|look| look.account_id == account.as_str()))
}

/// Whether it has looked since something was handed in.
pub(in crate::trading) fn has_looked_since(
    rx: &mut Rx<'_>,
    account: &Id<Account>,
    id: &EnrolmentId,
    since: Timestamp,
) -> Result<bool> {
    let looks = store::of_enrolment(rx, id)?;
    Ok(looks.iter().any(|look| look.account_id == account.as_str() && look.at >= since))
}

/// The township's officer looks at everybody of a lot before its end; the look is on record.
///
/// Errors: a field error, `lot_not_in_state`, `not_found`.
pub fn break_glass(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::BreakGlass>,
    vault: &Vault,
    lot: &LotId,
    breaking: &Breaking,
) -> Result<(Vec<Enrolment>, Receipt)> {
    let reason = rules::read_reason(&breaking.reason)?;
    lots::lock(tx, lot)?;
    let lot = running(tx, allowed, lot)?;
    let receipt = note(tx, allowed, &lot, None, reason)?;
    Ok((enrolment::everybody(tx, vault, &lot.id)?, receipt))
}

/// What everybody reads of a lot that has ended; nothing before.
pub fn list_public(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Vec<BidderLook>> {
    if lot.state.is_under_way() {
        return Ok(Vec::new());
    }
    let look = |row: BidderLookRow| BidderLook { at: row.at, at_all: row.enrolment_id.is_none(), reason: row.reason };
    Ok(store::list_public(rx, &lot.id)?.into_iter().map(look).collect())
}
