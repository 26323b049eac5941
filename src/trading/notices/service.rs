//! Use cases: the first version of a notice, a correction, reading the versions.

use serde_json::json;

use super::{
    model::{Correction, NoticeBrief, NoticeVersion},
    rules,
    store::{self, NoticeRow},
};
use crate::{
    access::{Allowed, may},
    calendar::Calendar,
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{Problem, Timestamp, error::NOT_FOUND},
    log::{Fact, Receipt, record},
    policy::PolicyBook,
    trading::{
        auction,
        enrolment::store as enrolments,
        listing::{
            self, LotDraft, LotId, LotState, Schedule, Terms, must_be,
            store::{self as lots, LotRow, Reader, TermsRow},
        },
    },
};

/// Longest reason of a correction, in characters.
const LONGEST_REASON: usize = 500;

fn json_of(terms: &Terms, lot: &LotId) -> Result<String> {
    serde_json::to_string(terms).map_err(|e| Error::Internal(format!("terms of {lot} as JSON: {e}")))
}

fn hours(lot: &LotRow) -> Result<Schedule> {
    match (lot.enrol_until, lot.opens_at, lot.closes_at) {
        (Some(enrol_until), Some(opens_at), Some(closes_at)) => Ok(Schedule { enrol_until, opens_at, closes_at }),
        _ => Err(Error::Internal(format!("{} is published without its hours", lot.id))),
    }
}

/// Writes a version down; the transaction's record is the caller's.
fn write(
    tx: &mut Tx<'_>,
    lot: &LotRow,
    terms: &Terms,
    (number, at, made_by): (i32, Timestamp, String),
    (reason, material): (&str, bool),
) -> Result<()> {
    let Schedule { enrol_until, opens_at, closes_at } = hours(lot)?;
    let row = NoticeRow {
        id: tx.new_id("ntc"),
        lot_id: lot.id.clone(),
        number,
        at,
        made_by,
        reason: reason.to_owned(),
        material,
        title: lot.title.clone(),
        terms: json_of(terms, &lot.id)?,
        enrol_until,
        opens_at,
        closes_at,
        salt: Salt::fresh(),
    };
    row.insert(tx)
}

/// The notice as it goes out, or as it went out before versions were kept.
pub(in crate::trading) fn first(tx: &mut Tx<'_>, lot: &LotRow, terms: &TermsRow) -> Result<()> {
    let made = (1, lot.published_at.unwrap_or(lot.updated_at), lot.published_by.clone().unwrap_or_default());
    write(tx, lot, &terms.terms()?, made, ("", false))
}

/// Until when a lot's notice can be corrected, as far as the clock goes.
pub fn window(calendar: &Calendar, policies: &PolicyBook, lot: &LotRow) -> Result<Option<Timestamp>> {
    let (Some(published), Some(enrol_until)) = (lot.published_at, lot.enrol_until) else { return Ok(None) };
    let rules = policies.rules_for(&lot.collective_code, published.day()).map_err(Problem::from)?;
    let window = &rules.correction_window_working_days;
    Ok(Some(rules::window_end(calendar, published, enrol_until, window).map_err(Problem::from)?))
}

/// The same, of a lot that whoever asks may see.
pub fn window_of(rx: &mut Rx<'_>, calendar: &Calendar, policies: &PolicyBook, id: &LotId) -> Result<Option<Timestamp>> {
    window(calendar, policies, &lots::get(rx, id)?.0)
}

