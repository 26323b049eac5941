//! `/merit-claims/{claim}/examination`: the trading officer says whether a claim stands, from the file that the bidder's code opened.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{ClaimId, Examining, service};
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
    config.service(web::resource("/merit-claims/{claim}/examination").route(web::post().to(examine)));
}

const UNDER: &str = "/listings";

/// The form of an examination again, without the file: that was shown for one look.
#[derive(Template)]
#[template(path = "trading/merits/pages/examine.html")]
struct ExaminePage {
    layout: Layout,
    form: FormState,
    id: ClaimId,
}

async fn examine(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    id: Path<ClaimId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let granted = match fields.get("granted") {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Problem::field("granted", None, "请选择审核通过还是不通过")),
    };
    let end = match granted {
        Err(problem) => Err(Error::from(problem)),
        Ok(granted) => {
            let examining = Examining { granted, note: fields.get("note").to_owned() };
            let (by, claim) = (allowed, id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| service::examine(tx, &by, &claim, &examining);
            db.write(Lane::Any, work).await.map_err(Error::from)
        }
    };
    match end {
        Ok((_, lot, _)) => {
            Ok(html::done(&format!("/listings/{lot}/enrolments"), Tone::Good, "审核结果已保存，竞买人能看到。"))
        }
        Err(error) => {
            let page = async |form: FormState| {
                let layout = layout.titled("审核加分").under(UNDER).with_form(&form);
                Ok(ExaminePage { layout, form, id })
            };
            html::again(error, &fields, page).await
        }
    }
}

/// The two answers.
pub fn answers() -> Vec<(&'static str, &'static str)> {
    vec![("yes", "材料属实，给这项加分"), ("no", "证明不了，按不加分的选项算")]
}
