//! `/api/v1/log/…`: entries as JSON. The same entries stand in the tiles under `/log/`.

use actix_web::{
    HttpResponse, get,
    web::{Data, Path, Query},
};
use serde::Deserialize;

use super::service;
use crate::{
    access::{Allowed, may},
    db::Db,
    kernel::{Page, PageRequest, error::NOT_FOUND},
    log::{self, EntryView},
    web::{Error, Problem as ProblemDocument, Routes},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(entries).service(entry);
}

/// Which entries.
#[derive(Deserialize)]
struct EntriesQuery {
    subject: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// Entries of the own scope, the newest first.
#[utoipa::path(tag = "log", params(("subject" = Option<String>, Query, description = "a record, such as lot/lot_0abc: its timeline"),
    ("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<EntryView>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/log/entries")]
async fn entries(
    allowed: Allowed<may::Audit>,
    db: Data<Db>,
    query: Query<EntriesQuery>,
) -> Result<HttpResponse, Error> {
    let EntriesQuery { subject, limit, after } = query.into_inner();
    let page = PageRequest { limit, after };
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::timeline(rx, &allowed, subject.as_deref(), &page)).await?))
}

/// One entry by its number, the `log_entry` of the answer to a change; public.
#[utoipa::path(tag = "log", params(("seq" = i64, Path)),
    responses((status = 200, body = EntryView), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/log/entries/{seq}")]
async fn entry(db: Data<Db>, seq: Path<i64>) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| log::find_entry(rx, *seq)).await?;
    Ok(HttpResponse::Ok().json(found.ok_or(Error::from(&NOT_FOUND))?))
}
