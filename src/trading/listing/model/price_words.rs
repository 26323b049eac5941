//! What prices are called, by where better ones lie: who buys names the most that it pays, and bids come down from there.
//! Pure.

use crate::{kernel::Fen, trading::auction::Direction};

/// The words of a lot whose prices rise, or fall.
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
};

impl PriceWords {
    pub fn of(direction: Direction) -> &'static PriceWords {
        match direction {
            Direction::Up => &SELLING,
            Direction::Down => &BUYING,
        }
    }

    pub fn is_buying(&self) -> bool {
        self == &BUYING
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
        format!("{} {} 元", self.verb, PriceWords::difference(price, other).grouped())
    }

    /// What a first bid is beside the opening price.
    pub fn beside_opening(&self, price: Fen, opening: Fen) -> String {
        let short = self.opening_short();
        match PriceWords::difference(price, opening) {
            Fen::ZERO => format!("就是{short}"),
            more => format!("比{short}{} {} 元", self.over, more.grouped()),
        }
    }
}
