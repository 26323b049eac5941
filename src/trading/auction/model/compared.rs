//! A price as it is compared where answers to the criteria of a notice count beside it. Whole numbers only: what is compared
//! is never rounded.

use std::cmp::Ordering;

use super::Direction;
use crate::kernel::Fen;

/// A hundred per cent, in basis points: points are hundredths of a per cent of the price.
pub const FULL: i64 = 10_000;

/// A price and what the bidder's answers are worth. Going up a price counts as price × (10000 + points) ÷ 10000, going down
/// as price × 10000 ÷ (10000 + points): in both directions points make it better. The greater is the better one.
#[derive(Debug, Clone, Copy)]
pub struct Compared {
    pub direction: Direction,
    pub price: Fen,
    /// Basis points; 0 where none were granted.
    pub points: i64,
}

impl Compared {
    /// Numerator and denominator of the compared price, in fen.
    fn fraction(&self) -> (i128, i128) {
        let (price, full) = (i128::from(self.price.0), i128::from(FULL));
        let weighted = full + i128::from(self.points);
        match self.direction {
            Direction::Up => (price * weighted, full),
            Direction::Down => (price * full, weighted),
        }
    }

    /// The compared price in yuan, with two decimals or as many more as it has; `None` where its decimals do not end.
    pub fn exact(&self) -> Option<String> {
        let (mut numerator, denominator) = self.fraction();
        let mut rest = denominator / gcd(numerator, denominator);
        let mut decimals = 2_usize;
        // Each decimal more takes a 2 and a 5 out of the denominator; what has another factor never ends.
        while rest != 1 {
            let taken = gcd(rest, 10);
            if taken == 1 {
                return None;
            }
            rest /= taken;
            numerator = numerator.checked_mul(10)?;
            decimals += 1;
        }
        let digits = format!("{:0>width$}", numerator / denominator, width = decimals + 1);
        let (yuan, fraction) = digits.split_at(digits.len() - decimals);
        Some(format!("{yuan}.{fraction}"))
    }

    /// The compared price for people: whole, or cut off after whole fen where its decimals do not end.
    pub fn told(&self) -> String {
        let Some(exact) = self.exact() else {
            return format!("约 {}", self.cut_off().grouped());
        };
        let (yuan, fraction) = exact.split_once('.').unwrap_or((exact.as_str(), "00"));
        match format!("{yuan}.00").parse::<Fen>() {
            Ok(yuan) => format!("{}.{fraction}", yuan.grouped().trim_end_matches(".00")),
            Err(_) => exact,
        }
    }

    /// `按 105,000.00`, `按约 95,238.09`.
    pub fn by(&self) -> String {
        let told = self.told();
        if told.starts_with('约') { format!("按{told}") } else { format!("按 {told}") }
    }

    fn cut_off(&self) -> Fen {
        let (numerator, denominator) = self.fraction();
        Fen(i64::try_from(numerator / denominator).unwrap_or(i64::MAX))
    }
}

impl Ord for Compared {
    fn cmp(&self, other: &Compared) -> Ordering {
        let ((a, b), (c, d)) = (self.fraction(), other.fraction());
        // a/b against c/d, multiplied out: prices are no more than 2^63 and points no more than 10000.
        let by_price = (a * d).cmp(&(c * b));
        match self.direction {
            Direction::Up => by_price,
            Direction::Down => by_price.reverse(),
        }
    }
}

impl PartialOrd for Compared {
    fn partial_cmp(&self, other: &Compared) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Compared {
    fn eq(&self, other: &Compared) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Compared {}

/// Never 0 where `b` is above 0.
fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(direction: Direction, price: i64, points: i64) -> Compared {
        Compared { direction, price: Fen(price), points }
    }

    #[test]
    fn points_make_a_price_better_in_both_directions() {
        let up = |price, points| of(Direction::Up, price, points);
        assert!(up(10_000_000, 500) > up(10_400_000, 0) && up(10_000_000, 500) < up(10_500_001, 0));
        assert_eq!(up(10_000_000, 500), up(10_500_000, 0));
        let down = |price, points| of(Direction::Down, price, points);
        assert!(down(10_500_000, 500) > down(10_000_001, 0) && down(10_500_000, 500) < down(9_999_999, 0));
        assert_eq!(down(10_500_000, 500), down(10_000_000, 0));
        // A difference that any rounding to a fen would lose.
        assert!(up(3, 1) > up(3, 0) && down(3, 1) > down(3, 0));
        assert!(up(i64::MAX, FULL) > up(i64::MAX, FULL - 1) && down(i64::MAX, FULL) > down(i64::MAX, 0));
    }

    #[test]
    fn decimals_are_told_where_they_end() {
        let told = |direction, price, points| of(direction, price, points).exact();
        assert_eq!(told(Direction::Up, 10_000_000, 500).as_deref(), Some("105000.00"));
        assert_eq!(told(Direction::Up, 70_001, 350).as_deref(), Some("724.51035"));
        assert_eq!(told(Direction::Up, 1, 1).as_deref(), Some("0.010001"));
        assert_eq!(told(Direction::Down, 10_500_000, 500).as_deref(), Some("100000.00"));
        assert_eq!(told(Direction::Down, 10_000, 2_500).as_deref(), Some("80.00"));
        assert_eq!(told(Direction::Down, 1, 6_384).as_deref(), Some("0.006103515625"), "16384 is 2 to the 14th");
        assert_eq!(told(Direction::Down, 10_000_000, 500), None);
        assert_eq!(of(Direction::Down, 10_000_000, 500).cut_off(), Fen(9_523_809));
        assert_eq!(told(Direction::Up, 0, 500).as_deref(), Some("0.00"));
        assert_eq!(of(Direction::Up, 123_456_789, 350).told(), "1,277,777.76615");
        assert_eq!(of(Direction::Down, 10_000_000, 500).told(), "约 95,238.09");
    }
}
