//! From what everybody may know of a trade to its release package. Pure.

mod negotiated;
mod parties;
mod tender;

use crate::{
    collectives::Collective,
    kernel::{Fen, Id, Timestamp},
    trading::{
        auction::{Failure, Status},
        award,
        confirmation::{Confirmation, State},
        listing::{Lot, LotId, LotState, Round},
        lots::LotView,
        notices::NoticeVersion,
    },
};

use super::{
    disposal::{DisposalAward, FOLDER},
    model::{
        Award, Bids, Contract, Document, Number, Package, Period, Publisher, RelatedProcess, Release, Statistic, Value,
    },
};

/// The official extension for the numbers of bidders, at its version for 1.1.
const BIDS: &str =
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json";

/// How this installation signs its packages.
#[derive(Debug, Clone)]
pub struct Imprint {
    /// Stands before the lot's identifier in every ocid.
    pub ocid_prefix: String,
    /// Where people reach the server, without a slash at the end.
    pub base: String,
    /// Who publishes; the town of the lot where nothing is said.
    pub publisher: Option<String>,
}

impl Imprint {
    pub fn ocid(&self, lot: &LotId) -> String {
        format!("{}-{lot}", self.ocid_prefix)
    }

    fn package_uri(&self, lot: &LotId) -> String {
        format!("{}/api/v1/lots/{lot}/ocds", self.base)
    }
}

/// A public paper of a notice, as far as a stranger needs it.
#[derive(Debug, Clone)]
pub struct Paper {
    pub id: String,
    pub media_type: &'static str,
    /// SHA-256 of the encrypted contents, by which the log names it.
    pub sha256: String,
}

/// A trade, from what its public pages show.
#[derive(Debug, Clone)]
pub struct Trade {
    pub lot: LotView,
    /// The versions of its notice, the first one first; never empty.
    pub versions: Vec<NoticeVersion>,
    pub seller: Collective,
    /// Of every version.
    pub papers: Vec<Paper>,
    /// When the first question was answered.
    pub first_answer: Option<Timestamp>,
    /// Who is to sign, once the result was confirmed or somebody has failed; the winner first.
    pub line: Vec<Confirmation>,
}

/// What made a new release; in this order where two have one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A version of the notice, by its place.
    Notice(usize),
    Answer,
    End,
    /// The last that happened with those in line.
    Line,
    /// The last that happened with what was negotiated.
    Negotiation,
}

/// The trade as it stood after an event.
#[derive(Debug, Clone, Copy)]
struct Moment<'a> {
    imprint: &'a Imprint,
    trade: &'a Trade,
    /// The versions that were out.
    versions: &'a [NoticeVersion],
    /// The last of them.
    notice: &'a NoticeVersion,
    has_enquiries: bool,
    ended: bool,
    /// What became of those in line is told.
    followed: bool,
    /// What was negotiated after it had failed is told.
    negotiated: bool,
}

impl Moment<'_> {
    fn award(&self) -> Option<&award::Award> {
        // Of a trade that was given up there is no award, only its end.
        self.trade.lot.award.as_ref().filter(|award| self.ended && award.status != Status::Terminated)
    }

    fn release_id(&self, event: Event) -> String {
        let ocid = self.imprint.ocid(&self.trade.lot.id);
        match event {
            Event::Notice(n) => format!("{ocid}-notice-{}", self.trade.versions.get(n).map_or(0, |v| v.brief.number)),
            Event::Answer => format!("{ocid}-enquiries"),
            Event::End => format!("{ocid}-end"),
            Event::Line => format!("{ocid}-line-{}", last_of_line(self.trade).map_or(0, |at| at.0)),
            Event::Negotiation => {
                format!("{ocid}-negotiation-{}", negotiated::last(self.trade).map_or(0, |at| at.0))
            }
        }
    }
}

/// The package of a trade; `None` where it has no notice.
pub fn package(imprint: &Imprint, trade: &Trade) -> Option<Package> {
    let releases = releases(imprint, trade);
    let published_date = releases.last()?.date;
    let town = Some(&trade.lot.town).filter(|town| !town.is_empty()).unwrap_or(&trade.lot.collective_name);
    Some(Package {
        uri: imprint.package_uri(&trade.lot.id),
        version: "1.1",
        extensions: vec![BIDS.to_owned(), format!("{}{FOLDER}extension.json", imprint.base)],
        published_date,
        publisher: Publisher { name: imprint.publisher.clone().unwrap_or_else(|| town.clone()) },
        releases,
    })
}

fn last_of_line(trade: &Trade) -> Option<Timestamp> {
    trade.line.iter().map(|one| one.updated_at).max()
}

