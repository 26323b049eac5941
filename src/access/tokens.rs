//! Short-lived tokens for the API (JWT, HS256) and form tokens for pages.

use std::sync::{Arc, Once};

use hmac::{Hmac, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::ErrorKind,
    signature::{Error as SignatureError, Signer, Verifier},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::store::SessionRecord;
use crate::{
    db::{Error, Result},
    kernel::{Id, Timestamp, hex},
};

/// Seconds a bearer token is good for; then it is refreshed.
pub const TOKEN_S: i64 = 600;

#[derive(Serialize, Deserialize)]
struct Claims {
    sid: String,
    iat: i64,
    exp: i64,
}

/// Makes and reads tokens with the installation's key.
#[derive(Clone)]
pub struct TokenKeys(Arc<[u8; 32]>);

impl TokenKeys {
    pub fn new(key: [u8; 32]) -> TokenKeys {
        static ONCE: Once = Once::new();
        // The library allows one provider a process; ours knows HS256 and nothing else.
        ONCE.call_once(|| {
            let _already = PROVIDER.install_default();
        });
        TokenKeys(Arc::new(key))
    }

    pub(super) fn issue(&self, session: &Id<SessionRecord>, now: Timestamp) -> Result<String> {
        let iat = now.0.div_euclid(1_000_000);
        let claims = Claims { sid: session.to_string(), iat, exp: iat + TOKEN_S };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(self.0.as_slice()))
            .map_err(|e| Error::Internal(format!("token: {e}")))
    }

    /// The session a token names, if it is ours and not past its end at `now`.
    pub(super) fn read(&self, token: &str, now: Timestamp) -> Option<Id<SessionRecord>> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false; // against our clock below, not the machine's
        validation.required_spec_claims.clear();
        let data =
            jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(self.0.as_slice()), &validation).ok()?;
        (now.0.div_euclid(1_000_000) < data.claims.exp).then(|| data.claims.sid.parse().ok()).flatten()
    }

    /// What a form of this session must send back in `csrf`.
    pub fn form_token(&self, session: &str) -> String {
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC takes a key of any length")
        };
        mac.update(b"form");
        mac.update(session.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// How a token stands in the database.
pub(super) fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

struct Hs256(Vec<u8>);

impl Hs256 {
    fn mac(&self, message: &[u8]) -> std::result::Result<Hmac<Sha256>, SignatureError> {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0).map_err(|_| SignatureError::new())?;
        mac.update(message);
        Ok(mac)
    }
}
impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, SignatureError> {
        Ok(self.mac(message)?.finalize().into_bytes().to_vec())
    }
}
impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), SignatureError> {
        self.mac(message)?.verify_slice(signature).map_err(|_| SignatureError::new())
    }
}
impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(key.as_bytes().to_vec()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(key.try_get_as_bytes()?.to_vec()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_and_another_key_reads_nothing() {
        let (keys, now) = (TokenKeys::new([7; 32]), Timestamp(1_000_000_000_000_000));
        let session: Id<SessionRecord> = Id::from_trusted("ses_1");
        let token = keys.issue(&session, now).expect("a token");
        assert_eq!(keys.read(&token, now.plus_s(TOKEN_S - 1)), Some(session));
        assert_eq!(keys.read(&token, now.plus_s(TOKEN_S)), None);
        assert_eq!(TokenKeys::new([8; 32]).read(&token, now), None);
        assert_eq!(keys.read("eyJhbGciOiJub25lIn0.eyJzaWQiOiJzZXNfMSJ9.", now), None);
    }
}
