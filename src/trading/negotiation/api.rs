//! `/api/v1/lots/{lot}/negotiation` and its steps.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Negotiation, NewNegotiation, Review, Withdrawal, service};
use crate::{
    access::{Allowed, MaybeActor, may},
    calendar::Calendar,
    db::{Db, Lane, Tx},
    policy::PolicyBook,
    trading::{confirmation::Days, listing::LotId},
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(propose).service(review).service(conclude).service(withdraw).service(list);
}

/// The negotiations about a lot.
#[derive(Debug, Serialize, ToSchema)]
struct Negotiations {
    /// In the order in which they were proposed.
    items: Vec<Negotiation>,
}

/// Negotiations about a lot that failed. Everybody sees what was published, with a person's name masked; staff of the place see
/// all of them.
#[utoipa::path(tag = "lots", params(("lot" = String, Path)),
    responses((status = 200, body = Negotiations), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/negotiation")]
async fn list(actor: MaybeActor, lot: Path<LotId>, db: Data<Db>, vault: Data<Vault>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| super::list(rx, &vault, actor.0.as_ref(), &lot)).await?;
    Ok(HttpResponse::Ok().json(Negotiations { items }))
}

/// Proposes to let a lot that has failed often enough to one counterpart, with the vote for it.
#[utoipa::path(tag = "listings", request_body = NewNegotiation, params(("lot" = String, Path)),
    responses((status = 201, body = Created<Negotiation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/negotiation")]
async fn propose(
    allowed: Allowed<may::DraftListings>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    body: Body<NewNegotiation>,
) -> Result<HttpResponse, Error> {
    let (id, lane, new) = (lot.clone(), Lane::of("lot", &lot), body.value);
    let work = move |tx: &mut Tx<'_>| service::propose(tx, &allowed, &vault, &policies, &id, &new);
    let (value, receipt) = db.write(lane, work).await?;
    Ok(created(value, receipt))
}

/// Approves a proposal, which publishes it, or sends it back: never by the person who proposed it.
#[utoipa::path(tag = "listings", request_body = Review, params(("lot" = String, Path)),
    responses((status = 200, body = Created<Negotiation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/negotiation/review")]
async fn review(
    allowed: Allowed<may::ReviewListings>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    calendar: Data<Calendar>,
    body: Body<Review>,
) -> Result<HttpResponse, Error> {
    let (id, lane, review) = (lot.clone(), Lane::of("lot", &lot), body.value);
    let work = move |tx: &mut Tx<'_>| {
        let days = Days { policies: &policies, calendar: &calendar };
        service::review(tx, &allowed, &vault, days, &id, &review)
    };
    let (value, receipt) = db.write(lane, work).await?;
    Ok(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }))
}

/// Concludes a negotiation, once its notice is over and every objection is answered.
#[utoipa::path(tag = "listings", params(("lot" = String, Path)),
    responses((status = 200, body = Created<Negotiation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/negotiation/conclude")]
async fn conclude(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    calendar: Data<Calendar>,
) -> Result<HttpResponse, Error> {
    let (id, lane) = (lot.clone(), Lane::of("lot", &lot));
    let work = move |tx: &mut Tx<'_>| {
        let days = Days { policies: &policies, calendar: &calendar };
        service::conclude(tx, &allowed, &vault, days, &id)
    };
    let (value, receipt) = db.write(lane, work).await?;
    Ok(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }))
}

/// Withdraws a negotiation before its contract is signed; the lot may then be negotiated or listed again.
#[utoipa::path(tag = "listings", request_body = Withdrawal, params(("lot" = String, Path)),
    responses((status = 200, body = Created<Negotiation>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/negotiation/withdraw")]
async fn withdraw(
    allowed: Allowed<may::WithdrawNegotiations>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    body: Body<Withdrawal>,
) -> Result<HttpResponse, Error> {
    let (id, lane, withdrawal) = (lot.clone(), Lane::of("lot", &lot), body.value);
    let work = move |tx: &mut Tx<'_>| service::withdraw(tx, &allowed, &vault, &policies, &id, &withdrawal);
    let (value, receipt) = db.write(lane, work).await?;
    Ok(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }))
}
