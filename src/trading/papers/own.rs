//! A bidder's own page about one lot, to which a paper is handed in.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    web::{Data, Path},
};
use askama::Template;
use futures_util::future::LocalBoxFuture;

use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{self, Db, Lane, Rx, Tx},
    kernel::Timestamp,
    trading::{
        enrolment::{self, Enrolment},
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    vault::Vault,
    web::{
        Error,
        html::{self, FormState, Layout, Tone},
    },
};

/// Who asks for such a page, about which lot, and what answering takes.
pub struct OwnLot {
    allowed: Allowed<may::Bid>,
    pub layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    id: LotId,
}

impl FromRequest for OwnLot {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parts = <(Allowed<may::Bid>, Layout, Data<Db>, Data<Vault>, Data<Calendar>, Path<LotId>)>::from_request(
            request, payload,
        );
        Box::pin(async move {
            let (allowed, layout, db, vault, calendar, id) = parts.await?;
            Ok(OwnLot { allowed, layout, db, vault, calendar, id: id.into_inner() })
        })
    }
}

impl OwnLot {
    pub fn now(&self) -> Timestamp {
        self.db.now()
    }

    /// The lot as everybody sees it and the own enrolment, with what else the page has to know.
    pub async fn read<T: Send + 'static>(
        &self,
        more: impl FnOnce(&mut Rx<'_>, &LotView, Option<&Enrolment>) -> db::Result<T> + Send + 'static,
    ) -> Result<(LotView, Option<Enrolment>, T), Error> {
        let (by, vault, calendar, id) =
            (self.allowed.clone(), self.vault.clone(), self.calendar.clone(), self.id.clone());
        let now = self.db.now();
        let work = move |rx: &mut Rx<'_>| {
            let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
            let own = enrolment::own(rx, &by, &vault, &id)?;
            let more = more(rx, &lot, own.as_ref())?;
            Ok((lot, own, more))
        };
        Ok(self.db.read(work).await?)
    }

    /// Hands in by `work`; then back to the page, which says `done`, or `page` again with what was typed and what was wrong.
    pub async fn hand_in<T: Send + 'static, P: Template>(
        self,
        form: FormState,
        mut work: impl FnMut(&mut Tx<'_>, &Allowed<may::Bid>, &Vault, &LotId) -> db::Result<T> + Send + 'static,
        (path, done): (&str, &str),
        page: impl AsyncFnOnce(OwnLot, FormState) -> Result<P, Error>,
    ) -> Result<HttpResponse, Error> {
        let (by, vault, lot) = (self.allowed.clone(), self.vault.clone(), self.id.clone());
        let work = move |tx: &mut Tx<'_>| work(tx, &by, &vault, &lot);
        match self.db.write(Lane::of("lot", &self.id), work).await {
            Ok(_) => Ok(html::done(&format!("/lots/{}/{path}", self.id), Tone::Good, done)),
            Err(error) => html::again(error, form, async |form| page(self, form).await).await,
        }
    }
}
