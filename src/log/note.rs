//! Signed notes and checkpoints: how the log speaks for itself (C2SP signed-note and tlog-checkpoint).
//!
//! Promise: pure. A note is only ever read through a key that was known before; signatures of unknown keys are ignored,
//! as the format demands, and a known key's signature that does not fit spoils the whole note. The log's own signature
//! is Ed25519 (type 1); witnesses add theirs, see [`cosignature`](super::cosignature). Secret keys are wiped from memory and
//! never shown.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::merkle::Hash;

/// The signature type of plain Ed25519.
const ED25519: u8 = 1;
/// More signatures than any sensible set of witnesses needs; the format asks for at least 16.
const MAX_SIGNATURES: usize = 100;

/// What can be wrong with a note, a key or a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteError {
    /// The text does not have the form of a signed note.
    Malformed,
    /// The text is no key of the expected form, or its fingerprint does not fit.
    BadKey,
    /// A key's name is empty or holds a blank or a plus sign.
    BadName,
    /// A known key's signature does not fit the text.
    BadSignature(String),
    /// No signature is of the expected key.
    Unsigned,
    /// The note is signed, but its text is no checkpoint.
    NotACheckpoint,
    /// The note is signed, but its text is no report of a verification.
    NotAReport,
    /// The checkpoint or report is that of another log.
    OtherOrigin(String),
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoteError::Malformed => f.write_str("this is no signed note"),
            NoteError::BadKey => f.write_str("this is no key, or its fingerprint is not that of the key"),
            NoteError::BadName => f.write_str("a key's name must not be empty or hold a blank or a plus sign"),
            NoteError::BadSignature(name) => write!(f, "the signature of {name} does not fit the text"),
            NoteError::Unsigned => f.write_str("it is not signed with the expected key"),
            NoteError::NotACheckpoint => f.write_str("the signed note is no checkpoint"),
            NoteError::NotAReport => f.write_str("the signed note is no verification report"),
            NoteError::OtherOrigin(origin) => write!(f, "it is of another log, {origin}"),
        }
    }
}

impl std::error::Error for NoteError {}

/// The fingerprint of a key: the first four bytes of `SHA-256(name ‖ LF ‖ type ‖ public key)`.
fn key_id(name: &str, kind: u8, public: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new_with_prefix(name).chain_update([b'\n', kind]).chain_update(public).finalize();
    hash.first_chunk().copied().unwrap_or_default()
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let fits = !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+');
    fits.then_some(()).ok_or(NoteError::BadName)
}

/// Reads `name+id+base64(type ‖ key)`: the name, the fingerprint as text and the 32 bytes.
fn split_key(text: &str, kind: u8) -> Option<(&str, &str, Zeroizing<[u8; 32]>)> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let bytes = Zeroizing::new(STANDARD.decode(key).ok()?);
    match bytes.split_first() {
        Some((found, key)) if *found == kind => Some((name, id, Zeroizing::new(key.try_into().ok()?))),
        _ => None,
    }
}

/// An Ed25519 public key with its name, for signatures of one type, written `name+id+base64`. It must reach its readers on
/// another way than the log it checks.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey<const TYPE: u8> {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

/// The key that checks a log's own signature.
pub type VerifierKey = PublicKey<ED25519>;

impl<const TYPE: u8> PublicKey<TYPE> {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), id: key_id(name, TYPE, &key), key })
    }

    /// The name of the key, which for a log is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key without its name: one key under two names is still one.
    pub fn material(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether the signature line says that it is of this key.
    pub fn made(&self, signature: &Signature) -> bool {
        signature.name == self.name && signature.key_id == self.id
    }

    /// Whether `signature`, 64 bytes, is one of `message`.
    pub(super) fn fits(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.and_then(|signature| self.key.verify_strict(message, &signature)).is_ok()
    }

    fn id_text(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }
}

impl<const TYPE: u8> fmt::Display for PublicKey<TYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[TYPE], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id_text(), STANDARD.encode(typed))
    }
}

impl<const TYPE: u8> fmt::Debug for PublicKey<TYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const TYPE: u8> FromStr for PublicKey<TYPE> {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, id, bytes) = split_key(text, TYPE).ok_or(NoteError::BadKey)?;
        let key = Self::new(name, VerifyingKey::from_bytes(&bytes).map_err(|_| NoteError::BadKey)?)?;
        if key.id_text() == id { Ok(key) } else { Err(NoteError::BadKey) }
    }
}

