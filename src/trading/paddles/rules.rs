//! Which auctions have paddles, what a code is, how often it may be wrong, and when a paddle was in the hall. Pure.

use super::model::PaddleState as State;
use crate::{
    kernel::{Code, Problem, Timestamp, text},
    trading::{auction::Mode, bid_number},
};

crate::codes! {
    PADDLE_NOT_HERE 409 "paddle_not_here" "这个项目的竞价方式不能现场举牌，请登录自己的账号出价";
    PADDLE_NEEDS_NUMBER 409 "paddle_needs_number" "有了竞买号才能领号牌，请先缴保证金、办完报名手续";
    PADDLE_CODE_WRONG 409 "paddle_code_wrong" "号牌号和编码对不上，请照竞买人的号牌单再核对";
    PADDLE_SPENT 409 "paddle_spent" "这块号牌的编码错了太多次，请竞买人登录自己的账号换领一块";
    PADDLE_IN_HALL 409 "paddle_in_hall" "这块号牌已经核对过，正在现场，可以直接记出价";
    PADDLE_NOT_IN_HALL 409 "paddle_not_in_hall" "这个号的号牌不在现场，不能代记出价；请竞买人出示号牌单，先核对编码";
    PADDLE_NOT_IN_USE 409 "paddle_not_in_use" "您现在没有号牌可交回，要到现场举牌请先领一块";
}

/// Signs that nobody mixes up when reading aloud or from paper: no I, L, O, 0, 1.
const SIGNS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// About 39 random bits; five guesses of it are nothing.
const LENGTH: usize = 8;
/// Wrong codes after which a paddle takes none any more.
pub const MOST_WRONG: i32 = 5;

/// Whether bids are made in the open and one by one, so that a paddle can stand for them. A private limit, an envelope and a turn
/// of one's own are the bidder's alone.
pub const fn is_raised(mode: Mode) -> bool {
    matches!(mode, Mode::Ascending | Mode::Countdown | Mode::Clock)
}

/// Errors: `paddle_not_here`.
pub fn must_be_raised(mode: Mode) -> Result<(), Problem> {
    if is_raised(mode) { Ok(()) } else { Err((&PADDLE_NOT_HERE).into()) }
}

/// A code out of random bytes; those that would favour some signs are left out. `None`: too few.
pub fn code_of(bytes: impl Iterator<Item = u8>) -> Option<String> {
    let fair = 256 - 256 % SIGNS.len();
    let signs = bytes.map(usize::from).filter(|byte| *byte < fair).filter_map(|byte| SIGNS.get(byte % SIGNS.len()));
    let code: String = signs.take(LENGTH).map(|sign| char::from(*sign)).collect();
    Some(code).filter(|code| code.len() == LENGTH)
}

/// As it stands on the slip: `7KQM 4XWR`.
pub fn grouped(code: &str) -> String {
    [code.get(..4), code.get(4..)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A bid number as it is typed: `3`, `03`, `03 号`.
///
/// Errors: a field error.
pub fn read_number(typed: &str) -> Result<i32, Problem> {
    let text = text::half_width(typed);
    let digits = text.trim().trim_end_matches('号').trim_end();
    let plain = !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit());
    let number = digits.parse::<i32>().ok().filter(|number| plain && *number > 0);
    number.ok_or_else(|| Problem::field("number", Some(typed), "请填号牌上的竞买号，例如 03"))
}

/// A code as it is copied from the slip, blanks and small letters allowed.
///
/// Errors: a field error; what cannot be a code does not count as a wrong one.
pub fn read_code(typed: &str) -> Result<String, Problem> {
    let code: String =
        text::half_width(typed).chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase();
    let is_one = code.len() == LENGTH && code.bytes().all(|sign| SIGNS.contains(&sign));
    if is_one {
        return Ok(code);
    }
    let detail = format!("编码是 {LENGTH} 位字母和数字，没有 0、1、I、L、O，例如 7KQM 4XWR；请照号牌单填");
    Err(Problem::field("code", None, detail))
}

/// Whether a paddle still takes codes.
///
/// Errors: `paddle_spent`.
pub fn must_take_codes(wrong: i32) -> Result<(), Problem> {
    if wrong < MOST_WRONG {
        return Ok(());
    }
    let detail = format!("这块号牌的编码已错 {MOST_WRONG} 次，不再核对；请竞买人登录自己的账号换领一块");
    Err(Problem::new(&PADDLE_SPENT, detail).with("most", MOST_WRONG))
}

/// What is said of a wrong code, whether or not there is such a paddle: the desk must not find out who takes part.
pub fn wrong_code() -> Problem {
    let detail = format!("号牌号和编码对不上，请照竞买人的号牌单再核对；错满 {MOST_WRONG} 次，这块号牌就要换领");
    Problem::new(&PADDLE_CODE_WRONG, detail).with("most", MOST_WRONG)
}

/// Errors: `paddle_in_hall`; `paddle_not_in_use` for one that is over.
pub fn checked_in(state: State) -> Result<State, &'static Code> {
    match state {
        State::Issued => Ok(State::InHall),
        State::InHall => Err(&PADDLE_IN_HALL),
        State::HandedBack | State::Replaced => Err(&PADDLE_NOT_IN_USE),
    }
}

