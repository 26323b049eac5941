//! What an operator or an auditor does to an installation from the command line: export the log, verify, back up, restore.
//! Works beside a running server. Errors are one line; long work shows a bar where a person looks on.

use std::{io::Write, path::Path, sync::Arc};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    app,
    config::{Config, SystemClock},
    db::{self, Db, Lane, Options, SchemaState, Target, backup},
    erasures,
    log::{
        self, Event, Summary,
        note::VerifierKey,
        proof::{self, Proven},
    },
    members, supervision,
    vault::Keys,
};

/// The public key of this installation's log.
pub fn verifier(config: &Config) -> Result<VerifierKey, String> {
    Ok(Keys::load(&config.keys, None)?.log_signer()?.verifier().clone())
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
    let made = std::fs::File::create_new(file).and_then(|mut new| new.write_all(sheet.as_bytes()));
    made.map_err(|e| format!("{} cannot be written: {e}", file.display()))
}

/// Verifies the configured database against `key`, or the key of this installation: one line a fault, then the summary.
pub fn verify(config: &Config, key: Option<&VerifierKey>, out: &mut dyn Write) -> Result<Summary, String> {
    let own;
    let key = match key {
        Some(key) => key,
        None => {
            own = verifier(config)?;
            &own
        }
    };
    verify_database(&config.database_url, key, out)
}

fn verify_database(url: &str, key: &VerifierKey, out: &mut dyn Write) -> Result<Summary, String> {
    let db = open(url)?;
    let bar = bar("entries");
    let mut report = |event| match event {
        // A reader that went away is no error; the exit code still tells.
        Event::Fault(fault) => bar.suspend(|| drop(writeln!(out, "{fault}"))),
        Event::Entries(n, total) => {
            bar.set_length(total);
            bar.set_position(n);
        }
        Event::Rows(n) => bar.set_message(format!("{n} rows")),
    };
    let summary = db.read_now(|rx| log::verify(rx, &app::logged_tables(), key, &mut report));
    bar.finish_and_clear();
    let summary = summary.map_err(|e| e.to_string())?;
    let _closed = writeln!(out, "{summary}");
    Ok(summary)
}

/// Checks a receipt with nothing but the log's key; returns what it proves, in words and word for word.
///
/// Errors: a file cannot be read; the receipt proves nothing under this key.
pub fn check_receipt(key: &VerifierKey, receipt: &Path, entry: Option<&Path>) -> Result<String, String> {
    let read = |file: &Path| std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()));
    let text = String::from_utf8(read(receipt)?).map_err(|_| format!("{}: this is no text", receipt.display()))?;
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
    let key = verifier(config)?;
    let place = target(&config.database_url)?;
    let staged = backup::stage(&place, file)?;
    let url = format!("sqlite://{}", staged.display());
    let looked_at = target(&url)
        .and_then(|copy| db::migrate(&copy).map_err(|e| e.to_string()))
        .and_then(|_| verify_database(&url, &key, out));
    let fits = match looked_at {
        Ok(summary) if summary.faults == 0 => {
            erase_again(config, &url, out).and_then(|()| backup::replace(&place, &staged)).map(|()| summary)
        }
        Ok(summary) => Err(format!("{} has {} faults; nothing was replaced", file.display(), summary.faults)),
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
    let options = Options { readers: 1, ..Options::default() };
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
