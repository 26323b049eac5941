//! A roster on its way in over HTTP: uploaded, previewed as often as wanted, confirmed once. Reading and sealing a roster is
//! long work and runs on a worker thread, before the transaction that writes.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    import::{self, Defaults, ImportSummary, Plan},
    roster::{past_day, read_ground},
};
use crate::{
    access::{Allowed, may},
    db::{Db, Error, Lane, Result},
    imports::{self, Kind, NewUpload, Upload, Waiting},
    kernel::{Day, FieldError, Id, Problem, codes::RegionCode, error::NOT_FOUND},
    log::Receipt,
    sheets::{Cause, Report},
    vault::Vault,
};

/// A roster as it was brought, and what holds for rows that do not say it (all as typed).
#[derive(Debug, Clone, Default)]
pub struct RosterFile {
    pub collective_code: String,
    /// The file's name on the person's machine.
    pub name: String,
    pub bytes: Vec<u8>,
    pub ground: String,
    pub basis: String,
    pub acquired_on: String,
}

/// What an import would write, and every row that must be changed first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MemberImportPreview)]
pub struct ImportPreview {
    /// The waiting file, for the confirmation.
    #[schema(value_type = String)]
    pub id: Id<Upload>,
    pub collective_code: String,
    pub file_name: String,
    #[serde(flatten)]
    pub summary: ImportSummary,
    /// Whether a confirmation would be accepted: no row is refused.
    pub ready: bool,
    pub causes: Vec<Cause>,
    pub report: Report,
}

/// Reads the defaults as typed; empty fields take those of [`Defaults`].
fn read_defaults(ground: &str, basis: &str, acquired_on: &str, today: Day) -> std::result::Result<Defaults, Problem> {
    let mut defaults = Defaults::default();
    let mut faults = Vec::new();
    match ground.trim() {
        "" => {}
        typed => match read_ground(typed) {
            Ok(read) => defaults.ground = read,
            Err(words) => faults.push(FieldError::new("ground", Some(typed), words)),
        },
    }
    match basis.trim() {
        "" => {}
        typed if typed.chars().count() > 200 => {
            faults.push(FieldError::new("basis", Some(typed), "最多 200 个字，请写短一些"));
        }
        typed => defaults.basis = typed.to_owned(),
    }
    match acquired_on.trim() {
        "" => {}
        typed => match past_day(typed, today) {
            Ok(day) => defaults.acquired_on = Some(day),
            Err(words) => faults.push(FieldError::new("acquired_on", Some(typed), words)),
        },
    }
    if faults.is_empty() { Ok(defaults) } else { Err(Problem::fields(faults)) }
}

/// Takes in a roster and says what would be written. The file waits, encrypted, for its confirmation.
///
/// Errors: the file is no roster, a field error for the defaults, `not_found` for a collective outside the scope.
pub async fn upload(
    db: &Db,
    vault: &Vault,
    allowed: &Allowed<may::KeepMembers>,
    file: RosterFile,
) -> Result<ImportPreview> {
    let today = db.now().day();
    read_defaults(&file.ground, &file.basis, &file.acquired_on, today)?;
    let code: RegionCode = file.collective_code.trim().parse().map_err(|_| Error::from(&NOT_FOUND))?;
    let (plan, bytes) = read(vault, file.bytes, today).await?;
    let scope = allowed.scope.clone();
    let place = code.clone();
    let (summary, report) = db.read(move |rx| import::preview(rx, &scope, &place, &plan)).await?;
    let new = NewUpload {
        kind: Kind::Members,
        collective_code: code.to_string(),
        file_name: file.name.clone(),
        options: json!({ "ground": file.ground, "basis": file.basis, "acquired_on": file.acquired_on }),
        bytes,
    };
    let (keys, account) = (vault.clone(), allowed.actor.account.clone());
    let id = db.write(Lane::Any, move |tx| imports::stage(tx, &keys, &account, &new)).await?;
    Ok(shown(id, code.to_string(), file.name, summary, report))
}

/// The preview of a waiting file again. Errors: `upload_gone`.
pub async fn preview_upload(
    db: &Db,
    vault: &Vault,
    allowed: &Allowed<may::KeepMembers>,
    id: &Id<Upload>,
) -> Result<ImportPreview> {
    let (waiting, code) = waiting(db, vault, allowed, id).await?;
    let (plan, _) = read(vault, waiting.bytes, db.now().day()).await?;
    let scope = allowed.scope.clone();
    let (summary, report) = db.read(move |rx| import::preview(rx, &scope, &code, &plan)).await?;
    Ok(shown(waiting.id, waiting.collective_code, waiting.file_name, summary, report))
}

/// Writes a waiting roster, all or none. Errors: `upload_gone`, `import_refused`.
pub async fn confirm(
    db: &Db,
    vault: &Vault,
    allowed: &Allowed<may::KeepMembers>,
    id: &Id<Upload>,
) -> Result<(ImportSummary, Receipt)> {
    let (waiting, code) = waiting(db, vault, allowed, id).await?;
    let today = db.now().day();
    let text = |name: &str| waiting.options.get(name).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    let defaults = read_defaults(&text("ground"), &text("basis"), &text("acquired_on"), today)?;
    let keys = vault.clone();
    let (plan, _) = read(vault, waiting.bytes, today).await?;
    let sealed = off_the_request_path(move || plan.seal(&keys)).await?;
    let (sealed, allowed, keys, id) = (Arc::new(sealed?), allowed.clone(), vault.clone(), id.clone());
    db.write(Lane::of("collective", &code), move |tx| {
        // Whoever takes the file first writes it; a second confirmation at the same time finds nothing.
        imports::take(tx, &keys, &allowed.actor.account, Kind::Members, &id)?;
        import::write(tx, &allowed.by(), &allowed.scope, &code, &sealed, &defaults)
    })
    .await
}

async fn waiting(
    db: &Db,
    vault: &Vault,
    allowed: &Allowed<may::KeepMembers>,
    id: &Id<Upload>,
) -> Result<(Waiting, RegionCode)> {
    let (keys, account, id) = (vault.clone(), allowed.actor.account.clone(), id.clone());
    let found = db.read(move |rx| imports::find(rx, &keys, &account, Kind::Members, &id)).await?;
    let code = found.collective_code.parse().map_err(|_| Error::from(&NOT_FOUND))?;
    Ok((found, code))
}

/// The plan, and the bytes again.
async fn read(vault: &Vault, bytes: Vec<u8>, today: Day) -> Result<(Plan, Vec<u8>)> {
    let keys = vault.clone();
    let plan = off_the_request_path(move || Plan::read(&keys, &bytes, today).map(|plan| (plan, bytes))).await?;
    Ok(plan?)
}

async fn off_the_request_path<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Internal("reading a roster panicked".into()))
}

fn shown(
    id: Id<Upload>,
    collective_code: String,
    file_name: String,
    summary: ImportSummary,
    report: Report,
) -> ImportPreview {
    ImportPreview {
        id,
        collective_code,
        file_name,
        summary,
        ready: report.refused.is_empty() && report.rows > 0,
        causes: report.causes(),
        report,
    }
}
