//! The form of a draft, step by step: which fields a step has, how a draft fills them, and what was typed as a draft.

use super::{
    form_notice,
    model::{DealForm, DecisionDraft, LotDraft, MethodDraft, Part, term_text},
};
use crate::{
    kernel::{FieldError, Problem, text},
    trading::{
        auction::{ExtensionFrom, Mode},
        price::PriceUnit,
        priority::Kind,
    },
};

/// A step of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Offer,
    Price,
    Method,
    Conditions,
    Notice,
    Decision,
}

impl Step {
    pub const ALL: [Step; 6] = [Step::Offer, Step::Price, Step::Method, Step::Conditions, Step::Notice, Step::Decision];

    /// Last segment of its address.
    pub const fn word(self) -> &'static str {
        match self {
            Step::Offer => "offer",
            Step::Price => "price",
            Step::Method => "method",
            Step::Conditions => "conditions",
            Step::Notice => "notice",
            Step::Decision => "decision",
        }
    }
    pub const fn title(self) -> &'static str {
        match self {
            Step::Offer => "交易内容",
            Step::Price => "价格和保证金",
            Step::Method => "竞价方式",
            Step::Conditions => "竞买人和联系",
            Step::Notice => "公告的其他内容",
            Step::Decision => "民主决策",
        }
    }
    pub const fn part(self) -> Part {
        match self {
            Step::Offer => Part::Offer,
            Step::Price => Part::Price,
            Step::Method => Part::Method,
            Step::Conditions => Part::Conditions,
            Step::Notice => Part::Notice,
            Step::Decision => Part::Decision,
        }
    }
    /// Its fields with the words people know them by.
    pub const fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Step::Offer => &[
                ("title", "公告标题"),
                ("form", "交易方式"),
                ("usage", "用途"),
                ("term_months", "合同期限"),
                ("starts_on", "合同开始"),
            ],
            Step::Price => &[
                ("price_unit", "计价单位"),
                ("estimated_value", "估值"),
                ("opening_price", "起拍价"),
                ("step_min", "每次最低加价"),
                ("step_max", "每次最高加价"),
                ("step_multiple", "加价整倍数"),
                ("ceiling_price", "最高限价"),
                ("reserve_price", "保留价"),
                ("deposit", "保证金"),
                ("min_bidders", "最少竞买人数"),
                ("max_extensions", "最多延时次数"),
            ],
            Step::Method => &METHOD_FIELDS,
            Step::Conditions => &[
                ("conditions", "竞买人条件"),
                ("qualification", "资格审查"),
                ("qualification_papers", "要交的资格材料"),
                ("priority_kinds/0", "第一优先"),
                ("priority_kinds/1", "第二优先"),
                ("priority_kinds/2", "第三优先"),
                ("priority_claim_h", "优先权申报截止提前"),
                ("priority", "优先权说明"),
                ("remarks", "其他说明"),
                ("contact", "咨询联系人"),
            ],
            Step::Notice => &form_notice::FIELDS,
            Step::Decision => &form_notice::DECISION_FIELDS,
        }
    }
    pub fn of_field(field: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.fields().iter().any(|(name, _)| *name == field))
    }
    pub fn place(self) -> usize {
        Step::ALL.iter().position(|step| *step == self).unwrap_or(0)
    }
    pub fn next(self) -> Option<Step> {
        Step::ALL.get(self.place() + 1).copied()
    }
}

