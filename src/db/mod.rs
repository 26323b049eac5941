//! Two databases, one binary: every use case is one hop to a worker thread and one transaction.
//!
//! Promise:
//! - [`Db::write`] is the only way to a [`Tx`], and a writing store function takes `&mut Tx`: writing outside a
//!   transaction does not compile.
//! - A transaction that changed logged rows without recording an entry for them is refused (design section 2, point 4).
//! - Closures that wait for the same lane run one after another in one transaction, and one durable commit answers them
//!   all. Nobody is answered before that commit; one that fails is undone without its neighbours.
//! - What differs between SQLite and PostgreSQL is in `dialect.rs` and nowhere else.

pub mod backup;
mod conn;
mod desk;
pub mod dialect;
mod error;
pub(crate) mod gathered;
mod lanes;
pub mod logged;
mod memory;
mod migrate;
pub(crate) mod prepared;
pub mod schema;
mod tx;
mod types;

use std::sync::Arc;

use prometheus::Histogram;
use tokio::sync::broadcast;

pub use conn::{Conn, Target};
pub use desk::Desk;
pub use error::{ALL as CODES, DB_UNAVAILABLE, Error, Result, STORAGE_FULL};
pub use lanes::{Arrival, Lane};
pub use logged::{LoggedRow, LoggedTable, RowTouch, Salt, digest};
pub use migrate::{SchemaState, can_connect, column_names, execute, migrate, revert, schema_state};
pub use tx::{Rx, Tx, new_token};

use crate::kernel::{Timestamp, time::Clock};

/// How a [`Db`] runs; the defaults are right for a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections for reading.
    pub readers: u32,
    /// Most closures in one commit.
    pub batch: usize,
    /// Whether a commit waits for the disk. `false` only while a database is made that can be made again: what was answered
    /// may be gone after a power cut.
    pub durable: bool,
    /// Test control only: answers callers before the commit. The crash tests run once with it and must fail, which shows
    /// that they would notice a lost acknowledged write.
    pub acknowledge_before_commit: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 8, batch: 256, durable: true, acknowledge_before_commit: false }
    }
}

/// The database: a bounded pool for reading and the lanes for writing. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    target: Target,
    clock: Arc<dyn Clock>,
    readers: conn::Readers,
    lanes: lanes::Lanes,
    wakes: broadcast::Sender<Wake>,
}

/// Writes the database's files anew, so that they hold nothing of rows that were overwritten. Others wait meanwhile.
pub fn scrub(target: &Target) -> Result<()> {
    dialect::rewrite_files(&mut target.connect()?)
}

/// Said after a commit so that live streams look again; carries no data, the rows are the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake(pub String);

impl Db {
    /// Opens the database of `url` (`sqlite://PATH` or `postgres://…`). Tables must be there: see [`migrate`].
    pub fn open(url: &str, clock: Arc<dyn Clock>, options: &Options) -> Result<Db> {
        let target = Target::parse(url)?;
        let readers = conn::Readers::open(&target, options.readers)?;
        let (wakes, _) = broadcast::channel(1024);
        let lanes = lanes::Lanes::start(&target, clock.clone(), wakes.clone(), options)?;
        Ok(Db(Arc::new(Inner { target, clock, readers, lanes, wakes })))
    }

    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// The time of the clock the database was opened with; inside a transaction use [`Tx::now`].
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// For who draws a line under a time: what entered before it and is not written yet is at most so old. On PostgreSQL
    /// another instance may have it in hand; here it stands in the same queue, further ahead.
    pub fn settled(&self) -> Timestamp {
        self.now().plus_us(-dialect::others_in_hand_us(&self.0.target))
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        self.0.clock.clone()
    }

    /// Seconds from the entry of a write to its answer.
    pub fn write_seconds(&self) -> Histogram {
        self.0.lanes.seconds()
    }

    /// Follows the wakes that commits send.
    pub fn wakes(&self) -> broadcast::Receiver<Wake> {
        self.0.wakes.subscribe()
    }

    /// Runs a use case in a write transaction of `lane`. The closure may run more than once (a deadlock, a lost
    /// serialization race), so it clones what it consumes; what it returns reaches the caller after the durable commit.
    pub async fn write<T, F>(&self, lane: Lane, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.write_in_turn(lane, Arrival::now(), work).await
    }

