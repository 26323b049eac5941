//! What a listing must be. Pure: the asset, the policies in force and the day come in as values.

mod checklist;
mod decision;
mod gate;
mod hours;
mod level;
mod method;
mod phase;
mod progress;
mod rounds;
mod submission;

pub use checklist::{Check, Finding, ReviewFacts, checklist, deposit_bounds};
pub use gate::{deal, gate, gate as check_vote};
pub use hours::{check_schedule, earliest_opening, propose_schedule, unusual_hours};
pub use level::check_level;
pub use method::{MODES, check_reserve};
pub use phase::{Hours, phase};
pub use progress::{MilestoneState, milestones, next_actor};
pub use rounds::{RoundBefore, check_cut};
pub use submission::{check_review, check_submission, lacking};

use super::model::{
    AssetFacts, DealForm, Decision, DecisionDraft, LotDraft, LotState, PriorityRights, QualificationTerms, Terms,
};
use crate::{
    kernel::{Day, Fen, FieldError, Problem, text},
    policy,
    trading::{auction::Mode, price::PriceUnit, qualification::Timing},
};

crate::codes! {
    LOT_NOT_IN_STATE 409 "lot_not_in_state" "标的目前的状态不能办理这一步";
    SAME_PERSON 409 "same_person" "起草或提交的人不能审核自己的标的，请由镇街的另一位审核人员办理";
    ASSET_ALREADY_LISTED 409 "asset_already_listed" "这项资产已有一宗交易在办理，请先办结或终止";
    PRICE_CUT_NOT_VOTED 409 "price_cut_not_voted" "重新挂牌的起拍价低于上一次，会议没有表决降价安排";
    PRICE_RISE_NOT_VOTED 409 "price_rise_not_voted" "重新挂牌的最高限价高于上一次，会议没有重新表决";
    PRICE_UNIT_NOT_VOTED 409 "price_unit_not_voted" "重新挂牌换了不能相比的计价单位，会议没有重新表决";
    PRICE_CUT_TOO_DEEP 409 "price_cut_too_deep" "重新挂牌的降价超过了允许的幅度";
    PLATFORM_LEVEL 403 "platform_level" "这一宗应在更高一级的平台交易，由那里的交易员发布公告";
}

/// What takes a reserve price away that was given before.
pub const NO_RESERVE: &str = "无";

/// Characters that a text of a notice may have.
const LONGEST_TEXT: usize = 2000;

