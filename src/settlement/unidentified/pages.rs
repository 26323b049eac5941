//! `/money/unidentified`: money that fitted nobody, and what becomes of it.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    model::{Unidentified, UnidentifiedId, UnidentifiedState as State},
    service,
};
use crate::{
    access::{Actor, Allowed, may},
    db::{Db, Lane, Result, Tx},
    kernel::{PageRequest, Problem},
    log,
    settlement::orders,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Slip, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/money/unidentified").route(web::get().to(list)).route(web::post().to(book)))
        .service(web::resource("/money/unidentified/{unidentified}").route(web::get().to(one)))
        .service(web::resource("/money/unidentified/{unidentified}/return").route(web::post().to(prepare)))
        .service(web::resource("/money/unidentified/{unidentified}/confirm").route(web::post().to(confirm)))
        .service(web::resource("/money/unidentified/{unidentified}/refuse").route(web::post().to(refuse)));
}

const UNDER: &str = "/money";
const PATH: &str = "/money/unidentified";

impl State {
    pub(super) const fn tone(&self) -> Tone {
        match self {
            State::Open | State::Returning => Tone::Warn,
            State::Identified | State::Returned => Tone::Good,
        }
    }
}

#[derive(Template)]
#[template(path = "settlement/unidentified/pages/list.html")]
struct ListPage {
    layout: Layout,
    shelves: Vec<(&'static str, Vec<Unidentified>)>,
    may_reconcile: bool,
}

async fn list(
    allowed: Allowed<may::ReadMoney>,
    layout: Layout,
    db: Data<Db>,
) -> std::result::Result<HttpResponse, Error> {
    let may_reconcile = allowed.actor.can::<may::PrepareMoney>();
    let shelves = db
        .read(move |rx| {
            let page = PageRequest { limit: Some(200), after: None };
            let mut shelves = Vec::new();
            for state in [State::Returning, State::Open, State::Identified, State::Returned] {
                let found = service::list(rx, &allowed, Some(state), &page)?.items;
                if !found.is_empty() {
                    shelves.push((state.label(), found));
                }
            }
            Ok(shelves)
        })
        .await?;
    Ok(html::ok(&ListPage { layout: layout.titled("待查款").under(UNDER), shelves, may_reconcile }))
}

/// A line of the page of statements.
async fn book(
    allowed: Allowed<may::PrepareMoney>,
    db: Data<Db>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let line = fields.get("line").to_owned();
    match db.write(Lane::Any, move |tx| service::book(tx, &allowed, &line)).await.map_err(Error::from) {
        Ok((id, _)) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已登记为待查款。")),
        Err(error) => {
            let problem = html::refusal(error)?;
            Ok(html::done("/money/bank", Tone::Bad, &problem.detail))
        }
    }
}

#[derive(Template)]
#[template(path = "settlement/unidentified/pages/one.html")]
struct OnePage {
    layout: Layout,
    form: FormState,
    receipt: Unidentified,
    may_prepare: bool,
    may_confirm: bool,
    may_refuse: bool,
    /// This person wanted it to go back, so another one has to confirm.
    is_own: bool,
    slip: Option<Slip>,
}

impl OnePage {
    async fn load(
        actor: Actor,
        layout: Layout,
        db: &Db,
        id: UnidentifiedId,
        form: FormState,
    ) -> std::result::Result<OnePage, Error> {
        let allowed: Allowed<may::ReadMoney> = actor.prove()?;
        let account = actor.account.to_string();
        let (receipt, is_own, record) = db
            .read(move |rx| {
                let receipt = service::get(rx, &allowed, &id)?;
                let kinds = ["unidentified.booked", "unidentified.return_prepared", "unidentified.returned"];
                let record = log::newest(rx, "unidentified", &id, &kinds)?;
                Ok((receipt, service::is_prepared_by(rx, &allowed, &id, &account)?, record))
            })
            .await?;
        let layout = layout.titled("待查款").under(UNDER).with_form(&form);
        let slip = record.map(|record| Slip::of(&layout, &record)).transpose()?;
        let waits = receipt.state == State::Returning && actor.can::<may::ConfirmMoney>();
        Ok(OnePage {
            layout,
            form,
            may_prepare: receipt.state == State::Open && actor.can::<may::PrepareMoney>(),
            may_confirm: waits && !is_own,
            may_refuse: waits,
            is_own: waits && is_own,
            receipt,
            slip,
        })
    }
}

async fn one(
    allowed: Allowed<may::ReadMoney>,
    layout: Layout,
    db: Data<Db>,
    id: Path<UnidentifiedId>,
) -> std::result::Result<HttpResponse, Error> {
    Ok(html::ok(&OnePage::load(allowed.actor, layout, &db, id.into_inner(), FormState::default()).await?))
}

async fn prepare(
    allowed: Allowed<may::PrepareMoney>,
    layout: Layout,
    db: Data<Db>,
    id: Path<UnidentifiedId>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let (by, grounds, key) = (allowed.clone(), fields.get("grounds").to_owned(), id.clone());
    let work = move |tx: &mut Tx<'_>| service::prepare_return(tx, &by, &key, &grounds).map(drop);
    step(allowed.actor, layout, db, id.into_inner(), fields, Ok(work), "已经办，等另一位复核。").await
}

async fn confirm(
    allowed: Allowed<may::ConfirmMoney>,
    layout: Layout,
    db: Data<Db>,
    id: Path<UnidentifiedId>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let (by, key) = (allowed.clone(), id.clone());
    let work = orders::pages::typed(&fields)
        .map(|paid| move |tx: &mut Tx<'_>| service::confirm_return(tx, &by, &key, &paid).map(drop));
    step(allowed.actor, layout, db, id.into_inner(), fields, work, "已复核，账已记好。").await
}

async fn refuse(
    allowed: Allowed<may::ConfirmMoney>,
    layout: Layout,
    db: Data<Db>,
    id: Path<UnidentifiedId>,
    fields: FormFields,
) -> std::result::Result<HttpResponse, Error> {
    let (by, reason, key) = (allowed.clone(), fields.get("grounds").to_owned(), id.clone());
    let work = move |tx: &mut Tx<'_>| service::refuse_return(tx, &by, &key, &reason).map(drop);
    step(allowed.actor, layout, db, id.into_inner(), fields, Ok(work), "没有退回，款还在待查款里。").await
}

async fn step<W>(
    actor: Actor,
    layout: Layout,
    db: Data<Db>,
    id: UnidentifiedId,
    fields: FormFields,
    work: std::result::Result<W, Problem>,
    done: &str,
) -> std::result::Result<HttpResponse, Error>
where
    W: FnMut(&mut Tx<'_>) -> Result<()> + Send + 'static,
{
    let end = match work {
        Ok(work) => db.write(Lane::of("unidentified", &id), work).await.map_err(Error::from),
        Err(problem) => Err(problem.into()),
    };
    match end {
        Ok(()) => Ok(html::done(PATH, Tone::Good, done)),
        Err(error) => html::again(error, &fields, async |form| OnePage::load(actor, layout, &db, id, form).await).await,
    }
}
