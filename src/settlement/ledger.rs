//! The money ledger as values: accounts, kinds of transfers, and the life of a deposit. Pure.
//!
//! Promise: a transfer moves one amount from one account to another, so that books are balanced by their form; which two
//! accounts they are follows from its kind. A deposit is received once, its hold ends once and as a whole, and nothing that the
//! township holds or owes is ever less than nothing. All sums are checked.

use std::collections::BTreeMap;

use super::model::DepositState;
use crate::kernel::{Fen, Problem};

crate::codes! {
    NOT_HELD 409 "deposit_not_held" "这笔保证金已经处理过（退还、抵作价款或不予退还），不能再处理一次";
    NOT_OWED 409 "deposit_not_owed" "这笔保证金现在不是待退状态，不能付出";
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
    }
}

impl TransferKind {
    /// The account that is debited and the one that is credited.
    pub const fn accounts(self) -> (Account, Account) {
        match self {
            TransferKind::Receive => (Account::Bank, Account::Held),
            TransferKind::Release => (Account::Held, Account::Owed),
            TransferKind::Apply => (Account::Held, Account::Applied),
            TransferKind::Forfeit => (Account::Held, Account::Forfeited),
            TransferKind::PayOut => (Account::Owed, Account::Bank),
        }
    }
}

/// One deposit as its transfers tell it: what was received, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub amount: Fen,
    pub state: DepositState,
}

