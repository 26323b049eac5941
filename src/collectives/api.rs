//! `/api/v1/regions`, `/api/v1/collectives`, `/api/v1/officers`.

use actix_web::{
    HttpResponse, get, patch, post,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Collective, NewCollective, NewOfficer, Officer, Region, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{Day, Id, Page, PageRequest, codes::RegionCode},
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, created, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(regions).service(import_regions).service(list).service(register).service(one).service(change);
    config.service(officers).service(start_term).service(end_term);
}

/// Which regions.
#[derive(Deserialize)]
struct RegionQuery {
    parent: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// The regions below one; public.
#[utoipa::path(tag = "regions", params(("parent" = Option<String>, Query, description = "code of the region above; 440703000000 unless told"),
    ("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<Region>), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/regions")]
async fn regions(db: Data<Db>, query: Query<RegionQuery>) -> Result<HttpResponse, Error> {
    let query = query.into_inner();
    let parent = query.parent.as_deref().unwrap_or("440703000000");
    let parent =
        RegionCode::read(parent).map_err(|e| crate::kernel::Problem::field("parent", Some(parent), e.to_string()))?;
    let page = PageRequest { limit: query.limit, after: query.after };
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::list_regions(rx, &parent, &page)).await?))
}

/// A division table as text.
#[derive(Deserialize, ToSchema)]
struct ImportRegions {
    /// CSV with a header line `code,name`.
    csv: String,
}

/// Adds or renames regions of the own scope by a table.
#[utoipa::path(tag = "regions", request_body = ImportRegions, responses((status = 201, body = Created<serde_json::Value>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/regions/import")]
async fn import_regions(
    allowed: Allowed<may::KeepCollectives>,
    db: Data<Db>,
    body: Body<ImportRegions>,
) -> Result<HttpResponse, Error> {
    let rows = super::parse_regions(&body.value.csv)?;
    let (changed, receipt) =
        db.write(Lane::of("regions", "all"), move |tx| service::import_regions(tx, &allowed, &rows)).await?;
    Ok(created(serde_json::json!({ "changed": changed }), receipt))
}

/// The collectives of the own scope.
#[utoipa::path(tag = "collectives", params(("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<Collective>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/collectives")]
async fn list(
    allowed: Allowed<may::ReadCollectives>,
    db: Data<Db>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::list(rx, &allowed, &page)).await?))
}

/// Registers a collective.
#[utoipa::path(tag = "collectives", request_body = NewCollective, responses((status = 201, body = Created<Collective>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/collectives")]
async fn register(
    allowed: Allowed<may::KeepCollectives>,
    db: Data<Db>,
    body: Body<NewCollective>,
) -> Result<HttpResponse, Error> {
    let new = body.value;
    let (collective, receipt) =
        db.write(Lane::of("collective", &new.code.clone()), move |tx| service::register(tx, &allowed, &new)).await?;
    let version = collective.version;
    Ok(with_etag(created(collective, receipt), version))
}

/// One collective.
#[utoipa::path(tag = "collectives", params(("code" = String, Path)), responses((status = 200, body = Collective), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/collectives/{code}")]
async fn one(
    allowed: Allowed<may::ReadCollectives>,
    code: Path<RegionCode>,
    db: Data<Db>,
) -> Result<HttpResponse, Error> {
    let collective = db.read(move |rx| service::get(rx, &allowed.scope, &code)).await?;
    let version = collective.version;
    Ok(with_etag(HttpResponse::Ok().json(collective), version))
}

/// Changes a collective; its code stays.
#[utoipa::path(tag = "collectives", request_body = NewCollective, params(("code" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<Collective>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[patch("/api/v1/collectives/{code}")]
async fn change(
    allowed: Allowed<may::KeepCollectives>,
    code: Path<RegionCode>,
    if_match: IfMatch,
    db: Data<Db>,
    body: Body<NewCollective>,
) -> Result<HttpResponse, Error> {
    let (code, new) = (code.into_inner(), body.value);
    let lane = Lane::of("collective", &code);
    let (value, receipt) =
        db.write(lane, move |tx| service::change(tx, &allowed, &code, &new, |v| if_match.check(v))).await?;
    let version = value.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }), version))
}

/// Officers of a collective, those in office first.
#[utoipa::path(tag = "collectives", params(("code" = String, Path)), responses((status = 200, body = Page<Officer>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/collectives/{code}/officers")]
async fn officers(
    allowed: Allowed<may::ReadCollectives>,
    code: Path<RegionCode>,
    db: Data<Db>,
) -> Result<HttpResponse, Error> {
    let items = db
        .read(move |rx| {
            service::get(rx, &allowed.scope, &code)?;
            service::officers(rx, &allowed, &code)
        })
        .await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// A term of office begins.
#[utoipa::path(tag = "collectives", request_body = NewOfficer, params(("code" = String, Path)), responses((status = 201, body = Created<Officer>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/collectives/{code}/officers")]
async fn start_term(
    allowed: Allowed<may::KeepCollectives>,
    code: Path<RegionCode>,
    db: Data<Db>,
    body: Body<NewOfficer>,
) -> Result<HttpResponse, Error> {
    let (code, new) = (code.into_inner(), body.value);
    let (officer, receipt) =
        db.write(Lane::of("collective", &code), move |tx| service::start_term(tx, &allowed, &code, &new)).await?;
    let version = officer.version;
    Ok(with_etag(created(officer, receipt), version))
}

/// The last day in office.
#[derive(Deserialize, ToSchema)]
struct EndTerm {
    #[schema(value_type = String)]
    until: Day,
}

/// A term of office ends.
#[utoipa::path(tag = "collectives", request_body = EndTerm, params(("id" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<Officer>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[patch("/api/v1/officers/{id}")]
async fn end_term(
    allowed: Allowed<may::KeepCollectives>,
    id: Path<Id<Officer>>,
    if_match: IfMatch,
    db: Data<Db>,
    body: Body<EndTerm>,
) -> Result<HttpResponse, Error> {
    let (id, until) = (id.into_inner(), body.value.until);
    let lane = Lane::of("officer", &id);
    let (value, receipt) =
        db.write(lane, move |tx| service::end_term(tx, &allowed, &id, until, |v| if_match.check(v))).await?;
    let version = value.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }), version))
}
