//! The ways to bid, in the words of the page that asks once more. Pure.

use super::{Bid, Part};
use crate::trading::lots::LotView;

/// What one is about to do, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Amount,
    Match,
    Accept,
}

impl Way {
    pub(super) fn of(bid: &Bid) -> Way {
        match bid {
            Bid::Amount(_) => Way::Amount,
            Bid::Match => Way::Match,
            Bid::Accept => Way::Accept,
        }
    }

    /// The field of the form that says so; an amount needs none.
    pub(super) fn field(self) -> Option<&'static str> {
        match self {
            Way::Amount => None,
            Way::Match => Some("match"),
            Way::Accept => Some("accept"),
        }
    }

    pub(super) fn price_label(self, lot: &LotView) -> &'static str {
        match self {
            Way::Amount if lot.is_proxy() && lot.terms.is_purchase() => "我的最低价",
            Way::Amount if lot.is_proxy() => "我的最高价",
            Way::Accept => "应价",
            _ => "出价",
        }
    }

    pub(super) fn lead(self, lot: &LotView) -> &'static str {
        match self {
            Way::Amount if lot.is_proxy() && lot.terms.is_purchase() => {
                "这是您愿意报的最低价，结束之前别人看不到。系统替您按最小降价报价，够领先就不再降。"
            }
            Way::Amount if lot.is_proxy() => {
                "这是您愿意出的最高价，结束之前别人看不到。系统替您按最小加价出价，够领先就不再加。"
            }
            Way::Amount if lot.turns().is_some() => "请看清楚金额和单位。您的时段结束后公布，在此之前还可以改。",
            Way::Amount => match lot.after_clock().map(|now| now.part) {
                Some(Part::Sealed) => "请看清楚金额和单位。暗标截止之前别人看不到。",
                Some(Part::LastWord) => "这是您的最后报价，只能报一次，报了不能改。请看清楚金额和单位。",
                _ => "请看清楚金额和单位。",
            },
            Way::Match => "您要按当前价行使优先权。",
            Way::Accept if lot.has_parts() => {
                "您一应价，降价就停住。之后其他人可以交比它高的暗标；没有人交的，您按停住的价竞得。"
            }
            Way::Accept => "您一应价，竞价就结束，按当时的价成交。",
        }
    }

    pub(super) fn button(self) -> &'static str {
        match self {
            Way::Amount => "确认出价",
            Way::Match => "确认行使优先权",
            Way::Accept => "确认应价",
        }
    }
}
