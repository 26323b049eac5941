//! Working days: deadlines counted by the State Council's holiday calendar, with its working weekends (调休).
//!
//! Promise: a day outside the covered years is refused with the year that is missing and never guessed; the calendar of
//! a coming year is a text file that an administrator loads. Everything here is pure: the shipped table is embedded.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::LazyLock,
};

use chrono::{Datelike, Weekday};

use crate::kernel::{Day, Problem, text::read_day};

crate::codes! {
    CALENDAR_MISSING 409 "calendar_missing" "系统里还没有这一年的放假安排";
}

/// Which days are working days, for the years it covers. Days that are not named follow Monday to Friday.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i32>,
    /// Exceptions with the holiday that causes them; `true` for a working day.
    exceptions: BTreeMap<Day, (bool, String)>,
}

/// A deadline falls in a year whose holiday notice has not been loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingYear(pub i32);

impl fmt::Display for MissingYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.0;
        write!(
            f,
            "系统里还没有 {year} 年的放假安排，算不出工作日；请管理员在“工作日历”导入国务院办公厅发布的 {year} 年放假通知"
        )
    }
}
impl std::error::Error for MissingYear {}

impl From<MissingYear> for Problem {
    fn from(missing: MissingYear) -> Self {
        Problem::new(&CALENDAR_MISSING, missing.to_string()).with("year", missing.0)
    }
}

/// A line of a calendar file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFault {
    /// Counted from 1; 0 for the file as a whole.
    pub line: usize,
    pub reason: String,
}

impl fmt::Display for CalendarFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "工作日历文件：{}", self.reason),
            line => write!(f, "工作日历文件第 {line} 行：{}", self.reason),
        }
    }
}
impl std::error::Error for CalendarFault {}

