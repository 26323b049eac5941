//! What a batch is to the pieces in it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use diesel::{RunQueryDsl, sql_query};

use super::Lane;
use crate::{
    config::SystemClock,
    db::{Db, Options, Result, Tx, execute},
    kernel::error::NOT_FOUND,
};

type Work = Box<dyn FnMut(&mut Tx<'_>) -> Result<i64> + Send>;

/// How each ends where all share a transaction: a first one keeps the worker until the others wait.
fn together(db: &Db, pieces: Vec<Work>) -> Vec<Result<i64>> {
    let (go, told) = mpsc::channel::<()>();
    // Where it is in the batch itself and runs again, nobody tells it a second time.
    let first = db.submit(Lane::Any, move |_| Ok(told.recv().is_ok())).expect("a lane");
    let waiting: Vec<_> = pieces.into_iter().map(|piece| db.submit(Lane::Any, piece).expect("a lane")).collect();
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
