//! What prices are called and counted in, by where better ones lie: who buys names the most that it pays, and bids come
//! down from there; who builds with a partner asks for floor area, which is no money. No page writes a unit beside a price
//! but from here. Pure.

use crate::{
    kernel::{Fen, text},
    trading::{auction::Direction, price::PriceUnit},
};

/// The words of a lot whose prices rise, or fall, or are square metres.
#[derive(Debug, PartialEq, Eq)]
pub struct PriceWords {
    /// The worst first bid.
    pub opening: &'static str,
    /// The same in a heading that people know it by.
    pub opening_full: &'static str,
    /// The furthest bid allowed.
    pub limit: &'static str,
    /// Bettering a price, and the bare verb.
    pub step: &'static str,
    pub verb: &'static str,
    /// How a better price compares with another, and how a worse one does.
    pub over: &'static str,
    pub under: &'static str,
    /// The better price, as a comparative.
    pub better: &'static str,
    /// Who offers.
    pub owner: &'static str,
    /// What is bid, as the end of a word: `当前价`, `成交价`.
    pub noun: &'static str,
    /// What a difference of two prices is counted in: `元`.
    pub counted_in: &'static str,
    /// Who wins.
    pub wins: &'static str,
}

const SELLING: PriceWords = PriceWords {
    opening: "起拍价",
    opening_full: "底价（起拍价）",
    limit: "最高限价",
    step: "加价",
    verb: "加",
    over: "多",
    under: "少",
    better: "高",
    owner: "出让方",
    noun: "价",
    counted_in: PriceUnit::Whole.counted_in(),
    wins: Direction::Up.label(),
};

const BUYING: PriceWords = PriceWords {
    opening: "最高限价",
    opening_full: "最高限价（起始价）",
    limit: "最低限价",
    step: "降价",
    verb: "降",
    over: "少",
    under: "多",
    better: "低",
    owner: "采购方",
    noun: "价",
    counted_in: PriceUnit::Whole.counted_in(),
    wins: Direction::Down.label(),
};

/// Prices are the floor area that is handed over to the collective.
const BUILDING: PriceWords = PriceWords {
    opening: "起拍面积",
    opening_full: "起拍面积（交给集体的建筑面积）",
    limit: "最高面积",
    step: "加面积",
    verb: "加",
    over: "多",
    under: "少",
    better: "大",
    owner: "集体",
    noun: "面积",
    counted_in: PriceUnit::FloorArea.counted_in(),
    wins: "面积大者得",
};

impl PriceWords {
    pub fn of(direction: Direction, unit: PriceUnit) -> &'static PriceWords {
        match (direction, unit.is_money()) {
            (Direction::Up, true) => &SELLING,
            (Direction::Down, true) => &BUYING,
            (_, false) => &BUILDING,
        }
    }

    pub fn is_buying(&self) -> bool {
        self == &BUYING
    }

    /// Whether prices are square metres.
    pub fn is_floor_area(&self) -> bool {
        self == &BUILDING
    }

    /// An amount with what it is counted in: `10.00 元`, `100.00 平方米`.
    pub fn counted(&self, amount: Fen) -> String {
        format!("{} {}", amount.grouped(), self.counted_in)
    }

    /// A price in capital numerals, as money has them.
    pub fn capitals(&self, price: Fen) -> Option<String> {
        (!self.is_floor_area()).then(|| text::capitals(price))
    }

    /// `底价`, as short as a list needs it.
    pub fn opening_short(&self) -> &'static str {
        if self == &SELLING { "底价" } else { self.opening }
    }

    /// By how much one price is better than another, whichever way that is.
    pub fn difference(price: Fen, other: Fen) -> Fen {
        Fen(price.0.saturating_sub(other.0).saturating_abs())
    }

    /// `加 10.00 元`.
    pub fn by(&self, price: Fen, other: Fen) -> String {
        format!("{} {}", self.verb, self.counted(PriceWords::difference(price, other)))
    }

    /// What a first bid is beside the opening price.
    pub fn beside_opening(&self, price: Fen, opening: Fen) -> String {
        let short = self.opening_short();
        match PriceWords::difference(price, opening) {
            Fen::ZERO => format!("就是{short}"),
            more => format!("比{short}{} {}", self.over, self.counted(more)),
        }
    }
}
