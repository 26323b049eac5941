//! Homestead parcels (宅基地宗地): where they lie, how large they are, and that no ground is registered twice.
//!
//! Promise: a stored shape is a valid polygon in whole millimetres of CGCS2000 zone 38; its area comes from the shape and
//! stands beside the registered one, a difference is a remark and never a wall; a shape that covers ground of another
//! registered parcel is refused with the other's name (of another village's parcel only that it is there); maps carry no
//! coordinates and say that they prove no boundary; nothing is deleted, a right that ended is cancelled.

pub mod api;
mod check;
pub mod demo_plots;
mod erasure;
pub mod geojson;
pub mod geometry;
mod import_pages;
pub mod map;
mod model;
pub mod pages;
pub mod parcel_code;
mod rules;
mod service;
mod store;
mod survey;
pub mod topology;

pub use erasure::{erase, kept_of};
pub use model::{Occupancy, Parcel, ParcelFacts, ParcelId, ParcelState};
pub use rules::{ALL as CODES, AreaDifference, area_difference};
pub use service::{
    Imported, ParcelFilter, ParcelView, SurveyFile, SurveyPreview, change_parcel, confirm_import, create_parcel,
    draw_map, get_parcel, list_parcels, preview_import, read_survey, stage_import, write_parcels,
};
pub use survey::Surveyed;

/// Tables whose rows are in the log.
pub fn logged_tables() -> Vec<crate::db::LoggedTable> {
    vec![store::ParcelRow::LOGGED]
}

/// What the rows of parcels must say.
pub fn checks() -> Vec<crate::log::Check> {
    vec![check::CHECK]
}
