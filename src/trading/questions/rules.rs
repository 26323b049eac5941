//! Until when questions are taken, and what they may be. Pure.

use crate::{
    kernel::{Problem, Timestamp, text},
    trading::listing::LotState,
};

crate::codes! {
    QUESTIONS_CLOSED 409 "questions_closed" "报名截止后不再接受提问，请向公告里的联系人了解";
    TOO_MANY_QUESTIONS 409 "too_many_questions" "您还有几个问题没有答复，请等答复后再问";
    QUESTION_ANSWERED 409 "question_answered" "这个问题已经答复，答复不能更改";
}

/// Questions of one account that may wait at once.
pub const MOST_WAITING: i64 = 3;

const LONGEST_QUESTION: usize = 300;
const LONGEST_ANSWER: usize = 1000;

/// Seven digits in a row are a telephone number or more.
const DIGITS_OF_A_PERSON: usize = 7;

/// Errors: `questions_closed`, with the moment until which they were taken.
pub fn check_open(state: LotState, enrol_until: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
    match (state, enrol_until) {
        (LotState::Published, Some(until)) if now < until => Ok(()),
        (_, Some(until)) => Err(Problem::from(&QUESTIONS_CLOSED).with("until", until.to_string())),
        (_, None) => Err((&QUESTIONS_CLOSED).into()),
    }
}

fn longest_number(text: &str) -> usize {
    let digits = text::half_width(text);
    digits.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

/// The question as it will stand for everybody: whoever asks should not be known by it.
pub fn read_question(typed: &str) -> Result<String, Problem> {
    let text = text::read_paragraph("question", typed, LONGEST_QUESTION)?;
    if longest_number(&text) >= DIGITS_OF_A_PERSON {
        let detail = "问题会公开，请不要写电话号码、身份证号或账号；竞价结束前谁报名也不公开，请不要写姓名";
        return Err(Problem::field("question", None, detail));
    }
    Ok(text)
}

pub fn read_answer(typed: &str) -> Result<String, Problem> {
    text::read_paragraph("answer", typed, LONGEST_ANSWER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_nobody() {
        assert_eq!(read_question(" 水电由谁接入？\r\n").as_deref().map_err(|_| ()), Ok("水电由谁接入？"));
        for personal in ["请回电 13800001111", "号码１３８００００１１１１", "0750-3456789"] {
            assert!(read_question(personal).is_err(), "{personal}");
        }
        assert!(read_question("铺位 123456 号在哪里").is_ok(), "the control");
        for wrong in ["", "  ", "\u{7}响铃", "问".repeat(301).as_str()] {
            assert!(read_question(wrong).is_err(), "{wrong}");
        }
        assert!(read_answer("请电 0750-3456789 咨询").is_ok(), "an office has a number");
    }

    #[test]
    fn questions_are_taken_until_enrolment_ends() {
        let until: Timestamp = "2026-03-10T17:00:00+08:00".parse().expect("a moment");
        assert!(check_open(LotState::Published, Some(until), until.plus_us(-1)).is_ok());
        for (state, at) in [(LotState::Published, until), (LotState::Terminated, until.plus_us(-1))] {
            assert_eq!(check_open(state, Some(until), at).expect_err("closed").code.code, "questions_closed");
        }
    }
}
