//! `/assets`: the ledger with its sums, one asset with its photo, registering and changing. Imports: `import_pages`.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{AssetFacts, AssetFilter, AssetId, AssetView, Class, Kind, State, Totals, import_pages, service};
use crate::{
    access::{Allowed, Scope, may},
    collectives::{self, Collective},
    db::{Db, Lane, Rx},
    documents::{self, NewDocument, Visibility},
    kernel::{
        FieldError, PageRequest, Problem,
        text::{AreaUnit, read_area, read_yuan},
    },
    vault::Vault,
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.configure(import_pages::routes);
    config
        .service(web::resource("/assets").route(web::get().to(list)).route(web::post().to(register)))
        .service(web::resource("/assets/new").route(web::get().to(new)))
        .service(web::resource("/assets/{id}").route(web::get().to(one)).route(web::post().to(change)))
        .service(web::resource("/assets/{id}/edit").route(web::get().to(edit)))
        .service(web::resource("/assets/{id}/photo").route(web::post().to(photo)));
}

pub(super) const PATH: &str = "/assets";

/// The words and labels of a closed list, for a choice.
type Choices = Vec<(&'static str, &'static str)>;

fn kinds() -> Choices {
    Kind::ALL.iter().map(|k| (k.as_str(), k.label())).collect()
}
fn classes() -> Choices {
    Class::ALL.iter().map(|c| (c.as_str(), c.label())).collect()
}
fn states() -> Choices {
    State::ALL.iter().map(|s| (s.as_str(), s.label())).collect()
}

impl State {
    /// Never shown without its word.
    pub(super) const fn tone(&self) -> Tone {
        match self {
            State::SelfUsed | State::Leased => Tone::Good,
            State::Lent => Tone::Info,
            State::Idle => Tone::Warn,
            State::Occupied => Tone::Bad,
            State::Disposed => Tone::Quiet,
        }
    }
}

impl AssetFacts {
    /// Area, quantity, or both, for a table's cell.
    pub(super) fn measure(&self) -> String {
        let area = self.area.map(filters::area_text);
        let pieces = self.quantity.map(|n| format!("{n} {}", self.unit.as_deref().unwrap_or("件")));
        [area, pieces].into_iter().flatten().collect::<Vec<_>>().join("，")
    }
}

/// The collectives of a scope by code and name: for choices, and for names in lists.
pub(super) fn choices(rx: &mut Rx<'_>, scope: &Scope) -> crate::db::Result<Vec<(String, String)>> {
    let named = |c: Collective| (c.code.to_string(), c.name);
    Ok(collectives::list_all(rx, scope)?.into_iter().map(named).collect())
}

/// The form of the list: every field may be empty.
#[derive(Debug, Clone, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    collective: String,
    after: Option<String>,
}

impl Wanted {
    fn filter(&self) -> AssetFilter {
        let text = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
        AssetFilter {
            collective: text(&self.collective),
            kind: self.kind.parse().ok(),
            class: self.class.parse().ok(),
            state: self.state.parse().ok(),
            q: text(&self.q),
        }
    }
    fn form(&self) -> FormState {
        let fields = [("q", &self.q), ("kind", &self.kind), ("class", &self.class), ("state", &self.state)];
        FormState::new(fields.into_iter().chain([("collective", &self.collective)]).map(|(n, v)| (n, v.as_str())))
    }
    /// The address of this list, from another place on.
    fn address(&self, after: Option<&str>) -> String {
        let fields = [
            ("q", self.q.as_str()),
            ("kind", &self.kind),
            ("class", &self.class),
            ("state", &self.state),
            ("collective", &self.collective),
            ("after", after.unwrap_or("")),
        ];
        html::address(PATH, fields)
    }
}

#[derive(Template)]
#[template(path = "assets/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    assets: Vec<AssetView>,
    totals: Totals,
    collectives: Vec<(String, String)>,
    kinds: Choices,
    classes: Choices,
    states: Choices,
    filtered: bool,
    first: String,
    next: String,
    may_keep: bool,
}

impl ListPage {
    fn name_of<'a>(&'a self, code: &'a str) -> &'a str {
        self.collectives.iter().find(|(c, _)| c == code).map_or(code, |(_, name)| name)
    }
}

async fn list(
    allowed: Allowed<may::ReadAssets>,
    layout: Layout,
    db: Data<Db>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let wanted = wanted.into_inner();
    let (filter, page) = (wanted.filter(), PageRequest { limit: None, after: wanted.after.clone() });
    let may_keep = allowed.actor.can::<may::KeepAssets>();
    let (assets, totals, collectives) = db
        .read(move |rx| {
            let totals = service::totals(rx, &allowed, filter.collective.as_deref())?;
            let assets = service::list_assets(rx, &allowed, &filter, &page)?;
            Ok((assets, totals, choices(rx, &allowed.scope)?))
        })
        .await?;
    let filter = wanted.filter();
    Ok(html::ok(&ListPage {
        layout: layout.titled("资产台账").under(PATH),
        form: wanted.form(),
        assets: assets.items,
        totals,
        collectives,
        kinds: kinds(),
        classes: classes(),
        states: states(),
        filtered: filter.q.is_some()
            || filter.kind.is_some()
            || filter.class.is_some()
            || filter.state.is_some()
            || filter.collective.is_some(),
        first: wanted.after.as_ref().map(|_| wanted.address(None)).unwrap_or_default(),
        next: assets.next.map(|next| wanted.address(Some(&next))).unwrap_or_default(),
        may_keep,
    }))
}

