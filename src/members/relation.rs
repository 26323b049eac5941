//! Relation to the head of the household by the codes of GB/T 4761, as the land-contract standard NY/T 2539 lists them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kernel::text::half_width;

/// Code 98 is not in the list this was taken from (a public copy of NY/T 2539's dictionary).
const RELATIONS: [(&str, &str); 84] = [
    ("01", "本人"),
    ("02", "户主"),
    ("10", "配偶"),
    ("11", "夫"),
    ("12", "妻"),
    ("20", "子"),
    ("21", "独生子"),
    ("22", "长子"),
    ("23", "次子"),
    ("24", "三子"),
    ("25", "四子"),
    ("26", "五子"),
    ("27", "养子或继子"),
    ("28", "女婿"),
    ("29", "其他儿子"),
    ("30", "女"),
    ("31", "独生女"),
    ("32", "长女"),
    ("33", "次女"),
    ("34", "三女"),
    ("35", "四女"),
    ("36", "五女"),
    ("37", "养女或继女"),
    ("38", "儿媳"),
    ("39", "其他女儿"),
    ("40", "孙子、孙女或外孙子、外孙女"),
    ("41", "孙子"),
    ("42", "孙女"),
    ("43", "外孙子"),
    ("44", "外孙女"),
    ("45", "孙媳妇或外孙媳妇"),
    ("46", "孙女婿或外孙女婿"),
    ("47", "曾孙子或外曾孙子"),
    ("48", "曾孙女或外曾孙女"),
    ("49", "其他孙子、孙女或外孙子、外孙女"),
    ("50", "父母"),
    ("51", "父亲"),
    ("52", "母亲"),
    ("53", "公公"),
    ("54", "婆婆"),
    ("55", "岳父"),
    ("56", "岳母"),
    ("57", "继父或养父"),
    ("58", "继母或养母"),
    ("59", "其他父母关系"),
    ("60", "祖父母或外祖父母"),
    ("61", "祖父"),
    ("62", "祖母"),
    ("63", "外祖父"),
    ("64", "外祖母"),
    ("65", "配偶的祖父母或外祖父母"),
    ("66", "曾祖父"),
    ("67", "曾祖母"),
    ("68", "配偶的曾祖父母或外曾祖父母"),
    ("69", "其他祖父母或外祖父母"),
    ("70", "兄弟姐妹"),
    ("71", "兄"),
    ("72", "嫂"),
    ("73", "弟"),
    ("74", "弟媳"),
    ("75", "姐姐"),
    ("76", "姐夫"),
    ("77", "妹妹"),
    ("78", "妹夫"),
    ("79", "其他兄弟姐妹"),
    ("80", "其他"),
    ("81", "伯父"),
    ("82", "伯母"),
    ("83", "叔父"),
    ("84", "婶母"),
    ("85", "舅父"),
    ("86", "舅母"),
    ("87", "姨夫"),
    ("88", "姨母"),
    ("89", "姑父"),
    ("90", "姑母"),
    ("91", "堂兄弟、堂姐妹"),
    ("92", "表兄弟、表姐妹"),
    ("93", "侄子"),
    ("94", "侄女"),
    ("95", "外甥"),
    ("96", "外甥女"),
    ("97", "其他亲属"),
    ("99", "非亲属"),
];

/// Words people write instead of the list's.
const OTHER_WORDS: [(&str, &str); 30] = [
    ("户主本人", "02"),
    ("妻子", "12"),
    ("老婆", "12"),
    ("丈夫", "11"),
    ("配偶(妻)", "12"),
    ("配偶(夫)", "11"),
    ("儿子", "20"),
    ("独子", "21"),
    ("长儿", "22"),
    ("女儿", "30"),
    ("独女", "31"),
    ("媳妇", "38"),
    ("婿", "28"),
    ("养子", "27"),
    ("继子", "27"),
    ("养女", "37"),
    ("继女", "37"),
    ("孙", "40"),
    ("外孙", "43"),
    ("父", "51"),
    ("母", "52"),
    ("爸爸", "51"),
    ("妈妈", "52"),
    ("爷爷", "61"),
    ("奶奶", "62"),
    ("哥哥", "71"),
    ("弟弟", "73"),
    ("姐", "75"),
    ("妹", "77"),
    ("曾孙", "47"),
];

/// Relation to the head of the household: a two-digit code of GB/T 4761. The head is 02; 01 (本人) is read as the head only
/// where a household has no 02, for real data has 02 in nearly every household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relation(&'static str);

/// The word or code is not in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotARelation;
impl fmt::Display for NotARelation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("与户主关系应填国家标准里的名称或代码，例如 户主、妻、子、女、父亲、母亲、儿媳、孙子、其他")
    }
}
impl std::error::Error for NotARelation {}

impl Relation {
    pub const HEAD: Relation = Relation("02");
    pub const SELF: Relation = Relation("01");
    pub const OTHER: Relation = Relation("80");

    /// Every relation with its name, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Relation> {
        RELATIONS.iter().map(|(code, _)| Relation(code))
    }

    /// Reads a code, a name of the list, or a common other word (`妻子`, `儿子`, `之女`).
    ///
    /// # Errors
    /// [`NotARelation`].
    pub fn read(text: &str) -> Result<Relation, NotARelation> {
        let typed: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
        let word = typed.strip_prefix('之').unwrap_or(&typed);
        let by_code = if word.len() == 1 { format!("0{word}") } else { word.to_owned() };
        RELATIONS
            .iter()
            .find(|(code, name)| *name == word || by_code == *code)
            .map(|(code, _)| *code)
            .or_else(|| OTHER_WORDS.iter().find(|(other, _)| *other == word).map(|(_, code)| *code))
            .map(Relation)
            .ok_or(NotARelation)
    }

    /// The two digits.
    pub const fn as_str(&self) -> &'static str {
        self.0
    }

    /// The two digits.
    pub const fn code(self) -> &'static str {
        self.0
    }

    pub fn label(self) -> &'static str {
        RELATIONS.iter().find(|(code, _)| *code == self.0).map_or("", |(_, name)| name)
    }
}

/// The two digits, as stored and sent.
impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
impl FromStr for Relation {
    type Err = NotARelation;
    fn from_str(text: &str) -> Result<Self, NotARelation> {
        Self::read(text)
    }
}
impl Serialize for Relation {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.0)
    }
}
impl<'de> Deserialize<'de> for Relation {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_names_and_other_words() {
        for (typed, code) in [
            ("户主", "02"),
            ("02", "02"),
            ("2", "02"),
            ("本人", "01"),
            ("妻子", "12"),
            ("之妻", "12"),
            ("儿子", "20"),
            ("次女", "33"),
            ("０２", "02"),
            ("儿 媳", "38"),
            ("其他", "80"),
        ] {
            assert_eq!(Relation::read(typed), Ok(Relation(code)), "{typed}");
        }
        for bad in ["", "98", "00", "朋友的朋友", "002", "-1"] {
            assert_eq!(Relation::read(bad), Err(NotARelation), "{bad}");
        }
        assert_eq!(Relation::all().count(), 84);
        for relation in Relation::all() {
            assert_eq!(Relation::read(relation.label()).map(Relation::label), Ok(relation.label()));
            assert_eq!(relation.to_string().parse(), Ok(relation));
        }
        for (word, code) in OTHER_WORDS {
            assert!(!Relation(code).label().is_empty(), "{word} names a code of the list");
        }
    }
}
