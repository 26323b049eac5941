//! `/lots/{lot}/ranking`: who stands at the ceiling and how they were put in order, for everybody; one officer prepares the order
//! here, another confirms it.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{Candidate, NewRanking, Ranking, Review, State, reading, service};
use crate::{
    access::{Actor, Allowed, MaybeActor, may},
    calendar::Calendar,
    db::{Db, Lane, Rx, Tx},
    kernel::error::NOT_FOUND,
    trading::{
        auction,
        listing::LotId,
        lots::{self, LotView, Viewer},
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn market_routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/lots/{lot}/ranking").route(web::get().to(show)).route(web::post().to(on_prepare)))
        .service(web::resource("/lots/{lot}/ranking/review").route(web::post().to(on_review)));
}

impl Ranking {
    pub fn tone(&self) -> Tone {
        match self.state {
            State::Called | State::Prepared => Tone::Warn,
            State::Confirmed => Tone::Good,
            State::Returned | State::Ended => Tone::Quiet,
        }
    }

    /// Whether this bid number stands at the ceiling.
    pub fn is_candidate(&self, number: &str) -> bool {
        self.candidates.iter().any(|one| one == number)
    }

    /// `01 号、03 号`.
    pub fn candidates_text(&self) -> String {
        numbered(&self.candidates)
    }

    /// `第一 03 号，其后依次 01 号、02 号`.
    pub fn order_text(&self, order: &[String]) -> String {
        match order.split_first() {
            Some((first, others)) => format!("第一 {first} 号，其后依次 {}", numbered(others)),
            None => String::new(),
        }
    }
}

fn numbered(numbers: &[String]) -> String {
    numbers.iter().map(|number| format!("{number} 号")).collect::<Vec<_>>().join("、")
}

#[derive(Template)]
#[template(path = "trading/ranking/pages/one.html")]
struct RankingPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    /// As the visitor may see them, the newest first.
    rankings: Vec<Ranking>,
    /// For officers who compare, while it is open.
    candidates: Vec<Candidate>,
    actor: Option<Actor>,
    /// The visitor is of the staff of the place.
    is_theirs: bool,
}

impl RankingPage {
    fn can<P: crate::access::Permission>(&self) -> bool {
        self.is_theirs && self.actor.as_ref().is_some_and(Actor::can::<P>)
    }
    fn is_newest(&self, state: State) -> bool {
        self.rankings.first().is_some_and(|one| one.state == state)
    }
    fn may_prepare(&self) -> bool {
        self.can::<may::RunAuctions>() && self.is_newest(State::Called)
    }
    fn may_review(&self) -> bool {
        self.can::<may::ReviewListings>() && self.is_newest(State::Prepared)
    }
    /// What is asked of the order.
    fn order_hint(&self) -> String {
        let all = self.rankings.first().map(Ranking::candidates_text).unwrap_or_default();
        format!("{all}都要写，用顿号隔开；写在最前的竞得，其余的依次递补")
    }
}

/// Whether the actor decides in this lot, and so has to know who the candidates are.
fn compares(actor: &Actor) -> bool {
    actor.can::<may::RunAuctions>() || actor.can::<may::ReviewListings>()
}

async fn page(
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    actor: Option<Actor>,
    id: LotId,
    form: FormState,
) -> Result<RankingPage, Error> {
    let (now, who) = (db.now(), actor.clone());
    let read = move |rx: &mut Rx<'_>| {
        let lot = lots::get(rx, Viewer::Public, &calendar, &id, now)?;
        let is_theirs = who.as_ref().is_some_and(|who| who.can_in::<may::ReadListings>(&lot.collective_code));
        let mut rankings = reading::list(rx, who.as_ref(), &id)?;
        rankings.reverse();
        let is_open = rankings.first().is_some_and(|one| one.state.is_open());
        let candidates = match who.as_ref().filter(|actor| is_theirs && is_open && compares(actor)) {
            Some(actor) => reading::candidates(rx, &actor.prove()?, &id)?,
            None => Vec::new(),
        };
        Ok((lot, rankings, candidates, is_theirs))
    };
    let (lot, rankings, candidates, is_theirs) = db.read(read).await?;
    let layout = layout.titled(format!("同价评定：{}", lot.title)).under(lots::pages::PATH).with_form(&form);
    Ok(RankingPage { layout, form, lot, rankings, candidates, actor, is_theirs })
}

