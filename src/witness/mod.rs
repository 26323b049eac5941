//! Being a witness for the logs of others (C2SP tlog-witness): a neighbouring village's way to keep a log honest.
//!
//! Promise: for each log this witness remembers the largest head that it cosigned, and cosigns only what continues it. What it
//! remembers is on the disk before the signature leaves the house, so no power cut makes it sign two histories; one that
//! does not fit is kept with its signature as evidence. It needs a folder and a port, and no database.

mod folder;
mod rules;
mod server;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

pub use server::serve;

use crate::{
    config::SystemClock,
    kernel::time::Clock,
    log::{
        cosignature::{CosignerKey, CosignerSecret, Submission, cosign},
        note::{Checkpoint, VerifierKey},
    },
};
use folder::Folder;
use rules::{Verdict, judge};

/// A witness at work. Cheap to clone.
#[derive(Clone)]
pub struct Witness(Arc<Inner>);

struct Inner {
    key: CosignerSecret,
    logs: Vec<VerifierKey>,
    /// One submission is looked at, remembered and answered before the next (tlog-witness demands it).
    memory: Mutex<Memory>,
}

struct Memory {
    folder: Folder,
    /// The largest cosigned head of each log, by origin.
    seen: HashMap<String, Checkpoint>,
    /// Set when the disk refused: what is on it is then not known, and only a new start reads it again.
    broken: bool,
}

/// What a submission is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The cosignature line.
    Cosigned(String),
    /// This status and this sentence.
    Refused(u16, String),
    /// 409: the size of the largest head that was cosigned.
    Conflict(u64),
}

impl Witness {
    /// Opens the folder of a witness; its key, under `name` or a name that is drawn, is made at the first start.
    ///
    /// Errors, one line each: the folder cannot be used or is in use; its key is another's or readable by others; what it
    /// remembers is damaged.
    pub fn open(dir: &Path, name: Option<&str>, logs: Vec<VerifierKey>) -> Result<Witness, String> {
        let folder = Folder::open(dir)?;
        let key = folder.key(name)?;
        let mut seen = HashMap::new();
        for log in &logs {
            if let Some(head) = folder.seen(log.name(), &logs, key.verifier())? {
                seen.insert(log.name().to_owned(), head);
            }
        }
        Ok(Witness(Arc::new(Inner { key, logs, memory: Mutex::new(Memory { folder, seen, broken: false }) })))
    }

    /// The key that policies name.
    pub fn key(&self) -> &CosignerKey {
        self.0.key.verifier()
    }

    /// Looks at the body of `add-checkpoint`. Waits for the disk.
    pub fn submit(&self, body: &str) -> Answer {
        let Ok(submission) = body.parse::<Submission>() else {
            return Answer::Refused(400, "this is no add-checkpoint request of C2SP tlog-witness".into());
        };
        // A submission that panicked left nothing half done: memory changes last.
        let mut memory = self.0.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = judge(&submission, &self.0.logs, &memory.seen);
        if memory.broken {
            return Answer::Refused(500, "the disk refused an earlier head; the witness must be started again".into());
        }
        match verdict {
            Verdict::Cosign(head) => self.cosign(&mut memory, &submission, head),
            Verdict::Refused(status, why) => Answer::Refused(status, why.to_owned()),
            Verdict::Stale(size) => Answer::Conflict(size),
            Verdict::Forked { head, size, status } => {
                tracing::error!(
                    origin = head.origin,
                    size = head.size,
                    root = %head.root,
                    "a head signed by the log does not continue the one that was cosigned at {size}; both are kept as evidence"
                );
                if let Err(e) = memory.folder.keep_evidence(&head, body) {
                    tracing::error!("{e}");
                }
                match status {
                    409 => Answer::Conflict(size),
                    status => {
                        Answer::Refused(status, "the proof does not show that this head continues the last one".into())
                    }
                }
            }
        }
    }

    fn cosign(&self, memory: &mut Memory, submission: &Submission, head: Checkpoint) -> Answer {
        let now = u64::try_from(SystemClock.now().0 / 1_000_000).unwrap_or_default();
        let line = cosign(submission.note.unverified_text(), now, &self.0.key);
        let mut note = submission.note.clone();
        note.retain(|signature| self.0.logs.iter().any(|log| log.made(signature)));
        note.push(line.clone());
        if let Err(e) = memory.folder.remember(&head.origin, &note.to_string()) {
            memory.broken = true;
            tracing::error!("{e}; nothing more is signed until the next start");
            return Answer::Refused(500, "the disk refused the head; nothing was signed".into());
        }
        tracing::info!(origin = head.origin, old = submission.old, size = head.size, "cosigned");
        memory.seen.insert(head.origin.clone(), head);
        Answer::Cosigned(format!("{line}\n"))
    }

    /// The last head that was cosigned of the log whose origin has this SHA-256, in hexadecimal: for monitors.
    pub fn checkpoint(&self, id: &str) -> Option<String> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner).folder.checkpoint(id)
    }

    /// What it is, for whoever opens its address.
    pub fn description(&self) -> String {
        let memory = self.0.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = format!(
            "A witness for transparency logs (C2SP tlog-witness, POST /add-checkpoint).\n\
             It cosigns heads that continue the last one it cosigned, and keeps what does not as evidence.\n\n\
             key {}\nTake the key from the people who run this witness, not from this page.\n\n",
            self.key()
        );
        for log in &self.0.logs {
            let size =
                memory.seen.get(log.name()).map_or("nothing yet".to_owned(), |head| format!("{} entries", head.size));
            text.push_str(&format!("log {}: cosigned {size}\n", log.name()));
        }
        text
    }
}
