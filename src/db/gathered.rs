//! Rows that a transaction has decided on and not written yet.
//!
//! The bids of a hot lot share a transaction, and each adds a row to the same few tables. Gathered, they go out with one
//! statement a table instead of one a bid: on PostgreSQL each statement is a trip to the server and back.
//!
//! Invariants: whoever is given the connection finds everything written ([`Rx::conn`](super::Rx::conn) and its like write
//! first), but for who says which tables are looked at and nothing is gathered for those; tables are written in the order in
//! which they were first gathered for, so an entry stands before its payload; what is undone is never written.

use std::{any::Any, collections::VecDeque};

use super::{Conn, Error, Result, dialect};

/// Rows of some tables that belong together.
pub(crate) trait Gathered: Any + Send {
    /// The tables that they are for.
    fn tables(&self) -> &'static [&'static str];
    /// Writes them all.
    fn write(&self, conn: &mut Conn) -> Result<()>;
}

/// What the pieces of a batch have gathered.
#[derive(Default)]
pub(super) struct Backlog {
    parts: Vec<Box<dyn Gathered>>,
    /// What went wrong when a part was written for somebody who asked for the connection.
    failed: Option<Error>,
    /// Numbers of entries that nobody else gets.
    numbers: VecDeque<i64>,
    /// Pieces of the batch that have not ended.
    pub pieces: usize,
}

impl Backlog {
    pub fn of<P: Gathered + Default>(&mut self) -> Result<&mut P> {
        let known = self.parts.iter().position(|part| (part.as_ref() as &dyn Any).is::<P>());
        let place = known.unwrap_or_else(|| {
            self.parts.push(Box::new(P::default()));
            self.parts.len() - 1
        });
        let part = self.parts.get_mut(place).and_then(|part| (part.as_mut() as &mut dyn Any).downcast_mut());
        part.ok_or_else(|| Error::Internal("a part of a transaction is of another kind".into()))
    }

    /// Writes everything. What goes wrong is told by [`Backlog::take_failure`]: whoever asks for a connection is not the one
    /// whose row it was.
    pub fn settle(&mut self, conn: &mut Conn) {
        for part in std::mem::take(&mut self.parts) {
            if self.failed.is_none() {
                self.failed = part.write(conn).err();
            }
        }
    }

    pub fn is_for(&self, tables: &[&str]) -> bool {
        self.parts.iter().any(|part| part.tables().iter().any(|table| tables.contains(table)))
    }

    pub fn take_failure(&mut self) -> Option<Error> {
        self.failed.take()
    }

    /// The next number of an entry: reserved for as many pieces as are still to come.
    pub fn next_number(&mut self, conn: &mut Conn) -> Result<i64> {
        if self.numbers.is_empty() {
            if dialect::counts_on_from_what_is_written(conn) {
                self.settle(conn);
            }
            self.numbers = dialect::reserve_numbers(conn, self.pieces.max(1))?.into();
        }
        self.numbers.pop_front().ok_or_else(|| Error::Internal("no number for an entry".into()))
    }

    /// Something was undone.
    pub fn forget(&mut self) {
        self.parts.clear();
        self.numbers.clear();
        self.failed = None;
    }
}

/// Makes a type for the rows of a logged table that wait to be written: new ones, or the last state of changed ones. Gives
/// the row `insert_gathered` and `update_gathered`.
#[macro_export]
macro_rules! gathered_table {
    (new $row:ident in $table:ident as $rows:ident) => {
        #[derive(Default)]
        struct $rows(Vec<$row>);

        impl $crate::db::gathered::Gathered for $rows {
            fn tables(&self) -> &'static [&'static str] {
                &[stringify!($table)]
            }
            fn write(&self, conn: &mut $crate::db::Conn) -> $crate::db::Result<()> {
                $crate::insert_some!(conn, $table::table, &self.0);
                Ok(())
            }
        }

        impl $row {
            /// Inserts the row by the end of the transaction at the latest; the next entry carries its digest.
            pub(crate) fn insert_gathered(&self, tx: &mut $crate::db::Tx<'_>) -> $crate::db::Result<()> {
                tx.gather::<$rows>()?.0.push(self.clone());
                tx.touch($crate::db::LoggedRow::touched(self)?);
                Ok(())
            }
        }
    };
    (changed $row:ident in $table:ident, key $key:ident as $rows:ident) => {
        #[derive(Default)]
        struct $rows(Vec<$row>);

        impl $crate::db::gathered::Gathered for $rows {
            fn tables(&self) -> &'static [&'static str] {
                &[stringify!($table)]
            }
            fn write(&self, conn: &mut $crate::db::Conn) -> $crate::db::Result<()> {
                self.0.iter().try_for_each(|row| row.write_over(conn))
            }
        }

        impl $row {
            /// Writes all columns of the row with this key by the end of the transaction at the latest: of several states the
            /// last.
            pub(crate) fn update_gathered(&self, tx: &mut $crate::db::Tx<'_>) -> $crate::db::Result<()> {
                let rows = &mut tx.gather::<$rows>()?.0;
                rows.retain(|row| row.$key != self.$key);
                rows.push(self.clone());
                tx.touch($crate::db::LoggedRow::touched(self)?);
                Ok(())
            }
        }
    };
}