const METHOD_FIELDS: [(&str, &str); 32] = [
    ("method/mode", "竞价方式"),
    ("method/steps", "分段加价"),
    ("method/extension_from", "延时从什么时候算起"),
    ("method/hard_close_after_s", "最晚结束"),
    ("method/leader_may_raise", "领先者可以再出价"),
    ("method/fallback", "人数不足时"),
    ("method/clock_decrement", "每次降多少"),
    ("method/clock_tick_s", "多少秒降一次"),
    ("method/clock_floor", "最低降到"),
    ("method/countdown_s", "限时报价秒数"),
    ("method/wait_s", "限时报价前停多少秒"),
    ("method/needs_bidders", "至少几人进入限时报价"),
    ("method/outage_at_least_s", "停机满多少秒补时"),
    ("method/outage_window_s", "停机波及最后多少秒"),
    ("method/increases", "租金递增"),
    ("method/practice", "演练"),
    ("method/trustees", "密钥保管人"),
    ("method/trustees_needed", "几位一起才能开标"),
    ("method/sealed_reserve", "保留价由密钥保管人封存"),
    ("method/revisions", "可以修改报价几次"),
    ("method/turn_rounds", "分几轮报价"),
    ("method/turn_s", "每人每轮多少秒"),
    ("method/first_pause_s", "首次报价后停多少秒"),
    ("method/pause_s", "两轮或两段之间停多少秒"),
    ("method/sealed_s", "停价后暗标多少秒"),
    ("method/best_s", "最后报价多少秒"),
    ("method/draw_ceiling", "到限价后抽签"),
    ("method/draw_ties", "同价抽签"),
    ("method/draw_holders", "优先权人之间抽签"),
    ("method/draw_h", "抽签每一步的时限"),
    ("method/ceiling_criterion", "到限价后的评定办法"),
    ("method/merits", "加分标准"),
];

fn method_value(method: &MethodDraft, field: &str) -> String {
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let ticked = |yes: bool| if yes { "yes".to_owned() } else { String::new() };
    match field {
        "method/mode" => method.mode.to_string(),
        "method/steps" => method.steps.clone(),
        "method/extension_from" => method.extension_from.to_string(),
        "method/hard_close_after_s" => number(method.hard_close_after_s),
        "method/leader_may_raise" => ticked(method.leader_may_raise),
        "method/fallback" => method.fallback.map(|next| next.to_string()).unwrap_or_default(),
        "method/clock_decrement" => method.clock_decrement.clone(),
        "method/clock_tick_s" => number(method.clock_tick_s),
        "method/clock_floor" => method.clock_floor.clone(),
        "method/countdown_s" => number(method.countdown_s),
        "method/wait_s" => number(method.wait_s),
        "method/needs_bidders" => number(method.needs_bidders),
        "method/outage_at_least_s" => number(method.outage_at_least_s),
        "method/outage_window_s" => number(method.outage_window_s),
        "method/increases" => method.increases.clone(),
        "method/practice" => ticked(method.practice),
        "method/trustees" => method.trustees.join("、"),
        "method/trustees_needed" => number(method.trustees_needed),
        "method/sealed_reserve" => ticked(method.sealed_reserve),
        "method/revisions" => number(method.revisions),
        "method/turn_rounds" => number(method.turn_rounds),
        "method/turn_s" => number(method.turn_s),
        "method/first_pause_s" => number(method.first_pause_s),
        "method/pause_s" => number(method.pause_s),
        "method/sealed_s" => number(method.sealed_s),
        "method/best_s" => number(method.best_s),
        "method/draw_ceiling" => ticked(method.draw_ceiling),
        "method/draw_ties" => ticked(method.draw_ties),
        "method/draw_holders" => ticked(method.draw_holders),
        "method/draw_h" => number(method.draw_h),
        "method/ceiling_criterion" => method.ceiling_criterion.clone(),
        "method/merits" => method.merits.clone(),
        _ => String::new(),
    }
}

