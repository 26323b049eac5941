//! Households, persons, memberships: the only writer of their tables.

use diesel::{
    AsChangeset, BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl,
    NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, TextExpressionMethods,
    dsl::sql,
    sql_types::{Bool, Text},
};
use serde::Serialize;

use super::{
    Relation,
    model::{Ground, Household, HouseholdState, LossCause, MemberFilter, Membership, MembershipState, Person},
};
use crate::{
    access::Scope,
    db::{
        Result, Rx, Salt,
        schema::{former_persons, households, memberships, persons},
    },
    kernel::{
        Day, Id, PageRequest, Timestamp,
        codes::{RegionCode, Sex},
    },
    vault::{BlindIndex, ERASED_NAME, Sealed},
};

crate::text_column!(Sex, Relation, Ground, MembershipState, LossCause, HouseholdState);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = households, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct HouseholdRow {
    pub id: Id<Household>,
    pub collective_code: RegionCode,
    pub number: String,
    pub head_id: Option<Id<Person>>,
    pub state: HouseholdState,
    pub created_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
}
crate::logged_table!(HouseholdRow in households, key id);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = persons, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct PersonRow {
    pub id: Id<Person>,
    pub name: String,
    pub sex: Sex,
    pub birth: Day,
    pub id_number: Sealed,
    pub id_index: BlindIndex,
    pub phone: Option<Sealed>,
    pub phone_index: Option<BlindIndex>,
    pub address: Option<Sealed>,
    pub created_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
    /// A later column: rows that were logged before it have the state that they had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
}
crate::logged_table!(PersonRow in persons, key id);

impl PersonRow {
    /// What is left of a person: the key. Sex and birthday cannot be empty; they become the same for everybody and are not
    /// shown.
    pub(super) fn erased(self, at: Timestamp) -> PersonRow {
        PersonRow {
            name: ERASED_NAME.to_owned(),
            sex: Sex::Male,
            birth: Day(Default::default()),
            id_number: Sealed::erased(),
            id_index: BlindIndex::erased(self.id.as_str()),
            phone: None,
            phone_index: None,
            address: None,
            version: self.version + 1,
            salt: Salt::fresh(),
            erased_at: Some(at),
            ..self
        }
    }
}

/// What a person's record said before a correction.
#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = former_persons, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct FormerPersonRow {
    pub id: Id<FormerPersonRow>,
    pub person_id: Id<Person>,
    pub person_version: i32,
    pub name: String,
    pub phone: Option<Sealed>,
    pub address: Option<Sealed>,
    pub until: Timestamp,
    pub reason: String,
    pub salt: Salt,
}
crate::logged_table!(FormerPersonRow in former_persons, key id);

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = memberships, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct MembershipRow {
    pub id: Id<Membership>,
    pub person_id: Id<Person>,
    pub household_id: Id<Household>,
    pub collective_code: RegionCode,
    pub relation: Relation,
    pub ground: Ground,
    pub basis: String,
    pub acquired_on: Day,
    pub note: String,
    pub state: MembershipState,
    pub loss_cause: Option<LossCause>,
    pub loss_basis: Option<String>,
    pub lost_on: Option<Day>,
    pub retained_until: Option<Day>,
    pub created_at: Timestamp,
    pub version: i32,
    pub salt: Salt,
    /// Of the last change. A later column, as `erased_at` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_reason: Option<String>,
}
crate::logged_table!(MembershipRow in memberships, key id);

/// Memberships in a household of another collective. No scope: for a check of meaning.
pub(super) fn in_foreign_households(rx: &mut Rx<'_>) -> Result<Vec<Id<Membership>>> {
    Ok(memberships::table
        .inner_join(households::table.on(households::id.eq(memberships::household_id)))
        .filter(households::collective_code.ne(memberships::collective_code))
        .select(memberships::id)
        .order(memberships::id)
        .load(rx.conn())?)
}

