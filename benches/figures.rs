//! The figures of the README, each a ratio of two things measured in this run, or a plain reading where nothing fair stands
//! beside it. `cargo bench --bench figures` prints all but the cold build; with names only those:
//! `cargo bench --bench figures -- import list bid replay start cold-build`.
//!
//! Everything runs on the embedded database in a folder of its own and over loopback; nothing is asserted.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement that cannot go on has nothing better to do"
)]
#![expect(clippy::indexing_slicing, reason = "indexes into what was just measured")]

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query};
use serde_json::{Value, json};
use xiangji::{
    app::App,
    config::{Config, SystemClock},
    console::{self, Matter},
    db::{self, Options},
    demo,
    kernel::{Day, Fen, time::Clock},
    trading::auction::{self, Action, Bidder},
};

const VILLAGE: &str = "440703103213";
const PASSWORD: &str = "measured-in-one-run";

/// Its name on the command line, and what measures it in a folder.
type Figure = (&'static str, fn(&Path));

fn main() {
    // The harness adds --bench.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let figures: &[Figure] = &[
        ("import", import_against_sqlite3),
        ("list", first_page_of_a_thousand_and_of_a_million),
        ("bid", bid_against_bare_commit),
        ("replay", replay_against_parsing),
        ("start", start_and_rest),
        #[cfg(feature = "without-log")]
        ("log", cost_of_the_log::bids_and_an_import),
        ("cold-build", cold_build),
    ];
    for (name, figure) in figures {
        let asked = wanted.iter().any(|w| w == name);
        if asked || (wanted.is_empty() && *name != "cold-build") {
            let dir = tempfile::tempdir().unwrap();
            println!("# {name}");
            figure(dir.path());
        }
    }
}

/// Smallest, middle, greatest.
fn spread(mut times: Vec<Duration>) -> [Duration; 3] {
    times.sort_unstable();
    [times[0], times[times.len() / 2], times[times.len() - 1]]
}

fn shown(times: [Duration; 3]) -> String {
    let [least, middle, most] = times.map(|t| t.as_secs_f64() * 1e3);
    format!("median {middle:.2} ms (min {least:.2}, max {most:.2})")
}

fn ratio(one: [Duration; 3], other: [Duration; 3]) -> f64 {
    one[1].as_secs_f64() / other[1].as_secs_f64()
}

/// An installation with the division table, 上巷村's collective and a clerk, on a file of its own; waits for the disk.
fn installation(dir: &Path) -> App {
    let pairs = [
        ("XIANGJI_DATABASE_URL", format!("sqlite://{}", dir.join("xiangji.db").display())),
        ("XIANGJI_REQUESTS_PER_MINUTE", "100000000".into()),
        ("XIANGJI_SIGN_INS_PER_MINUTE", "100000000".into()),
    ];
    let config = Config::from_pairs(pairs.map(|(k, v)| (k.to_owned(), v))).unwrap();
    db::migrate(&db::Target::parse(&config.database_url).unwrap()).unwrap();
    let app = App::open(config, Arc::new(SystemClock), &Options::default()).unwrap();
    demo::found_one_village(&app, PASSWORD).unwrap();
    app
}

fn import(app: &App, file: &Path) {
    let code = VILLAGE.parse().unwrap();
    let mut report = Vec::new();
    let written = console::import(app, Matter::Members, file, &code, false, &mut report).unwrap();
    assert!(written, "{}", String::from_utf8_lossy(&report));
}

