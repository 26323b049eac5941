//! `/api/v1/lots/{lot}/objections` and `/api/v1/objections/{objection}/answer`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{NewFinding, NewObjection, ObjectionId, ObjectionView, service};
use crate::{
    access::{Allowed, MaybeActor, may},
    db::{Db, Lane},
    policy::PolicyBook,
    trading::listing::LotId,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(raise).service(list).service(answer);
}

/// Objects to a result while it is published. The text is public once it is answered, without the name of who raised it.
#[utoipa::path(tag = "lots", request_body = NewObjection, params(("lot" = String, Path)),
    responses((status = 201, body = Created<ObjectionView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/objections")]
async fn raise(
    allowed: Allowed<may::RaiseObjections>,
    lot: Path<LotId>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    body: Body<NewObjection>,
) -> Result<HttpResponse, Error> {
    let (id, new) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &id);
    let (raised, receipt) = db.write(lane, move |tx| service::raise(tx, &allowed, &policies, &id, &new)).await?;
    Ok(created(raised, receipt))
}

/// Objections to a result.
#[derive(Debug, Serialize, ToSchema)]
struct Objections {
    /// In the order in which they were raised.
    items: Vec<ObjectionView>,
}

/// Objections to a result and what was found. Everybody sees what is answered, staff of the place and who raised it also what
/// waits.
#[utoipa::path(tag = "lots", params(("lot" = String, Path)),
    responses((status = 200, body = Objections), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/objections")]
async fn list(actor: MaybeActor, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::list(rx, actor.0.as_ref(), &lot)).await?;
    Ok(HttpResponse::Ok().json(Objections { items }))
}

/// Answers an objection, once; from then on everybody reads both.
#[utoipa::path(tag = "listings", request_body = NewFinding, params(("objection" = String, Path)),
    responses((status = 200, body = Created<ObjectionView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/objections/{objection}/answer")]
async fn answer(
    allowed: Allowed<may::RunAuctions>,
    objection: Path<ObjectionId>,
    db: Data<Db>,
    body: Body<NewFinding>,
) -> Result<HttpResponse, Error> {
    let (id, new) = (objection.into_inner(), body.value);
    let lane = Lane::of("objection", &id);
    let (value, receipt) = db.write(lane, move |tx| service::answer(tx, &allowed, &id, &new)).await?;
    Ok(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }))
}
