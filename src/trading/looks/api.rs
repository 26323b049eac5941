//! `/api/v1/lots/{lot}/enrolments/file`, `/api/v1/lots/{lot}/enrolments/break-glass` and `/api/v1/break-glass/{request}`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Breaking, FileWanted, GlassRefusal, GlassRequest, GlassRequestId, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    policy::PolicyBook,
    trading::{enrolment::Enrolment, listing::LotId},
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(open_file).service(ask).service(list).service(agree).service(refuse).service(break_glass);
}

/// Opens the file of one bidder before the end, by the code of the bidder's papers: to check a claim. The look is an entry of
/// the log and stands on the lot's public page after the end.
#[utoipa::path(tag = "enrolments", request_body = FileWanted, params(("lot" = String, Path)),
    responses((status = 201, body = Created<Enrolment>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/enrolments/file")]
async fn open_file(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<FileWanted>,
) -> Result<HttpResponse, Error> {
    let (lot, wanted) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let ((file, _), receipt) =
        db.write(lane, move |tx| service::open_file(tx, &allowed, &vault, &lot, &wanted)).await?;
    Ok(created(file, receipt))
}

/// Asks to look at everybody of a lot before its end, where it cannot be helped. Another officer has to agree.
#[utoipa::path(tag = "enrolments", request_body = Breaking, params(("lot" = String, Path)),
    responses((status = 201, body = Created<GlassRequest>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/enrolments/break-glass")]
async fn ask(
    allowed: Allowed<may::BreakGlass>,
    lot: Path<LotId>,
    db: Data<Db>,
    body: Body<Breaking>,
) -> Result<HttpResponse, Error> {
    let (lot, breaking) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let (request, receipt) = db.write(lane, move |tx| service::ask(tx, &allowed, &lot, &breaking)).await?;
    Ok(created(request, receipt))
}

/// The requests about a lot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BreakGlassRequests)]
struct Requests {
    items: Vec<GlassRequest>,
}

/// Who has asked to look at everybody of a lot before its end, and what became of it.
#[utoipa::path(tag = "enrolments", params(("lot" = String, Path)),
    responses((status = 200, body = Requests), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/enrolments/break-glass")]
async fn list(allowed: Allowed<may::BreakGlass>, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::list(rx, &allowed, &lot)).await?;
    Ok(HttpResponse::Ok().json(Requests { items: found.into_iter().map(|(request, _)| request).collect() }))
}

/// Another officer agrees: for as many minutes as the place gives (`break_glass_minutes`), who asked may see the names.
#[utoipa::path(tag = "enrolments", params(("request" = String, Path)),
    responses((status = 201, body = Created<GlassRequest>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/break-glass/{request}/agree")]
async fn agree(
    allowed: Allowed<may::BreakGlass>,
    request: Path<GlassRequestId>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
) -> Result<HttpResponse, Error> {
    let work = move |tx: &mut crate::db::Tx<'_>| service::agree(tx, &allowed, &policies, &request);
    let (request, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(request, receipt))
}

/// Another officer does not agree, or who asked takes it back.
#[utoipa::path(tag = "enrolments", request_body = GlassRefusal, params(("request" = String, Path)),
    responses((status = 201, body = Created<GlassRequest>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/break-glass/{request}/refuse")]
async fn refuse(
    allowed: Allowed<may::BreakGlass>,
    request: Path<GlassRequestId>,
    db: Data<Db>,
    body: Body<GlassRefusal>,
) -> Result<HttpResponse, Error> {
    let refusal = body.value;
    let work = move |tx: &mut crate::db::Tx<'_>| service::refuse(tx, &allowed, &request, &refusal);
    let (request, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(request, receipt))
}

/// Everybody of a lot.
#[derive(Debug, Serialize, ToSchema)]
struct Everybody {
    /// In the order of enrolment.
    items: Vec<Enrolment>,
}

/// Looks at everybody of a lot before its end: who asked, while it holds that another has agreed. Each look is an entry of the log and
/// stands on the lot's public page after the end.
#[utoipa::path(tag = "enrolments", params(("request" = String, Path)),
    responses((status = 201, body = Created<Everybody>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/break-glass/{request}/look")]
async fn break_glass(
    allowed: Allowed<may::BreakGlass>,
    request: Path<GlassRequestId>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let work = move |tx: &mut crate::db::Tx<'_>| service::break_glass(tx, &allowed, &vault, &request);
    let (items, _, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(Everybody { items }, receipt))
}
