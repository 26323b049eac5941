//! Use cases: registering, correcting, moving, ending; lists and looks.

use serde_json::json;

use super::{
    Relation,
    model::{
        ChangeMembership, CorrectPerson, EndMembership, FormerPerson, Household, HouseholdState, HouseholdView,
        HouseholdWithMembers, Loss, MemberFilter, MemberView, Membership, MembershipState, Person, PersonView,
        RegisterMember,
    },
    roster::{past_day, read_ground, read_household_number},
    rules::{self, Ending, HOUSEHOLD_HAS_HEAD, MEMBERSHIP_ENDED, OnRecord, PERSON_ERASED},
    store::{self, FormerPersonRow, HouseholdRow, Listed, ListedHousehold, MembershipRow, PersonRow},
};
use crate::{
    access::{Allowed, Permission, Scope, may},
    collectives,
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{
        Day, FieldError, Id, Page, PageRequest, Problem,
        codes::{RegionCode, ResidentId},
        error::NOT_FOUND,
        text::{mask_id, mask_phone, read_day, read_name, read_phone},
    },
    log::{Fact, Receipt, record},
    vault::{Field, Look, Sealed, Vault},
};

/// Longest note, basis or reason.
const LONGEST_TEXT: usize = 200;

/// Members of the actor's scope, by collective and in the order of entry.
pub fn list_members<P: Permission>(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<P>,
    filter: &MemberFilter,
    page: &PageRequest,
) -> Result<Page<MemberView>> {
    let rows = store::list_members(rx, &allowed.scope, filter, page)?;
    let found = Page::from_rows(rows, page.limit(), |(m, ..)| m.id.to_string());
    let items = found.items.into_iter().map(|row| view(vault, row)).collect::<Result<_>>()?;
    Ok(Page { items, next: found.next })
}

/// Members with this ID number, in the actor's scope.
pub fn find_by_id_number(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::ReadMembers>,
    id_number: &ResidentId,
) -> Result<Vec<MemberView>> {
    let index = vault.index(Field::IdNumber, id_number.expose());
    let rows = store::find_by_index(rx, &allowed.scope, &index, false)?;
    rows.into_iter().map(|row| view(vault, row)).collect()
}

/// Members with this phone, in the actor's scope.
pub fn find_by_phone(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::ReadMembers>,
    phone: &str,
) -> Result<Vec<MemberView>> {
    let rows = store::find_by_index(rx, &allowed.scope, &vault.index(Field::Phone, phone), true)?;
    rows.into_iter().map(|row| view(vault, row)).collect()
}

/// One membership. Errors: `not_found`, also for another village's.
pub fn get_member<P: Permission>(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<P>,
    id: &Id<Membership>,
) -> Result<MemberView> {
    view(vault, load_member(rx, &allowed.scope, id)?)
}

/// One person with the memberships in the actor's scope. Errors: `not_found`.
pub fn get_person(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::ReadMembers>,
    id: &Id<Person>,
) -> Result<PersonView> {
    let person = load_person(rx, &allowed.scope, id)?;
    person_view(rx, vault, &allowed.scope, person)
}

/// Households of the actor's scope, by collective and number.
pub fn list_households(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadMembers>,
    collective: Option<&str>,
    page: &PageRequest,
) -> Result<Page<HouseholdView>> {
    let rows = store::list_households(rx, &allowed.scope, collective, page)?;
    Ok(Page::from_rows(rows, page.limit(), |(h, ..)| h.id.to_string()).map(household_view))
}

/// One household with everybody who belongs or belonged to it. Errors: `not_found`.
pub fn get_household(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::ReadMembers>,
    id: &Id<Household>,
) -> Result<HouseholdWithMembers> {
    let row = store::find_household(rx, &allowed.scope, id)?.ok_or_else(|| Error::from(&NOT_FOUND))?;
    let filter = MemberFilter { household: Some(id.clone()), ..MemberFilter::default() };
    let page = PageRequest { limit: Some(PageRequest::MOST), after: None };
    let people = list_members(rx, vault, allowed, &filter, &page)?.items;
    Ok(HouseholdWithMembers { household: household_view(store::with_head(rx, row)?), people })
}

