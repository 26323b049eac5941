//! The Merkle tree of RFC 6962 section 2.1 with SHA-256: hashes, roots, proofs and their verification.
//!
//! Promise: pure arithmetic over hashes. Proofs are made from the hashes of full subtrees, which a [`Subtrees`] hands
//! out, so that the same code serves a database, an exported directory and a list in memory. Verification trusts
//! nothing but the root it is given and accepts exactly one proof for each claim.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// A SHA-256 hash. Written as standard base64, as in every document of the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// `None` where `bytes` are not exactly 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Hash> {
        bytes.try_into().ok().map(Hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not the base64 of 32 bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;
    fn from_str(text: &str) -> Result<Hash, NotAHash> {
        STANDARD.decode(text).ok().and_then(|bytes| Hash::from_slice(&bytes)).ok_or(NotAHash)
    }
}

/// `SHA256(0x00 ‖ entry)`: the hash of a leaf.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new_with_prefix([0]).chain_update(entry).finalize().into())
}

/// `SHA256(0x01 ‖ left ‖ right)`: the hash of an inner node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new_with_prefix([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of the tree without leaves: the hash of nothing.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// The root over leaf hashes that are all at hand.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        [left, right] => node_hash(left, right),
        more => {
            let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
            node_hash(&root(left), &root(right))
        }
    }
}

/// Hands out the hashes of full subtrees.
pub trait Subtrees {
    type Error;
    /// The hash over the leaves `index * 2^height .. (index + 1) * 2^height`, all of which the tree holds.
    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// Leaf hashes in memory.
impl Subtrees for &[Hash] {
    type Error = std::convert::Infallible;
    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        let span = |at: u64| usize::try_from(at << height).unwrap_or(usize::MAX);
        Ok(root(self.get(span(index)..span(index + 1)).unwrap_or_default()))
    }
}

/// The root over `low..high`, where `low` is a multiple of a power of two not below the length.
fn range_root<S: Subtrees>(tree: &mut S, low: u64, high: u64) -> Result<Hash, S::Error> {
    let (mut end, mut right) = (high, None);
    while end > low {
        let height = (end - low).trailing_zeros();
        let start = end - (1 << height);
        let block = tree.subtree(height, start >> height)?;
        right = Some(right.map_or(block, |right| node_hash(&block, &right)));
        end = start;
    }
    Ok(right.unwrap_or_else(empty_root))
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// The root of the tree of the first `size` leaves.
pub fn tree_root<S: Subtrees>(tree: &mut S, size: u64) -> Result<Hash, S::Error> {
    range_root(tree, 0, size)
}

/// The audit path of RFC 6962 section 2.1.1, from the leaf's sibling to the root's child; `None` where the tree of `size`
/// leaves has no leaf `index`.
pub fn inclusion_proof<S: Subtrees>(tree: &mut S, index: u64, size: u64) -> Result<Option<Vec<Hash>>, S::Error> {
    if index >= size {
        return Ok(None);
    }
    let (mut low, mut high, mut path) = (0, size, Vec::new());
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            path.push(range_root(tree, middle, high)?);
            high = middle;
        } else {
            path.push(range_root(tree, low, middle)?);
            low = middle;
        }
    }
    path.reverse();
    Ok(Some(path))
}

/// The consistency proof of RFC 6962 section 2.1.2 between the trees of `old` and `new` leaves. Empty for equal sizes and
/// from the empty tree; `None` where `old > new`.
pub fn consistency_proof<S: Subtrees>(tree: &mut S, old: u64, new: u64) -> Result<Option<Vec<Hash>>, S::Error> {
    if old > new {
        return Ok(None);
    }
    if old == 0 || old == new {
        return Ok(Some(Vec::new()));
    }
    let (mut low, mut high, mut path) = (0, new, Vec::new());
    while high != old {
        let middle = low + split(high - low);
        if old <= middle {
            path.push(range_root(tree, middle, high)?);
            high = middle;
        } else {
            path.push(range_root(tree, low, middle)?);
            low = middle;
        }
    }
    // Whoever checks the proof already holds the old root; it is only left out where it is a subtree of the new tree.
    if low > 0 {
        path.push(range_root(tree, low, high)?);
    }
    path.reverse();
    Ok(Some(path))
}

/// Shifts both counters past the levels on which the node `at` has no sibling to its right.
fn climb(at: &mut u64, last: &mut u64) {
    while *at & 1 == 0 && *at != 0 {
        *at >>= 1;
        *last >>= 1;
    }
}

