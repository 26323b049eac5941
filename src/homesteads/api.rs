//! `/api/v1/parcels`.

use actix_web::{
    HttpResponse, get, post, put,
    web::{Data, Path, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Imported, ParcelFacts, ParcelFilter, ParcelId, ParcelView, SurveyFile, SurveyPreview,
    geojson::{self, Crs},
    geometry::Outline,
    map::{View, parcel_picture},
    service,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    imports::{RawFile, Upload},
    kernel::{Id, Page, PageRequest, Problem, codes::RegionCode, error::NOT_FOUND},
    vault::Vault,
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, created, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    // Fixed addresses before the one with an identifier.
    config.service(map).service(import_file).service(import_preview).service(import_confirm);
    config.service(list).service(create).service(picture).service(one).service(change);
}

/// A parcel with its shape.
#[derive(Serialize, ToSchema)]
struct Shaped {
    #[serde(flatten)]
    parcel: ParcelView,
    /// GeoJSON Polygon; the first number of a position is the easting or longitude.
    #[schema(value_type = Object)]
    geometry: Value,
    crs: Crs,
}

impl Shaped {
    fn new(parcel: ParcelView, crs: Crs) -> Shaped {
        Shaped { geometry: geojson::write_parcel(&parcel.outline, crs), parcel, crs }
    }
}

/// The coordinate reference system of a geometry.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct InCrs {
    /// `EPSG:4526` unless told.
    crs: Option<Crs>,
}

