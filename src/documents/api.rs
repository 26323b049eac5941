//! `/api/v1/documents`.

use actix_web::{
    HttpResponse, get,
    http::header,
    post,
    web::{Data, Path, Query},
};
use utoipa::ToSchema;

use super::{Content, Document, NewDocument, Visibility, service};
use crate::{
    access::{Allowed, MaybeActor, may},
    db::{Db, Lane},
    kernel::{Id, Page, PageRequest, Problem},
    vault::Vault,
    web::{Created, Error, Problem as ProblemDocument, Routes, created, upload::MultipartFile},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list).service(add).service(one).service(read);
}

/// Papers of the own scope.
#[utoipa::path(tag = "documents", params(("limit" = Option<u32>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Page<Document>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/documents")]
async fn list(
    allowed: Allowed<may::ReadDocuments>,
    db: Data<Db>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::list(rx, &allowed, &page)).await?))
}

/// A form with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the multipart form in the API document")]
struct AddDocument {
    collective_code: String,
    title: String,
    /// `internal` unless told.
    visibility: Option<Visibility>,
    /// PDF, JPEG, PNG, DOCX or XLSX, at most 10 MiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Keeps a paper or a photo.
#[utoipa::path(tag = "documents", request_body(content = AddDocument, content_type = "multipart/form-data"),
    responses((status = 201, body = Created<Document>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/documents")]
async fn add(
    allowed: Allowed<may::KeepDocuments>,
    db: Data<Db>,
    vault: Data<Vault>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    let visibility = match form.get("visibility") {
        "" => Visibility::Internal,
        word => word.parse().map_err(|e: String| Problem::field("visibility", Some(word), e))?,
    };
    let new = NewDocument {
        collective_code: form.get("collective_code").into(),
        title: form.get("title").into(),
        visibility,
        bytes: form.bytes,
    };
    let vault = vault.get_ref().clone();
    let (document, receipt) = db.write(Lane::Any, move |tx| service::add(tx, &allowed, &vault, &new)).await?;
    Ok(created(document, receipt))
}

/// One paper without its contents.
#[utoipa::path(tag = "documents", params(("id" = String, Path)), responses((status = 200, body = Document), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/documents/{id}")]
async fn one(
    allowed: Allowed<may::ReadDocuments>,
    id: Path<Id<Document>>,
    db: Data<Db>,
) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::get(rx, &allowed.scope, &id)).await?))
}

/// The contents of a paper: public ones for everybody, others for who may read papers of its collective.
#[utoipa::path(tag = "documents", params(("id" = String, Path)),
    responses((status = 200, description = "the file", content((String = "application/pdf"), (String = "image/jpeg"), (String = "image/png"))),
        (status = "4XX", body = ProblemDocument)), security((), ("bearer" = [])))]
#[get("/api/v1/documents/{id}/content")]
async fn read(
    actor: MaybeActor,
    id: Path<Id<Document>>,
    db: Data<Db>,
    vault: Data<Vault>,
) -> Result<HttpResponse, Error> {
    let vault = vault.get_ref().clone();
    let allowed = actor.0.and_then(|a| a.prove::<may::ReadDocuments>().ok());
    let content = db
        .read(move |rx| match service::public_content(rx, &vault, &id) {
            Err(e) if e.problem().is_some() => match &allowed {
                Some(allowed) => service::content(rx, allowed, &vault, &id),
                None => Err(e),
            },
            other => other,
        })
        .await?;
    Ok(respond(content))
}

/// Pictures are shown, everything else is saved: a paper never runs as a page of this site.
pub fn respond(content: Content) -> HttpResponse {
    let name = crate::web::html::query_escape(&content.title);
    let kind = if content.media_type.is_picture() { "inline" } else { "attachment" };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content.media_type.as_str()))
        .insert_header((header::CONTENT_DISPOSITION, format!("{kind}; filename*=UTF-8''{name}")))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(content.bytes)
}
