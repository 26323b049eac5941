//! `/lots/{lot}/questions`: asking and reading; `/listings/{lot}/questions`: answering.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Answer, Question, QuestionId, QuestionView, service};
use crate::{
    access::{Actor, Allowed, MaybeActor, may},
    calendar::Calendar,
    db::{Db, Lane},
    kernel::{Problem, Timestamp},
    trading::{
        listing::{LotId, Phase},
        lots::{self, LotView, Viewer},
    },
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn market_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/lots/{lot}/questions").route(web::get().to(read)).route(web::post().to(ask)));
}

pub fn desk_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/questions").route(web::get().to(desk)).route(web::post().to(answer)));
}

#[derive(Template)]
#[template(path = "trading/questions/pages/read.html")]
struct ReadPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    questions: Vec<QuestionView>,
    may_ask: bool,
}

async fn load(
    db: &Db,
    calendar: Data<Calendar>,
    actor: Option<Actor>,
    id: LotId,
) -> Result<(LotView, Vec<QuestionView>), Error> {
    let now = db.now();
    let found = db
        .read(move |rx| {
            let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
            Ok((lot, service::list(rx, actor.as_ref(), &id)?))
        })
        .await?;
    Ok(found)
}

fn page(layout: Layout, (lot, questions): (LotView, Vec<QuestionView>), form: FormState, is_bidder: bool) -> ReadPage {
    let layout = layout.titled(format!("提问和答复：{}", lot.title)).under(lots::pages::PATH).with_form(&form);
    ReadPage { layout, form, may_ask: is_bidder && lot.phase == Phase::Enrolling, lot, questions }
}

async fn read(
    layout: Layout,
    actor: MaybeActor,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let is_bidder = actor.0.as_ref().is_some_and(|actor| actor.can::<may::Bid>());
    let found = load(&db, calendar, actor.0, id.into_inner()).await?;
    Ok(html::ok(&page(layout, found, FormState::default(), is_bidder)))
}

async fn ask(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let question = Question { question: fields.get("question").to_owned() };
    let (by, lot) = (allowed.clone(), id.clone());
    let end = db.write(Lane::of("lot", &id), move |tx| service::ask(tx, &by, &lot, &question)).await;
    match end {
        Ok(_) => Ok(html::done(&format!("/lots/{id}/questions"), Tone::Good, "问题已收到，答复后公开。")),
        Err(error) => {
            let found = load(&db, calendar, Some(allowed.actor), id).await?;
            html::again(error, &fields, async |form| Ok(page(layout, found, form, true))).await
        }
    }
}

#[derive(Template)]
#[template(path = "trading/questions/pages/desk.html")]
struct DeskPage {
    layout: Layout,
    form: FormState,
    lot: LotId,
    title: String,
    /// Those that wait first.
    questions: Vec<QuestionView>,
    may_answer: bool,
}

impl DeskPage {
    /// What was typed for this question, and its fault.
    fn field(&self, question: &QuestionId) -> String {
        format!("answer/{question}")
    }
    fn at(&self, at: &Option<Timestamp>) -> String {
        at.map(Timestamp::minute_text).unwrap_or_default()
    }
}

async fn desk_page(
    layout: Layout,
    db: &Db,
    allowed: &Allowed<may::ReadListings>,
    id: LotId,
    form: FormState,
) -> Result<DeskPage, Error> {
    let (by, lot) = (allowed.clone(), id.clone());
    let (title, mut questions) = db
        .read(move |rx| {
            let title = lots::find_title(rx, &by.scope, &lot)?.ok_or(&crate::kernel::error::NOT_FOUND)?;
            Ok((title, service::list(rx, Some(&by.actor), &lot)?))
        })
        .await?;
    questions.sort_by_key(|question| question.answer.is_some());
    let layout = layout.titled("提问和答复").under("/listings").with_form(&form);
    let may_answer = allowed.actor.can::<may::RunAuctions>();
    Ok(DeskPage { layout, form, lot: id, title, questions, may_answer })
}

async fn desk(
    allowed: Allowed<may::ReadListings>,
    layout: Layout,
    db: Data<Db>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&desk_page(layout, &db, &allowed, id.into_inner(), FormState::default()).await?))
}

async fn answer(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let asked = fields.get("question").to_owned();
    let name = format!("answer/{asked}");
    let end = match asked.parse::<QuestionId>() {
        Err(_) => Err(Error::from(&crate::kernel::error::NOT_FOUND)),
        Ok(question) => {
            let (by, text) = (allowed.clone(), Answer { answer: fields.get(&name).to_owned() });
            let work = move |tx: &mut crate::db::Tx<'_>| service::answer(tx, &by, &question, &text);
            db.write(Lane::of("question", &asked), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok(_) => Ok(html::done(&format!("/listings/{id}/questions"), Tone::Good, "已答复，所有人都能看到。")),
        Err(error) => {
            let mut problem: Problem = html::refusal(error)?;
            for field in &mut problem.fields {
                field.pointer = format!("/{name}");
            }
            let reading = allowed.actor.prove()?;
            html::again(problem, &fields, async |form| desk_page(layout, &db, &reading, id, form).await).await
        }
    }
}
