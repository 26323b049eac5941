//! The contract that comes of an auction or a negotiation: what notice and award have settled is not settled anew (Tender Law art. 46, as a
//! measure). Pure.

use super::model::{ContractFacts, Kind, LesseeKind, Method, Quantity, State};
use crate::{
    kernel::{Day, Fen, FieldError, Problem},
    trading::{
        confirmation::{How, Sale},
        enrolment::BidderKind,
        listing::DealForm,
    },
};

fn kind(form: DealForm) -> Kind {
    match form {
        DealForm::Lease => Kind::Lease,
        DealForm::Contract => Kind::LandContract,
        DealForm::Transfer | DealForm::Grant => Kind::Transfer,
        DealForm::Cooperation => Kind::Cooperation,
        DealForm::Service => Kind::Works,
    }
}

fn lessee_kind(kind: BidderKind) -> LesseeKind {
    match kind {
        BidderKind::Person => LesseeKind::Person,
        BidderKind::Organisation => LesseeKind::Organisation,
    }
}

/// The last day of a term that begins on a day; none for what is given for good.
fn last_day(starts_on: Day, months: u32) -> Option<Day> {
    (months > 0).then(|| starts_on.plus_months(months).minus_days(1))
}

/// What is counted where floor area was bid.
const FLOOR_AREA: &str = "平方米（建筑面积）";

/// The contract as the award gives it; it begins `today` where the notice fixed no day.
pub fn proposal(sale: &Sale, today: Day) -> ContractFacts {
    let starts_on = sale.starts_on.unwrap_or(today);
    ContractFacts {
        code: None,
        name: format!("{}合同", sale.title),
        kind: kind(sale.form),
        asset: Some(sale.asset.clone()),
        subject: sale.asset_name.clone(),
        lessee: sale.buyer.clone(),
        lessee_kind: lessee_kind(sale.buyer_kind),
        signed_on: Some(today),
        starts_on,
        ends_on: last_day(starts_on, sale.term_months),
        quantity: sale.floor_area.and_then(Quantity::of_area),
        unit: sale.floor_area.map(|_| FLOOR_AREA.to_owned()),
        annual_rent: sale.annual_rent,
        total: sale.total,
        method: Some(match sale.how {
            How::OpenBids => Method::OpenBidding,
            How::SealedBids => Method::SealedBids,
            How::Negotiated => Method::OpenNegotiation,
        }),
        payment_terms: String::new(),
        state: State::Running,
        note: String::new(),
    }
}

/// Whether a contract says what notice and award have settled.
///
/// Errors: a field error for everything that is other, with what it has to be.
pub fn compare(facts: &ContractFacts, sale: &Sale) -> Result<(), Problem> {
    let told = proposal(sale, facts.starts_on);
    let mut errors = Vec::new();
    let mut add = |field: &str, seen: String, wanted: String| {
        let detail = format!("与成交结果不一致：成交结果是“{wanted}”，这里是“{seen}”；请照成交结果填写");
        errors.push(FieldError::new(field, Some(&seen), detail));
    };
    let amount = |amount: Option<Fen>| amount.map_or_else(|| "无".to_owned(), |amount| amount.to_string());
    let day = |day: Option<Day>| day.map_or_else(|| "无".to_owned(), |day| day.to_string());
    if facts.kind != told.kind {
        add("kind", facts.kind.label().to_owned(), told.kind.label().to_owned());
    }
    if facts.asset != told.asset {
        let name = |asset: &Option<crate::assets::AssetId>| asset.as_ref().map_or("无".into(), ToString::to_string);
        add("asset", name(&facts.asset), format!("{}（{}）", sale.asset_name, sale.asset));
    }
    if facts.lessee != told.lessee {
        add("lessee", facts.lessee.clone(), told.lessee.clone());
    }
    if facts.lessee_kind != told.lessee_kind {
        add("lessee_kind", facts.lessee_kind.label().to_owned(), told.lessee_kind.label().to_owned());
    }
    if facts.starts_on != told.starts_on {
        add("starts_on", facts.starts_on.to_string(), told.starts_on.to_string());
    }
    if facts.ends_on != told.ends_on {
        add("ends_on", day(facts.ends_on), day(told.ends_on));
    }
    if facts.annual_rent != told.annual_rent {
        add("annual_rent", amount(facts.annual_rent), amount(told.annual_rent));
    }
    if facts.total != told.total {
        add("total", amount(facts.total), amount(told.total));
    }
    // What else is let, and how much of it, the contract says by itself.
    if sale.floor_area.is_some() && (facts.quantity, &facts.unit) != (told.quantity, &told.unit) {
        add("quantity", facts.measure(), told.measure());
    }
    if facts.method != told.method {
        let label = |method: Option<Method>| method.map_or("无", |method| method.label()).to_owned();
        add("method", label(facts.method), label(told.method));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Id;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn sale() -> Sale {
        Sale {
            lot: Id::from_trusted("lot_1"),
            collective_code: "440703103213".into(),
            title: "龙门里 3 号鱼塘".into(),
            asset: Id::from_trusted("ast_1"),
            asset_name: "3 号鱼塘".into(),
            form: DealForm::Contract,
            how: How::OpenBids,
            buyer: "陈某".into(),
            buyer_kind: BidderKind::Person,
            starts_on: Some(day("2026-04-01")),
            term_months: 36,
            annual_rent: Some(Fen(1_927_000)),
            total: Some(Fen(5_781_000)),
            floor_area: None,
        }
    }

    #[test]
    fn what_the_award_gives_agrees_with_it_and_every_other_field_is_named() {
        let good = proposal(&sale(), day("2026-03-20"));
        assert_eq!((good.starts_on, good.ends_on), (day("2026-04-01"), Some(day("2029-03-31"))));
        assert!(compare(&good, &sale()).is_ok());
        let bad = ContractFacts {
            kind: Kind::Lease,
            asset: None,
            lessee: "李某".into(),
            lessee_kind: LesseeKind::Organisation,
            starts_on: day("2026-05-01"),
            ends_on: Some(day("2030-03-31")),
            annual_rent: Some(Fen(1)),
            total: None,
            method: None,
            ..good.clone()
        };
        let fields = |facts: &ContractFacts, sale: &Sale| -> Vec<String> {
            compare(facts, sale)
                .err()
                .map(|p| p.fields.iter().map(|f| f.field().to_owned()).collect())
                .unwrap_or_default()
        };
        assert_eq!(
            fields(&bad, &sale()),
            ["kind", "asset", "lessee", "lessee_kind", "starts_on", "ends_on", "annual_rent", "total", "method"]
        );
        let negotiated = Sale { how: How::Negotiated, ..sale() };
        assert_eq!(fields(&good, &negotiated), ["method"]);
        assert_eq!(proposal(&negotiated, day("2026-03-20")).method, Some(Method::OpenNegotiation));
        // Where the notice fixed no day the contract does, and only the length is settled.
        let later = Sale { starts_on: None, ..sale() };
        let moved = ContractFacts { starts_on: day("2026-05-01"), ends_on: Some(day("2029-04-30")), ..good };
        assert_eq!(fields(&moved, &later), Vec::<String>::new());
        assert_eq!(fields(&moved, &sale()), ["starts_on", "ends_on"]);
    }
}
