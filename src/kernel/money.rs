//! Money as whole fen (0.01 yuan) in an `i64`. No float touches it; sums are checked.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in fen, 1/100 yuan (CNY). The range of `i64` is far above any amount the documents allow
/// (15 digits before the point), so a sum that overflows is a bug in its input and is refused, never wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fen(pub i64);

impl Fen {
    pub const ZERO: Fen = Fen(0);
    /// The least amount above zero.
    pub const ONE: Fen = Fen(1);
    /// The greatest amount a document may hold: `999999999999999.99` yuan.
    pub const MAX: Fen = Fen(99_999_999_999_999_999);

    pub fn checked_add(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }
    pub fn checked_sub(self, other: Fen) -> Option<Fen> {
        self.0.checked_sub(other.0).map(Fen)
    }
    pub fn checked_mul(self, times: i64) -> Option<Fen> {
        self.0.checked_mul(times).map(Fen)
    }
    /// Sums, `None` on overflow.
    pub fn checked_sum(items: impl IntoIterator<Item = Fen>) -> Option<Fen> {
        items.into_iter().try_fold(Fen::ZERO, Fen::checked_add)
    }
    /// `1234567.89` shown as `1,234,567.89`, for people; documents for programs use `Display`.
    pub fn grouped(self) -> String {
        let plain = self.to_string();
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |d| ("-", d));
        let (yuan, fen) = digits.split_once('.').unwrap_or((digits, "00"));
        let mut out = String::from(sign);
        for (i, c) in yuan.chars().enumerate() {
            if i > 0 && (yuan.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        out.push('.');
        out.push_str(fen);
        out
    }
}

/// Shown as yuan with two decimals: `820.00`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", abs / 100, abs % 100)
    }
}

/// The text is no amount in the one form that documents use.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct NotAnAmount;

impl fmt::Display for NotAnAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("金额应写成元并带两位小数的文字，例如 \"820.00\"，整数部分不超过 15 位")
    }
}
impl std::error::Error for NotAnAmount {}

/// Reads exactly `(0|[1-9][0-9]{0,14})\.[0-9]{2}`: the form of every document. What people type goes through
/// `kernel::text` first.
impl FromStr for Fen {
    type Err = NotAnAmount;
    fn from_str(text: &str) -> Result<Fen, NotAnAmount> {
        let (yuan, fen) = text.split_once('.').ok_or(NotAnAmount)?;
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        let fits = digits(yuan) && digits(fen) && fen.len() == 2 && yuan.len() <= 15;
        if !fits || (yuan.len() > 1 && yuan.starts_with('0')) {
            return Err(NotAnAmount);
        }
        let yuan: i64 = yuan.parse().map_err(|_| NotAnAmount)?;
        let fen: i64 = fen.parse().map_err(|_| NotAnAmount)?;
        yuan.checked_mul(100).and_then(|y| y.checked_add(fen)).map(Fen).ok_or(NotAnAmount)
    }
}

impl Serialize for Fen {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_the_documents_form() {
        assert_eq!("820.00".parse(), Ok(Fen(82_000)));
        assert_eq!("0.05".parse(), Ok(Fen(5)));
        assert_eq!("999999999999999.99".parse(), Ok(Fen::MAX));
        for bad in [
            "",
            "1",
            "1.0",
            "1.000",
            "01.00",
            "-1.00",
            "+1.00",
            "1e3",
            " 1.00",
            "1,000.00",
            "1000000000000000.00",
            "１.00",
        ] {
            assert_eq!(bad.parse::<Fen>(), Err(NotAnAmount), "{bad}");
        }
    }

    #[test]
    fn shows_yuan() {
        assert_eq!(Fen(123_456_789).to_string(), "1234567.89");
        assert_eq!(Fen(123_456_789).grouped(), "1,234,567.89");
        assert_eq!(Fen(-5).to_string(), "-0.05");
        assert_eq!(Fen(99_999).grouped(), "999.99");
    }
}
