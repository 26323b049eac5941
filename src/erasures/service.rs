//! Use cases: asking, declining, carrying out; and repeating on a database that was put back.

use serde_json::json;

use super::{
    model::{DutyView, ErasureRequest, ErasureState, ErasureView, Ground},
    rules,
    store::{self, ErasureRow},
};
use crate::{
    access::{self, Allowed, Permission, Scope, may},
    collectives, contracts,
    db::{Error, Result, Rx, Salt, Tx},
    homesteads,
    kernel::{Day, Id, error::NOT_FOUND},
    log::{self, By, Fact, Receipt, record},
    members::{self, Person},
    policy::PolicyBook,
    trading,
    vault::{self, Whom},
};

/// Where the erasure of a person stands. Errors: `not_found`.
pub fn standing<P: Permission>(
    rx: &mut Rx<'_>,
    allowed: &Allowed<P>,
    policies: &PolicyBook,
    id: &Id<Person>,
    today: Day,
) -> Result<ErasureView> {
    let erased_at = members::erased_at(rx, &allowed.scope, id)?;
    let duties = match erased_at {
        Some(_) => Vec::new(),
        None => {
            let whom = members::whom(rx, &allowed.scope, id)?;
            duties(rx, policies, &whom, today)?
        }
    };
    let request = store::find_last(rx, &allowed.scope, id)?.map(|row| ErasureRequest {
        ground: row.ground,
        state: row.state,
        requested_at: row.requested_at,
        ended_at: row.ended_at,
    });
    Ok(ErasureView { person_id: id.to_string(), erased_at, duties, request })
}

/// Asks that a person's data be erased. Errors: `not_found`, `person_erased`, `must_be_kept`, `erasure_requested`.
pub fn request(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::RequestErasures>,
    policies: &PolicyBook,
    id: &Id<Person>,
    ground: Ground,
) -> Result<Receipt> {
    tx.lock_row("persons", "id", id.as_str())?;
    let whom = members::whom(tx, &allowed.scope, id)?;
    let now = tx.now();
    rules::decide(&duties(tx, policies, &whom, now.day())?)?;
    rules::decide_request(store::find_last(tx, &allowed.scope, id)?.map(|row| row.state))?;
    let row = ErasureRow {
        id: tx.new_id("era"),
        person_id: id.clone(),
        collective_code: place(&allowed.scope, &whom)?,
        ground,
        state: ErasureState::Requested,
        requested_by: allowed.actor.account.clone(),
        requested_at: now,
        ended_by: None,
        ended_at: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx)?;
    let fact = Fact::new("erasure.requested", &row.collective_code).about("person", id).data(json!({ "why": ground }));
    record(tx, &allowed.by(), fact)
}

/// The township does not do it. Errors: `not_found`, `no_erasure_request`.
pub fn decline(tx: &mut Tx<'_>, allowed: &Allowed<may::CarryOutErasures>, id: &Id<Person>) -> Result<Receipt> {
    tx.lock_row("persons", "id", id.as_str())?;
    members::erased_at(tx, &allowed.scope, id)?;
    let row = open_request(tx, &allowed.scope, id)?;
    end(tx, allowed, row, ErasureState::Declined, "erasure.declined")
}

/// Erases a person's data, once and for all.
///
/// Errors: `not_found`, `person_erased`, `no_erasure_request`, `must_be_kept`: what stands against it is asked again.
pub fn carry_out(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::CarryOutErasures>,
    policies: &PolicyBook,
    id: &Id<Person>,
) -> Result<Receipt> {
    tx.lock_row("persons", "id", id.as_str())?;
    let whom = members::whom(tx, &allowed.scope, id)?;
    let row = open_request(tx, &allowed.scope, id)?;
    let today = tx.now().day();
    rules::decide(&duties(tx, policies, &whom, today)?)?;
    let receipt = erase(tx, &allowed.by(), &row.collective_code, &whom)?;
    end(tx, allowed, row, ErasureState::CarriedOut, "erasure.carried_out")?;
    Ok(receipt)
}

/// Erases a person on a database that was put back from a copy made before the erasure. The duty to keep was looked at
/// then. `None` where there is nobody to erase.
pub fn repeat(tx: &mut Tx<'_>, id: &Id<Person>) -> Result<Option<Receipt>> {
    tx.lock_row("persons", "id", id.as_str())?;
    let Some(whom) = members::whom_again(tx, id)? else { return Ok(None) };
    let scope = whom.collectives.first().cloned().unwrap_or_default();
    erase(tx, &By::system(), &scope, &whom).map(Some)
}

/// The rows of every domain, and what the log told of them.
fn erase(tx: &mut Tx<'_>, by: &By, scope: &str, whom: &Whom) -> Result<Receipt> {
    let accounts = trading::accounts_of(tx, whom)?;
    access::erase_accounts(tx, &whom.person, &accounts)?;
    vault::erase_reasons(tx, &whom.person)?;
    collectives::erase(tx, whom)?;
    homesteads::erase(tx, whom)?;
    trading::erase(tx, whom)?;
    contracts::erase(tx, whom)?;
    members::erase(tx, whom)?;
    log::erase(tx, by, scope, &whom.person)
}

/// Everything that must still be kept, by the rules of the strictest of the person's collectives.
fn duties(rx: &mut Rx<'_>, policies: &PolicyBook, whom: &Whom, today: Day) -> Result<Vec<DutyView>> {
    let mut kept = members::kept_of(rx, whom)?;
    kept.extend(collectives::kept_of(rx, whom)?);
    kept.extend(homesteads::kept_of(rx, whom)?);
    kept.extend(trading::kept_of(rx, whom)?);
    kept.extend(contracts::kept_of(rx, whom)?);
    let mut found = Vec::new();
    for code in &whom.collectives {
        let code = code.parse().map_err(|_| Error::Internal(format!("{code} is no region code")))?;
        let rules = policies.rules_for(&code, today).map_err(crate::kernel::Problem::from)?;
        found.extend(kept.iter().filter_map(|kept| rules.duty_to_keep(*kept, today)).map(|duty| rules::view(&duty)));
    }
    found.sort_by(|a, b| (a.what, a.until, &a.sentence).cmp(&(b.what, b.until, &b.sentence)));
    found.dedup();
    Ok(found)
}

fn open_request(rx: &mut Rx<'_>, scope: &Scope, id: &Id<Person>) -> Result<ErasureRow> {
    let last = store::find_last(rx, scope, id)?;
    rules::decide_end(last.as_ref().map(|row| row.state))?;
    last.ok_or_else(|| (&rules::NO_ERASURE_REQUEST).into())
}

fn end(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::CarryOutErasures>,
    mut row: ErasureRow,
    state: ErasureState,
    kind: &'static str,
) -> Result<Receipt> {
    row.state = state;
    row.ended_by = Some(allowed.actor.account.clone());
    row.ended_at = Some(tx.now());
    row.version += 1;
    row.update(tx)?;
    let fact = Fact::new(kind, &row.collective_code).about("person", &row.person_id).data(json!({ "why": row.ground }));
    record(tx, &allowed.by(), fact)
}

/// The collective of the scope that the person belonged to.
fn place(scope: &Scope, whom: &Whom) -> Result<String> {
    whom.collectives.iter().find(|code| scope.contains(code)).cloned().ok_or_else(|| (&NOT_FOUND).into())
}
