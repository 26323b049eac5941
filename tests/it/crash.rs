//! kill -9 while bids flow: after the restart every bid that was answered is on record, once, with its log entry, and the
//! log continues every head that was ever served. The same harness against a server that answers before it commits must
//! find losses, or it would prove nothing.
//!
//! What this does not show: that the bytes were on the disk, because the page cache outlives a process. `synchronous=FULL`
//! and `synchronous_commit=on` are set in `db/dialect.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use xiangji::{
    app::App,
    config::{Config, SystemClock},
    db::Options,
    kernel::{Timestamp, time::Clock},
    log::{self, note::Checkpoint},
};

use crate::{
    support::{
        app::{World, agent},
        behind::Behind,
        until,
        verified::{Parts, verified},
    },
    trading::{Trade, admitted},
};

/// The auction's hour goes on while servers die: the time of this machine, moved to where the story is.
struct ShiftedClock(i64);

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_us(self.0)
    }
}

/// The server to be killed: this test binary, started again.
#[test]
#[ignore = "a child process of the tests in this file"]
fn child_server() {
    let variable = |name: &str| std::env::var(name).unwrap();
    if let Ok(filter) = std::env::var("CRASH_LOG") {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
    let pairs = [
        ("XIANGJI_DATABASE_URL", variable("CRASH_URL")),
        ("XIANGJI_KEYS", variable("CRASH_KEYS")),
        ("XIANGJI_REQUESTS_PER_MINUTE", "1000000".to_owned()),
    ];
    let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
    let options = Options { acknowledge_before_commit: variable("CRASH_EARLY") == "yes", ..Options::default() };
    let clock = ShiftedClock(variable("CRASH_SHIFT").parse().unwrap());
    let app = App::open(config, Arc::new(clock), &options).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("\nlistening http://{}", listener.local_addr().unwrap());
    actix_web::rt::System::new().block_on(app.serve(listener)).unwrap();
}

/// The arguments with which this binary is [`child_server`].
pub const CHILD: [&str; 4] = ["crash::child_server", "--exact", "--ignored", "--nocapture"];

/// An auction that is open, on a database that servers come to and go from.
pub struct Stage<'w> {
    pub trade: Trade<'w>,
    early: bool,
    /// Microseconds from this machine's time to the auction's.
    shift: i64,
    /// Of the four bidders.
    pub tokens: Vec<String>,
    /// The next amount worth trying, in yuan.
    next: AtomicI64,
}

pub struct Server {
    pub child: Child,
    pub base: String,
}

