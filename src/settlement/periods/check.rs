//! Whether something was booked into a month after it was closed (a check of meaning, see [`log::Check`](crate::log::Check)).

use super::{
    model::Month,
    store::{self, ClosedRow},
};
use crate::{
    db::{Result, Rx},
    log::{self, Check, Contradiction, Words},
    settlement::store::TransferRow,
};

const NOT_ITS_END: Words = Words {
    line: "the month does not end when its row says, or was closed before it was over",
    page: "结账的月份与它的终止时间不符，或者没过完就结了账",
};
const INTO_A_CLOSED_MONTH: Words = Words {
    line: "the transfer was booked into a month that was closed",
    page: "这笔账记进了已经结账的月份",
};

pub(in crate::settlement) const CHECK: Check = Check { tables: &["closed_months", "transfers"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let closed = log::understood(store::all(rx))?.unwrap_or_default();
    ClosedRow::each(rx, |_, row| {
        let end = row.month.parse::<Month>().ok().map(Month::end);
        if end != Some(row.before_at) || row.closed_at < row.before_at {
            found(Contradiction::new("closed_months", &row.id, NOT_ITS_END));
        }
        Ok(())
    })?;
    TransferRow::each(rx, |_, row| {
        let is_into = |month: &ClosedRow| {
            let code = row.collective_code.as_str();
            let lies_in = (month.from_code.as_str()..month.to_code.as_str()).contains(&code);
            lies_in && row.moved_at < month.before_at && row.recorded_at > month.closed_at
        };
        if closed.iter().any(is_into) || row.late_from.is_some_and(|late| late >= row.moved_at) {
            found(Contradiction::new("transfers", &row.id, INTO_A_CLOSED_MONTH));
        }
        Ok(())
    })
}
