//! Use cases: drafting, changing, submitting, reviewing, publishing.

use serde_json::json;

use super::{
    model::{AssetFacts, LotDraft, LotId, LotState, Review, Schedule, Terms},
    rules::{self, RoundBefore},
    store::{self, LotRow, Reader, ReviewRow, TermsRow},
};
use crate::{
    access::{Allowed, Scope, may},
    assets,
    calendar::Calendar,
    collectives,
    db::{Result, Rx, Salt, Tx},
    documents,
    kernel::{Id, Problem, Timestamp, codes::RegionCode, error::NOT_FOUND},
    log::{By, Fact, Receipt, record},
    policy::{PolicyBook, Rules},
    trading::{auction, lots::LotView, negotiation, notices, sealed},
    vault::{Field, Sealed, Vault},
};

/// Begins a listing from an asset of the actor's scope.
///
/// Errors: field errors; `asset_already_listed`, `negotiation_open`.
pub fn draft(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::DraftListings>,
    vault: &Vault,
    policies: &PolicyBook,
    draft: &LotDraft,
) -> Result<(LotId, Receipt)> {
    let (code, mut terms) = read_draft(tx, &allowed.scope, policies, draft)?;
    let reserve = seal(vault, &mut terms)?;
    tx.lock_row("assets", "id", &draft.asset_id)?;
    let (busy, ended) = store::trades_of(tx, &draft.asset_id)?;
    if busy {
        return Err((&rules::ASSET_ALREADY_LISTED).into());
    }
    // Whoever drafts it anew goes by the same rules as whoever asks for another round.
    let mut failed = ended.filter(|lot| lot.state.may_be_relisted());
    if let Some(lot) = &failed {
        if negotiation::is_under_way(tx, &lot.id)? {
            negotiation::check_relisting(tx, &lot.id)?;
        }
        if negotiation::is_signed(tx, &lot.id)? {
            failed = None;
        }
    }
    let previous_lot = failed.as_ref().map(|lot| lot.id.clone());
    check_cut(tx, policies, &code, previous_lot.as_ref(), &terms)?;
    let (id, now) = (tx.new_id("lot"), tx.now());
    let row = LotRow {
        id,
        collective_code: code,
        asset_id: draft.asset_id.clone(),
        title: title(draft, &terms)?,
        number: None,
        round: failed.map_or(1, |lot| lot.round.saturating_add(1)),
        state: LotState::Draft,
        drafted_by: allowed.actor.account.to_string(),
        submitted_by: None,
        submitted_at: None,
        reviewed_by: None,
        reviewed_at: None,
        review_note: String::new(),
        published_by: None,
        published_at: None,
        enrol_until: None,
        opens_at: None,
        closes_at: None,
        ended_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
        salt: Salt::fresh(),
        previous_lot,
        notice_number: None,
    };
    row.insert(tx)?;
    TermsRow::new(row.id.clone(), terms, reserve, Salt::fresh())?.insert(tx)?;
    let receipt = note(tx, &allowed.by(), "lot.drafted", &row)?;
    Ok((row.id, receipt))
}

