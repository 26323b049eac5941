//! What witnesses say of a log, and how they are asked (C2SP tlog-cosignature, tlog-witness).
//!
//! Promise: pure. A cosignature is one more signature line of a checkpoint, type 4: at a time, this was the largest head of
//! this log that the witness had seen, and it continued every one before. The log's own key opens such a note as before,
//! for signatures of other keys are passed over.

use std::{fmt, str::FromStr};

use super::{
    merkle::Hash,
    note::{Note, NoteError, PublicKey, SecretKey, Signature, canonical_number},
};

/// The signature type of timestamped Ed25519 cosignatures.
const COSIGNATURE: u8 = 4;
/// A consistency proof between trees of at most 2^63 leaves has no more lines (tlog-witness).
const MAX_PROOF: usize = 63;

/// The key that checks a witness's lines.
pub type CosignerKey = PublicKey<COSIGNATURE>;
/// The key that a witness makes them with.
pub type CosignerSecret = SecretKey<COSIGNATURE>;

/// What is signed for a checkpoint's text, at `time` in seconds since 1970.
fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The line of a witness under a checkpoint's text, at `time` in seconds since 1970. Whether it may be given is not asked here.
pub fn cosign(text: &str, time: u64, key: &CosignerSecret) -> Signature {
    key.line(&time.to_be_bytes(), message(text, time).as_bytes())
}

/// When the owner of `key` last cosigned the note, in seconds since 1970; `None` where no line is of this key.
///
/// Errors: a line of this key does not fit the text.
pub fn cosigned_at(note: &Note, key: &CosignerKey) -> Result<Option<u64>, NoteError> {
    let mut latest = None;
    for signature in note.signatures().iter().filter(|signature| key.made(signature)) {
        let fits = signature.bytes.split_first_chunk().and_then(|(time, signed)| {
            let time = u64::from_be_bytes(*time);
            let fits =
                i64::try_from(time).is_ok() && key.fits(message(note.unverified_text(), time).as_bytes(), signed);
            fits.then_some(time)
        });
        let time = fits.ok_or_else(|| NoteError::BadSignature(key.name().to_owned()))?;
        latest = latest.max(Some(time));
    }
    Ok(latest)
}

/// The body of `add-checkpoint`: what a log sends to a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The size of the head that the witness has seen, as the sender believes; 0 for none.
    pub old: u64,
    /// The consistency proof from there; empty from 0.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub note: Note,
}

impl fmt::Display for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}

