//! Commands that act on records from the machine itself: the imports of the web pages, the traces of auctions, the trades in
//! OCDS and the journal of the money ledger.
//!
//! Whoever can run these holds the database and the key file; in the log they stand as the account `operator` with the role
//! that the web would ask for.

use std::{io::Write, path::Path, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    access::{Actor, Role, Scope},
    app::App,
    assets,
    config::Config,
    contracts,
    db::{Db, Lane, Result},
    homesteads,
    kernel::{Id, codes::RegionCode},
    members, ocds, settlement,
    sheets::Report,
    trading::auction,
};

/// What a file brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    Members,
    Assets,
    Contracts,
    Parcels,
}

/// Reads the file as the import page does, prints what it would bring and every refused row, and writes it whole unless
/// something is refused or this is a dry run. `Ok(false)`: something was refused, nothing was written.
///
/// Errors: one line; the file cannot be read, the collective is not registered.
pub fn import(
    app: &App,
    matter: Matter,
    file: &Path,
    collective: &RegionCode,
    dry_run: bool,
    out: &mut impl Write,
) -> std::result::Result<bool, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let end = match matter {
        Matter::Members => import_members(app, &bytes, collective, dry_run, out),
        Matter::Assets => import_assets(app, bytes, collective, dry_run, out),
        Matter::Contracts => import_contracts(app, bytes, collective, dry_run, out),
        Matter::Parcels => import_parcels(app, bytes, collective, dry_run, out),
    };
    end.map_err(|e| e.to_string())
}

fn operator(collective: &RegionCode) -> Actor {
    Actor::operator(Role::Clerk, collective)
}

fn import_members(
    app: &App,
    bytes: &[u8],
    collective: &RegionCode,
    dry_run: bool,
    out: &mut impl Write,
) -> Result<bool> {
    let actor = operator(collective);
    let step = Steps::new();
    step.say("读取名册");
    let plan = members::Plan::read(&app.vault, bytes, app.db.now().day())?;
    step.say("核对每一行");
    let (summary, report) = app.db.read_now(|rx| members::preview(rx, &actor.scope, collective, &plan))?;
    let what = format!(
        "{} members in {} new and {} known households",
        summary.members, summary.households, summary.joined_households
    );
    if !may_write(&report, &what, dry_run, out) {
        return Ok(report.refused.is_empty());
    }
    step.say("封存个人信息");
    let sealed = std::sync::Arc::new(plan.seal(&app.vault)?);
    step.say("写入并存证");
    let code = collective.clone();
    app.db.write_now(Lane::of("collective", collective), move |tx| {
        members::write(tx, &actor.by(), &actor.scope, &code, &sealed, &members::Defaults::default())
    })?;
    Ok(true)
}

fn import_assets(
    app: &App,
    bytes: Vec<u8>,
    collective: &RegionCode,
    dry_run: bool,
    out: &mut impl Write,
) -> Result<bool> {
    let actor = operator(collective);
    let step = Steps::new();
    step.say("读取并核对资产");
    let (found, report) = app.db.read_now(|rx| assets::read_list(rx, &actor.scope, collective.as_str(), &bytes))?;
    if !may_write(&report, &format!("{} assets", found.len()), dry_run, out) {
        return Ok(report.refused.is_empty());
    }
    step.say("写入并存证");
    let (allowed, code) = (actor.prove()?, collective.clone());
    app.db.write_now(Lane::of("collective", collective), move |tx| {
        // Once more inside the transaction: what is on record may have changed since.
        let (found, _) = assets::read_list(tx, &actor.scope, code.as_str(), &bytes)?;
        assets::write_assets(tx, &allowed, code.as_str(), found)
    })?;
    Ok(true)
}

fn import_contracts(
    app: &App,
    bytes: Vec<u8>,
    collective: &RegionCode,
    dry_run: bool,
    out: &mut impl Write,
) -> Result<bool> {
    let actor = operator(collective);
    let allowed = actor.prove()?;
    let step = Steps::new();
    step.say("读取并核对合同");
    let today = app.db.now().day();
    let (found, report) =
        app.db.read_now(|rx| contracts::read_list(rx, &allowed, collective.as_str(), &bytes, today))?;
    if !may_write(&report, &format!("{} contracts", found.len()), dry_run, out) {
        return Ok(report.refused.is_empty());
    }
    step.say("写入并存证");
    let code = collective.clone();
    app.db.write_now(Lane::of("collective", collective), move |tx| {
        contracts::write_list(tx, &allowed, code.as_str(), &bytes)
    })?;
    Ok(true)
}

