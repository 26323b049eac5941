//! `/lots/{lot}/paddle`: a bidder asks for a paddle for the hall, prints its slip, and hands it back.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Issued, OwnPaddle, PaddleState, rules::MOST_WRONG, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane, Tx},
    trading::{
        bid_number,
        enrolment::store as enrolments,
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/lots/{lot}/paddle").route(web::get().to(show)).route(web::post().to(issue)))
        .service(web::resource("/lots/{lot}/paddle/hand-back").route(web::post().to(hand_back)));
}

impl PaddleState {
    pub const fn tone(self) -> Tone {
        match self {
            PaddleState::Issued => Tone::Warn,
            PaddleState::InHall => Tone::Good,
            PaddleState::HandedBack | PaddleState::Replaced => Tone::Quiet,
        }
    }
}

impl OwnPaddle {
    /// What was done with it, by whom, when.
    fn told(&self) -> String {
        let mut parts = vec![format!("{} 领取", self.issued_at.minute_text())];
        if let (Some(who), Some(at)) = (&self.checked_in_by, self.checked_in_at) {
            parts.push(format!("{} 由{who}在现场核对", at.minute_text()));
        }
        if let (Some(who), Some(at)) = (&self.ended_by, self.ended_at) {
            parts.push(format!("{} 由{who}办理：{}", at.minute_text(), self.state.label()));
        }
        if self.wrong_codes > 0 {
            parts.push(format!("编码错过 {} 次", self.wrong_codes));
        }
        parts.join("；")
    }

    fn is_spent(&self) -> bool {
        self.wrong_codes >= MOST_WRONG
    }
}

#[derive(Template)]
#[template(path = "trading/paddles/pages/own.html")]
struct OwnPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    /// The own bid number.
    number: Option<String>,
    paddles: Vec<OwnPaddle>,
}

impl OwnPage {
    fn in_use(&self) -> Option<&OwnPaddle> {
        self.paddles.iter().find(|paddle| paddle.state.is_in_use())
    }
    fn over(&self) -> Vec<&OwnPaddle> {
        self.paddles.iter().filter(|paddle| !paddle.state.is_in_use()).collect()
    }
    /// Whether there is still something to bid for.
    fn may_ask(&self) -> bool {
        self.lot.takes_paddles() && self.number.is_some()
    }
}

async fn page(
    allowed: &Allowed<may::Bid>,
    layout: Layout,
    db: &Db,
    calendar: &Data<Calendar>,
    id: LotId,
    form: FormState,
) -> Result<OwnPage, Error> {
    let (by, calendar, now) = (allowed.clone(), calendar.clone(), db.now());
    let (lot, own, paddles) = db
        .read(move |rx| {
            let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
            Ok((lot, enrolments::find_own(rx, &id, &by.actor.account)?, service::list_own(rx, &by, &id)?))
        })
        .await?;
    let layout = layout.titled("现场号牌").under(lots::pages::PATH).with_form(&form);
    Ok(OwnPage { layout, form, lot, number: own.and_then(|own| own.bid_number).map(bid_number), paddles })
}

async fn show(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(&allowed, layout, &db, &calendar, id.into_inner(), FormState::default()).await?))
}

/// The slip with the code, shown this once.
#[derive(Template)]
#[template(path = "trading/paddles/pages/slip.html")]
struct SlipPage {
    layout: Layout,
    lot: LotView,
    issued: Issued,
}

async fn issue(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let (by, lot) = (allowed.clone(), id.clone());
    let work = move |tx: &mut Tx<'_>| service::issue(tx, &by, &vault, &lot);
    match db.write(Lane::of("lot", &id), work).await {
        Ok((issued, _)) => {
            let page = page(&allowed, layout, &db, &calendar, id, FormState::default()).await?;
            Ok(html::ok(&SlipPage { layout: page.layout.titled("号牌单"), lot: page.lot, issued }))
        }
        Err(error) => {
            html::again(error, &fields, async |form| page(&allowed, layout, &db, &calendar, id, form).await).await
        }
    }
}

async fn hand_back(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let (by, lot) = (allowed.clone(), id.clone());
    match db.write(Lane::of("lot", &id), move |tx| service::hand_back(tx, &by, &lot)).await {
        Ok(_) => {
            let done = "号牌已交回，从现在起没有人能替您记出价。您仍可用自己的账号出价。";
            Ok(html::done(&format!("/lots/{id}/paddle"), Tone::Good, done))
        }
        Err(error) => {
            html::again(error, &fields, async |form| page(&allowed, layout, &db, &calendar, id, form).await).await
        }
    }
}
