//! Who shares a trip with whom.

use std::sync::{Arc, Mutex, mpsc};

use super::Desk;
use crate::{
    config::SystemClock,
    db::{Db, Options, Result, Rx, execute},
};

enum Question {
    /// Answered once somebody says so.
    Held {
        is_under_way: mpsc::Sender<()>,
        go: Mutex<mpsc::Receiver<()>>,
    },
    Panics,
    Number(usize),
}

/// The number, and how many shared the trip.
fn answers(_: &mut Rx<'_>, asked: &[Question]) -> Result<Vec<(usize, usize)>> {
    let answer = |one: &Question| match one {
        Question::Held { is_under_way, go } => {
            is_under_way.send(()).expect("somebody waits for it");
            go.lock().expect("nobody else").recv().expect("a word");
            0
        }
        Question::Panics => panic!("it does"),
        Question::Number(n) => *n,
    };
    Ok(asked.iter().map(|one| (answer(one), asked.len())).collect())
}

fn open(dir: &std::path::Path) -> (Db, Desk<Question, (usize, usize)>) {
    let url = format!("sqlite://{}", dir.join("desk.db").display());
    execute(&url, "CREATE TABLE t (n INTEGER)").expect("a table");
    (Db::open(&url, Arc::new(SystemClock), &Options::default()).expect("a database"), Desk::new(answers))
}

/// Asks `first`, and the numbers behind it while it is under way.
fn ask(
    first: impl FnOnce(mpsc::Sender<()>, Mutex<mpsc::Receiver<()>>) -> Vec<Question>,
) -> Vec<Result<(usize, usize)>> {
    let dir = tempfile::tempdir().expect("a folder");
    let (db, desk) = open(dir.path());
    let (told, is_under_way) = mpsc::channel();
    let (go, word) = mpsc::channel();
    let mut questions = first(told, Mutex::new(word)).into_iter();
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(async move {
        let spawn = |question| {
            let (db, desk) = (db.clone(), desk.clone());
            tokio::spawn(async move { desk.ask(&db, question).await })
        };
        let mut asked = vec![spawn(questions.next().expect("a first"))];
        // On this one thread it is asked when the others give way.
        tokio::task::yield_now().await;
        is_under_way.recv().expect("the first is under way");
        asked.extend(questions.map(spawn));
        while desk.line().waiting.len() < asked.len() - 1 {
            tokio::task::yield_now().await;
        }
        go.send(()).expect("the first waits");
        let mut ends = Vec::new();
        for one in asked {
            ends.push(one.await.expect("no panic in who asks"));
        }
        ends
    })
}

#[test]
fn those_who_ask_while_a_trip_is_under_way_share_the_next_and_none_gets_an_answer_from_before_its_question() {
    let ends = ask(|is_under_way, go| {
        std::iter::once(Question::Held { is_under_way, go }).chain((1..=5).map(Question::Number)).collect()
    });
    let told: Vec<_> = ends.into_iter().map(|end| end.expect("an answer")).collect();
    assert_eq!(told, [(0, 1), (1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]);
}

#[test]
fn more_than_a_trip_takes_go_by_several() {
    let ends = ask(|is_under_way, go| {
        std::iter::once(Question::Held { is_under_way, go }).chain((1..=600).map(Question::Number)).collect()
    });
    let told: Vec<_> = ends.into_iter().map(|end| end.expect("an answer")).collect();
    assert!(told.iter().enumerate().all(|(n, one)| one.0 == n), "each its own");
    assert_eq!(told.iter().map(|one| one.1).max(), Some(super::MOST));
}

#[test]
fn a_trip_that_comes_to_grief_is_told_to_all_on_it_and_the_next_goes() {
    let ends = ask(|is_under_way, go| {
        let held = Question::Held { is_under_way, go };
        let rest = (1..super::MOST).map(Question::Number).chain([Question::Panics, Question::Number(7)]);
        std::iter::once(held).chain(rest).collect()
    });
    let failed = ends.iter().filter(|end| end.is_err()).count();
    assert_eq!((failed, ends.last().and_then(|end| end.as_ref().ok())), (super::MOST, Some(&(7, 1))));
}
