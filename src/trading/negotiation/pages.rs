//! `/lots/{lot}/negotiation`: what was negotiated, for everybody; the collective proposes and withdraws here, the township
//! reviews, the trading officer answers objections and concludes.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    Negotiation, NewNegotiation, Review, State, Withdrawal,
    service::{self, conclude, propose, review, withdraw},
};
use crate::{
    access::{Actor, Allowed, MaybeActor, may},
    calendar::Calendar,
    db::{Db, Lane, Rx, Tx},
    kernel::{FieldError, Problem, error::NOT_FOUND},
    policy::{Body, PolicyBook},
    trading::{
        confirmation::Days,
        enrolment::BidderKind,
        listing::{DecisionDraft, LotId, LotState},
        lots::{self, LotView, Viewer},
        objections::{self, Finding, NewFinding, NewObjection, ObjectionId, ObjectionView},
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
    },
};

pub fn market_routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/lots/{lot}/negotiation").route(web::get().to(show)).route(web::post().to(on_propose)))
        .service(web::resource("/lots/{lot}/negotiation/review").route(web::post().to(on_review)))
        .service(web::resource("/lots/{lot}/negotiation/conclude").route(web::post().to(on_conclude)))
        .service(web::resource("/lots/{lot}/negotiation/withdraw").route(web::post().to(on_withdraw)))
        .service(web::resource("/lots/{lot}/negotiation/objections").route(web::post().to(on_objection)));
}

/// What a step of the page works with.
#[derive(Clone)]
struct Books {
    db: Data<Db>,
    vault: Data<Vault>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
}

impl actix_web::FromRequest for Books {
    type Error = Error;
    type Future = std::future::Ready<Result<Books, Error>>;
    fn from_request(request: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let found = || {
            Some(Books {
                db: request.app_data::<Data<Db>>()?.clone(),
                vault: request.app_data::<Data<Vault>>()?.clone(),
                calendar: request.app_data::<Data<Calendar>>()?.clone(),
                policies: request.app_data::<Data<PolicyBook>>()?.clone(),
            })
        };
        std::future::ready(found().ok_or_else(|| (&crate::kernel::error::INTERNAL).into()))
    }
}

#[derive(Template)]
#[template(path = "trading/negotiation/pages/one.html")]
struct NegotiationPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    /// As the visitor may see them, the newest first.
    negotiations: Vec<Negotiation>,
    objections: Vec<ObjectionView>,
    actor: Option<Actor>,
    /// The visitor is of the staff of the place.
    is_theirs: bool,
    /// Why nothing can be proposed now.
    why_not: Option<String>,
}

impl NegotiationPage {
    fn can<P: crate::access::Permission>(&self) -> bool {
        self.is_theirs && self.actor.as_ref().is_some_and(Actor::can::<P>)
    }
    fn is_newest(&self, allowed: &[State]) -> bool {
        self.negotiations.first().is_some_and(|one| allowed.contains(&one.state))
    }
    fn is_notice_running(&self) -> bool {
        self.negotiations.first().is_some_and(|one| one.is_published_on(self.lot.now.day()))
    }
    fn unanswered(&self) -> usize {
        self.objections.iter().filter(|one| one.answer.is_none()).count()
    }
    /// The form is there, or why it is not.
    fn may_propose(&self) -> bool {
        self.can::<may::DraftListings>() && !self.negotiations.first().is_some_and(|one| one.state.is_open())
    }
    fn may_review(&self) -> bool {
        self.can::<may::ReviewListings>() && self.is_newest(&[State::Proposed])
    }
    fn may_answer(&self) -> bool {
        self.can::<may::RunAuctions>()
    }
    fn may_conclude(&self) -> bool {
        self.may_answer() && self.is_newest(&[State::Published])
    }
    fn may_sign(&self) -> bool {
        self.can::<may::KeepContracts>() && self.is_newest(&[State::Concluded])
    }
    fn may_withdraw(&self) -> bool {
        let open = [State::Proposed, State::Published, State::Concluded];
        self.can::<may::WithdrawNegotiations>() && self.is_newest(&open)
    }
    fn tone(&self, state: &State) -> Tone {
        match state {
            State::Proposed | State::Published => Tone::Info,
            State::Concluded | State::Signed => Tone::Good,
            State::Returned | State::Withdrawn => Tone::Quiet,
        }
    }
    fn kinds(&self) -> Vec<(&'static str, &'static str)> {
        BidderKind::ALL.iter().map(|kind| (kind.as_str(), kind.label())).collect()
    }
    fn bodies(&self) -> Vec<(&'static str, &'static str)> {
        Body::ALL.iter().map(|body| (body.as_str(), body.label())).collect()
    }
    fn findings(&self) -> Vec<(&'static str, &'static str)> {
        Finding::ALL.iter().map(|finding| (finding.as_str(), finding.label())).collect()
    }
    /// A field of the form about one objection.
    fn field(&self, name: &str, of: &ObjectionId) -> String {
        format!("{name}/{of}")
    }
}

