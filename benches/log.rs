//! The figures of the transparency log, each a ratio of two things measured in this run.
//! `cargo bench --bench log` prints all; with names only those: `cargo bench --bench log -- verify memory proof receipt`.
//!
//! On the embedded database, in folders of their own; nothing is asserted.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on has nothing better to do"
)]
#![expect(clippy::indexing_slicing, reason = "indexes into what was just measured")]

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use sha2::{Digest, Sha256};
use xiangji::{
    app::{self, App},
    config::{Config, SystemClock},
    db::{self, Lane, Options},
    log::{
        self, By, Fact, Verification,
        tiles::{Content, Tile, bundle_entries},
    },
};

const MANY: u32 = 1_000_000;
const FEW: u32 = 100_000;

fn main() {
    // The harness adds --bench.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let asked = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    let dir = tempfile::tempdir().unwrap();
    if asked("receipt") {
        receipts_at_a_hundred_writes_a_second(&Installation::with_entries(&dir.path().join("busy"), FEW));
    }
    if !["verify", "memory", "proof"].into_iter().any(&asked) {
        return;
    }
    let many = Installation::with_entries(&dir.path().join("many"), MANY);
    if asked("verify") {
        verify_against_sha256(&many);
    }
    if asked("memory") {
        memory_of_verify(&many, &Installation::with_entries(&dir.path().join("few"), FEW));
    }
    if asked("proof") {
        proof_of_one(&many, &Installation::with_entries(&dir.path().join("thousand"), 1_000));
    }
}

/// A database whose log has so many entries, as long as those of bids.
struct Installation {
    app: App,
    entries: u32,
    url: String,
    keys: PathBuf,
}

impl Installation {
    fn with_entries(dir: &Path, entries: u32) -> Installation {
        std::fs::create_dir(dir).unwrap();
        let url = format!("sqlite://{}", dir.join("xiangji.db").display());
        let config = Config::from_pairs([("XIANGJI_DATABASE_URL".to_owned(), url.clone())]).unwrap();
        let keys = config.keys.clone();
        db::migrate(&db::Target::parse(&url).unwrap()).unwrap();
        let options = Options { durable: false, ..Options::default() };
        let app = App::open(config, Arc::new(SystemClock), &options).unwrap();
        for from in (0..entries).step_by(10_000) {
            let write = move |tx: &mut db::Tx<'_>| {
                for n in from..(from + 10_000).min(entries) {
                    let data = json!({ "seq": n, "type": "bid", "bidder": "01", "amount": "820.00", "price": "820.00",
                        "closes_at": "2026-11-26T23:12:00+08:00", "note": "x".repeat(300) });
                    let fact = Fact::new("bid.accepted", "440703103213").about("lot", n % 1000).data(data);
                    log::record(tx, &By::system(), fact)?;
                }
                Ok(())
            };
            app.db.write_now(Lane::Any, write).unwrap();
        }
        app.integrate_log().unwrap();
        println!("# a log of {entries} entries is ready");
        Installation { app, entries, url, keys }
    }

    /// `xiangji verify` as an operator runs it: how long, and how much memory at most, in KiB (Linux).
    fn verify(&self) -> (Duration, Option<u64>) {
        let start = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_xiangji"))
            .arg("verify")
            .env("XIANGJI_DATABASE_URL", &self.url)
            .env("XIANGJI_KEYS", &self.keys)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = None;
        while child.try_wait().unwrap().is_none() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
            peak = line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).or(peak);
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(child.wait().unwrap().success());
        (start.elapsed(), peak)
    }
}

fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

