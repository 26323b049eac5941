//! `/listings/{lot}/reserve`: the collective hands in the envelope of its secret floor, which nothing here could make or read.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    pages::{beside_the_file, read_envelope},
    reserve,
    view::SealedReserve,
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    trading::{
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    web::{
        Error,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/reserve").route(web::get().to(show)).route(web::post().to(hand_in)));
}

#[derive(Template)]
#[template(path = "trading/sealed/pages/reserve.html")]
struct ReservePage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    latest: Option<SealedReserve>,
}

impl ReservePage {
    fn is_open(&self) -> bool {
        self.lot.published_at.is_none()
    }
}

async fn load(
    allowed: &Allowed<may::DraftListings>,
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    id: LotId,
    form: FormState,
) -> Result<ReservePage, Error> {
    let (now, by) = (db.now(), allowed.clone());
    let reading = allowed.actor.prove::<may::ReadListings>()?;
    let (lot, latest) = db
        .read(move |rx| {
            let latest = reserve::latest(rx, &by, &id)?;
            Ok((lots::get(rx, Viewer::Staff(&reading), &calendar, &id, now)?, latest))
        })
        .await?;
    let layout = layout.titled("交保留价信封").under("/listings").with_form(&form);
    Ok(ReservePage { layout, form, lot, latest })
}

async fn show(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&load(&allowed, layout, &db, calendar, id.into_inner(), FormState::default()).await?))
}

async fn hand_in(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
    form: MultipartFile,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let problem = match read_envelope(&form) {
        Err(problem) => problem,
        Ok(envelope) => {
            let (lot, by) = (id.clone(), allowed.clone());
            let write = move |tx: &mut crate::db::Tx<'_>| reserve::hand_in(tx, &by, &lot, &envelope);
            match db.write(Lane::of("lot", &id), write).await {
                Ok((taken, receipt)) => {
                    let text = format!("第 {} 个保留价信封已收到，记在公开存证第 {} 号。", taken.seq, receipt.seq);
                    return Ok(html::done(&format!("/listings/{id}/reserve"), Tone::Good, &text));
                }
                Err(error) => beside_the_file(html::refusal(error)?),
            }
        }
    };
    let form = FormState::new([("envelope", "")]);
    html::again(problem, form, async |form| load(&allowed, layout, &db, calendar, id, form).await).await
}