async fn page(
    layout: Layout,
    books: &Books,
    actor: Option<Actor>,
    id: LotId,
    form: FormState,
) -> Result<NegotiationPage, Error> {
    let Books { db, vault, calendar, policies } = books.clone();
    let (now, who) = (db.now(), actor.clone());
    let read = move |rx: &mut Rx<'_>| {
        let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
        let is_theirs = who.as_ref().is_some_and(|who| who.can_in::<may::ReadListings>(&lot.collective_code));
        let mut negotiations = super::list(rx, &vault, who.as_ref(), &id)?;
        negotiations.reverse();
        let why_not = if is_theirs { service::why_not(rx, &policies, &id, now.day())? } else { None };
        let failed = lot.state == LotState::Failed;
        let objections = if failed { objections::list(rx, who.as_ref(), &id)? } else { Vec::new() };
        Ok((lot, negotiations, objections, is_theirs, why_not))
    };
    let (lot, negotiations, objections, is_theirs, why_not) = db.read(read).await?;
    let layout = layout.titled(format!("公开协商：{}", lot.title)).under(lots::pages::PATH).with_form(&form);
    let why_not = why_not.map(|problem| problem.detail);
    Ok(NegotiationPage { layout, form, lot, negotiations, objections, actor, is_theirs, why_not })
}

async fn show(layout: Layout, actor: MaybeActor, books: Books, id: Path<LotId>) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(layout, &books, actor.0, id.into_inner(), FormState::default()).await?))
}

/// A step of the page: back to it with what was done, or the form again with what is wrong.
struct Turn {
    layout: Layout,
    books: Books,
    actor: Actor,
    id: LotId,
    fields: FormFields,
}

impl Turn {
    /// `Err` in `work`: what was typed cannot be read.
    async fn take<F>(self, work: Result<F, Problem>, done: &str) -> Result<HttpResponse, Error>
    where
        F: Fn(&mut Tx<'_>) -> crate::db::Result<()> + Send + 'static,
    {
        let end = match work {
            Err(problem) => Err(Error::from(problem)),
            Ok(work) => self.books.db.write(Lane::of("lot", &self.id), work).await.map_err(Error::from),
        };
        let Err(error) = end else {
            return Ok(html::done(&format!("/lots/{}/negotiation", self.id), Tone::Good, done));
        };
        let problem = named(html::refusal(error)?, &self.fields);
        if problem.code == &NOT_FOUND {
            return Err(problem.into());
        }
        let page = async |form| page(self.layout, &self.books, Some(self.actor), self.id, form).await;
        html::again(problem, &self.fields, page).await
    }
}

/// What was typed as a proposal.
///
/// Errors: field errors for what is no choice and no number.
fn proposal(fields: &FormFields) -> Result<NewNegotiation, Problem> {
    let mut faults = Vec::new();
    let mut number = |field: &str| {
        let typed = fields.filled(field)?;
        let read = crate::kernel::text::half_width(typed).parse::<u32>().ok();
        if read.is_none() {
            faults.push(FieldError::new(field, Some(typed), "请填写人数或票数，例如 38"));
        }
        read
    };
    let entitled = number("decision/entitled");
    let (present, in_favour) = (number("decision/present"), number("decision/in_favour"));
    let Ok(kind) = fields.get("kind").parse::<BidderKind>() else {
        faults.push(FieldError::new("kind", None, "请选择对方是自然人，还是法人或其他组织"));
        return Err(Problem::fields(faults));
    };
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    let text = |field: &str| fields.get(field).to_owned();
    let day = |field: &str| fields.filled(field).map(str::to_owned);
    Ok(NewNegotiation {
        kind,
        name: text("name"),
        id_number: text("id_number"),
        phone: text("phone"),
        declares_no_conflict: fields.ticked("declares_no_conflict"),
        price: text("price"),
        minutes: text("minutes"),
        decision_on: text("decision_on"),
        decision: DecisionDraft {
            body: fields.get("decision/body").parse().ok(),
            entitled,
            present,
            in_favour,
            publicity_from: day("decision/publicity_from"),
            publicity_until: day("decision/publicity_until"),
            price_cuts: String::new(),
        },
    })
}

async fn on_propose(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    books: Books,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (turn, new) = (turn(layout, &books, &allowed.actor, id, &fields), proposal(&fields));
    let lot = turn.id.clone();
    let work = new
        .map(|new| move |tx: &mut Tx<'_>| propose(tx, &allowed, &books.vault, &books.policies, &lot, &new).map(drop));
    turn.take(work, "方案已提交镇街审核，审核通过后公示。").await
}

fn turn(layout: Layout, books: &Books, actor: &Actor, id: Path<LotId>, fields: &FormFields) -> Turn {
    Turn { layout, books: books.clone(), actor: actor.clone(), id: id.into_inner(), fields: fields.clone() }
}

async fn on_review(
    allowed: Allowed<may::ReviewListings>,
    layout: Layout,
    books: Books,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let turn = turn(layout, &books, &allowed.actor, id, &fields);
    let approve = fields.approval("review");
    let place = fields.get("place").parse().unwrap_or_default();
    let note = fields.get("note").to_owned();
    let lot = turn.id.clone();
    let done = match approve {
        Ok(true) => "已审核通过，协商结果开始公示。",
        _ => "已退回，村里会看到您写的意见。",
    };
    let work = approve.map(|approve| {
        let told = Review { place, approve, note };
        move |tx: &mut Tx<'_>| {
            let days = Days { policies: &books.policies, calendar: &books.calendar };
            review(tx, &allowed, &books.vault, days, &lot, &told).map(drop)
        }
    });
    turn.take(work, done).await
}

async fn on_conclude(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    books: Books,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let turn = turn(layout, &books, &allowed.actor, id, &fields);
    let lot = turn.id.clone();
    let work = move |tx: &mut Tx<'_>| {
        let days = Days { policies: &books.policies, calendar: &books.calendar };
        conclude(tx, &allowed, &books.vault, days, &lot).map(drop)
    };
    turn.take(Ok(work), "协商已办结，可以签合同了。").await
}

