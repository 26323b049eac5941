//! The ledger under whatever is tried.

use proptest::prelude::*;

use super::*;

fn id(n: usize) -> TransferId {
    TransferId::from_trusted(format!("t{n}"))
}

fn code(result: Result<impl std::fmt::Debug, Problem>) -> &'static str {
    result.expect_err("refused").code.code
}

#[test]
fn a_hold_ends_once_and_as_a_whole() {
    use TransferKind::{Apply, Forfeit, PayForfeit, PayOut, PayPrice, Receive, Release};
    let held = after(None, Receive, Fen(1_000)).ok();
    for end in [Release, Apply, Forfeit] {
        assert_eq!(code(after(held, end, Fen(999))), "books_refuse");
        assert_eq!(code(after(None, end, Fen(1_000))), "books_refuse");
        let ended = after(held, end, Fen(1_000)).ok();
        for again in [Release, Apply, Forfeit] {
            assert_eq!(code(after(ended, again, Fen(1_000))), "deposit_not_held", "{end} then {again}");
        }
        for (paid, by) in [(PayOut, Release), (PayPrice, Apply), (PayForfeit, Forfeit)] {
            let gone = after(ended, paid, Fen(1_000));
            assert_eq!(gone.is_ok(), end == by, "{end} then {paid}");
            assert!(after(gone.ok().or(ended), paid, Fen(1_000)).is_err(), "{end}: twice {paid}");
        }
    }
    assert_eq!(code(after(held, Receive, Fen(1_000))), "books_refuse");
    assert_eq!(code(after(held, PayOut, Fen(1_000))), "deposit_not_owed");
    assert_eq!(code(after(None, Receive, Fen(0))), "books_refuse");
}

#[test]
fn the_last_transfer_is_reversed_and_nothing_else() {
    use TransferKind::{Apply, Forfeit, Receive, Reverse};
    let mut life = Life::default();
    life.post(&id(1), Receive, Fen(10), None).expect("received");
    life.post(&id(2), Apply, Fen(10), None).expect("applied");
    for wrong in [None, Some(id(1)), Some(id(9))] {
        assert_eq!(code(life.post(&id(3), Reverse, Fen(10), wrong.as_ref())), "books_refuse");
    }
    assert_eq!(code(life.post(&id(3), Reverse, Fen(9), Some(&id(2)))), "books_refuse");
    let accounts = life.post(&id(3), Reverse, Fen(10), Some(&id(2))).expect("reversed");
    assert_eq!(accounts, (Account::Applied, Account::Held));
    assert_eq!(life.standing().map(|s| s.state), Some(DepositState::Held));
    assert_eq!(code(life.clone().post(&id(4), Reverse, Fen(10), Some(&id(2)))), "books_refuse", "once");
    life.post(&id(4), Forfeit, Fen(10), None).expect("what was reversed can be done otherwise");
    life.post(&id(5), Reverse, Fen(10), Some(&id(4))).expect("reversed");
    life.post(&id(6), Reverse, Fen(10), Some(&id(1))).expect("the receipt, too");
    assert_eq!(life.standing().map(|s| (s.amount, s.state)), Some((Fen(10), DepositState::Cancelled)));
    assert_eq!(code(life.post(&id(7), Receive, Fen(10), None)), "books_refuse", "and that is its end");
}

fn posting<'a>(transfer: &'a TransferId, of: &'a str, kind: TransferKind, amount: i64) -> Posting<'a> {
    Posting { transfer, code: "v", of, kind, amount: Fen(amount), reverses: None }
}

// MON-1: what is out of range is refused and changes nothing.
#[test]
fn sums_are_checked_at_the_end_of_the_range() {
    let mut books = Books::default();
    let receive = TransferKind::Receive;
    books.post(&posting(&id(1), "a", receive, i64::MAX)).expect("fits");
    let before = books.clone();
    assert_eq!(code(books.post(&posting(&id(2), "b", receive, 1))), "books_refuse");
    assert_eq!(code(books.post(&posting(&id(2), "b", receive, i64::MIN))), "books_refuse");
    assert_eq!(code(books.post(&posting(&id(2), "c", TransferKind::TakeIn, 1))), "books_refuse");
    assert_eq!((books.deposits, books.balances), (before.deposits, before.balances));
}

