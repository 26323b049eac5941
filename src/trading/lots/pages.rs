//! `/lots`: the notices, and one lot as notice, live auction and result on a single page. Public.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    LotFilter, LotSummary, LotView, hall_pages,
    service::{self, Viewer},
    words,
};
use crate::{
    access::{MaybeActor, may},
    calendar::Calendar,
    db::Db,
    kernel::{Page, PageRequest},
    log::Witnesses,
    trading::{
        auction::{self, BidView, History, Mine, pages::Line},
        confirmation::{self, Confirmation},
        enrolment::{self, Enrolment},
        listing::{LotId, Phase, Stage},
        qualification::{PaperState, Timing},
        questions::{self, QuestionView},
    },
    vault::Vault,
    web::{
        Error,
        html::{self, FormState, Layout, Slip, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/lots").route(web::get().to(list)))
        // Before the one with an identifier.
        .service(web::resource("/lots/schedule").route(web::get().to(hall_pages::schedule)))
        .service(web::resource("/lots/{lot}").route(web::get().to(one)))
        .service(web::resource("/lots/{lot}/hall").route(web::get().to(hall_pages::hall)))
        .service(web::resource("/lots/{lot}/sitting").route(web::get().to(hall_pages::sitting)))
        .service(web::resource("/lots/{lot}/bids").route(web::get().to(bids)));
}

pub const PATH: &str = "/lots";

/// The form of the list: every field may be empty.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    stage: String,
    #[serde(default)]
    collective: String,
    after: Option<String>,
}

impl Wanted {
    fn filter(&self) -> LotFilter {
        LotFilter {
            state: None,
            stage: self.stage.parse().ok(),
            collective: Some(self.collective.trim().to_owned()).filter(|code| !code.is_empty()),
        }
    }
    /// This list, from where `after` says; at `path` or at its JSON twin.
    fn address(&self, path: &str, after: Option<&str>) -> String {
        let pairs = [("stage", self.stage.as_str()), ("collective", &self.collective), ("after", after.unwrap_or(""))];
        html::address(path, pairs)
    }
}

#[derive(Template)]
#[template(path = "trading/lots/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    lots: Vec<LotSummary>,
    sellers: Vec<(String, String)>,
    stages: Vec<(&'static str, &'static str)>,
    filtered: bool,
    first: String,
    next: String,
    twin: String,
}

async fn list(layout: Layout, db: Data<Db>, wanted: Query<Wanted>) -> Result<HttpResponse, Error> {
    let (filter, now) = (wanted.filter(), db.now());
    let page = PageRequest { limit: None, after: wanted.after.clone() };
    let (found, sellers) = db
        .read(move |rx| {
            let found = service::list(rx, Viewer::Public, &filter, &page, now)?;
            Ok((found, service::sellers(rx)?))
        })
        .await?;
    Ok(html::ok(&ListPage {
        layout: layout.titled("交易公告").under(PATH),
        form: FormState::new([("stage", wanted.stage.as_str()), ("collective", &wanted.collective)]),
        lots: found.items,
        sellers,
        stages: Stage::ALL.iter().map(|stage| (stage.as_str(), stage.label())).collect(),
        filtered: !wanted.stage.is_empty() || !wanted.collective.is_empty(),
        first: wanted.after.as_ref().map(|_| wanted.address(PATH, None)).unwrap_or_default(),
        next: found.next.map(|next| wanted.address(PATH, Some(&next))).unwrap_or_default(),
        twin: wanted.address("/api/v1/lots", wanted.after.as_deref()),
    }))
}

/// What a signed-in bidder sees of a lot besides.
pub struct Own {
    pub enrolment: Option<Enrolment>,
    pub mine: Mine,
}

impl Own {
    pub fn number(&self) -> &str {
        self.mine.bid_number.as_deref().unwrap_or("")
    }
    /// Somebody with a priority rank.
    pub fn holds_priority(&self) -> bool {
        self.mine.priority_rank.is_some()
    }
}

