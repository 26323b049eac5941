//! `/listings/{lot}/steering`: the trading officer suspends, resumes, terminates or records an outage, with a reason that is published.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    grounds::Ground,
    steering::{self, Steer, Steering},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Db, Lane},
    kernel::{Day, Problem, text::read_hour},
    trading::{
        listing::{LotId, LotState, Phase},
        lots::{self, LotView, Viewer},
    },
    vault::Vault,
    web::{
        Error, FormFields,
        html::{self, Confirm, Fact, FormState, Layout, Tone, filters},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/listings/{lot}/steering").route(web::get().to(show)).route(web::post().to(ask)))
        .service(web::resource("/listings/{lot}/steering/confirmed").route(web::post().to(confirmed)));
}

/// What can be asked for in a phase, with the words for it.
fn open_actions(lot: &LotView) -> Vec<(&'static str, &'static str)> {
    let terminate = ("terminate", "终止：这一宗到此为止，不再竞价");
    let outage = ("outage", "停机补时：系统停过，按公告把时间补回来");
    let gives_back = lot.gives_outages_back();
    match lot.phase {
        Phase::Bidding if gives_back => vec![("suspend", "中止：先停下，问题解决后接着竞价"), outage, terminate],
        Phase::Closing if gives_back => vec![outage, terminate],
        Phase::Bidding => vec![("suspend", "中止：先停下，问题解决后接着竞价"), terminate],
        Phase::Suspended => vec![("resume", "恢复：接着竞价，剩下的时间不变"), terminate],
        _ => vec![terminate],
    }
}

/// A word of the form, from either way in which it comes.
type Typed<'a> = &'a dyn Fn(&str) -> String;

/// What is asked for. An outage was today, since an hour of the day.
///
/// Errors: nothing was chosen, the hour or the ground cannot be read.
fn read_action(typed: Typed<'_>, today: Day) -> Result<Steering, Problem> {
    let action = match typed("action").as_str() {
        "suspend" => Steer::Suspend,
        "resume" => Steer::Resume,
        "terminate" => Steer::Terminate,
        "outage" => {
            let hour = typed("since");
            let (hour, minute) =
                read_hour(&hour).map_err(|e| Problem::field("since", Some(hour.as_str()), e.to_string()))?;
            Steer::Outage(today.at(hour, minute))
        }
        _ => return Err(Problem::field("action", None, "请选择要做什么")),
    };
    let ground = match typed("ground").as_str() {
        "" => None,
        word => Some(word.parse::<Ground>().map_err(|e| Problem::field("ground", Some(word), e))?),
    };
    let document = Some(typed("document")).filter(|id| !id.is_empty()).and_then(|id| id.parse().ok());
    Ok(Steering { action, reason: typed("reason"), ground, paper: typed("paper"), document })
}

fn done_text(action: Steer) -> &'static str {
    match action {
        Steer::Suspend => "已中止竞价，事由和原因已公布。",
        Steer::Resume => "已恢复竞价，原因已公布。",
        Steer::Terminate => "已终止交易，事由、原因和决定文书已公布。",
        Steer::Outage(_) => "已补回停机的时间，原因已公布。",
    }
}

#[derive(Template)]
#[template(path = "trading/auction/pages/steering.html")]
struct SteeringPage {
    layout: Layout,
    form: FormState,
    lot: LotView,
    actions: Vec<(&'static str, &'static str)>,
}

impl SteeringPage {
    /// Those of a termination are all.
    fn grounds(&self) -> Vec<(&'static str, &'static str)> {
        Ground::ALL.iter().map(|ground| (Ground::as_str(ground), Ground::label(ground))).collect()
    }

    fn new(layout: Layout, lot: LotView, form: FormState) -> SteeringPage {
        let layout = layout.titled("中止、恢复或终止").under("/listings").with_form(&form);
        SteeringPage { layout, form, actions: open_actions(&lot), lot }
    }
}

async fn load(
    allowed: Allowed<may::RunAuctions>,
    db: &Db,
    calendar: Data<Calendar>,
    id: LotId,
) -> Result<LotView, Error> {
    let now = db.now();
    let read = move |rx: &mut crate::db::Rx<'_>| {
        let reading = allowed.actor.prove::<may::ReadListings>()?;
        let lot = lots::get(rx, Viewer::Staff(&reading), &calendar, &id, now)?;
        // A lot of another place is public, but not to be steered from here.
        if allowed.scope.contains(lot.collective_code.as_str()) {
            Ok(lot)
        } else {
            Err((&crate::kernel::error::NOT_FOUND).into())
        }
    };
    Ok(db.read(read).await?)
}

fn not_running(lot: &LotView) -> Option<HttpResponse> {
    let text = format!("这个项目现在是“{}”，没有可以中止的竞价。", lot.state.label());
    (lot.state != LotState::Published).then(|| html::done(&format!("/listings/{}", lot.id), Tone::Warn, &text))
}

async fn show(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let lot = load(allowed, &db, calendar, id.into_inner()).await?;
    if let Some(answer) = not_running(&lot) {
        return Ok(answer);
    }
    Ok(html::ok(&SteeringPage::new(layout, lot, FormState::default())))
}

