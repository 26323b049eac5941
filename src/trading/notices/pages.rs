//! `/lots/{lot}/notices/{number}`: a version of a notice as it stood, for everybody; `/listings/{lot}/correct`: putting one
//! right.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Correction, NoticeVersion, service};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    kernel::{FieldError, Problem, Timestamp, text},
    policy::PolicyBook,
    trading::{
        listing::{LotId, LotState, NoticeDraft, NoticeFields, Schedule},
        lots::{self, LotView, Viewer},
    },
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn market_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/lots/{lot}/notices/{number}").route(web::get().to(version)));
}

pub fn desk_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/correct").route(web::get().to(ask)).route(web::post().to(correct)));
}

#[derive(Template)]
#[template(path = "trading/notices/pages/version.html")]
struct VersionPage {
    layout: Layout,
    /// The lot with the terms and hours of the version.
    lot: LotView,
    version: NoticeVersion,
    newest: bool,
}

async fn version(
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    path: Path<(LotId, i32)>,
) -> Result<HttpResponse, Error> {
    let ((id, number), now) = (path.into_inner(), db.now());
    let (mut lot, version) = db
        .read(move |rx| {
            let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
            Ok((lot, service::version(rx, &id, number)?))
        })
        .await?;
    let newest = lot.notices.last().is_none_or(|last| last.number == version.brief.number);
    lot.title = version.title.clone();
    lot.terms = version.terms.clone();
    (lot.enrol_until, lot.opens_at, lot.closes_at) =
        (Some(version.enrol_until), Some(version.opens_at), Some(version.closes_at));
    let layout = layout.titled(format!("{}（公告第 {number} 版）", version.title)).under(lots::pages::PATH);
    Ok(html::ok(&VersionPage { layout, lot, version, newest }))
}

#[derive(Template)]
#[template(path = "trading/notices/pages/correct.html")]
struct CorrectPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    until: Option<Timestamp>,
    days: u32,
}

const TEXTS: [&str; 6] = ["title", "usage", "conditions", "priority", "remarks", "contact"];

/// Further fields that can be corrected on the page; the others by the API.
const NOTICE: [&str; 9] = [
    "tax",
    "payment",
    "delivery",
    "boundaries",
    "title_papers",
    "fire_safety",
    "viewing",
    "restrictions",
    "complaint_phone",
];

fn notice_field<'n>(notice: &'n mut NoticeDraft, name: &str) -> Option<&'n mut String> {
    Some(match name {
        "tax" => &mut notice.tax,
        "payment" => &mut notice.payment,
        "delivery" => &mut notice.delivery,
        "boundaries" => &mut notice.boundaries,
        "title_papers" => &mut notice.title_papers,
        "fire_safety" => &mut notice.fire_safety,
        "viewing" => &mut notice.viewing,
        "restrictions" => &mut notice.restrictions,
        "complaint_phone" => &mut notice.complaint_phone,
        _ => return None,
    })
}

fn notice_of(lot: &LotView) -> NoticeDraft {
    lot.terms.notice.as_ref().map(NoticeFields::draft).unwrap_or_default()
}

fn filled(lot: &LotView) -> FormState {
    let terms = &lot.terms;
    let texts = [
        ("title", &lot.title),
        ("usage", &terms.usage),
        ("conditions", &terms.conditions),
        ("priority", &terms.priority),
        ("remarks", &terms.remarks),
        ("contact", &terms.contact),
    ];
    let mut notice = notice_of(lot);
    let mut all: Vec<(String, String)> =
        texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).clone())).collect();
    for name in NOTICE {
        let text = notice_field(&mut notice, name).map(std::mem::take).unwrap_or_default();
        all.push((format!("notice/{name}"), text));
    }
    FormState::new(all.iter().map(|(name, text)| (name.as_str(), text.clone())))
}

/// What was typed. Hours are left to the rules unless a day is typed.
fn typed(fields: &FormFields, lot: &LotView) -> Result<Correction, Problem> {
    let text = |name: &str| Some(fields.get(name).to_owned());
    let mut notice = notice_of(lot);
    for name in NOTICE {
        if let Some(field) = notice_field(&mut notice, name) {
            *field = fields.get(&format!("notice/{name}")).to_owned();
        }
    }
    let [title, usage, conditions, priority, remarks, contact] = TEXTS.map(text);
    let reason = fields.get("reason").to_owned();
    let schedule = later(fields, lot)?;
    Ok(Correction { reason, title, usage, conditions, priority, remarks, contact, notice: Some(notice), schedule })
}

