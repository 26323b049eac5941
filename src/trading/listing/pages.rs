//! `/listings`: what the staff have in hand, and one listing with its whole process and what can be done now.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Dossier, LotId, LotState, Phase, Relisting, dossier,
    model::{Part, lines},
    pages_draft::Books,
    relist,
    rules::{self, MilestoneState},
};
use crate::{
    access::{Actor, Allowed, may},
    calendar::Calendar,
    collectives,
    db::{Db, Lane},
    kernel::{PageRequest, Timestamp, error::NOT_FOUND},
    policy::PolicyBook,
    trading::{
        lots::{self, LotFilter, LotSummary, Viewer},
        negotiation,
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, Confirm, Fact, FormState, Layout, Task, TaskState, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/listings").route(web::get().to(list)))
        .service(web::resource("/listings/{lot}/relist").route(web::get().to(ask_again)).route(web::post().to(again)))
        .service(web::resource("/listings/{lot}").route(web::get().to(one)));
}

pub(super) const PATH: &str = "/listings";

/// The colour of a phase; never shown without its word.
pub(super) const fn tone(phase: Phase) -> Tone {
    match phase {
        Phase::Draft | Phase::Practised => Tone::Quiet,
        Phase::Submitted | Phase::Enrolling | Phase::Waiting | Phase::Closing => Tone::Info,
        Phase::Undecided => Tone::Warn,
        Phase::Returned | Phase::Failed | Phase::Terminated | Phase::Undone => Tone::Bad,
        Phase::Approved | Phase::Suspended => Tone::Warn,
        Phase::Bidding => Tone::Live,
        Phase::Sold => Tone::Good,
    }
}

/// The form of the list: every field may be empty.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    collective: String,
    after: Option<String>,
}

impl Wanted {
    fn filter(&self) -> LotFilter {
        let collective = Some(self.collective.trim().to_owned()).filter(|c| !c.is_empty());
        LotFilter { state: self.state.parse().ok(), collective, ..LotFilter::default() }
    }

    /// This list, from where `after` says.
    fn address(&self, after: &str) -> String {
        let pairs = [("state", self.state.as_str()), ("collective", &self.collective), ("after", after)];
        html::address(PATH, pairs)
    }
}

#[derive(Template)]
#[template(path = "trading/listing/pages/list.html")]
struct ListPage {
    layout: Layout,
    form: FormState,
    lots: Vec<LotSummary>,
    collectives: Vec<(String, String)>,
    states: Vec<(&'static str, &'static str)>,
    filtered: bool,
    first: String,
    next: String,
    may_draft: bool,
}

impl ListPage {
    fn tone(&self, phase: &Phase) -> Tone {
        tone(*phase)
    }
    fn next_actor(&self, phase: &Phase) -> &'static str {
        rules::next_actor(*phase)
    }
}

