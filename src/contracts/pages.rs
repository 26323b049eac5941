//! `/contracts`: the register, one contract, and bringing a list from a spreadsheet.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    ContractFacts, ContractFile, ContractFilter, ContractId, ContractImport, ContractView, Kind, State, roster, service,
};
use crate::{
    access::{Allowed, Scope, may},
    collectives,
    db::{Db, Lane, Rx},
    imports::Upload,
    kernel::{Id, PageRequest, Problem},
    log,
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Slip, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/contracts").route(web::get().to(list)))
        .service(web::resource("/contracts/imports").route(web::get().to(choose)).route(web::post().to(bring)))
        .service(web::resource("/contracts/imports/{id}").route(web::get().to(look)))
        .service(web::resource("/contracts/imports/{id}/faults.csv").route(web::get().to(faults)))
        .service(web::resource("/contracts/imports/{id}/confirm").route(web::post().to(confirm)))
        .service(web::resource("/contracts/{id}").route(web::get().to(one)))
        .configure(super::award_pages::routes);
}

const PATH: &str = "/contracts";

impl State {
    /// Never shown without its word.
    pub(super) const fn tone(&self) -> Tone {
        match self {
            State::Running => Tone::Good,
            State::Ended | State::Terminated => Tone::Quiet,
        }
    }
}

impl ContractFacts {
    fn term(&self) -> String {
        match self.ends_on {
            Some(end) => format!("{} 至 {end}", self.starts_on),
            None => format!("{} 起", self.starts_on),
        }
    }
    /// Money for a cell or a line, or what was agreed in its place; nothing where it is not on record.
    fn rent(&self) -> String {
        match (self.annual_rent, self.total) {
            (Some(rent), _) => format!("{} 元/年", rent.grouped()),
            (None, Some(total)) => format!("共 {} 元", total.grouped()),
            (None, None) if self.kind == Kind::Cooperation && self.quantity.is_some() => self.measure(),
            (None, None) => "—".to_owned(),
        }
    }
}

fn choices(rx: &mut Rx<'_>, scope: &Scope) -> crate::db::Result<Vec<(String, String)>> {
    Ok(collectives::list_all(rx, scope)?.into_iter().map(|c| (c.code.to_string(), c.name)).collect())
}

/// The form of the list: every field may be empty.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    collective: String,
    /// Those that end before this day.
    #[serde(default)]
    ends_before: String,
    after: Option<String>,
}

impl Wanted {
    fn filter(&self) -> ContractFilter {
        let text = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
        ContractFilter {
            collective: text(&self.collective),
            state: self.state.parse().ok(),
            q: text(&self.q),
            ends_before: self.ends_before.parse().ok(),
            ..ContractFilter::default()
        }
    }
    /// This list, from where `after` says.
    fn address(&self, after: Option<&str>) -> String {
        let mut pairs = vec![("q", self.q.as_str()), ("state", &self.state), ("collective", &self.collective)];
        pairs.extend([("ends_before", self.ends_before.as_str()), ("after", after.unwrap_or(""))]);
        html::address(PATH, pairs)
    }
}

#[derive(Template)]
#[template(path = "contracts/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    contracts: Vec<ContractView>,
    collectives: Vec<(String, String)>,
    states: Vec<(&'static str, &'static str)>,
    filtered: bool,
    first: String,
    next: String,
    may_keep: bool,
}

async fn list(
    allowed: Allowed<may::ReadContracts>,
    layout: Layout,
    db: Data<Db>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let (filter, today, may_keep) = (wanted.filter(), db.now().day(), allowed.actor.can::<may::KeepContracts>());
    let page = PageRequest { limit: None, after: wanted.after.clone() };
    let (found, collectives) = db
        .read(move |rx| {
            let found = service::list_contracts(rx, &allowed, &filter, &page, today)?;
            Ok((found, choices(rx, &allowed.scope)?))
        })
        .await?;
    let fields = [
        ("q", &wanted.q),
        ("state", &wanted.state),
        ("collective", &wanted.collective),
        ("ends_before", &wanted.ends_before),
    ];
    Ok(html::ok(&ListPage {
        layout: layout.titled("合同台账").under(PATH),
        form: FormState::new(fields.map(|(n, v)| (n, v.as_str()))),
        filtered: fields.iter().any(|(_, v)| !v.is_empty()),
        first: wanted.after.as_ref().map(|_| wanted.address(None)).unwrap_or_default(),
        next: found.next.map(|n| wanted.address(Some(&n))).unwrap_or_default(),
        contracts: found.items,
        collectives,
        states: State::ALL.iter().map(|s| (s.as_str(), s.label())).collect(),
        may_keep,
    }))
}