/// What somebody typed into the one search box, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Member(Id<Membership>),
    Household(Id<Household>),
    /// Neither a whole number nor a household's: a part of a name.
    Name(String),
    /// A whole ID number or phone that nobody in the scope has.
    Nobody,
}

/// Finds by a whole ID number, a whole phone, a household's number, or a part of a name.
pub fn find(
    rx: &mut Rx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::ReadMembers>,
    typed: &str,
    today: Day,
) -> Result<Found> {
    let typed = typed.trim();
    let first = |found: Vec<MemberView>| found.into_iter().next().map_or(Found::Nobody, |m| Found::Member(m.id));
    if let Ok(id) = ResidentId::read(typed, today) {
        return Ok(first(find_by_id_number(rx, vault, allowed, &id.value)?));
    }
    if let Ok(phone) = read_phone(typed) {
        return Ok(first(find_by_phone(rx, vault, allowed, &phone)?));
    }
    if let Ok(number) = read_household_number(typed)
        && let Some(household) = store::households_numbered(rx, &allowed.scope, &number)?.into_iter().next()
    {
        return Ok(Found::Household(household.id));
    }
    // A number that is not quite right is nobody's name, and must not stand in an address.
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    Ok(if digits > 6 { Found::Nobody } else { Found::Name(typed.to_owned()) })
}

/// Registers a member; opens the household where there is none of its number, and makes the first member of a household
/// without a head its head where the relation says so.
///
/// Errors: field errors for everything that must be changed at once; `already_member`, `member_elsewhere`,
/// `other_name_on_record`, `household_has_head`.
pub fn register_member(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepMembers>,
    new: &RegisterMember,
) -> Result<(MemberView, Receipt)> {
    let today = tx.now().day();
    let checked = check_registration(tx, &allowed.scope, new, today)?;
    let Registration { collective, name, id, .. } = &checked;
    tx.lock_row("collectives", "code", collective.as_str())?;
    let index = vault.index(Field::IdNumber, id.expose());
    let known = store::find_person_anywhere(tx, &index)?;
    let on_record = known.as_ref().map(|(person, active)| OnRecord {
        name: person.name.clone(),
        active_in: active.iter().map(ToString::to_string).collect(),
    });
    rules::decide_registration(on_record.as_ref(), collective.as_str(), name)?;
    let person = match known {
        Some((person, _)) => person,
        None => {
            let person = PersonRow {
                id: tx.new_id("per"),
                name: name.clone(),
                sex: id.sex(),
                birth: id.birth(),
                id_number: vault.seal(Field::IdNumber, id.expose())?,
                id_index: index,
                phone: checked.phone.as_deref().map(|p| vault.seal(Field::Phone, p)).transpose()?,
                phone_index: checked.phone.as_deref().map(|p| vault.index(Field::Phone, p)),
                address: checked.address.as_deref().map(|a| vault.seal(Field::Address, a)).transpose()?,
                created_at: tx.now(),
                version: 1,
                salt: Salt::fresh(),
                erased_at: None,
            };
            person.insert(tx).map_err(|e| taken(e, &rules::MEMBER_ELSEWHERE))?;
            person
        }
    };
    let household = enter_household(tx, collective, &checked.household_number, &person.id, checked.relation)?;
    let row = MembershipRow {
        id: tx.new_id("mem"),
        person_id: person.id.clone(),
        household_id: household.id.clone(),
        collective_code: collective.clone(),
        relation: checked.relation,
        ground: checked.ground,
        basis: checked.basis.clone(),
        acquired_on: checked.acquired_on,
        note: checked.note.clone(),
        state: MembershipState::Active,
        loss_cause: None,
        loss_basis: None,
        lost_on: None,
        retained_until: None,
        created_at: tx.now(),
        version: 1,
        salt: Salt::fresh(),
        change_reason: None,
    };
    row.insert(tx).map_err(|e| taken(e, &rules::ALREADY_MEMBER))?;
    let fact = Fact::new("member.registered", collective)
        .about("member", &row.id)
        .about("person", &person.id)
        .about("household", &household.id)
        .data(json!({ "ground": row.ground, "acquired_on": row.acquired_on, "relation": row.relation }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(vault, (row, person, household.number))?, receipt))
}

