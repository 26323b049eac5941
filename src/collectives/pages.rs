//! `/collectives`: the organisations of the own scope, one of them with its certificate and officers, registering and
//! changing.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;

use super::{Collective, NewCollective, NewOfficer, Officer, Post, service};
use crate::{
    access::{Actor, Allowed, may},
    db::{Db, Lane},
    kernel::{FieldError, Id, PageRequest, Problem, codes::RegionCode, text},
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/collectives").route(web::get().to(list)).route(web::post().to(register)))
        .service(web::resource("/collectives/new").route(web::get().to(new)))
        .service(web::resource("/collectives/{code}").route(web::get().to(one)).route(web::post().to(change)))
        .service(web::resource("/collectives/{code}/edit").route(web::get().to(edit)))
        .service(web::resource("/collectives/{code}/officers").route(web::post().to(start_term)))
        .service(web::resource("/officers/{id}/end").route(web::post().to(end_term)));
}

const PATH: &str = "/collectives";

#[derive(Template)]
#[template(path = "collectives/pages/list.html")]
struct ListPage {
    layout: Layout,
    collectives: Vec<Collective>,
    first: String,
    next: String,
    may_keep: bool,
}

async fn list(
    allowed: Allowed<may::ReadCollectives>,
    layout: Layout,
    db: Data<Db>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let page = page.into_inner();
    let first = if page.after.is_some() { PATH.to_owned() } else { String::new() };
    let may_keep = allowed.actor.can::<may::KeepCollectives>();
    let found = db.read(move |rx| service::list(rx, &allowed, &page)).await?;
    let next = found.next.map(|n| format!("{PATH}?after={n}")).unwrap_or_default();
    Ok(html::ok(&ListPage {
        layout: layout.titled("集体经济组织").under(PATH),
        collectives: found.items,
        first,
        next,
        may_keep,
    }))
}

#[derive(Template)]
#[template(path = "collectives/pages/one.html")]
struct OnePage {
    layout: Layout,
    collective: Collective,
    officers: Vec<Officer>,
    form: FormState,
    posts: Vec<(&'static str, &'static str)>,
    may_keep: bool,
}

impl OnePage {
    async fn load(
        allowed: Allowed<may::ReadCollectives>,
        layout: Layout,
        db: &Db,
        code: RegionCode,
        form: FormState,
    ) -> Result<OnePage, Error> {
        let may_keep = allowed.actor.can::<may::KeepCollectives>();
        let (collective, officers) = db
            .read(move |rx| Ok((service::get(rx, &allowed.scope, &code)?, service::officers(rx, &allowed, &code)?)))
            .await?;
        Ok(OnePage {
            layout: layout.titled(collective.name.clone()).under(PATH).with_form(&form),
            collective,
            officers,
            form,
            posts: Post::ALL.iter().map(|p| (p.as_str(), p.label())).collect(),
            may_keep,
        })
    }
}

async fn one(
    allowed: Allowed<may::ReadCollectives>,
    layout: Layout,
    db: Data<Db>,
    code: Path<RegionCode>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&OnePage::load(allowed, layout, &db, code.into_inner(), FormState::default()).await?))
}

#[derive(Template)]
#[template(path = "collectives/pages/form.html")]
struct FormPage {
    layout: Layout,
    form: FormState,
    action: String,
    /// Empty while registering.
    code: String,
    version: String,
}

impl FormPage {
    fn registering(layout: Layout, form: FormState) -> FormPage {
        let layout = layout.titled("登记集体经济组织").under(PATH).with_form(&form);
        FormPage { layout, form, action: PATH.into(), code: String::new(), version: String::new() }
    }
    fn changing(layout: Layout, form: FormState, code: &RegionCode, version: &str) -> FormPage {
        let layout = layout.titled("修改登记").under(PATH).with_form(&form);
        FormPage { layout, form, action: format!("{PATH}/{code}"), code: code.to_string(), version: version.to_owned() }
    }
}

async fn new(_allowed: Allowed<may::KeepCollectives>, layout: Layout) -> HttpResponse {
    html::ok(&FormPage::registering(layout, FormState::default()))
}

