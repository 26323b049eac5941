//! What a batch is to the pieces in it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use diesel::{RunQueryDsl, sql_query};

use super::{Arrival, Lane};
use crate::{
    config::SystemClock,
    db::{Conn, Db, Options, Result, Tx, execute, gathered::Gathered},
    kernel::error::NOT_FOUND,
};

type Work = Box<dyn FnMut(&mut Tx<'_>) -> Result<i64> + Send>;

/// How each ends where all share a transaction: a first one keeps the worker until the others wait.
fn together(db: &Db, pieces: Vec<Work>) -> Vec<Result<i64>> {
    let (go, told) = mpsc::channel::<()>();
    // Where it is in the batch itself and runs again, nobody tells it a second time.
    let first = db.0.lanes.submit(Lane::Any, Arrival::now(), move |_| Ok(told.recv().is_ok())).expect("a lane");
    let waiting: Vec<_> =
        pieces.into_iter().map(|piece| db.0.lanes.submit(Lane::Any, Arrival::now(), piece).expect("a lane")).collect();
    go.send(()).expect("the first waits");
    drop(go);
    first.blocking_recv().expect("an answer").expect("no error");
    waiting.into_iter().map(|reply| reply.blocking_recv().expect("an answer")).collect()
}

fn write(tx: &mut Tx<'_>, n: i64) -> Result<()> {
    sql_query(format!("INSERT INTO t VALUES ({n})")).execute(tx.bookkeeping())?;
    Ok(())
}

fn open(dir: &std::path::Path) -> Db {
    let url = format!("sqlite://{}", dir.join("lanes.db").display());
    execute(&url, "CREATE TABLE t (n INTEGER)").expect("a table");
    execute(&url, "CREATE TABLE u (n INTEGER UNIQUE)").expect("a table");
    Db::open(&url, Arc::new(SystemClock), &Options::default()).expect("a database")
}

#[test]
fn a_piece_that_fails_is_undone_without_its_neighbours() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(dir.path());
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let ends = together(
        &db,
        vec![
            Box::new(move |tx| {
                counted.fetch_add(1, Ordering::SeqCst);
                write(tx, 1).map(|()| 1)
            }),
            Box::new(|tx| {
                write(tx, 2)?;
                Err((&NOT_FOUND).into())
            }),
            Box::new(|tx| write(tx, 3).map(|()| 3)),
        ],
    );
    let ends: Vec<Option<i64>> = ends.into_iter().map(Result::ok).collect();
    assert_eq!(ends, [Some(1), None, Some(3)]);
    assert_eq!(runs.load(Ordering::SeqCst), 2, "the three shared a transaction, which was run again");
    let rows = together(
        &db,
        vec![Box::new(|tx| {
            let changed = sql_query("UPDATE t SET n = n WHERE n IN (1, 3)").execute(tx.bookkeeping())?;
            let others = sql_query("UPDATE t SET n = n WHERE n NOT IN (1, 3)").execute(tx.bookkeeping())?;
            Ok(i64::try_from(changed * 10 + others).unwrap_or(-1))
        })],
    );
    assert!(matches!(rows.as_slice(), [Ok(20)]), "two rows, and none of the one that failed: {rows:?}");
}

#[test]
fn what_was_remembered_goes_with_what_was_undone() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(dir.path());
    let recall = |tx: &mut Tx<'_>| Ok(tx.recall::<i64>("k").map_or(-1, |n| *n));
    let ends = together(
        &db,
        vec![
            Box::new(|tx| {
                tx.remember("k".into(), &["t"], 1_i64);
                Err((&NOT_FOUND).into())
            }),
            Box::new(recall),
            Box::new(|tx| Ok(*tx.remember("k".into(), &["t"], 2_i64))),
            Box::new(recall),
        ],
    );
    let ends: Vec<Option<i64>> = ends.into_iter().map(Result::ok).collect();
    assert_eq!(ends, [None, Some(-1), Some(2), Some(2)]);
    let later = together(&db, vec![Box::new(recall)]);
    assert!(matches!(later.as_slice(), [Ok(-1)]), "another transaction remembers nothing: {later:?}");
}

/// Numbers on their way into a table that takes each once.
#[derive(Default)]
struct Numbers(Vec<i64>);

impl Gathered for Numbers {
    fn tables(&self) -> &'static [&'static str] {
        &["u"]
    }
    fn write(&self, conn: &mut Conn) -> Result<()> {
        let values: Vec<String> = self.0.iter().map(|n| format!("({n})")).collect();
        sql_query(format!("INSERT INTO u VALUES {}", values.join(", "))).execute(conn)?;
        Ok(())
    }
}

fn gather(tx: &mut Tx<'_>, n: i64) -> Result<i64> {
    tx.gather::<Numbers>()?.0.push(n);
    Ok(n)
}

