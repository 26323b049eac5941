//! What an operator or an auditor does to an installation from the command line: export the log, verify, back up, restore.
//! Works beside a running server. Errors are one line; long work shows a bar where a person looks on.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    app,
    config::{Config, SystemClock},
    db::{self, Db, Lane, Options, SchemaState, Target, backup},
    erasures,
    kernel::time::Clock,
    log::{
        self, Event, Fault, Summary, Verification, Witnesses,
        note::{Checkpoint, VerifierKey},
        proof::{self, LogProof, Proven},
        report::{self, Report},
        succession,
    },
    members, supervision,
    vault::Keys,
};

/// The keys of this installation's log: the one that signs, and those that did before, the newest first.
fn verifiers(config: &Config) -> Result<(VerifierKey, Vec<VerifierKey>), String> {
    let keys = Keys::load(&config.keys, None)?;
    Ok((keys.log_signer()?.verifier().clone(), keys.former.clone()))
}

/// The public key of this installation's log.
pub fn verifier(config: &Config) -> Result<VerifierKey, String> {
    Ok(verifiers(config)?.0)
}

/// Writes the signed log into `dir`; returns the key that checks it, which must reach its readers on another way.
pub fn export_log(config: &Config, dir: &Path) -> Result<VerifierKey, String> {
    let key = verifier(config)?;
    let db = open(&config.database_url)?;
    let bar = bar("files");
    // An error of the export is a line of its own, not one of the database.
    let exported = db.read_now(|rx| {
        Ok(log::export(rx, dir, |n, total| {
            bar.set_length(total);
            bar.set_position(n);
        }))
    });
    bar.finish_and_clear();
    exported.map_err(|e| e.to_string())??;
    Ok(key)
}

/// Writes the sheet for the notice board into a new file.
pub fn export_board(config: &Config, file: &Path) -> Result<(), String> {
    let key = verifier(config)?;
    let db = open(&config.database_url)?;
    let sheet = db.read_now(|rx| supervision::board_sheet(rx, &key, db.now())).map_err(|e| e.to_string())?;
    let sheet = sheet.ok_or("the log has no signed checkpoint yet; start the server once")?;
    write_new(file, &sheet)
}

/// What of the configured database is verified, and what becomes of the outcome.
#[derive(Debug, Default)]
pub struct Verifying {
    /// The log's public key; the installation's own where it is left out.
    pub key: Option<VerifierKey>,
    /// A head that somebody kept: only what came after it is looked at.
    pub since: Option<Checkpoint>,
    /// Where the signed report goes, a new file.
    pub report: Option<PathBuf>,
}

/// Verifies the configured database: one line a fault, then the summary.
pub fn verify(config: &Config, asked: &Verifying, out: &mut dyn Write) -> Result<Summary, String> {
    let keys = match (&asked.key, &asked.report) {
        (Some(_), None) => None,
        _ => Some(Keys::load(&config.keys, None)?),
    };
    let former = keys.as_ref().map_or(&[][..], |keys| &keys.former);
    let signer = keys.as_ref().map(Keys::log_signer).transpose()?;
    let own = signer.as_ref().map(|signer| signer.verifier());
    let key = asked.key.as_ref().or(own).ok_or("there is no key to verify with")?;
    if own.is_some_and(|own| own != key) {
        return Err("a report is signed with this installation's key, and that is not the one of --key".into());
    }
    let started_at = SystemClock.now();
    let witnesses = app::witnesses(config, key)?;
    let (summary, faults) =
        verify_database(&config.database_url, (key, former), &witnesses, asked.since.as_ref(), out)?;
    if let (Some(file), Some(signer)) = (&asked.report, &signer) {
        let origin = key.name().to_owned();
        let report = Report { origin, started_at, ended_at: SystemClock.now(), summary: summary.clone(), faults };
        write_new(file, &report.sign(signer).map_err(|e| e.to_string())?.to_string())?;
    }
    Ok(summary)
}

/// Reads a head that somebody kept: a checkpoint, a receipt that stands under one, or the three lines of the sheet on the notice
/// board, typed from paper, which need no signature: whoever brings them believes the paper.
///
/// Errors: the file cannot be read, or is no head of the log with this key.
pub fn kept_head(config: &Config, file: &Path, key: Option<&VerifierKey>) -> Result<Checkpoint, String> {
    let keys = match key {
        Some(key) => vec![key.clone()],
        None => {
            let (key, former) = verifiers(config)?;
            std::iter::once(key).chain(former).collect()
        }
    };
    let text = read_text(file)?;
    let is_ours = |head: &Checkpoint| keys.iter().any(|key| key.name() == head.origin);
    let from_paper = text.parse::<Checkpoint>().ok().filter(|head| text == head.to_string() && is_ours(head));
    if let Some(head) = from_paper {
        return Ok(head);
    }
    let note = text.parse::<LogProof>().map_or(text, |receipt| receipt.checkpoint);
    let opened = keys.iter().map(|key| Checkpoint::open(&note, key)).reduce(Result::or);
    let opened = opened.ok_or("there is no key to verify with")?;
    opened.map_err(|e| format!("{}: this is no head of this log: {e}", file.display()))
}

