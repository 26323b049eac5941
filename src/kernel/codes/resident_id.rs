//! Resident identity numbers (GB 11643-1999): 6 digits of region, 8 of birth, 3 of order, one check character.

use std::fmt;

use crate::kernel::{
    Day,
    text::{Noted, half_width, mask_id},
};

crate::text_enum! {
    /// Sex as the number's 17th digit tells it (odd male, even female; GB/T 2261.1 codes 1 and 2).
    pub enum Sex { Male = "male" => "男", Female = "female" => "女" }
}

/// A resident identity number that passed every check of the standard. `Debug` and `Display` show it masked, so that
/// it cannot reach a log by accident; [`ResidentId::expose`] gives the 18 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResidentId {
    number: String,
    birth: Day,
}

/// Why a text is no resident identity number. The sentences never repeat the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResidentIdFault {
    Empty,
    /// A spreadsheet turned the number into a rounded figure such as `4.40703E+17`.
    Rounded,
    /// Neither 18 nor 15 characters; the count that was seen.
    Length(usize),
    /// A character that is no digit, by its place counted from 1.
    NotADigit {
        place: usize,
        seen: char,
    },
    /// The first two digits are no province.
    Region,
    /// Digits 7 to 14 are no day of the calendar.
    NoSuchDay {
        written: String,
    },
    /// The birth date lies after the given day.
    NotYetBorn,
    /// The last character does not fit the 17 before it.
    CheckDigit,
}

impl fmt::Display for ResidentIdFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("请填写身份证号"),
            Self::Rounded => {
                f.write_str("表格软件把身份证号变成了数值，后几位已经丢失；请把该列设为“文本”格式后重新录入")
            }
            Self::Length(n) if *n < 18 => {
                write!(f, "身份证号应为 18 位，现在是 {n} 位，少了 {} 位，请对照证件补全", 18 - n)
            }
            Self::Length(n) => write!(f, "身份证号应为 18 位，现在是 {n} 位，多了 {} 位，请对照证件核对", n - 18),
            Self::NotADigit { place, seen } => {
                write!(f, "身份证号第 {place} 位是“{seen}”，前 17 位应全是数字，最后一位是数字或 X")
            }
            Self::Region => f.write_str("身份证号开头两位不是省份代码，请对照证件核对前六位"),
            Self::NoSuchDay { written } => {
                write!(f, "身份证号里的出生日期 {written} 在日历上不存在，请核对第 7 至 14 位")
            }
            Self::NotYetBorn => f.write_str("身份证号里的出生日期还没有到，请核对第 7 至 14 位"),
            Self::CheckDigit => f.write_str("身份证号最后一位与前 17 位对不上，多半有一位录错了，请对照证件逐位核对"),
        }
    }
}
impl std::error::Error for ResidentIdFault {}

/// Provinces of GB/T 2260 by their first two digits, with 81 to 83 for the residence permits of people from Hong Kong,
/// Macao and Taiwan. A first digit of 9 marks a foreigner's permanent residence card.
const PROVINCES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
];

/// Nobody on a roster is older; a greater age is a slip of the pen more often than a record.
const OLDEST: u32 = 120;

impl ResidentId {
    /// Reads what a person typed: blanks and full-width digits are tidied, `x` becomes `X`, a 15-digit number of the
    /// first generation is upgraded (19 before the year, check character added) with a note. `today` bounds the birth
    /// date. Codes of counties that no longer exist are accepted: people keep the number of their first card.
    ///
    /// # Errors
    /// A [`ResidentIdFault`] that says which part to look at.
    pub fn read(text: &str, today: Day) -> Result<Noted<ResidentId>, ResidentIdFault> {
        let folded = half_width(text);
        let typed: String = folded
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '\u{200b}' | '\u{feff}' | '-'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if typed.is_empty() {
            return Err(ResidentIdFault::Empty);
        }
        if typed.contains("E+") {
            return Err(ResidentIdFault::Rounded);
        }
        let length = typed.chars().count();
        if length != 18 && length != 15 {
            return Err(ResidentIdFault::Length(length));
        }
        let digits = if length == 18 { 17 } else { 15 };
        let not_a_digit = typed
            .chars()
            .enumerate()
            .find(|(at, c)| !c.is_ascii_digit() && (*at < digits || *c != 'X'))
            .map(|(at, seen)| ResidentIdFault::NotADigit { place: at + 1, seen });
        if let Some(fault) = not_a_digit {
            return Err(fault);
        }
        let mut notes = Vec::new();
        let number = if length == 15 {
            notes.push("15 位旧号码已按国家标准换算成 18 位，请对照新证核对".to_owned());
            let (region, rest) = typed.split_at(6);
            let body = format!("{region}19{rest}");
            let check = check_character(&body);
            format!("{body}{check}")
        } else {
            typed
        };
        let province = number.get(..2).unwrap_or("");
        if !PROVINCES.contains(&province) && !province.starts_with('9') {
            return Err(ResidentIdFault::Region);
        }
        let birth_digits = number.get(6..14).unwrap_or("");
        let birth = birth_digits
            .parse()
            .ok()
            .and_then(Day::from_number)
            .ok_or_else(|| ResidentIdFault::NoSuchDay { written: dashed(birth_digits) })?;
        if birth > today {
            return Err(ResidentIdFault::NotYetBorn);
        }
        if !number.ends_with(check_character(number.get(..17).unwrap_or(""))) {
            return Err(ResidentIdFault::CheckDigit);
        }
        if today.years_since(birth) > OLDEST {
            notes.push(format!("按身份证号计算已超过 {OLDEST} 岁，请核对出生日期"));
        }
        Ok(Noted { value: ResidentId { number, birth }, notes })
    }

