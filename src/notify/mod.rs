//! Messages: what happened, told to whom it concerns, on a page and on request by mail or text message.
//!
//! Promise: messages come from the log's entries and from the lots as they stand, never from a call in a domain, so no use case
//! pays for them and none can forget them. Each is written once. A message tells its receiver what the own pages show, and
//! nobody reads another's. Outside of the house goes what everybody may know: the lot, its price, a link.

pub mod api;
mod follow;
mod letters;
mod model;
mod outside;
pub mod pages;
mod rules;
mod service;
mod store;
mod told;
mod unread;
mod watch;

use std::sync::Arc;

pub use model::{DeliveryState, Kind, MessageId, MessageView};
pub use rules::ALL as CODES;
pub use unread::{Unread, count_unread};

use crate::{
    access::Channel,
    config::Config,
    db::{Db, Result},
    policy::PolicyBook,
    vault::Vault,
};

/// Writes messages and sends them. One for each instance; the database keeps them out of each other's way.
pub struct Messenger {
    teller: letters::Teller,
    passed: follow::Passed,
    looked: watch::Looked,
    outside: outside::Outside,
}

impl Messenger {
    /// Errors: one line; mails or text messages cannot be sent in the way the configuration says.
    pub fn new(config: &Config, vault: &Vault, policies: &Arc<PolicyBook>) -> std::result::Result<Messenger, String> {
        let outside = outside::Outside::open(config, vault)?;
        let teller = letters::Teller { policies: policies.clone(), channels: outside.channels() };
        Ok(Messenger { teller, passed: Default::default(), looked: Default::default(), outside })
    }

    /// The ways out of the house that are open here.
    pub fn channels(&self) -> &[Channel] {
        &self.teller.channels
    }

    /// Tells what the log says since it was told last; returns how many messages were written. A job.
    pub fn follow(&self, db: &Db) -> Result<usize> {
        let mut written = 0;
        while let Some(more) = follow::follow_once(db, &self.teller, &self.passed)? {
            written += more;
        }
        Ok(written)
    }

    /// Tells who leads no more; returns how many messages were written. A job, not more often than every two seconds.
    pub fn watch_leaders(&self, db: &Db) -> Result<usize> {
        watch::watch_leaders(db, &self.teller, &self.looked)
    }

    /// Tells who may bid that it starts soon; returns how many messages were written. A job.
    pub fn watch_openings(&self, db: &Db) -> Result<usize> {
        watch::watch_openings(db, &self.teller)
    }

    /// Sends what is due; returns how many deliveries were taken. A job that waits for the network.
    pub fn deliver(&self, db: &Db) -> Result<usize> {
        self.outside.deliver_once(db)
    }

    /// Everything that can be told and sent now, for tests; returns how many messages were written and how many deliveries taken.
    pub fn drain(&self, db: &Db) -> Result<(usize, usize)> {
        let told = self.follow(db)? + self.watch_openings(db)? + self.watch_leaders(db)?;
        Ok((told, self.deliver(db)?))
    }
}

/// Removes messages that were read and need not be kept any more; called by the timetable.
pub fn forget_old(db: &Db) -> Result<()> {
    service::forget_old(db)
}
