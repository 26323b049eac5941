//! The ledger as a plain-text journal, for hledger and whoever reads its format.
//!
//! Promise: one commodity, every transfer once as a transaction of two postings, days in order, and behind each posting what
//! the account then comes to, so that a reader of the file notices an amount that was changed in it. Nobody is named, and all of it is ASCII, so that a
//! program reads it in whatever locale.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    ledger::{Account, Balances},
    store::{self, TransferRow},
};
use crate::{access::Scope, db::Rx, kernel::Fen};

impl Account {
    /// Its name in the journal, below the collective's code.
    const fn in_journal(self) -> &'static str {
        match self {
            Account::Bank => "assets:bank",
            Account::Held => "liabilities:deposits:held",
            Account::Owed => "liabilities:deposits:owed",
            Account::Applied => "liabilities:collective:applied",
            Account::Forfeited => "liabilities:collective:forfeited",
            Account::Unidentified => "liabilities:unidentified",
        }
    }

    /// The sign of a balance there: what the township owes is negative.
    fn signed(self, balance: Fen) -> Fen {
        if self == Account::Bank { balance } else { Fen(-balance.0) }
    }
}

/// Transfers at a time.
const PAGE: i64 = 1000;

/// Writes the transfers of the scope; returns how many there are.
///
/// Errors: one line.
pub fn write_journal(rx: &mut Rx<'_>, scope: &Scope, out: &mut impl Write) -> Result<u64, String> {
    let shown = |e: io::Error| format!("the journal cannot be written: {e}");
    let mut books: BTreeMap<String, Balances> = BTreeMap::new();
    let (mut count, mut after) = (0, None);
    head(out).map_err(shown)?;
    loop {
        let page = store::list_transfers(rx, scope, after.take(), PAGE).map_err(|e| e.to_string())?;
        let Some(last) = page.last() else { return Ok(count) };
        after = Some((last.moved_at, last.id.clone()));
        for row in &page {
            let code = row.collective_code.as_str();
            if !books.contains_key(code) {
                accounts(out, code).map_err(shown)?;
            }
            let balances = books.entry(code.to_owned()).or_default();
            balances
                .post((row.debit_account, row.credit_account), row.amount)
                .map_err(|e| format!("transfer {}: {e}", row.id))?;
            transaction(out, row, balances).map_err(shown)?;
            count += 1;
        }
    }
}

fn head(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "; Deposits of rural collective auctions: transfers of the money ledger, in yuan.")?;
    writeln!(out, "commodity 1000.00 CNY")
}

fn accounts(out: &mut impl Write, code: &str) -> io::Result<()> {
    writeln!(out)?;
    Account::ALL.iter().try_for_each(|account| writeln!(out, "account {}:{code}", account.in_journal()))
}

fn transaction(out: &mut impl Write, row: &TransferRow, balances: &Balances) -> io::Result<()> {
    let TransferRow { id, kind, amount, deposit_id, lot_id, recorded_at, reverses, unidentified_id, late_from, .. } =
        row;
    let of = deposit_id.as_ref().map(|id| id.as_str()).or(unidentified_id.as_ref().map(|id| id.as_str()));
    write!(out, "\n{} {kind} {}  ; transfer:{id}", row.moved_at.day(), of.unwrap_or_default())?;
    for (tag, value) in [("lot", lot_id.as_deref()), ("reverses", reverses.as_ref().map(|id| id.as_str()))] {
        value.map(|value| write!(out, ", {tag}:{value}")).transpose()?;
    }
    late_from.map(|late| write!(out, ", late_from:{late}")).transpose()?;
    writeln!(out, ", recorded:{recorded_at}")?;
    for (account, amount) in [(row.debit_account, *amount), (row.credit_account, Fen(-amount.0))] {
        let balance = account.signed(balances.of(account));
        writeln!(out, "    {}:{}  {amount} CNY = {balance} CNY", account.in_journal(), row.collective_code)?;
    }
    Ok(())
}
