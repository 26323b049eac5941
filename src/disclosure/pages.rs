//! `/`: the front page.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::web::html::{self, Layout};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/").route(web::get().to(front)));
}

#[derive(Template)]
#[template(path = "disclosure/pages/front.html")]
struct FrontPage {
    layout: Layout,
}

async fn front(layout: Layout) -> HttpResponse {
    html::ok(&FrontPage { layout: layout.titled("首页").under("/") })
}
