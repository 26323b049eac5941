//! Personal data is sealed by type.
//!
//! Promise:
//! - ID numbers, phones, bank accounts and addresses stand in the database only as [`Sealed`]: encrypted under a key of
//!   their own, which is wrapped by the vault's key (envelope encryption, ChaCha20-Poly1305). Destroying the stored text
//!   destroys the value.
//! - They are looked up by a keyed blind index, shown masked, and opened in clear only by [`Vault::open`], which takes the
//!   reason and records the look in the transparency log.
//! - A clear value ([`Clear`]) cannot be serialised or printed; a page, an API answer or a log entry cannot hold one.

mod keys;
mod sealed;

pub use keys::Keys;
pub use sealed::{BlindIndex, Clear, Field, Look, Sealed, Vault};
