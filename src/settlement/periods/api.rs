//! `/api/v1/money/months` and `/api/v1/money/balances`.

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    model::{AsOf, Closed, Closing},
    service,
};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{Day, Timestamp},
    web::{Body, Created, Error, Problem as ProblemDocument, Routes, created},
};

pub fn routes(config: &mut Routes<'_>) {
    config.service(months).service(close).service(balances);
}

/// Closed months.
#[derive(Debug, Serialize, ToSchema)]
struct ClosedMonths {
    /// The newest first.
    items: Vec<Closed>,
}

/// The months whose books are closed.
#[utoipa::path(tag = "money", responses((status = 200, body = ClosedMonths), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/months")]
async fn months(allowed: Allowed<may::ReadMoney>, db: Data<Db>) -> Result<HttpResponse, Error> {
    let items = db.read(move |rx| service::list(rx, &allowed)).await?;
    Ok(HttpResponse::Ok().json(ClosedMonths { items }))
}

/// Closes a month of the own region, with every month before it; it is never opened again. What comes to light later is booked
/// in the month that is open.
#[utoipa::path(tag = "money", request_body = Closing,
    responses((status = 201, body = Created<Closed>), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[post("/api/v1/money/months")]
async fn close(allowed: Allowed<may::ConfirmMoney>, db: Data<Db>, body: Body<Closing>) -> Result<HttpResponse, Error> {
    let month = body.value.month;
    let (value, receipt) = db.write(Lane::Any, move |tx| service::close(tx, &allowed, &month)).await?;
    Ok(created(value, receipt))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct When {
    /// At the end of this day; today unless told.
    #[param(value_type = Option<String>, example = "2026-03-31")]
    on: Option<Day>,
    /// As the books stood at this time; now unless told.
    #[param(value_type = Option<String>, example = "2026-04-02T09:00:00+08:00")]
    known_at: Option<Timestamp>,
}

/// What the accounts came to on a day, as it is known now or as it was known at some time.
#[utoipa::path(tag = "money", params(When),
    responses((status = 200, body = AsOf), (status = "4XX", body = ProblemDocument)), security(("bearer" = [])))]
#[get("/api/v1/money/balances")]
async fn balances(allowed: Allowed<may::ReadMoney>, db: Data<Db>, when: Query<When>) -> Result<HttpResponse, Error> {
    let on = when.on.unwrap_or_else(|| db.now().day());
    Ok(HttpResponse::Ok().json(db.read(move |rx| service::as_of(rx, &allowed, on, when.known_at)).await?))
}
