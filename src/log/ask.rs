//! Asking witnesses to cosign the newest head (C2SP tlog-witness, the log's side).
//!
//! Promise: all witnesses are asked for the same head at the same time, so that a quorum meets on one. Each gets the whole way
//! from what it last cosigned in one request, however long it was away. Its line is verified before it is kept. Among several
//! instances on one database one asks, and another takes over when that one is gone for [`LEASE_S`]. Nobody who writes or
//! reads waits for a witness.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    cosignature::{Submission, cosigned_at},
    merkle,
    note::{Checkpoint, Note, VerifierKey},
    policy::{Policy, Witness},
    store::{self, StoredTiles, cosignatures},
    tiles::TiledTree,
    witnesses::Witnesses,
};
use crate::{
    db::{Db, Error, Lane, Result, Rx, Tx, new_token},
    kernel::Timestamp,
    outward::{Advice, agent, check_transport},
};

/// How long an instance may ask without saying again that it is there, in seconds.
const LEASE_S: i64 = 20;
/// How long one request may take; a round is over when its slowest witness has answered or failed.
const PATIENCE: Duration = Duration::from_secs(4);
/// The longest wait before a witness that failed is asked again, in seconds.
const LONGEST_WAIT_S: i64 = 60;
/// Most bytes of an answer: a few signature lines.
const MOST_BYTES: u64 = 64 * 1024;

/// Asks the witnesses of a policy. One for each instance.
pub struct Asker {
    witnesses: Witnesses,
    policy: Arc<Policy>,
    log: VerifierKey,
    agent: ureq::Agent,
    /// Which instance this is.
    name: String,
    /// By the witness's name.
    troubles: Mutex<HashMap<String, Trouble>>,
}

/// A witness that did not cosign when it was asked last.
struct Trouble {
    times: u32,
    until: Timestamp,
    what: String,
}

/// What a witness answered.
enum Answered {
    /// Its line and the time in it.
    Cosigned { line: String, at: Timestamp },
    /// 409: it has seen a head of this size.
    HasSeen(u64),
}

impl Asker {
    /// `None` where nobody is to be asked.
    ///
    /// Errors: one line; a witness cannot be reached in the way its address says. `allow_plaintext` consents to http:// beyond
    /// this machine: what is sent is public and signed, but whoever carries it can hold it back.
    pub fn new(
        witnesses: &Witnesses,
        log: &VerifierKey,
        allow_plaintext: bool,
    ) -> std::result::Result<Option<Asker>, String> {
        let Some(policy) = witnesses.policy() else { return Ok(None) };
        for witness in policy.witnesses() {
            if let Some(url) = &witness.url {
                let plain = check_transport(url, allow_plaintext, &ADVICE);
                plain.map_err(|e| format!("witness {}: {url} {e}", witness.name))?;
            }
        }
        Ok(Some(Asker {
            witnesses: witnesses.clone(),
            policy: policy.clone(),
            log: log.clone(),
            agent: agent(PATIENCE),
            name: new_token(),
            troubles: Mutex::default(),
        }))
    }

    /// One round: every witness that has not cosigned the newest head, and is not being left alone after a failure, is asked for
    /// it. Returns how many cosigned. A job; it waits for the network.
    ///
    /// Errors: the database says no. What is wrong with a witness goes to the operator's log and is tried again.
    pub fn ask_once(&self, db: &Db) -> Result<usize> {
        let now = db.now();
        let Some(Round { head, due }) = db.read_now(|rx| self.due(rx, now))? else { return Ok(0) };
        if due.is_empty() || !self.may_ask(db, now)? {
            return Ok(0);
        }
        let head = &head;
        let panicked = || Error::Internal("asking a witness panicked".into());
        let gained = std::thread::scope(|scope| {
            let ask = |(witness, old)| scope.spawn(move || self.ask(db, head, witness, old));
            let asked: Vec<_> = due.into_iter().map(ask).collect();
            asked
                .into_iter()
                .map(|asked| asked.join().unwrap_or_else(|_| Err(panicked())))
                .collect::<Result<Vec<bool>>>()
        });
        Ok(gained?.into_iter().filter(|cosigned| *cosigned).count())
    }

