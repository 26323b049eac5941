//! `/priority-rights/{right}/check`: the trading officer says whether a claim stands, from the file that the bidder's code opened.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Checking, RightId, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::Problem,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/priority-rights/{right}/check").route(web::post().to(check)));
}

const UNDER: &str = "/listings";

/// The form of a check again, without the file: that was shown for one look.
#[derive(Template)]
#[template(path = "trading/priority/pages/check.html")]
struct CheckPage {
    layout: Layout,
    form: FormState,
    id: RightId,
}

async fn check(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    id: Path<RightId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let proven = match fields.get("proven") {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Problem::field("proven", None, "请选择审核通过还是不通过")),
    };
    let end = match proven {
        Err(problem) => Err(Error::from(problem)),
        Ok(proven) => {
            let checking = Checking { proven, note: fields.get("note").to_owned() };
            let (by, right) = (allowed, id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| service::check(tx, &by, &right, &checking);
            db.write(Lane::Any, work).await.map_err(Error::from)
        }
    };
    match end {
        Ok((_, lot, _)) => {
            Ok(html::done(&format!("/listings/{lot}/enrolments"), Tone::Good, "审核结果已保存，竞买人能看到。"))
        }
        Err(error) => {
            let page = async |form: FormState| {
                let layout = layout.titled("审核优先权").under(UNDER).with_form(&form);
                Ok(CheckPage { layout, form, id })
            };
            html::again(error, &fields, page).await
        }
    }
}

/// The two answers.
pub fn answers() -> Vec<(&'static str, &'static str)> {
    vec![("yes", "证明属实，审核通过"), ("no", "证明不了，不通过")]
}
