//! `/parcels/imports`: bringing a survey, looking at what it would write, confirming.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    SurveyFile, SurveyPreview,
    geojson::Crs,
    pages::{PATH, choices},
    service,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    imports::Upload,
    kernel::{Id, Problem},
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/parcels/imports").route(web::get().to(choose)).route(web::post().to(bring)))
        .service(web::resource("/parcels/imports/{id}").route(web::get().to(look)))
        .service(web::resource("/parcels/imports/{id}/faults.csv").route(web::get().to(faults)))
        .service(web::resource("/parcels/imports/{id}/confirm").route(web::post().to(confirm)));
}

#[derive(Template)]
#[template(path = "homesteads/pages/import.html")]
struct ChoosePage {
    layout: Layout,
    form: FormState,
    collectives: Vec<(String, String)>,
    systems: Vec<(&'static str, &'static str)>,
}

impl ChoosePage {
    async fn load(
        allowed: Allowed<may::KeepHomesteads>,
        layout: Layout,
        db: &Db,
        form: FormState,
    ) -> Result<ChoosePage, Error> {
        let collectives = db.read(move |rx| choices(rx, &allowed.scope)).await?;
        let systems = Crs::ALL.iter().map(|c| (c.as_str(), c.label())).collect();
        let layout = layout.titled("导入测量成果").under(PATH).with_form(&form);
        Ok(ChoosePage { layout, form, collectives, systems })
    }
}

async fn choose(allowed: Allowed<may::KeepHomesteads>, layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    let form = FormState::new([("collective_code", allowed.actor.home.clone())]);
    Ok(html::ok(&ChoosePage::load(allowed, layout, &db, form).await?))
}

async fn bring(
    allowed: Allowed<may::KeepHomesteads>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    upload: MultipartFile,
) -> Result<HttpResponse, Error> {
    let chosen = upload.get("collective_code");
    let collective_code = if chosen.is_empty() { allowed.actor.home.clone() } else { chosen.to_owned() };
    let form = FormState::new([("collective_code", collective_code.as_str()), ("crs", upload.get("crs"))]);
    let end = if upload.bytes.is_empty() {
        Err(Problem::field("file", None, "请选择一个 GeoJSON 文件").into())
    } else {
        let crs = upload.get("crs").parse().ok();
        let file = SurveyFile { collective_code, name: upload.file_name, crs, bytes: upload.bytes };
        let by = allowed.clone();
        db.write(Lane::Any, move |tx| service::stage_import(tx, &vault, &by, &file)).await.map_err(Error::from)
    };
    match end {
        Ok(id) => Ok(html::see_other(&format!("{PATH}/imports/{id}"))),
        Err(error) => {
            let mut problem = html::refusal(error)?;
            // What is wrong with the geometry is wrong with the file.
            if problem.fields.iter().all(|f| f.field() == "geometry") {
                problem.fields = Problem::field("file", None, problem.detail.clone()).fields;
            }
            html::again(problem, form, async |form| ChoosePage::load(allowed, layout, &db, form).await).await
        }
    }
}

#[derive(Template)]
#[template(path = "homesteads/pages/preview.html")]
struct PreviewPage {
    layout: Layout,
    preview: SurveyPreview,
}

async fn look(
    allowed: Allowed<may::KeepHomesteads>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
) -> Result<HttpResponse, Error> {
    let preview = db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id)).await?;
    Ok(html::ok(&PreviewPage { layout: layout.titled("核对测量成果").under(PATH), preview }))
}

async fn faults(
    allowed: Allowed<may::KeepHomesteads>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
) -> Result<HttpResponse, Error> {
    let preview = db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id)).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", "attachment; filename=\"parcel-faults.csv\""))
        .body(preview.report.to_csv()))
}

async fn confirm(
    allowed: Allowed<may::KeepHomesteads>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
    _form: FormFields,
) -> Result<HttpResponse, Error> {
    let (imported, _) = db.write(Lane::Any, move |tx| service::confirm_import(tx, &vault, &allowed, &id)).await?;
    Ok(html::done(PATH, Tone::Good, &format!("已导入 {} 宗宅基地。", imported.count)))
}
