//! `/lots/{lot}/merits`: a bidder claims answers that are worth something, and reads what was granted.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::{ClaimState, ClaimView, NewClaim, Offer, percent_text, service};
use crate::{
    access::{Allowed, may},
    db::Tx,
    trading::{
        enrolment::Enrolment,
        listing::LotId,
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
    config.service(web::resource("/lots/{lot}/merits").route(web::get().to(ask)).route(web::post().to(claim)));
}

#[derive(Template)]
#[template(path = "trading/merits/pages/own.html")]
struct OwnPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    own: Option<Enrolment>,
}

impl OwnPage {
    fn claims(&self) -> &[ClaimView] {
        self.own.as_ref().map_or(&[], |own| own.merit_claims.as_slice())
    }

    /// What can still be claimed: criteria without a claim that waits or was granted.
    fn choices(&self) -> Vec<(String, String)> {
        let Some(claim_until) = self.lot.enrol_until.filter(|until| self.own.is_some() && self.lot.now < *until) else {
            return Vec::new();
        };
        let taken = |code: &str| {
            let merit = code.split_once('.').map(|(merit, _)| merit.to_owned());
            let open = self.claims().iter().filter(|claim| claim.state != ClaimState::Refused);
            open.into_iter().any(|claim| merit == Some(claim.merit.to_string()))
        };
        let mut choices = Offer { merits: self.lot.terms.merits(), claim_until }.choices();
        choices.retain(|(code, _)| !taken(code));
        choices
    }

    fn has_opened(&self) -> bool {
        self.lot.opens_at.is_some_and(|opens| self.lot.now >= opens)
    }

    /// Whether a claim has to be examined still, and can be.
    fn waits(&self) -> bool {
        !self.has_opened() && self.claims().iter().any(ClaimView::is_waiting)
    }

    /// What the granted answers come to.
    fn granted(&self) -> String {
        let granted = self.claims().iter().filter(|claim| claim.state == ClaimState::Granted);
        percent_text(granted.map(|claim| i64::from(claim.points_bp)).sum())
    }
}

impl ClaimView {
    pub fn is_waiting(&self) -> bool {
        self.state == ClaimState::Claimed
    }

    pub fn tone(&self) -> Tone {
        match self.state {
            ClaimState::Claimed => Tone::Info,
            ClaimState::Granted => Tone::Good,
            ClaimState::Refused => Tone::Quiet,
        }
    }

    /// `水质：生态养殖（加 5%）`.
    pub fn words(&self) -> String {
        format!("{}：{}（加 {}）", self.merit_title, self.answer_text, percent_text(self.points_bp.into()))
    }

    /// When it was claimed; who examined it, when, and what was found.
    pub fn told(&self) -> String {
        let examined = (self.examiner.as_ref(), self.examined_at);
        papers::told((self.claimed_at, "申报"), examined, "审核", &self.note)
    }
}

async fn page(asked: OwnLot, form: FormState) -> Result<OwnPage, Error> {
    let (lot, own, ()) = asked.read(|_, _, _| Ok(())).await?;
    let layout = asked.layout.titled("申报加分").under(lots::pages::PATH).with_form(&form);
    Ok(OwnPage { layout, form, lot, own })
}

async fn ask(own: OwnLot) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(own, FormState::default()).await?))
}

async fn claim(own: OwnLot, typed: MultipartFile) -> Result<HttpResponse, Error> {
    let form = FormState::new(["answer", "title"].map(|field| (field, typed.get(field).to_owned())));
    let new = NewClaim { answer: typed.get("answer").into(), title: typed.get("title").into(), bytes: typed.bytes };
    let done = ("merits", "已申报。请照下面写的，把编码告诉镇街交易员审核。");
    let work = move |tx: &mut Tx<'_>, by: &Allowed<may::Bid>, vault: &Vault, lot: &LotId| {
        service::claim(tx, by, vault, lot, &new)
    };
    own.hand_in(form, work, done, page).await
}
