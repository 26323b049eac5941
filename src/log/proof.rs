//! Receipts: a proof that an entry stands in the log, to be checked without asking anybody (C2SP tlog-proof).
//!
//! Promise: pure. A receipt holds an index, the path from the leaf to the root and the checkpoint word for word. With
//! the entry's bytes and the log's key, known from elsewhere, it proves itself.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    merkle::{self, Hash},
    note::{Checkpoint, NoteError, VerifierKey, canonical_number},
};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^64 leaves is 64 high.
const MAX_PATH: usize = 64;

/// The content of a `.tlog-proof` file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// Opaque and not authenticated by itself. In a receipt of this program the entry word for word: it proves itself, for
    /// its hash must be the leaf.
    pub extra: Option<Vec<u8>>,
    /// The place of the entry, from 0.
    pub index: u64,
    /// From the leaf's sibling to the root's child.
    pub path: Vec<Hash>,
    /// The signed note, word for word.
    pub checkpoint: String,
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofError {
    /// The text does not have the form of a receipt.
    Malformed,
    /// Its checkpoint is not one that the log signed.
    Checkpoint(NoteError),
    /// The entry is not the one at this index of the signed tree.
    NotIncluded,
    /// The receipt does not hold the entry, and none was given beside it.
    NoEntry,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofError::Malformed => f.write_str("this is no tlog-proof"),
            ProofError::Checkpoint(e) => write!(f, "the checkpoint in the proof: {e}"),
            ProofError::NotIncluded => f.write_str("the proof does not show that this entry stands in the log"),
            ProofError::NoEntry => f.write_str("the proof does not hold its entry; give the entry's bytes as well"),
        }
    }
}

impl std::error::Error for ProofError {}

impl LogProof {
    /// Checks that the log with this key has signed a tree whose entry at `self.index` is exactly `entry`; the checkpoint
    /// says which tree.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<Checkpoint, ProofError> {
        let head = Checkpoint::open(&self.checkpoint, key).map_err(ProofError::Checkpoint)?;
        let leaf = merkle::leaf_hash(entry);
        if merkle::verify_inclusion(&leaf, self.index, head.size, &self.path, &head.root) {
            Ok(head)
        } else {
            Err(ProofError::NotIncluded)
        }
    }
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    pub entry: Vec<u8>,
    pub index: u64,
    /// The signed head that covers it.
    pub head: Checkpoint,
}

