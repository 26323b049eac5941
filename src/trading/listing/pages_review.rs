//! The township's review: the rules one by one, what has changed since the last time, and the decision.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    Dossier, LotId, LotState, Review, dossier,
    model::{Change, lines},
    pages::PATH,
    rules::{Check, Finding},
    service,
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    policy::PolicyBook,
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/review").route(web::get().to(look)).route(web::post().to(decide)));
}

impl Finding {
    const fn tone(self) -> Tone {
        match self {
            Finding::Passed => Tone::Good,
            Finding::Look => Tone::Warn,
            Finding::Failed => Tone::Bad,
        }
    }
    const fn label(self) -> &'static str {
        match self {
            Finding::Passed => "符合",
            Finding::Look => "请核对",
            Finding::Failed => "不符合",
        }
    }
}

#[derive(Template)]
#[template(path = "trading/listing/pages/review.html")]
struct ReviewPage {
    layout: Layout,
    form: FormState,
    found: Dossier,
    checks: Vec<Check>,
    changes: Vec<Change>,
    /// The listing was sent back before.
    again: bool,
    all: Vec<(&'static str, String)>,
}

impl ReviewPage {
    fn new(layout: Layout, found: Dossier, calendar: &Calendar, form: FormState) -> ReviewPage {
        ReviewPage {
            layout: layout.titled("审核").under(PATH).with_form(&form),
            form,
            checks: found.checklist(calendar),
            changes: found.changes(),
            again: found.reviews.iter().any(|r| !r.approved),
            all: lines(&found.lot.title, &found.lot.terms).into_iter().map(|(_, label, text)| (label, text)).collect(),
            found,
        }
    }
}

/// What is not waiting for a review is looked at on its own page.
fn not_waiting(found: &Dossier) -> Option<HttpResponse> {
    let text = format!("这个项目现在是“{}”，不需要审核。", found.lot.state.label());
    let open = matches!(found.lot.state, LotState::Submitted | LotState::Approved);
    (!open).then(|| html::done(&format!("{PATH}/{}", found.lot.id), Tone::Warn, &text))
}

async fn load(
    allowed: Allowed<may::ReviewListings>,
    db: &Db,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: LotId,
) -> Result<Dossier, Error> {
    let now = db.now();
    Ok(db.read(move |rx| dossier(rx, &allowed.actor.prove()?, &calendar, &policies, &id, now)).await?)
}

async fn look(
    allowed: Allowed<may::ReviewListings>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let found = load(allowed, &db, calendar.clone(), policies, id.into_inner()).await?;
    if let Some(answer) = not_waiting(&found) {
        return Ok(answer);
    }
    Ok(html::ok(&ReviewPage::new(layout, found, &calendar, FormState::default())))
}

async fn decide(
    allowed: Allowed<may::ReviewListings>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let approve = fields.approval("decision");
    let approved = approve.as_ref().is_ok_and(|approve| *approve);
    let end = match approve {
        Err(problem) => Err(problem.into()),
        Ok(approve) => {
            let review = Review { approve, note: fields.get("note").to_owned() };
            let (by, lot) = (allowed.clone(), id.clone());
            let work = move |tx: &mut crate::db::Tx<'_>| service::review(tx, &by, &lot, &review, |v| seen.check(v));
            db.write(Lane::of("lot", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok(_) => {
            let (tone, text) = match approved {
                true => (Tone::Good, "已审核通过，等镇街交易员发布公告。"),
                false => (Tone::Warn, "已退回，村里会看到您写的修改意见。"),
            };
            Ok(html::done(&format!("{PATH}/{id}"), tone, text))
        }
        Err(error) => {
            let problem = html::refusal(error)?;
            let found = load(allowed, &db, calendar.clone(), policies, id).await?;
            if let Some(answer) = not_waiting(&found) {
                return Ok(answer);
            }
            html::again(problem, &fields, async |form| Ok(ReviewPage::new(layout, found, &calendar, form))).await
        }
    }
}
