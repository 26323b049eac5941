//! `/priority-rights/{right}/check`: the trading officer says whether a claim stands, from the file that the bidder's code opened.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};

use super::{Checking, RightId, rules::EXAMPLE, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    trading::papers::Desk,
    web::{Error, FormFields, html::Layout},
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/priority-rights/{right}/check").route(web::post().to(check)));
}

/// How a proof is examined.
pub const DESK: Desk = Desk {
    verb: "审核",
    noun: "优先权",
    action: ("/priority-rights/", "/check"),
    field: "proven",
    yes: "证明属实，审核通过",
    no: "证明不了，不通过",
    example: EXAMPLE,
};

async fn check(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    id: Path<RightId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let end = match DESK.answer(&fields) {
        Err(problem) => Err(problem.into()),
        Ok(proven) => {
            let checking = Checking { proven, note: fields.get("note").to_owned() };
            let asked = id.clone();
            let work = move |tx: &mut crate::db::Tx<'_>| service::check(tx, &allowed, &asked, &checking);
            let end = db.write(Lane::Any, work).await;
            end.map(|(_, lot, _)| format!("/listings/{lot}/enrolments")).map_err(Error::from)
        }
    };
    DESK.end(end, layout, id, &fields).await
}
