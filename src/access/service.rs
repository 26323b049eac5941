//! Use cases: signing in and out, refreshing, keeping accounts.

use std::collections::HashMap;

use super::{
    Actor, Allowed, Passwords, Role, Scope, may,
    store::{self, Account, AccountRow, AccountState, SessionKey, SessionRecord, SessionRow},
    tokens::{TOKEN_S, TokenKeys, token_hash},
};
use crate::{
    db::{Arrival, Db, Desk, Error, Lane, Result, Rx, Salt, Tx, new_token},
    kernel::{FieldError, Id, Page, PageRequest, Problem, Timestamp},
    log::{By, Fact, Receipt, record},
};
use serde::Serialize;

crate::codes! {
    WRONG_NAME_OR_PASSWORD 401 "wrong_name_or_password" "用户名或密码不对，请检查后重新输入";
    SESSION_ENDED 401 "session_ended" "登录已结束，请重新登录";
    ACCOUNT_NAME_TAKEN 409 "account_name_taken" "这个用户名已经有人使用，请换一个";
    OWN_ACCOUNT 409 "own_account" "不能停用自己的账号，请由另一位管理员操作";
}

/// Seconds a browser's session lasts without a request.
const PAGE_SESSION_S: i64 = 12 * 3600;
/// Seconds a refresh token is good for.
const API_SESSION_S: i64 = 30 * 24 * 3600;

/// A session that was just opened: the cookie's value for a page, the refresh token for the API.
pub struct Session {
    pub id: Id<SessionRecord>,
    pub token: String,
    pub account: AccountView,
}

/// What an API client gets: a short-lived bearer token and the refresh token that is good for one use.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Tokens {
    /// Send it as `Authorization: Bearer …`.
    pub token: String,
    /// Seconds until the token ends.
    pub expires_in_s: i64,
    /// Good for one use at `POST /api/v1/session/refresh`; using it twice ends the session.
    pub refresh_token: String,
    pub account: AccountView,
}

/// An account as others may see it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AccountView {
    #[schema(value_type = String)]
    pub id: Id<Account>,
    pub name: String,
    pub display_name: String,
    pub role: Role,
    /// Region code the role is held at.
    pub scope: String,
    pub active: bool,
    pub version: i32,
}

impl From<&AccountRow> for AccountView {
    fn from(row: &AccountRow) -> Self {
        AccountView {
            id: row.id.clone(),
            name: row.name.clone(),
            display_name: row.display_name.clone(),
            role: row.role,
            scope: row.scope.clone(),
            active: row.state == AccountState::Active,
            version: row.version,
        }
    }
}

/// Checks name and password and opens a session. `for_api` decides how long it lasts.
///
/// Errors: `wrong_name_or_password`, the same for an unknown name, a wrong password and a disabled account.
pub async fn sign_in(db: &Db, passwords: &Passwords, name: String, password: String, for_api: bool) -> Result<Session> {
    let found = db.read(move |rx| store::find_account_by_name(rx, &name)).await?;
    let hash = found.as_ref().map(|a| a.password_hash.clone());
    let right = passwords.verify(password, hash).await?;
    let account = found.filter(|a| right && a.state == AccountState::Active).ok_or(&WRONG_NAME_OR_PASSWORD)?;
    db.write(Lane::Any, move |tx| open_session(tx, &account, for_api)).await
}

fn open_session(tx: &mut Tx<'_>, account: &AccountRow, for_api: bool) -> Result<Session> {
    let now = tx.now();
    let token = new_token();
    let row = SessionRow {
        id: tx.new_id("ses"),
        account_id: account.id.clone(),
        kind: if for_api { "api" } else { "page" }.into(),
        token_hash: token_hash(&token),
        created_at: now,
        seen_at: now,
        expires_at: now.plus_s(if for_api { API_SESSION_S } else { PAGE_SESSION_S }),
        ended_at: None,
    };
    store::insert_session(tx, &row)?;
    Ok(Session { id: row.id, token, account: account.into() })
}

impl Session {
    /// The tokens of an API client.
    pub fn tokens(self, keys: &TokenKeys, now: Timestamp) -> Result<Tokens> {
        Ok(Tokens {
            token: keys.issue(&self.id, now)?,
            expires_in_s: TOKEN_S,
            refresh_token: self.token,
            account: self.account,
        })
    }
}