/// Whether `path` proves that `leaf` stands at `index` in the tree of `size` leaves with this root (RFC 9162 section
/// 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            climb(&mut at, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `path` proves that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 section 2.1.4.2).
/// From the empty tree nothing can be proved (every tree continues it), so such a claim is not accepted.
pub fn verify_consistency(old: u64, new: u64, path: &[Hash], old_root: &Hash, new_root: &Hash) -> bool {
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old > new || old == 0 {
        return false;
    }
    let (mut at, mut last) = (old - 1, new - 1);
    let complete = at.trailing_ones();
    at >>= complete;
    last >>= complete;
    let (seed, rest) = match path {
        [] => return false,
        _ if at == 0 => (*old_root, path),
        [first, rest @ ..] => (*first, rest),
    };
    let (mut old_hash, mut new_hash) = (seed, seed);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            climb(&mut at, &mut last);
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    fn at(place: u64) -> usize {
        usize::try_from(place).unwrap()
    }

    /// The eight leaves that the implementations of RFC 6962 share as a test set.
    fn leaves() -> Vec<Hash> {
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
            .map(|leaf| leaf_hash(&hex(leaf)))
            .to_vec()
    }

    /// Their published roots, by size.
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn the_nine_published_roots() {
        let leaves = leaves();
        for (size, expected) in ROOTS.iter().enumerate() {
            assert_eq!(format!("{:?}", root(&leaves[..size])), *expected);
            assert_eq!(format!("{:?}", tree_root(&mut leaves.as_slice(), size as u64).unwrap()), *expected);
        }
    }

    #[test]
    fn published_proofs() {
        let tree = leaves();
        let text = |path: Option<Vec<Hash>>| path.unwrap().iter().map(Hash::to_string).collect::<Vec<_>>();
        assert_eq!(
            text(inclusion_proof(&mut tree.as_slice(), 1, 5).unwrap()),
            [
                "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=",
                "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
                "vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=",
            ]
        );
        assert_eq!(
            text(consistency_proof(&mut tree.as_slice(), 1, 8).unwrap()),
            [
                "lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=",
                "Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=",
                "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
            ]
        );
    }

    /// What may be done to an honest path: a bit flipped in each hash, one cut or repeated at either end, none at all.
    fn spoiled(path: &[Hash], root: &Hash) -> Vec<Vec<Hash>> {
        let mut out = vec![[path, &[*root]].concat(), [&[*root], path].concat(), [path, &[empty_root()]].concat()];
        for at in 0..path.len() {
            let mut flipped = path.to_vec();
            flipped[at].0[at % 32] ^= 4;
            out.push(flipped);
        }
        if let [_, rest @ ..] = path {
            out.extend([rest.to_vec(), path[..path.len() - 1].to_vec(), Vec::new()]);
        }
        out
    }

    #[test]
    fn every_inclusion_of_small_trees_and_no_other() {
        let leaves: Vec<Hash> = (0..40u8).map(|i| leaf_hash(&[i])).collect();
        for size in 1..=40u64 {
            let root = root(&leaves[..at(size)]);
            for index in 0..size {
                let leaf = leaves[at(index)];
                let path = inclusion_proof(&mut leaves.as_slice(), index, size).unwrap().unwrap();
                assert!(verify_inclusion(&leaf, index, size, &path, &root));
                for bad in spoiled(&path, &root) {
                    assert!(!verify_inclusion(&leaf, index, size, &bad, &root), "{index} of {size}");
                }
                assert!(!verify_inclusion(&leaf_hash(b"other"), index, size, &path, &root));
                assert!(!verify_inclusion(&leaf, index, size, &path, &empty_root()));
                assert!(!verify_inclusion(&leaf, size, size, &path, &root));
                for other in (0..size).filter(|other| *other != index) {
                    assert!(!verify_inclusion(&leaf, other, size, &path, &root), "{index} as {other} of {size}");
                }
            }
            assert_eq!(inclusion_proof(&mut leaves.as_slice(), size, size), Ok(None));
        }
    }

    #[test]
    fn every_consistency_of_small_trees_and_no_other() {
        let leaves: Vec<Hash> = (0..40u8).map(|i| leaf_hash(&[i])).collect();
        for new in 1..=40u64 {
            let new_root = root(&leaves[..at(new)]);
            for old in 1..=new {
                let old_root = root(&leaves[..at(old)]);
                let path = consistency_proof(&mut leaves.as_slice(), old, new).unwrap().unwrap();
                assert!(verify_consistency(old, new, &path, &old_root, &new_root));
                for bad in spoiled(&path, &new_root) {
                    assert!(!verify_consistency(old, new, &bad, &old_root, &new_root), "{old} to {new}");
                }
                assert!(!verify_consistency(old, new, &path, &empty_root(), &new_root));
                assert!(!verify_consistency(old, new, &path, &old_root, &empty_root()));
                if old != new {
                    assert!(!verify_consistency(old, new, &path, &new_root, &old_root));
                    assert!(!verify_consistency(new, old, &path, &old_root, &new_root));
                    assert!(!verify_consistency(old - 1, new, &path, &old_root, &new_root));
                }
            }
            assert_eq!(consistency_proof(&mut leaves.as_slice(), new + 1, new), Ok(None));
        }
        assert!(!verify_consistency(0, 1, &[], &empty_root(), &leaves[0]));
    }
}
