//! The sheet for the village's notice board (LOG-6: a paper anchor): what the log stood at on a day, with the key that
//! checks it. Written by a command on the operator's machine, not served: a key from beside the log proves nothing.

use askama::Template;

use crate::{
    db::{Error, Result, Rx},
    kernel::Timestamp,
    log::{self, Standing, note::VerifierKey},
    web::{html::filters, qr},
};

#[derive(Template)]
#[template(path = "supervision/pages/board.html")]
struct Sheet {
    printed: Timestamp,
    standing: Standing,
    key: String,
    /// The signed checkpoint, word for word.
    qr: String,
}

/// The sheet as a page of its own, ready to be printed; `None` before the first head.
pub fn sheet(rx: &mut Rx<'_>, key: &VerifierKey, now: Timestamp) -> Result<Option<String>> {
    let (Some(standing), Some(head)) = (log::standing(rx)?, log::head(rx)?) else { return Ok(None) };
    let sheet = Sheet { printed: now, standing, key: key.to_string(), qr: qr::svg(&head.note)? };
    sheet.render().map(Some).map_err(|e| Error::Internal(format!("board sheet: {e}")))
}
