//! Erasing what the roster says of a person; whether it may be done, and who asks for it, is [`erasures`](crate::erasures).

use super::{
    Person,
    model::MembershipState,
    rules::PERSON_ERASED,
    service::load_person,
    store::{self, PersonRow},
};
use crate::{
    access::Scope,
    db::{Error, Result, Rx, Salt, Tx},
    kernel::{Id, Timestamp, error::NOT_FOUND},
    policy::{Keeping, Kept},
    vault::{ERASED_NAME, Whom},
};

/// A person of the scope whose data could be erased. Errors: `not_found`, `person_erased`.
pub fn whom(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Person>) -> Result<Whom> {
    let person = load_person(rx, scope, id)?;
    named(rx, person)
}

/// When the data of a person of the scope were erased. Errors: `not_found`.
pub fn erased_at(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Person>) -> Result<Option<Timestamp>> {
    Ok(load_person(rx, scope, id)?.erased_at)
}

/// Everybody whose data were erased.
pub fn erased_persons(rx: &mut Rx<'_>) -> Result<Vec<Id<Person>>> {
    store::erased_persons(rx)
}

/// A person who was erased elsewhere and stands here still; `None` where nothing is left to erase.
pub fn whom_again(rx: &mut Rx<'_>, id: &Id<Person>) -> Result<Option<Whom>> {
    let standing = store::find_person_of_own(rx, id)?.filter(|person| person.erased_at.is_none());
    standing.map(|person| named(rx, person)).transpose()
}

fn named(rx: &mut Rx<'_>, person: PersonRow) -> Result<Whom> {
    if person.erased_at.is_some() {
        return Err((&PERSON_ERASED).into());
    }
    let memberships = store::memberships_anywhere(rx, &person.id)?;
    let mut collectives: Vec<String> = memberships.iter().map(|m| m.collective_code.to_string()).collect();
    collectives.sort();
    collectives.dedup();
    Ok(Whom { person: person.id.to_string(), name: person.name, id_index: person.id_index, collectives })
}

/// Memberships that must be kept, of whatever village.
pub fn kept_of(rx: &mut Rx<'_>, whom: &Whom) -> Result<Vec<Kept>> {
    let rows = store::memberships_anywhere(rx, &Id::from_trusted(&*whom.person))?;
    let since = |m: &store::MembershipRow| match m.state {
        MembershipState::Active => None,
        MembershipState::Retained | MembershipState::Lost => m.retained_until.max(m.lost_on),
    };
    Ok(rows.iter().map(|m| Kept { what: Keeping::Membership, since: since(m) }).collect())
}

/// Erases the person, what was corrected, and the free text of the memberships; the rows stay. Which household it was, and
/// from when to when, is the collective's own history and stays too.
pub fn erase(tx: &mut Tx<'_>, whom: &Whom) -> Result<()> {
    let id: Id<Person> = Id::from_trusted(&*whom.person);
    let now = tx.now();
    let person = store::find_person_of_own(tx, &id)?.ok_or_else(|| Error::from(&NOT_FOUND))?;
    person.erased(now).update(tx)?;
    for mut former in store::every_former_of(tx, &id)? {
        former.name = ERASED_NAME.to_owned();
        (former.phone, former.address) = (None, None);
        former.reason = String::new();
        former.salt = Salt::fresh();
        former.update(tx)?;
    }
    for mut membership in store::memberships_anywhere(tx, &id)? {
        (membership.basis, membership.note) = (String::new(), String::new());
        membership.loss_basis = membership.loss_basis.map(|_| String::new());
        membership.change_reason = None;
        membership.version += 1;
        membership.salt = Salt::fresh();
        membership.update(tx)?;
    }
    Ok(())
}
