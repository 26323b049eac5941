//! From an asset to a filled-in draft, in four short steps; every step is saved as it is left.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    web::{self, Data, Path, Query},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Attachment, Comparables, DealForm, Dossier, LotDraft, LotId, MethodDraft, PriceWords, dossier,
    dossier::{StartingPoint, starting_point},
    form::{self, Step},
    form_notice,
    model::Part,
    pages::{PATH, part_address},
    pages_submit, rules, service,
};
use crate::{
    access::{Allowed, may},
    assets::{self, AssetFilter, AssetId, AssetView},
    calendar::Calendar,
    db::{Db, Lane, Result as DbResult, Tx},
    documents::{self, NewDocument, Visibility},
    kernel::{Page, PageRequest, Problem},
    policy::{Body, PolicyBook},
    trading::{
        auction::{ExtensionFrom, Fallback, Mode},
        price::PriceUnit,
        priority::Kind,
        qualification::Timing,
    },
    vault::Vault,
    web::{
        Error, IfMatch,
        html::{self, FormState, Layout, Tone},
        upload::MultipartFile,
    },
};

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/listings/new").route(web::get().to(begin)).route(web::post().to(create)))
        .service(web::resource("/listings/{lot}/offer").route(web::get().to(show)).route(web::post().to(save)))
        .service(web::resource("/listings/{lot}/price").route(web::get().to(show)).route(web::post().to(save)))
        .service(web::resource("/listings/{lot}/method").route(web::get().to(show)).route(web::post().to(save)))
        .service(web::resource("/listings/{lot}/conditions").route(web::get().to(show)).route(web::post().to(save)))
        .service(web::resource("/listings/{lot}/notice").route(web::get().to(show)).route(web::post().to(save)))
        .service(web::resource("/listings/{lot}/decision").route(web::get().to(show)).route(web::post().to(save)))
        .configure(pages_submit::routes);
}

/// The names of the steps, the last one included.
pub(super) const STEPS: [&str; 7] = ["内容", "价格", "方式", "条件", "公告", "决策", "提交"];

/// The step is the last segment of the address.
impl FromRequest for Step {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let word = request.path().rsplit('/').next().unwrap_or_default();
        let step = Step::ALL.into_iter().find(|step| step.word() == word);
        ready(step.ok_or_else(|| (&crate::kernel::error::NOT_FOUND).into()))
    }
}

/// Which asset is going to be offered, or how one is looked for.
#[derive(Debug, Default, Deserialize)]
struct Begin {
    asset: Option<String>,
    #[serde(default)]
    q: String,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "trading/listing/pages/choose.html")]
struct ChoosePage {
    layout: Layout,
    form: FormState,
    assets: Page<AssetView>,
    first: String,
    next: String,
}

