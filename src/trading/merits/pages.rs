//! `/lots/{lot}/merits`: a bidder claims answers that are worth something, and reads what was granted.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{ClaimState, ClaimView, NewClaim, Offer, percent_text, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    trading::{
        enrolment::{self, Enrolment},
        listing::{LotId, Phase},
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
        let mut parts = vec![format!("{} 申报", self.claimed_at.minute_text())];
        if let (Some(examiner), Some(at)) = (&self.examiner, self.examined_at) {
            parts.push(format!("{examiner} {} 审核：{}", at.minute_text(), self.note));
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
    let (lot, own) = db
        .read(move |rx| {
            Ok((lots::get(rx, Viewer::Public, &calendar, &id, now)?, enrolment::own(rx, &by, &vault, &id)?))
        })
        .await?;
    let layout = layout.titled("申报加分").under(lots::pages::PATH).with_form(&form);
    Ok(OwnPage { layout, form, lot, own })
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

async fn claim(
    allowed: Allowed<may::Bid>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    typed: MultipartFile,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let form = FormState::new(["answer", "title"].map(|field| (field, typed.get(field).to_owned())));
    let new = NewClaim { answer: typed.get("answer").into(), title: typed.get("title").into(), bytes: typed.bytes };
    let (by, lot, seal) = (allowed.clone(), id.clone(), vault.clone());
    let work = move |tx: &mut crate::db::Tx<'_>| service::claim(tx, &by, &seal, &lot, &new);
    match db.write(Lane::of("lot", &id), work).await {
        Ok(_) => {
            let done = "已申报。请照下面写的，把编码告诉镇街交易员审核。";
            Ok(html::done(&format!("/lots/{id}/merits"), Tone::Good, done))
        }
        Err(error) => {
            html::again(error, form, async |form| page(&allowed, layout, &db, vault, calendar, id, form).await).await
        }
    }
}
