//! `/my/record`: the own record and who looked at it; `/members/{id}/account`: tying an account to a member.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;

use super::{
    MemberView, Membership,
    own::{self, OwnRecord},
    pages::PATH,
    service,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{Id, PageRequest},
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(OWN).route(web::get().to(record)))
        .service(web::resource("/members/{id}/account").route(web::get().to(show)).route(web::post().to(tie)));
}

const OWN: &str = "/my/record";

#[derive(Template)]
#[template(path = "members/pages/own.html")]
struct OwnPage {
    layout: Layout,
    record: OwnRecord,
    first: String,
    next: String,
}

async fn record(
    allowed: Allowed<may::ReadOwnRecord>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let page = PageRequest { limit: None, after: page.into_inner().after };
    let first = page.after.as_ref().map(|_| OWN.to_owned()).unwrap_or_default();
    let record = db.read(move |rx| own::own_record(rx, &allowed, &vault, &page)).await?;
    let next = record.looks.next.as_ref().map(|next| format!("{OWN}?after={next}")).unwrap_or_default();
    Ok(html::ok(&OwnPage { layout: layout.titled("我的资料").under(OWN), record, first, next }))
}

#[derive(Template)]
#[template(path = "members/pages/account.html")]
struct AccountPage {
    layout: Layout,
    form: FormState,
    member: MemberView,
    account: Option<String>,
}

impl AccountPage {
    async fn load(
        allowed: Allowed<may::TieAccounts>,
        layout: Layout,
        db: &Db,
        vault: &Data<Vault>,
        id: Id<Membership>,
        form: FormState,
    ) -> Result<AccountPage, Error> {
        let vault = vault.clone();
        let (member, account) = db
            .read(move |rx| {
                let member = service::get_member(rx, &vault, &allowed, &id)?;
                let account = own::tied_account(rx, &allowed, &member.person_id)?;
                Ok((member, account))
            })
            .await?;
        let layout = layout.titled("本人的账号").under(PATH).with_form(&form);
        Ok(AccountPage { layout, form, member, account })
    }
}

async fn show(
    allowed: Allowed<may::TieAccounts>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
) -> Result<HttpResponse, Error> {
    let page = AccountPage::load(allowed, layout, &db, &vault, id.into_inner(), FormState::default()).await?;
    Ok(html::ok(&page))
}

async fn tie(
    allowed: Allowed<may::TieAccounts>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let unties = fields.get("untie") == "yes";
    let name = if unties { String::new() } else { fields.get("account").to_owned() };
    let end = if name.is_empty() && !unties {
        Err(crate::kernel::Problem::field("account", None, "请填写这个人登录用的用户名").into())
    } else {
        let (keys, by, member) = (vault.clone(), allowed.clone(), id.clone());
        let work = move |tx: &mut crate::db::Tx<'_>| {
            let person = service::get_member(tx, &keys, &by, &member)?.person_id;
            own::tie_account(tx, &by, &person, &name)
        };
        db.write(Lane::of("member", &id), work).await.map_err(Error::from)
    };
    match end {
        Ok(_) => {
            let words =
                if unties { "已解除。" } else { "已关联，本人登录后可以看“我的资料”。" };
            Ok(html::done(&format!("{PATH}/{id}/account"), Tone::Good, words))
        }
        Err(error) => {
            html::again(error, &fields, async |form| AccountPage::load(allowed, layout, &db, &vault, id, form).await)
                .await
        }
    }
}