async fn edit(
    allowed: Allowed<may::KeepCollectives>,
    layout: Layout,
    db: Data<Db>,
    code: Path<RegionCode>,
) -> Result<HttpResponse, Error> {
    let code = code.into_inner();
    let wanted = code.clone();
    let c = db.read(move |rx| service::get(rx, &allowed.scope, &wanted)).await?;
    let day = |d: Option<crate::kernel::Day>| d.map(|d| d.to_string()).unwrap_or_default();
    let form = FormState::new([
        ("name", c.name),
        ("credit_code", c.credit_code.map(|c| c.to_string()).unwrap_or_default()),
        ("address", c.address),
        ("certificate_number", c.certificate_number),
        ("certificate_issuer", c.certificate_issuer),
        ("registered_on", day(c.registered_on)),
        ("certificate_until", day(c.certificate_until)),
    ]);
    Ok(html::ok(&FormPage::changing(layout, form, &code, &c.version.to_string())))
}

fn typed(fields: &FormFields) -> NewCollective {
    NewCollective {
        code: fields.get("code").to_owned(),
        name: fields.get("name").to_owned(),
        credit_code: fields.filled("credit_code").map(str::to_owned),
        credit_code_confirmed: fields.ticked("credit_code_confirmed"),
        address: fields.get("address").to_owned(),
        certificate_number: fields.get("certificate_number").to_owned(),
        certificate_issuer: fields.get("certificate_issuer").to_owned(),
        registered_on: fields.filled("registered_on").map(str::to_owned),
        certificate_until: fields.filled("certificate_until").map(str::to_owned),
    }
}

async fn register(
    allowed: Allowed<may::KeepCollectives>,
    layout: Layout,
    db: Data<Db>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let new = typed(&fields);
    let lane = Lane::of("collective", &new.code);
    match db.write(lane, move |tx| service::register(tx, &allowed, &new)).await {
        Ok((made, _)) => Ok(html::done(&format!("{PATH}/{}", made.code), Tone::Good, "已登记。")),
        Err(error) => html::again(error, &fields, async |form| Ok(FormPage::registering(layout, form))).await,
    }
}

async fn change(
    allowed: Allowed<may::KeepCollectives>,
    layout: Layout,
    db: Data<Db>,
    code: Path<RegionCode>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (code, new) = (code.into_inner(), typed(&fields));
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let wanted = code.clone();
    match db
        .write(Lane::of("collective", &code), move |tx| service::change(tx, &allowed, &wanted, &new, |v| seen.check(v)))
        .await
    {
        Ok(_) => Ok(html::done(&format!("{PATH}/{code}"), Tone::Good, "已保存修改。")),
        Err(error) => {
            html::again(error, &fields, async |form| Ok(FormPage::changing(layout, form, &code, fields.get("version"))))
                .await
        }
    }
}

async fn start_term(
    actor: Actor,
    allowed: Allowed<may::KeepCollectives>,
    layout: Layout,
    db: Data<Db>,
    code: Path<RegionCode>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let code = code.into_inner();
    let end = match read_officer(&fields) {
        Ok(new) => {
            let wanted = code.clone();
            db.write(Lane::of("collective", &code), move |tx| service::start_term(tx, &allowed, &wanted, &new))
                .await
                .map_err(Error::from)
        }
        Err(problem) => Err(problem.into()),
    };
    match end {
        Ok(_) => Ok(html::done(&format!("{PATH}/{code}"), Tone::Good, "已登记任职。")),
        Err(error) => {
            html::again(error, &fields, async |form| OnePage::load(actor.prove()?, layout, &db, code, form).await).await
        }
    }
}

fn read_officer(fields: &FormFields) -> Result<NewOfficer, Problem> {
    let mut errors = Vec::new();
    let post = fields.get("post").parse::<Post>();
    if post.is_err() {
        errors.push(FieldError::new("post", None, "请选择职务"));
    }
    let since = text::read_day(fields.get("since"));
    if let Err(e) = &since {
        errors.push(FieldError::new("since", Some(fields.get("since")), e.to_string()));
    }
    match (post, since) {
        (Ok(post), Ok(since)) => Ok(NewOfficer { name: fields.get("name").to_owned(), post, since }),
        _ => Err(Problem::fields(errors)),
    }
}

async fn end_term(
    allowed: Allowed<may::KeepCollectives>,
    db: Data<Db>,
    id: Path<Id<Officer>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let until = text::read_day(fields.get("until"))
        .map_err(|e| Problem::field("until", Some(fields.get("until")), e.to_string()))?;
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let lane = Lane::of("officer", &id);
    let (officer, _) = db.write(lane, move |tx| service::end_term(tx, &allowed, &id, until, |v| seen.check(v))).await?;
    Ok(html::done(&format!("{PATH}/{}", officer.collective_code), Tone::Good, "已登记离任。"))
}
