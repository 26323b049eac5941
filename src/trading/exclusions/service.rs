//! Use cases: recording, lifting, reading; and whether somebody is excluded.

use serde_json::json;

use super::{
    model::{Exclusion, ExclusionId, Ground, Lifting, NewExclusion},
    rules::{self, Told},
    store::{self, ExclusionRow},
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{Day, Page, PageRequest, Problem, codes::RegionCode, error::NOT_FOUND, text::mask_id},
    log::{By, Fact, Receipt, record},
    policy::PolicyBook,
    trading::enrolment::{BidderKind, EnrolmentId, store::EnrolmentRow},
    vault::{BlindIndex, Field, Sealed, Vault},
};

/// Whom an exclusion is about, as the vault keeps it.
#[derive(Debug, Clone)]
pub struct Subject {
    pub kind: BidderKind,
    pub name: String,
    pub id_number: Sealed,
    pub id_index: BlindIndex,
    /// Whose conduct it follows from, where it is that of a bidder.
    pub enrolment: Option<EnrolmentId>,
}

impl Subject {
    /// The bidder of an enrolment. The sealed number goes over as it stands: nobody looks at it.
    pub fn of_enrolment(row: &EnrolmentRow) -> Subject {
        Subject {
            kind: row.bidder_kind,
            name: row.name.clone(),
            id_number: row.id_number.clone(),
            id_index: row.id_index.clone(),
            enrolment: Some(row.id.clone()),
        }
    }
}

/// An exclusion that was decided. That its period is one that the policy of the place allows
/// ([`Rules::exclusion_months`](crate::policy::Rules::exclusion_months), [`check_period`](super::rules::check_period)), the
/// caller has seen to.
#[derive(Debug, Clone)]
pub struct New {
    pub subject: Subject,
    /// The place whose whole area it covers.
    pub region_code: RegionCode,
    pub ground: Ground,
    pub note: String,
    pub decision_number: String,
    pub from: Day,
    /// `None`: until it is lifted.
    pub until: Option<Day>,
}