#[derive(Template)]
#[template(path = "assets/pages/one.html")]
struct OnePage {
    layout: Layout,
    form: FormState,
    asset: AssetView,
    collective: String,
    may_keep: bool,
    may_offer: bool,
    may_see_photo: bool,
}

impl OnePage {
    async fn load(
        allowed: Allowed<may::ReadAssets>,
        layout: Layout,
        db: &Db,
        id: AssetId,
        form: FormState,
    ) -> Result<OnePage, Error> {
        let may_keep = allowed.actor.can::<may::KeepAssets>();
        let may_offer = allowed.actor.can::<may::DraftListings>();
        let may_see_photo = allowed.actor.can::<may::ReadDocuments>();
        let (asset, collective) = db
            .read(move |rx| {
                let asset = service::get_asset(rx, &allowed, &id)?;
                let collective = collectives::get_named(rx, &allowed.scope, &asset.collective_code)?;
                Ok((asset, collective.name))
            })
            .await?;
        let layout = layout.titled(asset.facts.name.clone()).under(PATH).with_form(&form);
        let may_offer = may_offer && asset.facts.state != State::Disposed;
        Ok(OnePage { layout, form, asset, collective, may_keep, may_offer, may_see_photo })
    }
}

async fn one(
    allowed: Allowed<may::ReadAssets>,
    layout: Layout,
    db: Data<Db>,
    id: Path<AssetId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&OnePage::load(allowed, layout, &db, id.into_inner(), FormState::default()).await?))
}

#[derive(Template)]
#[template(path = "assets/pages/form.html")]
struct FormPage {
    layout: Layout,
    form: FormState,
    action: String,
    back: String,
    /// Empty while registering.
    version: String,
    /// Choices while registering.
    collectives: Vec<(String, String)>,
    kinds: Choices,
    classes: Choices,
    states: Choices,
}

impl FormPage {
    fn new(layout: Layout, form: FormState, title: &str, action: String, version: &str) -> FormPage {
        FormPage {
            layout: layout.titled(title).under(PATH).with_form(&form),
            form,
            back: action.clone(),
            action,
            version: version.to_owned(),
            collectives: Vec::new(),
            kinds: kinds(),
            classes: classes(),
            states: states(),
        }
    }
    fn changing(layout: Layout, form: FormState, id: &AssetId, version: &str) -> FormPage {
        FormPage::new(layout, form, "修改资产", format!("{PATH}/{id}"), version)
    }
    async fn registering(
        allowed: Allowed<may::KeepAssets>,
        layout: Layout,
        db: &Db,
        form: FormState,
    ) -> Result<FormPage, Error> {
        let collectives = db.read(move |rx| choices(rx, &allowed.scope)).await?;
        Ok(FormPage { collectives, ..FormPage::new(layout, form, "登记资产", PATH.to_owned(), "") })
    }
}

async fn new(allowed: Allowed<may::KeepAssets>, layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    let form = FormState::new([("collective_code", allowed.actor.home.clone())]);
    Ok(html::ok(&FormPage::registering(allowed, layout, &db, form).await?))
}

async fn edit(
    allowed: Allowed<may::KeepAssets>,
    layout: Layout,
    db: Data<Db>,
    id: Path<AssetId>,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let wanted = id.clone();
    let asset = db.read(move |rx| service::get_asset(rx, &allowed.actor.prove()?, &wanted)).await?;
    let f = asset.facts;
    let money = |m: Option<crate::kernel::Fen>| m.map(|m| m.to_string()).unwrap_or_default();
    let form = FormState::new([
        ("code", f.code.unwrap_or_default()),
        ("name", f.name),
        ("kind", f.kind.to_string()),
        ("class", f.class.to_string()),
        ("area", f.area.map(|a| a.to_string()).unwrap_or_default()),
        ("quantity", f.quantity.map(|n| n.to_string()).unwrap_or_default()),
        ("unit", f.unit.unwrap_or_default()),
        ("location", f.location),
        ("original_value", money(f.original_value)),
        ("net_value", money(f.net_value)),
        ("quantified", f.quantified.to_string()),
        ("state", f.state.to_string()),
        ("photo", f.photo.unwrap_or_default()),
        ("note", f.note),
    ]);
    Ok(html::ok(&FormPage::changing(layout, form, &id, &asset.version.to_string())))
}

