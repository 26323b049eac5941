//! `/lots/schedule`: which lots are bid for on which day. `/lots/{lot}/hall`: one lot for the screen of a hall;
//! `/lots/{lot}/sitting`: all lots of its notice. Public.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use super::{
    LotFilter, LotSummary, LotView, SittingLot,
    pages::{PATH, lines},
    service::{self, Viewer},
};
use crate::{
    calendar::Calendar,
    db::Db,
    kernel::{Day, PageRequest},
    trading::{
        auction::{self, History, pages::Line},
        listing::{LotId, LotState, Phase},
    },
    web::{
        Error,
        html::{self, Layout, filters},
    },
};

/// What is bid for on one day, the earliest first.
struct OneDay {
    day: Day,
    /// Empty on a working day.
    free: &'static str,
    lots: Vec<LotSummary>,
}

#[derive(Template)]
#[template(path = "trading/lots/pages/schedule.html")]
struct SchedulePage {
    layout: Layout,
    days: Vec<OneDay>,
    /// There are more lots than are shown.
    is_cut: bool,
}

pub(super) async fn schedule(layout: Layout, db: Data<Db>, calendar: Data<Calendar>) -> Result<HttpResponse, Error> {
    let now = db.now();
    let filter = LotFilter { state: Some(LotState::Published), ..LotFilter::default() };
    let page = PageRequest { limit: Some(PageRequest::MOST), after: None };
    let found = db.read(move |rx| service::list(rx, Viewer::Public, &filter, &page, now)).await?;
    let mut by_day: BTreeMap<Day, Vec<LotSummary>> = BTreeMap::new();
    for lot in found.items {
        if let Some(opens) = lot.opens_at.filter(|_| !matches!(lot.phase, Phase::Closing | Phase::Undecided)) {
            by_day.entry(opens.day()).or_default().push(lot);
        }
    }
    let one = |(day, mut lots): (Day, Vec<LotSummary>)| {
        lots.sort_by_key(|lot| (lot.opens_at, lot.id.clone()));
        let free = if calendar.is_working_day(day) == Ok(false) { "（休息日）" } else { "" };
        OneDay { day, free, lots }
    };
    let days = by_day.into_iter().map(one).collect();
    let layout = layout.titled("竞价日程").under(PATH);
    Ok(html::ok(&SchedulePage { layout, days, is_cut: found.next.is_some() }))
}

#[derive(Template)]
#[template(path = "trading/lots/pages/hall.html")]
struct HallPage {
    layout: Layout,
    lot: LotView,
    lines: Vec<Line>,
}

impl HallPage {
    /// The last command on the page; the stream tells what comes after it.
    fn seq(&self) -> i64 {
        self.lot.live.as_ref().map_or(0, |live| live.seq)
    }
    fn class(&self) -> &'static str {
        if self.lot.is_over() { "over" } else { "" }
    }
}

/// Bids that fit on the screen beside the price.
const SHOWN: u32 = 8;

pub(super) async fn hall(
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let page = PageRequest { limit: Some(SHOWN), after: None };
    let (lot, bids) = db
        .read(move |rx| {
            let lot = service::get(rx, Viewer::Public, &calendar, &id, now)?;
            Ok((lot, auction::history(rx, History::Public, &id, &page, now)?))
        })
        .await?;
    let layout = layout.titled(format!("大屏：{}", lot.title)).under(PATH);
    Ok(html::ok(&HallPage { layout, lines: lines(bids, &lot, None), lot }))
}

#[derive(Template)]
#[template(path = "trading/lots/pages/sitting.html")]
struct SittingPage {
    layout: Layout,
    /// The lot from which the screen was opened.
    id: LotId,
    notice_number: String,
    lots: Vec<SittingLot>,
}

impl SittingPage {
    fn is_over(&self) -> bool {
        self.lots.iter().all(SittingLot::is_over)
    }
}

/// All lots of a notice on one screen, in the order of their numbers: many ponds are let in one sitting.
pub(super) async fn sitting(layout: Layout, db: Data<Db>, id: Path<LotId>) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), db.now());
    let opened_from = id.clone();
    let lots = db.read(move |rx| service::sitting(rx, &id, now)).await?;
    let notice_number =
        lots.first().and_then(|lot| lot.notice_number.clone().or(lot.number.clone())).unwrap_or_default();
    let layout = layout.titled("整场大屏").under(PATH);
    Ok(html::ok(&SittingPage { layout, id: opened_from, notice_number, lots }))
}
