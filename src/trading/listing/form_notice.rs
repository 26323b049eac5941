//! The form's fields of the decision and of what a notice says besides: what they hold, and how they fill a draft.

use super::model::{DecisionDraft, NoticeDraft};

/// Fields of the step with the further content of the notice.
pub const FIELDS: [(&str, &str); 15] = [
    ("notice/tax", "税费"),
    ("notice/payment", "租金怎样交"),
    ("notice/rent_free_months", "免租期"),
    ("notice/performance_bond", "合同履约保证金"),
    ("notice/delivery", "交付"),
    ("notice/boundaries", "四至"),
    ("notice/title_papers", "产权证件和批准文件"),
    ("notice/fire_safety", "消防验收"),
    ("notice/viewing", "看现场"),
    ("notice/restrictions", "行业要求和限制"),
    ("notice/joint_bidders", "联合竞买"),
    ("notice/complaint_phone", "监督投诉电话"),
    ("notice/right_until", "原权利到期日"),
    ("notice/attachments", "附件"),
    ("notice/attachment_title", "附件名称"),
];

/// Fields of the decision.
pub const DECISION_FIELDS: [(&str, &str); 10] = [
    ("decision_on", "决策日期"),
    ("decision/body", "表决机构"),
    ("decision/entitled", "应到人数"),
    ("decision/present", "实到人数"),
    ("decision/in_favour", "赞成票数"),
    ("decision/publicity_from", "决议公示开始"),
    ("decision/publicity_until", "决议公示截止"),
    ("decision/price_cuts", "降价安排"),
    ("decision_summary", "决策情况"),
    ("decision_document", "会议记录"),
];

/// The field that takes an attachment off again, by its place in the list.
pub fn removal(place: usize) -> String {
    format!("notice/remove_{place}")
}

pub fn value(notice: &NoticeDraft, field: &str) -> String {
    match field {
        "notice/tax" => notice.tax.clone(),
        "notice/payment" => notice.payment.clone(),
        "notice/rent_free_months" => notice.rent_free_months.map(|n| n.to_string()).unwrap_or_default(),
        "notice/performance_bond" => notice.performance_bond.clone(),
        "notice/delivery" => notice.delivery.clone(),
        "notice/boundaries" => notice.boundaries.clone(),
        "notice/title_papers" => notice.title_papers.clone(),
        "notice/fire_safety" => notice.fire_safety.clone(),
        "notice/viewing" => notice.viewing.clone(),
        "notice/restrictions" => notice.restrictions.clone(),
        "notice/joint_bidders" if notice.joint_bidders => "yes".to_owned(),
        "notice/complaint_phone" => notice.complaint_phone.clone(),
        "notice/right_until" => notice.right_until.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

pub fn decision_value(decision: &DecisionDraft, field: &str) -> String {
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    match field {
        "decision/body" => decision.body.map(|body| body.to_string()).unwrap_or_default(),
        "decision/entitled" => number(decision.entitled),
        "decision/present" => number(decision.present),
        "decision/in_favour" => number(decision.in_favour),
        "decision/publicity_from" => decision.publicity_from.clone().unwrap_or_default(),
        "decision/publicity_until" => decision.publicity_until.clone().unwrap_or_default(),
        "decision/price_cuts" => decision.price_cuts.clone(),
        _ => String::new(),
    }
}

/// The further fields as they were typed; attachments stay, but those that were ticked off.
pub fn fill<'t>(before: &NoticeDraft, typed: impl Fn(&str) -> &'t str, rent_free_months: Option<u32>) -> NoticeDraft {
    let text = |field: &str| typed(field).to_owned();
    let kept = before.attachments.iter().enumerate().filter(|(place, _)| typed(&removal(*place)).is_empty());
    NoticeDraft {
        tax: text("notice/tax"),
        payment: text("notice/payment"),
        rent_free_months,
        performance_bond: text("notice/performance_bond"),
        delivery: text("notice/delivery"),
        boundaries: text("notice/boundaries"),
        title_papers: text("notice/title_papers"),
        fire_safety: text("notice/fire_safety"),
        viewing: text("notice/viewing"),
        restrictions: text("notice/restrictions"),
        joint_bidders: !typed("notice/joint_bidders").is_empty(),
        complaint_phone: text("notice/complaint_phone"),
        right_until: Some(text("notice/right_until")).filter(|day| !day.is_empty()),
        attachments: kept.map(|(_, id)| id.clone()).collect(),
    }
}