/// Corrects a person's name, phone or address; what the record said before is kept. The ID number is never corrected: a
/// wrong one is another person. Errors: field errors, `not_found`, a stale version.
pub fn correct_person(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepMembers>,
    id: &Id<Person>,
    change: &CorrectPerson,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(PersonView, Receipt)> {
    tx.lock_row("persons", "id", id.as_str())?;
    let mut person = load_person(tx, &allowed.scope, id)?;
    check_version(person.version)?;
    if person.erased_at.is_some() {
        return Err((&PERSON_ERASED).into());
    }
    let mut faults = Vec::new();
    let name = change.name.as_deref().and_then(|t| keep(&mut faults, "name", t, read_name(t).map(|n| n.value)));
    let phone = change.phone.as_deref().map(str::trim);
    let new_phone =
        phone.filter(|t| !t.is_empty()).and_then(|t| keep(&mut faults, "phone", &mask_phone(t), read_phone(t)));
    let address = change.address.as_deref().map(str::trim);
    if let Some(address) = address {
        keep(&mut faults, "address", "", short(address, true));
    }
    let reason = keep(&mut faults, "reason", &change.reason, short(&change.reason, false));
    if !faults.is_empty() {
        return Err(Problem::fields(faults).into());
    }
    let former = FormerPersonRow {
        id: tx.new_id("fmr"),
        person_id: person.id.clone(),
        person_version: person.version,
        name: person.name.clone(),
        phone: person.phone.clone(),
        address: person.address.clone(),
        until: tx.now(),
        reason: reason.unwrap_or_default(),
        salt: Salt::fresh(),
    };
    former.insert(tx)?;
    let mut changed = Vec::new();
    if let Some(name) = name {
        person.name = name;
        changed.push("name");
    }
    if phone.is_some() {
        person.phone = new_phone.as_deref().map(|p| vault.seal(Field::Phone, p)).transpose()?;
        person.phone_index = new_phone.as_deref().map(|p| vault.index(Field::Phone, p));
        changed.push("phone");
    }
    if let Some(address) = address {
        person.address = if address.is_empty() { None } else { Some(vault.seal(Field::Address, address)?) };
        changed.push("address");
    }
    person.version += 1;
    person.update(tx)?;
    let memberships = store::memberships_of(tx, &allowed.scope, id)?;
    let scope = memberships.first().map_or_else(RegionCode::country, |(m, ..)| m.collective_code.clone());
    let mut fact = Fact::new("person.corrected", scope).about("person", id).data(json!({ "changed": changed }));
    for (membership, ..) in &memberships {
        fact = fact.about("member", &membership.id);
    }
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((person_view(tx, vault, &allowed.scope, person)?, receipt))
}

/// Moves a member to another household, changes the relation or the note. Errors: field errors, `not_found`,
/// `membership_ended`, `household_has_head`, a stale version.
pub fn change_membership(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepMembers>,
    id: &Id<Membership>,
    change: &ChangeMembership,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(MemberView, Receipt)> {
    tx.lock_row("memberships", "id", id.as_str())?;
    let (mut row, person, number) = load_member(tx, &allowed.scope, id)?;
    check_version(row.version)?;
    if row.state != MembershipState::Active {
        return Err((&MEMBERSHIP_ENDED).into());
    }
    let mut faults = Vec::new();
    let relation = change.relation.as_deref().and_then(|t| keep(&mut faults, "relation", t, Relation::read(t)));
    let new_number = change
        .household_number
        .as_deref()
        .and_then(|t| keep(&mut faults, "household_number", t, read_household_number(t)));
    let note = change.note.as_deref().and_then(|t| keep(&mut faults, "note", t, short(t, true)));
    let reason = keep(&mut faults, "reason", &change.reason, short(&change.reason, false));
    if !faults.is_empty() {
        return Err(Problem::fields(faults).into());
    }
    tx.lock_row("collectives", "code", row.collective_code.as_str())?;
    let before = row.household_id.clone();
    let relation = relation.unwrap_or(row.relation);
    let number = new_number.unwrap_or(number);
    leave_headship(tx, &allowed.scope, &row)?;
    let household = enter_household(tx, &row.collective_code, &number, &person.id, relation)?;
    row.household_id = household.id.clone();
    row.relation = relation;
    row.note = note.unwrap_or(row.note);
    row.change_reason = reason;
    row.version += 1;
    row.update(tx)?;
    let mut fact = Fact::new("member.changed", &row.collective_code)
        .about("member", &row.id)
        .about("person", &person.id)
        .about("household", &household.id)
        .data(json!({ "from_household": before, "to_household": household.id, "relation": relation }));
    if before != household.id {
        fact = fact.about("household", &before);
    }
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(vault, (row, person, household.number))?, receipt))
}