/// What a field holds, as it would be typed.
pub fn value(draft: &LotDraft, field: &str) -> String {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let kind = |place: usize| draft.priority_kinds.get(place).map(Kind::to_string).unwrap_or_default();
    match field {
        "title" => draft.title.clone(),
        "form" => draft.form.to_string(),
        "usage" => draft.usage.clone(),
        "term_months" => term_text(draft.term_months),
        "starts_on" => optional(&draft.starts_on),
        "price_unit" => draft.price_unit.to_string(),
        "estimated_value" => optional(&draft.estimated_value),
        "opening_price" => draft.opening_price.clone(),
        "step_min" => draft.step_min.clone(),
        "step_max" => optional(&draft.step_max),
        "step_multiple" => optional(&draft.step_multiple),
        "ceiling_price" => optional(&draft.ceiling_price),
        "reserve_price" => optional(&draft.reserve_price),
        "deposit" => draft.deposit.clone(),
        "min_bidders" => draft.min_bidders.map(|n| n.to_string()).unwrap_or_default(),
        "max_extensions" => draft.max_extensions.map(|n| n.to_string()).unwrap_or_default(),
        method if method.starts_with("method/") => method_value(&draft.method, method),
        notice if notice.starts_with("notice/") => form_notice::value(&draft.notice, notice),
        decision if decision.starts_with("decision/") => form_notice::decision_value(&draft.decision, decision),
        "conditions" => draft.conditions.clone(),
        "qualification" => draft.qualification.to_string(),
        "qualification_papers" => draft.qualification_papers.clone(),
        "priority" => draft.priority.clone(),
        "priority_kinds/0" => kind(0),
        "priority_kinds/1" => kind(1),
        "priority_kinds/2" => kind(2),
        "priority_claim_h" => draft.priority_claim_h.filter(|h| *h > 0).map(|h| h.to_string()).unwrap_or_default(),
        "remarks" => draft.remarks.clone(),
        "contact" => draft.contact.clone(),
        "decision_on" => optional(&draft.decision_on),
        "decision_summary" => draft.decision_summary.clone(),
        "decision_document" => optional(&draft.decision_document),
        _ => String::new(),
    }
}

/// Reads a length of time: `5年`, `5年6个月`, `60个月`; nothing is no term. A bare number is refused: it could be either.
fn read_term(typed: &str) -> Result<u32, &'static str> {
    const SHAPE: &str = "请写明是几年还是几个月，例如 5年、5年6个月 或 60个月";
    let typed: String = text::half_width(typed).chars().filter(|c| !c.is_whitespace()).collect();
    if typed.is_empty() {
        return Ok(0);
    }
    let number = |part: &str| part.parse::<u32>().ok().filter(|n| *n <= 1200).ok_or(SHAPE);
    let months = |part: &str| match part.strip_suffix("个月").or_else(|| part.strip_suffix('月')) {
        Some(number_part) => number(number_part),
        None => Err(SHAPE),
    };
    match typed.split_once('年') {
        Some((years, "")) => Ok(number(years)? * 12),
        Some((years, "半")) => Ok(number(years)? * 12 + 6),
        Some((years, rest)) => Ok(number(years)? * 12 + months(rest)?),
        None => months(&typed),
    }
}

