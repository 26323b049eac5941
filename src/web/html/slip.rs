//! The slip of a record: where its newest word stands in the log, on its page and on paper.

use super::Layout;
use crate::{db, log::OnRecord, web::qr};

/// What `parts::slip` shows. The code leads to the entry's page and ends with the entry's hash, so that a sheet of paper
/// holds the hash itself and not only an address.
#[derive(Debug, Clone)]
pub struct Slip {
    pub seq: i64,
    /// Whether a signed head covers it.
    pub placed: bool,
    /// base64, RFC 6962 leaf hash.
    pub leaf: String,
    /// SVG.
    pub qr: String,
}

impl Slip {
    /// Errors: the installation's address is too long for a code.
    pub fn of(layout: &Layout, record: &OnRecord) -> db::Result<Slip> {
        let leaf = record.leaf.to_string();
        let qr = qr::svg(&format!("{}/log/entries/{}#{leaf}", layout.origin, record.seq))?;
        Ok(Slip { seq: record.seq, placed: record.index.is_some(), leaf, qr })
    }
}
