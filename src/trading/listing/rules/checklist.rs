//! What a reviewer looks at, rule by rule: whether it holds, in words, and on which basis. Pure.

use super::{
    super::model::{DealForm, Terms, method_words, term_text},
    deal, gate,
};
use crate::{
    calendar::Calendar,
    kernel::{Day, Fen},
    policy::{self, DepositShare},
};

/// Whether a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    Passed,
    /// Nothing forbids it; a person should look.
    Look,
    Failed,
}

/// One rule looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub subject: &'static str,
    pub finding: Finding,
    /// What was found.
    pub detail: String,
    /// The article or document behind it.
    pub basis: String,
}

/// What is known besides the terms.
#[derive(Debug, Clone, Copy)]
pub struct ReviewFacts<'a> {
    pub today: Day,
    /// The account that looks is one that drafted or submitted.
    pub own_work: bool,
    pub policies: &'a policy::Rules,
    /// The rules of the day of the meeting.
    pub meeting: &'a policy::Rules,
    pub calendar: &'a Calendar,
}

/// Least and greatest deposit for what the opening price comes to.
pub fn deposit_bounds(total: Fen, share: DepositShare) -> (Fen, Fen) {
    let part = |bp: u32| i64::try_from(i128::from(total.0) * i128::from(bp) / 10_000).map_or(Fen::MAX, Fen);
    (part(share.min_bp), part(share.max_bp))
}

/// After this many days a decision is old enough to ask whether it still holds.
const OLD_DECISION_DAYS: u64 = 365;

/// Words in the conditions that keep people out.
const NARROWING: [&str; 6] = ["仅限", "只限", "本村", "本集体", "指定", "本镇"];

/// Classes of land that stay in farming.
const FARMLAND: [&str; 2] = ["farmland", "irrigation"];

/// Every rule, in the order of the form.
pub fn checklist(terms: &Terms, facts: &ReviewFacts<'_>) -> Vec<Check> {
    let rules = facts.policies;
    let all = vec![
        decision(terms, facts),
        separation(facts),
        platform(terms, rules),
        term(terms, rules),
        usage(terms),
        opening(terms),
        deposit(terms, rules),
        bidders(terms, rules),
        method(terms),
        conditions(terms),
        notice(facts),
    ];
    all.into_iter().chain(cooperation(terms)).collect()
}

fn check(subject: &'static str, finding: Finding, detail: impl Into<String>, basis: impl Into<String>) -> Check {
    Check { subject, finding, detail: detail.into(), basis: basis.into() }
}

fn passed_if(holds: bool) -> Finding {
    if holds { Finding::Passed } else { Finding::Failed }
}

/// A number that nobody has confirmed yet says so.
fn basis<T>(rule: &policy::Rule<T>) -> String {
    if rule.verified {
        rule.basis.clone()
    } else {
        format!("{}（通用数值，请以当地办法为准）", rule.basis)
    }
}

fn decision(terms: &Terms, facts: &ReviewFacts<'_>) -> Check {
    let subject = "民主决策";
    let vote = terms.decision.as_ref().and_then(|d| d.body).and_then(|body| facts.meeting.vote(body));
    let law = || "《农村集体经济组织法》第二十六条至第二十八条，以及本集体章程".to_owned();
    let basis = vote.map_or_else(law, basis);
    let lacking: Vec<String> = gate(terms, facts.today, facts.meeting).into_iter().map(|f| f.detail).collect();
    if terms.decision_document.is_none() {
        return check(subject, Finding::Failed, "缺少会议记录", basis);
    }
    if !lacking.is_empty() {
        return check(subject, Finding::Failed, lacking.join("；"), basis);
    }
    match (terms.decision_on, &terms.decision) {
        (Some(day), _) if day.plus_days(OLD_DECISION_DAYS) < facts.today => {
            let detail = format!("{day} 作出的决策已超过一年，请核对它是否仍然算数");
            check(subject, Finding::Look, detail, basis)
        }
        (Some(day), Some(decision)) => {
            let body = decision.body.map(|body| body.label()).unwrap_or_default();
            let told = format!("{body}{}", decision.numbers_text());
            check(subject, Finding::Passed, format!("{day}：{told}；请打开会议记录，核对人数和签名"), basis)
        }
        _ => check(subject, Finding::Failed, "缺少决策日期或人数", basis),
    }
}

fn platform(terms: &Terms, rules: &policy::Rules) -> Check {
    let level = rules.platform_level(&deal(terms));
    check(
        "交易平台",
        Finding::Passed,
        format!("应在{}平台交易，由那里的交易员发布公告", level.value.label()),
        basis(&level),
    )
}

