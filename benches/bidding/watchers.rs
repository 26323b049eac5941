//! Everybody of a full hall follows one lot; a few bid.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{load::Connection, stage::Stage};

const WATCHERS: usize = 500;
const BIDS: u32 = 200;
/// Twenty bids a second.
const PAUSE: Duration = Duration::from_millis(50);
const SMALL_STACK: usize = 128 << 10;

/// How soon after a bid was answered each of the watchers had heard of it.
pub fn watch(stage: &Stage) {
    let (heard, hearings) = mpsc::channel::<(i64, Instant)>();
    let ready = Arc::new(Barrier::new(WATCHERS + 1));
    let open = Arc::new(AtomicUsize::new(0));
    for _ in 0..WATCHERS {
        let (heard, ready, open) = (heard.clone(), ready.clone(), open.clone());
        let (address, path) = (stage.address.clone(), stage.path("/events"));
        std::thread::Builder::new()
            .stack_size(SMALL_STACK)
            .spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n").unwrap();
                let mut lines = BufReader::new(stream).lines();
                // The first event says how it stands; from then on nothing is missed.
                lines.find(|line| line.as_ref().unwrap().starts_with("data:"));
                open.fetch_add(1, Ordering::Relaxed);
                ready.wait();
                for line in lines {
                    let Ok(line) = line else { return };
                    let number = line.strip_prefix("id: ").and_then(|id| id.parse().ok());
                    if let Some(number) = number
                        && heard.send((number, Instant::now())).is_err()
                    {
                        return;
                    }
                }
            })
            .unwrap();
    }
    drop(heard);
    ready.wait();
    let mut bidders: Vec<Connection> =
        stage.tokens.iter().map(|token| Connection::open(&stage.address, token)).collect();
    let mut answered = std::collections::HashMap::new();
    for n in 0..BIDS {
        let bidder = &mut bidders[n as usize % stage.tokens.len()];
        bidder.send("POST", &stage.path("/bids"), &format!(r#"{{"amount":"{}.00"}}"#, 700 + n));
        let answer = bidder.receive();
        let at = Instant::now();
        assert_eq!(answer.status, 201, "{}", answer.body);
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        answered.insert(told["seq"].as_i64().unwrap(), at);
        std::thread::sleep(PAUSE);
    }
    std::thread::sleep(Duration::from_secs(2));
    // A watcher may hear before the bidder does; then the delay is none.
    let delays: Vec<Duration> = hearings
        .try_iter()
        .filter_map(|(number, at)| answered.get(&number).map(|answered| at.saturating_duration_since(*answered)))
        .collect();
    let expected = WATCHERS * BIDS as usize;
    let in_time = delays.iter().filter(|delay| **delay <= Duration::from_secs(1)).count();
    let mut sorted = delays.clone();
    sorted.sort_unstable();
    let percentile = |percent: usize| sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)].as_secs_f64() * 1e3;
    println!("  {} watchers, {BIDS} bids, {} of {expected} events heard", open.load(Ordering::Relaxed), delays.len());
    println!("  delay after the bidder's answer: p50 {:.0} ms, p99 {:.0} ms", percentile(50), percentile(99));
    println!("share within a second {:.1} % (aim ≥ 99 %)", in_time as f64 * 100.0 / expected as f64);
}
