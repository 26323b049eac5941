//! Group commit: durable commits are the scarce thing, so writes that wait for the same lane share one.
//!
//! A lane is the order in which an aggregate's writes run. One worker at a time serves a lane, takes what waits there (at
//! most `Options::batch`), runs one piece after the other and commits once. Where a piece fails, everything is undone and the
//! batch runs again, each piece in a savepoint of its own: those cost more than a second run now and then. Invariants:
//! pieces of a lane run in the order of their entry, those that wait together in that of their [`Arrival`]; the time of a piece
//! is that of its entry, however long it waits (of a bid that is the time of entry into the platform, SPC rules on online
//! judicial auctions, art. 20); no piece is answered before the commit; a piece that fails leaves nothing behind and does not
//! touch its neighbours.

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use prometheus::{Histogram, HistogramOpts};
use tokio::sync::{broadcast, oneshot};

use super::{Conn, Error, Options, Result, Target, Wake, dialect, gathered::Backlog, memory::Memory, tx::Tx};
use crate::kernel::{Timestamp, time::Clock};

/// Which queue a write waits in. On SQLite all lanes are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lane {
    /// Writes to this aggregate run in the order of arrival: `Lane::of("lot", &lot_id)`.
    Aggregate(String),
    /// Nothing to keep in order; the database's own constraints are enough.
    Any,
}

impl Lane {
    pub fn of(noun: &str, id: &(impl std::fmt::Display + ?Sized)) -> Lane {
        Lane::Aggregate(format!("{noun}/{id}"))
    }

    pub(super) fn key(&self) -> String {
        match self {
            Lane::Aggregate(key) => key.clone(),
            Lane::Any => format!("any/{:016x}", rand::random::<u64>()),
        }
    }
}

/// When a request reached this instance. Finding out whose it is takes one longer than another; who was first at the door is
/// first in the queue nevertheless, as long as both still wait in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival {
    order: u64,
    at: Instant,
}

impl Arrival {
    /// Nobody keeps a place by sending the rest of a request late: how late, from when it was known whose it is.
    const KEEPS_ITS_PLACE: Duration = Duration::from_millis(50);

    pub fn now() -> Arrival {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Arrival { order: NEXT.fetch_add(1, Ordering::Relaxed), at: Instant::now() }
    }

    /// It is known now whose request it is. However long that took, it was not the sender's doing.
    pub fn looked_up(self) -> Arrival {
        Arrival { at: Instant::now(), ..self }
    }

    fn or_later(self) -> Arrival {
        if self.at.elapsed() < Self::KEEPS_ITS_PLACE { self } else { Arrival::now() }
    }
}

const TRIES: u32 = 5;

/// How each piece of a batch ended, and what it said.
type Ends = (Vec<Result<()>>, Vec<Wake>);

/// What can be undone of a batch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// All of it or nothing.
    Together,
    /// Each piece.
    Each,
}

trait Piece: Send {
    fn entered(&self) -> Entered;
    fn enter_at(&mut self, at: Timestamp);
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()>;
    fn answer(&mut self, end: Result<()>);
}

/// When a piece came: by the clock of the business, and to measure how long it waits.
#[derive(Clone, Copy)]
struct Entered {
    arrival: Arrival,
    at: Timestamp,
    since: Instant,
}

/// Who arrived before somebody has entered no later than that one.
fn put_in_order(batch: &mut [Box<dyn Piece>]) {
    batch.sort_by_key(|piece| piece.entered().arrival);
    let mut no_later = None::<Timestamp>;
    for piece in batch.iter_mut().rev() {
        let at = piece.entered().at;
        let at = no_later.map_or(at, |other| other.min(at));
        piece.enter_at(at);
        no_later = Some(at);
    }
}

struct Typed<T, F> {
    entered: Entered,
    work: F,
    value: Option<T>,
    reply: Option<oneshot::Sender<Result<T>>>,
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Result<T> + Send> Piece for Typed<T, F> {
    fn entered(&self) -> Entered {
        self.entered
    }
    fn enter_at(&mut self, at: Timestamp) {
        self.entered.at = at;
    }
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        self.value = None;
        self.value = Some((self.work)(tx)?);
        Ok(())
    }
    fn answer(&mut self, end: Result<()>) {
        let Some(reply) = self.reply.take() else { return };
        let answer = match (end, self.value.take()) {
            (Ok(()), Some(value)) => Ok(value),
            (Ok(()), None) => Err(Error::Internal("a write left no value".into())),
            (Err(e), _) => Err(e),
        };
        // A caller who went away (a closed connection) does not undo what was committed.
        let _gone = reply.send(answer);
    }
}

