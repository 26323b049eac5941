//! Making a sealed bid: what `xiangji seal` does on the bidder's own machine. The server never calls it, or it would read
//! the amount.

use age::{Recipient, x25519};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::Aead};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::model::{Envelope, FORMAT, Inner, SealedShare, read_recipient};
use crate::kernel::{Fen, hex};

/// Why no envelope was made: one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealError {
    /// The trustee of this place has no key that can be read.
    Trustee(usize),
    TooLong,
    Threshold,
    Internal,
}

impl std::fmt::Display for SealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SealError::Trustee(i) => write!(f, "the key of trustee {} cannot be read; it begins with age1", i + 1),
            SealError::TooLong => f.write_str("the bid does not fit into 512 bytes"),
            SealError::Threshold => f.write_str("at least 2 and at most all of the trustees must be needed"),
            SealError::Internal => f.write_str("encryption failed"),
        }
    }
}

impl std::error::Error for SealError {}

/// Seals a bid under a fresh key that any `needed` of the trustees can give back together.
///
/// Errors: see [`SealError`].
pub fn seal(lot: &str, bidder: &str, amount: Fen, needed: usize, trustees: &[String]) -> Result<Envelope, SealError> {
    let threshold = u8::try_from(needed).ok().filter(|k| *k >= 2 && needed <= trustees.len());
    let threshold = threshold.ok_or(SealError::Threshold)?;
    let nonce = hex(&rand::random::<[u8; 16]>());
    let inner = Inner { lot: lot.to_owned(), bidder: bidder.to_owned(), amount_fen: amount.0, nonce };
    let text = inner.padded().ok_or(SealError::TooLong)?;
    let identity = x25519::Identity::generate();
    let secret = identity.to_string();
    let secret = age::secrecy::ExposeSecret::expose_secret(&secret);
    let shares = blahaj::Sharks(threshold).dealer(secret.as_bytes());
    let shares: Result<Vec<SealedShare>, SealError> = trustees
        .iter()
        .zip(shares)
        .enumerate()
        .map(|(i, (trustee, share))| {
            let recipient = read_recipient(trustee).ok_or(SealError::Trustee(i))?;
            let bytes = Vec::from(&share);
            let (number, bytes) = bytes.split_first().ok_or(SealError::Internal)?;
            let sealed = encrypt(&recipient, bytes).ok_or(SealError::Internal)?;
            Ok(SealedShare { trustee: trustee.clone(), number: *number, share: STANDARD.encode(sealed) })
        })
        .collect();
    let recipient = identity.to_public();
    let ciphertext = encrypt(&recipient, &text).ok_or(SealError::Internal)?;
    Ok(Envelope {
        format: FORMAT.to_owned(),
        lot: lot.to_owned(),
        bidder: bidder.to_owned(),
        recipient: recipient.to_string(),
        ciphertext: STANDARD.encode(ciphertext),
        shares: shares?,
    })
}

/// An age file (age-encryption.org/v1) for one X25519 recipient, to the byte as long as the `age` program's: the library
/// would put a stanza of random length into the header, and lengths must tell nothing
/// (docs/decisions/0022-envelopes-of-one-length.md). `None` only where the plaintext is longer than one chunk.
pub fn encrypt(recipient: &x25519::Recipient, plaintext: &[u8]) -> Option<Vec<u8>> {
    if plaintext.len() > 65_536 {
        return None;
    }
    let file_key: [u8; 16] = rand::random();
    let (stanzas, _) = recipient.wrap_file_key(&age_core::format::FileKey::new(Box::new(file_key))).ok()?;
    let mut file = b"age-encryption.org/v1\n".to_vec();
    for stanza in stanzas {
        let body = STANDARD_NO_PAD.encode(&stanza.body);
        file.extend(format!("-> {} {}\n{body}\n", stanza.tag, stanza.args.join(" ")).into_bytes());
    }
    file.extend(b"---");
    let mac = hmac(&derive(&file_key, &[], b"header")?, &file)?;
    file.extend(format!(" {}\n", STANDARD_NO_PAD.encode(mac)).into_bytes());
    let nonce: [u8; 16] = rand::random();
    file.extend(nonce);
    let payload_key = derive(&file_key, &nonce, b"payload")?;
    let cipher = ChaCha20Poly1305::new_from_slice(&payload_key).ok()?;
    // The counter of the first chunk, and the byte that says it is the last.
    let chunk: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    file.extend(cipher.encrypt(&chunk.into(), plaintext).ok()?);
    Some(file)
}

/// HKDF-SHA-256 (RFC 5869) of one block.
fn derive(key: &[u8], salt: &[u8], info: &[u8]) -> Option<[u8; 32]> {
    let extracted = hmac(salt, key)?;
    hmac(&extracted, &[info, &[1]].concat())
}

fn hmac(key: &[u8], message: &[u8]) -> Option<[u8; 32]> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac.finalize().into_bytes().into())
}
