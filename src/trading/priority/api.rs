//! `/api/v1/lots/{lot}/priority-rights` and `/api/v1/priority-rights/{right}`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use utoipa::ToSchema;

use super::{Checking, Kind, NewClaim, RightId, RightView, service, store::RightRow};
use crate::{
    access::{Actor, Allowed, may},
    db::{Db, Lane},
    documents,
    trading::{
        listing::LotId,
        papers::{self, Reader},
    },
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created, upload::MultipartFile},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(claim).service(check).service(waive).service(proof);
}

/// A form with a proof.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart form in the API document")]
struct ClaimPriority {
    kind: Kind,
    /// What the paper is.
    title: Option<String>,
    /// PDF, JPEG, PNG, DOCX or XLSX, at most 10 MiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Claims a priority right of the notice, with a proof. Who has enrolled may claim several kinds, each once.
#[utoipa::path(tag = "priority", request_body(content = ClaimPriority, content_type = "multipart/form-data"), params(("lot" = String, Path)),
    responses((status = 201, body = Created<RightView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/priority-rights")]
async fn claim(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let new = NewClaim { kind: form.get("kind").into(), title: form.get("title").into(), bytes: form.bytes };
    let work = move |tx: &mut crate::db::Tx<'_>| service::claim(tx, &allowed, &vault, &lot, &new);
    let (right, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(right, receipt))
}

/// Says whether the proof of a claim shows its ground; only after the bidder's file was opened, which is on
/// record, and before the auction opens.
#[utoipa::path(tag = "priority", request_body = Checking, params(("right" = String, Path)),
    responses((status = 201, body = Created<RightView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/priority-rights/{right}/check")]
async fn check(
    allowed: Allowed<may::RunAuctions>,
    right: Path<RightId>,
    db: Data<Db>,
    body: Body<Checking>,
) -> Result<HttpResponse, Error> {
    let checking = body.value;
    let work = move |tx: &mut crate::db::Tx<'_>| service::check(tx, &allowed, &right, &checking);
    let (view, _, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(view, receipt))
}

/// Gives the own right, or the claim of it, up; only before the auction opens.
#[utoipa::path(tag = "priority", params(("right" = String, Path)),
    responses((status = 201, body = Created<RightView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/priority-rights/{right}/waive")]
async fn waive(allowed: Allowed<may::Bid>, right: Path<RightId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let work = move |tx: &mut crate::db::Tx<'_>| service::waive(tx, &allowed, &right);
    let (view, _, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(view, receipt))
}

/// The proof of a right: for its bidder, and for an officer whose look is on record.
#[utoipa::path(tag = "priority", params(("right" = String, Path)),
    responses((status = 200, description = "the file", content((String = "application/pdf"), (String = "image/jpeg"), (String = "image/png"))),
        (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/priority-rights/{right}/proof")]
async fn proof(actor: Actor, right: Path<RightId>, db: Data<Db>, vault: Data<Vault>) -> Result<HttpResponse, Error> {
    let reader = Reader::of(&actor)?;
    let content = db.read(move |rx| papers::read::<RightRow>(rx, &reader, &vault, &right)).await?;
    Ok(documents::respond(content))
}
