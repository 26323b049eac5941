//! Days as people and spreadsheets write them.

use std::fmt;

use super::half_width;
use crate::kernel::Day;

/// Why a text is no day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayFault {
    Empty,
    Shape,
    /// The parts are clear but the calendar has no such day.
    NoSuchDay {
        year: i32,
        month: u32,
        day: u32,
    },
    /// A year outside 1800 to 2199: a slip of the pen.
    Year(i32),
    /// Five digits: the number by which spreadsheets store a day.
    SerialNumber,
}

impl fmt::Display for DayFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("请填写日期，例如 2026-01-05"),
            Self::Shape => f.write_str("日期应写明年、月、日，例如 2026-01-05 或 2026年1月5日"),
            Self::NoSuchDay { year, month, day } => write!(f, "日历上没有 {year} 年 {month} 月 {day} 日，请核对"),
            Self::Year(year) => write!(f, "年份 {year} 不像是对的，请核对日期"),
            Self::SerialNumber => {
                f.write_str("这是表格软件内部的日期序号，请把单元格格式设为“日期”后重新保存，或写成 2026-01-05")
            }
        }
    }
}
impl std::error::Error for DayFault {}

/// Reads a day: `2026年1月5日`, `2026-1-5`, `2026/1/5`, `2026.1.5`, `20260105`, in full or half width; a time of day after
/// it is dropped where it is midnight (spreadsheets add it).
///
/// # Errors
/// A [`DayFault`]. Nothing is guessed: two-digit years, month first and day numbers of spreadsheets are refused.
pub fn read_day(text: &str) -> Result<Day, DayFault> {
    let folded = half_width(text);
    let mut typed = folded.trim().trim_start_matches('\'');
    for midnight in ["T00:00:00", " 00:00:00", " 0:00:00", " 0:00", " 00:00"] {
        typed = typed.strip_suffix(midnight).unwrap_or(typed);
    }
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if typed.is_empty() {
        return Err(DayFault::Empty);
    }
    if typed.len() == 8 && typed.bytes().all(|b| b.is_ascii_digit()) {
        return match (typed.get(..4), typed.get(4..6), typed.get(6..)) {
            (Some(y), Some(m), Some(d)) => from_parts(y, m, d),
            _ => Err(DayFault::Shape),
        };
    }
    if typed.len() == 5 && typed.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DayFault::SerialNumber);
    }
    if let Some((year, rest)) = typed.split_once('年') {
        let (month, day) = rest.split_once('月').ok_or(DayFault::Shape)?;
        let day = day.strip_suffix(['日', '号']).unwrap_or(day);
        return from_parts(year, month, day);
    }
    for separator in ['-', '/', '.'] {
        let parts: Vec<&str> = typed.split(separator).collect();
        if let [year, month, day] = parts.as_slice() {
            return from_parts(year, month, day);
        }
    }
    Err(DayFault::Shape)
}

fn from_parts(year: &str, month: &str, day: &str) -> Result<Day, DayFault> {
    let number = |s: &str, digits: std::ops::RangeInclusive<usize>| -> Result<u32, DayFault> {
        let fits = digits.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
        if fits { s.parse().map_err(|_| DayFault::Shape) } else { Err(DayFault::Shape) }
    };
    let year = i32::try_from(number(year, 4..=4)?).map_err(|_| DayFault::Shape)?;
    let (month, day) = (number(month, 1..=2)?, number(day, 1..=2)?);
    if !(1800..2200).contains(&year) {
        return Err(DayFault::Year(year));
    }
    Day::new(year, month, day).ok_or(DayFault::NoSuchDay { year, month, day })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_day_in_many_spellings() {
        for typed in [
            "2026年1月5日",
            "2026年01月05日",
            "2026年1月5号",
            "2026-1-5",
            "2026-01-05",
            "2026/1/5",
            "2026.1.5",
            "20260105",
            "２０２６年１月５日",
            " 2026 年 1 月 5 日 ",
            "2026-01-05 00:00:00",
            "2026-01-05T00:00:00",
            "2026/1/5 0:00",
            "'2026-1-5",
        ] {
            assert_eq!(read_day(typed), Ok(Day::new(2026, 1, 5).expect("a day")), "{typed}");
        }
    }

    #[test]
    fn what_is_not_clear_is_refused() {
        use DayFault::*;
        assert_eq!(read_day("1990-02-29"), Err(NoSuchDay { year: 1990, month: 2, day: 29 }));
        assert_eq!(read_day("20261305"), Err(NoSuchDay { year: 2026, month: 13, day: 5 }));
        assert_eq!(read_day("46027"), Err(SerialNumber));
        assert_eq!(read_day("0026-01-05"), Err(Year(26)));
        for shape in ["26-1-5", "1/5/2026", "2026年1月", "2026-01-05 08:30", "明天", "2026-1", "2026-1-5-6", "2026--5"]
        {
            assert_eq!(read_day(shape), Err(Shape), "{shape}");
        }
        assert_eq!(read_day(" 　"), Err(Empty));
    }
}
