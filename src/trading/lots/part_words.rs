//! What follows a clock that was stopped, in words: for everybody, and for who bids. Pure.

use super::model::LotView;
use crate::{
    trading::{
        auction::{Mine, Part, PartNow},
        listing::{
            Phase,
            method_words::{self, KEPT_BY_THE_SYSTEM},
        },
    },
    web::html::Tone,
};

/// A part in words.
pub struct PartWords {
    pub title: &'static str,
    pub words: String,
}

impl LotView {
    /// What happens now, once the clock was stopped.
    pub fn part_words(&self) -> Option<PartWords> {
        let now = self.after_clock()?;
        let (stopper, until) = (now.stopped_by.as_deref().unwrap_or_default(), now.until.second_text());
        let price = self.priced(self.shown_price());
        let leader = self.leader();
        let (title, words) = match now.part {
            Part::Falling | Part::Over => return None,
            part if self.phase == Phase::Suspended => {
                ("竞价中止", format!("中止时是“{}”这一段；恢复后接着走剩下的时间。", part.label()))
            }
            Part::BeforeSealed => {
                ("降价已经停住", format!("{stopper} 号应价，降价停在 {price}。{until} 起其他人可以交暗标。"))
            }
            Part::Sealed => (
                "正在暗标",
                format!(
                    "{stopper} 号应价，降价停在 {price}。其他人现在各报一个比它高的价，互相看不到，{until} 截止后公布。{KEPT_BY_THE_SYSTEM}。"
                ),
            ),
            Part::BeforeLastWord => (
                "暗标已经公布",
                format!("最高的是 {leader} 号的 {price}。{until} 起 {stopper} 号可以报一次超过它，不报就是放弃。"),
            ),
            Part::LastWord if leader == stopper => {
                ("最后报价", format!("{stopper} 号已作最后报价 {price}。{until} 结束。"))
            }
            Part::LastWord => (
                "最后报价",
                format!(
                    "最高的暗标是 {leader} 号的 {price}。{stopper} 号现在可以报一次超过它，{until} 截止；不报就是放弃，由 {leader} 号成交。"
                ),
            ),
        };
        Some(PartWords { title, words })
    }

    /// How it stands for one who has a bid number, and the colour of that.
    pub fn own_part_words(&self, mine: &Mine) -> (Tone, String) {
        let Some(now) = self.after_clock() else { return (Tone::Info, String::new()) };
        let me = mine.bid_number.as_deref().unwrap_or_default();
        let stopper = now.stopped_by.as_deref().unwrap_or_default();
        if me == stopper { self.stopper_words(now, me, mine) } else { others_words(now, me, stopper, mine) }
    }

    fn stopper_words(&self, now: &PartNow, me: &str, mine: &Mine) -> (Tone, String) {
        let until = now.until.second_text();
        match now.part {
            Part::BeforeSealed | Part::Sealed if method_words::has_last_word(&self.terms) => {
                (Tone::Info, format!("您（{me} 号）已应价，停住了降价。有人交暗标的，您最后还可以报一次"))
            }
            Part::Falling | Part::BeforeSealed | Part::Sealed => {
                (Tone::Info, format!("您（{me} 号）已应价，停住了降价。没有人交暗标的，您竞得"))
            }
            _ if mine.leading => (Tone::Good, format!("您（{me} 号）目前领先")),
            Part::BeforeLastWord => (Tone::Bad, format!("您（{me} 号）已被暗标超过，{until} 起您可以报一次")),
            Part::LastWord => (Tone::Bad, format!("您（{me} 号）已被暗标超过，现在可以报一次；不报就是放弃")),
            Part::Over => (Tone::Bad, format!("您（{me} 号）已被暗标超过")),
        }
    }

    /// What to know before a price is typed.
    pub fn part_hint(&self) -> Option<String> {
        match self.after_clock()?.part {
            Part::Sealed => {
                Some(format!("要比停住的价 {} 高。{KEPT_BY_THE_SYSTEM}。", self.priced(self.shown_price())))
            }
            Part::LastWord => Some("您只能报一次，报了不能改；不想再报的，什么都不用做。".to_owned()),
            _ => None,
        }
    }
}

fn others_words(now: &PartNow, me: &str, stopper: &str, mine: &Mine) -> (Tone, String) {
    let until = now.until.second_text();
    match now.part {
        Part::Falling | Part::BeforeSealed => (Tone::Info, format!("您是 {me} 号，{until} 起可以交暗标")),
        Part::Sealed if mine.limit.is_some() => (Tone::Info, format!("您是 {me} 号，暗标已交")),
        Part::Sealed => (Tone::Info, format!("您是 {me} 号，还没有交暗标")),
        Part::BeforeLastWord | Part::LastWord if mine.leading => {
            (Tone::Good, format!("您（{me} 号）目前领先，等 {stopper} 号最后报价"))
        }
        _ if mine.leading => (Tone::Good, format!("您（{me} 号）目前领先")),
        _ if mine.has_bid => (Tone::Bad, format!("您（{me} 号）的暗标没有领先，不能再报")),
        _ => (Tone::Quiet, format!("您（{me} 号）没有交暗标，不能再报")),
    }
}
