//! `/api/v1/exclusions`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path, Query},
};

use super::{Exclusion, ExclusionId, Lifting, NewExclusion, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{Page, PageRequest},
    policy::PolicyBook,
    vault::Vault,
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, created, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list).service(exclude).service(lift);
}

/// Who may not bid for a time, newest first: for the staff of the area.
#[utoipa::path(tag = "exclusions", params(("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<Exclusion>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/exclusions")]
async fn list(
    allowed: Allowed<may::ReadExclusions>,
    db: Data<Db>,
    vault: Data<Vault>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let today = db.now().day();
    let found = db.read(move |rx| service::list(rx, &allowed, &vault, &page, today)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Records a decision by which a person or an organisation may not bid for a time in an area.
#[utoipa::path(tag = "exclusions", request_body = NewExclusion,
    responses((status = 201, body = Created<Exclusion>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/exclusions")]
async fn exclude(
    allowed: Allowed<may::KeepExclusions>,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    body: Body<NewExclusion>,
) -> Result<HttpResponse, Error> {
    let new = body.value;
    let (made, receipt) =
        db.write(Lane::Any, move |tx| service::record_new(tx, &allowed, &vault, &policies, &new)).await?;
    let version = made.version;
    Ok(with_etag(created(made, receipt), version))
}

/// Lifts an exclusion by another decision.
#[utoipa::path(tag = "exclusions", request_body = Lifting, params(("exclusion" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<Exclusion>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/exclusions/{exclusion}/lift")]
async fn lift(
    allowed: Allowed<may::KeepExclusions>,
    exclusion: Path<ExclusionId>,
    if_match: IfMatch,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<Lifting>,
) -> Result<HttpResponse, Error> {
    let (id, lifting) = (exclusion.into_inner(), body.value);
    let (value, receipt) = db
        .write(Lane::of("exclusion", &id.clone()), move |tx| {
            service::lift(tx, &allowed, &vault, &id, &lifting, |v| if_match.check(v))
        })
        .await?;
    let version = value.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }), version))
}