    /// The 18 characters in clear. Call it only to seal, to index or to show after the look was recorded.
    pub fn expose(&self) -> &str {
        &self.number
    }
    /// The day of birth, digits 7 to 14.
    pub fn birth(&self) -> Day {
        self.birth
    }
    /// From digit 17: odd is male, even is female.
    pub fn sex(&self) -> Sex {
        let odd = self.number.as_bytes().get(16).is_some_and(|b| b % 2 == 1);
        if odd { Sex::Male } else { Sex::Female }
    }
    /// The six digits of the county at the time of issue; the county may no longer exist.
    pub fn region(&self) -> &str {
        self.number.get(..6).unwrap_or("")
    }
    /// Whether this is the number of a residence permit for people from Hong Kong, Macao or Taiwan.
    pub fn is_residence_permit(&self) -> bool {
        matches!(self.region(), "810000" | "820000" | "830000")
    }
    /// `4407**********1234`.
    pub fn masked(&self) -> String {
        mask_id(&self.number)
    }
}

impl fmt::Display for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}
impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

fn dashed(yyyymmdd: &str) -> String {
    match (yyyymmdd.get(..4), yyyymmdd.get(4..6), yyyymmdd.get(6..)) {
        (Some(y), Some(m), Some(d)) => format!("{y}-{m}-{d}"),
        _ => yyyymmdd.to_owned(),
    }
}

/// The check character of GB 11643 (ISO 7064 MOD 11-2) for the first 17 digits.
pub fn check_character(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
    "10X98765432".chars().nth((sum % 11) as usize).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Day {
        Day::new(2026, 3, 2).expect("a day")
    }
    fn read(text: &str) -> Result<ResidentId, ResidentIdFault> {
        ResidentId::read(text, today()).map(|n| n.value)
    }

    #[test]
    fn numbers_of_the_standard_and_constructed_ones_pass() {
        for (number, sex, birth) in [
            ("11010519491231002X", Sex::Female, "1949-12-31"),
            ("440524188001010014", Sex::Male, "1880-01-01"),
            ("34052419800101001X", Sex::Male, "1980-01-01"),
            ("440703198501010019", Sex::Male, "1985-01-01"),
            ("440703199202290027", Sex::Female, "1992-02-29"),
            ("440703201506070031", Sex::Male, "2015-06-07"),
        ] {
            let id = read(number).unwrap_or_else(|f| panic!("{number}: {f}"));
            assert_eq!((id.sex(), id.birth().to_string().as_str()), (sex, birth), "{number}");
            assert_eq!(id.expose(), number);
        }
    }

    #[test]
    fn each_fault_is_named() {
        use ResidentIdFault::*;
        assert_eq!(read("440703199002290022"), Err(NoSuchDay { written: "1990-02-29".into() }));
        assert_eq!(read("440703199001011234"), Err(CheckDigit));
        assert_eq!(read("44070319850101001"), Err(Length(17)));
        assert_eq!(read("4407031985010100191"), Err(Length(19)));
        assert_eq!(read(""), Err(Empty));
        assert_eq!(read("4.40703E+17"), Err(Rounded));
        assert_eq!(read("44070319850101O019"), Err(NotADigit { place: 15, seen: 'O' }));
        assert_eq!(read("00070319850101001X"), Err(Region));
        assert_eq!(read("44070319850101001Ⅹ"), Err(NotADigit { place: 18, seen: 'Ⅹ' }));
        let day_before_birth = Day::new(2015, 6, 6).expect("a day");
        assert_eq!(ResidentId::read("440703201506070031", day_before_birth).map(|n| n.value), Err(NotYetBorn));
        assert!(Length(17).to_string().contains("少了 1 位") && Length(19).to_string().contains("多了 1 位"));
    }

    #[test]
    fn what_people_type_is_tidied() {
        assert_eq!(
            read("１１０１０５１９４９１２３１００２ｘ").map(|i| i.expose().to_owned()),
            Ok("11010519491231002X".into())
        );
        assert_eq!(read(" 440703 19850101 0019 ").map(|i| i.expose().to_owned()), Ok("440703198501010019".into()));
        let upgraded = ResidentId::read("440703850101001", today()).expect("an old number");
        assert_eq!(upgraded.value.expose(), "440703198501010019");
        assert_eq!(upgraded.notes.len(), 1);
        let old = ResidentId::read("440524188001010014", today()).expect("old, but a number");
        assert_eq!(old.notes.len(), 1, "145 years are worth a note");
    }

    #[test]
    fn residence_permits_of_hong_kong_macao_and_taiwan_use_the_same_check() {
        let body = "81000019900101001";
        let number = format!("{body}{}", check_character(body));
        let id = read(&number).expect("a permit");
        assert!(id.is_residence_permit());
        assert!(!read("440703198501010019").expect("a resident").is_residence_permit());
    }

    #[test]
    fn it_never_shows_itself_whole() {
        let id = read("440703198501010019").expect("a number");
        assert_eq!(id.masked(), "4407**********0019");
        assert!(!format!("{id:?}{id}").contains("19850101"));
    }
}
