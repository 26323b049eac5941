//! The desk of a lot before its end: deposits are booked by the code of their remark, one file at a time is opened to check a
//! claim, and nothing tells who takes part or how many do.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{CodedArrival, Enrolment, EnrolmentId, Received, RefusedDeposit, ended_pages::ListPage, reading, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane},
    kernel::{
        FieldError, Problem,
        text::{half_width, read_day, read_hour},
    },
    trading::{
        listing::LotId,
        looks::{self, FileWanted},
        qualification::Timing,
    },
    vault::Vault,
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/listings/{lot}/enrolments").route(web::get().to(desk)).route(web::post().to(receive)))
        .service(web::resource("/listings/{lot}/enrolments/file").route(web::post().to(file)))
        .service(web::resource("/enrolments/{enrolment}/priority").route(web::post().to(rank)));
}

pub(super) const UNDER: &str = "/listings";

#[derive(Template)]
#[template(path = "trading/enrolment/pages/desk.html")]
struct DeskPage {
    layout: Layout,
    form: FormState,
    lot: LotId,
    title: String,
    /// The auction has not begun: deposits are booked, priorities ranked.
    admits: bool,
    has_priority: bool,
    /// Papers are examined here, before the auction.
    examines: bool,
}

async fn desk_page(
    allowed: &Allowed<may::ReceiveDeposits>,
    layout: Layout,
    db: &Db,
    id: LotId,
    form: Option<FormState>,
) -> Result<DeskPage, Error> {
    let (scope, now, lot) = (allowed.scope.clone(), db.now(), id.clone());
    let (row, terms) = db.read(move |rx| reading::desk_lot(rx, &scope, &id)).await?;
    let terms = terms.terms().map_err(Error::from)?;
    let likely = || FormState::new([("amount", terms.deposit.to_string()), ("received_at", now.day().to_string())]);
    let form = form.unwrap_or_else(likely);
    let layout = layout.titled("登记保证金").under(UNDER).with_form(&form);
    let admits = row.opens_at.is_some_and(|opens| now < opens);
    let (has_priority, examines) = (!terms.priority_words().is_empty(), terms.timing() == Timing::Before);
    Ok(DeskPage { layout, form, lot, title: row.title, admits, has_priority, examines })
}

async fn desk(
    allowed: Allowed<may::ReceiveDeposits>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let (by, lot) = (allowed.clone(), id.clone());
    let ended = db
        .read(move |rx| {
            let (row, _) = reading::desk_lot(rx, &by.scope, &lot)?;
            if row.state.is_under_way() {
                return Ok(None);
            }
            Ok(Some((row.title, reading::list_by_lot(rx, &by, &vault, &lot)?)))
        })
        .await?;
    match ended {
        None => Ok(html::ok(&desk_page(&allowed, layout, &db, id, None).await?)),
        Some((title, enrolments)) => {
            let layout = layout.titled("报名和保证金").under(UNDER);
            Ok(html::ok(&ListPage { layout, lot: id, title, enrolments }))
        }
    }
}

/// The bank statement as it was typed; day and hour faults together.
fn typed(fields: &FormFields) -> Result<CodedArrival, Problem> {
    let mut faults = Vec::new();
    let (day, hour) = (fields.get("received_at"), fields.get("received_hour"));
    let day = read_day(day).map_err(|e| faults.push(FieldError::new("received_at", Some(day), e.to_string())));
    let hour = read_hour(hour).map_err(|e| faults.push(FieldError::new("received_hour", Some(hour), e.to_string())));
    match (day, hour) {
        (Ok(day), Ok((hour, minute))) => Ok(CodedArrival {
            remark: fields.get("remark").to_owned(),
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
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let end = match typed(&fields) {
        Err(problem) => Err(Error::from(problem)),
        Ok(coded) => {
            let (by, lot) = (allowed.clone(), id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| service::receive_coded(tx, &by, &vault, &lot, &coded);
            db.write(Lane::of("lot", &id), work).await.map_err(Error::from)
        }
    };
    let problem = match end {
        Ok(Received::Booked(booked, _)) => {
            let text = format!("{} 的保证金 {} 元已登记。", booked.remark, booked.amount.grouped());
            return Ok(html::done(&format!("/listings/{id}/enrolments"), Tone::Good, &text));
        }
        Ok(Received::Refused(problem)) => {
            Problem { detail: format!("没有登记，已记录在案：{}", problem.detail), ..problem }
        }
        Err(error) => html::refusal(error)?,
    };
    html::again(problem, &fields, async |form| desk_page(&allowed, layout, &db, id, Some(form)).await).await
}

#[derive(Template)]
#[template(path = "trading/enrolment/pages/file.html")]
struct FilePage {
    layout: Layout,
    form: FormState,
    enrolment: Enrolment,
    refused: Vec<RefusedDeposit>,
}

/// Opens one file; the look is on record.
async fn file(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let wanted = FileWanted { remark: fields.get("file_remark").to_owned(), reason: fields.get("reason").to_owned() };
    let (by, lot) = (allowed.clone(), id.clone());
    let work = move |tx: &mut crate::db::Tx<'_>| looks::open_file(tx, &by, &vault, &lot, &wanted);
    match db.write(Lane::of("lot", &id), work).await {
        Ok(((enrolment, refused), _)) => {
            let rank = enrolment.priority_rank.map(|rank| rank.to_string()).unwrap_or_default();
            let form = FormState::new([("rank", rank)]);
            let layout = layout.titled("一份报名").under(UNDER);
            Ok(html::ok(&FilePage { layout, form, enrolment, refused }))
        }
        Err(error) => {
            let allowed = allowed.actor.prove()?;
            html::again(error, &fields, async |form| desk_page(&allowed, layout, &db, id, Some(form)).await).await
        }
    }
}

/// The form of a rank again, without the file: that was shown for one look.
#[derive(Template)]
#[template(path = "trading/enrolment/pages/rank.html")]
struct RankPage {
    layout: Layout,
    form: FormState,
    id: EnrolmentId,
}

async fn rank(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
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
            let (by, key) = (allowed.clone(), id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| service::rank_priority(tx, &by, &key, rank, |v| seen.check(v));
            db.write(Lane::of("enrolment", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok((ranked, _)) => {
            let back = format!("/listings/{}/enrolments", ranked.lot_id);
            Ok(html::done(&back, Tone::Good, "优先顺位已保存。"))
        }
        Err(error) => {
            let page = async |form: FormState| {
                let layout = layout.titled("优先顺位").under(UNDER).with_form(&form);
                Ok(RankPage { layout, form, id })
            };
            html::again(error, &fields, page).await
        }
    }
}