/// How many rows with this number the connection finds.
fn found(conn: &mut Conn, n: i64) -> Result<i64> {
    let rows = sql_query(format!("UPDATE u SET n = n WHERE n = {n}")).execute(conn)?;
    Ok(i64::try_from(rows).unwrap_or(-1))
}

#[test]
fn a_gathered_row_that_cannot_be_written_is_the_fault_of_its_piece_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(dir.path());
    let ends = together(
        &db,
        vec![
            Box::new(|tx| gather(tx, 1)),
            Box::new(|tx| gather(tx, 1)),
            Box::new(|tx| gather(tx, 3)),
            // It goes on although its row could not be written.
            Box::new(|tx| {
                gather(tx, 3)?;
                let _ = found(tx.bookkeeping(), 3);
                Ok(4)
            }),
        ],
    );
    let ends: Vec<Option<i64>> = ends.into_iter().map(Result::ok).collect();
    assert_eq!(ends, [Some(1), None, Some(3), None]);
    let alone = together(&db, vec![Box::new(|tx| gather(tx, 3))]);
    assert!(matches!(alone.as_slice(), [Err(_)]), "{alone:?}");
    let rows = together(&db, vec![Box::new(|tx| Ok(found(tx.bookkeeping(), 1)? * 10 + found(tx.bookkeeping(), 3)?))]);
    assert!(matches!(rows.as_slice(), [Ok(11)]), "{rows:?}");
}

#[test]
fn whoever_looks_finds_what_was_gathered() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(dir.path());
    let ends = together(
        &db,
        vec![
            Box::new(|tx| gather(tx, 1)),
            Box::new(|tx| {
                gather(tx, 2)?;
                let elsewhere = found(tx.conn_for(&["t"]), 1)?;
                let (first, own) = (found(tx.conn_for(&["t", "u"]), 1)?, found(tx.conn_for(&["u"]), 2)?);
                Ok(elsewhere * 100 + first * 10 + own)
            }),
            Box::new(|tx| {
                gather(tx, 3)?;
                found(tx.conn(), 3)
            }),
        ],
    );
    let ends: Vec<Option<i64>> = ends.into_iter().map(Result::ok).collect();
    assert_eq!(ends, [Some(1), Some(11), Some(1)], "only who looks elsewhere finds nothing yet");
}

#[test]
fn who_arrived_first_goes_first_and_has_entered_no_later() {
    let dir = tempfile::tempdir().expect("a folder");
    let db = open(dir.path());
    let ((began, begins), (go, told)) = (mpsc::channel::<()>(), mpsc::channel::<()>());
    let work = move |_: &mut Tx<'_>| Ok(began.send(()).is_ok() && told.recv().is_ok());
    let busy = db.0.lanes.submit(Lane::Any, Arrival::now(), work).expect("a lane");
    begins.recv().expect("it is at work, and whoever comes now waits");
    // Whoever hurries keeps the place, however slow this machine is; whoever has arrived too long ago does not.
    let hurries = |arrival: Arrival| Arrival { at: arrival.at + std::time::Duration::from_secs(3600), ..arrival };
    let late = |arrival: Arrival| Arrival { at: arrival.at - Arrival::KEEPS_ITS_PLACE, ..arrival };
    let (first, second) = (hurries(Arrival::now()), hurries(Arrival::now()));
    let [known_late, slow] = [late(Arrival::now()), late(Arrival::now())];
    let turn = Arc::new(AtomicUsize::new(0));
    let enter = |arrival: Arrival| {
        let turn = turn.clone();
        let work = move |tx: &mut Tx<'_>| Ok((turn.fetch_add(1, Ordering::SeqCst), tx.now()));
        let reply = db.0.lanes.submit(Lane::Any, arrival, work).expect("a lane");
        (reply, db.now())
    };
    let (second, entered) = enter(second);
    std::thread::sleep(std::time::Duration::from_millis(2));
    let (first, _) = enter(first);
    std::thread::sleep(std::time::Duration::from_millis(2));
    let (last, _) = enter(Arrival::now());
    // Control: who comes to the queue long after the arrival has no place to keep.
    let (slow, _) = enter(slow);
    // Who waited as long for our own look-up keeps it.
    let (known_late, _) = enter(hurries(known_late.looked_up()));
    go.send(()).expect("the first waits");
    busy.blocking_recv().expect("an answer").expect("no error");
    let [first, second, known_late, last, slow] =
        [first, second, known_late, last, slow].map(|r| r.blocking_recv().expect("an answer").expect("done"));
    assert_eq!([first.0, second.0, known_late.0, last.0, slow.0], [0, 1, 2, 3, 4]);
    assert!(known_late.1 <= last.1);
    assert!(first.1 <= second.1 && second.1 <= entered && entered < slow.1, "{first:?} {second:?} {slow:?}");
}
