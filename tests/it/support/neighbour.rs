//! Witnesses of the neighbourhood: `xiangji witness` as children of the test, and logs to show them.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use serde_json::json;
use xiangji::{
    db::{Lane, Options},
    log::{
        self, By, Fact,
        cosignature::{CosignerKey, Submission, cosigned_at},
        merkle::{self, Hash},
        note::{Checkpoint, Note, SignerKey, VerifierKey},
    },
};

use super::{
    app::{SHANGXIANG, World},
    port::Port,
    until,
};
use crate::trading::ok;

/// `xiangji witness` as a child, ended by its id.
pub struct Neighbour {
    pub dir: PathBuf,
    pub child: Child,
    pub address: String,
    pub key: CosignerKey,
    /// Where it listens, also after a restart.
    port: Port,
    /// Lines of its standard error, as far as they have come.
    said: Arc<Mutex<Vec<String>>>,
    hears: JoinHandle<()>,
}

impl Neighbour {
    pub fn start(dir: &Path, logs: &[&VerifierKey]) -> Neighbour {
        Self::launch(Command::new(env!("CARGO_BIN_EXE_xiangji")), dir, Port::kept(), logs)
    }

    /// Killed when it enters a system call for the `nth` time in one thread; the child is the witness and not strace.
    pub fn start_doomed(dir: &Path, logs: &[&VerifierKey], call: &str, nth: u32) -> Neighbour {
        let mut command = Command::new("strace");
        let inject = format!("inject={call}:signal=KILL:when={nth}");
        command.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
        command.arg(env!("CARGO_BIN_EXE_xiangji"));
        Self::launch(command, dir, Port::kept(), logs)
    }