/// Changes a draft or a listing that was sent back.
///
/// Errors: field errors, `not_found`, `lot_not_in_state`, a stale version.
pub fn change(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::DraftListings>,
    vault: &Vault,
    policies: &PolicyBook,
    id: &LotId,
    draft: &LotDraft,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<Receipt> {
    let (mut row, terms) = locked(tx, &allowed.scope, id, check_version)?;
    rules::must_be(row.state, &[LotState::Draft, LotState::Returned])?;
    if draft.asset_id != row.asset_id {
        return Err(
            Problem::field("asset_id", Some(&draft.asset_id), "资产不能更换；要交易另一项资产，请另起一宗").into()
        );
    }
    let (code, mut changed) = read_draft(tx, &allowed.scope, policies, draft)?;
    check_cut(tx, policies, &code, row.previous_lot.as_ref(), &changed)?;
    row.title = title(draft, &changed)?;
    let reserve = match draft.reserve_price.as_deref().map(str::trim) {
        // It is shown to nobody, so nobody can send it again.
        None | Some("") => kept(&terms, &changed)?,
        Some(_) => seal(vault, &mut changed)?,
    };
    changed.has_reserve = reserve.is_some();
    rules::check_reserve(&changed)?;
    terms.with_reserve(changed, reserve)?.update(tx)?;
    advance(tx, row, &allowed.by(), "lot.changed")
}

/// The reserve price that was given before, unless it would turn from yuan into square metres, or back.
///
/// Errors: a field error.
fn kept(before: &TermsRow, now: &Terms) -> Result<Option<Sealed>> {
    let reserve = before.sealed_reserve()?;
    if reserve.is_some() && before.price_unit().is_money() != now.price_unit.is_money() {
        let detail = "计价单位换了，原来的保留价不能再用：请重新填写，不要的写“无”";
        return Err(Problem::field("reserve_price", None, detail).into());
    }
    Ok(reserve)
}

/// Takes the reserve price out of the terms, into what only the close can open.
fn seal(vault: &Vault, terms: &mut Terms) -> Result<Option<Sealed>> {
    terms.reserve_price.take().map(|reserve| vault.seal(Field::Reserve, &reserve.to_string())).transpose()
}

/// Sends a draft to the township for review.
///
/// Errors: field errors (decision and its numbers, conditions, contact), `price_cut_not_voted`, `price_cut_too_deep`,
/// `not_found`, `lot_not_in_state`, a stale version, a policy that is missing.
pub fn submit(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::DraftListings>,
    policies: &PolicyBook,
    id: &LotId,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<Receipt> {
    let (mut row, terms) = locked(tx, &allowed.scope, id, check_version)?;
    rules::must_be(row.state, &[LotState::Draft, LotState::Returned])?;
    let now = tx.now();
    let submitted = terms.terms()?;
    rules::check_submission(&submitted, now.day(), &of_meeting(policies, &row.collective_code, &submitted, now)?)?;
    check_cut(tx, policies, &row.collective_code, row.previous_lot.as_ref(), &submitted)?;
    row.state = LotState::Submitted;
    row.submitted_by = Some(allowed.actor.account.to_string());
    row.submitted_at = Some(now);
    advance(tx, row, &allowed.by(), "lot.submitted")
}

/// The township approves or sends back.
///
/// Errors: `same_person`, a field error where the note is missing, `not_found`, `lot_not_in_state`, a stale version.
pub fn review(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::ReviewListings>,
    id: &LotId,
    review: &Review,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<Receipt> {
    let (mut row, terms) = locked(tx, &allowed.scope, id, check_version)?;
    // What was approved can still be sent back until its notice is out.
    let open: &[LotState] =
        if review.approve { &[LotState::Submitted] } else { &[LotState::Submitted, LotState::Approved] };
    rules::must_be(row.state, open)?;
    let reviewer = allowed.actor.account.to_string();
    rules::check_review(review, &reviewer, &row.drafted_by, row.submitted_by.as_deref())?;
    let (now, note) = (tx.now(), review.note.trim().to_owned());
    let seen = serde_json::to_string(&(&row.title, terms.terms()?))
        .map_err(|e| crate::db::Error::Internal(format!("terms of {id} as JSON: {e}")))?;
    let decided = ReviewRow {
        id: tx.new_id("rev"),
        lot_id: row.id.clone(),
        at: now,
        reviewed_by: reviewer.clone(),
        approved: review.approve,
        note: note.clone(),
        terms: seen,
        salt: Salt::fresh(),
    };
    decided.insert(tx)?;
    row.state = if review.approve { LotState::Approved } else { LotState::Returned };
    row.reviewed_by = Some(reviewer);
    row.reviewed_at = Some(now);
    row.review_note = note;
    advance(tx, row, &allowed.by(), if review.approve { "lot.approved" } else { "lot.returned" })
}

/// The notice goes out: number and hours are given, the auction is prepared.
///
/// Errors: field errors of the hours and of the decision, `platform_level`, `reserve_envelope_missing`, `not_found`, `lot_not_in_state`, a stale version, a calendar or policy that is missing.
pub fn publish(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    calendar: &Calendar,
    policies: &PolicyBook,
    id: &LotId,
    schedule: &Schedule,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<Receipt> {
    publish_in(tx, allowed, calendar, policies, id, schedule, None, check_version)
}

/// The same, in a notice of its own or, by its number, in one with others.
#[expect(clippy::too_many_arguments, reason = "one use case with one more word")]
pub(super) fn publish_in(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    calendar: &Calendar,
    policies: &PolicyBook,
    id: &LotId,
    schedule: &Schedule,
    notice_number: Option<String>,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<Receipt> {
    let (mut row, terms) = locked(tx, &allowed.scope, id, check_version)?;
    rules::must_be(row.state, &[LotState::Approved])?;
    let now = tx.now();
    let in_force = in_force(policies, &row.collective_code, tx)?;
    // The notice period is the one in force on the day of the notice, not of the draft.
    let mut fixed = terms.terms()?;
    fixed.notice_days = in_force.notice_working_days.value;
    fixed.result_days = in_force.result_notice_working_days.value;
    let level = in_force.platform_level(&rules::deal(&fixed));
    fixed.level = Some(level.value);
    rules::check_level(&allowed.scope, &level)?;
    check_cut(tx, policies, &row.collective_code, row.previous_lot.as_ref(), &fixed)?;
    rules::check_submission(&fixed, now.day(), &of_meeting(policies, &row.collective_code, &fixed, now)?)?;
    rules::check_schedule(schedule, now, &fixed, &in_force.enrolment_working_days, calendar)?;
    if let Some(sealed) = fixed.method.as_mut().and_then(|method| method.sealed.as_mut()) {
        sealed.open_within_h = in_force.sealed_opening_hours.value;
        sealed::check_keys(tx, sealed, schedule.opens_at, &in_force.sealed_key_hours)?;
        sealed::bind_reserve(tx, &row.id, sealed)?;
    }
    let fixed_terms = terms.with(fixed)?;
    fixed_terms.update(tx)?;
    row.state = LotState::Published;
    row.number = Some(next_number(tx, &row.collective_code)?);
    row.notice_number = notice_number;
    row.published_by = Some(allowed.actor.account.to_string());
    row.published_at = Some(now);
    row.enrol_until = Some(schedule.enrol_until);
    row.opens_at = Some(schedule.opens_at);
    row.closes_at = Some(schedule.closes_at);
    auction::prepare(tx, &row, &fixed_terms)?;
    notices::first(tx, &row, &fixed_terms)?;
    tx.wake("lots");
    advance(tx, row, &allowed.by(), "lot.published")
}

/// Whether a lot could be published now with these hours: what [`publish`] asks before it writes.
pub(super) fn check_hours(
    calendar: &Calendar,
    policies: &PolicyBook,
    lot: &LotView,
    schedule: &Schedule,
) -> std::result::Result<(), Problem> {
    let in_force = policies.rules_for(&lot.collective_code, lot.now.day()).map_err(Problem::from)?;
    let terms = Terms { notice_days: in_force.notice_working_days.value, ..lot.terms.clone() };
    rules::check_schedule(schedule, lot.now, &terms, &in_force.enrolment_working_days, calendar)
}

/// The trade is over: called by the close, and by a termination before the opening.
pub(in crate::trading) fn conclude(tx: &mut Tx<'_>, mut row: LotRow, state: LotState) -> Result<LotRow> {
    let now = tx.now();
    row.state = state;
    row.ended_at = Some(now);
    row.updated_at = now;
    row.version += 1;
    row.update(tx)?;
    tx.wake("lots");
    Ok(row)
}

/// A sale that came to nothing: when the auction ended stays as it is.
pub(in crate::trading) fn undo(tx: &mut Tx<'_>, mut row: LotRow) -> Result<LotRow> {
    row.state = LotState::Undone;
    row.updated_at = tx.now();
    row.version += 1;
    row.update(tx)?;
    tx.wake("lots");
    Ok(row)
}

/// `440703103213-20260302-01`: collective, day of the notice, number of that day.
pub(super) fn next_number(tx: &mut Tx<'_>, code: &RegionCode) -> Result<String> {
    tx.lock_row("collectives", "code", code.as_str())?;
    let day = tx.now().day().as_number();
    let prefix = format!("{code}-{day}-");
    let count = store::count_numbers(tx, &prefix)?;
    Ok(format!("{prefix}{:02}", count + 1))
}

fn locked(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: &LotId,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(LotRow, TermsRow)> {
    store::lock(tx, id)?;
    let (row, terms) = store::find(tx, Reader::Staff(scope), id)?.ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    Ok((row, terms))
}

fn advance(tx: &mut Tx<'_>, mut row: LotRow, by: &By, kind: &'static str) -> Result<Receipt> {
    row.updated_at = tx.now();
    row.version += 1;
    row.update(tx)?;
    note(tx, by, kind, &row)
}

fn note(tx: &mut Tx<'_>, by: &By, kind: &'static str, row: &LotRow) -> Result<Receipt> {
    let mut data = json!({ "state": row.state, "version": row.version });
    if let (Some(number), Some(opens), Some(closes), Some(members)) =
        (&row.number, row.opens_at, row.closes_at, data.as_object_mut())
    {
        members.insert("number".into(), json!(number));
        members.insert("opens_at".into(), json!(opens));
        members.insert("closes_at".into(), json!(closes));
    }
    record(tx, by, Fact::new(kind, &row.collective_code).about("lot", &row.id).about("asset", &row.asset_id).data(data))
}

fn title(draft: &LotDraft, terms: &Terms) -> Result<String> {
    // Whoever meets it anywhere sees that it is an exercise.
    let mark = if terms.is_practice() { "【演练】" } else { "" };
    let typed = draft.title.trim().trim_start_matches("【演练】");
    if typed.chars().count() > 100 || typed.chars().any(char::is_control) {
        return Err(Problem::field("title", Some(typed), "标题最多 100 个字，写在一行里").into());
    }
    let made = || format!("{}{}", terms.asset_name, terms.form.label());
    Ok(format!("{mark}{}", if typed.is_empty() { made() } else { typed.to_owned() }))
}

/// The rules of the day on which the collective decided; of today where no day is filled in.
pub(in crate::trading) fn of_meeting(
    policies: &PolicyBook,
    code: &RegionCode,
    terms: &Terms,
    now: Timestamp,
) -> Result<Rules> {
    Ok(policies.rules_for(code, terms.decision_on.unwrap_or_else(|| now.day())).map_err(Problem::from)?)
}

/// The opening price of another round against the one before.
fn check_cut(
    tx: &mut Tx<'_>,
    policies: &PolicyBook,
    code: &RegionCode,
    previous: Option<&LotId>,
    terms: &Terms,
) -> Result<()> {
    let Some(previous) = previous else { return Ok(()) };
    let (lot, before) = store::get(tx, previous)?;
    let before = RoundBefore { round: u32::try_from(lot.round).unwrap_or(1), terms: before.terms()? };
    Ok(rules::check_cut(terms, &before, &in_force(policies, code, tx)?)?)
}

fn in_force(policies: &PolicyBook, code: &RegionCode, tx: &mut Tx<'_>) -> Result<Rules> {
    Ok(policies.rules_for(code, tx.now().day()).map_err(Problem::from)?)
}

/// Title and terms as a correction of a notice would have them; what may be corrected is `trading::notices`' to say.
pub(in crate::trading) fn read_correction(
    tx: &mut Tx<'_>,
    scope: &Scope,
    policies: &PolicyBook,
    draft: &LotDraft,
) -> Result<(String, Terms)> {
    let (_, terms) = read_draft(tx, scope, policies, draft)?;
    Ok((title(draft, &terms)?, terms))
}

/// Checks a draft against its asset, papers and policies; gives the collective and the terms.
fn read_draft(tx: &mut Tx<'_>, scope: &Scope, policies: &PolicyBook, draft: &LotDraft) -> Result<(RegionCode, Terms)> {
    let asset = find_asset(tx, scope, &draft.asset_id)?;
    let code: RegionCode = asset
        .collective_code
        .parse()
        .map_err(|e| crate::db::Error::Internal(format!("collective of asset {}: {e}", draft.asset_id)))?;
    collectives::get(tx, scope, &code)?;
    if let Some(document) = draft.decision_document.as_deref().filter(|id| !id.trim().is_empty()) {
        paper(tx, scope, &code, document)?.ok_or_else(|| {
            Problem::field("decision_document", Some(document), "没有找到这份文件，请先上传会议记录，再从列表中选择")
        })?;
    }
    let in_force = in_force(policies, &code, tx)?;
    let mut terms = rules::check_draft(draft, &asset, &in_force, tx.now().day())?;
    for attached in terms.notice.iter_mut().flat_map(|notice| &mut notice.attachments) {
        let found = paper(tx, scope, &code, &attached.document)?;
        let public = found.filter(|paper| paper.visibility == documents::Visibility::Public).ok_or_else(|| {
            let detail = "没有找到这份公开的文件；附件应是本集体上传、可见范围为“公开”的文件";
            Problem::field("notice/attachments", Some(&attached.document), detail)
        })?;
        attached.title = public.title;
    }
    if let Some(sealed) = terms.method.as_mut().and_then(|method| method.sealed.as_mut()) {
        sealed::name_trustees(tx, &code, sealed)?;
    }
    Ok((code, terms))
}

/// A paper of this collective that the scope may see.
fn paper(tx: &mut Tx<'_>, scope: &Scope, code: &RegionCode, id: &str) -> Result<Option<documents::Document>> {
    let Ok(id) = id.trim().parse::<Id<documents::Document>>() else { return Ok(None) };
    match documents::get(tx, scope, &id) {
        Ok(paper) => Ok(Some(paper).filter(|paper| paper.collective_code == *code)),
        Err(e) if e.problem().is_some() => Ok(None),
        Err(e) => Err(e),
    }
}

fn find_asset(rx: &mut Rx<'_>, scope: &Scope, id: &str) -> Result<AssetFacts> {
    let missing = || Problem::field("asset_id", Some(id), "没有找到这项资产，请从资产台账中选择");
    let key: assets::AssetId = id.parse().map_err(|_| missing())?;
    let asset = assets::find_asset(rx, scope, &key)?.ok_or_else(missing)?;
    Ok(AssetFacts {
        collective_code: asset.collective_code,
        name: asset.facts.name,
        class: asset.facts.class.as_str().to_owned(),
        location: asset.facts.location,
        area: asset.facts.area,
        disposed: asset.facts.state == assets::State::Disposed,
    })
}
