//! A lot in the words of its pages: everything that the terms say, so that nobody has to know what a rule is called.

use std::borrow::Borrow;

use super::model::{LotSummary, LotView, Standing};
use crate::{
    kernel::{Fen, Timestamp},
    trading::{
        auction::{Mode, Status},
        listing::{
            Phase, PriceUnit,
            method_words::{self, span},
        },
    },
    web::html::{Fact, Tone, filters},
};

/// The way of a trade, as the bar of steps names it.
pub const STEPS: [&str; 5] = ["公告", "报名", "竞价", "结果公示", "签约"];

/// The colour of a phase; never shown without its word.
pub fn tone(phase: Phase) -> Tone {
    match phase {
        Phase::Enrolling => Tone::Info,
        Phase::Waiting => Tone::Warn,
        Phase::Bidding => Tone::Live,
        Phase::Suspended => Tone::Bad,
        Phase::Closing => Tone::Info,
        Phase::Sold => Tone::Good,
        _ => Tone::Quiet,
    }
}

impl Standing {
    pub const fn tone(self) -> Tone {
        match self {
            Standing::Outbid => Tone::Bad,
            Standing::Ready | Standing::DepositDue | Standing::Suspended => Tone::Warn,
            Standing::Leading | Standing::Won => Tone::Good,
            Standing::Waiting | Standing::Closing => Tone::Info,
            Standing::Lost | Standing::Missed | Standing::Terminated | Standing::Practised => Tone::Quiet,
        }
    }
}

/// `8 年`, `2 年 6 个月`; a transfer has no term.
pub fn term(months: u32) -> String {
    match (months / 12, months % 12) {
        (0, 0) => "不设期限（一次性转让）".to_owned(),
        (0, months) => format!("{months} 个月"),
        (years, 0) => format!("{years} 年"),
        (years, months) => format!("{years} 年 {months} 个月"),
    }
}

/// A price with its unit.
pub fn price(amount: Fen, unit: PriceUnit) -> String {
    format!("{} {}", amount.grouped(), unit.label())
}