/// Active memberships of persons that have an older active one, with both collectives. No scope: for a check of meaning.
pub(super) fn active_twice(rx: &mut Rx<'_>) -> Result<Vec<(Id<Membership>, RegionCode, RegionCode)>> {
    let older = diesel::alias!(memberships as older);
    Ok(memberships::table
        .inner_join(older.on(older.field(memberships::person_id).eq(memberships::person_id)))
        .filter(memberships::state.eq(MembershipState::Active))
        .filter(older.field(memberships::state).eq(MembershipState::Active))
        .filter(older.field(memberships::id).lt(memberships::id))
        .select((memberships::id, memberships::collective_code, older.field(memberships::collective_code)))
        .order(memberships::id)
        .load(rx.conn())?)
}

/// A membership with its person and the number of its household.
pub(super) type Listed = (MembershipRow, PersonRow, String);

macro_rules! listed {
    () => {
        memberships::table
            .inner_join(persons::table.on(persons::id.eq(memberships::person_id)))
            .inner_join(households::table.on(households::id.eq(memberships::household_id)))
            .select((memberships::all_columns, persons::all_columns, households::number))
    };
}

/// Members by collective and then in the order in which they were entered.
pub(super) fn list_members(
    rx: &mut Rx<'_>,
    scope: &Scope,
    filter: &MemberFilter,
    page: &PageRequest,
) -> Result<Vec<Listed>> {
    let (from, to) = narrowed(scope, filter.collective.as_deref());
    let mut query = listed!().filter(memberships::collective_code.lt(to.clone())).into_boxed();
    if let Some(household) = &filter.household {
        query = query.filter(memberships::household_id.eq(household.clone()));
    } else {
        query = query.filter(memberships::state.eq(filter.state.unwrap_or(MembershipState::Active)));
    }
    if let Some(part) = &filter.name {
        query = query.filter(persons::name.like(like(part)).escape('\\'));
    }
    if let Some(after) = &page.after {
        let at: Option<RegionCode> = memberships::table
            .filter(memberships::id.eq(after))
            .filter(memberships::collective_code.ge(from).and(memberships::collective_code.lt(to)))
            .select(memberships::collective_code)
            .first(rx.conn())
            .optional()?;
        let Some(at) = at else { return Ok(Vec::new()) };
        query = query.filter(
            sql::<Bool>("(memberships.collective_code, memberships.id) > (")
                .bind::<Text, _>(at)
                .sql(", ")
                .bind::<Text, _>(after.clone())
                .sql(")"),
        );
    } else {
        // Only one lower bound at a time, or SQLite may begin every page at the first row.
        query = query.filter(memberships::collective_code.ge(from));
    }
    Ok(query.order((memberships::collective_code, memberships::id)).limit(limit(page)).load(rx.conn())?)
}