/// Reads a draft against the asset and the policies in force. All faults at once, each by its field.
pub fn check_draft(
    draft: &LotDraft,
    asset: &AssetFacts,
    policies: &policy::Rules,
    today: Day,
) -> Result<Terms, Problem> {
    let stepless = matches!(draft.method.mode, Mode::Clock | Mode::Sealed);
    let mut faults = Faults {
        unpriced: draft.opening_price.trim().is_empty(),
        stepless,
        in_floor_area: !draft.price_unit.is_money(),
        ..Faults::default()
    };
    if asset.disposed {
        faults.add("asset_id", None, "这项资产已经处置，不能再上市交易，请核对资产");
    }
    let mut terms = Terms {
        asset_name: asset.name.clone(),
        asset_class: asset.class.clone(),
        asset_location: asset.location.clone(),
        asset_area: asset.area,
        form: draft.form,
        usage: faults.text("usage", &draft.usage),
        term_months: draft.term_months,
        starts_on: faults.day("starts_on", draft.starts_on.as_deref()),
        price_unit: draft.price_unit,
        estimated_value: faults.amount("estimated_value", draft.estimated_value.as_ref()),
        opening_price: faults.amount("opening_price", Some(&draft.opening_price)).unwrap_or_default(),
        reserve_price: faults.amount("reserve_price", draft.reserve_price.as_ref()),
        ceiling_price: faults.amount("ceiling_price", draft.ceiling_price.as_ref()),
        step_min: faults.amount("step_min", Some(&draft.step_min)).unwrap_or_default(),
        step_max: faults.amount("step_max", draft.step_max.as_ref()),
        step_multiple: faults.amount("step_multiple", draft.step_multiple.as_ref()),
        deposit: faults.amount("deposit", Some(&draft.deposit)).unwrap_or_default(),
        min_bidders: draft.min_bidders.unwrap_or(policies.min_bidders.value),
        window_s: policies.extension.value.window_s,
        by_s: policies.extension.value.by_s,
        max_extensions: draft.max_extensions,
        priority: faults.text("priority", &draft.priority),
        conditions: faults.text("conditions", &draft.conditions),
        remarks: faults.text("remarks", &draft.remarks),
        contact: faults.text("contact", &draft.contact),
        decision_document: draft.decision_document.clone().filter(|id| !id.trim().is_empty()),
        decision_on: faults.day("decision_on", draft.decision_on.as_deref()),
        decision_summary: faults.text("decision_summary", &draft.decision_summary),
        notice_days: policies.notice_working_days.value,
        result_days: policies.result_notice_working_days.value,
        has_reserve: false,
        method: None,
        decision: decision::read(&mut faults, &draft.decision),
        notice: decision::notice(&mut faults, &draft.notice),
        level: None,
        priority_rights: priority_rights(&mut faults, draft),
        qualification: qualification(&mut faults, draft),
    };
    terms.has_reserve = terms.reserve_price.is_some();
    terms.method = method::read(&mut faults, draft, &terms, policies);
    faults.prices(&terms);
    faults.unit(&terms);
    method::fits(&mut faults, &terms);
    faults.term(&terms, policies);
    decision::within_right(&mut faults, &terms, today);
    faults.deposit(&terms, policies);
    if terms.min_bidders < policies.min_bidders.value {
        let least = policies.min_bidders.value;
        let detail = format!("最少竞买人数不能低于 {least} 人（{}）", policies.min_bidders.basis);
        faults.add("min_bidders", Some(&terms.min_bidders.to_string()), detail);
    }
    terms.level = Some(policies.platform_level(&deal(&terms)).value);
    faults.end(terms)
}

/// More hours than this would leave no time to claim.
const MOST_CLAIM_HOURS: u32 = 240;

fn priority_rights(faults: &mut Faults, draft: &LotDraft) -> Option<PriorityRights> {
    let (order, hours) = (&draft.priority_kinds, draft.priority_claim_h.unwrap_or_default());
    for (i, kind) in order.iter().enumerate() {
        if order.iter().take(i).any(|other| other == kind) {
            let detail = format!("“{}”已经选过，同一种优先权只能选一次", kind.label());
            faults.add(&format!("priority_kinds/{i}"), Some(kind.as_str()), detail);
        }
    }
    if hours > MOST_CLAIM_HOURS {
        let detail = format!("申报截止最多比报名截止早 {MOST_CLAIM_HOURS} 小时");
        faults.add("priority_claim_h", Some(&hours.to_string()), detail);
    }
    (!order.is_empty()).then(|| PriorityRights { order: order.clone(), claim_hours_before: hours })
}

fn qualification(faults: &mut Faults, draft: &LotDraft) -> Option<QualificationTerms> {
    let (timing, papers) = (draft.qualification, faults.text("qualification_papers", &draft.qualification_papers));
    if timing == Timing::None {
        if !papers.is_empty() {
            let detail = "写了要交的材料，请选择竞价前审查还是成交后审查；不审查的，请把材料留空";
            faults.add("qualification", Some(timing.label()), detail);
        }
        return None;
    }
    if draft.method.practice {
        faults.add("qualification", Some(timing.label()), "演练没有竞得人，不审查资格；请选择不审查");
    }
    if papers.is_empty() {
        faults.add("qualification_papers", None, "请写明要交哪些材料，例如 营业执照、近三年养殖业绩证明");
    }
    Some(QualificationTerms { timing, papers })
}

