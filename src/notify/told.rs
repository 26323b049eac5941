//! What an entry of the log tells, and to whom: the entry says what happened, the domains say whom it concerns.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::model::{Kind, News};
use crate::{
    db::{Result, Rx},
    kernel::{Day, Fen, Id, Problem, Timestamp},
    log::{ERASURE, EntryView},
    policy::PolicyBook,
    settlement::{self, orders::OrderKind},
    trading::{
        auction::Status,
        bid_number,
        concerned::{self, Bidder, Hearer, Named},
        listing::LotId,
    },
};

/// The kinds of entries that are followed. Bids are none of them: see [`watch`](super::watch).
pub(super) const KINDS: &[&str] = &[
    "auction.closed",
    "auction.given_back",
    "auction.resumed",
    "auction.suspended",
    "auction.terminated",
    "award.confirmed",
    "award.declined",
    "award.failed",
    "award.taken_over",
    "award.voided",
    "deposit.received",
    "deposit.refused",
    "joint.agreed",
    "lot.terminated",
    "merit.granted",
    "merit.refused",
    "notice.corrected",
    "objection.answered",
    "payment.confirmed",
    "priority.granted",
    "priority.refused",
    "qualification.passed",
    "qualification.refused",
    "question.answered",
    ERASURE,
];

/// News of a lot, each with who hears it.
#[derive(Debug)]
pub(super) struct Told {
    pub lot: Named,
    pub news: Vec<(Hearer, News)>,
}

/// What an entry tells; nothing where its lot is not public.
pub(super) fn of_entry(rx: &mut Rx<'_>, policies: &PolicyBook, entry: &EntryView) -> Result<Option<Told>> {
    let Some(lot) = lot_of(rx, entry)? else { return Ok(None) };
    let Some(lot) = concerned::lot(rx, &lot)? else { return Ok(None) };
    let news = news(rx, policies, entry, &lot)?;
    Ok(Some(Told { lot, news }))
}

/// The record of this noun that an entry is about first.
fn subject<'e>(entry: &'e EntryView, noun: &str) -> Option<&'e str> {
    entry.subjects.iter().find_map(|subject| subject.strip_prefix(noun)?.strip_prefix('/'))
}

fn lot_of(rx: &mut Rx<'_>, entry: &EntryView) -> Result<Option<LotId>> {
    if let Some(lot) = subject(entry, "lot") {
        return Ok(Some(LotId::from_trusted(lot)));
    }
    let enrolment = subject(entry, "enrolment").map(Id::from_trusted);
    enrolment.map(|id| Ok(concerned::enrolled(rx, &id)?.0)).transpose()
}

/// A public fact of an entry.
fn fact<T: DeserializeOwned>(entry: &EntryView, name: &str) -> Option<T> {
    serde_json::from_value(entry.data.get(name)?.clone()).ok()
}

fn news(rx: &mut Rx<'_>, policies: &PolicyBook, entry: &EntryView, lot: &Named) -> Result<Vec<(Hearer, News)>> {
    Ok(match entry.kind.as_str() {
        "deposit.received"
        | "deposit.refused"
        | "joint.agreed"
        | "qualification.passed"
        | "qualification.refused"
        | "priority.granted"
        | "priority.refused"
        | "merit.granted"
        | "merit.refused" => of_enrolment(rx, entry, lot)?,
        "question.answered" => {
            let asked = subject(entry, "question").map(Id::from_trusted);
            let asked = asked.map(|id| concerned::asked_by(rx, &id)).transpose()?.flatten();
            asked.map(|(_, account)| (Hearer::own(account), News::QuestionAnswered)).into_iter().collect()
        }
        "objection.answered" => {
            let raised = subject(entry, "objection").map(Id::from_trusted);
            let raised = raised.map(|id| concerned::raised_by(rx, &id)).transpose()?.flatten();
            raised.map(|(_, account)| (Hearer::own(account), News::ObjectionAnswered)).into_iter().collect()
        }
        "payment.confirmed" => payment(rx, entry)?,
        "auction.closed" => ended(rx, policies, entry, lot)?,
        "award.confirmed" => {
            number_hears(rx, entry, lot, "bidder", fact(entry, "contract_by").map(|by| News::ContractDue { by }))?
        }
        "award.failed" | "award.declined" => follows(rx, entry, lot)?,
        "award.taken_over" => taken_over(rx, entry, lot)?,
        "award.voided" => others_hear(rx, lot, "", &News::Voided)?,
        _ => match of_everybody(rx, entry, lot)? {
            Some(news) => readers(rx, entry, lot)?.into_iter().map(|hearer| (hearer, news.clone())).collect(),
            None => Vec::new(),
        },
    })
}

