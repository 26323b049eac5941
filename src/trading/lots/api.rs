//! `/api/v1/lots` and `/api/v1/listings`: reading.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, ContentEncoding},
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    LotFilter, LotSummary, LotView, Moment,
    service::{self, Viewer},
    stream::{self, Halls},
};
use crate::{
    access::{Allowed, MaybeActor, may},
    calendar::Calendar,
    db::Db,
    kernel::{Page, PageRequest},
    log::Witnesses,
    trading::listing::LotId,
    web::{Error, Problem as ProblemDocument, Routes, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list).service(desk).service(one).service(events);
}

/// Published lots, newest first. Public.
#[utoipa::path(tag = "lots", params(LotFilter, ("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<LotSummary>), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots")]
async fn list(db: Data<Db>, filter: Query<LotFilter>, page: Query<PageRequest>) -> Result<HttpResponse, Error> {
    let now = db.now();
    let found = db.read(move |rx| service::list(rx, Viewer::Public, &filter, &page, now)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// The lots of the own scope, drafts too, newest first.
#[utoipa::path(tag = "listings", params(LotFilter, ("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<LotSummary>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/listings")]
async fn desk(
    allowed: Allowed<may::ReadListings>,
    db: Data<Db>,
    filter: Query<LotFilter>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let found = db.read(move |rx| service::list(rx, Viewer::Staff(&allowed), &filter, &page, now)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One lot. Public from its notice on; staff of its scope see it from the first draft. Its ETag is what a change of the
/// listing needs as If-Match.
#[utoipa::path(tag = "lots", params(("lot" = String, Path)),
    responses((status = 200, body = LotView), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}")]
async fn one(
    actor: MaybeActor,
    lot: Path<LotId>,
    db: Data<Db>,
    calendar: Data<Calendar>,
    witnesses: Data<Witnesses>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let found = db
        .read(move |rx| {
            let staff = actor.0.and_then(|a| a.prove::<may::ReadListings>().ok());
            let viewer = staff.as_ref().map_or(Viewer::Public, Viewer::Staff);
            let mut found = service::get(rx, viewer, &calendar, &lot, now)?;
            service::ask_witnesses(rx, &witnesses, &mut found)?;
            Ok(found)
        })
        .await?;
    let version = found.version;
    Ok(with_etag(HttpResponse::Ok().json(found), version))
}

/// What a page that was just read has shown already.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Seen {
    /// The `seq` of the last command; `Last-Event-ID` goes before it.
    after: Option<i64>,
}

/// What happens in a lot, as it happens (Server-Sent Events). `bid`, `match`, `suspend`, `resume`, `terminate`: an accepted
/// command as in the history, its number as the event's id. `state`: the picture after it. `closed`: the last event, with
/// the award. A client that comes back with `Last-Event-ID`, or asks for what comes `after` a command it has seen, gets what
/// it missed. Public.
#[utoipa::path(tag = "lots", params(("lot" = String, Path), Seen, ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = Moment, content_type = "text/event-stream"), (status = 204, description = "the client has seen the end"), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/events")]
async fn events(
    request: HttpRequest,
    lot: Path<LotId>,
    db: Data<Db>,
    halls: Data<Halls>,
    shown: Query<Seen>,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let (id, now) = (lot.clone(), db.now());
    let first = db.read(move |rx| service::moment(rx, &id, now)).await?;
    let last = request.headers().get("last-event-id").and_then(|v| v.to_str().ok()).map(str::trim);
    if last == Some(stream::END) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let after = last.and_then(|v| v.parse().ok()).or(shown.after).filter(|n| *n >= 0);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compressing would hold events back until a block is full.
        .insert_header(ContentEncoding::Identity)
        .insert_header((header::CACHE_CONTROL, "no-cache, no-transform"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(stream::events(&halls, db.get_ref().clone(), lot, &first, after)))
}
