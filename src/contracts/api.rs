//! `/api/v1/contracts`.

use actix_web::{
    HttpResponse, get, post, put,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    ContractFacts, ContractFile, ContractFilter, ContractId, ContractImport, ContractView, ContractsWritten, service,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    imports::{RawFile, Upload},
    kernel::{Id, Page, PageRequest},
    trading::listing::LotId,
    vault::Vault,
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, created, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    // Fixed addresses before the one with an identifier.
    config.service(import_file).service(import_preview).service(import_confirm);
    config.service(list).service(create).service(one).service(change);
    config.service(of_award).service(sign_award);
}

/// The contracts of the scope.
#[utoipa::path(tag = "contracts", params(ContractFilter, ("limit" = Option<u32>, Query, description = "1 to 200, 20 unless told"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<ContractView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/contracts")]
async fn list(
    allowed: Allowed<may::ReadContracts>,
    db: Data<Db>,
    filter: Query<ContractFilter>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let today = db.now().day();
    let found = db.read(move |rx| service::list_contracts(rx, &allowed, &filter, &page, today)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One contract; its ETag is what a change needs as If-Match.
#[utoipa::path(tag = "contracts", params(("id" = String, Path)),
    responses((status = 200, body = ContractView), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/contracts/{id}")]
async fn one(allowed: Allowed<may::ReadContracts>, id: Path<ContractId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let today = db.now().day();
    let contract = db.read(move |rx| service::get_contract(rx, &allowed, &id, today)).await?;
    let version = contract.version;
    Ok(with_etag(HttpResponse::Ok().json(contract), version))
}

/// A contract to be registered.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document's view of the body")]
struct NewContract {
    /// Region code of the collective; the account's own unless told.
    collective_code: Option<String>,
    #[schema(inline)]
    #[serde(flatten)]
    facts: ContractFacts,
}

/// The contract of a lot as its award gives it, to be filled up: the clerk's beginning.
#[utoipa::path(tag = "contracts", params(("lot" = String, Path)),
    responses((status = 200, body = ContractFacts), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/contract")]
async fn of_award(allowed: Allowed<may::KeepContracts>, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let today = db.now().day();
    let facts = db.read(move |rx| service::draft_of_award(rx, &allowed, &lot, today)).await?;
    Ok(HttpResponse::Ok().json(facts))
}

/// Registers the contract of a lot whose result is confirmed. What notice and award have settled has to be in it unchanged;
/// every difference is a field error that says what the award gives.
#[utoipa::path(tag = "contracts", request_body = ContractFacts, params(("lot" = String, Path)),
    responses((status = 201, body = Created<ContractView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/contract")]
async fn sign_award(
    allowed: Allowed<may::KeepContracts>,
    lot: Path<LotId>,
    db: Data<Db>,
    body: Body<ContractFacts>,
) -> Result<HttpResponse, Error> {
    let (id, facts) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &id);
    let (contract, receipt) = db.write(lane, move |tx| service::sign_award(tx, &allowed, &id, facts.clone())).await?;
    Ok(created(contract, receipt))
}

#[derive(Deserialize)]
struct OfBody {
    #[serde(default)]
    collective_code: Option<String>,
}

/// Registers a contract. What is doubtful about it (a lease above twenty years) comes back under `warnings`.
#[utoipa::path(tag = "contracts", request_body = NewContract,
    responses((status = 201, body = Created<ContractView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/contracts")]
async fn create(
    allowed: Allowed<may::KeepContracts>,
    db: Data<Db>,
    body: Body<serde_json::Value>,
) -> Result<HttpResponse, Error> {
    // Parsed as what it is, not through the flattened document type, so that a refusal names its field.
    let text = body.value.to_string();
    let facts: ContractFacts = crate::web::body::parse(text.as_bytes())?;
    let OfBody { collective_code } = crate::web::body::parse(text.as_bytes())?;
    let code = collective_code.unwrap_or_else(|| allowed.actor.home.clone());
    let (contract, receipt) =
        db.write(Lane::Any, move |tx| service::create_contract(tx, &allowed, &code, facts.clone())).await?;
    let version = contract.version;
    Ok(with_etag(created(contract, receipt), version))
}

/// Writes all facts about a contract anew. Contracts are never deleted: they end or are terminated.
#[utoipa::path(tag = "contracts", request_body = ContractFacts, params(("id" = String, Path), ("If-Match" = String, Header, description = "the ETag of the contract, which is its version in quotes")),
    responses((status = 200, body = Created<ContractView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[put("/api/v1/contracts/{id}")]
async fn change(
    allowed: Allowed<may::KeepContracts>,
    id: Path<ContractId>,
    if_match: IfMatch,
    db: Data<Db>,
    body: Body<ContractFacts>,
) -> Result<HttpResponse, Error> {
    let (id, facts) = (id.into_inner(), body.value);
    let lane = Lane::of("contract", &id);
    let (value, receipt) = db
        .write(lane, move |tx| service::change_contract(tx, &allowed, &id, |v| if_match.check(v), facts.clone()))
        .await?;
    let version = value.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }), version))
}

/// Whose contracts a file brings.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OfCollective {
    /// Region code of one collective; the account's own unless told.
    collective: Option<String>,
}

/// Takes in a list of contracts (XLSX or CSV, the file as the body) and says what would be written. Nothing goes on record
/// before the confirmation, which must come within a day.
#[utoipa::path(tag = "contracts", params(OfCollective), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ContractImport), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/contracts/imports")]
async fn import_file(
    allowed: Allowed<may::KeepContracts>,
    db: Data<Db>,
    vault: Data<Vault>,
    of: Query<OfCollective>,
    file: RawFile,
) -> Result<HttpResponse, Error> {
    let collective_code = of.into_inner().collective.unwrap_or_else(|| allowed.actor.home.clone());
    let file = ContractFile { collective_code, name: String::new(), bytes: file.0 };
    let (keys, by, today) = (vault.get_ref().clone(), allowed.clone(), db.now().day());
    let id = db.write(Lane::Any, move |tx| service::stage_import(tx, &keys, &by, &file)).await?;
    let preview = db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id, today)).await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// What a waiting file would write.
#[utoipa::path(tag = "contracts", params(("id" = String, Path)),
    responses((status = 200, body = ContractImport), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/contracts/imports/{id}")]
async fn import_preview(
    allowed: Allowed<may::KeepContracts>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let today = db.now().day();
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id, today)).await?))
}

/// Writes the contracts of a waiting file, all or none.
#[utoipa::path(tag = "contracts", params(("id" = String, Path)),
    responses((status = 201, body = Created<ContractsWritten>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/contracts/imports/{id}/confirm")]
async fn import_confirm(
    allowed: Allowed<may::KeepContracts>,
    id: Path<Id<Upload>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let (written, receipt) = db.write(Lane::Any, move |tx| service::confirm_import(tx, &vault, &allowed, &id)).await?;
    Ok(created(written, receipt))
}
