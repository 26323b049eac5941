//! `/api/v1/money/payees`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    model::{NewPayee, Payee, PayeeId, PayeeState, Refusal},
    service,
};
use crate::{
    access::{Actor, Allowed, may},
    db::{Db, Lane, Tx},
    kernel::{Page, PageRequest},
    log::Receipt,
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list).service(prepare).service(one).service(confirm).service(refuse);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    state: Option<PayeeState>,
}

/// The accounts to which money goes.
#[utoipa::path(tag = "money", params(Filter, ("limit" = Option<u32>, Query, description = "1 to 200, 20 unless told"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<Payee>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/payees")]
async fn list(
    allowed: Allowed<may::ReadMoney>,
    db: Data<Db>,
    vault: Data<Vault>,
    filter: Query<Filter>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::list(rx, &allowed, &vault, filter.state, &page)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Writes down the account of a collective, or another one for a deposit; a second person has to confirm it.
#[utoipa::path(tag = "money", request_body = NewPayee,
    responses((status = 201, body = Created<Payee>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/payees")]
async fn prepare(
    allowed: Allowed<may::PrepareMoney>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<NewPayee>,
) -> Result<HttpResponse, Error> {
    let new = body.value;
    let (value, receipt) = db
        .write(Lane::Any, move |tx| {
            let (id, receipt) = service::prepare(tx, &allowed, &vault, &new)?;
            Ok((service::get(tx, &allowed.actor.prove()?, &vault, &id)?, receipt))
        })
        .await?;
    Ok(created(value, receipt))
}

/// One of them.
#[utoipa::path(tag = "money", params(("payee" = String, Path)),
    responses((status = 200, body = Payee), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/payees/{payee}")]
async fn one(
    allowed: Allowed<may::ReadMoney>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<PayeeId>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::get(rx, &allowed, &vault, &id)).await?;
    let version = found.version;
    Ok(with_etag(HttpResponse::Ok().json(found), version))
}

/// The second person confirms: from now on money goes there.
#[utoipa::path(tag = "money", params(("payee" = String, Path)),
    responses((status = 201, body = Created<Payee>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/payees/{payee}/confirm")]
async fn confirm(
    allowed: Allowed<may::ConfirmMoney>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<PayeeId>,
) -> Result<HttpResponse, Error> {
    step(db, vault, allowed.actor.clone(), id.into_inner(), move |tx, id| service::confirm(tx, &allowed, id)).await
}

/// The account does not come into force, and why.
#[utoipa::path(tag = "money", request_body = Refusal, params(("payee" = String, Path)),
    responses((status = 201, body = Created<Payee>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/payees/{payee}/refuse")]
async fn refuse(
    allowed: Allowed<may::ConfirmMoney>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<PayeeId>,
    body: Body<Refusal>,
) -> Result<HttpResponse, Error> {
    let (reason, actor) = (body.value.reason, allowed.actor.clone());
    step(db, vault, actor, id.into_inner(), move |tx, id| service::refuse(tx, &allowed, id, &reason)).await
}

async fn step(
    db: Data<Db>,
    vault: Data<Vault>,
    actor: Actor,
    id: PayeeId,
    work: impl Fn(&mut Tx<'_>, &PayeeId) -> crate::db::Result<Receipt> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let (value, receipt) = db
        .write(Lane::of("payee", &id), move |tx| {
            let receipt = work(tx, &id)?;
            Ok((service::get(tx, &actor.prove()?, &vault, &id)?, receipt))
        })
        .await?;
    Ok(created(value, receipt))
}
