//! Posting: the one way in which a transfer gets into the books, together with the state of its deposit.

use super::{
    ledger::{self, Account, Life, Standing, TransferKind},
    model::TransferId,
    orders::OrderId,
    periods,
    store::{self, DepositRow, TransferRow},
    unidentified::UnidentifiedRow,
};
use crate::{
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{Fen, Problem, Timestamp, codes::RegionCode},
    log::{By, Fact, record},
};

/// The transfers of a deposit as they hold.
///
/// Errors: as of [`Life::post`], where they contradict each other.
pub(super) fn life(rows: &[TransferRow]) -> std::result::Result<Life, Problem> {
    rows.iter().try_fold(Life::default(), |mut life, row| {
        life.post(&row.id, row.kind, row.amount, row.reverses.as_ref())?;
        Ok(life)
    })
}

/// What is to be written: which way money moves, when, by which order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posted<'a> {
    pub kind: TransferKind,
    pub moved_at: Timestamp,
    pub order: Option<&'a OrderId>,
    pub reverses: Option<&'a TransferId>,
}

impl Posted<'_> {
    /// Money that moves by no order.
    pub fn plain(kind: TransferKind, moved_at: Timestamp) -> Posted<'static> {
        Posted { kind, moved_at, order: None, reverses: None }
    }

    /// A row without what it belongs to. What moved in a closed month is booked now, and says when it was.
    fn row(
        &self,
        tx: &mut Tx<'_>,
        (debit_account, credit_account): (Account, Account),
        code: RegionCode,
        (amount, step): (Fen, usize),
        by: &By,
    ) -> Result<TransferRow> {
        let (open_from, now) = (periods::open_from(tx, code.as_str())?, tx.now());
        let (moved_at, late_from) = periods::booked(self.moved_at, open_from, now);
        Ok(TransferRow {
            id: tx.new_id("trf"),
            collective_code: code,
            kind: self.kind,
            debit_account,
            credit_account,
            amount,
            lot_id: None,
            enrolment_id: None,
            deposit_id: None,
            step: i32::try_from(step).unwrap_or(i32::MAX),
            moved_at,
            recorded_at: now,
            recorded_by: by.account.clone(),
            salt: Salt::fresh(),
            unidentified_id: None,
            order_id: self.order.map(ToString::to_string),
            reverses: self.reverses.cloned(),
            late_from,
        })
    }
}

/// Two who were at it at once: the numbers of the steps know one winner.
fn insert(tx: &mut Tx<'_>, row: &TransferRow, lost: &'static crate::kernel::Code) -> Result<()> {
    row.insert(tx).map_err(|e| if e.is_unique_violation() { lost.into() } else { e })
}

/// Writes one transfer over the whole amount of a deposit, if the ledger's rules take it. The caller has locked the deposit
/// and records the entry.
///
/// Errors: `deposit_not_held`, `deposit_not_owed`, `already_paid_on`, `books_refuse`.
pub(super) fn book(
    tx: &mut Tx<'_>,
    deposit: &DepositRow,
    posted: Posted<'_>,
    by: &By,
) -> Result<(Standing, TransferId)> {
    let earlier = store::transfers_of(tx, &deposit.id)?;
    let mut life = life(&earlier)?;
    let id: TransferId = tx.new_id("trf");
    let accounts = life.post(&id, posted.kind, deposit.amount, posted.reverses)?;
    let step = (deposit.amount, earlier.len() + 1);
    let row = TransferRow {
        id,
        lot_id: Some(deposit.lot_id.clone()),
        enrolment_id: Some(deposit.enrolment_id.clone()),
        deposit_id: Some(deposit.id.clone()),
        ..posted.row(tx, accounts, deposit.collective_code.clone(), step, by)?
    };
    insert(tx, &row, &ledger::NOT_HELD)?;
    let standing = life.standing().ok_or(&ledger::BOOKS_REFUSE)?;
    Ok((standing, row.id))
}

/// Posts a transfer of a deposit that is on record and writes its new state. The caller records the entry.
///
/// Errors: as of [`book`].
pub(super) fn post(tx: &mut Tx<'_>, deposit: &mut DepositRow, posted: Posted<'_>, by: &By) -> Result<()> {
    tx.lock_row("deposits", "id", deposit.id.as_str())?;
    *deposit = store::get(tx, &deposit.id)?;
    let (standing, _) = book(tx, deposit, posted, by)?;
    let now = tx.now();
    deposit.state = standing.state;
    deposit.settled_at = (!super::rules::is_open(standing.state)).then_some(now);
    deposit.version += 1;
    deposit.update(tx)
}

/// Writes one transfer over the whole of what nobody has claimed. The caller has locked it and records the entry.
///
/// Errors: `books_refuse`.
pub(super) fn book_unidentified(
    tx: &mut Tx<'_>,
    receipt: &UnidentifiedRow,
    posted: Posted<'_>,
    by: &By,
) -> Result<TransferId> {
    let earlier = store::transfers_of_unidentified(tx, &receipt.id)?;
    let left = earlier.iter().try_fold(None, |left, row| ledger::left_of(left, row.kind, row.amount).map(Some))?;
    ledger::left_of(left, posted.kind, receipt.amount)?;
    let accounts = posted.kind.accounts().ok_or(&ledger::BOOKS_REFUSE)?;
    let step = (receipt.amount, earlier.len() + 1);
    let row = TransferRow {
        unidentified_id: Some(receipt.id.clone()),
        ..posted.row(tx, accounts, receipt.region_code.clone(), step, by)?
    };
    insert(tx, &row, &ledger::BOOKS_REFUSE)?;
    Ok(row.id)
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
        book(tx, row, Posted::plain(TransferKind::Receive, row.received_at), &By::system())?;
    }
    let total = Fen::checked_sum(rows.iter().map(|row| row.amount))
        .ok_or_else(|| Error::Internal(format!("the deposits of {code} are out of range")))?;
    let fact = Fact::new("books.opened", code).data(serde_json::json!({ "count": rows.len(), "paid": total }));
    record(tx, &By::system(), fact)?;
    Ok(())
}
