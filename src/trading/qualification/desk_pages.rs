//! `/qualifications/{paper}/examination`: the trading officer passes or refuses a paper: before the auction from the file that the
//! bidder's code opened, after it on the desk of the result.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};

use super::{Examining, PaperId, rules::EXAMPLE, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    policy::PolicyBook,
    trading::{confirmation::Days, listing::store as listings, papers::Desk},
    web::{Error, FormFields, html::Layout},
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/qualifications/{paper}/examination").route(web::post().to(examine)));
}

/// How a paper is examined.
pub const DESK: Desk = Desk {
    verb: "审查",
    noun: "资格材料",
    action: ("/qualifications/", "/examination"),
    field: "passed",
    yes: "符合公告的条件，通过",
    no: "不符合，或者材料不全，不通过",
    example: EXAMPLE,
};

async fn examine(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    calendar: Data<Calendar>,
    id: Path<PaperId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let end = match DESK.answer(&fields) {
        Err(problem) => Err(problem.into()),
        Ok(passed) => {
            let (note, decision) = (fields.get("note").to_owned(), fields.get("decision").to_owned());
            let examining = Examining { passed, note, decision };
            let asked = id.clone();
            let work = move |tx: &mut crate::db::Tx<'_>| {
                let days = Days { policies: &policies, calendar: &calendar };
                let (_, lot, _) = service::examine(tx, &allowed, days, &asked, &examining)?;
                let is_over = !listings::get(tx, &lot)?.0.state.is_under_way();
                Ok(format!("/listings/{lot}/{}", if is_over { "confirmation" } else { "enrolments" }))
            };
            db.write(Lane::Any, work).await.map_err(Error::from)
        }
    };
    DESK.end(end, layout, id, &fields).await
}
