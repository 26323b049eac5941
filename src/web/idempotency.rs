//! A POST that is sent twice (a lost answer, a double tap) acts once: the same `Idempotency-Key` and body get the first
//! answer again, another body is refused. The first answer is written in the transaction that it reports.

use std::future::Ready;

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::StatusCode};
use serde::Serialize;

use super::{errors::Error, store};
use crate::{
    db::{self, Db, Lane, Tx},
    kernel::Code,
};

crate::codes! {
    KEY_REUSED 422 "idempotency_key_reused" "这个 Idempotency-Key 已经用于另一个请求；重试要发送相同的内容，新的操作请换一个新的键";
    KEY_UNREADABLE 422 "idempotency_key_unreadable" "Idempotency-Key 要有 1 到 128 个可见的英文字符";
}

/// The header, where the client sent one.
#[derive(Debug, Clone, Default)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let result = match request.headers().get("idempotency-key") {
            None => Ok(IdempotencyKey(None)),
            Some(value) => match value.to_str() {
                Ok(text) if (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) => {
                    Ok(IdempotencyKey(Some(text.to_owned())))
                }
                _ => Err((&KEY_UNREADABLE).into()),
            },
        };
        std::future::ready(result)
    }
}

/// An answer that can be given again: status and JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

impl Reply {
    pub fn json(status: u16, value: &impl Serialize) -> db::Result<Reply> {
        let body = serde_json::to_string(value).map_err(|e| db::Error::Internal(format!("answer as JSON: {e}")))?;
        Ok(Reply { status, body })
    }

    /// A refusal that is itself a recorded outcome (a bid too low), as problem+json.
    pub fn problem(problem: &crate::kernel::Problem) -> db::Result<Reply> {
        Self::json(problem.code.status, &super::Problem::from(problem))
    }

    /// The refusal that this answer is, with the sentence that was first said; `known` are the codes that it may have.
    pub fn refusal(&self, known: &[&[&'static Code]]) -> crate::kernel::Problem {
        let document: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let word = |name: &str| document.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let code = known.iter().flat_map(|codes| codes.iter()).find(|code| code.code == word("code"));
        crate::kernel::Problem::new(code.copied().unwrap_or(&crate::kernel::error::INTERNAL), word("detail"))
    }

    pub fn respond(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
        HttpResponse::build(status).content_type(kind).body(self.body)
    }
}

/// Runs `work` unless this account has used the key before; then gives the first answer, or refuses another request.
/// `request_hash` is the SHA-256 of method, path and body ([`super::Body::sha256`] with the path before it).
pub fn once(
    tx: &mut Tx<'_>,
    account: &str,
    key: &IdempotencyKey,
    request_hash: &str,
    work: impl FnOnce(&mut Tx<'_>) -> db::Result<Reply>,
) -> db::Result<Reply> {
    let Some(key) = &key.0 else { return work(tx) };
    if let Some((hash, first)) = store::find_reply(tx, account, key)? {
        return if hash == request_hash { Ok(first) } else { Err((&KEY_REUSED).into()) };
    }
    let reply = work(tx)?;
    store::insert_reply(tx, account, key, request_hash, &reply)?;
    Ok(reply)
}

/// Days for which a first answer is given again. Then it goes: it may hold a name.
const KEPT_DAYS: i64 = 30;

/// Removes first answers that nobody will ask for any more; called by the timetable.
pub fn forget_old(db: &Db) -> db::Result<()> {
    let before = db.now().plus_s(-KEPT_DAYS * 86_400);
    if !db.read_now(|rx| store::is_any_before(rx, before))? {
        return Ok(());
    }
    db.write_now(Lane::Any, move |tx| store::delete_before(tx, before))
}
