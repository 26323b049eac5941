//! `/lots/{lot}/qualification`: a bidder hands in the papers that the notice asks for, and reads what became of them.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{Need, NewPaper, PaperState, PaperView, Timing, service};
use crate::{
    access::{Allowed, may},
    db::{Rx, Tx},
    kernel::Day,
    trading::{
        enrolment::Enrolment,
        listing::{LotId, Phase, store as listings},
        lots::{self, LotView},
        papers::{self, OwnLot},
    },
    vault::Vault,
    web::{
        Error,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    let address = web::resource("/lots/{lot}/qualification").route(web::get().to(ask)).route(web::post().to(hand_in));
    config.service(address);
}

#[derive(Template)]
#[template(path = "trading/qualification/pages/own.html")]
struct OwnPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    own: Option<Enrolment>,
    need: Need,
    /// Last day to hand in, where papers are examined after the auction and it is this one's turn.
    by: Option<Day>,
}

impl OwnPage {
    fn papers(&self) -> &[PaperView] {
        self.own.as_ref().map_or(&[], |own| own.qualification.as_slice())
    }

    /// Whether the lot has ended with somebody else and this one may step in.
    fn is_asked(&self) -> bool {
        let number = self.own.as_ref().and_then(|own| own.bid_number.as_deref());
        self.lot.phase == Phase::Sold && number.is_some_and(|number| !self.lot.is_won_by(number))
    }
}

impl PaperView {
    pub fn is_waiting(&self) -> bool {
        self.state == PaperState::Waiting
    }

    pub fn tone(&self) -> Tone {
        match self.state {
            PaperState::Waiting => Tone::Info,
            PaperState::Passed => Tone::Good,
            PaperState::Refused => Tone::Bad,
        }
    }

    /// When it was handed in; who examined it, when, and what was found.
    pub fn told(&self) -> String {
        let examined = (self.examiner.as_ref(), self.examined_at);
        papers::told((self.handed_in_at, "交来"), examined, "审查", &self.note)
    }
}

async fn page(asked: OwnLot, form: FormState) -> Result<OwnPage, Error> {
    let now = asked.now();
    let work = move |rx: &mut Rx<'_>, lot: &LotView, own: Option<&Enrolment>| {
        let Some(own) = own else { return Ok((Need::Nothing, None)) };
        let (row, terms) = listings::get(rx, &lot.id)?;
        Ok((service::need(rx, &row, &terms, &own.id, now)?, service::turn(rx, &row, &terms, &own.id)?))
    };
    let (lot, own, (need, by)) = asked.read(work).await?;
    let layout = asked.layout.titled("资格材料").under(lots::pages::PATH).with_form(&form);
    Ok(OwnPage { layout, form, lot, own, need, by })
}

async fn ask(own: OwnLot) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(own, FormState::default()).await?))
}

async fn hand_in(own: OwnLot, typed: MultipartFile) -> Result<HttpResponse, Error> {
    let form = FormState::new([("title", typed.get("title").to_owned())]);
    let new = NewPaper { title: typed.get("title").into(), bytes: typed.bytes };
    let done = ("qualification", "材料已交，请看下面写的下一步。");
    let work = move |tx: &mut Tx<'_>, by: &Allowed<may::Bid>, vault: &Vault, lot: &LotId| {
        service::hand_in(tx, by, vault, lot, &new)
    };
    own.hand_in(form, work, done, page).await
}
