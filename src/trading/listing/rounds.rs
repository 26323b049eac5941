//! The rounds of one offer, as everybody may see them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{LotId, LotState},
    store::{self, LotRow, Reader},
};
use crate::{
    db::{Result, Rx},
    kernel::{Fen, Timestamp},
};

/// So many rounds back and forth are shown.
const MOST: usize = 20;
/// A cycle of rounds would be a lie; nobody offers anything so often.
const MOST_BACK: usize = 100;

/// One round that had a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LotRound)]
pub struct Round {
    #[schema(value_type = String)]
    pub id: LotId,
    pub round: i32,
    pub number: Option<String>,
    pub state: LotState,
    #[schema(value_type = String, example = "700.00")]
    pub opening_price: Fen,
    #[schema(value_type = Option<String>)]
    pub published_at: Option<Timestamp>,
}

/// No scope: the caller has found the lot. This round of an offer first, then those before it.
pub(in crate::trading) fn back_from(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Vec<LotRow>> {
    let mut found = vec![lot.clone()];
    let mut before = lot.previous_lot.clone();
    while let Some(id) = before.take().filter(|_| found.len() < MOST_BACK) {
        let (row, _) = store::get(rx, &id)?;
        before.clone_from(&row.previous_lot);
        found.push(row);
    }
    Ok(found)
}

/// No scope: every round in it is public. The rounds that this lot belongs to, itself among them, the first one first;
/// empty where there is no other.
pub fn rounds(rx: &mut Rx<'_>, lot: &LotRow) -> Result<Vec<Round>> {
    let mut ids: Vec<LotId> = back_from(rx, lot)?.into_iter().take(MOST).rev().map(|round| round.id).collect();
    let mut after = store::find_next_public(rx, &lot.id)?;
    while let Some(id) = after.take().filter(|_| ids.len() < 2 * MOST) {
        after = store::find_next_public(rx, &id)?;
        ids.push(id);
    }
    let mut found = Vec::new();
    for id in ids {
        if let Some((row, terms)) = store::find(rx, Reader::Public, &id)? {
            let opening_price = terms.terms()?.opening_price;
            let LotRow { id, round, number, state, published_at, .. } = row;
            found.push(Round { id, round, number, state, opening_price, published_at });
        }
    }
    // A draft of the next round sees those before it; a lot alone has none.
    Ok(if found.iter().any(|round| round.id != lot.id) { found } else { Vec::new() })
}
