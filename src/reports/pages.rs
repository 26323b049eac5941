//! `/home`: what is to be done today, and the way to the books.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::today::{Duty, today};
use crate::{
    access::Actor,
    settlement::orders::api::Books,
    web::{
        Error,
        html::{self, Layout, NavItem, filters},
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
    now: crate::kernel::Timestamp,
    duties: Vec<Duty>,
    places: Vec<NavItem>,
}

async fn home(actor: Actor, layout: Layout, books: Books) -> Result<HttpResponse, Error> {
    let (now, who) = (books.db.now(), actor.clone());
    let duties = books.read(move |rx, _, due| today(rx, &who, now, due)).await?;
    let places = layout.nav.iter().filter(|item| !item.note.is_empty()).cloned().collect();
    Ok(html::ok(&HomePage {
        layout: layout.titled("今天要办").under("/home"),
        name: actor.display_name.clone(),
        role: actor.role.label(),
        now,
        duties,
        places,
    }))
}
