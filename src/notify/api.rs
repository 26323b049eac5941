//! `/api/v1/messages`: the own messages.

use std::sync::Arc;

use actix_web::{
    HttpResponse, get, post, put,
    web::{Data, Path, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    MessageId, MessageView, Messenger,
    service::{self, MessageDelivery},
};
use crate::{
    access::{Actor, AddressChange},
    db::{Db, Lane, Tx},
    kernel::PageRequest,
    vault::Vault,
    web::{Body, Error, Problem as ProblemDocument, Routes},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list).service(read_all).service(delivery).service(set_delivery).service(read);
}

/// What is wanted of the own messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those that were not read.
    #[serde(default)]
    unread: bool,
}

/// The own messages.
#[derive(Debug, Serialize, ToSchema)]
struct Messages {
    /// The newest first.
    items: Vec<MessageView>,
    /// Give it as `after` to get the following page; null on the last one.
    next: Option<String>,
    /// How many were not read, on all pages together.
    unread: i64,
}

/// The own messages, the newest first.
#[utoipa::path(tag = "messages", params(Wanted, ("limit" = Option<u32>, Query, description = "1 to 200, 20 unless told"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Messages), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/messages")]
async fn list(
    actor: Actor,
    db: Data<Db>,
    wanted: Query<Wanted>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let found = db
        .read(move |rx| {
            let page = service::list(rx, &actor, wanted.unread, &page)?;
            Ok(Messages { items: page.items, next: page.next, unread: service::count_unread(rx, &actor)? })
        })
        .await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Marks all own messages as read.
#[utoipa::path(tag = "messages", responses((status = 204), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/messages/read")]
async fn read_all(actor: Actor, db: Data<Db>) -> Result<HttpResponse, Error> {
    db.write(Lane::Any, move |tx| service::read_all(tx, &actor)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Marks an own message as read.
#[utoipa::path(tag = "messages", params(("message" = String, Path)),
    responses((status = 200, body = MessageView), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/messages/{message}/read")]
async fn read(actor: Actor, message: Path<MessageId>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let read = db.write(Lane::Any, move |tx| service::read(tx, &actor, &message)).await?;
    Ok(HttpResponse::Ok().json(read))
}

/// Where the own messages are sent to besides.
#[utoipa::path(tag = "messages", responses((status = 200, body = MessageDelivery), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/messages/delivery")]
async fn delivery(
    actor: Actor,
    db: Data<Db>,
    vault: Data<Vault>,
    messenger: Data<Arc<Messenger>>,
) -> Result<HttpResponse, Error> {
    let found = db.read(move |rx| service::find_delivery(rx, &actor, &vault, messenger.channels())).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// Where the own messages are to be sent to from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDelivery {
    /// A mobile phone; null or empty: no text messages, and the number is not kept.
    #[serde(default)]
    phone: Option<String>,
    /// A mail address; null or empty: no mails, and the address is not kept.
    #[serde(default)]
    mail: Option<String>,
}

/// Sets where the own messages are sent to besides, by text message and by mail; what is left out is switched off and not kept.
#[utoipa::path(tag = "messages", request_body = NewDelivery,
    responses((status = 200, body = MessageDelivery), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[put("/api/v1/messages/delivery")]
async fn set_delivery(
    actor: Actor,
    db: Data<Db>,
    vault: Data<Vault>,
    messenger: Data<Arc<Messenger>>,
    body: Body<NewDelivery>,
) -> Result<HttpResponse, Error> {
    let change =
        |to: Option<String>| to.filter(|to| !to.trim().is_empty()).map_or(AddressChange::Off, AddressChange::To);
    let (phone, mail) = (change(body.value.phone), change(body.value.mail));
    let work =
        move |tx: &mut Tx<'_>| service::change_delivery(tx, &actor, &vault, messenger.channels(), (&phone, &mail));
    Ok(HttpResponse::Ok().json(db.write(Lane::Any, work).await?))
}
