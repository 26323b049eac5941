//! `/lots/{lot}/qualification`: a bidder hands in the papers that the notice asks for, and reads what became of them.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Need, NewPaper, PaperState, PaperView, Timing, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    kernel::Day,
    trading::{
        enrolment::{self, Enrolment},
        listing::{LotId, Phase, store as listings},
        lots::{self, LotView, Viewer},
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
        let mut parts = vec![format!("{} 交来", self.handed_in_at.minute_text())];
        if let (Some(examiner), Some(at)) = (&self.examiner, self.examined_at) {
            parts.push(format!("{examiner} {} 审查：{}", at.minute_text(), self.note));
        }
        parts.join("；")
    }
}

async fn page(
    allowed: &Allowed<may::Bid>,
    layout: Layout,
    db: &Db,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: LotId,
    form: FormState,
) -> Result<OwnPage, Error> {
    let (by, now) = (allowed.clone(), db.now());
    let (lot, own, need, by) = db
        .read(move |rx| {
            let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
            let own = enrolment::own(rx, &by, &vault, &id)?;
            let Some(enrolment) = own.as_ref().map(|own| own.id.clone()) else {
                return Ok((lot, own, Need::Nothing, None));
            };
            let (row, terms) = listings::get(rx, &id)?;
            let need = service::need(rx, &row, &terms, &enrolment, now)?;
            let by = service::turn(rx, &row, &terms, &enrolment)?;
            Ok((lot, own, need, by))
        })
        .await?;
    let layout = layout.titled("资格材料").under(lots::pages::PATH).with_form(&form);
    Ok(OwnPage { layout, form, lot, own, need, by })
}

async fn ask(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(&allowed, layout, &db, vault, calendar, id.into_inner(), FormState::default()).await?))
}

async fn hand_in(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    typed: MultipartFile,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let form = FormState::new([("title", typed.get("title").to_owned())]);
    let new = NewPaper { title: typed.get("title").into(), bytes: typed.bytes };
    let (by, lot, seal) = (allowed.clone(), id.clone(), vault.clone());
    let work = move |tx: &mut crate::db::Tx<'_>| service::hand_in(tx, &by, &seal, &lot, &new);
    match db.write(Lane::of("lot", &id), work).await {
        Ok(_) => Ok(html::done(&format!("/lots/{id}/qualification"), Tone::Good, "材料已交，请看下面写的下一步。")),
        Err(error) => {
            html::again(error, form, async |form| page(&allowed, layout, &db, vault, calendar, id, form).await).await
        }
    }
}
