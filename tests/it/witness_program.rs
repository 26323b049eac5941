//! `xiangji witness` by itself: what it answers, what it remembers, and that it never signs two histories however it dies.

use std::{process::Command, sync::Mutex, time::Duration};

use sha2::Digest;
use xiangji::{
    kernel::time::Clock,
    log::{
        cosignature::cosigned_at,
        note::{Note, SignerKey},
    },
};

use crate::support::{
    neighbour::{Branches, Neighbour, branches, submit},
    skip, until,
};

#[test]
fn the_witness_answers_as_the_specification_says() {
    let dir = tempfile::tempdir().unwrap();
    let (log, folder) = (branches(), dir.path().join("w"));
    let mut witness = Neighbour::start(&folder, &[log.0.verifier()]);
    let status = |witness: &Neighbour, body: &str| witness.submit(body).0;
    let first = log.submission(1, 0, 9);
    let (done, line) = witness.submit(&first);
    assert_eq!(done, 200);
    let note: Note = format!("{}{line}", first.split_once("\n\n").unwrap().1).parse().unwrap();
    let time = cosigned_at(&note, &witness.key).unwrap().unwrap();
    let now = u64::try_from(xiangji::config::SystemClock.now().0 / 1_000_000).unwrap();
    assert!(line.lines().count() == 1 && (now - 60..=now).contains(&time), "{time}");

    assert_eq!(witness.submit(&log.submission(1, 0, 12)), (409, "9\n".into()));
    assert_eq!(witness.submit(&log.submission(1, 0, 4)), (409, "9\n".into()), "a rollback");
    assert_eq!(witness.evidence(), [], "neither shows that the log lies");
    assert_eq!(witness.submit(&log.submission(2, 3, 9)), (409, "9\n".into()), "another head of its size");
    assert_eq!(status(&witness, &log.submission(2, 9, 9)), 422);
    assert_eq!(witness.evidence().len(), 1, "the same once");
    assert_eq!(status(&witness, &log.submission(2, 9, 12)), 422);
    assert_eq!(witness.evidence().len(), 2);
    assert_eq!(status(&witness, &log.submission(1, 13, 12)), 400);
    assert_eq!(status(&witness, &log.submission(1, 9, 12).replace("village.example", "town.example")), 404);
    let other = Branches(SignerKey::from_seed("village.example/log", &[8; 32]).unwrap());
    assert_eq!(status(&witness, &other.submission(1, 9, 12)), 403);
    for bad in ["", "old 9\n", "\u{0}", &log.submission(1, 9, 12).replacen("old", "new", 1)] {
        assert_eq!(status(&witness, bad), 400, "{bad:?}");
    }
    assert_eq!(status(&witness, &format!("{}{}", log.submission(1, 9, 12), "x".repeat(200_000))), 413);
    assert_eq!(
        ureq::get(format!("{}/add-checkpoint", witness.address)).call().unwrap_err().to_string(),
        "http status: 404"
    );

    let monitored = |id: &str| ureq::get(format!("{}/{id}/checkpoint", witness.address)).call();
    let id = xiangji::kernel::hex(&sha2::Sha256::digest(log.0.verifier().name()));
    let served: Note = monitored(&id).unwrap().body_mut().read_to_string().unwrap().parse().unwrap();
    assert!(served.open(log.0.verifier()).is_ok() && cosigned_at(&served, &witness.key).unwrap() == Some(time));
    for absent in ["..", "%2e%2e", &"0".repeat(64), &id[..16]] {
        assert!(monitored(absent).is_err(), "{absent}");
    }

    // What it has seen outlives it, to the byte; a second one in its folder does not start, nor one with another key.
    let key = witness.key.clone();
    let failed = |arguments: &[&str], words: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xiangji"));
        command.args(["witness", "--listen", "127.0.0.1:0", "--dir"]).arg(&folder);
        let output = command.args(arguments).output().unwrap();
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && line.contains(words) && line.lines().count() == 1, "{line}");
    };
    let of_log = ["--log", &log.0.verifier().to_string()];
    failed(&of_log, "in use by another witness");
    witness.kill();
    failed(&[of_log[0], of_log[1], "--name", "someone.example"], "is the key of");
    failed(&["--log", &other.0.verifier().to_string()], "another key of village.example/log");
    witness.restart(&[log.0.verifier()]);
    assert_eq!(witness.key, key);
    assert_eq!(status(&witness, &log.submission(1, 9, 12)), 200);
    assert_eq!(status(&witness, &log.submission(1, 12, 12)), 200, "once more, with a newer time");
    witness.kill();
    let kept = std::fs::read_dir(folder.join("logs")).unwrap().next().unwrap().unwrap().path().join("checkpoint");
    let good = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(&kept, good.replace("\n12\n", "\n9\n")).unwrap();
    failed(&of_log, "is not the head that this witness cosigned");
    std::fs::write(&kept, good).unwrap();
    use std::os::unix::fs::PermissionsExt;
    let key = folder.join("key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    failed(&of_log, "chmod 600");
}