/// A decision that is typed by itself, for another matter than a listing: it and the day of the meeting, with what cannot be.
pub fn read_decision(typed: &DecisionDraft, on: &str) -> (Option<Decision>, Option<Day>, Vec<FieldError>) {
    let mut faults = Faults::default();
    let day = faults.day("decision_on", Some(on));
    let decision = decision::read(&mut faults, typed);
    (decision, day, faults.found)
}

#[derive(Default)]
struct Faults {
    found: Vec<FieldError>,
    /// The prices are filled in later.
    unpriced: bool,
    /// Nobody raises a price: it falls by itself, or is sealed.
    stepless: bool,
    /// Prices are square metres, no yuan.
    in_floor_area: bool,
}

impl Faults {
    fn add(&mut self, field: &str, seen: Option<&str>, detail: impl Into<String>) {
        self.found.push(FieldError::new(field, seen, detail));
    }

    fn has(&self, field: &str) -> bool {
        self.found.iter().any(|f| f.field() == field)
    }

    fn end(self, terms: Terms) -> Result<Terms, Problem> {
        if self.found.is_empty() { Ok(terms) } else { Err(Problem::fields(self.found)) }
    }

    fn text(&mut self, field: &str, typed: &str) -> String {
        if typed.chars().count() > LONGEST_TEXT {
            self.add(field, None, format!("最多 {LONGEST_TEXT} 个字，请缩短"));
        }
        if typed.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.add(field, None, "有看不见的控制字符，请删除后重新输入");
        }
        typed.trim().replace("\r\n", "\n")
    }

    fn day(&mut self, field: &str, typed: Option<&str>) -> Option<Day> {
        let typed = typed.filter(|t| !t.trim().is_empty())?;
        text::read_day(typed).map_err(|e| self.add(field, Some(typed), e.to_string())).ok()
    }

    /// A price of the lot, as it is typed.
    fn read_price(&self, typed: &str) -> Result<Fen, String> {
        if self.in_floor_area { PriceUnit::FloorArea.read(typed) } else { PriceUnit::Whole.read(typed) }
    }

    /// A price, or an amount of yuan; a field that is left out has none.
    fn amount(&mut self, field: &str, typed: Option<&String>) -> Option<Fen> {
        let typed = typed.map(|t| t.trim())?;
        let optional = ["reserve_price", "ceiling_price", "step_max", "step_multiple", "estimated_value"];
        if typed.is_empty() && optional.contains(&field) {
            return None;
        }
        if field == "reserve_price" && typed == NO_RESERVE || typed.is_empty() && field == "step_min" && self.stepless {
            return None;
        }
        if typed.is_empty() && self.unpriced && matches!(field, "opening_price" | "step_min" | "deposit") {
            return None;
        }
        let read = match field {
            "deposit" if typed.ends_with(['%', '％']) => {
                Err("保证金是整宗一次收取的固定金额，不能写百分比，请写多少元，例如 10000.00".to_owned())
            }
            "deposit" | "estimated_value" => PriceUnit::Whole.read(typed),
            _ => self.read_price(typed),
        };
        read.map_err(|detail| self.add(field, Some(typed), detail)).ok()
    }

    /// Square metres are bid where a partner builds for the collective, and then somebody has to say what they are worth: a
    /// threshold in yuan must never be held against square metres.
    fn unit(&mut self, terms: &Terms) {
        if terms.price_unit.is_money() {
            if let Some(value) = terms.estimated_value {
                let detail = "按元计价的，总价由价格算出，不另填估值，请留空";
                self.add("estimated_value", Some(&value.to_string()), detail);
            }
            return;
        }
        if terms.form != DealForm::Cooperation {
            let detail = format!(
                "按建筑面积竞价只用于“{}”，这一宗是“{}”；请改交易方式，或者改用按元计价的单位",
                DealForm::Cooperation.label(),
                terms.form.label()
            );
            self.add("price_unit", Some(terms.price_unit.choice()), detail);
        }
        if !self.unpriced && terms.estimated_value.unwrap_or_default() == Fen::ZERO && !self.has("estimated_value") {
            let detail = "按建筑面积竞价，请填写估值（元）：起拍面积值多少钱，按评估报告或会议决定；由谁表决、在哪一级平台交易、保证金上下限都按它算";
            self.add("estimated_value", None, detail);
        }
    }

    fn prices(&mut self, terms: &Terms) {
        let zero = |faults: &mut Self, field: &str, amount: Option<Fen>| {
            if amount == Some(Fen::ZERO) && !faults.has(field) {
                faults.add(field, Some("0.00"), "应大于 0；不需要时请留空");
            }
        };
        let buys = terms.is_purchase();
        let (opening, step, unit) = (terms.words().opening, terms.words().step, terms.price_unit.counted_in());
        if terms.opening_price == Fen::ZERO && !self.unpriced && !self.has("opening_price") {
            self.add("opening_price", Some("0.00"), format!("{opening}应大于 0"));
        }
        if terms.step_min == Fen::ZERO && !self.unpriced && !self.stepless && !self.has("step_min") {
            self.add("step_min", Some("0.00"), format!("每次最低{step}幅度应大于 0"));
        }
        zero(self, "step_max", terms.step_max);
        zero(self, "step_multiple", terms.step_multiple);
        if terms.step_max.is_some_and(|max| max > Fen::ZERO && max < terms.step_min) {
            self.add("step_max", None, format!("每次最高{step}幅度不能低于最低{step}幅度 {} {unit}", terms.step_min));
        }
        if let (Some(max), Some(multiple)) = (terms.step_max, terms.step_multiple)
            && multiple > max
        {
            self.add(
                "step_multiple",
                None,
                format!("{step}倍数单位不能高于每次最高{step}幅度 {max} {unit}，否则无人能出价"),
            );
        }
        let direction = terms.direction();
        if terms.ceiling_price.is_some_and(|ceiling| direction.is_better(terms.opening_price, ceiling)) {
            let (limit, worse) = (terms.words().limit, if buys { "高于" } else { "低于" });
            self.add("ceiling_price", None, format!("{limit}不能{worse}{opening} {} {unit}", terms.opening_price));
        }
        if let (Some(reserve), Some(ceiling)) = (terms.reserve_price, terms.ceiling_price)
            && direction.is_better(reserve, ceiling)
        {
            let (limit, better) = (terms.words().limit, if buys { "低于" } else { "高于" });
            self.add("reserve_price", None, format!("保留价不能{better}{limit} {ceiling} {unit}"));
        }
        if buys && terms.reserve_price.is_some_and(|reserve| reserve > terms.opening_price) && terms.is_priced() {
            let detail = format!("保留价不能高于最高限价 {} 元：比它高的报价本来就不接受", terms.opening_price);
            self.add("reserve_price", None, detail);
        }
        if terms.price_unit.needs_quantity() && terms.asset_area.is_none() {
            let detail = "这项资产没有登记面积，不能按面积计价；请先补登面积，或改用“元/年”“元/月”";
            self.add("price_unit", Some(terms.price_unit.label()), detail);
        }
    }

    /// Civil Code art. 705 for leases, the laws of the other forms, and what the place says below them.
    fn term(&mut self, terms: &Terms, policies: &policy::Rules) {
        if terms.price_unit == PriceUnit::Whole && terms.term_months == 0 {
            return;
        }
        let most = policies.max_term_months(&deal(terms));
        if terms.term_months == 0 {
            self.add("term_months", Some("0"), "请填写合同期限（月）");
        } else if terms.term_months > most.value {
            let detail = format!("合同期限最长 {} 个月（{}）", most.value, most.basis);
            self.add("term_months", Some(&terms.term_months.to_string()), detail);
        }
    }

    /// The deposit lies between shares of what the opening price comes to over the term; of floor area, of its estimated value.
    fn deposit(&mut self, terms: &Terms, policies: &policy::Rules) {
        if !self.found.is_empty() || self.unpriced || terms.is_practice() {
            return;
        }
        let Some(total) = terms.worth(terms.opening_price) else {
            self.add("opening_price", None, "按这个价格、面积和期限算出的总价超出范围，请核对");
            return;
        };
        let share = policies.deposit_share.value;
        let (least, most) = deposit_bounds(total, share);
        if terms.deposit < least || terms.deposit > most {
            let name =
                if terms.price_unit.is_money() { format!("{}合计", terms.words().opening) } else { "估值".into() };
            let detail = format!(
                "保证金应在 {} 元到 {} 元之间：{name} {} 元的 {}% 到 {}%（{}）",
                least.grouped(),
                most.grouped(),
                total.grouped(),
                share.min_bp / 100,
                share.max_bp / 100,
                policies.deposit_share.basis
            );
            self.add("deposit", Some(&terms.deposit.to_string()), detail);
        }
    }
}

