//! `/listings/{lot}/paddles`: the desk of the hall. An officer checks paddles in, enters what is raised, and takes paddles back. A bid is
//! two steps and works by keyboard alone: number, Enter, amount, Enter.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{PaddleInHall, Shown, api, rules, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane, Tx},
    kernel::{Problem, error::NOT_FOUND, hex},
    trading::{
        auction::{self, Bid},
        bid_number,
        listing::{LotId, Phase},
        lots::{self, LotView, Viewer},
    },
    vault::Vault,
    web::{
        Error, FormFields, IdempotencyKey,
        html::{self, FormState, Layout, Tone, filters},
        idempotency::once,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/listings/{lot}/paddles").route(web::get().to(show)).route(web::post().to(raise)))
        .service(web::resource("/listings/{lot}/paddles/check-in").route(web::post().to(check_in)))
        .service(web::resource("/listings/{lot}/paddles/take-back").route(web::post().to(take_back)));
}

#[derive(Template)]
#[template(path = "trading/paddles/pages/desk.html")]
struct DeskPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    /// By number.
    paddles: Vec<PaddleInHall>,
    /// Whose bid is entered now; empty: not said yet.
    number: String,
    /// A bid sent twice from one page is the same one.
    key: String,
}

impl DeskPage {
    /// The last command on the page; the stream tells what comes after it.
    fn seq(&self) -> i64 {
        self.lot.live.as_ref().map_or(0, |live| live.seq)
    }
}

async fn page(
    allowed: &Allowed<may::EnterHallBids>,
    layout: Layout,
    db: &Db,
    calendar: &Data<Calendar>,
    id: &LotId,
    form: FormState,
    number: &str,
) -> Result<DeskPage, Error> {
    let (by, calendar, id, now) = (allowed.clone(), calendar.clone(), id.clone(), db.now());
    let (lot, paddles) = db
        .read(move |rx| {
            lots::find_title(rx, &by.scope, &id)?.ok_or(&NOT_FOUND)?;
            let reader = by.actor.prove::<may::ReadListings>()?;
            let lot = lots::get(rx, Viewer::Staff(&reader), &calendar, &id, now)?;
            Ok((lot, service::in_hall(rx, &by, &id)?))
        })
        .await?;
    let layout = layout.titled("现场举牌").under("/listings").with_form(&form);
    let key = hex(&rand::random::<[u8; 16]>());
    Ok(DeskPage { layout, form, lot, paddles, number: number.to_owned(), key })
}

fn address(lot: &LotId) -> String {
    format!("/listings/{lot}/paddles")
}

/// The number that was raised; empty or left out: not yet.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    number: String,
}

