//! Telling what the log says: each entry once, to whom it concerns.
//!
//! Promise: what an entry tells and how far the log has been told are one transaction under one lock, so nothing is lost and
//! nothing told twice, whenever the process dies and however many instances follow. Bids are passed over by their kind.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    letters::{Letter, Teller, Writing},
    store, told,
};
use crate::{
    db::{Db, Lane, Result, Rx, Tx},
    kernel::Id,
    log::{self, ERASURE, EntryView, Stretch},
};

/// Places without news that are passed over before that is written down: whoever starts anew passes them once more.
const WORTH_WRITING: u64 = 65_536;

/// What a look at the next stretch of the log came to.
enum Look {
    AtEnd,
    /// No news, and too few places to write that down.
    Passed,
    /// There is something to be written; no place before this one has news.
    Write {
        from: u64,
    },
}

/// Most messages in one transaction: what others may have to wait for on SQLite. What one entry tells is not divided.
const MOST_AT_ONCE: usize = 500;

/// The place up to which nothing was found since the log was told last: known to the process alone, so that a log at rest is
/// not looked through again every second.
#[derive(Default)]
pub(super) struct Passed(AtomicU64);

/// Tells of a stretch of the log; returns how many messages were written, or `None` where there is nothing to be told.
pub(super) fn follow_once(db: &Db, teller: &Teller, passed: &Passed) -> Result<Option<usize>> {
    let stretch = |rx: &mut Rx<'_>, from| log::following(rx, from, told::KINDS);
    let look = db.read_now(|rx| {
        let told = store::told_place(rx)?;
        let from = told.max(passed.0.load(Ordering::Relaxed));
        let Stretch { entries, next } = stretch(rx, from)?;
        if !entries.is_empty() {
            return Ok(Look::Write { from });
        }
        passed.0.store(next, Ordering::Relaxed);
        Ok(match next.saturating_sub(told) {
            many if many >= WORTH_WRITING => Look::Write { from: next },
            _ if next > from => Look::Passed,
            _ => Look::AtEnd,
        })
    })?;
    let empty_before = match look {
        Look::AtEnd => return Ok(None),
        Look::Passed => return Ok(Some(0)),
        Look::Write { from } => from,
    };
    let teller = teller.clone();
    db.write_now(Lane::of("messages", "log"), move |tx| {
        // Places never change, so nobody who bids waits until they are looked through again.
        let from = store::lock_told_place(tx)?.max(empty_before);
        let Stretch { entries, mut next } = stretch(tx, from)?;
        let mut writing = Writing::default();
        for entry in &entries {
            if writing.len() >= MOST_AT_ONCE {
                next = entry.index.and_then(|place| u64::try_from(place).ok()).unwrap_or(next);
                break;
            }
            tell(tx, &teller, &mut writing, entry)?;
        }
        store::set_told_place(tx, next)?;
        writing.finish(tx, &teller)
    })
    .map(Some)
}

fn tell(tx: &mut Tx<'_>, teller: &Teller, writing: &mut Writing, entry: &EntryView) -> Result<()> {
    if entry.kind == ERASURE {
        let accounts = log::rows_of_entry(tx, entry.seq, "accounts")?;
        let accounts: Vec<_> = accounts.into_iter().map(Id::from_trusted).collect();
        writing.forget(&accounts);
        let now = tx.now();
        return store::erase(tx, &accounts, now);
    }
    let Some(told) = told::of_entry(tx, &teller.policies, entry)? else { return Ok(()) };
    let about = teller.about(&told.lot, entry.at)?;
    for (to, news) in told.news {
        let is_known = told::is_told_once(news.kind())
            && (writing.has(&to.account, &told.lot.id, news.kind())
                || store::list_told(tx, &told.lot.id, news.kind())?.iter().any(|(other, _)| *other == to.account));
        if !is_known {
            let letter = Letter { to, news, occasion: format!("entry/{}", entry.seq), at: entry.at };
            writing.add(tx, &about, letter);
        }
    }
    Ok(())
}
