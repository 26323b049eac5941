//! `/qualifications/{paper}/examination`: the trading officer passes or refuses a paper: before the auction from the file that the
//! bidder's code opened, after it on the desk of the result.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Examining, PaperId, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    kernel::Problem,
    policy::PolicyBook,
    trading::confirmation::Days,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/qualifications/{paper}/examination").route(web::post().to(examine)));
}

const UNDER: &str = "/listings";

/// The form of an examination again, without the file: that was shown for one look.
#[derive(Template)]
#[template(path = "trading/qualification/pages/examine.html")]
struct ExaminePage {
    layout: Layout,
    form: FormState,
    id: PaperId,
    puts_out: bool,
}

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
    let passed = match fields.get("passed") {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Problem::field("passed", None, "请选择审查通过还是不通过")),
    };
    let end = match passed {
        Err(problem) => Err(Error::from(problem)),
        Ok(passed) => {
            let (note, decision) = (fields.get("note").to_owned(), fields.get("decision").to_owned());
            let examining = Examining { passed, note, decision };
            let (by, paper) = (allowed, id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| {
                let days = Days { policies: &policies, calendar: &calendar };
                let (_, lot, _) = service::examine(tx, &by, days, &paper, &examining)?;
                let is_over = !crate::trading::listing::store::get(tx, &lot)?.0.state.is_under_way();
                Ok((lot, is_over))
            };
            db.write(Lane::Any, work).await.map_err(Error::from)
        }
    };
    match end {
        Ok((lot, is_over)) => {
            let desk = if is_over { "confirmation" } else { "enrolments" };
            Ok(html::done(&format!("/listings/{lot}/{desk}"), Tone::Good, "审查结果已保存，竞买人能看到。"))
        }
        Err(error) => {
            let page = async |form: FormState| {
                let layout = layout.titled("审查资格材料").under(UNDER).with_form(&form);
                let puts_out = form.error("decision").is_some() || !form.value("decision").is_empty();
                Ok(ExaminePage { layout, form, id, puts_out })
            };
            html::again(error, &fields, page).await
        }
    }
}

/// The two answers.
pub fn answers() -> Vec<(&'static str, &'static str)> {
    vec![("yes", "符合公告的条件，通过"), ("no", "不符合，或者材料不全，不通过")]
}