async fn show(
    allowed: Allowed<may::EnterHallBids>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Error> {
    let typed = asked.number.trim();
    let first = page(&allowed, layout.clone(), &db, &calendar, &id, FormState::default(), "").await?;
    if typed.is_empty() {
        return Ok(html::ok(&first));
    }
    let there = rules::read_number(typed).and_then(|number| {
        let written = bid_number(number);
        let is_there = first.paddles.iter().any(|paddle| paddle.number == written);
        if is_there { Ok(written) } else { Err(rules::not_in_hall(number)) }
    });
    match there {
        Ok(number) => Ok(html::ok(&DeskPage { number, ..first })),
        Err(problem) => {
            let problem = html::beside("number", problem);
            let form = FormState::new([("number", typed)]).with_problem(&problem);
            let page = page(&allowed, layout, &db, &calendar, &id, form, "").await?;
            Ok(html::refused(&problem, &page))
        }
    }
}

async fn raise(
    allowed: Allowed<may::EnterHallBids>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (id, number) = (id.into_inner(), fields.get("number").to_owned());
    let typed = fields.filled("offer").unwrap_or(fields.get("amount")).to_owned();
    let bid = match (fields.ticked("match"), fields.ticked("accept")) {
        (true, _) => Bid::Match,
        (_, true) => Bid::Accept,
        _ => Bid::Amount(typed.clone()),
    };
    let key = fields.filled("idempotency_key").map(|key| format!("{key}:{number}:{typed}:{}", way(&bid)));
    let key = key.filter(|key| key.len() <= 128 && key.bytes().all(|b| b.is_ascii_graphic()));
    let (key, hash) = (IdempotencyKey(key), format!("{id}/paddles {number} {typed} {}", way(&bid)));
    let (by, lot, raised) = (allowed.clone(), id.clone(), number.clone());
    let work = move |tx: &mut Tx<'_>| {
        once(tx, by.actor.account.as_str(), &key, &hash, |tx| api::reply(service::raise(tx, &by, &lot, &raised, &bid)?))
    };
    let outcome = db.write_in_turn(Lane::of("lot", &id), allowed.actor.arrived, work).await;
    let problem = match outcome {
        Ok(reply) if reply.status == 201 => {
            let bid: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
            let price = bid.get("price").and_then(serde_json::Value::as_str).unwrap_or_default();
            return Ok(html::done(&address(&id), Tone::Good, &format!("已记下：{number} 号，{price}。")));
        }
        Ok(reply) => reply.refusal(&[auction::CODES, auction::LIVE_CODES, super::CODES]),
        Err(error) => html::refusal(error)?,
    };
    // The sentence is the bidder's, who stands beside.
    let detail = format!("{number} 号没有记成：{}", problem.detail);
    let problem = html::beside("amount", Problem { detail, ..problem });
    let form = FormState::from(&fields).with_problem(&problem);
    let page = page(&allowed, layout, &db, &calendar, &id, form, &number).await?;
    Ok(html::refused(&problem, &page))
}

fn way(bid: &Bid) -> &'static str {
    match bid {
        Bid::Amount(_) => "bid",
        Bid::Match => "match",
        Bid::Accept => "accept",
    }
}

fn shown(fields: &FormFields) -> Shown {
    Shown { number: fields.get("shown_number").to_owned(), code: fields.get("code").to_owned() }
}

/// The desk again, with what was wrong beside the fields of the slip.
async fn not_so(
    allowed: &Allowed<may::EnterHallBids>,
    layout: Layout,
    db: &Db,
    calendar: &Data<Calendar>,
    id: &LotId,
    fields: &FormFields,
    problem: Problem,
) -> Result<HttpResponse, Error> {
    let mut problem = html::beside("code", problem);
    problem.fields.iter_mut().filter(|field| field.field() == "number").for_each(|field| {
        field.pointer = "/shown_number".to_owned();
    });
    let form = FormState::from(fields).with_problem(&problem);
    Ok(html::refused(&problem, &page(allowed, layout, db, calendar, id, form, "").await?))
}

async fn check_in(
    allowed: Allowed<may::EnterHallBids>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (id, paddle) = (id.into_inner(), shown(&fields));
    let (by, lot) = (allowed.clone(), id.clone());
    let work = move |tx: &mut Tx<'_>| service::check_in(tx, &by, &vault, &lot, &paddle);
    let problem = match db.write(Lane::of("lot", &id), work).await {
        Ok(Ok((paddle, _))) => {
            let done = format!("{} 号的号牌已核对，可以代记出价。请把号牌单还给竞买人。", paddle.number);
            return Ok(html::done(&address(&id), Tone::Good, &done));
        }
        Ok(Err(problem)) => problem,
        Err(error) => html::refusal(error)?,
    };
    not_so(&allowed, layout, &db, &calendar, &id, &fields, problem).await
}

async fn take_back(
    allowed: Allowed<may::EnterHallBids>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (id, paddle) = (id.into_inner(), shown(&fields));
    let (by, lot) = (allowed.clone(), id.clone());
    let work = move |tx: &mut Tx<'_>| service::take_back(tx, &by, &vault, &lot, &paddle);
    let problem = match db.write(Lane::of("lot", &id), work).await {
        Ok(Ok((paddle, _))) => {
            let done = format!("{} 号的号牌已交回，不能再代记出价。", paddle.number);
            return Ok(html::done(&address(&id), Tone::Good, &done));
        }
        Ok(Err(problem)) => problem,
        Err(error) => html::refusal(error)?,
    };
    not_so(&allowed, layout, &db, &calendar, &id, &fields, problem).await
}
