//! What must be there before a listing goes a step further, and who may not take it. Pure.

use super::{LONGEST_TEXT, SAME_PERSON, gate};
use crate::{
    kernel::{Day, FieldError, Problem},
    policy,
    trading::listing::model::{Review, Terms},
};

/// What is lacking before a draft goes to the township, each by its field: prices, the decision of the collective with its
/// minutes and its numbers, conditions, contact. `rules` are those of the day of the meeting.
pub fn lacking(terms: &Terms, today: Day, rules: &policy::Rules) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut need = |missing: bool, field: &str, detail: &str| {
        if missing {
            errors.push(FieldError::new(field, None, detail));
        }
    };
    need(!terms.is_priced(), "opening_price", "请填写价格、每次幅度和保证金，再提交审核");
    need(terms.decision_document.is_none(), "decision_document", "请上传民主决策的会议记录，再提交审核");
    need(
        terms.conditions.is_empty(),
        "conditions",
        "请写明竞买人的条件；没有特别条件时写“具有完全民事行为能力的自然人、法人”",
    );
    need(terms.contact.is_empty(), "contact", "请写明咨询电话和联系人");
    errors.extend(gate(terms, today, rules));
    errors
}

/// Errors: every field that is [`lacking`].
pub fn check_submission(terms: &Terms, today: Day, rules: &policy::Rules) -> Result<(), Problem> {
    let errors = lacking(terms, today, rules);
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

/// A review is made by somebody else than who drafted or submitted (交审分离), and says why where it sends back.
pub fn check_review(
    review: &Review,
    reviewer: &str,
    drafted_by: &str,
    submitted_by: Option<&str>,
) -> Result<(), Problem> {
    if reviewer == drafted_by || Some(reviewer) == submitted_by {
        return Err((&SAME_PERSON).into());
    }
    if !review.approve && review.note.trim().is_empty() {
        return Err(Problem::field("note", None, "退回时请写明需要修改的内容"));
    }
    if review.note.chars().count() > LONGEST_TEXT {
        return Err(Problem::field("note", None, format!("最多 {LONGEST_TEXT} 个字，请缩短")));
    }
    Ok(())
}
