//! The operator's blindness (SEAL-2): of planted bids and their secrets nothing is in the files of the database, in the log of
//! the program at its most talkative, in what goes over the wire, or in the memory of the server, as long as they are sealed.
//! 250 planted bids; `XIANGJI_TEST_LONG=1` plants 1,000.

use std::{
    fs::File,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::{Child, Command},
};

use age::{secrecy::ExposeSecret, x25519::Identity};
use aho_corasick::AhoCorasick;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use xiangji::{
    kernel::Fen,
    trading::sealed::{Attempt, ClearShare, Envelope, Inner, Opened, SealedShare, encrypt, open},
};

use crate::{
    crash,
    sealed::{Keys, bids as told_bids, lot, no_faults},
    support::{app::World, until},
    trading::{HOURS, Trade, ok},
};

/// A bid with all that its bidder alone knows of it.
struct Planted {
    fen: i64,
    nonce: String,
    secret: String,
    shares: Vec<ClearShare>,
    envelope: Envelope,
}

fn planted(lot: &str, bidder: &str, fen: i64, trustees: &[Identity]) -> Planted {
    let identity = Identity::generate();
    let secret = identity.to_string().expose_secret().to_owned();
    let nonce = format!("{:032x}", rand::random::<u128>());
    let inner = Inner { lot: lot.to_owned(), bidder: bidder.to_owned(), amount_fen: fen, nonce: nonce.clone() };
    let ciphertext = encrypt(&identity.to_public(), &inner.padded().unwrap()).unwrap();
    let shares: Vec<ClearShare> = blahaj::Sharks(3)
        .dealer(secret.as_bytes())
        .take(trustees.len())
        .map(|share| {
            let bytes = Vec::from(&share);
            ClearShare { number: bytes[0], bytes: bytes[1..].to_vec() }
        })
        .collect();
    let seal = |(trustee, share): (&Identity, &ClearShare)| SealedShare {
        trustee: trustee.to_public().to_string(),
        number: share.number,
        share: STANDARD.encode(encrypt(&trustee.to_public(), &share.bytes).unwrap()),
    };
    let envelope = Envelope {
        format: "xiangji-sealed-bid/1".into(),
        lot: lot.to_owned(),
        bidder: bidder.to_owned(),
        recipient: identity.to_public().to_string(),
        ciphertext: STANDARD.encode(ciphertext),
        shares: trustees.iter().zip(&shares).map(seal).collect(),
    };
    Planted { fen, nonce, secret, shares, envelope }
}

/// What Base64 makes of a text that stands somewhere inside something longer: its middle, at each of three places.
fn in_base64(text: &str) -> impl Iterator<Item = Vec<u8>> {
    (0..3).map(|before| {
        let all = STANDARD.encode([&b"   "[..before], text.as_bytes()].concat());
        let (from, to) = ((before * 8).div_ceil(6), (before + text.len()) * 8 / 6);
        all.as_bytes()[from..to].to_vec()
    })
}

/// An amount in every dress it may go in.
fn dresses(fen: i64) -> Vec<Vec<u8>> {
    let texts = [fen.to_string(), Fen(fen).to_string(), Fen(fen).grouped()];
    let mut all: Vec<Vec<u8>> = texts.iter().flat_map(|text| in_base64(text)).collect();
    all.extend(texts.map(String::into_bytes));
    all.extend([fen.to_le_bytes().to_vec(), fen.to_be_bytes().to_vec()]);
    all
}

fn finder<'p>(bids: impl Iterator<Item = &'p Planted>, trustees: &[Identity]) -> AhoCorasick {
    let mut needles: Vec<Vec<u8>> =
        trustees.iter().map(|key| key.to_string().expose_secret().to_owned().into_bytes()).collect();
    for bid in bids {
        needles.extend(dresses(bid.fen));
        needles.extend([bid.secret.clone().into_bytes(), bid.nonce.clone().into_bytes()]);
        for share in &bid.shares {
            needles.extend([share.bytes.clone(), STANDARD.encode(&share.bytes).into_bytes()]);
        }
    }
    AhoCorasick::new(needles).unwrap()
}

