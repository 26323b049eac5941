//! Whether deposits and their states make sense (a check of meaning, see [`log::Check`](crate::log::Check)).

use super::{rules, store::DepositRow};
use crate::log::{Check, Contradiction, Words};

const DOES_NOT_ADD_UP: Words = Words {
    line: "amount, state and times of the deposit contradict each other",
    page: "保证金的金额、状态和时间互相矛盾",
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
