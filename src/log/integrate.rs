//! Letting the tree grow: entries get their places, full tiles are stored, the new head is signed.
//!
//! Promise: one transaction does all of it, so a head that anybody can read stands on entries that are durable. Before the
//! tree grows, its edge is recomputed and compared with the last signed head: a log that was tampered with, or a key that
//! is not the one it was signed with, stops here instead of signing a second history. Among several instances on one
//! database the row of `log_state` lets one at a time pass.

use std::sync::Arc;

use super::{
    merkle::{Hash, leaf_hash},
    note::{Checkpoint, SignerKey, VerifierKey},
    store::{self, StoredTiles},
    tiles::{Edge, TileError},
};
use crate::db::{Db, Error, Lane, Result, Tx};

/// Entries that are read together; one may have up to 64 KiB.
const CHUNK: i64 = 256;
/// Chunks in one transaction: what a bid may have to wait for.
const CHUNKS: u32 = 16;

/// Gives queued entries their places, up to 4,096 of them, and signs the head; returns the size of the tree, or `None`
/// where nothing is queued and a head is signed: then nothing is written. The job of every half second.
///
/// Errors: the log on disk is not the one that was signed; the database says no.
pub fn integrate_once(db: &Db, signer: &Arc<SignerKey>) -> Result<Option<u64>> {
    if !db.read_now(|rx| Ok(store::is_anything_queued(rx)? || store::last_checkpoint(rx)?.is_none()))? {
        return Ok(None);
    }
    let signer = signer.clone();
    db.write_now(Lane::of("log", "tree"), move |tx| grow(tx, &signer, signer.verifier())).map(Some)
}

/// [`integrate_once`] until nothing is queued; returns the size of the tree. The last thing a stopping server does, and
/// what an import or the demo calls; `grown` hears the size after each transaction.
pub fn integrate(db: &Db, signer: &Arc<SignerKey>, mut grown: impl FnMut(u64)) -> Result<u64> {
    while let Some(size) = integrate_once(db, signer)? {
        grown(size);
    }
    db.read_now(store::size)
}

/// `last` is the key of the last head: the signer's own, or the one that it follows.
pub(super) fn grow(tx: &mut Tx<'_>, signer: &SignerKey, last: &VerifierKey) -> Result<u64> {
    let size = store::lock_size(tx)?;
    let mut edge = Edge::load(&mut StoredTiles(tx), size).map_err(damaged)?;
    let signed = match store::last_checkpoint(tx)? {
        Some((_, note)) => {
            let head = Checkpoint::open(&note, last)
                .map_err(|e| Error::Internal(format!("the last checkpoint of the log: {e}; nothing more is signed")))?;
            if (head.size, head.root) != (size, edge.root()) {
                return Err(Error::Internal(format!(
                    "the log of {size} entries is not the one that was signed at {}; nothing more is signed, run verify",
                    head.size
                )));
            }
            true
        }
        None => false,
    };
    for _ in 0..CHUNKS {
        let queued = store::queued(tx, CHUNK)?;
        if queued.is_empty() {
            break;
        }
        let first = edge.size();
        let leaves: Vec<(i64, Hash)> = queued.iter().map(|(seq, bytes)| (*seq, leaf_hash(bytes))).collect();
        store::place(tx, first, &leaves)?;
        let mut full = Vec::new();
        for (_, leaf) in &leaves {
            edge.push(*leaf, |tile| full.push(tile));
        }
        for tile in &full {
            store::insert_tile(tx, tile)?;
        }
    }
    // Another instance may have been faster.
    if edge.size() > size || !signed {
        let head = Checkpoint { origin: signer.verifier().name().to_owned(), size: edge.size(), root: edge.root() };
        let note = head.sign(signer).map_err(|e| Error::Internal(format!("signing the log: {e}")))?;
        store::set_size(tx, head.size)?;
        store::insert_checkpoint(tx, head.size, &head.root, &note.to_string())?;
    }
    Ok(edge.size())
}

fn damaged(e: TileError<Error>) -> Error {
    match e {
        TileError::Source(e) => e,
        missing => Error::Internal(format!("the log's tree: {missing}")),
    }
}
