//! Who is acting: found once for each request, before its handler runs.

use std::{future::Ready, marker::PhantomData};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Data,
};

use super::{
    Permission, Role, Scope,
    api::SESSION_COOKIE,
    policy::permits,
    service::{Credential, Sessions},
    store::{Account, SessionRecord},
};
use crate::{
    db::{Arrival, Db},
    kernel::{Id, codes::RegionCode},
    log::By,
    web,
};

crate::codes! {
    SIGN_IN_FIRST 401 "sign_in_first" "请先登录";
    NOT_ALLOWED 403 "not_allowed" "您的账号没有这项权限；如确有需要，请联系镇街管理员";
}

/// A signed-in account.
#[derive(Debug, Clone)]
pub struct Actor {
    pub account: Id<Account>,
    /// What the person typed to sign in.
    pub name: String,
    pub display_name: String,
    pub role: Role,
    /// Region code the role is held at.
    pub home: String,
    pub scope: Scope,
    pub session: Id<SessionRecord>,
    /// When the request came that this account has sent.
    pub arrived: Arrival,
}

impl Actor {
    /// Whoever runs a command on the machine itself, acting as `role` at a collective.
    pub fn operator(role: Role, collective: &RegionCode) -> Actor {
        Actor {
            account: Id::from_trusted("operator"),
            name: "operator".into(),
            display_name: "operator".into(),
            role,
            home: collective.to_string(),
            scope: Scope::of(role, collective.as_str()),
            session: Id::from_trusted("none"),
            arrived: Arrival::now(),
        }
    }

    /// As it stands in the log.
    pub fn by(&self) -> By {
        By { account: self.account.to_string(), role: self.role.as_str() }
    }

    /// The proof of a right, if the role has it.
    pub fn prove<P: Permission>(&self) -> crate::db::Result<Allowed<P>> {
        if permits(self.role, P::ACTION) {
            Ok(Allowed { actor: self.clone(), scope: self.scope.clone(), right: PhantomData })
        } else {
            Err((&NOT_ALLOWED).into())
        }
    }

    /// For pages: whether to show a link.
    pub fn can<P: Permission>(&self) -> bool {
        permits(self.role, P::ACTION)
    }

    /// The same about records of one place.
    pub fn can_in<P: Permission>(&self, place: &RegionCode) -> bool {
        self.can::<P>() && self.scope.contains(place.as_str())
    }
}

/// The proof that the actor has the right `P`, and where. As an argument of a handler it answers 401 or 403 by itself,
/// before the body is read.
pub struct Allowed<P> {
    pub actor: Actor,
    pub scope: Scope,
    right: PhantomData<P>,
}

impl<P> Allowed<P> {
    pub fn by(&self) -> By {
        self.actor.by()
    }
}
impl<P> Clone for Allowed<P> {
    fn clone(&self) -> Self {
        Allowed { actor: self.actor.clone(), scope: self.scope.clone(), right: PhantomData }
    }
}
impl<P> std::fmt::Debug for Allowed<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Allowed({}, {:?})", self.actor.name, self.scope)
    }
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = web::Error;
    type Future = Ready<Result<Self, Self::Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = request.extensions().get::<Actor>().cloned();
        std::future::ready(match actor {
            Some(actor) => actor.prove().map_err(web::Error::from),
            None => Err((&SIGN_IN_FIRST).into()),
        })
    }
}

/// Any signed-in account: 401 otherwise.
impl FromRequest for Actor {
    type Error = web::Error;
    type Future = Ready<Result<Self, Self::Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = request.extensions().get::<Actor>().cloned();
        std::future::ready(actor.ok_or_else(|| (&SIGN_IN_FIRST).into()))
    }
}

/// For public pages that show more to who is signed in.
#[derive(Debug, Clone)]
pub struct MaybeActor(pub Option<Actor>);

impl FromRequest for MaybeActor {
    type Error = web::Error;
    type Future = Ready<Result<Self, Self::Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(MaybeActor(request.extensions().get::<Actor>().cloned())))
    }
}

/// Middleware: finds the actor of the cookie or the bearer token and puts it, with its form token, beside the request.
/// A token that is not good leaves the request anonymous.
pub async fn authenticate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let credential = credential(&request);
    if let (Some(credential), Some(db), Some(sessions)) =
        (credential, request.app_data::<Data<Db>>(), request.app_data::<Data<Sessions>>())
    {
        let (db, sessions) = (db.clone(), sessions.clone());
        let arrived = Arrival::now();
        let by_cookie = matches!(credential, Credential::Cookie(_));
        let found = match sessions.find_actor(&db, &credential).await {
            Ok(found) => found,
            Err(e) => return Ok(web::errors::refuse(request, e)),
        };
        if let Some(actor) = found.map(|actor| Actor { arrived: arrived.looked_up(), ..actor }) {
            // A bearer token is sent by a program on purpose; only a cookie travels by itself and needs the form's word.
            if by_cookie {
                request.extensions_mut().insert(web::csrf::FormToken(sessions.form_token(&actor.session)));
            }
            if !web::errors::is_for_programs(request.path()) {
                request.extensions_mut().insert(super::pages::signed_in(&actor));
            }
            request.extensions_mut().insert(actor);
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

fn credential(request: &ServiceRequest) -> Option<Credential> {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let token = value.to_str().ok()?.strip_prefix("Bearer ")?;
        return Some(Credential::Bearer(token.to_owned()));
    }
    request.cookie(SESSION_COOKIE).map(|c| Credential::Cookie(c.value().to_owned()))
}