/// 169,100 members from one CSV (read, checked, sealed, written with their log entries, numbered and signed) against the
/// `sqlite3` shell's `.import` of the same file into a table with the same unique keys.
fn import_against_sqlite3(dir: &Path) {
    const MEMBERS: usize = 169_100;
    if Command::new("sqlite3").arg("--version").output().is_err() {
        println!("skipped: the sqlite3 shell is not installed");
        return;
    }
    let file = dir.join("roster.csv");
    std::fs::write(&file, demo::roster(&mut demo::Census::new(today()), 1, MEMBERS)).unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..3 {
        let place = dir.join(format!("run-{run}"));
        std::fs::create_dir(&place).unwrap();
        let app = installation(&place);
        let start = Instant::now();
        import(&app, &file);
        let written = start.elapsed();
        app.integrate_log().unwrap();
        ours.push(start.elapsed());
        println!("  written {:.2} s, numbered and signed {:.2} s", written.as_secs_f64(), ours[run].as_secs_f64());
        app.db.stop();

        let columns =
            "户编号,户主,成员姓名,性别,出生日期,与户主关系,身份证号,联系电话,户籍地,取得方式,取得日期,依据,备注";
        let typed = columns.split(',').map(|c| format!("{c} TEXT NOT NULL")).collect::<Vec<_>>().join(", ");
        let script = format!(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;\n\
             CREATE TABLE roster ({typed}, UNIQUE (身份证号), UNIQUE (户编号, 身份证号));\n\
             .import --csv --skip 1 {} roster\n",
            file.display()
        );
        let start = Instant::now();
        let mut shell = Command::new("sqlite3")
            .arg(place.join("peer.db"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut shell.stdin.take().unwrap(), script.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
        theirs.push(start.elapsed());
        let count =
            Command::new("sqlite3").arg(place.join("peer.db")).arg("SELECT count(*) FROM roster").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&count.stdout).trim(), MEMBERS.to_string());
    }
    let (ours, theirs) = (spread(ours), spread(theirs));
    println!("  {MEMBERS} members: {}", shown(ours));
    println!("  sqlite3 .import: {}", shown(theirs));
    println!("ratio {:.1} (aim ≤ 8)", ratio(ours, theirs));
}

/// The whole replay of an auction with 100,000 commands, reading and writing included, against reading the same file into a
/// tree of values with `serde_json`.
fn replay_against_parsing(_: &Path) {
    let text = long_auction(100_000);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..11 {
        let start = Instant::now();
        let result = auction::replay(&text).unwrap();
        ours.push(start.elapsed());
        assert!(result.contains("\"status\": \"sold\""));
        let start = Instant::now();
        let parsed: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed["commands"].as_array().map(Vec::len), Some(100_000));
        drop(parsed); // a replay lets go of what it read, too
        theirs.push(start.elapsed());
    }
    let (ours, theirs) = (spread(ours), spread(theirs));
    println!("  replayed: {}", shown(ours));
    println!("  parsed: {}", shown(theirs));
    println!("ratio {:.2} (aim ≤ 1)", ratio(ours, theirs));
}

/// 200 bidders, a bid a second, every fourth of them refused.
fn long_auction(commands: u64) -> String {
    let names: Vec<String> = (1..=200).map(|n| format!("{n:03}")).collect();
    let rules = json!({
        "mode": "ascending", "opening_price": "100.00", "step": { "min": "1.00" },
        "opens_at": "2026-03-02T00:00:00+08:00", "closes_at": "2026-03-02T00:30:00+08:00",
        "extension": { "window_s": 300, "from": "bid", "by_s": 300 },
        "tie": "earliest", "min_bidders": 1, "leader_may_raise": false
    });
    let rules = auction::read_rules(&rules.to_string(), &names, false).unwrap();
    let opens_at = rules.opens_at;
    let command = |(seq, n): (u64, i64)| {
        let amount = Fen(10_000 + n * 100 - if n % 4 == 3 { 200 } else { 0 });
        let bidder = Some(Bidder(usize::try_from(seq).unwrap() % 200));
        auction::Command { seq, at: opens_at.plus_s(n), bidder, action: Action::Bid(Some(amount)) }
    };
    let commands: Vec<auction::Command> = (1..=commands).zip(0..).map(command).collect();
    auction::write_trace(&rules, &names, &commands)
}

/// A server of `app` on a free port of this machine.
fn serve(app: &App) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = app.clone();
    std::thread::spawn(move || actix_web::rt::System::new().block_on(app.serve(listener)));
    while ureq::get(format!("{base}/readyz")).call().is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    base
}

/// Somebody with a connection that stays open.
struct Client {
    agent: ureq::Agent,
    base: String,
    token: String,
}

