//! The sentence of who examines. Pure.

use crate::kernel::FieldError;

/// Longest sentence, in characters: it stands in a line of the bidder's page.
const LONGEST_NOTE: usize = 200;

/// What was compared, or what is lacking. `example` shows the examiner of this kind of paper how it is meant.
///
/// Errors: of the field `note`.
pub fn read_note(typed: &str, example: &str) -> Result<String, FieldError> {
    let note = typed.trim();
    if note.is_empty() || note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control) {
        let detail = format!("请写明核对了什么，或者缺什么（最多 {LONGEST_NOTE} 个字，写在一行里），例如 {example}");
        return Err(FieldError::new("note", None, detail));
    }
    Ok(note.to_owned())
}

#[cfg(test)]
mod tests {
    use super::read_note;

    #[test]
    fn a_sentence_is_one_line_of_at_most_two_hundred_characters() {
        let longest = "核".repeat(200);
        assert_eq!(read_note(&format!(" {longest} "), "一致"), Ok(longest.clone()));
        for typed in [" ", "核对\n一致", &format!("{longest}对")] {
            let fault = read_note(typed, "户口簿一致").expect_err(typed);
            assert!(fault.field() == "note" && fault.detail.ends_with("例如 户口簿一致"), "{typed}");
        }
    }
}
