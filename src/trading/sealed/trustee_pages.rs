//! `/trustees`: the township registers who keeps shares of keys.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    store::TrusteeId,
    trustees,
    view::{NewTrustee, Trustee},
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{Problem, codes::RegionCode},
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/trustees").route(web::get().to(list)).route(web::post().to(register)))
        .service(web::resource("/trustees/{trustee}/retire").route(web::post().to(retire)));
}

const PATH: &str = "/trustees";

#[derive(Template)]
#[template(path = "trading/sealed/pages/trustees.html")]
struct TrusteesPage {
    layout: Layout,
    form: FormState,
    trustees: Vec<Trustee>,
}

async fn page(
    allowed: &Allowed<may::KeepTrustees>,
    layout: Layout,
    db: &Db,
    form: FormState,
) -> Result<TrusteesPage, Error> {
    let allowed = allowed.clone();
    let trustees = db.read(move |rx| trustees::list_kept(rx, &allowed)).await?;
    let layout = layout.titled("密钥保管人").under(PATH).with_form(&form);
    Ok(TrusteesPage { layout, form, trustees })
}

async fn list(allowed: Allowed<may::KeepTrustees>, layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(&allowed, layout, &db, FormState::default()).await?))
}

async fn register(
    allowed: Allowed<may::KeepTrustees>,
    layout: Layout,
    db: Data<Db>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let typed = fields.get("region_code");
    let code = RegionCode::read(typed).map_err(|e| Problem::field("region_code", Some(typed), e.to_string()));
    let end = match code {
        Err(problem) => Err(problem.into()),
        Ok(region_code) => {
            let text = |name: &str| fields.get(name).to_owned();
            let new =
                NewTrustee { region_code, name: text("name"), office: text("office"), recipient: text("recipient") };
            let by = allowed.clone();
            db.write(Lane::Any, move |tx| trustees::register(tx, &by, &new)).await
        }
    };
    match end {
        Ok((trustee, _)) => {
            let text = format!("已登记保管人 {}。公钥公开满规定的时间后，可以用于新的暗标。", trustee.name);
            Ok(html::done(PATH, Tone::Good, &text))
        }
        Err(error) => html::again(error, &fields, async |form| page(&allowed, layout, &db, form).await).await,
    }
}

async fn retire(
    allowed: Allowed<may::KeepTrustees>,
    layout: Layout,
    db: Data<Db>,
    trustee: Path<TrusteeId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = trustee.into_inner();
    let (by, version) = (allowed.clone(), IfMatch::seen(fields.get("version").parse().ok()));
    let write = move |tx: &mut crate::db::Tx<'_>| trustees::retire(tx, &by, &id, |seen| version.check(seen));
    match db.write(Lane::Any, write).await {
        Ok((trustee, _)) => Ok(html::done(PATH, Tone::Good, &format!("{} 已卸任。", trustee.name))),
        Err(error) => {
            let form = FormState::default();
            html::again(error, form, async |form| page(&allowed, layout, &db, form).await).await
        }
    }
}
