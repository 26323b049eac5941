//! `/api/v1/lots/{lot}/corrections` and `/api/v1/lots/{lot}/notices`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Correction, NoticeVersion, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    policy::PolicyBook,
    trading::{
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(correct).service(versions);
}

/// Puts a published notice right while its window is open and nobody has enrolled: a new version beside the old one. A
/// correction that matters moves the auction to a later day, never to an earlier one.
#[utoipa::path(tag = "listings", request_body = Correction, params(("lot" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<LotView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/corrections")]
async fn correct(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    if_match: IfMatch,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    body: Body<Correction>,
) -> Result<HttpResponse, Error> {
    let (id, correction) = (lot.into_inner(), body.value);
    let (lot, receipt) = db
        .write(Lane::of("lot", &id.clone()), move |tx| {
            let check = |version| if_match.check(version);
            let receipt = service::correct(tx, &allowed, &calendar, &policies, &id, &correction, check)?;
            let (now, reading) = (tx.now(), allowed.actor.prove()?);
            Ok((lots::get(tx, Viewer::Staff(&reading), &calendar, &id, now)?, receipt))
        })
        .await?;
    let version = lot.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value: lot, log_entry: receipt.seq }), version))
}

/// Every version of a notice.
#[derive(Debug, Serialize, ToSchema)]
struct NoticeVersions {
    /// The newest first.
    items: Vec<NoticeVersion>,
}

/// Every version of a lot's notice, the newest first. Public.
#[utoipa::path(tag = "lots", params(("lot" = String, Path)),
    responses((status = 200, body = NoticeVersions), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/notices")]
async fn versions(lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::versions(rx, &lot)).await?;
    Ok(HttpResponse::Ok().json(NoticeVersions { items }))
}