fn timeline(trade: &Trade) -> Vec<(Timestamp, Event)> {
    let notices = trade.versions.iter().enumerate().map(|(n, version)| (version.brief.at, Event::Notice(n)));
    let answer = trade.first_answer.map(|at| (at, Event::Answer));
    let over = !trade.lot.state.is_under_way();
    let end = trade.lot.ended_at.filter(|_| over).map(|at| (at, Event::End));
    let line = last_of_line(trade).map(|at| (at, Event::Line));
    let negotiated = negotiated::last(trade).map(|at| (at, Event::Negotiation));
    let mut all: Vec<_> = notices.chain(answer).chain(end).chain(line).chain(negotiated).collect();
    all.sort();
    all
}

fn releases(imprint: &Imprint, trade: &Trade) -> Vec<Release> {
    let timeline = timeline(trade);
    let mut found = Vec::new();
    for (n, (date, event)) in timeline.iter().enumerate() {
        let so_far = timeline.get(..=n).unwrap_or_default();
        let has = |wanted: Event| so_far.iter().any(|(_, event)| *event == wanted);
        let out = so_far.iter().filter(|(_, event)| matches!(event, Event::Notice(_))).count();
        let versions = trade.versions.get(..out).unwrap_or_default();
        // An answer cannot come before its notice; were it so on record, there is nothing to release yet.
        let Some(notice) = versions.last() else { continue };
        let (has_enquiries, ended, followed) = (has(Event::Answer), has(Event::End), has(Event::Line));
        let negotiated = has(Event::Negotiation);
        let moment = Moment { imprint, trade, versions, notice, has_enquiries, ended, followed, negotiated };
        found.push(release(&moment, *date, *event));
    }
    found
}

fn release(moment: &Moment<'_>, date: Timestamp, event: Event) -> Release {
    let lot = &moment.trade.lot;
    let seller = parties::seller(moment);
    Release {
        ocid: moment.imprint.ocid(&lot.id),
        id: moment.release_id(event),
        date,
        tag: tags(event, moment.trade),
        initiation_type: "tender",
        language: "zh",
        tender: tender::tender(moment, seller.reference()),
        bids: bidders(moment).map(|(date, value)| Bids {
            statistics: vec![Statistic { id: "bidders", measure: "bidders", date, value }],
        }),
        awards: awards(moment).into_iter().chain(negotiated::awards(moment)).collect(),
        contracts: contracts(moment).into_iter().chain(negotiated::contracts(moment)).collect(),
        related_processes: round_before(lot).map(|round| related(moment.imprint, round)).into_iter().collect(),
        parties: std::iter::once(seller)
            .chain(parties::winner(moment))
            .chain(parties::successors(moment))
            .chain(negotiated::counterparts(moment))
            .collect(),
    }
}

fn tags(event: Event, trade: &Trade) -> Vec<&'static str> {
    match event {
        Event::Notice(0) => vec!["tender"],
        Event::Notice(_) => vec!["tenderAmendment"],
        Event::Answer => vec!["tenderUpdate"],
        Event::End if trade.lot.state == LotState::Terminated => vec!["tenderCancellation"],
        Event::End => vec!["award", "tenderUpdate"],
        Event::Line if trade.line.iter().any(|one| one.state == State::Signed) => vec!["awardUpdate", "contract"],
        Event::Line if trade.line.iter().all(|one| !one.state.is_open()) => vec!["awardCancellation"],
        Event::Line => vec!["awardUpdate"],
        Event::Negotiation => negotiated::tags(trade),
    }
}

/// How many took part, and by when; nobody knows it of sealed bids that were never opened.
fn bidders(moment: &Moment<'_>) -> Option<(Timestamp, u32)> {
    let award = moment.award().filter(|award| !award.reason.is_some_and(Failure::is_unopened))?;
    Some((award.closed_at, award.participants))
}

fn award(moment: &Moment<'_>, award: &award::Award) -> Award {
    let lot = &moment.trade.lot;
    let sold = award.status == Status::Sold;
    let price = award.price.filter(|_| sold);
    Award {
        id: award_id(moment, 1),
        title: format!("{}{}", lot.title, if sold { "成交公示" } else { "结果公示" }),
        description: award.reason.map(|reason| reason.label()),
        status: if sold { "active" } else { "unsuccessful" },
        date: award.closed_at,
        value: award.total.filter(|_| sold).map(Value::from),
        suppliers: parties::winner(moment).iter().map(|winner| winner.reference()).collect(),
        items: price.map(|price| tender::item(moment, price)).into_iter().collect(),
        contract_period: tender::contract_period(&moment.notice.terms).filter(|_| sold),
        documents: result_documents(moment, award),
        disposal: price.and_then(|price| unit_price(moment, price)),
    }
}

