//! The money ledger as values: accounts, kinds of transfers, and the life of a deposit. Pure.
//!
//! Promise: a transfer moves one amount from one account to another, so that books are balanced by their form; which two
//! accounts they are follows from its kind, and of a reversal from what it reverses. A deposit is received once, its hold ends
//! as a whole and in one way at a time, and nothing that the township holds or owes is ever less than nothing. A mistake is
//! not changed but reversed, the last transfer first. All sums are checked.

use std::collections::BTreeMap;

use super::model::{DepositState, TransferId};
use crate::kernel::{Fen, Problem};

crate::codes! {
    NOT_HELD 409 "deposit_not_held" "这笔保证金已经处理过（退还、抵作价款或不予退还），不能再处理一次";
    NOT_OWED 409 "deposit_not_owed" "这笔保证金现在不是待退状态，不能付出";
    ALREADY_PAID_ON 409 "already_paid_on" "这笔钱已经付给村集体，不能再付一次";
    BOOKS_REFUSE 409 "books_refuse" "这笔账与保证金的金额或状态不符，没有入账";
}

crate::text_enum! {
    /// Where money stands in the books of a collective.
    pub enum Account as "LedgerAccount" {
        /// What lies at the bank. Grows by debits; all others grow by credits.
        Bank = "bank" => "银行存款",
        /// Deposits that bidders may ask back or lose.
        Held = "held" => "在持保证金",
        /// To be paid back to bidders.
        Owed = "owed" => "待退保证金",
        /// Counted into the price that the collective gets.
        Applied = "applied" => "抵作价款",
        /// Not given back, by a decision.
        Forfeited = "forfeited" => "不予退还的保证金",
        /// Came, and nobody knows yet for what.
        Unidentified = "unidentified" => "待查暂收款",
    }
}

crate::text_enum! {
    /// What a transfer does.
    pub enum TransferKind {
        Receive = "receive" => "收到保证金",
        Release = "release" => "转为待退",
        Apply = "apply" => "抵作价款",
        Forfeit = "forfeit" => "不予退还",
        PayOut = "pay_out" => "退还付出",
        /// What was counted into the price goes to the collective.
        PayPrice = "pay_price" => "抵作的价款付给村集体",
        /// What was not given back goes to the collective.
        PayForfeit = "pay_forfeit" => "不予退还的保证金付给村集体",
        /// Money that fits nobody.
        TakeIn = "take_in" => "收到待查暂收款",
        /// It is known whose it is: from the township's books to the collective's, where it is received. Both lie at the same
        /// bank, which sees nothing of it.
        HandOver = "hand_over" => "暂收款查明转出",
        GiveBack = "give_back" => "暂收款退回付款人",
        /// Takes back a transfer that it names.
        Reverse = "reverse" => "冲销",
    }
}

impl TransferKind {
    /// The account that is debited and the one that is credited; `None` of a reversal, which has those of what it reverses,
    /// exchanged.
    pub const fn accounts(self) -> Option<(Account, Account)> {
        Some(match self {
            TransferKind::Receive => (Account::Bank, Account::Held),
            TransferKind::Release => (Account::Held, Account::Owed),
            TransferKind::Apply => (Account::Held, Account::Applied),
            TransferKind::Forfeit => (Account::Held, Account::Forfeited),
            TransferKind::PayOut => (Account::Owed, Account::Bank),
            TransferKind::PayPrice => (Account::Applied, Account::Bank),
            TransferKind::PayForfeit => (Account::Forfeited, Account::Bank),
            TransferKind::TakeIn => (Account::Bank, Account::Unidentified),
            TransferKind::HandOver | TransferKind::GiveBack => (Account::Unidentified, Account::Bank),
            TransferKind::Reverse => return None,
        })
    }
}

/// One deposit as its transfers tell it: what was received, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub amount: Fen,
    pub state: DepositState,
    /// Whether what the township kept of it has gone on to the collective.
    pub paid_on: bool,
}