/// Puts a notice right: a new version beside the old, with its reason; the hours move later where it matters.
///
/// Errors: field errors, `notice_frozen`, `nothing_corrected`, `platform_level`, `not_found`, `lot_not_in_state`, a stale
/// version, a calendar or policy that is missing.
pub fn correct(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RunAuctions>,
    calendar: &Calendar,
    policies: &PolicyBook,
    id: &LotId,
    correction: &Correction,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<Receipt> {
    auction::store::lock(tx, id)?;
    lots::lock(tx, id)?;
    let (mut row, terms) = lots::find(tx, Reader::Staff(&allowed.scope), id)?.ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    must_be(row.state, &[LotState::Published])?;
    let now = tx.now_after(row.updated_at);
    let in_force = policies.rules_for(&row.collective_code, now.day()).map_err(Problem::from)?;
    let old = terms.terms()?;
    listing::check_level(&allowed.scope, &in_force.platform_level(&listing::deal(&old)))?;
    let until = window(calendar, policies, &row)?.ok_or(&NOT_FOUND)?;
    let enrolled = enrolments::has_any(tx, id)?;
    rules::check_open(now, until, enrolled)?;
    let reason = correction.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        let detail = format!("请写明更正的原因，最多 {LONGEST_REASON} 个字；会写进公告");
        return Err(Problem::field("reason", None, detail).into());
    }

    let draft = fill(LotDraft::of_terms(&row.asset_id, &row.title, &old), correction);
    let (title, new) = listing::read_correction(tx, &allowed.scope, policies, &draft)?;
    let new = rules::corrected(&old, new);
    let before = hours(&row)?;
    let texts_matter = rules::is_material((&row.title, &old), (&title, &new));
    let asked = correction.schedule.as_ref();
    let days = &in_force.correction_notice_working_days;
    let after = rules::hours(&before, asked, texts_matter, now, (&new, days), calendar)?;
    if title == row.title && new == old && after == before {
        return Err((&rules::NOTHING_CORRECTED).into());
    }
    let material = texts_matter || after != before;

    let mut last = store::list_public(tx, id)?.last().map(|version| version.number);
    if last.is_none() {
        first(tx, &row, &terms)?;
        last = Some(1);
    }
    row.title = title;
    row.enrol_until = Some(after.enrol_until);
    row.opens_at = Some(after.opens_at);
    row.closes_at = Some(after.closes_at);
    row.updated_at = now;
    row.version += 1;
    row.update(tx)?;
    let terms = terms.with(new)?;
    terms.update(tx)?;
    auction::reschedule(tx, &row, &terms)?;
    let number = last.unwrap_or(0).saturating_add(1);
    let made = (number, now, allowed.actor.account.to_string());
    write(tx, &row, &terms.terms()?, made, (reason, material))?;
    tx.wake("lots");
    tx.wake(auction::topic(id));
    let data = json!({ "version": number, "reason": reason, "opens_at": after.opens_at, "closes_at": after.closes_at });
    let fact = Fact::new("notice.corrected", &row.collective_code).about("lot", &row.id).about("asset", &row.asset_id);
    record(tx, &allowed.by(), fact.data(data))
}

fn fill(draft: LotDraft, correction: &Correction) -> LotDraft {
    let or = |new: &Option<String>, old: String| new.clone().unwrap_or(old);
    LotDraft {
        title: or(&correction.title, draft.title),
        usage: or(&correction.usage, draft.usage),
        conditions: or(&correction.conditions, draft.conditions),
        priority: or(&correction.priority, draft.priority),
        remarks: or(&correction.remarks, draft.remarks),
        contact: or(&correction.contact, draft.contact),
        notice: correction.notice.clone().unwrap_or(draft.notice),
        ..draft
    }
}

fn brief(row: &NoticeRow) -> NoticeBrief {
    NoticeBrief { number: row.number, at: row.at, reason: row.reason.clone(), material: row.material }
}

/// The versions of a lot that the caller may show; empty for one that was published before versions were kept.
pub fn briefs(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<NoticeBrief>> {
    Ok(store::list_public(rx, lot)?.iter().map(brief).collect())
}

/// The number of the version that is in force; 1 for a notice of an older program, which was never corrected.
pub fn in_force(rx: &mut Rx<'_>, lot: &LotId) -> Result<i32> {
    Ok(store::list_public(rx, lot)?.last().map_or(1, |version| version.number))
}

/// Every version of a public lot's notice, the newest first.
///
/// Errors: `not_found`.
pub fn versions(rx: &mut Rx<'_>, lot: &LotId) -> Result<Vec<NoticeVersion>> {
    let (row, terms) = lots::find(rx, Reader::Public, lot)?.ok_or(&NOT_FOUND)?;
    let kept = store::list_public(rx, lot)?;
    if kept.is_empty() {
        let Schedule { enrol_until, opens_at, closes_at } = hours(&row)?;
        let at = row.published_at.unwrap_or(row.updated_at);
        let brief = NoticeBrief { number: 1, at, reason: String::new(), material: false };
        let terms = Terms { reserve_price: None, ..terms.terms()? };
        return Ok(vec![NoticeVersion { brief, title: row.title, terms, enrol_until, opens_at, closes_at }]);
    }
    kept.into_iter()
        .rev()
        .map(|row| {
            let terms = serde_json::from_str(&row.terms)
                .map_err(|e| Error::Internal(format!("terms of notice {}: {e}", row.id)))?;
            let (enrol_until, opens_at, closes_at) = (row.enrol_until, row.opens_at, row.closes_at);
            Ok(NoticeVersion { brief: brief(&row), title: row.title, terms, enrol_until, opens_at, closes_at })
        })
        .collect()
}

/// One version of a public lot's notice.
///
/// Errors: `not_found`.
pub fn version(rx: &mut Rx<'_>, lot: &LotId, number: i32) -> Result<NoticeVersion> {
    let all = versions(rx, lot)?;
    Ok(all.into_iter().find(|version| version.brief.number == number).ok_or(&NOT_FOUND)?)
}