#[derive(Default)]
struct Queues {
    waiting: HashMap<String, VecDeque<Box<dyn Piece>>>,
    /// Lanes with work that no worker serves at the moment.
    ready: VecDeque<String>,
    stopping: bool,
}

struct Shared {
    queues: Mutex<Queues>,
    bell: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

pub(super) struct Lanes {
    shared: Arc<Shared>,
    target: Target,
    clock: Arc<dyn Clock>,
    /// Seconds from the entry of a piece to its answer.
    seconds: Histogram,
    workers: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

impl Lanes {
    pub(super) fn start(
        target: &Target,
        clock: Arc<dyn Clock>,
        wakes: broadcast::Sender<Wake>,
        options: &Options,
    ) -> Result<Lanes> {
        let shared = Arc::new(Shared { queues: Mutex::default(), bell: Condvar::new() });
        let told =
            HistogramOpts::new("xiangji_write_seconds", "Time from the entry of a write to its answer, on the disk");
        let seconds = Histogram::with_opts(told).map_err(|e| Error::Internal(e.to_string()))?;
        let mut workers = Vec::new();
        for n in 0..dialect::writers(target) {
            let worker = Worker {
                shared: shared.clone(),
                target: target.clone(),
                seconds: seconds.clone(),
                wakes: wakes.clone(),
                options: options.clone(),
                conn: None,
            };
            let thread = std::thread::Builder::new()
                .name(format!("writer-{n}"))
                .spawn(move || worker.serve())
                .map_err(|e| Error::Unavailable(e.to_string()))?;
            workers.push(thread);
        }
        Ok(Lanes { shared, target: target.clone(), clock, seconds, workers: Mutex::new(workers) })
    }

    pub(super) fn submit<T, F>(&self, lane: Lane, arrival: Arrival, work: F) -> Result<oneshot::Receiver<Result<T>>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let key = dialect::lane_key(&self.target, &lane);
        let mut queues = self.shared.lock();
        if queues.stopping {
            return Err(Error::Stopped);
        }
        // Behind the lock, so that who is further ahead is not later.
        let entered = Entered { arrival: arrival.or_later(), at: self.clock.now(), since: Instant::now() };
        let piece = Box::new(Typed { entered, work, value: None, reply: Some(reply) });
        match queues.waiting.get_mut(&key) {
            // A worker serves the lane, or it is in `ready` already.
            Some(queue) => queue.push_back(piece),
            None => {
                queues.waiting.insert(key.clone(), VecDeque::from([piece as Box<dyn Piece>]));
                queues.ready.push_back(key);
                self.shared.bell.notify_one();
            }
        }
        Ok(answer)
    }

    pub(super) fn seconds(&self) -> Histogram {
        self.seconds.clone()
    }