fn separation(facts: &ReviewFacts<'_>) -> Check {
    let detail = if facts.own_work {
        "您起草或提交了这一宗，请由另一位审核人员办理"
    } else {
        "审核人没有参与起草和提交"
    };
    check("交审分离", passed_if(!facts.own_work), detail, basis(&facts.policies.reviewer_differs))
}

fn term(terms: &Terms, rules: &policy::Rules) -> Check {
    let most = rules.max_term_months(&deal(terms));
    let detail = match term_text(terms.term_months) {
        none if none.is_empty() => "一次性转让，不设期限".to_owned(),
        term => format!("合同期限 {term}，最长 {}", term_text(most.value)),
    };
    check("合同期限", passed_if(terms.term_months <= most.value), detail, basis(&most))
}

fn usage(terms: &Terms) -> Check {
    let basis = "《土地管理法》第三十七条（耕地保护）";
    let farmland = FARMLAND.contains(&terms.asset_class.as_str());
    match (terms.usage.is_empty(), farmland) {
        (true, _) => check("用途", Finding::Look, "没有写用途，容易在合同里起争议，请核对", "交易公告应写明用途"),
        (false, true) => {
            let detail = format!("耕地，用途“{}”；请核对是否为永久基本农田，不得改变农业用途", terms.usage);
            check("用途", Finding::Look, detail, basis)
        }
        (false, false) => check("用途", Finding::Passed, terms.usage.clone(), "交易公告应写明用途"),
    }
}

fn opening(terms: &Terms) -> Check {
    let (unit, words) = (terms.price_unit.label(), terms.words());
    let name = words.opening;
    let price = format!("{name} {} {unit}", terms.opening_price.grouped());
    let basis = "最高限价、保留价由集体决策决定";
    match (terms.is_priced(), terms.ceiling_price, terms.reserve_price) {
        (false, ..) => check(name, Finding::Failed, format!("没有填写{name}"), basis),
        (true, Some(limit), _) => {
            let detail = format!("{price}，{} {} {unit}；请核对会议是否同意设限", words.limit, limit.grouped());
            check(name, Finding::Look, detail, basis)
        }
        (true, None, Some(_)) => check(name, Finding::Look, format!("{price}，另设保留价；请核对会议是否同意"), basis),
        (true, None, None) => check(name, Finding::Passed, price, basis),
    }
}

/// What a partner may build is for the planners to say, before anybody bids on it.
fn cooperation(terms: &Terms) -> Option<Check> {
    let basis = "参照广州市白云区产权经纪规程第五条：办理集体建设用地合作开发交易前，应先取得国土规划部门的审查意见";
    let mut detail = "合作建设：请核对自然资源和规划部门的审查意见".to_owned();
    if let Some(value) = terms.estimated_value {
        detail += &format!("，以及估值 {} 元的评估报告或会议决定", value.grouped());
    }
    (terms.form == DealForm::Cooperation).then(|| check("合作建设", Finding::Look, detail, basis))
}

fn deposit(terms: &Terms, rules: &policy::Rules) -> Check {
    let rule = &rules.deposit_share;
    if terms.is_practice() {
        return check("保证金", passed_if(terms.deposit == Fen::ZERO), "演练不收保证金", basis(rule));
    }
    let Some(total) = terms.worth(terms.opening_price).filter(|_| terms.is_priced()) else {
        let detail = format!("没有填写{}，算不出保证金的上下限", terms.words().opening);
        return check("保证金", Finding::Failed, detail, basis(rule));
    };
    let (least, most) = deposit_bounds(total, rule.value);
    let detail =
        format!("保证金 {} 元；应在 {} 元到 {} 元之间", terms.deposit.grouped(), least.grouped(), most.grouped());
    check("保证金", passed_if((least..=most).contains(&terms.deposit)), detail, basis(rule))
}

fn bidders(terms: &Terms, rules: &policy::Rules) -> Check {
    let least = &rules.min_bidders;
    let detail = format!("最少 {} 人出价才成交，规定不少于 {} 人", terms.min_bidders, least.value);
    check("最少竞买人数", passed_if(terms.min_bidders >= least.value), detail, basis(least))
}

/// Whatever is not the common open auction has its own line: the decision of the collective must have said so.
fn method(terms: &Terms) -> Check {
    let basis = "交易方式由本集体民主决策确定，并写进公告";
    let all = method_words::lines(terms).into_iter().map(|(name, words)| format!("{name}：{words}"));
    match all.collect::<Vec<_>>() {
        none if none.is_empty() => check("竞价方式", Finding::Passed, method_words::deal(terms), basis),
        some => check("竞价方式", Finding::Look, format!("请核对会议是否这样决定：{}", some.join("。")), basis),
    }
}

