//! Times of day as people write them.

use std::fmt;

use super::compact;

/// Why a text is no time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HourFault {
    Empty,
    Shape,
}

impl fmt::Display for HourFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("请填写几点几分，例如 9:30"),
            Self::Shape => f.write_str("时间应写成 24 小时制的几点几分，例如 9:30 或 17:00"),
        }
    }
}
impl std::error::Error for HourFault {}

/// Reads hour and minute: `9:30`, `09：30`, `9点30分`, `9点半`, `17点`, `17时00分`, `0930`.
///
/// # Errors
/// An [`HourFault`]: nothing there, or no time of a day of 24 hours.
pub fn read_hour(text: &str) -> Result<(u32, u32), HourFault> {
    let typed = compact(text);
    if typed.is_empty() {
        return Err(HourFault::Empty);
    }
    let (hour, minute) = match typed.split_once([':', '点', '时']) {
        Some((hour, "")) => (hour, "0"),
        Some((hour, "半")) => (hour, "30"),
        Some((hour, minute)) => (hour, minute.strip_suffix('分').unwrap_or(minute)),
        None if typed.len() == 4 => (typed.get(..2).unwrap_or(""), typed.get(2..).unwrap_or("")),
        None => return Err(HourFault::Shape),
    };
    let number = |part: &str, most: u32| {
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        part.parse().ok().filter(|n| fits && *n <= most).ok_or(HourFault::Shape)
    };
    Ok((number(hour, 23)?, number(minute, 59)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_in_many_spellings() {
        for typed in ["9:30", "09:30", "９：３０", "9点30分", "9点半", "9时30分", "0930", " 9 : 30 "] {
            assert_eq!(read_hour(typed), Ok((9, 30)), "{typed}");
        }
        assert_eq!(read_hour("17点"), Ok((17, 0)));
        assert_eq!(read_hour(""), Err(HourFault::Empty));
        for shape in ["24:00", "9:60", "9", "九点", "9:3:0", "930", "-1:30"] {
            assert_eq!(read_hour(shape), Err(HourFault::Shape), "{shape}");
        }
    }
}