#[derive(Template)]
#[template(path = "contracts/pages/one.html")]
struct OnePage {
    layout: Layout,
    contract: ContractView,
    collective: String,
    slip: Option<Slip>,
}

async fn one(
    allowed: Allowed<may::ReadContracts>,
    layout: Layout,
    db: Data<Db>,
    id: Path<ContractId>,
) -> Result<HttpResponse, Error> {
    let today = db.now().day();
    let (contract, collective, record) = db
        .read(move |rx| {
            let contract = service::get_contract(rx, &allowed, &id, today)?;
            let collective = collectives::get_named(rx, &allowed.scope, &contract.collective_code)?.name;
            let record = log::newest(rx, "contract", &contract.id, &[])?;
            Ok((contract, collective, record))
        })
        .await?;
    let layout = layout.titled(contract.facts.name.clone()).under(PATH);
    let slip = record.map(|record| Slip::of(&layout, &record)).transpose()?;
    Ok(html::ok(&OnePage { layout, contract, collective, slip }))
}

#[derive(Template)]
#[template(path = "contracts/pages/import.html")]
struct ChoosePage {
    layout: Layout,
    form: FormState,
    collectives: Vec<(String, String)>,
    /// Title, other names and whether it must be there, of each column.
    columns: Vec<(&'static str, String, bool)>,
}

impl ChoosePage {
    async fn load(
        allowed: Allowed<may::KeepContracts>,
        layout: Layout,
        db: &Db,
        form: FormState,
    ) -> Result<ChoosePage, Error> {
        let collectives = db.read(move |rx| choices(rx, &allowed.scope)).await?;
        let columns = roster::COLUMNS.iter().map(|c| (c.title, c.synonyms.join("、"), c.required)).collect();
        let layout = layout.titled("从表格导入合同").under(PATH).with_form(&form);
        Ok(ChoosePage { layout, form, collectives, columns })
    }
}

async fn choose(allowed: Allowed<may::KeepContracts>, layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    let form = FormState::new([("collective_code", allowed.actor.home.clone())]);
    Ok(html::ok(&ChoosePage::load(allowed, layout, &db, form).await?))
}

async fn bring(
    allowed: Allowed<may::KeepContracts>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    upload: MultipartFile,
) -> Result<HttpResponse, Error> {
    let chosen = upload.get("collective_code");
    let collective_code = if chosen.is_empty() { allowed.actor.home.clone() } else { chosen.to_owned() };
    let form = FormState::new([("collective_code", collective_code.clone())]);
    let end = if upload.bytes.is_empty() {
        Err(Problem::field("file", None, "请选择一个 xlsx 或 csv 文件").into())
    } else {
        let file = ContractFile { collective_code, name: upload.file_name, bytes: upload.bytes };
        let by = allowed.clone();
        db.write(Lane::Any, move |tx| service::stage_import(tx, &vault, &by, &file)).await.map_err(Error::from)
    };
    match end {
        Ok(id) => Ok(html::see_other(&format!("{PATH}/imports/{id}"))),
        Err(error) => {
            let problem = html::beside("file", html::refusal(error)?);
            html::again(problem, form, async |form| ChoosePage::load(allowed, layout, &db, form).await).await
        }
    }
}

#[derive(Template)]
#[template(path = "contracts/pages/preview.html")]
struct PreviewPage {
    layout: Layout,
    preview: ContractImport,
}

async fn look(
    allowed: Allowed<may::KeepContracts>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
) -> Result<HttpResponse, Error> {
    let today = db.now().day();
    let preview = db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id, today)).await?;
    Ok(html::ok(&PreviewPage { layout: layout.titled("核对导入内容").under(PATH), preview }))
}

async fn faults(
    allowed: Allowed<may::KeepContracts>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
) -> Result<HttpResponse, Error> {
    let today = db.now().day();
    let preview = db.read(move |rx| service::preview_import(rx, &vault, &allowed, &id, today)).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", "attachment; filename=\"contract-faults.csv\""))
        .body(preview.report.to_csv()))
}

async fn confirm(
    allowed: Allowed<may::KeepContracts>,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Upload>>,
    _form: FormFields,
) -> Result<HttpResponse, Error> {
    let (written, _) = db.write(Lane::Any, move |tx| service::confirm_import(tx, &vault, &allowed, &id)).await?;
    Ok(html::done(PATH, Tone::Good, &format!("已导入 {} 份合同。", written.count)))
}
