//! The log as static files: C2SP tlog-tiles paths, tiles and entry bundles.
//!
//! Promise: pure. A tile holds up to 256 hashes: at level 0 the leaves, above it the roots of the *full* tiles below. Only
//! full tiles are ever stored; a partial one is a prefix of what a [`TileSource`] holds, so it never has to be replaced.

use std::{collections::HashMap, fmt, str::FromStr};

use super::merkle::{self, Hash, Subtrees};

/// Hashes in a full tile and entries in a full bundle.
pub const WIDTH: u64 = 256;
/// The greatest length of an entry in bytes: a bundle gives its length in 16 bits.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// What a file below `tile/` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash)]
pub enum Content {
    /// Hashes of this level, 0 to 63.
    Hashes(u8),
    /// The entries themselves, each behind its length.
    Entries,
}

/// One file below `tile/`: what it holds, its place in the row, and its width, 1 to 256 (256 is full).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash)]
pub struct Tile {
    pub content: Content,
    pub index: u64,
    pub width: u64,
}

/// How many hashes level `level` of a tree of `size` leaves has.
pub fn level_length(level: u8, size: u64) -> u64 {
    size.checked_shr(8 * u32::from(level)).unwrap_or(0)
}

impl Tile {
    /// A full or partial tile of hashes.
    pub fn hashes(level: u8, index: u64, width: u64) -> Tile {
        Tile { content: Content::Hashes(level), index, width }
    }

    /// Whether a tree of `size` leaves holds everything that this tile shows.
    pub fn within(&self, size: u64) -> bool {
        let level = match self.content {
            Content::Hashes(level) => level,
            Content::Entries => 0,
        };
        let end = self.index.checked_mul(WIDTH).and_then(|start| start.checked_add(self.width));
        end.is_some_and(|end| end <= level_length(level, size))
    }

    /// Every file of hashes that a log of `size` leaves consists of, each level from the left, and then every entry bundle.
    pub fn all(size: u64) -> impl Iterator<Item = Tile> {
        let row = |content, length: u64| {
            (0..length.div_ceil(WIDTH)).map(move |index| Tile {
                content,
                index,
                width: (length - index * WIDTH).min(WIDTH),
            })
        };
        (0..8u8)
            .flat_map(move |level| row(Content::Hashes(level), level_length(level, size)))
            .chain(row(Content::Entries, size))
    }
}

/// `tile/0/x001/x234/067.p/5`, the path below the log's prefix.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content {
            Content::Hashes(level) => write!(f, "tile/{level}/")?,
            Content::Entries => f.write_str("tile/entries/")?,
        }
        let mut unit = 1;
        while self.index / unit >= 1000 {
            unit *= 1000;
        }
        while unit > 1 {
            write!(f, "x{:03}/", self.index / unit % 1000)?;
            unit /= 1000;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.width < WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// The path is none that the format knows.
#[derive(Debug, PartialEq, Eq)]
pub struct NotATile;

/// Reads exactly the paths that `Display` writes.
impl FromStr for Tile {
    type Err = NotATile;
    fn from_str(path: &str) -> Result<Tile, NotATile> {
        let (kind, rest) = path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(NotATile)?;
        let content = match kind {
            "entries" => Content::Entries,
            level => Content::Hashes(level.parse().ok().filter(|level| *level < 64).ok_or(NotATile)?),
        };
        let (place, width) = match rest.split_once(".p/") {
            Some((place, width)) => (place, width.parse().map_err(|_| NotATile)?),
            None => (rest, WIDTH),
        };
        let index = place.split('/').try_fold(0u64, |index, part| {
            let digits: u64 = part.trim_start_matches('x').parse().map_err(|_| NotATile)?;
            index.checked_mul(1000).and_then(|index| index.checked_add(digits)).ok_or(NotATile)
        })?;
        let tile = Tile { content, index, width };
        // One tile has one path: whatever was read leniently above must be written the same way.
        if (1..=WIDTH).contains(&width) && tile.to_string() == path { Ok(tile) } else { Err(NotATile) }
    }
}

/// Hands out tiles of hashes.
pub trait TileSource {
    type Error;
    /// The first `width` hashes of the tile; fewer only where the source has been damaged.
    fn hashes(&mut self, level: u8, index: u64, width: u64) -> Result<Vec<Hash>, Self::Error>;
}

/// A tree of a known size over a [`TileSource`]: roots and proofs through [`merkle`], each tile read once.
pub struct TiledTree<S> {
    source: S,
    size: u64,
    seen: HashMap<(u8, u64), Vec<Hash>>,
}

impl<S> TiledTree<S> {
    /// The tree of the source's first `size` leaves.
    pub fn new(source: S, size: u64) -> Self {
        Self { source, size, seen: HashMap::new() }
    }
}

/// A tile that should be there could not be had whole.
#[derive(Debug, PartialEq, Eq)]
pub enum TileError<E> {
    Source(E),
    /// The source holds fewer hashes than the tree's size needs.
    Missing(Tile),
}

impl<E: fmt::Display> fmt::Display for TileError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TileError::Source(e) => e.fmt(f),
            TileError::Missing(tile) => write!(f, "{tile} is incomplete"),
        }
    }
}

