//! Whose account it is: an account may be tied to a person of the roster, who then sees the own record.
//!
//! The entries are about the account alone: together with what an account did, the log must not say who of the roster it
//! was. The row's salted digest stands for the person.

use super::{
    Actor, Allowed, Role, Scope, may,
    store::{self, Account, AccountRow, AccountState, contacts},
};
use crate::{
    db::{Result, Rx, Salt, Tx},
    kernel::{Id, Problem},
    log::{Fact, Receipt, record},
    vault::ERASED_NAME,
};

crate::codes! {
    ACCOUNT_HAS_PERSON 409 "account_has_person" "这个账号已经关联了另一个人；请先到那个人的页面解除";
    PERSON_HAS_ACCOUNT 409 "person_has_account" "这个人已经关联了一个账号；请先解除原来的";
    OWN_ACCOUNT_TIE 409 "own_account_tie" "自己的账号要由另一位经办人关联";
}

/// The name of the account that is tied to a person.
pub fn account_of(rx: &mut Rx<'_>, person: &str) -> Result<Option<String>> {
    Ok(store::find_account_of(rx, person)?.map(|account| account.name))
}

/// The office that a person's account holds, and where; `None` where the person has no active account.
pub fn office_of(rx: &mut Rx<'_>, person: &str) -> Result<Option<(Role, Scope)>> {
    let found = store::find_account_of(rx, person)?.filter(|account| account.state == AccountState::Active);
    Ok(found.map(|account| (account.role, Scope::of(account.role, account.scope.as_str()))))
}

/// The person whose account the actor's is.
pub fn person_of(rx: &mut Rx<'_>, actor: &Actor) -> Result<Option<String>> {
    Ok(store::find_account_of_own(rx, &actor.account)?.and_then(|account| account.person_id))
}

/// Ties the account of this name to a person whom the caller has found in the scope.
///
/// Errors: a field error for a name that no active account has; `account_has_person`, `person_has_account`,
/// `own_account_tie`.
pub fn tie(tx: &mut Tx<'_>, allowed: &Allowed<may::TieAccounts>, name: &str, person: &str) -> Result<Receipt> {
    let unknown = || Problem::field("account", Some(name), "没有这个用户名的账号，或者已经停用；请核对后重填");
    let found = store::find_account_by_name(tx, name)?.ok_or_else(unknown)?;
    tx.lock_row("accounts", "id", found.id.as_str())?;
    let mut row = store::find_account_of_own(tx, &found.id)?
        .filter(|account| account.state == AccountState::Active)
        .ok_or_else(unknown)?;
    if row.id == allowed.actor.account {
        return Err((&OWN_ACCOUNT_TIE).into());
    }
    if row.person_id.is_some() {
        return Err((&ACCOUNT_HAS_PERSON).into());
    }
    row.person_id = Some(person.to_owned());
    row.version += 1;
    row.update(tx).map_err(|e| if e.is_unique_violation() { (&PERSON_HAS_ACCOUNT).into() } else { e })?;
    record(tx, &allowed.by(), Fact::new("account.tied", &row.scope).about("account", &row.id))
}

/// Takes the tie away; `None` where there is none.
pub fn untie(tx: &mut Tx<'_>, allowed: &Allowed<may::TieAccounts>, person: &str) -> Result<Option<Receipt>> {
    let Some(found) = store::find_account_of(tx, person)? else { return Ok(None) };
    tx.lock_row("accounts", "id", found.id.as_str())?;
    let Some(mut row) = store::find_account_of(tx, person)? else { return Ok(None) };
    row.person_id = None;
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new("account.untied", &row.scope).about("account", &row.id);
    record(tx, &allowed.by(), fact).map(Some)
}

/// Erases the account that is tied to a person, and these others of the same person; nobody signs in with them again.
pub fn erase_accounts(tx: &mut Tx<'_>, person: &str, others: &[Id<Account>]) -> Result<()> {
    let mut rows: Vec<AccountRow> = store::find_account_of(tx, person)?.into_iter().collect();
    for id in others {
        rows.extend(store::find_account_of_own(tx, id)?.filter(|other| rows.iter().all(|row| row.id != other.id)));
    }
    let now = tx.now();
    for mut row in rows {
        row.name = format!("erased/{}", row.id);
        row.display_name = ERASED_NAME.to_owned();
        row.password_hash = String::new();
        row.state = AccountState::Disabled;
        row.person_id = None;
        row.version += 1;
        row.salt = Salt::fresh();
        row.update(tx)?;
        store::end_sessions_of(tx, &row.id, now)?;
        contacts::erase(tx, &row.id, now)?;
    }
    Ok(())
}
