//! `/home`: what is to be done today, and the way to the books.

use actix_web::{HttpResponse, web};
use askama::Template;

use crate::{
    access::Actor,
    web::{
        Error,
        html::{self, Layout, NavItem},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/home").route(web::get().to(home)));
}

#[derive(Template)]
#[template(path = "reports/pages/home.html")]
struct HomePage {
    layout: Layout,
    name: String,
    role: &'static str,
    places: Vec<NavItem>,
}

async fn home(actor: Actor, layout: Layout) -> Result<HttpResponse, Error> {
    let places = layout.nav.iter().filter(|item| !item.note.is_empty()).cloned().collect();
    Ok(html::ok(&HomePage {
        layout: layout.titled("今天要办").under("/home"),
        name: actor.display_name.clone(),
        role: actor.role.label(),
        places,
    }))
}