/// A secret key with its name. `Debug` shows the public key only.
#[derive(Clone)]
pub struct SecretKey<const TYPE: u8> {
    public: PublicKey<TYPE>,
    secret: SigningKey,
}

/// The key that signs a log's heads.
pub type SignerKey = SecretKey<ED25519>;

impl<const TYPE: u8> SecretKey<TYPE> {
    const PREFIX: &str = "PRIVATE+KEY+";

    /// A key from 32 random bytes, which the caller draws.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let secret = SigningKey::from_bytes(seed);
        Ok(Self { public: PublicKey::new(name, secret.verifying_key())?, secret })
    }

    /// The public half.
    pub fn verifier(&self) -> &PublicKey<TYPE> {
        &self.public
    }

    /// A signature line: `before`, then the signature of `message`.
    pub(super) fn line(&self, before: &[u8], message: &[u8]) -> Signature {
        let bytes = [before, &self.secret.sign(message).to_bytes()].concat();
        Signature { name: self.public.name.clone(), key_id: self.public.id, bytes }
    }

    /// `PRIVATE+KEY+name+id+base64`, the form that other programs of this family read. Keep it secret.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let mut typed = Zeroizing::new([TYPE; 33]);
        if let Some(seed) = typed.last_chunk_mut() {
            *seed = *self.secret.as_bytes();
        }
        let encoded = Zeroizing::new(STANDARD.encode(typed.as_slice()));
        Zeroizing::new(format!("{}{}+{}+{}", Self::PREFIX, self.public.name, self.public.id_text(), *encoded))
    }
}

impl<const TYPE: u8> fmt::Debug for SecretKey<TYPE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public)
    }
}

impl<const TYPE: u8> FromStr for SecretKey<TYPE> {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let key = text.strip_prefix(Self::PREFIX).and_then(|key| split_key(key, TYPE));
        let (name, id, seed) = key.ok_or(NoteError::BadKey)?;
        let key = Self::from_seed(name, &seed)?;
        if key.public.id_text() == id { Ok(key) } else { Err(NoteError::BadKey) }
    }
}

/// One signature line of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// Its fingerprint.
    pub key_id: [u8; 4],
    /// What the key's algorithm made: 64 bytes for Ed25519.
    pub bytes: Vec<u8>,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "— {} {}", self.name, STANDARD.encode([&self.key_id, self.bytes.as_slice()].concat()))
    }
}

impl FromStr for Signature {
    type Err = NoteError;
    fn from_str(line: &str) -> Result<Self, NoteError> {
        let (name, encoded) =
            line.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Malformed)?;
        check_name(name).map_err(|_| NoteError::Malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Malformed)?;
        match bytes.split_first_chunk() {
            Some((key_id, bytes)) if !bytes.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
            }
            _ => Err(NoteError::Malformed),
        }
    }
}

/// A text with its signatures, none of them checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// Signs a text, which must end with a line feed and hold no other control character.
    pub fn sign(text: String, signer: &SignerKey) -> Result<Note, NoteError> {
        if !text.ends_with('\n') || text.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Malformed);
        }
        let signature = signer.line(&[], text.as_bytes());
        Ok(Note { text, signatures: vec![signature] })
    }

    /// The signature lines in their order.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The text, whoever has signed it: enough to look for the key, not to believe a word.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// Adds a signature line at the end.
    pub fn push(&mut self, signature: Signature) {
        self.signatures.push(signature);
    }

    /// Leaves out the signature lines that `keep` does not want.
    pub fn retain(&mut self, keep: impl FnMut(&Signature) -> bool) {
        self.signatures.retain(keep);
    }

    /// The text, once `key` has signed it; other signatures are passed over.
    pub fn open(&self, key: &VerifierKey) -> Result<&str, NoteError> {
        let mut signed = Err(NoteError::Unsigned);
        for signature in self.signatures.iter().filter(|signature| key.made(signature)) {
            if !key.fits(self.text.as_bytes(), &signature.bytes) {
                return Err(NoteError::BadSignature(key.name.clone()));
            }
            signed = Ok(self.text.as_str());
        }
        signed
    }
}

