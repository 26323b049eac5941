//! How values are written for people, used in templates as `{{ value|yuan }}`.

use crate::kernel::{Area, Day, Fen, Timestamp, text};

/// `1,234,567.89`; whole yuan keep their two decimals so that columns line up.
#[askama::filter_fn]
pub fn yuan(value: &Fen, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(value.grouped())
}

/// The amount in capital numerals: `壹万贰仟元整`.
#[askama::filter_fn]
pub fn yuan_capital(value: &Fen, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(text::capitals(*value))
}

/// `15,666.67 平方米（23.50 亩）`: both together, each rounded once.
#[askama::filter_fn]
pub fn area(value: &Area, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(area_text(*value))
}

/// `2026-03-02 09:30`.
#[askama::filter_fn]
pub fn minute(value: &Timestamp, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(value.minute_text())
}

/// `2026-03-02 09:30:05`.
#[askama::filter_fn]
pub fn second(value: &Timestamp, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(value.second_text())
}

/// `09:30:05.250`: the time of a bid within its day.
/// The hour to the second, where the day is clear.
#[askama::filter_fn]
pub fn clock(value: &Timestamp, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(value.to_beijing().format("%H:%M:%S").to_string())
}

#[askama::filter_fn]
pub fn milli(value: &Timestamp, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(value.to_beijing().format("%H:%M:%S%.3f").to_string())
}

/// `3月2日（星期一）09:30`: for deadlines, where the day of the week matters.
#[askama::filter_fn]
pub fn deadline(value: &Timestamp, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(deadline_text(*value))
}

/// `2026年3月2日`.
#[askama::filter_fn]
pub fn day(value: &Day, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(value.0.format("%Y年%-m月%-d日").to_string())
}

/// See the filter `area`.
pub fn area_text(value: Area) -> String {
    format!("{} 平方米（{} 亩）", Fen(value.0).grouped(), value.mu())
}

/// See the filter `deadline`.
pub fn deadline_text(value: Timestamp) -> String {
    use chrono::Datelike;
    let at = value.to_beijing();
    let weekday = ["一", "二", "三", "四", "五", "六", "日"]
        .get(usize::try_from(at.weekday().num_days_from_monday()).unwrap_or(0))
        .copied()
        .unwrap_or("一");
    format!("{}月{}日（星期{weekday}）{}", at.month(), at.day(), at.format("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_in_both_measures() {
        assert_eq!(area_text(Area(1_566_667)), "15,666.67 平方米（23.50 亩）");
    }

    #[test]
    fn a_deadline_names_the_weekday() {
        let at = "2026-03-02T09:30:00+08:00".parse().expect("a time");
        assert_eq!(deadline_text(at), "3月2日（星期一）09:30");
    }
}
