//! `/api/v1/lots/{lot}/ranking`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{NewRanking, Ranking, Review, reading, service};
use crate::{
    access::{Allowed, MaybeActor, may},
    calendar::Calendar,
    db::{Db, Lane},
    trading::listing::LotId,
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list).service(prepare).service(review);
}

/// The orders of a lot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LotRankings)]
struct Rankings {
    items: Vec<Ranking>,
}

/// Who stands at the ceiling of a lot whose notice has a criterion for that, and in which order they were put; empty before the
/// end, and where nobody else came to the ceiling. Everybody sees the newest, its order once it is confirmed; staff of the place
/// see all that was prepared.
#[utoipa::path(tag = "rankings", params(("lot" = String, Path)),
    responses((status = 200, body = Rankings), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/ranking")]
async fn list(actor: MaybeActor, lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| reading::list(rx, actor.0.as_ref(), &lot)).await?;
    Ok(HttpResponse::Ok().json(Rankings { items }))
}

/// Puts the candidates in order by the criterion of the notice. Another officer has to confirm it.
#[utoipa::path(tag = "rankings", request_body = NewRanking, params(("lot" = String, Path)),
    responses((status = 201, body = Created<Ranking>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/ranking")]
async fn prepare(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    db: Data<Db>,
    body: Body<NewRanking>,
) -> Result<HttpResponse, Error> {
    let (lot, new) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let (ranking, receipt) = db.write(lane, move |tx| service::prepare(tx, &allowed, &lot, &new)).await?;
    Ok(created(ranking, receipt))
}

/// Confirms an order that another officer has prepared, which writes the award at once, or sends it back.
#[utoipa::path(tag = "rankings", request_body = Review, params(("lot" = String, Path)),
    responses((status = 201, body = Created<Ranking>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/ranking/review")]
async fn review(
    allowed: Allowed<may::ReviewListings>,
    lot: Path<LotId>,
    db: Data<Db>,
    calendar: Data<Calendar>,
    vault: Data<Vault>,
    body: Body<Review>,
) -> Result<HttpResponse, Error> {
    let (lot, told) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let work = move |tx: &mut crate::db::Tx<'_>| service::review(tx, &allowed, &calendar, &vault, &lot, &told);
    let (ranking, receipt) = db.write(lane, work).await?;
    Ok(created(ranking, receipt))
}
