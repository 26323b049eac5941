//! `/audit`: what happened in the scope of an auditor, and the whole story of one record.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    records::{self, RecordLink},
    service::{self, At, Line, RecordTimeline, Wanted},
    words::Group,
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::Db,
    kernel::{Day, FieldError, PageRequest, Problem, text::read_day},
    vault::Vault,
    web::{
        Error,
        html::{self, FormState, Layout, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/audit").route(web::get().to(list)))
        .service(web::resource("/audit/records/{noun}/{id}").route(web::get().to(record)));
}

const PATH: &str = "/audit";
/// Entries on one page.
const ENTRIES: u32 = 50;
/// Commands of an auction on one page.
const COMMANDS: u32 = 200;

/// The form of the list: every field may be empty.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    collective: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    /// A record, such as `lot/lot_0abc`.
    #[serde(default)]
    record: String,
    after: Option<String>,
}

impl Asked {
    fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("q", &self.q),
            ("group", &self.group),
            ("collective", &self.collective),
            ("from", &self.from),
            ("until", &self.until),
            ("record", &self.record),
        ]
    }

    /// What is wanted, or the days that cannot be read.
    fn wanted(&self) -> Result<Wanted, Problem> {
        let text = |t: &str| Some(t.trim().to_owned()).filter(|t| !t.is_empty());
        let mut faults = Vec::new();
        let mut day = |name: &str, typed: &str| -> Option<Day> {
            let typed = text(typed)?;
            read_day(&typed).map_err(|e| faults.push(FieldError::new(name, Some(&typed), e.to_string()))).ok()
        };
        let (from, until) = (day("from", &self.from), day("until", &self.until));
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            faults.push(FieldError::new("until", Some(&self.until), "止日要在起日之后，请对调或改正"));
        }
        if !faults.is_empty() {
            return Err(Problem::fields(faults));
        }
        Ok(Wanted {
            group: self.group.parse().ok(),
            collective: text(&self.collective),
            subject: text(&self.record),
            from,
            until,
            q: text(&self.q),
        })
    }

    /// This list, from where `after` says.
    fn address(&self, after: Option<&str>) -> String {
        let pairs = self.pairs().into_iter().chain([("after", after.unwrap_or(""))]);
        html::address(PATH, pairs)
    }
}

#[derive(Template)]
#[template(path = "supervision/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    lines: Vec<Line>,
    found: Vec<RecordLink>,
    /// What was searched; empty where nothing was.
    q: String,
    groups: Vec<(&'static str, &'static str)>,
    collectives: Vec<(String, String)>,
    filtered: bool,
    first: String,
    next: String,
}

async fn list(
    allowed: Allowed<may::Audit>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Error> {
    // A whole identifier leads to its record at once.
    if let Some(there) = records::by_identifier(asked.q.trim()) {
        return Ok(html::see_other(&there));
    }
    let (wanted, problem) = match asked.wanted() {
        Ok(wanted) => (wanted, None),
        Err(problem) => (Wanted::default(), Some(problem)),
    };
    let page = PageRequest { limit: Some(ENTRIES), after: asked.after.clone() };
    let found = db.read(move |rx| service::latest(rx, &allowed, &vault, &wanted, &page)).await?;
    let mut form = FormState::new(asked.pairs());
    if let Some(problem) = &problem {
        form = form.with_problem(problem);
    }
    let page = ListPage {
        layout: layout.titled("审计").under(PATH).with_form(&form),
        form,
        lines: found.lines,
        found: found.found,
        q: asked.q.trim().to_owned(),
        groups: Group::ALL.iter().map(|g| (g.as_str(), g.label())).collect(),
        collectives: found.collectives,
        filtered: asked.pairs().iter().any(|(_, value)| !value.is_empty()),
        first: asked.after.as_ref().map(|_| asked.address(None)).unwrap_or_default(),
        next: found.next.map(|n| asked.address(Some(&n))).unwrap_or_default(),
    };
    Ok(match &problem {
        Some(problem) => html::refused(problem, &page),
        None => html::ok(&page),
    })
}

#[derive(Template)]
#[template(path = "supervision/pages/record.html")]
struct RecordPage {
    layout: Layout,
    record: RecordTimeline,
    /// The record's own page.
    own: String,
    first: String,
    next: String,
    first_commands: String,
    next_commands: String,
}

#[derive(Debug, Default, Deserialize)]
struct Cursors {
    after: Option<String>,
    /// Commands of an auction before this number.
    commands: Option<String>,
}

async fn record(
    allowed: Allowed<may::Audit>,
    layout: Layout,
    (db, vault, calendar): (Data<Db>, Data<Vault>, Data<Calendar>),
    path: Path<(String, String)>,
    cursors: Query<Cursors>,
) -> Result<HttpResponse, Error> {
    let ((word, id), now) = (path.into_inner(), db.now());
    let at = At {
        entries: PageRequest { limit: Some(ENTRIES), after: cursors.after.clone() },
        commands: PageRequest { limit: Some(COMMANDS), after: cursors.commands.clone() },
    };
    let record =
        db.read(move |rx| service::record_timeline(rx, &allowed, (&vault, &calendar), (&word, &id), &at, now)).await?;
    let here = format!("{PATH}/records/{}/{}", record.noun.word, record.id);
    let with = |name: &str, cursor: Option<&str>| cursor.map(|c| html::address(&here, [(name, c)])).unwrap_or_default();
    let more_commands = record.course.as_ref().and_then(|c| c.commands.next.as_deref());
    Ok(html::ok(&RecordPage {
        layout: layout.titled(format!("{} {}的来龙去脉", record.noun.label, record.title)).under(PATH),
        own: record.noun.page.map(|page| format!("{page}/{}", record.id)).unwrap_or_default(),
        first: cursors.after.as_ref().map(|_| here.clone()).unwrap_or_default(),
        next: with("after", record.next.as_deref()),
        first_commands: cursors.commands.as_ref().map(|_| here.clone()).unwrap_or_default(),
        next_commands: with("commands", more_commands),
        record,
    }))
}