    pub(super) fn stop(&self) {
        self.shared.lock().stopping = true;
        self.shared.bell.notify_all();
        let workers = std::mem::take(&mut *self.workers.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for worker in workers {
            if worker.join().is_err() {
                tracing::error!("a writer thread had panicked");
            }
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Worker {
    shared: Arc<Shared>,
    target: Target,
    seconds: Histogram,
    wakes: broadcast::Sender<Wake>,
    options: Options,
    conn: Option<Conn>,
}

impl Worker {
    fn serve(mut self) {
        while let Some((lane, mut batch)) = self.next() {
            self.run_batch(&mut batch);
            let mut queues = self.shared.lock();
            if queues.waiting.get(&lane).is_some_and(|q| !q.is_empty()) {
                queues.ready.push_back(lane);
                // This worker takes the first itself: its connection knows the lane's statements.
                if queues.ready.len() > 1 {
                    self.shared.bell.notify_one();
                }
            } else {
                queues.waiting.remove(&lane);
            }
        }
    }

    /// Blocks for a lane with work; `None` once stopping and nothing waits.
    fn next(&self) -> Option<(String, Vec<Box<dyn Piece>>)> {
        let mut queues = self.shared.lock();
        loop {
            if let Some(lane) = queues.ready.pop_front() {
                let queue = queues.waiting.get_mut(&lane)?;
                let take = queue.len().min(self.options.batch);
                let mut batch: Vec<_> = queue.drain(..take).collect();
                put_in_order(&mut batch);
                return Some((lane, batch));
            }
            if queues.stopping {
                return None;
            }
            queues = self.shared.bell.wait(queues).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    fn run_batch(&mut self, batch: &mut [Box<dyn Piece>]) {
        match self.attempt(batch) {
            Ok(()) => {}
            Err(e) if batch.len() > 1 || e.is_retryable() => {
                tracing::debug!(error = %e, pieces = batch.len(), "batch runs again piece by piece");
                for piece in batch {
                    self.run_alone(piece);
                }
            }
            Err(e) => batch.iter_mut().for_each(|p| p.answer(Err(e.copy()))),
        }
    }

    fn run_alone(&mut self, piece: &mut Box<dyn Piece>) {
        let one = std::slice::from_mut(piece);
        for attempt in 1..=TRIES {
            match self.attempt(one) {
                Ok(()) => return,
                Err(e) if attempt < TRIES && (e.is_retryable() || e.is_broken_connection()) => {
                    std::thread::sleep(std::time::Duration::from_millis(u64::from(attempt) * 5));
                }
                Err(e) => return one.iter_mut().for_each(|p| p.answer(Err(e.copy()))),
            }
        }
    }

    /// One transaction over the batch. `Ok`: committed, everybody is answered. `Err`: rolled back, nobody is.
    fn attempt(&mut self, batch: &mut [Box<dyn Piece>]) -> Result<()> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => {
                let mut conn = self.target.connect()?;
                if !self.options.durable {
                    dialect::do_not_wait_for_the_disk(&mut conn)?;
                }
                conn
            }
        };
        let mut result = self.in_transaction(&mut conn, batch, Undo::Together);
        if matches!(result, Ok(None)) {
            result = dialect::rollback(&mut conn).and_then(|()| self.in_transaction(&mut conn, batch, Undo::Each));
        }
        // A connection whose rollback failed, or that the server closed, is not used again.
        let keep = match &result {
            Ok(_) => true,
            Err(e) => !e.is_broken_connection() && dialect::rollback(&mut conn).is_ok(),
        };
        if keep {
            self.conn = Some(conn);
        }
        let (ends, wakes) = result?.ok_or_else(|| Error::Internal("a batch came to no end".into()))?;
        for (piece, end) in batch.iter_mut().zip(ends) {
            self.seconds.observe(piece.entered().since.elapsed().as_secs_f64());
            piece.answer(end);
        }
        for wake in wakes {
            let _nobody_listens = self.wakes.send(wake);
        }
        Ok(())
    }

    /// `None`: a piece of several has failed where only all can be undone.
    fn in_transaction(&self, conn: &mut Conn, batch: &mut [Box<dyn Piece>], undo: Undo) -> Result<Option<Ends>> {
        dialect::begin_write(conn)?;
        let alone = batch.len() == 1;
        let each = undo == Undo::Each;
        let (mut memory, mut backlog) = (Memory::default(), Backlog::default());
        let pieces = batch.len();
        let mut ends = Vec::with_capacity(batch.len());
        let mut wakes = Vec::new();
        for (nth, piece) in batch.iter_mut().enumerate() {
            backlog.pieces = pieces - nth;
            if each {
                dialect::begin_savepoint(conn)?;
            }
            let mut tx = Tx::new(conn, piece.entered().at, &mut memory, &mut backlog);
            let mut end = match catch_unwind(AssertUnwindSafe(|| piece.run(&mut tx))) {
                Ok(end) => end.and_then(|()| tx.check_recorded()),
                Err(_) => Err(Error::Internal("a use case panicked; its changes were undone".into())),
            };
            let mut said = tx.into_wakes();
            if each || backlog.pieces == 1 {
                backlog.settle(conn);
            }
            if let Some(failure) = backlog.take_failure() {
                end = Err(failure);
            }
            match &end {
                Ok(()) => {
                    if each {
                        dialect::commit(conn)?;
                    }
                    wakes.append(&mut said);
                }
                Err(e) if e.is_retryable() || e.is_broken_connection() => return end.map(|()| None),
                Err(_) if each => {
                    dialect::rollback(conn)?;
                    memory.forget();
                    backlog.forget();
                }
                Err(_) if alone => {
                    dialect::rollback(conn)?;
                    return Ok(Some((vec![end], wakes)));
                }
                Err(_) => return Ok(None),
            }
            if self.options.acknowledge_before_commit {
                piece.answer(Ok(()));
            }
            ends.push(end);
        }
        dialect::commit(conn)?;
        Ok(Some((ends, wakes)))
    }
}
