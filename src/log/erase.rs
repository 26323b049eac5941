//! Erasing what entries tell of a person, without touching an entry (PIPL art. 47, trust model 1.5).
//!
//! Promise: the entries, the tree and every proof stay as they are. Of each erased row the states that earlier entries tell
//! are destroyed, salts and all, so that the digests left in the entries stand for nothing that could be guessed; in their
//! place stands `{"erased":N}`, N being the entry that says so. `verify` takes that for a state only where entry N is an
//! erasure and names the row.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::{
    record::{By, Fact, Receipt, record_rows},
    store::{self, audit},
    timeline::EntryOutline,
};
use crate::db::{Error, Result, Tx};

/// The kind of an erasure's entries.
pub const ERASURE: &str = "person.erased";

/// What stands where a state was, once entry `seq` has erased it.
pub(super) fn tombstone(seq: i64) -> String {
    format!("{{\"erased\":{seq}}}")
}

/// The entry that is said to have erased this state; `None` where it is no tombstone.
pub(super) fn erased_by(state: &str) -> Option<i64> {
    let seq = state.strip_prefix("{\"erased\":")?.strip_suffix('}')?.parse().ok()?;
    (tombstone(seq) == state).then_some(seq)
}

/// Records that the rows changed since the last entry were erased, and destroys every state of them that earlier entries tell.
/// The rows must be locked, so that no entry about them is being written meanwhile. Reads the whole log once.
pub fn erase(tx: &mut Tx<'_>, by: &By, scope: &str, person: &str) -> Result<Receipt> {
    let touches = tx.take_touches();
    let fact = Fact::new(ERASURE, scope).about("person", person);
    let mut erased: HashMap<(&str, &str), i64> = HashMap::new();
    let receipt = record_rows(tx, by, &fact, &touches, |seq, rows| {
        erased.extend(rows.iter().map(|row| ((row.table, row.key.as_str()), seq)));
    })?;
    let mut told: Vec<(i64, HashMap<usize, i64>)> = Vec::new();
    audit::each_entry(tx, |row| {
        let entry: EntryOutline =
            serde_json::from_slice(&row.bytes).map_err(|e| Error::Internal(format!("log entry {}: {e}", row.seq)))?;
        let places = entry.rows.iter().enumerate().filter_map(|(at, (table, key, _))| {
            let by = *erased.get(&(&**table, &**key))?;
            (row.seq < receipt.seq).then_some((at, by))
        });
        let places: HashMap<usize, i64> = places.collect();
        if !places.is_empty() {
            told.push((row.seq, places));
        }
        Ok(())
    })?;
    for (seq, places) in told {
        let states = store::find_payload(tx, seq)?.unwrap_or_default();
        store::replace_payload(tx, seq, &without(&states, &places)?)?;
    }
    Ok(receipt)
}

/// A payload with tombstones at these places; what is erased already stays erased by whom it was.
fn without(states: &[u8], places: &HashMap<usize, i64>) -> Result<Vec<u8>> {
    let states: Vec<&RawValue> =
        serde_json::from_slice(states).map_err(|e| Error::Internal(format!("kept rows of an entry: {e}")))?;
    let becomes = states.iter().enumerate().map(|(at, state)| match places.get(&at) {
        Some(by) if erased_by(state.get()).is_none() => tombstone(*by),
        _ => state.get().to_owned(),
    });
    Ok(format!("[{}]", becomes.collect::<Vec<_>>().join(",")).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_states_at_these_places_give_way() {
        let places = HashMap::from([(0, 9), (2, 9)]);
        let kept = without(br#"[{"a": 1},{"b":"x, y"},{"erased":7}]"#, &places).unwrap();
        assert_eq!(String::from_utf8(kept).unwrap(), r#"[{"erased":9},{"b":"x, y"},{"erased":7}]"#);
        assert!(without(b"gone", &places).is_err());
    }

    #[test]
    fn nothing_but_a_tombstone_is_one() {
        assert_eq!(erased_by(&tombstone(12)), Some(12));
        for state in ["null", r#"{"erased": 12}"#, r#"{"erased":012}"#, r#"{"erased":12,"x":1}"#, r#"{"erased":"12"}"#]
        {
            assert_eq!(erased_by(state), None, "{state}");
        }
    }
}
