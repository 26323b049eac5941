//! Bytes as lower-case hexadecimal text.

/// `[0x0a, 0xff]` is `0aff`.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        let _infallible = write!(text, "{b:02x}");
        text
    })
}
