//! A copy of the embedded database while it is served, and putting one back. PostgreSQL has its own tools for both.
//!
//! Promise: a file that exists is not overwritten, a copy is durable before it has its name, and the database that a copy
//! replaces is kept beside it. Errors are one line for the operator.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::{Target, dialect};

/// Writes a consistent copy of the database to `file`, readable by its owner only: sealed or not, it is everybody's data.
pub fn backup(target: &Target, file: &Path) -> Result<(), String> {
    let place = dialect::embedded_file(target)?;
    if !place.exists() {
        return Err(format!("there is no database at {}", place.display()));
    }
    if file.exists() {
        return Err(format!("{} exists; give a new name", file.display()));
    }
    let part = beside(file, ".part");
    private_file(&part).map_err(|e| cannot("written", &part, &e))?;
    let copied = target.connect().and_then(|mut conn| dialect::copy_to(&mut conn, &part.display().to_string()));
    let done = copied
        .map_err(|e| e.to_string())
        .and_then(|()| named_durably(&part, file).map_err(|e| cannot("written", file, &e)));
    if done.is_err() {
        let _left_behind = fs::remove_file(&part);
    }
    done
}

/// Copies `file` beside the embedded database of `target`, so that it can be looked at before it takes its place.
pub fn stage(target: &Target, file: &Path) -> Result<PathBuf, String> {
    let staged = beside(dialect::embedded_file(target)?, ".restoring");
    discard(&staged);
    let mut from = File::open(file).map_err(|e| cannot("read", file, &e))?;
    let mut to = private_file(&staged).map_err(|e| cannot("written", &staged, &e))?;
    io::copy(&mut from, &mut to).map_err(|e| cannot("copied", file, &e))?;
    Ok(staged)
}

/// Puts a staged copy in the place of the database. The one that was there stays beside it as `….before-restore`.
///
/// Errors: the database is being served; a file cannot be moved.
pub fn replace(target: &Target, staged: &Path) -> Result<(), String> {
    let place = dialect::embedded_file(target)?;
    dialect::close_file(staged)?;
    if place.exists() {
        dialect::close_file(place)?;
        fs::rename(place, beside(place, ".before-restore")).map_err(|e| cannot("moved", place, &e))?;
    }
    named_durably(staged, place).map_err(|e| cannot("moved", staged, &e))
}

/// Removes a staged copy that did not pass.
pub fn discard(staged: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _mostly_absent = fs::remove_file(beside(staged, ending));
    }
}

fn cannot(what: &str, path: &Path, e: &io::Error) -> String {
    format!("{} cannot be {what}: {e}", path.display())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

/// Makes an empty file that only its owner reads, in place of what may be left of an earlier attempt.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Gives a finished file its name, once its bytes are on the disk.
fn named_durably(from: &Path, to: &Path) -> io::Result<()> {
    File::open(from)?.sync_all()?;
    fs::rename(from, to)?;
    let dir = to.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
}