/// Ends a membership by a cause of LREC arts. 16 and 17; the record stays. Errors: field errors, `loss_cause_forbidden`,
/// `membership_ended`, `not_found`.
pub fn end_membership(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::KeepMembers>,
    id: &Id<Membership>,
    end: &EndMembership,
) -> Result<(MemberView, Receipt)> {
    tx.lock_row("memberships", "id", id.as_str())?;
    let (mut row, person, number) = load_member(tx, &allowed.scope, id)?;
    let cause = rules::read_cause(&end.cause)?;
    let mut faults = Vec::new();
    let lost_on = keep(&mut faults, "lost_on", &end.lost_on, read_day(&end.lost_on));
    let until = Some(end.retained_until.trim()).filter(|t| !t.is_empty());
    let retained_until = until.and_then(|t| keep(&mut faults, "retained_until", t, read_day(t)));
    let basis = keep(&mut faults, "basis", &end.basis, short(&end.basis, true)).unwrap_or_default();
    let Some(lost_on) = lost_on.filter(|_| faults.is_empty()) else {
        return Err(Problem::fields(faults).into());
    };
    let ending = Ending { state: row.state, acquired_on: row.acquired_on, cause, basis, lost_on, retained_until };
    let state = rules::decide_ending(&ending, tx.now().day())?;
    leave_headship(tx, &allowed.scope, &row)?;
    row.state = state;
    row.loss_cause = Some(cause);
    row.loss_basis = Some(ending.basis);
    row.lost_on = Some(lost_on);
    row.retained_until = retained_until;
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new("member.ended", &row.collective_code)
        .about("member", &row.id)
        .about("person", &person.id)
        .about("household", &row.household_id)
        .data(json!({ "cause": cause, "lost_on": lost_on, "retained_until": retained_until }));
    let receipt = record(tx, &allowed.by(), fact)?;
    Ok((view(vault, (row, person, number))?, receipt))
}

/// Opens a person's ID number, phone or address, with a reason that goes on record. `None` where nothing is recorded.
/// Errors: `not_found`, a field error without a reason.
pub fn reveal(
    tx: &mut Tx<'_>,
    vault: &Vault,
    allowed: &Allowed<may::OpenPersonalData>,
    id: &Id<Person>,
    field: Field,
    reason: &str,
) -> Result<Option<(crate::vault::Clear, Receipt)>> {
    let reason = short(reason, false).map_err(|words| Problem::field("reason", Some(reason), words))?;
    let person = load_person(tx, &allowed.scope, id)?;
    if person.erased_at.is_some() {
        return Err((&PERSON_ERASED).into());
    }
    let sealed: Option<&Sealed> = match field {
        Field::IdNumber => Some(&person.id_number),
        Field::Phone => person.phone.as_ref(),
        Field::Address => person.address.as_ref(),
        Field::BankAccount | Field::Mail | Field::Reserve => None,
    };
    let Some(sealed) = sealed else { return Ok(None) };
    let scope = store::memberships_of(tx, &allowed.scope, id)?
        .first()
        .map_or_else(RegionCode::country, |(m, ..)| m.collective_code.clone());
    let by = allowed.by();
    let look = Look { by: &by, scope: scope.as_str(), person: id.as_str(), reason: &reason };
    vault.open(tx, &look, field, sealed).map(Some)
}

