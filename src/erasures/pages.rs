//! `/members/{id}/erasure`: what stands against erasing a member's data; asking, doing, declining.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{ErasureState, ErasureView, Ground, api::look, service};
use crate::{
    access::{Allowed, Permission, may},
    db::{self, Db, Lane, Tx},
    kernel::{Id, Problem},
    members::{self, MemberView, Membership},
    policy::PolicyBook,
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/members/{id}/erasure").route(web::get().to(show)).route(web::post().to(request)))
        .service(web::resource("/members/{id}/erasure/end").route(web::post().to(end)));
}

#[derive(Template)]
#[template(path = "erasures/pages/erasure.html")]
struct ErasurePage {
    layout: Layout,
    form: FormState,
    member: MemberView,
    erasure: ErasureView,
    grounds: Vec<(&'static str, &'static str)>,
    may_request: bool,
    may_carry_out: bool,
}

impl ErasurePage {
    async fn load(
        allowed: Allowed<may::ReadMembers>,
        layout: Layout,
        (db, vault, policies): (&Data<Db>, &Data<Vault>, &Data<PolicyBook>),
        id: &Id<Membership>,
        form: FormState,
    ) -> Result<ErasurePage, Error> {
        let member = find(&allowed, db, vault, id).await?;
        let erasure = look(db, &allowed, policies, &member.person_id).await?;
        let is_open = erasure.request.as_ref().is_some_and(|r| r.state == ErasureState::Requested);
        let free = erasure.erased_at.is_none() && erasure.duties.is_empty();
        Ok(ErasurePage {
            layout: layout.titled("删除个人信息").under("/members").with_form(&form),
            form,
            may_request: free && !is_open && allowed.actor.can::<may::RequestErasures>(),
            may_carry_out: erasure.erased_at.is_none() && is_open && allowed.actor.can::<may::CarryOutErasures>(),
            member,
            erasure,
            grounds: Ground::ALL.iter().map(|g| (g.as_str(), g.label())).collect(),
        })
    }
}

async fn find<P: Permission + Send>(
    allowed: &Allowed<P>,
    db: &Db,
    vault: &Data<Vault>,
    id: &Id<Membership>,
) -> Result<MemberView, Error> {
    let (allowed, vault, id) = (allowed.clone(), vault.clone(), id.clone());
    Ok(db.read(move |rx| members::get_member(rx, &vault, &allowed, &id)).await?)
}

async fn show(
    allowed: Allowed<may::ReadMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    id: Path<Id<Membership>>,
) -> Result<HttpResponse, Error> {
    let page = ErasurePage::load(allowed, layout, (&db, &vault, &policies), &id, FormState::default()).await?;
    Ok(html::ok(&page))
}

async fn request(
    allowed: Allowed<may::RequestErasures>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    id: Path<Id<Membership>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let reading: Allowed<may::ReadMembers> = allowed.actor.prove()?;
    let done = match fields.get("ground").parse::<Ground>() {
        Ok(ground) => {
            let person = find(&allowed, &db, &vault, &id).await?.person_id;
            let (by, book) = (allowed.clone(), policies.clone());
            let lane = Lane::of("person", &person);
            db.write(lane, move |tx| service::request(tx, &by, &book, &person, ground)).await.map_err(Error::from)
        }
        Err(_) => Err(Problem::field("ground", None, "请选择删除的理由").into()),
    };
    match done {
        Ok(_) => Ok(html::done(&format!("/members/{id}/erasure"), Tone::Good, "已申请，等镇街办理。")),
        Err(error) => {
            let page = async |form| ErasurePage::load(reading, layout, (&db, &vault, &policies), &id, form).await;
            html::again(error, &fields, page).await
        }
    }
}

/// The township erases, or declines to.
async fn end(
    allowed: Allowed<may::CarryOutErasures>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    id: Path<Id<Membership>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let reading: Allowed<may::ReadMembers> = allowed.actor.prove()?;
    let person = find(&allowed, &db, &vault, &id).await?.person_id;
    let erases = match fields.get("decision") {
        "erase" => fields
            .ticked("sure")
            .then_some(true)
            .ok_or_else(|| Problem::field("sure", None, "删除以后谁也找不回来；确定要删除，请勾选这一项")),
        "decline" => Ok(false),
        _ => Err(Problem::field("decision", None, "请选择删除还是不同意")),
    };
    let done = match erases {
        Ok(erases) => {
            let (by, book) = (allowed.clone(), policies.clone());
            let work = move |tx: &mut Tx<'_>| -> db::Result<bool> {
                match erases {
                    true => service::carry_out(tx, &by, &book, &person)?,
                    false => service::decline(tx, &by, &person)?,
                };
                Ok(erases)
            };
            db.write(Lane::of("member", &*id), work).await.map_err(Error::from)
        }
        Err(problem) => Err(problem.into()),
    };
    match done {
        Ok(erased) => {
            let words = if erased { "已删除，不能恢复。" } else { "已记下：没有同意删除。" };
            if erased {
                db.leave_no_trace().await;
            }
            Ok(html::done(&format!("/members/{id}/erasure"), Tone::Good, words))
        }
        Err(error) => {
            let page = async |form| ErasurePage::load(reading, layout, (&db, &vault, &policies), &id, form).await;
            html::again(error, &fields, page).await
        }
    }
}