/// A server of its own process, with the clock of the story and everything in its log.
struct Server {
    child: Child,
    address: String,
    log: PathBuf,
    /// Every byte that went to it or came from it.
    wire: Vec<u8>,
}

impl Server {
    fn start(world: &World, dir: &Path, needle: &str) -> Server {
        let log = dir.join("stderr.log");
        let talk = [("CRASH_LOG", "trace"), ("CRASH_NEEDLE", needle)];
        let crash::Server { child, base } = crash::serve(world, File::create(&log).unwrap().into(), &talk);
        let address = base.strip_prefix("http://").unwrap().to_owned();
        Server { child, address, log, wire: Vec::new() }
    }

    /// The status, and the body as text.
    fn ask(&mut self, method: &str, path: &str, token: &str, body: &str) -> (u16, String) {
        let (address, length) = (&self.address, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        self.wire.extend(request.as_bytes());
        self.wire.extend(&answer);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// How often a finder finds something in what the process can write to: heap, stacks, buffers. How much that was.
    fn memory(&self, finder: &AhoCorasick) -> (usize, u64) {
        self.signal("-STOP");
        let at = format!("/proc/{}", self.child.id());
        // Until the last of its threads stands still, its memory may be another one at the next look.
        until("a process that stands still", || {
            let threads = std::fs::read_dir(format!("{at}/task")).unwrap().flatten();
            threads.into_iter().all(|thread| {
                let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
                stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
            })
        });
        let maps = std::fs::read_to_string(format!("{at}/maps")).unwrap();
        let [memory, pages] = ["mem", "pagemap"].map(|file| File::open(format!("{at}/{file}")).unwrap());
        let (mut found, mut seen) = (0, 0);
        for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|may| may.starts_with("rw"))) {
            let range = line.split(' ').next().unwrap().split_once('-').unwrap();
            let number = |text: &str| u64::from_str_radix(text, 16).unwrap();
            for (from, length) in touched(&pages, number(range.0), number(range.1)) {
                let mut piece = vec![0; usize::try_from(length).unwrap()];
                memory.read_exact_at(&mut piece, from).unwrap();
                found += finder.find_iter(&piece).count();
                seen += length;
            }
        }
        self.signal("-CONT");
        (found, seen)
    }
}

/// The runs of pages between two addresses that were ever written to: start and length. The allocator reserves far more.
fn touched(pages: &File, from: u64, to: u64) -> Vec<(u64, u64)> {
    const PAGE: u64 = 4096;
    let mut words = vec![0; usize::try_from((to - from) / PAGE * 8).unwrap()];
    pages.read_exact_at(&mut words, from / PAGE * 8).unwrap();
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (word, at) in words.chunks(8).zip((from..).step_by(4096)) {
        // In memory, or swapped out.
        if word[7] & 0b1100_0000 != 0 {
            match runs.last_mut() {
                Some((start, length)) if *start + *length == at => *length += PAGE,
                _ => runs.push((at, PAGE)),
            }
        }
    }
    runs
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Everything beside the database, and what the server wrote to its log.
fn in_files(world: &World, finder: &AhoCorasick) -> usize {
    let url = world.app.config.database_url.to_string();
    let folder = PathBuf::from(url.trim_start_matches("sqlite://")).parent().unwrap().to_owned();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|file| file.is_file());
    files.map(|file| finder.find_iter(&std::fs::read(file).unwrap()).count()).sum()
}

fn plants() -> usize {
    if std::env::var_os("XIANGJI_TEST_LONG").is_some() { 1_000 } else { 250 }
}

