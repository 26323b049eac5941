//! `/listings/{lot}/steering`: the trading officer suspends, resumes, terminates or records an outage, with a reason that is published.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::service::{self, Steer};
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
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/listings/{lot}/steering").route(web::get().to(show)).route(web::post().to(steer)));
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

/// What is asked for, and how it is told afterwards. An outage was today, since an hour of the day.
///
/// Errors: the hour cannot be read.
fn read_action(fields: &FormFields, today: Day) -> Result<Option<(Steer, &'static str)>, Problem> {
    Ok(match fields.get("action") {
        "suspend" => Some((Steer::Suspend, "中止竞价")),
        "resume" => Some((Steer::Resume, "恢复竞价")),
        "terminate" => Some((Steer::Terminate, "终止交易")),
        "outage" => {
            let typed = fields.get("since");
            let (hour, minute) = read_hour(typed).map_err(|e| Problem::field("since", Some(typed), e.to_string()))?;
            Some((Steer::Outage(today.at(hour, minute)), "补回停机的时间"))
        }
        _ => None,
    })
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

/// Ending a trade cannot be taken back: the reason is read once more.
fn ask(layout: Layout, lot: &LotView, reason: &str) -> Confirm {
    let address = format!("/listings/{}/steering", lot.id);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Confirm {
        layout: layout.titled("确认终止交易").under("/listings"),
        form: FormState::default(),
        lead: lot.title.clone(),
        facts: vec![Fact::new("现在", lot.phase.label()), Fact::new("向社会公布的原因", reason)],
        warning: "终止后不能恢复，已收的保证金要退还。需要再交易时，由村里重新发起。".to_owned(),
        action: address.clone(),
        idempotency_key: String::new(),
        hidden: vec![pair("action", "terminate"), pair("reason", reason), pair("confirmed", "yes")],
        button: "确认终止".to_owned(),
        button_tone: "danger".to_owned(),
        back: address,
    }
}

async fn steer(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    vault: Data<Vault>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let lot = load(allowed.clone(), &db, calendar.clone(), id.clone()).await?;
    if let Some(answer) = not_running(&lot) {
        return Ok(answer);
    }
    let (action, reason) = (read_action(&fields, lot.now.day()), fields.get("reason").to_owned());
    let refused = match action {
        Err(problem) => problem,
        Ok(None) => Problem::field("action", None, "请选择要做什么"),
        Ok(Some((Steer::Terminate, _))) if !reason.is_empty() && !fields.ticked("confirmed") => {
            return Ok(html::ok(&ask(layout, &lot, &reason)));
        }
        Ok(Some((wanted, done))) => {
            let key = id.clone();
            let end = db
                .write(Lane::of("lot", &id), move |tx| {
                    service::steer(tx, &allowed, &calendar, &vault, &key, wanted, &reason)
                })
                .await;
            match end {
                Ok(Some(taken)) if taken.refusal.is_some() => taken.refusal.unwrap_or_else(|| (&super::CLOSED).into()),
                Ok(_) => {
                    let text = format!("已{done}，原因已公布。");
                    return Ok(html::done(&format!("/listings/{id}"), Tone::Good, &text));
                }
                Err(error) => html::refusal(error)?,
            }
        }
    };
    let form = FormState::from(&fields).with_problem(&refused);
    Ok(html::refused(&refused, &SteeringPage::new(layout, lot, form)))
}
