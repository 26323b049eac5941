//! Whether a head may be cosigned (C2SP tlog-witness, add-checkpoint). Pure.

use std::collections::HashMap;

use crate::log::{
    cosignature::Submission,
    merkle::{empty_root, verify_consistency},
    note::{Checkpoint, NoteError, VerifierKey},
};

/// What a submission deserves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It continues what was cosigned before.
    Cosign(Checkpoint),
    /// The status and why.
    Refused(u16, &'static str),
    /// 409: the sender takes another size for the last one than this.
    Stale(u64),
    /// The log's key has signed it and it does not continue the head cosigned at `size`: evidence, answered with `status`.
    Forked { head: Checkpoint, size: u64, status: u16 },
}

/// Judges a submission in the order of the specification. `seen` holds the largest cosigned head of each origin.
pub(super) fn judge(submission: &Submission, logs: &[VerifierKey], seen: &HashMap<String, Checkpoint>) -> Verdict {
    let Ok(head) = submission.note.unverified_text().parse::<Checkpoint>() else {
        return Verdict::Refused(400, "the note is no checkpoint");
    };
    let mut known = false;
    let mut signed = false;
    for log in logs.iter().filter(|log| log.name() == head.origin) {
        known = true;
        match submission.note.open(log) {
            Ok(_) => signed = true,
            Err(NoteError::Unsigned) => {}
            Err(_) => return Verdict::Refused(403, "a signature of the log's key does not fit"),
        }
    }
    if !known {
        return Verdict::Refused(404, "this witness does not know the log");
    }
    if !signed {
        return Verdict::Refused(403, "the checkpoint is not signed with a key of the log that this witness knows");
    }
    if submission.old > head.size {
        return Verdict::Refused(400, "the old size is above that of the checkpoint");
    }
    let latest = seen.get(&head.origin);
    let size = latest.map_or(0, |latest| latest.size);
    // Two roots of one size need no proof to be seen through. Version 1.0 of the specification answers 409 here in any case,
    // 1.1 does so only where the sender does not know the size.
    if latest.is_some_and(|latest| latest.size == head.size && latest.root != head.root) {
        let status = if submission.old == size { 422 } else { 409 };
        return Verdict::Forked { head, size, status };
    }
    if submission.old != size {
        return Verdict::Stale(size);
    }
    let continues = match latest {
        // From nothing there is nothing to prove; a proof is then not empty, and an empty tree has one root only.
        _ if size == 0 => submission.proof.is_empty() && (head.size > 0 || head.root == empty_root()),
        Some(latest) => verify_consistency(size, head.size, &submission.proof, &latest.root, &head.root),
        None => false,
    };
    match (continues, latest) {
        (true, _) => Verdict::Cosign(head),
        (false, Some(_)) if size > 0 => Verdict::Forked { head, size, status: 422 },
        (false, _) => Verdict::Refused(422, "the proof from an empty log must be empty"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{
        merkle::{Hash, consistency_proof, leaf_hash, root},
        note::SignerKey,
    };

    fn key(n: u8) -> SignerKey {
        SignerKey::from_seed("example.com/log", &[n; 32]).unwrap()
    }

    /// The leaves of a history; two differ from the entry 5 on.
    fn leaves(branch: u8) -> Vec<Hash> {
        (0..20u8).map(|n| leaf_hash(&[n, if n < 5 { 0 } else { branch }])).collect()
    }

    fn head(branch: u8, size: u64) -> Checkpoint {
        let root = root(&leaves(branch)[..usize::try_from(size).unwrap()]);
        Checkpoint { origin: "example.com/log".into(), size, root }
    }

    fn submission(branch: u8, old: u64, size: u64, signer: &SignerKey) -> Submission {
        let proof = consistency_proof(&mut leaves(branch).as_slice(), old, size).unwrap().unwrap_or_default();
        Submission { old, proof, note: head(branch, size).sign(signer).unwrap() }
    }

    fn judged(seen: Option<Checkpoint>, submission: &Submission) -> Verdict {
        let seen = seen.map(|head| (head.origin.clone(), head)).into_iter().collect();
        judge(submission, &[key(1).verifier().clone()], &seen)
    }

    fn status(verdict: Verdict) -> u16 {
        match verdict {
            Verdict::Cosign(_) => 200,
            Verdict::Refused(status, _) | Verdict::Forked { status, .. } => status,
            Verdict::Stale(_) => 409,
        }
    }

    #[test]
    fn what_continues_is_cosigned() {
        for size in [0, 1, 7, 20] {
            assert_eq!(judged(None, &submission(1, 0, size, &key(1))), Verdict::Cosign(head(1, size)));
            for more in size..=20 {
                let grown = judged(Some(head(1, size)), &submission(1, size, more, &key(1)));
                assert_eq!(grown, Verdict::Cosign(head(1, more)), "{size} to {more}");
            }
        }
        // Up to entry 5 both histories are one.
        assert_eq!(judged(Some(head(1, 5)), &submission(2, 5, 9, &key(1))), Verdict::Cosign(head(2, 9)));
    }

    #[test]
    fn what_does_not_continue_is_evidence() {
        let fork = |old, size| judged(Some(head(1, 9)), &submission(2, old, size, &key(1)));
        assert_eq!(fork(9, 9), Verdict::Forked { head: head(2, 9), size: 9, status: 422 });
        assert_eq!(
            fork(3, 9),
            Verdict::Forked { head: head(2, 9), size: 9, status: 409 },
            "whatever old size it claims"
        );
        assert_eq!(fork(9, 12), Verdict::Forked { head: head(2, 12), size: 9, status: 422 });
        // A rollback and a stale size are answered with what is known; neither shows that the log lies.
        for (old, size) in [(0, 12), (4, 12), (4, 5), (0, 4)] {
            assert_eq!(fork(old, size), Verdict::Stale(9), "{old} to {size}");
        }
        assert_eq!(judged(Some(head(1, 9)), &submission(1, 4, 7, &key(1))), Verdict::Stale(9));
    }

    #[test]
    fn statuses_of_the_specification() {
        let honest = submission(1, 9, 12, &key(1));
        let at9 = || Some(head(1, 9));
        assert_eq!(status(judged(at9(), &honest)), 200);
        assert_eq!(status(judged(at9(), &submission(1, 9, 12, &key(2)))), 403, "an unknown key of the origin");
        let spoiled = honest.note.to_string().replace("\n12\n", "\n13\n").parse().unwrap();
        assert_eq!(status(judged(at9(), &Submission { note: spoiled, ..honest.clone() })), 403);
        let foreign = SignerKey::from_seed("example.com/other", &[1; 32]).unwrap();
        let other = Checkpoint { origin: "example.com/other".into(), ..head(1, 12) }.sign(&foreign).unwrap();
        assert_eq!(status(judged(at9(), &Submission { note: other, ..honest.clone() })), 404);
        let text = crate::log::note::Note::sign("example.com/log\nx\n".into(), &key(1)).unwrap();
        assert_eq!(status(judged(at9(), &Submission { note: text, ..honest.clone() })), 400);
        assert_eq!(status(judged(at9(), &Submission { old: 13, ..honest.clone() })), 400);
        assert_eq!(status(judged(at9(), &Submission { proof: Vec::new(), ..honest.clone() })), 422);
        assert_eq!(status(judged(None, &Submission { old: 0, ..honest.clone() })), 422, "a proof from nothing");
        assert_eq!(judged(None, &honest), Verdict::Stale(0));
        let empty = Checkpoint { root: Hash([1; 32]), ..head(1, 0) }.sign(&key(1)).unwrap();
        assert_eq!(status(judged(None, &Submission { old: 0, proof: Vec::new(), note: empty })), 422);
    }
}