impl Client {
    fn sign_in(base: &str, name: &str) -> Client {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let sent = agent.post(format!("{base}/api/v1/session")).send_json(json!({"name": name, "password": PASSWORD}));
        let session: Value = sent.unwrap().body_mut().read_json().unwrap();
        let token = session["token"].as_str().expect("a token").to_owned();
        Client { agent, base: base.to_owned(), token }
    }
    fn get(&self, path: &str) -> Value {
        let request = self.agent.get(format!("{}{path}", self.base));
        request
            .header("authorization", &format!("Bearer {}", self.token))
            .call()
            .unwrap()
            .body_mut()
            .read_json()
            .unwrap()
    }
    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.agent.post(format!("{}{path}", self.base));
        let mut answer = request.header("authorization", &format!("Bearer {}", self.token)).send_json(body).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
    }
}

/// The first page of the member list by HTTP, with 1,000 members on record and with 1,000,000, in turn.
fn first_page_of_a_thousand_and_of_a_million(dir: &Path) {
    let clients: Vec<Client> = [("few", 1_000, 1), ("many", 200_000, 5)]
        .into_iter()
        .map(|(name, members, files)| {
            let place = dir.join(name);
            std::fs::create_dir(&place).unwrap();
            let app = installation(&place);
            let mut census = demo::Census::new(today());
            for seed in 0..files {
                let file = place.join("roster.csv");
                let roster = demo::roster(&mut census, seed, members);
                // The household numbers of each file are its own.
                std::fs::write(&file, numbered(&roster, seed)).unwrap();
                import(&app, &file);
            }
            app.integrate_log().unwrap();
            Client::sign_in(&serve(&app), demo::CLERK)
        })
        .collect();
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..220 {
        for (client, times) in clients.iter().zip(&mut times) {
            let start = Instant::now();
            let page = client.get("/api/v1/members?limit=20");
            let took = start.elapsed();
            assert_eq!(page["items"].as_array().map(Vec::len), Some(20), "{page}");
            if round >= 20 {
                times.push(took);
            }
        }
    }
    let [few, many] = times.map(spread);
    println!("  of 1,000 members: {}", shown(few));
    println!("  of 1,000,000 members: {}", shown(many));
    println!("ratio {:.2} (aim ≤ 1.5)", ratio(many, few));
}

fn numbered(roster: &str, seed: u64) -> String {
    let mut lines = roster.lines();
    let mut text = format!("{}\n", lines.next().unwrap());
    for line in lines {
        text.push_str(&format!("{seed}-{line}\n"));
    }
    text
}

#[derive(QueryableByName)]
struct Sizes {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    entry: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    payload: i64,
}

/// One bid at a time through HTTP, answered once it is on the disk, against one bare commit of the same rows by a program
/// that does nothing else, in turn, on the village of the demonstration.
fn bid_against_bare_commit(dir: &Path) {
    let made = demo::prepare(&dir.join("demo"), demo::Scale::Village, PASSWORD, Arc::new(SystemClock)).unwrap();
    let file = made.folder.path().join("xiangji.db");
    let bare = dir.join("bare.db");
    db::backup::backup(&db::Target::Sqlite(file), &bare).unwrap();
    let base = serve(&made.app);
    let bidders = ["jingmai1", "jingmai2"].map(|name| Client::sign_in(&base, name));
    let lots = bidders[0].get("/api/v1/lots?state=published");
    let lot = lots["items"].as_array().unwrap().iter().find(|l| l["phase"] == "bidding").expect("a live lot");
    let path = format!("/api/v1/lots/{}", lot["id"].as_str().unwrap());
    let (lot, seq) = (lot["id"].as_str().unwrap(), bidders[0].get(&path)["live"]["seq"].as_i64().unwrap());

    let mut conn = SqliteConnection::establish(&bare.display().to_string()).unwrap();
    conn.batch_execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;").unwrap();
    let sizes: Sizes = sql_query(
        "SELECT max(length(bytes)) AS entry, max(length(states)) AS payload
           FROM log_entries JOIN log_payloads USING (seq) WHERE kind LIKE 'bid.%'",
    )
    .get_result(&mut conn)
    .unwrap();

    const COLUMNS: &str = "lot_id, at, action, enrolment_id, bid_number, amount, accepted, reason, bound, leader, price, closes_at, note, salt, since";
    let (mut through_http, mut commits) = (Vec::new(), Vec::new());
    for n in 0..420_i64 {
        let view = bidders[0].get(&path);
        // Whoever does not lead bids the least that is allowed.
        let bidder =
            &bidders[usize::from(view["live"]["leader"] == "01" || (view["live"]["leader"] != "02" && n % 2 == 1))];
        let start = Instant::now();
        let (status, answer) = bidder.post(&format!("{path}/bids"), &json!({"amount": view["live"]["least"]}));
        let took = start.elapsed();
        if answer["code"] == "already_leading" {
            continue;
        }
        assert_eq!(status, 201, "{answer}");
        let number = seq + 1 + n;
        let id = format!("cmd_{number:024}");
        let rows = format!(
            "BEGIN IMMEDIATE;
             INSERT INTO auction_commands (id, seq, {COLUMNS}) SELECT '{id}', {number}, {COLUMNS} FROM auction_commands WHERE lot_id = '{lot}' AND seq = 1;
             UPDATE auctions SET last_seq = {number}, price = price + 1000, leading_number = 2 WHERE lot_id = '{lot}';
             INSERT INTO log_entries (kind, at, scope, actor, bytes) VALUES ('bid.accepted', {number}, '{VILLAGE}', 'acc_000000000000000000000000', zeroblob({}));
             INSERT INTO log_queue (seq) VALUES (last_insert_rowid());
             INSERT INTO log_payloads (seq, states) SELECT max(seq), zeroblob({}) FROM log_queue;
             INSERT INTO log_subjects (subject, seq) SELECT 'lot/{lot}', max(seq) FROM log_queue;
             COMMIT;",
            sizes.entry, sizes.payload
        );
        let start = Instant::now();
        conn.batch_execute(&rows).unwrap();
        let bare = start.elapsed();
        if n >= 20 {
            through_http.push(took);
            commits.push(bare);
        }
    }
    println!("  {} pairs", through_http.len());
    let (through_http, commits) = (spread(through_http), spread(commits));
    println!("  bid through HTTP: {}", shown(through_http));
    println!("  bare commit of the same rows: {}", shown(commits));
    println!("ratio {:.2} (aim ≤ 3)", ratio(through_http, commits));
}