/// Everybody who has enrolled; of a notice also those who asked about it.
fn readers(rx: &mut Rx<'_>, entry: &EntryView, lot: &Named) -> Result<Vec<Hearer>> {
    let mut readers: Vec<_> = concerned::everybody(rx, &lot.id)?.into_iter().flat_map(|b| b.hearers).collect();
    if matches!(entry.kind.as_str(), "notice.corrected" | "lot.terminated") {
        readers.extend(concerned::askers(rx, &lot.id)?.into_iter().map(Hearer::own));
    }
    // Who asked and then enrolled, or agreed to bid with others, hears it once, as a bidder.
    let mut heard = BTreeSet::new();
    readers.retain(|reader| heard.insert(reader.account.clone()));
    Ok(readers)
}

/// What everybody hears who reads on.
fn of_everybody(rx: &mut Rx<'_>, entry: &EntryView, lot: &Named) -> Result<Option<News>> {
    let closes_at: Option<Timestamp> = fact(entry, "closes_at");
    Ok(match entry.kind.as_str() {
        "notice.corrected" => match (fact(entry, "version"), fact(entry, "opens_at"), closes_at) {
            (Some(version), Some(opens_at), Some(closes_at)) if concerned::is_moved(rx, &lot.id, version)? => {
                Some(News::Postponed { version, opens_at, closes_at })
            }
            (Some(version), Some(opens_at), _) => Some(News::NoticeCorrected { version, opens_at }),
            _ => None,
        },
        "auction.suspended" => Some(News::Suspended),
        "auction.resumed" => closes_at.map(|closes_at| News::Resumed { closes_at }),
        "auction.given_back" => closes_at.map(|closes_at| News::GivenBack { closes_at }),
        "auction.terminated" | "lot.terminated" => Some(News::Terminated),
        _ => None,
    })
}

/// What is heard of the own enrolment: the entry, and that it was the last thing that was lacking.
fn of_enrolment(rx: &mut Rx<'_>, entry: &EntryView, lot: &Named) -> Result<Vec<(Hearer, News)>> {
    // A doubt about a payer names a second enrolment, whose bidder hears nothing of it.
    let Some(id) = subject(entry, "enrolment").map(Id::from_trusted) else { return Ok(Vec::new()) };
    let (_, bidder) = concerned::enrolled(rx, &id)?;
    let itself = match entry.kind.as_str() {
        "deposit.received" => Some(News::DepositReceived),
        "deposit.refused" => Some(News::DepositRefused),
        "qualification.passed" => Some(News::PapersPassed),
        "qualification.refused" => Some(News::PapersRefused),
        "priority.granted" => Some(News::PriorityGranted),
        "priority.refused" => Some(News::PriorityRefused),
        "merit.granted" => Some(News::MeritGranted),
        "merit.refused" => Some(News::MeritRefused),
        _ => None,
    };
    let completes = matches!(entry.kind.as_str(), "deposit.received" | "joint.agreed" | "qualification.passed");
    let admitted = bidder.number.filter(|_| completes);
    let admitted = admitted.map(|n| News::Admitted { number: bid_number(n), opens_at: lot.opens_at });
    Ok(itself.into_iter().chain(admitted).flat_map(|news| bidder.clone().hears(&news)).collect())
}

fn payment(rx: &mut Rx<'_>, entry: &EntryView) -> Result<Vec<(Hearer, News)>> {
    let (Some(deposit), Some(amount)) = (subject(entry, "deposit"), fact::<Fen>(entry, "paid")) else {
        return Ok(Vec::new());
    };
    let news = match fact::<OrderKind>(entry, "kind") {
        Some(OrderKind::Refund) => News::DepositReturned { amount },
        Some(OrderKind::Apply) => News::DepositApplied { amount },
        Some(OrderKind::Forfeit) => News::DepositKept { amount },
        // What the township does with money that is not the bidder's any more, or puts right.
        Some(OrderKind::PayOn | OrderKind::Reverse) | None => return Ok(Vec::new()),
    };
    let enrolment = settlement::enrolment_of(rx, &Id::from_trusted(deposit))?;
    let (_, bidder) = concerned::enrolled(rx, &Id::from_trusted(enrolment))?;
    Ok(bidder.hears(&news))
}

