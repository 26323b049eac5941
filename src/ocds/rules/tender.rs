//! The offer: what, on which terms, until when.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Event, Moment, Paper, award_period, bidders, negotiated};
use crate::{
    assets::Class,
    kernel::{Fen, Timestamp},
    ocds::{
        disposal::{self, Circumstances},
        model::{Amendment, Classification, Document, Item, Number, PartyReference, Period, Tender, Unit, Value},
    },
    trading::{
        auction::{Halted, Mode},
        listing::{Attachment, LotState, Terms},
        lots::words,
        notices::NoticeVersion,
        price::PriceUnit,
    },
};

/// Our classes of assets.
const CLASSES: &str = "XIANGJI-ASSET-CLASS";

pub fn tender(moment: &Moment<'_>, procuring_entity: PartyReference) -> Tender {
    let (lot, notice) = (&moment.trade.lot, moment.notice);
    let terms = &notice.terms;
    let (value, min_value) = bounds(terms);
    let until_enrolled = Period { start_date: published(moment), end_date: notice.enrol_until };
    Tender {
        id: lot.number.clone().unwrap_or_else(|| lot.id.to_string()),
        title: notice.title.clone(),
        description: description(terms),
        status: status(moment),
        procuring_entity,
        items: vec![item(moment, terms.opening_price)],
        value: value.map(Value::from),
        min_value: min_value.map(Value::from),
        procurement_method: "open",
        procurement_method_details: method(moment),
        award_criteria: match (terms.is_purchase(), terms.price_unit.is_money()) {
            _ if !terms.merits().is_empty() => "ratedCriteria",
            (true, _) => "priceOnly",
            (_, true) => "highestPrice",
            (_, false) => "largestFloorArea",
        },
        award_criteria_details: match (terms.mode(), terms.ceiling_criterion()) {
            (Mode::Clock, _) => "先应价者得".to_owned(),
            _ if !terms.merits().is_empty() => rated(terms),
            (_, Some(criterion)) => {
                let words = terms.words();
                format!("{}；几个人都报到{}的，按办法评定先后：{criterion}", words.wins, words.limit)
            }
            _ => terms.words().wins.to_owned(),
        },
        submission_method: vec!["electronicAuction"],
        submission_method_details: lot.how(),
        tender_period: until_enrolled.clone(),
        enquiry_period: until_enrolled,
        has_enquiries: moment.has_enquiries,
        eligibility_criteria: disposal::said(&terms.conditions),
        award_period: moment.award().map(award_period),
        contract_period: contract_period(terms),
        number_of_tenderers: bidders(moment).map(|(_, count)| count),
        documents: documents(moment),
        amendments: amendments(moment),
        disposal: (!terms.is_purchase()).then(|| {
            disposal::disposal(
                terms,
                Circumstances {
                    round: lot.round,
                    notice_number: lot.notice_number.clone(),
                    auction_period: auction_period(moment),
                    reserve_price: lot.terms.reserve_price.filter(|_| moment.ended),
                    terminated: termination(moment),
                    bond_asked_before: moment.versions.iter().any(asks_for_bond),
                },
            )
        }),
    }
}

/// What counts beside the price and how, in the words of the notice.
fn rated(terms: &Terms) -> String {
    let lines: Vec<String> = terms.merit_lines().into_iter().map(|(name, words)| format!("{name}：{words}")).collect();
    format!("加分后{}。{}", terms.words().wins, lines.join("。"))
}

/// How the price is found, and whether it was negotiated once nobody had come.
fn method(moment: &Moment<'_>) -> String {
    let bids = format!("网上公开竞价：{}", moment.notice.terms.mode().label());
    if moment.negotiated { format!("{bids}；流拍后公开协商") } else { bids }
}

