//! The witness's addresses: `POST /add-checkpoint`, `GET /SHA-256 OF THE ORIGIN/checkpoint` for monitors, `GET /` for people.

use std::net::TcpListener;

use actix_web::{
    App, HttpResponse, HttpServer,
    http::StatusCode,
    web::{self, Bytes, Data, Path},
};

use super::{Answer, Witness};

/// Most bytes of a request: 63 lines of proof, a checkpoint, and more signatures than any log has.
const MOST_BYTES: usize = 128 * 1024;

/// Serves until SIGTERM or SIGINT.
pub async fn serve(witness: Witness, listener: TcpListener) -> std::io::Result<()> {
    HttpServer::new(move || {
        App::new()
            .app_data(Data::new(witness.clone()))
            .app_data(web::PayloadConfig::new(MOST_BYTES))
            .route("/add-checkpoint", web::post().to(add_checkpoint))
            .route("/{log}/checkpoint", web::get().to(checkpoint))
            .route("/", web::get().to(describe))
    })
    .workers(1)
    .shutdown_timeout(5)
    .listen(listener)?
    .run()
    .await
}

fn text(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(body)
}

async fn checkpoint(witness: Data<Witness>, log: Path<String>) -> HttpResponse {
    match web::block(move || witness.checkpoint(&log)).await {
        Ok(Some(note)) => text(StatusCode::OK, note),
        Ok(None) => text(StatusCode::NOT_FOUND, "nothing was cosigned for this log\n".into()),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed\n".into()),
    }
}

async fn describe(witness: Data<Witness>) -> HttpResponse {
    text(StatusCode::OK, witness.description())
}

async fn add_checkpoint(witness: Data<Witness>, body: Bytes) -> HttpResponse {
    // A body that is not UTF-8 is none of the format.
    let body = String::from_utf8(body.into()).unwrap_or_default();
    match web::block(move || witness.submit(&body)).await {
        Ok(Answer::Cosigned(line)) => text(StatusCode::OK, line),
        Ok(Answer::Conflict(size)) => {
            HttpResponse::Conflict().content_type("text/x.tlog.size").body(format!("{size}\n"))
        }
        Ok(Answer::Refused(status, why)) => {
            text(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), format!("{why}\n"))
        }
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed\n".into()),
    }
}
