//! `/members/imports`: bringing a roster, looking at what it would write, confirming.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    Ground, ImportPreview, RosterFile,
    pages::{PATH, choices},
    roster, uploads,
};
use crate::{
    access::{Allowed, may},
    db::Db,
    imports::Upload,
    kernel::{Id, Problem},
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone},
        upload::MultipartFile,
    },
};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/members/imports").route(web::get().to(choose)).route(web::post().to(bring)))
        .service(web::resource("/members/imports/{id}").route(web::get().to(look)))
        .service(web::resource("/members/imports/{id}/faults.csv").route(web::get().to(faults)))
        .service(web::resource("/members/imports/{id}/confirm").route(web::post().to(confirm)));
}

#[derive(Template)]
#[template(path = "members/pages/import.html")]
struct ChoosePage {
    layout: Layout,
    form: FormState,
    collectives: Vec<(String, String)>,
    grounds: Vec<(&'static str, &'static str)>,
    /// Title and other names of each column, and whether it must be there.
    columns: Vec<(&'static str, String, bool)>,
}

impl ChoosePage {
    async fn load(
        allowed: Allowed<may::KeepMembers>,
        layout: Layout,
        db: &Db,
        form: FormState,
    ) -> Result<ChoosePage, Error> {
        let collectives = db.read(move |rx| choices(rx, &allowed.scope)).await?;
        let layout = layout.titled("从表格导入成员").under(PATH).with_form(&form);
        let grounds = Ground::ALL.iter().map(|g| (g.as_str(), g.label())).collect();
        let columns = roster::COLUMNS.iter().map(|c| (c.title, c.synonyms.join("、"), c.required)).collect();
        Ok(ChoosePage { layout, form, collectives, grounds, columns })
    }
}

async fn choose(allowed: Allowed<may::KeepMembers>, layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    let form =
        FormState::new([("collective_code", allowed.actor.home.clone()), ("ground", Ground::Reform.to_string())]);
    Ok(html::ok(&ChoosePage::load(allowed, layout, &db, form).await?))
}

async fn bring(
    allowed: Allowed<may::KeepMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    brought: MultipartFile,
) -> Result<HttpResponse, Error> {
    let text = |name: &str| brought.get(name).to_owned();
    let chosen = Some(text("collective_code")).filter(|c| !c.is_empty());
    let file = RosterFile {
        collective_code: chosen.unwrap_or_else(|| allowed.actor.home.clone()),
        name: brought.file_name.clone(),
        ground: text("ground"),
        basis: text("basis"),
        acquired_on: text("acquired_on"),
        bytes: brought.bytes,
    };
    let form = FormState::new([
        ("collective_code", file.collective_code.clone()),
        ("ground", file.ground.clone()),
        ("basis", file.basis.clone()),
        ("acquired_on", file.acquired_on.clone()),
    ]);
    let end = if file.bytes.is_empty() {
        Err(Problem::field("file", None, "请选择一个 xlsx 或 csv 文件").into())
    } else {
        uploads::upload(&db, &vault, &allowed, file).await.map_err(Error::from)
    };
    match end {
        Ok(preview) => Ok(html::see_other(&format!("{PATH}/imports/{}", preview.id))),
        Err(error) => {
            let problem = html::beside("file", html::refusal(error)?);
            html::again(problem, form, async |form| ChoosePage::load(allowed, layout, &db, form).await).await
        }
    }
}

#[derive(Template)]
#[template(path = "members/pages/preview.html")]
struct PreviewPage {
    layout: Layout,
    preview: ImportPreview,
}

async fn look(
    allowed: Allowed<may::KeepMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
) -> Result<HttpResponse, Error> {
    let preview = uploads::preview_upload(&db, &vault, &allowed, &id).await?;
    Ok(html::ok(&PreviewPage { layout: layout.titled("核对导入内容").under(PATH), preview }))
}

async fn faults(
    allowed: Allowed<may::KeepMembers>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
) -> Result<HttpResponse, Error> {
    let preview = uploads::preview_upload(&db, &vault, &allowed, &id).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", "attachment; filename=\"member-faults.csv\""))
        .body(preview.report.to_csv()))
}

async fn confirm(
    allowed: Allowed<may::KeepMembers>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
    _form: FormFields,
) -> Result<HttpResponse, Error> {
    let (summary, _) = uploads::confirm(&db, &vault, &allowed, &id).await?;
    Ok(html::done(PATH, Tone::Good, &format!("已导入 {} 名成员、{} 户。", summary.members, summary.households)))
}
