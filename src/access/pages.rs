//! `/sign-in`, `/sign-out`, and the header and navigation of whoever is signed in.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{Action, Actor, MaybeActor, Passwords, api, policy::permits, service};
use crate::{
    config::Config,
    db::Db,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, NavItem, SignedIn, Tone, Visitor},
        limits::Limits,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.configure(super::account_pages::routes);
    config
        .service(web::resource("/sign-in").route(web::get().to(show)).route(web::post().to(sign_in)))
        .service(web::resource("/sign-out").route(web::post().to(sign_out)));
}

/// The main navigation: the right it needs, address, label, and what is done there (for the home page). One line a domain.
const NAV: &[(Option<Action>, &str, &str, &str)] = &[
    (None, "/home", "今天要办", ""),
    (Some(Action::Bid), "/my/bids", "我的竞买", "报名、保证金、出价和结果，先办最急的"),
    (Some(Action::ReadOwnRecord), "/my/record", "我的资料", "自己的登记，谁查看过我的资料"),
    (None, "/lots", "交易公告", "正在报名和竞价的地、塘、铺，已有的结果"),
    (Some(Action::ReadCollectives), "/collectives", "集体经济组织", "登记证、信用代码和任职人员"),
    (Some(Action::ReadMembers), "/members", "成员", "成员名册、户和成员身份，从表格导入"),
    (Some(Action::ReadAssets), "/assets", "资产", "资源、经营和公益资产台账，量化金额"),
    (Some(Action::ReadListings), "/listings", "交易", "发起、审核、公告、报名保证金和竞价"),
    (Some(Action::ReadMoney), "/money", "保证金退还", "到期要退的、抵作价款的和不予退还的，一人经办一人复核"),
    (Some(Action::ReadExclusions), "/exclusions", "限制竞买名单", "按处理决定一段时间内不能报名的人和单位"),
    (Some(Action::KeepTrustees), "/trustees", "密钥保管人", "登记暗标的密钥保管人和他们的公钥"),
    (Some(Action::ReadHomesteads), "/parcels", "宅基地", "宗地登记和宗地图"),
    (Some(Action::ReadContracts), "/contracts", "合同", "谁在用、到什么时候、租金多少"),
    (Some(Action::Audit), "/audit", "审计", "谁在什么时候做了什么，核对存证和台账"),
    (Some(Action::KeepAccounts), "/accounts", "账号", "新建账号、停用账号"),
];

/// The header and navigation for an actor.
pub fn signed_in(actor: &Actor) -> SignedIn {
    let open = |action: &Option<Action>| action.is_none_or(|action| permits(actor.role, action));
    let entries = NAV.iter().filter(|(action, ..)| open(action));
    SignedIn {
        visitor: Visitor { name: actor.display_name.clone(), role_label: actor.role.label().to_owned() },
        nav: entries.map(|(_, href, label, note)| NavItem::new(href, label, note)).collect(),
        unread: None,
    }
}

#[derive(Template)]
#[template(path = "access/pages/sign_in.html")]
struct SignInPage {
    layout: Layout,
    form: FormState,
    next: String,
}

impl SignInPage {
    fn new(layout: Layout, form: FormState, next: &str) -> Self {
        let layout = Layout { signing_in: true, ..layout.titled("登录").with_form(&form) };
        Self { layout, form, next: html::local_path(next).to_owned() }
    }
}

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

/// Where a person goes who asked for nothing else.
const HOME: &str = "/home";

async fn show(layout: Layout, actor: MaybeActor, query: Query<Next>) -> HttpResponse {
    let next = query.next.as_deref().unwrap_or(HOME);
    match actor.0 {
        Some(_) => html::see_other(next),
        None => html::ok(&SignInPage::new(layout, FormState::default(), next)),
    }
}

async fn sign_in(
    request: HttpRequest,
    layout: Layout,
    db: Data<Db>,
    passwords: Data<Passwords>,
    limits: Data<Limits>,
    config: Data<Config>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    limits.check_sign_in(&request)?;
    let next = fields.filled("next").unwrap_or(HOME);
    // Spaces belong to a password, so it is not trimmed as other fields are.
    let password = fields.0.get("password").cloned().unwrap_or_default();
    match service::sign_in(&db, &passwords, fields.get("name").to_owned(), password, false).await {
        Ok(session) => {
            let mut response = html::see_other(next);
            response
                .add_cookie(&api::session_cookie(&session.token, config.secure_cookies()))
                .map_err(|e| crate::db::Error::Internal(format!("session cookie: {e}")))?;
            Ok(response)
        }
        Err(error) => html::again(error, &fields, async |form| Ok(SignInPage::new(layout, form, next))).await,
    }
}

async fn sign_out(actor: MaybeActor, db: Data<Db>, _form: FormFields) -> Result<HttpResponse, Error> {
    if let Some(actor) = actor.0 {
        service::sign_out(&db, &actor).await?;
    }
    let mut response = html::done("/", Tone::Good, "您已退出登录。");
    response
        .add_cookie(&api::clear_cookie())
        .map_err(|e| crate::db::Error::Internal(format!("session cookie: {e}")))?;
    Ok(response)
}
