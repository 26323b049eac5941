//! Whether deposits, their states and the books make sense (checks of meaning, see [`log::Check`](crate::log::Check)).

use super::{
    ledger::{Account, Books},
    model::DepositState,
    posting, rules,
    store::{self, DepositRow, TransferRow},
};
use crate::{
    db::{Result, Rx},
    kernel::Fen,
    log::{self, Check, Contradiction, Words},
};

const DOES_NOT_ADD_UP: Words = Words {
    line: "amount, state and times of the deposit contradict each other",
    page: "保证金的金额、状态和时间互相矛盾",
};
const OTHER_STANDING: Words = Words {
    line: "the deposit does not stand where its transfers lead",
    page: "保证金的金额或状态与分户账逐笔算出来的不一样",
};
const OTHER_ACCOUNTS: Words = Words {
    line: "the transfer does not name the accounts of its kind, or not its deposit's collective and lot",
    page: "这笔账的科目与业务种类不符，或者与保证金的村、项目不符",
};
const OUT_OF_BALANCE: Words = Words {
    line: "the books are out of balance, or do not hold what the open deposits come to",
    page: "账不平，或者在持保证金的余额不等于未了结的各笔之和",
};

pub(super) const CHECK: Check = Check {
    tables: &["deposits"],
    run: |rx, found| {
        DepositRow::each(rx, |_, row| {
            if !rules::adds_up(row.amount, row.state, row.received_at, row.recorded_at, row.settled_at) {
                found(Contradiction::new("deposits", &row.id, DOES_NOT_ADD_UP));
            }
            Ok(())
        })
    },
};

/// The books: every deposit stands where its transfers lead, and all of them together balance (MON-2).
pub(super) const BOOKS: Check = Check { tables: &["deposits", "transfers"], run: books };

fn books(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    // Before the first start of a program with a ledger there are no books to look at.
    if !store::is_ledger_open(rx)? {
        return Ok(());
    }
    let (mut books, mut held, mut last) = (Books::default(), Fen::ZERO, None);
    DepositRow::each(rx, |rx, row| {
        let rows = log::understood(store::transfers_of(rx, &row.id))?.unwrap_or_default();
        let stands = posting::standing(&rows).ok().flatten().map(|told| (told.amount, told.state));
        if stands != Some((row.amount, row.state)) || !is_numbered(&rows) {
            found(Contradiction::new("deposits", &row.id, OTHER_STANDING));
        }
        if row.state == DepositState::Held {
            held = held.checked_add(row.amount).unwrap_or(Fen(i64::MAX));
        }
        for row in rows {
            if books.post(row.collective_code.as_str(), row.deposit_id.as_str(), row.kind, row.amount).is_err() {
                found(Contradiction::new("transfers", &row.id, OUT_OF_BALANCE));
            }
        }
        Ok(())
    })?;
    TransferRow::each(rx, |rx, row| {
        let fits = (row.debit_account, row.credit_account) == row.kind.accounts();
        let deposit = log::understood(store::get(rx, &row.deposit_id))?;
        let of = |d: &DepositRow| (d.collective_code.clone(), d.lot_id.clone(), d.enrolment_id.clone());
        let its = (row.collective_code.clone(), row.lot_id.clone(), row.enrolment_id.clone());
        if !fits || deposit.as_ref().map(of) != Some(its) || row.moved_at > row.recorded_at {
            found(Contradiction::new("transfers", &row.id, OTHER_ACCOUNTS));
        }
        last = Some(row.id);
        Ok(())
    })?;
    let total = Fen::checked_sum(books.balances().map(|(_, balances)| balances.of(Account::Held)));
    let balanced = books.balances().all(|(_, balances)| balances.trial() == Some(Fen::ZERO));
    if let Some(last) = last.filter(|_| !balanced || total != Some(held) || total != books.sum(DepositState::Held)) {
        found(Contradiction::new("transfers", last, OUT_OF_BALANCE));
    }
    Ok(())
}

fn is_numbered(rows: &[TransferRow]) -> bool {
    rows.iter().zip(1..).all(|(row, n)| row.step == n)
}