    fn launch(mut command: Command, dir: &Path, port: Port, logs: &[&VerifierKey]) -> Neighbour {
        command.args(["witness", "--listen", &port.address(), "--dir"]).arg(dir);
        for log in logs {
            command.arg("--log").arg(log.to_string());
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let hears = hear(&mut child, &said);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = || lines.next().unwrap_or_else(|| panic!("{:?}", said.lock().unwrap())).unwrap();
        let address = line();
        let key = line().strip_prefix("key ").unwrap().to_owned();
        assert_eq!(line(), format!("policy line: witness {} {key} {address}", key.split('+').next().unwrap()));
        let neighbour = Neighbour { dir: dir.to_owned(), child, address, key: key.parse().unwrap(), port, said, hears };
        neighbour.answers();
        neighbour
    }

    pub fn answers(&self) -> String {
        let mut told = None;
        until("an answer of a witness", || {
            told = ureq::get(&self.address).call().ok().and_then(|mut answer| answer.body_mut().read_to_string().ok());
            told.is_some()
        });
        told.unwrap()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// On the same folder and port as before.
    pub fn restart(&mut self, logs: &[&VerifierKey]) {
        let (dir, port) = (self.dir.clone(), std::mem::replace(&mut self.port, Port::kept()));
        *self = Self::launch(Command::new(env!("CARGO_BIN_EXE_xiangji")), &dir, port, logs);
    }

    /// Everything that it has said until it was killed.
    pub fn said_to_its_end(&mut self) -> Vec<String> {
        self.kill();
        until("the last words of a witness", || self.hears.is_finished());
        self.said.lock().unwrap().clone()
    }

    pub fn submit(&self, body: &str) -> (u16, String) {
        submit(&self.address, body).unwrap()
    }

    /// The pieces of evidence: the request and the head it does not continue.
    pub fn evidence(&self) -> Vec<(String, String)> {
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

/// Reads what a program says of its errors, so that it never waits for a full pipe.
fn hear(child: &mut Child, said: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let (hears, mut errors) = (said.clone(), BufReader::new(child.stderr.take().unwrap()));
    std::thread::spawn(move || {
        let mut line = String::new();
        while errors.read_line(&mut line).is_ok_and(|n| n > 0) {
            hears.lock().unwrap().push(std::mem::take(&mut line));
        }
    })
}

/// Status and body, and for 409 with a size its type; `None` where nobody answers.
pub fn submit(address: &str, body: &str) -> Option<(u16, String)> {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut answer = agent.post(format!("{address}/add-checkpoint")).send(body).ok()?;
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
    assert_eq!(kind == "text/x.tlog.size", status == 409, "{status} {kind}");
    Some((status, answer.body_mut().read_to_string().ok()?))
}

/// A policy of `least` of these neighbours.
pub fn policy(log: &VerifierKey, neighbours: &[Neighbour], least: usize) -> String {
    let mut text = format!("# The witnesses of the stories.\nlog {log}\n");
    let mut group = format!("group village {least}");
    for (n, neighbour) in neighbours.iter().enumerate() {
        text.push_str(&format!("witness w{n} {} {}\n", neighbour.key, neighbour.address));
        group.push_str(&format!(" w{n}"));
    }
    format!("{text}{group}\nquorum village\n")
}

/// A village's world with five neighbours, four of whom are enough.
pub fn watched(url_of: &dyn Fn(&Path) -> String) -> (World, Vec<Neighbour>) {
    let dir = tempfile::tempdir().unwrap();
    // The key of the log is made before its server, so that the neighbours know it.
    let keys = xiangji::vault::Keys::load(&dir.path().join("xiangji.keys"), Some("village.example/xiangji")).unwrap();
    let log = keys.log_signer().unwrap().verifier().clone();
    let neighbours: Vec<Neighbour> =
        (0..5).map(|n| Neighbour::start(&dir.path().join(format!("w{n}")), &[&log])).collect();
    let file = dir.path().join("policy");
    std::fs::write(&file, policy(&log, &neighbours, 4)).unwrap();
    let url = url_of(dir.path());
    let more = [("XIANGJI_WITNESS_POLICY", file.display().to_string())];
    (World::start_with(&url, dir, &Options::default(), &more), neighbours)
}

pub fn write_entries(world: &World, count: u32) {
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
pub fn head(world: &World, neighbours: &[Neighbour]) -> (u64, usize) {
    let text = ok(world.nobody().get("/log/checkpoint")).text;
    let head = Checkpoint::open(&text, world.app.log_key.verifier()).unwrap();
    let note: Note = text.parse().unwrap();
    (head.size, neighbours.iter().filter(|n| cosigned_at(&note, &n.key).unwrap().is_some()).count())
}

pub fn on_sqlite() -> (World, Vec<Neighbour>) {
    watched(&|dir| {
        let path = dir.join("xiangji.db");
        xiangji::db::migrate(&xiangji::db::Target::Sqlite(path.clone())).unwrap();
        format!("sqlite://{}", path.display())
    })
}

pub fn on_postgres() -> Option<(World, Vec<Neighbour>)> {
    let url = crate::support::postgres::cluster()?.fresh();
    Some(watched(&move |_| url.clone()))
}

/// A log of leaves in memory: two histories that part ways after the fifth entry.
pub struct Branches(pub SignerKey);

impl Branches {
    pub fn leaves(branch: u8) -> Vec<Hash> {
        (0..2000u16)
            .map(|n| merkle::leaf_hash(&[&n.to_be_bytes()[..], &[if n < 5 { 0 } else { branch }]].concat()))
            .collect()
    }
    pub fn submission(&self, branch: u8, old: u64, size: u64) -> String {
        let leaves = Self::leaves(branch);
        let root = merkle::root(&leaves[..usize::try_from(size).unwrap()]);
        let head = Checkpoint { origin: self.0.verifier().name().to_owned(), size, root };
        let proof = merkle::consistency_proof(&mut leaves.as_slice(), old, size).unwrap().unwrap_or_default();
        Submission { old, proof, note: head.sign(&self.0).unwrap() }.to_string()
    }
}

pub fn branches() -> Branches {
    Branches(SignerKey::from_seed("village.example/log", &[7; 32]).unwrap())
}
