//! Forms come from our own pages only: the browser's own word for where a request comes from, and a token in the form.

use std::collections::HashMap;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web,
};
use futures_util::future::LocalBoxFuture;

use super::errors::{BAD_REQUEST, BODY_TOO_LARGE, Error};
use crate::kernel::Problem;

crate::codes! {
    FOREIGN_FORM 403 "foreign_form" "这个请求不是从本网站的页面发出的，已拒绝";
    STALE_FORM 403 "stale_form" "页面已过期，请返回上一页，刷新后再提交；您填写的内容不会丢失";
}

/// What a form of this session must carry in `csrf`; put beside the request by `access`.
#[derive(Debug, Clone)]
pub struct FormToken(pub String);

/// Middleware: a changing request with a cookie must come from a page of this site.
pub async fn same_site_only<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let changing = !request.method().is_safe();
    let by_token = request.headers().contains_key(header::AUTHORIZATION);
    if changing && !by_token && !is_own(&request) {
        return Ok(super::errors::refuse(request, &FOREIGN_FORM));
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

fn is_own(request: &ServiceRequest) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = request.connection_info().host().to_owned();
            origin.split_once("://").is_some_and(|(_, h)| h == host)
        }
        // Neither header: not a browser of this decade; the form token still stands.
        (None, None) => true,
    }
}

/// The fields of a form whose token was right. A field that stands several times keeps its last value.
#[derive(Debug, Clone, Default)]
pub struct FormFields(pub HashMap<String, String>);

/// Most bytes of an urlencoded form.
const MOST_FORM_BYTES: usize = 256 * 1024;

impl FormFields {
    /// The field's text, trimmed; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |v| v.trim())
    }
    /// The text, or `None` where nothing was filled in.
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|v| !v.is_empty())
    }
    /// Whether a box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.filled(name).is_some()
    }
    /// What a reviewer chose, `approve` or `return`.
    ///
    /// Errors: a field error where neither was chosen.
    pub fn approval(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name) {
            "approve" => Ok(true),
            "return" => Ok(false),
            _ => Err(Problem::field(name, None, "请选择通过还是退回")),
        }
    }
}

impl FromRequest for FormFields {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let read = web::Payload::from_request(&request, payload).into_inner();
        Box::pin(async move {
            let payload = read.map_err(|_| Error::from(&BAD_REQUEST))?;
            let bytes = payload.to_bytes_limited(MOST_FORM_BYTES).await.map_err(|_| Error::from(&BODY_TOO_LARGE))?;
            let bytes = bytes.map_err(|_| Error::from(&BAD_REQUEST))?;
            let fields: HashMap<String, String> =
                serde_urlencoded::from_bytes(&bytes).map_err(|_| Error::from(&BAD_REQUEST))?;
            check(&request, fields.get("csrf").map_or("", String::as_str))?;
            fields.iter().try_for_each(|(name, text)| super::plain_text::check(name, text))?;
            Ok(FormFields(fields))
        })
    }
}

/// The token of a form against the session's. A request without a session (the sign-in form) has no token.
pub fn check(request: &HttpRequest, sent: &str) -> Result<(), Error> {
    match request.extensions().get::<FormToken>() {
        Some(FormToken(expected)) if expected != sent => Err((&STALE_FORM).into()),
        _ => Ok(()),
    }
}
