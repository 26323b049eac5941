//! The real-name check of a bidder. Pure.

use super::model::{BidderKind, NewEnrolment};
use crate::kernel::{
    Day, FieldError, Problem, Timestamp,
    codes::{CreditCode, ResidentId},
    text,
};

crate::codes! {
    NOT_ENROLLING 409 "not_enrolling" "现在不在报名时间内";
    ALREADY_ENROLLED 409 "already_enrolled" "这个账号或证件已经报名本标的，一个竞买人只能报名一次";
    ADMISSION_OVER 409 "admission_over" "竞价已经开始，不能再登记保证金或调整优先权";
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

/// The real-name check: the name can be one, the number's check digit and date are right, the person is of age.
pub fn check(new: &NewEnrolment, today: Day, has_priority: bool) -> Result<Identity, Problem> {
    let mut errors = Vec::new();
    let mut add = |field: &str, seen: Option<&str>, detail: String| errors.push(FieldError::new(field, seen, detail));
    let name = text::read_name(&new.name).map_err(|e| add("name", Some(&new.name), e.to_string())).ok();
    let id_number = match new.kind {
        BidderKind::Person => match ResidentId::read(&new.id_number, today) {
            Ok(id) if id.value.birth() > today || today.years_since(id.value.birth()) < OF_AGE => {
                add("id_number", None, format!("竞买人应年满 {OF_AGE} 周岁（民法典第十八条）"));
                None
            }
            Ok(id) => Some(id.value.expose().to_owned()),
            Err(e) => {
                add("id_number", None, e.to_string());
                None
            }
        },
        BidderKind::Organisation => match CreditCode::read(&new.id_number) {
            Ok(checked) if checked.warnings.is_empty() => Some(checked.code.as_str().to_owned()),
            Ok(checked) => {
                let warnings: Vec<String> = checked.warnings.iter().map(ToString::to_string).collect();
                add("id_number", None, warnings.join("；"));
                None
            }
            Err(e) => {
                add("id_number", None, e.to_string());
                None
            }
        },
    };
    let phone = text::read_phone(&new.phone).map_err(|e| add("phone", None, e.to_string())).ok();
    let priority_claim = new.priority_claim.trim();
    if priority_claim.chars().count() > 200 || priority_claim.chars().any(char::is_control) {
        add("priority_claim", None, "最多 200 个字，写在一行里".to_owned());
    } else if !priority_claim.is_empty() && !has_priority {
        add("priority_claim", None, "公告没有规定优先权，请留空".to_owned());
    }
    if !new.accepts_terms {
        add("accepts_terms", None, "请阅读公告并勾选同意竞买须知".to_owned());
    }
    match (name, id_number, phone) {
        (Some(name), Some(id_number), Some(phone)) if errors.is_empty() => {
            Ok(Identity { name: name.value, id_number, phone, priority_claim: priority_claim.to_owned() })
        }
        _ => Err(Problem::fields(errors)),
    }
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
            ..new()
        };
        assert_eq!(fields(&all_wrong, false), ["name", "id_number", "phone", "priority_claim", "accepts_terms"]);
        assert_eq!(fields(&NewEnrolment { priority_claim: "原承租方".into(), ..good }, true), Vec::<String>::new());
        let firm = NewEnrolment { kind: BidderKind::Organisation, id_number: "N2440703MF0000013M".into(), ..new() };
        assert_eq!(fields(&firm, false), Vec::<String>::new());
        let doubtful = NewEnrolment { id_number: "N2440703MF0000013L".into(), ..firm };
        assert_eq!(fields(&doubtful, false), ["id_number"]);
    }
}
