//! What a use case holds: [`Rx`] to read, [`Tx`] to write.

use std::{
    ops::{Deref, DerefMut},
    rc::Rc,
};

use base64::Engine;

use super::{
    Conn, Error, Result, RowTouch, Salt, Wake, dialect,
    gathered::{Backlog, Gathered},
    memory::Memory,
};
use crate::kernel::{Id, Timestamp};

/// A read transaction.
pub struct Rx<'c> {
    conn: &'c mut Conn,
    /// Of a transaction that writes.
    backlog: Option<&'c mut Backlog>,
}

impl<'c> Rx<'c> {
    pub(super) fn new(conn: &'c mut Conn) -> Self {
        Self { conn, backlog: None }
    }

    /// For stores: run a query. Writing through it fails on both databases in a read transaction.
    pub(crate) fn conn(&mut self) -> &mut Conn {
        if let Some(backlog) = &mut self.backlog {
            backlog.settle(self.conn);
        }
        self.conn
    }

    /// For stores: the same for a query that looks at these tables alone; what is gathered for others may wait.
    pub(crate) fn conn_for(&mut self, tables: &[&str]) -> &mut Conn {
        if self.backlog.as_ref().is_some_and(|backlog| backlog.is_for(tables)) { self.conn() } else { self.conn }
    }
}

/// A write transaction (a savepoint of one): derefs to [`Rx`] for reading.
pub struct Tx<'c> {
    rx: Rx<'c>,
    now: Timestamp,
    /// The random part of the last identifier made.
    last_id: Option<u64>,
    touches: Vec<RowTouch>,
    changed: bool,
    recorded: bool,
    wakes: Vec<Wake>,
    memory: &'c mut Memory,
}

impl<'c> Tx<'c> {
    pub(super) fn new(
        conn: &'c mut Conn,
        entered: Timestamp,
        memory: &'c mut Memory,
        backlog: &'c mut Backlog,
    ) -> Self {
        Self {
            rx: Rx { conn, backlog: Some(backlog) },
            now: entered,
            last_id: None,
            touches: Vec::new(),
            changed: false,
            recorded: false,
            wakes: Vec::new(),
            memory,
        }
    }

    /// The instant of this use case: when it entered, which may be a while ago.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The instant of this use case for an aggregate last touched at `last`: never before it, even if the machine's clock
    /// went back, or another instance had it in between. Call it after the aggregate is locked.
    pub fn now_after(&mut self, last: Timestamp) -> Timestamp {
        self.now = self.now.max(last);
        self.now
    }

    /// A new identifier, ordered by time and, within this use case, by the order of calls, so that the rows of an import stay
    /// in the order of its file: `prefix_` and 24 characters.
    pub fn new_id<T: ?Sized>(&mut self, prefix: &str) -> Id<T> {
        let now = self.now();
        self.last_id = match self.last_id {
            Some(last) => Some(last.wrapping_add(1 + u64::from(rand::random::<u16>()))),
            // Half the range is left for counting up.
            None => Some(rand::random::<u64>() >> 1),
        };
        new_id(prefix, now, self.last_id.unwrap_or_default())
    }

    /// Locks one row until the end of the transaction; see [`dialect::lock_row`].
    pub fn lock_row(&mut self, table: &'static str, key_column: &'static str, key: &str) -> Result<()> {
        dialect::lock_row(self.rx.conn(), table, key_column, key)
    }

    /// For stores: the connection for a write to a logged table. Prefer the functions of [`logged_table!`](crate::logged_table).
    pub(crate) fn write(&mut self) -> &mut Conn {
        self.changed = true;
        self.rx.conn()
    }

    /// For stores: the connection for writes that are no facts of the business (sessions, delivered events, queues, the
    /// log's own rows). They need no entry.
    pub(crate) fn bookkeeping(&mut self) -> &mut Conn {
        self.rx.conn()
    }

    /// For stores: where rows wait that are written by the end of the transaction at the latest.
    pub(crate) fn gather<P: Gathered + Default>(&mut self) -> Result<&mut P> {
        self.backlog()?.of()
    }

    fn backlog(&mut self) -> Result<&mut Backlog> {
        self.rx.backlog.as_deref_mut().ok_or_else(|| Error::Internal("a transaction without a backlog".into()))
    }

    /// Whether others share this transaction and come after this one.
    pub(crate) fn is_followed(&self) -> bool {
        self.rx.backlog.as_ref().is_some_and(|backlog| backlog.pieces > 1)
    }

    /// For the log: the number of the next entry.
    pub(crate) fn next_number(&mut self) -> Result<i64> {
        let Rx { conn, backlog } = &mut self.rx;
        let backlog = backlog.as_mut().ok_or_else(|| Error::Internal("a transaction without a backlog".into()))?;
        backlog.next_number(conn)
    }

    /// A logged row has a new state (or none, when it was removed); the next entry carries its digest.
    pub(crate) fn touch(&mut self, touch: RowTouch) {
        self.changed = true;
        self.memory.changed(touch.table);
        self.touches.push(touch);
    }

    /// What was remembered under the key, here or by an earlier piece of the same transaction.
    pub(crate) fn recall<T: 'static>(&self, key: &str) -> Option<Rc<T>> {
        self.memory.recall(key)
    }

    /// Remembers what was read `from` these logged tables until this transaction changes one of them: only what nobody else
    /// can change while it runs, which is what belongs to a locked aggregate.
    pub(crate) fn remember<T: 'static>(&mut self, key: String, from: &'static [&'static str], what: T) -> Rc<T> {
        self.memory.remember(key, from, what)
    }

    /// For the log: the rows since the last entry.
    pub(crate) fn take_touches(&mut self) -> Vec<RowTouch> {
        self.recorded = true;
        std::mem::take(&mut self.touches)
    }

    /// After the commit, whoever follows `topic` looks again.
    pub fn wake(&mut self, topic: impl Into<String>) {
        self.wakes.push(Wake(topic.into()));
    }

    /// Refuses to end a transaction that changed something and recorded nothing.
    pub(super) fn check_recorded(&self) -> Result<()> {
        if let Some(first) = self.touches.first() {
            return Err(Error::Internal(format!("row {}/{} changed without a log entry", first.table, first.key)));
        }
        if self.changed && !self.recorded {
            return Err(Error::Internal("something changed without a log entry".into()));
        }
        Ok(())
    }

    pub(super) fn into_wakes(self) -> Vec<Wake> {
        self.wakes
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Rx<'c>;
    fn deref(&self) -> &Rx<'c> {
        &self.rx
    }
}
impl<'c> DerefMut for Tx<'c> {
    fn deref_mut(&mut self) -> &mut Rx<'c> {
        &mut self.rx
    }
}

const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn new_id<T: ?Sized>(prefix: &str, now: Timestamp, random: u64) -> Id<T> {
    let time = u64::try_from(now.0).unwrap_or(0);
    // 56 bits of time in µs (good until the year 4253), then 64 random bits, as 24 characters of 5 bits.
    let bits = (u128::from(time) << 64) | u128::from(random);
    let mut text = String::with_capacity(prefix.len() + 25);
    text.push_str(prefix);
    text.push('_');
    for n in (0..24).rev() {
        let index = usize::try_from((bits >> (5 * n)) & 31).unwrap_or(0);
        text.push(char::from(BASE32.get(index).copied().unwrap_or(b'0')));
    }
    Id::from_trusted(text)
}

/// 32 random bytes as URL-safe text: session tokens, refresh tokens, generated passwords.
pub fn new_token() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

impl Salt {
    /// 128 random bits.
    pub fn fresh() -> Salt {
        Salt(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))
    }
}