/// Exchanges a refresh token for a new pair. A token that was used before was stolen or copied: its whole session ends.
///
/// Errors: `session_ended`.
pub async fn refresh(db: &Db, keys: &TokenKeys, refresh_token: String) -> Result<Tokens> {
    let session = db
        .write(Lane::Any, move |tx| {
            let (now, old) = (tx.now(), token_hash(&refresh_token));
            if let Some(stolen) = store::find_spent(tx, &old)? {
                store::end_session(tx, &stolen, now)?;
                return Ok(None);
            }
            let key = SessionKey::TokenHash(old.clone());
            let Some((session, account)) = store::list_live_sessions(tx, &[&key], now)?.pop() else {
                return Ok(None);
            };
            if session.kind != "api" {
                return Ok(None);
            }
            let new = new_token();
            store::rotate(tx, &session.id, &old, &token_hash(&new), now, now.plus_s(API_SESSION_S))?;
            Ok(Some(Session { id: session.id, token: new, account: (&account).into() }))
        })
        .await
        // Two uses of one token at the same moment: the second meets the key of the first.
        .or_else(|e| if e.is_unique_violation() { Ok(None) } else { Err(e) })?;
    session.ok_or(Error::from(&SESSION_ENDED))?.tokens(keys, db.now())
}

/// Ends the actor's session at once.
pub async fn sign_out(db: &Db, actor: &Actor) -> Result<()> {
    let session = actor.session.clone();
    db.write(Lane::Any, move |tx| {
        let now = tx.now();
        store::end_session(tx, &session, now)
    })
    .await
}

/// What a request came with.
pub(super) enum Credential {
    Cookie(String),
    Bearer(String),
}

/// Whose session is this? Asked once for each request. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    keys: TokenKeys,
    desk: Desk<Asked, Option<Actor>>,
}

struct Asked {
    key: SessionKey,
    at: Timestamp,
}

impl Sessions {
    pub fn new(keys: TokenKeys) -> Sessions {
        Sessions { keys, desk: Desk::new(actors) }
    }

    /// What a form of this session must send back in `csrf`.
    pub(super) fn form_token(&self, session: &Id<SessionRecord>) -> String {
        self.keys.form_token(session.as_str())
    }

    /// The actor of a request's credential, if its session runs.
    pub(super) async fn find_actor(&self, db: &Db, credential: &Credential) -> Result<Option<Actor>> {
        let at = db.now();
        let key = match credential {
            Credential::Cookie(token) => Some(SessionKey::TokenHash(token_hash(token))),
            Credential::Bearer(token) => self.keys.read(token, at).map(SessionKey::Id),
        };
        match key {
            Some(key) => db.ask(&self.desk, Asked { key, at }).await,
            None => Ok(None),
        }
    }
}

/// The actors of those who ask, in their order.
fn actors(rx: &mut Rx<'_>, asked: &[Asked]) -> Result<Vec<Option<Actor>>> {
    let now = asked.iter().map(|one| one.at).max().unwrap_or_default();
    let keys: Vec<&SessionKey> = asked.iter().map(|one| &one.key).collect();
    let live = store::list_live_sessions(rx, &keys, now)?;
    let by_id: HashMap<&str, _> = live.iter().map(|found| (found.0.id.as_str(), found)).collect();
    let by_hash: HashMap<&str, _> = live.iter().map(|found| (found.0.token_hash.as_str(), found)).collect();
    let found = |one: &Asked| match &one.key {
        SessionKey::Id(id) => by_id.get(id.as_str()),
        SessionKey::TokenHash(hash) => by_hash.get(hash.as_str()).filter(|(session, _)| session.kind == "page"),
    };
    Ok(asked.iter().map(|one| found(one).map(|(session, account)| actor_of(account, session.id.clone()))).collect())
}

/// An account as an actor without a session: for the command line, the demo and tests.
pub fn find_actor(rx: &mut Rx<'_>, name: &str) -> Result<Option<Actor>> {
    let found = store::find_account_by_name(rx, name)?;
    Ok(found.map(|account| actor_of(&account, Id::from_trusted("none"))))
}

fn actor_of(account: &AccountRow, session: Id<SessionRecord>) -> Actor {
    Actor {
        account: account.id.clone(),
        name: account.name.clone(),
        display_name: account.display_name.clone(),
        role: account.role,
        home: account.scope.clone(),
        scope: Scope::of(account.role, &account.scope),
        session,
        arrived: Arrival::now(),
    }
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub name: String,
    pub display_name: String,
    pub role: Role,
    /// Region code the role is held at.
    pub scope: String,
    /// Made by [`Passwords::hash`].
    pub password_hash: String,
}

