//! What witnesses said, held against the heads that they said it of.

use super::{Audit, PAGE};
use crate::{
    db::Result,
    log::{
        cosignature::{CosignerKey, cosigned_at},
        faults::Wrong,
        note::{Checkpoint, Note},
        store::{
            self,
            cosignatures::{self, CosignatureRow},
        },
        witnesses::Witnesses,
    },
};

impl Audit<'_, '_, '_> {
    /// Recomputes every line that the database holds, of heads that were signed after `since`.
    pub fn cosignatures(&mut self, witnesses: &Witnesses, since: Option<&Checkpoint>) -> Result<()> {
        let above = since.map_or(Ok(-1), |head| store::column(head.size))?;
        let mut after = (above, String::from(char::MAX));
        loop {
            let page = cosignatures::page(self.rx, &after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = (last.size, last.witness.clone());
            for row in page {
                self.cosignature(witnesses, &row)?;
            }
        }
    }

    fn cosignature(&mut self, witnesses: &Witnesses, row: &CosignatureRow) -> Result<()> {
        let Some(policy) = witnesses.policy() else {
            self.summary.unchecked.without_policy += 1;
            return Ok(());
        };
        let key = row.witness.parse::<CosignerKey>().ok();
        if policy.witnesses().iter().any(|witness| Some(&witness.key) == key.as_ref()) {
            self.summary.cosignatures += 1;
        } else {
            self.summary.unchecked.unnamed += 1;
        }
        let head = store::number(row.size).ok().map(|size| store::checkpoint(self.rx, size)).transpose()?.flatten();
        let what = match head {
            None => Wrong::HeadOfNothing,
            Some(head) if key.is_some_and(|key| fits(&head, row, &key)) => return Ok(()),
            Some(_) => Wrong::CosignatureWrong,
        };
        self.fault("log_cosignatures", format!("{} {}", row.size, row.witness), None, what);
        Ok(())
    }
}

/// Whether the line is one of `key` under this head, of the time that stands beside it.
fn fits(head: &str, row: &CosignatureRow, key: &CosignerKey) -> bool {
    let Ok(mut note) = head.parse::<Note>() else { return false };
    let Ok(line) = row.line.parse() else { return false };
    note.push(line);
    let said = cosigned_at(&note, key).ok().flatten().and_then(|second| i64::try_from(second).ok());
    said.and_then(|second| second.checked_mul(1_000_000)) == Some(row.at)
}
