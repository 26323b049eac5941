//! Area as whole hundredths of a square metre (1 dm² = 0.01 m²) in an `i64`; mu (亩) is only ever derived.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An area in units of 0.01 m².
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Area(pub i64);

impl Area {
    pub const ZERO: Area = Area(0);

    /// Rounds half away from zero to 0.01 m²; `None` where the figure is not finite or out of range.
    pub fn from_square_metres(m2: f64) -> Option<Area> {
        let scaled = (m2 * 100.0).round();
        #[expect(clippy::cast_possible_truncation, reason = "range is tested on the line before")]
        (scaled.is_finite() && scaled.abs() < 9e15).then_some(Area(scaled as i64))
    }

    /// 1 mu is 2000/3 m² (1/15 ha). Hundredths of a mu, rounded half up: 300.00 m² are 45.
    pub fn mu_hundredths(self) -> i64 {
        let (num, sign) = (self.0.saturating_abs(), self.0.signum());
        sign * ((num.saturating_mul(3).saturating_add(1000)) / 2000)
    }

    /// The mu as text with two decimals: `0.45`.
    pub fn mu(self) -> String {
        let m = self.mu_hundredths();
        format!("{}{}.{:02}", if m < 0 { "-" } else { "" }, m.abs() / 100, m.abs() % 100)
    }

    /// From mu given in hundredths (`23.50` mu are 2350), rounded half up to 0.01 m².
    pub fn from_mu_hundredths(mu: i64) -> Option<Area> {
        mu.checked_mul(2000).map(|n| Area((n + 1) / 3))
    }
}

/// Shown as square metres with two decimals.
impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", abs / 100, abs % 100)
    }
}

/// The text is no area in the documents' form.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct NotAnArea;
impl fmt::Display for NotAnArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("面积应写成平方米并带两位小数的文字，例如 \"120.00\"")
    }
}
impl std::error::Error for NotAnArea {}

/// The same form as money: `(0|[1-9][0-9]{0,14})\.[0-9]{2}`, in m².
impl FromStr for Area {
    type Err = NotAnArea;
    fn from_str(text: &str) -> Result<Area, NotAnArea> {
        text.parse::<super::Fen>().map(|same| Area(same.0)).map_err(|_| NotAnArea)
    }
}
impl Serialize for Area {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Area {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mu_is_two_thousand_thirds() {
        assert_eq!(Area(30_000).mu(), "0.45"); // 300 m², domain 10.6
        assert_eq!(Area::from_mu_hundredths(2350).map(|a| a.to_string()), Some("15666.67".into()));
        assert_eq!(Area::from_square_metres(80.0), Some(Area(8000)));
        assert_eq!(Area::from_square_metres(f64::NAN), None);
    }
}
