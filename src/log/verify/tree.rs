//! Heads, entries, leaves and tiles against each other.

use std::{iter::Peekable, sync::mpsc, vec};

use super::{Audit, PAGE, Verification};
use crate::{
    db::{Error, Result, Rx},
    log::{
        faults::{Event, Wrong},
        look::{self, Leaf},
        merkle::{Hash, empty_root},
        note::{Checkpoint, VerifierKey},
        store::{self, StoredTiles, audit},
        subject_sum::SubjectKey,
        succession,
        tiles::{Edge, FullTile, TileError, WIDTH, level_length, tile_bytes, tile_hashes},
    },
};

/// Blocks of 256 entries that a reader has ready.
const BLOCKS_AHEAD: usize = 4;

/// Signed heads, upwards, that wait for the tree to reach their size.
struct Heads {
    ahead: Peekable<vec::IntoIter<(u64, Hash)>>,
    /// The first whose root is another.
    wrong: Option<u64>,
}

impl Heads {
    /// The tree has grown to `edge`.
    fn pass(&mut self, edge: &Edge) {
        if let Some((at, root)) = self.ahead.next_if(|(at, _)| *at == edge.size())
            && root != edge.root()
        {
            self.wrong = self.wrong.or(Some(at));
        }
    }
}

impl Audit<'_, '_, '_> {
    /// The whole tree, or what of it stands behind the head `since`.
    pub fn tree(&mut self, what: &Verification<'_>) -> Result<()> {
        let since = what.since;
        let heads = self.heads(what, since.map_or(0, |head| head.size))?;
        let size = match (heads.last(), since) {
            (Some((size, _)), _) => *size,
            (None, Some(_)) => store::size(self.rx).unwrap_or_default(),
            (None, None) => {
                let leaves = audit::leaf_count(self.rx)?;
                // A log that was never signed has nothing but waiting entries.
                if leaves > 0 || self.summary.checkpoints > 0 {
                    self.fault("log_checkpoints", "-", None, Wrong::NoSignedHead);
                }
                leaves
            }
        };
        if store::size(self.rx).ok() != Some(size) {
            self.fault("log_state", "log", None, Wrong::WrongSize);
        }
        for idx in audit::leaves_outside(self.rx, store::column(size)?)? {
            self.fault("log_leaves", idx, Some(idx), Wrong::OutsideHeads);
        }
        self.summary.entries = size;
        let Some(mut edge) = self.edge(size, since)? else { return Ok(()) };
        let mut heads = Heads { ahead: heads.into_iter().peekable(), wrong: None };
        self.grow(&mut edge, size, &mut heads)?;
        heads.pass(&edge);
        if let Some(at) = heads.wrong {
            self.fault("log_checkpoints", at, None, Wrong::WrongRoot);
        }
        for (level, n) in audit::tile_keys(self.rx)? {
            let full = u8::try_from(level).map_or(0, |level| level_length(level, size) / WIDTH);
            if u64::try_from(n).map_or(true, |n| n >= full) {
                self.fault("log_tiles", format!("{level}/{n}"), None, Wrong::ExtraTile);
            }
        }
        self.summary.root = edge.root();
        Ok(())
    }

    /// Where the hashing begins: at nothing, or at the edge of the tree that a kept head covers, once its root is the root
    /// that was signed then. `None` where the log does not reach so far.
    fn edge(&mut self, size: u64, since: Option<&Checkpoint>) -> Result<Option<Edge>> {
        let Some(kept) = since else { return Ok(Some(Edge::default())) };
        if size < kept.size {
            self.fault("log_checkpoints", kept.size, None, Wrong::CutOff);
            return Ok(None);
        }
        let edge = match Edge::load(&mut StoredTiles(self.rx), kept.size) {
            Ok(edge) => Some(edge),
            // A tile that is gone or no tile: this is not the tree that was signed.
            Err(TileError::Missing(_) | TileError::Source(Error::Internal(_))) => None,
            Err(TileError::Source(e)) => return Err(e),
        };
        if edge.as_ref().is_none_or(|edge| edge.root() != kept.root) {
            self.fault("log_checkpoints", kept.size, None, Wrong::NotContinued);
        }
        Ok(edge)
    }

    /// Takes in the leaves from the edge up to `size`.
    fn grow(&mut self, edge: &mut Edge, size: u64, heads: &mut Heads) -> Result<()> {
        let key = self.subjects.key.clone();
        let key: &SubjectKey = &key;
        let blocks = Blocks { from: edge.size(), size };
        let readers = std::mem::take(&mut self.beside);
        std::thread::scope(|scope| {
            let count = readers.len().max(1);
            // Each reads every so many-th block and hands them over in order.
            let handed: Vec<mpsc::Receiver<Result<Vec<Leaf>>>> = readers
                .iter_mut()
                .enumerate()
                .map(|(nth, reader)| {
                    let (hand, handed) = mpsc::sync_channel(BLOCKS_AHEAD);
                    scope.spawn(move || {
                        blocks.skip(nth).step_by(count).try_for_each(|block| hand.send(read(reader, block, key)))
                    });
                    handed
                })
                .collect();
            let mut in_turn = handed.iter().cycle();
            let mut full = Vec::new();
            for block in blocks {
                let leaves = match in_turn.next() {
                    Some(handed) => {
                        handed.recv().map_err(|_| Error::Internal("a reading thread has ended".into()))??
                    }
                    None => read(self.rx, block, key)?,
                };
                for leaf in self.block(edge.size(), size, leaves)? {
                    // A head of no entries, or the one that ended with the leaf before.
                    heads.pass(edge);
                    edge.push(leaf, |tile| full.push(tile));
                }
                for tile in full.drain(..) {
                    self.tile(&tile)?;
                }
                (self.report)(Event::Entries(edge.size(), size));
            }
            Ok::<_, Error>(())
        })?;
        self.beside = readers;
        Ok(())
    }

    /// Size and root of every head that the key has signed, upwards from a size.
    fn heads(&mut self, what: &Verification<'_>, from: u64) -> Result<Vec<(u64, Hash)>> {
        let keys: Vec<&VerifierKey> = what.former.iter().rev().chain([what.key]).collect();
        // Once a key has followed, the one before it signs nothing more.
        let mut in_use = 0;
        let (mut heads, mut above) = (Vec::new(), store::column(from)?.saturating_sub(1));
        loop {
            let page = audit::checkpoints(self.rx, above, PAGE)?;
            let Some(last) = page.last() else { return Ok(heads) };
            above = last.size;
            for row in page {
                self.summary.checkpoints += 1;
                let mut later = keys.iter().enumerate().skip(in_use);
                let opened =
                    later.find_map(|(n, key)| Checkpoint::open(&row.note, key).ok().map(|head| (n, key, head)));
                match opened {
                    Some((n, key, head)) if u64::try_from(row.size) == Ok(head.size) && row.root == head.root.0 => {
                        if let (true, Some((last, _))) = (n > in_use, heads.last())
                            && !succession::is_announced(self.rx, key, *last)?
                        {
                            self.fault("log_checkpoints", row.size, None, Wrong::NotAnnounced);
                        }
                        in_use = n;
                        heads.push((head.size, head.root));
                    }
                    Some(_) => self.fault("log_checkpoints", row.size, None, Wrong::WrongHead),
                    None => self.fault("log_checkpoints", row.size, None, Wrong::ForeignNote),
                }
            }
        }
    }

    /// The leaf hashes of up to 256 places from `first` on, as two of three witnesses give them: the entry, the leaf, the
    /// tile. Whichever disagrees is a fault.
    fn block(&mut self, first: u64, size: u64, leaves: Vec<Leaf>) -> Result<Vec<Hash>> {
        let (from, past) = (store::column(first)?, store::column(end_of_block(first, size))?);
        let mut leaves = leaves.into_iter().peekable();
        let tile = match past - from {
            256 => audit::tile(self.rx, 0, from / 256)?.and_then(|(_, bytes)| tile_hashes(&bytes)),
            _ => None,
        };
        let mut in_tile = tile.into_iter().flatten();
        let mut agreed = Vec::new();
        for index in from..past {
            let in_tile = in_tile.next();
            let Some(leaf) = leaves.next_if(|leaf| leaf.idx == index) else {
                self.fault("log_leaves", index, Some(index), Wrong::EmptyPlace);
                agreed.push(in_tile.unwrap_or_else(empty_root));
                continue;
            };
            agreed.push(self.leaf(leaf, in_tile));
        }
        Ok(agreed)
    }

    fn leaf(&mut self, leaf: Leaf, in_tile: Option<Hash>) -> Hash {
        let index = Some(leaf.idx);
        let Leaf { stored, computed, .. } = leaf;
        let by_two = computed.filter(|hash| stored == Some(*hash) || in_tile == Some(*hash));
        let agreed = by_two.or(in_tile.filter(|hash| stored == Some(*hash)));
        match computed {
            None => self.fault("log_entries", leaf.seq, index, Wrong::EntryGone),
            // Where only two witnesses are there and they disagree, it is the entry that is read.
            Some(_) if computed != agreed.or(stored) => {
                self.fault("log_entries", leaf.seq, index, Wrong::EntryChanged);
            }
            Some(_) => {}
        }
        let agreed = agreed.or(stored).or(computed).or(in_tile).unwrap_or_else(empty_root);
        if stored != Some(agreed) {
            self.fault("log_leaves", leaf.idx, index, Wrong::LeafChanged);
        }
        if let Some(entry) = leaf.entry {
            self.placed += 1;
            self.entry(leaf.seq, entry, index);
        }
        agreed
    }

    fn tile(&mut self, tile: &FullTile) -> Result<()> {
        let found = audit::tile(self.rx, i32::from(tile.level), store::column(tile.index)?)?;
        let what = match found {
            Some((root, bytes)) if root == tile.root.0 && bytes == tile_bytes(&tile.hashes) => return Ok(()),
            Some(_) => Wrong::TileChanged,
            None => Wrong::TileGone,
        };
        self.fault("log_tiles", format!("{}/{}", tile.level, tile.index), None, what);
        Ok(())
    }
}

/// The leaves of a block with their entries, looked at.
fn read(rx: &mut Rx<'_>, (from, past): (u64, u64), key: &SubjectKey) -> Result<Vec<Leaf>> {
    audit::leaves(rx, store::column(from)?, store::column(past)?, |row| look::leaf(row, key))
}

/// The places of a tree from one on, tile by tile: from, past.
#[derive(Clone, Copy)]
struct Blocks {
    from: u64,
    size: u64,
}

impl Iterator for Blocks {
    type Item = (u64, u64);
    fn next(&mut self) -> Option<(u64, u64)> {
        let (from, past) = (self.from, end_of_block(self.from, self.size));
        self.from = past;
        (from < past).then_some((from, past))
    }
}

/// Where the tile that holds the place ends, or the tree.
fn end_of_block(place: u64, size: u64) -> u64 {
    size.min((place / WIDTH + 1).saturating_mul(WIDTH))
}