/// Ending a trade cannot be taken back: what becomes public is read once more. The paper has been kept by then.
fn once_more(layout: Layout, lot: &LotView, steering: &Steering) -> Confirm {
    let address = format!("/listings/{}/steering", lot.id);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let document = steering.document.as_ref().map(ToString::to_string).unwrap_or_default();
    let ground = steering.ground.as_ref();
    let kept = if document.is_empty() { "没有上传" } else { "已加密保存，只公布它的指纹" };
    Confirm {
        layout: layout.titled("确认终止交易").under("/listings"),
        form: FormState::default(),
        lead: lot.title.clone(),
        facts: vec![
            Fact::new("现在", lot.phase.label()),
            Fact::new("向社会公布的事由", ground.map(Ground::label).unwrap_or_default()),
            Fact::new("向社会公布的原因", steering.reason.clone()),
            Fact::new("向社会公布的决定文书", steering.paper.clone()),
            Fact::new("文书扫描件", kept),
        ],
        warning: "终止后不能恢复，已收的保证金要退还。需要再交易时，由村里重新发起。".to_owned(),
        action: format!("{address}/confirmed"),
        idempotency_key: String::new(),
        hidden: vec![
            pair("action", "terminate"),
            pair("ground", ground.map(Ground::as_str).unwrap_or_default()),
            pair("reason", &steering.reason),
            pair("paper", &steering.paper),
            pair("document", &document),
        ],
        button: "确认终止".to_owned(),
        button_tone: "danger".to_owned(),
        back: address,
    }
}

/// The clock and the keys that a step needs besides the database.
#[derive(Clone)]
struct With {
    db: Data<Db>,
    calendar: Data<Calendar>,
    vault: Data<Vault>,
}

/// Keeps the file, if there is one, and does what is asked for, in one transaction.
async fn act(
    allowed: &Allowed<may::RunAuctions>,
    with: &With,
    id: &LotId,
    steering: Steering,
    file: Vec<u8>,
) -> Result<Result<HttpResponse, Problem>, Error> {
    let (by, all, key) = (allowed.clone(), with.clone(), id.clone());
    let action = steering.action;
    let end = with
        .db
        .write(Lane::of("lot", id), move |tx| {
            let steering = with_paper(tx, &by, &all.vault, &key, &steering, &file)?;
            steering::steer(tx, &by, &all.calendar, &all.vault, &key, &steering)
        })
        .await;
    Ok(match end {
        Ok(Some(taken)) if taken.refusal.is_some() => Err(taken.refusal.unwrap_or_else(|| (&super::CLOSED).into())),
        Ok(_) => Ok(html::done(&format!("/listings/{id}"), Tone::Good, done_text(action))),
        Err(error) => Err(html::refusal(error)?),
    })
}

fn with_paper(
    tx: &mut crate::db::Tx<'_>,
    by: &Allowed<may::RunAuctions>,
    vault: &Vault,
    lot: &LotId,
    steering: &Steering,
    file: &[u8],
) -> crate::db::Result<Steering> {
    if file.is_empty() {
        return Ok(steering.clone());
    }
    let title = format!("{}的决定文书", steering.action.kind().label());
    let document = steering::keep_paper(tx, by, vault, lot, &title, file)?;
    Ok(Steering { document: Some(document), ..steering.clone() })
}

async fn ask(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    with: (Data<Db>, Data<Calendar>, Data<Vault>),
    id: Path<LotId>,
    typed: MultipartFile,
) -> Result<HttpResponse, Error> {
    let (id, with) = (id.into_inner(), With { db: with.0, calendar: with.1, vault: with.2 });
    let lot = load(allowed.clone(), &with.db, with.calendar.clone(), id.clone()).await?;
    if let Some(answer) = not_running(&lot) {
        return Ok(answer);
    }
    let end = match read_action(&|name| typed.get(name).to_owned(), lot.now.day()) {
        Err(problem) => Err(problem),
        Ok(steering) => match steering.read() {
            Err(problem) => Err(problem),
            Ok(_) if steering.action == Steer::Terminate => {
                let (by, vault, key, file) = (allowed, with.vault.clone(), id.clone(), typed.bytes);
                let work = move |tx: &mut crate::db::Tx<'_>| with_paper(tx, &by, &vault, &key, &steering, &file);
                match with.db.write(Lane::Any, work).await {
                    Ok(steering) => return Ok(html::ok(&once_more(layout, &lot, &steering))),
                    Err(error) => Err(html::refusal(error)?),
                }
            }
            Ok(_) => act(&allowed, &with, &id, steering, typed.bytes).await?,
        },
    };
    let form = FormState::new(FIELDS.map(|field| (field, typed.fields.get(field).cloned().unwrap_or_default())));
    Ok(end.unwrap_or_else(|problem| refused(layout, lot, form, &problem)))
}

/// What people type.
const FIELDS: [&str; 5] = ["action", "ground", "since", "reason", "paper"];

fn refused(layout: Layout, lot: LotView, form: FormState, problem: &Problem) -> HttpResponse {
    let form = form.with_problem(problem);
    html::refused(problem, &SteeringPage::new(layout, lot, form))
}

async fn confirmed(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    with: (Data<Db>, Data<Calendar>, Data<Vault>),
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let (id, with) = (id.into_inner(), With { db: with.0, calendar: with.1, vault: with.2 });
    let lot = load(allowed.clone(), &with.db, with.calendar.clone(), id.clone()).await?;
    if let Some(answer) = not_running(&lot) {
        return Ok(answer);
    }
    let end = match read_action(&|name| fields.get(name).to_owned(), lot.now.day()) {
        Err(problem) => Err(problem),
        Ok(steering) => act(&allowed, &with, &id, steering, Vec::new()).await?,
    };
    Ok(end.unwrap_or_else(|problem| refused(layout, lot, FormState::from(&fields), &problem)))
}
