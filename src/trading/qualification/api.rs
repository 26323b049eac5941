//! `/api/v1/lots/{lot}/qualifications` and `/api/v1/qualifications/{paper}`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use utoipa::ToSchema;

use super::{Examining, NewPaper, PaperId, PaperView, service, store::PaperRow};
use crate::{
    access::{Actor, Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    documents,
    policy::PolicyBook,
    trading::{
        confirmation::Days,
        listing::LotId,
        papers::{self, Reader},
    },
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created, upload::MultipartFile},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(hand_in).service(examine).service(read);
}

/// A form with a paper.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart form in the API document")]
struct HandInQualification {
    /// What the paper is.
    title: Option<String>,
    /// PDF, JPEG, PNG, DOCX or XLSX, at most 10 MiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Hands in the paper by which the own enrolment meets the conditions of the notice; again after a refusal, while enrolment is
/// open or, where papers are examined after the auction, while it is the own turn.
#[utoipa::path(tag = "qualification", request_body(content = HandInQualification, content_type = "multipart/form-data"), params(("lot" = String, Path)),
    responses((status = 201, body = Created<PaperView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/qualifications")]
async fn hand_in(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let new = NewPaper { title: form.get("title").into(), bytes: form.bytes };
    let work = move |tx: &mut crate::db::Tx<'_>| service::hand_in(tx, &allowed, &vault, &lot, &new);
    let (paper, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(paper, receipt))
}

/// Passes or refuses a paper. Before the end only after the bidder's file was opened, which is on record; after it a refusal puts
/// out who won, and the next in line is asked.
#[utoipa::path(tag = "qualification", request_body = Examining, params(("paper" = String, Path)),
    responses((status = 201, body = Created<PaperView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/qualifications/{paper}/examination")]
async fn examine(
    allowed: Allowed<may::RunAuctions>,
    paper: Path<PaperId>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    calendar: Data<Calendar>,
    body: Body<Examining>,
) -> Result<HttpResponse, Error> {
    let examining = body.value;
    let work = move |tx: &mut crate::db::Tx<'_>| {
        service::examine(tx, &allowed, Days { policies: &policies, calendar: &calendar }, &paper, &examining)
    };
    let (view, _, receipt) = db.write(Lane::Any, work).await?;
    Ok(created(view, receipt))
}

/// A paper: for its bidder, and for an officer whose look is on record.
#[utoipa::path(tag = "qualification", params(("paper" = String, Path)),
    responses((status = 200, description = "the file", content((String = "application/pdf"), (String = "image/jpeg"), (String = "image/png"))),
        (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/qualifications/{paper}/paper")]
async fn read(actor: Actor, id: Path<PaperId>, db: Data<Db>, vault: Data<Vault>) -> Result<HttpResponse, Error> {
    let reader = Reader::of(&actor)?;
    let content = db.read(move |rx| papers::read::<PaperRow>(rx, &reader, &vault, &id)).await?;
    Ok(documents::respond(content))
}