impl<S: TileSource> Subtrees for TiledTree<S> {
    type Error = TileError<S::Error>;

    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        // A subtree of height 8l + r is spanned by 2^r neighbouring hashes of one tile at level l.
        let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
        let span = 1u64 << (height % 8);
        let start = index * span;
        let (at, offset) = (start / WIDTH, start % WIDTH);
        let width = (level_length(level, self.size).saturating_sub(at * WIDTH)).min(WIDTH);
        let missing = || TileError::Missing(Tile::hashes(level, at, width));
        let hashes = match self.seen.entry((level, at)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(gap) => {
                gap.insert(self.source.hashes(level, at, width).map_err(TileError::Source)?)
            }
        };
        let bounds = usize::try_from(offset).ok().zip(usize::try_from(offset + span).ok());
        bounds.and_then(|(low, high)| hashes.get(low..high)).map(merkle::root).ok_or_else(missing)
    }
}

/// A tile that has just become full: a row of the table of tiles, a file of the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTile {
    pub level: u8,
    pub index: u64,
    /// 256 hashes.
    pub hashes: Vec<Hash>,
    /// Their root, a hash of the level above.
    pub root: Hash,
}

/// The growing right edge of a log: everything that the next leaves and the next root need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The hashes of each level that are not yet in a full tile: fewer than 256.
    partial: Vec<Vec<Hash>>,
}

impl Edge {
    /// Reads the edge of a log of `size` leaves: one partial tile for each level.
    pub fn load<S: TileSource>(source: &mut S, size: u64) -> Result<Edge, TileError<S::Error>> {
        let mut partial = Vec::new();
        for level in (0..8u8).take_while(|level| level_length(*level, size) > 0) {
            let length = level_length(level, size);
            let (index, width) = (length / WIDTH, length % WIDTH);
            let hashes =
                if width == 0 { Vec::new() } else { source.hashes(level, index, width).map_err(TileError::Source)? };
            if hashes.len() as u64 != width {
                return Err(TileError::Missing(Tile::hashes(level, index, width)));
            }
            partial.push(hashes);
        }
        Ok(Edge { size, partial })
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; `filled` is told of each tile that it completes, from the bottom.
    pub fn push(&mut self, leaf: Hash, mut filled: impl FnMut(FullTile)) {
        self.size += 1;
        let (mut hash, mut length) = (leaf, self.size);
        for level in 0..8u8 {
            let at = usize::from(level);
            if self.partial.len() == at {
                self.partial.push(Vec::new());
            }
            let Some(row) = self.partial.get_mut(at) else { return };
            row.push(hash);
            if row.len() as u64 != WIDTH {
                return;
            }
            length /= WIDTH;
            hash = merkle::root(row);
            filled(FullTile { level, index: length - 1, hashes: std::mem::take(row), root: hash });
        }
    }

    /// The root of the tree so far.
    pub fn root(&self) -> Hash {
        let mut right: Option<Hash> = None;
        for row in &self.partial {
            let mut rest = row.as_slice();
            // The rightmost full subtrees are the smallest: one for each binary digit of the row's length.
            while !rest.is_empty() {
                let (left, block) = rest.split_at(rest.len() - (1 << rest.len().trailing_zeros()));
                let block = merkle::root(block);
                right = Some(right.map_or(block, |right| merkle::node_hash(&block, &right)));
                rest = left;
            }
        }
        right.unwrap_or_else(merkle::empty_root)
    }
}

/// The bytes of a tile: its hashes one after the other.
pub fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile's bytes; `None` where they are not a whole number of hashes.
pub fn tile_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks();
    rest.is_empty().then(|| hashes.iter().copied().map(Hash).collect())
}