/// One step of the form.
#[derive(Template)]
#[template(path = "trading/listing/pages/step.html")]
struct StepPage {
    layout: Layout,
    form: FormState,
    step: Step,
    action: String,
    back: String,
    version: String,
    asset_id: String,
    /// What is being offered, for the head of the page.
    asset: Vec<(&'static str, String)>,
    /// Says which values were taken over from the last lot.
    taken_from: Option<String>,
    /// What the reviewer wants changed.
    note: Option<String>,
    /// What others changed in the meantime: the field, what stands there now.
    conflicts: Vec<(&'static str, String)>,
    /// What the place's policies say, with the basis.
    rules: Vec<(&'static str, String, String)>,
    paper: Option<String>,
    /// What its prices are called.
    words: &'static PriceWords,
    /// A partner builds, so that the price may be floor area.
    builds: bool,
    /// A reserve price is on record; what it is, nobody is shown.
    has_reserve: bool,
    /// It would come in an envelope, not here.
    is_sealed: bool,
    attachments: Vec<Attachment>,
    /// What was paid lately for the like, beside the prices.
    comparables: Option<Comparables>,
}

fn choices<T: Copy>(
    all: &[T],
    word: fn(&T) -> &'static str,
    label: fn(&T) -> &'static str,
) -> Vec<(&'static str, &'static str)> {
    all.iter().map(|t| (word(t), label(t))).collect()
}

fn form_of(step: Step, draft: &LotDraft) -> FormState {
    FormState::new(step.fields().iter().map(|(field, _)| (*field, form::value(draft, field))))
}

fn typed_form(step: Step, typed: &MultipartFile) -> FormState {
    FormState::new(step.fields().iter().map(|(field, _)| (*field, typed.get(field))))
}

/// What holds in this place, beside the prices.
fn rule_lines(found: &Dossier) -> Vec<(&'static str, String, String)> {
    let Some(rules) = &found.policies else { return Vec::new() };
    let share = rules.deposit_share.value;
    let opening = found.lot.terms.words().opening;
    let terms = &found.lot.terms;
    let of = if terms.price_unit.is_money() { format!("{opening}合计") } else { "估值".to_owned() };
    let mut deposit = format!("{of}的 {}% 到 {}%", share.min_bp / 100, share.max_bp / 100);
    if let Some(worth) = terms.worth(terms.opening_price).filter(|_| terms.is_priced()) {
        let (least, most) = rules::deposit_bounds(worth, share);
        deposit += &format!("，按已保存的{opening}是 {} 元到 {} 元", least.grouped(), most.grouped());
    }
    let extension = rules.extension.value;
    let moved = format!("最后 {} 秒内有人出价，从出价时起延时 {} 秒", extension.window_s, extension.by_s);
    let days = |n: u32| format!("不少于 {n} 个工作日");
    vec![
        ("保证金", deposit, rules.deposit_share.basis.clone()),
        ("最少竞买人数", format!("不少于 {} 人", rules.min_bidders.value), rules.min_bidders.basis.clone()),
        ("公告期", days(rules.notice_working_days.value), rules.notice_working_days.basis.clone()),
        ("竞价延时", moved, rules.extension.basis.clone()),
    ]
}

impl StepPage {
    fn forms(&self) -> Vec<(&'static str, &'static str)> {
        choices(DealForm::ALL, DealForm::as_str, DealForm::label)
    }

    /// Floor area is bid only where a partner builds.
    fn units(&self) -> Vec<(&'static str, &'static str)> {
        let all: Vec<PriceUnit> = PriceUnit::ALL.iter().copied().filter(|u| u.is_money() || self.builds).collect();
        choices(&all, PriceUnit::as_str, PriceUnit::choice)
    }

    fn reserve_hint(&self) -> &'static str {
        if self.is_sealed {
            "暗标的保留价装在信封里另交，这里留空；要设的在“竞价方式”那一步选上"
        } else if self.has_reserve {
            "已经设了，封存到竞价结束，谁也看不到；不改的留空，不要了的写“无”"
        } else if self.words.is_buying() {
            "高于它不成交；保存后封存，竞价结束前谁也看不到"
        } else {
            "低于它不成交；保存后封存，竞价结束前谁也看不到"
        }
    }

    fn reserve_unit(&self) -> &'static str {
        if self.words.is_floor_area() { self.words.counted_in } else { "按上面的单位" }
    }

    fn modes(&self) -> Vec<(&'static str, &'static str)> {
        choices(&rules::MODES, Mode::as_str, Mode::label)
    }

    fn extension_starts(&self) -> Vec<(&'static str, &'static str)> {
        choices(ExtensionFrom::ALL, ExtensionFrom::as_str, ExtensionFrom::label)
    }

    fn fallbacks(&self) -> Vec<(&'static str, &'static str)> {
        choices(Fallback::ALL, Fallback::as_str, Fallback::label)
    }

    fn priority_kinds(&self) -> Vec<(&'static str, &'static str)> {
        choices(Kind::ALL, Kind::as_str, Kind::label)
    }

    fn timings(&self) -> Vec<(&'static str, &'static str)> {
        choices(Timing::ALL, Timing::as_str, Timing::label)
    }

    fn bodies(&self) -> Vec<(&'static str, &'static str)> {
        choices(Body::ALL, Body::as_str, Body::label)
    }

    fn removal(&self, place: &usize) -> String {
        form_notice::removal(*place)
    }

    fn paper_label(&self) -> &'static str {
        if self.paper.is_some() { "换一份会议记录" } else { "会议记录（有签名）" }
    }

