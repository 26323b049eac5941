//! The same rows written by the databases' own clients, each bid in a transaction of its own.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query};

/// Bytes of the largest entry of a bid and of its kept states.
#[derive(QueryableByName)]
pub struct Sizes {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub entry: i32,
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub payload: i32,
}

pub const SIZES: &str = "SELECT max(length(bytes)) AS entry, max(length(states)) AS payload
     FROM log_entries JOIN log_payloads USING (seq) WHERE kind LIKE 'bid.%'";

const COLUMNS: &str = "lot_id, action, enrolment_id, bid_number, amount, accepted, reason, bound, leader, price, closes_at, note, salt, at";

/// Transactions a second of so many connections on a copy of the database, in whose lot at least one bid stands.
pub fn sqlite(file: &Path, lot: &str, connections: usize, lasts: Duration) -> f64 {
    let open = || {
        let mut conn = SqliteConnection::establish(&file.display().to_string()).unwrap();
        conn.batch_execute(
            "PRAGMA busy_timeout=60000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        )
        .unwrap();
        conn
    };
    let sizes: Sizes = sql_query(SIZES).get_result(&mut open()).unwrap();
    let transaction = format!(
        "BEGIN IMMEDIATE;
         UPDATE auctions SET last_seq = last_seq + 1, price = price + 100, leading_number = 2 WHERE lot_id = '{lot}';
         INSERT INTO auction_commands (id, seq, {COLUMNS})
           SELECT printf('cmd_%024d', a.last_seq), a.last_seq, {}
             FROM auctions a JOIN auction_commands c ON c.lot_id = a.lot_id AND c.seq = 1 WHERE a.lot_id = '{lot}';
         INSERT INTO log_entries (kind, at, scope, actor, bytes)
           VALUES ('bid.accepted', 1773000000000000, '440703103213', 'acc_000000000000000000000000', randomblob({}));
         INSERT INTO log_queue (seq) VALUES (last_insert_rowid());
         INSERT INTO log_payloads (seq, states) SELECT max(seq), randomblob({}) FROM log_queue;
         INSERT INTO log_subjects (subject, seq) SELECT 'lot/{lot}', max(seq) FROM log_queue;
         COMMIT;",
        of_first_bid(),
        sizes.entry,
        sizes.payload
    );
    let done = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut conn = open();
                while start.elapsed() < lasts {
                    conn.batch_execute(&transaction).unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    done.into_inner() as f64 / start.elapsed().as_secs_f64()
}

/// The same by `pgbench`, behind the lock of the auction's row, on a copy that `pg_dump` and `psql` make.
pub fn postgres(url: &str, copy: &str, dir: &Path, lot: &str, connections: usize, lasts: Duration) -> f64 {
    let dump = dir.join("copy.sql");
    run(Command::new(program("pg_dump")).args([url, "-f"]).arg(&dump));
    run(Command::new(program("psql")).args([copy, "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(&dump));
    let sizes = run(Command::new(program("psql")).args([copy, "-qtA", "-F", " ", "-c", SIZES]));
    let (entry, payload) = sizes.trim().split_once(' ').unwrap();
    let mut script = String::new();
    write!(
        script,
        "BEGIN;
SELECT last_seq + 1 AS seq FROM auctions WHERE lot_id = '{lot}' FOR UPDATE \\gset
INSERT INTO auction_commands (id, seq, {COLUMNS}) SELECT 'cmd_' || lpad(cast(:seq AS text), 24, '0'), :seq, {} FROM auction_commands c WHERE lot_id = '{lot}' AND seq = 1;
UPDATE auctions SET last_seq = :seq, price = price + 100, leading_number = 2 WHERE lot_id = '{lot}';
INSERT INTO log_entries (kind, at, scope, actor, bytes) VALUES ('bid.accepted', 1773000000000000, '440703103213', 'acc_000000000000000000000000', decode(repeat('5a', {entry}), 'hex')) RETURNING seq AS entry \\gset
INSERT INTO log_queue (seq) VALUES (:entry);
INSERT INTO log_payloads (seq, states) VALUES (:entry, decode(repeat('5a', {payload}), 'hex'));
INSERT INTO log_subjects (subject, seq) VALUES ('lot/{lot}', :entry);
COMMIT;
",
        of_first_bid()
    )
    .unwrap();
    let file = dir.join("bid.pgbench");
    std::fs::write(&file, script).unwrap();
    let count = connections.to_string();
    let seconds = lasts.as_secs().to_string();
    let told = run(Command::new(program("pgbench"))
        .args(["-n", "-M", "prepared", "-j", "2", "-c", &count, "-T", &seconds, "-f"])
        .arg(&file)
        .arg(copy));
    let line = told.lines().find_map(|line| line.strip_prefix("tps = ")).expect("pgbench tells its pace");
    line.split(' ').next().unwrap().parse().unwrap()
}

/// The columns of the lot's first bid.
fn of_first_bid() -> String {
    COLUMNS.split(", ").map(|column| format!("c.{column}")).collect::<Vec<_>>().join(", ")
}

fn run(command: &mut Command) -> String {
    let out = command.stdin(Stdio::null()).output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Of the PostgreSQL whose server is measured.
fn program(name: &str) -> std::path::PathBuf {
    let beside = crate::postgres::programs().map(|bin| bin.join(name)).filter(|file| file.is_file());
    beside.unwrap_or_else(|| name.into())
}
