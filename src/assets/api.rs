//! `/api/v1/assets`.

use actix_web::{
    HttpResponse, get, post, put,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{AssetFacts, AssetFile, AssetFilter, AssetId, AssetView, ImportPreview, Imported, Totals, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    imports::{RawFile, Upload},
    kernel::{Id, Page, PageRequest},
    vault::Vault,
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, created, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    // Fixed addresses before the one with an identifier.
    config.service(sums).service(import_file).service(import_preview).service(import_confirm);
    config.service(list).service(create).service(one).service(change);
}

/// The assets of the scope.
#[utoipa::path(tag = "assets", params(AssetFilter, ("limit" = Option<u32>, Query, description = "1 to 200, 20 unless told"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<AssetView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/assets")]
async fn list(
    allowed: Allowed<may::ReadAssets>,
    db: Data<Db>,
    filter: Query<AssetFilter>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::list_assets(rx, &allowed, &filter, &page)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One asset; its ETag is what a change needs as If-Match.
#[utoipa::path(tag = "assets", params(("id" = String, Path)),
    responses((status = 200, body = AssetView), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/assets/{id}")]
async fn one(allowed: Allowed<may::ReadAssets>, id: Path<AssetId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let asset = db.read(move |rx| service::get_asset(rx, &allowed, &id)).await?;
    let version = asset.version;
    Ok(with_etag(HttpResponse::Ok().json(asset), version))
}

/// An asset to be registered.
#[derive(ToSchema)]
#[schema(as = NewAsset)]
#[expect(dead_code, reason = "the document's view of the body")]
struct NewAsset {
    /// Region code of the collective; the account's own unless told.
    collective_code: Option<String>,
    #[schema(inline)]
    #[serde(flatten)]
    facts: AssetFacts,
}

#[derive(Deserialize)]
struct OfBody {
    #[serde(default)]
    collective_code: Option<String>,
}

/// Registers an asset.
#[utoipa::path(tag = "assets", request_body = NewAsset,
    responses((status = 201, body = Created<AssetView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/assets")]
async fn create(
    allowed: Allowed<may::KeepAssets>,
    db: Data<Db>,
    body: Body<serde_json::Value>,
) -> Result<HttpResponse, Error> {
    // Parsed as what it is, not through the flattened document type, so that a refusal names its field.
    let text = body.value.to_string();
    let facts: AssetFacts = crate::web::body::parse(text.as_bytes())?;
    let OfBody { collective_code } = crate::web::body::parse(text.as_bytes())?;
    let code = collective_code.unwrap_or_else(|| allowed.actor.home.clone());
    let (asset, receipt) =
        db.write(Lane::Any, move |tx| service::create_asset(tx, &allowed, &code, facts.clone())).await?;
    let version = asset.version;
    Ok(with_etag(created(asset, receipt), version))
}

/// Writes all facts about an asset anew. Assets are never deleted: one that is gone has the state `disposed`.
#[utoipa::path(tag = "assets", request_body = AssetFacts, params(("id" = String, Path), ("If-Match" = String, Header, description = "the ETag of the asset, which is its version in quotes")),
    responses((status = 200, body = Created<AssetView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[put("/api/v1/assets/{id}")]
async fn change(
    allowed: Allowed<may::KeepAssets>,
    id: Path<AssetId>,
    if_match: IfMatch,
    db: Data<Db>,
    body: Body<AssetFacts>,
) -> Result<HttpResponse, Error> {
    let (id, facts) = (id.into_inner(), body.value);
    let lane = Lane::of("asset", &id);
    let (asset, receipt) = db
        .write(lane, move |tx| service::change_asset(tx, &allowed, &id, |v| if_match.check(v), facts.clone()))
        .await?;
    let version = asset.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value: asset, log_entry: receipt.seq }), version))
}

/// Which collective's assets.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OfCollective {
    /// Region code of one collective; without it all of the scope, or for an import the account's own.
    collective: Option<String>,
}

/// Sums by kind and the quantified sum of every collective of the scope.
#[utoipa::path(tag = "assets", params(OfCollective),
    responses((status = 200, body = Totals), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/assets/totals")]
async fn sums(allowed: Allowed<may::ReadAssets>, db: Data<Db>, of: Query<OfCollective>) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::totals(rx, &allowed, of.collective.as_deref())).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Takes in a list of assets (XLSX or CSV, the file as the body) and says what would be written. Nothing goes on record
/// before the confirmation, which must come within a day.
#[utoipa::path(tag = "assets", params(OfCollective), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ImportPreview), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/assets/imports")]
async fn import_file(
    allowed: Allowed<may::KeepAssets>,
    db: Data<Db>,
    vault: Data<Vault>,
    of: Query<OfCollective>,
    file: RawFile,
) -> Result<HttpResponse, Error> {
    let collective_code = of.into_inner().collective.unwrap_or_else(|| allowed.actor.home.clone());
    let file = AssetFile { collective_code, name: String::new(), bytes: file.0 };
    let (keys, by) = (vault.get_ref().clone(), allowed.clone());
    let id = db.write(Lane::Any, move |tx| service::stage_import(tx, &keys, &by, &file)).await?;
    let preview = db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id)).await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// What a waiting file would write.
#[utoipa::path(tag = "assets", params(("id" = String, Path)),
    responses((status = 200, body = ImportPreview), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/assets/imports/{id}")]
async fn import_preview(
    allowed: Allowed<may::KeepAssets>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id)).await?))
}

/// Writes the assets of a waiting file, all or none.
#[utoipa::path(tag = "assets", params(("id" = String, Path)),
    responses((status = 201, body = Created<Imported>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/assets/imports/{id}/confirm")]
async fn import_confirm(
    allowed: Allowed<may::KeepAssets>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let (imported, receipt) = db.write(Lane::Any, move |tx| service::confirm_import(tx, &vault, &allowed, &id)).await?;
    Ok(created(imported, receipt))
}