impl LotSummary {
    pub fn tone(&self) -> Tone {
        tone(self.phase)
    }
    pub fn place(&self) -> String {
        place(&self.town, &self.collective_name)
    }
    /// Where it is, how large, how long.
    pub fn what(&self) -> String {
        let mut parts = vec![self.asset_location.clone()];
        parts.extend(self.asset_area.map(filters::area_text));
        if self.term_months > 0 {
            parts.push(format!("租期 {}", term(self.term_months)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join("，")
    }
    pub fn price_label(&self) -> &'static str {
        match (self.phase, self.price) {
            (_, None) => "底价",
            (Phase::Sold, _) => "成交价",
            (Phase::Failed | Phase::Terminated | Phase::Undone, _) => "最后出价",
            _ => "当前价",
        }
    }
    pub fn shown_price(&self) -> String {
        self.price.unwrap_or(self.opening_price).grouped()
    }
    /// The hour that matters now.
    pub fn when(&self) -> String {
        let at = |time: Option<Timestamp>| time.map(filters::deadline_text).unwrap_or_default();
        match self.phase {
            Phase::Enrolling => format!("报名到 {} 截止", at(self.enrol_until)),
            Phase::Waiting => format!("{} 开始竞价", at(self.opens_at)),
            Phase::Bidding => format!("预计 {} 结束", at(self.end_at)),
            Phase::Sold | Phase::Failed | Phase::Undone => format!("{} 结束", at(self.end_at)),
            _ => String::new(),
        }
    }
}

/// A collective with its town before it, unless its own name says that already.
pub(super) fn place(town: &str, name: &str) -> String {
    if town.is_empty() || name.contains(town) { name.to_owned() } else { format!("{town} {name}") }
}

impl LotView {
    pub fn tone(&self) -> Tone {
        tone(self.phase)
    }
    pub fn place(&self) -> String {
        place(&self.town, &self.collective_name)
    }
    pub fn is_over(&self) -> bool {
        !self.state.is_under_way()
    }
    /// Whether the page follows the auction by itself.
    pub fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Bidding | Phase::Closing)
    }
    /// Where it stands in [`STEPS`].
    pub fn step(&self) -> usize {
        match self.phase {
            Phase::Enrolling => 1,
            Phase::Waiting | Phase::Bidding | Phase::Suspended | Phase::Closing => 2,
            Phase::Sold if self.award.as_ref().is_some_and(|a| self.now.day() > a.notice_until) => 4,
            _ => 3,
        }
    }
    pub fn unit(&self) -> &'static str {
        self.terms.price_unit.label()
    }
    /// A price with the lot's unit.
    pub fn priced(&self, amount: impl Borrow<Fen>) -> String {
        price(*amount.borrow(), self.terms.price_unit)
    }
    /// What a price comes to over the term, where the unit is not the whole already.
    pub fn over_term(&self, amount: impl Borrow<Fen>) -> Option<String> {
        if self.terms.price_unit == PriceUnit::Whole {
            return None;
        }
        let total = self.terms.total(*amount.borrow())?;
        Some(format!("{} 元（租期 {}）", total.grouped(), term(self.terms.term_months)))
    }
    pub fn is_proxy(&self) -> bool {
        self.terms.mode() == Mode::Proxy
    }
    /// Whether the price falls by itself.
    pub fn falls(&self) -> bool {
        self.terms.mode() == Mode::Clock
    }
    /// Whether bids are envelopes that nobody can read before the end.
    pub fn is_sealed(&self) -> bool {
        self.terms.mode() == Mode::Sealed
    }
    pub fn leader_may_raise(&self) -> bool {
        self.terms.method.as_ref().is_some_and(|method| method.leader_may_raise)
    }
    pub fn is_practice(&self) -> bool {
        self.terms.is_practice()
    }
    /// When the falling price falls next.
    pub fn falls_at(&self) -> Option<Timestamp> {
        self.live.as_ref().and_then(|live| live.clock.as_ref()).and_then(|clock| clock.falls_at)
    }
    /// The price that stands, that the clock asks for, or the least first one.
    pub fn shown_price(&self) -> Fen {
        let Some(live) = &self.live else { return self.terms.opening_price };
        let asked = live.clock.as_ref().map(|clock| clock.price);
        let awarded = self.award.as_ref().and_then(|award| award.price);
        live.price.or(asked).or(awarded).unwrap_or(self.terms.opening_price)
    }
    pub fn price_label(&self) -> &'static str {
        match (self.phase, self.live.as_ref().and_then(|live| live.price)) {
            (Phase::Sold, None) => "成交价",
            (Phase::Bidding | Phase::Suspended, None) if self.falls() => "现价（自动下降）",
            (_, None) => "底价（起拍价）",
            (Phase::Sold, _) => "成交价",
            (Phase::Failed | Phase::Terminated | Phase::Undone, _) => "最后出价",
            _ => "当前价",
        }
    }
    /// Bid number of who leads; empty before the first bid.
    pub fn leader(&self) -> &str {
        self.live.as_ref().and_then(|live| live.leader.as_deref()).unwrap_or("")
    }
    pub fn extensions(&self) -> u64 {
        self.live.as_ref().map_or(0, |live| live.extensions)
    }
    /// What the clock counts down to, and what is said beside it.
    pub fn clock(&self) -> Option<(&'static str, Timestamp)> {
        match self.phase {
            Phase::Enrolling => Some(("距报名截止", self.enrol_until?)),
            Phase::Waiting => Some(("距竞价开始", self.opens_at?)),
            Phase::Bidding => Some(("距结束", self.live.as_ref()?.end_at)),
            _ => None,
        }
    }
    /// The clock's face at the moment of this picture.
    pub fn left(&self) -> String {
        let Some((_, until)) = self.clock() else { return String::new() };
        let seconds = until.since_us(self.now).max(0) / 1_000_000;
        let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
        let mut text = if days > 0 { format!("{days} 天 ") } else { String::new() };
        if days > 0 || hours > 0 {
            text.push_str(&format!("{hours:02}:"));
        }
        text + format!("{:02}:{:02}", seconds / 60 % 60, seconds % 60).as_str()
    }

    /// What an offered amount is over the price that stands.
    pub fn raise_words(&self, amount: &Fen) -> String {
        let over = |price: Fen| Fen(amount.0.saturating_sub(price.0));
        match self.live.as_ref().and_then(|live| live.price) {
            Some(price) => format!("加 {} 元", over(price).grouped()),
            None if over(self.terms.opening_price) == Fen::ZERO => "就是底价".to_owned(),
            None => format!("比底价多 {} 元", over(self.terms.opening_price).grouped()),
        }
    }

    /// How one bids, in one sentence.
    pub fn how(&self) -> &'static str {
        method_words::how(self.terms.mode())
    }
    pub fn gives_outages_back(&self) -> bool {
        self.terms.method.as_ref().is_some_and(|method| method.outage.is_some())
    }
    /// The rules of the method besides how one bids.
    pub fn further_rules(&self) -> Vec<String> {
        self.method_lines().into_iter().skip(1).map(|(_, words)| words).collect()
    }
    /// What the method says besides.
    pub fn method_lines(&self) -> Vec<(&'static str, String)> {
        method_words::lines(&self.terms)
    }
    /// Empty where nobody raises.
    pub fn step_words(&self) -> String {
        if self.falls() || self.is_sealed() {
            return String::new();
        }
        let flat = || format!("每次至少加 {} 元", self.terms.step_min.grouped());
        let mut text = method_words::steps(&self.terms).unwrap_or_else(flat);
        if let Some(max) = self.terms.step_max {
            text.push_str(&format!("，最多加 {} 元", max.grouped()));
        }
        if let Some(multiple) = self.terms.step_multiple {
            text.push_str(&format!("；出价应是底价加上 {} 元的整数倍", multiple.grouped()));
        }
        text
    }
    pub fn extension_words(&self) -> String {
        if let Some(words) = method_words::end(&self.terms) {
            return words;
        }
        let most = self.terms.max_extensions.map_or("次数不限".to_owned(), |n| format!("最多 {n} 次"));
        format!(
            "结束前 {}内有人出价，就从这次出价起再等 {}，没有人再加价才结束；{most}",
            span(self.terms.window_s),
            span(self.terms.by_s)
        )
    }

    /// Everything that the notice says, in the order in which people ask.
    pub fn notice(&self) -> Vec<Fact> {
        let terms = &self.terms;
        let mut facts = Vec::new();
        let mut say = |key: &str, value: String| {
            if !value.is_empty() {
                facts.push(Fact::new(key, value));
            }
        };
        say("项目编号", self.number.clone().unwrap_or_default());
        say("第几次挂牌", format!("第 {} 次", self.round));
        say("出让方", self.place());
        say("交易方式", format!("{}，{}", terms.form.label(), method_words::deal(terms.mode())));
        say("名称", terms.asset_name.clone());
        say("坐落", terms.asset_location.clone());
        say("面积", terms.asset_area.map(filters::area_text).unwrap_or_default());
        say("用途", terms.usage.clone());
        say("期限", term(terms.term_months));
        say("起租日", terms.starts_on.map(|day| day.to_string()).unwrap_or_default());
        let capitals = crate::kernel::text::capitals(terms.opening_price);
        say("底价（起拍价）", format!("{}（大写：{capitals}）", self.priced(terms.opening_price)));
        say("按底价全期合计", self.over_term(terms.opening_price).unwrap_or_default());
        say("加价", self.step_words());
        say("最高限价", terms.ceiling_price.map(|c| self.priced(c)).unwrap_or_default());
        say(
            "保留价",
            match terms.reserve_price {
                Some(reserve) => self.priced(reserve),
                None if self.has_reserve => "设有保留价，竞价结束后公布；最高出价没有达到保留价不成交".to_owned(),
                None => String::new(),
            },
        );
        say("最少竞买人数", format!("{} 人", terms.min_bidders));
        say("保证金", format!("{} 元，要在报名截止前到账，付款户名要和报名人一致", terms.deposit.grouped()));
        say("报名和保证金截止", self.enrol_until.map(filters::deadline_text).unwrap_or_default());
        say("竞价开始", self.opens_at.map(filters::deadline_text).unwrap_or_default());
        say(
            "预计结束",
            self.closes_at.map(|at| format!("{}（不含延时）", filters::deadline_text(at))).unwrap_or_default(),
        );
        say("延时规则", self.extension_words());
        self.method_lines().into_iter().for_each(|(key, words)| say(key, words));
        say(
            "优先权",
            match terms.priority.as_str() {
                "" => "没有规定优先权".to_owned(),
                who => format!("{who}，同等价格下优先；报名时申报，由镇街核定"),
            },
        );
        say("谁可以报名", terms.conditions.clone());
        say("其他说明", terms.remarks.clone());
        say("公告期", format!("不少于 {} 个工作日", terms.notice_days));
        say("结果公示期", format!("{} 个工作日", terms.result_days));
        say("民主决策", self.decision_words());
        for (key, words) in terms.notice.iter().flat_map(|notice| notice.lines("")) {
            if key != "附件" {
                say(key, words);
            }
        }
        say("交易平台", terms.level.map(|level| level.label().to_owned()).unwrap_or_default());
        say("联系人", terms.contact.clone());
        say("公告发布", self.published_at.map(|at| at.minute_text()).unwrap_or_default());
        facts
    }

    /// Who decided, with the numbers; of an older lot the words that stand for them.
    fn decision_words(&self) -> String {
        let terms = &self.terms;
        let Some(day) = terms.decision_on else { return String::new() };
        let mut parts = vec![day.to_string()];
        if let Some(decision) = &terms.decision {
            let body = decision.body.map(|body| body.label()).unwrap_or_default();
            parts.push(format!("{body}{}", decision.numbers_text()));
            parts.extend(decision.publicity_text().map(|days| format!("决议公示 {days}")));
        }
        parts.push(terms.decision_summary.clone());
        parts.retain(|part| !part.is_empty());
        parts.join("，")
    }

    /// How it ended, as far as an award says it.
    pub fn result(&self) -> Vec<Fact> {
        let Some(award) = &self.award else { return Vec::new() };
        let mut facts = Vec::new();
        let mut say = |key: &str, value: String| facts.push(Fact::new(key, value));
        if let Some(reason) = award.reason {
            say("没有成交的原因", reason.label().to_owned());
        }
        if !award.note.is_empty() {
            say("终止原因", award.note.clone());
        }
        if let Some(number) = &award.winner {
            let name = award.winner_name.as_deref().unwrap_or_default();
            say("竞得人", format!("{name}（竞买号 {number}）"));
        }
        if let Some(amount) = award.price {
            say("大写", crate::kernel::text::capitals(amount));
            say("比底价高", premium(amount, self.terms.opening_price, self.unit()));
        }
        say("出过价的竞买人", format!("{} 人", award.participants));
        say("延时次数", format!("{} 次", award.extensions));
        say("竞价结束", award.closed_at.second_text());
        if award.status != Status::Terminated {
            let days = self.terms.result_days;
            say("结果公示", format!("{} 至 {}（{days} 个工作日）", award.notice_from, award.notice_until));
        }
        if !award.successors.is_empty() {
            say("递补顺序", format!("{} 号", award.successors.join("、")));
        }
        facts
    }
}

/// By how much, and in percent with one decimal, rounded half up.
fn premium(amount: Fen, opening: Fen, unit: &str) -> String {
    let more = Fen(amount.0.saturating_sub(opening.0));
    let permille = i128::from(more.0)
        .checked_mul(2000)
        .and_then(|n| n.checked_add(i128::from(opening.0)))
        .and_then(|n| n.checked_div(i128::from(opening.0) * 2));
    match permille {
        Some(n) => format!("{} {unit}（{}.{}%）", more.grouped(), n / 10, n % 10),
        None => format!("{} {unit}", more.grouped()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_premiums_in_words() {
        assert_eq!(term(96), "8 年");
        assert_eq!(term(30), "2 年 6 个月");
        assert_eq!(span(300), "5 分钟");
        assert_eq!(premium(Fen(82_000), Fen(70_000), "元/年"), "120.00 元/年（17.1%）");
        assert_eq!(premium(Fen(100), Fen::ZERO, "元"), "1.00 元");
    }
}
