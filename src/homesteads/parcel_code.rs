//! The parcel code (宗地代码, 19 characters) and the real-estate unit code (不动产单元号, 28) of GB/T 37346.

use std::{fmt, str::FromStr};

use crate::kernel::Problem;

/// A parcel code in its layers: county 6, cadastral district 3, sub-district 3, feature 2, sequence 5.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ParcelCode(String);

impl ParcelCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The county's region code, six digits.
    pub fn county(&self) -> &str {
        self.0.get(..6).unwrap_or_default()
    }

    /// The two feature letters (宗地特征码), `JC` for a homestead: J collectively owned, C homestead right.
    pub fn feature(&self) -> &str {
        self.0.get(12..14).unwrap_or_default()
    }

    pub fn is_homestead(&self) -> bool {
        self.feature() == "JC"
    }

    /// The number within its kind and sub-district, without leading zeros: what a map's label shows.
    pub fn sequence(&self) -> &str {
        self.0.get(14..).unwrap_or_default().trim_start_matches('0')
    }

    /// The 28-character unit code with a fixture part such as `F00010001` (a house) or `W00000000` (bare land).
    pub fn unit(&self, fixture: &str) -> Result<String, Problem> {
        let mut chars = fixture.chars();
        let letter = chars.next();
        let digits = fixture.len() == 9 && chars.all(|c| c.is_ascii_digit());
        let fits = match letter {
            Some('W') => fixture == "W00000000",
            Some('F' | 'L' | 'Q') => digits,
            _ => false,
        };
        if fits {
            Ok(format!("{}{fixture}", self.0))
        } else {
            Err(Problem::field(
                "fixture",
                Some(fixture),
                "定着物代码应是 9 位：F（房屋）、L（林木）或 Q（其他）加 8 位数字；没有定着物写 W00000000",
            ))
        }
    }
}

/// Printed in groups: `440703 103001 JC00001`.
impl fmt::Display for ParcelCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the code, blanks between its groups and small letters allowed; the refusal says which layer is wrong.
impl FromStr for ParcelCode {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let code: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        let refuse = |detail: String| Err(Problem::field("parcel_code", Some(text), detail));
        let length = code.chars().count();
        if length != 19 || !code.is_ascii() {
            return refuse(format!("宗地代码应是 19 位字母和数字（现在 {length} 位），例如 440703103001JC00001"));
        }
        let (district, rest) = code.split_at(12);
        let (feature, sequence) = rest.split_at(2);
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !digits(district) {
            return refuse("宗地代码前 12 位（县级区划 6 位、地籍区 3 位、地籍子区 3 位）应全是数字".to_owned());
        }
        if district.starts_with('0') {
            return refuse("宗地代码前 6 位应是县级行政区划代码，例如 440703".to_owned());
        }
        let (owner, right) = feature.split_at(1);
        if !["G", "J", "Z"].contains(&owner) {
            return refuse(format!("宗地代码第 13 位是土地所有权：J 集体、G 国家、Z 未确定，不能是“{owner}”"));
        }
        if !right.chars().all(|c| "ABCDEFGHSWXY".contains(c)) {
            return refuse(format!("宗地代码第 14 位是权利种类，宅基地写 C，不能是“{right}”"));
        }
        if owner != "J" && ["A", "C"].contains(&right) {
            return refuse(format!("宗地代码第 13、14 位“{feature}”不相配：宅基地只能是集体土地，写 JC"));
        }
        if !digits(sequence) || sequence == "00000" {
            return refuse("宗地代码最后 5 位是顺序号，从 00001 到 99999".to_owned());
        }
        Ok(ParcelCode(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_layers() {
        let code: ParcelCode = "440703 103001 jc00001".parse().expect("valid");
        assert_eq!(code.as_str(), "440703103001JC00001");
        assert_eq!((code.county(), code.feature(), code.sequence()), ("440703", "JC", "1"));
        assert!(code.is_homestead());
        assert!("440703103001GB00012".parse::<ParcelCode>().is_ok_and(|c| !c.is_homestead()));
        // domain 10.7
        assert_eq!(code.unit("F00010001").map(|u| u.len()).ok(), Some(28));
        for bad in ["", "F0001001", "X00010001", "W00000001", "Ｆ00010001"] {
            assert!(code.unit(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn says_which_part_is_wrong() {
        for (bad, word) in [
            ("440703103001JC0001", "18 位"),
            ("440703103001JC000012", "20 位"),
            ("44070310300AJC00001", "前 12 位"),
            ("040703103001JC00001", "前 6 位"),
            ("440703103001XC00001", "第 13 位"),
            ("440703103001JQ00001", "第 14 位"),
            ("440703103001GC00001", "不相配"),
            ("440703103001JC00000", "顺序号"),
            ("440703103001JC0000X", "顺序号"),
            ("宗地四四零七零三一零三零零一零零零零一", "19 位字母"),
        ] {
            let refused = bad.parse::<ParcelCode>().expect_err(bad);
            assert!(refused.detail.contains(word), "{bad}: {refused}");
        }
    }
}