/// The draft with what was typed into one step; what a rule can only say of the whole is left to `rules`.
///
/// # Errors
/// Field errors: a choice that was not made, a number that is none, a price that is lacking.
pub fn fill<'t>(step: Step, draft: LotDraft, typed: impl Fn(&str) -> &'t str) -> Result<LotDraft, Problem> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, detail: &str| {
        let seen = typed(field);
        faults.push(FieldError::new(field, Some(seen).filter(|s| !s.is_empty()), detail));
    };
    let text = |field: &str| typed(field).to_owned();
    let optional = |field: &str| Some(text(field)).filter(|t| !t.is_empty());
    let mut number = |field: &str| {
        let typed = text::half_width(typed(field));
        let read =
            (!typed.is_empty()).then(|| typed.trim_end_matches(['人', '名', '次', '票', '秒', '轮']).parse::<u32>());
        match read {
            None => None,
            Some(Ok(number)) => Some(number),
            Some(Err(_)) => {
                fault(field, "请填写整数，例如 2；不需要时请留空");
                None
            }
        }
    };
    let filled = match step {
        Step::Offer => {
            let form = typed("form").parse::<DealForm>().unwrap_or_else(|_| {
                fault("form", "请选择交易方式");
                draft.form
            });
            let once = matches!(form, DealForm::Transfer | DealForm::Grant | DealForm::Service);
            let term_months = read_term(typed("term_months")).unwrap_or_else(|why| {
                fault("term_months", why);
                1
            });
            if term_months == 0 && !once {
                fault("term_months", "请填写合同期限，例如 5年 或 60个月");
            }
            // Without a term there is nothing a price could be paid for again and again.
            let price_unit = match (term_months, draft.price_unit) {
                (0, _) => PriceUnit::Whole,
                (_, unit) => unit,
            };
            let (title, usage) = (text("title"), text("usage"));
            LotDraft { title, form, usage, term_months, price_unit, starts_on: optional("starts_on"), ..draft }
        }
        Step::Price => {
            let (min_bidders, max_extensions) = (number("min_bidders"), number("max_extensions"));
            let price_unit = typed("price_unit").parse::<PriceUnit>().unwrap_or_else(|_| {
                fault("price_unit", "请选择计价单位");
                draft.price_unit
            });
            let stepless = matches!(draft.method.mode, Mode::Clock | Mode::Sealed);
            let (opening, step) = match (draft.form, price_unit) {
                (_, PriceUnit::FloorArea) => ("请填写起拍面积，例如 3240", "请填写每次最少加多少平方米，例如 100"),
                (DealForm::Service, _) => ("请填写最高限价，例如 700", "请填写每次最低降多少，例如 10"),
                _ => ("请填写起拍价，例如 700", "请填写每次最低加多少，例如 10"),
            };
            for (field, detail) in
                [("opening_price", opening), ("step_min", step), ("deposit", "请填写保证金；不收保证金的写 0")]
            {
                if typed(field).is_empty() && !(stepless && field == "step_min") {
                    fault(field, detail);
                }
            }
            LotDraft {
                price_unit,
                estimated_value: optional("estimated_value"),
                opening_price: text("opening_price"),
                step_min: text("step_min"),
                step_max: optional("step_max"),
                step_multiple: optional("step_multiple"),
                ceiling_price: optional("ceiling_price"),
                reserve_price: optional("reserve_price"),
                deposit: text("deposit"),
                min_bidders,
                max_extensions,
                ..draft
            }
        }
        Step::Method => LotDraft {
            method: MethodDraft {
                mode: typed("method/mode").parse().unwrap_or(Mode::Ascending),
                steps: text("method/steps"),
                extension_from: typed("method/extension_from").parse().unwrap_or(ExtensionFrom::Bid),
                hard_close_after_s: number("method/hard_close_after_s"),
                leader_may_raise: !typed("method/leader_may_raise").is_empty(),
                fallback: typed("method/fallback").parse().ok(),
                clock_decrement: text("method/clock_decrement"),
                clock_tick_s: number("method/clock_tick_s"),
                clock_floor: text("method/clock_floor"),
                countdown_s: number("method/countdown_s"),
                wait_s: number("method/wait_s"),
                needs_bidders: number("method/needs_bidders"),
                outage_at_least_s: number("method/outage_at_least_s"),
                outage_window_s: number("method/outage_window_s"),
                increases: text("method/increases"),
                practice: !typed("method/practice").is_empty(),
                trustees: names(typed("method/trustees")),
                trustees_needed: number("method/trustees_needed"),
                sealed_reserve: !typed("method/sealed_reserve").is_empty(),
                revisions: number("method/revisions"),
                turn_rounds: number("method/turn_rounds"),
                turn_s: number("method/turn_s"),
                first_pause_s: number("method/first_pause_s"),
                pause_s: number("method/pause_s"),
                sealed_s: number("method/sealed_s"),
                best_s: number("method/best_s"),
                draw_ceiling: !typed("method/draw_ceiling").is_empty(),
                draw_ties: !typed("method/draw_ties").is_empty(),
                draw_holders: !typed("method/draw_holders").is_empty(),
                draw_h: number("method/draw_h"),
                ceiling_criterion: text("method/ceiling_criterion"),
                merits: text("method/merits"),
            },
            ..draft
        },
        Step::Conditions => LotDraft {
            conditions: text("conditions"),
            qualification: typed("qualification").parse().unwrap_or_default(),
            qualification_papers: text("qualification_papers"),
            priority: text("priority"),
            priority_kinds: (0..3).filter_map(|n| typed(&format!("priority_kinds/{n}")).parse().ok()).collect(),
            priority_claim_h: number("priority_claim_h"),
            remarks: text("remarks"),
            contact: text("contact"),
            ..draft
        },
        Step::Notice => {
            let months = number("notice/rent_free_months");
            LotDraft { notice: form_notice::fill(&draft.notice, &typed, months), ..draft }
        }
        // The paper is kept apart: a file is no text.
        Step::Decision => LotDraft {
            decision_on: optional("decision_on"),
            decision_summary: text("decision_summary"),
            decision: DecisionDraft {
                body: typed("decision/body").parse().ok(),
                entitled: number("decision/entitled"),
                present: number("decision/present"),
                in_favour: number("decision/in_favour"),
                publicity_from: optional("decision/publicity_from"),
                publicity_until: optional("decision/publicity_until"),
                price_cuts: text("decision/price_cuts"),
            },
            ..draft
        },
    };
    if faults.is_empty() { Ok(filled) } else { Err(Problem::fields(faults)) }
}

