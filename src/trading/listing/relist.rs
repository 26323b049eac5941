//! Another round of a lot that came to nothing: its terms are carried over, and the rounds are linked.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    model::{LotDraft, LotId, OPEN_TO_ANOTHER_ROUND},
    rules, service,
    store::{self, Reader},
};
use crate::{
    access::{Allowed, may},
    db::{Result, Tx},
    kernel::error::NOT_FOUND,
    log::Receipt,
    policy::PolicyBook,
    trading::negotiation,
    vault::Vault,
};

/// What is other in the new round; everything else is as it was, the decision of the collective too.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Relisting {
    /// Lower than before only as far as the collective voted for it.
    #[schema(example = "630.00")]
    pub opening_price: Option<String>,
    /// Deposit for the whole lot, in yuan.
    #[schema(example = "10000.00")]
    pub deposit: Option<String>,
}

/// Begins another round as a draft. A reserve price is not carried over, since everybody may know the old one.
///
/// Errors: `not_found`; `lot_not_in_state` for a lot that has not failed or been terminated after its notice; `negotiation_open`,
/// `negotiation_signed`; those of
/// [`service::draft`], `price_cut_not_voted` and `price_cut_too_deep` among them.
pub fn relist(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::DraftListings>,
    vault: &Vault,
    policies: &PolicyBook,
    id: &LotId,
    changes: &Relisting,
) -> Result<(LotId, Receipt)> {
    let (row, terms) = store::find(tx, Reader::Staff(&allowed.scope), id)?.ok_or(&NOT_FOUND)?;
    rules::must_be(row.state, &OPEN_TO_ANOTHER_ROUND)?;
    negotiation::check_relisting(tx, id)?;
    let terms = terms.terms()?;
    let carried = LotDraft::of_terms(&row.asset_id, &row.title, &terms);
    let today = tx.now().day();
    let mut method = carried.method.clone();
    method.sealed_reserve = false;
    let draft = LotDraft {
        reserve_price: None,
        method,
        starts_on: terms.starts_on.filter(|day| *day > today).map(|day| day.to_string()),
        opening_price: changes.opening_price.clone().unwrap_or(carried.opening_price),
        deposit: changes.deposit.clone().unwrap_or(carried.deposit),
        ..carried
    };
    service::draft(tx, allowed, vault, policies, &draft)
}