fn status(moment: &Moment<'_>) -> &'static str {
    match moment.trade.lot.state {
        _ if !moment.ended => "active",
        LotState::Failed if negotiated::is_concluded(moment) => "complete",
        LotState::Sold => "complete",
        LotState::Failed => "unsuccessful",
        _ => "cancelled",
    }
}

fn asks_for_bond(version: &NoticeVersion) -> bool {
    version.terms.notice.as_ref().is_some_and(|notice| notice.performance_bond.is_some())
}

/// Why a trade was given up, before its auction or in it.
fn termination(moment: &Moment<'_>) -> Option<Halted> {
    let lot = &moment.trade.lot;
    let over = moment.ended && lot.state == LotState::Terminated;
    lot.halted.clone().filter(|halted| over && !halted.reason.is_empty())
}

fn published(moment: &Moment<'_>) -> Timestamp {
    moment.versions.first().map_or(moment.notice.brief.at, |first| first.brief.at).min(moment.notice.enrol_until)
}

/// As planned; from the end on as it was.
fn auction_period(moment: &Moment<'_>) -> Period {
    let notice = moment.notice;
    let closed = moment.award().map(|award| award.closed_at);
    Period { start_date: notice.opens_at, end_date: closed.unwrap_or(notice.closes_at).max(notice.opens_at) }
}

fn description(terms: &Terms) -> String {
    let (length, form) = (terms.term_months, terms.form.label());
    let place = Some(terms.asset_location.as_str()).filter(|place| !place.is_empty());
    let use_of_it = Some(&terms.usage).filter(|usage| !usage.is_empty()).map(|usage| format!("用途：{usage}"));
    let term = (length > 0).then(|| format!("期限 {}", words::term(length)));
    let parts = [Some(format!("{form}：{}", terms.asset_name)), place.map(str::to_owned), term, use_of_it];
    parts.into_iter().flatten().collect::<Vec<_>>().join("，")
}

/// What the highest and the lowest price that can win come to over the term, as far as the notice bounds them.
fn bounds(terms: &Terms) -> (Option<Fen>, Option<Fen>) {
    // Going down the first price is the highest and the limit the lowest.
    let lowest = if terms.is_purchase() { Some(terms.ceiling_price) } else { disposal::floor(terms).map(Some) };
    match lowest {
        Some(floor) => (terms.total(terms.opening_price), floor.and_then(|price| terms.total(price))),
        None => (terms.ceiling_price.and_then(|price| terms.total(price)), terms.total(terms.opening_price)),
    }
}

/// Where its first day is fixed.
pub fn contract_period(terms: &Terms) -> Option<Period> {
    let first = terms.starts_on.filter(|_| terms.term_months > 0)?;
    Some(Period { start_date: first.at(0, 0), end_date: first.plus_months(terms.term_months).minus_days(1).end() })
}

/// The asset, counted in what one price is for.
pub fn item(moment: &Moment<'_>, price: Fen) -> Item {
    let terms = &moment.notice.terms;
    let (name, quantity) = units(terms);
    let class = terms.asset_class.parse::<Class>().map_or(terms.asset_class.clone(), |class| class.label().to_owned());
    let parts = [terms.asset_name.as_str(), terms.asset_location.as_str()];
    Item {
        id: moment.trade.lot.asset_id.clone(),
        description: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("，"),
        classification: Classification { scheme: CLASSES, id: terms.asset_class.clone(), description: class },
        quantity,
        unit: Unit { name, value: terms.price_unit.is_money().then(|| price.into()) },
    }
}

/// The unit that one price is for, and how many of them the term has; `None` where that has no end in decimals.
fn units(terms: &Terms) -> (&'static str, Option<Number>) {
    let months = i64::from(terms.term_months);
    let area = terms.asset_area;
    let (name, hundredths, times) = match terms.price_unit {
        // What is bid is no price of the asset: it stands in our extension.
        PriceUnit::Whole | PriceUnit::FloorArea => return ("宗", Some(Decimal::ONE.into())),
        PriceUnit::PerYear => ("年", Some(100), 12),
        PriceUnit::PerMonth => ("月", Some(100), 1),
        PriceUnit::PerMuYear => ("亩·年", area.map(|area| area.mu_hundredths()), 12),
        PriceUnit::PerSquareMetreMonth => ("平方米·月", area.map(|area| area.0), 1),
        PriceUnit::PerSquareMetreYear => ("平方米·年", area.map(|area| area.0), 12),
    };
    (name, hundredths.and_then(|n| exact(n, months, times)).map(Number::from))
}

/// `hundredths` × `months` ÷ `times`, to four decimals; `None` where more would be needed.
fn exact(hundredths: i64, months: i64, times: i64) -> Option<Decimal> {
    let product = hundredths.checked_mul(months)?.checked_mul(100)?;
    (product % times == 0).then(|| Decimal::new(product / times, 4))
}

/// Every version of the notice, each followed by the papers that came with it.
fn documents(moment: &Moment<'_>) -> Vec<Document> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for version in moment.versions {
        found.push(notice(moment, version));
        for attached in version.terms.notice.iter().flat_map(|notice| &notice.attachments) {
            let paper = moment.trade.papers.iter().find(|paper| paper.id == attached.document);
            if seen.insert(&attached.document) {
                found.extend(paper.map(|paper| annex(moment, attached, paper, version.brief.at)));
            }
        }
    }
    found
}

fn notice(moment: &Moment<'_>, version: &NoticeVersion) -> Document {
    let number = version.brief.number;
    Document {
        id: format!("notice-{number}"),
        document_type: "tenderNotice",
        title: if number == 1 { "公告".to_owned() } else { format!("更正公告（第 {number} 版）") },
        url: format!("{}/lots/{}/notices/{number}", moment.imprint.base, moment.trade.lot.id),
        date_published: version.brief.at,
        format: "text/html",
        language: "zh",
        logged_digest: None,
    }
}

fn annex(moment: &Moment<'_>, attached: &Attachment, paper: &Paper, date_published: Timestamp) -> Document {
    Document {
        id: paper.id.clone(),
        document_type: "biddingDocuments",
        title: attached.title.clone(),
        url: format!("{}/api/v1/documents/{}/content", moment.imprint.base, paper.id),
        date_published,
        format: paper.media_type,
        language: "zh",
        logged_digest: Some(format!("sha256:{}", paper.sha256)),
    }
}

fn amendments(moment: &Moment<'_>) -> Vec<Amendment> {
    let versions = moment.versions.iter().enumerate().skip(1);
    let amended = versions.map(|(n, version)| Amendment {
        id: format!("notice-{}", version.brief.number),
        date: version.brief.at,
        rationale: version.brief.reason.clone(),
        amends_release_id: moment.release_id(Event::Notice(n.saturating_sub(1))),
        release_id: moment.release_id(Event::Notice(n)),
    });
    amended.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_counted_only_where_they_come_out_even() {
        // 23.50 mu over 96 months; 10.01 mu over 7 months has no end.
        assert_eq!(exact(2_350, 96, 12).map(|n| n.normalize().to_string()).as_deref(), Some("188"));
        assert_eq!(exact(1_001, 6, 12).map(|n| n.normalize().to_string()).as_deref(), Some("5.005"));
        assert_eq!(exact(1_001, 7, 12), None);
        assert_eq!(exact(i64::MAX, 96, 12), None);
    }
}