    /// Who is to be asked now.
    fn due(&self, rx: &mut Rx<'_>, now: Timestamp) -> Result<Option<Round<'_>>> {
        let Some((size, note)) = store::last_checkpoint(rx)? else { return Ok(None) };
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = Vec::new();
        for witness in self.policy.witnesses().iter().filter(|witness| witness.url.is_some()) {
            if troubles.get(&witness.name).is_some_and(|trouble| now < trouble.until) {
                continue;
            }
            match cosignatures::last_of(rx, &witness.key.to_string())? {
                Some((last, _)) if last >= size => {}
                last => due.push((witness, last.map_or(0, |(last, _)| last))),
            }
        }
        Ok(Some(Round { head: Newest { size, note }, due }))
    }

    /// Takes or keeps the turn to ask; `false` while another instance has it.
    fn may_ask(&self, db: &Db, now: Timestamp) -> Result<bool> {
        let own = |(asker, until): (String, Timestamp), margin_s| asker == self.name && now.plus_s(margin_s) < until;
        if own(db.read_now(cosignatures::asker)?, LEASE_S / 2) {
            return Ok(true);
        }
        let name = self.name.clone();
        let (witnesses, until) = (self.witnesses.clone(), now.plus_s(LEASE_S));
        db.write_now(Lane::of("log", "witnesses"), move |tx| {
            let (asker, taken_until) = cosignatures::lock_asker(tx)?;
            let is_free = asker == name || taken_until <= now;
            if is_free {
                cosignatures::set_asker(tx, &name, until)?;
                // A policy that has become milder may be satisfied already.
                if let Some(size) = cosignatures::largest(tx)? {
                    note_quorum(tx, &witnesses, size)?;
                }
            }
            Ok(is_free)
        })
    }

    /// Asks one witness and keeps its line; `false` where there is none, which the operator's log then says.
    fn ask(&self, db: &Db, head: &Newest, witness: &Witness, old: u64) -> Result<bool> {
        let answered = self.converse(db, head, witness, old)?;
        let (line, at) = match answered {
            Ok(cosigned) => cosigned,
            Err(what) => {
                self.trouble(db.now(), witness, what);
                return Ok(false);
            }
        };
        let (size, key, witnesses) = (head.size, witness.key.to_string(), self.witnesses.clone());
        db.write_now(Lane::of("log", "witnesses"), move |tx| {
            cosignatures::insert(tx, size, &key, at, &line)?;
            note_quorum(tx, &witnesses, size)
        })?;
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        if troubles.remove(&witness.name).is_some() {
            tracing::info!(witness = witness.name, size, "cosigns again");
        }
        Ok(true)
    }

    /// The request, and a second one where the witness has seen another head than is known here. The inner error is what went
    /// wrong with the witness.
    fn converse(
        &self,
        db: &Db,
        head: &Newest,
        witness: &Witness,
        old: u64,
    ) -> Result<std::result::Result<(String, Timestamp), String>> {
        let mut old = old;
        for _ in 0..2 {
            let submission = db.read_now(|rx| head.submission(rx, &self.log, old))?;
            match self.send(witness, &submission) {
                Ok(Answered::Cosigned { line, at }) => return Ok(Ok((line, at))),
                Ok(Answered::HasSeen(size)) if size > head.size => {
                    return Ok(Err(format!(
                        "it has cosigned {size} entries of this log, which has {}: was an old copy of the database put back?",
                        head.size
                    )));
                }
                Ok(Answered::HasSeen(size)) if size == old => {
                    return Ok(Err(format!(
                        "it has cosigned another head of {size} entries: there are two histories of this log"
                    )));
                }
                Ok(Answered::HasSeen(size)) => old = size,
                Err(what) => return Ok(Err(what)),
            }
        }
        Ok(Err("it changes its mind about what it has seen".into()))
    }

    fn send(&self, witness: &Witness, submission: &Submission) -> std::result::Result<Answered, String> {
        let address = format!("{}/add-checkpoint", witness.url.as_deref().unwrap_or_default().trim_end_matches('/'));
        let request = self.agent.post(&address).content_type("text/plain; charset=utf-8");
        let mut response = request.send(submission.to_string()).map_err(|e| format!("it cannot be reached: {e}"))?;
        let status = response.status().as_u16();
        let is_size =
            response.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/x.tlog.size"));
        let body = response.body_mut().with_config().limit(MOST_BYTES).read_to_string();
        let body = body.map_err(|e| format!("its answer cannot be read: {e}"))?;
        match status {
            200 => read_cosignature(&submission.note, &body, witness),
            409 if is_size => {
                let size = body.strip_suffix('\n').and_then(super::note::canonical_number);
                size.map(Answered::HasSeen).ok_or_else(|| "its 409 gives no size".into())
            }
            422 => Err("it refuses (422): the log does not continue what it has cosigned".into()),
            _ => Err(format!("it refuses ({status}): {}", body.lines().next().unwrap_or_default())),
        }
    }

    /// Leaves a witness alone for a while, longer each time; says so where it is something new.
    fn trouble(&self, now: Timestamp, witness: &Witness, what: String) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let before = troubles.remove(&witness.name);
        if before.as_ref().is_none_or(|before| before.what != what) {
            tracing::warn!(witness = witness.name, "{what}; it is asked again");
        }
        let times = before.map_or(0, |before| before.times).saturating_add(1);
        let wait = 1_i64.checked_shl(times - 1).map_or(LONGEST_WAIT_S, |wait| wait.clamp(1, LONGEST_WAIT_S));
        troubles.insert(witness.name.clone(), Trouble { times, until: now.plus_s(wait), what });
    }
}