impl FromStr for Submission {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (head, note) = text.split_once("\n\n").ok_or(NoteError::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(canonical_number);
        let proof: Vec<Hash> =
            lines.take(MAX_PROOF + 1).map(str::parse).collect::<Result<_, _>>().map_err(|_| NoteError::Malformed)?;
        match old {
            Some(old) if proof.len() <= MAX_PROOF => Ok(Submission { old, proof, note: note.parse()? }),
            _ => Err(NoteError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::note::{Checkpoint, SignerKey, VerifierKey},
        *,
    };

    // The text, the log's line and the time of the specification's example; the witness's key is one of 32 bytes of 5, and its
    // line was made from the specification with another Ed25519 implementation.
    const TEXT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const LOG_LINE: &str = "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    const TIME: u64 = 1_679_315_147;
    const WITNESS: &str = "witness.example.com/w1+10008aeb+BG56HN0psLeP0Tr0xVmP7/TvKpcWbjym8uT7/M2AUFvx";
    const WITNESS_SECRET: &str =
        "PRIVATE+KEY+witness.example.com/w1+10008aeb+BAUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF";
    const WITNESS_LINE: &str = "— witness.example.com/w1 EACK6wAAAABkGFDL7s5OOUhHwp4p21TTCJeMSo1Bl2UAhoc80ZEyygI4mjAEyrcw3omPMCGsE8sDMQ4TJ7l/j9PTUaUqfUtqLx2GBA==\n";
    /// The witness's line of the specification's example: of another key, but of the same name and form.
    const SPEC_LINE: &str = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

    fn key() -> CosignerKey {
        WITNESS.parse().unwrap()
    }

    fn note(lines: &str) -> Note {
        format!("{TEXT}\n{LOG_LINE}{lines}").parse().unwrap()
    }

    #[test]
    fn signs_to_the_bytes_of_the_specification() {
        let secret: CosignerSecret = WITNESS_SECRET.parse().unwrap();
        assert_eq!((secret.verifier().to_string().as_str(), secret.secret_text().as_str()), (WITNESS, WITNESS_SECRET));
        assert_eq!(format!("{}\n", cosign(TEXT, TIME, &secret)), WITNESS_LINE);
        assert_eq!(cosigned_at(&note(WITNESS_LINE), &key()), Ok(Some(TIME)));
        // A key of one type is none of the other.
        assert_eq!(WITNESS.parse::<VerifierKey>(), Err(NoteError::BadKey));
        let log = SignerKey::from_seed("witness.example.com/w1", &[5; 32]).unwrap();
        assert_eq!(log.verifier().to_string().parse::<CosignerKey>(), Err(NoteError::BadKey));
        assert_eq!(log.verifier().material(), key().material());
    }

    #[test]
    fn only_a_fitting_line_of_the_key_counts() {
        assert_eq!(cosigned_at(&note(""), &key()), Ok(None));
        assert_eq!(cosigned_at(&note(SPEC_LINE), &key()), Ok(None), "another key of this name");
        assert_eq!(cosigned_at(&note(&format!("{SPEC_LINE}{WITNESS_LINE}")), &key()), Ok(Some(TIME)));
        let bad = Err(NoteError::BadSignature("witness.example.com/w1".into()));
        let other: Note = note(WITNESS_LINE).to_string().replace("20852163", "20852164").parse().unwrap();
        assert_eq!(cosigned_at(&other, &key()), bad, "another text");
        for (from, to) in [("kGFDL", "kGFDN"), ("7s5O", "7s5P"), ("x2GBA==", "x2GBQ==")] {
            assert!(WITNESS_LINE.contains(from));
            assert_eq!(cosigned_at(&note(&WITNESS_LINE.replace(from, to)), &key()), bad, "{to}");
        }
        assert_eq!(cosigned_at(&note("— witness.example.com/w1 EACK6wAAAABkGFDL\n"), &key()), bad, "cut");
        let secret: CosignerSecret = WITNESS_SECRET.parse().unwrap();
        // The plain signature of the text is no cosignature, nor is one from beyond the allowed times.
        assert_eq!(
            cosigned_at(&note(&format!("{}\n", secret.line(&TIME.to_be_bytes(), TEXT.as_bytes()))), &key()),
            bad
        );
        assert_eq!(cosigned_at(&note(&format!("{}\n", cosign(TEXT, 1 << 63, &secret))), &key()), bad);
        let again = format!("{WITNESS_LINE}{}\n", cosign(TEXT, TIME + 9, &secret));
        assert_eq!(cosigned_at(&note(&again), &key()), Ok(Some(TIME + 9)));
    }

    #[test]
    fn a_witnessed_note_opens_under_the_logs_own_key() {
        let log = SignerKey::from_seed("example.com/log", &[7; 32]).unwrap();
        let head = Checkpoint { origin: "example.com/log".into(), size: 3, root: Hash([9; 32]) };
        let mut note = head.sign(&log).unwrap();
        let secret: CosignerSecret = WITNESS_SECRET.parse().unwrap();
        let line = cosign(note.unverified_text(), TIME, &secret);
        note.push(line);
        assert_eq!(Checkpoint::open(&note.to_string(), log.verifier()), Ok(head));
        assert_eq!(cosigned_at(&note.to_string().parse().unwrap(), &key()), Ok(Some(TIME)));
    }

    #[test]
    fn a_submission_is_a_size_a_proof_and_a_note() {
        let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
        let text = format!("old 20852014\n{hash}\n{hash}\n\n{TEXT}\n{LOG_LINE}");
        let read: Submission = text.parse().unwrap();
        assert_eq!((read.old, read.proof.len()), (20_852_014, 2));
        assert_eq!(read.to_string(), text);
        let first = format!("old 0\n\n{TEXT}\n{LOG_LINE}");
        assert_eq!(first.parse::<Submission>().unwrap().to_string(), first);
        let most = format!("old 1{}\n\n{TEXT}\n{LOG_LINE}", format!("\n{hash}").repeat(63));
        assert!(most.parse::<Submission>().is_ok());
        for bad in [
            String::new(),
            format!("{TEXT}\n{LOG_LINE}"),
            text.replace("old 2", "old 02"),
            text.replace("old 2", "old -2"),
            text.replace("old 2", "old  2"),
            text.replace("old ", "new "),
            text.replace("old 20852014", "old 18446744073709551616"),
            text.replacen("kaw=", "kaw", 1),
            text.replacen("kaw=", "kax=", 1),
            text.replacen("\n\n", "\n", 1),
            text.trim_end().to_owned(),
            format!("old 0\n\n{TEXT}"),
            most.replacen("old 1\n", &format!("old 1\n{hash}\n"), 1),
        ] {
            assert_eq!(bad.parse::<Submission>(), Err(NoteError::Malformed), "{bad}");
        }
    }
}
