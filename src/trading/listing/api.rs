//! `/api/v1/lots`: the steps from draft to notice. Each answers with the lot as it then stands.

use actix_web::{
    HttpResponse, get, post, put,
    web::{Data, Path},
};

use super::{
    Comparables, JointNotice, JointlyPublished, LotDraft, LotId, Relisting, Review, Schedule, pages_draft::Books,
    relist, service,
};
use crate::{
    access::{Allowed, Permission, may},
    calendar::Calendar,
    db::{Db, Lane, Result as DbResult, Rx},
    log::Receipt,
    policy::PolicyBook,
    trading::lots::{self, LotView, Viewer},
    vault::Vault,
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, created, with_etag},
};

pub fn routes(config: &mut Routes<'_>) {
    config
        .service(draft)
        .service(change)
        .service(submit)
        .service(review)
        .service(publish)
        .service(again)
        .service(alike)
        .service(publish_many);
}

/// The lot after the step, as its staff see it: whoever may take a step may read listings too.
fn shown<P: Permission>(
    rx: &mut Rx<'_>,
    allowed: &Allowed<P>,
    calendar: &Calendar,
    id: &LotId,
    now: crate::kernel::Timestamp,
) -> DbResult<LotView> {
    let reading = allowed.actor.prove::<may::ReadListings>()?;
    lots::get(rx, Viewer::Staff(&reading), calendar, id, now)
}

fn answer(value: LotView, receipt: Receipt) -> HttpResponse {
    let version = value.version;
    with_etag(HttpResponse::Ok().json(Created { value, log_entry: receipt.seq }), version)
}

/// Begins a listing from an asset.
#[utoipa::path(tag = "listings", request_body = LotDraft, responses((status = 201, body = Created<LotView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots")]
async fn draft(
    allowed: Allowed<may::DraftListings>,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    body: Body<LotDraft>,
) -> Result<HttpResponse, Error> {
    let new = body.value;
    let (lot, receipt) = db
        .write(Lane::of("asset", &new.asset_id.clone()), move |tx| {
            let (id, receipt) = service::draft(tx, &allowed, &vault, &policies, &new)?;
            let now = tx.now();
            Ok((shown(tx, &allowed, &calendar, &id, now)?, receipt))
        })
        .await?;
    let version = lot.version;
    Ok(with_etag(created(lot, receipt), version))
}

/// Changes a draft, or a listing that was sent back.
#[utoipa::path(tag = "listings", request_body = LotDraft, params(("lot" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<LotView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[put("/api/v1/lots/{lot}")]
async fn change(
    allowed: Allowed<may::DraftListings>,
    lot: Path<LotId>,
    if_match: IfMatch,
    books: Books,
    vault: Data<Vault>,
    body: Body<LotDraft>,
) -> Result<HttpResponse, Error> {
    let (id, changed) = (lot.into_inner(), body.value);
    let Books { db, calendar, policies } = books;
    let (lot, receipt) = db
        .write(Lane::of("lot", &id.clone()), move |tx| {
            let receipt = service::change(tx, &allowed, &vault, &policies, &id, &changed, |v| if_match.check(v))?;
            let now = tx.now();
            Ok((shown(tx, &allowed, &calendar, &id, now)?, receipt))
        })
        .await?;
    Ok(answer(lot, receipt))
}

/// Sends a draft to the township for review.
#[utoipa::path(tag = "listings", params(("lot" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<LotView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/submit")]
async fn submit(
    allowed: Allowed<may::DraftListings>,
    lot: Path<LotId>,
    if_match: IfMatch,
    books: Books,
) -> Result<HttpResponse, Error> {
    let id = lot.into_inner();
    let Books { db, calendar, policies } = books;
    let (lot, receipt) = db
        .write(Lane::of("lot", &id.clone()), move |tx| {
            let receipt = service::submit(tx, &allowed, &policies, &id, |v| if_match.check(v))?;
            let now = tx.now();
            Ok((shown(tx, &allowed, &calendar, &id, now)?, receipt))
        })
        .await?;
    Ok(answer(lot, receipt))
}