impl Calendar {
    /// The calendar that comes with the program, 2020 to 2026.
    pub fn shipped() -> &'static Calendar {
        // A test reads the embedded table, so the empty calendar, which refuses every day, is never seen.
        static SHIPPED: LazyLock<Calendar> =
            LazyLock::new(|| Calendar::parse(include_str!("workdays.csv")).unwrap_or_default());
        &SHIPPED
    }

    /// Reads a calendar file: lines `year,2027`, `off,2027-01-01,元旦`, `work,2027-01-03,元旦`; `#` begins a remark. A year must
    /// be covered by its own line before its days are named, so that a file cut short is noticed.
    ///
    /// # Errors
    /// The first line that cannot be read and why.
    pub fn parse(text: &str) -> Result<Calendar, CalendarFault> {
        let mut calendar = Calendar::default();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let fault = |reason: String| CalendarFault { line: at + 1, reason };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut parts = line.splitn(3, ',').map(str::trim);
            let (kind, what, why) =
                (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            match kind {
                "year" => {
                    let year = what.parse().ok().filter(|y| (1990..2200).contains(y));
                    let year = year.ok_or_else(|| fault(format!("“{what}”不是年份，应写成 year,2027")))?;
                    if !calendar.years.insert(year) {
                        return Err(fault(format!("{year} 年写了两遍")));
                    }
                }
                "off" | "work" => {
                    let day = read_day(what).map_err(|f| fault(f.to_string()))?;
                    if !calendar.years.contains(&day.0.year()) {
                        return Err(fault(format!("{day} 之前应先有一行 year,{}", day.0.year())));
                    }
                    if calendar.exceptions.insert(day, (kind == "work", why.to_owned())).is_some() {
                        return Err(fault(format!("{day} 写了两遍")));
                    }
                }
                _ => return Err(fault("每行应以 year、off（放假）或 work（上班）开头".to_owned())),
            }
        }
        if calendar.years.is_empty() {
            return Err(CalendarFault {
                line: 0, reason: "没有任何一年的安排，应至少有一行 year,2027".to_owned()
            });
        }
        Ok(calendar)
    }

    /// This calendar with the years of `update` replaced or added.
    #[must_use]
    pub fn updated(&self, update: &Calendar) -> Calendar {
        let mut merged = self.clone();
        merged.exceptions.retain(|day, _| !update.years.contains(&day.0.year()));
        merged.exceptions.extend(update.exceptions.clone());
        merged.years.extend(&update.years);
        merged
    }

    /// The years it covers, in order.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.iter().copied()
    }

    /// Whether people work on `day`.
    ///
    /// # Errors
    /// [`MissingYear`] where the year is not covered.
    pub fn is_working_day(&self, day: Day) -> Result<bool, MissingYear> {
        if !self.years.contains(&day.0.year()) {
            return Err(MissingYear(day.0.year()));
        }
        let weekend = matches!(day.0.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(self.exceptions.get(&day).map_or(!weekend, |(works, _)| *works))
    }

    /// The holiday by which `day` is free, or for which it is worked in advance or after.
    pub fn holiday_name(&self, day: Day) -> Option<&str> {
        self.exceptions.get(&day).map(|(_, why)| why.as_str())
    }

    /// The `n`-th working day after `start`, which is not counted (Civil Code art. 201). `n` = 0 gives `start`.
    ///
    /// # Errors
    /// [`MissingYear`] where the count runs into a year that is not covered.
    pub fn plus_working_days(&self, start: Day, n: u32) -> Result<Day, MissingYear> {
        let mut day = start;
        for _ in 0..n {
            day = self.period_end(day.plus_days(1))?;
        }
        Ok(day)
    }

    /// The `n`-th working day before `end`, which is not counted: the latest day to begin a period of `n` working days.
    ///
    /// # Errors
    /// [`MissingYear`] where the count runs into a year that is not covered.
    pub fn minus_working_days(&self, end: Day, n: u32) -> Result<Day, MissingYear> {
        let mut day = end;
        for _ in 0..n {
            day = day.minus_days(1);
            while !self.is_working_day(day)? {
                day = day.minus_days(1);
            }
        }
        Ok(day)
    }

    /// Working days after `start` up to and with `end`; 0 where `end` is not later.
    ///
    /// # Errors
    /// [`MissingYear`] where the span touches a year that is not covered.
    pub fn working_days_between(&self, start: Day, end: Day) -> Result<u32, MissingYear> {
        let mut count = 0;
        let mut day = start;
        while day < end {
            day = day.plus_days(1);
            count += u32::from(self.is_working_day(day)?);
        }
        Ok(count)
    }

    /// The last day of a period that would end on `day`: that day, or the next working day where it is free (Civil Code
    /// art. 203).
    ///
    /// # Errors
    /// [`MissingYear`] where the search runs into a year that is not covered.
    pub fn period_end(&self, day: Day) -> Result<Day, MissingYear> {
        let mut day = day;
        while !self.is_working_day(day)? {
            day = day.plus_days(1);
        }
        Ok(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap_or_else(|_| panic!("{text}"))
    }
    fn plus(start: &str, n: u32) -> Result<String, MissingYear> {
        Calendar::shipped().plus_working_days(day(start), n).map(|d| d.to_string())
    }

    #[test]
    fn the_shipped_table_holds_every_year_in_full() {
        let calendar = Calendar::parse(include_str!("workdays.csv")).expect("the embedded table");
        let counts: Vec<u32> = calendar
            .years()
            .map(|y| {
                let first = day(&format!("{y}-01-01"));
                let works_first = u32::from(calendar.is_working_day(first).expect("covered"));
                works_first + calendar.working_days_between(first, day(&format!("{y}-12-31"))).expect("covered")
            })
            .collect();
        assert_eq!(calendar.years().collect::<Vec<_>>(), (2020..=2026).collect::<Vec<_>>());
        assert_eq!(counts, [249, 250, 249, 249, 251, 248, 248]);
    }

    #[test]
    fn deadlines_of_the_worked_examples() {
        for (start, n, end) in [
            ("2025-09-26", 5, "2025-10-10"),
            ("2025-09-26", 10, "2025-10-16"),
            ("2025-12-24", 5, "2025-12-31"),
            ("2025-12-24", 7, "2026-01-05"),
            ("2026-02-12", 5, "2026-02-26"),
            ("2026-04-29", 5, "2026-05-09"),
            ("2026-04-29", 0, "2026-04-29"),
        ] {
            assert_eq!(plus(start, n).as_deref(), Ok(end), "{start} + {n}");
            if n > 0 {
                let between = Calendar::shipped().working_days_between(day(start), day(end));
                assert_eq!(between, Ok(n), "{start} to {end}");
            }
        }
        assert_eq!(Calendar::shipped().minus_working_days(day("2026-01-05"), 7), Ok(day("2025-12-24")));
    }

    #[test]
    fn a_period_that_ends_on_a_holiday_ends_on_the_next_working_day() {
        let end = |d| Calendar::shipped().period_end(day(d)).map(|d| d.to_string());
        assert_eq!(end("2025-10-01").as_deref(), Ok("2025-10-09"));
        assert_eq!(end("2025-10-11").as_deref(), Ok("2025-10-11"), "a working Saturday");
        assert_eq!(end("2026-03-07").as_deref(), Ok("2026-03-09"), "a plain Saturday");
        assert!(Calendar::shipped().holiday_name(day("2025-10-11")).is_some());
    }

    #[test]
    fn a_year_that_is_not_covered_is_never_guessed() {
        assert_eq!(plus("2026-12-30", 5), Err(MissingYear(2027)));
        assert_eq!(Calendar::shipped().is_working_day(day("2019-12-31")), Err(MissingYear(2019)));
        assert_eq!(Calendar::shipped().period_end(day("2027-01-01")), Err(MissingYear(2027)));
        assert_eq!(plus("2026-12-30", u32::MAX), Err(MissingYear(2027)), "a silly count ends at once");
        let problem = Problem::from(MissingYear(2027));
        assert!(problem.detail.contains("2027") && problem.code.code == "calendar_missing");
        let update = Calendar::parse("year,2027\noff,2027-01-01,元旦\r\noff,2027-01-02,元旦\nwork,2027-01-03,元旦\n")
            .expect("a file");
        let longer = Calendar::shipped().updated(&update);
        assert_eq!(longer.plus_working_days(day("2026-12-30"), 2), Ok(day("2027-01-03")));
        assert_eq!(longer.plus_working_days(day("2025-09-26"), 5), Ok(day("2025-10-10")), "other years stay");
    }

    #[test]
    fn a_faulty_file_names_its_line() {
        let line = |text| Calendar::parse(text).expect_err("refused").line;
        assert_eq!(line("year,2027\noff,2027-02-30,春节"), 2);
        assert_eq!(line("off,2027-01-01,元旦"), 1);
        assert_eq!(line("# nothing\n"), 0);
        assert_eq!(line("year,2027\n\nfree,2027-01-01"), 3);
        assert_eq!(line("year,2027\nyear,2027"), 2);
        assert_eq!(line("year,2027\noff,2027-01-01,元旦\nwork,2027-01-01,元旦"), 3);
    }
}
