//! Names of people and organisations.

use std::fmt;

use super::Noted;

/// Characters a name may have. The longest names on real identity cards have about 30.
pub const LONGEST_NAME: usize = 100;

/// Why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameFault {
    Empty,
    TooLong(usize),
    /// A control or invisible formatting character, by its place counted from 1.
    Invisible {
        place: usize,
    },
    /// The mark that stands where a file was read in the wrong encoding.
    Garbled,
    NoLetter,
}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("请填写姓名或名称"),
            Self::TooLong(n) => write!(f, "名称最多 {LONGEST_NAME} 个字，现在是 {n} 个字，请核对是否粘贴了多余内容"),
            Self::Invisible { place } => write!(f, "名称第 {place} 个字是看不见的控制字符，请删除后重新输入"),
            Self::Garbled => f.write_str("名称里有乱码，请检查文件的编码，或按证件重新输入"),
            Self::NoLetter => f.write_str("名称里没有文字，请按证件填写"),
        }
    }
}
impl std::error::Error for NameFault {}

/// Dots that keyboards produce where a transliterated name has U+00B7.
const MIDDLE_DOTS: [char; 8] = ['•', '∙', '・', '･', '‧', '⋅', '．', '·'];

/// Reads a name: outer blanks go, blanks within become one (between two Chinese characters none: forms pad two-character
/// names), every middle dot becomes U+00B7. A note tells what was changed, except for outer blanks.
///
/// # Errors
/// Empty, over [`LONGEST_NAME`] characters, control characters, characters lost in a wrong encoding, or no letter at all.
pub fn read_name(text: &str) -> Result<Noted<String>, NameFault> {
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'));
    if trimmed.is_empty() {
        return Err(NameFault::Empty);
    }
    if let Some(at) = trimmed.chars().position(invisible) {
        return Err(NameFault::Invisible { place: at + 1 });
    }
    if trimmed.contains('\u{fffd}') {
        return Err(NameFault::Garbled);
    }
    let mut name = String::with_capacity(trimmed.len());
    let mut notes = Vec::new();
    let (mut blanks, mut dots) = (false, false);
    let mut letters = trimmed.chars().peekable();
    while let Some(c) = letters.next() {
        let next = letters.peek().copied();
        if c.is_whitespace() {
            let run_goes_on = next.is_some_and(char::is_whitespace);
            let padding = name.chars().last().is_some_and(is_han) && next.is_some_and(is_han);
            blanks |= run_goes_on || padding || c != ' ';
            if !run_goes_on && !padding {
                name.push(' ');
            }
        } else if MIDDLE_DOTS.contains(&c)
            || (c == '.' && name.chars().last().is_some_and(is_han) && next.is_some_and(is_han))
        {
            dots |= c != '·';
            name.push('·');
        } else {
            name.push(c);
        }
    }
    let length = name.chars().count();
    if length > LONGEST_NAME {
        return Err(NameFault::TooLong(length));
    }
    if !name.chars().any(char::is_alphabetic) {
        return Err(NameFault::NoLetter);
    }
    if blanks {
        notes.push(format!("姓名中的空格已整理，记为“{name}”"));
    }
    if dots {
        notes.push(format!("姓名中的间隔号已统一为“·”，记为“{name}”"));
    }
    Ok(Noted { value: name, notes })
}

/// Characters that change how a line reads without being seen: controls, bidirectional marks, zero-width marks.
fn invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\n' | '\r' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Han characters of the basic block, the extensions A to I and the compatibility blocks.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        read_name(text).unwrap_or_else(|f| panic!("{text}: {f}")).value
    }

    #[test]
    fn names_as_they_are_typed() {
        for (typed, expected, changed) in [
            ("张三丰", "张三丰", false),
            ("张三丰 ", "张三丰", false),
            ("阿依古丽·买买提", "阿依古丽·买买提", false),
            ("司徒•文", "司徒·文", true),
            ("古丽．阿不都", "古丽·阿不都", true),
            ("古丽.阿不都", "古丽·阿不都", true),
            ("买买提∙艾力", "买买提·艾力", true),
            ("买买提・艾力", "买买提·艾力", true),
            ("赵 六", "赵六", true),
            ("钱　七", "钱七", true),
            ("O’Neil Chan", "O’Neil Chan", false),
            ("J. Smith", "J. Smith", false),
            ("John   Smith", "John Smith", true),
            ("何（小）", "何（小）", false),
            ("李䶮", "李䶮", false),
            ("陈𬀩", "陈𬀩", false),
            ("黄𠅤", "黄𠅤", false),
        ] {
            let read = read_name(typed).unwrap_or_else(|f| panic!("{typed}: {f}"));
            assert_eq!((read.value.as_str(), !read.notes.is_empty()), (expected, changed), "{typed}");
        }
        let long = "阿卜杜热合曼·阿卜杜克热木江·吐尔逊尼牙孜";
        assert_eq!(name(long), long);
        let rare: String = std::iter::repeat_n('𠅤', 50).collect();
        assert_eq!(name(&rare), rare);
    }

    #[test]
    fn what_is_no_name() {
        assert_eq!(read_name(" 　"), Err(NameFault::Empty));
        assert_eq!(read_name("张\u{0}三"), Err(NameFault::Invisible { place: 2 }));
        assert_eq!(read_name("张\u{202e}三"), Err(NameFault::Invisible { place: 2 }));
        assert_eq!(read_name("张\n三"), Err(NameFault::Invisible { place: 2 }));
        assert_eq!(read_name("张\u{fffd}"), Err(NameFault::Garbled));
        assert_eq!(read_name("123"), Err(NameFault::NoLetter));
        assert_eq!(read_name(&"张".repeat(101)), Err(NameFault::TooLong(101)));
    }
}
