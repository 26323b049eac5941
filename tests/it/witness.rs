//! Witnesses: a served log that is cosigned by programs of other people, what they refuse, and what happens when they are away.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sha2::Digest;
use xiangji::{
    app::App,
    config::Config,
    db::{Lane, Options},
    kernel::time::Clock,
    log::{
        self, By, Fact,
        cosignature::{CosignerKey, Submission, cosigned_at},
        merkle::{self, Hash},
        note::{Checkpoint, Note, SignerKey, VerifierKey},
        policy::Policy,
    },
};

use crate::{
    both_backends,
    support::{
        app::{SHANGXIANG, World},
        behind::Behind,
        browser::{Browser, DESK, PHONE, Scripts, in_async},
        outside::Tools,
        skip,
    },
    tamper::faults,
    trading::{admitted, ended_auction, ok},
};

/// How long anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// `xiangji witness` as a child, ended by its id.
struct Neighbour {
    dir: PathBuf,
    child: Child,
    address: String,
    key: CosignerKey,
    /// Lines of its standard error.
    said: Arc<Mutex<Vec<String>>>,
}

impl Neighbour {
    fn start(dir: &Path, listen: &str, logs: &[&VerifierKey]) -> Neighbour {
        Self::launch(Command::new(env!("CARGO_BIN_EXE_xiangji")), dir, listen, logs)
    }

    /// Killed when it enters a system call for the `nth` time in one thread; the child is the witness and not strace.
    fn start_doomed(dir: &Path, logs: &[&VerifierKey], call: &str, nth: u32) -> Neighbour {
        let mut command = Command::new("strace");
        let inject = format!("inject={call}:signal=KILL:when={nth}");
        command.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
        command.arg(env!("CARGO_BIN_EXE_xiangji"));
        Self::launch(command, dir, "127.0.0.1:0", logs)
    }

