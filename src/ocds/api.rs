//! `/api/v1/lots/{lot}/ocds`, and the extension's files under `/ocds/disposal/`.

use actix_web::{
    HttpResponse, get,
    http::header::{self, HeaderValue},
    web::{self, Data, Path},
};

use super::{Imprint, disposal, service};
use crate::{
    config::Config,
    db::Db,
    kernel::error::NOT_FOUND,
    trading::listing::LotId,
    web::{Error, Problem as ProblemDocument, Routes},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(package);
}

/// The extension's address is in every package, so its files are where a reader looks for them; not part of the OpenAPI
/// document, for the standard fixes their names.
pub fn extension_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/ocds/disposal/{file:.*}").route(web::get().to(extension)));
}

/// A lot as a release package of OCDS 1.1, as `xiangji export ocds` writes it: amounts are JSON numbers there. From its notice
/// on; an exercise has none. Public.
#[utoipa::path(tag = "lots", params(("lot" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/json"), (status = "4XX", body = ProblemDocument)))]
#[get("/api/v1/lots/{lot}/ocds")]
async fn package(lot: Path<LotId>, db: Data<Db>, config: Data<Config>) -> Result<HttpResponse, Error> {
    let imprint = Imprint::of(&config);
    let text = db.read(move |rx| service::package(rx, &imprint, &lot)).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

async fn extension(file: Path<String>) -> Result<HttpResponse, Error> {
    let known = disposal::FILES.iter().find(|(name, ..)| *name == file.as_str());
    let (_, media_type, text) = known.ok_or(Error::from(&NOT_FOUND))?;
    // Readers are scripts on other sites, too.
    let anybody = (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(HttpResponse::Ok().content_type(*media_type).insert_header(anybody).body(*text))
}
