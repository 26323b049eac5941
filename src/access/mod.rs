//! Who may do what, and where.
//!
//! Promise:
//! - A use case takes an [`Allowed`] of its own permission; only this module makes one, from the one pure table in
//!   `policy.rs`. A use case without a permission does not compile.
//! - Every [`Allowed`] carries the [`Scope`] of its actor; stores filter by it, so another village's record looks like one
//!   that does not exist.
//! - Passwords are argon2id, hashed off the request path and never more than a few at a time; tokens stand in the database
//!   as hashes; signing out works at once because every request looks its session up.

mod account_pages;
mod actor;
pub mod api;
mod contacts;
pub mod pages;
mod passwords;
mod persons;
mod policy;
mod scope;
mod service;
mod store;
mod tokens;

pub use actor::{ALL as ACTOR_CODES, Actor, Allowed, MaybeActor, authenticate};
pub use api::{SESSION_COOKIE, clear_cookie, session_cookie};
pub use contacts::{AddressChange, Channel, Contact, address_of, change_contact, channels_of, own_contact};
pub use passwords::{Passwords, hash_now};
pub use persons::{ALL as PERSON_CODES, account_of, erase_accounts, office_of, person_of, tie, untie};
pub use policy::{Action, Permission, Role, may};
pub use scope::Scope;
pub use service::{
    ACCOUNT_NAME_TAKEN, ALL as CODES, AccountView, NewAccount, Session, Sessions, Tokens, create_account, display_name,
    find_actor, get_account, list_accounts, refresh, set_account_state, sign_in, sign_out, staff_names,
};
pub use store::{Account, AccountState};
pub use tokens::TokenKeys;

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::AccountRow::LOGGED]
}