impl Stage<'_> {
    pub fn open(world: &World, early: bool) -> Stage<'_> {
        let trade = admitted(world);
        world.set_time("2026-03-11T09:30:00+08:00");
        let tokens = ["A", "B", "C", "P"].map(|name| trade.as_(name).token.unwrap()).into();
        let shift = world.app.db.now().0 - SystemClock.now().0;
        Stage { trade, early, shift, tokens, next: AtomicI64::new(700) }
    }

    fn server(&self) -> Server {
        let url = &self.trade.world.app.config.database_url;
        self.launch(Command::new(std::env::current_exe().unwrap()).args(CHILD), url)
    }

    /// A server on the database of this address, started by a command that runs [`CHILD`] of this binary in the end.
    pub fn launch(&self, command: &mut Command, url: &str) -> Server {
        let config = &self.trade.world.app.config;
        let mut child = command
            .env("CRASH_URL", url)
            .env("CRASH_KEYS", &config.keys)
            .env("CRASH_EARLY", if self.early { "yes" } else { "no" })
            .env("CRASH_SHIFT", self.shift.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = lines.find_map(|l| Some(l.unwrap().strip_prefix("listening ")?.to_owned())).unwrap();
        // Whatever it says later must not block it.
        std::thread::spawn(move || lines.count());
        // Once it answers, it also listens to signals.
        until("a server's answer", || ureq::get(format!("{base}/healthz")).call().is_ok());
        Server { child, base }
    }

    /// One bid of the story: what the bidder was told, or `None` where the server is gone.
    fn bid(&self, agent: &ureq::Agent, base: &str, token: &str) -> Option<Answered> {
        let amount = format!("{}.00", self.next.load(Ordering::SeqCst));
        let request = agent.post(format!("{base}{}", self.trade.path("/bids")));
        let sent = request.header("authorization", &format!("Bearer {token}")).send_json(json!({ "amount": amount }));
        let mut answer = sent.ok()?;
        let status = answer.status();
        let body: Value = answer.body_mut().read_json().ok()?;
        assert!(matches!(status.as_u16(), 201 | 409), "{status} {body}");
        let next = match body["minimum"].as_str() {
            Some(least) => least.strip_suffix(".00").unwrap().parse().unwrap(),
            None if status == 201 => amount.strip_suffix(".00").unwrap().parse::<i64>().unwrap() + 10,
            None => 0,
        };
        self.next.fetch_max(next, Ordering::SeqCst);
        let number = |name: &str| body[name].as_i64().unwrap_or_else(|| panic!("no {name}: {body}"));
        Some(Answered { seq: number("seq"), amount, accepted: status == 201, entry: number("log_entry") })
    }

    /// Sixteen windows of four bidders bid as fast as they can and one reads heads; when the `after`th bid is answered, and a
    /// head that is not `known` has been read, the server is killed. Every second window bids at `other`, an instance on the
    /// same database, where there is one: it goes on for as many bids again.
    fn one_round(&self, server: &mut Server, other: Option<&Server>, after: usize, known: &BTreeSet<String>) -> Told {
        let told = Mutex::new(Told::default());
        let (count, dead, has_signed) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicBool::new(false));
        let child = Mutex::new(&mut server.child);
        let base = &server.base;
        let bases = [base, other.map_or(base, |other| &other.base)];
        std::thread::scope(|scope| {
            for window in 0..16 {
                let (token, base) = (&self.tokens[window % 4], bases[window / 4 % 2]);
                let (told, count, dead, has_signed, child) = (&told, &count, &dead, &has_signed, &child);
                scope.spawn(move || {
                    let agent = agent();
                    while let Some(answered) = self.bid(&agent, base, token) {
                        told.lock().unwrap().answered.push(answered);
                        let count = count.fetch_add(1, Ordering::SeqCst) + 1;
                        if count > 2 * after && dead.load(Ordering::SeqCst) {
                            return;
                        }
                        if count >= after && has_signed.load(Ordering::SeqCst) && !dead.swap(true, Ordering::SeqCst) {
                            // SIGKILL, by the child's own id.
                            child.lock().unwrap().kill().unwrap();
                        }
                    }
                });
            }
            let (told, has_signed) = (&told, &has_signed);
            scope.spawn(move || {
                let agent = agent();
                while let Ok(head) = agent.get(format!("{base}/log/checkpoint")).call() {
                    let head = Some(head).filter(|head| head.status() == 200);
                    if let Some(text) = head.and_then(|mut a| a.body_mut().read_to_string().ok()) {
                        has_signed.fetch_or(!known.contains(&text), Ordering::SeqCst);
                        told.lock().unwrap().heads.insert(text);
                    }
                }
            });
        });
        assert!(dead.into_inner(), "the server was to be killed at the {after}th bid");
        server.child.wait().unwrap();
        told.into_inner().unwrap()
    }

    /// What was answered and is not there exactly once, with its entry.
    fn missing(&self, answered: &[Answered]) -> Vec<String> {
        let world = self.trade.world;
        let rows = Behind::of(world).texts(
            "SELECT seq || ' ' || amount || ' ' || CASE WHEN accepted THEN 'yes' ELSE 'no' END AS v FROM auction_commands",
        );
        let mut times = BTreeMap::<String, usize>::new();
        for row in rows {
            *times.entry(row).or_default() += 1;
        }
        let is_there = |told: &Answered| {
            let word = if told.accepted { "yes" } else { "no" };
            let row = format!("{} {} {word}", told.seq, told.amount.replace('.', ""));
            let entry = world.app.db.read_now(|rx| log::find_entry(rx, told.entry)).unwrap();
            let kind = if told.accepted { "bid.accepted" } else { "bid.refused" };
            times.get(&row) == Some(&1)
                && entry.is_some_and(|e| e.kind == kind && e.data["seq"] == told.seq && e.data["amount"] == told.amount)
        };
        answered.iter().filter(|told| !is_there(told)).map(|told| format!("{told:?}")).collect()
    }
}

/// A server on the world's database, with the clock of its story. `more`: further words for [`child_server`].
pub fn serve(world: &World, stderr: Stdio, more: &[(&str, &str)]) -> Server {
    let config = &world.app.config;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(CHILD)
        .env("CRASH_URL", &config.database_url)
        .env("CRASH_KEYS", &config.keys)
        .env("CRASH_EARLY", "no")
        .env("CRASH_SHIFT", (world.app.db.now().0 - SystemClock.now().0).to_string())
        .envs(more.iter().copied())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let base = lines.find_map(|l| Some(l.unwrap().strip_prefix("listening ")?.to_owned())).unwrap();
    std::thread::spawn(move || lines.count());
    Server { child, base }
}

