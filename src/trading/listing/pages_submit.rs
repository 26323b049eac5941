//! The last step of a draft: everything once more, what is lacking, and off to the township.

use actix_web::{
    HttpResponse,
    web::{self, Path},
};
use askama::Template;

use super::{
    Dossier, LotId,
    form::Step,
    model::{Part, lines},
    pages::{PATH, part_address},
    pages_draft::{Books, STEPS, not_open},
    service,
};
use crate::{
    access::{Allowed, may},
    db::Lane,
    web::{
        Error, FormFields, IfMatch,
        html::{self, FormState, Layout, Tone},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/submit").route(web::get().to(check)).route(web::post().to(submit)));
}

/// A part of the answers, and where it is changed.
struct Answers {
    title: &'static str,
    change: String,
    lines: Vec<(&'static str, String)>,
}

/// Something that is lacking, and where it is filled in.
struct Lacking {
    detail: String,
    href: String,
}

/// Everything once more, before it goes to the township.
#[derive(Template)]
#[template(path = "trading/listing/pages/submit.html")]
struct SubmitPage {
    layout: Layout,
    form: FormState,
    found: Dossier,
    answers: Vec<Answers>,
    lacking: Vec<Lacking>,
}

impl SubmitPage {
    fn new(layout: Layout, found: Dossier, form: FormState) -> SubmitPage {
        let all = lines(&found.lot.title, &found.lot.terms);
        let answers = Step::ALL.map(|step| Answers {
            title: step.title(),
            change: part_address(&found.lot.id, step.part()),
            lines: all.iter().filter(|(p, ..)| *p == step.part()).map(|(_, l, text)| (*l, text.clone())).collect(),
        });
        let lacking = found.lacking();
        let place = |field: &str| Step::of_field(field).map_or(Part::Offer, Step::part);
        let lacking = lacking
            .into_iter()
            .map(|f| Lacking { href: part_address(&found.lot.id, place(f.field())), detail: f.detail.clone() })
            .collect();
        let layout = layout.titled("检查并提交").under(PATH).with_form(&form);
        SubmitPage { layout, form, answers: answers.into(), lacking, found }
    }
}

async fn check(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    id: Path<LotId>,
    books: Books,
) -> Result<HttpResponse, Error> {
    let found = books.dossier(&allowed, &id).await?;
    if let Some(answer) = not_open(&found) {
        return Ok(answer);
    }
    Ok(html::ok(&SubmitPage::new(layout, found, FormState::default())))
}

async fn submit(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    id: Path<LotId>,
    books: Books,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let (by, lot, policies) = (allowed.clone(), id.clone(), books.policies.clone());
    let end = books
        .db
        .write(Lane::of("lot", &id), move |tx| service::submit(tx, &by, &policies, &lot, |v| seen.check(v)))
        .await;
    match end {
        Ok(_) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已提交镇街审核。审核结果会出现在“今天要办”里。")),
        Err(error) => {
            let mut problem = html::refusal(error)?;
            let found = books.dossier(&allowed, &id).await?;
            if let Some(answer) = not_open(&found) {
                return Ok(answer);
            }
            // What is lacking stands on the page with the way to it.
            problem.fields.clear();
            html::again(problem, FormState::default(), async |form| Ok(SubmitPage::new(layout, found, form))).await
        }
    }
}
