//! On which platform a lot is published, and who may do that. Pure.

use super::PLATFORM_LEVEL;
use crate::{
    access::Scope,
    kernel::Problem,
    policy::{PlatformLevel, Rule},
};

/// Digits of a place of this level: whoever acts for a place has at most so many.
const fn digits(level: PlatformLevel) -> usize {
    match level {
        PlatformLevel::Village => 14,
        PlatformLevel::Town => 9,
        PlatformLevel::County => 6,
    }
}

/// Only somebody whose place is of the lot's level, or above it, publishes the lot.
pub fn check_level(scope: &Scope, level: &Rule<PlatformLevel>) -> Result<(), Problem> {
    let reaches = match scope {
        Scope::Within(place) => place.len() <= digits(level.value),
        Scope::Only(_) => level.value == PlatformLevel::Village,
        Scope::Nothing => false,
    };
    if reaches {
        return Ok(());
    }
    let name = level.value.label();
    let detail = format!("这一宗应在{name}平台交易，请由{name}（或者更高一级）的交易员发布公告（{}）", level.basis);
    Err(Problem::new(&PLATFORM_LEVEL, detail).with("required_level", level.value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::Role, kernel::Day};

    #[test]
    fn a_higher_place_may_and_a_lower_one_may_not() {
        let rule = |value| Rule {
            value,
            basis: "当地办法".into(),
            from: Day::new(2026, 1, 1).expect("a day"),
            verified: true,
            set: "x".into(),
        };
        let may = |place: &str, level| check_level(&Scope::of(Role::TradingOfficer, place), &rule(level)).is_ok();
        let (village, town, county) = ("440703103213", "440703103000", "440703000000");
        use PlatformLevel::{County, Town, Village};
        for (place, levels) in
            [(village, vec![Village]), (town, vec![Village, Town]), (county, vec![Village, Town, County])]
        {
            for level in PlatformLevel::ALL {
                assert_eq!(may(place, *level), levels.contains(level), "{place} {level}");
            }
        }
        let refused = check_level(&Scope::of(Role::TradingOfficer, town), &rule(County)).expect_err("too low");
        assert!(refused.extra["required_level"] == "county" && refused.detail.contains("县区级"), "{refused}");
    }
}
