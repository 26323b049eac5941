//! `/lots/{lot}/bids/mine`: every bid of one's own, accepted or not, with its place in the public log. A bidder keeps these
//! receipts: they prove what was bid and when, whatever the platform says later.

use std::cmp::Reverse;

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;

use super::history::{self, History};
use crate::{
    access::{self, Allowed, Scope, may},
    calendar::Calendar,
    db::{Db, Result as DbResult, Rx},
    kernel::{Page, PageRequest, Timestamp},
    log::{self, EntryFilter, EntryView},
    trading::{
        enrolment::store as enrolments,
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    web::{
        Error,
        html::{self, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/lots/{lot}/bids/mine").route(web::get().to(mine)));
}

/// An own command as its entry tells it.
struct OwnBid {
    /// Of the log.
    entry: i64,
    /// In the auction.
    seq: String,
    amount: String,
    at: Timestamp,
    tone: Tone,
    state: &'static str,
    placed: bool,
    /// Which officer entered it, where a paddle was raised.
    entered_by: String,
}

impl From<EntryView> for OwnBid {
    fn from(entry: EntryView) -> OwnBid {
        let member = |name: &str| entry.data.get(name).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
        let (tone, state) = match entry.kind.as_str() {
            "bid.accepted" => (Tone::Good, "被接受"),
            "bid.matched" => (Tone::Good, "行使优先权"),
            "bid.taken" => (Tone::Good, "应价"),
            _ => (Tone::Bad, "没有被接受"),
        };
        OwnBid {
            entry: entry.seq,
            seq: member("seq").unwrap_or_default(),
            amount: member("amount").filter(|amount| amount != "null").unwrap_or_default(),
            at: entry.at,
            tone,
            state,
            placed: entry.index.is_some(),
            entered_by: member("via").map(|_| entry.actor).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "trading/auction/pages/mine.html")]
struct MinePage {
    layout: Layout,
    lot: LotView,
    bids: Vec<OwnBid>,
    first: String,
    next: String,
}

/// A private limit is not in its entry; its bidder has it from the command.
fn fill_limits(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Bid>,
    id: &LotId,
    bids: &mut [OwnBid],
    now: Timestamp,
) -> DbResult<()> {
    for bid in bids.iter_mut().filter(|bid| bid.amount.is_empty()) {
        let Ok(seq) = bid.seq.parse::<i64>() else { continue };
        let just_that = PageRequest { limit: Some(1), after: Some(seq.saturating_add(1).to_string()) };
        let found = history::history(rx, History::Own(allowed), id, &just_that, now)?.items.pop();
        let amount = found.filter(|own| own.seq == seq).and_then(|own| own.amount);
        bid.amount = amount.map(|amount| amount.to_string()).unwrap_or_default();
    }
    Ok(())
}

/// Entries of the own bids, the newest first: those by the own account, and those that were entered for the own paddle.
fn own_entries(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::Bid>,
    lot: &LotView,
    asked: &PageRequest,
) -> DbResult<Page<EntryView>> {
    let of = |subject: String, actor| EntryFilter {
        subjects: vec![subject],
        kinds: vec!["bid.accepted", "bid.matched", "bid.taken", "bid.refused"],
        actor,
        ..EntryFilter::default()
    };
    let seller = Scope::Only(lot.collective_code.to_string()).range();
    let account = &allowed.actor.account;
    let by_account = of(format!("lot/{}", lot.id), Some(account.to_string()));
    let mut found = log::list_entries(rx, &seller, &by_account, asked)?;
    if let Some(own) = enrolments::find_own(rx, &lot.id, account)? {
        let raised = log::list_entries(rx, &seller, &of(format!("enrolment/{}", own.id), None), asked)?;
        found.items.extend(raised.items);
        found.items.sort_by_key(|entry| Reverse(entry.seq));
        let is_cut = found.next.is_some() || raised.next.is_some() || found.items.len() > asked.limit();
        found.items.truncate(asked.limit());
        found.next = found.items.last().filter(|_| is_cut).map(|entry| entry.seq.to_string());
    }
    Ok(found)
}

async fn mine(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let asked = PageRequest { limit: None, after: page.after.clone() };
    let (lot, (bids, next)) = db
        .read(move |rx| {
            let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
            let entries = own_entries(rx, &allowed, &lot, &asked)?;
            let mut bids: Vec<OwnBid> = entries.items.into_iter().map(OwnBid::from).collect();
            fill_limits(rx, &allowed, &id, &mut bids, now)?;
            for bid in bids.iter_mut().filter(|bid| !bid.entered_by.is_empty()) {
                bid.entered_by = access::display_name(rx, &bid.entered_by)?;
            }
            Ok((lot, (bids, entries.next)))
        })
        .await?;
    let path = format!("{}/{}/bids/mine", lots::pages::PATH, lot.id);
    Ok(html::ok(&MinePage {
        layout: layout.titled("我的出价和回执").under(lots::pages::PATH),
        next: next.map(|next| format!("{path}?after={next}")).unwrap_or_default(),
        first: page.after.as_ref().map(|_| path).unwrap_or_default(),
        bids,
        lot,
    }))
}
