//! What came of the rounds that failed: negotiations whose result was published.

use super::{Moment, parties, tender, unit_price};
use crate::{
    kernel::Timestamp,
    ocds::model::{Award, Contract, Document, Party, Value},
    trading::negotiation::{Negotiation, State},
};

use super::Trade;

/// When the last of them was done something with.
pub fn last(trade: &Trade) -> Option<Timestamp> {
    trade.lot.negotiations.iter().map(|one| one.updated_at).max()
}

pub fn tags(trade: &Trade) -> Vec<&'static str> {
    let newest = trade.lot.negotiations.last().map(|one| one.state);
    match newest {
        Some(State::Signed) => vec!["award", "contract", "tenderUpdate"],
        Some(State::Withdrawn) => vec!["awardCancellation", "tenderUpdate"],
        _ => vec!["award", "tenderUpdate"],
    }
}

fn told<'a>(moment: &Moment<'a>) -> impl Iterator<Item = &'a Negotiation> {
    let shown = moment.negotiated;
    moment.trade.lot.negotiations.iter().filter(move |_| shown)
}

/// Whether the newest is one on which the contract stands or may be signed.
pub fn is_concluded(moment: &Moment<'_>) -> bool {
    told(moment).last().is_some_and(|one| matches!(one.state, State::Concluded | State::Signed))
}

fn award_id(moment: &Moment<'_>, one: &Negotiation) -> String {
    format!("{}-negotiation-{}", moment.trade.lot.id, one.place)
}

pub fn awards(moment: &Moment<'_>) -> Vec<Award> {
    told(moment).map(|one| award(moment, one)).collect()
}

fn award(moment: &Moment<'_>, one: &Negotiation) -> Award {
    let lot = &moment.trade.lot;
    let (status, description) = match one.state {
        State::Concluded | State::Signed => ("active", None),
        State::Returned | State::Withdrawn => ("cancelled", Some(State::Withdrawn.label())),
        State::Proposed | State::Published => ("pending", None),
    };
    let date = one.published_at.unwrap_or(one.updated_at);
    Award {
        id: award_id(moment, one),
        title: format!("{}公开协商结果", lot.title),
        description,
        status,
        date,
        value: one.total.map(Value::from),
        suppliers: vec![counterpart(moment, one).reference()],
        items: vec![tender::item(moment, one.price)],
        contract_period: tender::contract_period(&moment.notice.terms),
        documents: vec![Document {
            id: format!("negotiation-{}", one.place),
            document_type: "awardNotice",
            title: "公开协商结果公示".to_owned(),
            url: format!("{}/lots/{}/negotiation", moment.imprint.base, lot.id),
            date_published: date,
            format: "text/html",
            language: "zh",
            logged_digest: None,
        }],
        disposal: unit_price(moment, one.price),
    }
}

pub fn contracts(moment: &Moment<'_>) -> Vec<Contract> {
    let signed = told(moment).filter(|one| one.state == State::Signed);
    let contract = |one: &Negotiation| Contract {
        id: format!("{}-contract", moment.trade.lot.id),
        award_id: award_id(moment, one),
        title: format!("{}合同", moment.trade.lot.title),
        status: "active",
        value: one.total.map(Value::from),
        period: tender::contract_period(&moment.notice.terms),
    };
    signed.map(contract).collect()
}

/// With whom it was negotiated, under the name that the public notice shows; an identifier of this trade alone.
fn counterpart(moment: &Moment<'_>, one: &Negotiation) -> Party {
    let taker = parties::taker(moment, "", Some(&one.name));
    Party {
        id: format!("{}-negotiation-{}", moment.imprint.ocid(&moment.trade.lot.id), one.place),
        // Nobody tendered.
        roles: taker.roles.iter().copied().filter(|role| *role != "tenderer").collect(),
        ..taker
    }
}

pub fn counterparts(moment: &Moment<'_>) -> Vec<Party> {
    told(moment).map(|one| counterpart(moment, one)).collect()
}
