//! Why a price won where answers to the criteria of the notice counted beside it.

use super::model::LotView;
use crate::trading::{
    auction::{ComparedBid, Failure},
    merits::percent_text,
};

impl ComparedBid {
    /// `加 5%`; `不加`.
    pub fn points_text(&self) -> String {
        if self.points_bp == 0 { "不加".to_owned() } else { format!("加 {}", percent_text(self.points_bp)) }
    }

    /// The compared price as people read it.
    pub fn told(&self) -> String {
        self.value.told()
    }

    fn sentence(&self) -> String {
        format!("{} 号报 {}，{}，{} 比较", self.bidder, self.price.grouped(), self.points_text(), self.value.by())
    }
}

impl LotView {
    /// In one sentence why this price won, or why none did; `None`: prices alone were compared.
    pub fn why_it_won(&self) -> Option<String> {
        let award = self.award.as_ref().filter(|_| !self.compared.is_empty())?;
        if award.reason == Some(Failure::BelowReserve) {
            return Some("各报价都没有达到保留价；保留价只看报价本身，不看加分".to_owned());
        }
        let place = self.compared.iter().position(|one| Some(&one.bidder) == award.winner.as_ref())?;
        let (ahead, won) = self.compared.split_at_checked(place)?;
        let (winner, after) = won.split_first()?;
        let mut parts = vec![winner.sentence()];
        parts.extend(after.first().map(|next| match next.value == winner.value {
            true if self.terms.draw().is_some_and(|draw| draw.ties) => {
                format!("{}，两个比较价相同，抽签排在前面", next.sentence())
            }
            true => format!("{}，两个比较价相同，先报的优先", next.sentence()),
            false => format!("比第二位更{}：{}", self.words().better, next.sentence()),
        }));
        parts
            .extend(ahead.iter().map(|one| format!("{} 号的报价没有达到保留价，不能成交；保留价不看加分", one.bidder)));
        let deed = if self.words().is_floor_area() { "合同" } else { "合同和付款" };
        parts.push(format!("{deed}按报价 {} {}，不按比较价", winner.price.grouped(), self.unit()));
        Some(parts.join("；"))
    }
}
