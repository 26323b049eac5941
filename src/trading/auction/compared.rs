//! How the prices of an ended auction were compared, where answers to the criteria of the notice counted beside them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Compared, close, facts, store};
use crate::{
    db::{Result, Rx},
    kernel::Fen,
    trading::{
        bid_number,
        listing::store::{LotRow, TermsRow},
    },
};

/// A price that counted at the end, with what it was compared by.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ComparedBid)]
pub struct ComparedBid {
    pub bidder: String,
    #[schema(value_type = String, example = "100000.00")]
    pub price: Fen,
    /// What the granted answers are worth, in basis points of the price.
    pub points_bp: i64,
    /// The compared price; null where its decimals do not end.
    #[schema(example = "105000.00")]
    pub compared: Option<String>,
    #[serde(skip)]
    pub value: Compared,
}

/// Every price of an ended auction as it was compared, the best first; nothing where prices alone are.
pub fn compared(rx: &mut Rx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<Vec<ComparedBid>> {
    if lot.state.is_under_way() || terms.terms()?.merits().is_empty() {
        return Ok(Vec::new());
    }
    let Some(row) = store::find(rx, &lot.id)? else { return Ok(Vec::new()) };
    let table = facts::table(rx, lot, terms)?;
    let state = facts::state(rx, &row, &table)?;
    let line = |(bidder, value): (_, Compared)| {
        Some(ComparedBid {
            bidder: bid_number(facts::number(bidder)?),
            price: value.price,
            points_bp: value.points,
            compared: value.exact(),
            value,
        })
    };
    Ok(close(&table.rules, &table.names, &state).compared.into_iter().filter_map(line).collect())
}