/// Puts down that the head of `size` has its quorum, where it has.
fn note_quorum(tx: &mut Tx<'_>, witnesses: &Witnesses, size: u64) -> Result<()> {
    if witnesses.quorum_at(tx, size)?.is_some() {
        cosignatures::set_witnessed(tx, size)?;
    }
    Ok(())
}

/// Who is asked for which head.
struct Round<'p> {
    head: Newest,
    /// With the size that each has cosigned last.
    due: Vec<(&'p Witness, u64)>,
}

/// The newest signed head.
struct Newest {
    size: u64,
    note: String,
}

impl Newest {
    fn submission(&self, rx: &mut Rx<'_>, log: &VerifierKey, old: u64) -> Result<Submission> {
        let failed = |e: &dyn std::fmt::Display| Error::Internal(format!("log: asking witnesses: {e}"));
        // Nothing is sent that the log itself has not signed.
        Checkpoint::open(&self.note, log).map_err(|e| failed(&e))?;
        let note: Note = self.note.parse().map_err(|e| failed(&e))?;
        let mut tree = TiledTree::new(StoredTiles(rx), self.size);
        let proof = merkle::consistency_proof(&mut tree, old, self.size).map_err(|e| failed(&e))?;
        Ok(Submission { old, proof: proof.unwrap_or_default(), note })
    }
}

/// The line in the answer that is of this witness and fits.
fn read_cosignature(note: &Note, body: &str, witness: &Witness) -> std::result::Result<Answered, String> {
    let none = || "its answer holds no cosignature of its key for this head".to_owned();
    let answered: Note = format!("{note}{body}").parse().map_err(|_| none())?;
    let time = cosigned_at(&answered, &witness.key).map_err(|e| e.to_string())?.ok_or_else(none)?;
    let line = answered.signatures().iter().rfind(|line| witness.key.made(line)).ok_or_else(none)?;
    let at = i64::try_from(time).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    Ok(Answered::Cosigned { line: line.to_string(), at: Timestamp(at) })
}

/// Consent to plain http:// beyond this machine is the operator's: what is sent is public and signed.
const ADVICE: Advice = Advice {
    has_tls: cfg!(feature = "witness-tls"),
    feature: "witness-tls",
    consent: Some("XIANGJI_ALLOW_PLAINTEXT_WITNESSES"),
};

#[cfg(test)]
mod tests {
    use super::{super::cosignature::*, super::note::SignerKey, *};

    #[test]
    fn only_a_fitting_line_is_taken_from_an_answer() {
        let log = SignerKey::from_seed("example.com/log", &[7; 32]).unwrap();
        let head = |size| Checkpoint { origin: "example.com/log".into(), size, root: merkle::Hash([9; 32]) };
        let note = head(3).sign(&log).unwrap();
        let key = |n| CosignerSecret::from_seed("w.example", &[n; 32]).unwrap();
        let witness = Witness { name: "w".into(), key: key(1).verifier().clone(), url: None };
        let line = |text: &str, n| format!("{}\n", cosign(text, 1_700_000_000, &key(n)));
        let (good, stranger) = (line(note.unverified_text(), 1), line(note.unverified_text(), 2));
        let other_head = line(&head(4).to_string(), 1);
        let read = |body: &str| match read_cosignature(&note, body, &witness) {
            Ok(Answered::Cosigned { line, at }) => Some((line + "\n", at.0)),
            _ => None,
        };
        let taken = Some((good.clone(), 1_700_000_000_000_000));
        assert_eq!((read(&good), read(&format!("{stranger}{good}"))), (taken.clone(), taken));
        for bad in [&other_head, &stranger, "", "ok\n", good.trim_end(), &format!("{good}{other_head}")] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