    fn launch(mut command: Command, dir: &Path, listen: &str, logs: &[&VerifierKey]) -> Neighbour {
        command.args(["witness", "--listen", listen, "--dir"]).arg(dir);
        for log in logs {
            command.arg("--log").arg(log.to_string());
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let (hears, mut errors) = (said.clone(), BufReader::new(child.stderr.take().unwrap()));
        std::thread::spawn(move || {
            let mut line = String::new();
            while errors.read_line(&mut line).is_ok_and(|n| n > 0) {
                hears.lock().unwrap().push(std::mem::take(&mut line));
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = || lines.next().unwrap_or_else(|| panic!("{:?}", said.lock().unwrap())).unwrap();
        let address = line();
        let key = line().strip_prefix("key ").unwrap().to_owned();
        assert_eq!(line(), format!("policy line: witness {} {key} {address}", key.split('+').next().unwrap()));
        let neighbour = Neighbour { dir: dir.to_owned(), child, address, key: key.parse().unwrap(), said };
        neighbour.answers();
        neighbour
    }

    fn answers(&self) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            match ureq::get(&self.address).call() {
                Ok(mut answer) => return answer.body_mut().read_to_string().unwrap(),
                Err(e) => assert!(Instant::now() < until, "{e}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// On the same folder and port as before.
    fn restart(&mut self, logs: &[&VerifierKey]) {
        let (dir, listen) = (self.dir.clone(), self.address.strip_prefix("http://").unwrap().to_owned());
        *self = Neighbour::start(&dir, &listen, logs);
    }

    /// The requests that it cosigned, from its own account.
    fn cosigned(&self) -> usize {
        // The line is written before the answer leaves.
        self.said.lock().unwrap().iter().filter(|line| line.contains("cosigned")).count()
    }

    fn submit(&self, body: &str) -> (u16, String) {
        submit(&self.address, body).unwrap()
    }

    /// The pieces of evidence: the request and the head it does not continue.
    fn evidence(&self) -> Vec<(String, String)> {
        let pieces = std::fs::read_dir(self.dir.join("evidence")).unwrap();
        let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
        pieces.map(|piece| piece.unwrap().path()).map(|p| (read(p.join("request")), read(p.join("seen")))).collect()
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body, and for 409 with a size its type; `None` where nobody answers.
fn submit(address: &str, body: &str) -> Option<(u16, String)> {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut answer = agent.post(format!("{address}/add-checkpoint")).send(body).ok()?;
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
    assert_eq!(kind == "text/x.tlog.size", status == 409, "{status} {kind}");
    Some((status, answer.body_mut().read_to_string().ok()?))
}

/// A policy of `least` of these neighbours.
fn policy(log: &VerifierKey, neighbours: &[Neighbour], least: usize) -> String {
    let mut text = format!("# The witnesses of the stories.\nlog {log}\n");
    let mut group = format!("group village {least}");
    for (n, neighbour) in neighbours.iter().enumerate() {
        text.push_str(&format!("witness w{n} {} {}\n", neighbour.key, neighbour.address));
        group.push_str(&format!(" w{n}"));
    }
    format!("{text}{group}\nquorum village\n")
}

/// A village's world with five neighbours, four of whom are enough.
fn watched(url_of: &dyn Fn(&Path) -> String) -> (World, Vec<Neighbour>) {
    let dir = tempfile::tempdir().unwrap();
    // The key of the log is made before its server, so that the neighbours know it.
    let keys = xiangji::vault::Keys::load(&dir.path().join("xiangji.keys"), Some("village.example/xiangji")).unwrap();
    let log = keys.log_signer().unwrap().verifier().clone();
    let neighbours: Vec<Neighbour> =
        (0..5).map(|n| Neighbour::start(&dir.path().join(format!("w{n}")), "127.0.0.1:0", &[&log])).collect();
    let file = dir.path().join("policy");
    std::fs::write(&file, policy(&log, &neighbours, 4)).unwrap();
    let url = url_of(dir.path());
    let more = [("XIANGJI_WITNESS_POLICY", file.display().to_string())];
    (World::start_with(&url, dir, &Options::default(), &more), neighbours)
}

fn write_entries(world: &World, count: u32) {
    let written = world.app.db.write_now(Lane::Any, move |tx| {
        for n in 0..count {
            log::record(tx, &By::system(), Fact::new("test.counted", SHANGXIANG).data(json!({ "n": n })))?;
        }
        Ok(())
    });
    written.unwrap();
    world.app.integrate_log().unwrap();
}

/// The served head: size, and how many of the neighbours have cosigned it.
fn head(world: &World, neighbours: &[Neighbour]) -> (u64, usize) {
    let text = ok(world.nobody().get("/log/checkpoint")).text;
    let head = Checkpoint::open(&text, world.app.log_key.verifier()).unwrap();
    let note: Note = text.parse().unwrap();
    (head.size, neighbours.iter().filter(|n| cosigned_at(&note, &n.key).unwrap().is_some()).count())
}

fn on_sqlite() -> (World, Vec<Neighbour>) {
    watched(&|dir| {
        let path = dir.join("xiangji.db");
        xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
        format!("sqlite://{}", path.display())
    })
}

fn on_postgres() -> Option<(World, Vec<Neighbour>)> {
    let url = crate::support::postgres::cluster()?.fresh();
    Some(watched(&move |_| url.clone()))
}

/// The whole story of witnesses that come and go.
fn heads_are_cosigned_and_outages_caught_up((world, mut neighbours): (World, Vec<Neighbour>)) {
    let world = &world;
    let nobody = world.nobody();
    let log = world.app.log_key.verifier().clone();
    let rules = Policy::parse(&std::fs::read(world.app.config.witness_policy.as_ref().unwrap()).unwrap()).unwrap();
    let trade = admitted(world);
    world.app.integrate_log().unwrap();
    let (size, cosigned) = head(world, &neighbours);
    assert_eq!(cosigned, 0, "nobody was asked yet");
    assert!(nobody.get("/log").text.contains("还没有哪个检查点有足够的见证"));

    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    assert_eq!(head(world, &neighbours), (size, 5));
    assert_eq!(world.app.ask_witnesses().unwrap(), 0, "who has cosigned the newest head is not asked again");
    let about = nobody.get("/log").text;
    assert!(about.contains(&format!("前 {size} 条记录已有足够的见证")) && about.contains("w4"), "{about}");

    // Two are away: bids go on, and what is new is not called witnessed.
    for gone in &mut neighbours[3..] {
        gone.kill();
    }
    ok(trade.bid("A", "09:31:00", "700.00"));
    ok(trade.bid("B", "09:33:00", "710.00"));
    world.set_time("2026-03-11T10:00:01+08:00");
    assert_eq!(trade.close(), 1);
    write_entries(world, 300);
    assert_eq!(world.app.ask_witnesses().unwrap(), 3);
    let (grown, cosigned) = head(world, &neighbours);
    assert_eq!((grown > size + 300, cosigned), (true, 3));
    assert_eq!(trade.lot()["witnessed"], json!(false));
    let page = nobody.get(&format!("/lots/{}", trade.lot)).text;
    assert!(page.contains("尚未见证") && !page.contains("已见证"), "{page}");
    // An old entry's receipt stands under the head with the quorum, a new one's under the newest.
    let receipt = |index: u64| -> (u64, bool) {
        let receipt: log::proof::LogProof = ok(nobody.get(&format!("/log/proof/{index}"))).text.parse().unwrap();
        let bytes = entry_bytes(world, index);
        let head = receipt.verify(&bytes, &log).unwrap();
        (head.size, rules.is_satisfied_by(&receipt.checkpoint.parse().unwrap()).unwrap())
    };
    assert_eq!((receipt(size - 1), receipt(size)), ((size, true), (grown, false)));
    // Those who do not answer are left alone for a while, then asked again.
    assert_eq!(world.app.ask_witnesses().unwrap(), 0);
    write_entries(world, 10);
    let before: Vec<usize> = neighbours.iter().map(Neighbour::cosigned).collect();

    // They come back: one request each, from wherever they were, to the newest head.
    for back in &mut neighbours[3..] {
        back.restart(&[&log]);
    }
    world.pass_s(61);
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    let after: Vec<usize> = neighbours.iter().map(Neighbour::cosigned).collect();
    assert_eq!(after[..3], [before[0] + 1, before[1] + 1, before[2] + 1]);
    assert_eq!(after[3..], [1, 1], "a restarted witness counts anew");
    for neighbour in &neighbours {
        assert!(!neighbour.said.lock().unwrap().iter().any(|line| line.contains("ERROR")));
        assert!(neighbour.answers().contains(&format!("cosigned {} entries", grown + 10)));
        assert_eq!(neighbour.evidence(), []);
    }
    assert_eq!(head(world, &neighbours), (grown + 10, 5));
    assert_eq!((receipt(size - 1), receipt(size)), ((grown + 10, true), (grown + 10, true)));
    assert_eq!(trade.lot()["witnessed"], json!(true));
    assert!(nobody.get(&format!("/lots/{}", trade.lot)).text.contains("已见证"));
    assert_eq!(faults(world), []);

    // A witness's line in the database that is not of its key is not believed.
    let mut behind = Behind::of(world);
    behind.drop_triggers();
    behind.exec("UPDATE log_cosignatures SET line = (SELECT max(line) FROM log_cosignatures)");
    assert_eq!(trade.lot()["witnessed"], json!(false));
}

fn entry_bytes(world: &World, index: u64) -> Vec<u8> {
    let tile = log::tiles::Tile { content: log::tiles::Content::Entries, index: index / 256, width: index % 256 + 1 };
    let (_, _, bundle) = world.nobody().bytes(&format!("/log/{tile}"));
    log::tiles::bundle_entries(&bundle).unwrap()[usize::try_from(index % 256).unwrap()].to_vec()
}

#[test]
fn heads_are_cosigned_and_outages_caught_up_on_sqlite() {
    heads_are_cosigned_and_outages_caught_up(on_sqlite());
}

#[test]
fn heads_are_cosigned_and_outages_caught_up_on_postgres() {
    if let Some(watched) = on_postgres() {
        heads_are_cosigned_and_outages_caught_up(watched);
    }
}

#[test]
fn pages_with_witnesses_are_sound() {
    let (world, mut neighbours) = on_sqlite();
    world.app.integrate_log().unwrap();
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    for gone in &mut neighbours[3..] {
        gone.kill();
    }
    let lot = ended_auction(&world);
    world.app.integrate_log().unwrap();
    assert_eq!(world.app.ask_witnesses().unwrap(), 3);
    in_async(async {
        let Some(browser) = Browser::open(&world.base, Scripts::Off, PHONE).await else { return };
        for (path, name) in [("/log".to_owned(), "log"), (format!("/lots/{lot}"), "result")] {
            for (size, of) in [(PHONE, "phone"), (DESK, "desk")] {
                browser.resize(size).await;
                browser.visit(&path).await;
                assert!(browser.text().await.contains("见证方"));
                browser.assert_sound().await;
                browser.photograph(&format!("witnesses-{name}-{of}")).await;
            }
        }
    });
}

both_backends!(without_a_policy_nothing_is_asked_and_nothing_called_witnessed, |world| {
    let lot = ended_auction(world);
    world.app.integrate_log().unwrap();
    assert_eq!(world.app.ask_witnesses().unwrap(), 0);
    assert!(world.nobody().get("/log").text.contains("没有请外面的见证方"));
    assert_eq!(ok(world.nobody().get(&format!("/api/v1/lots/{lot}"))).json["witnessed"], json!(null));
    assert!(!world.nobody().get(&format!("/lots/{lot}")).text.contains("见证方"));
});

/// Two instances on one database: one asks, and the other takes over when it is gone.
fn one_instance_asks((world, neighbours): (World, Vec<Neighbour>)) {
    let other = App::open((*world.app.config).clone(), world.app.db.clock(), &Options::default()).unwrap();
    world.app.integrate_log().unwrap();
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    write_entries(&world, 1);
    assert_eq!(other.ask_witnesses().unwrap(), 0, "it is the other's turn");
    world.pass_s(19);
    assert_eq!(other.ask_witnesses().unwrap(), 0);
    world.pass_s(2);
    assert_eq!(other.ask_witnesses().unwrap(), 5);
    write_entries(&world, 1);
    assert_eq!(world.app.ask_witnesses().unwrap(), 0);
    assert_eq!(head(&world, &neighbours).1, 0);
    other.db.stop();
}

#[test]
fn one_instance_asks_on_sqlite() {
    one_instance_asks(on_sqlite());
}

#[test]
fn one_instance_asks_on_postgres() {
    if let Some(watched) = on_postgres() {
        one_instance_asks(watched);
    }
}

/// The strongest insider: the real key, another history. Witnesses refuse it and keep it.
#[test]
fn a_second_history_under_the_same_key_is_refused_and_kept() {
    let (world, neighbours) = on_sqlite();
    write_entries(&world, 20);
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
    let (size, _) = head(&world, &neighbours);
    let honest = ok(world.nobody().get("/log/checkpoint")).text;

    // The same key file and policy over a fresh database, with other entries.
    let forked = |count: u32| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("forked.db");
        xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
        let more = [
            ("XIANGJI_WITNESS_POLICY", world.app.config.witness_policy.as_ref().unwrap().display().to_string()),
            ("XIANGJI_KEYS", world.app.config.keys.display().to_string()),
        ];
        let forked = World::start_with(&format!("sqlite://{}", path.display()), dir, &Options::default(), &more);
        write_entries(&forked, count);
        forked
    };
    let longer = forked(40);
    assert_eq!(longer.app.log_key.verifier(), world.app.log_key.verifier());
    assert_eq!(longer.app.ask_witnesses().unwrap(), 0);
    assert_eq!(head(&longer, &neighbours).1, 0);
    for neighbour in &neighbours {
        let [(request, seen)] = neighbour.evidence().try_into().unwrap();
        let request: Submission = request.parse().unwrap();
        let log = world.app.log_key.verifier();
        let (lie, truth) = (request.note.open(log).unwrap(), Checkpoint::open(&seen, log).unwrap());
        let lie: Checkpoint = lie.parse().unwrap();
        assert_eq!((request.old, truth.size), (size, size));
        assert!(lie.size > size && seen.starts_with(honest.split("\n\n").next().unwrap()));
    }
    // An older state of the log, as after a backup was put back: no witness goes back with it.
    let shorter = forked(3);
    assert!(head(&shorter, &neighbours).0 < size);
    assert_eq!(shorter.app.ask_witnesses().unwrap(), 0);
    assert_eq!(head(&shorter, &neighbours).1, 0);
    // The honest log goes on.
    write_entries(&world, 1);
    world.pass_s(1);
    assert_eq!(world.app.ask_witnesses().unwrap(), 5);
}

/// A log of leaves in memory: two histories that part ways after the fifth entry.
struct Branches(SignerKey);

impl Branches {
    fn leaves(branch: u8) -> Vec<Hash> {
        (0..2000u16)
            .map(|n| merkle::leaf_hash(&[&n.to_be_bytes()[..], &[if n < 5 { 0 } else { branch }]].concat()))
            .collect()
    }
    fn submission(&self, branch: u8, old: u64, size: u64) -> String {
        let leaves = Self::leaves(branch);
        let root = merkle::root(&leaves[..usize::try_from(size).unwrap()]);
        let head = Checkpoint { origin: self.0.verifier().name().to_owned(), size, root };
        let proof = merkle::consistency_proof(&mut leaves.as_slice(), old, size).unwrap().unwrap_or_default();
        Submission { old, proof, note: head.sign(&self.0).unwrap() }.to_string()
    }
}

fn branches() -> Branches {
    Branches(SignerKey::from_seed("village.example/log", &[7; 32]).unwrap())
}

#[test]
fn the_witness_answers_as_the_specification_says() {
    let dir = tempfile::tempdir().unwrap();
    let (log, folder) = (branches(), dir.path().join("w"));
    let mut witness = Neighbour::start(&folder, "127.0.0.1:0", &[log.0.verifier()]);
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
/// back at each start, as if it had answered before it remembered.
fn signed_while_killed(rounds: u64, forgetful: bool) -> [Vec<u64>; 2] {
    let dir = tempfile::tempdir().unwrap();
    let (log, folder) = (branches(), dir.path().join("w"));
    let mut witness = Neighbour::start(&folder, "127.0.0.1:0", &[log.0.verifier()]);
    assert_eq!(witness.submit(&log.submission(1, 0, 5)).0, 200);
    let kept = std::fs::read_dir(folder.join("logs")).unwrap().next().unwrap().unwrap().path().join("checkpoint");
    let first = std::fs::read(&kept).unwrap();
    let signed: [Mutex<Vec<u64>>; 2] = Default::default();
    let count = || signed.iter().map(|sizes| sizes.lock().unwrap().len() as u64).sum::<u64>();
    for round in 0..rounds {
        let address = witness.address.clone();
        let enough = count() + 1 + round % 3;
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
            let until = Instant::now() + PATIENCE;
            while count() < enough && Instant::now() < until {
                std::thread::sleep(Duration::from_micros(100));
            }
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
        let mut calm = Neighbour::start(&folder, "127.0.0.1:0", &known);
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

#[test]
fn a_policy_that_is_unsound_refuses_to_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
    let keys = xiangji::vault::Keys::load(&path.with_extension("keys"), Some("village.example/xiangji")).unwrap();
    let log = keys.log_signer().unwrap().verifier().to_string();
    let witness = |n: u8, url: &str| {
        let key = log::cosignature::CosignerSecret::from_seed("w.example", &[n; 32]).unwrap();
        format!("witness w{n} {} {url}\n", key.verifier())
    };
    let file = dir.path().join("policy");
    let opened = |text: &str, consent: &str| {
        std::fs::write(&file, text).unwrap();
        let pairs = [
            ("XIANGJI_DATABASE_URL", format!("sqlite://{}", path.display())),
            ("XIANGJI_WITNESS_POLICY", file.display().to_string()),
            ("XIANGJI_ALLOW_PLAINTEXT_WITNESSES", consent.to_owned()),
        ];
        let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
        App::open(config, Arc::new(xiangji::config::SystemClock), &Options::default()).map(|app| app.db.stop())
    };
    let four: String = (1..=4).map(|n| witness(n, "http://127.0.0.1:1")).collect();
    let two_of_four = format!("log {log}\n{four}group g 2 w1 w2 w3 w4\nquorum g\n");
    let stranger = SignerKey::from_seed("other.example", &[9; 32]).unwrap();
    let remote = format!("log {log}\n{}quorum w1\n", witness(1, "http://w.example"));
    for (text, words) in [
        (&two_of_four, "line 7: quorum g can be 2 of 4 witnesses"),
        (
            &two_of_four.replace(&log, &stranger.verifier().to_string()).replace(" 2 w", " 3 w"),
            "no log line names this log",
        ),
        (&remote, "consent with XIANGJI_ALLOW_PLAINTEXT_WITNESSES=yes"),
    ] {
        let said = opened(text, "no").unwrap_err();
        assert!(said.contains("XIANGJI_WITNESS_POLICY") && said.contains(words) && !said.contains('\n'), "{said}");
    }
    assert_eq!(opened(&two_of_four.replace(" 2 w", " 3 w"), "no"), Ok(()));
    assert_eq!(opened(&remote, "yes"), Ok(()));
}

/// A witness that we did not write cosigns our log, and refuses a second history of it.
#[test]
fn a_foreign_witness_cosigns_our_log() {
    let Some(tools) = Tools::found() else { return };
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_owned();
    let keys = xiangji::vault::Keys::load(&folder.join("xiangji.keys"), Some("village.example/xiangji")).unwrap();
    let log = keys.log_signer().unwrap().verifier().clone();
    let config = folder.join("foreign.json");
    let run = |arguments: &[&str]| {
        let mut command = tools.of_python("aics-witness");
        command.args(arguments).arg("--config").arg(&config);
        command
    };
    let made = run(&["init", "--name", "foreign.example/w", "--listen", "127.0.0.1:0"]).output().unwrap();
    let key: CosignerKey = String::from_utf8(made.stdout).unwrap().trim().parse().unwrap();
    let added = run(&["add-log", "--origin", log.name(), "--vkey", &log.to_string()]).output().unwrap();
    assert!(added.status.success(), "{added:?}");
    let mut child = run(&["serve"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address =
        lines.find_map(|line| Some(line.unwrap().split_once("listening on ")?.1.split(' ').next()?.to_owned()));
    let address = address.unwrap();
    std::thread::spawn(move || lines.count());
    let _foreign =
        Neighbour { dir: folder.clone(), child, address: address.clone(), key: key.clone(), said: Arc::default() };

    let file = folder.join("policy");
    std::fs::write(&file, format!("log {log}\nwitness foreign {key} {address}\nquorum foreign\n")).unwrap();
    let village = |name: &str, dir: tempfile::TempDir| {
        let path = dir.path().join(name);
        xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
        let more = [
            ("XIANGJI_WITNESS_POLICY", file.display().to_string()),
            ("XIANGJI_KEYS", folder.join("xiangji.keys").display().to_string()),
        ];
        World::start_with(&format!("sqlite://{}", path.display()), dir, &Options::default(), &more)
    };
    let honest = village("honest.db", dir);
    for count in [1, 300, 7] {
        write_entries(&honest, count);
        assert_eq!(honest.app.ask_witnesses().unwrap(), 1);
        let note: Note = ok(honest.nobody().get("/log/checkpoint")).text.parse().unwrap();
        assert!(cosigned_at(&note, &key).unwrap().is_some());
        assert!(honest.nobody().get("/log").text.contains("已有足够的见证"));
    }
    let second = village("second.db", tempfile::tempdir().unwrap());
    write_entries(&second, 400);
    assert_eq!(second.app.ask_witnesses().unwrap(), 0);
    let evidence = run(&["evidence"]).output().unwrap();
    assert!(String::from_utf8_lossy(&evidence.stdout).contains(log.name()), "{evidence:?}");
}

/// A log's side that we did not write gets cosignatures of our witness, and none for a second history.
#[test]
fn our_witness_serves_a_foreign_log() {
    const CLIENT: &str = "
import base64, json, sys
from aics_witness.feeder import WitnessClient, WitnessRejected
url, key, steps = sys.argv[1:]
with WitnessClient(url, key) as client:
    for step in json.load(open(steps)):
        def proof(old, new):
            return [base64.b64decode(h) for h in step['proofs'][old]]
        try:
            print(client.submit(step['note'], proof), end='')
        except WitnessRejected as refused:
            print('refused', refused.status)
";
    let Some(tools) = Tools::found() else { return };
    let dir = tempfile::tempdir().unwrap();
    let log = branches();
    let witness = Neighbour::start(&dir.path().join("w"), "127.0.0.1:0", &[log.0.verifier()]);
    let step = |branch: u8, size: u64| {
        let submission = |old: u64| log.submission(branch, old, size).parse::<Submission>().unwrap();
        let proofs = (0..size + 1).map(|old| submission(old).proof.iter().map(Hash::to_string).collect::<Vec<_>>());
        json!({ "note": submission(0).note.to_string(), "proofs": Value::from_iter(proofs) })
    };
    let steps = dir.path().join("steps");
    std::fs::write(
        &steps,
        json!([step(1, 3), step(1, 9), step(1, 130), step(1, 130), step(2, 140), step(1, 141)]).to_string(),
    )
    .unwrap();
    let told = tools
        .of_python("python")
        .args(["-c", CLIENT, &witness.address, &witness.key.to_string()])
        .arg(&steps)
        .output()
        .unwrap();
    let lines = String::from_utf8(told.stdout.clone()).unwrap();
    let cosigned: Vec<bool> =
        lines.lines().map(|line| line.starts_with(&format!("— {} ", witness.key.name()))).collect();
    assert_eq!(cosigned, [true, true, true, true, false, true], "{told:?}");
    assert!(lines.contains("refused 422") && witness.evidence().len() == 1, "{told:?}");
}