    fn of_draft(layout: Layout, step: Step, found: &Dossier, form: FormState) -> StepPage {
        let lot = &found.lot;
        let area = lot.terms.asset_area.map(html::filters::area_text);
        let mut asset = vec![("资产", lot.terms.asset_name.clone()), ("坐落", lot.terms.asset_location.clone())];
        asset.extend(area.map(|area| ("面积", area)));
        StepPage {
            layout: layout.titled(step.title()).under(PATH).with_form(&form),
            form,
            step,
            action: part_address(&lot.id, step.part()),
            back: format!("{PATH}/{}", lot.id),
            version: lot.version.to_string(),
            asset_id: lot.asset_id.clone(),
            asset,
            taken_from: None,
            note: lot.review_note.clone().filter(|note| !note.is_empty() && lot.state == super::LotState::Returned),
            conflicts: Vec::new(),
            rules: match step {
                Step::Price => rule_lines(found),
                Step::Decision => found.decision_rules(),
                _ => Vec::new(),
            },
            paper: lot.terms.decision_document.clone(),
            words: lot.terms.words(),
            builds: lot.terms.form == DealForm::Cooperation,
            has_reserve: lot.has_reserve,
            is_sealed: lot.terms.sealed().is_some(),
            attachments: lot.terms.notice.as_ref().map(|n| n.attachments.clone()).unwrap_or_default(),
            comparables: (step == Step::Price).then(|| found.comparables.clone()),
        }
    }

    fn of_asset(layout: Layout, begin: StartingPoint, form: FormState) -> StepPage {
        let facts = begin.asset.facts;
        let mut asset = vec![("资产", facts.name), ("坐落", facts.location)];
        asset.extend(facts.area.map(|area| ("面积", html::filters::area_text(area))));
        StepPage {
            layout: layout.titled("发起交易").under(PATH).with_form(&form),
            form,
            step: Step::Offer,
            action: format!("{PATH}/new"),
            back: format!("/assets/{}", begin.asset.id),
            version: String::new(),
            asset_id: begin.asset.id.to_string(),
            asset,
            taken_from: begin.taken_from,
            note: None,
            conflicts: Vec::new(),
            rules: Vec::new(),
            paper: None,
            words: PriceWords::of(begin.draft.form.direction(), begin.draft.price_unit),
            builds: false,
            has_reserve: false,
            is_sealed: false,
            attachments: Vec::new(),
            comparables: None,
        }
    }
}

/// The first step for a chosen asset, or the assets to choose from.
async fn begin(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    db: Data<Db>,
    wanted: Query<Begin>,
) -> Result<HttpResponse, Error> {
    let wanted = wanted.into_inner();
    if let Some(asset) = wanted.asset.filter(|id| !id.is_empty()) {
        let id: AssetId = asset.parse().map_err(|_| Error::from(&crate::kernel::error::NOT_FOUND))?;
        let begin = db.read(move |rx| starting_point(rx, &allowed, &id)).await?;
        if let Some(lot) = &begin.under_way {
            return Ok(html::done(&format!("{PATH}/{lot}"), Tone::Warn, "这项资产已有一宗交易在办理，就是这一宗。"));
        }
        let form = form_of(Step::Offer, &begin.draft);
        return Ok(html::ok(&StepPage::of_asset(layout, begin, form)));
    }
    let filter = AssetFilter { q: Some(wanted.q.clone()).filter(|q| !q.trim().is_empty()), ..AssetFilter::default() };
    let page = PageRequest { limit: None, after: wanted.after.clone() };
    let assets = db.read(move |rx| assets::list_assets(rx, &allowed.actor.prove()?, &filter, &page)).await?;
    let at = |after: &str| format!("{PATH}/new?q={}&after={after}", html::query_escape(&wanted.q));
    Ok(html::ok(&ChoosePage {
        layout: layout.titled("选择要交易的资产").under(PATH),
        form: FormState::new([("q", wanted.q.clone())]),
        first: wanted.after.as_ref().map(|_| at("")).unwrap_or_default(),
        next: assets.next.as_deref().map(at).unwrap_or_default(),
        assets,
    }))
}

