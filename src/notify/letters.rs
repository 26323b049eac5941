//! Writing messages: the row for the page, and one for each way on which its receiver wants it sent.

use std::sync::Arc;

use super::{
    model::{DeliveryState, Kind, News},
    store::{self, DeliveryRow, MessageRow},
};
use crate::{
    access::{self, Account, Channel},
    db::{Result, Tx, new_token},
    kernel::{Id, Problem, Timestamp},
    policy::PolicyBook,
    trading::{
        concerned::{Hearer, Named},
        listing::LotId,
    },
};

/// What whoever writes messages knows. Cheap to clone.
#[derive(Clone)]
pub(super) struct Teller {
    pub policies: Arc<PolicyBook>,
    /// The ways out of the house that are open.
    pub channels: Vec<Channel>,
}

/// The lot that letters are about, and for how long they are kept.
pub(super) struct About<'l> {
    lot: &'l Named,
    kept_s: i64,
}

impl Teller {
    pub fn about<'l>(&self, lot: &'l Named, at: Timestamp) -> Result<About<'l>> {
        let rules = self.policies.rules_for(&lot.collective_code, at.day()).map_err(Problem::from)?;
        Ok(About { lot, kept_s: i64::from(rules.message_days.value) * 86_400 })
    }
}

/// What somebody is told.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub to: Hearer,
    pub news: News,
    /// Why: somebody is told of one occasion once.
    pub occasion: String,
    /// When it happened.
    pub at: Timestamp,
}

impl Letter {
    /// Of all that somebody is told of a lot in one kind.
    pub fn key(&self) -> (Id<Account>, String) {
        (self.to.account.clone(), self.occasion.clone())
    }
}

/// Messages of one transaction.
#[derive(Default)]
pub(super) struct Writing(Vec<MessageRow>);

/// Eight small letters and digits that nobody mixes up: about 39 random bits. It leads to a message, and whoever is not its
/// receiver finds nothing there.
fn new_code() -> String {
    let plain = |c: &char| matches!(c, 'a'..='z' | '2'..='9') && !matches!(c, 'i' | 'l' | 'o');
    std::iter::repeat_with(new_token).flat_map(|t| t.chars().collect::<Vec<_>>()).filter(plain).take(8).collect()
}

impl Writing {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn has(&self, account: &Id<Account>, lot: &LotId, kind: Kind) -> bool {
        self.0.iter().any(|row| (&row.account_id, &row.lot_id, row.kind) == (account, lot, kind))
    }

    /// Adds a letter.
    pub fn add(&mut self, tx: &mut Tx<'_>, about: &About<'_>, letter: Letter) {
        let Letter { to, news, occasion, at } = letter;
        self.0.push(MessageRow {
            id: tx.new_id("msg"),
            account_id: to.account,
            kind: news.kind(),
            occasion,
            lot_id: about.lot.id.clone(),
            title: about.lot.title.clone(),
            text: news.words(to.is_partner),
            price: news.price().map(str::to_owned),
            code: new_code(),
            at,
            read_at: None,
            kept_until: at.plus_s(about.kept_s),
        });
    }

    /// What these accounts would have been told goes nowhere.
    pub fn forget(&mut self, accounts: &[Id<Account>]) {
        self.0.retain(|row| !accounts.contains(&row.account_id));
    }

    /// Writes them; returns how many.
    pub fn finish(self, tx: &mut Tx<'_>, teller: &Teller) -> Result<usize> {
        let accounts: Vec<Id<Account>> = self.0.iter().map(|row| row.account_id.clone()).collect();
        let wanted = match teller.channels.is_empty() || accounts.is_empty() {
            true => Default::default(),
            false => access::channels_of(tx, &accounts)?,
        };
        let (now, mut deliveries) = (tx.now(), Vec::new());
        for row in &self.0 {
            let ways = wanted.get(&row.account_id).into_iter().flatten();
            for channel in ways.filter(|channel| teller.channels.contains(channel)) {
                deliveries.push(DeliveryRow {
                    id: tx.new_id("dlv"),
                    message_id: row.id.clone(),
                    channel: *channel,
                    state: DeliveryState::Waiting,
                    tries: 0,
                    next_at: now,
                    trouble: String::new(),
                    ended_at: None,
                });
            }
        }
        store::insert(tx, &self.0, &deliveries)?;
        Ok(self.0.len())
    }
}
