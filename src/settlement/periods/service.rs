//! Use cases: closing a month, and what the books said on a day.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    model::{AsOf, BalancesOf, Closed},
    rules,
    store::{self, ClosedRow},
};
use crate::{
    access::{self, Allowed, may},
    collectives,
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{Day, Fen, Id, Timestamp, codes::RegionCode},
    log::{Fact, Receipt, record},
    settlement::{
        Account,
        ledger::Balances,
        store::{self as books},
    },
};

/// Closes a month of the own region, with every month before it.
///
/// Errors: a field error, `month_not_over`, `month_closed`.
pub fn close(tx: &mut Tx<'_>, allowed: &Allowed<may::ConfirmMoney>, month: &str) -> Result<(Closed, Receipt)> {
    let region = allowed.actor.home.clone();
    tx.lock_row("regions", "code", &region)?;
    let (now, (from_code, to_code)) = (tx.now(), allowed.scope.range());
    let month = rules::check_close(month, store::open_from(tx, &region)?, now)?;
    let row = ClosedRow {
        id: tx.new_id("mon"),
        region_code: region.clone(),
        from_code,
        to_code,
        month: month.to_string(),
        before_at: month.end(),
        closed_by: allowed.actor.account.to_string(),
        closed_at: now,
        salt: Salt::fresh(),
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&rules::MONTH_CLOSED).into() } else { e })?;
    let fact = Fact::new("books.closed", &region).data(json!({ "month": row.month }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(tx, row)?, receipt))
}

/// Closed months that are shown.
const MOST_SHOWN: i64 = 120;

/// The closed months of the scope, the newest first.
pub fn list(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>) -> Result<Vec<Closed>> {
    let rows = store::list(rx, &allowed.scope, MOST_SHOWN)?;
    rows.into_iter().map(|row| view(rx, row)).collect()
}

fn unreadable(_: impl std::fmt::Debug) -> Error {
    Error::Internal("a closed month names no region".into())
}

fn view(rx: &mut Rx<'_>, row: ClosedRow) -> Result<Closed> {
    let names = access::staff_names(rx, std::iter::once(Id::from_trusted(row.closed_by.as_str())).collect())?;
    Ok(Closed {
        closed_by: names.get(&row.closed_by).unwrap_or(&row.closed_by).clone(),
        id: row.id,
        region_name: collectives::place_name(rx, &row.region_code.parse().map_err(unreadable)?)?,
        region_code: row.region_code,
        month: row.month,
        closed_at: row.closed_at,
    })
}

/// Transfers that are read at a time.
const PAGE: i64 = 1000;

/// What the accounts of the scope came to at the end of a day; `known_at`: as the books stood then.
pub fn as_of(rx: &mut Rx<'_>, allowed: &Allowed<may::ReadMoney>, on: Day, known_at: Option<Timestamp>) -> Result<AsOf> {
    let (mut all, mut after) = (BTreeMap::<RegionCode, Balances>::new(), None);
    let out_of_range = |_| Error::Internal("the books are out of range".into());
    'pages: loop {
        let page = books::list_transfers(rx, &allowed.scope, after.take(), PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some((last.moved_at, last.id.clone()));
        for row in page {
            if row.moved_at.day() > on {
                break 'pages;
            }
            if known_at.is_none_or(|known_at| row.recorded_at <= known_at) {
                let balances = all.entry(row.collective_code.clone()).or_default();
                // What was known then may lack a transfer before one that it has.
                balances.add((row.debit_account, row.credit_account), row.amount).map_err(out_of_range)?;
            }
        }
    }
    let mut items = Vec::new();
    for (code, balances) in all {
        let told = Account::ALL.iter().map(|account| (account.as_str().to_owned(), balances.of(*account)));
        let accounts: BTreeMap<_, _> = told.filter(|(_, amount)| *amount != Fen::ZERO).collect();
        if !accounts.is_empty() {
            let name = collectives::place_name(rx, &code)?;
            items.push(BalancesOf { code: code.to_string(), name, accounts });
        }
    }
    Ok(AsOf { on, known_at, items })
}