async fn create(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    db: Data<Db>,
    vault: Data<Vault>,
    policies: Data<PolicyBook>,
    typed: MultipartFile,
) -> Result<HttpResponse, Error> {
    let id: AssetId = typed.get("asset").parse().map_err(|_| Error::from(&crate::kernel::error::NOT_FOUND))?;
    let (by, asset, form) = (allowed.clone(), id.clone(), typed_form(Step::Offer, &typed));
    let end = db
        .write(Lane::of("asset", &id), move |tx| {
            let begin = starting_point(tx, &by, &asset)?;
            let draft = form::fill(Step::Offer, begin.draft, |field| typed.get(field))?;
            // Prices of the last lot that no longer keep the rules are left open.
            let fits = draft.price_unit.is_money() || draft.form == DealForm::Cooperation;
            let unpriced = LotDraft {
                price_unit: if fits { draft.price_unit } else { PriceUnit::PerYear },
                estimated_value: None,
                opening_price: String::new(),
                step_min: String::new(),
                deposit: String::new(),
                step_max: None,
                step_multiple: None,
                ceiling_price: None,
                reserve_price: None,
                min_bidders: None,
                method: MethodDraft::default(),
                ..draft.clone()
            };
            match service::draft(tx, &by, &vault, &policies, &draft) {
                Err(e) if e.problem().is_some_and(|p| !p.fields.is_empty()) => {
                    service::draft(tx, &by, &vault, &policies, &unpriced)
                }
                other => other,
            }
        })
        .await;
    match end {
        Ok((lot, _)) => Ok(html::see_other(&part_address(&lot, Part::Price))),
        Err(error) => {
            let problem = form::beside(Step::Offer, html::refusal(error)?);
            let form = form.with_problem(&problem);
            let begin = db.read(move |rx| starting_point(rx, &allowed, &id)).await?;
            Ok(html::refused(&problem, &StepPage::of_asset(layout, begin, form)))
        }
    }
}

/// What a handler of a draft needs, once.
#[derive(Clone)]
pub(super) struct Books {
    pub db: Data<Db>,
    pub calendar: Data<Calendar>,
    pub policies: Data<PolicyBook>,
}

impl Books {
    pub async fn dossier(&self, allowed: &Allowed<may::DraftListings>, id: &LotId) -> Result<Dossier, Error> {
        let (books, allowed, id, now) = (self.clone(), allowed.clone(), id.clone(), self.db.now());
        let read = move |rx: &mut crate::db::Rx<'_>| {
            dossier(rx, &allowed.actor.prove()?, &books.calendar, &books.policies, &id, now)
        };
        Ok(self.db.read(read).await?)
    }
}

impl FromRequest for Books {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let books = || {
            Ok(Books {
                db: Data::from_request(request, &mut Payload::None).into_inner()?,
                calendar: Data::from_request(request, &mut Payload::None).into_inner()?,
                policies: Data::from_request(request, &mut Payload::None).into_inner()?,
            })
        };
        let _ = payload;
        ready(books())
    }
}

/// A listing that can no longer be changed is looked at, not filled in.
pub(super) fn not_open(found: &Dossier) -> Option<HttpResponse> {
    let text = format!("这个项目现在是“{}”，内容不能再修改。", found.lot.state.label());
    (!found.lot.state.is_open_to_change()).then(|| html::done(&format!("{PATH}/{}", found.lot.id), Tone::Warn, &text))
}