async fn list(
    allowed: Allowed<may::ReadListings>,
    layout: Layout,
    db: Data<Db>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Error> {
    let (filter, now) = (wanted.filter(), db.now());
    let page = PageRequest { limit: None, after: wanted.after.clone() };
    let may_draft = allowed.actor.can::<may::DraftListings>();
    let (found, collectives) = db
        .read(move |rx| {
            let found = lots::list(rx, Viewer::Staff(&allowed), &filter, &page, now)?;
            let collectives = collectives::list_all(rx, &allowed.scope)?;
            Ok((found, collectives.into_iter().map(|c| (c.code.to_string(), c.name)).collect()))
        })
        .await?;
    Ok(html::ok(&ListPage {
        layout: layout.titled("交易项目").under(PATH),
        form: FormState::new([("state", &wanted.state), ("collective", &wanted.collective)]),
        filtered: !wanted.state.is_empty() || !wanted.collective.is_empty(),
        first: wanted.after.as_ref().map(|_| wanted.address("")).unwrap_or_default(),
        next: found.next.map(|next| wanted.address(&next)).unwrap_or_default(),
        lots: found.items,
        collectives,
        states: LotState::ALL.iter().map(|s| (s.as_str(), s.label())).collect(),
        may_draft,
    }))
}

/// Something that can be done with the listing now.
struct Step {
    label: &'static str,
    href: String,
    tone: &'static str,
}

/// Something that happened.
struct Event {
    at: Timestamp,
    what: String,
    note: String,
}

/// Lines of one part of the form, and where they are changed; empty where they cannot be.
struct Section {
    title: &'static str,
    lines: Vec<(&'static str, String)>,
    change: String,
}

#[derive(Template)]
#[template(path = "trading/listing/pages/one.html")]
struct OnePage {
    layout: Layout,
    found: Dossier,
    tasks: Vec<Task>,
    steps: Vec<Step>,
    sections: Vec<Section>,
    events: Vec<Event>,
    may_see_papers: bool,
    may_see_asset: bool,
}

impl OnePage {
    fn tone(&self, phase: &Phase) -> Tone {
        tone(*phase)
    }
    fn next_actor(&self, phase: &Phase) -> &'static str {
        rules::next_actor(*phase)
    }
}

/// Where a part of the terms is filled in.
pub(super) fn part_address(id: &LotId, part: Part) -> String {
    let place = match part {
        Part::Offer => "offer",
        Part::Price => "price",
        Part::Method => "method",
        Part::Conditions => "conditions",
        Part::Notice => "notice",
        Part::Decision => "decision",
        Part::Policy => return String::new(),
    };
    format!("{PATH}/{id}/{place}")
}

fn sections(found: &Dossier, may_change: bool) -> Vec<Section> {
    let all = lines(&found.lot.title, &found.lot.terms);
    let parts = [
        (Part::Offer, "交易内容"),
        (Part::Price, "价格和保证金"),
        (Part::Method, "竞价方式"),
        (Part::Conditions, "竞买人和联系"),
        (Part::Notice, "公告的其他内容"),
        (Part::Decision, "民主决策"),
        (Part::Policy, "按规定适用"),
    ];
    let section = |(part, title)| Section {
        title,
        lines: all.iter().filter(|(p, ..)| *p == part).map(|(_, label, text)| (*label, text.clone())).collect(),
        change: if may_change { part_address(&found.lot.id, part) } else { String::new() },
    };
    parts.into_iter().map(section).collect()
}

/// What this person can do now; the first is what is waited for.
fn steps(found: &Dossier, actor: &Actor) -> Vec<Step> {
    let lot = &found.lot;
    let at = |rest: &str| format!("{PATH}/{}/{rest}", lot.id);
    let mut steps = Vec::new();
    let mut add = |label, href, tone| steps.push(Step { label, href, tone });
    if actor.can::<may::DraftListings>() && lot.state.is_open_to_change() {
        add("继续填写", at("offer"), if lot.state == LotState::Returned { "primary" } else { "plain" });
        add("检查并提交", at("submit"), "primary");
    }
    let by_envelope = lot.terms.sealed().is_some_and(|sealed| sealed.reserve.is_some());
    if actor.can::<may::DraftListings>() && by_envelope && lot.published_at.is_none() {
        add("交保留价信封", at("reserve"), "plain");
    }
    if actor.can::<may::ReviewListings>() && lot.state == LotState::Submitted {
        add("审核", at("review"), "primary");
    }
    if actor.can::<may::RunAuctions>() && lot.state == LotState::Approved {
        add("发布公告", at("publish"), "primary");
    }
    if actor.can::<may::ReceiveDeposits>() && lot.published_at.is_some() {
        add("报名和保证金", at("enrolments"), "primary");
    }
    if matches!(lot.state, LotState::Sold | LotState::Undone) {
        let mine = actor.can::<may::RunAuctions>() && lot.state == LotState::Sold;
        add("公示、异议和成交确认", at("confirmation"), if mine { "primary" } else { "plain" });
    }
    if actor.can::<may::KeepContracts>() && lot.state == LotState::Sold {
        add("登记成交合同", at("contract"), "plain");
    }
    if actor.can::<may::BreakGlass>() && lot.state == LotState::Published {
        add("紧急查看竞买人", at("break-glass"), "plain");
    }
    if actor.can::<may::RunAuctions>() && lot.state == LotState::Published {
        add("中止、恢复或终止", at("steering"), "plain");
    }
    if actor.can::<may::EnterHallBids>() && lot.takes_paddles() {
        add("现场举牌", at("paddles"), if lot.phase == Phase::Bidding { "primary" } else { "plain" });
    }
    if actor.can::<may::OpenSealedBids>() && lot.is_sealed() && lot.state == LotState::Published {
        let tone = if lot.phase == Phase::Closing { "primary" } else { "plain" };
        add("交密钥份，办理开标", at("opening"), tone);
    }
    let binds = actor.can::<may::DrawForCollective>() || actor.can::<may::DrawForSupervisors>();
    if binds && lot.has_draw() && lot.state == LotState::Published {
        add("抽签：交承诺值、公开数值", format!("/lots/{}/draw", lot.id), "primary");
    }
    if lot.terms.ceiling_criterion().is_some() && lot.ranking.is_some() {
        let decides = actor.can::<may::RunAuctions>() || actor.can::<may::ReviewListings>();
        let tone = if decides && lot.phase == Phase::Undecided { "primary" } else { "plain" };
        add("同价评定：拟定、复核先后", format!("/lots/{}/ranking", lot.id), tone);
    }
    if actor.can::<may::RunAuctions>() && lot.phase == Phase::Enrolling {
        add("更正公告", at("correct"), "plain");
    }
    if lot.published_at.is_some() {
        add(if found.questions_open > 0 { "有提问待答复" } else { "提问和答复" }, at("questions"), "plain");
    }
    if lot.published_at.is_some() && lot.state.is_public() {
        add("看公开页面", format!("/lots/{}", lot.id), "plain");
    }
    let negotiates = found.negotiation.is_some_and(|state| state.is_open());
    if found.negotiation.is_some() || found.negotiable && actor.can::<may::DraftListings>() {
        add("公开协商", format!("/lots/{}/negotiation", lot.id), if negotiates { "primary" } else { "plain" });
    }
    if actor.can::<may::DraftListings>() && !lot.state.is_under_way() && lot.state != LotState::Sold && !negotiates {
        let signed = found.negotiation == Some(negotiation::State::Signed);
        if lot.state.may_be_relisted() && lot.published_at.is_some() && !signed {
            add("重新挂牌", at("relist"), "primary");
        } else {
            add("重新发起", format!("{PATH}/new?asset={}", lot.asset_id), "primary");
        }
    }
    steps
}

fn tasks(found: &Dossier, actor: &Actor) -> Vec<Task> {
    let (lot, terms) = (&found.lot, &found.lot.terms);
    let about = |field: &str| field.starts_with("decision");
    let decided = terms.decision_document.is_some() && !found.lacking().iter().any(|f| about(f.field()));
    let milestones = rules::milestones(lot.state, lot.phase, decided, lot.published_at.is_some());
    let at = |rest: &str| Some(format!("{PATH}/{}/{rest}", lot.id));
    let own = |place: usize| match place {
        0 if actor.can::<may::DraftListings>() => at("offer"),
        1 if actor.can::<may::DraftListings>() => at("decision"),
        2 if actor.can::<may::ReviewListings>() => at("review"),
        3 if actor.can::<may::RunAuctions>() => at("publish"),
        4 if actor.can::<may::ReceiveDeposits>() => at("enrolments"),
        5 if actor.can::<may::RunAuctions>() && lot.phase == Phase::Suspended => at("steering"),
        _ => None,
    };
    let times = [None, None, lot.reviewed_at, lot.published_at, lot.enrol_until, lot.ended_at, None, None];
    milestones
        .into_iter()
        .zip(times)
        .enumerate()
        .map(|(place, (stage, time))| {
            let mine = own(place);
            let state = match stage.state {
                MilestoneState::Done => TaskState::Done,
                MilestoneState::Returned => TaskState::Returned,
                MilestoneState::Later => TaskState::Later,
                MilestoneState::Stopped => TaskState::Stopped,
                MilestoneState::Now if mine.is_some() => TaskState::Yours,
                MilestoneState::Now => TaskState::Waiting,
            };
            let under_way = matches!(stage.state, MilestoneState::Now | MilestoneState::Returned);
            let note = match (stage.state, time) {
                (MilestoneState::Done, Some(time)) => time.minute_text(),
                _ => stage.who.to_owned(),
            };
            Task { label: stage.name.to_owned(), href: mine.filter(|_| under_way), note, state }
        })
        .collect()
}

fn events(found: &Dossier) -> Vec<Event> {
    let lot = &found.lot;
    let mut events =
        vec![Event { at: found.created_at, what: format!("{} 起草", found.drafted_by), note: String::new() }];
    let mut add = |at: Option<Timestamp>, what: String, note: String| {
        events.extend(at.map(|at| Event { at, what, note }));
    };
    if let Some(by) = &found.submitted_by {
        add(lot.submitted_at, format!("{by} 提交审核"), String::new());
    }
    for review in found.reviews.iter().rev() {
        let what = format!("{} {}", review.by, if review.approved { "审核通过" } else { "退回修改" });
        add(Some(review.at), what, review.note.clone());
    }
    if let Some(by) = &found.published_by {
        let number = lot.number.as_deref().unwrap_or_default();
        add(lot.published_at, format!("{by} 发布公告"), format!("交易编号 {number}"));
    }
    let note = lot.award.as_ref().map(|award| award.note.clone()).unwrap_or_default();
    add(lot.ended_at, lot.state.label().to_owned(), note);
    // The newest first; of the same moment, what came later.
    events.reverse();
    events.sort_by_key(|e| std::cmp::Reverse(e.at));
    events
}

async fn one(
    allowed: Allowed<may::ReadListings>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let (now, actor) = (db.now(), allowed.actor.clone());
    let found = db.read(move |rx| dossier(rx, &allowed, &calendar, &policies, &id, now)).await?;
    let may_change = actor.can::<may::DraftListings>() && found.lot.state.is_open_to_change();
    Ok(html::ok(&OnePage {
        layout: layout.titled(found.lot.title.clone()).under(PATH),
        tasks: tasks(&found, &actor),
        steps: steps(&found, &actor),
        sections: sections(&found, may_change),
        events: events(&found),
        may_see_papers: actor.can::<may::ReadDocuments>(),
        may_see_asset: actor.can::<may::ReadAssets>(),
        found,
    }))
}

/// Another round, once more before it is begun.
async fn ask_again(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    id: Path<LotId>,
    books: Books,
) -> Result<HttpResponse, Error> {
    let found = books.dossier(&allowed, &id).await?;
    let lot = &found.lot;
    if !lot.state.may_be_relisted() {
        let text = format!("这个项目现在是“{}”，不能重新挂牌。", lot.state.label());
        return Ok(html::done(&format!("{PATH}/{}", lot.id), Tone::Warn, &text));
    }
    let decision = lot.terms.decision.as_ref();
    let next = u32::try_from(lot.round).unwrap_or(1).saturating_add(1);
    let words = lot.terms.words();
    let cut = match decision.and_then(|d| d.cut_of(next)) {
        _ if lot.terms.is_purchase() => "最高限价要高于上一次的，须重新开会表决".to_owned(),
        None => "没有表决过，起拍价不能低于上一次".to_owned(),
        Some(cut) => cut.text(),
    };
    Ok(html::ok(&Confirm {
        layout: layout.titled("重新挂牌").under(PATH),
        form: FormState::default(),
        lead: lot.title.clone(),
        facts: vec![
            Fact::new("第几次挂牌", format!("第 {next} 次")),
            Fact::new(format!("上一次{}", words.opening), lot.priced(lot.terms.opening_price)),
            Fact::new("价格安排", cut),
        ],
        warning: "各项内容照上一次带出，存成草稿；保留价要重新设。改好后照常提交审核、发布公告。".to_owned(),
        action: format!("{PATH}/{}/relist", lot.id),
        idempotency_key: String::new(),
        hidden: Vec::new(),
        button: format!("开始第 {next} 次挂牌"),
        button_tone: "primary".to_owned(),
        back: format!("{PATH}/{}", lot.id),
    }))
}

async fn again(
    allowed: Allowed<may::DraftListings>,
    id: Path<LotId>,
    books: Books,
    vault: Data<Vault>,
    _fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (lot, policies) = (id.clone(), books.policies.clone());
    let work = move |tx: &mut crate::db::Tx<'_>| relist(tx, &allowed, &vault, &policies, &lot, &Relisting::default());
    match books.db.write(Lane::of("lot", &*id), work).await.map_err(Error::from) {
        Ok((new, _)) => Ok(html::see_other(&part_address(&new, Part::Price))),
        Err(error) => {
            let problem = html::refusal(error)?;
            if problem.code == &NOT_FOUND {
                return Err(problem.into());
            }
            Ok(html::done(&format!("{PATH}/{id}"), Tone::Bad, &problem.detail))
        }
    }
}