#[derive(Template)]
#[template(path = "trading/lots/pages/one.html")]
struct LotPage {
    layout: Layout,
    lot: LotView,
    lines: Vec<Line>,
    own: Option<Own>,
    questions: Vec<QuestionView>,
    /// Those in line, once the result is confirmed or has failed.
    line: Vec<Confirmation>,
    form: FormState,
    slip: Option<Slip>,
}

impl LotPage {
    /// The class of the live part beside `live`.
    fn live_class(&self) -> &'static str {
        match self.lot.phase {
            _ if self.lot.is_over() => "over",
            Phase::Bidding if self.lot.extensions() > 0 => "extended",
            _ => "",
        }
    }
    /// Whether this visitor is asked to step in.
    fn is_asked(&self) -> bool {
        let me = self.own.as_ref().and_then(|own| own.mine.bid_number.as_ref());
        let asked = self.line.last().filter(|one| one.state == confirmation::State::Offered);
        asked.is_some_and(|one| Some(&one.bidder) == me)
    }
    /// The last command on the page; the stream tells what comes after it.
    fn seq(&self) -> i64 {
        self.lot.live.as_ref().map_or(0, |live| live.seq)
    }
}

async fn one(
    layout: Layout,
    actor: MaybeActor,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    witnesses: Data<Witnesses>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let page = PageRequest::default();
    let (lot, bids, own, questions, line) = db
        .read(move |rx| {
            let mut lot = service::get(rx, Viewer::Public, &calendar, &id, now)?;
            service::ask_witnesses(rx, &witnesses, &mut lot)?;
            let bids = auction::history(rx, History::Public, &id, &page, now)?;
            let own = match actor.0.as_ref().and_then(|actor| actor.prove::<may::Bid>().ok()) {
                None => None,
                Some(allowed) => Some(Own {
                    enrolment: enrolment::own(rx, &allowed, &vault, &id)?,
                    mine: auction::mine(rx, &allowed, &id, now)?,
                }),
            };
            let line = confirmation::list_public(rx, &id)?;
            Ok((lot, bids, own, questions::list_public(rx, &id)?, line))
        })
        .await?;
    let me = own.as_ref().and_then(|own| own.mine.bid_number.clone());
    let layout = layout.titled(lot.title.clone()).under(PATH);
    Ok(html::ok(&LotPage {
        slip: lot.ended_on_record.map(|record| Slip::of(&layout, &record)).transpose()?,
        layout,
        lines: lines(bids, &lot, me.as_deref()),
        lot,
        own,
        questions,
        line,
        form: FormState::default(),
    }))
}

/// The history with its raises; the last of a page has none unless it was the first bid of all.
pub(super) fn lines(bids: Page<BidView>, lot: &LotView, me: Option<&str>) -> Vec<Line> {
    let last = bids.next.is_none();
    let leader = lot.live.as_ref().and_then(|live| live.leader.as_deref());
    Line::all(&bids.items, last, leader, me)
}

#[derive(Template)]
#[template(path = "trading/lots/pages/bids.html")]
struct BidsPage {
    layout: Layout,
    lot: LotView,
    lines: Vec<Line>,
    first: String,
    next: String,
}

async fn bids(
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let asked = PageRequest { limit: Some(100), after: page.after.clone() };
    let (lot, bids) = db
        .read(move |rx| {
            let lot = service::get(rx, Viewer::Public, &calendar, &id, now)?;
            Ok((lot, auction::history(rx, History::Public, &id, &asked, now)?))
        })
        .await?;
    let path = format!("{PATH}/{}/bids", lot.id);
    Ok(html::ok(&BidsPage {
        layout: layout.titled(format!("全部出价：{}", lot.title)).under(PATH),
        next: bids.next.as_ref().map(|next| format!("{path}?after={next}")).unwrap_or_default(),
        first: page.after.as_ref().map(|_| path).unwrap_or_default(),
        lines: lines(bids, &lot, None),
        lot,
    }))
}