async fn show(
    layout: Layout,
    actor: MaybeActor,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    Ok(html::ok(&page(layout, &db, calendar, actor.0, id.into_inner(), FormState::default()).await?))
}

/// Bid numbers as they are typed in one line.
fn numbers(typed: &str) -> Vec<String> {
    let parts = typed.split(|c: char| matches!(c, '、' | '，' | ',' | '；' | ';') || c.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

async fn on_prepare(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    with: (Data<Calendar>, Data<Vault>),
    id: Path<LotId>,
    typed: MultipartFile,
) -> Result<HttpResponse, Error> {
    let (id, (calendar, vault)) = (id.into_inner(), with);
    let form = FormState::new(["order", "reasons", "paper"].map(|field| (field, typed.get(field).to_owned())));
    let new = NewRanking {
        order: numbers(typed.get("order")),
        reasons: typed.get("reasons").to_owned(),
        paper: typed.get("paper").to_owned(),
        document: None,
    };
    let (actor, lot, file) = (allowed.actor.clone(), id.clone(), typed.bytes);
    let work = move |tx: &mut Tx<'_>| {
        let document = match file.is_empty() {
            true => None,
            false => Some(auction::keep_paper(tx, &allowed, &vault, &lot, "同价评定文书", &file)?.to_string()),
        };
        service::prepare(tx, &allowed, &lot, &NewRanking { document, ..new.clone() }).map(drop)
    };
    match db.write(Lane::of("lot", &id), work).await {
        Ok(()) => Ok(html::done(
            &format!("/lots/{id}/ranking"),
            Tone::Good,
            "已拟定，等镇街资产管理员复核；复核通过就公布结果。",
        )),
        Err(error) => refused(layout, &db, calendar, actor, id, form, error.into()).await,
    }
}

async fn on_review(
    allowed: Allowed<may::ReviewListings>,
    layout: Layout,
    db: Data<Db>,
    with: (Data<Calendar>, Data<Vault>),
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (id, (calendar, vault)) = (id.into_inner(), with);
    let (actor, lot) = (allowed.actor.clone(), id.clone());
    let approve = fields.approval("review");
    let done = match approve {
        Ok(true) => "已复核通过，成交结果已经公布。",
        _ => "已退回，镇街交易员会看到您写的意见。",
    };
    let end = match approve {
        Err(problem) => Err(Error::from(problem)),
        Ok(approve) => {
            let place = fields.get("place").parse().unwrap_or_default();
            let (told, days) = (Review { place, approve, note: fields.get("note").to_owned() }, calendar.clone());
            let work = move |tx: &mut Tx<'_>| service::review(tx, &allowed, &days, &vault, &lot, &told).map(drop);
            db.write(Lane::of("lot", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok(()) => Ok(html::done(&format!("/lots/{id}/ranking"), Tone::Good, done)),
        Err(error) => refused(layout, &db, calendar, actor, id, FormState::from(&fields), error).await,
    }
}

async fn refused(
    layout: Layout,
    db: &Db,
    calendar: Data<Calendar>,
    actor: Actor,
    id: LotId,
    form: FormState,
    error: Error,
) -> Result<HttpResponse, Error> {
    let problem = html::refusal(error)?;
    if problem.code == &NOT_FOUND {
        return Err(problem.into());
    }
    html::again(problem, form, async |form| page(layout, db, calendar, Some(actor), id, form).await).await
}
