//! Instants and calendar days. Rules receive them; only a [`Clock`] at the rim reads the machine's time.
//!
//! An instant is whole microseconds since 1970-01-01 UTC, so that both databases hold exactly the same value. It is
//! written as RFC 3339 with the offset of Beijing time.

use std::{fmt, marker::PhantomData, str::FromStr};

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};

/// China has one civil time, UTC+8, without summer time since 1992.
pub fn beijing() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| Utc.fix_zero())
}

trait FixZero {
    fn fix_zero(&self) -> FixedOffset;
}
impl FixZero for Utc {
    fn fix_zero(&self) -> FixedOffset {
        use chrono::Offset;
        Utc.fix()
    }
}

/// An instant: microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub fn from_chrono<Tz: TimeZone>(t: DateTime<Tz>) -> Self {
        Self(t.timestamp_micros())
    }
    pub fn plus_s(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
    pub fn plus_us(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
    /// Microseconds from `earlier` to `self`.
    pub fn since_us(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
    pub fn to_beijing(self) -> DateTime<FixedOffset> {
        DateTime::<Utc>::from_timestamp_micros(self.0).unwrap_or_default().with_timezone(&beijing())
    }
    /// The day in Beijing.
    pub fn day(self) -> Day {
        Day(self.to_beijing().date_naive())
    }
    /// `2026-03-02 09:30`, for pages (Beijing time).
    pub fn minute_text(self) -> String {
        self.to_beijing().format("%Y-%m-%d %H:%M").to_string()
    }
    /// `09:30`, for pages (Beijing time).
    pub fn clock_text(self) -> String {
        self.to_beijing().format("%H:%M").to_string()
    }
    /// `2026-03-02 09:30:05`, for pages (Beijing time).
    pub fn second_text(self) -> String {
        self.to_beijing().format("%Y-%m-%d %H:%M:%S").to_string()
    }
}

/// RFC 3339 with `+08:00`; decimals only where they are not zero.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_beijing().to_rfc3339_opts(SecondsFormat::AutoSi, false))
    }
}

/// The text is no RFC 3339 time with an offset.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct NotATime;
impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("时间应写成带时区的 RFC 3339 格式，例如 2026-03-02T09:30:00+08:00")
    }
}
impl std::error::Error for NotATime {}

impl FromStr for Timestamp {
    type Err = NotATime;
    fn from_str(text: &str) -> Result<Self, NotATime> {
        DateTime::parse_from_rfc3339(text).map(Self::from_chrono).map_err(|_| NotATime)
    }
}
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_str(Parsed::new())
    }
}

/// A calendar day in Beijing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub NaiveDate);

impl Day {
    pub fn new(year: i32, month: u32, day: u32) -> Option<Day> {
        NaiveDate::from_ymd_opt(year, month, day).map(Day)
    }
    /// 20260302: how a day is stored on both databases, sortable and readable.
    pub fn as_number(self) -> i32 {
        let d = self.0;
        d.year() * 10_000 + i32::try_from(d.month() * 100 + d.day()).unwrap_or(0)
    }
    pub fn from_number(n: i32) -> Option<Day> {
        let (y, md) = (n / 10_000, n % 10_000);
        Day::new(y, u32::try_from(md / 100).ok()?, u32::try_from(md % 100).ok()?)
    }
    pub fn plus_days(self, days: u64) -> Day {
        Day(self.0.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX))
    }
    pub fn minus_days(self, days: u64) -> Day {
        Day(self.0.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN))
    }
    /// Civil Code art. 202: the same day number, or the month's last day where it has no such day.
    pub fn plus_months(self, months: u32) -> Day {
        Day(self.0.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX))
    }
    /// The instant of a time of day in Beijing.
    pub fn at(self, hour: u32, minute: u32) -> Timestamp {
        let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        let local = self.0.and_time(time);
        Timestamp::from_chrono(beijing().from_local_datetime(&local).single().unwrap_or_default())
    }
    /// The last microsecond of the day: a period of days ends at 24:00 (Civil Code art. 203).
    pub fn end(self) -> Timestamp {
        self.plus_days(1).at(0, 0).plus_us(-1)
    }
    /// Full years from `birth` to this day.
    pub fn years_since(self, birth: Day) -> u32 {
        self.0.years_since(birth.0).unwrap_or(0)
    }
}
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// The text is no day that exists.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct NotADay;
impl fmt::Display for NotADay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("日期应是日历上存在的一天，写成 2026-01-05")
    }
}
impl std::error::Error for NotADay {}
impl FromStr for Day {
    type Err = NotADay;
    fn from_str(text: &str) -> Result<Day, NotADay> {
        let shape = text.len() == 10 && text.is_ascii();
        if !shape {
            return Err(NotADay);
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Day).map_err(|_| NotADay)
    }
}
impl Serialize for Day {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_str(Parsed::new())
    }
}

/// Reads a text where it lies, without an allocation.
struct Parsed<T>(PhantomData<T>);

impl<T> Parsed<T> {
    fn new() -> Self {
        Parsed(PhantomData)
    }
}

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Parsed<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Where time comes from. The server holds one; tests hold one they can turn by hand.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_keep_the_day_number_or_the_months_end() {
        let day = |s: &str| s.parse::<Day>().expect("a day");
        assert_eq!(day("2025-01-31").plus_months(1), day("2025-02-28")); // domain 10.4
        assert_eq!("1990-02-29".parse::<Day>(), Err(NotADay));
        assert_eq!(Day::from_number(day("2026-03-02").as_number()), Some(day("2026-03-02")));
        assert_eq!(day("2026-03-02").at(9, 30).to_string(), "2026-03-02T09:30:00+08:00");
        assert_eq!(day("2026-03-02").end().plus_us(1), day("2026-03-03").at(0, 0));
    }

    #[test]
    fn decimals_only_where_needed() {
        let t: Timestamp = "2026-03-02T01:30:00.25Z".parse().expect("a time");
        assert_eq!(t.to_string(), "2026-03-02T09:30:00.250+08:00");
    }
}
