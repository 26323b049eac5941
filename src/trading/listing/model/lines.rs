//! The terms as lines that people read: one list for the page of a lot, for the check before submitting, and for what has
//! changed since a listing was sent back. Pure.

use super::{Terms, method_words};
use crate::kernel::Fen;

/// The part of the form a line is filled in at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Offer,
    Price,
    Method,
    Conditions,
    /// What the notice says besides.
    Notice,
    Decision,
    /// Follows from the policies in force.
    Policy,
}

/// `5年6个月`, `3年`, `6个月`; nothing for a transfer.
pub fn term_text(months: u32) -> String {
    match (months / 12, months % 12) {
        (0, 0) => String::new(),
        (years, 0) => format!("{years}年"),
        (0, months) => format!("{months}个月"),
        (years, months) => format!("{years}年{months}个月"),
    }
}

fn or_none(text: &str) -> String {
    if text.is_empty() { "没有填写".to_owned() } else { text.to_owned() }
}

/// The method in the words of the notice.
fn method(terms: &Terms) -> String {
    let all = method_words::lines(terms).into_iter().map(|(name, words)| match name {
        "竞价方式" => words,
        name => format!("{name}：{words}"),
    });
    let all: Vec<String> = all.chain(method_words::steps(terms)).collect();
    if all.is_empty() { "明标（多次报价）".to_owned() } else { all.join("。") }
}

fn priority(terms: &Terms) -> String {
    let words = terms.priority_words();
    match &terms.priority_rights {
        _ if words.is_empty() => "没有".to_owned(),
        Some(rights) if rights.claim_hours_before > 0 => {
            format!("{words}；报名截止前 {} 小时申报截止", rights.claim_hours_before)
        }
        _ => words,
    }
}

fn or_not_examined(terms: &Terms) -> String {
    let words = terms.qualification_words();
    if words.is_empty() { "不审查，交了保证金就可以竞价".to_owned() } else { words }
}

/// Every term as a line: its part, name and value. The same lines in the same order whatever the terms are.
pub fn lines(title: &str, terms: &Terms) -> Vec<(Part, &'static str, String)> {
    use Part::{Conditions, Method, Offer, Policy, Price};
    let (unit, words) = (terms.price_unit.label(), terms.words());
    let price = |fen: Option<Fen>, none: &str| fen.map_or(none.to_owned(), |fen| format!("{} {unit}", fen.grouped()));
    let priced = |fen: Fen| Some(fen).filter(|_| terms.is_priced());
    let opening = match terms.worth(terms.opening_price).filter(|_| terms.is_priced()) {
        Some(worth) => {
            let name = if words.is_floor_area() { "估值" } else { "整个期限合计" };
            format!("{}（{name} {} 元）", price(Some(terms.opening_price), ""), worth.grouped())
        }
        None => price(priced(terms.opening_price), "没有填写"),
    };
    let sealed = if terms.has_reserve { "已设，封存到竞价结束" } else { "不设" };
    let reserve = price(terms.reserve_price, sealed);
    let deposit = priced(terms.deposit).map_or("没有填写".to_owned(), |fen| format!("{} 元", fen.grouped()));
    let [least, most, multiple] = match (terms.is_purchase(), words.is_floor_area()) {
        (true, _) => ["每次最低降价", "每次最高降价", "降价整倍数"],
        (_, true) => ["每次最少加面积", "每次最多加面积", "加面积整倍数"],
        _ => ["每次最低加价", "每次最高加价", "加价整倍数"],
    };
    let term = Some(term_text(terms.term_months)).filter(|t| !t.is_empty());
    let extension = format!("最后 {} 秒内有人出价，从出价时起延时 {} 秒", terms.window_s, terms.by_s);
    let extensions = terms.max_extensions.map_or("不限次数".to_owned(), |n| format!("最多 {n} 次"));
    let mut all = vec![
        (Offer, "公告标题", title.to_owned()),
        (Offer, "交易方式", terms.form.label().to_owned()),
        (Offer, "用途", or_none(&terms.usage)),
        (Offer, "合同期限", term.unwrap_or_else(|| "一次性转让，不设期限".to_owned())),
        (Offer, "合同开始", terms.starts_on.map_or("成交后约定".to_owned(), |day| day.to_string())),
        (Price, "计价单位", terms.price_unit.choice().to_owned()),
        (Price, words.opening, opening),
        (Price, least, price(priced(terms.step_min), "没有填写")),
        (Price, most, price(terms.step_max, "不限")),
        (Price, multiple, price(terms.step_multiple, "不要求")),
        (Price, words.limit, price(terms.ceiling_price, "不设")),
        (Price, "保留价（竞价结束前保密）", reserve),
        (Price, "保证金", deposit),
        (Price, "最少竞买人数", format!("{} 人", terms.min_bidders)),
        (Price, "延时次数", extensions),
        (Method, "竞价方式", method(terms)),
        (Conditions, "竞买人条件", or_none(&terms.conditions)),
        (Conditions, "资格审查", or_not_examined(terms)),
        (Conditions, "优先权", priority(terms)),
        (Conditions, "其他说明", if terms.remarks.is_empty() { "没有".to_owned() } else { terms.remarks.clone() }),
        (Conditions, "咨询联系人", or_none(&terms.contact)),
    ];
    let notice = terms.notice.clone().unwrap_or_default();
    all.extend(notice.lines("没有填写").into_iter().map(|(label, text)| (Part::Notice, label, text)));
    all.extend(decision(terms).into_iter().map(|(label, text)| (Part::Decision, label, text)));
    all.extend([
        (Policy, "交易平台", terms.level.map_or("没有确定".to_owned(), |level| level.label().to_owned())),
        (Policy, "公告期", format!("{} 个工作日", terms.notice_days)),
        (Policy, "最后出价延时", method_words::end(terms).unwrap_or(extension)),
        (Policy, "结果公示", format!("{} 个工作日", terms.result_days)),
    ]);
    all
}

fn decision(terms: &Terms) -> Vec<(&'static str, String)> {
    let decision = terms.decision.clone().unwrap_or_default();
    vec![
        ("决策日期", terms.decision_on.map_or("没有填写".to_owned(), |day| day.to_string())),
        ("表决机构", or_none(decision.body.map(|body| body.label()).unwrap_or_default())),
        ("表决人数", or_none(&decision.numbers_text())),
        ("决议公示", or_none(&decision.publicity_text().unwrap_or_default())),
        ("降价安排", if decision.price_cuts.is_empty() { "没有".to_owned() } else { decision.cuts_text() }),
        ("决策情况", or_none(&terms.decision_summary)),
        ("会议记录", if terms.decision_document.is_some() { "已上传" } else { "没有上传" }.to_owned()),
    ]
}

/// A line that reads differently than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub label: &'static str,
    pub before: String,
    pub after: String,
}

/// What reads differently; another paper under the same name counts as a change.
pub fn changes(before: (&str, &Terms), after: (&str, &Terms)) -> Vec<Change> {
    let (old, new) = (lines(before.0, before.1), lines(after.0, after.1));
    let mut found: Vec<Change> = old
        .into_iter()
        .zip(new)
        .filter(|((_, _, before), (_, _, after))| before != after)
        .map(|((_, label, before), (_, _, after))| Change { label, before, after })
        .collect();
    if let (Some(old), Some(new)) = (&before.1.decision_document, &after.1.decision_document)
        && old != new
    {
        found.push(Change {
            label: "会议记录", before: "原来的文件".to_owned(), after: "换了一份文件".to_owned()
        });
    }
    found
}
