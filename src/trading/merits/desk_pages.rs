//! `/merit-claims/{claim}/examination`: the trading officer says whether a claim stands, from the file that the bidder's code opened.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};

use super::{ClaimId, Examining, rules::EXAMPLE, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    trading::papers::Desk,
    web::{Error, FormFields, html::Layout},
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/merit-claims/{claim}/examination").route(web::post().to(examine)));
}

/// How a claim is examined.
pub const DESK: Desk = Desk {
    verb: "审核",
    noun: "加分",
    action: ("/merit-claims/", "/examination"),
    field: "granted",
    yes: "材料属实，给这项加分",
    no: "证明不了，按不加分的选项算",
    example: EXAMPLE,
};

async fn examine(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    id: Path<ClaimId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let end = match DESK.answer(&fields) {
        Err(problem) => Err(problem.into()),
        Ok(granted) => {
            let examining = Examining { granted, note: fields.get("note").to_owned() };
            let asked = id.clone();
            let work = move |tx: &mut crate::db::Tx<'_>| service::examine(tx, &allowed, &asked, &examining);
            let end = db.write(Lane::Any, work).await;
            end.map(|(_, lot, _)| format!("/listings/{lot}/enrolments")).map_err(Error::from)
        }
    };
    DESK.end(end, layout, id, &fields).await
}
