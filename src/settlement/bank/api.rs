//! `/api/v1/money/statements` and what they are held against.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path, Query},
};
use serde::Deserialize;

use super::{
    model::{Match, Reconciliation, StatementFile, StatementImport, StatementWritten},
    service,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    imports::{RawFile, Upload},
    kernel::Id,
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(import_file).service(import_preview).service(import_confirm).service(stand).service(tick);
}

/// The balances that the bank printed above and below, for a file without a column of balances.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Balances {
    /// In yuan.
    #[serde(default)]
    #[param(required = false)]
    opening: String,
    /// In yuan.
    #[serde(default)]
    #[param(required = false)]
    closing: String,
}

/// Takes in a statement of the own region's account (XLSX or CSV, the file as the body) and says what would be added. Nothing
/// goes on record before the confirmation, which must come within a day.
#[utoipa::path(tag = "money", params(Balances), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = StatementImport), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/statements/imports")]
async fn import_file(
    allowed: Allowed<may::PrepareMoney>,
    db: Data<Db>,
    vault: Data<Vault>,
    balances: Query<Balances>,
    file: RawFile,
) -> Result<HttpResponse, Error> {
    let Balances { opening, closing } = balances.into_inner();
    let file = StatementFile { name: String::new(), opening, closing, bytes: file.0 };
    let (keys, by) = (vault.get_ref().clone(), allowed.clone());
    let id = db.write(Lane::Any, move |tx| service::stage(tx, &keys, &by, &file)).await?;
    let preview = db.read(move |rx| service::preview(rx, &vault, &allowed, &id)).await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// What a waiting statement would add.
#[utoipa::path(tag = "money", params(("id" = String, Path)),
    responses((status = 200, body = StatementImport), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/statements/imports/{id}")]
async fn import_preview(
    allowed: Allowed<may::PrepareMoney>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::preview(rx, &vault, &allowed, &id)).await?))
}

/// Adds the lines of a waiting statement that are not on record, all or none.
#[utoipa::path(tag = "money", params(("id" = String, Path)),
    responses((status = 201, body = Created<StatementWritten>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/statements/imports/{id}/confirm")]
async fn import_confirm(
    allowed: Allowed<may::PrepareMoney>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let (written, receipt) = db.write(Lane::Any, move |tx| service::confirm(tx, &vault, &allowed, &id)).await?;
    Ok(created(written, receipt))
}

/// How the own region's account and its books stand to each other: what is not ticked off, and what may belong together.
#[utoipa::path(tag = "money", responses((status = 200, body = Reconciliation), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/reconciliation")]
async fn stand(allowed: Allowed<may::PrepareMoney>, db: Data<Db>) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::reconcile(rx, &allowed)).await?))
}

/// Ticks lines and transfers of one sum off against each other.
#[utoipa::path(tag = "money", request_body = Match,
    responses((status = 201, body = Created<Reconciliation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/matches")]
async fn tick(allowed: Allowed<may::PrepareMoney>, db: Data<Db>, body: Body<Match>) -> Result<HttpResponse, Error> {
    let wanted = body.value;
    let done = db
        .write(Lane::Any, move |tx| {
            let receipt = service::tick(tx, &allowed, &wanted)?;
            Ok((service::reconcile(tx, &allowed)?, receipt))
        })
        .await?;
    Ok(created(done.0, done.1))
}
