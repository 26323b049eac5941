//! The demonstration's folder: made anew at each start, but never at the cost of anything else.

use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

/// Says whose folder it is; only beside it a database is replaced. Locked while a demonstration runs.
const MARK: &str = "xiangji-demo.txt";
const DATABASE: &str = "xiangji.db";
/// What a demonstration leaves behind.
const OWN: [&str; 6] = [MARK, DATABASE, "xiangji.db-wal", "xiangji.db-shm", "xiangji.db-journal", "xiangji.keys"];

/// A folder that belongs to this process's demonstration.
pub struct Folder {
    dir: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder, or empties it of what a former demonstration left.
    ///
    /// # Errors
    /// It holds a file that no demonstration made, a database without the mark, or a demonstration that still runs.
    pub fn take(dir: &Path) -> Result<Folder, String> {
        let fault = |e: std::io::Error| format!("{}: {e}", dir.display());
        fs::create_dir_all(dir).map_err(fault)?;
        let mut names = Vec::new();
        for entry in fs::read_dir(dir).map_err(fault)? {
            names.push(entry.map_err(fault)?.file_name().to_string_lossy().into_owned());
        }
        let marked = names.iter().any(|n| n == MARK);
        if let Some(other) = names.iter().find(|n| !marked || !OWN.contains(&n.as_str())) {
            return Err(format!(
                "{} holds {other}, which is not a demonstration's: name an empty folder with --dir",
                dir.display()
            ));
        }
        let mark = dir.join(MARK);
        let mut lock = File::options().create(true).append(true).open(&mark).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "{} is in use by a demonstration that runs: stop it, or name another folder with --dir",
                    dir.display()
                ));
            }
            Err(TryLockError::Error(e)) => return Err(fault(e)),
        }
        for name in names.iter().filter(|n| *n != MARK) {
            fs::remove_file(dir.join(name)).map_err(fault)?;
        }
        lock.set_len(0).map_err(fault)?;
        let text = "本文件夹由 xiangji demo 生成，内容均为虚构；下次启动演示时会清空重建。\n\
                    Made by `xiangji demo`: everything here is made up, and made anew at the next start.\n";
        lock.write_all(text.as_bytes()).map_err(fault)?;
        Ok(Folder { dir: dir.to_owned(), _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.dir
    }

    pub fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_former_demonstration_is_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let place = dir.path().join("new/demo");
        let folder = Folder::take(&place).expect("a new folder");
        fs::write(folder.database(), "old").expect("written");
        assert!(Folder::take(&place).err().is_some_and(|e| e.contains("in use")));
        drop(folder);
        let folder = Folder::take(&place).expect("the same folder again");
        assert!(!folder.database().exists());
        drop(folder);
        fs::write(place.join("letters.txt"), "x").expect("written");
        assert!(Folder::take(&place).err().is_some_and(|e| e.contains("letters.txt")));
        assert!(place.join("letters.txt").exists());

        let real = dir.path().join("real");
        fs::create_dir(&real).expect("made");
        fs::write(real.join(DATABASE), "a village's books").expect("written");
        assert!(Folder::take(&real).is_err(), "a database without the mark is somebody's");
        assert_eq!(fs::read_to_string(real.join(DATABASE)).ok().as_deref(), Some("a village's books"));
    }
}
