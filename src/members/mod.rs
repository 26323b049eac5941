//! Households, persons and memberships of collectives (LREC arts. 11 to 18).
//!
//! Promise: a membership has a ground, a basis and dates, and ends only by one of the causes of the law; the ended one
//! stays on record, as does what a corrected record said before. ID numbers, phones and addresses are sealed: lists show
//! them masked, an equal number is found by its blind index, and opening one takes a reason that goes into the log. A
//! person is a member of one collective only. A roster is imported whole or not at all.

pub mod api;
mod check;
mod erasure;
mod import;
mod import_pages;
mod keep_pages;
mod known;
mod model;
mod own;
mod own_pages;
pub mod pages;
mod paper;
mod paper_pages;
mod relation;
mod roster;
mod rules;
mod service;
mod store;
mod uploads;

pub use erasure::{erase, erased_at, erased_persons, kept_of, whom, whom_again};
pub use import::{Defaults, ImportSummary, Plan, SealedPlan, preview, write};
pub use known::{OnRoster, on_roster};
pub use model::{
    ChangeMembership, CorrectPerson, EndMembership, Ground, Household, HouseholdView, HouseholdWithMembers, LossCause,
    MemberFilter, MemberView, Membership, MembershipState, Person, PersonView, RegisterMember,
};
pub use own::{LookView, OwnRecord, own_record, tie_account, tied_account};
pub use paper::ALL as PAPER_CODES;
pub use relation::Relation;
pub use rules::ALL as CODES;
pub use service::{
    Found, change_membership, correct_person, end_membership, find, find_by_id_number, find_by_phone, get_household,
    get_member, get_person, list_households, list_members, register_member, reveal,
};

pub use uploads::{ImportPreview, RosterFile};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![
        store::HouseholdRow::LOGGED,
        store::PersonRow::LOGGED,
        store::FormerPersonRow::LOGGED,
        store::MembershipRow::LOGGED,
    ]
}

/// What the rows of members must say of each other.
pub fn checks() -> Vec<crate::log::Check> {
    vec![check::CHECK]
}
