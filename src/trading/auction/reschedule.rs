//! The hours of an auction that has not begun, after its notice was corrected.

use super::{State, facts, store};
use crate::{
    db::{Result, Tx},
    kernel::error::NOT_FOUND,
    trading::listing::store::{LotRow, TermsRow},
};

/// Sets the planned end anew from the lot's hours. Nobody can have bid: a correction is over before the auction opens.
pub(in crate::trading) fn reschedule(tx: &mut Tx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<()> {
    let mut row = store::find(tx, &lot.id)?.ok_or(&NOT_FOUND)?;
    let table = facts::table(tx, lot, terms)?;
    let end_at = State::new(&table.rules, 0).head.end;
    if row.end_at != end_at {
        row.end_at = end_at;
        row.update(tx)?;
    }
    Ok(())
}
