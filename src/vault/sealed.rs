//! Sealed values: the column type, the sealing, the looking.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use chacha20poly1305::{
    ChaCha20Poly1305, Key, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use serde::Serialize;
use sha2::Sha256;
use zeroize::Zeroize;

use super::{Keys, erased::ERASED_LABEL, store::LookRow};
use crate::{
    db::{Error, Result, Salt, Tx},
    log::{By, Fact, Receipt, record},
};

crate::text_enum! {
    /// Which kind of value is sealed; part of the encryption, so that a phone cannot be passed off as an ID number.
    pub enum Field as "SealedField" {
        IdNumber = "id_number" => "身份证号",
        Phone = "phone" => "联系电话",
        BankAccount = "bank_account" => "银行账号",
        Address = "address" => "户籍地址",
        Mail = "mail" => "电子邮箱",
        /// Of a lot; no personal value, and secret until the end all the same.
        Reserve = "reserve" => "保留价",
    }
}

/// An encrypted personal value as it stands in a column: `1.` wrapped key `.` ciphertext.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Sealed(pub(super) String);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(…)")
    }
}

impl Sealed {
    /// For stores: of a text that held it.
    pub(crate) fn from_text(text: String) -> Sealed {
        Sealed(text)
    }
    /// For stores: the text of the column.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Sealed {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(Sealed(text.to_owned()))
    }
}

crate::text_column!(Sealed, BlindIndex);

/// A keyed digest of a personal value: equal values have equal indexes, and only the key's holder can make one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct BlindIndex(pub(super) String);

impl BlindIndex {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
impl std::str::FromStr for BlindIndex {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(BlindIndex(text.to_owned()))
    }
}

/// A personal value in clear, for as long as one look lasts.
pub struct Clear(String);

impl Clear {
    /// The value itself. Nothing that is written here may be stored or sent except to the person who asked.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
impl Drop for Clear {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
impl std::fmt::Debug for Clear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clear(…)")
    }
}

/// Why somebody looks: recorded with the look.
pub struct Look<'a> {
    pub by: &'a By,
    /// Region code of the collective whose record it is.
    pub scope: &'a str,
    /// Whose value it is.
    pub person: &'a str,
    /// The looker's own words.
    pub reason: &'a str,
}

/// Seals, indexes, masks and opens.
#[derive(Clone)]
pub struct Vault(Arc<Keys>);

impl Vault {
    pub fn new(keys: Arc<Keys>) -> Vault {
        Vault(keys)
    }

    /// Encrypts `clear` under a fresh key of its own.
    pub fn seal(&self, field: Field, clear: &str) -> Result<Sealed> {
        let mut own: [u8; 32] = rand::random();
        let wrapped = encrypt(&self.0.vault, b"key", &own)?;
        let text = encrypt(&own, field.as_str().as_bytes(), clear.as_bytes())?;
        own.zeroize();
        Ok(Sealed(format!("1.{}.{}", B64.encode(wrapped), B64.encode(text))))
    }

    /// The index under which an equal value is found.
    pub fn index(&self, field: Field, clear: &str) -> BlindIndex {
        self.keyed(field.as_str(), clear)
    }

