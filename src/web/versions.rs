//! Optimistic versions: an ETag is the record's version in quotes; a change needs it back as If-Match.

use std::future::Ready;

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::header};

use super::errors::Error;
use crate::db;

crate::codes! {
    VERSION_REQUIRED 428 "version_required" "请带上 If-Match：先读取这条记录，把它的 ETag 原样发回";
    VERSION_STALE 412 "version_stale" "这条记录在您打开之后已被别人修改；请重新读取，核对后再提交";
}

/// The version the client has seen.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(Option<i32>);

impl IfMatch {
    /// From a form's hidden field.
    pub fn seen(version: Option<i32>) -> IfMatch {
        IfMatch(version)
    }

    /// 412 where the record has moved on.
    pub fn check(&self, current: i32) -> db::Result<()> {
        match self.0 {
            Some(seen) if seen == current => Ok(()),
            _ => Err((&VERSION_STALE).into()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let result = match request.headers().get(header::IF_MATCH) {
            None => Err((&VERSION_REQUIRED).into()),
            // A tag that is not one of ours matches nothing.
            Some(value) => Ok(IfMatch(value.to_str().ok().and_then(|v| v.trim().trim_matches('"').parse().ok()))),
        };
        std::future::ready(result)
    }
}

/// Puts the version on the answer.
pub fn with_etag(mut response: HttpResponse, version: i32) -> HttpResponse {
    if let Ok(value) = header::HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
