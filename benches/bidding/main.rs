//! What a hot lot bears, on both databases, each figure a ratio of two things measured in this run:
//! `cargo bench --bench bidding`; with names only those: `cargo bench --bench bidding -- sqlite postgres watchers`.
//!
//! Bids of 64 bidders through HTTP, each answered once it is on the disk, against the same rows written bid by bid by the
//! database's own client over as many connections, and against an authenticated request of the same server that asks for
//! next to nothing. Everything over loopback; nothing is asserted of the figures.
//!
//! A bid may be refused here as it may be in a hall. Amounts leave in their order, but each by its own connection, and the
//! server may read the later one first: who is overtaken has bid too little (`below_step`). And who has its answer and the
//! next amount before anybody else has bid leads already (`already_leading`). How many of each is told, any other refusal
//! ends the run. `price_moved` is none of them: it is for forms, which say what price their reader saw.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on has nothing better to do"
)]
#![expect(clippy::indexing_slicing, reason = "indexes into what was just measured")]

mod load;
#[path = "../../tests/it/support/patience.rs"]
mod patience;
mod peers;
#[path = "../../tests/it/support/port.rs"]
mod port;
#[path = "../../tests/it/support/postgres.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod postgres;
mod processor;
mod stage;
mod watchers;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use load::{Connection, Pace};
use patience::until;
use stage::Stage;
use xiangji::db;

const BIDDERS: usize = 64;
const LASTS: Duration = Duration::from_secs(8);
const SPIKE: Duration = Duration::from_secs(60);

/// Where a part of this program does not run, it says so.
fn skip(what: &str, why: &str) {
    println!("skipped: {what}: {why}");
}

fn main() {
    // The harness adds --bench.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let asked = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    if asked("sqlite") {
        println!("# SQLite");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("xiangji.db");
        let stage = Stage::open(&format!("sqlite://{}", file.display()), dir.path(), BIDDERS);
        first_bid(&stage);
        let copy = dir.path().join("bare.db");
        db::backup::backup(&db::Target::Sqlite(file), &copy).unwrap();
        measure(&stage, 5.0, || peers::sqlite(&copy, &stage.lot.to_string(), BIDDERS, LASTS));
    }
    if asked("postgres") {
        println!("# PostgreSQL");
        let Some(bin) = postgres::programs() else { return skip("PostgreSQL", "its programs are not on this machine") };
        let cluster = postgres::Cluster::start(&bin, true);
        let dir = tempfile::tempdir().unwrap();
        let (url, copy) = (cluster.empty(), cluster.empty());
        let stage = Stage::open(&url, dir.path(), BIDDERS);
        first_bid(&stage);
        measure(&stage, 10.0, || peers::postgres(&url, &copy, dir.path(), &stage.lot.to_string(), BIDDERS, LASTS));
    }
    if asked("watchers") {
        println!("# 500 watchers of one lot (SQLite)");
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("xiangji.db").display());
        watchers::watch(&Stage::open(&url, dir.path(), BIDDERS));
    }
}

/// The copy that the bare client writes to has one bid to repeat.
fn first_bid(stage: &Stage) {
    let mut connection = Connection::open(&stage.address, &stage.tokens[0]);
    connection.send("POST", &stage.path("/bids"), r#"{"amount":"700.00"}"#);
    let answer = connection.receive();
    assert_eq!(answer.status, 201, "{}", answer.body);
}

/// `bare` gives the pace of the database's own client.
fn measure(stage: &Stage, aim: f64, bare: impl Fn() -> f64) {
    let bids = bids(stage, LASTS, None);
    let answered = bids.times.len() as f64 / bids.took.as_secs_f64();
    println!(
        "  accepted bids: {:.0} a second; with the refused ones, as durable: {answered:.0}; p50 {:.1} ms, p99 {:.1} ms; {}",
        bids.per_second(),
        bids.percentile(50),
        bids.percentile(99),
        bids.on_the_processor()
    );
    spike(stage);
    let nothing = no_ops(stage);
    println!(
        "  authenticated no-op: {:.0} a second; p99 {:.1} ms; {}",
        nothing.per_second(),
        nothing.percentile(99),
        nothing.on_the_processor()
    );
    let bare = bare();
    println!("  bid by bid, by the database's own client over {BIDDERS} connections: {bare:.0} a second");
    println!("ratio to the own client {:.1} (aim ≥ {aim})", bids.per_second() / bare);
    println!("ratio to the no-op {:.2} (aim ≥ 0.5)", bids.per_second() / nothing.per_second());
}

/// What the last minute of a hot auction may bring (AUC-11).
fn spike(stage: &Stage) {
    let bids = bids(stage, SPIKE, Some(200));
    println!(
        "  spike of 200 bids a second for {} s: {} answered, {} accepted; p50 {:.1} ms, p99 {:.1} ms (aim ≤ 250)",
        SPIKE.as_secs(),
        bids.times.len(),
        bids.counted,
        bids.percentile(50),
        bids.percentile(99)
    );
}

/// Every bidder bids as fast as it is answered, each a yuan more than the one before.
fn bids(stage: &Stage, lasts: Duration, a_second: Option<u32>) -> Pace {
    static NEXT: AtomicI64 = AtomicI64::new(10_000);
    let path = stage.path("/bids");
    // Amounts leave in their order, or a bid that was overtaken on the way to the server would be refused.
    let gate = Mutex::new(());
    let send = |connection: &mut Connection| {
        let _in_order = gate.lock().unwrap();
        let amount = NEXT.fetch_add(1, Ordering::Relaxed);
        connection.send("POST", &path, &format!(r#"{{"amount":"{amount}.00"}}"#));
    };
    let refused = Mutex::new(BTreeMap::<&str, usize>::new());
    let accepted = |answer: &load::Answer| {
        if answer.status == 201 {
            return true;
        }
        let why = ["below_step", "already_leading"].into_iter().find(|code| answer.body.contains(code));
        assert!(why.is_some(), "{} {}", answer.status, answer.body);
        *refused.lock().unwrap().entry(why.unwrap()).or_default() += 1;
        false
    };
    let tokens: Vec<&str> = stage.tokens.iter().map(String::as_str).collect();
    let pace = load::run(&stage.address, &tokens, lasts, a_second, send, accepted);
    println!("  refused: {:?}", refused.into_inner().unwrap());
    pace
}

/// Who am I: the session is looked at, nothing else.
fn no_ops(stage: &Stage) -> Pace {
    let tokens: Vec<&str> = stage.tokens.iter().map(String::as_str).collect();
    let send = |connection: &mut Connection| connection.send("GET", "/api/v1/session", "");
    load::run(&stage.address, &tokens, LASTS, None, send, |answer| {
        assert_eq!(answer.status, 200, "{}", answer.body);
        true
    })
}
