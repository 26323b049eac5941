//! The shell that every request passes: errors, bodies, form tokens, idempotency, versions, limits, headers. It knows no
//! domain.
//!
//! Promise: a refusal reaches an API client as RFC 9457 `application/problem+json` and a browser as a page; nothing of the
//! inside (SQL, paths, panics) leaves; no page loads anything from another site.

pub mod body;
pub mod comfort;
pub mod csrf;
pub mod errors;
pub mod headers;
pub mod html;
pub mod idempotency;
pub mod limits;
pub mod observe;
pub mod plain_text;
pub mod qr;
pub mod routes;
pub mod static_files;
mod store;
pub mod upload;
pub mod versions;

use actix_web::HttpResponse;
use serde::Serialize;

pub use body::Body;
pub use csrf::{FormFields, FormToken};
pub use errors::{Error, Problem};
pub use idempotency::{IdempotencyKey, Reply};
pub use routes::Routes;
pub use versions::{IfMatch, with_etag};

/// An answer to a change: the record and where its entry stands in the log.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Created<T> {
    #[serde(flatten)]
    pub value: T,
    /// Sequence number of the log entry that this change wrote.
    pub log_entry: i64,
}

/// 201 with the new record and its receipt.
pub fn created<T: Serialize>(value: T, receipt: crate::log::Receipt) -> HttpResponse {
    HttpResponse::Created().json(Created { value, log_entry: receipt.seq })
}

/// 303: after a form was accepted, the browser gets a page that may be reloaded.
pub fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((actix_web::http::header::LOCATION, location)).finish()
}
