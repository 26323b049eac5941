//! kill -9 while writes flow: after the restart every acknowledged write is there, once, with its log entry, and the log
//! continues every head that was ever served. The same harness against a server that answers before it commits must find
//! losses, or it would prove nothing.
//!
//! What this does not show: that the bytes were on the disk, because the page cache outlives a process. `synchronous=FULL`
//! and `synchronous_commit=on` are set in `db/dialect.rs`.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use xiangji::{
    access::{self, NewAccount, Role},
    app::{self, App},
    config::{Config, SystemClock},
    db::{Lane, Options},
    log::{self, By, note::Checkpoint},
};

use crate::support::{
    app::{DURUAN, PASSWORD, SHANGXIANG},
    behind::Behind,
    postgres,
};

fn open(url: &str, keys: &Path, early: bool) -> App {
    let pairs = [
        ("XIANGJI_DATABASE_URL", url),
        ("XIANGJI_KEYS", keys.to_str().unwrap()),
        ("XIANGJI_REQUESTS_PER_MINUTE", "1000000"),
    ];
    let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v.to_owned()))).unwrap();
    let options = Options { acknowledge_before_commit: early, ..Options::default() };
    App::open(config, Arc::new(SystemClock), &options).unwrap()
}

/// The server to be killed: this test binary, started again.
#[test]
#[ignore = "a child process of the tests in this file"]
fn child_server() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let app = open(&variable("CRASH_URL"), &PathBuf::from(variable("CRASH_KEYS")), variable("CRASH_EARLY") == "yes");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("\nlistening http://{}", listener.local_addr().unwrap());
    actix_web::rt::System::new().block_on(app.serve(listener, 2)).unwrap();
}

struct Server {
    child: Child,
    base: String,
}

impl Server {
    fn start(url: &str, keys: &Path, early: bool) -> Server {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::child_server", "--exact", "--ignored", "--nocapture"])
            .env("CRASH_URL", url)
            .env("CRASH_KEYS", keys)
            .env("CRASH_EARLY", if early { "yes" } else { "no" })
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = lines.find_map(|l| Some(l.unwrap().strip_prefix("listening ")?.to_owned())).unwrap();
        // Whatever it says later must not block it.
        std::thread::spawn(move || lines.count());
        // Once it answers, it also listens to signals.
        while ureq::get(format!("{base}/healthz")).call().is_err() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Server { child, base }
    }

    /// SIGTERM, and the exit it leads to.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "the server did not end cleanly");
    }
}

/// A request to a server that may be gone at any moment.
fn send(agent: &ureq::Agent, token: &str, url: &str, body: &Value) -> Option<Value> {
    let mut answer = agent.post(url).header("authorization", &format!("Bearer {token}")).send_json(body).ok()?;
    (answer.status() == 201).then(|| answer.body_mut().read_json().ok()).flatten()
}

/// What the clients of a round were told.
#[derive(Default)]
struct Told {
    /// Officer and log entry of each 201.
    acknowledged: Vec<(String, i64)>,
    heads: BTreeSet<String>,
}

/// Sixteen clients write as fast as they can and one reads heads; when the `after`th write is acknowledged, the server is killed.
fn one_round(server: &mut Server, token: &str, round: usize, after: usize) -> Told {
    let told = Mutex::new(Told::default());
    let (count, dead) = (AtomicUsize::new(0), AtomicBool::new(false));
    let child = Mutex::new(&mut server.child);
    let base = &server.base;
    std::thread::scope(|scope| {
        for client in 0..16 {
            let (told, count, dead, child) = (&told, &count, &dead, &child);
            scope.spawn(move || {
                let agent = ureq::Agent::new_with_defaults();
                let url = format!("{base}/api/v1/collectives/{SHANGXIANG}/officers");
                for n in 0.. {
                    let term =
                        json!({"name": format!("W{round} {client} {n}"), "post": "director", "since": "2026-01-01"});
                    let Some(made) = send(&agent, token, &url, &term) else { break };
                    let id = made["id"].as_str().unwrap().to_owned();
                    told.lock().unwrap().acknowledged.push((id, made["log_entry"].as_i64().unwrap()));
                    if count.fetch_add(1, Ordering::SeqCst) + 1 == after {
                        // SIGKILL, by the child's own id.
                        child.lock().unwrap().kill().unwrap();
                        dead.store(true, Ordering::SeqCst);
                    }
                }
            });
        }
        let (told, dead) = (&told, &dead);
        scope.spawn(move || {
            let agent = ureq::Agent::new_with_defaults();
            while !dead.load(Ordering::SeqCst) {
                let head = agent.get(&format!("{base}/log/checkpoint")).call().ok();
                if let Some(text) = head.and_then(|mut a| a.body_mut().read_to_string().ok()) {
                    told.lock().unwrap().heads.insert(text);
                }
            }
        });
    });
    server.child.wait().unwrap();
    told.into_inner().unwrap()
}