/// The built program on the demonstration's village: from its start to `/readyz`, and what it holds in memory at rest.
fn start_and_rest(dir: &Path) {
    let made = demo::prepare(&dir.join("demo"), demo::Scale::Village, PASSWORD, Arc::new(SystemClock)).unwrap();
    made.app.db.stop();
    let url = format!("sqlite://{}", made.folder.path().join("xiangji.db").display());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let mut times = Vec::new();
    let mut resident = String::new();
    for _ in 0..5 {
        let start = Instant::now();
        let mut server = Command::new(env!("CARGO_BIN_EXE_xiangji"))
            .arg("serve")
            .env("XIANGJI_DATABASE_URL", &url)
            .env("XIANGJI_LISTEN", &listen)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while ureq::get(format!("http://{listen}/readyz")).call().is_err() {
            std::thread::sleep(Duration::from_millis(1));
        }
        times.push(start.elapsed());
        std::thread::sleep(Duration::from_secs(2));
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
        resident =
            status.lines().find(|l| l.starts_with("VmRSS")).unwrap_or("VmRSS: not told by this system").to_owned();
        assert!(Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap().success());
        server.wait().unwrap();
    }
    println!("start to ready: {}", shown(spread(times)));
    println!("at rest after two seconds: {resident}");
}

/// The build behind the README's first command, into an empty folder.
fn cold_build(dir: &Path) {
    let start = Instant::now();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--bin", "xiangji", "--target-dir"])
        .arg(dir)
        .current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")))
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(built.success());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("cold build on {cores} cores: {:.0} s (aim under 360)", start.elapsed().as_secs_f64());
}

fn today() -> Day {
    SystemClock.now().day()
}

/// What the log costs the one who writes: the same writes with their entries and without.
/// `cargo bench --bench figures --features without-log -- log`.
#[cfg(feature = "without-log")]
mod cost_of_the_log {
    use std::sync::atomic::Ordering::Relaxed;

    use xiangji::{
        access::{Actor, Role, may},
        db::Lane,
        kernel::{Fen, Id},
        log::WITHOUT_LOG,
        trading::{auction, listing::LotId},
    };

    use super::*;

    #[derive(QueryableByName)]
    struct Seat {
        #[diesel(sql_type = diesel::sql_types::Text)]
        account: String,
        #[diesel(sql_type = diesel::sql_types::Text)]
        lot: String,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        price: i64,
    }