/// Several names in one line.
fn names(typed: &str) -> Vec<String> {
    let parts = typed.split(['、', '，', ',', '；', ';', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The refusal as this step can show it: its own fields, or a sentence that says in which step the others are.
pub fn beside(step: Step, problem: Problem) -> Problem {
    let (own, other): (Vec<_>, Vec<_>) =
        problem.fields.iter().cloned().partition(|f| Step::of_field(f.field()) == Some(step));
    if !own.is_empty() || other.is_empty() {
        return Problem { fields: own, ..problem };
    }
    let sentences = other.iter().map(|f| match Step::of_field(f.field()) {
        Some(there) => format!("{}（在“{}”这一步修改）", f.detail, there.title()),
        None => f.detail.clone(),
    });
    Problem { detail: sentences.collect::<Vec<_>>().join("；"), fields: Vec::new(), ..problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare() -> LotDraft {
        LotDraft::of_asset("ast_1", DealForm::Lease, 0, PriceUnit::PerYear)
    }

    #[test]
    fn a_term_says_its_unit() {
        for (typed, months) in [("5年", 60), ("５ 年", 60), ("5年6个月", 66), ("1年半", 18), ("60个月", 60), ("", 0)]
        {
            assert_eq!(read_term(typed), Ok(months), "{typed}");
        }
        for unclear in ["5", "60", "年", "五年", "5年6"] {
            assert!(read_term(unclear).is_err(), "{unclear}");
        }
    }

    #[test]
    fn what_a_draft_holds_fills_the_form_and_comes_back() {
        let typed = |field: &str| match field {
            "form" => "contract",
            "usage" => "淡水养殖",
            "term_months" => "8年",
            _ => "",
        };
        let offer = fill(Step::Offer, bare(), typed).expect("a draft");
        assert_eq!((offer.term_months, value(&offer, "term_months").as_str()), (96, "8年"));
        let fields = |step, typed: fn(&str) -> &'static str| -> Vec<String> {
            let problem = fill(step, bare(), typed).expect_err("faults");
            problem.fields.iter().map(|f| f.field().to_owned()).collect()
        };
        assert_eq!(fields(Step::Offer, |_| ""), ["form", "term_months"]);
        assert_eq!(fields(Step::Price, |_| ""), ["price_unit", "opening_price", "step_min", "deposit"]);
        assert_eq!(fields(Step::Price, |_| "x"), ["min_bidders", "max_extensions", "price_unit"]);
        let sale = fill(Step::Offer, bare(), |f| if f == "form" { "transfer" } else { "" }).expect("a transfer");
        assert_eq!(sale.price_unit, PriceUnit::Whole);
    }

    #[test]
    fn a_fault_of_another_step_says_where() {
        let problem = Problem::field("deposit", None, "保证金太高");
        assert_eq!(beside(Step::Price, problem.clone()).fields.len(), 1);
        let elsewhere = beside(Step::Offer, problem);
        assert!(elsewhere.fields.is_empty() && elsewhere.detail.contains("“价格和保证金”这一步"));
    }
}
