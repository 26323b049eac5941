//! One key follows another: the log's key is changed, or the log goes on under another name and the old name is frozen.
//!
//! Promise: the old key's last head covers an entry that names the new key by its hash, so whoever holds the old key learns of
//! the new one from a receipt under the old; the tree goes on, so every older head is continued by the new ones. A new key
//! that was not announced signs nothing. The new key itself stands on paper, not in the log.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    integrate,
    note::{Checkpoint, SignerKey, VerifierKey},
    record::{By, Fact, Receipt, record},
    store, timeline,
};
use crate::{
    db::{Db, Error, Lane, Result, Rx, Tx},
    kernel::hex,
};

/// Kinds of the entries that announce a key: another of the same log; the first of the log's successor, under another name.
const ANNOUNCED: [&str; 2] = ["log.key_changed", "log.frozen"];
/// The first entry under a new key.
const OPENED: &str = "log.opened";
/// The region code of the whole country: it concerns every village.
const EVERYWHERE: &str = "000000000000";

/// Lower-case hex of SHA-256 over the key as it is printed, `name+id+base64`.
pub fn fingerprint(key: &VerifierKey) -> String {
    hex(&Sha256::digest(key.to_string()))
}

/// Where `next` is announced and a head of so many entries covers it: the entry's number.
fn announced(rx: &mut Rx<'_>, next: &VerifierKey, signed: u64) -> Result<Option<i64>> {
    let found = timeline::newest(rx, "log", fingerprint(next), &ANNOUNCED)?;
    Ok(found.filter(|entry| entry.index.and_then(|n| u64::try_from(n).ok()).is_some_and(|n| n < signed)).map(|e| e.seq))
}

/// Whether `next` is announced among the first `size` entries.
pub(super) fn is_announced(rx: &mut Rx<'_>, next: &VerifierKey, size: u64) -> Result<bool> {
    Ok(announced(rx, next, size)?.is_some())
}

fn signed(rx: &mut Rx<'_>) -> Result<u64> {
    Ok(store::last_checkpoint(rx)?.map_or(0, |(size, _)| size))
}

/// Announces `next` and lets the old key sign it; done already, nothing is written. `reason` is public.
pub fn announce(db: &Db, old: &std::sync::Arc<SignerKey>, next: &VerifierKey, reason: &str) -> Result<i64> {
    let known = db.read_now(|rx| {
        let size = signed(rx)?;
        announced(rx, next, size)
    })?;
    if let Some(seq) = known {
        return Ok(seq);
    }
    let (same_name, successor, key) = (old.verifier().name() == next.name(), next.name().to_owned(), fingerprint(next));
    let reason = reason.to_owned();
    let Receipt { seq } = db.write_now(Lane::of("log", "tree"), move |tx| {
        let [changed, frozen] = ANNOUNCED;
        let fact = Fact::new(if same_name { changed } else { frozen }, EVERYWHERE)
            .about("log", &key)
            .data(json!({ "successor": successor, "key_sha256": key, "reason": reason }));
        record(tx, &By::system(), fact)
    })?;
    integrate::integrate(db, old, |_| {})?;
    Ok(seq)
}

/// Whether the last head is signed by `old` and not by the key that follows it.
pub fn is_waiting(rx: &mut Rx<'_>, old: &VerifierKey) -> Result<bool> {
    Ok(store::last_checkpoint(rx)?.is_some_and(|(_, note)| Checkpoint::open(&note, old).is_ok()))
}

/// The first head under the new key, over the entry that opens it.
///
/// Errors: `new` is not announced under a head of `old`.
pub fn take_over(db: &Db, old: &VerifierKey, new: &SignerKey) -> Result<u64> {
    let (old, new) = (old.clone(), new.clone());
    db.write_now(Lane::of("log", "tree"), move |tx| open_under(tx, &old, &new))
}

fn open_under(tx: &mut Tx<'_>, old: &VerifierKey, new: &SignerKey) -> Result<u64> {
    let size = signed(tx)?;
    let Some(announced) = announced(tx, new.verifier(), size)? else {
        return Err(Error::Internal("the new key is not announced in the log; nothing is signed with it".into()));
    };
    let fact = Fact::new(OPENED, EVERYWHERE)
        .about("log", fingerprint(new.verifier()))
        .data(json!({ "predecessor": old.name(), "predecessor_key_sha256": fingerprint(old), "announced": announced }));
    record(tx, &By::system(), fact)?;
    integrate::grow(tx, new, old)
}
