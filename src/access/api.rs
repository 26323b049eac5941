//! `/api/v1/session` and `/api/v1/accounts`.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    get, patch, post,
    web::{Data, Path, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Account, AccountView, Actor, Allowed, NewAccount, Passwords, Role, TokenKeys, Tokens, may, service};
use crate::{
    db::{Db, Lane},
    kernel::{Id, Page, PageRequest},
    web::{Body, Created, Error, IfMatch, Problem as ProblemDocument, Routes, created, limits::Limits, with_etag},
};

/// Name of the browser's session cookie.
pub const SESSION_COOKIE: &str = "xj_session";

/// The cookie of a page session: out of reach of scripts, not sent along from other sites' forms.
pub fn session_cookie(token: &str, secure: bool) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, token.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .finish()
}

/// The cookie that takes it away.
pub fn clear_cookie() -> Cookie<'static> {
    let mut cookie = Cookie::build(SESSION_COOKIE, "").path("/").http_only(true).same_site(SameSite::Lax).finish();
    cookie.make_removal();
    cookie
}

pub fn routes(config: &mut Routes<'_>) {
    config
        .service(sign_in)
        .service(refresh)
        .service(who_am_i)
        .service(sign_out)
        .service(list)
        .service(one)
        .service(create)
        .service(change);
}

/// Name and password.
#[derive(Deserialize, ToSchema)]
struct SignIn {
    name: String,
    password: String,
}

/// Opens a session.
#[utoipa::path(tag = "session", request_body = SignIn, responses((status = 200, body = Tokens), (status = "4XX", body = ProblemDocument)))]
#[post("/api/v1/session")]
async fn sign_in(
    request: HttpRequest,
    db: Data<Db>,
    passwords: Data<Passwords>,
    keys: Data<TokenKeys>,
    limits: Data<Limits>,
    body: Body<SignIn>,
) -> Result<HttpResponse, Error> {
    limits.check_sign_in(&request)?;
    let session = service::sign_in(&db, &passwords, body.value.name, body.value.password, true).await?;
    Ok(HttpResponse::Ok().json(session.tokens(&keys, db.now())?))
}

/// The refresh token.
#[derive(Deserialize, ToSchema)]
struct Refresh {
    refresh_token: String,
}

/// Exchanges the refresh token for a new pair; a token used twice ends its session.
#[utoipa::path(tag = "session", request_body = Refresh, responses((status = 200, body = Tokens), (status = "4XX", body = ProblemDocument)))]
#[post("/api/v1/session/refresh")]
async fn refresh(
    request: HttpRequest,
    db: Data<Db>,
    keys: Data<TokenKeys>,
    limits: Data<Limits>,
    body: Body<Refresh>,
) -> Result<HttpResponse, Error> {
    limits.check_sign_in(&request)?;
    Ok(HttpResponse::Ok().json(service::refresh(&db, &keys, body.value.refresh_token).await?))
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
struct WhoAmI {
    #[schema(value_type = String)]
    id: Id<Account>,
    name: String,
    display_name: String,
    role: Role,
    /// Region code the role is held at.
    scope: String,
}

/// Who is signed in.
#[utoipa::path(tag = "session", responses((status = 200, body = WhoAmI), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/session")]
async fn who_am_i(actor: Actor) -> HttpResponse {
    HttpResponse::Ok().json(WhoAmI {
        id: actor.account,
        name: actor.name,
        display_name: actor.display_name,
        role: actor.role,
        scope: actor.home,
    })
}

/// Ends the session at once: its bearer token and refresh token are refused from now on.
#[utoipa::path(tag = "session", responses((status = 204), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/session/sign-out")]
async fn sign_out(actor: Actor, db: Data<Db>) -> Result<HttpResponse, Error> {
    service::sign_out(&db, &actor).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The accounts of the administrator's scope.
#[utoipa::path(tag = "accounts", params(("limit" = Option<u32>, Query, description = "1 to 200, 20 unless told"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<AccountView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/accounts")]
async fn list(
    allowed: Allowed<may::KeepAccounts>,
    db: Data<Db>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::list_accounts(rx, &allowed, &page)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One account; its ETag is what a change needs as If-Match.
#[utoipa::path(tag = "accounts", params(("id" = String, Path)),
    responses((status = 200, body = AccountView), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/accounts/{id}")]
async fn one(allowed: Allowed<may::KeepAccounts>, id: Path<Id<Account>>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let account = db.read(move |rx| service::get_account(rx, &allowed, &id)).await?;
    let version = account.version;
    Ok(with_etag(HttpResponse::Ok().json(account), version))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
struct Create {
    name: String,
    display_name: String,
    role: Role,
    /// Region code the role is held at: 12 digits, 14 for a group.
    scope: String,
    /// At least 8 characters.
    password: String,
}

/// Creates an account.
#[utoipa::path(tag = "accounts", request_body = Create, responses((status = 201, body = Created<AccountView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/accounts")]
async fn create(
    allowed: Allowed<may::KeepAccounts>,
    db: Data<Db>,
    passwords: Data<Passwords>,
    body: Body<Create>,
) -> Result<HttpResponse, Error> {
    let Create { name, display_name, role, scope, password } = body.value;
    let mut new = NewAccount { name, display_name, role, scope, password_hash: String::new() };
    // A hash costs; what is refused anyway does not get one.
    service::check_new(&allowed, &new)?;
    new.password_hash = passwords.hash(password).await?;
    let (account, receipt) = db.write(Lane::Any, move |tx| service::create_account(tx, &allowed.by(), &new)).await?;
    let version = account.version;
    Ok(with_etag(created(account, receipt), version))
}

/// What can be changed of an account.
#[derive(Deserialize, ToSchema)]
struct Change {
    active: bool,
}

/// Switches an account off, with all its sessions, or on again.
#[utoipa::path(tag = "accounts", request_body = Change, params(("id" = String, Path), ("If-Match" = String, Header, description = "the ETag of the account, which is its version in quotes")),
    responses((status = 200, body = Created<AccountView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[patch("/api/v1/accounts/{id}")]
async fn change(
    allowed: Allowed<may::KeepAccounts>,
    id: Path<Id<Account>>,
    if_match: IfMatch,
    db: Data<Db>,
    body: Body<Change>,
) -> Result<HttpResponse, Error> {
    let (id, active) = (id.into_inner(), body.value.active);
    let (account, receipt) = db
        .write(Lane::of("account", &id.clone()), move |tx| {
            service::set_account_state(tx, &allowed, &id, active, |v| if_match.check(v))
        })
        .await?;
    let version = account.version;
    Ok(with_etag(HttpResponse::Ok().json(Created { value: account, log_entry: receipt.seq }), version))
}
