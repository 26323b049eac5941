//! Use cases: who keeps shares, where and since when.

use serde_json::json;

use super::{
    model::read_recipient,
    rules::{TRUSTEE_KEY_TAKEN, TRUSTEE_KEY_TOO_NEW, TRUSTEE_RETIRED},
    store::{self, TrusteeId, TrusteeRow},
    view::{NewTrustee, Trustee},
};
use crate::{
    access::{Allowed, may},
    db::{Result, Rx, Salt, Tx},
    kernel::{FieldError, Problem, Timestamp, codes::RegionCode, error::NOT_FOUND, text},
    log::{Fact, Receipt, record},
    policy::Rule,
    trading::listing::SealedTerms,
};

/// Longest name of an office.
const LONGEST_OFFICE: usize = 40;

/// Registers a trustee with the public key.
///
/// Errors: field errors, `trustee_key_taken`.
pub fn register(tx: &mut Tx<'_>, allowed: &Allowed<may::KeepTrustees>, new: &NewTrustee) -> Result<(Trustee, Receipt)> {
    let mut errors = Vec::new();
    let code = &new.region_code;
    if !allowed.scope.contains(code.as_str()) {
        errors.push(FieldError::new("region_code", Some(code.as_str()), "只能登记本辖区的保管人"));
    }
    let name = text::read_name(&new.name).map(|name| name.value);
    let name = name.map_err(|e| errors.push(FieldError::new("name", Some(&new.name), e.to_string())));
    let office = new.office.trim();
    if office.is_empty() || office.chars().count() > LONGEST_OFFICE || office.chars().any(char::is_control) {
        let detail = format!("请写明保管人的身份，最多 {LONGEST_OFFICE} 个字，例如 监事会主任");
        errors.push(FieldError::new("office", Some(office), detail));
    }
    let recipient = new.recipient.trim();
    if read_recipient(recipient).is_none() {
        let detail = "应是 age-keygen 显示的公钥，以 age1 开头，共 62 个字符；私钥不要交给任何人";
        errors.push(FieldError::new("recipient", None, detail));
    }
    let (Ok(name), true) = (name, errors.is_empty()) else { return Err(Problem::fields(errors).into()) };
    let row = TrusteeRow {
        id: tx.new_id("tru"),
        region_code: code.clone(),
        name,
        office: office.to_owned(),
        recipient: recipient.to_owned(),
        registered_by: allowed.actor.account.to_string(),
        registered_at: tx.now(),
        retired_at: None,
        version: 1,
        salt: Salt::fresh(),
    };
    row.insert(tx).map_err(|e| if e.is_unique_violation() { (&TRUSTEE_KEY_TAKEN).into() } else { e })?;
    let receipt = note(tx, allowed, "trustee.registered", &row)?;
    Ok((view(row), receipt))
}

/// A trustee takes no more auctions; those that are published go on as their notice says.
///
/// Errors: `not_found`, `trustee_retired`, a stale version.
pub fn retire(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepTrustees>,
    id: &TrusteeId,
    check_version: impl Fn(i32) -> Result<()>,
) -> Result<(Trustee, Receipt)> {
    tx.lock_row("trustees", "id", id.as_str())?;
    let found = store::find_public_trustee(tx, id)?;
    let mut row = found.filter(|row| allowed.scope.contains(row.region_code.as_str())).ok_or(&NOT_FOUND)?;
    check_version(row.version)?;
    if row.retired_at.is_some() {
        return Err((&TRUSTEE_RETIRED).into());
    }
    row.retired_at = Some(tx.now());
    row.version += 1;
    row.update(tx)?;
    let receipt = note(tx, allowed, "trustee.retired", &row)?;
    Ok((view(row), receipt))
}

fn note(
    tx: &mut Tx<'_>,
    allowed: &Allowed<may::KeepTrustees>,
    kind: &'static str,
    row: &TrusteeRow,
) -> Result<Receipt> {
    let fact = Fact::new(kind, &row.region_code).about("trustee", &row.id);
    record(tx, &allowed.by(), fact.data(json!({ "recipient": row.recipient })))
}

