//! Numbers that look drawn by lot, and are the same in every run: one seed gives one village.

/// SplitMix64: its sequence is no library's to change.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// From `low` to `high`, both included; `low` where they are the wrong way round.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.next() % width).unwrap_or(0))
    }

    /// True in `percent` of a hundred draws.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of `from`; `None` where there is nothing to draw.
    pub fn one_of<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = self.below(from.len());
        from.get(at)
    }

    /// One of `from`, each as likely as its weight says; the first where all weights are 0.
    pub fn weighted<'a, T>(&mut self, from: &'a [(T, u32)]) -> Option<&'a T> {
        let total: i64 = from.iter().map(|(_, weight)| i64::from(*weight)).sum();
        let mut rest = self.between(1, total.max(1));
        for (thing, weight) in from {
            rest -= i64::from(*weight);
            if rest <= 0 {
                return Some(thing);
            }
        }
        from.first().map(|(thing, _)| thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_kept_and_the_sequence_stays() {
        let mut draw = Draw::new(1);
        let drawn: Vec<char> =
            (0..10_000).filter_map(|_| draw.weighted(&[('a', 70), ('b', 30), ('c', 0)]).copied()).collect();
        let count = |c| drawn.iter().filter(|d| **d == c).count();
        assert!((6_700..7_300).contains(&count('a')) && count('c') == 0, "{}", count('a'));
        assert_eq!(Draw::new(7).between(1, 1_000_000), Draw::new(7).between(1, 1_000_000));
        assert_eq!((Draw::new(7).below(0), Draw::new(7).between(5, 4)), (0, 5));
    }
}