fn verify_database(
    url: &str,
    (key, former): (&VerifierKey, &[VerifierKey]),
    witnesses: &Witnesses,
    since: Option<&Checkpoint>,
    out: &mut dyn Write,
) -> Result<(Summary, Vec<Fault>), String> {
    let db = open(url)?;
    let bar = bar("entries");
    let mut named = Vec::new();
    let mut report = |event| match event {
        Event::Fault(fault) => {
            // A reader that went away is no error; the exit code still tells.
            bar.suspend(|| drop(writeln!(out, "{fault}")));
            if named.len() < report::FAULTS_NAMED {
                named.push(fault);
            }
        }
        Event::Entries(n, total) => {
            bar.set_length(total);
            bar.set_position(n);
        }
        Event::Rows(n) => bar.set_message(format!("{n} rows")),
    };
    let (tables, checks) = (app::logged_tables(), app::checks());
    let what = Verification { key, former, witnesses, tables: &tables, checks: &checks, since };
    let summary = db.read_together(log::READERS, |rx, beside| log::verify(rx, beside, &what, &mut report));
    bar.finish_and_clear();
    let summary = summary.map_err(|e| e.to_string())?;
    let _closed = writeln!(out, "{summary}");
    Ok((summary, named))
}

/// Checks the signature of a report with nothing but the log's key; returns its text.
///
/// Errors: the file cannot be read; it is no report that the log with this key has signed.
pub fn check_report(key: &VerifierKey, file: &Path) -> Result<String, String> {
    report::open(&read_text(file)?, key).map_err(|e| format!("{}: NOT signed as a report: {e}", file.display()))
}

fn read_text(file: &Path) -> Result<String, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    String::from_utf8(bytes).map_err(|_| format!("{}: this is no text", file.display()))
}

fn write_new(file: &Path, text: &str) -> Result<(), String> {
    let made = std::fs::File::create_new(file).and_then(|mut new| new.write_all(text.as_bytes()));
    made.map_err(|e| format!("{} cannot be written: {e}", file.display()))
}

/// Checks a receipt with nothing but the log's key; returns what it proves, in words and word for word.
///
/// Errors: a file cannot be read; the receipt proves nothing under this key.
pub fn check_receipt(key: &VerifierKey, receipt: &Path, entry: Option<&Path>) -> Result<String, String> {
    let read = |file: &Path| std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()));
    let text = read_text(receipt)?;
    let proven = proof::check_receipt(&text, entry.map(read).transpose()?, key)
        .map_err(|e| format!("{}: NOT proven: {e}", receipt.display()))?;
    let Proven { entry, index, head } = proven;
    Ok(format!(
        "proven: entry {index} of the {} that {} has signed (root {})\n{}\n",
        head.size,
        head.origin,
        head.root,
        String::from_utf8_lossy(&entry)
    ))
}

/// Gives the log another key, and with `origin` another name: announces it under the old key, writes the receipt of that into
/// a new file, puts the new key in its place and signs the first head with it. Begun and interrupted, it goes on where it was.
/// Servers are stopped before and started after; one that is not cannot sign any more. Returns the new public key.
///
/// Errors: one line; until the new key is in its place the old one signs as before.
pub fn change_key(config: &Config, origin: Option<&str>, reason: &str, receipt: &Path) -> Result<VerifierKey, String> {
    let db = open(&config.database_url)?;
    let said = |e: db::Error| e.to_string();
    let keys = Keys::load(&config.keys, None)?;
    let next_file = config.keys.with_extension("next");
    let mut next = keys.clone();
    let interrupted = match keys.former.first() {
        Some(old) => db.read_now(|rx| succession::is_waiting(rx, old)).map_err(said)?,
        None => false,
    };
    if !interrupted {
        next = if next_file.exists() {
            Keys::load(&next_file, None)?
        } else {
            let made = keys.followed_by(origin.unwrap_or(&keys.origin))?;
            made.log_signer()?;
            made.save(&next_file).map_err(|e| format!("{} cannot be written: {e}", next_file.display()))?;
            made
        };
        let old = Arc::new(keys.log_signer()?);
        let seq = succession::announce(&db, &old, next.log_signer()?.verifier(), reason).map_err(said)?;
        let proof = db.read_now(|rx| log::Witnesses::none().receipt(rx, seq)).map_err(said)?;
        let proof = proof.ok_or("the announcement is not signed yet; run this once more")?;
        write_new(receipt, &proof.to_string()).map_err(|e| format!("{e}; nothing has changed yet"))?;
        std::fs::rename(&next_file, &config.keys).map_err(|e| format!("{}: {e}", config.keys.display()))?;
    }
    let signer = next.log_signer()?;
    let old = next.former.first().ok_or("the key file names no former key")?;
    succession::take_over(&db, old, &signer).map_err(said)?;
    Ok(signer.verifier().clone())
}

