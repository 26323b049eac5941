//! What a collective owns: resources, operating assets, public-service assets, and what part of their value is quantified.
//!
//! Promise: nothing is deleted, an asset that is gone is disposed of; every change is an entry of the log with the row's digest;
//! an asset outside the reader's scope looks like one that does not exist; the quantified sum counts only operating assets
//! (LREC art. 40) that are not disposed of; an import writes all of a file or nothing, and only after its preview was
//! confirmed.

pub mod api;
mod check;
mod import_pages;
mod model;
pub mod pages;
mod roster;
mod rules;
mod service;
mod store;

pub use model::{Asset, AssetFacts, AssetId, Class, Kind, KindTotals, State};
pub use rules::ALL as CODES;
pub use service::{
    AssetFile, AssetFilter, AssetView, CollectiveTotals, ImportPreview, Imported, Totals, change_asset, confirm_import,
    create_asset, find_asset, get_asset, list_assets, preview_import, read_list, set_asset_state, stage_import, totals,
    write_assets,
};

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::AssetRow::LOGGED]
}

/// What the rows of assets must say.
pub fn checks() -> Vec<crate::log::Check> {
    vec![check::CHECK]
}