/// Refuses a step that the state does not allow; says where the lot stands.
pub fn must_be(state: LotState, allowed: &[LotState]) -> Result<(), Problem> {
    if allowed.contains(&state) {
        return Ok(());
    }
    Err(Problem::new(&LOT_NOT_IN_STATE, format!("标的目前是“{}”，不能办理这一步", state.label()))
        .with("state", state.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernel::Area, kernel::codes::RegionCode, policy::PolicyBook};

    fn draft() -> LotDraft {
        serde_json::from_value(serde_json::json!({
            "asset_id": "ast_1", "form": "contract", "term_months": 96, "price_unit": "yuan_per_mu_year",
            "opening_price": "700.00", "step_min": "10.00", "deposit": "10000.00"
        }))
        .expect("a draft")
    }

    fn pond() -> AssetFacts {
        AssetFacts {
            collective_code: "440703103213".into(),
            name: "鱼塘".into(),
            class: "pond".into(),
            location: "龙门里".into(),
            area: Area::from_mu_hundredths(2350),
            disposed: false,
        }
    }

    fn check(draft: &LotDraft, asset: &AssetFacts) -> Result<Terms, Vec<String>> {
        let place: RegionCode = "440703103213".parse().expect("a code");
        let day = Day::new(2026, 3, 2).expect("a day");
        let policies = PolicyBook::shipped().rules_for(&place, day).expect("rules");
        check_draft(draft, asset, &policies, day)
            .map_err(|problem| problem.fields.iter().map(|f| f.field().to_owned()).collect())
    }

    #[test]
    fn totals_by_unit() {
        let mut terms = check(&draft(), &pond()).expect("terms");
        let mut total = |unit, months, price| {
            (terms.price_unit, terms.term_months) = (unit, months);
            terms.total(Fen(price)).map(|t| t.to_string())
        };
        assert_eq!(total(PriceUnit::PerMuYear, 96, 70_000).as_deref(), Some("131600.00")); // domain 10.6, without its growth
        assert_eq!(total(PriceUnit::PerYear, 30, 100_001).as_deref(), Some("2500.03"), "rounded half up, once");
        assert_eq!(total(PriceUnit::PerMonth, 36, 150_000).as_deref(), Some("54000.00"));
        assert_eq!(total(PriceUnit::PerSquareMetreMonth, 12, 100).as_deref(), Some("188000.04"));
        assert_eq!(total(PriceUnit::Whole, 0, 500_000).as_deref(), Some("5000.00"));
        assert_eq!(total(PriceUnit::PerMonth, 240, Fen::MAX.0), None, "out of range, not wrapped");
    }

    #[test]
    fn a_draft_fits_its_asset_and_the_policies() {
        assert!(check(&draft(), &pond()).is_ok());
        let fault = |change: &dyn Fn(&mut LotDraft, &mut AssetFacts)| {
            let (mut draft, mut asset) = (draft(), pond());
            change(&mut draft, &mut asset);
            check(&draft, &asset).expect_err("a fault")
        };
        assert_eq!(fault(&|_, asset| asset.disposed = true), ["asset_id"]);
        assert_eq!(fault(&|_, asset| asset.area = None), ["price_unit"]);
        assert_eq!(fault(&|draft, _| draft.step_max = Some("9.99".into())), ["step_max"]);
        assert_eq!(fault(&|draft, _| draft.ceiling_price = Some("699.99".into())), ["ceiling_price"]);
        assert_eq!(fault(&|draft, _| draft.term_months = 241), ["term_months"]);
        assert_eq!(fault(&|draft, _| draft.term_months = 0), ["term_months"]);
        assert_eq!(fault(&|draft, _| draft.min_bidders = Some(0)), ["min_bidders"]);
        assert_eq!(fault(&|draft, _| draft.deposit = "26320.01".into()), ["deposit"], "20 % of 131,600.00");
        assert_eq!(fault(&|draft, _| draft.opening_price = "99999999999999.00".into()), ["opening_price"]);
        let transfer = |draft: &mut LotDraft| {
            (draft.form, draft.price_unit, draft.term_months) = (DealForm::Transfer, PriceUnit::Whole, 0);
            draft.deposit = "140.00".into();
        };
        let mut sold = draft();
        transfer(&mut sold);
        assert!(check(&sold, &pond()).is_ok());
    }

    #[test]
    fn floor_area_is_bid_where_a_partner_builds_with_an_estimate_and_a_deposit_in_yuan() {
        let good = || LotDraft {
            form: DealForm::Cooperation,
            price_unit: PriceUnit::FloorArea,
            estimated_value: Some("972万".into()),
            opening_price: "3240㎡".into(),
            step_min: "100".into(),
            ceiling_price: Some("6,000.00".into()),
            deposit: "1944000".into(),
            ..draft()
        };
        let terms = check(&good(), &pond()).expect("terms");
        assert_eq!((terms.opening_price, terms.estimated_value), (Fen(324_000), Some(Fen(972_000_000))));
        type Change = fn(&mut LotDraft);
        let changes: [(&str, Change); 10] = [
            ("price_unit", |d| d.form = DealForm::Contract),
            ("estimated_value", |d| d.estimated_value = None),
            ("estimated_value", |d| d.estimated_value = Some("0".into())),
            ("estimated_value", |d| d.estimated_value = Some("100平方米".into())),
            ("deposit", |d| d.deposit = "1944000.01".into()),
            ("deposit", |d| d.deposit = "10%".into()),
            ("opening_price", |d| d.opening_price = "3240元".into()),
            ("method/mode", |d| {
                (d.method.mode, d.ceiling_price) = (Mode::Clock, None);
                (d.method.clock_decrement, d.method.clock_floor) = ("1".into(), "1".into());
                d.method.clock_tick_s = Some(60);
            }),
            ("method/increases", |d| d.method.increases = "第5年10%".into()),
            ("decision/price_cuts", |d| d.decision.price_cuts = "第2次降到3000元".into()),
        ];
        for (field, change) in changes {
            let mut bad = good();
            change(&mut bad);
            assert_eq!(check(&bad, &pond()), Err(vec![field.to_owned()]), "{field}");
        }
        // Controls: yuan have no estimate, and a cooperation may be paid for in yuan.
        let paid = LotDraft { form: DealForm::Cooperation, ..draft() };
        assert!(check(&paid, &pond()).is_ok());
        let twice = LotDraft { estimated_value: Some("1".into()), ..paid };
        assert_eq!(check(&twice, &pond()), Err(vec!["estimated_value".to_owned()]));
    }
}
