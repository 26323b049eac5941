//! Hours of a notice: a proposal that keeps the rules, and what a person should look at before it goes out. Pure.

use super::super::model::{Schedule, Terms};
use crate::{
    calendar::{Calendar, MissingYear},
    kernel::{Day, FieldError, Problem, Timestamp},
    policy,
};

/// Office hours in Beijing, in minutes of the day.
const OFFICE: std::ops::RangeInclusive<i64> = 8 * 60 + 30..=17 * 60 + 30;

/// Usual length of an auction, extensions not counted.
const AUCTION_S: i64 = 30 * 60;

/// The earliest day of the auction: the last working day of the notice; the day of the notice does not count (Civil Code
/// art. 201).
pub fn earliest_opening(calendar: &Calendar, today: Day, notice_days: u32) -> Result<Day, MissingYear> {
    calendar.plus_working_days(today, notice_days)
}

/// Whether the hours fit the notice period and each other. The calendar must reach to the end of the result notice.
pub fn check_schedule(
    schedule: &Schedule,
    now: Timestamp,
    terms: &Terms,
    enrolment_days: &policy::Rule<u32>,
    calendar: &Calendar,
) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let earliest = earliest_opening(calendar, now.day(), terms.notice_days)?;
    let opens = schedule.opens_at.day();
    if opens < earliest {
        let detail = format!("公告期不少于 {} 个工作日，竞价最早可于 {earliest} 开始", terms.notice_days);
        errors.push(FieldError::new("opens_at", Some(&schedule.opens_at.minute_text()), detail));
    }
    let least_end = schedule.opens_at.plus_s(600);
    if schedule.closes_at < least_end || schedule.closes_at > schedule.opens_at.plus_s(7 * 86_400) {
        let seen = schedule.closes_at.minute_text();
        errors.push(FieldError::new("closes_at", Some(&seen), "竞价时长应在 10 分钟到 7 天之间，请调整结束时间"));
    }
    if let Some(countdown) = terms.method.as_ref().and_then(|method| method.countdown) {
        let least = countdown.seconds.saturating_add(countdown.wait_s).saturating_add(1);
        if schedule.closes_at < schedule.opens_at.plus_s(i64::from(least)) {
            let detail = format!("限时报价和它之前的间歇共 {} 秒，竞价时长应比它长", least - 1);
            errors.push(FieldError::new("closes_at", Some(&schedule.closes_at.minute_text()), detail));
        }
    }
    let enrolment_ends = calendar.plus_working_days(now.day(), enrolment_days.value)?;
    if schedule.enrol_until >= schedule.opens_at {
        let seen = schedule.enrol_until.minute_text();
        errors.push(FieldError::new("enrol_until", Some(&seen), "报名和保证金截止应早于竞价开始"));
    } else if schedule.enrol_until.day() < enrolment_ends {
        let detail = format!(
            "报名时间不少于 {} 个工作日，截止最早为 {enrolment_ends}（{}）",
            enrolment_days.value, enrolment_days.basis
        );
        errors.push(FieldError::new("enrol_until", Some(&schedule.enrol_until.minute_text()), detail));
    }
    calendar.plus_working_days(schedule.closes_at.day().plus_days(7), terms.result_days)?;
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

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
    fn the_notice_stands_its_working_days() {
        let calendar = Calendar::shipped();
        assert_eq!(earliest_opening(calendar, day("2025-12-24"), 7), Ok(day("2026-01-05"))); // domain 10.4
        assert!(earliest_opening(calendar, day("2026-12-29"), 7).is_err(), "a year without a calendar is not guessed");
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
