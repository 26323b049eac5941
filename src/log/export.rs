//! The log as a folder of static files that any web server can serve and any C2SP tlog-tiles reader can check.

use std::{fs, path::Path};

use super::{published, tiles::Tile};
use crate::db::Rx;

/// Makes the folder of an export, or takes one that is there and empty: nothing of before is mixed with it.
///
/// Errors: one line.
pub fn new_folder(dir: &Path) -> Result<(), String> {
    let shown = dir.display();
    fs::create_dir_all(dir).map_err(|e| format!("{shown} cannot be made: {e}"))?;
    let mut inside = fs::read_dir(dir).map_err(|e| format!("{shown} cannot be read: {e}"))?;
    if inside.next().is_some() {
        return Err(format!("{shown} is not empty; give a new folder"));
    }
    Ok(())
}

/// Writes the newest signed head and everything below it into `dir`, which is made if absent; returns the number of
/// entries. `written` hears how many of how many files stand. The head is written last: a folder without `checkpoint` is
/// one that was not finished.
///
/// Errors are one line each: `dir` is not empty or cannot be written; the log has no signed head yet.
pub fn export(rx: &mut Rx<'_>, dir: &Path, mut written: impl FnMut(u64, u64)) -> Result<u64, String> {
    new_folder(dir)?;
    let head = published::head(rx).map_err(|e| e.to_string())?;
    let head = head.ok_or("the log has no signed checkpoint yet; start the server once")?;
    let total = Tile::all(head.size).count() as u64;
    for (tile, n) in Tile::all(head.size).zip(1..) {
        let bytes = published::file(rx, &tile, &head).map_err(|e| e.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("{tile} is beyond the signed log"))?;
        let path = dir.join(tile.to_string());
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, bytes));
        made.map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
        written(n, total);
    }
    let path = dir.join("checkpoint");
    fs::write(&path, &head.note).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    Ok(head.size)
}