/// The entry is longer than [`MAX_ENTRY_BYTES`].
#[derive(Debug, PartialEq, Eq)]
pub struct EntryTooLong;

/// Appends an entry to a bundle, behind its length in two bytes, the high one first.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    let length = u16::try_from(entry.len()).map_err(|_| EntryTooLong)?;
    bundle.extend(length.to_be_bytes());
    bundle.extend(entry);
    Ok(())
}

/// The entries of a bundle; `None` where it ends within one.
pub fn bundle_entries(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk() {
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        bundle = rest;
    }
    bundle.is_empty().then_some(entries)
}

/// All leaf hashes in memory: what tests and an export of a small log read.
impl TileSource for &[Hash] {
    type Error = std::convert::Infallible;
    fn hashes(&mut self, level: u8, index: u64, width: u64) -> Result<Vec<Hash>, Self::Error> {
        let start = index * WIDTH;
        (start..start + width).map(|at| self.subtree(8 * u32::from(level), at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u32) -> Vec<Hash> {
        (0..count).map(|i| merkle::leaf_hash(&i.to_be_bytes())).collect()
    }

    #[test]
    fn paths_of_the_specification() {
        let full = |content, index| Tile { content, index, width: WIDTH };
        for (tile, path) in [
            (full(Content::Hashes(0), 0), "tile/0/000"),
            (full(Content::Hashes(0), 1_234_067), "tile/0/x001/x234/067"),
            (full(Content::Entries, 1000), "tile/entries/x001/000"),
            (Tile::hashes(1, 273, 17), "tile/1/273.p/17"),
            (Tile { width: 255, ..full(Content::Entries, 999_999) }, "tile/entries/x999/999.p/255"),
            (full(Content::Hashes(63), u64::MAX), "tile/63/x018/x446/x744/x073/x709/x551/615"),
        ] {
            assert_eq!(tile.to_string(), path);
            assert_eq!(path.parse(), Ok(tile));
        }
    }

    #[test]
    fn one_tile_has_one_path() {
        for bad in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/x/000",
            "tile/0/x000/000",
            "tile/0/x000/x001/000",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/xx01/000",
            "tile/0/x001/",
            "tile/0/000/",
            "tile/0//000",
            "/tile/0/000",
            "tile/0/000.p",
            "tile/0/000.p/",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/257",
            "tile/0/000.p/5/",
            "tile/0/000.p/5.p/5",
            "tile/0/+00",
            "tile/0/ 00",
            "tile/entries",
            "tile/entries/0",
            "tile/Entries/000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/..",
            "tile/0/０００",
            "checkpoint",
        ] {
            assert_eq!(bad.parse::<Tile>(), Err(NotATile), "{bad}");
        }
    }

    #[test]
    fn files_of_a_log_of_seventy_thousand() {
        let tiles: Vec<Tile> = Tile::all(70_000).collect();
        let count = |content, full: bool| {
            tiles
                .iter()
                .filter(|t| t.content == content && (t.width == WIDTH) == full)
                .map(|t| t.width)
                .collect::<Vec<_>>()
        };
        assert_eq!((count(Content::Hashes(0), true).len(), count(Content::Hashes(0), false)), (273, vec![112]));
        assert_eq!((count(Content::Hashes(1), true).len(), count(Content::Hashes(1), false)), (1, vec![17]));
        assert_eq!((count(Content::Hashes(2), true).len(), count(Content::Hashes(2), false)), (0, vec![1]));
        assert_eq!((count(Content::Entries, true).len(), count(Content::Entries, false)), (273, vec![112]));
        assert!(tiles.iter().all(|tile| tile.within(70_000)));
        assert!(!Tile::hashes(0, 273, 113).within(70_000) && !Tile::hashes(2, 0, 2).within(70_000));
        assert!(!Tile::hashes(8, 0, 1).within(u64::MAX) && !Tile::hashes(0, u64::MAX, 1).within(u64::MAX));
        assert_eq!(Tile::all(0).count(), 0);
        let paths: Vec<String> = Tile::all(256).map(|tile| tile.to_string()).collect();
        assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
    }

    #[test]
    fn the_edge_grows_like_the_whole_tree() {
        let leaves = leaves(66_000);
        let mut edge = Edge::default();
        let mut tiles = Vec::new();
        for (size, leaf) in leaves.iter().enumerate() {
            if [0, 1, 2, 3, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537].contains(&size) {
                assert_eq!(edge.root(), merkle::root(&leaves[..size]), "{size}");
                assert_eq!(edge.size(), size as u64);
                assert_eq!(Edge::load(&mut leaves.as_slice(), size as u64), Ok(edge.clone()), "{size}");
            }
            edge.push(*leaf, |tile| tiles.push(tile));
        }
        assert_eq!(edge.root(), merkle::root(&leaves));
        let full: Vec<(u8, u64)> = tiles.iter().map(|tile| (tile.level, tile.index)).collect();
        let mut expected: Vec<(u8, u64)> = (0..257).map(|index| (0, index)).collect();
        expected.insert(256, (1, 0));
        assert_eq!(full, expected);
        assert_eq!(tiles[256].root, merkle::root(&leaves[..65_536]));
        assert_eq!(tiles[256].hashes, (&mut leaves.as_slice()).hashes(1, 0, 256).unwrap());
    }

    #[test]
    fn proofs_through_tiles() {
        let leaves = leaves(66_000);
        for size in [1, 255, 256, 257, 65_536, 65_537, 66_000] {
            let root = merkle::root(&leaves[..usize::try_from(size).unwrap()]);
            let mut tree = TiledTree::new(leaves.as_slice(), size);
            assert_eq!(merkle::tree_root(&mut tree, size), Ok(root));
            for index in [0, 1, 254, 255, 256, 65_535, 65_536, size - 1] {
                let path = merkle::inclusion_proof(&mut tree, index, size).unwrap();
                assert_eq!(path.is_some(), index < size);
                let Some(path) = path else { continue };
                let leaf = leaves[usize::try_from(index).unwrap()];
                assert!(merkle::verify_inclusion(&leaf, index, size, &path, &root), "{index} of {size}");
            }
        }
    }

    #[test]
    fn a_short_tile_is_named() {
        struct Short;
        impl TileSource for Short {
            type Error = std::convert::Infallible;
            fn hashes(&mut self, _: u8, _: u64, width: u64) -> Result<Vec<Hash>, Self::Error> {
                Ok(vec![merkle::empty_root(); usize::try_from(width).unwrap() - 1])
            }
        }
        let missing = TileError::Missing(Tile::hashes(0, 0, 5));
        assert_eq!(merkle::tree_root(&mut TiledTree::new(Short, 5), 5), Err(missing));
        assert!(matches!(Edge::load(&mut Short, 5), Err(TileError::Missing(_))));
    }

    #[test]
    fn bundles_read_back_and_refuse_what_is_cut_or_too_long() {
        let long = vec![7; MAX_ENTRY_BYTES];
        let mut bundle = Vec::new();
        for entry in [b"".as_slice(), b"a", &long] {
            push_entry(&mut bundle, entry).unwrap();
        }
        assert_eq!(&bundle[..5], [0, 0, 0, 1, b'a']);
        assert_eq!(bundle_entries(&bundle), Some(vec![b"".as_slice(), b"a", &long]));
        assert_eq!(bundle_entries(&bundle[..bundle.len() - 1]), None);
        assert_eq!(bundle_entries(&bundle[..4]), None);
        assert_eq!(bundle_entries(&bundle[..1]), None);
        assert_eq!(bundle_entries(&[]), Some(vec![]));
        let before = bundle.clone();
        assert_eq!(push_entry(&mut bundle, &vec![7; MAX_ENTRY_BYTES + 1]), Err(EntryTooLong));
        assert_eq!(bundle, before);
        assert_eq!(tile_hashes(&tile_bytes(&leaves(3))), Some(leaves(3)));
        assert_eq!(tile_hashes(&[0; 33]), None);
    }
}
