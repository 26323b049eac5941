//! `/api/v1/lots/{lot}/questions` and `/api/v1/questions/{question}/answer`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Question, QuestionId, QuestionView, service};
use crate::{
    access::{Allowed, MaybeActor, may},
    db::{Db, Lane},
    trading::listing::LotId,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(ask).service(list).service(answer);
}

/// Asks about a notice. The question is public once it is answered, without the name of who asked.
#[utoipa::path(tag = "lots", request_body = Question, params(("lot" = String, Path)),
    responses((status = 201, body = Created<QuestionView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/questions")]
async fn ask(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    body: Body<Question>,
) -> Result<HttpResponse, Error> {
    let (id, question) = (lot.into_inner(), body.value);
    let (asked, receipt) =
        db.write(Lane::of("lot", &id.clone()), move |tx| service::ask(tx, &allowed, &id, &question)).await?;
    Ok(created(asked, receipt))
}

/// Questions about a notice.
#[derive(Debug, Serialize, ToSchema)]
struct Questions {
    /// In the order in which they were asked.
    items: Vec<QuestionView>,
}

/// Questions about a notice and their answers. Everybody sees what is answered, staff of the place and who asked also what
/// waits.
#[utoipa::path(tag = "lots", params(("lot" = String, Path)),
    responses((status = 200, body = Questions), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/questions")]
async fn list(actor: MaybeActor, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::list(rx, actor.0.as_ref(), &lot)).await?;
    Ok(HttpResponse::Ok().json(Questions { items }))
}

/// Answers a question, once; from then on everybody reads both.
#[utoipa::path(tag = "listings", request_body = Answer, params(("question" = String, Path)),
    responses((status = 200, body = Created<QuestionView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/questions/{question}/answer")]
async fn answer(
    allowed: Allowed<may::RunAuctions>,
    question: Path<QuestionId>,
    db: Data<Db>,
    body: Body<Answer>,
) -> Result<HttpResponse, Error> {
    let (id, text) = (question.into_inner(), body.value);
    let (value, receipt) =
        db.write(Lane::of("question", &id.clone()), move |tx| service::answer(tx, &allowed, &id, &text)).await?;
    Ok(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }))
}