/// The household of this number, opened where there is none, with the person as its head where the relation says so.
fn enter_household(
    tx: &mut Tx<'_>,
    collective: &RegionCode,
    number: &str,
    person: &Id<Person>,
    relation: Relation,
) -> Result<HouseholdRow> {
    let heads = relation == Relation::HEAD;
    match store::find_household_by_number(tx, collective, number)? {
        None => {
            let row = HouseholdRow {
                id: tx.new_id("hh"),
                collective_code: collective.clone(),
                number: number.to_owned(),
                head_id: heads.then(|| person.clone()),
                state: HouseholdState::Active,
                created_at: tx.now(),
                version: 1,
                salt: Salt::fresh(),
            };
            row.insert(tx)?;
            Ok(row)
        }
        Some(row) if !heads || row.head_id.as_ref() == Some(person) => Ok(row),
        Some(mut row) => {
            if row.head_id.is_some() {
                let words = "这一户已经有户主；请先把原户主的关系改为其他，或核对户编号和与户主关系";
                return Err(Problem::new(&HOUSEHOLD_HAS_HEAD, words).into());
            }
            row.head_id = Some(person.clone());
            row.version += 1;
            row.update(tx)?;
            Ok(row)
        }
    }
}

/// A head who moves, changes or ends leaves the household without one.
fn leave_headship(tx: &mut Tx<'_>, scope: &Scope, row: &MembershipRow) -> Result<()> {
    let Some(mut household) = store::find_household(tx, scope, &row.household_id)? else { return Ok(()) };
    if household.head_id.as_ref() == Some(&row.person_id) {
        household.head_id = None;
        household.version += 1;
        household.update(tx)?;
    }
    Ok(())
}

/// Every field of a registration, read.
struct Registration {
    collective: RegionCode,
    household_number: String,
    name: String,
    id: ResidentId,
    phone: Option<String>,
    address: Option<String>,
    relation: Relation,
    ground: super::model::Ground,
    basis: String,
    acquired_on: Day,
    note: String,
}

fn check_registration(rx: &mut Rx<'_>, scope: &Scope, new: &RegisterMember, today: Day) -> Result<Registration> {
    let mut faults = Vec::new();
    let collective = keep(&mut faults, "collective_code", &new.collective_code, new.collective_code.trim().parse());
    if let Some(code) = &collective
        && let Err(e) = collectives::get(rx, scope, code)
    {
        e.problem().map(|_| ()).ok_or(e)?;
        let words = "没有找到这个集体经济组织，请在您管理的集体中选择";
        faults.push(FieldError::new("collective_code", Some(&new.collective_code), words));
    }
    let household_number =
        keep(&mut faults, "household_number", &new.household_number, read_household_number(&new.household_number));
    let name = keep(&mut faults, "name", &new.name, read_name(&new.name).map(|n| n.value));
    let id_seen = mask_id(new.id_number.trim());
    let id = keep(&mut faults, "id_number", &id_seen, ResidentId::read(&new.id_number, today).map(|n| n.value));
    let phone = Some(new.phone.trim()).filter(|t| !t.is_empty());
    let phone = phone.and_then(|t| keep(&mut faults, "phone", &mask_phone(t), read_phone(t)));
    let address = keep(&mut faults, "address", "", short(&new.address, true)).filter(|t| !t.is_empty());
    let relation = keep(&mut faults, "relation", &new.relation, Relation::read(&new.relation));
    let ground = keep(&mut faults, "ground", &new.ground, read_ground(&new.ground));
    let basis = keep(&mut faults, "basis", &new.basis, short(&new.basis, false));
    let acquired_on = keep(&mut faults, "acquired_on", &new.acquired_on, past_day(&new.acquired_on, today));
    let note = keep(&mut faults, "note", &new.note, short(&new.note, true));
    if let (Some(id), Some(on)) = (&id, acquired_on)
        && on < id.birth()
    {
        let words = "取得日期不能早于出生日期";
        faults.push(FieldError::new("acquired_on", Some(&new.acquired_on), words));
    }
    match (collective, household_number, name, id, relation, ground, basis, acquired_on, note) {
        (
            Some(collective),
            Some(household_number),
            Some(name),
            Some(id),
            Some(relation),
            Some(ground),
            Some(basis),
            Some(acquired_on),
            Some(note),
        ) if faults.is_empty() => Ok(Registration {
            collective,
            household_number,
            name,
            id,
            phone,
            address,
            relation,
            ground,
            basis,
            acquired_on,
            note,
        }),
        _ => Err(Problem::fields(faults).into()),
    }
}

