//! Use cases: reading the own messages, and where they are to be sent.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    model::{MessageId, MessageView},
    rules::CHANNEL_NOT_OFFERED,
    store::{self, MessageRow},
};
use crate::{
    access::{self, Actor, AddressChange, Channel, Contact},
    db::{Db, Lane, Result, Rx, Tx},
    kernel::{Page, PageRequest, error::NOT_FOUND},
    vault::Vault,
};

impl From<MessageRow> for MessageView {
    fn from(row: MessageRow) -> MessageView {
        let MessageRow { id, kind, lot_id, title, text, at, read_at, .. } = row;
        MessageView { id, kind, lot_id, lot_title: title, text, at, read_at }
    }
}

/// The actor's own messages, the newest first.
pub fn list(rx: &mut Rx<'_>, actor: &Actor, only_unread: bool, page: &PageRequest) -> Result<Page<MessageView>> {
    let rows = store::list_own(rx, &actor.account, only_unread, page)?;
    Ok(Page::from_rows(rows, page.limit(), |row| row.id.to_string()).map(MessageView::from))
}

/// How many of the actor's own messages were not read.
pub fn count_unread(rx: &mut Rx<'_>, actor: &Actor) -> Result<i64> {
    let counted = store::count_unread(rx, std::slice::from_ref(&actor.account))?;
    Ok(counted.into_iter().map(|(_, count)| count).sum())
}

/// The own message that a short address leads to. Errors: `not_found`, for those of others too.
pub fn by_code(rx: &mut Rx<'_>, actor: &Actor, code: &str) -> Result<MessageView> {
    Ok(store::find_own_by_code(rx, &actor.account, code)?.ok_or(&NOT_FOUND)?.into())
}

/// Marks an own message as read; the first time counts. Errors: `not_found`, for those of others too.
pub fn read(tx: &mut Tx<'_>, actor: &Actor, id: &MessageId) -> Result<MessageView> {
    let now = tx.now();
    store::mark_read(tx, &actor.account, Some(id), now)?;
    Ok(store::find_own(tx, &actor.account, id)?.ok_or(&NOT_FOUND)?.into())
}

/// Marks all own messages as read.
pub fn read_all(tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let now = tx.now();
    store::mark_read(tx, &actor.account, None, now)
}

/// Where the own messages are sent to besides, and what is offered here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MessageDelivery {
    /// Masked; null: no text messages.
    #[schema(example = "138****1111")]
    pub phone: Option<String>,
    /// Masked; null: no mails.
    #[schema(example = "c***@example.com")]
    pub mail: Option<String>,
    /// The ways on which this server can send messages.
    pub offered: Vec<Channel>,
}

fn delivery(Contact { phone, mail }: Contact, offered: &[Channel]) -> MessageDelivery {
    MessageDelivery { phone, mail, offered: offered.to_vec() }
}

/// Where the actor's own messages are sent to.
pub fn find_delivery(rx: &mut Rx<'_>, actor: &Actor, vault: &Vault, offered: &[Channel]) -> Result<MessageDelivery> {
    Ok(delivery(access::own_contact(rx, actor, vault)?, offered))
}

/// Changes where the actor's own messages are sent to.
///
/// Errors: field errors, `channel_not_offered`.
pub fn change_delivery(
    tx: &mut Tx<'_>,
    actor: &Actor,
    vault: &Vault,
    offered: &[Channel],
    (phone, mail): (&AddressChange, &AddressChange),
) -> Result<MessageDelivery> {
    for (channel, change) in [(Channel::Text, phone), (Channel::Mail, mail)] {
        if matches!(change, AddressChange::To(_)) && !offered.contains(&channel) {
            return Err((&CHANNEL_NOT_OFFERED).into());
        }
    }
    Ok(delivery(access::change_contact(tx, actor, vault, phone, mail)?, offered))
}

/// Messages that go at once.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// Removes messages that were read and need not be kept any more.
pub fn forget_old(db: &Db) -> Result<()> {
    loop {
        let now = db.now();
        let old = db.read_now(|rx| store::list_old(rx, now, FORGOTTEN_AT_ONCE))?;
        if old.is_empty() {
            return Ok(());
        }
        db.write_now(Lane::Any, move |tx| store::forget(tx, &old))?;
    }
}