/// Checks a receipt that somebody kept, with nothing but the log's key: `entry` where the file does not hold it itself.
///
/// Errors: [`ProofError::NoEntry`] where neither does.
pub fn check_receipt(text: &str, entry: Option<Vec<u8>>, key: &VerifierKey) -> Result<Proven, ProofError> {
    let proof: LogProof = text.parse()?;
    let entry = entry.or_else(|| proof.extra.clone()).ok_or(ProofError::NoEntry)?;
    let head = proof.verify(&entry, key)?;
    Ok(Proven { entry, index: proof.index, head })
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for LogProof {
    type Err = ProofError;
    fn from_str(text: &str) -> Result<Self, ProofError> {
        let bad = ProofError::Malformed;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(bad.clone())?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(bad);
        }
        let mut line = lines.next().ok_or(bad.clone())?;
        let mut extra = None;
        if let Some(encoded) = line.strip_prefix("extra ") {
            extra = Some(STANDARD.decode(encoded).map_err(|_| bad.clone())?);
            line = lines.next().ok_or(bad.clone())?;
        }
        let index = line.strip_prefix("index ").and_then(canonical_number).ok_or(bad.clone())?;
        let path: Vec<Hash> =
            lines.take(MAX_PATH + 1).map(str::parse).collect::<Result<_, _>>().map_err(|_| bad.clone())?;
        if path.len() > MAX_PATH || checkpoint.is_empty() {
            return Err(bad);
        }
        Ok(LogProof { extra, index, path, checkpoint: checkpoint.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::note::SignerKey, *};

    fn entry(index: u64) -> Vec<u8> {
        format!("entry {index}").into_bytes()
    }

    fn key() -> SignerKey {
        SignerKey::from_seed("example.com/fancylog", &[3; 32]).unwrap()
    }

    /// A receipt for `index` in a log of `size` entries.
    fn receipt(index: u64, size: u64) -> LogProof {
        let leaves: Vec<Hash> = (0..size).map(|i| merkle::leaf_hash(&entry(i))).collect();
        let head = Checkpoint { origin: "example.com/fancylog".into(), size, root: merkle::root(&leaves) };
        let path = merkle::inclusion_proof(&mut leaves.as_slice(), index, size).unwrap().unwrap();
        LogProof { extra: None, index, path, checkpoint: head.sign(&key()).unwrap().to_string() }
    }

    #[test]
    fn the_form_of_the_specification() {
        let proof = receipt(2, 3);
        let text = proof.to_string();
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines[..2], ["c2sp.org/tlog-proof@v1", "index 2"]);
        assert_eq!(lines[2], proof.path[0].to_string());
        assert_eq!(lines[3..6], ["", "example.com/fancylog", "3"]);
        assert!(lines[8].starts_with("— example.com/fancylog ") && lines[9].is_empty() && lines.len() == 10);
        let with_extra = LogProof { extra: Some(b"age".to_vec()), ..proof.clone() };
        assert!(with_extra.to_string().contains("@v1\nextra YWdl\nindex 2\n"));
        for proof in [proof, with_extra, receipt(0, 1), receipt(200, 257)] {
            assert_eq!(proof.to_string().parse(), Ok(proof.clone()));
            assert!(proof.verify(&entry(proof.index), key().verifier()).is_ok());
        }
    }

    #[test]
    fn a_receipt_proves_one_entry_at_one_place_of_one_log() {
        let proof = receipt(5, 9);
        let key = key();
        assert_eq!(proof.verify(&entry(4), key.verifier()), Err(ProofError::NotIncluded));
        let moved = LogProof { index: 4, ..proof.clone() };
        assert_eq!(moved.verify(&entry(5), key.verifier()), Err(ProofError::NotIncluded));
        let beyond = LogProof { index: 9, ..proof.clone() };
        assert_eq!(beyond.verify(&entry(5), key.verifier()), Err(ProofError::NotIncluded));
        let stranger = SignerKey::from_seed("example.com/fancylog", &[4; 32]).unwrap();
        assert_eq!(proof.verify(&entry(5), stranger.verifier()), Err(ProofError::Checkpoint(NoteError::Unsigned)));
        let forged = LogProof { checkpoint: proof.checkpoint.replace("\n9\n", "\n10\n"), ..proof };
        assert!(matches!(forged.verify(&entry(5), key.verifier()), Err(ProofError::Checkpoint(_))));
    }

    #[test]
    fn a_receipt_that_holds_its_entry_needs_nothing_but_the_key() {
        let bare = receipt(5, 9);
        let whole = LogProof { extra: Some(entry(5)), ..bare.clone() };
        let proven = check_receipt(&whole.to_string(), None, key().verifier()).unwrap();
        assert_eq!((proven.entry, proven.index, proven.head.size), (entry(5), 5, 9));
        assert!(check_receipt(&bare.to_string(), Some(entry(5)), key().verifier()).is_ok());
        assert_eq!(check_receipt(&bare.to_string(), None, key().verifier()), Err(ProofError::NoEntry));
        let other = LogProof { extra: Some(entry(4)), ..bare };
        assert_eq!(check_receipt(&other.to_string(), None, key().verifier()), Err(ProofError::NotIncluded));
    }

    #[test]
    fn what_is_no_receipt_is_refused() {
        let text = receipt(5, 9).to_string();
        for bad in [
            String::new(),
            text.replace("@v1", "@v2"),
            text.replace("index 5", "index 05"),
            text.replace("index 5", "index -5"),
            text.replace("index 5\n", ""),
            text.replace("index 5", "extra !\nindex 5"),
            text.replace("index 5", "index 5\nextra YWdl"),
            text.replace("index 5", "index 5\nAAAA"),
            text.replace("index 5", &format!("index 5{}", format!("\n{}", Hash([0; 32])).repeat(65))),
            text.replace("\n\nexample", "\nexample"),
            text.split_once("\n\n").unwrap().0.to_owned() + "\n\n",
            format!("\n{text}"),
        ] {
            assert_eq!(bad.parse::<LogProof>(), Err(ProofError::Malformed), "{bad}");
        }
    }
}
