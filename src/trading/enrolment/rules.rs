//! The real-name check of a bidder. Pure.

use super::model::{BidderKind, DECLARE, NewEnrolment};
use crate::kernel::{
    Day, FieldError, Problem, Timestamp,
    codes::{CreditCode, ResidentId},
    text,
};
use crate::trading::listing::LotState;

crate::codes! {
    NOT_ENROLLING 409 "not_enrolling" "现在不在报名时间内";
    ALREADY_ENROLLED 409 "already_enrolled" "这个账号或证件已经报名本标的，一个竞买人只能报名一次";
    ADMISSION_OVER 409 "admission_over" "竞价已经开始，不能再登记保证金或调整优先权";
    NOTICE_CHANGED 409 "notice_changed" "公告已经更正，请重新阅读后再报名";
    CONFLICT_OF_INTEREST 409 "conflict_of_interest" "依法不能参加这个项目的竞买";
    BIDDERS_HIDDEN 409 "bidders_hidden" "竞价结束前，谁报名、几个人报名，对工作人员也保密；登记保证金请用转账备注里的编码";
    NO_PRIORITY_HERE 409 "no_priority_here" "公告没有规定优先权，或竞买人没有申报优先权";
}

/// What was typed, read and checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Identity {
    pub name: String,
    /// Resident ID number or credit code, in its one form.
    pub id_number: String,
    pub phone: String,
    pub priority_claim: String,
}

/// Age from which a person acts alone (Civil Code art. 18).
const OF_AGE: u32 = 18;

/// Somebody who takes what is offered without enrolling: the same checks.
///
/// Errors: field errors.
pub fn check_identity(new: &NewEnrolment, today: Day) -> Result<Identity, Problem> {
    check(new, today, false)
}

/// The real-name check: the name can be one, the number's check digit and date are right, the person is of age.
/// `in_words`: the notice gives priority in words, which an enrolment answers in words.
pub fn check(new: &NewEnrolment, today: Day, in_words: bool) -> Result<Identity, Problem> {
    let mut errors = Vec::new();
    let mut add = |field: &str, seen: Option<&str>, detail: String| errors.push(FieldError::new(field, seen, detail));
    let name = text::read_name(&new.name).map_err(|e| add("name", Some(&new.name), e.to_string())).ok();
    let id_number = read_bidder_number(new.kind, &new.id_number, today);
    let id_number = id_number.map_err(|detail| add("id_number", None, detail)).ok();
    let phone = text::read_phone(&new.phone).map_err(|e| add("phone", None, e.to_string())).ok();
    let priority_claim = new.priority_claim.trim();
    if priority_claim.chars().count() > 200 || priority_claim.chars().any(char::is_control) {
        add("priority_claim", None, "最多 200 个字，写在一行里".to_owned());
    } else if !priority_claim.is_empty() && !in_words {
        let detail = "请留空；公告有优先权的，报名以后在“优先权”那一页上传证明材料申报";
        add("priority_claim", None, detail.to_owned());
    }
    if !new.accepts_terms {
        add("accepts_terms", None, "请阅读公告并勾选同意竞买须知".to_owned());
    }
    if !new.declares_no_conflict {
        add("declares_no_conflict", None, DECLARE.to_owned());
    }
    match (name, id_number, phone) {
        (Some(name), Some(id_number), Some(phone)) if errors.is_empty() => {
            Ok(Identity { name: name.value, id_number, phone, priority_claim: priority_claim.to_owned() })
        }
        _ => Err(Problem::fields(errors)),
    }
}

/// The number of a card or a licence in its one form.
///
/// Errors, in a sentence: a number that cannot be one.
pub fn read_id_number(kind: BidderKind, typed: &str, today: Day) -> Result<String, String> {
    match kind {
        BidderKind::Person => match ResidentId::read(typed, today) {
            Ok(id) => Ok(id.value.expose().to_owned()),
            Err(e) => Err(e.to_string()),
        },
        BidderKind::Organisation => match CreditCode::read(typed) {
            Ok(checked) if checked.warnings.is_empty() => Ok(checked.code.as_str().to_owned()),
            Ok(checked) => {
                let warnings: Vec<String> = checked.warnings.iter().map(ToString::to_string).collect();
                Err(warnings.join("；"))
            }
            Err(e) => Err(e.to_string()),
        },
    }
}

/// The number of somebody who may bid: a person is of age.
///
/// Errors, in a sentence.
pub fn read_bidder_number(kind: BidderKind, typed: &str, today: Day) -> Result<String, String> {
    let id_number = read_id_number(kind, typed, today)?;
    if kind == BidderKind::Organisation {
        return Ok(id_number);
    }
    match ResidentId::read(&id_number, today) {
        Ok(id) if id.value.birth() <= today && today.years_since(id.value.birth()) >= OF_AGE => Ok(id_number),
        Ok(_) => Err(format!("竞买人应年满 {OF_AGE} 周岁（民法典第十八条）")),
        Err(e) => Err(e.to_string()),
    }
}

/// Whether the version of the notice that was read is the one in force.
///
/// Errors: `notice_changed`.
pub fn must_have_read(read: Option<i32>, in_force: i32) -> Result<(), Problem> {
    match read {
        Some(read) if read != in_force => {
            let detail = format!("公告已更正为第 {in_force} 版，您看的是第 {read} 版；请重新阅读后再报名");
            Err(Problem::new(&NOTICE_CHANGED, detail).with("notice_version", in_force))
        }
        _ => Ok(()),
    }
}