    pub fn bids_and_an_import(dir: &Path) {
        bids(dir);
        imports(dir);
    }

    /// With and without in turn; every one a use case of its own and a commit that waits for the disk.
    fn bids(dir: &Path) {
        let made = demo::prepare(&dir.join("demo"), demo::Scale::Village, PASSWORD, Arc::new(SystemClock)).unwrap();
        let mut conn =
            SqliteConnection::establish(&made.folder.path().join("xiangji.db").display().to_string()).unwrap();
        let seats: Vec<Seat> = sql_query(
            "SELECT e.account_id AS account, e.lot_id AS lot, coalesce(a.price, 0) AS price
               FROM enrolments e JOIN auctions a ON a.lot_id = e.lot_id
              WHERE a.closed_at IS NULL AND e.bid_number IS NOT NULL
                AND e.bid_number IS NOT a.leading_number ORDER BY a.price IS NULL, e.bid_number",
        )
        .load(&mut conn)
        .unwrap();
        let lot: LotId = seats[0].lot.parse().unwrap();
        let mut price = seats[0].price;
        let all: Vec<Seat> = sql_query(format!(
            "SELECT account_id AS account, lot_id AS lot, 0 AS price FROM enrolments WHERE lot_id = '{lot}' AND bid_number IS NOT NULL"
        ))
        .load(&mut conn)
        .unwrap();
        let mut turn: Vec<_> = all.iter().map(|seat| seat.account.clone()).collect();
        // The leader waits.
        turn.sort_by_key(|account| account != &seats[0].account);
        let mut times = [Vec::new(), Vec::new()];
        for n in 0..2000_usize {
            let without = n / turn.len() % 2;
            price += 10_000;
            let mut actor = Actor::operator(Role::Bidder, &VILLAGE.parse().unwrap());
            actor.account = turn[n % turn.len()].parse::<Id<_>>().unwrap();
            let (allowed, id) = (actor.prove::<may::Bid>().unwrap(), lot.clone());
            let bid = auction::Bid::Amount(Fen(price).to_string());
            WITHOUT_LOG.store(without == 1, Relaxed);
            let start = Instant::now();
            let taken = made
                .app
                .db
                .write_now(Lane::of("lot", &lot), move |tx| auction::place_bid(tx, &allowed, &id, &bid))
                .unwrap();
            let took = start.elapsed();
            assert!(taken.refusal.is_none(), "{:?}", taken.refusal);
            if n >= 100 {
                times[without].push(took);
            }
        }
        WITHOUT_LOG.store(false, Relaxed);
        let p99 = |times: &[Duration]| {
            let mut times = times.to_vec();
            times.sort_unstable();
            times[times.len() * 99 / 100].as_secs_f64() * 1e3
        };
        let (slow, quick) = (p99(&times[0]), p99(&times[1]));
        let [with, without] = times.map(spread);
        println!("a bid with its entry: {}, 99th percentile {slow:.2} ms", shown(with));
        println!("the same without: {}, 99th percentile {quick:.2} ms", shown(without));
        println!(
            "ratio {:.2} (aim ≤ 1.3), of the 99th percentiles {:.2} (aim ≤ 1.2)",
            ratio(with, without),
            slow / quick
        );
        made.app.db.stop();
    }

    fn imports(dir: &Path) {
        let file = dir.join("roster.csv");
        std::fs::write(&file, demo::roster(&mut demo::Census::new(today()), 1, 20_000)).unwrap();
        let mut times = [Vec::new(), Vec::new()];
        for run in 0..14 {
            let place = dir.join(format!("import-{run}"));
            std::fs::create_dir(&place).unwrap();
            let app = installation(&place);
            WITHOUT_LOG.store(run % 2 == 1, Relaxed);
            let start = Instant::now();
            import(&app, &file);
            times[run % 2].push(start.elapsed());
            app.db.stop();
        }
        WITHOUT_LOG.store(false, Relaxed);
        let [with, without] = times.map(spread);
        println!("an import of 20,000 members with its entries: {}", shown(with));
        println!("the same without: {}", shown(without));
        println!("ratio {:.2} (aim ≤ 1.3)", ratio(with, without));
    }
}