/// Recomputing the whole log (entries, leaves, tiles, heads, timelines, tables) against SHA-256 over the bytes of the same
/// entries, which lie in memory.
fn verify_against_sha256(many: &Installation) {
    let bundles = many.app.db.read_now(|rx| {
        let head = log::head(rx)?.expect("a head");
        let entries = Tile::all(head.size).filter(|t| t.content == Content::Entries);
        entries.map(|tile| Ok(log::file(rx, &tile, &head)?.expect("a bundle"))).collect::<db::Result<Vec<_>>>()
    });
    let bundles = bundles.unwrap();
    let bytes: usize = bundles.iter().map(Vec::len).sum();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let start = Instant::now();
        let (tables, checks) = (app::logged_tables(), app::checks());
        let (key, witnesses) = (many.app.log_key.verifier(), &many.app.witnesses);
        let what = Verification { key, former: &[], witnesses, tables: &tables, checks: &checks, since: None };
        let summary =
            many.app.db.read_together(log::READERS, |rx, beside| log::verify(rx, beside, &what, &mut |_| {})).unwrap();
        ours.push(start.elapsed());
        assert_eq!((summary.entries >= u64::from(many.entries), summary.faults), (true, 0));

        let start = Instant::now();
        let mut last = [0; 32];
        for bundle in &bundles {
            for entry in bundle_entries(bundle).unwrap() {
                last = Sha256::digest(entry).into();
            }
        }
        theirs.push(start.elapsed());
        std::io::sink().write_all(&last).unwrap();
    }
    let (ours, theirs) = (middle(ours), middle(theirs));
    println!("verify of {} entries, {} MB: {ours:.2} s", many.entries, bytes >> 20);
    let file = std::fs::metadata(many.url.trim_start_matches("sqlite://")).unwrap().len();
    println!(
        "the database is {} MB: ratio {:.2} to the entries' bytes (aim ≤ 1.5)",
        file >> 20,
        file as f64 / bytes as f64
    );
    println!("SHA-256 of the same bytes in memory: {theirs:.2} s");
    println!("ratio {:.1} (aim ≤ 4)", ours / theirs);
}

fn memory_of_verify(many: &Installation, few: &Installation) {
    let ((slow, most), (quick, least)) = (many.verify(), few.verify());
    match (most, least) {
        (Some(most), Some(least)) => {
            println!("verify of {}: {:.1} s, at most {} MB", many.entries, slow.as_secs_f64(), most >> 10);
            println!("verify of {}: {:.1} s, at most {} MB", few.entries, quick.as_secs_f64(), least >> 10);
            println!("ratio of memory {:.2} (aim ≤ 1.2)", most as f64 / least as f64);
        }
        _ => println!("memory: not told by this system"),
    }
}

/// How long after its answer a write can be proven, at a hundred writes a second and with the server's own timetable.
fn receipts_at_a_hundred_writes_a_second(busy: &Installation) {
    const WRITES: u32 = 1_000;
    let stop = Arc::new(AtomicBool::new(false));
    let (app, stopped) = (busy.app.clone(), stop.clone());
    let timetable = std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(500));
            log::integrate_once(&app.db, &app.log_key).unwrap();
        }
    });
    let (answered, waiting) = std::sync::mpsc::channel::<(i64, Instant)>();
    let app = busy.app.clone();
    let holder = std::thread::spawn(move || {
        let proven = |seq| app.db.read_now(|rx| log::Witnesses::none().receipt(rx, seq)).unwrap().is_some();
        let until_proven = |(seq, answered): (i64, Instant)| {
            while !proven(seq) {
                std::thread::sleep(Duration::from_millis(5));
            }
            answered.elapsed()
        };
        waiting.into_iter().map(until_proven).collect::<Vec<_>>()
    });
    let start = Instant::now();
    for n in 0..WRITES {
        let fact = Fact::new("test.counted", "440703103213").about("lot", n).data(json!({ "n": n }));
        let receipt = busy.app.db.write_now(Lane::Any, move |tx| log::record(tx, &By::system(), fact.clone())).unwrap();
        answered.send((receipt.seq, Instant::now())).unwrap();
        std::thread::sleep((start + Duration::from_millis(10) * (n + 1)).saturating_duration_since(Instant::now()));
    }
    drop(answered);
    let mut waits = holder.join().unwrap();
    stop.store(true, Ordering::Relaxed);
    timetable.join().unwrap();
    waits.sort_unstable();
    let [middle, late, last] =
        [waits.len() / 2, waits.len() * 99 / 100, waits.len() - 1].map(|n| waits[n].as_secs_f64());
    println!(
        "receipt after the answer, {WRITES} writes at 100 a second: median {middle:.2} s, p99 {late:.2} s (aim ≤ 2), longest {last:.2} s (aim ≤ 10)"
    );
}

/// A proof of a random entry, made from the stored tiles.
fn proof_of_one(many: &Installation, few: &Installation) {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..400_u64 {
        for (place, times) in [many, few].iter().zip(&mut times) {
            let index = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) % u64::from(place.entries);
            let start = Instant::now();
            let proof = place.app.db.read_now(|rx| log::Witnesses::none().proof(rx, index)).unwrap();
            let took = start.elapsed();
            assert!(proof.is_some());
            if round >= 20 {
                times.push(took);
            }
        }
    }
    let [many_took, few_took] = times.map(middle);
    println!("proof of one of {}: {:.3} ms", many.entries, many_took * 1e3);
    println!("proof of one of {}: {:.3} ms", few.entries, few_took * 1e3);
    println!("ratio {:.2} (aim ≤ 2)", many_took / few_took);
}
