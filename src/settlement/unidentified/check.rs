//! Whether unidentified money is that of its line and went where its row says (a check of meaning, see
//! [`log::Check`](crate::log::Check)).

use super::{model::UnidentifiedState as State, rules, store::UnidentifiedRow};
use crate::{
    db::{Result, Rx},
    log::{self, Check, Contradiction, Words},
    settlement::{
        TransferKind, bank,
        store::{self as books, DepositRow},
    },
};

const OTHER_LINE: Words = Words {
    line: "the unidentified receipt does not say what its line of the bank says",
    page: "待查款的金额、日期与它的银行流水不一样",
};
const OTHER_END: Words = Words {
    line: "the unidentified receipt does not stand where its transfers, its persons or its deposit lead",
    page: "待查款的状态与它的账、经办复核人或保证金互相矛盾：退回必须是两个人",
};

pub(in crate::settlement) const CHECK: Check =
    Check { tables: &["unidentified_receipts", "bank_lines", "transfers", "deposits"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    UnidentifiedRow::each(rx, |rx, row| {
        let line = log::understood(bank::find_line(rx, &row.line_id))?.flatten();
        if line.is_none_or(|line| (line.amount, line.on_day) != (row.amount, row.received_on)) {
            found(Contradiction::new("unidentified_receipts", &row.id, OTHER_LINE));
        }
        if !log::understood(stands(rx, &row))?.unwrap_or(false) {
            found(Contradiction::new("unidentified_receipts", &row.id, OTHER_END));
        }
        Ok(())
    })
}

fn stands(rx: &mut Rx<'_>, row: &UnidentifiedRow) -> Result<bool> {
    let (one, other) = (row.prepared_by.as_deref(), row.settled_by.as_deref());
    let adds_up = rules::adds_up(row.state, one, other, row.payment.is_some(), row.deposit_id.is_some());
    let kinds: Vec<TransferKind> =
        books::transfers_of_unidentified(rx, &row.id)?.into_iter().map(|transfer| transfer.kind).collect();
    let fits = match row.state {
        State::Open | State::Returning => kinds == [TransferKind::TakeIn],
        State::Identified => kinds == [TransferKind::TakeIn, TransferKind::HandOver],
        State::Returned => kinds == [TransferKind::TakeIn, TransferKind::GiveBack],
    };
    let deposit: Option<DepositRow> = row.deposit_id.as_ref().map(|id| books::get(rx, id)).transpose()?;
    Ok(adds_up && fits && deposit.is_none_or(|deposit| deposit.amount == row.amount))
}
