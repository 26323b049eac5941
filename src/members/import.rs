//! Importing a roster: read and checked whole, shown, and written whole or not at all.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Relation,
    model::{Ground, HouseholdState, Membership, MembershipState, Person},
    roster::{Roster, RosterMember, read_roster},
    rules::{self, OnRecord},
    store::{self, HouseholdRow, MembershipRow, PersonRow},
};
use crate::{
    access::Scope,
    collectives,
    db::{Error, Result, Rx, Salt, Tx},
    imports::IMPORT_REFUSED,
    kernel::{Day, Id, Problem, codes::RegionCode, text::mask_name},
    log::{By, Fact, Receipt, record},
    sheets::{self, Limits, Report, RowFault},
    vault::{BlindIndex, Field, Sealed, Vault},
};

/// What holds for rows that do not say it themselves.
#[derive(Debug, Clone)]
pub struct Defaults {
    pub ground: Ground,
    /// The decision that confirmed these members.
    pub basis: String,
    /// `None`: the day of the import.
    pub acquired_on: Option<Day>,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { ground: Ground::Reform, basis: "成员名册导入".to_owned(), acquired_on: None }
    }
}

/// What an import would write, or wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportSummary {
    pub members: usize,
    pub households: usize,
    /// Households that were there already and get further members.
    pub joined_households: usize,
}

/// A roster that was read from a file, with the blind index of each member.
pub struct Plan {
    roster: Roster,
    indexes: Vec<BlindIndex>,
}

/// A plan whose personal values are sealed, ready to be written. Sealing is work for every core and is done before the
/// transaction begins.
pub struct SealedPlan {
    plan: Plan,
    sealed: Vec<SealedMember>,
}

struct SealedMember {
    id_number: Sealed,
    phone: Option<(Sealed, BlindIndex)>,
    address: Option<Sealed>,
}

impl Plan {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read or holds no roster; faults of rows are in the report.
    pub fn read(vault: &Vault, bytes: &[u8], today: Day) -> std::result::Result<Plan, Problem> {
        let roster = read_roster(sheets::open(bytes, &Limits::IMPORT)?, today)?;
        let members: Vec<&RosterMember> = roster.households.iter().flat_map(|h| &h.members).collect();
        let indexes = on_all_cores(&members, |m| vault.index(Field::IdNumber, m.id.expose()));
        Ok(Plan { roster, indexes })
    }

    /// What was found in the file alone.
    pub fn report(&self) -> &Report {
        &self.roster.report
    }

    /// Seals every personal value.
    pub fn seal(self, vault: &Vault) -> Result<SealedPlan> {
        let members: Vec<&RosterMember> = self.roster.households.iter().flat_map(|h| &h.members).collect();
        let sealed = on_all_cores(&members, |m| seal(vault, m)).into_iter().collect::<Result<_>>()?;
        Ok(SealedPlan { plan: self, sealed })
    }
}

fn seal(vault: &Vault, member: &RosterMember) -> Result<SealedMember> {
    let phone = |p: &String| Ok::<_, Error>((vault.seal(Field::Phone, p)?, vault.index(Field::Phone, p)));
    Ok(SealedMember {
        id_number: vault.seal(Field::IdNumber, member.id.expose())?,
        phone: member.phone.as_ref().map(phone).transpose()?,
        address: member.address.as_ref().map(|a| vault.seal(Field::Address, a)).transpose()?,
    })
}

