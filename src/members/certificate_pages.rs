//! `/members/{id}/certificate`: the paper that a member takes home. One A4 page; what it says can be held against the public
//! log by whoever scans its code.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{MemberView, Membership, MembershipState, service};
use crate::{
    access::{Allowed, may},
    collectives::{self, Collective},
    db::Db,
    kernel::{Day, Id},
    log,
    vault::Vault,
    web::{
        Error,
        html::{self, Layout, Slip, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/members/{id}/certificate").route(web::get().to(certificate)));
}

#[derive(Template)]
#[template(path = "members/pages/certificate.html")]
struct CertificatePage {
    layout: Layout,
    member: MemberView,
    collective: Collective,
    printed_on: Day,
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
    let (member, collective, record) = db
        .read(move |rx| {
            let member = service::get_member(rx, &vault, &allowed, &id)?;
            let collective = collectives::get_named(rx, &allowed.scope, &member.collective_code)?;
            Ok((member, collective, log::newest(rx, "member", &id, &[])?))
        })
        .await?;
    let layout = layout.titled("成员证明").under("/members");
    let slip = record.map(|record| Slip::of(&layout, &record)).transpose()?;
    Ok(html::ok(&CertificatePage { layout, member, collective, printed_on, slip }))
}