/// Approves or sends back: never by the person who drafted or submitted.
#[utoipa::path(tag = "listings", request_body = Review, params(("lot" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<LotView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/review")]
async fn review(
    allowed: Allowed<may::ReviewListings>,
    lot: Path<LotId>,
    if_match: IfMatch,
    db: Data<Db>,
    calendar: Data<Calendar>,
    body: Body<Review>,
) -> Result<HttpResponse, Error> {
    let (id, review) = (lot.into_inner(), body.value);
    let (lot, receipt) = db
        .write(Lane::of("lot", &id.clone()), move |tx| {
            let receipt = service::review(tx, &allowed, &id, &review, |v| if_match.check(v))?;
            let now = tx.now();
            Ok((shown(tx, &allowed, &calendar, &id, now)?, receipt))
        })
        .await?;
    Ok(answer(lot, receipt))
}

/// Publishes the notice with the hours of enrolment and auction.
#[utoipa::path(tag = "listings", request_body = Schedule, params(("lot" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Created<LotView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/publish")]
async fn publish(
    allowed: Allowed<may::RunAuctions>,
    lot: Path<LotId>,
    if_match: IfMatch,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    body: Body<Schedule>,
) -> Result<HttpResponse, Error> {
    let (id, schedule) = (lot.into_inner(), body.value);
    let (lot, receipt) = db
        .write(Lane::of("lot", &id.clone()), move |tx| {
            let receipt = service::publish(tx, &allowed, &calendar, &policies, &id, &schedule, |v| if_match.check(v))?;
            let now = tx.now();
            Ok((shown(tx, &allowed, &calendar, &id, now)?, receipt))
        })
        .await?;
    Ok(answer(lot, receipt))
}

/// Another round of a lot that failed or was terminated: a draft with the terms of the round before, linked to it.
#[utoipa::path(tag = "listings", request_body = Relisting, params(("lot" = String, Path)),
    responses((status = 201, body = Created<LotView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/relist")]
async fn again(
    allowed: Allowed<may::DraftListings>,
    lot: Path<LotId>,
    books: Books,
    vault: Data<Vault>,
    body: Body<Relisting>,
) -> Result<HttpResponse, Error> {
    let (id, changes) = (lot.into_inner(), body.value);
    let Books { db, calendar, policies } = books;
    let (lot, receipt) = db
        .write(Lane::of("lot", &id.clone()), move |tx| {
            let (new, receipt) = relist(tx, &allowed, &vault, &policies, &id, &changes)?;
            let now = tx.now();
            Ok((shown(tx, &allowed, &calendar, &new, now)?, receipt))
        })
        .await?;
    let version = lot.version;
    Ok(with_etag(created(lot, receipt), version))
}

/// What was paid lately for assets of the same class at the same unit in the county, the newest first, with the median.
#[utoipa::path(tag = "listings", params(("lot" = String, Path)),
    responses((status = 200, body = Comparables), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/lots/{lot}/comparables")]
async fn alike(allowed: Allowed<may::ReadListings>, lot: Path<LotId>, books: Books) -> Result<HttpResponse, Error> {
    let now = books.db.now();
    let Books { db, calendar, policies } = books;
    let found = db.read(move |rx| super::dossier(rx, &allowed, &calendar, &policies, &lot, now)).await?;
    Ok(HttpResponse::Ok().json(found.comparables))
}

/// One notice for several approved lots of a collective: published at once with the same hours, all of them or none. Each
/// lot keeps its own number, deposit and result.
#[utoipa::path(tag = "listings", request_body = JointNotice,
    responses((status = 201, body = Created<JointlyPublished>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/notices")]
async fn publish_many(
    allowed: Allowed<may::RunAuctions>,
    books: Books,
    body: Body<JointNotice>,
) -> Result<HttpResponse, Error> {
    let notice = body.value;
    let Books { db, calendar, policies } = books;
    let (done, receipt) = db
        .write(Lane::Any, move |tx| {
            let seen = |lot: &super::LotSeen, version| IfMatch::seen(Some(lot.version)).check(version);
            super::publish_together(tx, &allowed, &calendar, &policies, &notice, seen)
        })
        .await?;
    Ok(created(done, receipt))
}
