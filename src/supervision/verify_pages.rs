//! `/audit/verify`: starting a verification, its progress, what it found.

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Data, Query},
};
use askama::Template;
use serde::Deserialize;

use super::verification::{self, Run, RunState, Verified, Verifier};
use crate::{
    access::{Allowed, may},
    db::Db,
    kernel::{PageRequest, error::NOT_FOUND},
    web::{
        Error, FormFields,
        html::{self, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/audit/verify").route(web::get().to(show)).route(web::post().to(start)))
        .service(web::resource("/audit/verify/report").route(web::get().to(report)));
}

const PATH: &str = "/audit/verify";

#[derive(Template)]
#[template(path = "supervision/pages/verify.html")]
struct VerifyPage {
    layout: Layout,
    run: Option<Run>,
    /// Whether the run was started by somebody of the own scope.
    near: bool,
    /// The run that is shown, and all of the scope.
    shown: Option<Verified>,
    all: Vec<Listed>,
}

/// A run in the list of runs.
struct Listed {
    seq: i64,
    at: crate::kernel::Timestamp,
    who: String,
    entries: u64,
    rows: u64,
    faults: u64,
}

impl VerifyPage {
    fn running(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.state == RunState::Running)
    }
    fn failed(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.state == RunState::Failed && self.near)
    }
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    /// The entry of an earlier run.
    run: Option<i64>,
}

async fn show(
    allowed: Allowed<may::Audit>,
    layout: Layout,
    db: Data<Db>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Error> {
    let now = db.now();
    let scope = allowed.scope.clone();
    let page = PageRequest { limit: Some(50), after: None };
    let (run, found) = db
        .read(move |rx| Ok((verification::last_run(rx, now)?, verification::list_verified(rx, &allowed, &page)?.items)))
        .await?;
    let all = found.iter().map(|v| Listed {
        seq: v.seq,
        at: v.at,
        who: v.who.clone(),
        entries: v.findings.entries,
        rows: v.findings.rows,
        faults: v.findings.faults,
    });
    Ok(html::ok(&VerifyPage {
        layout: layout.titled("核对存证和台账").under("/audit"),
        near: run.as_ref().is_some_and(|run| scope.contains(&run.home)),
        run,
        all: all.collect(),
        shown: found.into_iter().find(|v| asked.run.is_none_or(|seq| seq == v.seq)),
    }))
}

/// The signed report of a run, as text that a browser shows, prints and saves.
async fn report(allowed: Allowed<may::Audit>, db: Data<Db>, asked: Query<Asked>) -> Result<HttpResponse, Error> {
    let seq = asked.run.ok_or(Error::from(&NOT_FOUND))?;
    let report = db.read(move |rx| verification::find_report(rx, &allowed, seq)).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"xiangji-report-{seq}.txt\"")))
        .body(report.ok_or(Error::from(&NOT_FOUND))?))
}

async fn start(
    allowed: Allowed<may::Audit>,
    db: Data<Db>,
    verifier: Data<Verifier>,
    _form: FormFields,
) -> Result<HttpResponse, Error> {
    let started = verifier.start(&db, allowed).await?;
    Ok(match started {
        true => html::done(PATH, Tone::Good, "已开始核对。可以离开本页，过一会儿再来看结果。"),
        false => html::done(PATH, Tone::Info, "已经有一次核对正在进行，请等它结束。"),
    })
}