/// Maps in order, in as many pieces as there are cores.
fn on_all_cores<T: Sync, U: Send>(items: &[T], work: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let size = items.len().div_ceil(cores).max(1000);
    std::thread::scope(|scope| {
        let pieces: Vec<_> =
            items.chunks(size).map(|some| scope.spawn(|| some.iter().map(&work).collect::<Vec<U>>())).collect();
        pieces
            .into_iter()
            .flat_map(|piece| piece.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// What the database says about a plan.
struct Checked {
    faults: Vec<RowFault>,
    /// Persons who are on record already, by index.
    known: HashMap<BlindIndex, Id<Person>>,
    households: HashMap<String, HouseholdRow>,
}

fn check(rx: &mut Rx<'_>, scope: &Scope, collective: &RegionCode, plan: &Plan) -> Result<Checked> {
    collectives::get(rx, scope, collective)?;
    let mut faults = Vec::new();
    let mut records: HashMap<BlindIndex, (Id<Person>, OnRecord)> = HashMap::new();
    for row in store::find_persons_anywhere(rx, &plan.indexes)? {
        let (_, record) =
            records.entry(row.index).or_insert_with(|| (row.id, OnRecord { name: row.name, active_in: Vec::new() }));
        record.active_in.extend(row.active_in.map(|c| c.to_string()));
    }
    let households: HashMap<String, HouseholdRow> =
        store::household_numbers(rx, collective)?.into_iter().map(|h| (h.number.clone(), h)).collect();
    let table = &plan.roster.table;
    let mut indexes = plan.indexes.iter();
    for household in &plan.roster.households {
        let existing = household.number.as_ref().and_then(|n| households.get(n));
        for (at, (member, index)) in household.members.iter().zip(indexes.by_ref()).enumerate() {
            let record = records.get(index).map(|(_, record)| record);
            if let Err(problem) = rules::decide_registration(record, collective.as_str(), &member.name) {
                faults.push(table.fault(member.row, "id", &member.id.masked(), problem.detail));
            }
            if household.head_named && household.head == at && existing.is_some_and(|h| h.head_id.is_some()) {
                let words = "这个户编号已登记户主；请核对户编号，或把这一行的关系改为其他";
                faults.push(table.fault(member.row, "relation", &mask_name(&member.name), words));
            }
        }
    }
    faults.sort_by_key(|f| f.row);
    let known = records.into_iter().map(|(index, (id, _))| (index, id)).collect();
    Ok(Checked { faults, known, households })
}

/// What an import of `plan` would do, with every refused row: nothing is written.
///
/// # Errors
/// `not_found` for a collective outside the scope.
pub fn preview(
    rx: &mut Rx<'_>,
    scope: &Scope,
    collective: &RegionCode,
    plan: &Plan,
) -> Result<(ImportSummary, Report)> {
    let checked = check(rx, scope, collective, plan)?;
    let mut report = plan.roster.report.clone();
    report.refused.extend(checked.faults);
    report.refused.sort_by_key(|f| f.row);
    let numbers: HashSet<&str> = plan.roster.households.iter().filter_map(|h| h.number.as_deref()).collect();
    let joined_households = numbers.iter().filter(|n| checked.households.contains_key(**n)).count();
    let households = plan.roster.households.len() - joined_households;
    Ok((ImportSummary { members: plan.roster.members(), households, joined_households }, report))
}

/// Writes a roster whole.
///
/// # Errors
/// `import_refused` where any row is refused (nothing is written), `not_found` for a collective outside the scope.
pub fn write(
    tx: &mut Tx<'_>,
    by: &By,
    scope: &Scope,
    collective: &RegionCode,
    sealed: &SealedPlan,
    defaults: &Defaults,
) -> Result<(ImportSummary, Receipt)> {
    let roster = &sealed.plan.roster;
    tx.lock_row("collectives", "code", collective.as_str())?;
    let checked = check(tx, scope, collective, &sealed.plan)?;
    if !roster.report.refused.is_empty() || !checked.faults.is_empty() {
        return Err((&IMPORT_REFUSED).into());
    }
    let now = tx.now();
    let today = now.day();
    // Identifiers in ascending order keep the list in the order of the file and the tables' pages in the order of writing.
    let mut household_ids = ordered_ids(tx, "hh", roster.households.len()).into_iter();
    let mut person_ids = ordered_ids(tx, "per", roster.members()).into_iter();
    let mut member_ids = ordered_ids::<Membership>(tx, "mem", roster.members()).into_iter();
    let mut numbers = FreeNumbers::after(&checked.households);
    let mut members = sealed.plan.indexes.iter().zip(&sealed.sealed);
    let (mut households, mut persons, mut memberships) = (Vec::new(), Vec::new(), Vec::new());
    let mut joined = 0;
    for household in &roster.households {
        let existing = household.number.as_ref().and_then(|n| checked.households.get(n));
        let household_id = match existing {
            Some(row) => row.id.clone(),
            None => household_ids.next().ok_or_else(ran_out)?,
        };
        let mut head_id = None;
        for (at, (member, (index, sealed))) in household.members.iter().zip(members.by_ref()).enumerate() {
            let person_id = match checked.known.get(index) {
                Some(id) => id.clone(),
                None => {
                    let id = person_ids.next().ok_or_else(ran_out)?;
                    persons.push(PersonRow {
                        id: id.clone(),
                        name: member.name.clone(),
                        sex: member.id.sex(),
                        birth: member.id.birth(),
                        id_number: sealed.id_number.clone(),
                        id_index: index.clone(),
                        phone: sealed.phone.as_ref().map(|(phone, _)| phone.clone()),
                        phone_index: sealed.phone.as_ref().map(|(_, index)| index.clone()),
                        address: sealed.address.clone(),
                        created_at: now,
                        version: 1,
                        salt: Salt::fresh(),
                        erased_at: None,
                    });
                    id
                }
            };
            let heads = at == household.head && (household.head_named || existing.is_none());
            if heads {
                head_id = Some(person_id.clone());
            }
            memberships.push(MembershipRow {
                id: member_ids.next().ok_or_else(ran_out)?,
                person_id,
                household_id: household_id.clone(),
                collective_code: collective.clone(),
                relation: if heads { Relation::HEAD } else { member.relation },
                ground: member.ground.unwrap_or(defaults.ground),
                basis: member.basis.clone().unwrap_or_else(|| defaults.basis.clone()),
                acquired_on: member.acquired_on.or(defaults.acquired_on).unwrap_or(today),
                note: member.note.clone(),
                state: MembershipState::Active,
                loss_cause: None,
                loss_basis: None,
                lost_on: None,
                retained_until: None,
                created_at: now,
                version: 1,
                salt: Salt::fresh(),
                change_reason: None,
            });
        }
        match existing {
            None => households.push(HouseholdRow {
                id: household_id,
                collective_code: collective.clone(),
                number: household.number.clone().unwrap_or_else(|| numbers.next()),
                head_id,
                state: HouseholdState::Active,
                created_at: now,
                version: 1,
                salt: Salt::fresh(),
            }),
            Some(row) => {
                joined += 1;
                if head_id.is_some() {
                    let mut row = row.clone();
                    row.head_id = head_id;
                    row.version += 1;
                    row.update(tx)?;
                }
            }
        }
    }
    HouseholdRow::insert_all(&households, tx)?;
    PersonRow::insert_all(&persons, tx)?;
    MembershipRow::insert_all(&memberships, tx)?;
    let summary = ImportSummary { members: memberships.len(), households: households.len(), joined_households: joined };
    let mut fact = Fact::new("roster.imported", collective).about("collective", collective).data(
        serde_json::json!({ "members": summary.members, "households": summary.households, "joined": summary.joined_households }),
    );
    for row in &memberships {
        fact = fact.about("member", &row.id);
    }
    let receipt = record(tx, by, fact)?;
    Ok((summary, receipt))
}

fn ran_out() -> Error {
    Error::Internal("an import counted fewer rows than it wrote".into())
}

fn ordered_ids<T>(tx: &mut Tx<'_>, prefix: &str, n: usize) -> Vec<Id<T>> {
    let mut ids: Vec<Id<T>> = (0..n).map(|_| tx.new_id(prefix)).collect();
    ids.sort_unstable();
    ids
}

/// Numbers for households that the file does not number: `0001` and on, after those in use.
struct FreeNumbers {
    last: u64,
}

impl FreeNumbers {
    fn after(used: &HashMap<String, HouseholdRow>) -> Self {
        Self { last: used.keys().filter_map(|n| n.parse().ok()).filter(|n| *n < 1_000_000_000).max().unwrap_or(0) }
    }
    fn next(&mut self) -> String {
        self.last += 1;
        format!("{:04}", self.last)
    }
}
