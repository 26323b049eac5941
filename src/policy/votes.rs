//! Which body decides, how many must come and how many must agree: fractions, counted upwards.
//!
//! Promise: a number of people needed is never less than the fraction of the law (LREC arts. 26, 28, 31): two thirds of 800
//! are 534.

use toml::Value;

crate::text_enum! {
    /// Who decides on a trade.
    pub enum Body as "DecisionBody" {
        /// Every member with full capacity for civil conduct (LREC art. 26).
        MemberAssembly = "member_assembly" => "成员大会",
        /// Elected by 5 to 15 households each, more than twenty (LREC art. 28).
        MemberRepresentatives = "member_representatives" => "成员代表大会",
        /// One of each household of a villagers' group (VCOL art. 28).
        HouseholdRepresentatives = "household_representatives" => "户代表会议",
        VillagerAssembly = "villager_assembly" => "村民会议",
        VillagerRepresentatives = "villager_representatives" => "村民代表会议",
        /// LREC arts. 29 and 31.
        Board = "board" => "理事会",
    }
}

impl Body {
    /// The key of its rule.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Body::MemberAssembly => "vote_member_assembly",
            Body::MemberRepresentatives => "vote_member_representatives",
            Body::HouseholdRepresentatives => "vote_household_representatives",
            Body::VillagerAssembly => "vote_villager_assembly",
            Body::VillagerRepresentatives => "vote_villager_representatives",
            Body::Board => "vote_board",
        }
    }
}

/// A part of a number of people: `2/3` is at least two thirds, `>1/2` more than a half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    part: u32,
    whole: u32,
    more_than: bool,
}

impl Share {
    pub(super) fn read(text: &str) -> Result<Share, String> {
        let (more_than, fraction) = text.strip_prefix('>').map_or((false, text), |rest| (true, rest));
        let number = |text: &str| text.trim().parse::<u32>().ok().filter(|n| (1..=100).contains(n));
        fraction
            .split_once('/')
            .and_then(|(part, whole)| Some(Share { part: number(part)?, whole: number(whole)?, more_than }))
            .filter(|share| share.part <= share.whole)
            .ok_or_else(|| format!("“{text}”应写成 \"2/3\"（不少于）或 \">1/2\"（超过）"))
    }

    /// The least number of people that is this part of `people`.
    pub fn least_of(self, people: u32) -> u32 {
        let (product, whole) = (u64::from(people) * u64::from(self.part), u64::from(self.whole));
        let least = if self.more_than { product / whole + 1 } else { product.div_ceil(whole) };
        u32::try_from(least).unwrap_or(u32::MAX)
    }

    /// `2/3 以上`, `超过 1/2`.
    pub fn words(self) -> String {
        let fraction = format!("{}/{}", self.part, self.whole);
        if self.more_than { format!("超过 {fraction}") } else { format!("{fraction} 以上") }
    }
}

/// Of whom those in favour are a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// Everybody who may vote.
    Entitled,
    /// Who came.
    Present,
}

impl Base {
    pub const fn label(self) -> &'static str {
        match self {
            Base::Entitled => "应到",
            Base::Present => "实到",
        }
    }
}

/// How many must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Majority {
    pub share: Share,
    pub of: Base,
}

/// How a body decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    /// Fewest people that the body must have.
    pub size: u32,
    /// How many must come.
    pub quorum: Share,
    pub majority: Majority,
}

impl Majority {
    pub(super) fn read(value: &Value) -> Result<Majority, String> {
        let share = share(value, "pass")?;
        let of = match value.get("of").and_then(Value::as_str) {
            Some("entitled") => Base::Entitled,
            Some("present") => Base::Present,
            _ => return Err("of 应为 \"entitled\"（应到）或 \"present\"（实到）".into()),
        };
        Ok(Majority { share, of })
    }

    /// How many must agree, of so many.
    pub fn least(self, entitled: u32, present: u32) -> u32 {
        self.share.least_of(match self.of {
            Base::Entitled => entitled,
            Base::Present => present,
        })
    }
}

impl Vote {
    pub(super) fn read(value: &Value) -> Result<Vote, String> {
        let size = match value.get("size") {
            None => 1,
            Some(found) => found.as_integer().and_then(|n| u32::try_from(n).ok()).ok_or("size 应为整数，例如 21")?,
        };
        Ok(Vote { size, quorum: share(value, "quorum")?, majority: Majority::read(value)? })
    }
}

fn share(value: &Value, name: &str) -> Result<Share, String> {
    let text = value.get(name).and_then(Value::as_str).ok_or_else(|| format!("value 里缺少 {name}"))?;
    Share::read(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn least(share: &str, people: u32) -> u32 {
        Share::read(share).expect("a share").least_of(people)
    }

    // domain 10.3.
    #[test]
    fn people_are_counted_upwards() {
        let of_members = [(800, 534), (801, 534), (799, 533), (45, 30), (46, 31), (21, 14), (7, 5), (5, 4), (3, 2)];
        for (people, needed) in of_members {
            assert_eq!(least("2/3", people), needed, "two thirds of {people}");
        }
        for (people, needed) in [(800, 600), (801, 601), (799, 600)] {
            assert_eq!(least("3/4", people), needed, "three quarters of {people}");
        }
        for (directors, needed) in [(7, 4), (5, 3), (3, 2), (4, 3)] {
            assert_eq!(least(">1/2", directors), needed, "more than a half of {directors}");
        }
        assert_eq!((least("1/2", 4), least("2/3", 0), least(">1/2", u32::MAX)), (2, 0, 2_147_483_648));
    }

    #[test]
    fn a_share_that_is_none_is_refused() {
        for text in ["", "2", "0/3", "3/2", "2/0", ">", "2/x", "-1/2"] {
            assert!(Share::read(text).is_err(), "{text}");
        }
    }
}
