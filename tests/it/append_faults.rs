//! The append path of the log under kill -9 and under a disk that says no (LOG-7, LOG-8): whatever happens, every entry that
//! was acknowledged is there, the log verifies, and every head that was ever published is continued by every later one.
//!
//! Bounded here; `XIANGJI_TEST_LONG=1` kills 500 times and injects a fault into every single system call.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

use serde_json::json;
use xiangji::{
    app::App,
    config::{Config, SystemClock},
    db::{Lane, Options},
    log::{self, By, Fact, note::Checkpoint},
};

use crate::support::{
    app::{SHANGXIANG, World},
    skip,
    verified::{Parts, verified},
};

fn long() -> bool {
    std::env::var_os("XIANGJI_TEST_LONG").is_some()
}

/// Appends and publishes until it is killed or has done `APPEND_COUNT`: a line for each acknowledged entry and each head.
#[test]
#[ignore = "a child process of the tests in this file"]
fn child_appender() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let pairs = [("XIANGJI_DATABASE_URL", variable("APPEND_URL")), ("XIANGJI_KEYS", variable("APPEND_KEYS"))];
    let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
    let Ok(app) = App::open(config, Arc::new(SystemClock), &Options { readers: 1, ..Options::default() }) else {
        println!("\nrefused to start");
        return;
    };
    println!("\nbegun");
    for n in 0..variable("APPEND_COUNT").parse::<u32>().unwrap() {
        let fact = Fact::new("test.appended", SHANGXIANG).about("test", n).data(json!({ "n": n }));
        let done = app.db.write_now(Lane::Any, move |tx| log::record(tx, &By::system(), fact.clone()));
        if let Ok(receipt) = done {
            println!("entry {}", receipt.seq);
        }
        let signed = log::integrate_once(&app.db, &app.log_key);
        if let (Ok(_), Ok(Some(head))) = (signed, app.db.read_now(log::head)) {
            println!("head {}", json!(head.note));
        }
    }
}

