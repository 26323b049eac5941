//! Whether deposits, their states and the books make sense (checks of meaning, see [`log::Check`](crate::log::Check)).

use std::collections::BTreeMap;

use super::{
    ledger::{Account, Books, Posting},
    model::DepositState,
    posting, rules,
    store::{self, DepositRow, TransferRow},
    unidentified::{self, UnidentifiedRow},
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
pub(super) const BOOKS: Check = Check { tables: &["deposits", "transfers", "unidentified_receipts"], run: books };

fn books(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    // Before the first start of a program with a ledger there are no books to look at.
    if !store::is_ledger_open(rx)? {
        return Ok(());
    }
    let (mut books, mut last) = (Books::default(), None);
    let mut post = |rows: Vec<TransferRow>, found: &mut dyn FnMut(Contradiction)| {
        for row in rows {
            let of =
                row.deposit_id.as_ref().map(|id| id.as_str()).or(row.unidentified_id.as_ref().map(|id| id.as_str()));
            let posting = Posting {
                transfer: &row.id,
                code: row.collective_code.as_str(),
                of: of.unwrap_or_default(),
                kind: row.kind,
                amount: row.amount,
                reverses: row.reverses.as_ref(),
            };
            if books.post(&posting).is_err() {
                found(Contradiction::new("transfers", &row.id, OUT_OF_BALANCE));
            }
        }
    };
    let (mut told, mut is_told) = (BTreeMap::<Account, Fen>::new(), true);
    let mut tell = |account: Option<Account>, amount: Fen| {
        let Some(account) = account else { return };
        let sum = told.entry(account).or_default();
        is_told &= sum.checked_add(amount).map(|more| *sum = more).is_some();
    };
    DepositRow::each(rx, |rx, row| {
        let rows = log::understood(store::transfers_of(rx, &row.id))?.unwrap_or_default();
        let stands = posting::life(&rows).ok().and_then(|life| life.standing());
        if stands.map(|stands| (stands.amount, stands.state)) != Some((row.amount, row.state)) || !is_numbered(&rows) {
            found(Contradiction::new("deposits", &row.id, OTHER_STANDING));
        }
        tell(account_of(row.state).filter(|_| !stands.is_some_and(|stands| stands.paid_on)), row.amount);
        post(rows, found);
        Ok(())
    })?;
    UnidentifiedRow::each(rx, |rx, row| {
        let rows = log::understood(store::transfers_of_unidentified(rx, &row.id))?.unwrap_or_default();
        if !is_numbered(&rows) {
            found(Contradiction::new("unidentified_receipts", &row.id, OTHER_STANDING));
        }
        tell(row.state.is_here().then_some(Account::Unidentified), row.amount);
        post(rows, found);
        Ok(())
    })?;
    TransferRow::each(rx, |rx, row| {
        if !log::understood(is_of_its_kind(rx, &row))?.unwrap_or(false) || row.moved_at > row.recorded_at {
            found(Contradiction::new("transfers", &row.id, OTHER_ACCOUNTS));
        }
        last = Some(row.id);
        Ok(())
    })?;
    let is_balanced = books.balances().all(|(_, balances)| balances.trial() == Some(Fen::ZERO));
    let others = Account::ALL.iter().filter(|account| **account != Account::Bank);
    let agrees = |account: &Account| {
        let sum = Some(told.get(account).copied().unwrap_or_default());
        books.total(*account) == sum && books.standing_in(*account) == sum
    };
    let adds_up = is_told && others.into_iter().all(agrees);
    if let Some(last) = last.filter(|_| !is_balanced || !adds_up) {
        found(Contradiction::new("transfers", last, OUT_OF_BALANCE));
    }
    Ok(())
}

/// Whether it names the accounts of its kind, and what its deposit or its unclaimed money says.
fn is_of_its_kind(rx: &mut Rx<'_>, row: &TransferRow) -> Result<bool> {
    let accounts = match &row.reverses {
        Some(id) => store::find_transfer(rx, id)?.map(|other| (other.credit_account, other.debit_account)),
        None => row.kind.accounts(),
    };
    let subject = match (&row.deposit_id, &row.unidentified_id) {
        (Some(id), None) => {
            let of = store::get(rx, id)?;
            (of.collective_code, Some(of.lot_id), Some(of.enrolment_id))
        }
        (None, Some(id)) => (unidentified::get_row(rx, id)?.region_code, None, None),
        _ => return Ok(false),
    };
    let its = (row.collective_code.clone(), row.lot_id.clone(), row.enrolment_id.clone());
    Ok(accounts == Some((row.debit_account, row.credit_account)) && subject == its)
}

/// The account in which a deposit of this state stands while it is here.
const fn account_of(state: DepositState) -> Option<Account> {
    match state {
        DepositState::Held => Some(Account::Held),
        DepositState::Owed => Some(Account::Owed),
        DepositState::Applied => Some(Account::Applied),
        DepositState::Forfeited => Some(Account::Forfeited),
        DepositState::Returned | DepositState::Cancelled => None,
    }
}

fn is_numbered(rows: &[TransferRow]) -> bool {
    rows.iter().zip(1..).all(|(row, n)| row.step == n)
}
