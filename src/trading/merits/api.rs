//! `/api/v1/lots/{lot}/merit-claims` and `/api/v1/merit-claims/{claim}`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use utoipa::ToSchema;

use super::{ClaimId, ClaimView, Examining, NewClaim, service, store::ClaimRow};
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
    config.service(claim).service(examine).service(paper);
}

/// A form with a paper.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart form in the API document")]
struct ClaimMerit {
    /// Criterion and answer by their places in the notice, counted from 1.
    #[schema(example = "1.3")]
    answer: String,
    /// What the paper is.
    title: Option<String>,
    /// PDF, JPEG, PNG, DOCX or XLSX, at most 10 MiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Claims an answer to a criterion of the notice that is worth something, with a paper; again after a refusal, while enrolment is
/// open. Who claims none has the base answer.
#[utoipa::path(tag = "merits", request_body(content = ClaimMerit, content_type = "multipart/form-data"), params(("lot" = String, Path)),
    responses((status = 201, body = Created<ClaimView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/merit-claims")]
async fn claim(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let new = NewClaim { answer: form.get("answer").into(), title: form.get("title").into(), bytes: form.bytes };
    let work = move |tx: &mut crate::db::Tx<'_>| service::claim(tx, &allowed, &vault, &lot, &new);
    let (claim, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(claim, receipt))
}

/// Says whether the paper of a claim shows its answer; only after the bidder's file was opened, which is on record, and before the
/// auction opens, so that nobody who examines can know a price.
#[utoipa::path(tag = "merits", request_body = Examining, params(("claim" = String, Path)),
    responses((status = 201, body = Created<ClaimView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/merit-claims/{claim}/examination")]
async fn examine(
    allowed: Allowed<may::RunAuctions>,
    id: Path<ClaimId>,
    db: Data<Db>,
    body: Body<Examining>,
) -> Result<HttpResponse, Error> {
    let examining = body.value;
    let work = move |tx: &mut crate::db::Tx<'_>| service::examine(tx, &allowed, &id, &examining);
    let (view, _, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(view, receipt))
}

/// The paper of a claim: for its bidder, and for an officer whose look is on record.
#[utoipa::path(tag = "merits", params(("claim" = String, Path)),
    responses((status = 200, description = "the file", content((String = "application/pdf"), (String = "image/jpeg"), (String = "image/png"))),
        (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/merit-claims/{claim}/paper")]
async fn paper(actor: Actor, id: Path<ClaimId>, db: Data<Db>, vault: Data<Vault>) -> Result<HttpResponse, Error> {
    let reader = Reader::of(&actor)?;
    let content = db.read(move |rx| papers::read::<ClaimRow>(rx, &reader, &vault, &id)).await?;
    Ok(documents::respond(content))
}