async fn show(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    step: Step,
    id: Path<LotId>,
    books: Books,
) -> Result<HttpResponse, Error> {
    let found = books.dossier(&allowed, &id).await?;
    if let Some(answer) = not_open(&found) {
        return Ok(answer);
    }
    let form = form_of(step, &found.draft());
    Ok(html::ok(&StepPage::of_draft(layout, step, &found, form)))
}

/// Keeps the file that came with the form: the minutes, or a paper of the notice that everybody may read.
fn keep_paper(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::DraftListings>,
    vault: &Vault,
    found: &Dossier,
    typed: &MultipartFile,
    field: &'static str,
) -> DbResult<String> {
    let (title, visibility) = match field {
        "decision_document" => (format!("{}会议记录", found.lot.title), Visibility::Internal),
        _ => match typed.get("notice/attachment_title") {
            "" => (format!("{}公告附件", found.lot.title), Visibility::Public),
            title => (title.to_owned(), Visibility::Public),
        },
    };
    let new = NewDocument {
        collective_code: found.lot.collective_code.to_string(),
        title,
        visibility,
        bytes: typed.bytes.clone(),
    };
    match documents::add(tx, &allowed.actor.prove()?, vault, &new) {
        Ok((paper, _)) => Ok(paper.id.to_string()),
        Err(e) => match e.problem() {
            // The form knows the file by the field that keeps it.
            Some(problem) => Err(Problem::field(field, None, problem.detail.clone()).into()),
            None => Err(e),
        },
    }
}

async fn save(
    allowed: Allowed<may::DraftListings>,
    layout: Layout,
    step: Step,
    id: Path<LotId>,
    books: Books,
    vault: Data<Vault>,
    typed: MultipartFile,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let seen = IfMatch::seen(typed.get("version").parse().ok());
    let stay = typed.get("then") == "lot";
    let form = typed_form(step, &typed);
    let (by, lot, at) = (allowed.clone(), id.clone(), books.clone());
    let end = books
        .db
        .write(Lane::of("lot", &id), move |tx| {
            let now = tx.now();
            let found = dossier(tx, &by.actor.prove()?, &at.calendar, &at.policies, &lot, now)?;
            seen.check(found.lot.version)?;
            let mut draft = form::fill(step, found.draft(), |field| typed.get(field))?;
            if step == Step::Decision && !typed.bytes.is_empty() {
                draft.decision_document = Some(keep_paper(tx, &by, &vault, &found, &typed, "decision_document")?);
            }
            if step == Step::Notice && !typed.bytes.is_empty() {
                draft.notice.attachments.push(keep_paper(tx, &by, &vault, &found, &typed, "notice/attachments")?);
            }
            service::change(tx, &by, &vault, &at.policies, &lot, &draft, |v| seen.check(v))
        })
        .await;
    let error = match end {
        Ok(_) if stay => return Ok(html::done(&format!("{PATH}/{id}"), Tone::Good, "已保存。")),
        Ok(_) => {
            let next = step.next().map_or(format!("{PATH}/{id}/submit"), |next| part_address(&id, next.part()));
            return Ok(html::see_other(&next));
        }
        Err(error) => error,
    };
    let problem = form::beside(step, html::refusal(error)?);
    let found = books.dossier(&allowed, &id).await?;
    if let Some(answer) = not_open(&found) {
        return Ok(answer);
    }
    let now_stored = found.draft();
    let form = form.with_problem(&problem);
    let mut page = StepPage::of_draft(layout, step, &found, form);
    if problem.code.code == "version_stale" {
        let differs = |(field, label): &(&'static str, &'static str)| {
            let stored = form::value(&now_stored, field);
            let is_file = matches!(*field, "decision_document" | "notice/attachments" | "notice/attachment_title");
            (!is_file && stored != page.form.value(field)).then_some((*label, stored))
        };
        page.conflicts = step.fields().iter().filter_map(differs).collect();
    }
    Ok(html::refused(&problem, &page))
}