/// Records an exclusion in the caller's transaction, with an entry of its own: for a decision of another domain, such as the
/// forfeiture of a winner's deposit.
///
/// Errors: a field error on `until` where it lies before `from`.
pub fn exclude(tx: &mut Tx<'_>, by: &By, new: &New) -> Result<(ExclusionId, Receipt)> {
    let now = tx.now();
    if new.until.is_some_and(|until| until < new.from) {
        return Err(Problem::field("until", None, format!("最后一天不能早于 {}", new.from)).into());
    }
    let subject = &new.subject;
    let row = ExclusionRow {
        id: tx.new_id("exc"),
        region_code: new.region_code.clone(),
        subject_kind: subject.kind,
        name: subject.name.clone(),
        id_number: subject.id_number.clone(),
        id_index: subject.id_index.clone(),
        ground: new.ground,
        note: new.note.clone(),
        decision_number: new.decision_number.clone(),
        from_day: new.from,
        until_day: new.until,
        enrolment_id: subject.enrolment.clone(),
        recorded_by: by.account.clone(),
        recorded_at: now,
        lifted_by: None,
        lifted_at: None,
        lift_decision: None,
        lift_reason: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let data = json!({ "why": row.ground, "starts_on": row.from_day, "ends_on": row.until_day });
    let fact = Fact::new("exclusion.recorded", &row.region_code).about("exclusion", &row.id).data(data);
    let receipt = record(tx, by, fact)?;
    Ok((row.id, receipt))
}

/// The trading officer records a decision.
///
/// Errors: field errors, a policy that is missing.
pub fn record_new(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepExclusions>,
    vault: &Vault,
    policies: &PolicyBook,
    new: &NewExclusion,
) -> Result<(Exclusion, Receipt)> {
    let today = tx.now().day();
    let place = RegionCode::read(&new.region_code)
        .map_err(|e| Problem::field("region_code", Some(&new.region_code), e.to_string()))?;
    if !allowed.scope.contains(place.as_str()) {
        let detail = "只能登记本辖区的限制；要管更大范围的，请上级登记";
        return Err(Problem::field("region_code", Some(&new.region_code), detail).into());
    }
    let most = policies.rules_for(&place, today).map_err(Problem::from)?.exclusion_months;
    let read = rules::read(new, today, &most)?;
    let subject = Subject {
        kind: new.kind,
        name: read.name,
        id_number: vault.seal(Field::IdNumber, &read.id_number)?,
        id_index: vault.index(Field::IdNumber, &read.id_number),
        enrolment: None,
    };
    let decided = New {
        subject,
        region_code: read.region_code,
        ground: new.ground,
        note: read.note,
        decision_number: read.decision_number,
        from: read.from,
        until: read.until,
    };
    let (id, receipt) = exclude(tx, &allowed.by(), &decided)?;
    let row = store::find(tx, &allowed.scope, &id)?.ok_or(&NOT_FOUND)?;
    Ok((view(tx, vault, row, today)?, receipt))
}

/// Another decision lifts an exclusion.
///
/// Errors: field errors, `exclusion_lifted`, `not_found`, a stale version.
pub fn lift(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepExclusions>,
    vault: &Vault,
    id: &ExclusionId,
    lifting: &Lifting,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(Exclusion, Receipt)> {
    store::lock(tx, id)?;
    let mut row = store::find(tx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    if row.lifted_at.is_some() {
        return Err((&rules::EXCLUSION_LIFTED).into());
    }
    let (number, reason) = rules::read_lifting(lifting, &row.decision_number)?;
    let now = tx.now_after(row.recorded_at);
    row.lifted_by = Some(allowed.actor.account.to_string());
    row.lifted_at = Some(now);
    row.lift_decision = Some(number);
    row.lift_reason = Some(reason);
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new("exclusion.lifted", &row.region_code).about("exclusion", &row.id);
    let receipt = record(tx, &allowed.by(), fact.data(json!({ "why": row.ground })))?;
    Ok((view(tx, vault, row, now.day())?, receipt))
}

/// The exclusions of the scope, newest first.
pub fn list(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadExclusions>,
    vault: &Vault,
    page: &PageRequest,
    today: Day,
) -> Result<Page<Exclusion>> {
    let page = Page::from_rows(store::list(rx, &allowed.scope, page)?, page.limit(), |row| row.id.to_string());
    let items = page.items.into_iter().map(|row| view(rx, vault, row, today));
    Ok(Page { items: items.collect::<Result<_>>()?, next: page.next })
}

/// One exclusion of the scope, for who may lift it.
///
/// Errors: `not_found`.
pub fn get(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::KeepExclusions>,
    vault: &Vault,
    id: &ExclusionId,
    today: Day,
) -> Result<Exclusion> {
    let row = store::find(rx, &allowed.scope, id)?.ok_or(&NOT_FOUND)?;
    view(rx, vault, row, today)
}

/// Whether who has this number may enrol at a place today.
///
/// Errors: `excluded`.
pub fn check(
    rx: &mut Rx<'_>,
    (index, name): (&BlindIndex, &str),
    place: &RegionCode,
    today: Day,
    whom_to_ask: &str,
) -> Result<()> {
    let places: Vec<RegionCode> = place.ancestry().collect();
    let Some(row) = store::in_force(rx, index, &places, today)? else { return Ok(()) };
    let told =
        Told { ground: row.ground, note: &row.note, decision_number: &row.decision_number, until: row.until_day };
    Err(rules::refusal(&told, row.name == name, whom_to_ask).into())
}

fn view(rx: &mut Rx<'_>, vault: &Vault, row: ExclusionRow, today: Day) -> Result<Exclusion> {
    Ok(Exclusion {
        nth: store::nth(rx, &row)?,
        id_number: vault.masked(Field::IdNumber, &row.id_number, mask_id)?,
        standing: rules::standing(row.from_day, row.until_day, row.lifted_at.is_some(), today),
        id: row.id,
        region_code: row.region_code,
        kind: row.subject_kind,
        name: row.name,
        ground: row.ground,
        note: row.note,
        decision_number: row.decision_number,
        from: row.from_day,
        until: row.until_day,
        recorded_at: row.recorded_at,
        lifted_at: row.lifted_at,
        lift_decision: row.lift_decision,
        lift_reason: row.lift_reason,
        version: row.version,
    })
}
