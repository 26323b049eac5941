//! Our extension `disposal`: what the standard, made for buying, has no word for when a collective lets or sells. Pure.
//!
//! Its schema and its documents stand in `docs/ocds/` and are served under [`FOLDER`]; `docs/ocds.md` explains every field.

use rust_decimal::Decimal;
use serde::Serialize;

use super::model::{Number, Period, Value};
use crate::{
    kernel::{Fen, Timestamp},
    trading::{
        auction::{Ground, Halted},
        listing::{DealForm, RentIncrease, Terms},
        price::PriceUnit,
    },
};

/// Where it is served.
pub const FOLDER: &str = "/ocds/disposal/";

/// Its files by name, with their media types.
pub const FILES: [(&str, &str, &str); 8] = [
    ("extension.json", "application/json", include_str!("../../docs/ocds/extension.json")),
    ("release-schema.json", "application/json", include_str!("../../docs/ocds/release-schema.json")),
    ("README.md", "text/markdown; charset=utf-8", include_str!("../../docs/ocds/README.md")),
    ("codelists/disposalForm.csv", CSV, include_str!("../../docs/ocds/codelists/disposalForm.csv")),
    ("codelists/disposalPriceUnit.csv", CSV, include_str!("../../docs/ocds/codelists/disposalPriceUnit.csv")),
    (
        "codelists/disposalTerminationGround.csv",
        CSV,
        include_str!("../../docs/ocds/codelists/disposalTerminationGround.csv"),
    ),
    ("codelists/+partyRole.csv", CSV, include_str!("../../docs/ocds/codelists/+partyRole.csv")),
    ("codelists/+awardCriteria.csv", CSV, include_str!("../../docs/ocds/codelists/+awardCriteria.csv")),
];

const CSV: &str = "text/csv; charset=utf-8";

/// `tender.disposal`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disposal {
    pub form: DealForm,
    pub round: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_number: Option<String>,
    pub price_unit: PriceUnit,
    pub price_unit_name: &'static str,
    /// What a price is multiplied with, beside time; left out where it is for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_unit: Option<&'static str>,
    /// In square metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<Number>,
    /// A price for one unit, as all prices here; none where floor area is bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opening_price: Option<Value>,
    /// In the place of all prices where floor area is bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_area: Option<FloorArea>,
    /// What the floor area of the opening is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_value: Option<Value>,
    pub has_reserve_price: bool,
    /// From the end on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve_price: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling_price: Option<Value>,
    /// Where the price falls by itself: how low.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_price: Option<Value>,
    /// The least raise, by price; empty where nobody raises.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub increments: Vec<Increment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_increment: Option<Value>,
    pub deposit: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub performance_bond: Option<Bond>,
    pub minimum_bidders: u32,
    pub auction_period: Period,
    /// Left out for a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term_months: Option<u32>,
    pub rent_free_months: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rent_increases: Vec<Increase>,
    pub right_end_date: Option<Timestamp>,
    /// Why it was given up; what people wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_reason: Option<String>,
    /// On which ground, out of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_ground: Option<Ground>,
    /// Name and number of the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_decision: Option<String>,
    /// SHA-256 of its stored, encrypted paper, as the log names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_decision_digest: Option<String>,
    #[serde(flatten)]
    pub words: Words,
}

/// Built floor area in square metres that is handed over to the collective: no money, so it stands in no `Value`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FloorArea {
    pub opening: Number,
    /// From the end on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reserve: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Number>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub increments: Vec<AreaIncrement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_increment: Option<Number>,
}

/// From an area on the least raise is this.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AreaIncrement {
    pub from_area: Number,
    pub minimum: Number,
}

fn floor_area(terms: &Terms, reserve: Option<Fen>) -> Option<FloorArea> {
    let area = |price: Fen| terms.floor_area(price).map(Number::from);
    let row = |(from, least)| Some(AreaIncrement { from_area: area(from)?, minimum: area(least)? });
    Some(FloorArea {
        opening: area(terms.opening_price)?,
        reserve: reserve.and_then(area),
        ceiling: terms.ceiling_price.and_then(area),
        increments: least_raises(terms).into_iter().filter_map(row).collect(),
        maximum_increment: terms.step_max.and_then(area),
    })
}

/// A merge of releases takes an object back only member by member: where an earlier notice asked for a bond and this one does
/// not, both are null.
#[derive(Debug, Clone, Serialize)]
pub struct Bond {
    pub amount: Option<Number>,
    pub currency: Option<&'static str>,
}

fn bond(asked: Option<Fen>, asked_before: bool) -> Option<Bond> {
    let value = asked.map(Value::from);
    let currency = value.as_ref().map(|value| value.currency);
    (asked_before || value.is_some()).then(|| Bond { amount: value.map(|value| value.amount), currency })
}

/// What the notice says in words. A correction can take it back, so what is not said is null: left out, a merge of the releases
/// would keep what an earlier notice said.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Words {
    pub permitted_use: Option<String>,
    pub restrictions: Option<String>,
    pub payment_terms: Option<String>,
    pub tax_terms: Option<String>,
    pub handover: Option<String>,
    pub boundaries: Option<String>,
    pub priority: Option<String>,
    pub qualification: Option<String>,
    pub remarks: Option<String>,
}

/// From a price on the least raise is this.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Increment {
    pub from_price: Value,
    pub minimum: Value,
}