fn import_parcels(
    app: &App,
    bytes: Vec<u8>,
    collective: &RegionCode,
    dry_run: bool,
    out: &mut impl Write,
) -> Result<bool> {
    let actor = operator(collective);
    let step = Steps::new();
    step.say("读取并核对宗地");
    let (found, report) = app.db.read_now(|rx| homesteads::read_survey(rx, &actor.scope, &bytes, None))?;
    if !may_write(&report, &format!("{} parcels", found.len()), dry_run, out) {
        return Ok(report.refused.is_empty());
    }
    step.say("写入并存证");
    let (allowed, code) = (actor.prove()?, collective.clone());
    app.db.write_now(Lane::of("collective", collective), move |tx| {
        let (found, _) = homesteads::read_survey(tx, &actor.scope, &bytes, None)?;
        let parcels = found.into_iter().map(|s| (s.facts, s.outline)).collect();
        homesteads::write_parcels(tx, &allowed, code.as_str(), parcels)
    })?;
    Ok(true)
}

/// Prints the report; whether to go on and write.
fn may_write(report: &Report, what: &str, dry_run: bool, out: &mut impl Write) -> bool {
    // A reader that went away does not stop an import half-way.
    let mut line = |text: String| drop(writeln!(out, "{text}"));
    for fault in &report.refused {
        let sheet = if fault.sheet.is_empty() { String::new() } else { format!("{} ", fault.sheet) };
        line(format!(
            "refused: {sheet}row {}, column {}: saw {:?}: {}",
            fault.row, fault.column, fault.seen, fault.expected
        ));
    }
    for fault in &report.notes {
        line(format!("note: row {}, column {}: {}", fault.row, fault.column, fault.expected));
    }
    for row in &report.skipped {
        line(format!("skipped: row {}: {}", row.row, row.why));
    }
    if !report.refused.is_empty() {
        line(format!("{} of {} rows refused; nothing was written", report.refused_rows(), report.rows));
        return false;
    }
    line(format!("{}{what}", if dry_run { "would write " } else { "writing " }));
    !dry_run
}

/// One auction's trace and result. Errors: one line; not ended, not known.
pub fn export_auction(db: &Db, id: &str) -> std::result::Result<auction::Exported, String> {
    let id = id.parse().map_err(|e: crate::kernel::id::NotAnId| e.to_string())?;
    db.read_now(|rx| auction::export(rx, &id)).map_err(|e| format!("{id}: {e}"))
}

/// Every ended auction as `ID.trace.json` and `ID.result.json` in a new or empty folder. Returns how many.
pub fn export_auctions(db: &Db, dir: &Path) -> std::result::Result<usize, String> {
    let shown = |e: std::io::Error| format!("{}: {e}", dir.display());
    crate::log::new_folder(dir)?;
    let closed: Vec<Id<_>> = db.read_now(auction::list_closed).map_err(|e| e.to_string())?;
    let bar = ProgressBar::new(u64::try_from(closed.len()).unwrap_or(0));
    for id in &closed {
        let exported = db.read_now(|rx| auction::export(rx, id)).map_err(|e| format!("{id}: {e}"))?;
        std::fs::write(dir.join(format!("{id}.trace.json")), exported.trace).map_err(shown)?;
        std::fs::write(dir.join(format!("{id}.result.json")), exported.result).map_err(shown)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(closed.len())
}

/// Every public trade as an OCDS release package, `OCID.json`, in a new or empty folder. Returns how many.
///
/// Errors: one line.
pub fn export_ocds(db: &Db, config: &Config, dir: &Path) -> std::result::Result<usize, String> {
    crate::log::new_folder(dir)?;
    let imprint = ocds::Imprint::of(config);
    let trades = db.read_now(ocds::list_trades).map_err(|e| e.to_string())?;
    let bar = ProgressBar::new(u64::try_from(trades.len()).unwrap_or(0));
    for id in &trades {
        let package = db.read_now(|rx| ocds::package(rx, &imprint, id)).map_err(|e| format!("{id}: {e}"))?;
        let file = dir.join(format!("{}.json", imprint.ocid(id)));
        std::fs::write(&file, package).map_err(|e| format!("{}: {e}", file.display()))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(trades.len())
}

/// The money ledger as a journal for hledger; of one region only, where a code is given. Returns how many transfers it has.
///
/// Errors: one line.
pub fn export_journal(db: &Db, region: Option<&str>, out: &mut impl Write) -> std::result::Result<u64, String> {
    let scope = match region {
        None => Scope::Within(String::new()),
        Some(code) => {
            let code: RegionCode = code.parse().map_err(|e| format!("--region {code}: {e}"))?;
            Scope::of(Role::Auditor, code.as_str())
        }
    };
    let written = db.read_now(|rx| Ok(settlement::write_journal(rx, &scope, out)));
    written.map_err(|e| e.to_string())?
}

/// What is going on, on standard error, where that is a terminal.
struct Steps(ProgressBar);

impl Steps {
    fn new() -> Steps {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Steps(bar)
    }
    fn say(&self, what: &'static str) {
        self.0.set_message(what);
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
