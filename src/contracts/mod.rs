//! Contracts of a collective: who uses what, until when, for how much (the 合同台账 of the stocktaking tables).
//!
//! Promise: nothing is deleted, a contract ends or is terminated; every change is an entry of the log with the row's digest; a
//! contract outside the reader's scope looks like one that does not exist; the lessee's name never enters the log, and the
//! public sees a natural person's name only masked; an import writes all of a file or nothing, and only after its preview
//! was confirmed. A lease above twenty years is registered as it was signed, with the warning that the law gives.

pub mod api;
mod award_pages;
mod check;
mod erasure;
mod model;
mod of_award;
pub mod pages;
mod roster;
mod rules;
mod service;
mod store;

pub use erasure::{erase, kept_of};
pub use model::{Contract, ContractFacts, ContractId, Kind, LesseeKind, Method, Quantity, State};
pub use rules::{ALL as CODES, warnings};
pub use service::{
    ContractFile, ContractFilter, ContractImport, ContractView, ContractsWritten, change_contract, confirm_import,
    count_ending, create_contract, draft_of_award, get_contract, list_contracts, preview_import, read_list, sign_award,
    stage_import, write_contracts, write_list,
};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::ContractRow::LOGGED]
}

/// What the rows of contracts must say.
pub fn checks() -> Vec<crate::log::Check> {
    vec![check::CHECK]
}