/// The parcels of the scope.
#[utoipa::path(tag = "parcels", params(ParcelFilter, ("limit" = Option<u32>, Query, description = "1 to 200, 20 unless told"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<ParcelView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/parcels")]
async fn list(
    allowed: Allowed<may::ReadHomesteads>,
    db: Data<Db>,
    filter: Query<ParcelFilter>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::list_parcels(rx, &allowed, &filter, &page)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One parcel with its shape; its ETag is what a change needs as If-Match.
#[utoipa::path(tag = "parcels", params(("id" = String, Path), InCrs),
    responses((status = 200, body = Shaped), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/parcels/{id}")]
async fn one(
    allowed: Allowed<may::ReadHomesteads>,
    id: Path<ParcelId>,
    wanted: Query<InCrs>,
    db: Data<Db>,
) -> Result<HttpResponse, Error> {
    let parcel = db.read(move |rx| service::get_parcel(rx, &allowed, &id)).await?;
    let version = parcel.version;
    Ok(with_etag(HttpResponse::Ok().json(Shaped::new(parcel, wanted.crs.unwrap_or(Crs::Zoned))), version))
}

/// A picture of one parcel with the lengths of its sides and numbered boundary points.
#[utoipa::path(tag = "parcels", params(("id" = String, Path)),
    responses((status = 200, content_type = "image/svg+xml"), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/parcels/{id}/picture.svg")]
async fn picture(
    allowed: Allowed<may::ReadHomesteads>,
    id: Path<ParcelId>,
    db: Data<Db>,
) -> Result<HttpResponse, Error> {
    let parcel = db.read(move |rx| service::get_parcel(rx, &allowed, &id)).await?;
    Ok(svg(parcel_picture(&parcel.name(), &parcel.outline, true)))
}

/// A parcel to be registered.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document's view of the body")]
struct NewParcel {
    /// Region code of the collective; the account's own unless told.
    collective_code: Option<String>,
    /// GeoJSON Polygon, MultiPolygon of one, or a Feature with either, in CGCS2000. May be left out in a change.
    #[schema(value_type = Object)]
    geometry: Value,
    /// Told by the size of the numbers unless given.
    crs: Option<Crs>,
    #[schema(inline)]
    #[serde(flatten)]
    facts: ParcelFacts,
}

/// What stands beside the facts in a body.
#[derive(Deserialize)]
struct BesideFacts {
    #[serde(default)]
    collective_code: Option<String>,
    #[serde(default)]
    geometry: Option<Value>,
    #[serde(default)]
    crs: Option<Crs>,
}

/// Read as what they are, not through the flattened document type, so that a refusal names its field.
fn parts(body: &Value) -> Result<(ParcelFacts, BesideFacts, Option<Outline>), Error> {
    let text = body.to_string();
    let facts = crate::web::body::parse(text.as_bytes())?;
    let beside: BesideFacts = crate::web::body::parse(text.as_bytes())?;
    let outline = beside.geometry.as_ref().map(|g| geojson::outline_of(g, beside.crs)).transpose()?;
    Ok((facts, beside, outline))
}

/// Registers a parcel. Ground that another registered parcel covers is refused with its name (`parcel_overlap`).
#[utoipa::path(tag = "parcels", request_body = NewParcel,
    responses((status = 201, body = Created<ParcelView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/parcels")]
async fn create(allowed: Allowed<may::KeepHomesteads>, db: Data<Db>, body: Body<Value>) -> Result<HttpResponse, Error> {
    let (facts, beside, outline) = parts(&body.value)?;
    let outline = outline.ok_or_else(|| Problem::field("geometry", None, "请给出宗地图形（GeoJSON 多边形）"))?;
    let code = beside.collective_code.unwrap_or_else(|| allowed.actor.home.clone());
    let (parcel, receipt) =
        db.write(Lane::Any, move |tx| service::create_parcel(tx, &allowed, &code, facts.clone(), &outline)).await?;
    let version = parcel.version;
    Ok(with_etag(created(parcel, receipt), version))
}

/// Writes all facts about a parcel anew, and its shape if one is given. Parcels are never deleted: a right that ended has the
/// state `cancelled`.
#[utoipa::path(tag = "parcels", request_body = NewParcel, params(("id" = String, Path), ("If-Match" = String, Header, description = "the ETag of the parcel, which is its version in quotes")),
    responses((status = 200, body = Created<ParcelView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[put("/api/v1/parcels/{id}")]
async fn change(
    allowed: Allowed<may::KeepHomesteads>,
    id: Path<ParcelId>,
    if_match: IfMatch,
    db: Data<Db>,
    body: Body<Value>,
) -> Result<HttpResponse, Error> {
    let (facts, _, outline) = parts(&body.value)?;
    let id = id.into_inner();
    let lane = Lane::of("parcel", &id);
    let (parcel, receipt) = db
        .write(lane, move |tx| {
            service::change_parcel(tx, &allowed, &id, |v| if_match.check(v), facts.clone(), outline.as_ref())
        })
        .await?;
    let version = parcel.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value: parcel, log_entry: receipt.seq }), version))
}

/// Which part of which collective's map.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Looking {
    /// Region code of the collective; the account's own unless told.
    pub collective: Option<String>,
    /// 0 shows everything, each step halves the width, 6 is the closest.
    pub zoom: Option<u8>,
    /// The middle of the picture in thousandths of the width, 500 unless told.
    pub across: Option<i64>,
    /// The same from north to south.
    pub down: Option<i64>,
}

impl Looking {
    pub fn view(&self) -> View {
        View::new(self.zoom.unwrap_or(0), self.across.unwrap_or(500), self.down.unwrap_or(500))
    }
    /// Errors: `not_found` for what is no region code.
    pub fn code(&self, home: &str) -> Result<RegionCode, Error> {
        self.collective.as_deref().unwrap_or(home).parse().map_err(|_| (&NOT_FOUND).into())
    }
}

/// The map of a collective's parcels as SVG: a sketch, no proof of boundaries.
#[utoipa::path(tag = "parcels", params(Looking),
    responses((status = 200, content_type = "image/svg+xml"), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/parcels/map.svg")]
async fn map(
    allowed: Allowed<may::ReadHomesteads>,
    db: Data<Db>,
    looking: Query<Looking>,
) -> Result<HttpResponse, Error> {
    let code = looking.code(&allowed.actor.home)?;
    Ok(svg(db.read(move |rx| service::draw_map(rx, &allowed, &code, looking.view())).await?))
}

fn svg(text: String) -> HttpResponse {
    HttpResponse::Ok().content_type("image/svg+xml").body(text)
}

/// Whose survey, in which system.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OfSurvey {
    /// Region code of the collective; the account's own unless told.
    collective: Option<String>,
    /// Where the file does not say it itself and the size of its numbers should not decide.
    crs: Option<Crs>,
}

/// Takes in a survey (a GeoJSON FeatureCollection as the body) and says what would be written. Nothing goes on record before
/// the confirmation, which must come within a day.
#[utoipa::path(tag = "parcels", params(OfSurvey), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = SurveyPreview), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/parcels/imports")]
async fn import_file(
    allowed: Allowed<may::KeepHomesteads>,
    db: Data<Db>,
    vault: Data<Vault>,
    of: Query<OfSurvey>,
    file: RawFile,
) -> Result<HttpResponse, Error> {
    let OfSurvey { collective, crs } = of.into_inner();
    let collective_code = collective.unwrap_or_else(|| allowed.actor.home.clone());
    let file = SurveyFile { collective_code, name: String::new(), crs, bytes: file.0 };
    let (keys, by) = (vault.get_ref().clone(), allowed.clone());
    let id = db.write(Lane::Any, move |tx| service::stage_import(tx, &keys, &by, &file)).await?;
    let preview = db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id)).await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// What a waiting survey would write.
#[utoipa::path(tag = "parcels", params(("id" = String, Path)),
    responses((status = 200, body = SurveyPreview), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/parcels/imports/{id}")]
async fn import_preview(
    allowed: Allowed<may::KeepHomesteads>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id)).await?))
}

/// Writes the parcels of a waiting survey, all or none.
#[utoipa::path(tag = "parcels", params(("id" = String, Path)),
    responses((status = 201, body = Created<Imported>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/parcels/imports/{id}/confirm")]
async fn import_confirm(
    allowed: Allowed<may::KeepHomesteads>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let (imported, receipt) = db.write(Lane::Any, move |tx| service::confirm_import(tx, &vault, &allowed, &id)).await?;
    Ok(created(imported, receipt))
}
