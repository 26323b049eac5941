//! JSON bodies: bounded, strict, with errors that name the field.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::errors::{BODY_TOO_LARGE, Error, NOT_JSON, WRONG_MEDIA_TYPE};
use crate::kernel::Problem;

/// Most bytes of a JSON body; files go through the import and document addresses.
pub const MOST_JSON_BYTES: usize = 4 * 1024 * 1024;

/// A parsed JSON body and the SHA-256 of its bytes (for idempotency).
#[derive(Debug)]
pub struct Body<T> {
    pub value: T,
    pub sha256: String,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        let read = web::Payload::from_request(request, payload).into_inner();
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse::<usize>().ok());
        Box::pin(async move {
            let kind = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
            if kind != "application/json" && !kind.ends_with("+json") {
                return Err((&WRONG_MEDIA_TYPE).into());
            }
            if announced.is_some_and(|n| n > MOST_JSON_BYTES) {
                return Err((&BODY_TOO_LARGE).into());
            }
            let payload = read.map_err(|_| Error::from(&NOT_JSON))?;
            let bytes = payload.to_bytes_limited(MOST_JSON_BYTES).await.map_err(|_| Error::from(&BODY_TOO_LARGE))?;
            let bytes = bytes.map_err(|_| Error::from(&NOT_JSON))?;
            super::plain_text::check_json(&bytes)?;
            Ok(Body { value: parse(&bytes)?, sha256: sha256_hex(&bytes) })
        })
    }
}

/// Parses and, where it fails, names the field and the place.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let (path, inner) = (e.path().to_string(), e.inner());
        if inner.is_data() {
            let pointer = if path == "." { String::new() } else { path.replace(['.', '['], "/").replace(']', "") };
            Problem::field(&pointer, None, field_sentence(&inner.to_string()))
        } else {
            Problem::new(
                &NOT_JSON,
                format!("第 {} 行第 {} 列读不下去：请检查引号、逗号和括号", inner.line(), inner.column()),
            )
        }
    })?;
    reader
        .end()
        .map_err(|e| Problem::new(&NOT_JSON, format!("第 {} 行第 {} 列起有多余的内容", e.line(), e.column())))?;
    Ok(value)
}

/// serde's words for the common cases in the reader's language; sentences of our own types pass as they are.
fn field_sentence(text: &str) -> String {
    let text = text.split(" at line ").next().unwrap_or(text);
    let quoted = || text.split('`').nth(1).unwrap_or("").to_owned();
    if text.starts_with("missing field") {
        format!("缺少 {}，请补上", quoted())
    } else if text.starts_with("unknown field") {
        format!("没有 {} 这一项，请去掉或检查拼写", quoted())
    } else if let Some(rest) = text.strip_prefix("invalid type: ") {
        let (seen, wanted) = rest.split_once(", expected ").unwrap_or((rest, "其他类型"));
        format!("类型不对：收到 {seen}，应为 {wanted}")
    } else if let Some(rest) = text.strip_prefix("invalid value: ") {
        let (seen, wanted) = rest.split_once(", expected ").unwrap_or((rest, "其他值"));
        format!("数值不对：收到 {seen}，应为 {wanted}")
    } else {
        text.to_owned()
    }
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    crate::kernel::hex(&Sha256::digest(bytes))
}
