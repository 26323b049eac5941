//! The notice goes out: hours are proposed, checked, read once more and then fixed.

use actix_web::{
    HttpResponse,
    web::{self, Data, Path},
};
use askama::Template;

use super::{
    Dossier, LotId, LotState, Schedule, dossier,
    pages::PATH,
    rules::{propose_schedule, unusual_hours},
    service,
    store::{self, Reader},
    together::{self, JointNotice, LotSeen},
};
use crate::{
    access::{Allowed, Scope, may},
    calendar::Calendar,
    db::{self, Db, Lane, Rx},
    kernel::{
        Day, FieldError, PageRequest, Problem,
        text::{half_width, read_day, read_hour},
    },
    policy::PolicyBook,
    web::{
        Error, FormFields, IfMatch,
        html::{self, Confirm, Fact, FormState, Layout, Tone, filters},
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/listings/{lot}/publish").route(web::get().to(propose)).route(web::post().to(publish)));
}

/// Another approved lot of the same collective, which may stand in the same notice.
struct Companion {
    id: LotId,
    version: i32,
    title: String,
}

impl Companion {
    /// Its box in the form, which says the version that was seen.
    fn field(&self) -> String {
        format!("with_{}", self.id)
    }
    fn seen(&self) -> String {
        self.version.to_string()
    }
}

/// So many are offered; a longer notice is made through the API.
const MOST_COMPANIONS: u32 = 20;

fn companions(rx: &mut Rx<'_>, scope: &Scope, found: &Dossier) -> db::Result<Vec<Companion>> {
    let page = PageRequest { limit: Some(MOST_COMPANIONS), after: None };
    let code = found.lot.collective_code.as_str();
    let approved = store::list(rx, Reader::Staff(scope), Some(LotState::Approved), None, Some(code), &page)?;
    let others = approved.into_iter().map(|(row, _)| row).filter(|row| row.id != found.lot.id);
    Ok(others.map(|row| Companion { id: row.id, version: row.version, title: row.title }).collect())
}

/// The lots that were ticked, after the one whose page it is; `None`: it goes out alone.
fn ticked(first: LotSeen, companions: &[Companion], fields: &FormFields) -> Option<Vec<LotSeen>> {
    let seen = |one: &Companion| {
        let version = fields.get(&one.field()).parse().ok()?;
        Some(LotSeen { lot: one.id.clone(), version })
    };
    let others: Vec<LotSeen> = companions.iter().filter_map(seen).collect();
    (!others.is_empty()).then(|| std::iter::once(first).chain(others).collect())
}

#[derive(Template)]
#[template(path = "trading/listing/pages/publish.html")]
struct PublishPage {
    layout: Layout,
    form: FormState,
    found: Dossier,
    companions: Vec<Companion>,
    earliest: Option<Day>,
    /// What the place says: name, number, basis.
    rules: Vec<(&'static str, String, String)>,
}

impl PublishPage {
    fn new(layout: Layout, (found, companions): (Dossier, Vec<Companion>), form: FormState) -> PublishPage {
        let rules = found.policies.as_ref().map(|rules| {
            let days = |rule: &crate::policy::Rule<u32>| format!("不少于 {} 个工作日", rule.value);
            vec![
                ("公告期", days(&rules.notice_working_days), rules.notice_working_days.basis.clone()),
                ("报名时间", days(&rules.enrolment_working_days), rules.enrolment_working_days.basis.clone()),
            ]
        });
        PublishPage {
            layout: layout.titled("发布公告").under(PATH).with_form(&form),
            form,
            earliest: found.lot.earliest_opening,
            rules: rules.unwrap_or_default(),
            found,
            companions,
        }
    }
}

/// The form with hours that keep the rules; empty where the calendar does not reach that far.
fn proposal(found: &Dossier, calendar: &Calendar) -> FormState {
    let hours = found.policies.as_ref().and_then(|rules| {
        let (notice, enrolment) = (rules.notice_working_days.value, rules.enrolment_working_days.value);
        propose_schedule(calendar, found.lot.now.day(), notice, enrolment).ok()
    });
    let Some(Schedule { enrol_until, opens_at, closes_at }) = hours else { return FormState::default() };
    let minutes = closes_at.since_us(opens_at) / 60_000_000;
    FormState::new([
        ("enrol_until", enrol_until.day().to_string()),
        ("enrol_hour", enrol_until.clock_text()),
        ("opens_at", opens_at.day().to_string()),
        ("opens_hour", opens_at.clock_text()),
        ("closes_at", minutes.to_string()),
    ])
}

/// Days and hours as they were typed; all faults at once.
fn typed(fields: &FormFields) -> Result<Schedule, Problem> {
    let mut faults = Vec::new();
    let mut moment = |day: &str, hour: &str| {
        let (day_typed, hour_typed) = (fields.get(day), fields.get(hour));
        let read = read_day(day_typed).map_err(|e| faults.push(FieldError::new(day, Some(day_typed), e.to_string())));
        let time =
            read_hour(hour_typed).map_err(|e| faults.push(FieldError::new(hour, Some(hour_typed), e.to_string())));
        read.ok().zip(time.ok()).map(|(day, (hour, minute))| day.at(hour, minute))
    };
    let (enrol_until, opens_at) = (moment("enrol_until", "enrol_hour"), moment("opens_at", "opens_hour"));
    let minutes = half_width(fields.get("closes_at")).trim_end_matches("分钟").trim().parse::<u32>();
    if minutes.is_err() {
        faults.push(FieldError::new("closes_at", Some(fields.get("closes_at")), "请填写竞价多少分钟，例如 30"));
    }
    match (enrol_until, opens_at, minutes) {
        (Some(enrol_until), Some(opens_at), Ok(minutes)) if faults.is_empty() => {
            Ok(Schedule { enrol_until, opens_at, closes_at: opens_at.plus_s(i64::from(minutes) * 60) })
        }
        _ => Err(Problem::fields(faults)),
    }
}

/// What is not waiting for its notice is looked at on its own page.
fn not_waiting(found: &Dossier) -> Option<HttpResponse> {
    let text = format!("这个项目现在是“{}”，不能发布公告。", found.lot.state.label());
    (found.lot.state != LotState::Approved).then(|| html::done(&format!("{PATH}/{}", found.lot.id), Tone::Warn, &text))
}

async fn load(
    allowed: Allowed<may::RunAuctions>,
    db: &Db,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: LotId,
) -> Result<(Dossier, Vec<Companion>), Error> {
    let now = db.now();
    let read = move |rx: &mut Rx<'_>| {
        let found = dossier(rx, &allowed.actor.prove()?, &calendar, &policies, &id, now)?;
        let companions = companions(rx, &allowed.scope, &found)?;
        Ok((found, companions))
    };
    Ok(db.read(read).await?)
}

async fn propose(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
) -> Result<HttpResponse, Error> {
    let found = load(allowed, &db, calendar.clone(), policies, id.into_inner()).await?;
    if let Some(answer) = not_waiting(&found.0) {
        return Ok(answer);
    }
    let form = proposal(&found.0, &calendar);
    Ok(html::ok(&PublishPage::new(layout, found, form)))
}

/// The hours once more, with what is unusual about them.
fn ask(
    layout: Layout,
    (found, companions): (&Dossier, &[Companion]),
    calendar: &Calendar,
    schedule: &Schedule,
    fields: &FormFields,
) -> Confirm {
    let unusual = unusual_hours(calendar, schedule);
    let mut warning = "公告发布后，价格、期限和竞价方式不能再改；在没有人报名的更正期内，可以更正文字、推后时间，其余只能终止后重新挂牌。".to_owned();
    if !unusual.is_empty() {
        warning += &format!("另外请留意：{}。", unusual.join("；"));
    }
    let names = ["enrol_until", "enrol_hour", "opens_at", "opens_hour", "closes_at", "version"];
    let mut hidden: Vec<(String, String)> =
        names.iter().map(|name| ((*name).to_owned(), fields.get(name).to_owned())).collect();
    hidden.push(("confirmed".to_owned(), "yes".to_owned()));
    let with: Vec<&Companion> = companions.iter().filter(|one| !fields.get(&one.field()).is_empty()).collect();
    hidden.extend(with.iter().map(|one| (one.field(), fields.get(&one.field()).to_owned())));
    let together = Fact::new("同一份公告的其他项目", with.iter().map(|one| &*one.title).collect::<Vec<_>>().join("；"));
    let mut confirm = Confirm {
        layout: layout.titled("确认发布公告").under(PATH),
        form: FormState::default(),
        lead: found.lot.title.clone(),
        facts: vec![
            Fact::new("公告发布", "确认后立即发布"),
            Fact::new("报名和保证金截止", filters::deadline_text(schedule.enrol_until)),
            Fact::new("竞价开始", filters::deadline_text(schedule.opens_at)),
            Fact::new(
                "竞价结束",
                format!("{}（有人在最后时刻出价会自动延时）", filters::deadline_text(schedule.closes_at)),
            ),
        ],
        warning,
        action: format!("{PATH}/{}/publish", found.lot.id),
        idempotency_key: String::new(),
        hidden,
        button: "确认发布".to_owned(),
        button_tone: "primary".to_owned(),
        back: format!("{PATH}/{}/publish", found.lot.id),
    };
    if !with.is_empty() {
        confirm.facts.insert(0, together);
    }
    confirm
}

async fn publish(
    allowed: Allowed<may::RunAuctions>,
    layout: Layout,
    db: Data<Db>,
    calendar: Data<Calendar>,
    policies: Data<PolicyBook>,
    id: Path<LotId>,
    fields: FormFields,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(fields.get("version").parse().ok());
    let (found, companions) = load(allowed.clone(), &db, calendar.clone(), policies.clone(), id.clone()).await?;
    if let Some(answer) = not_waiting(&found) {
        return Ok(answer);
    }
    let end = match typed(&fields) {
        Err(problem) => Err(problem.into()),
        Ok(schedule) if !fields.ticked("confirmed") => {
            match service::check_hours(&calendar, &policies, &found.lot, &schedule) {
                Ok(()) => {
                    return Ok(html::ok(&ask(layout, (&found, &companions), &calendar, &schedule, &fields)));
                }
                Err(problem) => Err(problem.into()),
            }
        }
        Ok(schedule) => {
            let (lot, calendar) = (id.clone(), calendar.clone());
            let first = LotSeen { lot: lot.clone(), version: fields.get("version").parse().unwrap_or_default() };
            let all = ticked(first, &companions, &fields);
            let work = move |tx: &mut db::Tx<'_>| match &all {
                Some(lots) => {
                    let notice = JointNotice { lots: lots.clone(), schedule: schedule.clone() };
                    let check = |one: &LotSeen, version| IfMatch::seen(Some(one.version)).check(version);
                    together::publish_together(tx, &allowed, &calendar, &policies, &notice, check).map(drop)
                }
                None => {
                    service::publish(tx, &allowed, &calendar, &policies, &lot, &schedule, |v| seen.check(v)).map(drop)
                }
            };
            db.write(Lane::of("lot", &id), work).await.map_err(Error::from)
        }
    };
    match end {
        Ok(_) => Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "公告已发布，现在可以报名。")),
        Err(error) => {
            html::again(error, &fields, async |form| Ok(PublishPage::new(layout, (found, companions), form))).await
        }
    }
}
