//! QR codes as SVG, for what is scanned off paper.

use qrcode::{EcLevel, QrCode, render::svg};

use crate::db::{Error, Result};

/// Level M: a fold or a stain takes up to 15 % of it.
///
/// Errors: the text is longer than a code holds, about 2,300 bytes.
pub fn svg(text: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|e| Error::Internal(format!("QR code of {} bytes: {e}", text.len())))?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(200, 200).build())
}
