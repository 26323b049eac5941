//! Single values of a document, each read from its own JSON text; `None` is "unreadable".

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};
use serde_json::value::RawValue;

use crate::kernel::{Fen, Timestamp};
use crate::trading::auction::model::Offset;

/// Days from the first day of year 1 to 1970-01-01.
const EPOCH_DAY: i64 = 719_163;

pub(super) fn is_null(raw: &RawValue) -> bool {
    raw.get() == "null"
}

/// A JSON string; text without an escape is not copied.
pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(raw.get()).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

/// A whole number from zero, written with digits alone.
pub(super) fn count(raw: &RawValue) -> Option<u64> {
    raw.get().bytes().all(|b| b.is_ascii_digit()).then(|| raw.get().parse().ok()).flatten()
}

/// A whole number of either sign.
pub(super) fn whole(raw: &RawValue) -> Option<i64> {
    raw.get().parse().ok()
}

pub(super) fn truth(raw: &RawValue) -> Option<bool> {
    raw.get().parse().ok()
}

/// `"820.00"`.
pub(super) fn amount(raw: &RawValue) -> Option<Fen> {
    text(raw)?.parse().ok()
}

/// RFC 3339 with an offset and at most six decimals.
pub(super) fn time(raw: &RawValue) -> Option<Timestamp> {
    rfc3339(&text(raw)?).map(|(at, ..)| at)
}

/// The same with the offset in which it was written.
pub(super) fn time_and_offset(raw: &RawValue) -> Option<(Timestamp, Offset)> {
    let text = text(raw)?;
    let (at, seconds, offset) = rfc3339(&text)?;
    Some((at, Offset { seconds, text: offset.to_ascii_uppercase() }))
}

fn rfc3339(text: &str) -> Option<(Timestamp, i64, &str)> {
    let (year, text) = digits(text, 4)?;
    let (month, text) = digits(text.strip_prefix('-')?, 2)?;
    let (day, text) = digits(text.strip_prefix('-')?, 2)?;
    let (hour, text) = digits(text.strip_prefix(['T', 't'])?, 2)?;
    let (minute, text) = digits(text.strip_prefix(':')?, 2)?;
    let (second, text) = digits(text.strip_prefix(':')?, 2)?;
    let (micros, offset) = match text.strip_prefix('.') {
        None => (0, text),
        Some(text) => {
            let len = text.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, rest) = digits(text, len)?;
            (i64::from(fraction) * 10_i64.pow(u32::try_from(6_usize.checked_sub(len)?).ok()?), rest)
        }
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let ahead = offset_seconds(offset)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let days = i64::from(date.num_days_from_ce()) - EPOCH_DAY;
    let seconds = days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second) - ahead;
    Some((Timestamp(seconds * 1_000_000 + micros), ahead, offset))
}

fn offset_seconds(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix(['Z', 'z']) {
        Some("") => return Some(0),
        Some(_) => return None,
        None => (if text.starts_with('-') { -1 } else { 1 }, text.strip_prefix(['+', '-'])?),
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let fits = rest.is_empty() && hours <= 23 && minutes <= 59;
    fits.then(|| sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
}

/// Splits off `len` digits, one to six, as a number.
fn digits(text: &str, len: usize) -> Option<(u32, &str)> {
    let (head, rest) = text.split_at_checked(len).filter(|_| (1..=6).contains(&len))?;
    let number = head.bytes().try_fold(0_u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))?;
    Some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).expect("JSON")
    }

    #[test]
    fn times_agree_with_the_library_and_are_strict() {
        for good in [
            "2026-03-02T09:30:00+08:00",
            "2026-03-02t09:30:00.5z",
            "2024-02-29T23:59:59.999999-11:30",
            "1969-12-31T23:59:59.000001Z",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59Z",
        ] {
            let expected = chrono::DateTime::parse_from_rfc3339(good).expect("a time");
            let (at, offset) = time_and_offset(&raw(&format!("\"{good}\""))).expect(good);
            assert_eq!(at.0, expected.timestamp_micros(), "{good}");
            assert_eq!(offset.seconds, i64::from(expected.offset().local_minus_utc()), "{good}");
        }
        for bad in [
            "2026-03-02T09:30:00",
            "2026-03-02 09:30:00+08:00",
            "2026-03-02T09:30:00.+08:00",
            "2026-03-02T09:30:00.1234567+08:00",
            "2026-02-29T09:30:00+08:00",
            "2026-03-02T24:00:00+08:00",
            "2026-03-02T09:60:00+08:00",
            "2026-03-02T09:30:60+08:00",
            "2026-03-02T09:30:00+24:00",
            "2026-03-02T09:30:00+0800",
            "2026-03-02T09:30:00Zulu",
            "2026-03-02T09:30+08:00",
            "+026-03-02T09:30:00Z",
            "２026-03-02T09:30:00Z",
            "",
        ] {
            assert_eq!(time(&raw(&format!("\"{bad}\""))), None, "{bad}");
        }
        assert_eq!(time(&raw("1772415000")), None);
    }

    #[test]
    fn strings_and_numbers() {
        assert_eq!(text(&raw(r#""a\u0041\n""#)).as_deref(), Some("aA\n"));
        assert_eq!(text(&raw(r#""\ud800""#)), None);
        assert_eq!(amount(&raw(r#""7\u00300.00""#)), Some(Fen(70_000)));
        assert_eq!(amount(&raw("700.00")), None);
        assert_eq!(
            (count(&raw("12")), count(&raw("-1")), count(&raw("1.0")), count(&raw("1e0"))),
            (Some(12), None, None, None)
        );
        assert_eq!(count(&raw("99999999999999999999999")), None);
        assert_eq!((whole(&raw("-3")), whole(&raw("3.5"))), (Some(-3), None));
        assert_eq!((truth(&raw("true")), truth(&raw("\"true\""))), (Some(true), None));
    }
}