/// What was typed, in any usual spelling.
fn typed(fields: &FormFields) -> Result<AssetFacts, Problem> {
    let mut faults = Vec::new();
    let word = |field: &str, what: &str| {
        let text = fields.get(field);
        let detail = format!("请选择{what}");
        (!text.is_empty()).then_some(text).ok_or_else(|| FieldError::new(field, None, detail))
    };
    let kind =
        word("kind", "资产性质").and_then(|t| t.parse().map_err(|e: String| FieldError::new("kind", Some(t), e)));
    let class =
        word("class", "资产类别").and_then(|t| t.parse().map_err(|e: String| FieldError::new("class", Some(t), e)));
    let state =
        word("state", "使用状况").and_then(|t| t.parse().map_err(|e: String| FieldError::new("state", Some(t), e)));
    let mut money = |field: &str| {
        let typed = fields.filled(field)?;
        read_yuan(typed).map_err(|e| faults.push(FieldError::new(field, Some(typed), e.to_string()))).ok()
    };
    let (original_value, net_value, quantified) = (money("original_value"), money("net_value"), money("quantified"));
    let area = fields.filled("area").and_then(|typed| {
        let read = read_area(typed, AreaUnit::SquareMetre);
        read.map_err(|e| faults.push(FieldError::new("area", Some(typed), e.to_string()))).ok()
    });
    let quantity = fields.filled("quantity").and_then(|typed| {
        let read = crate::kernel::text::half_width(typed).parse();
        read.map_err(|_| faults.push(FieldError::new("quantity", Some(typed), "数量应是整数，例如 3"))).ok()
    });
    let text = |field: &str| fields.filled(field).map(str::to_owned);
    match (kind, class, state) {
        (Ok(kind), Ok(class), Ok(state)) if faults.is_empty() => Ok(AssetFacts {
            code: text("code"),
            name: fields.get("name").to_owned(),
            kind,
            class,
            area,
            quantity,
            unit: text("unit"),
            location: fields.get("location").to_owned(),
            original_value,
            net_value,
            quantified: quantified.unwrap_or_default(),
            state,
            photo: text("photo"),
            note: fields.get("note").to_owned(),
        }),
        (kind, class, state) => {
            let choices = [kind.err(), class.err(), state.err()].into_iter().flatten();
            Err(Problem::fields(choices.chain(faults).collect()))
        }
    }
}

async fn register(
    allowed: Allowed<may::KeepAssets>,
    layout: Layout,
    db: Data<Db>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let code = fields.filled("collective_code").unwrap_or(&allowed.actor.home).to_owned();
    let by = allowed.clone();
    let end = match typed(&fields) {
        Ok(facts) => db
            .write(Lane::Any, move |tx| service::create_asset(tx, &by, &code, facts.clone()))
            .await
            .map_err(Error::from),
        Err(problem) => Err(problem.into()),
    };
    match end {
        Ok((asset, _)) => Ok(html::done(&format!("{PATH}/{}", asset.id), Tone::Good, "已登记。")),
        Err(error) => {
            html::again(error, &fields, async |form| FormPage::registering(allowed, layout, &db, form).await).await
        }
    }
}

async fn change(
    allowed: Allowed<may::KeepAssets>,
    layout: Layout,
    db: Data<Db>,
    id: Path<AssetId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let end = match typed(&fields) {
        Ok(facts) => {
            let (lane, id) = (Lane::of("asset", &id), id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| {
                service::change_asset(tx, &allowed, &id, |v| seen.check(v), facts.clone())
            };
            db.write(lane, work).await.map_err(Error::from)
        }
        Err(problem) => Err(problem.into()),
    };
    match end {
        Ok(_) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已保存修改。")),
        Err(error) => {
            html::again(error, &fields, async |form| Ok(FormPage::changing(layout, form, &id, fields.get("version"))))
                .await
        }
    }
}

/// Keeps the picture and makes it the asset's photo, in one transaction.
async fn photo(
    allowed: Allowed<may::KeepAssets>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<AssetId>,
    file: MultipartFile,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(file.get("version").parse().ok());
    let (by, wanted) = (allowed.clone(), id.clone());
    let end = db
        .write(Lane::of("asset", &id), move |tx| {
            let asset = service::get_asset(tx, &by.actor.prove()?, &wanted)?;
            let new = NewDocument {
                collective_code: asset.collective_code,
                title: format!("{}照片", asset.facts.name),
                visibility: Visibility::Internal,
                bytes: file.bytes.clone(),
            };
            let (document, _) = documents::add(tx, &by.actor.prove()?, &vault, &new)?;
            let facts = AssetFacts { photo: Some(document.id.to_string()), ..asset.facts };
            service::change_asset(tx, &by, &wanted, |v| seen.check(v), facts)
        })
        .await;
    match end {
        Ok(_) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "照片已保存。")),
        Err(error) => {
            let page = async |form| OnePage::load(allowed.actor.prove()?, layout, &db, id, form).await;
            html::again(error, FormState::default(), page).await
        }
    }
}
