//! `/api/v1/enrolments` and the enrolments of a lot.

use actix_web::{
    HttpResponse, get, post, put,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Booked, CodedArrival, Enrolment, EnrolmentId, NewEnrolment, Ranked, Received, reading, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{Page, PageRequest},
    settlement::{
        Arrival,
        orders::{self, Order, Wanted, api::Books},
    },
    trading::{award, listing::LotId},
    vault::Vault,
    web::{
        Body, Created, Error, IdempotencyKey, IfMatch, Problem as ProblemDocument, Reply, Routes, created,
        idempotency::once, with_etag,
    },
};

pub fn routes(config: &mut Routes<'_>) {
    config
        .service(enrol)
        .service(receive_coded)
        .service(list_by_lot)
        .service(list_own)
        .service(receive)
        .service(order_deposit)
        .service(rank);
}

/// Enrols for a lot, with the real-name check.
#[utoipa::path(tag = "enrolments", request_body = NewEnrolment, params(("lot" = String, Path)),
    responses((status = 201, body = Created<Enrolment>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/enrolments")]
async fn enrol(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<NewEnrolment>,
) -> Result<HttpResponse, Error> {
    let (lot, new) = (lot.into_inner(), body.value);
    let (value, receipt) =
        db.write(Lane::of("lot", &lot.clone()), move |tx| service::enrol(tx, &allowed, &vault, &lot, &new)).await?;
    let version = value.version;
    Ok(with_etag(created(value, receipt), version))
}

/// Who took part in a lot that has ended, with the deposits: for the trading officer. Before the end nobody sees it.
#[utoipa::path(tag = "enrolments", params(("lot" = String, Path)),
    responses((status = 200, body = Page<Enrolment>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/enrolments")]
async fn list_by_lot(
    allowed: Allowed<may::ReceiveDeposits>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| reading::list_by_lot(rx, &allowed, &vault, &lot)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// The own enrolments, newest first.
#[utoipa::path(tag = "enrolments", params(("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<Enrolment>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/enrolments")]
async fn list_own(
    allowed: Allowed<may::Bid>,
    db: Data<Db>,
    vault: Data<Vault>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| reading::list_own(rx, &allowed, &vault, &page)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Records money for a lot by the code that stands beside the transfer; its bidder gets a bid number, and who books it does
/// not learn whose it is. Money that is not the deposit asked for is refused, and the refusal is on record.
#[utoipa::path(tag = "enrolments", request_body = CodedArrival, params(("lot" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Created<Booked>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/deposits")]
async fn receive_coded(
    allowed: Allowed<may::ReceiveDeposits>,
    lot: Path<LotId>,
    key: IdempotencyKey,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<CodedArrival>,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let hash = format!("{}/deposits {}", lot, body.sha256);
    let (coded, lane) = (body.value, Lane::of("lot", &lot));
    let reply = db
        .write(lane, move |tx| {
            once(tx, allowed.actor.account.as_str(), &key, &hash, |tx| {
                reply_of(service::receive_coded(tx, &allowed, &vault, &lot, &coded)?)
            })
        })
        .await?;
    Ok(reply.respond())
}

fn reply_of(received: Received) -> crate::db::Result<Reply> {
    match received {
        Received::Booked(value, receipt) => Reply::json(201, &Created { value, log_entry: receipt.seq }),
        Received::Refused(problem) => Reply::problem(&problem),
    }
}

/// Records the deposit of an enrolment as received; the bidder gets a bid number. Money that is not the deposit asked for is
/// refused, and the refusal is on record.
#[utoipa::path(tag = "enrolments", request_body = Arrival,
    params(("enrolment" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Created<Booked>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/enrolments/{enrolment}/deposit")]
async fn receive(
    allowed: Allowed<may::ReceiveDeposits>,
    enrolment: Path<EnrolmentId>,
    key: IdempotencyKey,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<Arrival>,
) -> Result<HttpResponse, Error> {
    let id = enrolment.into_inner();
    let hash = format!("{}/deposit {}", id, body.sha256);
    let (arrival, lane) = (body.value, Lane::of("enrolment", &id));
    let reply = db
        .write(lane, move |tx| {
            once(tx, allowed.actor.account.as_str(), &key, &hash, |tx| {
                reply_of(service::receive_deposit(tx, &allowed, &vault, &id, &arrival)?)
            })
        })
        .await?;
    Ok(reply.respond())
}

/// Decides over the deposit of an enrolment whose lot has ended: it is counted into the price, paid back, or kept by a decision.
/// The order waits for another person.
#[utoipa::path(tag = "money", request_body = Wanted, params(("enrolment" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Created<Order>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/enrolments/{enrolment}/deposit/orders")]
async fn order_deposit(
    allowed: Allowed<may::PrepareMoney>,
    enrolment: Path<EnrolmentId>,
    key: IdempotencyKey,
    books: Books,
    body: Body<Wanted>,
) -> Result<HttpResponse, Error> {
    let id = enrolment.into_inner();
    let hash = format!("{}/deposit/orders {}", id, body.sha256);
    let (wanted, lane, all) = (body.value, Lane::of("enrolment", &id), books.clone());
    let reply = books
        .db
        .write(lane, move |tx| {
            once(tx, allowed.actor.account.as_str(), &key, &hash, |tx| {
                let (order, receipt) = award::order_deposit(tx, &allowed, &all.policies, &id, &wanted)?;
                let value = orders::get(tx, &allowed.actor.prove()?, &all.vault, &all.due(), &order)?;
                Reply::json(201, &Created { value, log_entry: receipt.seq })
            })
        })
        .await?;
    Ok(reply.respond())
}

/// The rank of a claimed priority.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rank {
    /// 1 goes first; null takes the priority away.
    rank: Option<i32>,
}

/// Gives a claimed priority its rank, or takes it away.
#[utoipa::path(tag = "enrolments", request_body = Rank, params(("enrolment" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<Ranked>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[put("/api/v1/enrolments/{enrolment}/priority")]
async fn rank(
    allowed: Allowed<may::RunAuctions>,
    enrolment: Path<EnrolmentId>,
    if_match: IfMatch,
    db: Data<Db>,
    body: Body<Rank>,
) -> Result<HttpResponse, Error> {
    let (id, rank) = (enrolment.into_inner(), body.value.rank);
    let (value, receipt) = db
        .write(Lane::of("enrolment", &id.clone()), move |tx| {
            service::rank_priority(tx, &allowed, &id, rank, |v| if_match.check(v))
        })
        .await?;
    let version = value.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }), version))
}