fn conditions(terms: &Terms) -> Check {
    let basis = "交易条件不得有针对性、排他性";
    match NARROWING.iter().find(|word| terms.conditions.contains(**word)) {
        _ if terms.conditions.is_empty() => check("竞买人条件", Finding::Failed, "没有写竞买人条件", basis),
        Some(word) => {
            let detail = format!("条件里有“{word}”，可能把别人排除在外，请核对理由：{}", terms.conditions);
            check("竞买人条件", Finding::Look, detail, basis)
        }
        None => check("竞买人条件", Finding::Passed, terms.conditions.clone(), basis),
    }
}

fn notice(facts: &ReviewFacts<'_>) -> Check {
    let rule = &facts.policies.notice_working_days;
    let (finding, detail) = match super::earliest_opening(facts.calendar, facts.today, rule.value) {
        Ok(day) => (Finding::Passed, format!("公告 {} 个工作日；如果今天公告，最早 {day} 竞价", rule.value)),
        Err(missing) => (Finding::Look, missing.to_string()),
    };
    check("公告期", finding, detail, basis(rule))
}

#[cfg(test)]
mod tests {
    use super::super::super::model::LotDraft;
    use super::*;
    use crate::{
        kernel::{Area, codes::RegionCode},
        policy::PolicyBook,
        trading::listing::model::AssetFacts,
    };

    fn rules() -> policy::Rules {
        let place: RegionCode = "440703103213".parse().expect("a code");
        PolicyBook::shipped().rules_for(&place, Day::new(2026, 3, 2).expect("a day")).expect("rules")
    }

    fn terms() -> Terms {
        let draft: LotDraft = serde_json::from_value(serde_json::json!({
            "asset_id": "ast_1", "form": "contract", "term_months": 96, "price_unit": "yuan_per_mu_year", "usage": "淡水养殖",
            "opening_price": "700.00", "step_min": "10.00", "deposit": "10000.00", "conditions": "自然人、法人",
            "decision_document": "doc_1", "decision_on": "2026-02-20",
            "decision": {"body": "member_representatives", "entitled": 45, "present": 40, "in_favour": 38,
                "publicity_from": "2026-02-21", "publicity_until": "2026-02-27"}
        }))
        .expect("a draft");
        let pond = AssetFacts {
            collective_code: "440703103213".into(),
            name: "鱼塘".into(),
            class: "pond".into(),
            location: "龙门里".into(),
            area: Area::from_mu_hundredths(2350),
            disposed: false,
        };
        super::super::check_draft(&draft, &pond, &rules(), Day::new(2026, 3, 2).expect("a day")).expect("terms")
    }

    fn found(terms: &Terms, own_work: bool) -> Vec<(&'static str, Finding)> {
        let rules = rules();
        let facts = ReviewFacts {
            today: Day::new(2026, 3, 2).expect("a day"),
            own_work,
            policies: &rules,
            meeting: &rules,
            calendar: Calendar::shipped(),
        };
        let all = checklist(terms, &facts);
        assert!(all.iter().all(|c| !c.basis.is_empty() && !c.detail.is_empty()));
        all.into_iter().filter(|c| c.finding != Finding::Passed).map(|c| (c.subject, c.finding)).collect()
    }

    #[test]
    fn good_terms_pass_and_each_fault_has_its_line() {
        assert_eq!(found(&terms(), false), []);
        assert_eq!(found(&terms(), true), [("交审分离", Finding::Failed)]);
        let mut bad = terms();
        bad.decision_on = Day::new(2024, 3, 2);
        bad.term_months = 241;
        bad.usage.clear();
        bad.ceiling_price = Some(Fen(80_000));
        bad.deposit = Fen(100_000_000);
        bad.min_bidders = 0;
        bad.conditions = "仅限本村村民".into();
        use Finding::{Failed, Look};
        let expected = [
            ("民主决策", Look),
            ("合同期限", Failed),
            ("用途", Look),
            ("起拍价", Look),
            ("保证金", Failed),
            ("最少竞买人数", Failed),
            // What the limit comes to where nothing else decides there.
            ("竞价方式", Look),
            ("竞买人条件", Look),
        ];
        assert_eq!(found(&bad, false), expected);
        bad.opening_price = Fen::ZERO;
        bad.decision_document = None;
        assert!(found(&bad, false).contains(&("民主决策", Failed)) && found(&bad, false).contains(&("起拍价", Failed)));
    }
}
