//! What people type and what they read: names, amounts, areas, days and phone numbers in the many spellings of forms
//! and spreadsheets; amounts in capitals; masking of personal data by kind.
//!
//! Promise: a reader takes every spelling that can mean one thing only, says so in a note where it changed something a
//! person should look at, and refuses the rest with one sentence that names the remedy. Nothing is guessed.

mod capitals;
mod days;
mod figures;
mod hours;
mod mails;
mod mask;
mod names;
mod paragraphs;
mod phones;

pub use capitals::capitals;
pub use days::{DayFault, read_day};
pub use figures::{AmountFault, AreaFault, AreaUnit, read_area, read_yuan};
pub use hours::{HourFault, read_hour};
pub use mails::{MailFault, read_mail};
pub use mask::{mask_account, mask_id, mask_mail, mask_name, mask_phone};
pub use names::{LONGEST_NAME, NameFault, read_name};
pub use paragraphs::read_paragraph;
pub use phones::{PhoneFault, read_phone};

/// A value read from what a person typed, with a sentence for each change that the person should see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted<T> {
    pub value: T,
    pub notes: Vec<String>,
}

impl<T> Noted<T> {
    /// A value taken as it was typed.
    pub fn plain(value: T) -> Self {
        Self { value, notes: Vec::new() }
    }
}

/// Full-width letters, digits and signs (U+FF01 to U+FF5E, `￥`) as their ASCII twins, the ideographic and no-break
/// blanks as a blank.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
            '￥' => '¥',
            '\u{3000}' | '\u{a0}' => ' ',
            other => other,
        })
        .collect()
}

/// Tidied for reading figures: half width, without blanks, zero-width marks and the apostrophe by which spreadsheets
/// force text.
fn compact(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '\u{200b}' | '\u{feff}')).collect()
}
