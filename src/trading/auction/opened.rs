//! Sealed bids that have been opened come to the engine here, and become commands like any other.

use super::{
    Mode, Rejection, State, decide,
    facts::{self, Table},
    store::{AuctionRow, CommandKind, CommandRow},
};
use crate::{
    db::{Error, Result, Tx},
    kernel::{Fen, Timestamp},
    trading::{
        enrolment::EnrolmentId,
        listing::store::{LotRow, TermsRow},
    },
};

/// An ended sealed auction while its bids come in, best used in the order in which they were received.
pub(in crate::trading) struct Floor {
    table: Table,
    state: State,
    pub auction: AuctionRow,
}

impl Floor {
    /// Errors: an internal one where the auction is no sealed one.
    pub fn new(tx: &mut Tx<'_>, lot: &LotRow, terms: &TermsRow, auction: AuctionRow) -> Result<Floor> {
        let table = facts::table(tx, lot, terms)?;
        if table.rules.mode != Mode::Sealed {
            return Err(Error::Internal(format!("{} has no sealed bids", lot.id)));
        }
        let state = facts::state(tx, &auction, &table)?;
        Ok(Floor { table, state, auction })
    }

    /// Gives one bid to the engine, as of the time at which it was received; where the steward acted later than that, as of
    /// that act, for commands are in the order of their times. Writes the command and says why it was refused.
    pub fn enter(
        &mut self,
        tx: &mut Tx<'_>,
        enrolment: &EnrolmentId,
        number: i32,
        amount: Fen,
        received_at: Timestamp,
    ) -> Result<(CommandRow, Option<Rejection>)> {
        let at = received_at.max(self.auction.last_at);
        let row = CommandRow {
            enrolment_id: Some(enrolment.clone()),
            bid_number: Some(number),
            amount: Some(amount),
            ..CommandRow::next(tx.new_id("cmd"), &self.auction, at, CommandKind::Bid)
        };
        let decision = decide(&self.table.rules, &self.state, &facts::command(&row));
        let row = facts::decided(row, &decision);
        row.insert(tx)?;
        if let Ok(accepted) = &decision {
            self.state.apply(accepted);
            self.auction = facts::after(self.auction.clone(), &accepted.head);
        }
        self.auction.last_seq = row.seq;
        self.auction.last_at = row.at;
        Ok((row, decision.err()))
    }
}
