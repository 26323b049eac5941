//! Where an account wants its messages sent to, besides the page on which it finds them anyway.
//!
//! Promise: phone and mail address are sealed, and seen by their owner alone, masked. What is switched off is not kept. They are
//! no facts of the business, so they are not logged: nobody has to prove later which phone somebody had.

use std::collections::HashMap;

use super::{
    Actor,
    store::{
        self, Account, AccountState,
        contacts::{self, ContactRow},
    },
};
use crate::{
    db::{Result, Rx, Tx},
    kernel::{
        FieldError, Id, Problem,
        text::{mask_mail, mask_phone, read_mail, read_phone},
    },
    vault::{Clear, Field, Vault},
};

crate::text_enum! {
    /// A way out of the house.
    pub enum Channel as "MessageChannel" {
        Text = "text" => "手机短信",
        Mail = "mail" => "电子邮件",
    }
}

impl Channel {
    const fn field(self) -> Field {
        match self {
            Channel::Text => Field::Phone,
            Channel::Mail => Field::Mail,
        }
    }
}

/// What becomes of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressChange {
    Keep,
    /// Nothing is sent there any more, and it is not kept.
    Off,
    /// As it was typed.
    To(String),
}

/// The own addresses, masked; `None`: nothing is sent there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    pub phone: Option<String>,
    pub mail: Option<String>,
}

/// The actor's own addresses.
pub fn own_contact(rx: &mut Rx<'_>, actor: &Actor, vault: &Vault) -> Result<Contact> {
    let Some(row) = contacts::find_own(rx, &actor.account)? else { return Ok(Contact::default()) };
    let phone = row.phone.map(|sealed| vault.masked(Field::Phone, &sealed, mask_phone)).transpose()?;
    let mail = row.mail.map(|sealed| vault.masked(Field::Mail, &sealed, mask_mail)).transpose()?;
    Ok(Contact { phone, mail })
}

/// Changes the actor's own addresses.
///
/// Errors: field errors.
pub fn change_contact(
    tx: &mut Tx<'_>,
    actor: &Actor,
    vault: &Vault,
    phone: &AddressChange,
    mail: &AddressChange,
) -> Result<Contact> {
    let (phone, mail) = match (read(phone, read_mobile), read(mail, |t| read_mail(t).map_err(|e| e.to_string()))) {
        (Ok(phone), Ok(mail)) => (phone, mail),
        (phone, mail) => {
            let told = |field, fault: Option<String>| fault.map(|fault| FieldError::new(field, None, fault));
            let faults = [told("phone", phone.err()), told("mail", mail.err())];
            return Err(Problem::fields(faults.into_iter().flatten().collect()).into());
        }
    };
    tx.lock_row("accounts", "id", actor.account.as_str())?;
    let before = contacts::find_own(tx, &actor.account)?;
    let (phone_before, mail_before) = before.map_or((None, None), |row| (row.phone, row.mail));
    let changed = |field, change: AddressChange, before| match change {
        AddressChange::Keep => Ok(before),
        AddressChange::Off => Ok(None),
        AddressChange::To(clear) => vault.seal(field, &clear).map(Some),
    };
    let row = ContactRow {
        account_id: actor.account.clone(),
        phone: changed(Field::Phone, phone, phone_before)?,
        mail: changed(Field::Mail, mail, mail_before)?,
        changed_at: tx.now(),
    };
    contacts::put(tx, &row)?;
    own_contact(tx, actor, vault)
}

type Fault = String;

/// The change with its address as it is kept.
fn read(
    change: &AddressChange,
    read: impl Fn(&str) -> std::result::Result<String, Fault>,
) -> std::result::Result<AddressChange, Fault> {
    match change {
        AddressChange::To(typed) => read(typed).map(AddressChange::To),
        other => Ok(other.clone()),
    }
}

/// A number that can get text messages.
fn read_mobile(typed: &str) -> std::result::Result<String, Fault> {
    let phone = read_phone(typed).map_err(|e| e.to_string())?;
    let is_mobile = phone.starts_with(['1', '+']) && !phone.contains('-');
    if is_mobile {
        Ok(phone)
    } else {
        Err("短信只能发到手机，请填 11 位手机号，例如 13800001111".into())
    }
}

/// The ways out that these accounts want; who wants none is not there.
pub fn channels_of(rx: &mut Rx<'_>, accounts: &[Id<Account>]) -> Result<HashMap<Id<Account>, Vec<Channel>>> {
    let rows = contacts::list_of(rx, accounts)?.into_iter().map(|row| {
        let ways = [(Channel::Text, row.phone), (Channel::Mail, row.mail)];
        (row.account_id, ways.into_iter().filter_map(|(channel, sealed)| sealed.map(|_| channel)).collect())
    });
    Ok(rows.collect())
}

/// The address for a message to its owner; `None` where it was switched off meanwhile, or the account too.
pub fn address_of(rx: &mut Rx<'_>, vault: &Vault, account: &Id<Account>, channel: Channel) -> Result<Option<Clear>> {
    let is_active = store::find_account_of_own(rx, account)?.is_some_and(|row| row.state == AccountState::Active);
    let Some(row) = contacts::find_own(rx, account)?.filter(|_| is_active) else { return Ok(None) };
    let sealed = match channel {
        Channel::Text => row.phone,
        Channel::Mail => row.mail,
    };
    sealed.map(|sealed| vault.address(channel.field(), &sealed)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_message_needs_a_mobile_phone() {
        let mobile = |typed: &str| read(&AddressChange::To(typed.into()), read_mobile);
        assert_eq!(mobile("138 0000 1111"), Ok(AddressChange::To("13800001111".into())));
        assert_eq!(mobile("+852 9123 4567"), Ok(AddressChange::To("+85291234567".into())));
        assert!(mobile("0750-1234567").is_err_and(|e| e.contains("手机")));
        assert!(mobile("138").is_err());
        assert_eq!(read(&AddressChange::Off, read_mobile), Ok(AddressChange::Off));
    }
}