/// In our extension, which says nothing of what the collective buys.
fn unit_price(moment: &Moment<'_>, price: Fen) -> Option<DisposalAward> {
    let terms = &moment.notice.terms;
    (!terms.is_purchase()).then(|| DisposalAward {
        unit_price: terms.price_unit.is_money().then(|| price.into()),
        floor_area: terms.floor_area(price).map(Number::from),
    })
}

/// The award of the auction; once it is followed up, one for each of those in line.
fn awards(moment: &Moment<'_>) -> Vec<Award> {
    let Some(award) = moment.award() else { return Vec::new() };
    let first = self::award(moment, award);
    if !moment.followed {
        return vec![first];
    }
    moment.trade.line.iter().map(|one| in_line(moment, &first, one)).collect()
}

fn award_id(moment: &Moment<'_>, place: i32) -> String {
    let lot = &moment.trade.lot.id;
    if place == 1 { format!("{lot}-award") } else { format!("{lot}-award-{place}") }
}

/// What became of one of those in line. A successor's award is at the price of the own last bid.
fn in_line(moment: &Moment<'_>, first: &Award, one: &Confirmation) -> Award {
    let status = match one.state {
        State::Offered | State::Published => "pending",
        State::Confirmed | State::Signed => "active",
        State::Failed | State::Declined | State::Void => "cancelled",
    };
    let told = Award { status, description: one.ground.map(|ground| ground.label()), ..first.clone() };
    if one.place == 1 {
        return told;
    }
    Award {
        id: award_id(moment, one.place),
        title: format!("{}递补", moment.trade.lot.title),
        date: one.updated_at,
        value: one.total.map(Value::from),
        suppliers: vec![parties::taker(moment, &one.bidder, one.name.as_deref()).reference()],
        items: vec![tender::item(moment, one.price)],
        documents: Vec::new(),
        disposal: unit_price(moment, one.price),
        ..told
    }
}

fn contracts(moment: &Moment<'_>) -> Vec<Contract> {
    let signed = moment.trade.line.iter().filter(|one| moment.followed && one.state == State::Signed);
    let contract = |one: &Confirmation| Contract {
        id: format!("{}-contract", moment.trade.lot.id),
        award_id: award_id(moment, one.place),
        title: format!("{}合同", moment.trade.lot.title),
        status: "active",
        value: one.total.map(Value::from),
        period: tender::contract_period(&moment.notice.terms),
    };
    signed.map(contract).collect()
}

fn result_documents(moment: &Moment<'_>, award: &award::Award) -> Vec<Document> {
    let (base, lot) = (&moment.imprint.base, &moment.trade.lot);
    let document = |id: &str, document_type, title: &str, url: String, format| Document {
        id: id.to_owned(),
        document_type,
        title: title.to_owned(),
        url,
        date_published: lot.ended_at.unwrap_or(award.closed_at),
        format,
        language: "zh",
        logged_digest: None,
    };
    let page = document("result", "awardNotice", "结果公示", format!("{base}/lots/{}", lot.id), "text/html");
    let trace = format!("{base}/api/v1/lots/{}/trace", lot.id);
    let trace =
        document("trace", "evaluationReports", "竞价过程（任何人都可以据此重算结果）", trace, "application/json");
    let can_replay = !award.reason.is_some_and(Failure::is_unopened);
    std::iter::once(page).chain(Some(trace).filter(|_| can_replay)).collect()
}

/// From the end of bidding to the last day on which the result is posted up.
fn award_period(award: &award::Award) -> Period {
    Period { start_date: award.closed_at, end_date: award.notice_until.end().max(award.closed_at) }
}

/// The round of the same offer that went before and came to nothing.
fn round_before(lot: &LotView) -> Option<&Round> {
    let place = lot.rounds.iter().position(|round| round.id == lot.id)?;
    lot.rounds.get(place.checked_sub(1)?).filter(|round| round.state != LotState::Practised)
}

fn related(imprint: &Imprint, round: &Round) -> RelatedProcess {
    let failed = round.state == LotState::Failed;
    let id: &Id<Lot> = &round.id;
    RelatedProcess {
        id: id.to_string(),
        relationship: vec![if failed { "unsuccessfulProcess" } else { "prior" }],
        title: format!("第 {} 次挂牌", round.round),
        scheme: "ocid",
        identifier: imprint.ocid(id),
        uri: imprint.package_uri(id),
    }
}
