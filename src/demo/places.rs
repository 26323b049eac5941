//! The villages of 蓬江区 as places: their codes and names are the division table's; what stands in their papers is made up.

use crate::{
    collectives::{NewCollective, shipped_regions},
    kernel::codes::{CreditCode, CreditCodeWarning, RegionCode, RegionLevel},
};

/// 上巷村 of 杜阮镇, as the division table of 2023 lists it.
pub const SHANGXIANG: &str = "440703103213";
/// The town of 杜阮.
pub const DURUAN: &str = "440703103000";
/// The district of 蓬江.
pub const PENGJIANG: &str = "440703000000";

/// A village-level unit and the names its papers use.
#[derive(Debug, Clone)]
pub struct Village {
    pub code: RegionCode,
    /// `上巷村` or `中心社区`.
    pub name: String,
    /// `杜阮镇`.
    pub town: String,
}

/// All 139 village-level units of the district, by code.
pub fn villages() -> Vec<Village> {
    let regions = shipped_regions();
    let town_of = |code: &RegionCode| {
        let parent = code.parent()?;
        regions.iter().find(|r| r.code == parent).map(|r| r.name.clone())
    };
    let villages = regions.iter().filter(|r| r.code.level() == RegionLevel::Village);
    villages
        .map(|r| Village {
            code: r.code.clone(),
            name: short_name(&r.name),
            town: town_of(&r.code).unwrap_or_default(),
        })
        .collect()
}

/// `上巷村委会` is the committee of 上巷村, `中心社区居委会` that of 中心社区.
fn short_name(committee: &str) -> String {
    let place = ["居民委员会", "居委会", "民委员会", "委会"].iter().find_map(|end| committee.strip_suffix(end));
    place.unwrap_or(committee).to_owned()
}

impl Village {
    /// How addresses begin.
    pub fn place(&self) -> String {
        format!("江门市蓬江区{}{}", self.town, self.name)
    }

    /// The village-level collective with a certificate that nobody issued.
    pub fn collective(&self) -> NewCollective {
        let short = self.name.trim_end_matches('村');
        paper(self.code.as_str(), format!("江门市蓬江区{}{short}股份合作经济联合社", self.town), self.place())
    }

    /// One of its groups' collectives; `None` for a number that no group has.
    pub fn group(&self, number: u8) -> Option<NewCollective> {
        let code = self.code.group(number)?;
        let short = self.name.trim_end_matches('村');
        let nth = ["一", "二", "三", "四", "五", "六", "七", "八", "九"].get(usize::from(number).checked_sub(1)?)?;
        let name = format!("江门市蓬江区{}{short}第{nth}股份合作经济社", self.town);
        Some(paper(code.as_str(), name, format!("{}第{nth}村民小组", self.place())))
    }
}

/// The collective of the town.
pub fn town_collective() -> NewCollective {
    paper(DURUAN, "江门市蓬江区杜阮镇股份合作经济联合总社".to_owned(), "江门市蓬江区杜阮镇".to_owned())
}

fn paper(code: &str, name: String, address: String) -> NewCollective {
    NewCollective {
        code: code.to_owned(),
        name,
        credit_code: credit_code(code).map(|c| c.to_string()),
        credit_code_confirmed: false,
        address,
        certificate_number: format!("示例-{code}"),
        certificate_issuer: "蓬江区农业农村局（示例）".to_owned(),
        registered_on: Some("2019-10-30".to_owned()),
        certificate_until: Some("2029-10-29".to_owned()),
    }
}

/// A credit code with right check characters whose organisation number begins with DEM, which no registrar gives out; the
/// five places after it are the place's number within the district, in base 31.
pub fn credit_code(region: &str) -> Option<CreditCode> {
    let level = match region.parse::<RegionCode>().ok()?.level() {
        RegionLevel::Group => "N1",
        RegionLevel::Village => "N2",
        _ => "N3",
    };
    coded(level, region.get(6..)?.parse().ok()?)
}

