//! Posting: the one way in which a transfer gets into the books, together with the state of its deposit.

use super::{
    ledger::{self, Standing, TransferKind},
    store::{self, DepositRow, TransferRow},
};
use crate::{
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{Fen, Problem, Timestamp, codes::RegionCode},
    log::{By, Fact, record},
};

/// Where a deposit stands by its transfers; `None` where there are none.
///
/// Errors: as of [`ledger::after`], where they contradict each other.
pub(super) fn standing(rows: &[TransferRow]) -> std::result::Result<Option<Standing>, Problem> {
    rows.iter().try_fold(None, |standing, row| ledger::after(standing, row.kind, row.amount).map(Some))
}

/// Writes one transfer over the whole amount of a deposit, if the ledger's rules take it. The caller has locked the deposit
/// and records the entry.
///
/// Errors: `deposit_not_held`, `deposit_not_owed`, `books_refuse`.
pub(super) fn book(
    tx: &mut Tx<'_>,
    deposit: &DepositRow,
    kind: TransferKind,
    moved_at: Timestamp,
    by: &By,
) -> Result<Standing> {
    let earlier = store::transfers_of(tx, &deposit.id)?;
    let standing = ledger::after(standing(&earlier)?, kind, deposit.amount)?;
    let (debit_account, credit_account) = kind.accounts();
    let row = TransferRow {
        id: tx.new_id("trf"),
        collective_code: deposit.collective_code.clone(),
        kind,
        debit_account,
        credit_account,
        amount: deposit.amount,
        lot_id: deposit.lot_id.clone(),
        enrolment_id: deposit.enrolment_id.clone(),
        deposit_id: deposit.id.clone(),
        step: i32::try_from(earlier.len() + 1).unwrap_or(i32::MAX),
        moved_at,
        recorded_at: tx.now(),
        recorded_by: by.account.clone(),
        salt: Salt::fresh(),
    };
    // Two who were at it at once: the unique indexes of the table know one winner.
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&ledger::NOT_HELD).into() } else { e })?;
    Ok(standing)
}

/// Posts a transfer of a deposit that is on record and writes its new state. The caller records the entry.
///
/// Errors: `deposit_not_held`, `deposit_not_owed`, `books_refuse`.
pub(super) fn post(
    tx: &mut Tx<'_>,
    deposit: &mut DepositRow,
    kind: TransferKind,
    moved_at: Timestamp,
    by: &By,
) -> Result<()> {
    tx.lock_row("deposits", "id", deposit.id.as_str())?;
    *deposit = store::get(tx, &deposit.id)?;
    let standing = book(tx, deposit, kind, moved_at, by)?;
    let now = tx.now();
    deposit.state = standing.state;
    deposit.settled_at = (!super::rules::is_open(standing.state)).then_some(now);
    deposit.version += 1;
    deposit.update(tx)
}

/// Whether deposits of before there was a ledger are still to be taken into the books.
pub fn is_to_be_opened(rx: &mut Rx<'_>) -> Result<bool> {
    Ok(!store::is_ledger_open(rx)? && !store::list_unbooked(rx)?.is_empty())
}

/// Takes the deposits of before there was a ledger into the books, each as received when it came.
pub fn open_books(tx: &mut Tx<'_>) -> Result<()> {
    if store::is_ledger_open(tx)? {
        return Ok(());
    }
    let mut of_one: Option<(RegionCode, Vec<DepositRow>)> = None;
    let mut rows = store::list_unbooked(tx)?;
    rows.sort_by(|a, b| (&a.collective_code, &a.id).cmp(&(&b.collective_code, &b.id)));
    for row in rows {
        match &mut of_one {
            Some((code, some)) if *code == row.collective_code => some.push(row),
            _ => {
                let before = of_one.replace((row.collective_code.clone(), vec![row]));
                before.map(|(code, some)| open(tx, &code, &some)).transpose()?;
            }
        }
    }
    of_one.map(|(code, some)| open(tx, &code, &some)).transpose()?;
    Ok(())
}

fn open(tx: &mut Tx<'_>, code: &RegionCode, rows: &[DepositRow]) -> Result<()> {
    for row in rows {
        book(tx, row, TransferKind::Receive, row.received_at, &By::system())?;
    }
    let total = Fen::checked_sum(rows.iter().map(|row| row.amount))
        .ok_or_else(|| Error::Internal(format!("the deposits of {code} are out of range")))?;
    let fact = Fact::new("books.opened", code).data(serde_json::json!({ "count": rows.len(), "paid": total }));
    record(tx, &By::system(), fact)?;
    Ok(())
}
