//! Forms that register, correct, move and end, and the look at a sealed value.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    ChangeMembership, CorrectPerson, EndMembership, Ground, LossCause, MemberView, Membership, RegisterMember,
    Relation,
    api::sealed_field,
    pages::{OnePage, PATH, Shown, choices, list},
    service,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::Id,
    vault::{Field, Vault},
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/members").route(web::get().to(list)).route(web::post().to(register)))
        .service(web::resource("/members/new").route(web::get().to(new)))
        .service(web::resource("/members/{id}/edit").route(web::get().to(edit)).route(web::post().to(change)))
        .service(web::resource("/members/{id}/person").route(web::post().to(correct)))
        .service(web::resource("/members/{id}/end").route(web::get().to(ending)).route(web::post().to(end)))
        .service(web::resource("/members/{id}/reveal").route(web::post().to(reveal)));
}

/// The relations of GB/T 4761, in its order.
fn relations() -> Vec<(&'static str, &'static str)> {
    Relation::all().map(|r| (r.code(), r.label())).collect()
}

fn grounds() -> Vec<(&'static str, &'static str)> {
    Ground::ALL.iter().map(|g| (g.as_str(), g.label())).collect()
}

fn causes() -> Vec<(&'static str, &'static str)> {
    LossCause::ALL.iter().map(|c| (c.as_str(), c.label())).collect()
}

#[derive(Template)]
#[template(path = "members/pages/new.html")]
struct NewPage {
    layout: Layout,
    form: FormState,
    collectives: Vec<(String, String)>,
    relations: Vec<(&'static str, &'static str)>,
    grounds: Vec<(&'static str, &'static str)>,
}

impl NewPage {
    async fn load(
        allowed: Allowed<may::KeepMembers>,
        layout: Layout,
        db: &Db,
        form: FormState,
    ) -> Result<NewPage, Error> {
        let collectives = db.read(move |rx| choices(rx, &allowed.scope)).await?;
        let layout = layout.titled("登记成员").under(PATH).with_form(&form);
        Ok(NewPage { layout, form, collectives, relations: relations(), grounds: grounds() })
    }
}

async fn new(allowed: Allowed<may::KeepMembers>, layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    let form = FormState::new([("collective_code", allowed.actor.home.clone())]);
    Ok(html::ok(&NewPage::load(allowed, layout, &db, form).await?))
}

async fn register(
    allowed: Allowed<may::KeepMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let text = |name: &str| fields.get(name).to_owned();
    let new = RegisterMember {
        collective_code: fields.filled("collective_code").unwrap_or(&allowed.actor.home).to_owned(),
        household_number: text("household_number"),
        name: text("name"),
        id_number: text("id_number"),
        phone: text("phone"),
        address: text("address"),
        relation: text("relation"),
        ground: text("ground"),
        basis: text("basis"),
        acquired_on: text("acquired_on"),
        note: text("note"),
    };
    let (by, lane) = (allowed.clone(), Lane::of("collective", &new.collective_code));
    match db.write(lane, move |tx| service::register_member(tx, &vault, &by, &new)).await {
        Ok((member, _)) => Ok(html::done(&format!("{PATH}/{}", member.id), Tone::Good, "已登记。")),
        Err(error) => html::again(error, &fields, async |form| NewPage::load(allowed, layout, &db, form).await).await,
    }
}

#[derive(Template)]
#[template(path = "members/pages/edit.html")]
struct EditPage {
    layout: Layout,
    member: MemberView,
    /// The person's name, phone and address.
    person_form: FormState,
    /// Household, relation and note.
    form: FormState,
    relations: Vec<(&'static str, &'static str)>,
}

impl EditPage {
    /// Either form is shown as it was sent, the other as the record stands.
    async fn load(
        allowed: Allowed<may::KeepMembers>,
        layout: Layout,
        db: &Db,
        vault: &Vault,
        id: Id<Membership>,
        (person_form, form): (Option<FormState>, Option<FormState>),
    ) -> Result<EditPage, Error> {
        let keys = vault.clone();
        let member = db.read(move |rx| service::get_member(rx, &keys, &allowed, &id)).await?;
        let person_form = person_form.unwrap_or_else(|| FormState::new([("name", member.name.clone())]));
        let form = form.unwrap_or_else(|| {
            FormState::new([
                ("household_number", member.household_number.clone()),
                ("relation", member.relation.to_string()),
                ("note", member.note.clone()),
            ])
        });
        let wrong = if person_form.has_errors() { &person_form } else { &form };
        let layout = layout.titled(format!("修改 {}", member.name)).under(PATH).with_form(wrong);
        Ok(EditPage { layout, member, person_form, form, relations: relations() })
    }
}

async fn edit(
    allowed: Allowed<may::KeepMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&EditPage::load(allowed, layout, &db, &vault, id.into_inner(), (None, None)).await?))
}

