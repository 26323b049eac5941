//! `/api/v1/lots/{lot}/draw`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Path},
};

use super::{Actor, DrawView, NewCommitment, NewValue, PartyView, service};
use crate::{
    access::{self, may},
    db::{Db, Lane},
    trading::listing::LotId,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(get_draw).service(commit).service(open);
}

/// Which party an account stands for.
///
/// Errors: `not_allowed`.
pub(super) fn party_of(actor: &access::Actor) -> Result<Actor, Error> {
    if let Ok(allowed) = actor.prove::<may::Bid>() {
        return Ok(Actor::Bidder(allowed));
    }
    match actor.prove::<may::DrawForCollective>() {
        Ok(allowed) => Ok(Actor::Collective(allowed)),
        Err(_) => Ok(Actor::Supervisors(actor.prove()?)),
    }
}

/// The rounds of a draw: who is bound to what, the checkpoint, the values, the seed and the order. Public.
#[utoipa::path(tag = "draws", params(("lot" = String, Path)),
    responses((status = 200, body = DrawView), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/draw")]
async fn get_draw(lot: Path<LotId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::get_public(rx, &lot)).await?))
}

/// Binds the own party, a bidder's number, the collective or its supervisors, to a value that nobody else knows.
#[utoipa::path(tag = "draws", request_body = NewCommitment, params(("lot" = String, Path)),
    responses((status = 201, body = Created<PartyView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/draw/commitments")]
async fn commit(
    actor: access::Actor,
    lot: Path<LotId>,
    db: Data<Db>,
    body: Body<NewCommitment>,
) -> Result<HttpResponse, Error> {
    let (party, lot, new) = (party_of(&actor)?, lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let (view, receipt) = db.write(lane, move |tx| service::commit(tx, &party, &lot, &new)).await?;
    Ok(created(view, receipt))
}

/// Opens the value that the own party is bound to, once the checkpoint stands.
#[utoipa::path(tag = "draws", request_body = NewValue, params(("lot" = String, Path)),
    responses((status = 201, body = Created<PartyView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/draw/values")]
async fn open(
    actor: access::Actor,
    lot: Path<LotId>,
    db: Data<Db>,
    body: Body<NewValue>,
) -> Result<HttpResponse, Error> {
    let (party, lot, new) = (party_of(&actor)?, lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let (view, receipt) = db.write(lane, move |tx| service::open(tx, &party, &lot, &new)).await?;
    Ok(created(view, receipt))
}
