//! A person and the own record: tying an account to a person, and what that person sees (PIPL arts. 44 and 45).

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Person,
    model::MemberView,
    rules::PERSON_ERASED,
    service::{load_person, view},
    store,
};
use crate::{
    access::{self, Allowed, Role, Scope, may},
    collectives,
    db::{Result, Rx, Tx},
    kernel::{Id, Page, PageRequest, Timestamp},
    log::{self, EntryFilter, EntryView, Receipt},
    vault::{self, Field, Vault},
};

/// Somebody looked at a sealed value of the person. The office and its place are named, not who holds it: the office answers
/// for the look, and an auditor can name the account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LookView {
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// The office in Chinese.
    pub office: String,
    /// The collective whose record was looked at.
    pub place: String,
    /// What was looked at, in Chinese.
    pub field: String,
    /// The looker's words; null where the look is older than kept reasons.
    pub reason: Option<String>,
    /// The public entry: `log_entry`.
    pub log_entry: i64,
}

/// The own record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnRecord {
    /// False where the account is tied to nobody: then there is nothing to show.
    pub tied: bool,
    /// Every membership, the running ones first, personal numbers masked.
    pub memberships: Vec<MemberView>,
    /// Who looked at sealed values, the newest first.
    pub looks: Page<LookView>,
}

/// The record of the person whose account the actor's is.
pub fn own_record(
    rx: &mut Rx<'_>,
    allowed: &Allowed<may::ReadOwnRecord>,
    vault: &Vault,
    page: &PageRequest,
) -> Result<OwnRecord> {
    let Some(person) = access::person_of(rx, &allowed.actor)? else {
        return Ok(OwnRecord { tied: false, memberships: Vec::new(), looks: Page { items: Vec::new(), next: None } });
    };
    // A person's own record knows no village's border.
    let everywhere = Scope::Within(String::new());
    let rows = store::memberships_of(rx, &everywhere, &Id::from_trusted(&*person))?;
    let memberships = rows.into_iter().map(|row| view(vault, row)).collect::<Result<_>>()?;
    let filter = EntryFilter {
        subjects: vec![format!("person/{person}")],
        kinds: vec!["personal_data.opened"],
        ..EntryFilter::default()
    };
    let entries = log::list_entries(rx, &everywhere.range(), &filter, page)?;
    let mut reasons = vault::reasons(rx, &entries.items)?;
    let mut looks = Vec::new();
    for entry in entries.items {
        let reason = reasons.remove(&entry.seq);
        looks.push(look(rx, entry, reason)?);
    }
    Ok(OwnRecord { tied: true, memberships, looks: Page { items: looks, next: entries.next } })
}

fn look(rx: &mut Rx<'_>, entry: EntryView, reason: Option<String>) -> Result<LookView> {
    let word = |name: &str| entry.data.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let field = word("field");
    let place = match entry.scope.parse().map(|code| collectives::get_public(rx, &code)) {
        Ok(Ok(collective)) => collective.name,
        Ok(Err(e)) if e.problem().is_none() => return Err(e),
        // No collective of the register: a look at somebody without a membership.
        _ => String::new(),
    };
    Ok(LookView {
        at: entry.at,
        office: entry.role.parse::<Role>().map_or(entry.role.clone(), |role| role.label().to_owned()),
        place,
        field: field.parse::<Field>().map_or(field, |field| field.label().to_owned()),
        // Looks from before reasons were kept apart have theirs in the entry.
        reason: reason.or_else(|| Some(word("reason")).filter(|r| !r.is_empty())),
        log_entry: entry.seq,
    })
}

/// The account that a person of the scope is tied to. Errors: `not_found`.
pub fn tied_account(rx: &mut Rx<'_>, allowed: &Allowed<may::TieAccounts>, id: &Id<Person>) -> Result<Option<String>> {
    load_person(rx, &allowed.scope, id)?;
    access::account_of(rx, id.as_str())
}

/// Ties the account of this name to a person of the scope; an empty name takes the tie away. `None` where nothing changed.
///
/// Errors: `not_found`, `person_erased`, a field error for a name that no active account has, `account_has_person`,
/// `person_has_account`, `own_account_tie`.
pub fn tie_account(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::TieAccounts>,
    id: &Id<Person>,
    name: &str,
) -> Result<Option<Receipt>> {
    tx.lock_row("persons", "id", id.as_str())?;
    if load_person(tx, &allowed.scope, id)?.erased_at.is_some() {
        return Err((&PERSON_ERASED).into());
    }
    match name.trim() {
        "" => access::untie(tx, allowed, id.as_str()),
        name => access::tie(tx, allowed, name, id.as_str()).map(Some),
    }
}
