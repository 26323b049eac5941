//! What the notice of a lot says, and how it ended, line by line.

use super::{model::LotView, words::term};
use crate::{
    kernel::Fen,
    trading::{
        auction::Status,
        listing::{DealForm, PriceWords, method_words},
        qualification::Timing,
    },
    web::html::{Fact, filters},
};

impl LotView {
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
        let words = terms.words();
        say(words.owner, self.place());
        say("交易方式", format!("{}，{}", terms.form.label(), method_words::deal(terms)));
        say("名称", terms.asset_name.clone());
        say("坐落", terms.asset_location.clone());
        say("面积", terms.asset_area.map(filters::area_text).unwrap_or_default());
        say("用途", terms.usage.clone());
        say("期限", term(terms.term_months));
        say(
            match terms.form {
                DealForm::Service | DealForm::Cooperation => "开始日期",
                _ => "起租日",
            },
            terms.starts_on.map(|day| day.to_string()).unwrap_or_default(),
        );
        let capitals = words.capitals(terms.opening_price).map(|capitals| format!("（大写：{capitals}）"));
        let opening = self.priced(terms.opening_price);
        say(words.opening_full, format!("{opening}{}", capitals.unwrap_or_default()));
        if let Some(value) = terms.estimated_value {
            let value = value.grouped();
            say("竞报什么", "建成后交给集体的建筑面积（平方米），面积大者得；报的不是价款".to_owned());
            say("估值", format!("起拍面积估值 {value} 元，只用来确定由谁表决、交易平台的级别和保证金的上下限"));
        }
        say(
            if terms.is_purchase() { "按最高限价全期合计" } else { "按底价全期合计" },
            self.over_term(terms.opening_price).unwrap_or_default(),
        );
        say(words.step, self.step_words());
        say(words.limit, terms.ceiling_price.map(|c| self.priced(c)).unwrap_or_default());
        say(
            "保留价",
            match terms.reserve_price {
                Some(reserve) => self.priced(reserve),
                None if self.has_reserve && terms.is_purchase() => {
                    "设有保留价，竞价结束后公布；最低报价高于保留价不成交".to_owned()
                }
                None if self.has_reserve => "设有保留价，竞价结束后公布；最高出价没有达到保留价不成交".to_owned(),
                None => String::new(),
            },
        );
        say("最少竞买人数", format!("{} 人", terms.min_bidders));
        say("保证金", format!("{} 元，要在报名截止前到账，付款户名要和报名人一致", terms.deposit.grouped()));
        say("报名和保证金截止", self.enrol_until.map(filters::deadline_text).unwrap_or_default());
        say("竞价开始", self.opens_at.map(filters::deadline_text).unwrap_or_default());
        let closes = self.closes_at.map(filters::deadline_text).unwrap_or_default();
        if self.has_turns() {
            say("首次报价截止", closes);
        } else if self.has_parts() {
            say("降价最晚到", closes);
        } else if !closes.is_empty() {
            say("预计结束", format!("{closes}（不含延时）"));
        }
        say("延时规则", self.extension_words());
        self.method_lines().into_iter().for_each(|(key, words)| say(key, words));
        say(
            "优先权",
            match (terms.priority_words(), &terms.priority_rights) {
                (who, _) if who.is_empty() => "没有规定优先权".to_owned(),
                (who, None) => format!("{who}，同等价格下优先；报名时申报，由镇街核定"),
                (who, Some(rights)) => {
                    let until = self.enrol_until.map(|until| rights.terms(until).claim_until);
                    let until = until.map(|at| format!("在 {} 之前", filters::deadline_text(at))).unwrap_or_default();
                    format!(
                        "{who}，同等价格下优先；报名后{until}上传证明材料申报，由镇街审核，没有审核通过的按普通竞买人参加"
                    )
                }
            },
        );
        say("谁可以报名", terms.conditions.clone());
        say("资格审查", self.qualification_words());
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

    /// Whether papers are examined, when, and by when they are handed in.
    fn qualification_words(&self) -> String {
        let Some(asked) = &self.terms.qualification else {
            return if self.is_practice() {
                String::new()
            } else {
                "不审查材料，交了保证金就可以竞价".to_owned()
            };
        };
        let papers = asked.papers.trim_end_matches('。');
        match asked.timing {
            Timing::None => String::new(),
            Timing::Before => {
                let until =
                    self.enrol_until.map(|at| format!("在 {} 之前", filters::deadline_text(at))).unwrap_or_default();
                format!(
                    "竞价前审查。要交：{papers}。报名后{until}上传，由镇街在竞价开始前审查，通过并且保证金到账的才有竞买号；没有通过的，报名截止前可以补正后再交"
                )
            }
            Timing::After => format!(
                "成交后审查。要交：{papers}。只审查竞得人的，通过后才确认成交；没有通过的退还保证金，由下一位递补，递补人同样先审查"
            ),
        }
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

    /// Why it stands still or was terminated: ground, sentence, paper.
    pub fn halted_words(&self) -> Vec<Fact> {
        let Some(halted) = &self.halted else { return Vec::new() };
        let what = halted.action.label();
        let ground = halted.ground.as_ref().map(|ground| ground.label().to_owned());
        let lines = [
            (format!("{what}时间"), Some(halted.at.second_text())),
            (format!("{what}事由"), ground),
            (format!("{what}原因"), Some(halted.reason.clone())),
            ("决定文书".to_owned(), halted.paper.clone()),
            ("文书指纹（SHA-256，加密保存的文件）".to_owned(), halted.paper_sha256.clone()),
        ];
        let told = lines.into_iter().filter_map(|(key, value)| Some((key, value.filter(|value| !value.is_empty())?)));
        told.map(|(key, value)| Fact::new(&key, value)).collect()
    }

    /// How it ended, as far as an award says it.
    pub fn result(&self) -> Vec<Fact> {
        let Some(award) = &self.award else { return Vec::new() };
        let mut facts = Vec::new();
        let mut say = |key: &str, value: String| facts.push(Fact::new(key, value));
        if let Some(reason) = award.reason {
            say("没有成交的原因", reason.label().to_owned());
        }
        facts.extend(self.halted_words());
        let mut say = |key: &str, value: String| facts.push(Fact::new(key, value));
        if let Some(number) = &award.winner {
            let name = award.winner_name.as_deref().unwrap_or_default();
            say("竞得人", format!("{name}（竞买号 {number}）"));
        }
        if let Some(amount) = award.price {
            let words = self.words();
            words.capitals(amount).into_iter().for_each(|capitals| say("大写", capitals));
            if words.is_floor_area() {
                say("成交面积", self.priced(amount));
            }
            let key = format!("比{}{}", words.opening_short(), words.better);
            say(&key, premium(amount, self.terms.opening_price, self.unit()));
        }
        self.why_it_won().into_iter().for_each(|why| say("怎样比出来的", why));
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
    let more = PriceWords::difference(amount, opening);
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
    fn a_premium_in_words() {
        assert_eq!(premium(Fen(82_000), Fen(70_000), "元/年"), "120.00 元/年（17.1%）");
        assert_eq!(premium(Fen(60_000), Fen(80_000), "元/年"), "200.00 元/年（25.0%）", "going down");
        assert_eq!(premium(Fen(100), Fen::ZERO, "元"), "1.00 元");
    }
}
