//! The rows of the logged tables against the last entries that name them.

use std::collections::{BTreeMap, HashSet};

use super::{Audit, LastWord, PAGE};
use crate::{
    db::{LoggedTable, Result, digest, logged::RowState},
    log::{
        faults::{Event, Wrong},
        look::short,
        store,
        timeline::EntryOutline,
    },
};

/// Keys in one statement.
const KEYS: usize = 400;

impl Audit<'_, '_, '_> {
    /// Every row of a logged table.
    pub fn table(&mut self, table: &LoggedTable) -> Result<()> {
        self.summary.tables += 1;
        let mut after = String::new();
        loop {
            let page = (table.page)(self.rx, &after, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            self.rows_met(table, page);
        }
    }

    /// The rows that the entries name which were looked at, and no others.
    pub fn named_rows(&mut self, tables: &[LoggedTable]) -> Result<()> {
        let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
        self.each_name(|_| true, |_, table, key, _| named.entry(table).or_default().push(key))?;
        for table in tables {
            let Some(keys) = named.get(table.name) else { continue };
            self.summary.tables += 1;
            for keys in keys.chunks(KEYS) {
                let found = (table.find)(self.rx, keys)?;
                self.rows_met(table, found);
            }
        }
        Ok(())
    }

    fn rows_met(&mut self, table: &LoggedTable, found: Vec<RowState>) {
        self.summary.rows += found.len() as u64;
        for (key, state) in found {
            let now = state.map(|state| digest(table.name, state.as_bytes()));
            let last = self.rows.get_mut(&short(table.name, &key));
            let (index, what) = match (last, now) {
                (None, _) => (None, Wrong::RowAdded),
                (Some(last), now) => {
                    last.met = true;
                    match now {
                        None => (last.index, Wrong::ForeignColumn),
                        Some(_) if last.digest.is_none() => (last.index, Wrong::RowBack),
                        Some(_) if last.digest != now => (last.index, Wrong::RowChanged),
                        Some(_) => continue,
                    }
                }
            };
            self.fault(table.name, key, index, what);
        }
        (self.report)(Event::Rows(self.summary.rows));
    }

    /// What entries name and no table holds.
    pub fn missing_rows(&mut self, tables: &[LoggedTable]) -> Result<()> {
        let is_gone = |last: &LastWord| !last.met && last.digest.is_some();
        self.each_name(is_gone, |audit, table, key, index| {
            let known = tables.iter().any(|t| t.name == table);
            let what = if known { Wrong::RowGone } else { Wrong::NoSuchTable };
            audit.fault(&table, key, index, what);
        })
    }

    /// The tables of the rows that entries name.
    pub fn tables_named(&mut self) -> Result<HashSet<String>> {
        let mut named = HashSet::new();
        self.each_name(
            |_| true,
            |_, table, _, _| {
                named.insert(table);
            },
        )?;
        Ok(named)
    }

    /// Table, key and place of the rows whose last word is `wanted`. Their names stand in the entries alone, which are read
    /// once more: memory holds no names.
    fn each_name(
        &mut self,
        wanted: impl Fn(&LastWord) -> bool,
        mut look: impl FnMut(&mut Self, String, String, Option<i64>),
    ) -> Result<()> {
        let mut entries: Vec<i64> = self.rows.values().filter(|last| wanted(last)).map(|last| last.seq).collect();
        entries.sort_unstable();
        entries.dedup();
        for seq in entries {
            let Some((_, index, bytes)) = store::find_entry(self.rx, seq)? else { continue };
            let Ok(entry) = serde_json::from_slice::<EntryOutline>(&bytes) else { continue };
            for (table, key, _) in entry.rows {
                let last = self.rows.get(&short(&table, &key));
                if last.is_some_and(|last| last.seq == seq && wanted(last)) {
                    look(self, table.into_string(), key.into_string(), index);
                }
            }
        }
        Ok(())
    }
}
