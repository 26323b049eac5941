//! Verifying from a page: one run at a time, in a thread of its own, on one read transaction.
//!
//! Promise: no request waits for it, nothing is locked while it runs, and its outcome is an entry of the log by whoever
//! started it. How far it is stands in the database, so that every server shows the same.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    store,
    words::{self, LOG_VERIFIED},
};
use crate::{
    access::{self, Allowed, may},
    db::{Db, Error, Lane, LoggedTable, Result, Rx, Tx},
    kernel::{Id, Page, PageRequest, Timestamp, hex},
    log::{
        self, By, Check, EntryFilter, EntryView, Event, Fact, Fault, Summary, Verification, Witnesses, Wrong,
        note::{SignerKey, VerifierKey},
        record,
        report::{self, Report},
    },
};

/// Faults that the entry of a run names; it counts them all, and the report names more.
const FAULTS_NAMED: usize = 50;
/// Characters of a key that the entry names: whoever tampers chooses the key, and an entry has a bound.
const KEY_NAMED: usize = 200;
/// How often progress is written, in microseconds.
const BEAT_US: i64 = 1_000_000;
/// A run that has not been heard of for so long has ended with its server.
const LOST_US: i64 = 300 * 1_000_000;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Running,
    Done,
    /// It stopped before its end.
    Failed,
}

/// The run that was started last.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    /// Role and name of who started it.
    pub who: String,
    /// Where that account belongs.
    pub home: String,
    pub started_at: Timestamp,
    pub seen_at: Timestamp,
    pub state: RunState,
    /// So many of so many entries are done.
    pub entries: u64,
    pub of: u64,
    /// So many rows of tables are done.
    pub rows: u64,
}

impl Run {
    fn is_lost(&self, now: Timestamp) -> bool {
        self.state == RunState::Running && now.since_us(self.seen_at) > LOST_US
    }
}

/// The last run as it stands; one that was lost with its server counts as failed.
pub fn last_run(rx: &mut Rx<'_>, now: Timestamp) -> Result<Option<Run>> {
    let Some(text) = store::find_run(rx)? else { return Ok(None) };
    let run: Run = serde_json::from_str(&text).map_err(|e| Error::Internal(format!("the verification's row: {e}")))?;
    let state = if run.is_lost(now) { RunState::Failed } else { run.state };
    Ok(Some(Run { state, ..run }))
}

fn put(tx: &mut Tx<'_>, run: &Run) -> Result<()> {
    store::put_run(tx, &serde_json::to_string(run).map_err(|e| Error::Internal(e.to_string()))?)
}

/// What a run found, as its entry says it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Findings {
    pub started_at: Timestamp,
    pub entries: u64,
    pub root: String,
    pub waiting: u64,
    pub checkpoints: u64,
    pub tables: u64,
    pub rows: u64,
    /// Absent before these were looked at.
    #[serde(default)]
    pub checks: u64,
    #[serde(default)]
    pub cosignatures: u64,
    /// Lines of witnesses that nobody could check.
    #[serde(default)]
    pub unchecked: u64,
    pub faults: u64,
    /// The first of them.
    pub named: Vec<Finding>,
    /// SHA-256 of the signed report, in hex.
    #[serde(default)]
    pub report: Option<String>,
}

impl Findings {
    /// What became of the witnesses' lines, in words.
    pub fn witnessed(&self) -> String {
        match (self.cosignatures, self.unchecked) {
            (0, 0) => "没有".to_owned(),
            (checked, 0) => format!("{checked} 条，都已核对"),
            (0, unchecked) => format!("{unchecked} 条，没有核对：不知道见证方是谁"),
            (checked, unchecked) => format!("核对了 {checked} 条，另有 {unchecked} 条不知道见证方是谁"),
        }
    }
}

/// Something that is not as the log says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    pub table: String,
    pub key: String,
    pub index: Option<i64>,
    /// In the words of the command line.
    pub what: String,
    /// In those of the pages; absent before the domains had checks of their own.
    #[serde(default)]
    pub told: String,
}

impl From<&Fault> for Finding {
    fn from(fault: &Fault) -> Finding {
        let Fault { table, key, index, what } = fault;
        let key = key.chars().take(KEY_NAMED).collect();
        Finding { table: table.clone(), key, index: *index, what: what.line.into(), told: what.page.into() }
    }
}

