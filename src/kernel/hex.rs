//! Bytes as lower-case hexadecimal text.

/// `[0x0a, 0xff]` is `0aff`.
pub fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}
