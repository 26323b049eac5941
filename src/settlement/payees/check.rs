//! Whether accounts came into force by two (a check of meaning, see [`log::Check`](crate::log::Check)).

use super::{rules, store::PayeeRow};
use crate::{
    db::{Result, Rx},
    log::{Check, Contradiction, Words},
};

const NOT_BY_TWO: Words = Words {
    line: "state, times and persons of the account contradict each other: it takes two persons",
    page: "收款账户的状态、时间和经办复核人互相矛盾：经办和复核必须是两个人",
};

pub(in crate::settlement) const CHECK: Check = Check { tables: &["payees"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    PayeeRow::each(rx, |_, row| {
        let confirmed = row.confirmed_by.as_deref().zip(row.confirmed_at);
        let subject = row.deposit_id.as_ref().map_or(row.collective_code.as_str(), |id| id.as_str());
        if !rules::adds_up(row.state, (&row.prepared_by, row.prepared_at), confirmed) || row.subject != subject {
            found(Contradiction::new("payees", &row.id, NOT_BY_TWO));
        }
        Ok(())
    })
}
