//! `/accounts`: the administrator makes accounts, with a password that is shown once, and switches them off.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;

use super::{Account, AccountView, Allowed, NewAccount, Passwords, Role, may, service};
use crate::{
    db::{Db, Lane, new_token},
    kernel::{FieldError, Id, PageRequest, Problem},
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/accounts").route(web::get().to(list)).route(web::post().to(create)))
        .service(web::resource("/accounts/new").route(web::get().to(new)))
        .service(web::resource("/accounts/{id}").route(web::get().to(one)))
        .service(web::resource("/accounts/{id}/state").route(web::post().to(switch)));
}

const PATH: &str = "/accounts";

impl AccountView {
    const fn tone(&self) -> Tone {
        if self.active { Tone::Good } else { Tone::Quiet }
    }
    const fn state(&self) -> &'static str {
        if self.active { "可登录" } else { "已停用" }
    }
}

/// Twelve letters and digits that nobody mixes up, in groups: about 59 random bits.
fn new_password() -> String {
    let plain = |c: &char| matches!(c, 'a'..='z' | '2'..='9') && !matches!(c, 'i' | 'l' | 'o');
    let signs: Vec<char> =
        std::iter::repeat_with(new_token).flat_map(|t| t.chars().collect::<Vec<_>>()).filter(plain).take(12).collect();
    signs.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[derive(Template)]
#[template(path = "access/pages/accounts.html")]
struct ListPage {
    layout: Layout,
    accounts: Vec<AccountView>,
    first: String,
    next: String,
}

async fn list(
    allowed: Allowed<may::KeepAccounts>,
    layout: Layout,
    db: Data<Db>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let page = PageRequest { limit: None, after: page.into_inner().after };
    let first = if page.after.is_some() { PATH.to_owned() } else { String::new() };
    let found = db.read(move |rx| service::list_accounts(rx, &allowed, &page)).await?;
    Ok(html::ok(&ListPage {
        layout: layout.titled("账号").under(PATH),
        first,
        next: found.next.map(|next| format!("{PATH}?after={}", html::query_escape(&next))).unwrap_or_default(),
        accounts: found.items,
    }))
}

#[derive(Template)]
#[template(path = "access/pages/account_new.html")]
struct NewPage {
    layout: Layout,
    form: FormState,
    roles: Vec<(&'static str, &'static str)>,
}

impl NewPage {
    fn new(layout: Layout, form: FormState) -> NewPage {
        let layout = layout.titled("新建账号").under(PATH).with_form(&form);
        NewPage { layout, form, roles: Role::ALL.iter().map(|r| (r.as_str(), r.label())).collect() }
    }
}

async fn new(allowed: Allowed<may::KeepAccounts>, layout: Layout) -> HttpResponse {
    html::ok(&NewPage::new(layout, FormState::new([("scope", allowed.actor.home.clone())])))
}

/// The account with its password: the only time anybody sees it.
#[derive(Template)]
#[template(path = "access/pages/account_made.html")]
struct MadePage {
    layout: Layout,
    account: AccountView,
    password: String,
}

async fn create(
    allowed: Allowed<may::KeepAccounts>,
    layout: Layout,
    db: Data<Db>,
    passwords: Data<Passwords>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    match make(allowed, &db, &passwords, &fields).await {
        Ok((account, password)) => {
            let layout = layout.titled("账号已建好").under(PATH);
            Ok(html::ok(&MadePage { layout, account, password }))
        }
        Err(error) => {
            let mut problem = html::refusal(error)?;
            if problem.code.code == service::ACCOUNT_NAME_TAKEN.code {
                problem.fields.push(FieldError::new("name", Some(fields.get("name")), problem.detail.clone()));
            }
            html::again(problem, &fields, async |form| Ok(NewPage::new(layout, form))).await
        }
    }
}

async fn make(
    allowed: Allowed<may::KeepAccounts>,
    db: &Db,
    passwords: &Passwords,
    fields: &FormFields,
) -> Result<(AccountView, String), Error> {
    let role = fields.get("role").parse().map_err(|_| Problem::field("role", None, "请选择身份"))?;
    let text = |field: &str| fields.get(field).to_owned();
    let mut new = NewAccount {
        name: text("name"),
        display_name: text("display_name"),
        role,
        scope: text("scope"),
        password_hash: String::new(),
    };
    service::check_new(&allowed, &new)?;
    let password = new_password();
    new.password_hash = passwords.hash(password.clone()).await?;
    let (account, _) = db.write(Lane::Any, move |tx| service::create_account(tx, &allowed.by(), &new)).await?;
    Ok((account, password))
}

#[derive(Template)]
#[template(path = "access/pages/account.html")]
struct OnePage {
    layout: Layout,
    form: FormState,
    account: AccountView,
    own: bool,
}

async fn load(
    allowed: Allowed<may::KeepAccounts>,
    layout: Layout,
    db: &Db,
    id: Id<Account>,
    form: FormState,
) -> Result<OnePage, Error> {
    let own = allowed.actor.account == id;
    let account = db.read(move |rx| service::get_account(rx, &allowed, &id)).await?;
    let layout = layout.titled(account.display_name.clone()).under(PATH).with_form(&form);
    Ok(OnePage { layout, form, account, own })
}

async fn one(
    allowed: Allowed<may::KeepAccounts>,
    layout: Layout,
    db: Data<Db>,
    id: Path<Id<Account>>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&load(allowed, layout, &db, id.into_inner(), FormState::default()).await?))
}

async fn switch(
    allowed: Allowed<may::KeepAccounts>,
    layout: Layout,
    db: Data<Db>,
    id: Path<Id<Account>>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let active = match fields.get("account") {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    let end = match active {
        None => Err(Problem::field("account", None, "请选择停用还是恢复").into()),
        Some(active) => {
            let (by, key) = (allowed.clone(), id.clone());
            let work =
                move |tx: &mut crate::db::Tx<'_>| service::set_account_state(tx, &by, &key, active, |v| seen.check(v));
            db.write(Lane::of("account", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok((account, _)) => {
            let text = if account.active {
                "账号已恢复，可以登录。"
            } else {
                "账号已停用，已登录的也已退出。"
            };
            Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, text))
        }
        Err(error) => {
            html::again(error, FormState::default(), async |form| load(allowed, layout, &db, id, form).await).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_can_be_read_aloud() {
        let (one, other) = (new_password(), new_password());
        assert_ne!(one, other);
        assert_eq!(one.len(), 14);
        assert!(one.len() >= Passwords::SHORTEST && !one.contains(['0', '1', 'i', 'l', 'o']), "{one}");
    }
}
