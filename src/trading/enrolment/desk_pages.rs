//! Who takes part in a lot, and one enrolment with its deposit and its priority: the trading officer's side.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Enrolment, EnrolmentId, EnrolmentState, Received, RefusedDeposit, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{
        FieldError, Problem, Timestamp,
        text::{half_width, read_day, read_hour},
    },
    log,
    settlement::{
        Arrival, DepositState,
        orders::{self, Order, OrderKind, Wanted, api::Books},
    },
    trading::{
        award,
        listing::{self, LotId},
    },
    vault::Vault,
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Slip, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/listings/{lot}/enrolments").route(web::get().to(list)))
        .service(web::resource("/enrolments/{enrolment}").route(web::get().to(one)))
        .service(web::resource("/enrolments/{enrolment}/deposit").route(web::post().to(receive)))
        .service(web::resource("/enrolments/{enrolment}/deposit/orders").route(web::post().to(order)))
        .service(web::resource("/enrolments/{enrolment}/priority").route(web::post().to(rank)));
}

const UNDER: &str = "/listings";

impl EnrolmentState {
    const fn tone(&self) -> Tone {
        match self {
            EnrolmentState::Enrolled => Tone::Warn,
            EnrolmentState::Admitted => Tone::Good,
        }
    }
}

#[derive(Template)]
#[template(path = "trading/enrolment/pages/desk_list.html")]
struct ListPage {
    layout: Layout,
    lot: LotId,
    title: String,
    enrolments: Vec<Enrolment>,
    awaited: usize,
}

async fn list(
    allowed: Allowed<may::ReceiveDeposits>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let lot = id.clone();
    let (title, enrolments) = db
        .read(move |rx| {
            let enrolments = service::list_by_lot(rx, &allowed, &vault, &id)?;
            Ok((listing::store::get(rx, &id)?.0.title, enrolments))
        })
        .await?;
    Ok(html::ok(&ListPage {
        layout: layout.titled("报名和保证金").under(UNDER),
        lot,
        title,
        awaited: enrolments.iter().filter(|e| e.state == EnrolmentState::Enrolled).count(),
        enrolments,
    }))
}

#[derive(Template)]
#[template(path = "trading/enrolment/pages/desk_one.html")]
struct OnePage {
    layout: Layout,
    form: FormState,
    enrolment: Enrolment,
    refused: Vec<RefusedDeposit>,
    /// Of the deposit that came in.
    slip: Option<Slip>,
    /// What was done with it after the end.
    orders: Vec<Order>,
    /// The lot has ended and the deposit is still held: what can be done with it.
    kinds: Vec<(&'static str, &'static str)>,
}

impl OnePage {
    async fn load(
        allowed: Allowed<may::ReceiveDeposits>,
        layout: Layout,
        books: &Books,
        id: EnrolmentId,
        form: Option<FormState>,
    ) -> Result<OnePage, Error> {
        let now = books.db.now();
        let may_decide = allowed.actor.can::<may::PrepareMoney>();
        let ((enrolment, refused), record, orders, has_ended) = books
            .read(move |rx, vault, due| {
                let record = log::newest(rx, "enrolment", &id, &["deposit.received"])?;
                let found = service::get(rx, &allowed, vault, &id)?;
                let orders = orders::of_deposit(rx, vault, due, id.as_str())?;
                let has_ended = award::may_order(rx, &found.0.lot_id)?;
                Ok((found, record, orders, has_ended))
            })
            .await?;
        let is_held = enrolment.deposit.as_ref().is_some_and(|deposit| deposit.state == DepositState::Held);
        let is_free = may_decide && has_ended && is_held && !orders.iter().any(|order| order.state.is_open());
        let kinds = OrderKind::ALL.iter().filter(|_| is_free).map(|kind| (kind.as_str(), kind.label())).collect();
        let form = form.unwrap_or_else(|| proposal(&enrolment, now));
        let layout = layout.titled(format!("{} 的报名", enrolment.name)).under(UNDER).with_form(&form);
        let slip = record.map(|record| Slip::of(&layout, &record)).transpose()?;
        Ok(OnePage { layout, form, enrolment, refused, slip, orders, kinds })
    }
}

/// What the bank statement will most likely show.
fn proposal(enrolment: &Enrolment, now: Timestamp) -> FormState {
    FormState::new([
        ("amount", enrolment.deposit_due.to_string()),
        ("payer_name", enrolment.name.clone()),
        ("received_at", now.day().to_string()),
        ("rank", enrolment.priority_rank.map(|rank| rank.to_string()).unwrap_or_default()),
    ])
}