    /// [`Db::write`] for what comes in a crowd in which a place counts: who arrived first goes first.
    pub async fn write_in_turn<T, F>(&self, lane: Lane, arrival: Arrival, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.lanes.submit(lane, arrival, work)?.await.unwrap_or_else(|_| Err(Error::Stopped))
    }

    /// [`Db::write`] for the command line and for plain threads. Must not be called from an async task.
    pub fn write_now<T, F>(&self, lane: Lane, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let end = self.0.lanes.submit(lane, Arrival::now(), work)?;
        end.blocking_recv().unwrap_or_else(|_| Err(Error::Stopped))
    }

    /// Runs a query in a read-only transaction: one consistent picture for all its statements.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Rx<'_>) -> Result<T> + Send + 'static,
    {
        let db = self.clone();
        tokio::task::spawn_blocking(move || db.read_now(work))
            .await
            .map_err(|_| Error::Internal("a read panicked".into()))?
    }

    /// Asks a question that one short statement answers, without a transaction around it. On SQLite that is a call: it is made
    /// here and now if a connection is free, for less than it costs to ask another thread. On PostgreSQL it is a trip, which
    /// those share who ask meanwhile.
    pub async fn ask<Q, A>(&self, desk: &Desk<Q, A>, question: Q) -> Result<A>
    where
        Q: Send + 'static,
        A: Send + 'static,
    {
        let free = dialect::is_a_call(&self.0.target).then(|| self.0.readers.take_free()).flatten();
        match free {
            Some(mut conn) => desk.answer(&mut Rx::new(&mut conn), question),
            None => desk.ask(self, question).await,
        }
    }

    /// Runs one statement, which is one picture without a transaction around it.
    fn read_bare<T>(&self, work: impl FnOnce(&mut Rx<'_>) -> Result<T>) -> Result<T> {
        work(&mut Rx::new(&mut *self.0.readers.take()?))
    }

    /// [`Db::read`] for the command line and for plain threads.
    pub fn read_now<T>(&self, work: impl FnOnce(&mut Rx<'_>) -> Result<T>) -> Result<T> {
        let mut conn = self.0.readers.take()?;
        dialect::in_read_transaction(&mut conn, |conn| work(&mut Rx::new(conn)))
    }

    /// [`Db::read_now`] with further readers of the same picture, for other threads; with none where a writer keeps the database
    /// busy.
    pub fn read_together<T>(
        &self,
        beside: usize,
        work: impl FnOnce(&mut Rx<'_>, &mut [Rx<'_>]) -> Result<T>,
    ) -> Result<T> {
        // One is for the first.
        let taken = (0..beside.min(self.0.readers.most().saturating_sub(1))).map(|_| self.0.readers.take());
        let mut taken = taken.collect::<Result<Vec<_>>>()?;
        let mut first = self.0.readers.take()?;
        let mut conns: Vec<&mut Conn> = taken.iter_mut().map(|conn| &mut **conn).collect();
        conns.insert(0, &mut first);
        if !dialect::begin_in_one_picture(&self.0.target, &mut conns)? {
            drop(conns);
            drop(taken);
            return dialect::in_read_transaction(&mut first, |conn| work(&mut Rx::new(conn), &mut []));
        }
        let mut readers: Vec<Rx<'_>> = conns.into_iter().map(Rx::new).collect();
        let result = match readers.split_first_mut() {
            Some((first, beside)) => work(first, beside),
            None => Err(Error::Internal("no reader".into())),
        };
        let ends: Result<Vec<()>> = readers.into_iter().map(|mut reader| dialect::end_picture(reader.conn())).collect();
        let value = result?;
        ends.map(|_| value)
    }

    /// After an erasure: what the database keeps of overwritten rows beside its tables goes as far as it can go while others
    /// are at work. Whatever is left goes with [`scrub`]; that it could not be done is told to the operator.
    pub async fn leave_no_trace(&self) {
        let target = self.0.target.clone();
        let done = tokio::task::spawn_blocking(move || dialect::fold_overwritten(&mut target.connect()?)).await;
        if !matches!(done, Ok(Ok(()))) {
            tracing::warn!("traces of erased rows are left in the write-ahead log; run `xiangji scrub`");
        }
    }

    /// Lets running writes finish and stops the workers; later writes are refused.
    pub fn stop(&self) {
        self.0.lanes.stop();
    }
}
