//! Papers and photos: minutes, approvals, certificates, pictures of assets.
//!
//! Promise: a paper is stored encrypted, once for equal contents, and named in the log by the SHA-256 and the SM3 of its encrypted
//! form;
//! it is never changed or removed, only marked; the proof of a person who is erased loses its contents. Who may read it follows from its collective, or it is public by decision of
//! who brought it. What it is, is told by its first bytes, never by its name; photos lose the place where they were taken.

pub mod api;
mod contents;
mod service;
mod store;

pub use api::respond;
pub use contents::MediaType;
pub use service::{
    ALL as CODES, Content, Document, NewDocument, NewProof, Visibility, add, content, erase_proof, find_public, get,
    keep_proof, list, proof_content, proof_sha256, public_content,
};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::DocumentRow::LOGGED]
}