impl Server {
    /// SIGTERM, and the exit it leads to.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "the server did not end cleanly");
    }
}

/// A bid, and what its bidder was told of it.
#[derive(Debug)]
struct Answered {
    seq: i64,
    amount: String,
    accepted: bool,
    entry: i64,
}

/// What the clients of a round were told.
#[derive(Default)]
struct Told {
    answered: Vec<Answered>,
    heads: BTreeSet<String>,
}

/// Rounds of killing; what was answered and is lost or doubled. `beside`: another instance runs through all of it.
fn lost_bids(world: &World, early: bool, beside: bool, rounds: usize) -> Vec<String> {
    let stage = Stage::open(world, early);
    let other = beside.then(|| stage.server());
    let mut told = Told::default();
    for round in 0..rounds {
        let mut server = stage.server();
        // Somewhere else in the stream each time, a hundred bids on the average.
        let now = stage.one_round(&mut server, other.as_ref(), 20 + 17 * round % 161, &told.heads);
        let lost = stage.missing(&now.answered);
        if !lost.is_empty() {
            eprintln!("found at kill {}", round + 1);
            return lost;
        }
        told.answered.extend(now.answered);
        told.heads.extend(now.heads);
    }
    // Nor did a later round take away what an earlier one had left.
    let lost = stage.missing(&told.answered);
    if !lost.is_empty() {
        return lost;
    }
    println!("{rounds} kills, {} bids answered, none lost", told.answered.len());
    assert!(told.answered.iter().filter(|a| a.accepted).count() > rounds, "bids were accepted while servers died");
    let numbers: BTreeSet<i64> = told.answered.iter().map(|a| a.seq).collect();
    assert_eq!(numbers.len(), told.answered.len(), "no number was given twice");

    // Restarted once more, ended cleanly: everything is numbered and signed, and every head ever served is continued.
    stage.server().stop();
    other.into_iter().for_each(Server::stop);
    let app = &world.app;
    let (summary, faults) = verified(app, &Parts::default());
    assert_eq!(faults, []);
    assert_eq!(summary.waiting, 0, "SIGTERM signs the log up to its last entry");
    assert!(summary.entries > told.answered.len() as u64);
    assert!(told.heads.len() >= rounds, "heads were read while bids flowed");
    for note in &told.heads {
        let head = Checkpoint::open(note, app.log_key.verifier()).unwrap();
        assert!(
            app.db.read_now(|rx| log::continues(rx, &head)).unwrap(),
            "a head that was served is no more ours: {note}"
        );
    }
    // The award stands only on commands that replay to what is on record.
    world.set_time("2026-03-11T17:00:00+08:00");
    assert_eq!(world.close_due(), 1);
    Vec::new()
}

fn on_sqlite(early: bool, rounds: usize) -> Vec<String> {
    lost_bids(&World::sqlite(), early, false, rounds)
}

fn on_postgres(early: bool, rounds: usize) -> Option<Vec<String>> {
    World::postgres().map(|world| lost_bids(&world, early, false, rounds))
}

/// A few in every run; two hundred, with more than 20,000 answered bids, with `XIANGJI_TEST_LONG=1`.
fn kills() -> usize {
    if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 220 } else { 5 }
}

#[test]
fn no_answered_bid_is_lost_on_sqlite() {
    assert_eq!(on_sqlite(false, kills()), Vec::<String>::new());
}

#[test]
fn no_answered_bid_is_lost_on_postgres() {
    if let Some(lost) = on_postgres(false, kills()) {
        assert_eq!(lost, Vec::<String>::new());
    }
}

#[test]
fn one_of_two_instances_dies_and_the_auction_goes_on_at_the_other() {
    if let Some(world) = World::postgres() {
        assert_eq!(lost_bids(&world, false, true, kills().min(40)), Vec::<String>::new());
    }
}

#[test]
fn control_answering_before_the_commit_is_found_on_sqlite() {
    assert!(!on_sqlite(true, 30).is_empty(), "a server that answers before it commits must lose an answered bid");
}

#[test]
fn control_answering_before_the_commit_is_found_on_postgres() {
    if let Some(lost) = on_postgres(true, 30) {
        assert!(!lost.is_empty(), "a server that answers before it commits must lose an answered bid");
    }
}
