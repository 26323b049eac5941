//! What a reason may be. Pure.

use crate::kernel::{Problem, text};

crate::codes! {
    NO_SUCH_REMARK 404 "no_such_remark" "本项目没有这个转账备注的报名；请照竞买人的报名回执核对";
}

const LONGEST_REASON: usize = 200;
/// Seven digits in a row are a telephone number or more.
const DIGITS_OF_A_PERSON: usize = 7;

/// Errors: a field error; the reason becomes public and names nobody by a number.
pub fn read_reason(typed: &str) -> Result<String, Problem> {
    let reason = typed.trim();
    let length = reason.chars().count();
    if length == 0 || length > LONGEST_REASON || reason.chars().any(char::is_control) {
        let detail = format!("请写明为什么要看，最多 {LONGEST_REASON} 个字；竞价结束后公开");
        return Err(Problem::field("reason", None, detail));
    }
    let digits = text::half_width(reason);
    let longest = digits.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    if longest >= DIGITS_OF_A_PERSON {
        return Err(Problem::field("reason", None, "理由会公开，请不要写电话号码、身份证号或账号，也不要写姓名"));
    }
    Ok(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_given_and_names_nobody_by_a_number() {
        assert!(read_reason(" 核对申报的优先权 ").is_ok());
        for wrong in ["", "  ", "查 13800001111", "\u{7}"] {
            assert!(read_reason(wrong).is_err(), "{wrong}");
        }
    }
}
