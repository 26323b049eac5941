//! `/`: the front page: what is live now, what comes next, how it works and how to check it.

use actix_web::{
    HttpResponse,
    web::{self, Data},
};
use askama::Template;

use crate::{
    db::Db,
    trading::lots::{self, BoardPart},
    web::{
        Error,
        html::{self, Layout},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/").route(web::get().to(front)));
}

/// Lots of each stage on the front page.
const FIRST: i64 = 5;

#[derive(Template)]
#[template(path = "disclosure/pages/front.html")]
struct FrontPage {
    layout: Layout,
    parts: Vec<BoardPart>,
}

impl FrontPage {
    /// Whether nothing was ever published here.
    fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| part.count == 0)
    }
}

async fn front(layout: Layout, db: Data<Db>) -> Result<HttpResponse, Error> {
    let now = db.now();
    let parts = db.read(move |rx| lots::board(rx, now, FIRST)).await?;
    Ok(html::ok(&FrontPage { layout: layout.titled("首页").under("/"), parts }))
}
