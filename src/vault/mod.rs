//! Personal data is sealed by type.
//!
//! Promise:
//! - ID numbers, phones, bank accounts and addresses stand in the database only as [`Sealed`]: encrypted under a key of
//!   their own, which is wrapped by the vault's key (envelope encryption, ChaCha20-Poly1305). Destroying the stored text
//!   destroys the value.
//! - They are looked up by a keyed blind index, shown masked, and opened in clear only by [`Vault::open`], which takes the
//!   reason and records the look in the transparency log: who, when and which field in public, the reason as a salted
//!   digest. The reason itself is for auditors and for the person concerned.
//! - A clear value ([`Clear`]) cannot be serialised or printed; a page, an API answer or a log entry cannot hold one.

mod erased;
mod keys;
mod sealed;
mod store;

pub use erased::{ERASED_NAME, Whom};
pub use keys::Keys;
pub use sealed::{BlindIndex, Clear, Field, Look, Sealed, Vault};
pub use store::{erase_reasons, reasons};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::LookRow::LOGGED]
}
