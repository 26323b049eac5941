//! `/listings/{lot}/break-glass`: the township's officer looks at everybody of a lot before its end.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Breaking, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::error::NOT_FOUND,
    trading::{enrolment::Enrolment, listing::LotId, lots},
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    let address = web::resource("/listings/{lot}/break-glass").route(web::get().to(ask)).route(web::post().to(look));
    config.service(address);
}

#[derive(Template)]
#[template(path = "trading/looks/pages/break_glass.html")]
struct GlassPage {
    layout: Layout,
    form: FormState,
    lot: LotId,
    title: String,
    /// Once it is broken.
    seen: Option<Vec<Enrolment>>,
}

async fn page(
    allowed: &Allowed<may::BreakGlass>,
    layout: Layout,
    db: &Db,
    lot: LotId,
    form: FormState,
    seen: Option<Vec<Enrolment>>,
) -> Result<GlassPage, Error> {
    let (scope, id) = (allowed.scope.clone(), lot.clone());
    let title = db.read(move |rx| Ok(lots::find_title(rx, &scope, &id)?.ok_or(&NOT_FOUND)?)).await?;
    let layout = layout.titled("紧急查看竞买人").under("/listings").with_form(&form);
    Ok(GlassPage { layout, form, lot, title, seen })
}

async fn ask(
    allowed: Allowed<may::BreakGlass>,
    layout: Layout,
    db: Data<Db>,
    lot: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(&allowed, layout, &db, lot.into_inner(), FormState::default(), None).await?))
}

async fn look(
    allowed: Allowed<may::BreakGlass>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    lot: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let breaking = Breaking { reason: fields.get("reason").to_owned() };
    let (by, id) = (allowed.clone(), lot.clone());
    let work = move |tx: &mut crate::db::Tx<'_>| service::break_glass(tx, &by, &vault, &id, &breaking);
    match db.write(Lane::of("lot", &lot), work).await {
        Ok((seen, _)) => Ok(html::ok(&page(&allowed, layout, &db, lot, FormState::default(), Some(seen)).await?)),
        Err(error) => {
            let problem = html::refusal(error)?;
            let form = FormState::from(&fields).with_problem(&problem);
            Ok(html::refused(&problem, &page(&allowed, layout, &db, lot, form, None).await?))
        }
    }
}
