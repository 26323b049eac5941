//! Until when objections are taken, and what they may be. Pure.

use crate::{
    kernel::{Day, Problem, text},
    trading::listing::LotState,
};

crate::codes! {
    OBJECTIONS_CLOSED 409 "objections_closed" "现在不在结果公示期内，请向镇街或监督部门书面反映";
    TOO_MANY_OBJECTIONS 409 "too_many_objections" "您对这个结果还有几条异议没有答复，请等答复后再提";
    OBJECTION_ANSWERED 409 "objection_answered" "这条异议已经答复，答复不能更改";
}

/// Objections of one account to one result that may wait at once.
pub const MOST_WAITING: usize = 3;

const LONGEST: usize = 1000;

/// Objections are taken on every day of the notice of the result: that of the auction, or of a failed lot the one that was
/// negotiated.
///
/// Errors: `objections_closed`, with the last day on which they were taken.
pub fn check_open(state: LotState, notice_until: Option<Day>, today: Day) -> Result<(), Problem> {
    match (state, notice_until) {
        (LotState::Sold | LotState::Failed, Some(until)) if today <= until => Ok(()),
        (_, Some(until)) => {
            let detail = format!("结果公示到 {until} 为止，已经不再受理异议；请向镇街或监督部门书面反映");
            Err(Problem::new(&OBJECTIONS_CLOSED, detail).with("until", until.to_string()))
        }
        (_, None) => Err((&OBJECTIONS_CLOSED).into()),
    }
}

/// The text as it will stand for everybody.
///
/// Errors: a field error.
pub fn read(field: &str, typed: &str) -> Result<String, Problem> {
    text::read_paragraph(field, typed, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objections_are_taken_to_the_last_day_of_the_notice() {
        let until: Day = "2026-03-17".parse().expect("a day");
        assert!(check_open(LotState::Sold, Some(until), until).is_ok());
        assert!(check_open(LotState::Failed, Some(until), until).is_ok(), "what was negotiated");
        let late = until.plus_days(1);
        for (state, day) in [(LotState::Sold, late), (LotState::Undone, until), (LotState::Failed, late)] {
            assert_eq!(check_open(state, Some(until), day).expect_err("closed").code.code, "objections_closed");
        }
        assert!(check_open(LotState::Published, None, until).is_err());
        assert!(check_open(LotState::Failed, None, until).is_err());
    }

    #[test]
    fn an_objection_says_something() {
        assert_eq!(read("objection", " 欠租 \r\n").as_deref().map_err(|_| ()), Ok("欠租"));
        for wrong in ["", " ", "\u{7}", "长".repeat(1001).as_str()] {
            assert!(read("objection", wrong).is_err(), "{wrong}");
        }
    }
}
