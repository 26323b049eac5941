//! `/log/…`: the transparency log as C2SP tlog-tiles readers expect it. Not part of the OpenAPI document: these addresses
//! and bytes are fixed by the C2SP specifications.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::{Data, Path, ServiceConfig, get, resource},
};

use crate::{
    db::Db,
    kernel::error::NOT_FOUND,
    log::{self, Witnesses},
    web::Error,
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/log/checkpoint").route(get().to(checkpoint)))
        .service(resource("/log/proof/{index}").route(get().to(proof)))
        .service(resource("/log/receipts/{seq}").route(get().to(receipt)))
        .service(resource("/log/entries/{seq}/bytes").route(get().to(bytes)))
        .service(resource("/log/{tile:tile/.*}").route(get().to(tile)));
}

/// Heads grow: whoever asks gets the newest. Tiles never change: whoever has one keeps it.
const FRESH: HeaderValue = HeaderValue::from_static("no-cache");
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

fn text(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, FRESH))
        .body(body)
}

async fn checkpoint(db: Data<Db>) -> Result<HttpResponse, Error> {
    let head = db.read(log::head).await?;
    Ok(text(head.ok_or(Error::from(&NOT_FOUND))?.note))
}

async fn proof(db: Data<Db>, witnesses: Data<Witnesses>, index: Path<u64>) -> Result<HttpResponse, Error> {
    let proof = db.read(move |rx| witnesses.proof(rx, *index)).await?;
    Ok(text(proof.ok_or(Error::from(&NOT_FOUND))?.to_string()))
}

/// The proof with the entry in it, as a file to be kept. Not there until the entry has its place, about a second after the
/// answer that named it.
async fn receipt(db: Data<Db>, witnesses: Data<Witnesses>, seq: Path<i64>) -> Result<HttpResponse, Error> {
    let seq = *seq;
    let receipt = db.read(move |rx| witnesses.receipt(rx, seq)).await?;
    let mut file = text(receipt.ok_or(Error::from(&NOT_FOUND))?.to_string());
    let name = HeaderValue::try_from(format!("attachment; filename=\"xiangji-{seq}.tlog-proof\""));
    file.headers_mut().insert(header::CONTENT_DISPOSITION, name.unwrap_or(HeaderValue::from_static("attachment")));
    Ok(file)
}

/// The entry exactly as it was hashed: with its proof all that somebody else's software needs.
async fn bytes(db: Data<Db>, seq: Path<i64>) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| log::find_stored(rx, *seq)).await?;
    let (_, bytes) = found.ok_or(Error::from(&NOT_FOUND))?;
    Ok(unpacked(bytes))
}

/// Bytes as they are: hashes do not get smaller by compressing, and packing them costs the reader an answer in two halves.
fn unpacked(bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        .insert_header(header::ContentEncoding::Identity)
        .body(bytes)
}

async fn tile(db: Data<Db>, path: Path<String>) -> Result<HttpResponse, Error> {
    let tile: log::tiles::Tile = path.parse().map_err(|_| Error::from(&NOT_FOUND))?;
    let bytes = db
        .read(move |rx| match log::head(rx)? {
            Some(head) => log::file(rx, &tile, &head),
            None => Ok(None),
        })
        .await?;
    let bytes = bytes.ok_or(Error::from(&NOT_FOUND))?;
    Ok(unpacked(bytes))
}