/// What is said to who would enter a bid for a paddle that is not there.
pub fn not_in_hall(number: i32) -> Problem {
    let detail = format!(
        "{} 号的号牌不在现场，不能代记出价；请竞买人出示号牌单，先核对编码，或者用自己的账号出价",
        bid_number(number)
    );
    Problem::new(&PADDLE_NOT_IN_HALL, detail).with("number", bid_number(number))
}

/// What stands on record of a paddle.
#[derive(Debug, Clone, Copy)]
pub struct OnRecord<'a> {
    pub state: State,
    pub wrong_codes: i32,
    pub issued_at: Timestamp,
    pub checked_in: Option<(&'a str, Timestamp)>,
    pub ended: Option<(&'a str, Timestamp)>,
}

/// Whether it can stand: issued, then checked in by somebody, then over, each at its time.
pub fn adds_up(paddle: OnRecord<'_>) -> bool {
    let times = [paddle.checked_in, paddle.ended].into_iter().flatten().map(|(_, at)| at);
    let in_order = std::iter::once(paddle.issued_at).chain(times).is_sorted();
    let fits = match paddle.state {
        State::Issued => paddle.checked_in.is_none() && paddle.ended.is_none(),
        State::InHall => paddle.checked_in.is_some() && paddle.ended.is_none(),
        State::HandedBack | State::Replaced => paddle.ended.is_some(),
    };
    in_order && fits && (0..=MOST_WRONG).contains(&paddle.wrong_codes)
}

/// Whether it was in the hall at a time. Bids stand a moment apart from each other, not from what is done with paddles.
pub fn was_in_hall(paddle: OnRecord<'_>, at: Timestamp) -> bool {
    paddle.checked_in.is_some_and(|(_, from)| from <= at) && paddle.ended.is_none_or(|(_, until)| at <= until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-03-11T{text}+08:00").parse().expect("a time")
    }

    #[test]
    fn codes_are_fair_and_read_as_people_copy_them() {
        let code = code_of([0, 255, 248, 247, 30, 31, 1, 2, 3, 4, 5].into_iter()).expect("enough");
        assert_eq!(code, "2ZZ23456", "248 and above would favour the first signs");
        assert_eq!(code_of([0; 7].into_iter()), None);
        assert_eq!(grouped("7KQM4XWR"), "7KQM 4XWR");
        for typed in ["7KQM4XWR", " 7kqm-4xwr ", "７ＫＱＭ　４ＸＷＲ"] {
            assert_eq!(read_code(typed).ok().as_deref(), Some("7KQM4XWR"), "{typed}");
        }
        for typed in ["", "7KQM4XW", "7KQM4XWRR", "7KQM4XW0", "7KQM4XWI", "号牌单上的编码"] {
            assert!(read_code(typed).is_err(), "{typed}");
        }
        for (typed, number) in [("3", 3), ("03", 3), (" ０３ 号", 3), ("12号", 12)] {
            assert_eq!(read_number(typed).ok(), Some(number), "{typed}");
        }
        for typed in ["", "0", "-3", "三", "3.0", "1234567"] {
            assert!(read_number(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn open_auctions_have_paddles_and_no_others() {
        let all =
            [Mode::Ascending, Mode::Countdown, Mode::Clock, Mode::Proxy, Mode::Sealed, Mode::Turns, Mode::ClockSealed];
        assert_eq!(all.map(is_raised), [true, true, true, false, false, false, false]);
        assert_eq!(must_be_raised(Mode::Sealed).err().map(|p| p.code.code), Some("paddle_not_here"));
    }

    #[test]
    fn five_wrong_codes_are_the_end() {
        assert!(must_take_codes(4).is_ok());
        let spent = must_take_codes(5).expect_err("spent");
        assert_eq!((spent.code.code, spent.extra.get("most")), ("paddle_spent", Some(&5.into())));
    }

    #[test]
    fn a_paddle_is_in_the_hall_once() {
        let there = OnRecord {
            state: State::InHall,
            wrong_codes: 1,
            issued_at: at("09:00:00"),
            checked_in: Some(("clerk", at("09:10:00"))),
            ended: None,
        };
        let back = OnRecord { state: State::HandedBack, ended: Some(("bidder", at("09:40:00"))), ..there };
        assert!(adds_up(there) && adds_up(back));
        assert!(adds_up(OnRecord { state: State::Issued, checked_in: None, ..there }));
        assert!(adds_up(OnRecord { state: State::Replaced, checked_in: None, ..back }), "never shown at the desk");
        assert!(!adds_up(OnRecord { state: State::Issued, ..there }));
        assert!(!adds_up(OnRecord { checked_in: None, ..there }));
        assert!(!adds_up(OnRecord { ended: None, ..back }));
        assert!(!adds_up(OnRecord { wrong_codes: 6, ..there }));
        assert!(!adds_up(OnRecord { ended: Some(("bidder", at("09:09:59"))), ..back }));
        assert!(was_in_hall(there, at("09:10:00")) && was_in_hall(there, at("10:00:00")));
        assert!(was_in_hall(back, at("09:40:00")) && !was_in_hall(back, at("09:40:01")));
        assert!(!was_in_hall(there, at("09:09:59")));
        assert!(!was_in_hall(OnRecord { checked_in: None, ..back }, at("09:30:00")));
        assert_eq!(checked_in(State::Issued), Ok(State::InHall));
        assert_eq!(checked_in(State::InHall).err().map(|code| code.code), Some("paddle_in_hall"));
    }
}