impl Finding {
    /// What the table holds, in words.
    pub fn place(&self) -> &str {
        self.known().map_or(&self.table, |(_, label, _)| label)
    }
    /// What is wrong, in words.
    pub fn told(&self) -> &str {
        match self.told.as_str() {
            "" => self.what.parse::<Wrong>().map_or(&self.what, |wrong| wrong.label()),
            told => told,
        }
    }
    /// The timeline of the record whose row it is; empty where the row is no record's.
    pub fn href(&self) -> String {
        let noun = self.known().and_then(|(.., noun)| *noun);
        noun.map(|noun| format!("/audit/records/{noun}/{}", self.key)).unwrap_or_default()
    }
    fn known(&self) -> Option<&'static (&'static str, &'static str, Option<&'static str>)> {
        words::TABLES.iter().find(|(table, ..)| *table == self.table)
    }
}

/// A run that came to its end.
#[derive(Debug)]
pub struct Verified {
    pub seq: i64,
    pub at: Timestamp,
    pub who: String,
    pub findings: Findings,
}

/// Runs that people of the scope made, the newest first.
pub fn list_verified(rx: &mut Rx<'_>, allowed: &Allowed<may::Audit>, page: &PageRequest) -> Result<Page<Verified>> {
    let filter = EntryFilter { kinds: vec![LOG_VERIFIED], ..EntryFilter::default() };
    let found = log::list_entries(rx, &allowed.scope.range(), &filter, page)?;
    let actors = found.items.iter().map(|entry| Id::from_trusted(entry.actor.as_str())).collect();
    let names = access::staff_names(rx, actors)?;
    let verified = |entry: EntryView| {
        let EntryView { seq, at, role, actor, data, .. } = entry;
        let name = names.get(&actor).map_or("", String::as_str);
        let who = format!("{} {name}", words::role(&role)).trim_end().to_owned();
        // What a later program wrote in another form is left out.
        Some(Verified { seq, at, who, findings: serde_json::from_value(data).ok()? })
    };
    Ok(Page { items: found.items.into_iter().filter_map(verified).collect(), next: found.next })
}

/// The signed report of a run that people of the scope made; `None` where there is none, or not the one that its entry names.
pub fn find_report(rx: &mut Rx<'_>, allowed: &Allowed<may::Audit>, seq: i64) -> Result<Option<String>> {
    let Some(entry) = log::find_entry(rx, seq)? else { return Ok(None) };
    if entry.kind != LOG_VERIFIED || !allowed.scope.contains(&entry.scope) {
        return Ok(None);
    }
    let Some(sha256) = serde_json::from_value::<Findings>(entry.data).ok().and_then(|found| found.report) else {
        return Ok(None);
    };
    let report = store::find_report(rx, &sha256)?;
    Ok(report.filter(|report| hex(&Sha256::digest(report)) == sha256))
}

/// Knows all that a run needs: the tables that are in the log, the key that signs it, who witnesses it.
#[derive(Clone)]
pub struct Verifier {
    tables: Arc<[LoggedTable]>,
    checks: Arc<[Check]>,
    key: Arc<SignerKey>,
    former: Arc<[VerifierKey]>,
    witnesses: Witnesses,
}

fn lane() -> Lane {
    Lane::of("settings", "verification")
}

impl Verifier {
    pub fn new(
        tables: Vec<LoggedTable>,
        checks: Vec<Check>,
        key: Arc<SignerKey>,
        former: &[VerifierKey],
        witnesses: Witnesses,
    ) -> Verifier {
        Verifier { tables: tables.into(), checks: checks.into(), key, former: former.into(), witnesses }
    }

