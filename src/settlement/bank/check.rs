//! Whether statements join and what was ticked off is one sum (a check of meaning, see [`log::Check`](crate::log::Check)).

use std::collections::BTreeMap;

use super::{
    model::Span,
    rules,
    store::{self, LineRow, StatementRow, TickRow},
};
use crate::{
    db::{Result, Rx},
    kernel::Fen,
    log::{self, Check, Contradiction, Words},
};

const NOT_JOINED: Words = Words {
    line: "the lines of this account do not come to what its newest statement ends with",
    page: "对账单的期初余额加各笔流水不等于期末余额",
};
const NOT_ONE_SUM: Words = Words {
    line: "what was ticked off against each other is not one sum",
    page: "勾对的流水和账的合计不相等",
};

pub(in crate::settlement) const CHECK: Check =
    Check { tables: &["bank_statements", "bank_lines", "bank_ticks", "transfers"], run: check };

fn check(rx: &mut Rx<'_>, found: &mut dyn FnMut(Contradiction)) -> Result<()> {
    let mut accounts: BTreeMap<String, (Vec<Span>, String)> = BTreeMap::new();
    StatementRow::each(rx, |_, row| {
        let StatementRow { id, region_code, first_on, last_on, opening, closing, .. } = row;
        let (spans, newest) = accounts.entry(region_code).or_default();
        spans.push(Span { first_on, last_on, opening, closing });
        *newest = id.to_string();
        Ok(())
    })?;
    let mut sums: BTreeMap<String, Option<Fen>> = BTreeMap::new();
    // By match: a line of it, and bank less books.
    let mut matches: BTreeMap<String, (&'static str, String, Option<Fen>)> = BTreeMap::new();
    LineRow::each(rx, |_, row| {
        let sum = sums.entry(row.region_code).or_insert(Some(Fen::ZERO));
        *sum = sum.and_then(|sum| sum.checked_add(row.amount));
        if let Some(id) = row.match_id {
            let (_, _, rest) = matches.entry(id).or_insert(("bank_lines", row.id.to_string(), Some(Fen::ZERO)));
            *rest = rest.and_then(|rest| rest.checked_add(row.amount));
        }
        Ok(())
    })?;
    TickRow::each(rx, |rx, row| {
        let moved = log::understood(store::moved_by(rx, &row.transfer_id))?.flatten();
        let (_, _, rest) =
            matches.entry(row.match_id).or_insert(("bank_ticks", row.transfer_id.clone(), Some(Fen::ZERO)));
        *rest = rest.zip(moved).and_then(|(rest, moved)| rest.checked_sub(moved));
        Ok(())
    })?;
    for (region, (spans, newest)) in accounts {
        let sum = sums.remove(&region).unwrap_or(Some(Fen::ZERO));
        if sum.and_then(|sum| rules::ends(&spans, sum)).is_none() {
            found(Contradiction::new("bank_statements", newest, NOT_JOINED));
        }
    }
    for (table, key, rest) in matches.into_values() {
        if rest != Some(Fen::ZERO) {
            found(Contradiction::new(table, key, NOT_ONE_SUM));
        }
    }
    Ok(())
}
