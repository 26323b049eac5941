//! `/exclusions`: who may not bid for a time; the trading officer records decisions and lifts them.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;

use super::{Exclusion, ExclusionId, Ground, Lifting, NewExclusion, Standing, service};
use crate::{
    access::{Allowed, may},
    collectives,
    db::{Db, Lane},
    kernel::{PageRequest, Problem, codes::RegionCode},
    trading::enrolment::BidderKind,
    vault::Vault,
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/exclusions").route(web::get().to(list)).route(web::post().to(exclude)))
        .service(web::resource("/exclusions/{exclusion}/lift").route(web::get().to(ask)).route(web::post().to(lift)));
}

const PATH: &str = "/exclusions";

impl Standing {
    const fn tone(&self) -> Tone {
        match self {
            Standing::InForce => Tone::Bad,
            Standing::Ahead => Tone::Warn,
            Standing::Over | Standing::Lifted => Tone::Info,
        }
    }
}

type Choice = (String, String);

#[derive(Template)]
#[template(path = "trading/exclusions/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    exclusions: Vec<Exclusion>,
    first: String,
    next: String,
    may_keep: bool,
    kinds: Vec<(&'static str, &'static str)>,
    grounds: Vec<(&'static str, &'static str)>,
    /// The whole area of the officer, and each collective in it.
    places: Vec<Choice>,
}

async fn page(
    allowed: &Allowed<may::ReadExclusions>,
    layout: Layout,
    db: &Db,
    vault: Data<Vault>,
    after: Option<String>,
    form: FormState,
) -> Result<ListPage, Error> {
    let (by, today) = (allowed.clone(), db.now().day());
    let asked = PageRequest { limit: None, after: after.clone() };
    let may_keep = allowed.actor.can::<may::KeepExclusions>();
    let (found, places) = db
        .read(move |rx| {
            let found = service::list(rx, &by, &vault, &asked, today)?;
            let collectives = if may_keep { collectives::list_all(rx, &by.scope)? } else { Vec::new() };
            let home = RegionCode::read(&by.actor.home).map(|code| code.to_string()).unwrap_or_default();
            let whole = (home, "本辖区全部".to_owned());
            let each = collectives.into_iter().map(|one| (one.code.to_string(), one.name));
            Ok((found, std::iter::once(whole).chain(each).collect()))
        })
        .await?;
    Ok(ListPage {
        layout: layout.titled("限制竞买名单").under(PATH).with_form(&form),
        form,
        exclusions: found.items,
        first: after.map(|_| PATH.to_owned()).unwrap_or_default(),
        next: found.next.map(|next| format!("{PATH}?after={next}")).unwrap_or_default(),
        may_keep,
        kinds: BidderKind::ALL.iter().map(|kind| (kind.as_str(), kind.label())).collect(),
        grounds: Ground::ALL.iter().map(|ground| (ground.as_str(), ground.label())).collect(),
        places,
    })
}

async fn list(
    allowed: Allowed<may::ReadExclusions>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    asked: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let form = FormState::new([("kind", BidderKind::Person.as_str())]);
    Ok(html::ok(&page(&allowed, layout, &db, vault, asked.into_inner().after, form).await?))
}

/// Kind and ground are chosen from lists; the rest is text.
fn typed(fields: &FormFields) -> Result<NewExclusion, Problem> {
    let text = |name: &str| fields.get(name).to_owned();
    let kind = fields.get("kind").parse();
    let ground = fields.get("ground").parse();
    Ok(NewExclusion {
        region_code: text("region_code"),
        kind: kind.map_err(|_| Problem::field("kind", None, "请选择是个人还是单位"))?,
        name: text("name"),
        id_number: text("id_number"),
        ground: ground.map_err(|_| Problem::field("ground", None, "请选择限制的原因"))?,
        note: text("note"),
        decision_number: text("decision_number"),
        from: Some(text("from")),
        until: Some(text("until")),
        until_lifted: fields.ticked("until_lifted"),
    })
}

async fn exclude(
    allowed: Allowed<may::KeepExclusions>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<crate::policy::PolicyBook>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let end = match typed(&fields) {
        Err(problem) => Err(problem.into()),
        Ok(new) => {
            let (by, seal) = (allowed.clone(), vault.clone());
            db.write(Lane::Any, move |tx| service::record_new(tx, &by, &seal, &policies, &new)).await
        }
    };
    match end {
        Ok((made, _)) => {
            let text = format!("已登记：{} {}。报名时会自动核对。", made.name, made.standing.label());
            Ok(html::done(PATH, Tone::Good, &text))
        }
        Err(error) => {
            let reading = allowed.actor.prove()?;
            html::again(error, &fields, async |form| page(&reading, layout, &db, vault, None, form).await).await
        }
    }
}

#[derive(Template)]
#[template(path = "trading/exclusions/pages/lift.html")]
struct LiftPage {
    layout: Layout,
    form: FormState,
    exclusion: Exclusion,
}

async fn lift_page(
    allowed: &Allowed<may::KeepExclusions>,
    layout: Layout,
    db: &Db,
    vault: Data<Vault>,
    id: ExclusionId,
    form: FormState,
) -> Result<LiftPage, Error> {
    let (by, today) = (allowed.clone(), db.now().day());
    let exclusion = db.read(move |rx| service::get(rx, &by, &vault, &id, today)).await?;
    let layout = layout.titled("解除限制").under(PATH).with_form(&form);
    Ok(LiftPage { layout, form, exclusion })
}

async fn ask(
    allowed: Allowed<may::KeepExclusions>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<ExclusionId>,
) -> Result<HttpResponse, Error> {
    let form = FormState::default();
    Ok(html::ok(&lift_page(&allowed, layout, &db, vault, id.into_inner(), form).await?))
}

async fn lift(
    allowed: Allowed<may::KeepExclusions>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<ExclusionId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let lifting =
        Lifting { decision_number: fields.get("decision_number").to_owned(), reason: fields.get("reason").to_owned() };
    let (by, seal, key) = (allowed.clone(), vault.clone(), id.clone());
    let work =
        move |tx: &mut crate::db::Tx<'_>| service::lift(tx, &by, &seal, &key, &lifting, |version| seen.check(version));
    match db.write(Lane::of("exclusion", &id), work).await {
        Ok((made, _)) => Ok(html::done(PATH, Tone::Good, &format!("{} 的限制已解除。", made.name))),
        Err(error) => {
            html::again(error, &fields, async |form| lift_page(&allowed, layout, &db, vault, id, form).await).await
        }
    }
}
