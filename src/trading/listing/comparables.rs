//! What was paid lately for the like: a help for whoever sets or reviews an opening price.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{LotId, Terms};
use crate::{
    db::{Result, Rx},
    kernel::{Area, Day, Fen, codes::RegionCode},
    trading::{
        award::store::{self as awards, Sale},
        price::PriceUnit,
    },
};

/// So many sales are looked at.
const MOST: i64 = 12;

/// A sale of the same class at the same unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Comparable {
    #[schema(value_type = String)]
    pub lot_id: LotId,
    pub title: String,
    #[schema(value_type = String)]
    pub closed_on: Day,
    #[schema(value_type = String, example = "700.00")]
    pub price: Fen,
    #[schema(value_type = Option<String>)]
    pub area: Option<Area>,
    pub term_months: u32,
}

/// Sales of the like in the county, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Comparables {
    pub price_unit: PriceUnit,
    /// The middle one of the prices; null where there is none.
    #[schema(value_type = Option<String>)]
    pub median: Option<Fen>,
    pub items: Vec<Comparable>,
}

impl Comparables {
    /// `700.00 元/亩/年（3 宗）`; nothing where nothing was sold.
    pub fn words(&self) -> Option<String> {
        let median = self.median?;
        Some(format!("中位数 {} {}（{} 宗）", median.grouped(), self.price_unit.label(), self.items.len()))
    }
}

/// The middle of the prices; of an even number the mean of the two in the middle, rounded down.
pub fn median(prices: &[Fen]) -> Option<Fen> {
    let mut sorted = prices.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(middle.checked_sub(1)?)?;
    i64::try_from((i128::from(lower.0) + i128::from(upper.0)) / 2).ok().map(Fen)
}

/// What was sold of the same class at the same unit in the county. Awards are public, so no scope is asked.
pub fn comparables(rx: &mut Rx<'_>, place: &RegionCode, terms: &Terms) -> Result<Comparables> {
    let sold = awards::list_public_sales(
        rx,
        place.county(),
        (&terms.asset_class, terms.price_unit, terms.is_purchase()),
        MOST,
    )?;
    let item = |sale: Sale| {
        let Sale { lot_id, title, closed_at, price, area, term_months } = sale;
        let term_months = u32::try_from(term_months).unwrap_or_default();
        Some(Comparable { lot_id, title, closed_on: closed_at.day(), price: price?, area, term_months })
    };
    let items: Vec<Comparable> = sold.into_iter().filter_map(item).collect();
    let prices: Vec<Fen> = items.iter().map(|item| item.price).collect();
    Ok(Comparables { price_unit: terms.price_unit, median: median(&prices), items })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_prices() {
        let of = |prices: &[i64]| median(&prices.iter().map(|p| Fen(*p)).collect::<Vec<_>>()).map(|fen| fen.0);
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[3]), Some(3));
        assert_eq!(of(&[9, 1, 5]), Some(5));
        assert_eq!(of(&[4, 1, 9, 6]), Some(5));
        assert_eq!(of(&[1, 2]), Some(1), "rounded down");
        assert_eq!(of(&[i64::MAX, i64::MAX]), Some(i64::MAX), "no overflow");
    }
}