/// The code of a firm that there is not.
pub fn firm_code() -> Option<CreditCode> {
    coded("91", 1)
}

fn coded(kind: &str, mut number: usize) -> Option<CreditCode> {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut place = String::new();
    for _ in 0..5 {
        place.insert(0, ALPHABET.chars().nth(number % 31)?);
        number /= 31;
    }
    let candidates = |stem: String| ALPHABET.chars().map(move |c| format!("{stem}{c}"));
    let inner = candidates(format!("{kind}440703DEM{place}")).find(|stem| {
        let padded: Option<CreditCode> = format!("{stem}0").parse().ok();
        padded.is_some_and(|c| !c.warnings().contains(&CreditCodeWarning::OrganisationCheckDigit))
    })?;
    candidates(inner).filter_map(|full| full.parse::<CreditCode>().ok()).find(|c| c.warnings().is_empty())
}

/// `total` in parts that are to each other as `weights`, and are exactly `total` together: what rounding leaves goes to
/// the parts that lost most. Equal parts where all weights are 0.
pub fn shares(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    let weight = |w: &i64| if sum == 0 { 1 } else { i128::from(*w) };
    let all: i128 = weights.iter().map(weight).sum();
    let exact: Vec<i128> = weights.iter().map(|w| i128::from(total) * weight(w)).collect();
    let mut parts: Vec<i64> =
        exact.iter().map(|e| e.checked_div(all).and_then(|p| i64::try_from(p).ok()).unwrap_or(0)).collect();
    let mut by_loss: Vec<usize> = (0..parts.len()).collect();
    by_loss.sort_by_key(|i| std::cmp::Reverse(exact.get(*i).and_then(|e| e.checked_rem(all)).unwrap_or(0)));
    let left = total - parts.iter().sum::<i64>();
    for i in by_loss.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(part) = parts.get_mut(i) {
            *part += 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::codes::CollectiveLevel;
    use std::collections::BTreeSet;

    #[test]
    fn all_139_villages_have_their_own_names_and_right_codes() {
        let villages = villages();
        assert_eq!(villages.len(), 139);
        let papers: Vec<_> = villages.iter().map(Village::collective).collect();
        let names: BTreeSet<_> = papers.iter().map(|p| &p.name).collect();
        let codes: BTreeSet<_> = papers.iter().map(|p| &p.credit_code).collect();
        assert_eq!((names.len(), codes.len()), (139, 139));
        for paper in &papers {
            let code = CreditCode::read(paper.credit_code.as_deref().unwrap_or("")).expect("a code").code;
            assert_eq!(code.warnings_for_collective(CollectiveLevel::Village, "440703"), [], "{}", paper.name);
        }
        let home = villages.iter().find(|v| v.code.as_str() == SHANGXIANG).expect("the demo's village");
        assert_eq!((home.name.as_str(), home.town.as_str()), ("上巷村", "杜阮镇"));
        assert_eq!(home.collective().name, "江门市蓬江区杜阮镇上巷股份合作经济联合社");
        let groups: BTreeSet<_> = (1..=9).filter_map(|n| home.group(n)?.credit_code).collect();
        assert_eq!(groups.len(), 9);
        assert!(groups.iter().all(|c| c.starts_with("N1440703DEM") && !codes.contains(&Some(c.clone()))));
        assert!(firm_code().is_some_and(|c| c.warnings().is_empty() && c.level().is_none()));
        assert!(town_collective().credit_code.is_some_and(|c| c.starts_with("N3")));
    }

    #[test]
    fn shares_are_exact() {
        assert_eq!(shares(100, &[1, 1, 1]).iter().sum::<i64>(), 100);
        assert_eq!(shares(10, &[]), [0; 0]);
        assert_eq!(shares(5, &[0, 0]), [3, 2]);
        assert_eq!(shares(123_456_789, &[30, 20, 45, 5]), [37_037_037, 24_691_358, 55_555_555, 6_172_839]);
    }
}
