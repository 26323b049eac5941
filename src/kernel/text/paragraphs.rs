//! Text of several lines that will stand for others to read.

use crate::kernel::Problem;

/// The text without blanks around it and with plain line ends.
///
/// Errors: a field error where it is empty, longer than `most` characters, or holds control characters.
pub fn read_paragraph(field: &str, typed: &str, most: usize) -> Result<String, Problem> {
    let text = typed.trim().replace("\r\n", "\n");
    let length = text.chars().count();
    if length == 0 || length > most {
        let detail = format!("请填写 1 到 {most} 个字，现在是 {length} 个字");
        return Err(Problem::field(field, None, detail));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Problem::field(field, None, "有看不见的控制字符，请删除后重新输入"));
    }
    Ok(text)
}