/// A later day of the auction, at the same hours.
fn later(fields: &FormFields, lot: &LotView) -> Result<Option<Schedule>, Problem> {
    let day_typed = fields.get("opens_at");
    let (Some(enrol_until), Some(opens_at), Some(closes_at)) = (lot.enrol_until, lot.opens_at, lot.closes_at) else {
        return Ok(None);
    };
    if day_typed.is_empty() {
        return Ok(None);
    }
    let day = text::read_day(day_typed)
        .map_err(|e| Problem::fields(vec![FieldError::new("opens_at", Some(day_typed), e.to_string())]))?;
    let moved = day.at(0, 0).since_us(opens_at.day().at(0, 0));
    let by = |at: Timestamp| at.plus_us(moved);
    Ok(Some(Schedule { enrol_until: by(enrol_until), opens_at: by(opens_at), closes_at: by(closes_at) }))
}

struct Found {
    lot: LotView,
    until: Option<Timestamp>,
    days: u32,
}

async fn load(
    allowed: &Allowed<may::RunAuctions>,
    db: &Db,
    calendar: &Data<Calendar>,
    policies: &Data<PolicyBook>,
    id: &LotId,
) -> Result<Found, Error> {
    let (allowed, calendar, policies, id, now) =
        (allowed.clone(), calendar.clone(), policies.clone(), id.clone(), db.now());
    let found = db
        .read(move |rx| {
            let lot = lots::get(rx, Viewer::Staff(&allowed.actor.prove()?), &calendar, &id, now)?;
            let until = service::window_of(rx, &calendar, &policies, &id)?;
            let rules = policies.rules_for(&lot.collective_code, now.day()).map_err(Problem::from)?;
            Ok(Found { until, days: rules.correction_notice_working_days.value, lot })
        })
        .await?;
    Ok(found)
}

fn page(layout: Layout, found: Found, form: FormState) -> CorrectPage {
    let layout = layout.titled("更正公告").under("/listings").with_form(&form);
    CorrectPage { layout, form, lot: found.lot, until: found.until, days: found.days }
}

/// Only a notice that is out is corrected.
fn not_out(found: &Found) -> Option<HttpResponse> {
    let lot = &found.lot;
    let text = format!("这个项目现在是“{}”，没有可以更正的公告。", lot.state.label());
    (lot.state != LotState::Published).then(|| html::done(&format!("/listings/{}", lot.id), Tone::Warn, &text))
}

async fn ask(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let found = load(&allowed, &db, &calendar, &policies, &id).await?;
    if let Some(answer) = not_out(&found) {
        return Ok(answer);
    }
    let form = filled(&found.lot);
    Ok(html::ok(&page(layout, found, form)))
}

async fn correct(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let found = load(&allowed, &db, &calendar, &policies, &id).await?;
    if let Some(answer) = not_out(&found) {
        return Ok(answer);
    }
    let end = match typed(&fields, &found.lot) {
        Err(problem) => Err(Error::from(problem)),
        Ok(correction) => {
            let (by, lot, books) = (allowed.clone(), id.clone(), (calendar.clone(), policies.clone()));
            let work = move |tx: &mut crate::db::Tx<'_>| {
                service::correct(tx, &by, &books.0, &books.1, &lot, &correction, |v| seen.check(v))
            };
            db.write(Lane::of("lot", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok(_) => Ok(html::done(&format!("/listings/{id}"), Tone::Good, "公告已更正，原来的版本仍可查看。")),
        Err(error) => {
            let mut problem = html::refusal(error)?;
            for field in &mut problem.fields {
                // The page asks for the day alone.
                if field.pointer.starts_with("/schedule/") {
                    field.pointer = "/opens_at".to_owned();
                }
            }
            html::again(problem, &fields, async |form| Ok(page(layout, found, form))).await
        }
    }
}
