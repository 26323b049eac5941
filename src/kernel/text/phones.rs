//! Telephone numbers.

use std::fmt;

use super::compact;

/// The text is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneFault {
    Empty,
    /// Begins like a mobile number but has another number of digits; the count that was seen.
    MobileLength(usize),
    Shape,
}

impl fmt::Display for PhoneFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("请填写联系电话"),
            Self::MobileLength(n) => write!(f, "手机号应为 11 位，现在是 {n} 位，请核对"),
            Self::Shape => f.write_str("联系电话应是 11 位手机号，或带区号的固定电话，例如 0750-1234567"),
        }
    }
}
impl std::error::Error for PhoneFault {}

/// Reads a telephone number and writes it one way: a mobile number as 11 digits, a fixed line as `0750-1234567`, a number
/// of Hong Kong or Macao as `+85291234567`.
///
/// # Errors
/// A [`PhoneFault`]; a fixed line needs its area code.
pub fn read_phone(text: &str) -> Result<String, PhoneFault> {
    let typed: String = compact(text).chars().filter(|c| !matches!(c, '-' | '(' | ')' | '–' | '—')).collect();
    if typed.is_empty() {
        return Err(PhoneFault::Empty);
    }
    let national = typed.strip_prefix("+86").or_else(|| typed.strip_prefix("0086")).unwrap_or(&typed);
    for abroad in ["852", "853"] {
        let local = typed.strip_prefix('+').or_else(|| typed.strip_prefix("00")).and_then(|t| t.strip_prefix(abroad));
        if let Some(local) = local {
            let fits = local.len() == 8 && local.bytes().all(|b| b.is_ascii_digit());
            return if fits { Ok(format!("+{abroad}{local}")) } else { Err(PhoneFault::Shape) };
        }
    }
    if !national.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PhoneFault::Shape);
    }
    match national.as_bytes() {
        [b'1', b'3'..=b'9', ..] if national.len() == 11 => Ok(national.to_owned()),
        [b'1', b'3'..=b'9', ..] if (9..=13).contains(&national.len()) => Err(PhoneFault::MobileLength(national.len())),
        // 010 and 02x are the three-digit area codes.
        [b'0', b'1' | b'2', ..] if (10..=11).contains(&national.len()) => Ok(split_at(national, 3)),
        [b'0', b'3'..=b'9', ..] if (11..=12).contains(&national.len()) => Ok(split_at(national, 4)),
        _ => Err(PhoneFault::Shape),
    }
}

fn split_at(number: &str, area: usize) -> String {
    let (code, local) = number.split_at(area.min(number.len()));
    format!("{code}-{local}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_one_way() {
        for (typed, written) in [
            ("13800005678", "13800005678"),
            ("138 0000 5678", "13800005678"),
            ("+86 138-0000-5678", "13800005678"),
            ("１３８００００５６７８", "13800005678"),
            ("07501234567", "0750-1234567"),
            ("(0750) 1234567", "0750-1234567"),
            ("020-12345678", "020-12345678"),
            ("+852 9123 4567", "+85291234567"),
        ] {
            assert_eq!(read_phone(typed).as_deref(), Ok(written), "{typed}");
        }
        assert_eq!(read_phone("1380000567"), Err(PhoneFault::MobileLength(10)));
        for bad in ["1234567", "12345678901", "电话", "0750-123", "+8521234", "138000056ab"] {
            assert_eq!(read_phone(bad), Err(PhoneFault::Shape), "{bad}");
        }
    }
}