async fn change(
    allowed: Allowed<may::KeepMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let wanted = ChangeMembership {
        household_number: Some(fields.get("household_number").to_owned()),
        relation: Some(fields.get("relation").to_owned()),
        note: Some(fields.get("note").to_owned()),
        reason: fields.get("reason").to_owned(),
    };
    let (keys, by, member) = (vault.get_ref().clone(), allowed.clone(), id.clone());
    let end = db
        .write(Lane::of("member", &id), move |tx| {
            service::change_membership(tx, &keys, &by, &member, &wanted, |v| seen.check(v))
        })
        .await;
    match end {
        Ok(_) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已保存修改。")),
        Err(error) => {
            let page = async |form| EditPage::load(allowed, layout, &db, &vault, id, (None, Some(form))).await;
            html::again(error, &fields, page).await
        }
    }
}

async fn correct(
    allowed: Allowed<may::KeepMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    // An empty field keeps what is recorded: the page does not show it. A box says that it is to be removed.
    let kept = |name: &str| match (fields.filled(name), fields.ticked(&format!("remove_{name}"))) {
        (Some(typed), _) => Some(typed.to_owned()),
        (None, true) => Some(String::new()),
        (None, false) => None,
    };
    let correction = CorrectPerson {
        name: Some(fields.get("name").to_owned()),
        phone: kept("phone"),
        address: kept("address"),
        reason: fields.get("reason").to_owned(),
    };
    let (keys, by, member) = (vault.get_ref().clone(), allowed.clone(), id.clone());
    let end = db
        .write(Lane::of("member", &id), move |tx| {
            let person = service::get_member(tx, &keys, &by, &member)?.person_id;
            service::correct_person(tx, &keys, &by, &person, &correction, |v| seen.check(v))
        })
        .await;
    match end {
        Ok(_) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已更正，原来的记录仍然保留。")),
        Err(error) => {
            let page = async |form| EditPage::load(allowed, layout, &db, &vault, id, (Some(form), None)).await;
            html::again(error, &fields, page).await
        }
    }
}

#[derive(Template)]
#[template(path = "members/pages/end.html")]
struct EndPage {
    layout: Layout,
    form: FormState,
    member: MemberView,
    causes: Vec<(&'static str, &'static str)>,
}

impl EndPage {
    async fn load(
        allowed: Allowed<may::KeepMembers>,
        layout: Layout,
        db: &Db,
        vault: &Vault,
        id: Id<Membership>,
        form: FormState,
    ) -> Result<EndPage, Error> {
        let keys = vault.clone();
        let member = db.read(move |rx| service::get_member(rx, &keys, &allowed, &id)).await?;
        let layout = layout.titled("登记丧失成员身份").under(PATH).with_form(&form);
        Ok(EndPage { layout, form, member, causes: causes() })
    }
}

async fn ending(
    allowed: Allowed<may::KeepMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
) -> Result<HttpResponse, Error> {
    let page = EndPage::load(allowed, layout, &db, &vault, id.into_inner(), FormState::default()).await?;
    Ok(html::ok(&page))
}

async fn end(
    allowed: Allowed<may::KeepMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let text = |name: &str| fields.get(name).to_owned();
    let wanted = EndMembership {
        cause: text("cause"),
        basis: text("basis"),
        lost_on: text("lost_on"),
        retained_until: text("retained_until"),
    };
    let (keys, by, member) = (vault.get_ref().clone(), allowed.clone(), id.clone());
    let done =
        db.write(Lane::of("member", &id), move |tx| service::end_membership(tx, &keys, &by, &member, &wanted)).await;
    match done {
        Ok(_) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已登记丧失，记录仍然保留。")),
        Err(error) => {
            html::again(error, &fields, async |form| EndPage::load(allowed, layout, &db, &vault, id, form).await).await
        }
    }
}

/// Shows one sealed value on the member's page, once; the look and its reason are on record before it is shown.
async fn reveal(
    allowed: Allowed<may::OpenPersonalData>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let reading: Allowed<may::ReadMembers> = allowed.actor.prove()?;
    let reason = fields.get("reason").to_owned();
    let end = match sealed_field(fields.get("field")) {
        Ok(field) => {
            let (keys, by, member) = (vault.get_ref().clone(), allowed.clone(), id.clone());
            db.write(Lane::of("member", &id), move |tx| {
                let person = service::get_member(tx, &keys, &by, &member)?.person_id;
                let seen = service::reveal(tx, &keys, &by, &person, field, &reason)?;
                Ok((field, seen.map(|(clear, _)| clear.expose().to_owned())))
            })
            .await
            .map_err(Error::from)
        }
        Err(problem) => Err(problem.into()),
    };
    let mut answer = match end {
        Ok((field, value)) => {
            let label = match field {
                Field::IdNumber => "身份证号",
                Field::Phone => "联系电话",
                _ => "户籍地址",
            };
            let shown = Shown { label, value: value.unwrap_or_else(|| "没有登记".to_owned()) };
            html::ok(&OnePage::load(reading, layout, &db, &vault, id, FormState::default(), Some(shown)).await?)
        }
        Err(error) => {
            let page = async |form| OnePage::load(reading, layout, &db, &vault, id, form, None).await;
            html::again(error, &fields, page).await?
        }
    };
    let no_store = actix_web::http::header::HeaderValue::from_static("no-store");
    answer.headers_mut().insert(actix_web::http::header::CACHE_CONTROL, no_store);
    Ok(answer)
}
