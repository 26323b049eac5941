//! Who takes part: the collective that offers, and who won, under the name that the public award shows.

use super::Moment;
use crate::{
    ocds::{
        disposal::said,
        model::{Address, ContactPoint, Identifier, Party},
    },
    trading::listing::DealForm,
};

/// Unified social credit code (GB 32100).
const CREDIT_CODE: &str = "CN-USCC";
/// Code of the statistical division, by which this program knows a collective.
const REGION_CODE: &str = "CN-REGION";

/// The collective. The standard calls the party that runs a process `procuringEntity`; ours mostly gives and does not buy,
/// which `seller` says. Where it buys, its budget is spent: `buyer`.
pub fn seller(moment: &Moment<'_>) -> Party {
    let (trade, terms) = (moment.trade, &moment.notice.terms);
    let seller = &trade.seller;
    let identifier = |scheme, id: String| Identifier { scheme, id, legal_name: seller.name.clone() };
    let region = identifier(REGION_CODE, seller.code.to_string());
    let (first, further) = match &seller.credit_code {
        Some(code) => (identifier(CREDIT_CODE, code.to_string()), vec![region]),
        None => (region, Vec::new()),
    };
    Party {
        id: format!("{}-{}", first.scheme, first.id),
        name: seller.name.clone(),
        identifier: Some(first),
        additional_identifiers: further,
        address: Some(Address {
            street_address: seller.address.clone(),
            locality: trade.lot.town.clone(),
            country_name: "中国",
        }),
        contact_point: Some(ContactPoint { name: said(&terms.contact) }),
        roles: vec!["procuringEntity", if terms.is_purchase() { "buyer" } else { "seller" }],
    }
}

/// Who won. The identifier is of this trade alone: two awards to one person cannot be put together by it.
pub fn winner(moment: &Moment<'_>) -> Option<Party> {
    let award = moment.award()?;
    Some(taker(moment, award.winner.as_deref()?, award.winner_name.as_deref()))
}

/// Those who came after the winner, once one of them is asked.
pub fn successors(moment: &Moment<'_>) -> Vec<Party> {
    let after = moment.trade.line.iter().filter(|one| moment.followed && one.place > 1);
    after.map(|one| taker(moment, &one.bidder, one.name.as_deref())).collect()
}

/// Somebody who takes what is offered, by bid number; unnamed until the award or the own agreement names them.
pub fn taker(moment: &Moment<'_>, number: &str, name: Option<&str>) -> Party {
    let takes = match moment.notice.terms.form {
        DealForm::Lease | DealForm::Contract => Some("tenant"),
        DealForm::Transfer | DealForm::Grant => Some("purchaser"),
        DealForm::Cooperation => Some("partner"),
        DealForm::Service => None,
    };
    Party {
        id: format!("{}-bidder-{number}", moment.imprint.ocid(&moment.trade.lot.id)),
        name: name.map_or_else(|| format!("竞买号 {number}"), str::to_owned),
        identifier: None,
        additional_identifiers: Vec::new(),
        address: None,
        contact_point: None,
        roles: ["supplier", "tenderer"].into_iter().chain(takes).collect(),
    }
}
