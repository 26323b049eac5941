//! What a verification found, as a text that the log's key signs: to be kept, printed and shown to others.
//!
//! Promise: pure. A report is a signed note (C2SP signed-note) whose first line is [`TITLE`]. Nobody can take it for a
//! checkpoint, although the same key signs both: a checkpoint's first line is the name of the log's key, and the name of a key
//! holds no blanks; its second is a number. So no text is both, and each reader refuses the other's.

use std::fmt;

use super::{
    faults::{Fault, Summary},
    note::{Note, NoteError, SignerKey, VerifierKey},
};
use crate::kernel::Timestamp;

/// The first line of every report.
pub const TITLE: &str = "xiangji verification report";
/// Faults that a report names; it counts them all.
pub const FAULTS_NAMED: usize = 1000;

/// What a run found.
#[derive(Debug, Clone)]
pub struct Report {
    /// The log's name.
    pub origin: String,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub summary: Summary,
    /// The first [`FAULTS_NAMED`].
    pub faults: Vec<Fault>,
}

impl Report {
    /// The report under the log's signature.
    pub fn sign(&self, signer: &SignerKey) -> Result<Note, NoteError> {
        Note::sign(self.to_string(), signer)
    }
}

/// The text of a report that the log with this key has signed.
///
/// Errors: it is not signed by this key, or it is another kind of note, or one of another log.
pub fn open(note: &str, key: &VerifierKey) -> Result<String, NoteError> {
    let note: Note = note.parse()?;
    let text = note.open(key)?;
    let mut lines = text.lines();
    if lines.next() != Some(TITLE) {
        return Err(NoteError::NotAReport);
    }
    match lines.next().and_then(|line| line.strip_prefix("origin ")) {
        Some(origin) if origin == key.name() => Ok(text.to_owned()),
        Some(origin) => Err(NoteError::OtherOrigin(origin.to_owned())),
        None => Err(NoteError::NotAReport),
    }
}

/// The text that is signed: one thing a line, the faults in the words of the command line.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { origin, started_at, ended_at, summary, faults } = self;
        writeln!(f, "{TITLE}\norigin {origin}\nsize {}\nroot {}", summary.entries, summary.root)?;
        writeln!(f, "started {started_at}\nended {ended_at}")?;
        writeln!(f, "looked at: {}", summary.looked_at())?;
        writeln!(f, "not looked at: {}", summary.not_looked_at().as_deref().unwrap_or("nothing"))?;
        writeln!(f, "faults {}", summary.faults)?;
        faults.iter().try_for_each(|fault| writeln!(f, "{fault}"))?;
        if summary.faults > faults.len() as u64 {
            writeln!(f, "only the first {} faults are named", faults.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            faults::{Unchecked, Wrong},
            merkle::Hash,
            note::Checkpoint,
        },
        *,
    };

    fn key(seed: u8) -> SignerKey {
        SignerKey::from_seed("village.example/xiangji", &[seed; 32]).unwrap()
    }

    fn report() -> Report {
        let fault =
            Fault {
                table: "lots".into(), key: "lot_1\n— a b".into(), index: Some(7), what: Wrong::RowChanged.into()
            };
        let at = |text: &str| text.parse().unwrap();
        Report {
            origin: "village.example/xiangji".into(),
            started_at: at("2026-03-02T09:00:00+08:00"),
            ended_at: at("2026-03-02T09:00:03+08:00"),
            summary: Summary {
                entries: 312,
                root: Hash([7; 32]),
                waiting: 1,
                checkpoints: 3,
                cosignatures: 0,
                unchecked: Unchecked { without_policy: 5, unnamed: 0 },
                tables: 20,
                rows: 900,
                checks: 6,
                faults: 2,
                since: None,
            },
            faults: vec![fault],
        }
    }

    #[test]
    fn a_report_says_what_was_looked_at_and_what_not() {
        let root = Hash([7; 32]).to_string();
        assert_eq!(
            report().to_string().lines().collect::<Vec<_>>(),
            [
                "xiangji verification report",
                "origin village.example/xiangji",
                "size 312",
                &format!("root {root}"),
                "started 2026-03-02T09:00:00+08:00",
                "ended 2026-03-02T09:00:03+08:00",
                &format!(
                    "looked at: 312 entries (root {root}), 1 waiting for their place, 3 checkpoints, 0 cosignatures, \
                          900 rows of 20 tables, 6 checks of meaning"
                ),
                "not looked at: 5 cosignatures, since no witness policy is set",
                "faults 2",
                "fault: table=lots key=lot_1\\n— a b index=7: the row is not as its last entry left it: it was changed outside the program",
                "only the first 1 faults are named",
            ]
        );
    }

    #[test]
    fn every_byte_is_signed() {
        let note = report().sign(&key(1)).unwrap().to_string();
        assert_eq!(open(&note, key(1).verifier()), Ok(report().to_string()));
        assert_eq!(open(&note, key(2).verifier()), Err(NoteError::Unsigned));
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            assert!(open(&changed, key(1).verifier()).is_err(), "byte {at}");
        }
    }

    #[test]
    fn neither_a_report_nor_a_checkpoint_is_taken_for_the_other() {
        let head = Checkpoint { origin: "village.example/xiangji".into(), size: 312, root: Hash([7; 32]) };
        let head = head.sign(&key(1)).unwrap().to_string();
        let note = report().sign(&key(1)).unwrap().to_string();
        assert_eq!(open(&head, key(1).verifier()), Err(NoteError::NotAReport));
        assert_eq!(Checkpoint::open(&note, key(1).verifier()), Err(NoteError::NotACheckpoint));
        // Controls: each reader takes its own.
        assert!(Checkpoint::open(&head, key(1).verifier()).is_ok() && open(&note, key(1).verifier()).is_ok());
        // Nor could a key be made whose log's heads begin as a report does.
        assert_eq!(SignerKey::from_seed(TITLE, &[1; 32]).unwrap_err(), NoteError::BadName);
    }
}