/// Those who may serve a place, the retired ones too. Public.
pub fn list(rx: &mut Rx<'_>, code: &RegionCode) -> Result<Vec<Trustee>> {
    let places: Vec<RegionCode> = code.ancestry().collect();
    Ok(store::list_public_trustees(rx, &places)?.into_iter().map(view).collect())
}

/// Those of the own scope and of the places above it, for who keeps the list.
pub fn list_kept(rx: &mut Rx<'_>, allowed: &Allowed<may::KeepTrustees>) -> Result<Vec<Trustee>> {
    Ok(store::list_trustees(rx, &allowed.scope)?.into_iter().map(view).collect())
}

fn view(row: TrusteeRow) -> Trustee {
    Trustee {
        id: row.id,
        region_code: row.region_code,
        name: row.name,
        office: row.office,
        recipient: row.recipient,
        registered_at: row.registered_at,
        retired_at: row.retired_at,
        version: row.version,
    }
}

/// Puts the trustees of a draft in, who stand there by identifier or by a name that only one of the place has.
///
/// Errors: a field error that says who is meant.
pub fn name_trustees(rx: &mut Rx<'_>, code: &RegionCode, sealed: &mut SealedTerms) -> Result<()> {
    let known: Vec<Trustee> = list(rx, code)?.into_iter().filter(|trustee| trustee.retired_at.is_none()).collect();
    for named in &mut sealed.trustees {
        let by_id = known.iter().find(|trustee| trustee.id.as_str() == named.id);
        let mut by_name = known.iter().filter(|trustee| trustee.name == named.id);
        let only = match (by_id, by_name.next(), by_name.next()) {
            (Some(found), ..) | (None, Some(found), None) => found,
            (None, Some(_), Some(_)) => {
                let detail = format!("有几位保管人都叫“{}”，请填写编号", named.id);
                return Err(Problem::field("method/trustees", Some(&named.id), detail).into());
            }
            (None, None, _) => {
                let all: Vec<&str> = known.iter().map(|trustee| trustee.name.as_str()).collect();
                let all = if all.is_empty() {
                    "还没有，请镇街资产管理员先登记".to_owned()
                } else {
                    all.join("、")
                };
                let detail = format!("没有找到保管人“{}”；本地在任的保管人：{all}", named.id);
                return Err(Problem::field("method/trustees", Some(&named.id), detail).into());
            }
        };
        named.id = only.id.to_string();
        named.name = only.name.clone();
        named.office = only.office.clone();
        named.recipient = only.recipient.clone();
    }
    let twice = sealed
        .trustees
        .iter()
        .enumerate()
        .any(|(i, one)| sealed.trustees.iter().skip(i + 1).any(|other| other.id == one.id));
    if twice {
        return Err(Problem::field("method/trustees", None, "同一位密钥保管人只能选一次").into());
    }
    Ok(())
}

/// Whether the keys of all trustees have been on record long enough when the auction opens, so that everybody can ask them
/// whether these are theirs.
///
/// Errors: `trustee_retired`, `trustee_key_too_new`.
pub fn check_keys(rx: &mut Rx<'_>, sealed: &SealedTerms, opens_at: Timestamp, hours: &Rule<u32>) -> Result<()> {
    for named in &sealed.trustees {
        let found = named.id.parse().ok().map(|id| store::find_public_trustee(rx, &id)).transpose()?.flatten();
        let row = found.filter(|row| row.recipient == named.recipient).ok_or(&NOT_FOUND)?;
        if row.retired_at.is_some() {
            let detail = format!("保管人 {} 已经卸任，请退回修改", row.name);
            return Err(Problem::new(&TRUSTEE_RETIRED, detail).into());
        }
        let earliest = row.registered_at.plus_s(i64::from(hours.value).saturating_mul(3600));
        if opens_at < earliest {
            let detail = format!(
                "保管人 {} 的公钥应在竞价开始前公开满 {} 小时，竞价最早可于 {} 开始（{}）",
                row.name,
                hours.value,
                earliest.minute_text(),
                hours.basis
            );
            return Err(Problem::new(&TRUSTEE_KEY_TOO_NEW, detail).with("from", earliest.to_string()).into());
        }
    }
    Ok(())
}
