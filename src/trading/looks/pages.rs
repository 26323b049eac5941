//! `/listings/{lot}/break-glass`: an officer of the township asks to look at everybody of a lot before its end, another agrees or
//! not, and who asked looks.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Breaking, GlassRefusal, GlassRequest, GlassRequestId, GlassState, service};
use crate::{
    access::{Allowed, may},
    db::{Db, Lane, Tx},
    kernel::{Problem, Timestamp, error::NOT_FOUND},
    policy::PolicyBook,
    trading::{
        enrolment::Enrolment,
        listing::{LotId, store as listings},
        lots,
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/listings/{lot}/break-glass").route(web::get().to(show)).route(web::post().to(ask)))
        .service(web::resource("/break-glass/{request}/agree").route(web::post().to(agree)))
        .service(web::resource("/break-glass/{request}/refuse").route(web::post().to(refuse)))
        .service(web::resource("/break-glass/{request}/look").route(web::post().to(look)));
}

impl GlassState {
    pub const fn tone(self) -> Tone {
        match self {
            GlassState::Requested => Tone::Warn,
            GlassState::Agreed => Tone::Info,
            GlassState::Refused => Tone::Quiet,
        }
    }
}

impl GlassRequest {
    /// Who asked, who decided, until when the names were shown.
    pub fn told(&self) -> String {
        let mut parts = vec![format!("{} 由 {} 申请", self.requested_at.minute_text(), self.requested_by)];
        if let (Some(who), Some(at)) = (&self.decided_by, self.decided_at) {
            parts.push(format!("{} 由 {who} 办理：{}", at.minute_text(), self.state.label()));
        }
        parts.extend(self.refusal.as_ref().map(|refusal| format!("理由：{refusal}")));
        parts.extend(self.until.map(|until| format!("可以查看到 {}", until.second_text())));
        parts.join("；")
    }
}

#[derive(Template)]
#[template(path = "trading/looks/pages/break_glass.html")]
struct GlassPage {
    layout: Layout,
    form: FormState,
    lot: LotId,
    title: String,
    /// The newest first, and whether each is the own one.
    requests: Vec<(GlassRequest, bool)>,
    now: Timestamp,
    minutes: u32,
}

impl GlassPage {
    fn waits(&self) -> bool {
        self.requests.iter().any(|(request, _)| request.state == GlassState::Requested)
    }
    /// Whether the names are shown to this officer now.
    fn is_open(&self, request: &GlassRequest, own: &bool) -> bool {
        *own && request.state == GlassState::Agreed && request.until.is_some_and(|until| self.now < until)
    }
}

async fn page(
    allowed: &Allowed<may::BreakGlass>,
    layout: Layout,
    db: &Db,
    policies: &PolicyBook,
    lot: LotId,
    form: FormState,
) -> Result<GlassPage, Error> {
    let (by, id, now) = (allowed.clone(), lot.clone(), db.now());
    let (title, code, mut requests) = db
        .read(move |rx| {
            let title = lots::find_title(rx, &by.scope, &id)?.ok_or(&NOT_FOUND)?;
            Ok((title, listings::get(rx, &id)?.0.collective_code, service::list(rx, &by, &id)?))
        })
        .await?;
    requests.reverse();
    let rules = policies.rules_for(&code, now.day()).map_err(Problem::from)?;
    let minutes = rules.break_glass_minutes.value;
    let layout = layout.titled("紧急查看竞买人").under("/listings").with_form(&form);
    Ok(GlassPage { layout, form, lot, title, requests, now, minutes })
}

async fn show(
    allowed: Allowed<may::BreakGlass>,
    layout: Layout,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    lot: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(&allowed, layout, &db, &policies, lot.into_inner(), FormState::default()).await?))
}

async fn ask(
    allowed: Allowed<may::BreakGlass>,
    layout: Layout,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    lot: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let lot = lot.into_inner();
    let breaking = Breaking { reason: fields.get("reason").to_owned() };
    let (by, id) = (allowed.clone(), lot.clone());
    let work = move |tx: &mut Tx<'_>| service::ask(tx, &by, &id, &breaking);
    match db.write(Lane::of("lot", &lot), work).await {
        Ok(_) => Ok(html::done(&address(&lot), Tone::Good, "申请已提交并记入存证，等另一位有权限的人同意。")),
        Err(error) => {
            html::again(error, &fields, async |form| page(&allowed, layout, &db, &policies, lot, form).await).await
        }
    }
}

fn address(lot: &LotId) -> String {
    format!("/listings/{lot}/break-glass")
}

/// Whose lot a request is about, so that what went wrong can be said on its page.
async fn lot_of(allowed: &Allowed<may::BreakGlass>, db: &Db, id: &GlassRequestId) -> Result<LotId, Error> {
    let (scope, id) = (allowed.scope.clone(), id.clone());
    let found = db.read(move |rx| super::store::find_request(rx, &scope, &id)).await?;
    Ok(found.ok_or(&NOT_FOUND).map_err(Error::from)?.lot_id)
}

async fn agree(
    allowed: Allowed<may::BreakGlass>,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    id: Path<GlassRequestId>,
    _fields: FormFields,
) -> Result<HttpResponse, Error> {
    let lot = lot_of(&allowed, &db, &id).await?;
    let work = move |tx: &mut Tx<'_>| service::agree(tx, &allowed, &policies, &id);
    Ok(match db.write(Lane::of("lot", &lot), work).await {
        Ok(_) => html::done(&address(&lot), Tone::Good, "已同意，申请的人现在可以查看。"),
        Err(error) => html::done(&address(&lot), Tone::Bad, &html::refusal(error)?.detail),
    })
}

async fn refuse(
    allowed: Allowed<may::BreakGlass>,
    layout: Layout,
    db: Data<Db>,
    policies: Data<PolicyBook>,
    id: Path<GlassRequestId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let lot = lot_of(&allowed, &db, &id).await?;
    let refusal = GlassRefusal { reason: fields.get("refusal").to_owned() };
    let by = allowed.clone();
    let work = move |tx: &mut Tx<'_>| service::refuse(tx, &by, &id, &refusal);
    match db.write(Lane::of("lot", &lot), work).await {
        Ok(_) => Ok(html::done(&address(&lot), Tone::Good, "已退回，没有人查看。")),
        Err(error) => {
            let mut problem = html::refusal(error)?;
            problem.fields.iter_mut().filter(|field| field.field() == "reason").for_each(|field| {
                field.pointer = "/refusal".to_owned();
            });
            html::again(problem, &fields, async |form| page(&allowed, layout, &db, &policies, lot, form).await).await
        }
    }
}

/// Everybody, for one look.
#[derive(Template)]
#[template(path = "trading/looks/pages/everybody.html")]
struct EverybodyPage {
    layout: Layout,
    lot: LotId,
    seen: Vec<Enrolment>,
}

async fn look(
    allowed: Allowed<may::BreakGlass>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<GlassRequestId>,
    _fields: FormFields,
) -> Result<HttpResponse, Error> {
    let lot = lot_of(&allowed, &db, &id).await?;
    let work = move |tx: &mut Tx<'_>| service::break_glass(tx, &allowed, &vault, &id);
    Ok(match db.write(Lane::of("lot", &lot), work).await {
        Ok((seen, lot, _)) => {
            html::ok(&EverybodyPage { layout: layout.titled("全部竞买人").under("/listings"), lot, seen })
        }
        Err(error) => html::done(&address(&lot), Tone::Bad, &html::refusal(error)?.detail),
    })
}
