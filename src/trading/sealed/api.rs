//! `/api/v1/trustees`, and the sealed bids of a lot.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path, Query},
};
use serde::Deserialize;

use super::{
    model::Envelope,
    reading, reserve,
    service::{self, Filed, Shares},
    store::TrusteeId,
    trustees,
    view::{ClearShares, HandedIn, NewTrustee, OwnSealedBid, SealedBids, SealedReserve, Trustee},
};
use crate::{
    access::{Allowed, may},
    db::{self, Db, Lane},
    kernel::{Page, Problem, codes::RegionCode},
    trading::listing::LotId,
    web::{
        Body, Created, Error, IdempotencyKey, IfMatch, Problem as ProblemDocument, Reply, Routes, created,
        idempotency::once, with_etag,
    },
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list_trustees).service(register).service(retire);
    config.service(hand_in).service(withdraw).service(own).service(all).service(hand_in_shares);
    config.service(hand_in_reserve);
}

/// Which trustees.
#[derive(Deserialize)]
struct TrusteeQuery {
    region: String,
}

/// Who may keep the keys of a place's sealed auctions, with public key and office. Public.
#[utoipa::path(tag = "sealed bids", params(("region" = String, Query, description = "region code of the collective")),
    responses((status = 200, body = Page<Trustee>), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/trustees")]
async fn list_trustees(db: Data<Db>, query: Query<TrusteeQuery>) -> Result<HttpResponse, Error> {
    let typed = &query.region;
    let code = RegionCode::read(typed).map_err(|e| Problem::field("region", Some(typed), e.to_string()))?;
    let items = db.read(move |rx| trustees::list(rx, &code)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// Registers a trustee.
#[utoipa::path(tag = "sealed bids", request_body = NewTrustee,
    responses((status = 201, body = Created<Trustee>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/trustees")]
async fn register(
    allowed: Allowed<may::KeepTrustees>,
    db: Data<Db>,
    body: Body<NewTrustee>,
) -> Result<HttpResponse, Error> {
    let new = body.value;
    let (trustee, receipt) = db.write(Lane::Any, move |tx| trustees::register(tx, &allowed, &new)).await?;
    let version = trustee.version;
    Ok(with_etag(created(trustee, receipt), version))
}

/// A trustee retires.
#[utoipa::path(tag = "sealed bids", params(("trustee" = String, Path), ("If-Match" = String, Header)),
    responses((status = 201, body = Created<Trustee>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/trustees/{trustee}/retire")]
async fn retire(
    allowed: Allowed<may::KeepTrustees>,
    trustee: Path<TrusteeId>,
    if_match: IfMatch,
    db: Data<Db>,
) -> Result<HttpResponse, Error> {
    let id = trustee.into_inner();
    let lane = Lane::of("trustee", &id);
    let (trustee, receipt) =
        db.write(lane, move |tx| trustees::retire(tx, &allowed, &id, |version| if_match.check(version))).await?;
    let version = trustee.version;
    Ok(with_etag(created(trustee, receipt), version))
}

fn reply(filed: Filed) -> db::Result<Reply> {
    match filed {
        Filed::Taken(value, receipt) => Reply::json(201, &Created { value, log_entry: receipt.seq }),
        Filed::Refused(problem, receipt) => Reply::problem(&problem.with("log_entry", receipt.seq)),
    }
}

/// Hands in a sealed bid, made on the bidder's own machine. Until the end it can be replaced as often as the notice says; the
/// last one counts. A refused one is on record too.
#[utoipa::path(tag = "sealed bids", request_body = Envelope, params(("lot" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Created<OwnSealedBid>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/sealed-bids")]
async fn hand_in(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    key: IdempotencyKey,
    db: Data<Db>,
    body: Body<Envelope>,
) -> Result<HttpResponse, Error> {
    // The body has been read whole by now.
    let received_at = db.now();
    let lot = lot.into_inner();
    let hash = format!("{lot}/sealed-bids {}", body.sha256);
    let envelope = body.value;
    let reply = db
        .write(Lane::of("lot", &lot), move |tx| {
            once(tx, allowed.actor.account.as_str(), &key, &hash, |tx| {
                reply(service::hand_in(tx, &allowed, &lot, &envelope, received_at)?)
            })
        })
        .await?;
    Ok(reply.respond())
}

/// Takes the own sealed bid back.
#[utoipa::path(tag = "sealed bids", params(("lot" = String, Path)),
    responses((status = 201, body = Created<OwnSealedBid>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/sealed-bids/withdraw")]
async fn withdraw(allowed: Allowed<may::Bid>, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let received_at = db.now();
    let lot = lot.into_inner();
    let lane = Lane::of("lot", &lot);
    let filed = db.write(lane, move |tx| service::withdraw(tx, &allowed, &lot, received_at)).await?;
    Ok(reply(filed)?.respond())
}

/// The own sealed bids of a lot, the last first.
#[utoipa::path(tag = "sealed bids", params(("lot" = String, Path)),
    responses((status = 200, body = Page<OwnSealedBid>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/sealed-bids/own")]
async fn own(allowed: Allowed<may::Bid>, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::own(rx, &allowed, &lot)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// All sealed bids of an ended auction: the envelopes, and from the opening on what everybody needs to repeat it. Public.
#[utoipa::path(tag = "sealed bids", params(("lot" = String, Path)),
    responses((status = 200, body = SealedBids), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/sealed-bids")]
async fn all(lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let now = db.now();
    Ok(HttpResponse::Ok().json(db.read(move |rx| reading::all(rx, &lot, now)).await?))
}

/// Hands in the secret floor of a listing, in an envelope with `reserve` in the place of a bid number, made on the collective's
/// own machine. Until the notice another may take its place; the notice binds the last.
#[utoipa::path(tag = "sealed bids", request_body = Envelope, params(("lot" = String, Path)),
    responses((status = 201, body = Created<SealedReserve>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/sealed-reserve")]
async fn hand_in_reserve(
    allowed: Allowed<may::DraftListings>,
    lot: Path<LotId>,
    db: Data<Db>,
    body: Body<Envelope>,
) -> Result<HttpResponse, Error> {
    let (lot, envelope) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let (value, receipt) = db.write(lane, move |tx| reserve::hand_in(tx, &allowed, &lot, &envelope)).await?;
    Ok(created(value, receipt))
}

/// Hands in shares that a trustee has decrypted. Before the end the answer is 403, and the attempt is on record.
#[utoipa::path(tag = "sealed bids", request_body = ClearShares, params(("lot" = String, Path)),
    responses((status = 201, body = Created<HandedIn>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/sealed-bids/shares")]
async fn hand_in_shares(
    allowed: Allowed<may::OpenSealedBids>,
    lot: Path<LotId>,
    db: Data<Db>,
    body: Body<ClearShares>,
) -> Result<HttpResponse, Error> {
    let (lot, given) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    match db.write(lane, move |tx| service::hand_in_shares(tx, &allowed, &lot, &given)).await? {
        Shares::Taken(value, receipt) => Ok(created(value, receipt)),
        Shares::Refused(problem, receipt) => Ok(Reply::problem(&problem.with("log_entry", receipt.seq))?.respond()),
    }
}