/// Creates an account. Errors: field errors, `account_name_taken`.
pub fn create_account(tx: &mut Tx<'_>, by: &By, new: &NewAccount) -> Result<(AccountView, Receipt)> {
    check_account(new)?;
    if store::find_account_by_name(tx, &new.name)?.is_some() {
        return Err((&ACCOUNT_NAME_TAKEN).into());
    }
    let row = AccountRow {
        id: tx.new_id("acc"),
        name: new.name.clone(),
        display_name: new.display_name.clone(),
        role: new.role,
        scope: new.scope.clone(),
        password_hash: new.password_hash.clone(),
        state: AccountState::Active,
        created_at: tx.now(),
        version: 1,
        salt: Salt::fresh(),
        person_id: None,
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&ACCOUNT_NAME_TAKEN).into() } else { e })?;
    let fact = Fact::new("account.created", &row.scope)
        .about("account", &row.id)
        .data(serde_json::json!({ "role": row.role }));
    let receipt = record(tx, by, fact)?;
    Ok(((&row).into(), receipt))
}

/// What an administrator may make: within the own scope, with fields that fit. Asked before the costly hash.
pub(super) fn check_new(allowed: &Allowed<may::KeepAccounts>, new: &NewAccount) -> Result<()> {
    if !allowed.scope.contains(&new.scope) {
        return Err(Problem::field("scope", Some(&new.scope), "管辖区域不在您的管理范围内").into());
    }
    check_account(new)
}

fn check_account(new: &NewAccount) -> Result<()> {
    let mut errors = Vec::new();
    let name_fits = (2..=40).contains(&new.name.chars().count())
        && new.name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@'));
    if !name_fits {
        errors.push(FieldError::new(
            "name",
            Some(&new.name),
            "用户名要有 2 到 40 个字，只能用文字、数字和 _ - . @，不能有空格",
        ));
    }
    if !(1..=100).contains(&new.display_name.trim().chars().count()) {
        errors.push(FieldError::new("display_name", Some(&new.display_name), "请填写显示的姓名或名称，最多 100 个字"));
    }
    let digits = new.scope.bytes().all(|b| b.is_ascii_digit());
    if !digits || !matches!(new.scope.len(), 12 | 14) {
        errors.push(FieldError::new(
            "scope",
            Some(&new.scope),
            "管辖区域要填 12 位区划代码（村民小组 14 位），例如 440703103000",
        ));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors).into()) }
}

/// The names of those among these accounts that hold an office, by id: an entry of the log says who wrote it. Bidders stay
/// without a name.
pub fn staff_names(rx: &mut Rx<'_>, ids: Vec<Id<Account>>) -> Result<HashMap<String, String>> {
    Ok(store::staff_names(rx, ids)?.into_iter().collect())
}

/// The accounts of the actor's scope.
pub fn list_accounts(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::KeepAccounts>,
    page: &PageRequest,
) -> Result<Page<AccountView>> {
    let rows = store::list_accounts(rx, &allowed.scope, page)?;
    Ok(Page::from_rows(rows, page.limit(), |r| r.id.to_string()).map(|r| (&r).into()))
}

/// The name shown beside what an account did, for a record that the reader may see.
pub fn display_name(rx: &mut Rx<'_>, account: &str) -> Result<String> {
    Ok(store::find_display_name(rx, account)?.unwrap_or_else(|| account.to_owned()))
}

/// One account of the actor's scope. Errors: `not_found`.
pub fn get_account(rx: &mut Rx<'_>, allowed: &Allowed<may::KeepAccounts>, id: &Id<Account>) -> Result<AccountView> {
    let row = store::find_account(rx, &allowed.scope, id)?.ok_or(&crate::kernel::error::NOT_FOUND)?;
    Ok((&row).into())
}

/// Switches an account off (its sessions end at once) or on again.
///
/// Errors: `not_found` outside the scope, `own_account`, a stale version.
pub fn set_account_state(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepAccounts>,
    id: &Id<Account>,
    active: bool,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(AccountView, Receipt)> {
    tx.lock_row("accounts", "id", id.as_str())?;
    let mut row = store::find_account(tx, &allowed.scope, id)?.ok_or(&crate::kernel::error::NOT_FOUND)?;
    check_version(row.version)?;
    if row.id == allowed.actor.account {
        return Err((&OWN_ACCOUNT).into());
    }
    row.state = if active { AccountState::Active } else { AccountState::Disabled };
    row.version += 1;
    row.update(tx)?;
    if !active {
        let now = tx.now();
        store::end_sessions_of(tx, &row.id, now)?;
    }
    let kind = if active { "account.enabled" } else { "account.disabled" };
    let receipt = record(tx, &allowed.by(), Fact::new(kind, &row.scope).about("account", &row.id))?;
    Ok(((&row).into(), receipt))
}