async fn one(
    allowed: Allowed<may::ReceiveDeposits>,
    layout: Layout,
    books: Books,
    id: Path<EnrolmentId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&OnePage::load(allowed, layout, &books, id.into_inner(), None).await?))
}

/// The bank statement as it was typed; day and hour faults together.
fn typed(fields: &FormFields) -> Result<Arrival, Problem> {
    let mut faults = Vec::new();
    let (day, hour) = (fields.get("received_at"), fields.get("received_hour"));
    let day = read_day(day).map_err(|e| faults.push(FieldError::new("received_at", Some(day), e.to_string())));
    let hour = read_hour(hour).map_err(|e| faults.push(FieldError::new("received_hour", Some(hour), e.to_string())));
    match (day, hour) {
        (Ok(day), Ok((hour, minute))) => Ok(Arrival {
            amount: fields.get("amount").to_owned(),
            payer_name: fields.get("payer_name").to_owned(),
            payer_account: fields.get("payer_account").to_owned(),
            reference: fields.get("reference").to_owned(),
            received_at: day.at(hour, minute),
        }),
        _ => Err(Problem::fields(faults)),
    }
}

async fn receive(
    allowed: Allowed<may::ReceiveDeposits>,
    layout: Layout,
    books: Books,
    id: Path<EnrolmentId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let end = match typed(&fields) {
        Err(problem) => Err(Error::from(problem)),
        Ok(arrival) => {
            let (by, key, vault) = (allowed.clone(), id.clone(), books.vault.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| service::receive_deposit(tx, &by, &vault, &key, &arrival);
            books.db.write(Lane::of("enrolment", &id), work).await.map_err(Error::from)
        }
    };
    let problem = match end {
        Ok(Received::Admitted(enrolment, _)) => {
            let number = enrolment.bid_number.unwrap_or_default();
            let text = format!("保证金已登记，{} 的竞买号是 {number} 号。", enrolment.name);
            return Ok(html::done(&format!("/listings/{}/enrolments", enrolment.lot_id), Tone::Good, &text));
        }
        Ok(Received::Refused(problem)) => {
            Problem { detail: format!("没有登记，已记录在案：{}", problem.detail), ..problem }
        }
        Err(error) => html::refusal(error)?,
    };
    let form = FormState::from(&fields).with_problem(&problem);
    Ok(html::refused(&problem, &OnePage::load(allowed, layout, &books, id, Some(form)).await?))
}

/// Decides over a deposit after the end; the order waits for another person.
async fn order(
    allowed: Allowed<may::PrepareMoney>,
    layout: Layout,
    books: Books,
    id: Path<EnrolmentId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let end = match fields.get("kind").parse::<OrderKind>() {
        Err(_) => Err(Problem::field("kind", None, "请选择怎样处理这笔保证金").into()),
        Ok(kind) => {
            let wanted = Wanted { kind, grounds: fields.get("grounds").to_owned(), decision_document: None };
            let (by, key) = (allowed.clone(), id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| award::order_deposit(tx, &by, &key, &wanted);
            books.db.write(Lane::of("enrolment", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok((order, _)) => Ok(html::done(&format!("/money/orders/{order}"), Tone::Good, "已经办，等另一位复核。")),
        Err(error) => {
            let problem = html::refusal(error)?;
            let form = FormState::from(&fields).with_problem(&problem);
            let allowed = allowed.actor.prove()?;
            Ok(html::refused(&problem, &OnePage::load(allowed, layout, &books, id, Some(form)).await?))
        }
    }
}

async fn rank(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    books: Books,
    id: Path<EnrolmentId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let typed = half_width(fields.get("rank"));
    let rank = if typed.is_empty() { Ok(None) } else { typed.parse::<i32>().map(Some) };
    let end = match rank {
        Err(_) => Err(Problem::field("rank", Some(&typed), "优先顺位应为 1 到 99，1 最优先；不给优先的留空").into()),
        Ok(rank) => {
            let (by, key, vault) = (allowed.clone(), id.clone(), books.vault.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| {
                service::rank_priority(tx, &by, &vault, &key, rank, |v| seen.check(v))
            };
            books.db.write(Lane::of("enrolment", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok(_) => Ok(html::done(&format!("/enrolments/{id}"), Tone::Good, "优先顺位已保存。")),
        Err(error) => {
            let problem = html::refusal(error)?;
            let form = FormState::from(&fields).with_problem(&problem);
            let allowed = allowed.actor.prove()?;
            Ok(html::refused(&problem, &OnePage::load(allowed, layout, &books, id, Some(form)).await?))
        }
    }
}
