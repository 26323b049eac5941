//! Whether a notice can still be corrected, whether a correction matters, and which hours follow. Pure.

use crate::{
    calendar::{Calendar, MissingYear},
    kernel::{FieldError, Problem, Timestamp},
    policy::Rule,
    trading::listing::{NoticeFields, Schedule, Terms, check_schedule},
};

crate::codes! {
    NOTICE_FROZEN 409 "notice_frozen" "公告已经定稿，不能再更正；内容有误请终止后重新挂牌";
    NOTHING_CORRECTED 422 "nothing_corrected" "更正后的内容和原来的公告一样";
}

/// Until when a notice can be corrected: the end of the last working day of the window, never beyond enrolment. The day of
/// the notice does not count (Civil Code art. 201).
pub fn window_end(
    calendar: &Calendar,
    published: Timestamp,
    enrol_until: Timestamp,
    window: &Rule<u32>,
) -> Result<Timestamp, MissingYear> {
    Ok(calendar.plus_working_days(published.day(), window.value)?.end().min(enrol_until))
}

/// Errors: `notice_frozen`. It does not tell whether somebody has enrolled: who takes part is nobody's business before the
/// end.
pub fn check_open(now: Timestamp, until: Timestamp, enrolled: bool) -> Result<(), Problem> {
    if now < until && !enrolled { Ok(()) } else { Err((&NOTICE_FROZEN).into()) }
}

/// The terms without what can be told otherwise without anybody deciding otherwise: whom to ask and when to look.
fn that_matters(terms: &Terms) -> Terms {
    let mut terms = terms.clone();
    terms.contact = String::new();
    let mut notice = terms.notice.take().unwrap_or_default();
    (notice.complaint_phone, notice.viewing, notice.attachments) = (String::new(), String::new(), Vec::new());
    terms.notice = Some(notice);
    terms
}

/// Whether a bidder might decide otherwise after the correction.
pub fn is_material(before: (&str, &Terms), after: (&str, &Terms)) -> bool {
    before.0 != after.0 || that_matters(before.1) != that_matters(after.1)
}

/// The old terms with what may be corrected taken from the new: nothing else can change by a correction.
pub fn corrected(before: &Terms, after: Terms) -> Terms {
    let Terms { usage, conditions, priority, remarks, contact, notice, .. } = after;
    let notice = notice.filter(|notice| *notice != NoticeFields::default());
    Terms { usage, conditions, priority, remarks, contact, notice, ..before.clone() }
}

/// The hours after a correction. Asked-for hours must not be earlier than the old ones; without them, and where the
/// correction matters, the auction moves to the first working day on which people have had `days` to read it.
pub fn hours(
    before: &Schedule,
    asked: Option<&Schedule>,
    material: bool,
    now: Timestamp,
    (terms, days): (&Terms, &Rule<u32>),
    calendar: &Calendar,
) -> Result<Schedule, Problem> {
    let Some(asked) = asked else {
        return if material { Ok(moved(before, now, days.value, calendar)?) } else { Ok(before.clone()) };
    };
    let pairs = [
        ("schedule/enrol_until", asked.enrol_until, before.enrol_until),
        ("schedule/opens_at", asked.opens_at, before.opens_at),
        ("schedule/closes_at", asked.closes_at, before.closes_at),
    ];
    let earlier = pairs.into_iter().filter(|(_, asked, before)| asked < before).map(|(field, asked, before)| {
        let detail = format!("更正后的时间只能推后，不能早于原来的 {}", before.minute_text());
        FieldError::new(field, Some(&asked.minute_text()), detail)
    });
    let earlier: Vec<FieldError> = earlier.collect();
    if !earlier.is_empty() {
        return Err(Problem::fields(earlier));
    }
    // Enrolment has been open since the notice, so only the auction's distance is asked for.
    let read_anew = Terms { notice_days: days.value, ..terms.clone() };
    let no_more = Rule { value: 0, ..days.clone() };
    check_schedule(asked, now, &read_anew, &no_more, calendar).map_err(|mut problem| {
        for field in &mut problem.fields {
            field.pointer = format!("/schedule{}", field.pointer);
        }
        problem
    })?;
    Ok(asked.clone())
}

fn moved(before: &Schedule, now: Timestamp, days: u32, calendar: &Calendar) -> Result<Schedule, MissingYear> {
    let earliest = calendar.period_end(calendar.plus_working_days(now.day(), days)?)?;
    if before.opens_at.day() >= earliest {
        return Ok(before.clone());
    }
    let same_hour = |at: Timestamp, day: crate::kernel::Day| day.at(0, 0).plus_us(at.since_us(at.day().at(0, 0)));
    let opens_at = same_hour(before.opens_at, earliest);
    let last_day = calendar.minus_working_days(earliest, 1)?;
    Ok(Schedule {
        enrol_until: same_hour(before.enrol_until, last_day).max(before.enrol_until),
        opens_at,
        closes_at: opens_at.plus_us(before.closes_at.since_us(before.opens_at)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Day;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn schedule() -> Schedule {
        Schedule {
            enrol_until: at("2026-03-10T17:00:00+08:00"),
            opens_at: at("2026-03-11T09:30:00+08:00"),
            closes_at: at("2026-03-11T10:00:00+08:00"),
        }
    }

    fn rule(value: u32) -> Rule<u32> {
        let from = Day::new(2026, 1, 1).expect("a day");
        Rule { value, basis: "当地办法".into(), from, verified: true, set: "x".into() }
    }

    #[test]
    fn a_window_ends_with_its_last_working_day_and_never_beyond_enrolment() {
        let calendar = Calendar::shipped();
        let end = |published: &str, days| window_end(calendar, at(published), schedule().enrol_until, &rule(days));
        let friday = "2026-03-06T09:00:00+08:00";
        assert_eq!(end(friday, 2), Ok(at("2026-03-10T17:00:00+08:00")), "enrolment ends before the day does");
        assert_eq!(end(friday, 1), Ok(Day::new(2026, 3, 9).expect("a day").end()));
        let until = at("2026-03-09T12:00:00+08:00");
        assert!(check_open(until.plus_us(-1), until, false).is_ok());
        for (now, enrolled) in [(until, false), (until.plus_us(-1), true)] {
            assert_eq!(check_open(now, until, enrolled).expect_err("frozen").code.code, "notice_frozen");
        }
    }

    #[test]
    fn hours_move_later_and_never_earlier() {
        let calendar = Calendar::shipped();
        let on_the_4th = moved(&schedule(), at("2026-03-04T09:00:00+08:00"), 7, calendar).expect("hours");
        assert_eq!(on_the_4th.opens_at, at("2026-03-13T09:30:00+08:00"));
        assert_eq!(on_the_4th.closes_at, at("2026-03-13T10:00:00+08:00"), "as long as before");
        assert_eq!(on_the_4th.enrol_until, at("2026-03-12T17:00:00+08:00"));
        let at_once = moved(&schedule(), at("2026-03-02T10:00:00+08:00"), 7, calendar).expect("hours");
        assert_eq!(at_once.opens_at, schedule().opens_at, "there is time enough");
    }
}
