//! `/api/v1/lots/{lot}/joint-agreements`.

use actix_web::{
    HttpResponse, post,
    web::{Data, Path},
};

use super::{Agreed, Agreement, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    trading::listing::LotId,
    vault::Vault,
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(agree);
}

/// Agrees to bid together with the lead of an enrolment, with the code that the lead handed over. The group gets its bid number
/// once all of it have agreed and the deposit is in.
#[utoipa::path(tag = "enrolments", request_body = Agreement, params(("lot" = String, Path)),
    responses((status = 201, body = Created<Agreed>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/lots/{lot}/joint-agreements")]
async fn agree(
    allowed: Allowed<may::Bid>,
    lot: Path<LotId>,
    db: Data<Db>,
    vault: Data<Vault>,
    body: Body<Agreement>,
) -> Result<HttpResponse, Error> {
    let (lot, agreement) = (lot.into_inner(), body.value);
    let lane = Lane::of("lot", &lot);
    let (agreed, receipt) = db.write(lane, move |tx| service::agree(tx, &allowed, &vault, &lot, &agreement)).await?;
    Ok(created(agreed, receipt))
}