/// The whole note: text, blank line, signature lines.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl FromStr for Note {
    type Err = NoteError;
    fn from_str(note: &str) -> Result<Self, NoteError> {
        // The text is everything up to the last blank line, its own line feed included.
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed)?;
        let lines = signatures.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Malformed);
        }
        let signatures: Vec<Signature> =
            lines.split('\n').take(MAX_SIGNATURES + 1).map(str::parse).collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::Malformed);
        }
        Ok(Note { text: format!("{text}\n"), signatures })
    }
}

/// The head of a log: who it is, how many entries it has, and the root over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's own name; here always the name of its key.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// The checkpoint as a note signed by the log.
    pub fn sign(&self, signer: &SignerKey) -> Result<Note, NoteError> {
        Note::sign(self.to_string(), signer)
    }

    /// Reads a checkpoint that the log with this key has signed, whoever else has signed it.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Checkpoint, NoteError> {
        let note: Note = note.parse()?;
        let checkpoint: Checkpoint = note.open(key)?.parse()?;
        if checkpoint.origin == key.name { Ok(checkpoint) } else { Err(NoteError::OtherOrigin(checkpoint.origin)) }
    }
}

/// The three lines of the note's text.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

/// Reads the three lines; further (extension) lines are allowed by the format and passed over.
impl FromStr for Checkpoint {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.strip_suffix('\n').ok_or(NoteError::NotACheckpoint)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteError::NotACheckpoint);
        };
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(NoteError::NotACheckpoint);
        }
        let size = canonical_number(size).ok_or(NoteError::NotACheckpoint)?;
        let root = root.parse().map_err(|_| NoteError::NotACheckpoint)?;
        Ok(Checkpoint { origin: origin.to_owned(), size, root })
    }
}

