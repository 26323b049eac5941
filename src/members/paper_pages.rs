//! `/members/{id}/certificate`, the paper that a member takes home, and `/log/mine`, where its number and code open the own
//! record without an account.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    MemberView, Membership, MembershipState,
    paper::{self, Paper, PaperCode},
    service,
};
use crate::{
    access::{Allowed, may},
    collectives::{self, Collective},
    db::Db,
    kernel::{Day, Id, Problem, text::half_width},
    log,
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Slip, Tone, filters},
        limits::Limits,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/members/{id}/certificate").route(web::get().to(certificate)))
        .service(web::resource("/log/mine").route(web::get().to(ask)).route(web::post().to(read)));
}

#[derive(Template)]
#[template(path = "members/pages/certificate.html")]
struct CertificatePage {
    layout: Layout,
    member: MemberView,
    collective: Collective,
    printed_on: Day,
    code: String,
    slip: Option<Slip>,
}

async fn certificate(
    allowed: Allowed<may::ReadMembers>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    id: Path<Id<Membership>>,
) -> Result<HttpResponse, Error> {
    let printed_on = db.now().day();
    let code = PaperCode::of(&vault, &id).grouped();
    let (member, collective, record) = db
        .read(move |rx| {
            let member = service::get_member(rx, &vault, &allowed, &id)?;
            let collective = collectives::get_named(rx, &allowed.scope, &member.collective_code)?;
            Ok((member, collective, log::newest(rx, "member", &id, &[])?))
        })
        .await?;
    let layout = layout.titled("成员证明").under("/members");
    let slip = record.map(|record| Slip::of(&layout, &record)).transpose()?;
    Ok(html::ok(&CertificatePage { layout, member, collective, printed_on, code, slip }))
}

#[derive(Template)]
#[template(path = "members/pages/paper.html")]
struct PaperPage {
    layout: Layout,
    form: FormState,
    paper: Option<Paper>,
}

impl PaperPage {
    fn new(layout: Layout, form: FormState, paper: Option<Paper>) -> PaperPage {
        PaperPage {
            layout: layout.titled("我的登记在不在存证里").under("/log").with_form(&form), form, paper
        }
    }
}

async fn ask(layout: Layout) -> HttpResponse {
    html::ok(&PaperPage::new(layout, FormState::default(), None))
}

/// As often as a sign-in may be tried: the code is a kind of password.
async fn read(
    request: HttpRequest,
    limits: Data<Limits>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    limits.check_sign_in(&request)?;
    let code = half_width(fields.get("code"));
    let found = match half_width(fields.get("entry")).parse::<i64>() {
        Err(_) => {
            Err(Problem::field("entry", Some(fields.get("entry")), "存证编号是纸上“公开存证第……号”的那个数字").into())
        }
        Ok(entry) => db.read(move |rx| paper::read_paper(rx, &vault, entry, &code)).await.map_err(Error::from),
    };
    match found {
        Ok(paper) => Ok(html::ok(&PaperPage::new(layout, FormState::from(&fields), Some(paper)))),
        Err(error) => html::again(error, &fields, async |form| Ok(PaperPage::new(layout, form, None))).await,
    }
}
