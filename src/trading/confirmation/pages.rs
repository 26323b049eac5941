//! `/listings/{lot}/confirmation`: the trading officer answers objections, confirms the result, passes it on or declares it
//! void. `/lots/{lot}/succession`: the next in line answers.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    Answer, Confirmation, Failing, Ground, Shortfall, State,
    papers::{self, OfNext},
    service::{self, Days},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{self, Db, Lane, Tx},
    kernel::{Fen, Problem},
    policy::PolicyBook,
    trading::{
        listing::{LotId, LotState},
        lots::{self, LotView, Viewer},
        objections::{self, Finding, NewFinding, NewObjection, ObjectionId, ObjectionView},
        qualification::PaperState,
    },
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn market_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/lots/{lot}/succession").route(web::post().to(answer)));
}

pub fn desk_routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/confirmation").route(web::get().to(show)).route(web::post().to(act)));
}

#[derive(Template)]
#[template(path = "trading/confirmation/pages/desk.html")]
struct DeskPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    line: Vec<Confirmation>,
    objections: Vec<ObjectionView>,
    /// Of who is to be confirmed, where the notice has papers examined after the auction.
    next: Option<OfNext>,
    shortfalls: Vec<Shortfall>,
    may_act: bool,
    /// The result, or who steps in, is still published.
    is_published: bool,
}

impl DeskPage {
    fn open(&self) -> Option<&Confirmation> {
        self.line.last().filter(|one| one.state.is_open())
    }
    /// Whether the next thing is a confirmation: nobody was named yet, or somebody steps in.
    fn is_to_confirm(&self) -> bool {
        self.line.last().is_none_or(|one| one.state == State::Published)
    }
    /// Whether who is to be confirmed has shown to meet the conditions, or need not.
    fn is_qualified(&self) -> bool {
        self.next.as_ref().is_none_or(|next| next.papers.last().is_some_and(|paper| paper.state == PaperState::Passed))
    }
    fn is_signed(&self) -> bool {
        self.open().is_some_and(|one| one.state == State::Signed)
    }
    fn waiting(&self) -> usize {
        self.objections.iter().filter(|one| one.answer.is_none()).count()
    }
    fn grounds(&self, of_the_sale: bool) -> Vec<(&'static str, &'static str)> {
        let fits = |g: &&Ground| if of_the_sale { g.is_of_the_sale() } else { g.is_of_a_bidder() };
        Ground::ALL.iter().filter(fits).map(|ground| (ground.as_str(), ground.label())).collect()
    }
    fn findings(&self) -> Vec<(&'static str, &'static str)> {
        Finding::ALL.iter().map(|finding| (finding.as_str(), finding.label())).collect()
    }
    fn yuan(&self, sum: &Option<Fen>, otherwise: &str) -> String {
        sum.map_or_else(|| otherwise.to_owned(), |sum| format!("{sum} 元"))
    }
    /// A field of the form about one objection.
    fn field(&self, name: &str, of: &ObjectionId) -> String {
        format!("{name}/{of}")
    }
}

fn address(id: &LotId) -> String {
    format!("/listings/{id}/confirmation")
}

async fn page(
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    allowed: &Allowed<may::ReadListings>,
    id: LotId,
    form: FormState,
) -> Result<DeskPage, Error> {
    let (now, by) = (db.now(), allowed.clone());
    let read = move |rx: &mut db::Rx<'_>| {
        let lot = lots::get(rx, Viewer::Staff(&by), &calendar, &id, now)?;
        // A lot of another place is public, but its desk is not here.
        if !by.scope.contains(lot.collective_code.as_str()) || lot.published_at.is_none() {
            return Err((&crate::kernel::error::NOT_FOUND).into());
        }
        let next = papers::of_next(rx, &by, &id)?;
        let shortfalls = service::list_shortfalls(rx, &by, &id)?;
        Ok((lot, service::list_public(rx, &id)?, objections::list(rx, Some(&by.actor), &id)?, next, shortfalls))
    };
    let (lot, line, objections, next, shortfalls) = db.read(read).await?;
    let may_act = allowed.actor.can::<may::RunAuctions>() && lot.state == LotState::Sold;
    let steps_in = line.last().filter(|one| one.state == State::Published).and_then(|one| one.notice_until);
    let until = steps_in.or(lot.award.as_ref().map(|award| award.notice_until));
    let is_published = until.is_some_and(|until| now.day() <= until);
    let layout = layout.titled("公示、异议和成交确认").under("/listings").with_form(&form);
    Ok(DeskPage { layout, form, lot, line, objections, next, shortfalls, may_act, is_published })
}

async fn show(
    allowed: Allowed<may::ReadListings>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(layout, &db, calendar, &allowed, id.into_inner(), FormState::default()).await?))
}

