//! `/api/v1/lots/{lot}/paddle` of a bidder; `/api/v1/lots/{lot}/hall-paddles` and `/api/v1/lots/{lot}/hall-bids` of the hall's desk.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Issued, OwnPaddle, PaddleInHall, Raised, Shown,
    service::{self, AtDesk},
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane, Tx},
    trading::{
        auction::{self, Bid, BidView},
        listing::LotId,
    },
    vault::Vault,
    web::{
        Body, Created, Error, IdempotencyKey, Problem as ProblemDocument, Reply, Routes, created, idempotency::once,
    },
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(raise).service(issue).service(list_own).service(hand_back);
    config.service(in_hall).service(check_in).service(take_back);
}

/// Asks for a paddle for the hall. The code in the answer is told this once; a paddle that was in use is over.
#[utoipa::path(tag = "paddles", params(("lot" = String, Path)),
    responses((status = 201, body = Created<Issued>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/paddle")]
async fn issue(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let lane = Lane::of("lot", &lot);
    let (issued, receipt) = db.write(lane, move |tx| service::issue(tx, &allowed, &vault, &lot)).await?;
    Ok(created(issued, receipt))
}

/// The own paddles in a lot.
#[derive(Debug, Serialize, ToSchema)]
struct Paddles {
    /// The newest first.
    items: Vec<OwnPaddle>,
}

/// The own paddles in a lot: who checked each in, and when.
#[utoipa::path(tag = "paddles", params(("lot" = String, Path)),
    responses((status = 200, body = Paddles), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/paddle")]
async fn list_own(allowed: Allowed<may::Bid>, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::list_own(rx, &allowed, &lot)).await?;
    Ok(HttpResponse::Ok().json(Paddles { items }))
}

/// Hands the own paddle back: from now on nobody can enter a bid for it.
#[utoipa::path(tag = "paddles", params(("lot" = String, Path)),
    responses((status = 201, body = Created<OwnPaddle>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/paddle/hand-back")]
async fn hand_back(allowed: Allowed<may::Bid>, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let lane = Lane::of("lot", &lot);
    let (paddle, receipt) = db.write(lane, move |tx| service::hand_back(tx, &allowed, &lot)).await?;
    Ok(created(paddle, receipt))
}

/// The paddles in the hall.
#[derive(Debug, Serialize, ToSchema)]
struct PaddlesInHall {
    /// By number.
    items: Vec<PaddleInHall>,
}

/// The paddles that are checked in: numbers, no names.
#[utoipa::path(tag = "paddles", params(("lot" = String, Path)),
    responses((status = 200, body = PaddlesInHall), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/hall-paddles")]
async fn in_hall(allowed: Allowed<may::EnterHallBids>, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::in_hall(rx, &allowed, &lot)).await?;
    Ok(HttpResponse::Ok().json(PaddlesInHall { items }))
}

/// A wrong code is a refusal that stays on record.
fn told(at_desk: AtDesk) -> Result<HttpResponse, Error> {
    let (paddle, receipt) = at_desk.map_err(Error::from)?;
    Ok(created(paddle, receipt))
}

/// Checks a paddle in by its number and the code on the bidder's slip. Five wrong codes, and the bidder has to ask for another
/// paddle.
#[utoipa::path(tag = "paddles", request_body = Shown, params(("lot" = String, Path)),
    responses((status = 201, body = Created<PaddleInHall>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/hall-paddles/check-in")]
async fn check_in(
    allowed: Allowed<may::EnterHallBids>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<Shown>,
) -> Result<HttpResponse, Error> {
    let (lane, shown) = (Lane::of("lot", &lot), body.value);
    told(db.write(lane, move |tx| service::check_in(tx, &allowed, &vault, &lot, &shown)).await?)
}

/// Records that a paddle was handed back at the desk, by its number and code.
#[utoipa::path(tag = "paddles", request_body = Shown, params(("lot" = String, Path)),
    responses((status = 201, body = Created<PaddleInHall>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/hall-paddles/take-back")]
async fn take_back(
    allowed: Allowed<may::EnterHallBids>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<Shown>,
) -> Result<HttpResponse, Error> {
    let (lane, shown) = (Lane::of("lot", &lot), body.value);
    told(db.write(lane, move |tx| service::take_back(tx, &allowed, &vault, &lot, &shown)).await?)
}

/// The bid of a paddle in the hall: `{"number": "03", "amount": "820.00"}`, or a type as of any bid.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HallBid {
    #[schema(example = "03")]
    number: String,
    /// `bid` unless told.
    #[serde(default, rename = "type")]
    kind: HallBidKind,
    /// In the price unit of the lot. One that cannot be read is a refused bid, and on record.
    #[serde(default)]
    #[schema(example = "820.00")]
    amount: Option<String>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HallBidKind {
    #[default]
    Bid,
    Match,
    Accept,
}

impl HallBid {
    fn bid(&self) -> Bid {
        match self.kind {
            HallBidKind::Bid => Bid::Amount(self.amount.clone().unwrap_or_default()),
            HallBidKind::Match => Bid::Match,
            HallBidKind::Accept => Bid::Accept,
        }
    }
}

/// The answer, as it is kept for repetitions.
pub(super) fn reply(raised: Raised) -> crate::db::Result<Reply> {
    match raised {
        Raised::Taken(taken) => auction::api::reply(*taken),
        Raised::NotThere(problem, receipt) => Reply::problem(&problem.with("log_entry", receipt.seq)),
    }
}

/// Enters the bid of a paddle that is checked in: the bidder's own bid, decided and refused as any other.
#[utoipa::path(tag = "paddles", request_body = HallBid, params(("lot" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Created<BidView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/hall-bids")]
async fn raise(
    allowed: Allowed<may::EnterHallBids>,
    lot: Path<LotId>,
    key: IdempotencyKey,
    db: Data<Db>,
    body: Body<HallBid>,
) -> Result<HttpResponse, Error> {
    let hash = format!("{lot}/hall-bids {}", body.sha256);
    let (lane, arrived, raised) = (Lane::of("lot", &lot), allowed.actor.arrived, body.value);
    let work = move |tx: &mut Tx<'_>| {
        once(tx, allowed.actor.account.as_str(), &key, &hash, |tx| {
            reply(service::raise(tx, &allowed, &lot, &raised.number, &raised.bid())?)
        })
    };
    Ok(db.write_in_turn(lane, arrived, work).await?.respond())
}