/// Where a deposit stands after one more transfer of `amount`, which is no reversal.
///
/// Errors: `deposit_not_held`, `deposit_not_owed`, `already_paid_on`; `books_refuse` for an amount that is not the whole, a
/// second receipt, or what is not done with deposits.
fn after(standing: Option<Standing>, kind: TransferKind, amount: Fen) -> Result<Standing, Problem> {
    use DepositState::{Applied, Forfeited, Held, Owed, Returned};
    use TransferKind::{Apply, Forfeit, PayForfeit, PayOut, PayPrice, Receive, Release};
    let to = |state| Ok(Standing { amount, state, paid_on: false });
    let Some(before) = standing else {
        return if kind == Receive && amount > Fen::ZERO { to(Held) } else { Err((&BOOKS_REFUSE).into()) };
    };
    if before.amount != amount {
        return Err((&BOOKS_REFUSE).into());
    }
    match (before.state, kind) {
        (Held, Release) => to(Owed),
        (Held, Apply) => to(Applied),
        (Held, Forfeit) => to(Forfeited),
        (Owed, PayOut) => to(Returned),
        (Applied, PayPrice) | (Forfeited, PayForfeit) if !before.paid_on => Ok(Standing { paid_on: true, ..before }),
        (Applied, PayPrice) | (Forfeited, PayForfeit) => Err((&ALREADY_PAID_ON).into()),
        (_, Release | Apply | Forfeit) => Err((&NOT_HELD).into()),
        (_, PayOut) => Err((&NOT_OWED).into()),
        _ => Err((&BOOKS_REFUSE).into()),
    }
}

/// One transfer of a deposit that holds, and where the deposit stood behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub transfer: TransferId,
    pub kind: TransferKind,
    standing: Standing,
}

/// The transfers of one deposit in their order: what was reversed is out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Life {
    steps: Vec<Step>,
    /// Was received, and the receipt taken back.
    cancelled: Option<Fen>,
}

impl Life {
    /// Where the deposit stands; `None` before its receipt.
    pub fn standing(&self) -> Option<Standing> {
        let cancelled =
            self.cancelled.map(|amount| Standing { amount, state: DepositState::Cancelled, paid_on: false });
        self.steps.last().map(|step| step.standing).or(cancelled)
    }

    /// The transfers that hold, the last one last.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// One more transfer; a reversal names the last one that holds. Nothing changes where it is refused. Returns the accounts
    /// that are debited and credited.
    ///
    /// Errors: as of [`after`].
    pub fn post(
        &mut self,
        transfer: &TransferId,
        kind: TransferKind,
        amount: Fen,
        reverses: Option<&TransferId>,
    ) -> Result<(Account, Account), Problem> {
        let Some(accounts) = kind.accounts() else {
            let last = self.steps.last().filter(|step| Some(&step.transfer) == reverses);
            let last = last.filter(|step| step.standing.amount == amount).ok_or(&BOOKS_REFUSE)?;
            let (debit, credit) = last.kind.accounts().ok_or(&BOOKS_REFUSE)?;
            self.steps.pop();
            self.cancelled = self.steps.is_empty().then_some(amount);
            return Ok((credit, debit));
        };
        if reverses.is_some() || self.cancelled.is_some() {
            return Err((&BOOKS_REFUSE).into());
        }
        let standing = after(self.standing(), kind, amount)?;
        self.steps.push(Step { transfer: transfer.clone(), kind, standing });
        Ok(accounts)
    }
}

/// What is left of money that nobody has claimed, after one more transfer; `left`: `None` before it came.
///
/// Errors: `books_refuse` for a part of it, or for what is not done with such money.
pub fn left_of(left: Option<Fen>, kind: TransferKind, amount: Fen) -> Result<Fen, Problem> {
    match (left, kind) {
        (None, TransferKind::TakeIn) if amount > Fen::ZERO => Ok(amount),
        (Some(left), TransferKind::HandOver | TransferKind::GiveBack) if left == amount => Ok(Fen::ZERO),
        _ => Err((&BOOKS_REFUSE).into()),
    }
}

/// The balances of accounts, each in the direction in which it grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balances(BTreeMap<Account, Fen>);

impl Balances {
    pub fn of(&self, account: Account) -> Fen {
        self.0.get(&account).copied().unwrap_or_default()
    }

    /// Debits one account and credits the other; nothing changes where it is refused.
    ///
    /// Errors: `books_refuse` where an account would fall below nothing, or a sum is out of range.
    pub fn post(&mut self, (debit, credit): (Account, Account), amount: Fen) -> Result<(), Problem> {
        let before = self.clone();
        self.add((debit, credit), amount)?;
        if self.of(debit) >= Fen::ZERO && self.of(credit) >= Fen::ZERO {
            return Ok(());
        }
        *self = before;
        Err((&BOOKS_REFUSE).into())
    }