#[test]
fn of_planted_bids_nothing_is_in_the_server_before_the_opening() {
    let (world, dir) = (World::sqlite(), tempfile::tempdir().unwrap());
    let keys = Keys::new(5);
    let trade: Trade<'_> = lot(&world, &keys, 3, None);
    world.set_time("2026-03-11T09:30:30+08:00");
    let amount = || rand::random_range(100_000_000_000..1_000_000_000_000_i64);
    let bids: Vec<Planted> =
        (0..plants()).map(|n| planted(&trade.lot, ["01", "02", "03"][n % 3], amount(), &keys.0)).collect();
    let hidden = finder(bids.iter(), &keys.0);
    // Controls: what the server is told in the clear is found wherever it goes.
    let (told, typed) = (amount(), amount());
    let in_the_clear = AhoCorasick::new(dresses(told)).unwrap();
    let clumsy = AhoCorasick::new(dresses(typed)).unwrap();

    let mut server = Server::start(&world, dir.path(), &Fen(told).to_string());
    let tokens = ["A", "B", "C"].map(|name| trade.as_(name).token.unwrap());
    for (n, bid) in bids.iter().enumerate() {
        let body = serde_json::to_string(&bid.envelope).unwrap();
        let (status, said) = server.ask("POST", &trade.path("/sealed-bids"), &tokens[n % 3], &body);
        assert_eq!(status, 201, "{said}");
        if n == plants() / 2 {
            let (found, seen) = server.memory(&hidden);
            assert_eq!(found, 0, "in memory, after {n} bids");
            assert!(seen > 1 << 20, "{seen} bytes are no server");
        }
    }
    for path in ["/sealed-bids/own", "/sealed-bids", "/mine", ""].map(|rest| trade.path(rest)) {
        server.ask("GET", &path, &tokens[0], "");
    }
    server.ask("GET", &format!("/lots/{}/sealed", trade.lot), &tokens[1], "");
    let (status, said) =
        server.ask("POST", &trade.path("/bids"), &tokens[2], &json!({"amount": Fen(typed).to_string()}).to_string());
    assert_eq!(status, 409, "an open price is not taken: {said}");

    let log = || std::fs::read(&server.log).unwrap();
    assert!(log().len() > 10_000, "it talks");
    assert_eq!(server.memory(&hidden).0, 0, "in memory");
    assert_eq!(in_files(&world, &hidden), 0, "in a file of the database");
    assert_eq!(hidden.find_iter(&log()).count(), 0, "in the log of the program");
    assert_eq!(hidden.find_iter(&server.wire).count(), 0, "on the wire");
    assert!(server.memory(&in_the_clear).0 > 0, "control: its environment is in its memory");
    assert!(clumsy.find_iter(&server.wire).count() > 0, "control: a price that was typed openly went over the wire");
    assert_eq!(in_files(&world, &clumsy) + clumsy.find_iter(&log()).count(), 0, "and is kept nowhere");
    let copy = [log(), bids[7].secret.clone().into_bytes(), dresses(bids[8].fen)[4].clone()].concat();
    assert_eq!(hidden.find_iter(&copy).count(), 2, "control: a log that had them would be caught");

    // Fewer than three trustees open nothing of it.
    for bid in bids.iter().take(40) {
        for set in 1..1_usize << 5 {
            let shares: Vec<ClearShare> = (0..5).filter(|i| set >> i & 1 == 1).map(|i| bid.shares[i].clone()).collect();
            let told = open(&bid.envelope, shares.len().min(3), &shares, true);
            let Attempt::Done(told) = told else { panic!("{told:?}") };
            match shares.len() {
                1 | 2 => assert_eq!((told.outcome, told.amount), (Opened::SharesDoNotFit, None)),
                _ => assert_eq!(told.amount, Some(Fen(bid.fen)), "control: three do"),
            }
        }
    }

    // Control: from the opening on they are found everywhere.
    world.set_time(HOURS[2]);
    let mut counting = told_bids(&trade);
    counting["bids"].as_array_mut().unwrap().retain(|bid| bid["counts"] == true);
    for trustee in 0..3 {
        let clear = keys.clear(&counting, trustee);
        ok(trade.as_("trader").post(&trade.path("/sealed-bids/shares"), &clear));
    }
    assert_eq!(trade.close(), 1);
    let before = server.wire.len();
    let (status, _) = server.ask("GET", &trade.path("/sealed-bids"), &tokens[0], "");
    assert_eq!(status, 200);
    assert!(hidden.find_iter(&server.wire[before..]).count() > 0, "on the wire");
    assert!(in_files(&world, &hidden) > 0, "in the database");
    assert!(server.memory(&hidden).0 > 0, "in memory");
    no_faults(&world);
}
