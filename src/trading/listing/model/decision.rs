//! What a collective decided about a trade, with the numbers of the vote: as it is typed and as it stands. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{Day, Fen},
    policy::Body,
};

/// What a collective fills in. The day and the minutes stand beside it (`decision_on`, `decision_document`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionDraft {
    /// Who decided.
    pub body: Option<Body>,
    /// How many may vote: members of full capacity, representatives, directors.
    pub entitled: Option<u32>,
    /// How many came.
    pub present: Option<u32>,
    pub in_favour: Option<u32>,
    /// First and last day on which the decision was posted up.
    #[schema(example = "2026-02-21")]
    pub publicity_from: Option<String>,
    #[schema(example = "2026-02-27")]
    pub publicity_until: Option<String>,
    /// By how much the opening price may fall where a round fails, as it was voted.
    #[schema(example = "第2次10%；第3次降到600")]
    pub price_cuts: String,
}

/// The decision as it is on record. A lot of an older version has none: there the summary says it in words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LotDecision)]
#[serde(default)]
pub struct Decision {
    pub body: Option<Body>,
    pub entitled: Option<u32>,
    pub present: Option<u32>,
    pub in_favour: Option<u32>,
    #[schema(value_type = Option<String>)]
    pub publicity_from: Option<Day>,
    #[schema(value_type = Option<String>)]
    pub publicity_until: Option<Day>,
    /// In the order of their rounds.
    pub price_cuts: Vec<PriceCut>,
}

/// What the opening price may come down to in a round: by hundredths of a per cent of the round before, or to a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PriceCut {
    /// The first round is 1 and has no cut.
    pub round: u32,
    pub cut_bp: Option<u32>,
    #[schema(value_type = Option<String>)]
    pub price: Option<Fen>,
}

impl PriceCut {
    /// `第2次10%`, `第3次降到600.00`: as it is typed and read.
    pub fn text(&self) -> String {
        let round = self.round;
        match (self.cut_bp.unwrap_or_default(), self.price) {
            (_, Some(price)) => format!("第{round}次降到{price}"),
            (bp, None) if bp % 100 == 0 => format!("第{round}次{}%", bp / 100),
            (bp, None) => format!("第{round}次{}.{:02}%", bp / 100, bp % 100),
        }
    }
}

impl Decision {
    pub fn cuts_text(&self) -> String {
        let all: Vec<String> = self.price_cuts.iter().map(PriceCut::text).collect();
        all.join("；")
    }

    /// What was voted for a round.
    pub fn cut_of(&self, round: u32) -> Option<&PriceCut> {
        self.price_cuts.iter().find(|cut| cut.round == round)
    }

    /// As it would be filled in.
    pub fn draft(&self) -> DecisionDraft {
        DecisionDraft {
            body: self.body,
            entitled: self.entitled,
            present: self.present,
            in_favour: self.in_favour,
            publicity_from: self.publicity_from.map(|day| day.to_string()),
            publicity_until: self.publicity_until.map(|day| day.to_string()),
            price_cuts: self.cuts_text(),
        }
    }

    /// `应到 45 人，实到 40 人，赞成 38 票`; a number that is lacking is left out.
    pub fn numbers_text(&self) -> String {
        let parts = [("应到", self.entitled, "人"), ("实到", self.present, "人"), ("赞成", self.in_favour, "票")];
        let told = parts.into_iter().filter_map(|(name, n, unit)| Some(format!("{name} {} {unit}", n?)));
        told.collect::<Vec<_>>().join("，")
    }

    /// `2026-02-21 至 2026-02-27`.
    pub fn publicity_text(&self) -> Option<String> {
        Some(format!("{} 至 {}", self.publicity_from?, self.publicity_until?))
    }
}