    /// The same for books that are told in part, where an account may be below nothing meanwhile.
    ///
    /// Errors: `books_refuse` where a sum is out of range.
    pub fn add(&mut self, (debit, credit): (Account, Account), amount: Fen) -> Result<(), Problem> {
        let moved = |account, is_debit: bool| {
            let before = self.of(account);
            let grows = (account == Account::Bank) == is_debit;
            let now = if grows { before.checked_add(amount) } else { before.checked_sub(amount) };
            now.ok_or(&BOOKS_REFUSE)
        };
        let (debited, credited) = (moved(debit, true)?, moved(credit, false)?);
        self.0.insert(debit, debited);
        self.0.insert(credit, credited);
        Ok(())
    }

    /// What the bank has less what is held, owed and spoken for: nothing, in balanced books. `None`: out of range.
    pub fn trial(&self) -> Option<Fen> {
        let others = Account::ALL.iter().filter(|account| **account != Account::Bank);
        self.of(Account::Bank).checked_sub(Fen::checked_sum(others.map(|account| self.of(*account)))?)
    }
}

/// Books of many deposits and of what nobody has claimed.
#[derive(Debug, Clone, Default)]
pub struct Books {
    deposits: BTreeMap<String, Life>,
    /// What is left of each.
    unclaimed: BTreeMap<String, Fen>,
    /// By collective; money that nobody has claimed by township.
    balances: BTreeMap<String, Balances>,
}

/// One transfer as it is read from the books.
#[derive(Debug, Clone, Copy)]
pub struct Posting<'a> {
    pub transfer: &'a TransferId,
    /// Whose books.
    pub code: &'a str,
    /// The deposit or the unclaimed money to which it belongs.
    pub of: &'a str,
    pub kind: TransferKind,
    pub amount: Fen,
    pub reverses: Option<&'a TransferId>,
}

impl Books {
    /// Posts one transfer; nothing changes where it is refused.
    ///
    /// Errors: as of [`Life::post`], [`left_of`] and [`Balances::post`].
    pub fn post(&mut self, posting: &Posting<'_>) -> Result<(), Problem> {
        let Posting { transfer, code, of, kind, amount, reverses } = *posting;
        let balances = self.balances.entry(code.to_owned()).or_default();
        if let TransferKind::TakeIn | TransferKind::HandOver | TransferKind::GiveBack = kind {
            let left = left_of(self.unclaimed.get(of).copied(), kind, amount)?;
            balances.post(kind.accounts().ok_or(&BOOKS_REFUSE)?, amount)?;
            self.unclaimed.insert(of.to_owned(), left);
            return Ok(());
        }
        let mut life = self.deposits.get(of).cloned().unwrap_or_default();
        balances.post(life.post(transfer, kind, amount, reverses)?, amount)?;
        self.deposits.insert(of.to_owned(), life);
        Ok(())
    }

    pub fn balances(&self) -> impl Iterator<Item = (&str, &Balances)> {
        self.balances.iter().map(|(collective, balances)| (collective.as_str(), balances))
    }

    /// An account over all books; `None`: out of range.
    pub fn total(&self, account: Account) -> Option<Fen> {
        Fen::checked_sum(self.balances.values().map(|balances| balances.of(account)))
    }

    /// What the deposits and the unclaimed money that stand in this account come to; `None`: out of range.
    pub fn standing_in(&self, account: Account) -> Option<Fen> {
        if account == Account::Unidentified {
            return Fen::checked_sum(self.unclaimed.values().copied());
        }
        let standings = self.deposits.values().filter_map(Life::standing);
        Fen::checked_sum(standings.filter(|s| account_of(*s) == Some(account)).map(|s| s.amount))
    }
}

/// The account in which a deposit stands; what has left the bank stands in none.
const fn account_of(standing: Standing) -> Option<Account> {
    match standing.state {
        DepositState::Held => Some(Account::Held),
        DepositState::Owed => Some(Account::Owed),
        DepositState::Applied if !standing.paid_on => Some(Account::Applied),
        DepositState::Forfeited if !standing.paid_on => Some(Account::Forfeited),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