/// Rounds of killing; what was acknowledged and is not there exactly once, with its entry.
fn lost_writes(url: &str, keys: &Path, early: bool, rounds: usize) -> Vec<String> {
    let app = open(url, keys, false);
    let password_hash = access::hash_now(PASSWORD).unwrap();
    let new = NewAccount {
        name: "officer".into(),
        display_name: "officer".into(),
        role: Role::TownshipOfficer,
        scope: DURUAN.into(),
        password_hash,
    };
    app.db.write_now(Lane::Any, move |tx| access::create_account(tx, &By::system(), &new)).unwrap();
    app.db.stop();
    drop(app);

    let honest = Server::start(url, keys, false);
    let agent = ureq::Agent::new_with_defaults();
    let sign_in = json!({"name": "officer", "password": PASSWORD});
    let mut answer = agent.post(&format!("{}/api/v1/session", honest.base)).send_json(&sign_in).unwrap();
    let token = answer.body_mut().read_json::<Value>().unwrap()["token"].as_str().unwrap().to_owned();
    let village = json!({"code": SHANGXIANG, "name": "上巷村股份合作经济联合社"});
    send(&agent, &token, &format!("{}/api/v1/collectives", honest.base), &village).unwrap();
    honest.stop();

    let mut told = Told::default();
    for round in 0..rounds {
        let mut server = Server::start(url, keys, early);
        // Somewhere else in the stream each time.
        let now = one_round(&mut server, &token, round, 20 + 17 * round);
        told.acknowledged.extend(now.acknowledged);
        told.heads.extend(now.heads);
        let lost = missing(url, &told.acknowledged);
        if !lost.is_empty() {
            return lost;
        }
    }

    // Restarted once more, ended cleanly: everything is numbered and signed, and every head ever served is continued.
    Server::start(url, keys, early).stop();
    let app = open(url, keys, false);
    let mut faults = Vec::new();
    let summary = app.db.read_now(|rx| {
        log::verify(rx, &app::logged_tables(), app.log_key.verifier(), &mut |event| {
            if let log::Event::Fault(fault) = event {
                faults.push(fault.to_string());
            }
        })
    });
    assert_eq!(faults, Vec::<String>::new());
    let summary = summary.unwrap();
    assert_eq!(summary.waiting, 0, "SIGTERM signs the log up to its last entry");
    assert!(summary.entries > told.acknowledged.len() as u64);
    assert!(told.heads.len() >= rounds, "heads were read while writes flowed");
    for note in &told.heads {
        let head = Checkpoint::open(note, app.log_key.verifier()).unwrap();
        assert!(
            app.db.read_now(|rx| log::continues(rx, &head)).unwrap(),
            "a head that was served is no more ours: {note}"
        );
    }
    Vec::new()
}

fn missing(url: &str, acknowledged: &[(String, i64)]) -> Vec<String> {
    let mut behind = Behind::open(url);
    let rows: BTreeSet<String> = behind.texts("SELECT id AS v FROM officers").into_iter().collect();
    let mut entries = std::collections::BTreeMap::<String, Vec<String>>::new();
    for text in behind.texts("SELECT subject || ' ' || seq AS v FROM log_subjects WHERE subject LIKE 'officer/%'") {
        let (subject, seq) = text.split_once(' ').unwrap();
        entries.entry(subject.to_owned()).or_default().push(seq.to_owned());
    }
    let is_there = |(id, seq): &(String, i64)| {
        rows.contains(id) && entries.get(&format!("officer/{id}")) == Some(&vec![seq.to_string()])
    };
    let distinct: BTreeSet<&String> = acknowledged.iter().map(|(id, _)| id).collect();
    assert_eq!(distinct.len(), acknowledged.len());
    acknowledged.iter().filter(|told| !is_there(told)).map(|(id, seq)| format!("{id} (entry {seq})")).collect()
}

fn sqlite(early: bool, rounds: usize) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("xiangji.db");
    let url = format!("sqlite://{}", path.display());
    xiangji::db::migrate(&xiangji::db::Target::parse(&url).unwrap()).unwrap();
    lost_writes(&url, &dir.path().join("xiangji.keys"), early, rounds)
}

fn on_postgres(early: bool, rounds: usize) -> Option<Vec<String>> {
    let url = postgres::cluster()?.fresh();
    let dir = tempfile::tempdir().unwrap();
    Some(lost_writes(&url, &dir.path().join("xiangji.keys"), early, rounds))
}

#[test]
fn no_acknowledged_write_is_lost_on_sqlite() {
    assert_eq!(sqlite(false, 5), Vec::<String>::new());
}

#[test]
fn no_acknowledged_write_is_lost_on_postgres() {
    if let Some(lost) = on_postgres(false, 5) {
        assert_eq!(lost, Vec::<String>::new());
    }
}

#[test]
fn control_answering_before_the_commit_is_found_on_sqlite() {
    assert!(!sqlite(true, 30).is_empty(), "a server that answers before it commits must lose an acknowledged write");
}

#[test]
fn control_answering_before_the_commit_is_found_on_postgres() {
    if let Some(lost) = on_postgres(true, 30) {
        assert!(!lost.is_empty(), "a server that answers before it commits must lose an acknowledged write");
    }
}
