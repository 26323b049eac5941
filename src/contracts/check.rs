//! Whether the contracts on record make sense (a check of meaning, see [`log::Check`](crate::log::Check)).

use super::{rules, store::ContractRow};
use crate::log::{Check, Contradiction, Words};

const DOES_NOT_ADD_UP: Words = Words {
    line: "the contract ends before it begins, or an amount is out of range",
    page: "合同的终止日期早于起始日期，或金额超出范围",
};

pub(super) const CHECK: Check = Check {
    tables: &["contracts"],
    run: |rx, found| {
        ContractRow::each(rx, |_, row| {
            let id = row.id.clone();
            if !rules::adds_up(&row.facts()) {
                found(Contradiction::new("contracts", id, DOES_NOT_ADD_UP));
            }
            Ok(())
        })
    },
};
