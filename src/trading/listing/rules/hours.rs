//! Hours of a notice: a proposal that keeps the rules, and what a person should look at before it goes out. Pure.

use super::{super::model::Schedule, earliest_opening};
use crate::{
    calendar::{Calendar, MissingYear},
    kernel::{Day, Timestamp},
};

/// Office hours in Beijing, in minutes of the day.
const OFFICE: std::ops::RangeInclusive<i64> = 8 * 60 + 30..=17 * 60 + 30;

/// Usual length of an auction, extensions not counted.
const AUCTION_S: i64 = 30 * 60;

/// The earliest hours that keep the rules if the notice goes out today: enrolment to 17:00 of the working day before, the
/// auction at 09:30.
pub fn propose_schedule(
    calendar: &Calendar,
    today: Day,
    notice_days: u32,
    enrolment_days: u32,
) -> Result<Schedule, MissingYear> {
    let enrolment_ends = calendar.plus_working_days(today, enrolment_days)?;
    let mut opens = calendar.period_end(earliest_opening(calendar, today, notice_days)?)?;
    if opens <= enrolment_ends {
        opens = calendar.plus_working_days(enrolment_ends, 1)?;
    }
    let last_day = calendar.minus_working_days(opens, 1)?.max(enrolment_ends);
    let opens_at = opens.at(9, 30);
    Ok(Schedule { enrol_until: last_day.at(17, 0), opens_at, closes_at: opens_at.plus_s(AUCTION_S) })
}

/// What is allowed but unusual: a day without work, hours at which no office is open.
pub fn unusual_hours(calendar: &Calendar, schedule: &Schedule) -> Vec<String> {
    let minutes = |at: Timestamp| at.since_us(at.day().at(0, 0)) / 60_000_000;
    let moments =
        [("报名截止", schedule.enrol_until), ("竞价开始", schedule.opens_at), ("竞价结束", schedule.closes_at)];
    let mut found = Vec::new();
    for (what, at) in moments {
        if calendar.is_working_day(at.day()) == Ok(false) {
            found.push(format!("{what} {} 不是工作日", at.minute_text()));
        } else if !OFFICE.contains(&minutes(at)) {
            found.push(format!("{what} {} 不在上班时间（8:30 到 17:30）", at.minute_text()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn a_proposal_keeps_the_rules_and_is_not_unusual() {
        let calendar = Calendar::shipped();
        let proposed = propose_schedule(calendar, day("2026-03-02"), 7, 5).expect("hours");
        assert_eq!(proposed.enrol_until, day("2026-03-10").at(17, 0));
        assert_eq!(proposed.opens_at, day("2026-03-11").at(9, 30));
        assert_eq!(unusual_hours(calendar, &proposed), Vec::<String>::new());
        let long = propose_schedule(calendar, day("2026-03-02"), 3, 5).expect("hours");
        assert_eq!((long.enrol_until, long.opens_at), (day("2026-03-09").at(17, 0), day("2026-03-10").at(9, 30)));
        let odd = Schedule {
            enrol_until: day("2026-03-08").at(17, 0),
            opens_at: day("2026-03-11").at(8, 29),
            closes_at: day("2026-03-11").at(17, 31),
        };
        assert_eq!(unusual_hours(calendar, &odd).len(), 3);
    }
}