/// The appender of a database, under another program where one is named.
pub fn child(database_url: &str, keys: &std::path::Path, count: u32, program: &[&str]) -> Command {
    let this = std::env::current_exe().unwrap();
    let mut command = match program {
        [] => Command::new(&this),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(&this);
            command
        }
    };
    command
        .args(["append_faults::child_appender", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .env("APPEND_URL", database_url)
        .env("APPEND_KEYS", keys)
        .env("APPEND_COUNT", count.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// What children said before they ended.
#[derive(Default)]
pub struct Told {
    pub entries: Vec<i64>,
    pub heads: Vec<String>,
}

impl Told {
    pub fn hear(&mut self, line: &str) {
        // A line that was cut off by the end of its writer was not said.
        if let Some(seq) = line.strip_prefix("entry ").and_then(|seq| seq.parse().ok()) {
            self.entries.push(seq);
        } else if let Some(note) = line.strip_prefix("head ").and_then(|note| serde_json::from_str(note).ok()) {
            self.heads.push(note);
        }
    }

    /// What is not as it was told.
    pub fn broken(&self, app: &App) -> Vec<String> {
        let mut broken = Vec::new();
        if let Err(e) = app.integrate_log() {
            broken.push(e.to_string());
        }
        broken.extend(verified(app, &Parts::default()).1.iter().map(ToString::to_string));
        for seq in &self.entries {
            if app.db.read_now(|rx| log::find_entry(rx, *seq)).unwrap().is_none() {
                broken.push(format!("entry {seq} was acknowledged and is gone"));
            }
        }
        for note in &self.heads {
            let head = Checkpoint::open(note, app.log_key.verifier()).unwrap();
            if !app.db.read_now(|rx| log::continues(rx, &head)).unwrap() {
                broken.push(format!("the head of {} entries was published and is not continued", head.size));
            }
        }
        broken
    }
}

/// Children that are killed at any moment of their lives: every fifth from before its database is open, the others after they
/// have published a head, however long this machine takes for it; up to a hundred appends later.
fn kill(world: &World, rounds: u64, told: &mut Told) {
    let config = &world.app.config;
    for round in 0..rounds {
        let mut child = child(&config.database_url, &config.keys, u32::MAX, &[]).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (says, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let _nobody_listens = out.lines().map_while(Result::ok).try_for_each(|line| says.send(line));
        });
        if round % 5 != 0 {
            let mut lines = heard.iter().inspect(|line| told.hear(line));
            assert!(lines.any(|line| line.starts_with("head ")), "the child came to work");
        }
        std::thread::sleep(Duration::from_micros(20_000 + round * 7_919_993 % 180_000));
        child.kill().unwrap();
        child.wait().unwrap();
        heard.iter().for_each(|line| told.hear(&line));
    }
}

fn killed(world: &World) {
    let mut told = Told::default();
    world.app.integrate_log().unwrap();
    let rounds = if long() { 500 } else { 25 };
    kill(world, rounds, &mut told);
    assert!(told.heads.len() > 5 && told.entries.len() > 5, "children came to work");
    assert_eq!(told.broken(&world.app), Vec::<String>::new());
    eprintln!("{rounds} kills, {} entries acknowledged, {} heads published", told.entries.len(), told.heads.len());
}

#[test]
fn killed_while_appending_on_sqlite() {
    killed(&World::sqlite());
}

#[test]
fn killed_while_appending_on_postgres() {
    if let Some(world) = World::postgres() {
        killed(&world);
    }
}

/// The control: yesterday's file is taken up again with the same key and appended to. What was published since is continued no more.
#[test]
fn control_a_rolled_back_log_is_found() {
    let world = World::sqlite();
    let mut told = Told::default();
    kill(&world, 3, &mut told);
    let path = world.app.config.database_url.strip_prefix("sqlite://").unwrap().to_owned();
    let yesterday = format!("{path}.yesterday");
    let target = xiangji::db::Target::Sqlite(path.clone().into());
    xiangji::db::backup::backup(&target, yesterday.as_ref()).unwrap();
    kill(&world, 3, &mut told);
    assert_eq!(told.broken(&world.app), Vec::<String>::new());

    let keys = world.app.config.keys.display().to_string();
    let pairs = [("XIANGJI_DATABASE_URL", format!("sqlite://{yesterday}")), ("XIANGJI_KEYS", keys)];
    let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
    let own = App::open(config, Arc::new(SystemClock), &Options::default()).unwrap();
    let fact = Fact::new("test.appended", SHANGXIANG).data(json!({ "n": "another" }));
    for _ in 0..told.entries.len() + 10 {
        let fact = fact.clone();
        own.db.write_now(Lane::Any, move |tx| log::record(tx, &By::system(), fact.clone())).unwrap();
    }
    own.integrate_log().unwrap();
    let lost = told.heads.iter().filter(|note| {
        let head = Checkpoint::open(note, own.log_key.verifier()).unwrap();
        !own.db.read_now(|rx| log::continues(rx, &head)).unwrap()
    });
    assert!(lost.count() > 0, "heads of the lost day must be missed");
}

/// Appending under `strace`, which fails one call on the database's files or kills at it: each call in turn.
#[test]
fn every_system_call_of_the_append_path_may_fail() {
    let works = Command::new("strace").args(["-o", "/dev/null", "true"]).status().is_ok_and(|s| s.success());
    if !works {
        return skip("faults of the append path", "strace is not installed or may not trace");
    }
    const CALLS: [&str; 7] = ["openat", "pwrite64", "pread64", "fsync", "fdatasync", "ftruncate", "mmap"];
    let trace = |world: &World, inject: Option<&str>, log: &str| {
        let path = world.app.config.database_url.strip_prefix("sqlite://").unwrap();
        let calls = format!("trace={}", CALLS.join(","));
        let (wal, shm) = (format!("{path}-wal"), format!("{path}-shm"));
        let mut arguments = vec!["strace", "-f", "-qq", "-o", log, "-P", path, "-P", &wal, "-P", &shm, "-e", &calls];
        if let Some(inject) = inject {
            arguments.extend(["-e", inject]);
        }
        child(&world.app.config.database_url, &world.app.config.keys, 3, &arguments).output().unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    let dry = World::sqlite();
    let log = dir.path().join("calls").display().to_string();
    let ended = trace(&dry, None, &log);
    assert!(ended.status.success(), "{ended:?}");
    let seen = std::fs::read_to_string(&log).unwrap();
    let count = |call: &str| seen.lines().filter(|line| line.contains(&format!(" {call}("))).count();
    let all: Vec<(String, usize)> =
        CALLS.into_iter().flat_map(|call| (1..=count(call)).map(move |n| (call.to_owned(), n))).collect();
    assert!(all.iter().any(|(call, _)| call.contains("sync")) && all.len() > 30, "{seen}");

    // One database takes it all: a later fault meets what an earlier one left behind.
    let world = World::sqlite();
    world.app.integrate_log().unwrap();
    let (mut told, mut done, mut hurt) = (Told::default(), 0, 0);
    let step = if long() { 1 } else { (all.len() * 3).div_ceil(45) };
    let faults = ["error=EIO", "error=ENOSPC", "signal=KILL"];
    let every = all.iter().flat_map(|(call, n)| faults.map(|fault| (call, n, fault)));
    for (call, n, fault) in every.step_by(step) {
        let inject = format!("inject={call}:{fault}:when={n}");
        let ended = trace(&world, Some(&inject), "/dev/null");
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        hurt += usize::from(!ended.status.success() || said.matches("entry ").count() < 3);
        said.lines().for_each(|line| told.hear(line));
        done += 1;
        let broken = told.broken(&world.app);
        assert_eq!(broken, Vec::<String>::new(), "after {inject}");
    }
    assert!(hurt * 3 > done, "faults were met: {hurt} of {done}");
    eprintln!("{done} faults injected, {hurt} of them stopped an append, {} heads published", told.heads.len());
}