/// From a contract year on the rent is higher: by per cent, or by an amount of the price unit.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Increase {
    pub from_year: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percentage: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Value>,
}

impl From<&RentIncrease> for Increase {
    fn from(increase: &RentIncrease) -> Increase {
        let percentage = increase.percent_bp.filter(|_| increase.amount.is_none());
        Increase {
            from_year: increase.from_year,
            percentage: percentage.map(|bp| Decimal::new(i64::from(bp), 2).into()),
            amount: increase.amount.map(Value::from),
        }
    }
}

/// `awards[].disposal`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DisposalAward {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Value>,
    /// In its place where floor area was bid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_area: Option<Number>,
}

/// What belongs to the trade and not to its terms.
#[derive(Debug, Clone)]
pub struct Circumstances {
    pub round: i32,
    pub notice_number: Option<String>,
    pub auction_period: Period,
    pub reserve_price: Option<Fen>,
    pub terminated: Option<Halted>,
    /// Whether an earlier version of the notice asked for a bond.
    pub bond_asked_before: bool,
}

/// What one price unit is multiplied with, and its name.
fn quantity(terms: &Terms) -> Option<(Number, &'static str)> {
    let area = terms.asset_area?;
    match terms.price_unit {
        PriceUnit::PerMuYear => Some((Decimal::new(area.mu_hundredths(), 2).into(), "亩")),
        PriceUnit::PerSquareMetreMonth | PriceUnit::PerSquareMetreYear => {
            Some((Decimal::new(area.0, 2).into(), "平方米"))
        }
        PriceUnit::PerYear | PriceUnit::PerMonth | PriceUnit::Whole | PriceUnit::FloorArea => None,
    }
}

/// How low a falling price goes.
pub fn floor(terms: &Terms) -> Option<Fen> {
    terms.method.as_ref().and_then(|method| method.clock).map(|clock| clock.floor)
}

/// From which price on which least raise; empty where nobody raises: an amount of nothing is no raise, and falling and sealed
/// prices have none.
fn least_raises(terms: &Terms) -> Vec<(Fen, Fen)> {
    match terms.method.as_ref().map(|method| method.steps.as_slice()).unwrap_or_default() {
        [] if terms.step_min > Fen::ZERO => vec![(Fen::ZERO, terms.step_min)],
        table => table.iter().map(|step| (step.from, step.min)).collect(),
    }
}

fn increments(terms: &Terms) -> Vec<Increment> {
    let row = |(from, least): (Fen, Fen)| Increment { from_price: from.into(), minimum: least.into() };
    least_raises(terms).into_iter().map(row).collect()
}

/// `None` where the notice leaves it empty.
pub fn said(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Terms of a notice in the words of the extension.
pub fn disposal(terms: &Terms, told: Circumstances) -> Disposal {
    let notice = terms.notice.clone().unwrap_or_default();
    let quantity = quantity(terms);
    // Square metres are never told as an amount of yuan.
    let is_money = terms.price_unit.is_money();
    let money = |price: Option<Fen>| price.filter(|_| is_money).map(Value::from);
    Disposal {
        form: terms.form,
        round: told.round,
        notice_number: told.notice_number,
        price_unit: terms.price_unit,
        price_unit_name: terms.price_unit.label(),
        quantity_unit: quantity.as_ref().map(|(_, unit)| *unit),
        quantity: quantity.map(|(number, _)| number),
        area: terms.asset_area.map(|area| Decimal::new(area.0, 2).into()),
        opening_price: money(Some(terms.opening_price)),
        floor_area: floor_area(terms, told.reserve_price),
        estimated_value: terms.estimated_value.map(Value::from),
        has_reserve_price: terms.has_reserve,
        reserve_price: money(told.reserve_price),
        ceiling_price: money(terms.ceiling_price),
        floor_price: money(floor(terms)),
        increments: if is_money { increments(terms) } else { Vec::new() },
        maximum_increment: money(terms.step_max),
        deposit: terms.deposit.into(),
        performance_bond: bond(notice.performance_bond, told.bond_asked_before),
        minimum_bidders: terms.min_bidders,
        auction_period: told.auction_period,
        term_months: Some(terms.term_months).filter(|months| *months > 0),
        rent_free_months: notice.rent_free_months,
        rent_increases: terms.method.iter().flat_map(|method| method.increases.iter().map(Increase::from)).collect(),
        right_end_date: notice.right_until.map(|day| day.end()),
        termination_ground: told.terminated.as_ref().and_then(|halted| halted.ground),
        termination_decision: told.terminated.as_ref().and_then(|halted| halted.paper.clone()),
        termination_decision_digest: told
            .terminated
            .as_ref()
            .and_then(|halted| halted.paper_sha256.as_ref())
            .map(|sha256| format!("sha256:{sha256}")),
        termination_reason: told.terminated.map(|halted| halted.reason),
        words: Words {
            permitted_use: said(&terms.usage),
            restrictions: said(&notice.restrictions),
            payment_terms: said(&notice.payment),
            tax_terms: said(&notice.tax),
            handover: said(&notice.delivery),
            boundaries: said(&notice.boundaries),
            priority: said(&terms.priority_words()),
            qualification: said(&terms.qualification_words()),
            remarks: said(&terms.remarks),
        },
    }
}
