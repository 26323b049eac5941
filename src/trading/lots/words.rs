//! A lot in the words of its pages: everything that the terms say, so that nobody has to know what a rule is called.

use std::borrow::Borrow;

use super::model::{LotSummary, LotView, SittingLot, Standing};
use crate::{
    kernel::{Fen, Timestamp},
    trading::{
        auction::{Live, Mode, PartNow, TurnsNow},
        listing::{
            DealForm, Phase, PriceWords, Terms,
            method_words::{self, span},
        },
        paddles,
        price::PriceUnit,
    },
    web::html::{Tone, filters},
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
        Phase::Undecided => Tone::Warn,
        Phase::Sold => Tone::Good,
        _ => Tone::Quiet,
    }
}

impl Standing {
    pub const fn tone(self) -> Tone {
        match self {
            Standing::Outbid => Tone::Bad,
            Standing::Ready
            | Standing::DepositDue
            | Standing::PapersDue
            | Standing::Suspended
            | Standing::Undecided => Tone::Warn,
            Standing::Leading | Standing::Won => Tone::Good,
            Standing::Waiting | Standing::Examined | Standing::Closing => Tone::Info,
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

/// What the length of a contract is called.
fn term_word(form: DealForm) -> &'static str {
    match form {
        DealForm::Service => "期限",
        DealForm::Cooperation => "合作期限",
        _ => "租期",
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
            let length = term_word(self.form);
            parts.push(format!("{length} {}", term(self.term_months)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join("，")
    }
    pub fn words(&self) -> &'static PriceWords {
        PriceWords::of(self.form.direction(), self.price_unit)
    }
    pub fn price_label(&self) -> String {
        let noun = self.words().noun;
        match (self.phase, self.price) {
            (_, None) => self.words().opening_short().to_owned(),
            (Phase::Sold, _) => format!("成交{noun}"),
            (Phase::Failed | Phase::Terminated | Phase::Undone, _) => format!("最后出{noun}"),
            _ => format!("当前{noun}"),
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

/// What is said of a lot's price wherever it is shown large.
struct Priced<'l> {
    terms: &'l Terms,
    phase: Phase,
    live: Option<&'l Live>,
    awarded: Option<Fen>,
}

impl<'l> Priced<'l> {
    fn leader(&self) -> &'l str {
        self.live.and_then(|live| live.leader.as_deref()).unwrap_or("")
    }
    fn after_clock(&self) -> Option<&'l PartNow> {
        self.live.and_then(|live| live.part.as_ref()).filter(|now| now.stopped_by.is_some())
    }
    fn falls(&self) -> bool {
        match self.terms.mode() {
            Mode::ClockSealed => self.after_clock().is_none(),
            mode => mode == Mode::Clock,
        }
    }
    fn shown(&self) -> Fen {
        let Some(live) = self.live else { return self.terms.opening_price };
        let asked = live.clock.as_ref().map(|clock| clock.price);
        live.price.or(asked).or(self.awarded).unwrap_or(self.terms.opening_price)
    }
    fn label(&self) -> String {
        let noun = self.terms.words().noun;
        match (self.phase, self.live.and_then(|live| live.price)) {
            (Phase::Sold, _) => format!("成交{noun}"),
            (Phase::Bidding | Phase::Suspended, None) if self.falls() => "现价（自动下降）".to_owned(),
            (Phase::Bidding | Phase::Suspended, Some(_)) if self.after_clock().is_some() => match self.leader() {
                "" => "降价停在".to_owned(),
                _ => format!("最高的{noun}"),
            },
            (_, None) => self.terms.words().opening_full.to_owned(),
            (Phase::Failed | Phase::Terminated | Phase::Undone, _) => format!("最后出{noun}"),
            _ => format!("当前{noun}"),
        }
    }
}

impl SittingLot {
    fn priced(&self) -> Priced<'_> {
        Priced { terms: &self.terms, phase: self.phase, live: self.live.as_ref(), awarded: self.awarded }
    }
    pub fn tone(&self) -> Tone {
        tone(self.phase)
    }
    pub fn is_over(&self) -> bool {
        !self.state.is_under_way()
    }
    pub fn unit(&self) -> &'static str {
        self.terms.price_unit.label()
    }
    pub fn leader(&self) -> &str {
        self.priced().leader()
    }
    pub fn shown_price(&self) -> Fen {
        self.priced().shown()
    }
    pub fn price_label(&self) -> String {
        self.priced().label()
    }
}

impl LotView {
    fn at_price(&self) -> Priced<'_> {
        let awarded = self.award.as_ref().and_then(|award| award.price);
        Priced { terms: &self.terms, phase: self.phase, live: self.live.as_ref(), awarded }
    }
    pub fn tone(&self) -> Tone {
        tone(self.phase)
    }
    pub fn place(&self) -> String {
        place(&self.town, &self.collective_name)
    }
    /// Whether the result of a negotiation stands in its notice now, so that objections are taken.
    pub fn is_negotiation_published(&self) -> bool {
        self.negotiations.last().is_some_and(|one| one.is_published_on(self.now.day()))
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
            Phase::Waiting | Phase::Bidding | Phase::Suspended | Phase::Closing | Phase::Undecided => 2,
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
        Some(format!("{} 元（{} {}）", total.grouped(), self.term_word(), term(self.terms.term_months)))
    }
    /// What its length is called.
    pub fn term_word(&self) -> &'static str {
        term_word(self.terms.form)
    }
    /// What its prices are called.
    pub fn words(&self) -> &'static PriceWords {
        self.terms.words()
    }
    pub fn is_proxy(&self) -> bool {
        self.terms.mode() == Mode::Proxy
    }
    /// Whether the price falls by itself, and nobody has stopped it.
    pub fn falls(&self) -> bool {
        self.at_price().falls()
    }
    /// Whether a clock is followed by sealed prices.
    pub fn has_parts(&self) -> bool {
        self.terms.mode() == Mode::ClockSealed
    }
    /// The part that runs once somebody has stopped such a clock.
    pub fn after_clock(&self) -> Option<&PartNow> {
        self.at_price().after_clock()
    }
    /// Whether bids are envelopes that nobody can read before the end.
    pub fn is_sealed(&self) -> bool {
        self.terms.mode() == Mode::Sealed
    }
    /// Whether this bid number won.
    pub fn is_won_by(&self, number: &str) -> bool {
        self.award.as_ref().and_then(|award| award.winner.as_deref()).is_some_and(|winner| winner == number)
    }
    /// Whether equals may be put in order by a draw.
    pub fn has_draw(&self) -> bool {
        self.terms.draw().is_some()
    }
    /// Whether bids may be raised with a paddle in the hall.
    pub fn has_paddles(&self) -> bool {
        paddles::is_raised(self.terms.mode())
    }
    /// Whether paddles are given out, checked in and handed back now.
    pub fn takes_paddles(&self) -> bool {
        let runs = matches!(self.phase, Phase::Enrolling | Phase::Waiting | Phase::Bidding | Phase::Suspended);
        runs && self.has_paddles()
    }
    /// Whether each bidder has turns of the own, after first prices that nobody sees.
    pub fn has_turns(&self) -> bool {
        self.terms.mode() == Mode::Turns
    }
    /// The round that runs, where bids come in turns and the first prices are in.
    pub fn turns(&self) -> Option<&TurnsNow> {
        self.live.as_ref().and_then(|live| live.turns.as_ref())
    }
    /// Whether the page says who leads, or that nobody does yet. While sealed prices follow a clock nobody can say.
    pub fn tells_leader(&self) -> bool {
        let hidden = self.is_sealed() || self.after_clock().is_some() && self.leader().is_empty();
        !hidden && (self.is_live() || self.phase == Phase::Suspended)
    }
    /// Another turn or part, or another leader in it: the page has another shape.
    pub fn shape(&self) -> Option<String> {
        let part =
            self.live.as_ref().and_then(|live| live.part.as_ref()).map(|now| format!("{}:{}", now.part, self.leader()));
        self.turns().map(TurnsNow::key).or(part)
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
        self.at_price().shown()
    }
    pub fn price_label(&self) -> String {
        self.at_price().label()
    }
    /// Bid number of who leads; empty before the first bid.
    pub fn leader(&self) -> &str {
        self.at_price().leader()
    }
    pub fn extensions(&self) -> u64 {
        self.live.as_ref().map_or(0, |live| live.extensions)
    }
    /// What the clock counts down to, and what is said beside it.
    pub fn clock(&self) -> Option<(&'static str, Timestamp)> {
        match self.phase {
            Phase::Enrolling => Some(("距报名截止", self.enrol_until?)),
            Phase::Waiting => Some(("距竞价开始", self.opens_at?)),
            Phase::Bidding => self.live.as_ref().map(|live| live.clock()),
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
        match self.live.as_ref().and_then(|live| live.price) {
            Some(price) => self.words().by(*amount, price),
            None => self.words().beside_opening(*amount, self.terms.opening_price),
        }
    }

    /// How one bids, in one sentence.
    pub fn how(&self) -> &'static str {
        method_words::how(&self.terms)
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
        if self.terms.mode() == Mode::Clock || self.is_sealed() {
            return String::new();
        }
        let words = self.words();
        let flat = || format!("每次至少{} {}", words.verb, words.counted(self.terms.step_min));
        let mut text = method_words::steps(&self.terms).unwrap_or_else(flat);
        if let Some(max) = self.terms.step_max {
            text.push_str(&format!("，最多{} {}", words.verb, words.counted(max)));
        }
        if let Some(multiple) = self.terms.step_multiple {
            let sign = if self.terms.is_purchase() { "减去" } else { "加上" };
            let opening = words.opening_short();
            text.push_str(&format!("；出价应是{opening}{sign} {}的整数倍", words.counted(multiple)));
        }
        text
    }
    pub fn extension_words(&self) -> String {
        if let Some(words) = method_words::end(&self.terms) {
            return words;
        }
        let most = self.terms.max_extensions.map_or("次数不限".to_owned(), |n| format!("最多 {n} 次"));
        format!(
            "结束前 {}内有人出价，就从这次出价起再等 {}，没有人再{}才结束；{most}",
            span(self.terms.window_s),
            span(self.terms.by_s),
            self.words().step
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_words() {
        assert_eq!(term(96), "8 年");
        assert_eq!(term(30), "2 年 6 个月");
        assert_eq!(span(300), "5 分钟");
    }
}
