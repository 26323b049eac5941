//! Unified social credit codes (GB 32100-2015) with the organisation code inside (GB 11714).
//!
//! Wrong length or alphabet is refused. A check digit that fails is a warning to be confirmed by a person: codes in
//! real use fail it (one public validator carries such a code as a by-hand exception).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kernel::text::half_width;

/// Values 0 to 30 of GB 32100; I, O, S, V and Z are left out because they look like digits or each other.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A code of the right shape: 18 characters of the alphabet, digits 3 to 8 a region. Its check digits may fail:
/// ask [`CreditCode::warnings`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(String);

crate::text_enum! {
    /// Level of a collective economic organisation (LREC art. 2). In the credit code the group is 1 and the township 3.
    pub enum CollectiveLevel { Group = "group" => "组级", Village = "village" => "村级", Town = "town" => "乡镇级" }
}

/// A code and what a person has to confirm before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedCreditCode {
    pub code: CreditCode,
    pub warnings: Vec<CreditCodeWarning>,
}

/// Something doubtful that does not stop the code from being recorded once confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditCodeWarning {
    /// Character 18 does not fit the 17 before it (GB 32100).
    CheckDigit,
    /// Character 17 does not fit the organisation code before it (GB 11714); some old codes are said to fail.
    OrganisationCheckDigit,
    /// Not one of N1, N2 and N3, the codes of collective economic organisations.
    NotACollective,
    /// The level in the code is not the organisation's.
    OtherLevel { coded: CollectiveLevel, stated: CollectiveLevel },
    /// The county in the code is not the organisation's.
    OtherCounty,
}

impl fmt::Display for CreditCodeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CheckDigit => {
                f.write_str("第 18 位校验码与前面对不上，多半有一位录错了；若证书上确实如此，请勾选确认后继续")
            }
            Self::OrganisationCheckDigit => {
                f.write_str("第 17 位（组织机构代码校验码）对不上；若证书上确实如此，请勾选确认后继续")
            }
            Self::NotACollective => {
                f.write_str("开头不是 N1、N2、N3，不像农村集体经济组织的代码；若证书上确实如此，请勾选确认后继续")
            }
            Self::OtherLevel { coded, stated } => {
                write!(f, "代码显示为{}，与填写的{}不一致，请核对", coded.label(), stated.label())
            }
            Self::OtherCounty => f.write_str("代码第 3 至 8 位与所在县区不一致，请核对"),
        }
    }
}

/// Why a text cannot be a credit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditCodeFault {
    Empty,
    Length(usize),
    /// A character outside the alphabet, by its place counted from 1.
    Character {
        place: usize,
        seen: char,
    },
    /// A letter among the six digits of the region.
    Region {
        place: usize,
    },
}

impl fmt::Display for CreditCodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("请填写统一社会信用代码"),
            Self::Length(n) => write!(f, "统一社会信用代码应为 18 位，现在是 {n} 位，请对照登记证核对"),
            Self::Character { place, seen } => {
                let likely = match seen {
                    'I' => "，是不是数字 1",
                    'O' => "，是不是数字 0",
                    'S' => "，是不是数字 5",
                    'Z' => "，是不是数字 2",
                    'V' => "，是不是字母 U 或 Y",
                    _ => "，请对照登记证核对",
                };
                write!(f, "统一社会信用代码第 {place} 位是“{seen}”，代码里不会出现它{likely}")
            }
            Self::Region { place } => {
                write!(f, "统一社会信用代码第 {place} 位应是数字：第 3 至 8 位是行政区划，请对照登记证核对")
            }
        }
    }
}
impl std::error::Error for CreditCodeFault {}

impl CreditCode {
    /// Reads what a person typed: blanks, dashes, small letters and full-width characters are tidied.
    ///
    /// # Errors
    /// A [`CreditCodeFault`] for a wrong length or alphabet. Check digits that fail come back as warnings.
    pub fn read(text: &str) -> Result<CheckedCreditCode, CreditCodeFault> {
        let typed: String = half_width(text)
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\'' | '\u{200b}' | '\u{feff}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let length = typed.chars().count();
        match length {
            0 => return Err(CreditCodeFault::Empty),
            18 => {}
            n => return Err(CreditCodeFault::Length(n)),
        }
        for (at, seen) in typed.chars().enumerate() {
            if !ALPHABET.contains(seen) {
                return Err(CreditCodeFault::Character { place: at + 1, seen });
            }
            if (2..8).contains(&at) && !seen.is_ascii_digit() {
                return Err(CreditCodeFault::Region { place: at + 1 });
            }
        }
        let code = CreditCode(typed);
        let warnings = code.warnings();
        Ok(CheckedCreditCode { code, warnings })
    }

    /// The check digits that fail; empty for most codes.
    pub fn warnings(&self) -> Vec<CreditCodeWarning> {
        let mut warnings = Vec::new();
        if self.0.chars().last() != outer_check(&self.0) {
            warnings.push(CreditCodeWarning::CheckDigit);
        }
        if self.0.chars().nth(16) != organisation_check(self.0.get(8..16).unwrap_or("")) {
            warnings.push(CreditCodeWarning::OrganisationCheckDigit);
        }
        warnings
    }

