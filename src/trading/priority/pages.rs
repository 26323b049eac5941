//! `/lots/{lot}/priority`: a bidder claims a priority right with its proof, reads how it stands, gives it up.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Kind, NewClaim, RightId, RightView, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane, Tx},
    kernel::Timestamp,
    trading::{
        enrolment::Enrolment,
        listing::LotId,
        lots::{self, LotView},
        papers::{self, OwnLot},
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/lots/{lot}/priority").route(web::get().to(ask)).route(web::post().to(claim)))
        .service(web::resource("/priority-rights/{right}/waive").route(web::post().to(waive)));
}

#[derive(Template)]
#[template(path = "trading/priority/pages/own.html")]
struct OwnPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    own: Option<Enrolment>,
}

impl OwnPage {
    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        let order = self.lot.terms.priority_rights.iter().flat_map(|rights| rights.order.iter());
        order.map(|kind| (Kind::as_str(kind), Kind::label(kind))).collect()
    }

    fn rights(&self) -> &[RightView] {
        self.own.as_ref().map_or(&[], |own| own.priority_rights.as_slice())
    }

    /// Until when claims are taken.
    fn until(&self) -> Option<Timestamp> {
        let rights = self.lot.terms.priority_rights.as_ref()?;
        Some(rights.terms(self.lot.enrol_until?).claim_until)
    }

    /// Whether a claim has to be checked still, and can be.
    fn waits(&self) -> bool {
        self.lot.opens_at.is_some_and(|opens| self.lot.now < opens) && self.rights().iter().any(RightView::is_waiting)
    }

    fn takes_claims(&self) -> bool {
        self.own.is_some() && self.until().is_some_and(|until| self.lot.now < until)
    }

    /// Rights stand as they are once the auction has opened.
    fn may_waive(&self, right: &RightView) -> bool {
        right.cause.is_none() && self.lot.opens_at.is_some_and(|opens| self.lot.now < opens)
    }
}

impl RightView {
    pub fn is_waiting(&self) -> bool {
        self.state == super::Standing::Claimed
    }

    pub fn tone(&self) -> Tone {
        match self.state {
            super::Standing::Claimed => Tone::Info,
            super::Standing::Granted => Tone::Good,
            super::Standing::Lapsed => Tone::Quiet,
        }
    }

    /// Who checked it, when, and what was found; why it no longer stands.
    pub fn told(&self) -> String {
        let examined = (self.checker.as_ref(), self.checked_at);
        let told = papers::told((self.claimed_at, "申报"), examined, "审核", &self.note);
        match (self.cause, self.lapsed_at) {
            (Some(cause), Some(at)) => format!("{told}；{} 失效：{}", at.minute_text(), cause.label()),
            _ => told,
        }
    }
}

async fn page(asked: OwnLot, form: FormState) -> Result<OwnPage, Error> {
    let (lot, own, ()) = asked.read(|_, _, _| Ok(())).await?;
    let layout = asked.layout.titled("优先权").under(lots::pages::PATH).with_form(&form);
    Ok(OwnPage { layout, form, lot, own })
}

async fn ask(own: OwnLot) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(own, FormState::default()).await?))
}

async fn claim(own: OwnLot, typed: MultipartFile) -> Result<HttpResponse, Error> {
    let form = FormState::new(["kind", "title"].map(|field| (field, typed.get(field).to_owned())));
    let new = NewClaim { kind: typed.get("kind").into(), title: typed.get("title").into(), bytes: typed.bytes };
    let done = ("priority", "已申报。请照下面写的，把编码告诉镇街交易员审核。");
    let work = move |tx: &mut Tx<'_>, by: &Allowed<may::Bid>, vault: &Vault, lot: &LotId| {
        service::claim(tx, by, vault, lot, &new)
    };
    own.hand_in(form, work, done, page).await
}

async fn waive(
    allowed: Allowed<may::Bid>,
    db: Data<Db>,
    id: Path<RightId>,
    _fields: FormFields,
) -> Result<HttpResponse, Error> {
    let work = move |tx: &mut crate::db::Tx<'_>| service::waive(tx, &allowed, &id);
    let (_, lot, _) = db.write(Lane::Any, work).await?;
    Ok(html::done(&format!("/lots/{lot}/priority"), Tone::Good, "已放弃这项优先权，您仍可按普通竞买人出价。"))
}
