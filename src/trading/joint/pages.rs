//! `/lots/{lot}/joint`: a partner agrees with the code of the lead, and reads what was agreed to.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Agreed, Agreement, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    trading::{
        enrolment,
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/lots/{lot}/joint").route(web::get().to(ask)).route(web::post().to(agree)));
}

#[derive(Template)]
#[template(path = "trading/joint/pages/agree.html")]
struct AgreePage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    own: Option<Agreed>,
    declaration: &'static str,
}

async fn page(
    allowed: &Allowed<may::Bid>,
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    id: LotId,
    form: FormState,
) -> Result<AgreePage, Error> {
    let (by, now) = (allowed.clone(), db.now());
    let (lot, own) = db
        .read(move |rx| Ok((lots::get(rx, Viewer::Public, &calendar, &id, now)?, service::own(rx, &by, &id)?)))
        .await?;
    let layout = layout.titled("联合竞买：我同意").under(lots::pages::PATH).with_form(&form);
    Ok(AgreePage { layout, form, lot, own, declaration: enrolment::DECLARATION_TEXT })
}

async fn ask(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(&allowed, layout, &db, calendar, id.into_inner(), FormState::default()).await?))
}

async fn agree(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    vault: Data<Vault>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let agreement = Agreement {
        code: fields.get("code").to_owned(),
        id_tail: fields.get("id_tail").to_owned(),
        accepts_terms: fields.ticked("accepts_terms"),
        declares_no_conflict: fields.ticked("declares_no_conflict"),
    };
    let (by, lot) = (allowed.clone(), id.clone());
    let work = move |tx: &mut crate::db::Tx<'_>| service::agree(tx, &by, &vault, &lot, &agreement);
    match db.write(Lane::of("lot", &id), work).await {
        Ok(_) => Ok(html::done(&format!("/lots/{id}/joint"), Tone::Good, "您已同意联合竞买。")),
        Err(error) => {
            html::again(error, &fields, async |form| page(&allowed, layout, &db, calendar, id, form).await).await
        }
    }
}