    /// The check digits, and whether the code fits a collective of `level` in the county of six digits `county`.
    pub fn warnings_for_collective(&self, level: CollectiveLevel, county: &str) -> Vec<CreditCodeWarning> {
        let mut warnings = self.warnings();
        match self.level() {
            None => warnings.push(CreditCodeWarning::NotACollective),
            Some(coded) if coded != level => warnings.push(CreditCodeWarning::OtherLevel { coded, stated: level }),
            Some(_) => {}
        }
        // The registrar is the county's department, so its first four digits (the city) settle a county that was
        // renumbered since.
        if self.region().get(..4) != county.get(..4) {
            warnings.push(CreditCodeWarning::OtherCounty);
        }
        warnings
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The six digits of the registrar's region.
    pub fn region(&self) -> &str {
        self.0.get(2..8).unwrap_or("")
    }
    /// N1 group, N2 village, N3 township; `None` for every other kind of organisation.
    pub fn level(&self) -> Option<CollectiveLevel> {
        match self.0.get(..2) {
            Some("N1") => Some(CollectiveLevel::Group),
            Some("N2") => Some(CollectiveLevel::Village),
            Some("N3") => Some(CollectiveLevel::Town),
            _ => None,
        }
    }
}

/// GB 32100: 31 − (Σ value × weight mod 31), where 31 counts as 0.
fn outer_check(code: &str) -> Option<char> {
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let sum: usize = code.chars().zip(WEIGHTS).map(|(c, w)| ALPHABET.find(c).unwrap_or(0) * w).sum();
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

/// GB 11714: 11 − (Σ value × weight mod 11), where 10 is `X` and 11 is `0`. Letters count 10 to 35 here.
fn organisation_check(body: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(36).unwrap_or(0) * w).sum();
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        n => char::from_digit(n, 10),
    }
}

impl FromStr for CreditCode {
    type Err = CreditCodeFault;
    /// The shape only; check digits are not looked at.
    fn from_str(text: &str) -> Result<Self, CreditCodeFault> {
        Self::read(text).map(|checked| checked.code)
    }
}
impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl Serialize for CreditCode {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for CreditCode {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CreditCodeWarning::*;

    fn warnings(text: &str) -> Vec<CreditCodeWarning> {
        CreditCode::read(text).unwrap_or_else(|f| panic!("{text}: {f}")).warnings
    }

    #[test]
    fn codes_that_pass_both_checks() {
        for text in [
            "N2440883MF528326XF",
            "91350100M000100Y43",
            "91110000802100433B",
            "91440300708461136T",
            "N2440703MF0000013M",
            "N1440703MF0000021K",
            "N3440703MF000003X5",
            "N2440703MF1001018J",
            "N1440703MF1001026G",
            "N1440606766567748T",
        ] {
            assert_eq!(warnings(text), [], "{text}");
        }
    }

    #[test]
    fn a_failing_check_digit_is_a_warning_and_not_a_wall() {
        assert_eq!(warnings("N2440703MF0000013L"), [CheckDigit]);
        assert_eq!(warnings("12100000400006945J"), [CheckDigit, OrganisationCheckDigit]);
        assert_eq!(warnings("914403007109310121"), [CheckDigit, OrganisationCheckDigit]);
        assert_eq!(warnings("91350203M0001QAY9B").len(), 1, "the public by-hand exception");
    }

    #[test]
    fn shape_is_a_wall() {
        let fault = |text: &str| CreditCode::read(text).expect_err("refused");
        assert_eq!(fault("N2440703MF00000I3M"), CreditCodeFault::Character { place: 16, seen: 'I' });
        assert_eq!(fault("N2440703MF0000013"), CreditCodeFault::Length(17));
        assert_eq!(fault("  "), CreditCodeFault::Empty);
        assert_eq!(fault("N24407A3MF0000013M"), CreditCodeFault::Region { place: 7 });
        assert!(fault("N2440703MF00000I3M").to_string().contains("数字 1"));
    }

    #[test]
    fn levels_and_counties() {
        let code = CreditCode::read(" n2440703-mf000001-3m ").expect("tidied").code;
        assert_eq!(code.as_str(), "N2440703MF0000013M");
        assert_eq!((code.level(), code.region()), (Some(CollectiveLevel::Village), "440703"));
        assert_eq!(code.warnings_for_collective(CollectiveLevel::Village, "440703"), []);
        assert_eq!(
            code.warnings_for_collective(CollectiveLevel::Group, "440103"),
            [OtherLevel { coded: CollectiveLevel::Village, stated: CollectiveLevel::Group }, OtherCounty]
        );
        let firm: CreditCode = "91440300708461136T".parse().expect("a firm");
        assert_eq!(firm.warnings_for_collective(CollectiveLevel::Village, "440703"), [NotACollective, OtherCounty]);
    }
}
