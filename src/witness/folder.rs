//! What a witness keeps: its key, the last head of each log, and evidence.
//!
//! ```text
//! DIR/key                       the secret key, mode 0600
//! DIR/lock                      held while a witness runs here
//! DIR/logs/ID/checkpoint        the largest cosigned head of a log, with the log's signature and this witness's
//! DIR/evidence/ID-SIZE-ROOT/    `request` as it came, and `seen`, the head that it does not continue
//! ```
//!
//! ID is the SHA-256 of the origin, ROOT begins the root. Every file is written aside, flushed, renamed and the folder flushed, so that
//! it is there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::{
    kernel::hex,
    log::{
        cosignature::{CosignerKey, CosignerSecret, cosigned_at},
        note::{Checkpoint, Note, VerifierKey},
    },
};

/// Pieces of evidence for all logs together: one is enough, and a log that lies on and on must not fill the disk.
const MOST_EVIDENCE: usize = 1000;

pub(super) struct Folder {
    dir: PathBuf,
    /// Held as long as the witness runs.
    _lock: File,
}

impl Folder {
    pub(super) fn open(dir: &Path) -> Result<Folder, String> {
        let shown = dir.display();
        for part in [dir.to_owned(), dir.join("logs"), dir.join("evidence")] {
            make_dir(&part).map_err(|e| format!("{} cannot be made: {e}", part.display()))?;
        }
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(dir.join("lock"));
        let lock = lock.map_err(|e| format!("{shown}/lock: {e}"))?;
        // Two at work in one folder would each remember half of what was signed.
        lock.try_lock().map_err(|_| format!("{shown} is in use by another witness"))?;
        Ok(Folder { dir: dir.to_owned(), _lock: lock })
    }

    /// The key of this folder; made where there is none.
    pub(super) fn key(&self, name: Option<&str>) -> Result<CosignerSecret, String> {
        let path = self.dir.join("key");
        let shown = path.display();
        match fs::read_to_string(&path) {
            Ok(mut text) => {
                let mode = fs::metadata(&path).map_err(|e| format!("{shown}: {e}"))?.permissions().mode();
                let key: Result<CosignerSecret, String> = text.trim().parse().map_err(|e| format!("{shown}: {e}"));
                text.zeroize();
                let key = key?;
                if mode & 0o077 != 0 {
                    return Err(format!(
                        "{shown} is open to others: chmod 600 it, or make a new witness if they read it"
                    ));
                }
                match name {
                    Some(name) if name != key.verifier().name() => {
                        Err(format!("{shown} is the key of {}, not of {name}", key.verifier().name()))
                    }
                    _ => Ok(key),
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let drawn = format!("xiangji-witness-{}", hex(&rand::random::<[u8; 4]>()));
                let name = name.unwrap_or(&drawn);
                let mut seed: [u8; 32] = rand::random();
                let key = CosignerSecret::from_seed(name, &seed).map_err(|e| format!("--name {name:?}: {e}"));
                seed.zeroize();
                let key = key?;
                put(&path, key.secret_text().as_bytes()).map_err(|e| format!("{shown} cannot be written: {e}"))?;
                Ok(key)
            }
            Err(e) => Err(format!("{shown} cannot be read: {e}")),
        }
    }

    /// The largest head of this log that was cosigned here; `None` before the first.
    pub(super) fn seen(
        &self,
        origin: &str,
        logs: &[VerifierKey],
        own: &CosignerKey,
    ) -> Result<Option<Checkpoint>, String> {
        let path = self.log(origin).join("checkpoint");
        let shown = path.display();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(format!("{shown} cannot be read: {e}")),
        };
        let damaged =
            || format!("{shown} is not the head that this witness cosigned; it must not go on, make a new witness");
        let note: Note = text.parse().map_err(|_| damaged())?;
        let head: Checkpoint = note.unverified_text().parse().map_err(|_| damaged())?;
        let by_log = logs.iter().any(|log| log.name() == origin && note.open(log).is_ok());
        let by_us = matches!(cosigned_at(&note, own), Ok(Some(_)));
        match (head.origin == origin && by_us, by_log) {
            (true, true) => Ok(Some(head)),
            (true, false) => {
                Err(format!("{shown} was signed with another key of {origin} than --log names; give that too"))
            }
            (false, _) => Err(damaged()),
        }
    }

    /// Puts a head in the place of the last one of its log. It is on the disk when this returns.
    pub(super) fn remember(&mut self, origin: &str, note: &str) -> Result<(), String> {
        let dir = self.log(origin);
        let kept = make_dir(&dir).and_then(|()| put(&dir.join("checkpoint"), note.as_bytes()));
        kept.map_err(|e| format!("{} cannot be written: {e}", dir.display()))
    }

    /// Keeps what does not fit together: the request word for word, and the head that it should have continued.
    pub(super) fn keep_evidence(&mut self, head: &Checkpoint, request: &str) -> Result<(), String> {
        let evidence = self.dir.join("evidence");
        let root: String = hex(&head.root.0).chars().take(16).collect();
        let dir = evidence.join(format!("{}-{}-{root}", log_id(&head.origin), head.size));
        let keep = || {
            if fs::read_dir(&evidence)?.count() >= MOST_EVIDENCE || dir.exists() {
                return Ok(());
            }
            make_dir(&dir)?;
            put(&dir.join("request"), request.as_bytes())?;
            put(&dir.join("seen"), &fs::read(self.log(&head.origin).join("checkpoint"))?)
        };
        keep().map_err(|e: io::Error| format!("evidence in {} cannot be kept: {e}", dir.display()))
    }

    /// The last head of the log with this ID, word for word; `None` where there is none.
    pub(super) fn checkpoint(&self, id: &str) -> Option<String> {
        let is_id = id.len() == 64 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_id.then(|| fs::read_to_string(self.dir.join("logs").join(id).join("checkpoint")).ok()).flatten()
    }

    fn log(&self, origin: &str) -> PathBuf {
        self.dir.join("logs").join(log_id(origin))
    }
}

/// An origin holds slashes and what not: a folder has the name that the monitoring address of tlog-witness has.
fn log_id(origin: &str) -> String {
    hex(&Sha256::digest(origin))
}

fn make_dir(dir: &Path) -> io::Result<()> {
    match fs::create_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
        Ok(()) => flush_parent(dir),
    }
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&aside, path)?;
    flush_parent(path)
}

/// A new name lasts when the folder that holds it was flushed.
fn flush_parent(path: &Path) -> io::Result<()> {
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}