/// MON-4: a hundred thousand holds under a virtual clock. Each runs out at its hour and is fought over by a decision to apply,
/// one to keep and one to release, in whatever order their hours have: one ends it, the others are told why, and none is left.
#[test]
fn of_a_hundred_thousand_holds_none_is_stuck_and_none_ends_twice() {
    use TransferKind::{Apply, Forfeit, Receive, Release};
    const HOLDS: usize = 100_000;
    let mut state = 4_u64;
    let mut hour = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut books = Books::default();
    let mut agenda = Vec::new();
    for n in 0..HOLDS {
        let of = format!("d{n}");
        books.post(&posting(&id(n), &of, Receive, 10_000)).expect("received");
        let decided = (n % 3 != 0).then_some([Apply, Forfeit]).into_iter().flatten();
        agenda.extend([Release, Release].into_iter().chain(decided).map(|kind| (hour(), of.clone(), kind)));
    }
    assert_eq!(books.standing_in(Account::Held), Some(Fen(1_000_000_000)), "the control: all of them are held");
    agenda.sort();
    let mut ended = BTreeMap::<TransferKind, usize>::new();
    for (n, (_, of, kind)) in agenda.into_iter().enumerate() {
        match books.post(&posting(&id(HOLDS + n), &of, kind, 10_000)) {
            Ok(_) => *ended.entry(kind).or_default() += 1,
            Err(refused) => assert_eq!(refused.code.code, "deposit_not_held"),
        }
    }
    assert_eq!(books.standing_in(Account::Held), Some(Fen::ZERO), "none is stuck");
    assert_eq!(ended.values().sum::<usize>(), HOLDS, "none ended twice");
    assert!(ended.len() == 3 && ended.values().all(|n| *n > 10_000), "the control: each way won: {ended:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 200 } else { 6 }))]
    /// MON-2: 6 × 5,000 random operations, with `XIANGJI_TEST_LONG=1` a million. After each, whatever was refused: the trial
    /// balance is nothing, no account is below nothing, and each account is the sum of what stands in it.
    #[test]
    fn books_stay_balanced_whatever_is_tried(
        tried in prop::collection::vec((0usize..2, 0usize..60, 0usize..TransferKind::ALL.len(), prop_oneof![9 => Just(10_000i64), 1 => -5i64..20_000]), 5_000)
    ) {
        let mut books = Books::default();
        let mut taken = BTreeMap::<TransferKind, usize>::new();
        for (n, (village, of, kind, amount)) in tried.into_iter().enumerate() {
            let kind = *TransferKind::ALL.get(kind).expect("one of them");
            let (code, of) = (format!("v{village}"), format!("v{village}/{of}"));
            let life = books.deposits.get(&of).cloned().unwrap_or_default();
            let last = life.steps().last().map(|step| step.transfer.clone());
            let reverses = last.filter(|_| kind == TransferKind::Reverse);
            let posting = Posting {
                transfer: &id(n), code: &code, of: &of, kind, amount: Fen(amount), reverses: reverses.as_ref(),
            };
            if books.post(&posting).is_ok() {
                *taken.entry(kind).or_default() += 1;
            }
            for (_, balances) in books.balances() {
                prop_assert_eq!(balances.trial(), Some(Fen::ZERO));
                prop_assert!(Account::ALL.iter().all(|a| balances.of(*a) >= Fen::ZERO));
            }
            for account in Account::ALL.iter().filter(|account| **account != Account::Bank) {
                prop_assert_eq!(books.standing_in(*account), books.total(*account), "{}", account);
            }
        }
        // The rarest kinds end about 28 of the 120 deposits of a run: that a run has none of one is past belief, ten or fewer is not.
        prop_assert_eq!(taken.len(), TransferKind::ALL.len(), "the control: each kind was taken: {:?}", taken);
    }
}
