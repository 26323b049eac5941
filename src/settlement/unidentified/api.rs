//! `/api/v1/money/unidentified`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    model::{Grounds, NewUnidentified, Unidentified, UnidentifiedId, UnidentifiedState},
    service,
};
use crate::{
    access::{Actor, Allowed, may},
    db::{Db, Lane, Tx},
    kernel::{Page, PageRequest},
    log::Receipt,
    settlement::orders::Paid,
    web::{
        Body, Created, Error, IdempotencyKey, Problem as ProblemDocument, Reply, Routes, created, idempotency::once,
        with_etag,
    },
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list).service(book).service(one).service(prepare).service(confirm).service(refuse);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    state: Option<UnidentifiedState>,
}

/// Money that came and fitted nobody, oldest first. Who does not keep the account sees what is to go back.
#[utoipa::path(tag = "money", params(Filter, ("limit" = Option<u32>, Query, description = "1 to 200, 20 unless told"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<Unidentified>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/unidentified")]
async fn list(
    allowed: Allowed<may::ReadMoney>,
    db: Data<Db>,
    filter: Query<Filter>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::list(rx, &allowed, filter.state, &page)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Books a line of the bank that fits nobody to the account of unidentified receipts; the line is ticked off by that. A deposit
/// that is recorded with its number takes the money over.
#[utoipa::path(tag = "money", request_body = NewUnidentified, params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Created<Unidentified>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/unidentified")]
async fn book(
    allowed: Allowed<may::PrepareMoney>,
    db: Data<Db>,
    key: IdempotencyKey,
    body: Body<NewUnidentified>,
) -> Result<HttpResponse, Error> {
    let (hash, new) = (format!("unidentified {}", body.sha256), body.value);
    let reply = db
        .write(Lane::Any, move |tx| {
            once(tx, allowed.actor.account.as_str(), &key, &hash, |tx| {
                let (id, receipt) = service::book(tx, &allowed, &new.line)?;
                let value = service::get(tx, &allowed.actor.prove()?, &id)?;
                Reply::json(201, &Created { value, log_entry: receipt.seq })
            })
        })
        .await?;
    Ok(reply.respond())
}

/// One of them.
#[utoipa::path(tag = "money", params(("unidentified" = String, Path)),
    responses((status = 200, body = Unidentified), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/unidentified/{unidentified}")]
async fn one(allowed: Allowed<may::ReadMoney>, db: Data<Db>, id: Path<UnidentifiedId>) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::get(rx, &allowed, &id)).await?;
    let version = found.version;
    Ok(with_etag(HttpResponse::Ok().json(found), version))
}

/// Wants it to go back to who paid; another person has to confirm it.
#[utoipa::path(tag = "money", request_body = Grounds, params(("unidentified" = String, Path)),
    responses((status = 201, body = Created<Unidentified>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/unidentified/{unidentified}/return")]
async fn prepare(
    allowed: Allowed<may::PrepareMoney>,
    db: Data<Db>,
    id: Path<UnidentifiedId>,
    body: Body<Grounds>,
) -> Result<HttpResponse, Error> {
    let (id, grounds, actor) = (id.into_inner(), body.value.grounds, allowed.actor.clone());
    step(db, actor, id, move |tx, id| service::prepare_return(tx, &allowed, id, &grounds)).await
}

/// The second person confirms that it went back, with the bank's number and the time of the payment. Only now do the books move.
#[utoipa::path(tag = "money", request_body = Paid, params(("unidentified" = String, Path)),
    responses((status = 201, body = Created<Unidentified>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/unidentified/{unidentified}/confirm")]
async fn confirm(
    allowed: Allowed<may::ConfirmMoney>,
    db: Data<Db>,
    id: Path<UnidentifiedId>,
    body: Body<Paid>,
) -> Result<HttpResponse, Error> {
    let (id, paid, actor) = (id.into_inner(), body.value, allowed.actor.clone());
    step(db, actor, id, move |tx, id| service::confirm_return(tx, &allowed, id, &paid)).await
}

/// It does not go back, and why.
#[utoipa::path(tag = "money", request_body = Grounds, params(("unidentified" = String, Path)),
    responses((status = 201, body = Created<Unidentified>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/unidentified/{unidentified}/refuse")]
async fn refuse(
    allowed: Allowed<may::ConfirmMoney>,
    db: Data<Db>,
    id: Path<UnidentifiedId>,
    body: Body<Grounds>,
) -> Result<HttpResponse, Error> {
    let (id, reason, actor) = (id.into_inner(), body.value.grounds, allowed.actor.clone());
    step(db, actor, id, move |tx, id| service::refuse_return(tx, &allowed, id, &reason)).await
}

/// One step, and how it stands then; what it is once it waits again is for those who keep the account.
async fn step(
    db: Data<Db>,
    actor: Actor,
    id: UnidentifiedId,
    work: impl Fn(&mut Tx<'_>, &UnidentifiedId) -> crate::db::Result<Receipt> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let (value, receipt) = db
        .write(Lane::of("unidentified", &id), move |tx| {
            let before = service::get(tx, &actor.prove()?, &id)?;
            let receipt = work(tx, &id)?;
            let after = service::get(tx, &actor.prove()?, &id).unwrap_or(Unidentified {
                state: UnidentifiedState::Open,
                prepared_by: None,
                prepared_at: None,
                ..before
            });
            Ok((after, receipt))
        })
        .await?;
    Ok(created(value, receipt))
}
