//! `/api/v1/money/orders`.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    get, post,
    web::{Data, Path, Query},
};

use super::{
    model::{Order, OrderFilter, OrderId, Paid},
    reading::{self, Due},
    service,
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane, Rx},
    kernel::{Page, PageRequest},
    log::Receipt,
    policy::PolicyBook,
    settlement::payees::Refusal,
    vault::Vault,
    web::{
        Body, Created, Error, IdempotencyKey, Problem as ProblemDocument, Reply, Routes, idempotency::once, with_etag,
    },
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(list).service(one).service(prepare).service(confirm).service(send_back);
}

/// What every order is shown with.
#[derive(Clone)]
pub struct Books {
    pub db: Data<Db>,
    pub vault: Data<Vault>,
    pub policies: Data<PolicyBook>,
    pub calendar: Data<Calendar>,
}

impl Books {
    pub fn due(&self) -> Due<'_> {
        Due { policies: &self.policies, calendar: &self.calendar, today: self.db.now().day() }
    }

    /// Reads with what the last days are worked out from.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Rx<'_>, &Vault, &Due<'_>) -> crate::db::Result<T> + Send + 'static,
    ) -> crate::db::Result<T> {
        let books = self.clone();
        self.db.read(move |rx| work(rx, &books.vault, &books.due())).await
    }
}

impl FromRequest for Books {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let books = || {
            Ok(Books {
                db: Data::from_request(request, &mut Payload::None).into_inner()?,
                vault: Data::from_request(request, &mut Payload::None).into_inner()?,
                policies: Data::from_request(request, &mut Payload::None).into_inner()?,
                calendar: Data::from_request(request, &mut Payload::None).into_inner()?,
            })
        };
        ready(books())
    }
}

/// Orders over deposits: refunds that are due or overdue, deposits that are counted into a price or not given back.
#[utoipa::path(tag = "money", params(OrderFilter, ("limit" = Option<u32>, Query, description = "1 to 200, 20 unless told"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<Order>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/orders")]
async fn list(
    allowed: Allowed<may::ReadMoney>,
    books: Books,
    filter: Query<OrderFilter>,
    page: Query<PageRequest>,
) -> Result<HttpResponse, Error> {
    let found = books.read(move |rx, vault, due| reading::list(rx, &allowed, vault, due, &filter, &page)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// One order.
#[utoipa::path(tag = "money", params(("order" = String, Path)),
    responses((status = 200, body = Order), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/orders/{order}")]
async fn one(allowed: Allowed<may::ReadMoney>, books: Books, id: Path<OrderId>) -> Result<HttpResponse, Error> {
    let order = books.read(move |rx, vault, due| reading::get(rx, &allowed, vault, due, &id)).await?;
    let version = order.version;
    Ok(with_etag(HttpResponse::Ok().json(order), version))
}

/// An officer prepares an order that waits; another person has to confirm it.
#[utoipa::path(tag = "money", params(("order" = String, Path)),
    responses((status = 200, body = Created<Order>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/orders/{order}/prepare")]
async fn prepare(allowed: Allowed<may::PrepareMoney>, books: Books, id: Path<OrderId>) -> Result<HttpResponse, Error> {
    let (id, by) = (id.into_inner(), allowed.clone());
    let key = id.clone();
    let receipt = books.db.write(Lane::of("order", &id), move |tx| service::prepare(tx, &by, &key)).await?;
    Ok(HttpResponse::Ok().json(shown(&books, allowed.actor.prove()?, id, receipt).await?))
}

/// The second person confirms; of a refund with the bank's number and the time of the payment. Only now do the books move.
#[utoipa::path(tag = "money", request_body = Paid, params(("order" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Created<Order>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/orders/{order}/confirm")]
async fn confirm(
    allowed: Allowed<may::ConfirmMoney>,
    books: Books,
    id: Path<OrderId>,
    key: IdempotencyKey,
    body: Body<Paid>,
) -> Result<HttpResponse, Error> {
    let (id, paid) = (id.into_inner(), body.value);
    let hash = format!("{id}/confirm {}", body.sha256);
    let (lane, all) = (Lane::of("order", &id), books.clone());
    let reply = books
        .db
        .write(lane, move |tx| {
            once(tx, allowed.actor.account.as_str(), &key, &hash, |tx| {
                let receipt = service::confirm(tx, &allowed, &id, &paid)?;
                let order = reading::get(tx, &allowed.actor.prove()?, &all.vault, &all.due(), &id)?;
                Reply::json(200, &Created { value: order, log_entry: receipt.seq })
            })
        })
        .await?;
    Ok(reply.respond())
}

/// Sends a prepared order back: a refund waits again, every other order is off the table. Who refuses a forfeiture or a reversal
/// says why.
#[utoipa::path(tag = "money", request_body = Refusal, params(("order" = String, Path)),
    responses((status = 200, body = Created<Order>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/orders/{order}/return")]
async fn send_back(
    allowed: Allowed<may::ConfirmMoney>,
    books: Books,
    id: Path<OrderId>,
    body: Option<Body<Refusal>>,
) -> Result<HttpResponse, Error> {
    let (id, by, reason) = (id.into_inner(), allowed.clone(), body.map(|body| body.value.reason).unwrap_or_default());
    let key = id.clone();
    let receipt = books.db.write(Lane::of("order", &id), move |tx| service::send_back(tx, &by, &key, &reason)).await?;
    Ok(HttpResponse::Ok().json(shown(&books, allowed.actor.prove()?, id, receipt).await?))
}

async fn shown(
    books: &Books,
    allowed: Allowed<may::ReadMoney>,
    id: OrderId,
    receipt: Receipt,
) -> Result<Created<Order>, Error> {
    let value = books.read(move |rx, vault, due| reading::get(rx, &allowed, vault, due, &id)).await?;
    Ok(Created { value, log_entry: receipt.seq })
}
