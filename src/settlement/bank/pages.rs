//! `/money/bank`: how bank and books stand; bringing a statement; ticking off what belongs together.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    model::{Match, Proposal, Reconciliation, StatementFile, StatementImport},
    roster, service,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    imports::Upload,
    kernel::{Fen, Id, Problem},
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/money/bank").route(web::get().to(stand)).route(web::post().to(tick)))
        .service(web::resource("/money/statements/imports").route(web::get().to(choose)).route(web::post().to(bring)))
        .service(web::resource("/money/statements/imports/{id}").route(web::get().to(look)))
        .service(web::resource("/money/statements/imports/{id}/faults.csv").route(web::get().to(faults)))
        .service(web::resource("/money/statements/imports/{id}/confirm").route(web::post().to(confirm)));
}

const UNDER: &str = "/money";
const PATH: &str = "/money/bank";
const IMPORTS: &str = "/money/statements/imports";

impl Proposal {
    fn total(&self) -> Fen {
        Fen::checked_sum(self.lines.iter().map(|line| line.amount)).unwrap_or_default()
    }
    fn line_ids(&self) -> String {
        self.lines.iter().map(|line| line.id.as_str()).collect::<Vec<_>>().join(" ")
    }
    fn booked_ids(&self) -> String {
        self.booked.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Template)]
#[template(path = "settlement/bank/pages/stand.html")]
struct StandPage {
    layout: Layout,
    form: FormState,
    stand: Reconciliation,
}

impl StandPage {
    async fn load(
        allowed: Allowed<may::PrepareMoney>,
        layout: Layout,
        db: &Db,
        form: FormState,
    ) -> Result<StandPage, Error> {
        let stand = db.read(move |rx| service::reconcile(rx, &allowed)).await?;
        Ok(StandPage { layout: layout.titled("银行对账").under(UNDER).with_form(&form), form, stand })
    }
}

async fn stand(allowed: Allowed<may::PrepareMoney>, layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    Ok(html::ok(&StandPage::load(allowed, layout, &db, FormState::default()).await?))
}

/// Of a proposal, or of what an officer picked: identifiers with blanks between them.
async fn tick(
    allowed: Allowed<may::PrepareMoney>,
    layout: Layout,
    db: Data<Db>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let list = |name: &str| fields.get(name).split_whitespace().map(str::to_owned).collect();
    let wanted = Match { lines: list("lines"), booked: list("booked") };
    let by = allowed.clone();
    match db.write(Lane::Any, move |tx| service::tick(tx, &by, &wanted)).await.map_err(Error::from) {
        Ok(_) => Ok(html::done(PATH, Tone::Good, "已勾对。")),
        Err(error) => html::again(error, &fields, async |form| StandPage::load(allowed, layout, &db, form).await).await,
    }
}

#[derive(Template)]
#[template(path = "settlement/bank/pages/import.html")]
struct ChoosePage {
    layout: Layout,
    form: FormState,
    /// Title, other names and whether it must be there, of each column.
    columns: Vec<(&'static str, String, bool)>,
}

impl ChoosePage {
    fn new(layout: Layout, form: FormState) -> ChoosePage {
        let columns = roster::COLUMNS.iter().map(|c| (c.title, c.synonyms.join("、"), c.required)).collect();
        ChoosePage { layout: layout.titled("导入银行对账单").under(UNDER).with_form(&form), form, columns }
    }
}

async fn choose(_allowed: Allowed<may::PrepareMoney>, layout: Layout) -> Result<HttpResponse, Error> {
    Ok(html::ok(&ChoosePage::new(layout, FormState::default())))
}

async fn bring(
    allowed: Allowed<may::PrepareMoney>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    upload: MultipartFile,
) -> Result<HttpResponse, Error> {
    let (opening, closing) = (upload.get("opening").to_owned(), upload.get("closing").to_owned());
    let form = FormState::new([("opening", opening.clone()), ("closing", closing.clone())]);
    let end = if upload.bytes.is_empty() {
        Err(Problem::field("file", None, "请选择一个 xlsx 或 csv 文件").into())
    } else {
        let file = StatementFile { name: upload.file_name, opening, closing, bytes: upload.bytes };
        db.write(Lane::Any, move |tx| service::stage(tx, &vault, &allowed, &file)).await.map_err(Error::from)
    };
    match end {
        Ok(id) => Ok(html::see_other(&format!("{IMPORTS}/{id}"))),
        Err(error) => {
            let problem = html::beside("file", html::refusal(error)?);
            html::again(problem, form, async |form| Ok(ChoosePage::new(layout, form))).await
        }
    }
}

#[derive(Template)]
#[template(path = "settlement/bank/pages/preview.html")]
struct PreviewPage {
    layout: Layout,
    preview: StatementImport,
}

async fn look(
    allowed: Allowed<may::PrepareMoney>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
) -> Result<HttpResponse, Error> {
    let preview = db.read(move |rx| service::preview(rx, &vault, &allowed, &id)).await?;
    Ok(html::ok(&PreviewPage { layout: layout.titled("核对对账单").under(UNDER), preview }))
}

async fn faults(
    allowed: Allowed<may::PrepareMoney>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
) -> Result<HttpResponse, Error> {
    let preview = db.read(move |rx| service::preview(rx, &vault, &allowed, &id)).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", "attachment; filename=\"statement-faults.csv\""))
        .body(preview.report.to_csv()))
}

async fn confirm(
    allowed: Allowed<may::PrepareMoney>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
    _form: FormFields,
) -> Result<HttpResponse, Error> {
    let (written, _) = db.write(Lane::Any, move |tx| service::confirm(tx, &vault, &allowed, &id)).await?;
    let text = format!("已导入 {} 笔流水，另有 {} 笔以前导入过，没有重复。", written.new, written.known);
    Ok(html::done(PATH, Tone::Good, &text))
}
