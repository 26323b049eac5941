//! Password hashing: argon2id with 19 MiB, two passes (OWASP's first choice), at most two at a time, so that a flood of
//! sign-ins costs time and not the server's memory.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::{
    db::{Error, Result},
    kernel::Problem,
};

#[derive(Clone)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Passwords(Arc::new(Semaphore::new(2)))
    }
}

impl Passwords {
    /// Length in characters that a new password must have.
    pub const SHORTEST: usize = 8;

    /// Hashes on a thread for blocking work, when a place is free.
    pub async fn hash(&self, password: String) -> Result<String> {
        let _place = self.0.acquire().await.map_err(|_| Error::Stopped)?;
        tokio::task::spawn_blocking(move || hash_now(&password))
            .await
            .map_err(|_| Error::Internal("hashing panicked".into()))?
    }

    /// Whether the password belongs to the hash. Without a hash (no such account) the same work is done for nothing, so
    /// that the time of the answer does not tell which names exist.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let _place = self.0.acquire().await.map_err(|_| Error::Stopped)?;
        let work = move || match hash {
            Some(hash) => PasswordHash::new(&hash)
                .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()),
            None => hash_now(&password).is_err(),
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Internal("hashing panicked".into()))
    }
}

/// Hashes on the calling thread: for the command line.
pub fn hash_now(password: &str) -> Result<String> {
    if password.chars().count() < Passwords::SHORTEST {
        return Err(Problem::field("password", None, format!("密码至少要有 {} 个字符", Passwords::SHORTEST)).into());
    }
    let hash =
        Argon2::default().hash_password(password.as_bytes()).map_err(|e| Error::Internal(format!("argon2: {e}")))?;
    Ok(hash.to_string())
}