/// A value that was read, or one more field that must be changed. `seen` is shown: mask it where it is personal.
fn keep<T>(
    faults: &mut Vec<FieldError>,
    field: &str,
    seen: &str,
    read: std::result::Result<T, impl ToString>,
) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(fault) => {
            let seen = Some(seen.trim()).filter(|s| !s.is_empty());
            faults.push(FieldError::new(field, seen, fault.to_string()));
            None
        }
    }
}

/// Free text: trimmed, not too long, without control characters.
fn short(text: &str, may_be_empty: bool) -> std::result::Result<String, String> {
    let text = text.trim();
    if text.is_empty() && !may_be_empty {
        return Err("请填写这一项，例如“2018年6月30日成员大会决议”".into());
    }
    if text.chars().count() > LONGEST_TEXT {
        return Err(format!("最多 {LONGEST_TEXT} 个字，请写短一些"));
    }
    if text.chars().any(|c| c.is_control()) {
        return Err("请去掉看不见的控制字符，写成一行".into());
    }
    Ok(text.to_owned())
}

fn taken(e: Error, code: &'static crate::kernel::Code) -> Error {
    if e.is_unique_violation() { code.into() } else { e }
}

pub(super) fn load_member(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Membership>) -> Result<Listed> {
    store::find_member(rx, scope, id)?.ok_or_else(|| (&NOT_FOUND).into())
}

pub(super) fn load_person(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Person>) -> Result<PersonRow> {
    store::find_person(rx, scope, id)?.ok_or_else(|| (&NOT_FOUND).into())
}

fn person_view(rx: &mut Rx<'_>, vault: &Vault, scope: &Scope, person: PersonRow) -> Result<PersonView> {
    let memberships = store::memberships_of(rx, scope, &person.id)?;
    let former = store::former_of(rx, &person.id)?;
    Ok(PersonView {
        memberships: memberships.into_iter().map(|row| view(vault, row)).collect::<Result<_>>()?,
        former: former
            .into_iter()
            .map(|f| FormerPerson { version: f.person_version, name: f.name, until: f.until, reason: f.reason })
            .collect(),
        id: person.id,
        name: person.name,
        erased_at: person.erased_at,
        version: person.version,
    })
}

fn household_view((row, head_name, members): ListedHousehold) -> HouseholdView {
    HouseholdView {
        id: row.id,
        collective_code: row.collective_code.to_string(),
        number: row.number,
        head_name,
        head_id: row.head_id,
        members,
        state: row.state,
        version: row.version,
    }
}

pub(super) fn view(vault: &Vault, (row, person, household_number): Listed) -> Result<MemberView> {
    let loss = match (row.loss_cause, row.loss_basis, row.lost_on) {
        (Some(cause), Some(basis), Some(on)) => Some(Loss { cause, basis, on, retained_until: row.retained_until }),
        _ => None,
    };
    Ok(MemberView {
        id_number_masked: vault.masked(Field::IdNumber, &person.id_number, mask_id)?,
        phone_masked: person.phone.as_ref().map(|p| vault.masked(Field::Phone, p, mask_phone)).transpose()?,
        has_address: person.address.is_some(),
        id: row.id,
        person_id: person.id,
        household_id: row.household_id,
        household_number,
        collective_code: row.collective_code.to_string(),
        name: person.name,
        sex: person.erased_at.is_none().then_some(person.sex),
        birth: person.erased_at.is_none().then_some(person.birth),
        erased_at: person.erased_at,
        relation: row.relation,
        relation_label: row.relation.label(),
        ground: row.ground,
        basis: row.basis,
        acquired_on: row.acquired_on,
        note: row.note,
        state: row.state,
        change_reason: row.change_reason,
        loss,
        version: row.version,
        person_version: person.version,
    })
}
