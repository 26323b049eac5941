//! What the log shows to everybody: the signed head, tiles, entry bundles, receipts. The server answers with it, the
//! export writes it into files; both are the same bytes.

use super::{
    merkle::{self, Hash},
    note::Checkpoint,
    proof::LogProof,
    store::{self, StoredTiles, cosignatures},
    tiles::{self, Content, Tile, TileSource, TiledTree},
    timeline::EntryDocument,
};
use crate::{
    db::{Error, Result, Rx},
    kernel::Timestamp,
};

/// A signed head.
#[derive(Debug, Clone)]
pub struct Head {
    /// The number of entries it covers.
    pub size: u64,
    /// The signed note, word for word, and then the lines of the witnesses that it has by now.
    pub note: String,
}

/// The newest signed head; `None` before the first one.
pub fn head(rx: &mut Rx<'_>) -> Result<Option<Head>> {
    let Some((size, note)) = store::last_checkpoint(rx)? else { return Ok(None) };
    with_lines(rx, size, note).map(Some)
}

/// The three lines of the first head that was signed over entry `index`; `None` while there is none.
pub fn first_head_over(rx: &mut Rx<'_>, index: u64) -> Result<Option<String>> {
    let found = store::first_checkpoint_over(rx, index)?;
    Ok(found.map(|(_, note)| note.split_inclusive('\n').take(3).collect()))
}

/// The signed head of this size; `None` where none was signed at it.
pub(super) fn head_at(rx: &mut Rx<'_>, size: u64) -> Result<Option<Head>> {
    let Some(note) = store::checkpoint(rx, size)? else { return Ok(None) };
    with_lines(rx, size, note).map(Some)
}

fn with_lines(rx: &mut Rx<'_>, size: u64, mut note: String) -> Result<Head> {
    for line in cosignatures::lines(rx, size)? {
        note.push_str(&line);
        note.push('\n');
    }
    Ok(Head { size, note })
}

/// The newest head as people read it.
#[derive(Debug, Clone)]
pub struct Standing {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
    /// When the last entry that it covers was written; `None` for a log without entries.
    pub last_at: Option<Timestamp>,
}

/// How the signed log stands; `None` before the first head.
pub fn standing(rx: &mut Rx<'_>) -> Result<Option<Standing>> {
    let Some(head) = head(rx)? else { return Ok(None) };
    let last = match head.size.checked_sub(1) {
        Some(last) => store::placed_entries(rx, last, 1)?.pop(),
        None => None,
    };
    let document = last.map(|bytes| serde_json::from_slice::<EntryDocument>(&bytes)).transpose();
    let document = document.map_err(|e| Error::Internal(format!("log: the last entry: {e}")))?;
    Ok(Some(Standing {
        origin: head.note.lines().next().unwrap_or_default().to_owned(),
        size: head.size,
        root: root_at(rx, head.size)?,
        last_at: document.map(|entry| entry.at),
    }))
}

/// The bytes of a tile or an entry bundle; `None` where the signed log does not reach that far.
pub fn file(rx: &mut Rx<'_>, tile: &Tile, head: &Head) -> Result<Option<Vec<u8>>> {
    if !tile.within(head.size) {
        return Ok(None);
    }
    let missing = || Error::Internal(format!("log: {tile} is incomplete"));
    match tile.content {
        Content::Hashes(level) => {
            let hashes = StoredTiles(rx).hashes(level, tile.index, tile.width)?;
            if hashes.len() as u64 != tile.width {
                return Err(missing());
            }
            Ok(Some(tiles::tile_bytes(&hashes)))
        }
        Content::Entries => {
            let entries = store::placed_entries(rx, tile.index * tiles::WIDTH, tile.width)?;
            if entries.len() as u64 != tile.width {
                return Err(missing());
            }
            let mut bundle = Vec::new();
            for entry in &entries {
                tiles::push_entry(&mut bundle, entry).map_err(|_| missing())?;
            }
            Ok(Some(bundle))
        }
    }
}

/// The receipt of entry `index` under `head`; `None` where that does not reach so far.
pub(super) fn proof(rx: &mut Rx<'_>, index: u64, head: Head) -> Result<Option<LogProof>> {
    let path = merkle::inclusion_proof(&mut TiledTree::new(StoredTiles(rx), head.size), index, head.size)
        .map_err(|e| Error::Internal(format!("log: {e}")))?;
    Ok(path.map(|path| LogProof { extra: None, index, path, checkpoint: head.note }))
}

/// The root over the first `size` entries, from the stored tree: whether a head that somebody kept is still ours.
pub fn root_at(rx: &mut Rx<'_>, size: u64) -> Result<Hash> {
    merkle::tree_root(&mut TiledTree::new(StoredTiles(rx), size), size)
        .map_err(|e| Error::Internal(format!("log: {e}")))
}

/// Whether `note` is a head that the log with this key signed and that the stored tree still continues.
pub fn continues(rx: &mut Rx<'_>, head: &Checkpoint) -> Result<bool> {
    Ok(head.size <= store::size(rx)? && root_at(rx, head.size)? == head.root)
}