/// How an auction ended, for everybody who could bid. That it was terminated they have heard already.
fn ended(rx: &mut Rx<'_>, policies: &PolicyBook, entry: &EntryView, lot: &Named) -> Result<Vec<(Hearer, News)>> {
    let winner: Option<String> = fact(entry, "winner");
    let sold = fact::<Fen>(entry, "price").map(|price| lot.priced(price)).zip(fact::<Day>(entry, "notice_until"));
    let rules = policies.rules_for(&lot.collective_code, entry.at.day()).map_err(Problem::from)?;
    let next = match rules.successors.value.most {
        0 => None,
        _ => concerned::next_in_line(rx, &lot.id)?,
    };
    let of = |number: String| match (fact::<Status>(entry, "status")?, sold.clone()) {
        (Status::Sold, Some((price, notice_until))) => Some(match Some(number) {
            it if it == winner => News::Won { price, notice_until },
            it if it == next => News::MayFollow { price, notice_until },
            _ => News::NotWon { price, notice_until },
        }),
        (Status::Failed, _) => Some(News::NotSold),
        _ => None,
    };
    let bidders = concerned::everybody(rx, &lot.id)?.into_iter();
    let heard =
        bidders.filter_map(|bidder| bidder.number.and_then(|n| of(bid_number(n))).map(|news| bidder.hears(&news)));
    Ok(heard.flatten().collect())
}

/// Who is out, unless by an answer of its own, and who is asked to step in; where nobody is, all others hear that.
fn follows(rx: &mut Rx<'_>, entry: &EntryView, lot: &Named) -> Result<Vec<(Hearer, News)>> {
    let is_out = Some(News::SaleLost).filter(|_| entry.kind == "award.failed");
    let mut news = number_hears(rx, entry, lot, "bidder", is_out)?;
    let next = entry.data.get("next").cloned().unwrap_or_default();
    let day = next.get("answer_by").and_then(|day| serde_json::from_value(day.clone()).ok());
    if let Some(answer_by) = day {
        let next = EntryView { data: next, ..entry.clone() };
        news.extend(number_hears(rx, &next, lot, "bidder", Some(News::Follows { answer_by }))?);
        return Ok(news);
    }
    news.extend(others_hear(rx, lot, &fact::<String>(entry, "bidder").unwrap_or_default(), &News::NobodyFollows)?);
    Ok(news)
}

/// The others may object to who steps in.
fn taken_over(rx: &mut Rx<'_>, entry: &EntryView, lot: &Named) -> Result<Vec<(Hearer, News)>> {
    let (Some(number), Some(notice_until)) = (fact::<String>(entry, "bidder"), fact(entry, "notice_until")) else {
        return Ok(Vec::new());
    };
    let news = News::ResultPublished { number: number.clone(), notice_until };
    others_hear(rx, lot, &number, &news)
}

/// News for all who could bid but one.
fn others_hear(rx: &mut Rx<'_>, lot: &Named, but: &str, news: &News) -> Result<Vec<(Hearer, News)>> {
    let is_other = |bidder: &Bidder| bidder.number.is_some_and(|number| bid_number(number) != but);
    let others = concerned::everybody(rx, &lot.id)?.into_iter().filter(is_other);
    Ok(others.flat_map(|bidder| bidder.hears(news)).collect())
}

/// News for the bidder whose number stands in an entry.
fn number_hears(
    rx: &mut Rx<'_>,
    entry: &EntryView,
    lot: &Named,
    name: &str,
    news: Option<News>,
) -> Result<Vec<(Hearer, News)>> {
    let (Some(number), Some(news)) = (fact::<String>(entry, name), news) else { return Ok(Vec::new()) };
    let bidder =
        concerned::everybody(rx, &lot.id)?.into_iter().find(|b| b.number.map(bid_number).as_ref() == Some(&number));
    Ok(bidder.map(|bidder| bidder.hears(&news)).unwrap_or_default())
}

/// News that is told of a lot once, whatever else comes to it.
pub(super) const fn is_told_once(kind: Kind) -> bool {
    matches!(kind, Kind::Admitted)
}