/// What is known of who wants to bid.
#[derive(Debug, Default)]
pub struct Ties {
    /// It is the collective itself.
    pub is_seller: bool,
    /// The own account holds this office over the lot.
    pub office: Option<&'static str>,
    /// The collective has recorded the person in this post.
    pub post: Option<&'static str>,
}

/// Auction Law, art. 30: the seller does not bid and has nobody bid for it; SPC rules on online judicial auctions, art. 34:
/// nor does the platform's staff.
///
/// Errors: `conflict_of_interest`.
pub fn check_ties(ties: &Ties) -> Result<(), Problem> {
    let why = match ties {
        Ties { is_seller: true, .. } => "出让方自己不能竞买（拍卖法第三十条）".to_owned(),
        Ties { post: Some(post), .. } => {
            format!("登记为出让方的{post}，不能竞买本集体的项目（拍卖法第三十条）")
        }
        Ties { office: Some(office), .. } => {
            format!("担任{office}、经办本项目的人不能竞买（参照法释〔2016〕18号第三十四条）")
        }
        _ => return Ok(()),
    };
    Err(Problem::new(&CONFLICT_OF_INTEREST, format!("{why}；登记有误的，请先向镇街更正")))
}

/// Whether who takes part may be shown: not before the end, to nobody (SPC rules on online judicial auctions, art. 18).
///
/// Errors: `bidders_hidden`.
pub fn must_be_over(state: LotState) -> Result<(), Problem> {
    if state.is_under_way() { Err((&BIDDERS_HIDDEN).into()) } else { Ok(()) }
}

/// The code of a transfer as people copy it.
pub fn read_remark(typed: &str) -> String {
    text::half_width(typed).chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_uppercase()
}

/// Whether bidders can still be admitted.
///
/// Errors: `admission_over`.
pub fn must_be_admitting(opens_at: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
    if opens_at.is_none_or(|opens| now >= opens) { Err((&ADMISSION_OVER).into()) } else { Ok(()) }
}

/// Whether people may enrol now.
pub fn must_be_enrolling(until: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
    match until {
        Some(until) if now < until => Ok(()),
        Some(until) => Err(Problem::new(&NOT_ENROLLING, format!("报名已于 {} 截止", until.minute_text()))),
        None => Err((&NOT_ENROLLING).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewEnrolment {
        NewEnrolment {
            kind: BidderKind::Person,
            name: "陈 某".into(),
            id_number: "440703199003071234".into(),
            phone: "138 0000 1111".into(),
            priority_claim: String::new(),
            accepts_terms: true,
            notice_version: None,
            declares_no_conflict: true,
            share: String::new(),
            partners: Vec::new(),
        }
    }

    /// A constructed number with the right check digit.
    fn with_check_digit(body: &str) -> String {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
        format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
    }

    fn fields(new: &NewEnrolment, priority: bool) -> Vec<String> {
        let today = Day::new(2026, 3, 2).expect("a day");
        match check(new, today, priority) {
            Ok(_) => Vec::new(),
            Err(problem) => problem.fields.iter().map(|f| f.field().to_owned()).collect(),
        }
    }

    #[test]
    fn who_sells_or_steers_does_not_bid() {
        assert!(check_ties(&Ties::default()).is_ok(), "the control");
        for (ties, word) in [
            (Ties { is_seller: true, ..Ties::default() }, "出让方自己"),
            (Ties { post: Some("理事长"), ..Ties::default() }, "理事长"),
            (Ties { office: Some("镇街交易员"), ..Ties::default() }, "镇街交易员"),
        ] {
            let problem = check_ties(&ties).expect_err("a conflict");
            assert!(problem.detail.contains(word), "{problem:?}");
        }
        assert!(must_have_read(None, 2).is_ok() && must_have_read(Some(2), 2).is_ok());
        assert_eq!(must_have_read(Some(1), 2).expect_err("old").code.code, "notice_changed");
    }

    #[test]
    fn real_names_only() {
        let good = NewEnrolment { id_number: with_check_digit("44070319900307123"), ..new() };
        assert_eq!(fields(&good, false), Vec::<String>::new());
        let young = NewEnrolment { id_number: with_check_digit("44070320080303123"), ..new() };
        assert_eq!(fields(&young, false), ["id_number"], "18 tomorrow");
        let of_age = NewEnrolment { id_number: with_check_digit("44070320080302123"), ..new() };
        assert_eq!(fields(&of_age, false), Vec::<String>::new(), "18 today");
        let all_wrong = NewEnrolment {
            name: String::new(),
            id_number: "1".into(),
            phone: "1".into(),
            priority_claim: "原承租方".into(),
            accepts_terms: false,
            declares_no_conflict: false,
            ..new()
        };
        assert_eq!(
            fields(&all_wrong, false),
            ["name", "id_number", "phone", "priority_claim", "accepts_terms", "declares_no_conflict"]
        );
        assert_eq!(fields(&NewEnrolment { priority_claim: "原承租方".into(), ..good }, true), Vec::<String>::new());
        let firm = NewEnrolment { kind: BidderKind::Organisation, id_number: "N2440703MF0000013M".into(), ..new() };
        assert_eq!(fields(&firm, false), Vec::<String>::new());
        let doubtful = NewEnrolment { id_number: "N2440703MF0000013L".into(), ..firm };
        assert_eq!(fields(&doubtful, false), ["id_number"]);
    }
}
