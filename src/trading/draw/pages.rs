//! `/lots/{lot}/draw`: a draw as everybody sees it, and for a party the forms to be bound and to open.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{DrawView, NewCommitment, NewValue, Own, api::party_of, rules, service};
use crate::{
    access::{Actor, MaybeActor},
    calendar::Calendar,
    db::{Db, Lane},
    kernel::{Problem, hex},
    trading::{
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/lots/{lot}/draw").route(web::get().to(show)))
        .service(web::resource("/lots/{lot}/draw/commit").route(web::post().to(commit)))
        .service(web::resource("/lots/{lot}/draw/open").route(web::post().to(open)));
}

impl super::RoundView {
    pub fn tone(&self) -> Tone {
        match self.state {
            super::RoundState::Committing | super::RoundState::Called => Tone::Info,
            super::RoundState::Opening => Tone::Warn,
            super::RoundState::Drawn => Tone::Good,
            super::RoundState::Void | super::RoundState::Ended => Tone::Quiet,
        }
    }
}

#[derive(Template)]
#[template(path = "trading/draw/pages/draw.html")]
struct DrawPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    draw: DrawView,
    own: Option<Own>,
    /// A value that was made here for the visitor, who has to keep it: shown this once.
    made: Option<String>,
}

async fn page(
    actor: Option<Actor>,
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    id: LotId,
    form: FormState,
) -> Result<DrawPage, Error> {
    let now = db.now();
    let (lot, draw, own) = db
        .read(move |rx| {
            let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
            let party = actor.as_ref().and_then(|actor| party_of(actor).ok());
            let own = match party {
                Some(party) => service::own(rx, &party, &id, now)?,
                None => None,
            };
            Ok((lot, service::get_public(rx, &id)?, own))
        })
        .await?;
    let layout = layout.titled("抽签").under(lots::pages::PATH).with_form(&form);
    Ok(DrawPage { layout, form, lot, draw, own, made: None })
}

async fn show(
    layout: Layout,
    actor: MaybeActor,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let page = page(actor.0, layout, &db, calendar, id.into_inner(), FormState::default()).await?;
    Ok(html::ok(&page))
}

/// Takes a commitment, or makes a value for who has no other machine at hand.
async fn commit(
    actor: Actor,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let party = party_of(&actor)?;
    let mut made = None;
    let mut new = NewCommitment { commitment: fields.get("commitment").to_owned() };
    if fields.ticked("make") {
        let value: [u8; 32] = rand::random();
        let (asked, lot, now) = (party.clone(), id.clone(), db.now());
        let own = db.read(move |rx| service::own(rx, &asked, &lot, now)).await?;
        if let Some(own) = own {
            let round = u64::try_from(own.round).unwrap_or_default();
            new.commitment = hex(&rules::commitment(id.as_str(), round, &own.party, &value));
            made = Some(hex(&value));
        }
    }
    let lot = id.clone();
    match db.write(Lane::of("lot", &id), move |tx| service::commit(tx, &party, &lot, &new)).await {
        Ok(_) => match made {
            Some(value) => {
                let page = page(Some(actor), layout, &db, calendar, id, FormState::default()).await?;
                Ok(html::ok(&DrawPage { made: Some(value), ..page }))
            }
            None => Ok(html::done(&format!("/lots/{id}/draw"), Tone::Good, "承诺值已收下，请保存好数值。")),
        },
        Err(error) => refused(actor, layout, &db, calendar, id, &fields, error.into()).await,
    }
}

async fn open(
    actor: Actor,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let party = party_of(&actor)?;
    let (lot, new) = (id.clone(), NewValue { value: fields.get("value").to_owned() });
    match db.write(Lane::of("lot", &id), move |tx| service::open(tx, &party, &lot, &new)).await {
        Ok(_) => Ok(html::done(&format!("/lots/{id}/draw"), Tone::Good, "数值已公开。")),
        Err(error) => refused(actor, layout, &db, calendar, id, &fields, error.into()).await,
    }
}

async fn refused(
    actor: Actor,
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    id: LotId,
    fields: &FormFields,
    error: Error,
) -> Result<HttpResponse, Error> {
    let mut problem: Problem = html::refusal(error)?;
    if problem.code.code == rules::DRAW_OTHER_VALUE.code && problem.fields.is_empty() {
        problem.fields.push(crate::kernel::FieldError::new("value", None, problem.detail.clone()));
    }
    html::again(problem, fields, async |form| page(Some(actor), layout, db, calendar, id, form).await).await
}