async fn on_withdraw(
    allowed: Allowed<may::WithdrawNegotiations>,
    layout: Layout,
    books: Books,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let turn = turn(layout, &books, &allowed.actor, id, &fields);
    let (lot, told) = (turn.id.clone(), Withdrawal { reason: fields.get("reason").to_owned() });
    let work = move |tx: &mut Tx<'_>| withdraw(tx, &allowed, &books.vault, &books.policies, &lot, &told).map(drop);
    turn.take(Ok(work), "协商已撤回。").await
}

/// The trading officer writes down what came on paper, or answers.
async fn on_objection(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    books: Books,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let turn = turn(layout, &books, &allowed.actor, id, &fields);
    let lot = turn.id.clone();
    let asked = read_objection(&fields);
    let done = match &asked {
        Ok(Asked::Answer(..)) => "已答复，所有人都能看到。",
        _ => "异议已记录。",
    };
    let work = asked.map(|asked| {
        move |tx: &mut Tx<'_>| match &asked {
            Asked::Note(new) => objections::raise(tx, &allowed.actor.prove()?, &books.policies, &lot, new).map(drop),
            Asked::Answer(objection, finding) => objections::answer(tx, &allowed, objection, finding).map(drop),
        }
    });
    turn.take(work, done).await
}

enum Asked {
    Note(NewObjection),
    Answer(ObjectionId, NewFinding),
}

/// Errors: a field error where a choice is missing.
fn read_objection(fields: &FormFields) -> Result<Asked, Problem> {
    let id = fields.get("id");
    if id.is_empty() {
        return Ok(Asked::Note(NewObjection { objection: fields.get("objection").to_owned() }));
    }
    let objection = id.parse().map_err(|_| Problem::from(&NOT_FOUND))?;
    let name = format!("finding/{id}");
    let finding = fields.get(&name).parse().map_err(|_| Problem::field(&name, None, "请选择异议是否成立"))?;
    let answer = fields.get(&format!("answer/{id}")).to_owned();
    Ok(Asked::Answer(objection, NewFinding { finding, answer }))
}

/// The form's names of the fields at fault.
fn named(mut problem: Problem, fields: &FormFields) -> Problem {
    for field in &mut problem.fields {
        let name = field.field().to_owned();
        if name == "answer" {
            field.pointer = format!("/answer/{}", fields.get("id"));
        }
    }
    problem
}