/// A witness is killed around the moment in which it remembers and answers, again and again, while two histories are shown to
/// it at once. Returns the sizes that it signed on each of them beyond the fork. With `forgetful`, what it remembers is put
/// back at each start, as if it had answered before it remembered; then the histories take turns in who comes first, for with
/// one processor it would else be the same one every time.
fn signed_while_killed(rounds: u64, forgetful: bool) -> [Vec<u64>; 2] {
    let dir = tempfile::tempdir().unwrap();
    let (log, folder) = (branches(), dir.path().join("w"));
    let mut witness = Neighbour::start(&folder, &[log.0.verifier()]);
    assert_eq!(witness.submit(&log.submission(1, 0, 5)).0, 200);
    let kept = std::fs::read_dir(folder.join("logs")).unwrap().next().unwrap().unwrap().path().join("checkpoint");
    let first = std::fs::read(&kept).unwrap();
    let signed: [Mutex<Vec<u64>>; 2] = Default::default();
    let count = || signed.iter().map(|sizes| sizes.lock().unwrap().len() as u64).sum::<u64>();
    for round in 0..rounds {
        let address = witness.address.clone();
        let enough = count() + 1 + round % 3;
        if forgetful {
            let (branch, signed) = if round % 2 == 0 { (1, &signed[0]) } else { (2, &signed[1]) };
            assert_eq!(witness.submit(&log.submission(branch, 5, 6)).0, 200);
            signed.lock().unwrap().push(6);
        }
        std::thread::scope(|scope| {
            for (branch, signed) in [1, 2].into_iter().zip(&signed) {
                let (log, address) = (&log, &address);
                scope.spawn(move || {
                    let mut old = 5;
                    while let Some((status, said)) = submit(address, &log.submission(branch, old, old + 1)) {
                        match status {
                            200 => {
                                old += 1;
                                signed.lock().unwrap().push(old);
                            }
                            // Whatever it says it has seen is taken for one's own history's.
                            409 => old = said.trim().parse().unwrap(),
                            _ => assert_eq!(status, 422, "{said}"),
                        }
                    }
                });
            }
            until("a cosignature", || count() >= enough);
            // Somewhere in the next requests, of which one takes about a millisecond.
            std::thread::sleep(Duration::from_micros(round * 397 % 3000));
            witness.kill();
        });
        if forgetful {
            std::fs::write(&kept, &first).unwrap();
        }
        witness.restart(&[log.0.verifier()]);
    }
    signed.map(|sizes| sizes.into_inner().unwrap())
}

/// Killed at every step of remembering and answering; then the other history is shown to it. What was on the disk holds.
#[test]
fn killed_between_the_disk_and_the_answer_it_holds_to_the_disk() {
    if Command::new("strace").arg("-V").output().is_err() {
        return skip("kills of a witness at single steps", "strace is not on PATH");
    }
    let log = branches();
    let known = [log.0.verifier()];
    // The new head is written aside, flushed, renamed, the folder flushed, and only then answered: whether it is there.
    for (call, nth, on_disk) in [("fsync", 1, false), ("rename", 1, false), ("fsync", 2, true)] {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("w");
        let mut calm = Neighbour::start(&folder, &known);
        assert_eq!(calm.submit(&log.submission(1, 0, 5)).0, 200);
        calm.kill();
        let mut doomed = Neighbour::start_doomed(&folder, &known, call, nth);
        assert_eq!(submit(&doomed.address, &log.submission(1, 5, 6)), None, "{call} {nth}: it answered");
        assert!(!doomed.child.wait().unwrap().success());
        doomed.restart(&known);
        let size = if on_disk { 6 } else { 5 };
        assert!(doomed.answers().contains(&format!("cosigned {size} entries")), "{call} {nth}: {}", doomed.answers());
        let other = doomed.submit(&log.submission(2, 5, 6));
        let again = doomed.submit(&log.submission(1, size, 7));
        if on_disk {
            assert_eq!((other, again.0), ((409, "6\n".into()), 200), "{call} {nth}");
            assert_eq!(doomed.evidence().len(), 1);
        } else {
            assert_eq!((other.0, again), (200, (409, "6\n".into())), "{call} {nth}");
        }
    }
}

#[test]
fn killed_while_it_signs_it_never_signs_two_histories() {
    let [one, two] = signed_while_killed(40, false);
    assert!(one.is_empty() || two.is_empty(), "two histories were signed: {one:?} {two:?}");
    let sizes = if one.is_empty() { two } else { one };
    assert!(sizes.len() >= 40, "it signed between its deaths: {sizes:?}");
    assert!(sizes.is_sorted_by(|a, b| a < b), "a size was signed twice or went back: {sizes:?}");
}

#[test]
fn control_a_witness_that_forgets_signs_two_histories() {
    let [one, two] = signed_while_killed(20, true);
    let again = one.iter().chain(&two).filter(|size| **size == 6).count();
    assert!(again > 1 && !(one.is_empty() || two.is_empty()), "{one:?} {two:?}");
}
