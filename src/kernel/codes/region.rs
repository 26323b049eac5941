//! Places by the statistical division code: 12 digits, or 14 for a villagers' group.
//!
//! Digits: 2 province, 2 city, 2 county, 3 township, 3 village, 2 group; what a place does not reach is zero. The
//! whole country is twelve zeros, so that every place has a way up to one root.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

crate::text_enum! {
    /// How deep in the tree a place stands.
    pub enum RegionLevel {
        Country = "country" => "全国", Province = "province" => "省", City = "city" => "市", County = "county" => "县区",
        Town = "town" => "镇街", Village = "village" => "村", Group = "group" => "组",
    }
}

/// Where each level's digits end, from the province down.
const ENDS: [(RegionLevel, usize); 6] = [
    (RegionLevel::Province, 2),
    (RegionLevel::City, 4),
    (RegionLevel::County, 6),
    (RegionLevel::Town, 9),
    (RegionLevel::Village, 12),
    (RegionLevel::Group, 14),
];

/// A node of the region tree, as text of 12 digits (14 for a group).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode(String);

/// The text is no region code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARegionCode;
impl fmt::Display for NotARegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("区划代码应为 12 位数字，村民小组为 14 位，例如 440703103000")
    }
}
impl std::error::Error for NotARegionCode {}

impl RegionCode {
    /// The root: the whole country.
    pub fn country() -> RegionCode {
        RegionCode("000000000000".to_owned())
    }

    /// Reads a code whose trailing zeros may be left out, as people and tables write it: `44`, `4407`, `440703`,
    /// `440703103`, or in full.
    ///
    /// # Errors
    /// Another number of digits, or something that is no digit.
    pub fn read(text: &str) -> Result<RegionCode, NotARegionCode> {
        let digits: String = crate::kernel::text::half_width(text).trim().to_owned();
        match digits.len() {
            2 | 4 | 6 | 9 => format!("{digits:0<12}").parse(),
            _ => digits.parse(),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn level(&self) -> RegionLevel {
        self.significant().0
    }

    /// The digits that this place and everything below it begin with: `440703103` for a township, empty for the country.
    pub fn prefix(&self) -> &str {
        self.0.get(..self.significant().1).unwrap_or("")
    }

    /// The place one step up; `None` for the country. A city without counties (东莞) is its townships' parent.
    pub fn parent(&self) -> Option<RegionCode> {
        let (_, end) = self.significant();
        let above = ENDS.iter().rev().map(|(_, e)| *e).find(|e| *e < end).unwrap_or(0);
        (end > 0).then(|| RegionCode(format!("{:0<12}", self.0.get(..above).unwrap_or(""))))
    }

    /// Whether `other` is this place or lies within it.
    pub fn contains(&self, other: &RegionCode) -> bool {
        other.0.starts_with(self.prefix())
    }

    /// This place and every place above it, the country last.
    pub fn ancestry(&self) -> impl Iterator<Item = RegionCode> {
        std::iter::successors(Some(self.clone()), RegionCode::parent)
    }

    /// The six digits of the county, zeros where the place stands above one.
    pub fn county(&self) -> &str {
        self.0.get(..6).unwrap_or("")
    }

    /// The group numbered 1 to 99 of this village; `None` for any other level or number.
    pub fn group(&self, number: u8) -> Option<RegionCode> {
        (self.level() == RegionLevel::Village && (1..=99).contains(&number))
            .then(|| RegionCode(format!("{}{number:02}", self.0)))
    }

    fn significant(&self) -> (RegionLevel, usize) {
        let mut start = 0;
        let mut deepest = (RegionLevel::Country, 0);
        for (level, end) in ENDS {
            if self.0.get(start..end).is_some_and(|part| part.bytes().any(|b| b != b'0')) {
                deepest = (level, end);
            }
            start = end;
        }
        deepest
    }
}

/// Exactly 12 digits, or 14 of which the last two are not zero.
impl FromStr for RegionCode {
    type Err = NotARegionCode;
    fn from_str(text: &str) -> Result<Self, NotARegionCode> {
        let shape = matches!(text.len(), 12 | 14) && text.bytes().all(|b| b.is_ascii_digit());
        let code = RegionCode(text.to_owned());
        let group_in_village = text.len() == 12
            || (code.level() == RegionLevel::Group && text.get(9..12).is_some_and(|village| village != "000"));
        if shape && group_in_village { Ok(code) } else { Err(NotARegionCode) }
    }
}
impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl Serialize for RegionCode {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for RegionCode {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}
impl utoipa::PartialSchema for RegionCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[0-9]{12}([0-9]{2})?$"))
            .into()
    }
}
impl utoipa::ToSchema for RegionCode {}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        RegionCode::read(text).unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn every_level_knows_its_parent() {
        let group = code("44070310320401");
        let chain: Vec<_> = group.ancestry().map(|c| (c.level(), c.prefix().to_owned())).collect();
        use RegionLevel::*;
        let expected = [
            (Group, "44070310320401"),
            (Village, "440703103204"),
            (Town, "440703103"),
            (County, "440703"),
            (City, "4407"),
            (Province, "44"),
            (Country, ""),
        ];
        assert_eq!(chain, expected.map(|(l, p)| (l, p.to_owned())));
        assert_eq!(code("440703103204").group(1), Some(group));
        assert_eq!(code("440703103000").group(1), None);
    }

    #[test]
    fn a_city_without_counties_is_the_parent_of_its_townships() {
        let town = code("441900003000"); // 东莞东城街道
        assert_eq!(town.level(), RegionLevel::Town);
        assert_eq!(town.parent(), Some(code("4419")));
        assert!(code("4419").contains(&town));
    }

    #[test]
    fn a_place_contains_itself_and_what_lies_below() {
        let town = code("440703103");
        assert!(town.contains(&town) && town.contains(&code("440703103204")) && town.contains(&code("44070310320401")));
        assert!(!town.contains(&code("440703102204")) && !town.contains(&code("440703")));
        assert!(RegionCode::country().contains(&code("44")) && !code("44").contains(&RegionCode::country()));
    }

    #[test]
    fn only_twelve_or_fourteen_digits() {
        for bad in [
            "",
            "44070310300",
            "4407031032040",
            "44070310320400",
            "44070300000001",
            "44070310320x",
            "４４０７０３１０３０００",
        ] {
            assert_eq!(bad.parse::<RegionCode>(), Err(NotARegionCode), "{bad}");
        }
        assert_eq!(RegionCode::read("４４０７０３"), Ok(code("440703000000")));
    }
}
