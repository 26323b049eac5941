//! `/api/v1/persons/{id}/erasure`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ErasureView, Ground, service};
use crate::{
    access::{Allowed, Permission, may},
    db::{Db, Lane},
    kernel::Id,
    log::Receipt,
    members::Person,
    policy::PolicyBook,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(standing).service(request).service(carry_out).service(decline);
}

/// Whether a person's data may be erased, what stands against it, and who asked.
#[utoipa::path(tag = "erasures", params(("id" = String, Path)),
    responses((status = 200, body = ErasureView), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/persons/{id}/erasure")]
async fn standing(
    allowed: Allowed<may::ReadMembers>,
    id: Path<Id<Person>>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(look(&db, &allowed, &policies, &id).await?))
}

/// Why data are to be erased.
#[derive(Deserialize, ToSchema)]
struct RequestErasure {
    ground: Ground,
}

/// Asks that a person's data be erased; somebody of another office does it.
#[utoipa::path(tag = "erasures", request_body = RequestErasure, params(("id" = String, Path)),
    responses((status = 201, body = Created<ErasureView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/persons/{id}/erasure")]
async fn request(
    allowed: Allowed<may::RequestErasures>,
    id: Path<Id<Person>>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    body: Body<RequestErasure>,
) -> Result<HttpResponse, Error> {
    let (person, ground) = (id.into_inner(), body.value.ground);
    let (by, book, id) = (allowed.clone(), policies.clone(), person.clone());
    let receipt =
        db.write(Lane::of("person", &person), move |tx| service::request(tx, &by, &book, &id, ground)).await?;
    answer(&db, &allowed, &policies, &person, receipt).await
}

/// Erases a person's data, once and for all.
#[utoipa::path(tag = "erasures", params(("id" = String, Path)),
    responses((status = 201, body = Created<ErasureView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/persons/{id}/erasure/carry-out")]
async fn carry_out(
    allowed: Allowed<may::CarryOutErasures>,
    id: Path<Id<Person>>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
) -> Result<HttpResponse, Error> {
    let (person, by, book) = (id.into_inner(), allowed.clone(), policies.clone());
    let id = person.clone();
    let receipt = db.write(Lane::of("person", &person), move |tx| service::carry_out(tx, &by, &book, &id)).await?;
    db.leave_no_trace().await;
    answer(&db, &allowed, &policies, &person, receipt).await
}

/// Declines a request to erase.
#[utoipa::path(tag = "erasures", params(("id" = String, Path)),
    responses((status = 201, body = Created<ErasureView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/persons/{id}/erasure/decline")]
async fn decline(
    allowed: Allowed<may::CarryOutErasures>,
    id: Path<Id<Person>>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
) -> Result<HttpResponse, Error> {
    let (person, by) = (id.into_inner(), allowed.clone());
    let id = person.clone();
    let receipt = db.write(Lane::of("person", &person), move |tx| service::decline(tx, &by, &id)).await?;
    answer(&db, &allowed, &policies, &person, receipt).await
}

async fn answer<P: Permission + Send>(
    db: &Data<Db>,
    allowed: &Allowed<P>,
    policies: &Data<PolicyBook>,
    id: &Id<Person>,
    receipt: Receipt,
) -> Result<HttpResponse, Error> {
    Ok(created(look(db, allowed, policies, id).await?, receipt))
}

pub(super) async fn look<P: Permission + Send>(
    db: &Data<Db>,
    allowed: &Allowed<P>,
    policies: &Data<PolicyBook>,
    id: &Id<Person>,
) -> Result<ErasureView, Error> {
    let (allowed, policies, id, today) = (allowed.clone(), policies.clone(), id.clone(), db.now().day());
    Ok(db.read(move |rx| service::standing(rx, &allowed, &policies, &id, today)).await?)
}
