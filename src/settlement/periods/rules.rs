//! Which month may be closed, and into which time a transfer is booked. Pure.

use super::model::Month;
use crate::kernel::{Problem, Timestamp};

crate::codes! {
    MONTH_NOT_OVER 409 "month_not_over" "这个月还没有过完，过完才能结账";
    MONTH_CLOSED 409 "month_closed" "这个月已经结账，结过的月份不能再改；更正请在现在的月份办理";
}

/// Whether a month can be closed; `closed_until`: the end of the last one that is.
///
/// Errors: a field error for what is no month, `month_not_over`, `month_closed`.
pub fn check_close(typed: &str, closed_until: Option<Timestamp>, now: Timestamp) -> Result<Month, Problem> {
    let month: Month =
        typed.trim().parse().map_err(|()| Problem::field("month", Some(typed), "请填写年和月，例如 2026-03"))?;
    if month.end() > now {
        let detail = format!("{month} 还没有过完，{} 起才能结账", month.end().day());
        return Err(Problem::new(&MONTH_NOT_OVER, detail).with("from", month.end().day().to_string()));
    }
    if closed_until.is_some_and(|until| month.end() <= until) { Err((&MONTH_CLOSED).into()) } else { Ok(month) }
}

/// When a transfer is booked, and when it really was where that is not the same: money that moved in a closed month is booked
/// now.
pub fn booked(moved_at: Timestamp, open_from: Option<Timestamp>, now: Timestamp) -> (Timestamp, Option<Timestamp>) {
    match open_from {
        Some(open_from) if moved_at < open_from => (now, Some(moved_at)),
        _ => (moved_at, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_closed_in_their_order_after_they_are_over() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let now = at("2026-04-01T00:00:00+08:00");
        let code = |month, until| check_close(month, until, now).err().map(|p| p.code.code);
        assert_eq!(code("2026-03", None), None, "from its last moment on");
        assert!(check_close("2026-03", None, now.plus_us(-1)).is_err());
        assert_eq!(code("2026-04", None), Some("month_not_over"));
        let until = Some(at("2026-03-01T00:00:00+08:00"));
        assert_eq!(code("2026-03", until), None);
        assert_eq!(code("2026-02", until), Some("month_closed"));
        assert_eq!(code("2025-12", until), Some("month_closed"), "and every month before it");
        for wrong in ["2026-13", "2026", "2026-3", "三月", "2026-03-01"] {
            assert_eq!(code(wrong, None), Some("invalid_fields"), "{wrong}");
        }
        assert_eq!(booked(at("2026-02-27T10:00:00+08:00"), until, now), (now, Some(at("2026-02-27T10:00:00+08:00"))));
        assert_eq!(booked(at("2026-03-01T00:00:00+08:00"), until, now).1, None);
    }
}