/// What a form of the page asks for.
enum Asked {
    Confirm,
    Fail(Failing),
    Void(Failing),
    Note(NewObjection),
    Answer(ObjectionId, NewFinding),
}

/// Errors: a field error where a choice is missing.
fn read(fields: &FormFields) -> Result<Asked, Problem> {
    let failing = |prefix: &str| {
        let name = format!("{prefix}_ground");
        let ground = fields.get(&name).parse().map_err(|_| Problem::field(&name, None, "请选择原因"))?;
        let text = |name: &str| fields.get(&format!("{prefix}_{name}")).to_owned();
        let exclude_until = Some(text("exclude_until"));
        Ok::<_, Problem>(Failing { ground, decision: text("decision"), note: text("note"), exclude_until })
    };
    Ok(match fields.get("action") {
        "confirm" => Asked::Confirm,
        "fail" => Asked::Fail(failing("fail")?),
        "void" => Asked::Void(failing("void")?),
        "note" => Asked::Note(NewObjection { objection: fields.get("objection").to_owned() }),
        "answer" => {
            let id = fields.get("id");
            let objection = id.parse().map_err(|_| Problem::from(&crate::kernel::error::NOT_FOUND))?;
            let name = format!("finding/{id}");
            let finding = fields.get(&name).parse().map_err(|_| Problem::field(&name, None, "请选择异议是否成立"))?;
            let answer = fields.get(&format!("answer/{id}")).to_owned();
            Asked::Answer(objection, NewFinding { finding, answer })
        }
        _ => return Err(Problem::field("action", None, "请选择要做什么")),
    })
}

/// Carries it out and says so.
fn carry_out(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    days: Days<'_>,
    id: &LotId,
    asked: &Asked,
) -> db::Result<&'static str> {
    Ok(match asked {
        Asked::Confirm => service::confirm(tx, allowed, days, id).map(|_| "成交已确认，可以签合同了。")?,
        Asked::Fail(failing) => {
            service::fail(tx, allowed, days, id, failing).map(|_| "已登记未履行，见下面的经过。")?
        }
        Asked::Void(failing) => service::void(tx, allowed, days, id, failing).map(|_| "已登记成交作废。")?,
        Asked::Note(new) => {
            let by = allowed.actor.prove()?;
            objections::raise(tx, &by, days.policies, id, new).map(|_| "异议已记录。")?
        }
        Asked::Answer(objection, finding) => {
            objections::answer(tx, allowed, objection, finding).map(|_| "已答复，所有人都能看到。")?
        }
    })
}

/// The form's names of the fields at fault.
fn named(mut problem: Problem, fields: &FormFields) -> Problem {
    let action = fields.get("action");
    for field in &mut problem.fields {
        let name = field.field().to_owned();
        field.pointer = match action {
            "fail" | "void" if !name.starts_with(action) => format!("/{action}_{name}"),
            "answer" if !name.contains('/') => format!("/{name}/{}", fields.get("id")),
            _ => continue,
        };
    }
    problem
}

async fn act(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let end = match read(&fields) {
        Err(problem) => Err(Error::from(problem)),
        Ok(asked) => {
            let (by, lot, calendar) = (allowed.clone(), id.clone(), calendar.clone());
            let work = move |tx: &mut Tx<'_>| {
                carry_out(tx, &by, Days { policies: &policies, calendar: &calendar }, &lot, &asked)
            };
            db.write(Lane::of("lot", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok(text) => Ok(html::done(&address(&id), Tone::Good, text)),
        Err(error) => {
            let problem = named(html::refusal(error)?, &fields);
            let reading = allowed.actor.prove()?;
            html::again(problem, &fields, async |form| page(layout, &db, calendar, &reading, id, form).await).await
        }
    }
}

/// The next in line answers on the lot's own page.
async fn answer(
    allowed: Allowed<may::Bid>,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let back = format!("/lots/{id}");
    let accepts = match fields.get("answer") {
        "accept" => true,
        "decline" => false,
        _ => return Ok(html::done(&back, Tone::Warn, "请选择同意递补还是放弃。")),
    };
    let lot = id.clone();
    let work = move |tx: &mut Tx<'_>| {
        let days = Days { policies: &policies, calendar: &calendar };
        service::answer(tx, &allowed, days, &lot, Answer { accepts })
    };
    Ok(match db.write(Lane::of("lot", &id), work).await {
        Ok(_) if accepts => html::done(&back, Tone::Good, "您已同意递补，公示期满、确认成交以后签合同。"),
        Ok(_) => html::done(&back, Tone::Good, "您已放弃递补。"),
        Err(error) => html::done(&back, Tone::Bad, &html::refusal(error)?.detail),
    })
}