pub(super) fn find_member(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Membership>) -> Result<Option<Listed>> {
    let (from, to) = scope.range();
    Ok(listed!()
        .filter(memberships::id.eq(id))
        .filter(memberships::collective_code.ge(from).and(memberships::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// Every membership of a person that lies in the scope, the running ones first.
pub(super) fn memberships_of(rx: &mut Rx<'_>, scope: &Scope, person: &Id<Person>) -> Result<Vec<Listed>> {
    let (from, to) = scope.range();
    Ok(listed!()
        .filter(memberships::person_id.eq(person))
        .filter(memberships::collective_code.ge(from).and(memberships::collective_code.lt(to)))
        .order((memberships::state.asc(), memberships::id))
        .limit(100)
        .load(rx.conn())?)
}

/// Members in the scope whose person has this ID number or phone.
pub(super) fn find_by_index(rx: &mut Rx<'_>, scope: &Scope, index: &BlindIndex, by_phone: bool) -> Result<Vec<Listed>> {
    let (from, to) = scope.range();
    let query = listed!()
        .filter(memberships::collective_code.ge(from).and(memberships::collective_code.lt(to)))
        .order(memberships::id)
        .limit(100)
        .into_boxed();
    let query = if by_phone {
        query.filter(persons::phone_index.eq(index.clone()))
    } else {
        query.filter(persons::id_index.eq(index.clone()))
    };
    Ok(query.load(rx.conn())?)
}

/// The person of an ID number wherever registered, with the collectives of the running memberships.
/// No scope: one person is a member of one collective only, and that must be asked of all; the answer stays in the rule.
pub(super) fn find_person_anywhere(
    rx: &mut Rx<'_>,
    index: &BlindIndex,
) -> Result<Option<(PersonRow, Vec<RegionCode>)>> {
    let person: Option<PersonRow> = persons::table.filter(persons::id_index.eq(index)).first(rx.conn()).optional()?;
    let Some(person) = person else { return Ok(None) };
    let active = memberships::table
        .filter(memberships::person_id.eq(&person.id).and(memberships::state.eq(MembershipState::Active)))
        .select(memberships::collective_code)
        .load(rx.conn())?;
    Ok(Some((person, active)))
}

/// Which of many ID numbers are on record: index, person, name, and the collective of each running membership.
/// No scope: as for one person, see [`find_person_anywhere`].
pub(super) fn find_persons_anywhere(rx: &mut Rx<'_>, indexes: &[BlindIndex]) -> Result<Vec<KnownPerson>> {
    let mut found = Vec::new();
    let any: Option<Id<Person>> = persons::table.select(persons::id).first(rx.conn()).optional()?;
    if any.is_none() {
        return Ok(found);
    }
    for some in indexes.chunks(1000) {
        let known: Vec<KnownPerson> = persons::table
            .left_join(
                memberships::table
                    .on(memberships::person_id.eq(persons::id).and(memberships::state.eq(MembershipState::Active))),
            )
            .filter(persons::id_index.eq_any(some.to_vec()))
            .select((persons::id_index, persons::id, persons::name, memberships::collective_code.nullable()))
            .load(rx.conn())?;
        found.extend(known);
    }
    Ok(found)
}

#[derive(Debug, Clone, Queryable)]
pub(super) struct KnownPerson {
    pub index: BlindIndex,
    pub id: Id<Person>,
    pub name: String,
    pub active_in: Option<RegionCode>,
}

/// A person who has a membership in the scope.
pub(super) fn find_person(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Person>) -> Result<Option<PersonRow>> {
    let (from, to) = scope.range();
    let within = memberships::table
        .filter(memberships::person_id.eq(id))
        .filter(memberships::collective_code.ge(from).and(memberships::collective_code.lt(to)))
        .select(memberships::id)
        .first::<Id<Membership>>(rx.conn())
        .optional()?;
    if within.is_none() {
        return Ok(None);
    }
    Ok(persons::table.filter(persons::id.eq(id)).first(rx.conn()).optional()?)
}

/// No scope: the person was loaded with one; whether a duty to keep stands is asked of all memberships.
pub(super) fn memberships_anywhere(rx: &mut Rx<'_>, person: &Id<Person>) -> Result<Vec<MembershipRow>> {
    Ok(memberships::table.filter(memberships::person_id.eq(person)).order(memberships::id).load(rx.conn())?)
}

/// No scope: keys without anything personal, for repeating erasures on a database that was restored.
pub(super) fn erased_persons(rx: &mut Rx<'_>) -> Result<Vec<Id<Person>>> {
    Ok(persons::table
        .filter(persons::erased_at.is_not_null())
        .select(persons::id)
        .order(persons::id)
        .load(rx.conn())?)
}

/// No scope: the account is tied to this person, or the operator repeats an erasure.
pub(super) fn find_person_of_own(rx: &mut Rx<'_>, id: &Id<Person>) -> Result<Option<PersonRow>> {
    Ok(persons::table.filter(persons::id.eq(id)).first(rx.conn()).optional()?)
}

/// No scope: every correction of a person who is erased.
pub(super) fn every_former_of(rx: &mut Rx<'_>, person: &Id<Person>) -> Result<Vec<FormerPersonRow>> {
    Ok(former_persons::table
        .filter(former_persons::person_id.eq(person))
        .order(former_persons::person_version)
        .load(rx.conn())?)
}

/// No scope: the person was loaded with one.
pub(super) fn former_of(rx: &mut Rx<'_>, person: &Id<Person>) -> Result<Vec<FormerPersonRow>> {
    Ok(former_persons::table
        .filter(former_persons::person_id.eq(person))
        .order(former_persons::person_version.desc())
        .limit(50)
        .load(rx.conn())?)
}

pub(super) fn find_household(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Household>) -> Result<Option<HouseholdRow>> {
    let (from, to) = scope.range();
    Ok(households::table
        .filter(households::id.eq(id))
        .filter(households::collective_code.ge(from).and(households::collective_code.lt(to)))
        .first(rx.conn())
        .optional()?)
}

/// Households of this number in the scope: one in each collective at most.
pub(super) fn households_numbered(rx: &mut Rx<'_>, scope: &Scope, number: &str) -> Result<Vec<HouseholdRow>> {
    let (from, to) = scope.range();
    Ok(households::table
        .filter(households::collective_code.ge(from).and(households::collective_code.lt(to)))
        .filter(households::number.eq(number))
        .order(households::collective_code)
        .limit(20)
        .load(rx.conn())?)
}

/// No scope: the collective was checked against it.
pub(super) fn find_household_by_number(
    rx: &mut Rx<'_>,
    collective: &RegionCode,
    number: &str,
) -> Result<Option<HouseholdRow>> {
    Ok(households::table
        .filter(households::collective_code.eq(collective).and(households::number.eq(number)))
        .first(rx.conn())
        .optional()?)
}

/// Every household number of a collective with its key and head: what an import needs to know.
/// No scope: the collective was checked against it.
pub(super) fn household_numbers(rx: &mut Rx<'_>, collective: &RegionCode) -> Result<Vec<HouseholdRow>> {
    Ok(households::table.filter(households::collective_code.eq(collective)).load(rx.conn())?)
}

/// A household, the name of its head, and how many members in good standing it has.
pub(super) type ListedHousehold = (HouseholdRow, Option<String>, i64);

/// Households by collective and number.
pub(super) fn list_households(
    rx: &mut Rx<'_>,
    scope: &Scope,
    collective: Option<&str>,
    page: &PageRequest,
) -> Result<Vec<ListedHousehold>> {
    let (from, to) = narrowed(scope, collective);
    let mut query = households::table.filter(households::collective_code.lt(to.clone())).into_boxed();
    if let Some(after) = &page.after {
        let at: Option<(RegionCode, String)> = households::table
            .filter(households::id.eq(after))
            .filter(households::collective_code.ge(from).and(households::collective_code.lt(to)))
            .select((households::collective_code, households::number))
            .first(rx.conn())
            .optional()?;
        let Some((code, number)) = at else { return Ok(Vec::new()) };
        query = query.filter(
            sql::<Bool>("(households.collective_code, households.number) > (")
                .bind::<Text, _>(code)
                .sql(", ")
                .bind::<Text, _>(number)
                .sql(")"),
        );
    } else {
        query = query.filter(households::collective_code.ge(from));
    }
    let rows: Vec<HouseholdRow> =
        query.order((households::collective_code, households::number)).limit(limit(page)).load(rx.conn())?;
    rows.into_iter().map(|row| with_head(rx, row)).collect()
}

/// No scope: the household was loaded with one.
pub(super) fn with_head(rx: &mut Rx<'_>, row: HouseholdRow) -> Result<ListedHousehold> {
    let head = match &row.head_id {
        Some(head) => persons::table.filter(persons::id.eq(head)).select(persons::name).first(rx.conn()).optional()?,
        None => None,
    };
    let members = memberships::table
        .filter(memberships::household_id.eq(&row.id).and(memberships::state.eq(MembershipState::Active)))
        .count()
        .get_result(rx.conn())?;
    Ok((row, head, members))
}

/// The codes of a scope that lie within one collective, where one is named.
fn narrowed(scope: &Scope, collective: Option<&str>) -> (String, String) {
    let (from, to) = scope.range();
    match collective.map(|code| Scope::Within(code.to_owned()).range()) {
        Some((inner_from, inner_to)) => (from.max(inner_from), to.min(inner_to)),
        None => (from, to),
    }
}

/// The text anywhere in the column, its own `%`, `_` and `\` taken literally.
fn like(part: &str) -> String {
    let escaped = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

fn limit(page: &PageRequest) -> i64 {
    i64::try_from(page.limit()).unwrap_or(i64::MAX).saturating_add(1)
}
