//! `/api/v1/lots/{lot}/confirmation` and what comes of it.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Confirmation, Failing, Shortfall, service, service::Days};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    policy::PolicyBook,
    trading::listing::LotId,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(confirm).service(fail).service(void).service(answer).service(list).service(list_shortfalls);
}

/// Those in line for a lot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfirmationLine)]
struct Line {
    /// The winner first; empty before the confirmation.
    items: Vec<Confirmation>,
}

/// Who is to sign after the auction: the winner once it is confirmed, and whoever stepped in after a failure.
#[utoipa::path(tag = "lots", params(("lot" = String, Path)),
    responses((status = 200, body = Line), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/confirmation")]
async fn list(lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::list_public(rx, &lot)).await?;
    Ok(HttpResponse::Ok().json(Line { items }))
}

/// What defaults have cost.
#[derive(Debug, Serialize, ToSchema)]
struct Shortfalls {
    /// The first one first.
    items: Vec<Shortfall>,
}

/// What those who did not sign or pay have cost the collective, in this round and those before it (Auction Law, art. 39).
#[utoipa::path(tag = "listings", params(("lot" = String, Path)),
    responses((status = 200, body = Shortfalls), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/shortfalls")]
async fn list_shortfalls(
    allowed: Allowed<may::ReadListings>,
    lot: Path<LotId>,
    db: Data<Db>,
) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::list_shortfalls(rx, &allowed, &lot)).await?;
    Ok(HttpResponse::Ok().json(Shortfalls { items }))
}

/// Confirms a result, once its notice is over and every objection is answered.
#[utoipa::path(tag = "listings", params(("lot" = String, Path)),
    responses((status = 201, body = Created<Confirmation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/confirmation")]
async fn confirm(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    calendar: Data<Calendar>,
) -> Result<HttpResponse, Error> {
    let (id, lane) = (lot.clone(), Lane::of("lot", &lot));
    let work = move |tx: &mut crate::db::Tx<'_>| {
        service::confirm(tx, &allowed, Days { policies: &policies, calendar: &calendar }, &id)
    };
    let (value, receipt) = db.write(lane, work).await?;
    Ok(created(value, receipt))
}

/// Whoever is to sign has failed: the next in line is asked, or the lot may be offered anew.
#[utoipa::path(tag = "listings", request_body = Failing, params(("lot" = String, Path)),
    responses((status = 200, body = Created<Confirmation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/failure")]
async fn fail(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    calendar: Data<Calendar>,
    body: Body<Failing>,
) -> Result<HttpResponse, Error> {
    let (id, lane, failing) = (lot.clone(), Lane::of("lot", &lot), body.value);
    let work = move |tx: &mut crate::db::Tx<'_>| {
        service::fail(tx, &allowed, Days { policies: &policies, calendar: &calendar }, &id, &failing)
    };
    let (value, receipt) = db.write(lane, work).await?;
    Ok(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }))
}

/// The sale cannot stand (SPC rules on online judicial auctions, art. 31): nobody steps in.
#[utoipa::path(tag = "listings", request_body = Failing, params(("lot" = String, Path)),
    responses((status = 200, body = Created<Confirmation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/void")]
async fn void(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    calendar: Data<Calendar>,
    body: Body<Failing>,
) -> Result<HttpResponse, Error> {
    let (id, lane, failing) = (lot.clone(), Lane::of("lot", &lot), body.value);
    let work = move |tx: &mut crate::db::Tx<'_>| {
        service::void(tx, &allowed, Days { policies: &policies, calendar: &calendar }, &id, &failing)
    };
    let (value, receipt) = db.write(lane, work).await?;
    Ok(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }))
}

/// The next in line steps in at the price of the own last bid, or does not.
#[utoipa::path(tag = "bids", request_body = Answer, params(("lot" = String, Path)),
    responses((status = 200, body = Created<Confirmation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/succession")]
async fn answer(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    calendar: Data<Calendar>,
    body: Body<Answer>,
) -> Result<HttpResponse, Error> {
    let (id, lane, told) = (lot.clone(), Lane::of("lot", &lot), body.value);
    let work = move |tx: &mut crate::db::Tx<'_>| {
        service::answer(tx, &allowed, Days { policies: &policies, calendar: &calendar }, &id, told)
    };
    let (value, receipt) = db.write(lane, work).await?;
    Ok(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }))
}
