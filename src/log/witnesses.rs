//! The witnesses of this log: whether what it shows has been seen by enough others.
//!
//! Promise: what is called witnessed has its quorum by the policy of today, recomputed from the signatures at each look. A log
//! without a policy, or with `quorum none`, never calls anything witnessed.

use std::sync::Arc;

use super::{
    note::{Note, VerifierKey},
    policy::Policy,
    proof::LogProof,
    published::{self, Head},
    store::{self, cosignatures},
};
use crate::{
    db::{Error, Result, Rx},
    kernel::Timestamp,
};

/// The policy of this installation, if it has one. Cheap to clone.
#[derive(Clone, Default)]
pub struct Witnesses(Option<Arc<Policy>>);

/// What one witness has said.
#[derive(Debug, Clone)]
pub struct Said {
    /// Its name in the policy.
    pub name: String,
    /// The largest head that it cosigned, and when; `None` before the first.
    pub last: Option<(u64, Timestamp)>,
}

/// How the log stands with its witnesses.
#[derive(Debug, Clone)]
pub struct Witnessing {
    /// The least number of witnesses that is enough …
    pub least: usize,
    /// … of how many.
    pub of: usize,
    /// The size of the largest head with its quorum.
    pub witnessed: Option<u64>,
    pub said: Vec<Said>,
}

impl Witnesses {
    /// No policy: nobody is asked, and nothing is called witnessed.
    pub fn none() -> Witnesses {
        Witnesses(None)
    }

    /// The policy in `file`, for the log of `key`.
    ///
    /// Errors: one line; the policy is unsound, or names logs and not this one.
    pub fn read(file: &[u8], key: &VerifierKey) -> std::result::Result<Witnesses, String> {
        let policy = Policy::parse(file).map_err(|e| e.to_string())?;
        if !policy.covers(key) {
            return Err(format!("no log line names this log, {key}"));
        }
        Ok(Witnesses(Some(Arc::new(policy))))
    }

    pub(super) fn policy(&self) -> Option<&Arc<Policy>> {
        self.0.as_ref()
    }

    /// The head of `size` where it has its quorum.
    pub(super) fn quorum_at(&self, rx: &mut Rx<'_>, size: u64) -> Result<Option<Head>> {
        let Some(policy) = self.0.as_ref().filter(|policy| policy.asks_for_witnesses()) else { return Ok(None) };
        let Some(head) = published::head_at(rx, size)? else { return Ok(None) };
        let note: Note = head.note.parse().map_err(|e| Error::Internal(format!("log: the head of {size}: {e}")))?;
        // A spoiled line is one that the program did not keep: the head counts as not witnessed.
        Ok(policy.is_satisfied_by(&note).unwrap_or(false).then_some(head))
    }

    /// The largest head with its quorum.
    fn witnessed_head(&self, rx: &mut Rx<'_>) -> Result<Option<Head>> {
        if self.0.is_none() {
            return Ok(None);
        }
        match cosignatures::witnessed(rx)? {
            Some(size) => self.quorum_at(rx, size),
            None => Ok(None),
        }
    }

    /// Whether the entry at this place (`None`: it has none yet) stands under a head with its quorum; `None` where no quorum is
    /// asked for.
    pub fn has_witnessed(&self, rx: &mut Rx<'_>, index: Option<u64>) -> Result<Option<bool>> {
        if !self.0.as_ref().is_some_and(|policy| policy.asks_for_witnesses()) {
            return Ok(None);
        }
        let size = self.witnessed_head(rx)?.map_or(0, |head| head.size);
        Ok(Some(index.is_some_and(|index| index < size)))
    }

    /// The receipt of entry `index`, under the largest head with its quorum where that covers it, else under the newest; `None`
    /// where no head reaches so far.
    pub fn proof(&self, rx: &mut Rx<'_>, index: u64) -> Result<Option<LogProof>> {
        let witnessed = self.witnessed_head(rx)?.filter(|head| index < head.size);
        let head = match witnessed {
            Some(head) => Some(head),
            None => published::head(rx)?,
        };
        match head {
            Some(head) => published::proof(rx, index, head),
            None => Ok(None),
        }
    }

    /// The same for an entry by its number, with the entry in it, so that the file alone and the log's key prove what was
    /// recorded; `None` where no head reaches so far.
    pub fn receipt(&self, rx: &mut Rx<'_>, seq: i64) -> Result<Option<LogProof>> {
        let Some((_, Some(index), bytes)) = store::find_entry(rx, seq)? else { return Ok(None) };
        let proof = self.proof(rx, u64::try_from(index).unwrap_or(u64::MAX))?;
        Ok(proof.map(|proof| LogProof { extra: Some(bytes), ..proof }))
    }

    /// How the log stands with its witnesses; `None` without a policy that asks for them.
    pub fn standing(&self, rx: &mut Rx<'_>) -> Result<Option<Witnessing>> {
        let Some(policy) = self.0.as_ref().filter(|policy| policy.asks_for_witnesses()) else { return Ok(None) };
        let (least, of) = policy.least();
        let said = policy.witnesses().iter().map(|witness| {
            Ok(Said { name: witness.name.clone(), last: cosignatures::last_of(rx, &witness.key.to_string())? })
        });
        let said = said.collect::<Result<Vec<_>>>()?;
        Ok(Some(Witnessing { least, of, witnessed: self.witnessed_head(rx)?.map(|head| head.size), said }))
    }
}
