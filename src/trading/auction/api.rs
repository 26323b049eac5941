//! `/api/v1/lots/{lot}/bids` and what belongs to a live auction.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    grounds::Ground,
    history::{self, History},
    live::{BidView, Mine},
    own,
    service::{self, Bid, Taken},
    steering::{self, Steer, Steering},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{self, Db, Lane},
    documents::Document,
    kernel::{Id, Page, PageRequest, Problem, Timestamp},
    trading::listing::LotId,
    vault::Vault,
    web::{Body, Created, Error, IdempotencyKey, Problem as ProblemDocument, Reply, Routes, idempotency::once},
};

pub fn routes(config: &mut Routes<'_>) {
    config
        .service(place_bid)
        .service(bids)
        .service(own_bids)
        .service(whole)
        .service(mine)
        .service(steer)
        .service(trace);
    config.service(result);
}

/// A bid: `{"amount": "820.00"}`, `{"type": "match"}` of a priority holder, or `{"type": "accept"}` where the price falls.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBid {
    /// `bid` unless told.
    #[serde(default, rename = "type")]
    kind: NewBidKind,
    /// In the price unit of the lot. One that cannot be read is a refused bid, and on record.
    #[serde(default)]
    #[schema(example = "820.00")]
    amount: Option<String>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NewBidKind {
    #[default]
    Bid,
    Match,
    Accept,
}

/// The answer to a command: 201, or the refusal, which is on record as well.
pub(in crate::trading) fn reply(taken: Taken) -> db::Result<Reply> {
    match taken.refusal {
        None => Reply::json(201, &Created { value: taken.bid, log_entry: taken.receipt.seq }),
        Some(problem) => Reply::problem(&problem.with("seq", taken.bid.seq).with("log_entry", taken.receipt.seq)),
    }
}

/// Places a bid. A refused one answers with its reason and, where there is one, the amount that would have been accepted
/// (`minimum` or `maximum`); it is on record like an accepted one.
#[utoipa::path(tag = "bids", request_body = NewBid, params(("lot" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Created<BidView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/bids")]
async fn place_bid(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    key: IdempotencyKey,
    db: Data<Db>,
    body: Body<NewBid>,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let hash = format!("{lot}/bids {}", body.sha256);
    let bid = match body.value {
        NewBid { kind: NewBidKind::Match, .. } => Bid::Match,
        NewBid { kind: NewBidKind::Accept, .. } => Bid::Accept,
        NewBid { amount, .. } => Bid::Amount(amount.unwrap_or_default()),
    };
    let reply = db
        .write_in_turn(Lane::of("lot", &lot), allowed.actor.arrived, move |tx| {
            once(tx, allowed.actor.account.as_str(), &key, &hash, |tx| {
                reply(service::place_bid(tx, &allowed, &lot, &bid)?)
            })
        })
        .await?;
    Ok(reply.respond())
}

/// Accepted bids by bid number, newest first. Public.
#[utoipa::path(tag = "bids", params(("lot" = String, Path), ("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<BidView>), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/bids")]
async fn bids(lot: Path<LotId>, db: Data<Db>, page: Query<PageRequest>) -> Result<HttpResponse, Error> {
    let now = db.now();
    let found = db.read(move |rx| history::history(rx, History::Public, &lot, &page, now)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// The own bids in a lot, refused ones too, newest first.
#[utoipa::path(tag = "bids", params(("lot" = String, Path), ("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<BidView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/bids/own")]
async fn own_bids(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let found = db.read(move |rx| history::history(rx, History::Own(&allowed), &lot, &page, now)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Every command of an auction, refused ones too, newest first: for who watches over the trade.
#[utoipa::path(tag = "bids", params(("lot" = String, Path), ("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<BidView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/commands")]
async fn whole(
    allowed: Allowed<may::Audit>,
    lot: Path<LotId>,
    db: Data<Db>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let found = db.read(move |rx| history::history(rx, History::Whole(&allowed.scope), &lot, &page, now)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// What the own account may do in a lot now.
#[utoipa::path(tag = "bids", params(("lot" = String, Path)),
    responses((status = 200, body = Mine), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/mine")]
async fn mine(allowed: Allowed<may::Bid>, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let now = db.now();
    Ok(HttpResponse::Ok().json(db.read(move |rx| own::mine(rx, &allowed, &lot, now)).await?))
}

/// What the trading officer asks for, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Steering)]
struct AskedSteering {
    action: SteeringAction,
    /// One sentence, published with it.
    reason: String,
    /// Required to suspend and to terminate; published.
    #[serde(default)]
    ground: Option<Ground>,
    /// Name and number of the decision: required to terminate, and wherever an authority has ordered it; published.
    #[serde(default)]
    #[schema(example = "杜阮镇人民政府终止交易决定书 杜府决〔2026〕3号")]
    paper: String,
    /// The decision itself, among the documents of the lot's collective. Its SHA-256 is published, it is not.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    document: Option<Id<Document>>,
    /// Of an outage: from when the system stood still. It ends now.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    since: Option<Timestamp>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SteeringAction {
    Suspend,
    Resume,
    Terminate,
    Outage,
}

/// Suspends, resumes or terminates an auction, or gives back the time for which the system stood still. A lot that has not opened yet can be terminated too; then there is no
/// command and no award, and the answer is 204.
#[utoipa::path(tag = "bids", request_body = AskedSteering, params(("lot" = String, Path)),
    responses((status = 201, body = Created<BidView>), (status = 204), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/steering")]
async fn steer(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    db: Data<Db>,
    calendar: Data<Calendar>,
    vault: Data<Vault>,
    body: Body<AskedSteering>,
) -> Result<HttpResponse, Error> {
    let (lot, asked) = (lot.into_inner(), body.value);
    let action = match asked.action {
        SteeringAction::Suspend => Steer::Suspend,
        SteeringAction::Resume => Steer::Resume,
        SteeringAction::Terminate => Steer::Terminate,
        SteeringAction::Outage => Steer::Outage(asked.since.ok_or_else(|| {
            Problem::field("since", None, "请写明系统从什么时候起停机，例如 2026-03-11T09:50:00+08:00")
        })?),
    };
    let AskedSteering { reason, ground, paper, document, .. } = asked;
    let steering = Steering { action, reason, ground, paper, document };
    let taken = db
        .write(Lane::of("lot", &lot.clone()), move |tx| {
            steering::steer(tx, &allowed, &calendar, &vault, &lot, &steering)
        })
        .await?;
    match taken {
        Some(taken) => Ok(reply(taken)?.respond()),
        None => Ok(HttpResponse::NoContent().finish()),
    }
}

/// The trace of an ended auction: rules and every command, bidders by number. `xiangji replay` recomputes the award from it.
/// Public.
#[utoipa::path(tag = "bids", params(("lot" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/json"), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/trace")]
async fn trace(lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let exported = db.read(move |rx| history::export(rx, &lot)).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(exported.trace))
}

/// What replaying the trace of an ended auction gives. Public.
#[utoipa::path(tag = "bids", params(("lot" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/json"), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/result")]
async fn result(lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let exported = db.read(move |rx| history::export(rx, &lot)).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(exported.result))
}
