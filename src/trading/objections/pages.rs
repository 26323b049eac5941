//! `/lots/{lot}/objections`: reading objections to a result, and objecting. They are answered where the result is confirmed.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{NewObjection, ObjectionView, service};
use crate::{
    access::{Actor, Allowed, MaybeActor, may},
    calendar::Calendar,
    db::{Db, Lane},
    kernel::Day,
    policy::PolicyBook,
    trading::{
        confirmation,
        listing::{LotId, LotState},
        lots::{self, LotView, Viewer},
    },
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn market_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/lots/{lot}/objections").route(web::get().to(read)).route(web::post().to(raise)));
}

#[derive(Template)]
#[template(path = "trading/objections/pages/read.html")]
struct ReadPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    objections: Vec<ObjectionView>,
    /// Until when who steps in for a winner who failed is published.
    successor_until: Option<Day>,
    /// While a result is published.
    is_open: bool,
    may_raise: bool,
}

impl ReadPage {
    /// First and last day of the notice of what was negotiated about a failed lot.
    fn negotiated(&self) -> Option<(Day, Day)> {
        let newest = self.lot.negotiations.last()?;
        newest.notice_from.zip(newest.notice_until)
    }
}

async fn page(
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    actor: Option<Actor>,
    id: LotId,
    form: FormState,
) -> Result<ReadPage, Error> {
    let now = db.now();
    let may_raise = actor.as_ref().is_some_and(|actor| actor.can::<may::RaiseObjections>());
    let read = move |rx: &mut crate::db::Rx<'_>| {
        let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
        Ok((lot, service::list(rx, actor.as_ref(), &id)?, confirmation::published_until(rx, &id)?))
    };
    let (lot, objections, successor_until) = db.read(read).await?;
    let until = successor_until.or(lot.award.as_ref().map(|award| award.notice_until));
    let negotiated = lot.negotiations.last().is_some_and(|one| one.is_published_on(now.day()));
    let is_open = negotiated || lot.state == LotState::Sold && until.is_some_and(|until| now.day() <= until);
    let layout = layout.titled(format!("对结果的异议：{}", lot.title)).under(lots::pages::PATH).with_form(&form);
    Ok(ReadPage { layout, form, lot, objections, successor_until, is_open, may_raise })
}

async fn read(
    layout: Layout,
    actor: MaybeActor,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(layout, &db, calendar, actor.0, id.into_inner(), FormState::default()).await?))
}

async fn raise(
    allowed: Allowed<may::RaiseObjections>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let new = NewObjection { objection: fields.get("objection").to_owned() };
    let (by, lot) = (allowed.clone(), id.clone());
    let end = db.write(Lane::of("lot", &id), move |tx| service::raise(tx, &by, &policies, &lot, &new)).await;
    match end {
        Ok((raised, _)) => {
            let text = format!("异议已收到，镇街应在 {} 前答复；答复后公开，不写是谁提的。", raised.answer_by);
            Ok(html::done(&format!("/lots/{id}/objections"), Tone::Good, &text))
        }
        Err(error) => {
            html::again(error, &fields, async |form| page(layout, &db, calendar, Some(allowed.actor), id, form).await)
                .await
        }
    }
}