/// Folds every logged table again out of the log into `dir`, which is made if absent, and compares it with the table as it
/// stands; one line a table. Returns whether all are the same.
pub fn rebuild(config: &Config, dir: &Path, out: &mut dyn Write) -> Result<bool, String> {
    log::new_folder(dir)?;
    let db = open(&config.database_url)?;
    let all = db.read_now(|rx| log::rebuild(rx, &app::logged_tables(), dir)).map_err(|e| e.to_string())?;
    for table in &all {
        let end = match (table.is_same(), table.untold) {
            (true, _) => "the same as the table".to_owned(),
            (false, 0) => format!("DIFFERS from the table, {:?}", table.standing),
            (false, untold) => format!("DIFFERS from the table; {untold} rows are not told"),
        };
        // A reader that went away is no error; the exit code still tells.
        let _closed = writeln!(out, "{} {} rows sha256 {:?}: {end}", table.table, table.rows, table.folded);
    }
    Ok(all.iter().all(log::Rebuilt::is_same))
}

/// Copies the embedded database to `file` while it is being served. The key file is not part of it.
pub fn back_up(config: &Config, file: &Path) -> Result<(), String> {
    backup::backup(&target(&config.database_url)?, file)
}

/// Puts a backup in the place of the embedded database, after it was verified with this installation's key.
///
/// Errors: the copy is not whole (its faults are written to `out`), is of another installation or a newer program; the
/// database is being served. The database is then as it was.
pub fn restore(config: &Config, file: &Path, out: &mut dyn Write) -> Result<Summary, String> {
    let (key, former) = verifiers(config)?;
    let witnesses = app::witnesses(config, &key)?;
    let place = target(&config.database_url)?;
    let staged = backup::stage(&place, file)?;
    let url = format!("sqlite://{}", staged.display());
    let looked_at = target(&url)
        .and_then(|copy| db::migrate(&copy).map_err(|e| e.to_string()))
        .and_then(|_| verify_database(&url, (&key, &former), &witnesses, None, out));
    let fits = match looked_at {
        Ok((summary, _)) if summary.faults == 0 => {
            erase_again(config, &url, out).and_then(|()| backup::replace(&place, &staged)).map(|()| summary)
        }
        Ok((summary, _)) => Err(format!("{} has {} faults; nothing was replaced", file.display(), summary.faults)),
        Err(e) => Err(format!("{}: {e}; nothing was replaced", file.display())),
    };
    if fits.is_err() {
        backup::discard(&staged);
    }
    fits
}

/// Erases in the copy whoever was erased in the database that it replaces. Where that cannot be asked, says so.
fn erase_again(config: &Config, copy: &str, out: &mut dyn Write) -> Result<(), String> {
    let erased =
        open(&config.database_url).and_then(|db| db.read_now(members::erased_persons).map_err(|e| e.to_string()));
    let erased = match erased {
        Ok(erased) => erased,
        Err(e) => {
            let _closed = writeln!(
                out,
                "erasures could not be repeated ({e}): whoever was erased after this copy was made must be erased again; the \
                 entries `{}` of the published log say who",
                log::ERASURE
            );
            return Ok(());
        }
    };
    let db = open(copy)?;
    let mut repeated = 0;
    for person in erased {
        let id = person.clone();
        let lane = Lane::of("person", &person);
        if db.write_now(lane, move |tx| erasures::repeat(tx, &id)).map_err(|e| e.to_string())?.is_some() {
            repeated += 1;
            let _closed = writeln!(out, "erased again: {person}");
        }
    }
    db.stop();
    drop(db);
    if repeated > 0 { db::scrub(&target(copy)?).map_err(|e| e.to_string()) } else { Ok(()) }
}

/// Writes the database's files anew, also while it is served.
pub fn scrub(config: &Config) -> Result<(), String> {
    db::scrub(&target(&config.database_url)?).map_err(|e| e.to_string())
}

fn target(url: &str) -> Result<Target, String> {
    Target::parse(url).map_err(|e| e.to_string())
}

/// Opens what is there for reading; nothing is made, and a server may be at work on it.
pub fn open(url: &str) -> Result<Db, String> {
    // Opening what is not there would make it.
    if let Some(path) = url.strip_prefix("sqlite://")
        && !Path::new(path).exists()
    {
        return Err(format!("there is no database at {path}"));
    }
    let options = Options { readers: 1 + u32::try_from(log::READERS).unwrap_or(0), ..Options::default() };
    let db = Db::open(url, Arc::new(SystemClock), &options).map_err(|e| e.to_string())?;
    match db::schema_state(&db).map_err(|e| e.to_string())? {
        SchemaState::Current => Ok(db),
        SchemaState::Behind(n) => Err(format!("the database lacks {n} migrations: run `xiangji migrate` first")),
        SchemaState::Newer(v) => Err(format!("the database is at version {v}, newer than this program")),
    }
}

/// Shown on a terminal only.
fn bar(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}