/// A decimal number with no sign and no leading zero.
pub(super) fn canonical_number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The keys and the note of the reference implementation's tests, and the example of the signed-note specification.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const PETER_SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
    const TEXT: &str =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const PETER_LINE: &str =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const ENOCH_LINE: &str =
        "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

    fn open(note: &str, key: &str) -> Result<String, NoteError> {
        note.parse::<Note>()?.open(&key.parse()?).map(str::to_owned)
    }

    #[test]
    fn keys_read_and_write_themselves() {
        let secret: SignerKey = PETER_SECRET.parse().unwrap();
        assert_eq!(*secret.secret_text(), PETER_SECRET);
        assert_eq!(secret.verifier().to_string(), PETER);
        assert_eq!(PETER.parse::<VerifierKey>().as_ref(), Ok(secret.verifier()));
        assert!(!format!("{secret:?}").contains("AYEKFALV"));
    }

    #[test]
    fn a_key_with_anything_changed_is_refused() {
        fn mangled(key: &str) -> Vec<String> {
            let mut out = Vec::new();
            for at in 0..key.len() {
                out.push(key[at + 1..].to_owned());
                out.push(key[..at].to_owned());
                let mut bytes = key.as_bytes().to_vec();
                bytes[at] += 1;
                out.push(String::from_utf8(bytes).unwrap());
            }
            out
        }
        for bad in mangled(PETER) {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
        }
        for bad in mangled(PETER_SECRET) {
            assert!(bad.parse::<SignerKey>().is_err(), "{bad}");
        }
        // Too long, and of an unknown type, each with the fingerprint to match.
        assert!(
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="
                .parse::<VerifierKey>()
                .is_err()
        );
        assert!("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse::<VerifierKey>().is_err());
        for name in ["", "a b", "a+b", "a\u{3000}b", "a\nb"] {
            assert_eq!(SignerKey::from_seed(name, &[1; 32]).err(), Some(NoteError::BadName), "{name:?}");
        }
    }

    #[test]
    fn signs_to_the_published_bytes() {
        let signer = PETER_SECRET.parse().unwrap();
        let note = Note::sign(TEXT.to_owned(), &signer).unwrap();
        assert_eq!(note.to_string(), format!("{TEXT}\n{PETER_LINE}"));
        assert_eq!(Note::sign("abc".to_owned(), &signer), Err(NoteError::Malformed));
        assert_eq!(Note::sign("a\tb\n".to_owned(), &signer), Err(NoteError::Malformed));
    }

    #[test]
    fn unknown_signatures_are_passed_over_and_known_ones_must_fit() {
        let both = format!("{TEXT}\n{PETER_LINE}{ENOCH_LINE}");
        assert_eq!(open(&both, PETER).as_deref(), Ok(TEXT));
        assert_eq!(open(&both, ENOCH).as_deref(), Ok(TEXT));
        assert_eq!(both.parse::<Note>().unwrap().to_string(), both);
        assert_eq!(open(&format!("{TEXT}\n{ENOCH_LINE}"), PETER), Err(NoteError::Unsigned));
        // Another name with the same key is another key.
        assert_eq!(open(&both.replace("— Peter", "— Paul"), PETER), Err(NoteError::Unsigned));
        assert_eq!(
            open(&both.replace("answer", "answers"), PETER),
            Err(NoteError::BadSignature("PeterNeumann".into()))
        );
        let spoiled = PETER_LINE.replace("SffcvIAQ", "SffcvIAR");
        assert!(matches!(open(&format!("{TEXT}\n{PETER_LINE}{spoiled}"), PETER), Err(NoteError::BadSignature(_))));
        let short = "— PeterNeumann x08go/Y=\n";
        assert!(matches!(open(&format!("{TEXT}\n{short}"), PETER), Err(NoteError::BadSignature(_))));
        // A text may hold blank lines of its own.
        let poem: SignerKey = PETER_SECRET.parse().unwrap();
        let note = Note::sign("a\n\nb\n".to_owned(), &poem).unwrap().to_string();
        assert_eq!(open(&note, PETER).as_deref(), Ok("a\n\nb\n"));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for bad in [
            TEXT.to_owned(),
            format!("{TEXT}\n"),
            format!("{TEXT}\n{}", PETER_LINE.trim_end()),
            format!("\u{1}{TEXT}\n{PETER_LINE}"),
            format!("{TEXT}\r\n{PETER_LINE}"),
            format!("{TEXT}\n{PETER_LINE}Unexpected line.\n"),
            format!("{TEXT}\n{}", PETER_LINE.replace("PeterNeumann", "Bad Name")),
            format!("{TEXT}\n{}", PETER_LINE.replace('—', "-")),
            format!("{TEXT}\n{}", PETER_LINE.replace("JnAM=", "JnAM")),
            format!("{TEXT}\n— PeterNeumann x08gow==\n"),
            format!("{TEXT}\n{}", PETER_LINE.repeat(101)),
            String::new(),
        ] {
            assert_eq!(bad.parse::<Note>(), Err(NoteError::Malformed), "{bad}");
        }
        assert!(format!("{TEXT}\n{}", PETER_LINE.repeat(16)).parse::<Note>().is_ok());
    }

    #[test]
    fn a_checkpoint_is_three_lines_of_its_own_log() {
        let signer = SignerKey::from_seed("example.com/log42", &[7; 32]).unwrap();
        let head = Checkpoint { origin: "example.com/log42".into(), size: 20_852_163, root: Hash([9; 32]) };
        let note = head.sign(&signer).unwrap().to_string();
        assert_eq!(Checkpoint::open(&note, signer.verifier()), Ok(head.clone()));
        let foreign = Checkpoint { origin: "example.com/other".into(), ..head.clone() }.sign(&signer).unwrap();
        let other = Err(NoteError::OtherOrigin("example.com/other".into()));
        assert_eq!(Checkpoint::open(&foreign.to_string(), signer.verifier()), other);
        assert_eq!(format!("{head}more\n").parse(), Ok(head.clone()));
        let text = head.to_string();
        for bad in [
            "".to_owned(),
            text.trim_end().to_owned(),
            format!("\n{text}"),
            text.replace("2085", "02085"),
            text.replace("2085", "+2085"),
            text.replace("20852163", "-1"),
            text.replace("20852163", "18446744073709551616"),
            text.replace('=', ""),
            format!("{text}\nafter a gap\n"),
            "origin\n5\n".to_owned(),
        ] {
            assert_eq!(bad.parse::<Checkpoint>(), Err(NoteError::NotACheckpoint), "{bad}");
        }
    }
}
