//! What a page needs beside itself: the switch to larger type, and the server's time for clocks that run in the browser.

use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    web::{self, Data},
};

use super::{
    FormFields,
    html::{Reading, see_other},
};
use crate::{db::Db, kernel::Timestamp};

/// Mounts `/reading` and `/time`.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/reading", web::post().to(choose_reading)).route("/time", web::get().to(time));
}

/// `POST /reading`: remembers the reading mode for a year and goes back to the page.
async fn choose_reading(form: FormFields) -> HttpResponse {
    let mode = Reading::from_word(form.filled("mode"));
    let cookie = Cookie::build(Reading::COOKIE, mode.as_str())
        .path("/")
        .same_site(SameSite::Lax)
        .max_age(Duration::days(365))
        .finish();
    let mut response = see_other(form.get("back"));
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::warn!(%error, "the reading mode could not be kept");
    }
    response
}

#[derive(serde::Serialize)]
struct Now {
    now: Timestamp,
}

/// `GET /time`: the clock that decides about deadlines. Browsers measure their offset from it.
async fn time(db: Data<Db>) -> HttpResponse {
    HttpResponse::Ok().json(Now { now: db.now() })
}