/// Where a deposit stands after one more transfer of `amount`.
///
/// Errors: `deposit_not_held`, `deposit_not_owed`; `books_refuse` for an amount that is not the whole, or a second receipt.
pub fn after(standing: Option<Standing>, kind: TransferKind, amount: Fen) -> Result<Standing, Problem> {
    use DepositState::{Applied, Forfeited, Held, Owed, Returned};
    let to = |state| Ok(Standing { amount, state });
    match (standing, kind) {
        (None, TransferKind::Receive) if amount > Fen::ZERO => to(Held),
        (Some(before), _) if before.amount != amount => Err((&BOOKS_REFUSE).into()),
        (Some(Standing { state: Held, .. }), TransferKind::Release) => to(Owed),
        (Some(Standing { state: Held, .. }), TransferKind::Apply) => to(Applied),
        (Some(Standing { state: Held, .. }), TransferKind::Forfeit) => to(Forfeited),
        (Some(Standing { state: Owed, .. }), TransferKind::PayOut) => to(Returned),
        (Some(_), TransferKind::Release | TransferKind::Apply | TransferKind::Forfeit) => Err((&NOT_HELD).into()),
        (Some(_), TransferKind::PayOut) => Err((&NOT_OWED).into()),
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
    pub fn post(&mut self, kind: TransferKind, amount: Fen) -> Result<(), Problem> {
        let (debit, credit) = kind.accounts();
        let moved = |account, is_debit: bool| {
            let before = self.of(account);
            let grows = (account == Account::Bank) == is_debit;
            let now = if grows { before.checked_add(amount) } else { before.checked_sub(amount) };
            now.filter(|now| *now >= Fen::ZERO).ok_or(&BOOKS_REFUSE)
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

/// Books of many deposits.
#[derive(Debug, Clone, Default)]
pub struct Books {
    deposits: BTreeMap<String, Standing>,
    /// By collective.
    balances: BTreeMap<String, Balances>,
}

impl Books {
    /// Posts one transfer of a deposit; nothing changes where it is refused.
    ///
    /// Errors: as of [`after`] and [`Balances::post`].
    pub fn post(&mut self, collective: &str, deposit: &str, kind: TransferKind, amount: Fen) -> Result<(), Problem> {
        let standing = after(self.standing(deposit), kind, amount)?;
        self.balances.entry(collective.to_owned()).or_default().post(kind, amount)?;
        self.deposits.insert(deposit.to_owned(), standing);
        Ok(())
    }

    pub fn standing(&self, deposit: &str) -> Option<Standing> {
        self.deposits.get(deposit).copied()
    }

    pub fn balances(&self) -> impl Iterator<Item = (&str, &Balances)> {
        self.balances.iter().map(|(collective, balances)| (collective.as_str(), balances))
    }

    /// The sum of the deposits that stand in this state; `None`: out of range.
    pub fn sum(&self, state: DepositState) -> Option<Fen> {
        Fen::checked_sum(self.deposits.values().filter(|s| s.state == state).map(|s| s.amount))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The account in which a deposit of this state stands; a returned one stands in none.
    fn account_of(state: DepositState) -> Option<Account> {
        match state {
            DepositState::Held => Some(Account::Held),
            DepositState::Owed => Some(Account::Owed),
            DepositState::Applied => Some(Account::Applied),
            DepositState::Forfeited => Some(Account::Forfeited),
            DepositState::Returned => None,
        }
    }

    fn code(result: Result<impl std::fmt::Debug, Problem>) -> &'static str {
        result.expect_err("refused").code.code
    }

    #[test]
    fn a_hold_ends_once_and_as_a_whole() {
        use TransferKind::{Apply, Forfeit, PayOut, Receive, Release};
        let held = after(None, Receive, Fen(1_000)).ok();
        for end in [Release, Apply, Forfeit] {
            assert_eq!(code(after(held, end, Fen(999))), "books_refuse");
            assert_eq!(code(after(None, end, Fen(1_000))), "books_refuse");
            let ended = after(held, end, Fen(1_000)).ok();
            for again in [Release, Apply, Forfeit] {
                assert_eq!(code(after(ended, again, Fen(1_000))), "deposit_not_held", "{end} then {again}");
            }
            assert_eq!(after(ended, PayOut, Fen(1_000)).is_ok(), end == Release, "{end}");
        }
        assert_eq!(code(after(held, Receive, Fen(1_000))), "books_refuse");
        assert_eq!(code(after(held, PayOut, Fen(1_000))), "deposit_not_owed");
        assert_eq!(code(after(None, Receive, Fen(0))), "books_refuse");
    }

    // MON-1: what is out of range is refused and changes nothing.
    #[test]
    fn sums_are_checked_at_the_end_of_the_range() {
        let mut books = Books::default();
        books.post("v", "a", TransferKind::Receive, Fen(i64::MAX)).expect("fits");
        let before = books.clone();
        assert_eq!(code(books.post("v", "b", TransferKind::Receive, Fen(1))), "books_refuse");
        assert_eq!(code(books.post("v", "b", TransferKind::Receive, Fen(i64::MIN))), "books_refuse");
        assert_eq!((books.deposits, books.balances), (before.deposits, before.balances));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 200 } else { 20 }))]
        /// MON-2: 20 × 5,000 random operations, with `XIANGJI_TEST_LONG=1` a million. After each, whatever was refused: the trial balance is nothing, no account is
        /// below nothing, and each account is the sum of the deposits that stand in it.
        #[test]
        fn books_stay_balanced_whatever_is_tried(
            tried in prop::collection::vec((0usize..2, 0usize..60, 0usize..5, prop_oneof![Just(10_000i64), -5i64..20_000]), 5_000)
        ) {
            let mut books = Books::default();
            let mut taken = 0;
            for (village, deposit, kind, amount) in tried {
                let kind = *TransferKind::ALL.get(kind).expect("one of five");
                let (village, deposit) = (format!("v{village}"), format!("v{village}/{deposit}"));
                taken += usize::from(books.post(&village, &deposit, kind, Fen(amount)).is_ok());
                for (_, balances) in books.balances() {
                    prop_assert_eq!(balances.trial(), Some(Fen::ZERO));
                    prop_assert!(Account::ALL.iter().all(|a| balances.of(*a) >= Fen::ZERO));
                }
                let account = kind.accounts().1;
                for state in DepositState::ALL.iter().filter(|s| account_of(**s) == Some(account)) {
                    let total = Fen::checked_sum(books.balances().map(|(_, b)| b.of(account)));
                    prop_assert_eq!(books.sum(*state), total);
                }
            }
            prop_assert!(taken > 100, "the control: {} were taken", taken);
        }
    }
}