    /// Starts a run and returns at once; `false` where one is running already.
    pub async fn start(&self, db: &Db, allowed: Allowed<may::Audit>) -> Result<bool> {
        let actor = &allowed.actor;
        let (who, home) = (format!("{} {}", actor.role.label(), actor.display_name), actor.home.clone());
        let begun = db
            .write(lane(), move |tx| {
                store::lock_run(tx)?;
                let now = tx.now();
                if last_run(tx, now)?.is_some_and(|run| run.state == RunState::Running) {
                    return Ok(None);
                }
                let (who, home, state) = (who.clone(), home.clone(), RunState::Running);
                let run = Run { who, home, started_at: now, seen_at: now, state, entries: 0, of: 0, rows: 0 };
                put(tx, &run)?;
                Ok(Some(run))
            })
            .await;
        let run = match begun {
            Ok(Some(run)) => run,
            Ok(None) => return Ok(false),
            // Two first runs at the same moment: the row is the other's.
            Err(e) if e.is_unique_violation() => return Ok(false),
            Err(e) => return Err(e),
        };
        let (verifier, db, by, home) = (self.clone(), db.clone(), allowed.by(), allowed.actor.home.clone());
        std::thread::Builder::new()
            .name("verify".into())
            .spawn(move || verifier.run(&db, &by, &home, run))
            .map_err(|e| Error::Internal(format!("verification: {e}")))?;
        Ok(true)
    }

    fn run(&self, db: &Db, by: &By, home: &str, mut run: Run) {
        let mut faults = Vec::new();
        let summary = self.look(db, &mut run, &mut faults);
        let ended = summary.and_then(|summary| self.finish(db, by, home, &run, summary, faults));
        let Err(error) = ended else { return };
        tracing::error!(%error, "a verification did not come to its end");
        run.state = RunState::Failed;
        if let Err(error) = db.write_now(lane(), move |tx| put(tx, &run)) {
            tracing::error!(%error, "that a verification failed could not be written");
        }
    }

    fn look(&self, db: &Db, run: &mut Run, faults: &mut Vec<Fault>) -> Result<Summary> {
        let what = Verification {
            key: self.key.verifier(),
            former: &self.former,
            witnesses: &self.witnesses,
            tables: &self.tables,
            checks: &self.checks,
            since: None,
        };
        db.read_together(log::READERS, |rx, beside| {
            log::verify(rx, beside, &what, &mut |event| {
                match event {
                    Event::Fault(fault) if faults.len() < report::FAULTS_NAMED => faults.push(fault),
                    Event::Fault(_) => {}
                    Event::Entries(done, of) => (run.entries, run.of) = (done, of),
                    Event::Rows(rows) => run.rows = rows,
                }
                let now = db.now();
                if now.since_us(run.seen_at) >= BEAT_US {
                    run.seen_at = now;
                    let run = run.clone();
                    if let Err(error) = db.write_now(lane(), move |tx| put(tx, &run)) {
                        tracing::warn!(%error, "the progress of a verification could not be written");
                    }
                }
            })
        })
    }

    /// The outcome goes on record with its report, and the next run may start.
    fn finish(&self, db: &Db, by: &By, home: &str, run: &Run, summary: Summary, faults: Vec<Fault>) -> Result<()> {
        let named = faults.iter().take(FAULTS_NAMED).map(Finding::from).collect();
        let origin = self.key.verifier().name().to_owned();
        let report = Report { origin, started_at: run.started_at, ended_at: db.now(), summary, faults };
        let signed = report.sign(&self.key).map_err(|e| Error::Internal(format!("signing a report: {e}")))?;
        let (signed, summary) = (signed.to_string(), report.summary);
        let sha256 = hex(&Sha256::digest(&signed));
        let findings = Findings {
            started_at: run.started_at,
            entries: summary.entries,
            root: summary.root.to_string(),
            waiting: summary.waiting,
            checkpoints: summary.checkpoints,
            tables: summary.tables,
            rows: summary.rows,
            checks: summary.checks,
            cosignatures: summary.cosignatures,
            unchecked: summary.unchecked.without_policy + summary.unchecked.unnamed,
            faults: summary.faults,
            named,
            report: Some(sha256.clone()),
        };
        let data = serde_json::to_value(&findings).map_err(|e| Error::Internal(e.to_string()))?;
        let (by, home, run) = (by.clone(), home.to_owned(), Run { state: RunState::Done, ..run.clone() });
        db.write_now(lane(), move |tx| {
            put(tx, &run)?;
            store::insert_report(tx, &sha256, &signed)?;
            record(tx, &by, Fact::new(LOG_VERIFIED, &home).data(data.clone())).map(drop)
        })
    }
}
