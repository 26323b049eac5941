//! Whether the values on record make sense (a check of meaning, see [`log::Check`](crate::log::Check)).

use super::{rules, store::AssetRow};
use crate::log::{Check, Contradiction, Words};

const DOES_NOT_ADD_UP: Words = Words {
    line: "the values of the asset contradict each other or its kind",
    page: "资产的原值、净值、量化金额互相矛盾，或与资产性质不符",
};

pub(super) const CHECK: Check = Check {
    tables: &["assets"],
    run: |rx, found| {
        AssetRow::each(rx, |_, row| {
            let id = row.id.clone();
            if !rules::adds_up(&row.facts()) {
                found(Contradiction::new("assets", id, DOES_NOT_ADD_UP));
            }
            Ok(())
        })
    },
};