    fn keyed(&self, label: &str, clear: &str) -> BlindIndex {
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0.index) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(clear.as_bytes());
        let full = mac.finalize().into_bytes();
        BlindIndex(B64.encode(full.get(..18).unwrap_or(&full)))
    }

    /// What is kept of a short secret that was given out: without the installation's key it cannot be found by trying.
    pub fn bound(&self, noun: &str, text: &str) -> BlindIndex {
        self.keyed("secret", &format!("{noun}/{text}"))
    }

    /// Twelve digits that only this installation can make: the code on a paper about one record.
    pub fn digits(&self, noun: &str, id: &str) -> String {
        let BlindIndex(text) = self.keyed("paper", &format!("{noun}/{id}"));
        let number =
            B64.decode(text).ok().and_then(|bytes| bytes.first_chunk::<8>().copied()).map_or(0, u64::from_be_bytes);
        format!("{:012}", number % 1_000_000_000_000)
    }

    /// The value with all but what `mask` leaves: no look is recorded, for nothing is revealed.
    pub fn masked(&self, field: Field, sealed: &Sealed, mask: impl FnOnce(&str) -> String) -> Result<String> {
        if sealed.is_erased() {
            return Ok(ERASED_LABEL.to_owned());
        }
        let clear = self.decrypt(field, sealed)?;
        Ok(mask(clear.expose()))
    }

    /// Opens a value for somebody and records who looked, at which record, and why.
    pub fn open(&self, tx: &mut Tx<'_>, look: &Look<'_>, field: Field, sealed: &Sealed) -> Result<(Clear, Receipt)> {
        let row = LookRow {
            id: tx.new_id("look"),
            person_id: look.person.to_owned(),
            scope: look.scope.to_owned(),
            account_id: look.by.account.clone(),
            field,
            reason: look.reason.to_owned(),
            at: tx.now(),
            salt: Salt::fresh(),
        };
        row.insert(tx)?;
        let fact = Fact::new("personal_data.opened", look.scope)
            .about("person", look.person)
            .data(serde_json::json!({ "field": field }));
        let receipt = record(tx, look.by, fact)?;
        Ok((self.decrypt(field, sealed)?, receipt))
    }

    /// The value of something that becomes public in this transaction. Nobody looks, so no look is recorded: the caller's
    /// entry tells the value.
    pub fn reveal(&self, field: Field, sealed: &Sealed) -> Result<Clear> {
        self.decrypt(field, sealed)
    }

    /// The address that somebody gave for messages to be sent to: it goes to nobody but that person, by the one who carries the
    /// message. Nobody looks, so no look is recorded.
    pub fn address(&self, field: Field, sealed: &Sealed) -> Result<Clear> {
        self.decrypt(field, sealed)
    }

    /// Encrypts a file that waits for its use, such as a roster that was uploaded and not yet confirmed.
    pub fn seal_file(&self, clear: &[u8]) -> Result<Vec<u8>> {
        encrypt(&self.0.vault, b"file", clear)
    }

    /// The file again; the caller answers for who may see it.
    pub fn open_file(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        decrypt(&self.0.vault, b"file", sealed)
            .ok_or_else(|| Error::Internal("a stored file cannot be opened: wrong key file, or it was altered".into()))
    }

    /// Compares with a value in clear without opening, for checks such as "the payer is the bidder".
    pub fn equals(&self, field: Field, sealed: &Sealed, clear: &str) -> Result<bool> {
        Ok(self.decrypt(field, sealed)?.expose() == clear)
    }

    fn decrypt(&self, field: Field, sealed: &Sealed) -> Result<Clear> {
        let broken = || Error::Internal("a sealed value cannot be opened: wrong key file, or it was altered".into());
        let mut parts = sealed.0.split('.');
        let (Some("1"), Some(wrapped), Some(text), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(broken());
        };
        let wrapped = B64.decode(wrapped).map_err(|_| broken())?;
        let text = B64.decode(text).map_err(|_| broken())?;
        let mut own = decrypt(&self.0.vault, b"key", &wrapped).ok_or_else(broken)?;
        let clear =
            <[u8; 32]>::try_from(own.as_slice()).ok().and_then(|k| decrypt(&k, field.as_str().as_bytes(), &text));
        own.zeroize();
        clear.and_then(|c| String::from_utf8(c).ok()).map(Clear).ok_or_else(broken)
    }
}

fn encrypt(key: &[u8; 32], context: &[u8], clear: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; 12] = rand::random();
    let cipher = ChaCha20Poly1305::new(&Key::from(*key));
    let text = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: clear, aad: context })
        .map_err(|_| Error::Internal("encryption failed".into()))?;
    Ok([nonce.as_slice(), &text].concat())
}

fn decrypt(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_at_checked(12)?;
    let nonce: [u8; 12] = nonce.try_into().ok()?;
    ChaCha20Poly1305::new(&Key::from(*key)).decrypt(&Nonce::from(nonce), Payload { msg: text, aad: context }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_as_its_own_field_and_with_its_own_key() {
        let vault = Vault::new(Arc::new(Keys::generate("test")));
        let sealed = vault.seal(Field::Phone, "13800005678").expect("sealed");
        assert!(!sealed.as_str().contains("13800005678"));
        assert_eq!(vault.masked(Field::Phone, &sealed, |s| s.to_owned()).expect("opens"), "13800005678");
        assert!(vault.masked(Field::IdNumber, &sealed, |s| s.to_owned()).is_err());
        let other = Vault::new(Arc::new(Keys::generate("test")));
        assert!(other.masked(Field::Phone, &sealed, |s| s.to_owned()).is_err());
        assert_ne!(sealed, vault.seal(Field::Phone, "13800005678").expect("sealed"), "equal values look different");
    }

    #[test]
    fn the_blind_index_is_equal_for_equal_values_only() {
        let vault = Vault::new(Arc::new(Keys::generate("test")));
        assert_eq!(vault.index(Field::IdNumber, "x"), vault.index(Field::IdNumber, "x"));
        assert_ne!(vault.index(Field::IdNumber, "x"), vault.index(Field::Phone, "x"));
        assert_ne!(
            vault.index(Field::IdNumber, "x"),
            Vault::new(Arc::new(Keys::generate("test"))).index(Field::IdNumber, "x")
        );
    }
}
