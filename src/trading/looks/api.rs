//! `/api/v1/lots/{lot}/enrolments/file` and `/api/v1/lots/{lot}/enrolments/break-glass`.

use actix_web::{
    HttpResponse, post,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Breaking, FileWanted, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    trading::{enrolment::Enrolment, listing::LotId},
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, created},
};

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(open_file).service(break_glass);
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

/// Everybody of a lot.
#[derive(Debug, Serialize, ToSchema)]
struct Everybody {
    /// In the order of enrolment.
    items: Vec<Enrolment>,
}

/// Looks at everybody of a lot before its end, where it cannot be helped. The look is an entry of the log and stands on the
/// lot's public page after the end.
#[utoipa::path(tag = "enrolments", request_body = Breaking, params(("lot" = String, Path)),
    responses((status = 201, body = Created<Everybody>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/enrolments/break-glass")]
async fn break_glass(
    allowed: Allowed<may::BreakGlass>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<Breaking>,
) -> Result<HttpResponse, Error> {
    let (lot, breaking) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let (items, receipt) =
        db.write(lane, move |tx| service::break_glass(tx, &allowed, &vault, &lot, &breaking)).await?;
    Ok(created(Everybody { items }, receipt))
}
