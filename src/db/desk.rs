//! Questions of one kind that many ask at once: whose session is this?
//!
//! On PostgreSQL a question is a trip, and of short ones the trips are most of the work. Those that come while one trip is under
//! way share the next. Invariant: a trip begins after the questions that it answers were asked, so an answer is never older
//! than its question.

#[cfg(test)]
mod tests;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::oneshot;

use super::{Db, Error, Result, Rx};

/// Answers questions, in their order.
pub type Answers<Q, A> = fn(&mut Rx<'_>, &[Q]) -> Result<Vec<A>>;

/// Where they are asked. Cheap to clone.
pub struct Desk<Q, A>(Arc<Inner<Q, A>>);

struct Inner<Q, A> {
    answers: Answers<Q, A>,
    line: Mutex<Line<Q, A>>,
}

struct Line<Q, A> {
    waiting: Vec<(Q, oneshot::Sender<Result<A>>)>,
    /// Somebody is on the way, and will look again.
    is_served: bool,
}

/// Most questions of one trip.
const MOST: usize = 256;

const UNANSWERED: &str = "a question without an answer";
const PANICKED: &str = "a read panicked";

impl<Q, A> Clone for Desk<Q, A> {
    fn clone(&self) -> Self {
        Desk(self.0.clone())
    }
}

impl<Q: Send + 'static, A: Send + 'static> Desk<Q, A> {
    pub fn new(answers: Answers<Q, A>) -> Desk<Q, A> {
        let line = Mutex::new(Line { waiting: Vec::new(), is_served: false });
        Desk(Arc::new(Inner { answers, line }))
    }

    pub(super) fn answer(&self, rx: &mut Rx<'_>, question: Q) -> Result<A> {
        let answers = (self.0.answers)(rx, &[question])?;
        answers.into_iter().next().ok_or_else(|| Error::Internal(UNANSWERED.into()))
    }

    pub(super) async fn ask(&self, db: &Db, question: Q) -> Result<A> {
        let (answer, is_served) = self.stand_in_line(question);
        if !is_served {
            let (desk, db) = (self.clone(), db.clone());
            tokio::task::spawn_blocking(move || desk.serve(&db));
        }
        answer.await.unwrap_or(Err(Error::Stopped))
    }

    /// Where the answer comes, and whether somebody was on the way already.
    fn stand_in_line(&self, question: Q) -> (oneshot::Receiver<Result<A>>, bool) {
        let (reply, answer) = oneshot::channel();
        let mut line = self.line();
        line.waiting.push((question, reply));
        (answer, std::mem::replace(&mut line.is_served, true))
    }

    fn line(&self) -> MutexGuard<'_, Line<Q, A>> {
        self.0.line.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Goes until nobody waits.
    fn serve(&self, db: &Db) {
        loop {
            let mut line = self.line();
            let take = line.waiting.len().min(MOST);
            let (questions, replies): (Vec<Q>, Vec<_>) = line.waiting.drain(..take).unzip();
            if questions.is_empty() {
                line.is_served = false;
                return;
            }
            drop(line);
            let trip = || db.read_bare(|rx| (self.0.answers)(rx, &questions));
            let answers =
                catch_unwind(AssertUnwindSafe(trip)).unwrap_or_else(|_| Err(Error::Internal(PANICKED.into())));
            let mut answers = answers.map(Vec::into_iter);
            for reply in replies {
                let answer = match &mut answers {
                    Ok(answers) => answers.next().ok_or_else(|| Error::Internal(UNANSWERED.into())),
                    Err(e) => Err(e.copy()),
                };
                // Who asked may have gone away.
                let _gone = reply.send(answer);
            }
        }
    }
}
