//! The trades of the demonstration, as facts of public notices; `data/trades.toml` holds them with their sources.

use serde::Deserialize;

use crate::{
    assets::{AssetFacts, Class, Kind, State},
    kernel::{Area, Fen},
};

/// What becomes of a trade by the time the demonstration opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Story {
    /// Auctioned in the past; its result is final.
    Sold,
    /// Nobody bid.
    Failed,
    /// Just auctioned; its result notice runs.
    Awarded,
    /// Open for bids now.
    Live,
    /// Its notice runs; people enrol.
    Enrolling,
    /// Its notice went out today.
    Noticed,
    /// Reviewed; the trading officer has to publish it.
    Approved,
    /// Lies with the township.
    InReview,
    /// The township sent it back with a note.
    Returned,
    Draft,
}

/// A bid of the story: who, when, how much. Seconds count from the opening, negative ones back from the end.
#[derive(Debug, Clone, Deserialize)]
pub struct Bid(pub String, pub i64, pub Fen);

/// A trade of the story.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deal {
    /// Number of the notice its figures come from, and the notice's address.
    pub source: String,
    pub from: String,
    pub title: String,
    pub asset: String,
    pub class: Class,
    pub area: Area,
    pub location: String,
    /// Book value; land has none.
    #[serde(default)]
    pub value: Option<Fen>,
    pub price: Fen,
    /// As people read it: 元/亩/年.
    pub unit: String,
    pub step: Fen,
    #[serde(default)]
    pub step_max: Option<Fen>,
    /// Bids are whole multiples of the step above the opening price.
    #[serde(default)]
    pub multiple: bool,
    #[serde(default)]
    pub ceiling: Option<Fen>,
    pub deposit: Fen,
    pub term_months: u32,
    /// How many days ago the auction was, for those that are over.
    #[serde(default)]
    pub days_ago: u64,
    pub story: Story,
    #[serde(default)]
    pub bids: Vec<Bid>,
}

#[derive(Deserialize)]
struct Deals {
    trade: Vec<Deal>,
}

/// The trades, in the order in which they are told.
///
/// # Errors
/// One line, where the file cannot be read; a test reads it.
pub fn deals() -> Result<Vec<Deal>, String> {
    let deals: Deals = toml::from_str(include_str!("data/trades.toml")).map_err(|e| e.to_string())?;
    Ok(deals.trade)
}

impl Deal {
    /// The asset as it stands in the collective's ledger.
    pub fn asset_facts(&self, code: String, village: &str) -> AssetFacts {
        let kind = if self.class.is_land() { Kind::Resource } else { Kind::Operating };
        AssetFacts {
            code: Some(code),
            name: self.asset.clone(),
            kind,
            class: self.class,
            area: Some(self.area),
            quantity: None,
            unit: None,
            location: format!("{village}{}", self.location),
            original_value: self.value,
            net_value: self.value.map(|v| Fen(v.0 - v.0 / 4)),
            quantified: Fen::ZERO,
            state: State::Idle,
            photo: None,
            note: format!("面积等数据取自公开公告 {}（{}），地点改为本村，仅作演示", self.source, self.from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_stories_are_what_the_demonstration_promises() {
        let deals = deals().unwrap_or_else(|e| panic!("{e}"));
        let of = |story| deals.iter().filter(|d| d.story == story).collect::<Vec<_>>();
        let closed: Vec<_> = [of(Story::Sold), of(Story::Awarded)].concat();
        assert!(closed.len() >= 3 && closed.iter().map(|d| d.bids.len()).sum::<usize>() >= 15);
        assert_eq!(of(Story::Live).len(), 1);
        for story in [
            Story::Failed,
            Story::Enrolling,
            Story::Noticed,
            Story::Approved,
            Story::InReview,
            Story::Returned,
            Story::Draft,
        ] {
            assert!(!of(story).is_empty(), "{story:?}");
        }
        let titles: BTreeSet<_> = deals.iter().map(|d| &d.title).collect();
        assert_eq!(titles.len(), deals.len());
        for deal in &deals {
            assert!(deal.from.starts_with("http") && !deal.source.is_empty());
            assert!(deal.class.is_land() || deal.value.is_some(), "{} has no book value", deal.title);
        }
    }
}
